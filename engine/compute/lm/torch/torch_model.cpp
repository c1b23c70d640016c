// Everything of a pass stays on the device until it ends: one copy of the logits, one copy a captured site.
#include "lm/torch/torch_model.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <algorithm>

#include "lm/model/lora.h"
#include "lm/torch/decoder_module.h"
#include "nn/module.h"

namespace dubito::lm {
namespace {

using ::torch::Tensor;

class TorchCache final : public ModelCache {
public:
    explicit TorchCache(ModuleCache given) : own(std::move(given)) {}
    std::int64_t capacity() const override { return own.capacity; }
    void truncate(std::int64_t length) override { own.truncate(length); }
    Result<std::unique_ptr<ModelCache>> fork() const override {
        return compute::caught([this]() -> Result<std::unique_ptr<ModelCache>> {
            return std::unique_ptr<ModelCache>(std::make_unique<TorchCache>(own.fork()));
        });
    }
    std::size_t bytes() const override {
        std::size_t out = 0;
        for (const auto* list : {&own.keys, &own.values})
            for (const Tensor& one : *list) out += one.nbytes();
        return out;
    }
    ModuleCache own;
};

Result<ModuleCache*> cacheIn(ModelCache* given) {
    auto* cache = dynamic_cast<TorchCache*>(given);
    if (given && !cache) return Error(Code::InvalidArgument, "the cache is another model's");
    return cache ? &cache->own : nullptr;
}

/// fp32 values as a tensor of the module's type, on its device.
Tensor placed(const float* values, at::IntArrayRef shape, const at::TensorOptions& options) {
    const Tensor over = at::from_blob(const_cast<float*>(values), shape);
    const Tensor out = over.to(options.device(), c10::typeMetaToScalarType(options.dtype()));
    return out.is_alias_of(over) ? out.clone() : out;
}

void copyOut(const Tensor& from, float* to) { at::from_blob(to, from.sizes()).copy_(from); }

/// A captured site of every block, brought over in one copy.
void bring(const std::vector<Tensor>& list, std::vector<compute::Floats>& out) {
    std::vector<Tensor> kept;
    for (const Tensor& one : list)
        if (one.defined()) kept.push_back(one);
    if (kept.empty()) return;
    const Tensor all = at::stack(kept).to(at::kCPU, at::kFloat);
    const float* from = all.const_data_ptr<float>();
    for (std::size_t i = 0; i < list.size(); ++i)
        if (list[i].defined()) from = (std::copy_n(from, list[i].numel(), out[i].data()), from + list[i].numel());
}

void bringTop(const std::vector<Tensor>& attention, Captured& out) {
    std::vector<Tensor> weights, positions, rests;
    for (const Tensor& one : attention) {
        const Tensor wide = one.to(at::kFloat);
        auto [weight, position] = wide.topk(std::min<std::int64_t>(8, wide.size(-1)));
        rests.push_back((1 - weight.sum(-1)).clamp_min(0).to(at::kHalf));
        positions.push_back(position.masked_fill(weight.eq(0), 0).to(at::kInt));
        weights.push_back(weight.to(at::kHalf));
    }
    // (S, T, N, A, 8): blocks behind rows, as the record has them.
    const auto order = [](const std::vector<Tensor>& list) {
        const Tensor all = at::stack(list, 2);  // (S, A, N, T, ...)
        return all.transpose(1, 3).to(at::kCPU).contiguous();
    };
    const Tensor w = order(weights), p = order(positions), r = order(rests);
    const auto* weight = static_cast<const std::uint16_t*>(w.const_data_ptr());
    const auto* position = static_cast<const std::uint32_t*>(p.const_data_ptr());
    const auto* rest = static_cast<const std::uint16_t*>(r.const_data_ptr());
    const auto k = static_cast<std::size_t>(w.size(-1));
    for (std::size_t slot = 0; slot < out.topRest.size(); ++slot) {
        std::copy_n(weight + slot * k, k, out.topWeight.data() + slot * 8);
        std::copy_n(position + slot * k, k, out.topPosition.data() + slot * 8);
        out.topRest[slot] = rest[slot];
    }
}

void bringFull(const std::vector<Tensor>& attention, Captured& out) {
    const Tensor all = at::stack(attention, 2).to(at::kHalf).transpose(1, 3).to(at::kCPU).contiguous();  // (S,T,N,A,L)
    const auto* from = static_cast<const std::uint16_t*>(all.const_data_ptr());
    const auto keys = static_cast<std::size_t>(all.size(4)),
               heads = static_cast<std::size_t>(all.size(2) * all.size(3));
    for (auto& row : out.full) {
        const std::size_t seen = row.size() / heads;
        for (std::size_t i = 0; i < heads; ++i, from += keys) std::copy_n(from, seen, row.data() + i * seen);
    }
}

/// The module's pass for what a plan asks.
struct Pass {
    ModuleCapture capture;
    ModulePass pass;

