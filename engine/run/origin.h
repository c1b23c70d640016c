// Which file a run belongs to: runs of a project stay with that file, whatever copies are made of it.
#pragma once

#include <optional>

#include "run/job_dir.h"
#include "store/queries.h"

namespace dubito::run {

/// The path the run was started from, when another file than the one with `fileInode` still lies there with the
/// recorded inode: then that other file is the run's project, and this one is a copy. Empty: the run belongs to this
/// file.
std::string originalOf(const store::RunRow& row, const JobDir& job, std::uint64_t fileInode);
/// The same for a path. [any]
std::string originalOf(const store::RunRow& row, const JobDir& job, const fs::path& file);

/// The run's job folder, when it lies where this account keeps the runs of this project. A project may come from a
/// stranger: a folder that it names anywhere else is never started, signalled or tidied, only collected on request.
std::optional<JobDir> ownFolder(const std::string& projectId, const store::RunRow& row, const std::string& jobDir);

}  // namespace dubito::run
