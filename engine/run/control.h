// Commands to a running worker: frames appended to the job's control file by any process that may write it.
#pragma once

#include <functional>

#include "journal/frame.h"
#include "run/job_dir.h"

namespace dubito::run {

/// Verbs of the host: pause, resume, stop, checkpoint. Others go to the plugin. @return the command's sequence
Result<std::uint64_t> sendCommand(const JobDir& job, std::string_view verb, std::string_view argumentsJson, Uuid request = makeUuid());

/// Reads commands as they arrive; belongs to one thread of the worker.
class ControlReader {
public:
    explicit ControlReader(const JobDir& job) : m_path(job.control()) {}
    /// Delivers complete new frames; damage ends reading for good. Returns how many.
    int poll(const std::function<void(std::uint64_t sequence, const journal::Command&)>& deliver);

private:
    fs::path m_path;
    std::uint64_t m_offset = 0;
};

}  // namespace dubito::run
