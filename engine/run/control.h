// Commands to a running worker: frames appended to the job's control file by any process that may write it.
#pragma once

#include <functional>

#include "journal/frame.h"
#include "run/job_dir.h"

namespace dubito::run {

/// The most a control file holds; beyond it commands are refused, never written over older ones.
inline constexpr std::uint64_t kMaxControlBytes = 64u << 20;

/// Verbs of the host: pause, resume, stop, checkpoint. Others go to the plugin. [any, any process]
/// @return the command's sequence, dense from 0 over all attempts of the run
/// @error Limit (file full, or a command above 4 MiB), CorruptData (a damaged or foreign file: nothing is written),
///        Refused (a link or no regular file), Timeout (locked for 5 s), Io
Result<std::uint64_t> sendCommand(
    const JobDir& job, std::string_view verb, std::string_view argumentsJson, Uuid request = makeUuid());

/// The sequence that the next command will get: what an attempt launched now begins with. 0: no command was ever sent.
/// @error as sendCommand
Result<std::uint64_t> nextSequence(const JobDir& job);

/// Reads commands as they arrive; belongs to one thread at a time.
class ControlReader {
public:
    /// Commands with a sequence below `from` were meant for earlier attempts and are passed over.
    explicit ControlReader(const JobDir& job, std::uint64_t from = 0) : m_job(job), m_from(from) {}
    /// Delivers complete new frames in order; a damaged one is passed over. Returns how many were delivered.
    int poll(const std::function<void(std::uint64_t sequence, const journal::Command&)>& deliver);

private:
    JobDir m_job;
    std::uint64_t m_from;
    FileDescriptor m_file;
    std::uint64_t m_offset = 0;
};

}  // namespace dubito::run
