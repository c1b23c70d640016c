// x += Wo attn(RMS(x)); x += Wdown(silu(Wgate RMS(x)) * Wup RMS(x)); queries share key heads in groups.
#include "lm/model/decoder.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "lm/kernels/team_barrier.h"
#include "lm/kernels/team_places.h"
#include "lm/model/vector_kernels.h"
#include "tensor/dtype.h"

namespace dubito::lm {

using compute::Floats;

namespace {

constexpr std::int64_t kRowPath = 8;        ///< rows up to which the row kernels win over the fp32 product
constexpr std::int64_t kTensorTile = 4096;  ///< weight rows made fp32 at a time
constexpr std::int64_t kQueryBlock = 64;    ///< small, because scores above the diagonal are wasted

}  // namespace

Result<void> Decoder::embed(std::span<const TokenId> ids, float* hidden) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || ids[i] >= m_config.vocabulary)
            return Error(Code::InvalidArgument,
                fmt::format("token {} at position {} is outside the vocabulary of {}", ids[i], i, m_config.vocabulary));
        float* to = hidden + static_cast<std::int64_t>(i) * m_config.width;
        if (hasRows()) m_embedding.packed.dequantise(ids[i], 1, to);
        else std::copy_n(m_embedding.plain.data() + ids[i] * m_config.width, m_config.width, to);
    }
    return {};
}

void Decoder::shareOut(
    std::int64_t units, double work, const std::function<void(std::int64_t first, std::int64_t last)>& part) const {
    using Clock = TeamSize::Clock;
    const int asked = m_team.begin();
    std::vector<Clock::time_point> finished(static_cast<std::size_t>(asked));
    std::int64_t team = 1;  // as large as was given, which may be smaller than asked for
#pragma omp parallel num_threads(asked)
    {
        const std::int64_t members = omp_get_num_threads(), self = omp_get_thread_num();
        part(units * self / members, units * (self + 1) / members);
        finished[static_cast<std::size_t>(self)] = Clock::now();
        if (self == 0) team = members;
    }
    finished.resize(static_cast<std::size_t>(team));
    const Clock::time_point last = *std::max_element(finished.begin(), finished.end());
    for (const Clock::time_point one : finished) m_team.waited(last - one);
    m_team.review(work);
}

void Decoder::linear(const float* in, std::int64_t rows, const Weight& weight, std::int64_t outWidth,
    std::int64_t inWidth, float* out) const {
    if (weight.packed.isEmpty()) {
        if (rows > 1)
            return compute::product(
                in, rows, inWidth, inWidth, weight.plain.data(), outWidth, inWidth, true, out, outWidth);
        constexpr std::int64_t kUnit = 16;
        const std::int64_t units = (outWidth + kUnit - 1) / kUnit;
        shareOut(units, static_cast<double>(outWidth * inWidth), [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t unit = first; unit < last; ++unit)
                dots(in, weight.plain.data() + unit * kUnit * inWidth, inWidth,
                    std::min(kUnit, outWidth - unit * kUnit), inWidth, out + unit * kUnit);
        });
        return;
    }
    if (rows <= kRowPath) {
        const std::int64_t blocks = inWidth / kBlockColumns;
        thread_local std::vector<ActivationBlock> quantised;
        quantised.resize(static_cast<std::size_t>(rows * blocks));
        for (std::int64_t row = 0; row < rows; ++row)
            quantiseActivation(in + row * inWidth, inWidth, m_activation, quantised.data() + row * blocks);
        const ActivationRows x{quantised.data(), in, rows};
        shareOut(weight.packed.units(), static_cast<double>(rows * outWidth * inWidth),
            [&](std::int64_t first, std::int64_t last) {
                weight.packed.product(m_activation, x, first, last, out, outWidth);
            });
        return;
    }
    // Many rows: the same weights in fp32 (or all in bfloat16), some thousand rows of them at a time.
    const bool inBFloat16 = weight.packed.isBFloat16() && m_roundsLongTexts;
    thread_local Floats scratch;
    for (std::int64_t first = 0; first < outWidth; first += kTensorTile) {
        const std::int64_t count = std::min(kTensorTile, outWidth - first);
        scratch.ensure(static_cast<std::size_t>(count * inWidth));
        float* to = scratch.data();
        auto* halves = reinterpret_cast<std::uint16_t*>(to);
        const std::int64_t pieces = (count + kUnitRows - 1) / kUnitRows;
#pragma omp parallel for schedule(static)
        for (std::int64_t piece = 0; piece < pieces; ++piece) {
            const std::int64_t from = piece * kUnitRows, own = std::min(kUnitRows, count - from);
            if (inBFloat16) weight.packed.bfloat16(first + from, own, halves + from * inWidth);
            else weight.packed.dequantise(first + from, own, to + from * inWidth);
        }
        if (inBFloat16) compute::productBFloat16(in, rows, inWidth, halves, count, out + first, outWidth);
        else compute::product(in, rows, inWidth, inWidth, to, count, inWidth, true, out + first, outWidth);
    }
}

