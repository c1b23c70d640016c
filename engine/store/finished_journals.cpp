// cursor.ended: 0 may grow, 1 read to its end, 2 read to its end and its files are gone.
#include "store/finished_journals.h"

namespace dubito::store {

Result<std::vector<FinishedJournals>> queryFinishedJournals(Database& db, std::int64_t beforeUs, int limit) {
    DUBITO_TRY(Statement rows, db.prepare(R"sql(
        SELECT r.run_no, (SELECT a.job_dir FROM attempt a WHERE a.run_no = r.run_no AND a.job_dir IS NOT NULL LIMIT 1)
        FROM run r
        WHERE r.state >= 5 AND r.ended_us < ?1
          AND EXISTS(SELECT 1 FROM cursor c WHERE c.run_no = r.run_no AND c.ended = 1)
          AND NOT EXISTS(SELECT 1 FROM cursor c WHERE c.run_no = r.run_no AND c.ended = 0)
          AND NOT EXISTS(SELECT 1 FROM gap g WHERE g.run_no = r.run_no)
        LIMIT ?2)sql"));
    rows.bind(1, beforeUs).bind(2, limit);
    std::vector<FinishedJournals> out;
    DUBITO_CHECK(rows.forEach([&] {
        if (!rows.isNull(1)) out.push_back({rows.integer(0), rows.text(1)});
    }));
    return out;
}

Result<void> forgetJournals(ProjectWriter& writer, const std::vector<FinishedJournals>& runs) {
    return writer.inBatch([&]() -> Result<void> {
        DUBITO_TRY(Statement mark, writer.database().prepare("UPDATE cursor SET ended = 2 WHERE run_no = ?1"));
        for (const auto& run : runs) DUBITO_CHECK(mark.bind(1, run.runNo).run());
        return {};
    });
}

}  // namespace dubito::store
