// Work of earlier attempts does not count for the pace: between them nobody worked.
#include "store/remaining.h"

#include <algorithm>
#include <cmath>

namespace dubito::store {

Result<std::optional<std::int64_t>> queryRemainingUs(Database& db, const RunRow& run, std::int64_t nowUs) {
    using Answer = std::optional<std::int64_t>;
    if (run.endedUs || !(run.total > 0) || !(run.done > 0) || !std::isfinite(run.total)) return Answer();
    DUBITO_TRY(const auto attempts, queryAttempts(db, run.runNo));
    if (attempts.empty() || !attempts.back().startedUs || attempts.back().endedUs) return Answer();
    const AttemptRow& now = attempts.back();
    // A checkpoint names the step that comes next; before it, so many were done already.
    const double before = now.resumedStep ? std::clamp(static_cast<double>(*now.resumedStep - 1), 0.0, run.done) : 0;
    const double done = run.done - before, worked = static_cast<double>(nowUs - *now.startedUs);
    constexpr double kFewest = 3;  // of fewer the start of the worker is the larger part
    if (!(done >= kFewest) || !(worked > 0)) return Answer();
    const double left = std::max(0.0, run.total - run.done) * worked / done;
    constexpr double kLongest = 3.2e15;  // a hundred years
    return Answer(static_cast<std::int64_t>(std::min(left, kLongest)));
}

}  // namespace dubito::store