void Decoder::attendBlock(const float* qkv, std::int64_t s, std::int64_t rows, std::int64_t head, std::int64_t block,
    std::int64_t layer, const KvCache* cache, std::int64_t past, float* out, const CapturePlan& plan,
    Captured* captured) const {
    const ModelConfig& c = m_config;
    const std::int64_t d = c.headWidth, group = c.heads / c.kvHeads, stride = (c.heads + 2 * c.kvHeads) * d,
                       outStride = c.heads * d;
    const float scoreScale = 1.0f / std::sqrt(static_cast<float>(d));
    const bool capture = captured && plan.attention != AttentionCapture::Off;
    const std::int64_t firstRow = block * kQueryBlock, n = std::min(kQueryBlock, rows - firstRow),
                       view = past + firstRow + n, kvHead = head / group;
    thread_local Floats scores, gathered;
    scores.ensure(static_cast<std::size_t>(kQueryBlock * view));
    const float* queries = qkv + (s * rows + firstRow) * stride + head * d;
    // One row reads the cache where it is; more rows get a copy one below the other, or keys of their own text.
    const float *keys = qkv + s * rows * stride + (c.heads + kvHead) * d, *values = keys + c.kvHeads * d;
    std::int64_t keyStride = stride;
    if (cache && n > 1) {
        gathered.ensure(static_cast<std::size_t>(2 * view * d));
        cache->keys(layer - 1, kvHead, view, gathered.data());
        cache->values(layer - 1, kvHead, view, gathered.data() + view * d);
        keys = gathered.data(), values = keys + view * d, keyStride = d;
    }
    if (n > 1) compute::product(queries, n, d, stride, keys, view, keyStride, true, scores.data(), view);
    else if (cache) cache->scores(layer - 1, kvHead, queries, view, scores.data());
    else dots(queries, keys, keyStride, view, d, scores.data());
    for (std::int64_t i = 0; i < n; ++i) {
        float* row = scores.data() + i * view;
        const std::int64_t visible = past + firstRow + i + 1;
        const std::int64_t from = visible - std::min(visible, c.windowOf(layer - 1));
        std::fill(row, row + from, 0.0f);
        softmaxScaled(row + from, scoreScale, visible - from);
        std::fill(row + visible, row + view, 0.0f);
        if (!capture) continue;
        const std::int64_t at = s * rows + firstRow + i;
        if (plan.attention == AttentionCapture::Top8) {
            const std::size_t slot = static_cast<std::size_t>((at * c.layers + layer - 1) * c.heads + head);
            float kept = 0;
            std::uint32_t* positions = captured->topPosition.data() + slot * 8;
            float weights[8] = {};
            std::int64_t filled = 0;
            for (std::int64_t j = 0; j < visible; ++j) {
                if (filled == 8 && row[j] <= weights[7]) continue;
                std::int64_t place = filled < 8 ? filled++ : 7;
                for (; place > 0 && weights[place - 1] < row[j]; --place)
                    weights[place] = weights[place - 1], positions[place] = positions[place - 1];
                weights[place] = row[j];
                positions[place] = static_cast<std::uint32_t>(j);
            }
            for (int k = 0; k < 8; ++k) {
                captured->topWeight[slot * 8 + static_cast<std::size_t>(k)] = halfFromFloat(weights[k]);
                kept += weights[k];
            }
            captured->topRest[slot] = halfFromFloat(std::max(0.0f, 1.0f - kept));
        } else {
            auto& full = captured->full[static_cast<std::size_t>(at)];
            std::uint16_t* to = full.data() + ((layer - 1) * c.heads + head) * visible;
            for (std::int64_t j = 0; j < visible; ++j) to[j] = halfFromFloat(row[j]);
        }
    }
    float* result = out + (s * rows + firstRow) * outStride + head * d;
    if (n > 1) compute::product(scores.data(), n, view, view, values, d, keyStride, false, result, outStride);
    else if (cache) cache->mix(layer - 1, kvHead, scores.data(), view, result);
    else weightedSum(scores.data(), values, keyStride, view, d, result);
}

