// Puts points of one series into tail fragments, sealed chunks, the pyramid and the latest values.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "store/database.h"
#include "store/series_codec.h"
#include "store/stitch.h"

namespace dubito::store {

/// Pyramid: level 0 rows are chunks, a row of level k sums up 32 rows of level k-1.
inline constexpr int kPyramidLevels = 3;
inline constexpr std::int64_t kPyramidFan = 32;
/// Fragments of one tail before they are written again as one.
inline constexpr std::int64_t kTailFragments = 64;

/// The columns of a summary in `chunk`, in the order of bindSummary() and readSummary().
inline constexpr std::string_view kSummaryColumns =
    "n, nan_n, step_first, step_last, us_first, us_last, first, last, min, min_step, max, max_step, sum";
inline constexpr int kSummaryWidth = 13;
void bindSummary(Statement& statement, int at, const Summary& summary);
/// Columns [at, at + 13) of the row. `sum` is NaN where the file does not know it.
Summary readSummary(const Statement& row, int at);

/// State of one open series. Belongs to the [store] thread.
struct OpenSeries {
    std::int64_t seriesNo = 0, runNo = 0, nameNo = 0;
    Points pending;  ///< arrived since the last flush
    Points tail;     ///< stored as fragments, not yet sealed
    std::int64_t nextTailSequence = 0, tailFragments = 0, chunks = 0, lastStep = INT64_MIN;
    std::int64_t attempt = 1, rank = 0;
    bool unordered = false;
    bool isCut = false;  ///< a later attempt took over: `latest` is counted anew, not added to
    std::shared_ptr<Latest>
        latest;  ///< shared by the attempts of a name; none for rank > 0, which never changes `latest`
};

class SeriesWriter {
public:
    static Result<SeriesWriter> create(Database& database);
    /// Restores counts, tail and latest of a series that is in the file. A later attempt goes on from the `latest` row.
    Result<void> load(OpenSeries& series);
    /// Moves pending points into the file. `seal`: the attempt ended, the rest becomes a short chunk.
    Result<void> flush(OpenSeries& series, bool seal);

private:
    Result<void> addChunk(OpenSeries& series, const Points& points, std::size_t first, std::size_t last);
    Result<void> addToPyramid(const OpenSeries& series, std::int64_t index, const Summary& own);
    Result<void> addFragment(OpenSeries& series, const Points& points);
    Result<void> dropFragments(OpenSeries& series);
    Result<void> sealChunks(OpenSeries& series, bool seal);
    Result<void> takePending(OpenSeries& series);
    Result<void> writeLatest(OpenSeries& series);
    Result<std::shared_ptr<Latest>> latestOf(const OpenSeries& series);
    Database* m_database = nullptr;
    Statement m_insertTail, m_deleteTail, m_insertData, m_insertChunk, m_putSum, m_readSum, m_unordered;
    std::optional<LatestTable> m_latestTable;
    std::map<std::pair<std::int64_t, std::int64_t>, std::weak_ptr<Latest>> m_latest;  ///< by run and name
    std::size_t m_pruneAt = 1024;
};

}  // namespace dubito::store
