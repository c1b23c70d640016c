// Two sets of scores on the same items.
#pragma once

#include <string>
#include <vector>

#include "stats/intervals.h"

namespace dubito::stats {

struct ScoredItem {
    std::string id, group;  ///< items of one group are drawn together; an empty group is the item's own
    double score = 0;
};

struct PairedComparison {
    Interval difference;  ///< mean of second - first over shared items, 95 % by paired bootstrap over groups
    std::int64_t shared = 0, groups = 0, onlyFirst = 0, onlySecond = 0;
};
/// Items are matched by id; an id that stands twice in one list counts once, its last score.
PairedComparison comparePaired(const std::vector<ScoredItem>& first, const std::vector<ScoredItem>& second,
    std::uint64_t seed, int resamples = 2000);

}  // namespace dubito::stats
