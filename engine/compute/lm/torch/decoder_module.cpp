// x += Wo attn(RMS(x)); x += Wdown(gate(Wgate RMS(x)) * Wup RMS(x)), over tensors of any type and device.
#include "lm/torch/decoder_module.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <fmt/format.h>

#include <algorithm>

namespace dubito::lm {

using ::torch::Tensor;

namespace {

/// The same first positions in a tensor of `capacity` of them; the rest is read by nobody before it is written.
Tensor grown(const Tensor& list, std::int64_t filled, std::int64_t capacity) {
    Tensor out = at::empty({1, list.size(1), capacity, list.size(3)}, list.options());
    if (filled > 0) out.narrow(2, 0, filled).copy_(list.narrow(2, 0, filled));
    return out;
}

}  // namespace

ModuleCache ModuleCache::fork() const {
    const ::torch::NoGradGuard off;
    ModuleCache out = *this;
    for (auto* list : {&out.keys, &out.values})
        for (std::size_t i = 0; i < list->size(); ++i) (*list)[i] = (*list)[i].narrow(2, 0, lengths[i]).clone();
    return out;
}

void ModuleCache::truncate(std::int64_t length) {
    for (std::int64_t& own : lengths) own = std::min(own, length);
}

Result<std::int64_t> DecoderModule::checkPass(
    const Tensor& hidden, std::int64_t first, std::int64_t last, const ModulePass& pass) const {
    if (hidden.dim() != 3 || hidden.size(2) != m_config.width || first < 1 || last > m_config.layers ||
        hidden.numel() == 0 || (pass.cache && hidden.size(0) != 1))
        return Error(Code::InvalidArgument, fmt::format("blocks {}..{} of {} over {} sequences", first, last,
                                                m_config.layers, hidden.dim() ? hidden.size(0) : 0));
    const ModuleCache* cache = pass.cache;
    if (!cache) return 0;
    if (cache->lengths.size() != m_blocks.size() || first > last)
        return Error(Code::InvalidArgument, "the cache is another model's");
    const std::int64_t past = cache->lengths[static_cast<std::size_t>(first - 1)], rows = hidden.size(1);
    for (std::int64_t index = first; index <= last; ++index)
        if (cache->lengths[static_cast<std::size_t>(index - 1)] != past)
            return Error(Code::WrongState, "the cache's layers have different lengths in this range");
    if (past + rows > cache->capacity)
        return Error(
            Code::Limit, fmt::format("{} positions are needed, the cache holds {}", past + rows, cache->capacity));
    if (past > 0 && cache->ntkAlpha != m_rotary.alphaOf(past + rows))
        return Error(Code::WrongState,
            fmt::format("the rotation changes at {} positions; run the text from an empty cache", past + rows));
    return past;
}

Tensor DecoderModule::queryScaleOf(std::int64_t past, std::int64_t rows) const {
    if (!m_config.logn) return {};
    const std::int64_t trained = m_config.rope.originalContext > 0 ? m_config.rope.originalContext : m_config.context;
    Tensor out = at::empty({rows, 1, 1});
    for (std::int64_t i = 0; i < rows; ++i)
        out.mutable_data_ptr<float>()[i] = static_cast<float>(lognFactor(past + i, trained));
    return out.to(m_finalNorm->weight.device(), m_finalNorm->weight.scalar_type());
}

Result<Tensor> DecoderModule::embed(const Tensor& ids) const {
    return compute::caught([&]() -> Result<Tensor> {
        if (ids.numel() &&
            (ids.min().item<std::int64_t>() < 0 || ids.max().item<std::int64_t>() >= m_config.vocabulary))
            return Error(
                Code::InvalidArgument, fmt::format("a token is outside the vocabulary of {}", m_config.vocabulary));
        if (m_storedEmbedding) return storedRows(ids);
        return at::embedding(m_embedding, ids.to(m_embedding.device()));
    });
}

Tensor DecoderModule::storedRows(const Tensor& given) const {
    const Tensor ids = given.to(at::kCPU, at::kLong).contiguous();
    Tensor out = at::empty({ids.numel(), m_config.width});
    for (std::int64_t i = 0; i < ids.numel(); ++i)
        m_storedEmbedding->give(
            ids.const_data_ptr<std::int64_t>()[i], 1, out.mutable_data_ptr<float>() + i * m_config.width);
    std::vector<std::int64_t> shape = given.sizes().vec();
    shape.push_back(m_config.width);
    return out.view(shape);
}

Result<Tensor> DecoderModule::blocks(
    const Tensor& given, std::int64_t first, std::int64_t last, const ModulePass& pass) const {
    DUBITO_TRY(const std::int64_t past, checkPass(given, first, last, pass));
    return compute::caught([&]() -> Result<Tensor> {
        const std::int64_t rows = given.size(1);
        const nn::Rotary::Angles angles = m_rotary.at(past, rows, given.device());
        const Tensor queryScale = queryScaleOf(past, rows);
        if (pass.cache) pass.cache->ntkAlpha = m_rotary.alphaOf(past + rows);
        if (ModuleCapture* keep = pass.capture) {
            const auto n = m_blocks.size();
            keep->residuals.assign(keep->wantsResiduals ? n + 1 : 0, {});
            for (auto* list : {&keep->attnOut, &keep->mlpOut}) list->assign(keep->wantsOutputs ? n : 0, {});
            keep->headOut.assign(keep->wantsHeads ? n : 0, {});
            keep->attention.assign(keep->wantsAttention ? n : 0, {});
            if (keep->wantsResiduals) keep->residuals[static_cast<std::size_t>(first - 1)] = given.detach().clone();
        }
        Tensor hidden = given;
        for (std::int64_t index = first; index <= last; ++index) {
            if (pass.goOn && !pass.goOn()) return Error(Code::Cancelled, "the pass was not finished");
            if (pass.recompute && !pass.cache && !pass.capture && !pass.change)
                hidden = nn::recomputed(hidden, [this, index, angles, queryScale, pass](const Tensor& x) {
                    return block(index, x, angles, queryScale, 0, pass);
                });
            else hidden = block(index, hidden, angles, queryScale, past, pass);
            if (pass.change) hidden = pass.change(Site::ResidPost, index, hidden);
            if (pass.goOn && hidden.requires_grad())
                hidden.register_hook([goOn = pass.goOn](const Tensor&) {
                    if (!goOn()) throw std::runtime_error("the pass was not finished");
                });
            if (pass.capture && pass.capture->wantsResiduals)
                pass.capture->residuals[static_cast<std::size_t>(index)] = hidden.detach();
        }
        return hidden;
    });
}

Tensor DecoderModule::block(std::int64_t index, const Tensor& hidden, const nn::Rotary::Angles& angles,
    const Tensor& queryScale, std::int64_t past, const ModulePass& pass) const {
    const Block& own = *m_blocks[static_cast<std::size_t>(index - 1)];
    Tensor attended = attention(index, own.attnNorm->forward(hidden), angles, queryScale, past, pass);
    if (pass.change) attended = pass.change(Site::AttnOut, index, attended);
    const Tensor middle = hidden + attended;
    Tensor out = own.down->forward(gated(own.gateUp->forward(own.ffnNorm->forward(middle))));
    if (pass.change) out = pass.change(Site::MlpOut, index, out);
    if (pass.capture && pass.capture->wantsOutputs) {
        pass.capture->attnOut[static_cast<std::size_t>(index - 1)] = attended.detach();
        pass.capture->mlpOut[static_cast<std::size_t>(index - 1)] = out.detach();
    }
    return middle + out;
}

Tensor DecoderModule::attention(std::int64_t index, const Tensor& normed, const nn::Rotary::Angles& angles,
    const Tensor& queryScale, std::int64_t past, const ModulePass& pass) const {
    const ModelConfig& c = m_config;
    const auto at = static_cast<std::size_t>(index - 1);
    const Block& own = *m_blocks[at];
    const std::int64_t s = normed.size(0), t = normed.size(1), d = c.headWidth, turned = c.heads + c.kvHeads;
    Tensor heads = own.qkv->forward(normed).view({s, t, turned + c.kvHeads, d});
    if (c.qkNorm)
        heads =
            at::cat({own.qNorm->forward(heads.narrow(2, 0, c.heads)),
                        own.kNorm->forward(heads.narrow(2, c.heads, c.kvHeads)), heads.narrow(2, turned, c.kvHeads)},
                2);
    heads = nn::rotate(heads, angles.cosines, angles.sines, turned);
    Tensor q = heads.narrow(2, 0, c.heads), k = heads.narrow(2, c.heads, c.kvHeads).transpose(1, 2),
           v = heads.narrow(2, turned, c.kvHeads).transpose(1, 2);
    if (queryScale.defined()) q = q * queryScale.to(q.scalar_type());
    if (ModuleCache* cache = pass.cache) {
        const ::torch::NoGradGuard off;
        for (Tensor* list : {&cache->keys[at], &cache->values[at]})
            if (list->size(2) < past + t) *list = grown(*list, past, cache->capacity);
        cache->keys[at].narrow(2, past, t).copy_(k);
        cache->values[at].narrow(2, past, t).copy_(v);
        cache->lengths[at] = past + t;
        k = cache->keys[at].narrow(2, 0, past + t);
        v = cache->values[at].narrow(2, 0, past + t);
    }
    const bool keepsAttention = pass.capture && pass.capture->wantsAttention;
    Tensor probabilities;
    nn::AttentionView view{past, c.windowOf(index - 1), pass.documents, keepsAttention ? &probabilities : nullptr};
    Tensor mixed = nn::attend(q.transpose(1, 2), k, v, view).transpose(1, 2).reshape({s, t, c.heads * d});
    if (pass.change) mixed = pass.change(Site::HeadOut, index, mixed);
    if (keepsAttention) pass.capture->attention[at] = probabilities.detach();
    if (pass.capture && pass.capture->wantsHeads) pass.capture->headOut[at] = mixed.detach();
    return own.o->forward(mixed);
}

Tensor DecoderModule::gated(const Tensor& gateUp) const {
    if (m_config.gate == GateFunction::Silu) return nn::swiGlu(gateUp);
    const Tensor gate = gateUp.narrow(-1, 0, m_config.ffn), up = gateUp.narrow(-1, m_config.ffn, m_config.ffn);
    switch (m_config.gate) {
        case GateFunction::Silu: break;
        case GateFunction::Gelu: return at::gelu(gate) * up;
        case GateFunction::GeluTanh: return at::gelu(gate, "tanh") * up;
        case GateFunction::QuickGelu: return gate * at::sigmoid(gate * 1.702) * up;
        case GateFunction::Relu: return at::relu(gate) * up;
        case GateFunction::ReluSquared: return at::relu(gate).square() * up;
    }
    return nn::swiGlu(gateUp);
}

Result<Tensor> DecoderModule::readout(const Tensor& hidden) const {
    return compute::caught([&] {
        const Tensor normed = m_finalNorm->forward(hidden);
        return isStored() ? nn::adaptedLinear(normed, headStored(), {}, {}, 1) : at::linear(normed, headWeight());
    });
}

Result<Tensor> DecoderModule::loss(
    const Tensor& hidden, const Tensor& targets, const Tensor& weights, const std::function<void()>& between) const {
    return compute::caught([&]() -> Result<Tensor> {
        Tensor wanted = targets.to(at::kCPU, at::kLong).flatten(), given;
        if (wanted.numel() * m_config.width != hidden.numel())
            return Error(Code::InvalidArgument,
                fmt::format("{} targets for {} positions", wanted.numel(), hidden.numel() / m_config.width));
        if (wanted.numel() && wanted.max().item<std::int64_t>() >= m_config.vocabulary)
            return Error(
                Code::InvalidArgument, fmt::format("a target is outside the vocabulary of {}", m_config.vocabulary));
        if (weights.defined()) given = weights.to(at::kCPU).flatten();
        // Only supervised rows are normalised and read out.
        const Tensor index = wanted.ge(0).nonzero().squeeze(1);
        const Tensor rows = hidden.reshape({-1, m_config.width}).index_select(0, index.to(hidden.device()));
        const Tensor normed = m_finalNorm->forward(rows), own = wanted.index_select(0, index),
                     factors = given.defined() ? given.index_select(0, index) : Tensor();
        const std::int64_t rowsAtATime = hidden.is_cuda() ? 2048 : 256;  // logits at a time
        return isStored() ? nn::weightedCrossEntropy(normed, headStored(), own, factors, rowsAtATime, between)
                          : nn::weightedCrossEntropy(normed, headWeight(), own, factors, rowsAtATime, between);
    });
}

Result<Tensor> DecoderModule::targetLosses(const Tensor& hidden, const Tensor& targets) const {
    if (isStored())
        return Error(Code::Unsupported, "losses of single rows need the model in fp32; load it with model.weights=f32");
    return compute::caught([&] {
        const Tensor normed = m_finalNorm->forward(hidden).reshape({-1, m_config.width});
        return nn::rowLosses(normed, headWeight(), targets.flatten()).view(targets.sizes());
    });
}

ModuleCache DecoderModule::makeCache(std::int64_t capacity) const {
    ModuleCache out;
    out.capacity = capacity;
    out.lengths.assign(m_blocks.size(), 0);
    for (auto* list : {&out.keys, &out.values})
        for (std::size_t i = 0; i < m_blocks.size(); ++i)
            list->push_back(
                at::empty({1, m_config.kvHeads, capacity, m_config.headWidth}, options().requires_grad(false)));
    return out;
}

}  // namespace dubito::lm