    Pass(const CapturePlan& plan, Captured* captured, ModuleCache* cache) {
        pass.cache = cache;
        if (!captured) return;
        capture.wantsResiduals = plan.residuals;
        capture.wantsOutputs = plan.outputs;
        capture.wantsHeads = plan.heads;
        capture.wantsAttention = plan.attention != AttentionCapture::Off;
        pass.capture = &capture;
    }
    void bringOver(const CapturePlan& plan, Captured* captured) const {
        if (!captured) return;
        bring(capture.residuals, captured->residuals);
        bring(capture.attnOut, captured->attnOut);
        bring(capture.mlpOut, captured->mlpOut);
        bring(capture.headOut, captured->headOut);
        std::vector<Tensor> attention;
        for (const Tensor& one : capture.attention)
            if (one.defined()) attention.push_back(one);
        if (attention.empty()) return;
        if (plan.attention == AttentionCapture::Top8) bringTop(attention, *captured);
        else bringFull(attention, *captured);
    }
};

}  // namespace

Result<std::shared_ptr<TorchModel>> TorchModel::over(
    std::shared_ptr<Decoder> decoder, compute::Device device, bool bfloat16) {
    if (decoder->hasRows())
        return Error(Code::InvalidArgument, "a model moves to a device from fp32 weights, not from rows as stored");
    DUBITO_TRY(auto module, DecoderModule::over(decoder));
    for (const auto& one : nn::parametersOf(*module)) one.value.set_requires_grad(false);
    DUBITO_CHECK(nn::moveTo(*module, device, bfloat16 ? at::kBFloat16 : at::kFloat));
    std::shared_ptr<TorchModel> out(new TorchModel(std::move(decoder), std::move(module), device));
    for (const auto& one : nn::parametersOf(*out->m_module)) out->m_weightBytes += one.value.nbytes();
    DUBITO_TRY(const compute::DeviceFacts facts, compute::factsOf(device));
    out->m_description = fmt::format("{} on {}", bfloat16 ? "bf16" : "fp32", facts.name);
    return out;
}

Result<std::unique_ptr<ModelCache>> TorchModel::makeCache(std::int64_t capacity) const {
    auto made = compute::caught([&]() -> Result<std::unique_ptr<ModelCache>> {
        return std::unique_ptr<ModelCache>(std::make_unique<TorchCache>(m_module->makeCache(capacity)));
    });
    if (made || made.error().code() != Code::OutOfMemory) return made;
    const ModelConfig& c = config();
    const auto wanted = static_cast<std::uint64_t>(2 * c.layers * c.kvHeads * capacity * c.headWidth) *
                        m_module->options().dtype().itemsize();
    const auto facts = compute::factsOf(m_device);
    return compute::doesNotFit(m_device, wanted, facts ? facts->freeBytes : 0, "a shorter model.context needs less");
}

Result<void> TorchModel::embed(std::span<const TokenId> ids, float* hidden) const {
    return m_decoder->embed(ids, hidden);
}

Result<void> TorchModel::forward(float* hidden, std::int64_t sequences, std::int64_t rows, std::int64_t first,
    std::int64_t last, ModelCache* given, const CapturePlan& plan, Captured* captured, const Hook* hook) const {
    DUBITO_TRY(ModuleCache * cache, cacheIn(given));
    if (rows < 1 || sequences < 1)
        return Error(Code::InvalidArgument, fmt::format("{} sequences of {} rows", sequences, rows));
    const std::int64_t past =
        cache && first >= 1 && first <= config().layers ? cache->lengths[static_cast<std::size_t>(first - 1)] : 0;
    return compute::caught([&]() -> Result<void> {
        const ::torch::NoGradGuard off;
        Pass pass(plan, captured, cache);
        if (hook)
            pass.pass.change = [hook](Site site, std::int64_t layer, const Tensor& values) {
                Tensor own = values.to(at::kCPU, at::kFloat).contiguous();
                if (own.is_alias_of(values)) own = own.clone();
                (*hook)(site, layer, own.mutable_data_ptr<float>());
                return own.to(values.device(), values.scalar_type());
            };
        const Tensor in = placed(hidden, {sequences, rows, config().width}, m_module->options());
        DUBITO_TRY(const Tensor out, m_module->blocks(in, first, last, pass.pass));
        copyOut(out, hidden);
        if (captured) captured->makeRoom(plan, config(), sequences * rows, rows, past);
        pass.bringOver(plan, captured);
        return {};
    });
}

Result<void> TorchModel::logits(const float* hidden, std::int64_t rows, float* out) const {
    return compute::caught([&]() -> Result<void> {
        const ::torch::NoGradGuard off;
        DUBITO_TRY(const Tensor logits, m_module->readout(placed(hidden, {rows, config().width}, m_module->options())));
        copyOut(logits, out);
        return {};
    });
}

Result<void> TorchModel::read(
    std::span<const TokenId> ids, ModelCache* given, const CapturePlan& plan, Captured* captured, float* logits) const {
    DUBITO_TRY(ModuleCache * cache, cacheIn(given));
    if (ids.empty()) return Error(Code::InvalidArgument, "no tokens are to be read");
    const std::int64_t past = cache ? cache->lengths.front() : 0, rows = static_cast<std::int64_t>(ids.size());
    return compute::caught([&]() -> Result<void> {
        const ::torch::NoGradGuard off;
        Pass pass(plan, captured, cache);
        const Tensor numbers = at::from_blob(const_cast<TokenId*>(ids.data()), {1, rows}, at::kInt);
        DUBITO_TRY(const Tensor embedded, m_module->embed(numbers));
        DUBITO_TRY(const Tensor out, m_module->blocks(embedded, 1, config().layers, pass.pass));
        if (logits) {
            DUBITO_TRY(const Tensor last, m_module->readout(out.select(1, rows - 1)));
            copyOut(last, logits);
        }
        if (captured) captured->makeRoom(plan, config(), rows, rows, past);
        pass.bringOver(plan, captured);
        return {};
    });
}

Result<std::shared_ptr<LanguageModel>> loadLanguageModel(
    std::shared_ptr<GgufFile> file, const Placement& placement, std::int64_t* adapterRank) {
    const bool isGpu = placement.device.isCuda(), adapts = !placement.adapter.empty();
    const WeightForm form = placement.form;
    if (isGpu && (form == WeightForm::Rows || form == WeightForm::Quantised))
        return Error(Code::Unsupported,
            "rows as stored are multiplied on the CPU only; on a GPU use model.weights bf16 or f32, or device cpu");
    DUBITO_TRY(auto decoder, Decoder::load(std::move(file), placement.threads, isGpu || adapts ? WeightForm::F32 : form,
                                 placement.activation, placement.loading));
    if (adapts) {
        DUBITO_TRY(const auto adapter, LoraAdapter::load(placement.adapter, decoder->config()));
        DUBITO_CHECK(decoder->merge(*adapter));
        if (adapterRank) *adapterRank = adapter->rank();
    }
    if (!isGpu) return std::shared_ptr<LanguageModel>(std::move(decoder));
    compute::setThreads(placement.threads);
    DUBITO_TRY(auto model, TorchModel::over(std::move(decoder), placement.device, form != WeightForm::F32));
    return std::shared_ptr<LanguageModel>(std::move(model));
}

}  // namespace dubito::lm
