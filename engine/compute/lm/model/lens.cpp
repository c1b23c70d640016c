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

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// One read of all positions, a block of kBlock at a time. Rows of a block: its positions on every layer but the last,
/// position by position, then the last layer's.
class LensPass {
public:
    LensPass(const LanguageModel& model, const std::vector<const float*>& residuals, std::int64_t firstRow,
        std::int64_t positions, const std::vector<TokenId>& targets, int topK)
        : m_model(model), m_residuals(residuals), m_firstRow(firstRow), m_positions(positions), m_targets(targets),
          m_layers(static_cast<std::int64_t>(residuals.size())), m_others(m_layers - 1), m_width(model.config().width),
          m_vocabulary(model.config().vocabulary),
          m_k(std::clamp(topK, 1, static_cast<int>(std::min<std::int64_t>(kMaxTop, m_vocabulary)))),
          m_finalLogits(at(kBlock * m_vocabulary)), m_normed(at(kBlock * m_layers * m_width)),
          m_threshold(at(kBlock * m_layers)), m_threads(at(model.threads())) {
        for (auto& own : m_threads) {
            own.tile = Floats(at(kBlock * m_layers * kTile));
            own.probabilities = Floats(at(kBlock * kTile));
        }
        m_out.positions = positions;
        m_out.layers = m_layers;
        m_out.topK = m_k;
        m_out.stats.assign(at(positions * m_layers * kLensStats), 0.0f);
        m_out.topId.assign(at(positions * m_layers * m_k), 0);
        m_out.topLogp.assign(at(positions * m_layers * m_k), 0.0f);
    }

    LensRows run() {
        for (m_start = 0; m_start < m_positions; m_start += kBlock) {
            m_n = std::min(kBlock, m_positions - m_start);
            m_rows = m_n * m_others;
            normRows();
            for (auto& own : m_threads) own.states.assign(at(m_rows + m_n), RowState());
            readLast();
            m_logSum.assign(at(m_n), 0);
            m_entropy.assign(at(m_n), 0);
            for (std::int64_t i = 0; i < m_n; ++i) finish(m_rows + i, i, m_others);
            readOthers();
#pragma omp parallel for schedule(static)
            for (std::int64_t row = 0; row < m_rows; ++row) finish(row, row / m_others, row % m_others);
            compareWithLast();
        }
        return std::move(m_out);
    }

private:
    struct Thread {
        std::vector<RowState> states;
        Floats tile, probabilities, heads;
    };
    TokenId target(std::int64_t position) const { return m_targets[at(m_start + position)]; }
    /// The target itself does not count among those at least as likely.
    static void leaveTargetOut(
        RowState& state, TokenId target, const float* z, std::int64_t first, std::int64_t n, float threshold) {
        if (target >= first && target < first + n && z[target - first] >= threshold) --state.atLeast;
    }

    /// Normed rows of the block, and the target's logit of each.
    void normRows() {
        const auto epsilon = static_cast<float>(m_model.config().normEpsilon);
#pragma omp parallel for schedule(static)
        for (std::int64_t row = 0; row < m_rows + m_n; ++row) {
            const bool isLast = row >= m_rows;
            const std::int64_t position = isLast ? row - m_rows : row / m_others,
                               layer = isLast ? m_others : row % m_others;
            float* normed = m_normed.data() + row * m_width;
            rmsNorm(m_residuals[at(layer)] + (m_firstRow + m_start + position) * m_width, m_model.finalNorm(), epsilon,
                m_width, normed);
            thread_local Floats targetRow;
            const TokenId wanted = target(position);
            m_threshold[at(row)] = wanted >= 0 ? dot(normed, m_model.headRows(wanted, 1, targetRow), m_width) : kNone;
        }
    }

    /// Calls body(thread, first, n) for every tile of the vocabulary, shared out to the threads.
    template <class Body>
    void forTiles(Body body) {
        const std::int64_t tiles = (m_vocabulary + kTile - 1) / kTile;
#pragma omp parallel num_threads(static_cast <int>(m_threads.size()))
        {
            Thread& own = m_threads[at(omp_get_thread_num())];
#pragma omp for schedule(static)
            for (std::int64_t t = 0; t < tiles; ++t) body(own, t * kTile, std::min(kTile, m_vocabulary - t * kTile));
        }
    }

