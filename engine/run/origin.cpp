// Inodes only: a file that was moved keeps its own, one restored from a copy has no rival at the old place.
#include "run/origin.h"

#include <sys/stat.h>

namespace dubito::run {

std::string originalOf(const store::RunRow& row, const JobDir& job, std::uint64_t fileInode) {
    if (row.inode == 0 || static_cast<std::uint64_t>(row.inode) == fileInode) return {};
    const auto placement = job.readPlacement();
    struct stat info {};
    if (!placement || placement->project.empty() || ::stat(placement->project.c_str(), &info) != 0) return {};
    return static_cast<std::int64_t>(info.st_ino) == row.inode ? placement->project : std::string();
}

std::string originalOf(const store::RunRow& row, const JobDir& job, const fs::path& file) {
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 ? originalOf(row, job, std::uint64_t{info.st_ino}) : std::string();
}

std::optional<JobDir> ownFolder(const std::string& projectId, const store::RunRow& row, const std::string& jobDir) {
    if (jobDir.empty() || !parseUuid(projectId)) return std::nullopt;
    const fs::path own = jobsRoot(projectId) / row.id.text();
    if (fs::path(jobDir).lexically_normal() != own.lexically_normal()) {
        std::error_code error;
        if (!fs::equivalent(jobDir, own, error) || error) return std::nullopt;
    }
    return JobDir(own);
}

}  // namespace dubito::run
