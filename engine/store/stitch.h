// Which points of a run count when it had several attempts: a later attempt replaces what it says anew.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/series_codec.h"

namespace dubito::store {

/// SQL: the step from which the attempt of a series row `s` is replaced, NULL when it is not.
/// An attempt that began without a checkpoint replaces all (the least step); one that has not begun replaces nothing.
inline constexpr std::string_view kCutOfSeries = R"((
    SELECT min(coalesce(later.resumed_step, 0x8000000000000000))
    FROM attempt later
    WHERE later.run_no=s.run_no AND later.attempt>s.attempt AND later.started_us IS NOT NULL))";

/// From which step on each attempt of a run is replaced by later ones.
class AttemptCuts {
public:
    static Result<AttemptCuts> load(Database& db, std::int64_t runNo);
    /// Steps >= the result are replaced; INT64_MIN: all of them; empty: none.
    std::optional<std::int64_t> of(std::int64_t attempt) const;

private:
    std::vector<std::pair<std::int64_t, std::int64_t>> m_begun;  ///< attempt and the step it goes on from, oldest first
};

/// One attempt's part of a curve.
struct Stretch {
    std::int64_t seriesNo = 0, attempt = 1;
    std::optional<std::int64_t> cutFrom;  ///< steps >= it belong to a later attempt
    bool unordered = false;
    bool keeps(std::int64_t step) const { return !cutFrom || step < *cutFrom; }
    /// The last step that is kept. A stretch that keeps nothing is never listed.
    std::int64_t lastKept() const;
};

/// The parts of a curve, oldest attempt first, rank 0; attempts that are replaced as a whole are left out.
Result<std::vector<Stretch>> keptStretches(Database& db, std::int64_t runNo, std::string_view key);
Result<std::vector<Stretch>> keptStretches(Database& db, std::int64_t runNo, std::int64_t nameNo);

/// What `latest` holds of one name of one run: kept points of rank 0 only.
struct Latest {
    Summary summary;
    double lastValue = 0;  ///< of the last point, finite or not
};

/// All kept points in the order of the attempts, each as it was said. n is 0 when there is none.
Result<Latest> summariseKept(Database& db, const std::vector<Stretch>& stretches);

class LatestTable {
public:
    static Result<LatestTable> open(Database& db);
    /// Writes the row, or deletes it when nothing is kept. Inside a batch.
    Result<void> put(std::int64_t runNo, std::int64_t nameNo, const Latest& latest);

private:
    Statement m_put, m_drop;
};

/// Counts every `latest` row of the run anew from the kept points of rank 0. Inside a batch; open series of the run in
/// memory must be loaded again after it.
Result<void> restitch(Database& db, std::int64_t runNo);

}  // namespace dubito::store
