// The chain rule by hand. Rows are (s, t); every product goes through the bridge, everything else is a loop over rows.
#include "lm/train/trainable_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lm/model/vector_kernels.h"
#include "lm/train/backward_kernels.h"

namespace dubito::lm {

using compute::Floats;
using compute::product;

namespace {

constexpr std::int64_t kHeadRows = 256;  ///< supervised rows whose logits are held at a time

Floats zeros(std::size_t n) {
    Floats out(n);
    std::fill_n(out.data(), n, 0.0f);
    return out;
}

}  // namespace

/// What backward needs of a block again.
struct TrainableDecoder::Saved {
    Floats normed1, raw, qkv, mixed, middle, normed2, gateUp, activated,
        scratch;                            ///< raw: q, k, v before their norm and rotation
    std::array<Floats, kProjections> seen;  ///< x A^T of each adapter (n, r)
};

Result<std::unique_ptr<TrainableDecoder>> TrainableDecoder::create(
    std::shared_ptr<Decoder> base, TrainMode mode, std::shared_ptr<LoraAdapter> adapter) {
    if (base->hasRows())
        return Error(Code::InvalidArgument, "training needs the base in fp32; load it with model.weights=f32");
    if ((mode == TrainMode::Lora) != (adapter != nullptr))
        return Error(Code::InvalidArgument, "an adapter belongs to the mode lora, and only to it");
    std::unique_ptr<TrainableDecoder> out(new TrainableDecoder());
    TrainableDecoder& self = *out;
    self.m_base = std::move(base);
    self.m_adapter = std::move(adapter);
    self.m_mode = mode;
    const ModelConfig& c = self.m_base->m_config;
    self.m_layers.resize(static_cast<std::size_t>(c.layers));
    const auto add = [&](std::string name, Floats& values, Floats& gradient, std::vector<std::int64_t> shape) {
        gradient = zeros(values.size());
        self.m_parameters.push_back({std::move(name), values.data(), gradient.data(),
            static_cast<std::int64_t>(values.size()), shape, shape.size() > 1});
    };
    if (mode == TrainMode::Lora) {
        for (std::int64_t layer = 0; layer < c.layers; ++layer)
            for (std::size_t i = 0; i < kProjections; ++i) {
                const auto projection = static_cast<Projection>(i);
                auto& part = self.m_adapter->part(layer, projection);
                auto& gradient = self.m_layers[static_cast<std::size_t>(layer)].lora[i];
                if (!part.isThere()) continue;
                const ProjectionShape shape = shapeOf(projection, c);
                const std::string name = fmt::format("layers.{}.{}.lora_", layer, projectionName(projection));
                add(name + "A", part.a, gradient.a, {self.m_adapter->rank(), shape.in});
                add(name + "B", part.b, gradient.b, {shape.out, self.m_adapter->rank()});
            }
        return out;
    }
    Decoder& base_ = *self.m_base;
    if (mode == TrainMode::Full || c.tiedHead)
        add("token_embd", base_.m_embedding.plain, self.m_embedding, {c.vocabulary, c.width});
    if (!c.tiedHead) add("output", base_.m_head.plain, self.m_head, {c.vocabulary, c.width});
    add("output_norm", base_.m_finalNorm, self.m_finalNorm, {c.width});
    if (mode == TrainMode::HeadOnly) return out;
    const std::int64_t q = c.heads * c.headWidth, stride = q + 2 * c.kvHeads * c.headWidth;
    for (std::int64_t i = 0; i < c.layers; ++i) {
        auto& layer = base_.m_layers[static_cast<std::size_t>(i)];
        auto& gradient = self.m_layers[static_cast<std::size_t>(i)];
        const std::string p = fmt::format("blk.{}.", i);
        add(p + "attn_norm", layer.attnNorm, gradient.attnNorm, {c.width});
        add(p + "attn_qkv", layer.qkv.plain, gradient.qkv, {stride, c.width});
        if (c.qkvBias) add(p + "attn_qkv_bias", layer.qkvBias, gradient.qkvBias, {stride});
        if (c.qkNorm) {
            add(p + "attn_q_norm", layer.qNorm, gradient.qNorm, {c.headWidth});
            add(p + "attn_k_norm", layer.kNorm, gradient.kNorm, {c.headWidth});
        }
        add(p + "attn_output", layer.o.plain, gradient.o, {c.width, q});
        if (c.outBias) add(p + "attn_output_bias", layer.outBias, gradient.outBias, {c.width});
        add(p + "ffn_norm", layer.ffnNorm, gradient.ffnNorm, {c.width});
        add(p + "ffn_gate_up", layer.gateUp.plain, gradient.gateUp, {2 * c.ffn, c.width});
        if (c.gateUpBias) add(p + "ffn_gate_up_bias", layer.gateUpBias, gradient.gateUpBias, {2 * c.ffn});
        if (c.downBias) add(p + "ffn_down_bias", layer.downBias, gradient.downBias, {c.width});
        add(p + "ffn_down", layer.down.plain, gradient.down, {c.width, c.ffn});
    }
    return out;
}

void TrainableDecoder::zeroGradients() {
    for (const Parameter& parameter : m_parameters) std::fill_n(parameter.gradient, parameter.size, 0.0f);
}

void TrainableDecoder::adapt(std::int64_t layer, Projection projection, const float* x, std::int64_t n, float* y,
    std::int64_t ldo, Floats& seen) const {
    if (!m_adapter) return;
    const ProjectionShape shape = shapeOf(projection, m_base->m_config);
    const auto& part = m_adapter->part(layer, projection);
    if (!part.isThere()) return;
    const std::int64_t r = m_adapter->rank();
    seen.ensure(static_cast<std::size_t>(n * r));
    product(x, n, shape.in, shape.in, part.a.data(), r, shape.in, true, seen.data(), r);
    thread_local Floats more;
    more.ensure(static_cast<std::size_t>(n * shape.out));
    product(seen.data(), n, r, r, part.b.data(), shape.out, r, true, more.data(), shape.out);
    addRows(y, ldo, more.data(), n, shape.out, m_adapter->scale());
}

void TrainableDecoder::adaptBackward(std::int64_t layer, Projection projection, const float* x, std::int64_t n,
    const float* dy, std::int64_t ldy, const Floats& seen, float* dx) {
    if (!m_adapter) return;
    const ProjectionShape shape = shapeOf(projection, m_base->m_config);
    const auto& part = m_adapter->part(layer, projection);
    if (!part.isThere()) return;
    thread_local Floats more, turned, dSeen;
    auto& gradient = m_layers[static_cast<std::size_t>(layer)].lora[static_cast<std::size_t>(projection)];
    const std::int64_t r = m_adapter->rank();
    const float factor = m_adapter->scale();
    transpose(dy, n, shape.out, ldy, turned);
    more.ensure(static_cast<std::size_t>(shape.out * r));
    product(turned.data(), shape.out, n, n, seen.data(), r, r, false, more.data(), r);  // dB = s dy^T (x A^T)
    addRows(gradient.b.data(), r, more.data(), shape.out, r, factor);
    dSeen.ensure(static_cast<std::size_t>(n * r));
    product(dy, n, shape.out, ldy, part.b.data(), r, r, false, dSeen.data(), r);
    scale(dSeen.data(), factor, n * r);
    transpose(dSeen.data(), n, r, r, turned);
    more.ensure(static_cast<std::size_t>(r * shape.in));
    product(turned.data(), r, n, n, x, shape.in, shape.in, false, more.data(), shape.in);  // dA = (s dy B)^T x
    addAll(gradient.a.data(), more.data(), r * shape.in);
    more.ensure(static_cast<std::size_t>(n * shape.in));
    product(dSeen.data(), n, r, r, part.a.data(), shape.in, shape.in, false, more.data(), shape.in);
    addAll(dx, more.data(), n * shape.in);
}

std::int64_t TrainableDecoder::firstVisible(
    const TrainBatch& batch, std::int64_t s, std::int64_t t, std::int64_t layer) const {
    std::int64_t first = t + 1 - std::min(t + 1, m_base->m_config.windowOf(layer));
    if (!batch.documents.empty()) {
        const std::int32_t* row = batch.documents.data() + s * batch.length;
        std::int64_t begin = t;
        while (begin > first && row[begin - 1] == row[t]) --begin;
        first = begin;
    }
    return first;
}

void TrainableDecoder::attentionForward(const TrainBatch& batch, Saved& saved, std::int64_t layer) const {
    const ModelConfig& c = m_base->m_config;
    const std::int64_t d = c.headWidth, T = batch.length, q = c.heads * d, stride = q + 2 * c.kvHeads * d,
                       group = c.heads / c.kvHeads;
    const float scoreScale = 1 / std::sqrt(static_cast<float>(d));
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t s = 0; s < batch.sequences; ++s)
        for (std::int64_t head = 0; head < c.heads; ++head) {
            thread_local Floats scores;
            scores.ensure(static_cast<std::size_t>(T * T));
            const float *base = saved.qkv.data() + s * T * stride, *queries = base + head * d,
                        *keys = base + q + head / group * d, *values = keys + c.kvHeads * d;
            product(queries, T, d, stride, keys, T, stride, true, scores.data(), T);
            for (std::int64_t t = 0; t < T; ++t) {
                float* row = scores.data() + t * T;
                const std::int64_t first = firstVisible(batch, s, t, layer);
                std::fill(row, row + first, 0.0f);
                softmaxScaled(row + first, scoreScale, t + 1 - first);
                std::fill(row + t + 1, row + T, 0.0f);
            }
            product(scores.data(), T, T, T, values, d, stride, false, saved.mixed.data() + s * T * q + head * d, q);
        }
}

