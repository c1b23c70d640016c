// Small answers for lists beside the run table; limits keep a large project from filling them.
#include "store/explorer.h"

#include "base/hash.h"

namespace dubito::store {
namespace {

constexpr std::int64_t kMostViews = 500;

/// A run's name needs its title, system and id.
std::string nameFrom(const Statement& row, int title, int system, int id) {
    RunRow run;
    run.title = row.text(title);
    run.system = row.text(system);
    const ByteSpan bytes = row.blob(id);
    if (bytes.size() == run.id.bytes.size()) std::copy(bytes.begin(), bytes.end(), run.id.bytes.begin());
    return run.name();
}

Result<void> addArtifacts(
    Database& db, ArtifactKind kind, std::string_view sql, std::int64_t limit, std::vector<ArtifactRow>& out) {
    DUBITO_TRY(Statement rows, db.prepare(sql));
    rows.bind(1, limit);
    return rows.forEach([&] {
        ArtifactRow artifact;
        artifact.kind = kind;
        artifact.sha256 = hexText(rows.blob(0));
        artifact.name = rows.text(1);
        artifact.bytes = rows.integer(2);
        artifact.step = rows.optionalInteger(3).value_or(-1);
        artifact.madeBy = rows.integer(4);
        artifact.madeByName = nameFrom(rows, 5, 6, 7);
        out.push_back(std::move(artifact));
    });
}

}  // namespace

Result<ProjectOverview> queryOverview(Database& db, const std::vector<std::string>& helperPlugins) {
    ProjectOverview out;
    DUBITO_TRY(Statement bin, db.prepare(R"(
        SELECT count(*)
        FROM run_user u JOIN run r ON r.id=u.run_id
        WHERE u.deleted_us IS NOT NULL)"));
    DUBITO_CHECK(bin.forEach([&] { out.deleted = bin.integer(0); }));
    RunQuery counted;
    counted.helpers = RunQuery::Helpers::Without;
    counted.helperPlugins = helperPlugins;
    DUBITO_TRY(out.runs, countRuns(db, counted));
    // Final states are 5 and above; the last of them is 7, a failed run 6. A session that waits for its user is at
    // work on nothing.
    DUBITO_TRY(Statement states, db.prepare(R"(
        SELECT sum(r.state < 5 AND r.phase IS NOT 'waiting'), sum(r.state = 6),
            sum(CASE WHEN r.state < 5 AND r.total > 0 THEN r.done / r.total END),
            sum(r.state < 5 AND r.total > 0)
        FROM run r LEFT JOIN run_user u ON u.run_id=r.id
        WHERE u.deleted_us IS NULL)"));
    DUBITO_CHECK(states.forEach([&] {
        out.alive = states.integer(0);
        out.failed = states.integer(1);
        if (states.integer(3) > 0) out.aliveShare = states.real(2) / static_cast<double>(states.integer(3));
    }));
    return out;
}

Result<std::vector<SavedView>> queryViews(Database& db) {
    DUBITO_TRY(Statement rows, db.prepare(R"(
        SELECT id, title, body_json
        FROM view
        WHERE kind='runs'
        ORDER BY title COLLATE NOCASE, id
        LIMIT ?1)"));
    rows.bind(1, kMostViews);
    std::vector<SavedView> out;
    DUBITO_CHECK(rows.forEach([&] {
        SavedView view;
        const ByteSpan id = rows.blob(0);
        if (id.size() != view.id.bytes.size()) return;
        std::copy(id.begin(), id.end(), view.id.bytes.begin());
        view.title = rows.text(1);
        if (const auto body = parseJson(rows.text(2))) view.filter = textOr(*body, "filter", "");
        out.push_back(std::move(view));
    }));
    return out;
}

Result<std::vector<ArtifactRow>> queryArtifacts(Database& db, std::int64_t limit) {
    std::vector<ArtifactRow> out;
    DUBITO_CHECK(addArtifacts(db, ArtifactKind::Checkpoint, R"(
        SELECT c.sha256, coalesce(c.folder, ''), c.bytes, c.step, r.run_no, coalesce(u.title, ''), r.system, r.id
        FROM checkpoint c JOIN run r ON r.run_no=c.run_no LEFT JOIN run_user u ON u.run_id=r.id
        WHERE u.deleted_us IS NULL
        ORDER BY c.run_no DESC, c.attempt DESC, c.step DESC
        LIMIT ?1)",
        limit, out));
    DUBITO_CHECK(addArtifacts(db, ArtifactKind::Output, R"(
        SELECT l.sha256, coalesce(nullif(l.name, ''), l.role), coalesce(l.bytes, 0), NULL, r.run_no,
            coalesce(u.title, ''), r.system, r.id
        FROM lineage l JOIN run r ON r.run_no=l.run_no LEFT JOIN run_user u ON u.run_id=r.id
        WHERE l.is_output=1 AND u.deleted_us IS NULL
        ORDER BY l.run_no DESC
        LIMIT ?1)",
        limit, out));
    // Of the newest records only: a table of millions is not walked for a list.
    DUBITO_CHECK(addArtifacts(db, ArtifactKind::Blob, R"(
        SELECT b.sha256, coalesce(b.media, ''), b.bytes, x.step, r.run_no, coalesce(u.title, ''), r.system, r.id
        FROM (SELECT blob_no, max(record_no) AS record_no
              FROM (SELECT blob_no, record_no FROM record ORDER BY record_no DESC LIMIT 10000)
              WHERE blob_no IS NOT NULL
              GROUP BY blob_no) newest
            JOIN blob b ON b.blob_no=newest.blob_no
            JOIN record x ON x.record_no=newest.record_no
            JOIN series s ON s.series_no=x.series_no
            JOIN run r ON r.run_no=s.run_no
            LEFT JOIN run_user u ON u.run_id=r.id
        WHERE u.deleted_us IS NULL
        ORDER BY x.record_no DESC
        LIMIT ?1)",
        limit, out));
    return out;
}

}  // namespace dubito::store
