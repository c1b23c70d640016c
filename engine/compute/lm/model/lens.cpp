// Blocks of 16 positions: first the last layer's logits, then all other layers tile by tile against them.
#include "lm/model/lens.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lm/model/vector_kernels.h"

namespace dubito::lm {

using compute::Floats;

namespace {

constexpr std::int64_t kBlock = 16, kTile = 1024;
constexpr int kMaxTop = 50;
constexpr float kNone = std::numeric_limits<float>::infinity();

/// Running softmax statistics of one row over the tiles one thread has seen.
struct RowState {
    float max = -kNone;
    double expSum = 0, expWeighted = 0, crossed = 0;
    std::int64_t atLeast = 0;
    std::uint32_t topId[kMaxTop];
    float topZ[kMaxTop];
    int filled = 0;

    void rescale(float newMax) {
        if (max == -kNone) {
            max = newMax;
            return;
        }
        const double down = std::exp(static_cast<double>(max) - newMax), shift = static_cast<double>(max) - newMax;
        expWeighted = down * (expWeighted + expSum * shift);
        expSum *= down;
        max = newMax;
    }
    void offer(std::uint32_t id, float z, int k) {
        if (filled == k && z <= topZ[k - 1]) return;
        int place = filled < k ? filled++ : k - 1;
        // Equal logits keep the lower id first.
        for (; place > 0 && topZ[place - 1] < z; --place)
            topZ[place] = topZ[place - 1], topId[place] = topId[place - 1];
        topZ[place] = z;
        topId[place] = id;
    }
    void take(const float* z, const float* p, std::int64_t n, std::int64_t firstId, float threshold, int k) {
        const float tileMax = maxOf(z, n);
        if (tileMax > max) rescale(tileMax);
        TileSums sums;
        tileSums(z, p, max, threshold, n, sums);
        expSum += sums.expSum;
        expWeighted += sums.expWeighted;
        crossed += sums.crossed;
        atLeast += sums.atLeast;
        if (filled < k || tileMax > topZ[k - 1])
            for (std::int64_t i = 0; i < n; ++i)
                if (filled < k || z[i] > topZ[k - 1]) offer(static_cast<std::uint32_t>(firstId + i), z[i], k);
    }
    void merge(const RowState& other, int k) {
        if (other.max == -kNone) return;
        RowState scaled = other;
        if (scaled.max > max) rescale(scaled.max);
        else scaled.rescale(max);
        expSum += scaled.expSum;
        expWeighted += scaled.expWeighted;
        crossed += other.crossed;
        atLeast += other.atLeast;
        for (int i = 0; i < other.filled; ++i) offer(other.topId[i], other.topZ[i], k);
    }
    double logSum() const { return static_cast<double>(max) + std::log(expSum); }
    double entropy() const { return std::log(expSum) - expWeighted / expSum; }
};

}  // namespace

LensRows Lens::read(const std::vector<const float*>& residuals, std::int64_t firstRow, std::int64_t positions,
    const std::vector<TokenId>& targets, int topK) const {
    const ModelConfig& c = m_decoder->config();
    const std::int64_t layers = static_cast<std::int64_t>(residuals.size()), width = c.width, vocabulary = c.vocabulary,
                       others = layers - 1;
    const int k = std::clamp(topK, 1, static_cast<int>(std::min<std::int64_t>(kMaxTop, vocabulary)));
    LensRows out;
    out.positions = positions;
    out.layers = layers;
    out.topK = k;
    out.stats.assign(static_cast<std::size_t>(positions * layers * kLensStats), 0.0f);
    out.topId.assign(static_cast<std::size_t>(positions * layers * k), 0);
    out.topLogp.assign(static_cast<std::size_t>(positions * layers * k), 0.0f);
    const std::int64_t tiles = (vocabulary + kTile - 1) / kTile;
    const int threads = m_decoder->threads();
    Floats finalLogits(static_cast<std::size_t>(kBlock * vocabulary)),
        normed(static_cast<std::size_t>(kBlock * layers * width));
    std::vector<std::vector<RowState>> states(static_cast<std::size_t>(threads));
    std::vector<Floats> tile(static_cast<std::size_t>(threads)), probabilities(static_cast<std::size_t>(threads)),
        heads(static_cast<std::size_t>(threads));
    for (auto& one : tile) one = Floats(static_cast<std::size_t>(kBlock * layers * kTile));
    for (auto& one : probabilities) one = Floats(static_cast<std::size_t>(kBlock * kTile));
    std::vector<float> threshold(static_cast<std::size_t>(kBlock * layers));

    for (std::int64_t start = 0; start < positions; start += kBlock) {
        const std::int64_t n = std::min(kBlock, positions - start), rows = n * others;
        // Rows of the block, other layers first (position-major), then the last layer's n rows.
        float* last = normed.data() + rows * width;
#pragma omp parallel for schedule(static)
        for (std::int64_t row = 0; row < rows + n; ++row) {
            const bool isLast = row >= rows;
            const std::int64_t position = isLast ? row - rows : row / others, layer = isLast ? others : row % others;
            rmsNorm(residuals[static_cast<std::size_t>(layer)] + (firstRow + start + position) * width,
                m_decoder->finalNorm(), static_cast<float>(c.normEpsilon), width, normed.data() + row * width);
            const TokenId target = targets[static_cast<std::size_t>(start + position)];
            thread_local Floats targetRow;
            threshold[static_cast<std::size_t>(row)] =
                target >= 0 ? dot(normed.data() + row * width, m_decoder->headRows(target, 1, targetRow), width)
                            : kNone;
        }
        for (auto& own : states) own.assign(static_cast<std::size_t>(rows + n), RowState());

            // Last layer: logits of the whole vocabulary, kept for p.
#pragma omp parallel num_threads(threads)
        {
            const int self = omp_get_thread_num();
#pragma omp for schedule(static)
            for (std::int64_t t = 0; t < tiles; ++t) {
                const std::int64_t first = t * kTile, m = std::min(kTile, vocabulary - first);
                compute::product(last, n, width, width,
                    m_decoder->headRows(first, m, heads[static_cast<std::size_t>(self)]), m, width, true,
                    finalLogits.data() + first, vocabulary);
                std::fill_n(probabilities[static_cast<std::size_t>(self)].data(), m, 0.0f);
                for (std::int64_t i = 0; i < n; ++i) {
                    const float* z = finalLogits.data() + i * vocabulary + first;
                    states[static_cast<std::size_t>(self)][static_cast<std::size_t>(rows + i)].take(z,
                        probabilities[static_cast<std::size_t>(self)].data(), m, first,
                        threshold[static_cast<std::size_t>(rows + i)], k);
                    const TokenId target = targets[static_cast<std::size_t>(start + i)];
                    if (target >= first && target < first + m &&
                        z[target - first] >= threshold[static_cast<std::size_t>(rows + i)])
                        --states[static_cast<std::size_t>(self)][static_cast<std::size_t>(rows + i)].atLeast;
                }
            }
        }
        std::vector<double> logSumP(static_cast<std::size_t>(n)), entropyP(static_cast<std::size_t>(n));
        const auto finish = [&](std::int64_t row, std::int64_t position, std::int64_t layer) {
            RowState state;
            for (const auto& own : states) state.merge(own[static_cast<std::size_t>(row)], k);
            const double logSum = state.logSum();
            const bool isLast = layer == others;
            if (isLast) {
                logSumP[static_cast<std::size_t>(position)] = logSum;
                entropyP[static_cast<std::size_t>(position)] = state.entropy();
            }
            const std::int64_t at = (start + position) * layers + layer;
            float* stats = out.stats.data() + at * kLensStats;
            const bool hasTarget = targets[static_cast<std::size_t>(start + position)] >= 0;
            stats[kEntropy] = static_cast<float>(std::max(0.0, state.entropy()));
            stats[kCrossEntropy] = hasTarget ? static_cast<float>(logSum - threshold[static_cast<std::size_t>(row)])
                                             : std::numeric_limits<float>::quiet_NaN();
            stats[kRank] = hasTarget ? static_cast<float>(state.atLeast) : std::numeric_limits<float>::quiet_NaN();
            stats[kKl] = isLast ? 0.0f
                                : static_cast<float>(std::max(
                                      0.0, -entropyP[static_cast<std::size_t>(position)] - state.crossed + logSum));
            for (int i = 0; i < k; ++i) {
                out.topId[static_cast<std::size_t>(at * k + i)] = state.topId[i];
                out.topLogp[static_cast<std::size_t>(at * k + i)] =
                    static_cast<float>(static_cast<double>(state.topZ[i]) - logSum);
            }
        };
        for (std::int64_t i = 0; i < n; ++i) finish(rows + i, i, others);

            // All other layers, a tile at a time; p of the tile is made once a thread.
#pragma omp parallel num_threads(threads)
        {
            const auto self = static_cast<std::size_t>(omp_get_thread_num());
            float* z = tile[self].data();
            float* p = probabilities[self].data();
#pragma omp for schedule(static)
            for (std::int64_t t = 0; t < tiles; ++t) {
                const std::int64_t first = t * kTile, m = std::min(kTile, vocabulary - first);
                for (std::int64_t i = 0; i < n; ++i)
                    expShifted(finalLogits.data() + i * vocabulary + first,
                        static_cast<float>(logSumP[static_cast<std::size_t>(i)]), m, p + i * kTile);
                compute::product(normed.data(), rows, width, width, m_decoder->headRows(first, m, heads[self]), m,
                    width, true, z, kTile);
                for (std::int64_t row = 0; row < rows; ++row) {
                    RowState& state = states[self][static_cast<std::size_t>(row)];
                    const float* values = z + row * kTile;
                    state.take(values, p + row / others * kTile, m, first, threshold[static_cast<std::size_t>(row)], k);
                    const TokenId target = targets[static_cast<std::size_t>(start + row / others)];
                    if (target >= first && target < first + m &&
                        values[target - first] >= threshold[static_cast<std::size_t>(row)])
                        --state.atLeast;
                }
            }
        }
#pragma omp parallel for schedule(static)
        for (std::int64_t row = 0; row < rows; ++row) finish(row, row / others, row % others);
        for (std::int64_t i = 0; i < n; ++i) {
            const auto lastTop = out.topId[static_cast<std::size_t>(((start + i) * layers + others) * k)];
            for (std::int64_t layer = 0; layer < layers; ++layer) {
                const std::int64_t at = (start + i) * layers + layer;
                out.stats[static_cast<std::size_t>(at * kLensStats + kAgree)] =
                    out.topId[static_cast<std::size_t>(at * k)] == lastTop ? 1.0f : 0.0f;
            }
        }
    }
    return out;
}

}  // namespace dubito::lm