void Decoder::attention(const float* qkv, std::int64_t sequences, std::int64_t rows, std::int64_t layer,
    const KvCache* cache, std::int64_t past, float* out, const CapturePlan& plan, Captured* captured) const {
    const std::int64_t blocks = (rows + kQueryBlock - 1) / kQueryBlock;
    if (sequences == 1 && rows == 1) {
        shareOut(m_config.heads, static_cast<double>(2 * (past + 1) * m_config.heads * m_config.headWidth),
            [&](std::int64_t first, std::int64_t last) {
                for (std::int64_t head = first; head < last; ++head)
                    attendBlock(qkv, 0, 1, head, 0, layer, cache, past, out, plan, captured);
            });
        return;
    }
#pragma omp parallel for collapse(3) schedule(static)
    for (std::int64_t s = 0; s < sequences; ++s)
        for (std::int64_t head = 0; head < m_config.heads; ++head)
            for (std::int64_t block = 0; block < blocks; ++block)
                attendBlock(qkv, s, rows, head, block, layer, cache, past, out, plan, captured);
}

void Decoder::forwardRow(float* hidden, std::int64_t first, std::int64_t last, KvCache& cache, std::int64_t past,
    const Angles& angles, const CapturePlan& plan, Captured* captured) const {
    const ModelConfig& c = m_config;
    const std::int64_t d = c.headWidth, q = c.heads * d, kv = c.kvHeads * d, stride = q + 2 * kv,
                       longest = std::max({c.width, q, c.ffn}) / kBlockColumns;
    const auto epsilon = static_cast<float>(c.normEpsilon);
    Floats qkv(static_cast<std::size_t>(stride)), mixed(static_cast<std::size_t>(q)),
        out(static_cast<std::size_t>(c.width)), gateUp(static_cast<std::size_t>(2 * c.ffn)),
        activated(static_cast<std::size_t>(c.ffn));
    for (std::int64_t index = first; index <= last; ++index) cache.prepare(index - 1, past, 1);
    TeamBarrier barrier;
    std::int64_t shared = 0;  // the team's size: written by the first thread before a meeting, read by all after it
    const auto work = static_cast<double>(c.width * (stride + q + 3 * c.ffn) + 2 * (past + 1) * q);  // of a block
    const int asked = m_team.begin();
    TeamPlaces places(asked);
    // One team for all blocks. Short vectors are worked out by every thread for itself: cheaper than waiting for one.
#pragma omp parallel num_threads(asked)
    {
        const std::int64_t self = omp_get_thread_num();
#pragma omp single
        shared = omp_get_num_threads();  // which may be fewer than asked for
        std::int64_t team = shared;
        const auto meet = [&] {
            if (const auto stood = barrier.wait(team); stood.count() > 0) m_team.waited(stood);
        };
        const bool isFirst = self == 0;
        const auto part = [&](std::int64_t n) { return std::pair(n * self / team, n * (self + 1) / team); };
        std::vector<ActivationBlock> x(static_cast<std::size_t>(longest));
        Floats state(static_cast<std::size_t>(c.width)), normed(static_cast<std::size_t>(c.width));
        std::copy_n(hidden, c.width, state.data());
        /// `bias`, where there is one, belongs to a weight of one tensor.
        const auto product = [&](const Weight& weight, const float* in, float* to, const Floats* bias = nullptr) {
            quantiseActivation(in, weight.packed.columns(), m_activation, x.data());
            const auto [from, until] = part(weight.packed.units());
            weight.packed.product(m_activation, ActivationRows{x.data(), in, 1}, from, until, to, 0);
            if (!bias || bias->size() == 0) return;
            const std::int64_t row = from * kUnitRows, end = std::min(until * kUnitRows, weight.packed.rows());
            if (row < end) addTo(to + row, bias->data() + row, end - row);
        };
        for (std::int64_t index = first; index <= last; ++index) {
            if (team = shared; self >= team) break;
            places.keepApart(static_cast<int>(self));
            const Layer& layer = m_layers[static_cast<std::size_t>(index - 1)];
            const auto at = static_cast<std::size_t>(index - 1);
            rmsNorm(state.data(), layer.attnNorm.data(), epsilon, c.width, normed.data());
            product(layer.qkv, normed.data(), qkv.data());
            meet();
            const auto [firstHead, endHead] = part(c.heads + 2 * c.kvHeads);
            for (std::int64_t head = firstHead; head < endHead; ++head) {
                float* own = qkv.data() + head * d;
                if (c.qkvBias) addTo(own, layer.qkvBias.data() + head * d, d);
                if (head < c.heads + c.kvHeads) {
                    if (c.qkNorm) rmsNorm(own, (head < c.heads ? layer.qNorm : layer.kNorm).data(), epsilon, d, own);
                    rotateHalf(own, angles.cosines.data(), angles.sines.data(), d);
                    if (c.logn && head < c.heads) scale(own, angles.queryScale.data()[0], d);
                }
                if (head >= c.heads + c.kvHeads) cache.storeValue(index - 1, head - c.heads - c.kvHeads, past, own);
                else if (head >= c.heads) cache.storeKey(index - 1, head - c.heads, past, own);
            }
            meet();
            if (isFirst) cache.setLength(index - 1, past + 1);
            const auto [firstQuery, endQuery] = part(c.heads);
            for (std::int64_t head = firstQuery; head < endQuery; ++head)
                attendBlock(qkv.data(), 0, 1, head, 0, index, &cache, past, mixed.data(), plan, captured);
            meet();
            product(layer.o, mixed.data(), out.data(), &layer.outBias);
            meet();
            addTo(state.data(), out.data(), c.width);
            if (isFirst && captured) {
                if (plan.heads) std::copy_n(mixed.data(), q, captured->headOut[at].data());
                if (plan.outputs) std::copy_n(out.data(), c.width, captured->attnOut[at].data());
            }
            rmsNorm(state.data(), layer.ffnNorm.data(), epsilon, c.width, normed.data());
            product(layer.gateUp, normed.data(), gateUp.data());
            meet();
            const auto [from, until] = part(c.ffn);
            if (c.gateUpBias) {
                addTo(gateUp.data() + from, layer.gateUpBias.data() + from, until - from);
                addTo(gateUp.data() + c.ffn + from, layer.gateUpBias.data() + c.ffn + from, until - from);
            }
            gateMultiply(
                c.gate, gateUp.data() + from, gateUp.data() + c.ffn + from, until - from, activated.data() + from);
            meet();
            product(layer.down, activated.data(), out.data(), &layer.downBias);
            if (isFirst) shared = std::min<std::int64_t>(team, m_team.review(work));
            meet();
            addTo(state.data(), out.data(), c.width);
            if (isFirst && captured) {
                if (plan.outputs) std::copy_n(out.data(), c.width, captured->mlpOut[at].data());
                if (plan.residuals)
                    std::copy_n(state.data(), c.width, captured->residuals[static_cast<std::size_t>(index)].data());
            }
        }
        if (isFirst) std::copy_n(state.data(), c.width, hidden);
    }
}

