// Keys and values of one sequence in pages that forks share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lm/formats/model_config.h"
#include "lm/kernels/model_cache.h"

// Dimension key: D head width, P positions of a page.

namespace dubito::lm {

/// F16 halves the traffic of decoding at a mean KL of some 1e-7 nats; F32 keeps what was computed.
enum class KvPrecision : std::uint8_t { F16, F32 };

/// Every layer has a length of its own. A copy is a fork: it shares all pages and gets its own where either writes.
/// [one thread] but for storeKey and storeValue, which threads may call for different heads or positions after
/// prepare().
class KvCache final : public ModelCache {
public:
    static constexpr std::int64_t kPage = 64;  ///< P

    KvCache(const ModelConfig& config, std::int64_t capacity, KvPrecision precision = KvPrecision::F32);
    std::int64_t capacity() const override { return m_capacity; }
    KvPrecision precision() const { return m_precision; }
    /// Layers count from 0 here.
    std::int64_t lengthOf(std::int64_t layer) const { return m_lengths[static_cast<std::size_t>(layer)]; }
    void setLength(std::int64_t layer, std::int64_t length) { m_lengths[static_cast<std::size_t>(layer)] = length; }
    /// Cuts every layer to at most `length`; pages beyond it are given back.
    void truncate(std::int64_t length) override;
    Result<std::unique_ptr<ModelCache>> fork() const override {
        return std::unique_ptr<ModelCache>(std::make_unique<KvCache>(*this));
    }
    /// Of the pages held, shared ones included.
    std::size_t bytes() const override;

    /// Makes positions from..from+count-1 of a layer writable.
    void prepare(std::int64_t layer, std::int64_t from, std::int64_t count);
    /// key, value (D). A number above 65504 becomes infinite in F16 and shows in the logits.
    void storeKey(std::int64_t layer, std::int64_t head, std::int64_t position, const float* key) {
        store(layer, head, 0, position, key);
    }
    void storeValue(std::int64_t layer, std::int64_t head, std::int64_t position, const float* value) {
        store(layer, head, 1, position, value);
    }
    /// out[j] = query · key of position j, for j < count. @param query (D)
    void scores(std::int64_t layer, std::int64_t head, const float* query, std::int64_t count, float* out) const;
    /// out (D) = sum over j < count of weights[j] * value of position j.
    void mix(std::int64_t layer, std::int64_t head, const float* weights, std::int64_t count, float* out) const;
    /// Positions 0..count-1 as floats (count, D), one below the other.
    void keys(std::int64_t layer, std::int64_t head, std::int64_t count, float* out) const {
        copyOut(layer, head, 0, count, out);
    }
    void values(std::int64_t layer, std::int64_t head, std::int64_t count, float* out) const {
        copyOut(layer, head, 1, count, out);
    }

    double ntkAlpha = 1;  ///< dynamic NTK: under which the kept keys were rotated

private:
    using Page = std::shared_ptr<std::byte[]>;  ///< (K or V, kv heads, P, D)
    std::size_t elementBytes() const { return m_precision == KvPrecision::F16 ? 2 : 4; }
    std::size_t pageBytes() const {
        return static_cast<std::size_t>(2 * m_kvHeads * kPage * m_headWidth) * elementBytes();
    }
    const std::byte* row(std::int64_t layer, std::int64_t head, int which, std::int64_t position) const {
        return m_pages[static_cast<std::size_t>(layer)][static_cast<std::size_t>(position / kPage)].get() +
               static_cast<std::size_t>(((which * m_kvHeads + head) * kPage + position % kPage) * m_headWidth) *
                   elementBytes();
    }
    void store(std::int64_t layer, std::int64_t head, int which, std::int64_t position, const float* from);
    void copyOut(std::int64_t layer, std::int64_t head, int which, std::int64_t count, float* out) const;

    std::int64_t m_kvHeads, m_headWidth, m_capacity;
    KvPrecision m_precision;
    std::vector<std::int64_t> m_lengths;
    std::vector<std::vector<Page>> m_pages;
};

}  // namespace dubito::lm