void TrainableDecoder::attentionBackward(
    const TrainBatch& batch, Saved& saved, std::int64_t layer, const float* dMixed, float* dQkv) const {
    const ModelConfig& c = m_base->m_config;
    const std::int64_t d = c.headWidth, T = batch.length, q = c.heads * d, stride = q + 2 * c.kvHeads * d,
                       group = c.heads / c.kvHeads;
    const float scoreScale = 1 / std::sqrt(static_cast<float>(d));
    // One task a key head: its query heads add to the same keys and values one after the other.
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t s = 0; s < batch.sequences; ++s)
        for (std::int64_t kvHead = 0; kvHead < c.kvHeads; ++kvHead) {
            thread_local Floats p, dP, turned, part;
            p.ensure(static_cast<std::size_t>(T * T));
            dP.ensure(static_cast<std::size_t>(T * T));
            turned.ensure(static_cast<std::size_t>(T * T));
            part.ensure(static_cast<std::size_t>(T * d));
            const float *base = saved.qkv.data() + s * T * stride, *keys = base + q + kvHead * d,
                        *values = keys + c.kvHeads * d;
            float *dBase = dQkv + s * T * stride, *dKeys = dBase + q + kvHead * d, *dValues = dKeys + c.kvHeads * d;
            for (std::int64_t head = kvHead * group; head < (kvHead + 1) * group; ++head) {
                const float *queries = base + head * d, *dOut = dMixed + s * T * q + head * d;
                product(queries, T, d, stride, keys, T, stride, true, p.data(), T);
                product(dOut, T, d, q, values, T, stride, true, dP.data(), T);
                for (std::int64_t t = 0; t < T; ++t) {
                    float *row = p.data() + t * T, *dRow = dP.data() + t * T;
                    const std::int64_t first = firstVisible(batch, s, t, layer);
                    std::fill(row, row + first, 0.0f);
                    softmaxScaled(row + first, scoreScale, t + 1 - first);
                    std::fill(row + t + 1, row + T, 0.0f);
                    const float inner = dot(row + first, dRow + first, t + 1 - first);
                    std::fill(dRow, dRow + first, 0.0f);
                    for (std::int64_t j = first; j <= t; ++j) dRow[j] = row[j] * (dRow[j] - inner) * scoreScale;
                    std::fill(dRow + t + 1, dRow + T, 0.0f);
                }
                const auto turn = [&](const float* in) {
                    for (std::int64_t i = 0; i < T; ++i)
                        for (std::int64_t j = 0; j < T; ++j) turned.data()[j * T + i] = in[i * T + j];
                };
                turn(p.data());
                product(turned.data(), T, T, T, dOut, d, q, false, part.data(), d);
                for (std::int64_t t = 0; t < T; ++t) addTo(dValues + t * stride, part.data() + t * d, d);
                product(dP.data(), T, T, T, keys, d, stride, false, part.data(), d);
                for (std::int64_t t = 0; t < T; ++t) addTo(dBase + t * stride + head * d, part.data() + t * d, d);
                turn(dP.data());
                product(turned.data(), T, T, T, queries, d, stride, false, part.data(), d);
                for (std::int64_t t = 0; t < T; ++t) addTo(dKeys + t * stride, part.data() + t * d, d);
            }
        }
}

