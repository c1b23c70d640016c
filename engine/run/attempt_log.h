// What is known of one attempt from its job folder alone: launch, claim, begin, end, status, crash note.
#pragma once

#include <optional>
#include <string>

#include "run/job_dir.h"

namespace dubito::run {

/// How an attempt ended, in its own words.
struct EndFrame {
    bool seen = false;
    std::string status, cause, message;  ///< status: done, failed, cancelled
    std::int64_t timeUs = 0;
};

/// Of an end frame's payload. With `timeUs` 0 the time is read from the text (member "time_us"), as endJson() wrote it.
EndFrame endFromJson(std::string_view json, std::int64_t timeUs = 0);
/// The text that the project keeps beside its cursor, so that an end is never forgotten.
std::string endJson(const EndFrame& end);

/// Facts of one (attempt, rank). Absent files are absent facts.
struct AttemptFacts {
    int attempt = 1, rank = 0;
    std::optional<LaunchRecord> launch;  ///< somebody meant to start it
    bool cancelAsked = false;            ///< somebody asked for its end
    std::optional<WorkerStatus> claim;   ///< a worker took it, or an owner declared it void
    bool began = false;                  ///< its begin frame is in the journal
    std::int64_t beganUs = 0, lastFrameUs = 0;
    EndFrame end;
    std::string crashNote;  ///< first line; empty: none
};

/// Launch, claim, cancel mark and crash note; nothing of the journal. [any]
AttemptFacts readFolderFacts(const JobDir& job, int attempt, int rank);
/// The same and what the first and the last segment of the journal say. Reads at most one segment whole. [any]
AttemptFacts readFacts(const JobDir& job, int attempt, int rank);

/// Whether the claim's process is this machine's and lives.
bool isAlive(const WorkerStatus& claim);
/// Whether the claim was made on another machine, so that nothing can be said of its process from here.
bool isElsewhere(const WorkerStatus& claim);

}  // namespace dubito::run
