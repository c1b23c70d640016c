// Puts points of one series into tail fragments, sealed chunks, the pyramid and the latest values.
#pragma once

#include "store/database.h"
#include "store/series_codec.h"

namespace dubito::store {

/// Pyramid: level 0 rows are chunks, a row of level k sums up 32 rows of level k-1.
inline constexpr int kPyramidLevels = 3;
inline constexpr std::int64_t kPyramidFan = 32;

/// State of one open series. Belongs to the [store] thread.
struct OpenSeries {
    std::int64_t seriesNo = 0, runNo = 0, nameNo = 0;
    Points pending;                 ///< arrived since the last flush
    Points tail;                    ///< stored as fragments, not yet sealed
    std::int64_t nextTailSequence = 0, tailFragments = 0, chunks = 0, lastStep = INT64_MIN;
    bool unordered = false;
    Summary latest;                 ///< over all points of the run under this name
};

class SeriesWriter {
public:
    static Result<SeriesWriter> create(Database& database);
    /// Restores counts, tail and latest of a series that is already in the file.
    Result<void> load(OpenSeries& series);
    /// Moves pending points into the file. `seal`: the attempt ended, the rest becomes a short chunk.
    Result<void> flush(OpenSeries& series, bool seal);

private:
    Result<void> addChunk(OpenSeries& series, const Points& points, std::size_t first, std::size_t last);
    Database* m_database = nullptr;
    Statement m_insertTail, m_deleteTail, m_insertData, m_insertChunk, m_readChunk, m_latest, m_unordered;
};

}  // namespace dubito::store