void TrainableDecoder::forwardBlock(
    std::int64_t index, const float* in, const TrainBatch& batch, Saved& saved, float* out) const {
    const ModelConfig& c = m_base->m_config;
    const Decoder::Layer& layer = m_base->m_layers[static_cast<std::size_t>(index)];
    const std::int64_t n = batch.sequences * batch.length, d = c.headWidth, q = c.heads * d, kv = c.kvHeads * d,
                       stride = q + 2 * kv, half = d / 2;
    const auto epsilon = static_cast<float>(c.normEpsilon);
    const auto size = [n](Floats& floats, std::int64_t width) { floats.ensure(static_cast<std::size_t>(n * width)); };
    size(saved.normed1, c.width), size(saved.raw, stride), size(saved.qkv, stride), size(saved.mixed, q),
        size(saved.middle, c.width), size(saved.normed2, c.width), size(saved.gateUp, 2 * c.ffn),
        size(saved.activated, c.ffn), size(saved.scratch, c.width);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < n; ++i)
        rmsNorm(in + i * c.width, layer.attnNorm.data(), epsilon, c.width, saved.normed1.data() + i * c.width);
    product(saved.normed1.data(), n, c.width, c.width, layer.qkv.plain.data(), stride, c.width, true, saved.raw.data(),
        stride);
    adapt(index, Projection::Q, saved.normed1.data(), n, saved.raw.data(), stride, saved.seen[0]);
    adapt(index, Projection::K, saved.normed1.data(), n, saved.raw.data() + q, stride, saved.seen[1]);
    adapt(index, Projection::V, saved.normed1.data(), n, saved.raw.data() + q + kv, stride, saved.seen[2]);
    const Decoder::Angles angles = m_base->anglesOf(0, batch.length, 1);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < n; ++i) {
        float *raw = saved.raw.data() + i * stride, *row = saved.qkv.data() + i * stride;
        if (c.qkvBias) addTo(raw, layer.qkvBias.data(), stride);
        std::copy_n(raw, stride, row);
        const std::int64_t t = i % batch.length;
        for (std::int64_t head = 0; head < c.heads + c.kvHeads; ++head) {
            if (c.qkNorm)
                rmsNorm(
                    raw + head * d, (head < c.heads ? layer.qNorm : layer.kNorm).data(), epsilon, d, row + head * d);
            rotateHalf(row + head * d, angles.cosines.data() + t * half, angles.sines.data() + t * half, d);
        }
    }
    attentionForward(batch, saved, index);
    product(saved.mixed.data(), n, q, q, layer.o.plain.data(), c.width, q, true, saved.middle.data(), c.width);
    adapt(index, Projection::O, saved.mixed.data(), n, saved.middle.data(), c.width, saved.seen[3]);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < n; ++i) {
        if (c.outBias) addTo(saved.middle.data() + i * c.width, layer.outBias.data(), c.width);
        addTo(saved.middle.data() + i * c.width, in + i * c.width, c.width);
        rmsNorm(saved.middle.data() + i * c.width, layer.ffnNorm.data(), epsilon, c.width,
            saved.normed2.data() + i * c.width);
    }
    product(saved.normed2.data(), n, c.width, c.width, layer.gateUp.plain.data(), 2 * c.ffn, c.width, true,
        saved.gateUp.data(), 2 * c.ffn);
    adapt(index, Projection::Gate, saved.normed2.data(), n, saved.gateUp.data(), 2 * c.ffn, saved.seen[4]);
    adapt(index, Projection::Up, saved.normed2.data(), n, saved.gateUp.data() + c.ffn, 2 * c.ffn, saved.seen[5]);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < n; ++i) {
        float* gate = saved.gateUp.data() + i * 2 * c.ffn;
        if (c.gateUpBias) addTo(gate, layer.gateUpBias.data(), 2 * c.ffn);
        gateMultiply(c.gate, gate, gate + c.ffn, c.ffn, saved.activated.data() + i * c.ffn);
    }
    product(saved.activated.data(), n, c.ffn, c.ffn, layer.down.plain.data(), c.width, c.ffn, true, out, c.width);
    adapt(index, Projection::Down, saved.activated.data(), n, out, c.width, saved.seen[6]);
    if (c.downBias)
        for (std::int64_t i = 0; i < n; ++i) addTo(out + i * c.width, layer.downBias.data(), c.width);
    addAll(out, saved.middle.data(), n * c.width);
}