Decoder::Angles Decoder::anglesOf(std::int64_t past, std::int64_t rows, double ntkAlpha) const {
    const std::int64_t half = m_config.headWidth / 2;
    const auto size = static_cast<std::size_t>(rows * half);
    const std::vector<double> changed =
        ntkAlpha != 1
            ? ropeFrequencies(m_config.headWidth, ntkBase(m_config.ropeBase, ntkAlpha, m_config.headWidth), {})
            : std::vector<double>();
    const std::vector<double>& frequencies = changed.empty() ? m_frequencies : changed;
    Angles out{Floats(size), Floats(size), Floats(static_cast<std::size_t>(rows))};
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < half; ++j) {
            const float angle =
                static_cast<float>(past + i) * static_cast<float>(frequencies[static_cast<std::size_t>(j)]);
            out.cosines.data()[i * half + j] = m_ropeMagnitude * std::cos(angle);
            out.sines.data()[i * half + j] = m_ropeMagnitude * std::sin(angle);
        }
        out.queryScale.data()[i] =
            m_config.logn ? static_cast<float>(lognFactor(past + i,
                                m_config.rope.originalContext > 0 ? m_config.rope.originalContext : m_config.context))
                          : 1.0f;
    }
    return out;
}

Result<void> Decoder::checkPass(
    std::int64_t sequences, std::int64_t rows, std::int64_t first, std::int64_t last, const KvCache* cache) const {
    if (first < 1 || last > m_config.layers || rows < 1 || sequences < 1 || (cache && sequences != 1))
        return Error(
            Code::InvalidArgument, fmt::format("blocks {}..{} over {} x {} rows", first, last, sequences, rows));
    if (!cache) return {};
    const std::int64_t past = cache->lengthOf(first - 1);
    for (std::int64_t layer = first; layer <= last; ++layer)
        if (cache->lengthOf(layer - 1) != past)
            return Error(Code::WrongState, "the cache's layers have different lengths in this range");
    if (past + rows > cache->capacity())
        return Error(
            Code::Limit, fmt::format("{} positions are needed, the cache holds {}", past + rows, cache->capacity()));
    return {};
}

