#include "lm/kernels/kv_cache.h"

#include <algorithm>
#include <cstring>

#include "lm/kernels/half_kernels.h"

namespace dubito::lm {

KvCache::KvCache(const ModelConfig& config, std::int64_t capacity, KvPrecision precision)
    : m_kvHeads(config.kvHeads), m_headWidth(config.headWidth), m_capacity(capacity), m_precision(precision),
      m_lengths(static_cast<std::size_t>(config.layers), 0), m_pages(static_cast<std::size_t>(config.layers)) {}

void KvCache::truncate(std::int64_t length) {
    const auto pages = static_cast<std::size_t>((length + kPage - 1) / kPage);
    for (auto& own : m_lengths) own = std::min(own, length);
    for (auto& layer : m_pages)
        if (layer.size() > pages) layer.resize(pages);
}

std::size_t KvCache::bytes() const {
    std::size_t pages = 0;
    for (const auto& layer : m_pages) pages += layer.size();
    return pages * pageBytes();
}

void KvCache::prepare(std::int64_t layer, std::int64_t from, std::int64_t count) {
    auto& pages = m_pages[static_cast<std::size_t>(layer)];
    for (auto page = static_cast<std::size_t>(from / kPage);
         page <= static_cast<std::size_t>((from + count - 1) / kPage); ++page) {
        if (page >= pages.size()) pages.resize(page + 1);
        Page& own = pages[page];
        if (own && own.use_count() == 1) continue;
        Page fresh(new std::byte[pageBytes()]);
        if (own) std::memcpy(fresh.get(), own.get(), pageBytes());
        own = std::move(fresh);
    }
}

void KvCache::store(std::int64_t layer, std::int64_t head, int which, std::int64_t position, const float* from) {
    auto* to = const_cast<std::byte*>(row(layer, head, which, position));
    if (m_precision == KvPrecision::F16) toHalves(from, m_headWidth, reinterpret_cast<std::uint16_t*>(to));
    else std::memcpy(to, from, static_cast<std::size_t>(m_headWidth) * 4);
}

void KvCache::scores(std::int64_t layer, std::int64_t head, const float* query, std::int64_t count, float* out) const {
    for (std::int64_t j = 0; j < count; j += kPage) {
        const std::byte* keys = row(layer, head, 0, j);
        const std::int64_t n = std::min(kPage, count - j);
        if (m_precision == KvPrecision::F16)
            dotsOfHalves(query, reinterpret_cast<const std::uint16_t*>(keys), n, m_headWidth, out + j);
        else dotsOfFloats(query, reinterpret_cast<const float*>(keys), n, m_headWidth, out + j);
    }
}

void KvCache::mix(std::int64_t layer, std::int64_t head, const float* weights, std::int64_t count, float* out) const {
    std::fill_n(out, m_headWidth, 0.0f);
    for (std::int64_t j = 0; j < count; j += kPage) {
        const std::byte* values = row(layer, head, 1, j);
        const std::int64_t n = std::min(kPage, count - j);
        if (m_precision == KvPrecision::F16)
            addHalves(weights + j, reinterpret_cast<const std::uint16_t*>(values), n, m_headWidth, out);
        else addFloats(weights + j, reinterpret_cast<const float*>(values), n, m_headWidth, out);
    }
}

void KvCache::copyOut(std::int64_t layer, std::int64_t head, int which, std::int64_t count, float* out) const {
    for (std::int64_t j = 0; j < count; j += kPage) {
        const std::byte* from = row(layer, head, which, j);
        const std::int64_t n = std::min(kPage, count - j) * m_headWidth;
        if (m_precision == KvPrecision::F16)
            fromHalves(reinterpret_cast<const std::uint16_t*>(from), n, out + j * m_headWidth);
        else std::memcpy(out + j * m_headWidth, from, static_cast<std::size_t>(n) * 4);
    }
}

}  // namespace dubito::lm
