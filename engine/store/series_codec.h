// Bytes of up to 1,024 points of one series, and the columns a plot draws from them.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace dubito::store {

inline constexpr std::size_t kChunkPoints = 1024;

struct Points {
    std::vector<std::int64_t> steps, timesUs;
    std::vector<double> values;  ///< NaN and infinities are kept bit by bit
    std::size_t size() const { return values.size(); }
    void add(std::int64_t step, std::int64_t timeUs, double value) {
        steps.push_back(step);
        timesUs.push_back(timeUs);
        values.push_back(value);
    }
    void clear() {
        steps.clear();
        timesUs.clear();
        values.clear();
    }
};

/// [first, last) of `points`. Times are stored to 1 ms when that fits u32 from the first; values as f32 when exact.
Bytes encodePoints(const Points& points, std::size_t first, std::size_t last);
/// Appends to `out`. The bytes come from a stranger's file: at most 1 Mi points, every length checked.
/// @error CorruptData
Result<void> decodePoints(ByteSpan bytes, Points& out);

/// Finite statistics of a stretch of points, in the order in which they are added.
struct Summary {
    std::int64_t n = 0, nanCount = 0;
    std::int64_t stepFirst = 0, stepLast = 0, usFirst = 0, usLast = 0, minStep = 0, maxStep = 0;
    double first = 0, last = 0, min = 0, max = 0, sum = 0;
    double carry = 0;  ///< what rounding took from `sum` (Neumaier): 10 M equal values keep their mean
    bool hasFinite() const { return n > nanCount; }
    double total() const { return sum + carry; }
    /// NaN when there is no finite value.
    double mean() const;
    void add(std::int64_t step, std::int64_t timeUs, double value);
    void merge(const Summary& later);

private:
    void addToSum(double value);
};
Summary summarise(const Points& points, std::size_t first, std::size_t last);

/// What one pixel column shows. Empty columns are left out.
struct Column {
    double x = 0;  ///< step of the first point in the column
    double xLast = 0, first = 0, min = 0, max = 0, last = 0;
    std::int64_t n = 0, nanCount = 0;
    double minStep = 0, maxStep = 0;       ///< where the extremes are, in [x, xLast]
    std::int64_t usFirst = 0, usLast = 0;  ///< when the first and the last point were said
};

}  // namespace dubito::store