void TrainableDecoder::backwardBlock(
    std::int64_t index, const float* in, const TrainBatch& batch, Saved& saved, float* gradient) {
    const ModelConfig& c = m_base->m_config;
    const Decoder::Layer& layer = m_base->m_layers[static_cast<std::size_t>(index)];
    LayerGradients& own = m_layers[static_cast<std::size_t>(index)];
    const std::int64_t n = batch.sequences * batch.length, d = c.headWidth, q = c.heads * d, kv = c.kvHeads * d,
                       stride = q + 2 * kv, half = d / 2;
    const auto epsilon = static_cast<float>(c.normEpsilon);
    const bool isFull = m_mode == TrainMode::Full;
    // Vectors sum over rows in order, on one thread each kind: they are short.
    const auto normBackward = [&](const float* x, const Floats& weight, const Floats& dy, float* dx, Floats& dWeight) {
        if (isFull) {
            for (std::int64_t i = 0; i < n; ++i)
                rmsBackward(x + i * c.width, weight.data(), epsilon, dy.data() + i * c.width, c.width, dx + i * c.width,
                    dWeight.data());
            return;
        }
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < n; ++i)
            rmsBackward(
                x + i * c.width, weight.data(), epsilon, dy.data() + i * c.width, c.width, dx + i * c.width, nullptr);
    };
    const auto sumRows = [n](const float* rows, std::int64_t width, Floats& sum) {
        for (std::int64_t i = 0; i < n; ++i) addTo(sum.data(), rows + i * width, width);
    };
    // gradient: d out. out = middle + down(function(gate) up).
    if (isFull && c.downBias) sumRows(gradient, c.width, own.downBias);
    Floats dActivated(static_cast<std::size_t>(n * c.ffn));
    weightBackward(saved.activated.data(), n, layer.down.plain.data(), c.width, c.ffn, gradient, dActivated.data(),
        isFull ? own.down.data() : nullptr);
    adaptBackward(
        index, Projection::Down, saved.activated.data(), n, gradient, c.width, saved.seen[6], dActivated.data());
    Floats dGateUp(static_cast<std::size_t>(n * 2 * c.ffn));
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < n; ++i) {
        const float* g = saved.gateUp.data() + i * 2 * c.ffn;
        float* dg = dGateUp.data() + i * 2 * c.ffn;
        gateBackward(c.gate, g, g + c.ffn, dActivated.data() + i * c.ffn, c.ffn, dg, dg + c.ffn);
    }
    if (isFull && c.gateUpBias) sumRows(dGateUp.data(), 2 * c.ffn, own.gateUpBias);
    Floats dNormed(static_cast<std::size_t>(n * c.width));
    weightBackward(saved.normed2.data(), n, layer.gateUp.plain.data(), 2 * c.ffn, c.width, dGateUp.data(),
        dNormed.data(), isFull ? own.gateUp.data() : nullptr);
    adaptBackward(
        index, Projection::Gate, saved.normed2.data(), n, dGateUp.data(), 2 * c.ffn, saved.seen[4], dNormed.data());
    adaptBackward(index, Projection::Up, saved.normed2.data(), n, dGateUp.data() + c.ffn, 2 * c.ffn, saved.seen[5],
        dNormed.data());
    normBackward(saved.middle.data(), layer.ffnNorm, dNormed, gradient, own.ffnNorm);  // gradient: d middle now
    // middle = in + o(attention).
    if (isFull && c.outBias) sumRows(gradient, c.width, own.outBias);
    Floats dMixed(static_cast<std::size_t>(n * q)), dQkv = zeros(static_cast<std::size_t>(n * stride));
    weightBackward(saved.mixed.data(), n, layer.o.plain.data(), c.width, q, gradient, dMixed.data(),
        isFull ? own.o.data() : nullptr);
    adaptBackward(index, Projection::O, saved.mixed.data(), n, gradient, c.width, saved.seen[3], dMixed.data());
    attentionBackward(batch, saved, index, dMixed.data(), dQkv.data());
    const Decoder::Angles angles = m_base->anglesOf(0, batch.length, 1);
    const auto unrotate = [&](std::int64_t i) {
        const std::int64_t t = i % batch.length;
        thread_local Floats turned;
        turned.ensure(static_cast<std::size_t>(d));
        for (std::int64_t head = 0; head < c.heads + c.kvHeads; ++head) {
            float* own_ = dQkv.data() + i * stride + head * d;
            rotateBack(own_, angles.cosines.data() + t * half, angles.sines.data() + t * half, d);
            if (!c.qkNorm) continue;
            std::copy_n(own_, d, turned.data());
            std::fill_n(own_, d, 0.0f);
            const bool isQuery = head < c.heads;
            rmsBackward(saved.raw.data() + i * stride + head * d, (isQuery ? layer.qNorm : layer.kNorm).data(), epsilon,
                turned.data(), d, own_, isFull ? (isQuery ? own.qNorm : own.kNorm).data() : nullptr);
        }
        if (c.qkvBias && isFull) addTo(own.qkvBias.data(), dQkv.data() + i * stride, stride);
    };
    if (isFull) {
        for (std::int64_t i = 0; i < n; ++i) unrotate(i);
    } else {
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < n; ++i) unrotate(i);
    }
    weightBackward(saved.normed1.data(), n, layer.qkv.plain.data(), stride, c.width, dQkv.data(), dNormed.data(),
        isFull ? own.qkv.data() : nullptr);
    adaptBackward(index, Projection::Q, saved.normed1.data(), n, dQkv.data(), stride, saved.seen[0], dNormed.data());
    adaptBackward(
        index, Projection::K, saved.normed1.data(), n, dQkv.data() + q, stride, saved.seen[1], dNormed.data());
    adaptBackward(
        index, Projection::V, saved.normed1.data(), n, dQkv.data() + q + kv, stride, saved.seen[2], dNormed.data());
    normBackward(in, layer.attnNorm, dNormed, gradient, own.attnNorm);
}