Result<double> Decoder::ntkFor(std::int64_t past, std::int64_t rows, KvCache* cache) const {
    if (m_config.rope.kind != RopeScaling::Kind::DynamicNtk) return 1.0;
    const double ntk = ntkAlpha(past + rows, m_config.rope.originalContext);
    if (cache && past > 0 && cache->ntkAlpha != ntk)
        return Error(Code::WrongState,
            fmt::format("the rotation changes at {} positions; run the text from an empty cache", past + rows));
    if (cache) cache->ntkAlpha = ntk;
    return ntk;
}

/// Everything about one pass but the block: n rows, q + 2 kv values a row before attention.
struct Decoder::Pass {
    const Decoder& decoder;
    float* hidden;
    std::int64_t sequences, rows, past;
    KvCache* cache;
    const CapturePlan& plan;
    Captured* captured;
    const Hook* hook;
    const Angles& angles;
    const ModelConfig& c = decoder.m_config;
    const std::int64_t n = sequences * rows, q = c.heads * c.headWidth, kv = c.kvHeads * c.headWidth,
                       stride = q + 2 * kv;
    const float epsilon = static_cast<float>(c.normEpsilon);
    Floats normed{static_cast<std::size_t>(n * c.width)}, qkv{static_cast<std::size_t>(n * stride)},
        mixed{static_cast<std::size_t>(n * q)}, out{static_cast<std::size_t>(n * c.width)},
        gateUp{static_cast<std::size_t>(n * 2 * c.ffn)}, activated{static_cast<std::size_t>(n * c.ffn)};

    void block(std::int64_t index) {
        const Layer& layer = decoder.m_layers[static_cast<std::size_t>(index - 1)];
        attention(index, layer);
        feedForward(index, layer);
        seen(Site::ResidPost, index, hidden);
        if (captured && plan.residuals)
            std::copy_n(hidden, n * c.width, captured->residuals[static_cast<std::size_t>(index)].data());
    }

    void seen(Site site, std::int64_t index, float* values) const {
        if (hook) (*hook)(site, index, values);
    }
    void keep(bool wanted, const float* values, std::int64_t width, std::vector<Floats>& list, std::int64_t index) {
        if (wanted) std::copy_n(values, n * width, list[static_cast<std::size_t>(index - 1)].data());
    }

    void attention(std::int64_t index, const Layer& layer) {
#pragma omp parallel for schedule(static) if (n > 1)
        for (std::int64_t i = 0; i < n; ++i)
            rmsNorm(hidden + i * c.width, layer.attnNorm.data(), epsilon, c.width, normed.data() + i * c.width);
        decoder.linear(normed.data(), n, layer.qkv, stride, c.width, qkv.data());
        if (cache) cache->prepare(index - 1, past, rows);
#pragma omp parallel for schedule(static) if (n > 1)
        for (std::int64_t i = 0; i < n; ++i) turn(index, layer, i);
        if (cache) cache->setLength(index - 1, past + rows);
        decoder.attention(qkv.data(), sequences, rows, index, cache, past, mixed.data(), plan, captured);
        seen(Site::HeadOut, index, mixed.data());
        if (captured) keep(plan.heads, mixed.data(), q, captured->headOut, index);
        decoder.linear(mixed.data(), n, layer.o, c.width, q, out.data());
        if (c.outBias) addBias(out.data(), layer.outBias, c.width);
        seen(Site::AttnOut, index, out.data());
        if (captured) keep(plan.outputs, out.data(), c.width, captured->attnOut, index);
    }

    void addBias(float* rowsOf, const Floats& bias, std::int64_t width) const {
        for (std::int64_t i = 0; i < n; ++i) addTo(rowsOf + i * width, bias.data(), width);
    }

