// Points and records of series. Numbers of series are handed out once and stay true through every rollback.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "journal/array_block.h"
#include "store/blobs.h"
#include "store/writer.h"

namespace dubito::store {
namespace {

constexpr std::size_t kInlineBytes = 128 * 1024;
constexpr std::int64_t kSeveralJournalNumbers = -1;  // one series under two numbers of its journal

}  // namespace

Result<SeriesNo> ProjectWriter::freeSeriesNo(const NewSeries& wanted) {
    for (const auto& [number, series] : m_newSeries)
        if (!series.isInFile && series.runNo == wanted.runNo && series.attempt == wanted.attempt &&
            series.rank == wanted.rank && series.definition.key == wanted.definition.key)
            return number;
    DUBITO_TRY(const std::int64_t largest, m_database->integer("SELECT max(series_no) FROM series"));
    return std::max(largest, m_newSeries.empty() ? 0 : m_newSeries.rbegin()->first) + 1;
}

Result<void> ProjectWriter::insertSeries(SeriesNo seriesNo, NewSeries& wanted) {
    const journal::SeriesDefinition& definition = wanted.definition;
    DUBITO_TRY(const std::int64_t name, nameNo(definition.key));
    DUBITO_TRY(Statement insert, m_database->prepare(R"(
        INSERT INTO series(series_no, run_no, attempt, rank, name_no, kind, unit, goal, journal_no)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))"));
    insert.bind(1, seriesNo).bind(2, wanted.runNo).bind(3, wanted.attempt).bind(4, wanted.rank).bind(5, name);
    insert.bind(6, static_cast<int>(definition.kind))
        .bind(7, definition.unit)
        .bind(8, static_cast<int>(definition.goal));
    DUBITO_CHECK(insert.bind(9, static_cast<std::int64_t>(definition.series)).run());
    DUBITO_CHECK(countUp("series", 1));
    wanted.isInFile = m_isBatch;
    return {};
}

Result<void> ProjectWriter::putJournalNo(
    SeriesNo seriesNo, std::optional<std::int64_t> known, std::uint32_t journalNo) {
    if (known && (*known == journalNo || *known == kSeveralJournalNumbers)) return {};
    DUBITO_TRY(Statement update, m_database->prepare("UPDATE series SET journal_no=?2 WHERE series_no=?1"));
    return update.bind(1, seriesNo).bind(2, known ? kSeveralJournalNumbers : std::int64_t{journalNo}).run();
}

Result<SeriesNo> ProjectWriter::openSeries(
    std::int64_t runNo, std::int64_t attempt, std::int64_t rank, const journal::SeriesDefinition& definition) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(Statement row, m_database->prepare(R"(
        SELECT s.series_no, s.journal_no
        FROM series s JOIN name n USING(name_no)
        WHERE s.run_no=?1 AND n.text=?2 AND s.attempt=?3 AND s.rank=?4)"));
    row.bind(1, runNo).bind(2, definition.key).bind(3, attempt).bind(4, rank);
    std::optional<SeriesNo> found;
    std::optional<std::int64_t> journalNo;
    DUBITO_CHECK(row.forEach([&] {
        found = row.integer(0);
        journalNo = row.optionalInteger(1);
    }));
    if (found) {
        DUBITO_CHECK(putJournalNo(*found, journalNo, definition.series));
        return *found;
    }
    NewSeries wanted{runNo, attempt, rank, definition, false};
    DUBITO_TRY(const SeriesNo number, freeSeriesNo(wanted));
    DUBITO_CHECK(insertSeries(number, wanted));
    if (m_isBatch) m_newSeries[number] = std::move(wanted);
    return number;
}

Result<std::optional<std::map<std::uint32_t, SeriesNo>>> ProjectWriter::seriesOf(
    std::int64_t runNo, std::int64_t attempt, std::int64_t rank) {
    DUBITO_TRY(Statement rows, m_database->prepare(R"(
        SELECT journal_no, series_no
        FROM series
        WHERE run_no=?1 AND attempt=?2 AND rank=?3)"));
    rows.bind(1, runNo).bind(2, attempt).bind(3, rank);
    std::optional<std::map<std::uint32_t, SeriesNo>> numbers(std::in_place);
    bool isWhole = true;
    DUBITO_CHECK(rows.forEach([&] {
        isWhole = isWhole && !rows.isNull(0) && rows.integer(0) != kSeveralJournalNumbers;
        if (isWhole) (*numbers)[static_cast<std::uint32_t>(rows.integer(0))] = rows.integer(1);
    }));
    if (!isWhole) numbers.reset();
    return numbers;
}

Result<OpenSeries*> ProjectWriter::series(SeriesNo seriesNo) {
    DUBITO_CHECK(checkBatch());
    if (const auto found = m_open.find(seriesNo); found != m_open.end()) return found->second.get();
    if (const auto lost = m_newSeries.find(seriesNo); lost != m_newSeries.end() && !lost->second.isInFile)
        DUBITO_CHECK(insertSeries(seriesNo, lost->second));
    DUBITO_TRY(Statement row, m_database->prepare(R"(
        SELECT run_no, name_no, attempt, rank, unordered
        FROM series
        WHERE series_no=?1)"));
    row.bind(1, seriesNo);
    DUBITO_TRY(const bool isThere, row.step());
    if (!isThere) return Error(Code::Internal, "the project has no series " + std::to_string(seriesNo));
    auto fresh = std::make_unique<OpenSeries>();
    fresh->seriesNo = seriesNo;
    fresh->runNo = row.integer(0);
    fresh->nameNo = row.integer(1);
    fresh->attempt = row.integer(2);
    fresh->rank = row.integer(3);
    fresh->unordered = row.integer(4) != 0;
    DUBITO_CHECK(m_series->load(*fresh));
    return (m_open[seriesNo] = std::move(fresh)).get();
}

Result<void> ProjectWriter::linkBlobs(std::int64_t recordNo, ByteSpan block, const fs::path& blobs) {
    if (!journal::namesBlobs(block)) return {};
    const auto arrays = journal::decodeArrayHeads(block);
    if (!arrays) return {};  // kept as it came; whoever reads it is told
    for (const journal::Array& array : *arrays) {
        if (!array.blob) continue;
        auto blobNo = takeBlob(*m_database, m_path, blobs, *array.blob, m_blobExternalBytes);
        const bool isOfTheRun = !blobNo && blobNo.error().code() != Code::Io;
        if (!blobNo && !isOfTheRun) return std::move(blobNo).error();
        if (!blobNo) {
            // The run's folder lost it; the record's other arrays are worth keeping, and its reader is told.
            logLine(LogLevel::Warn, fmt::format("array {} of a record: {}", array.name, blobNo.error().text()));
            continue;
        }
        DUBITO_TRY(Statement link,
            m_database->prepare("INSERT OR IGNORE INTO record_blob(record_no, blob_no) VALUES(?1, ?2)"));
        DUBITO_CHECK(link.bind(1, recordNo).bind(2, *blobNo).run());
    }
    return {};
}

Result<void> ProjectWriter::addRecord(SeriesNo seriesNo, std::int64_t step, std::int64_t timeUs, std::uint64_t sequence,
    std::string_view metaJson, ByteSpan block, const fs::path& blobs) {
    DUBITO_CHECK(checkBatch());
    if (const auto lost = m_newSeries.find(seriesNo); lost != m_newSeries.end() && !lost->second.isInFile)
        DUBITO_CHECK(insertSeries(seriesNo, lost->second));
    m_insertRecord.bind(1, seriesNo).bind(2, step).bind(3, timeUs).bind(4, static_cast<std::int64_t>(sequence));
    m_insertRecord.bind(5, metaJson);
    if (block.size() > kInlineBytes) {
        DUBITO_TRY(const std::int64_t blobNo, putBlob(*m_database, block, "application/x-dubito-arrays"));
        m_insertRecord.bind(7, blobNo);
    } else {
        m_insertRecord.bind(6, block);
    }
    DUBITO_CHECK(m_insertRecord.run());
    if (blobs.empty() || m_database->changes() == 0) return {};
    return linkBlobs(m_database->lastRowId(), block, blobs);
}

Result<void> ProjectWriter::sealRun(std::int64_t runNo) {
    DUBITO_CHECK(checkBatch());
    DUBITO_TRY(Statement rows, m_database->prepare(R"(
        SELECT series_no
        FROM series s
        WHERE s.run_no=?1 AND EXISTS(SELECT 1 FROM tail t WHERE t.series_no=s.series_no))"));
    std::set<SeriesNo> unsealed;
    DUBITO_CHECK(rows.bind(1, runNo).forEach([&] { unsealed.insert(rows.integer(0)); }));
    for (const auto& [number, series] : m_open)
        if (series->runNo == runNo && series->pending.size() > 0) unsealed.insert(number);
    for (const SeriesNo number : unsealed) {
        DUBITO_TRY(OpenSeries * open, series(number));
        DUBITO_CHECK(m_series->flush(*open, true));
    }
    std::erase_if(m_dirty, [runNo](const OpenSeries* series) { return series->runNo == runNo; });
    return {};
}

Result<void> ProjectWriter::restitch(std::int64_t runNo) {
    DUBITO_CHECK(checkBatch());
    for (OpenSeries* series : m_dirty)
        if (series->runNo == runNo) DUBITO_CHECK(m_series->flush(*series, false));
    forgetRun(runNo);
    return store::restitch(*m_database, runNo);
}

void ProjectWriter::closeRun(std::int64_t runNo) {
    for (const OpenSeries* series : m_dirty)
        if (series->runNo == runNo && series->pending.size() > 0) {
            m_closingRuns.insert(runNo);
            return;
        }
    forgetRun(runNo);
}

void ProjectWriter::forgetRun(std::int64_t runNo) {
    m_last = nullptr;
    std::erase_if(m_dirty, [runNo](const OpenSeries* series) { return series->runNo == runNo; });
    std::erase_if(m_open, [runNo](const auto& entry) { return entry.second->runNo == runNo; });
}

}  // namespace dubito::store
