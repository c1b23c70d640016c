// The copy comes first and is on disk before the first change, so that there is a way back from a wrong step.
#include "store/migrations.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/ids.h"
#include "base/log.h"
#include "store/file_identity.h"
#include "store/schema_sql.h"
#include "store/stitch.h"

namespace dubito::store {
namespace {

Error copyError(const char* problem, const fs::path& copy) {
    return Error(Code::Io, fmt::format("the copy that is made before the project is changed {}: {}. File: {}", problem,
                               errnoText(errno), copy.string()));
}

/// A copy left by an attempt that did not come to its end is made again; nothing else is ever removed.
Result<void> removeStaleCopy(const fs::path& copy) {
    struct stat info {};
    if (::lstat(copy.c_str(), &info) != 0) return {};
    char head[16] = {};
    const FileDescriptor file(::open(copy.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    const bool isPlain = S_ISREG(info.st_mode) && info.st_nlink == 1;
    const bool isCopy = file && ::pread(file.get(), head, sizeof head, 0) >= 0 &&
                        (info.st_size == 0 || std::memcmp(head, "SQLite format 3", sizeof head) == 0);
    if (!isPlain || !isCopy)
        return Error(Code::Refused,
            "the project must be copied before it is brought to this program's schema, and another file has the "
            "copy's name; move it away. File: " +
                copy.string());
    if (::unlink(copy.c_str()) != 0) return copyError("cannot be made", copy);
    return {};
}

/// SQLite does not wait for the disk when it vacuums into a file. Nobody else has the copy open.
Result<void> syncCopy(const fs::path& copy) {
    const FileDescriptor file(::open(copy.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file || ::fsync(file.get()) != 0) return copyError("is not on the disk", copy);
    const FileDescriptor folder(::open(copy.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return copyError("is not on the disk", copy);
    return {};
}

Result<void> makeSafetyCopy(Database& database, const fs::path& project, std::int64_t version) {
    const fs::path copy = safetyCopy(project, version);
    DUBITO_CHECK(removeStaleCopy(copy));
    std::error_code error;
    const auto bytes = fs::file_size(project, error) + logBytes(project);
    const auto space = fs::space(project, error);
    if (!error) DUBITO_CHECK(checkRoom(project, bytes, space.available));
    DUBITO_TRY(Statement vacuum, database.prepare("VACUUM INTO ?1"));
    DUBITO_CHECK(vacuum.bind(1, copy.string()).run());
    return syncCopy(copy);
}

/// Schema 1 kept points of abandoned attempts and of other ranks in `latest`; a mean of very many points drifted.
Result<void> restitchRuns(Database& database) {
    DUBITO_TRY(Statement rows, database.prepare(R"(
        SELECT run_no FROM attempt WHERE attempt > 1
        UNION
        SELECT run_no FROM series WHERE rank > 0
        UNION
        SELECT run_no FROM latest WHERE n > 4096)"));
    std::vector<std::int64_t> runs;
    DUBITO_CHECK(rows.forEach([&] { runs.push_back(rows.integer(0)); }));
    for (const std::int64_t run : runs) DUBITO_CHECK(restitch(database, run));
    return {};
}

Result<void> takeStep(Database& database, std::int64_t from, std::int64_t to) {
    DUBITO_CHECK(database.execute(schemaStep(to)));
    DUBITO_CHECK(database.execute(fmt::format("PRAGMA user_version={}", to)));
    if (to == 2) DUBITO_CHECK(restitchRuns(database));
    DUBITO_TRY(Statement row, database.prepare(R"(
        INSERT OR REPLACE INTO migration(to_version, from_version, at_us, app)
        VALUES(?1, ?2, ?3, ?4))"));
    return row.bind(1, to).bind(2, from).bind(3, nowUs()).bind(4, "Dubito " DUBITO_VERSION).run();
}

}  // namespace

std::string_view schemaStep(std::int64_t version) { return kSchemaSteps[static_cast<std::size_t>(version - 1)]; }

fs::path safetyCopy(const fs::path& project, std::int64_t version) {
    return fmt::format("{}.before-{}", project.string(), version);
}

Result<void> checkRoom(const fs::path& project, std::uint64_t projectBytes, std::uint64_t freeBytes) {
    if (freeBytes / 2 >= projectBytes) return {};
    return Error(Code::Io,
        fmt::format(
            "the disk is too full to bring the project to this program's schema: {} MiB must be free, {} MiB are. "
            "File: {}",
            (2 * projectBytes >> 20) + 1, freeBytes >> 20, project.string()));
}

Result<void> migrate(Database& database, const fs::path& project, std::int64_t from) {
    if (from < 1 || from > kSchemaVersion)
        return Error(Code::Internal, fmt::format("there is no step from schema {}. File: {}", from, project.string()));
    for (std::int64_t version = from + 1; version <= kSchemaVersion; ++version) {
        DUBITO_CHECK(makeSafetyCopy(database, project, version));
        DUBITO_CHECK(database.execute("BEGIN IMMEDIATE"));
        auto outcome = takeStep(database, version - 1, version);
        if (outcome) outcome = database.execute("COMMIT");
        if (!outcome) {
            // SQLite may have taken the transaction back already; then there is nothing left to do.
            if (database.inTransaction()) DUBITO_CHECK(database.execute("ROLLBACK"));
            return std::move(outcome).error().in(
                fmt::format("bringing the project from schema {} to {}", version - 1, version));
        }
        logLine(LogLevel::Info, fmt::format("brought to schema {}; the project as it was: {}", version,
                                    safetyCopy(project, version).string()));
    }
    return {};
}

void removeSafetyCopies(const fs::path& project) {
    for (std::int64_t version = 2; version <= kSchemaVersion; ++version) {
        const fs::path copy = safetyCopy(project, version);
        struct stat info {};
        if (::lstat(copy.c_str(), &info) != 0) continue;
        if (auto removed = removeStaleCopy(copy); !removed) logLine(LogLevel::Warn, removed.error().text());
    }
}

}  // namespace dubito::store
