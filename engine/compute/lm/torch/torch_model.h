// A decoder's LibTorch module as a language model: on a GPU, or on the CPU in the module's arithmetic. Includes nothing
// of LibTorch.
#pragma once

#include <functional>

#include "lm/model/decoder.h"

namespace dubito::lm {

class DecoderModule;

class TorchModel final : public LanguageModel {
public:
    /// @param decoder with fp32 weights; kept, as read-outs of the lens work on the CPU
    /// @param bfloat16 weights, hidden states and cache are bfloat16; else all of it fp32
    /// @error InvalidArgument (rows as stored), DeviceUnavailable, OutOfMemory (needed and free bytes)
    static Result<std::shared_ptr<TorchModel>> over(
        std::shared_ptr<Decoder> decoder, compute::Device device, bool bfloat16);

    const ModelConfig& config() const override { return m_decoder->config(); }
    const std::string& description() const override { return m_description; }
    compute::Device device() const override { return m_device; }
    int threads() const override { return m_decoder->threads(); }
    std::size_t weightBytes() const override { return m_weightBytes; }
    const float* headRows(std::int64_t first, std::int64_t count, compute::Floats& scratch) const override {
        return m_decoder->headRows(first, count, scratch);
    }
    const float* finalNorm() const override { return m_decoder->finalNorm(); }
    const float* attentionOutput(std::int64_t layer, compute::Floats& scratch) const override {
        return m_decoder->attentionOutput(layer, scratch);
    }
    const float* attentionBias(std::int64_t layer) const override { return m_decoder->attentionBias(layer); }

    Result<std::unique_ptr<ModelCache>> makeCache(std::int64_t capacity) const override;
    Result<void> embed(std::span<const TokenId> ids, float* hidden) const override;
    /// Sites that a hook sees come to the CPU and go back one by one.
    Result<void> forward(float* hidden, std::int64_t sequences, std::int64_t rows, std::int64_t first,
        std::int64_t last, ModelCache* cache, const CapturePlan& plan, Captured* captured,
        const Hook* hook = nullptr) const override;
    Result<void> logits(const float* hidden, std::int64_t rows, float* out) const override;
    Result<void> read(std::span<const TokenId> ids, ModelCache* cache, const CapturePlan& plan, Captured* captured,
        float* logits) const override;

private:
    TorchModel(std::shared_ptr<Decoder> decoder, std::shared_ptr<DecoderModule> module, compute::Device device)
        : m_decoder(std::move(decoder)), m_module(std::move(module)), m_device(device) {}
    std::shared_ptr<Decoder> m_decoder;
    std::shared_ptr<DecoderModule> m_module;
    compute::Device m_device;
    std::string m_description;
    std::size_t m_weightBytes = 0;
};

/// How a model is to be held.
struct Placement {
    compute::Device device;
    int threads = 1;
    WeightForm form = WeightForm::Auto;  ///< on a GPU: Auto and BFloat16 are bfloat16, F32 is fp32
    Activation activation = Activation::A16;
    std::string adapter;                          ///< a PEFT folder, merged into fp32 weights; empty: none
    std::function<void(double share)> loading{};  ///< told the share of the model that is there, 0..1
};
/// A Decoder on the CPU, a TorchModel on a GPU. @param adapterRank set to the merged adapter's rank  @error Unsupported
/// (rows as stored on a GPU), as Decoder::load, LoraAdapter::load and TorchModel::over
Result<std::shared_ptr<LanguageModel>> loadLanguageModel(
    std::shared_ptr<GgufFile> file, const Placement& placement, std::int64_t* adapterRank = nullptr);

}  // namespace dubito::lm
