// Journals -> project file. Idempotent by (run, attempt, rank, sequence); belongs to the [store] thread.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "journal/reader.h"
#include "run/job_dir.h"
#include "run/run_state.h"
#include "store/writer.h"

namespace dubito::run {

/// How an attempt ended, as its end frame says.
struct EndFrame {
    bool seen = false;
    std::string status, cause, message;  ///< status: done, failed, cancelled
};

struct CollectedRun {
    std::int64_t runNo = 0;
    RunId id;
    JobDir job;
    int attempt = 1;
    std::unique_ptr<journal::JournalReader> reader;
    std::map<std::uint32_t, store::SeriesNo> series;
    EndFrame end;
    std::int64_t lastFrameUs = 0, lastLogSequence = -1;
    std::uint64_t frames = 0;
    bool began = false, isStopped = false;
    RunState state = RunState::Queued;
    std::vector<std::string> lastLines;  ///< newest 50 log lines

    CollectedRun(std::int64_t runNo, RunId id, JobDir job, int attempt) : runNo(runNo), id(id), job(std::move(job)), attempt(attempt) {}
};

class Collector {
public:
    explicit Collector(store::ProjectWriter& writer) : m_writer(writer) {}

    /// Starts following one attempt from where the project's cursor stands.
    Result<CollectedRun*> follow(std::int64_t runNo, RunId id, const JobDir& job, int attempt, RunState state);
    /// One flush: everything that is there, at most maxBytes a run, in one transaction. @return runs that changed
    Result<std::vector<std::int64_t>> poll(std::uint64_t maxBytes = 4u << 20);
    /// After the worker's end: reads to the end, seals, decides the final state and stops following.
    Result<RunState> finish(std::int64_t runNo, int exitCode, int signal, Cause known, const std::string& detail, bool wasAsked);
    CollectedRun* find(std::int64_t runNo);
    void move(CollectedRun& run, RunState to);  ///< refuses illegal moves (logged)

private:
    Result<std::uint64_t> ingest(CollectedRun& run, bool ended, std::uint64_t maxBytes);
    Result<void> take(CollectedRun& run, const journal::JournalReader::Delivery& frame);
    Result<void> restoreSeries(CollectedRun& run);

    store::ProjectWriter& m_writer;
    std::map<std::int64_t, std::unique_ptr<CollectedRun>> m_runs;
};

/// Takes in a job folder written elsewhere: adds the run when unknown, then reads its journals to the end.
Result<std::int64_t> collectJobDir(store::ProjectWriter& writer, const fs::path& folder, const PluginDescription* plugin);

std::string signalName(int signal);

}  // namespace dubito::run
