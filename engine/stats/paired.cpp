#include "stats/paired.h"

#include <map>

namespace dubito::stats {

PairedComparison comparePaired(
    const std::vector<ScoredItem>& first, const std::vector<ScoredItem>& second, std::uint64_t seed, int resamples) {
    std::map<std::string, const ScoredItem*> ours, theirs;
    for (const auto& item : first) ours[item.id] = &item;
    for (const auto& item : second) theirs[item.id] = &item;
    PairedComparison out;
    std::map<std::string, std::int64_t> numbers;
    std::vector<double> differences;
    std::vector<std::int64_t> clusters;
    for (const auto& [id, item] : ours) {
        const auto other = theirs.find(id);
        if (other == theirs.end()) {
            ++out.onlyFirst;
            continue;
        }
        differences.push_back(other->second->score - item->score);
        clusters.push_back(
            numbers.try_emplace(item->group.empty() ? id : item->group, static_cast<std::int64_t>(numbers.size()))
                .first->second);
    }
    out.shared = static_cast<std::int64_t>(differences.size());
    out.groups = static_cast<std::int64_t>(numbers.size());
    out.onlySecond = static_cast<std::int64_t>(theirs.size()) - out.shared;
    out.difference = pairedBootstrap(differences, clusters, seed, resamples);
    return out;
}

}  // namespace dubito::stats
