// Random streams of a run: counter-based, so that a resumed stream goes on at its place.
#pragma once

#include <map>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "stats/counter_rng.h"

namespace dubito::host {

/// [plugin] only.
class RandomStreams {
public:
    explicit RandomStreams(std::uint64_t seed) : m_seed(seed) {}
    /// Places of streams by "name/index", as a checkpoint keeps them: they apply to streams that are opened later.
    void resumeAt(Json drawn) { m_resumed = std::move(drawn); }
    /// The same name and index again is the same stream, which goes on where it stands. @error Limit
    Result<std::uint32_t> open(std::string_view name, std::uint64_t index);
    stats::CounterRng* find(std::uint32_t stream) { return stream < m_streams.size() ? &m_streams[stream] : nullptr; }
    /// Numbers drawn of each by "name/index"; streams of a checkpoint that were not opened again keep their places.
    Json drawn() const;

private:
    std::uint64_t m_seed;
    Json m_resumed = Json::object();
    std::vector<stats::CounterRng> m_streams;
    std::map<std::string, std::uint32_t> m_numbers;
};

}  // namespace dubito::host