    /// Last layer: logits of the whole vocabulary, kept for p.
    void readLast() {
        const float* last = m_normed.data() + m_rows * m_width;
        forTiles([&](Thread& own, std::int64_t first, std::int64_t n) {
            compute::product(last, m_n, m_width, m_width, m_model.headRows(first, n, own.heads), n, m_width, true,
                m_finalLogits.data() + first, m_vocabulary);
            std::fill_n(own.probabilities.data(), n, 0.0f);
            for (std::int64_t i = 0; i < m_n; ++i) {
                const float* z = m_finalLogits.data() + i * m_vocabulary + first;
                RowState& state = own.states[at(m_rows + i)];
                const float threshold = m_threshold[at(m_rows + i)];
                state.take(z, own.probabilities.data(), n, first, threshold, m_k);
                leaveTargetOut(state, target(i), z, first, n, threshold);
            }
        });
    }

    /// All other layers, a tile at a time; p of the tile is made once a thread.
    void readOthers() {
        forTiles([&](Thread& own, std::int64_t first, std::int64_t n) {
            float *z = own.tile.data(), *p = own.probabilities.data();
            for (std::int64_t i = 0; i < m_n; ++i)
                expShifted(m_finalLogits.data() + i * m_vocabulary + first, static_cast<float>(m_logSum[at(i)]), n,
                    p + i * kTile);
            compute::product(m_normed.data(), m_rows, m_width, m_width, m_model.headRows(first, n, own.heads), n,
                m_width, true, z, kTile);
            for (std::int64_t row = 0; row < m_rows; ++row) {
                RowState& state = own.states[at(row)];
                const float* values = z + row * kTile;
                const float threshold = m_threshold[at(row)];
                state.take(values, p + row / m_others * kTile, n, first, threshold, m_k);
                leaveTargetOut(state, target(row / m_others), values, first, n, threshold);
            }
        });
    }

    /// Joins what the threads saw of a row and writes its statistics.
    void finish(std::int64_t row, std::int64_t position, std::int64_t layer) {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        RowState state;
        for (const auto& own : m_threads) state.merge(own.states[at(row)], m_k);
        const double logSum = state.logSum();
        const bool isLast = layer == m_others, hasTarget = target(position) >= 0;
        if (isLast) {
            m_logSum[at(position)] = logSum;
            m_entropy[at(position)] = state.entropy();
        }
        const std::int64_t place = (m_start + position) * m_layers + layer;
        float* stats = m_out.stats.data() + place * kLensStats;
        stats[kEntropy] = static_cast<float>(std::max(0.0, state.entropy()));
        stats[kCrossEntropy] = hasTarget ? static_cast<float>(logSum - m_threshold[at(row)]) : kNan;
        stats[kRank] = hasTarget ? static_cast<float>(state.atLeast) : kNan;
        stats[kKl] =
            isLast ? 0.0f : static_cast<float>(std::max(0.0, -m_entropy[at(position)] - state.crossed + logSum));
        for (int i = 0; i < m_k; ++i) {
            m_out.topId[at(place * m_k + i)] = state.topId[i];
            m_out.topLogp[at(place * m_k + i)] = static_cast<float>(static_cast<double>(state.topZ[i]) - logSum);
        }
    }

    void compareWithLast() {
        for (std::int64_t i = 0; i < m_n; ++i) {
            const auto lastTop = m_out.topId[at(((m_start + i) * m_layers + m_others) * m_k)];
            for (std::int64_t layer = 0; layer < m_layers; ++layer) {
                const std::int64_t place = (m_start + i) * m_layers + layer;
                m_out.stats[at(place * kLensStats + kAgree)] = m_out.topId[at(place * m_k)] == lastTop ? 1.0f : 0.0f;
            }
        }
    }

    const LanguageModel& m_model;
    const std::vector<const float*>& m_residuals;  ///< a layer: f32 (rows, width)
    const std::int64_t m_firstRow, m_positions;
    const std::vector<TokenId>& m_targets;
    const std::int64_t m_layers, m_others, m_width, m_vocabulary;
    const int m_k;
    Floats m_finalLogits;            ///< (kBlock, vocabulary)
    Floats m_normed;                 ///< (kBlock * layers, width)
    std::vector<float> m_threshold;  ///< the target's logit of each row; infinite without a target
    std::vector<Thread> m_threads;
    std::vector<double> m_logSum, m_entropy;  ///< of the last layer, for each position of the block
    std::int64_t m_start = 0, m_n = 0, m_rows = 0;
    LensRows m_out;
};

}  // namespace

LensRows Lens::read(const std::vector<const float*>& residuals, std::int64_t firstRow, std::int64_t positions,
    const std::vector<TokenId>& targets, int topK) const {
    return LensPass(*m_model, residuals, firstRow, positions, targets, topK).run();
}

}  // namespace dubito::lm