TrainableDecoder::Loss TrainableDecoder::head(const float* hidden, const TrainBatch& batch, float* gradient) {
    const ModelConfig& c = m_base->m_config;
    const Floats& weight = m_base->headWeight().plain;
    float* dWeight = m_mode == TrainMode::Lora ? nullptr : c.tiedHead ? m_embedding.data() : m_head.data();
    const auto epsilon = static_cast<float>(c.normEpsilon);
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < batch.targets.size(); ++i)
        if (batch.targets[i] >= 0) rows.push_back(static_cast<std::int64_t>(i));
    Loss loss;
    loss.tokens = static_cast<std::int64_t>(rows.size());
    if (gradient) std::fill_n(gradient, batch.sequences * batch.length * c.width, 0.0f);
    Floats normed(static_cast<std::size_t>(kHeadRows * c.width)),
        logits(static_cast<std::size_t>(kHeadRows * c.vocabulary)),
        dNormed(static_cast<std::size_t>(kHeadRows * c.width)), turned, more;
    std::vector<double> losses(static_cast<std::size_t>(kHeadRows));
    for (std::size_t first = 0; first < rows.size(); first += kHeadRows) {
        const auto n = static_cast<std::int64_t>(std::min<std::size_t>(kHeadRows, rows.size() - first));
        const std::int64_t* at = rows.data() + first;
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < n; ++i)
            rmsNorm(
                hidden + at[i] * c.width, m_base->m_finalNorm.data(), epsilon, c.width, normed.data() + i * c.width);
        product(normed.data(), n, c.width, c.width, weight.data(), c.vocabulary, c.width, true, logits.data(),
            c.vocabulary);
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < n; ++i) {
            float* row = logits.data() + i * c.vocabulary;
            const std::int64_t target = batch.targets[static_cast<std::size_t>(at[i])];
            const float best = maxOf(row, c.vocabulary), own = row[target] - best;
            expShifted(row, best, c.vocabulary, row);
            double sum = 0;
            for (std::int64_t j = 0; j < c.vocabulary; ++j) sum += static_cast<double>(row[j]);
            losses[static_cast<std::size_t>(i)] = std::log(sum) - static_cast<double>(own);
            scale(row, static_cast<float>(1 / sum), c.vocabulary);
            row[target] -= 1;
        }
        for (std::int64_t i = 0; i < n; ++i) loss.nats += losses[static_cast<std::size_t>(i)];
        if (!gradient) continue;
        product(logits.data(), n, c.vocabulary, c.vocabulary, weight.data(), c.width, c.width, false, dNormed.data(),
            c.width);
        if (dWeight) {
            transpose(logits.data(), n, c.vocabulary, c.vocabulary, turned);
            more.ensure(static_cast<std::size_t>(c.vocabulary * c.width));
            product(turned.data(), c.vocabulary, n, n, normed.data(), c.width, c.width, false, more.data(), c.width);
            addAll(dWeight, more.data(), c.vocabulary * c.width);
        }
        for (std::int64_t i = 0; i < n; ++i)
            rmsBackward(hidden + at[i] * c.width, m_base->m_finalNorm.data(), epsilon, dNormed.data() + i * c.width,
                c.width, gradient + at[i] * c.width, m_mode == TrainMode::Lora ? nullptr : m_finalNorm.data());
    }
    return loss;
}

