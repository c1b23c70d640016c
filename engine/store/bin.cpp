// Rows that the schema does not delete by itself go first: chunks and their data have no foreign key of their own.
#include "store/bin.h"

#include <fmt/format.h>

#include "store/blobs.h"

namespace dubito::store {
namespace {

constexpr int kFirstFinalState = 5;  // done, failed, cancelled: order of the states in run/run_state.h

struct BinnedRun {
    std::int64_t runNo = 0, state = 0;
    RunId id;
    std::string name;
};

Result<std::vector<BinnedRun>> binnedRuns(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT r.run_no, r.state, r.id, coalesce(u.title, r.system)
        FROM run r JOIN run_user u ON u.run_id=r.id
        WHERE u.deleted_us IS NOT NULL
        ORDER BY r.run_no)"));
    std::vector<BinnedRun> runs;
    DUBITO_CHECK(rows.forEach([&] {
        BinnedRun run{rows.integer(0), rows.integer(1), {}, rows.text(3)};
        const ByteSpan id = rows.blob(2);
        if (id.size() == run.id.bytes.size()) std::copy(id.begin(), id.end(), run.id.bytes.begin());
        runs.push_back(std::move(run));
    }));
    return runs;
}

Result<void> checkFree(Database& db, const BinnedRun& run) {
    if (run.state < kFirstFinalState)
        return Error(Code::WrongState, fmt::format("run {} is in the bin and has not ended; stop it first", run.name));
    DUBITO_TRY(Statement reports, db.prepare(R"(
        SELECT p.title
        FROM report_run r JOIN report p ON p.id=r.report_id
        WHERE r.run_id=?1
        ORDER BY p.title)"));
    std::string titles;
    reports.bind(1, ByteSpan(run.id.bytes));
    DUBITO_CHECK(reports.forEach([&] { titles += (titles.empty() ? "" : ", ") + reports.text(0); }));
    if (titles.empty()) return {};
    return Error(Code::Refused,
        fmt::format("run {} is used by a report ({}); take it out of the report or out of the bin", run.name, titles));
}

/// ?1 is the run's number.
constexpr const char* kOfRun[] = {
    R"(DELETE FROM chunk_data
       WHERE data_no IN (
           SELECT c.data_no
           FROM series s JOIN chunk c USING(series_no)
           WHERE s.run_no=?1 AND c.data_no IS NOT NULL))",
    "DELETE FROM chunk WHERE series_no IN (SELECT series_no FROM series WHERE run_no=?1)",
    "DELETE FROM tail WHERE series_no IN (SELECT series_no FROM series WHERE run_no=?1)",
    "DELETE FROM record WHERE series_no IN (SELECT series_no FROM series WHERE run_no=?1)",
    R"(UPDATE counter
       SET n=n-(SELECT count(*) FROM series WHERE run_no=?1)
       WHERE name='series')",
    "DELETE FROM series WHERE run_no=?1",
    "DELETE FROM cursor WHERE run_no=?1",
    "DELETE FROM gap WHERE run_no=?1",
    "DELETE FROM run WHERE run_no=?1",
    "UPDATE counter SET n=n-1 WHERE name='run'",
};

/// ?1 is the run's id. Edits that name the run could not be taken back any more, and would bar the way to older ones.
constexpr const char* kOfUser[] = {
    "DELETE FROM run_user WHERE run_id=?1",
    "DELETE FROM run_tag WHERE run_id=?1",
    "DELETE FROM folder_run WHERE run_id=?1",
    "DELETE FROM note WHERE target_id=?1",
    "DELETE FROM edit WHERE instr(changeset, ?1) > 0",
};

constexpr const char* kUnused = R"(
    DELETE FROM blob_piece
    WHERE blob_no IN (
        SELECT blob_no FROM blob
        WHERE blob_no NOT IN (SELECT blob_no FROM record WHERE blob_no IS NOT NULL)
            AND blob_no NOT IN (SELECT blob_no FROM record_blob));
    DELETE FROM blob
    WHERE blob_no NOT IN (SELECT blob_no FROM record WHERE blob_no IS NOT NULL)
        AND blob_no NOT IN (SELECT blob_no FROM record_blob);
    DELETE FROM spec
    WHERE spec_hash NOT IN (SELECT spec_hash FROM run);
    DELETE FROM config
    WHERE config_no NOT IN (SELECT config_no FROM run);
    DELETE FROM environment
    WHERE env_no NOT IN (SELECT env_no FROM attempt WHERE env_no IS NOT NULL);)";

Result<void> deleteRun(Database& db, const BinnedRun& run) {
    for (const char* sql : kOfRun) {
        DUBITO_TRY(Statement statement, db.prepare(sql));
        // Two of them count and take no number.
        if (std::string_view(sql).find("?1") != std::string_view::npos) statement.bind(1, run.runNo);
        DUBITO_CHECK(statement.run());
    }
    for (const char* sql : kOfUser) {
        DUBITO_TRY(Statement statement, db.prepare(sql));
        DUBITO_CHECK(statement.bind(1, ByteSpan(run.id.bytes)).run());
    }
    return {};
}

}  // namespace

Result<std::vector<RunId>> emptyBin(ProjectWriter& writer) {
    Database& db = writer.database();
    std::vector<RunId> ids;
    DUBITO_CHECK(writer.inBatch([&]() -> Result<void> {
        DUBITO_TRY(const auto runs, binnedRuns(db));
        for (const BinnedRun& run : runs) DUBITO_CHECK(checkFree(db, run));
        for (const BinnedRun& run : runs) {
            writer.closeRun(run.runNo);
            DUBITO_CHECK(deleteRun(db, run));
            ids.push_back(run.id);
        }
        return runs.empty() ? Result<void>() : db.execute(kUnused);
    }));
    // Only now is it sure that no row names them.
    DUBITO_TRY(const auto unused, strayBlobs(db, writer.path()));
    std::error_code error;
    for (const fs::path& file : unused) fs::remove(file, error);
    return ids;
}

}  // namespace dubito::store
