// How far the runs that are alive have got, and when they will be done.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "store/queries.h"

namespace dubito::app {

struct Progress {
    int running = 0, paused = 0, queued = 0;
    int waiting = 0;                ///< sessions that have done all they were asked and wait for more
    double share = -1;              ///< 0 to 1, of those that know their length; negative: none does
    std::int64_t secondsLeft = -1;  ///< of the one that takes longest; negative: not known
};

/// Seconds until a run is done, at the rate it had so far; nothing while too little is known.
std::optional<std::int64_t> secondsLeft(const store::RunRow& run, std::int64_t nowUs);
/// @param runs those that are alive
Progress progressOf(const std::vector<store::RunRow>& runs, std::int64_t nowUs);
/// "2 running 63 %  ETA 00:41, 3 queued"
QString progressText(const Progress& progress);
/// "00:41", "1:02:11"
QString clockText(std::int64_t seconds);
/// The runs of a project that are alive.
Result<std::vector<store::RunRow>> queryAlive(store::Database& db);

}  // namespace dubito::app