Result<TrainableDecoder::Loss> TrainableDecoder::run(const TrainBatch& batch, bool backward) {
    const ModelConfig& c = m_base->m_config;
    const std::int64_t n = batch.sequences * batch.length;
    if (batch.sequences < 1 || batch.length < 1 || static_cast<std::int64_t>(batch.ids.size()) != n ||
        static_cast<std::int64_t>(batch.targets.size()) != n ||
        (!batch.documents.empty() && static_cast<std::int64_t>(batch.documents.size()) != n))
        return Error(Code::InvalidArgument, fmt::format("a batch of {} x {} with {} ids and {} targets",
                                                batch.sequences, batch.length, batch.ids.size(), batch.targets.size()));
    for (const TokenId target : batch.targets)
        if (target >= c.vocabulary)
            return Error(Code::InvalidArgument,
                fmt::format("the target {} is outside the vocabulary of {}", target, c.vocabulary));
    std::vector<Floats> inputs;  // of every block, and the last output
    inputs.emplace_back(static_cast<std::size_t>(n * c.width));
    DUBITO_CHECK(m_base->embed(batch.ids, inputs[0].data()));
    Floats other(static_cast<std::size_t>(backward ? 0 : n * c.width));
    const bool needsInputs = backward && m_mode != TrainMode::HeadOnly;
    // What backward needs of a block is kept where memory allows; else it is computed again, to the same bits.
    const std::int64_t width =
        5 * c.width + 2 * (c.heads + 2 * c.kvHeads) * c.headWidth + c.heads * c.headWidth + 3 * c.ffn;
    const bool keeps = needsInputs && n * width * c.layers * static_cast<std::int64_t>(sizeof(float)) <= m_keptBytes;
    std::vector<Saved> all(static_cast<std::size_t>(keeps ? c.layers : 1));
    const auto savedOf = [&](std::int64_t layer) -> Saved& { return all[static_cast<std::size_t>(keeps ? layer : 0)]; };
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        if (needsInputs) {
            inputs.emplace_back(static_cast<std::size_t>(n * c.width));
            forwardBlock(
                layer, inputs[static_cast<std::size_t>(layer)].data(), batch, savedOf(layer), inputs.back().data());
        } else {
            other.ensure(static_cast<std::size_t>(n * c.width));
            forwardBlock(layer, inputs[0].data(), batch, savedOf(0), other.data());
            std::swap(inputs[0], other);
        }
    }
    Floats gradient(static_cast<std::size_t>(backward ? n * c.width : 0));
    const Loss loss = head(inputs.back().data(), batch, backward ? gradient.data() : nullptr);
    if (!needsInputs) return loss;
    for (std::int64_t layer = c.layers; layer-- > 0;) {
        // The last block's values are still there.
        if (!keeps && layer != c.layers - 1)
            forwardBlock(layer, inputs[static_cast<std::size_t>(layer)].data(), batch, savedOf(layer),
                inputs[static_cast<std::size_t>(layer) + 1].data());
        backwardBlock(layer, inputs[static_cast<std::size_t>(layer)].data(), batch, savedOf(layer), gradient.data());
        if (keeps) savedOf(layer) = {};
    }
    if (m_mode == TrainMode::Full)
        for (std::int64_t i = 0; i < n; ++i)
            addTo(m_embedding.data() + batch.ids[static_cast<std::size_t>(i)] * c.width, gradient.data() + i * c.width,
                c.width);
    return loss;
}

}  // namespace dubito::lm
