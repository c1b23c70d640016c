// The project is asked first and synced second; only then is anything removed.
#include "run/janitor.h"

#include <sys/stat.h>

#include "run/origin.h"
#include "store/bin.h"
#include "store/finished_journals.h"

namespace dubito::run {
namespace {

Result<std::uint64_t> removeSegments(const JobDir& job, Tidied& out) {
    std::uint64_t bytes = 0;
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(job.journal(), error))) return bytes;
    DUBITO_TRY(const auto files, listFolder(job.journal()));
    for (const auto& file : files) {
        const bool isOurs = file.extension() == ".djl" || file.extension() == ".reserve";
        if (!isOurs || !fs::is_regular_file(fs::symlink_status(file, error))) continue;
        const auto size = fs::file_size(file, error);
        if (!fs::remove(file, error) || error) continue;
        bytes += size;
        if (file.extension() == ".djl") ++out.journals;
    }
    // What a record needs of these lies in the project or beside it.
    if (fs::is_directory(fs::symlink_status(job.blobs(), error))) {
        for (const auto& entry : fs::recursive_directory_iterator(job.blobs(), error))
            if (entry.is_regular_file(error) && !entry.is_symlink(error)) bytes += entry.file_size(error);
        fs::remove_all(job.blobs(), error);
    }
    return bytes;
}

/// The project it was started from is still there, and it is not this one: this one is a copy.
bool belongsToAnother(const JobDir& job, const store::ProjectWriter& writer) {
    const auto placement = job.readPlacement();
    struct stat info {};
    return placement && !placement->project.empty() && ::stat(placement->project.c_str(), &info) == 0 &&
           info.st_ino != writer.inode();
}

}  // namespace

Result<Tidied> tidy(store::ProjectWriter& writer, int keepDays) {
    constexpr int kAtOnce = 200;  // the thread has other work
    Tidied out;
    const std::int64_t before = nowUs() - std::int64_t{keepDays} * 24 * 3600 * 1'000'000;
    DUBITO_TRY(const auto runs, store::queryFinishedJournals(writer.database(), before, kAtOnce));
    if (runs.empty()) return out;
    // Rows that are only in the log could be lost with it; then the journal is the one copy.
    DUBITO_TRY(const bool merged, writer.database().checkpoint(store::Database::Checkpoint::Truncate));
    if (!merged) return out;
    out.runs = static_cast<int>(runs.size());
    for (const auto& run : runs) {
        DUBITO_TRY(const auto row, store::findRun(writer.database(), run.runNo));
        const auto job = row ? ownFolder(writer.projectId(), *row, run.jobDir) : std::nullopt;
        if (!job || !originalOf(*row, *job, writer.inode()).empty()) continue;
        DUBITO_TRY(const std::uint64_t bytes, removeSegments(*job, out));
        out.bytes += bytes;
    }
    DUBITO_CHECK(store::forgetJournals(writer, runs));
    return out;
}

Result<Tidied> emptyBin(store::ProjectWriter& writer) {
    Tidied out;
    DUBITO_TRY(const auto gone, store::emptyBin(writer));
    out.runs = static_cast<int>(gone.size());
    const fs::path root = jobsRoot(writer.projectId());
    std::error_code error;
    for (const RunId& id : gone) {
        const fs::path folder = root / id.text();
        if (!fs::is_directory(fs::symlink_status(folder, error)) || belongsToAnother(JobDir(folder), writer)) continue;
        fs::remove_all(folder, error);
        if (!error) ++out.folders;
    }
    return out;
}

}  // namespace dubito::run
