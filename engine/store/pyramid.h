// Reading one stored series: by whole rows of its pyramid where they fit, by single points where they do not.
#pragma once

#include <cstdint>
#include <utility>

#include "store/database.h"
#include "store/series_codec.h"
#include "store/series_writer.h"
#include "store/stitch.h"

namespace dubito::store {

/// Stable: equal steps keep their order.
void sortBySteps(Points& points);

/// One view of the file for several statements: a writer that seals a tail between two of them would double or lose its
/// points. Also spares a lock for each statement. Inside a transaction it does nothing.
class Snapshot {
public:
    static Result<Snapshot> take(Database& db);
    Snapshot(Snapshot&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
    ~Snapshot();

private:
    explicit Snapshot(Database* database) : m_database(database) {}
    Database* m_database;
};

/// Takes the parts of a walk, in the order in which they were said.
class PyramidSink {
public:
    virtual ~PyramidSink() = default;
    /// Whether a row is taken as one; otherwise the walk goes down to its parts, in the end to points.
    virtual bool takesWhole(const Summary& row) = 0;
    virtual void add(const Summary& row) = 0;
    /// points[first, last), all in the range of the walk.
    virtual void add(const Points& points, std::size_t first, std::size_t last) = 0;
};

/// Belongs to the thread of its connection. The file may come from a stranger: depth and fan are bounded.
class PyramidReader {
public:
    static Result<PyramidReader> create(Database& db);

    /// Everything of the series with steps in [from, to]. Rows are taken whole only if they lie inside. Needs an
    /// ordered series, or the range of all steps. @error CorruptData for a chunk or fragment that cannot be read
    Result<void> walk(std::int64_t seriesNo, std::int64_t from, std::int64_t to, PyramidSink& sink);
    /// Points of [from, to] that the stretch keeps, in step order, appended to `out`.
    Result<void> readPoints(const Stretch& stretch, std::int64_t from, std::int64_t to, Points& out);
    /// All points that the stretch keeps, in the order in which they were said, appended to `out`.
    Result<void> readAsSaid(const Stretch& stretch, Points& out);
    /// The value that was said last. @error NotFound when there is none
    Result<double> lastSaid(std::int64_t seriesNo);

private:
    struct Row {
        std::int64_t index = 0;
        Summary summary;
    };
    struct Walk {
        std::int64_t seriesNo, from, to;
        PyramidSink* sink;
    };
    Result<void> descend(const Walk& walk, int level, std::int64_t firstIndex, std::int64_t lastIndex);
    Result<void> addChunk(const Walk& walk, std::int64_t index);
    Result<void> readTail(std::int64_t seriesNo, Points& out);
    Statement m_rows, m_chunk, m_chunks, m_tail;
};

}  // namespace dubito::store