    /// Bias, norms and rotation of one row's heads; its keys and values go into the cache.
    void turn(std::int64_t index, const Layer& layer, std::int64_t i) {
        const std::int64_t d = c.headWidth, half = d / 2;
        float* row = qkv.data() + i * stride;
        if (c.qkvBias) addTo(row, layer.qkvBias.data(), stride);
        if (c.qkNorm)
            for (std::int64_t head = 0; head < c.heads + c.kvHeads; ++head)
                rmsNorm(
                    row + head * d, (head < c.heads ? layer.qNorm : layer.kNorm).data(), epsilon, d, row + head * d);
        for (std::int64_t head = 0; head < c.heads + c.kvHeads; ++head)
            rotateHalf(
                row + head * d, angles.cosines.data() + i % rows * half, angles.sines.data() + i % rows * half, d);
        if (c.logn) scale(row, angles.queryScale.data()[i % rows], q);
        if (!cache) return;
        for (std::int64_t head = 0; head < c.kvHeads; ++head) {
            cache->storeKey(index - 1, head, past + i, row + q + head * d);
            cache->storeValue(index - 1, head, past + i, row + q + kv + head * d);
        }
    }

    void feedForward(std::int64_t index, const Layer& layer) {
#pragma omp parallel for schedule(static) if (n > 1)
        for (std::int64_t i = 0; i < n; ++i) {
            addTo(hidden + i * c.width, out.data() + i * c.width, c.width);
            rmsNorm(hidden + i * c.width, layer.ffnNorm.data(), epsilon, c.width, normed.data() + i * c.width);
        }
        decoder.linear(normed.data(), n, layer.gateUp, 2 * c.ffn, c.width, gateUp.data());
        if (c.gateUpBias) addBias(gateUp.data(), layer.gateUpBias, 2 * c.ffn);
#pragma omp parallel for schedule(static) if (n > 1)
        for (std::int64_t i = 0; i < n; ++i)
            gateMultiply(c.gate, gateUp.data() + i * 2 * c.ffn, gateUp.data() + i * 2 * c.ffn + c.ffn, c.ffn,
                activated.data() + i * c.ffn);
        decoder.linear(activated.data(), n, layer.down, c.width, c.ffn, out.data());
        if (c.downBias) addBias(out.data(), layer.downBias, c.width);
        seen(Site::MlpOut, index, out.data());
        if (captured) keep(plan.outputs, out.data(), c.width, captured->mlpOut, index);
#pragma omp parallel for schedule(static) if (n > 1)
        for (std::int64_t i = 0; i < n; ++i) addTo(hidden + i * c.width, out.data() + i * c.width, c.width);
    }
};

Result<void> Decoder::forward(float* hidden, std::int64_t sequences, std::int64_t rows, std::int64_t first,
    std::int64_t last, ModelCache* given, const CapturePlan& plan, Captured* captured, const Hook* hook) const {
    auto* cache = dynamic_cast<KvCache*>(given);
    if (given && !cache) return Error(Code::InvalidArgument, "the cache is another model's");
    DUBITO_CHECK(checkPass(sequences, rows, first, last, cache));
    const std::int64_t n = sequences * rows, past = cache ? cache->lengthOf(first - 1) : 0;
    DUBITO_TRY(const double ntk, ntkFor(past, rows, cache));
    if (captured) {
        captured->makeRoom(plan, m_config, n, rows, past);
        if (plan.residuals)
            std::copy_n(hidden, n * m_config.width, captured->residuals[static_cast<std::size_t>(first - 1)].data());
    }
    const Angles angles = anglesOf(past, rows, ntk);
    if (n == 1 && cache && !hook && hasRows()) {
        forwardRow(hidden, first, last, *cache, past, angles, plan, captured);
        return {};
    }
    Pass pass{*this, hidden, sequences, rows, past, cache, plan, captured, hook, angles};
    for (std::int64_t index = first; index <= last; ++index) pass.block(index);
    return {};
}

void Decoder::readout(const float* hidden, std::int64_t rows, float* logits) const {
    Floats normed(static_cast<std::size_t>(rows * m_config.width));
    for (std::int64_t i = 0; i < rows; ++i)
        rmsNorm(hidden + i * m_config.width, m_finalNorm.data(), static_cast<float>(m_config.normEpsilon),
            m_config.width, normed.data() + i * m_config.width);
    linear(normed.data(), rows, headWeight(), m_config.vocabulary, m_config.width, logits);
}

}  // namespace dubito::lm
