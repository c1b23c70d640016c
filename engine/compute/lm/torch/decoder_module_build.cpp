// From a decoder's weights to the module's parameters and back, and the layers of an adapter.
#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <map>

#include "lm/torch/decoder_module.h"

namespace dubito::lm {

using ::torch::Tensor;

namespace {

/// Which projections one product holds, in the order of their rows.
struct Fused {
    const char* name;
    std::vector<Projection> projections;
};
const std::vector<Fused>& fusedProducts() {
    using enum Projection;
    static const std::vector<Fused> all = {{"qkv", {Q, K, V}}, {"o", {O}}, {"gate_up", {Gate, Up}}, {"down", {Down}}};
    return all;
}

Tensor copyOf(const compute::Floats& values, std::int64_t rows, std::int64_t columns) {
    return at::from_blob(const_cast<float*>(values.data()), {rows, columns}).clone();
}

/// Rows as stored, of a decoder that lives as long.
class StoredRows final : public nn::StoredMatrix {
public:
    StoredRows(std::shared_ptr<Decoder> owner, const RowMatrix& matrix) : m_owner(std::move(owner)), m_matrix(matrix) {}
    std::int64_t rows() const override { return m_matrix.rows(); }
    std::int64_t columns() const override { return m_matrix.columns(); }
    std::size_t bytes() const override { return m_matrix.bytes(); }
    void give(std::int64_t first, std::int64_t count, float* out) const override {
        m_matrix.dequantise(first, count, out);
    }

private:
    std::shared_ptr<Decoder> m_owner;
    const RowMatrix& m_matrix;
};

}  // namespace

struct DecoderModule::Builder {
    std::shared_ptr<Decoder> decoder;
    std::map<std::string, NamedWeight> left;
    std::vector<std::pair<Tensor, Tensor>> origins;

    nn::StoredWeight stored(const RowMatrix& matrix) const { return std::make_shared<StoredRows>(decoder, matrix); }

    /// The tensor over one weight's memory, or over several that lie one after the other.
    Result<Tensor> take(const std::vector<std::string>& names) {
        float *begin = nullptr, *end = nullptr;
        std::int64_t rows = 0;
        std::vector<std::int64_t> shape;
        for (const std::string& name : names) {
            const auto at = left.find(name);
            if (at == left.end()) return Error(Code::Internal, "the decoder lacks " + name);
            const NamedWeight& one = at->second;
            if (begin && one.values != end) return Error(Code::Internal, name + " does not follow the weight before");
            if (!begin) begin = one.values;
            end = one.values + one.size();
            rows += one.shape[0];
            shape = one.shape;
            left.erase(at);
        }
        shape[0] = rows;
        return compute::caught([&] {
            const Tensor memory = at::from_blob(begin, shape);
            const Tensor parameter = memory.detach().set_requires_grad(true);
            origins.emplace_back(parameter, memory);
            return parameter;
        });
    }
    Result<std::shared_ptr<nn::RmsNorm>> norm(const std::string& name, const ModelConfig& c) {
        DUBITO_TRY(const Tensor weight, take({name}));
        return std::make_shared<nn::RmsNorm>(weight, c.normEpsilon);
    }
    Result<std::shared_ptr<nn::AdaptedLinear>> linear(
        const std::string& prefix, const std::vector<std::string>& parts, bool hasBias, const RowMatrix& rows) {
        std::vector<std::string> weights, biases;
        for (const std::string& part : parts) {
            weights.push_back(prefix + part + ".weight");
            biases.push_back(prefix + part + ".bias");
        }
        Tensor bias;
        if (hasBias) {
            DUBITO_TRY(bias, take(biases));
        }
        if (!rows.isEmpty()) return std::make_shared<nn::AdaptedLinear>(stored(rows), bias);
        DUBITO_TRY(const Tensor weight, take(weights));
        return std::make_shared<nn::AdaptedLinear>(weight, bias);
    }
    Result<std::shared_ptr<Block>> block(std::int64_t index, const ModelConfig& c) {
        const std::string p = fmt::format("blk.{}.", index);
        auto out = std::make_shared<Block>();
        const Decoder::Layer& own = decoder->m_layers[static_cast<std::size_t>(index)];
        DUBITO_TRY(out->attnNorm, norm(p + "attn_norm.weight", c));
        DUBITO_TRY(out->qkv, linear(p, {"attn_q", "attn_k", "attn_v"}, c.qkvBias, own.qkv.packed));
        if (c.qkNorm) {
            DUBITO_TRY(out->qNorm, norm(p + "attn_q_norm.weight", c));
            DUBITO_TRY(out->kNorm, norm(p + "attn_k_norm.weight", c));
        }
        DUBITO_TRY(out->o, linear(p, {"attn_output"}, c.outBias, own.o.packed));
        DUBITO_TRY(out->ffnNorm, norm(p + "ffn_norm.weight", c));
        DUBITO_TRY(out->gateUp, linear(p, {"ffn_gate", "ffn_up"}, c.gateUpBias, own.gateUp.packed));
        DUBITO_TRY(out->down, linear(p, {"ffn_down"}, c.downBias, own.down.packed));
        out->register_module("attn_norm", out->attnNorm);
        out->register_module("qkv", out->qkv);
        if (c.qkNorm) {
            out->register_module("q_norm", out->qNorm);
            out->register_module("k_norm", out->kNorm);
        }
        out->register_module("o", out->o);
        out->register_module("ffn_norm", out->ffnNorm);
        out->register_module("gate_up", out->gateUp);
        out->register_module("down", out->down);
        return out;
    }
};

DecoderModule::DecoderModule(const ModelConfig& config, std::vector<float> divisors)
    : m_config(config), m_rotary(config.headWidth, config.ropeBase, config.rope, std::move(divisors)) {}

Result<std::shared_ptr<DecoderModule>> DecoderModule::over(std::shared_ptr<Decoder> decoder) {
    const ModelConfig& c = decoder->config();
    std::vector<float> divisors;
    if (const GgufTensor* stored = decoder->file().findTensor("rope_freqs.weight")) {
        divisors.resize(static_cast<std::size_t>(c.headWidth / 2));
        const auto type = static_cast<GgmlType>(stored->typeCode);
        dequantise(type, stored->data, divisors.data(), c.headWidth / 2 / blockLayout(type).elements);
    }
    Builder builder{decoder, {}, {}};
    for (NamedWeight& one : decoder->weights()) builder.left.emplace(one.name, one);
    std::shared_ptr<DecoderModule> out(new DecoderModule(c, std::move(divisors)));
    if (decoder->hasRows()) {
        out->m_storedEmbedding = builder.stored(decoder->m_embedding.packed);
        if (!c.tiedHead) out->m_storedHead = builder.stored(decoder->m_head.packed);
    } else {
        DUBITO_TRY(const Tensor embedding, builder.take({"token_embd.weight"}));
        out->m_embedding = out->register_parameter("embedding", embedding);
    }
    for (std::int64_t i = 0; i < c.layers; ++i) {
        DUBITO_TRY(auto block, builder.block(i, c));
        out->m_blocks.push_back(out->register_module(fmt::format("block{}", i), block));
    }
    DUBITO_TRY(auto norm, builder.norm("output_norm.weight", c));
    out->m_finalNorm = out->register_module("final_norm", norm);
    if (!c.tiedHead && !decoder->hasRows()) {
        DUBITO_TRY(const Tensor head, builder.take({"output.weight"}));
        out->m_head = out->register_parameter("head", head);
    }
    if (!builder.left.empty())
        return Error(Code::Unsupported,
            fmt::format("the weight {} has no place in the module: its part of the result would be lost",
                builder.left.begin()->first));
    out->m_decoder = std::move(decoder);
    out->m_origins = std::move(builder.origins);
    return out;
}

Result<std::shared_ptr<DecoderModule>> DecoderModule::load(std::shared_ptr<GgufFile> file, int threads) {
    DUBITO_TRY(auto decoder, Decoder::load(std::move(file), threads, WeightForm::F32));
    return over(std::move(decoder));
}

Result<void> DecoderModule::adapt(const LoraAdapter& adapter) {
    if (m_rank) return Error(Code::WrongState, "the module has an adapter already");
    if (adapter.layers() != m_config.layers)
        return Error(Code::ShapeMismatch,
            fmt::format("the adapter has {} layers, the model {}", adapter.layers(), m_config.layers));
    return compute::caught([&]() -> Result<void> {
        const auto device = m_finalNorm->weight.device();
        for (Tensor& one : parameters()) one.set_requires_grad(false);
        for (std::int64_t layer = 0; layer < adapter.layers(); ++layer) {
            Block& block = *m_blocks[static_cast<std::size_t>(layer)];
            nn::AdaptedLinear* const linears[] = {block.qkv.get(), block.o.get(), block.gateUp.get(), block.down.get()};
            for (std::size_t i = 0; i < fusedProducts().size(); ++i) {
                std::int64_t offset = 0;
                for (const Projection projection : fusedProducts()[i].projections) {
                    const ProjectionShape shape = shapeOf(projection, m_config);
                    const LoraAdapter::Part& part = adapter.part(layer, projection);
                    if (part.isThere()) {
                        if (static_cast<std::int64_t>(part.a.size()) != adapter.rank() * shape.in ||
                            static_cast<std::int64_t>(part.b.size()) != shape.out * adapter.rank())
                            return Error(Code::ShapeMismatch,
                                fmt::format("the adapter's {} is of another base", projectionName(projection)));
                        const auto made = [&](const compute::Floats& values, std::int64_t rows, std::int64_t columns) {
                            return copyOf(values, rows, columns).to(device).set_requires_grad(true);
                        };
                        linears[i]->addPart(std::string(projectionName(projection)),
                            made(part.a, adapter.rank(), shape.in), made(part.b, shape.out, adapter.rank()), offset);
                    }
                    offset += shape.out;
                }
                linears[i]->setScale(adapter.alpha() / static_cast<double>(adapter.rank()));
            }
        }
        m_rank = adapter.rank();
        return {};
    });
}

Result<void> DecoderModule::copyInto(LoraAdapter& adapter) const {
    if (adapter.layers() != m_config.layers || adapter.rank() != m_rank)
        return Error(Code::ShapeMismatch, fmt::format("the adapter has {} layers of rank {}, the module {} of rank {}",
                                              adapter.layers(), adapter.rank(), m_config.layers, m_rank));
    return compute::caught([&]() -> Result<void> {
        const ::torch::NoGradGuard off;
        const auto all = named_parameters(true);
        for (std::int64_t layer = 0; layer < adapter.layers(); ++layer)
            for (const Fused& fused : fusedProducts())
                for (const Projection projection : fused.projections) {
                    LoraAdapter::Part& part = adapter.part(layer, projection);
                    const std::string name =
                        fmt::format("block{}.{}.{}_lora_", layer, fused.name, projectionName(projection));
                    const Tensor *a = all.find(name + "A"), *b = all.find(name + "B");
                    if (part.isThere() != (a != nullptr && b != nullptr))
                        return Error(Code::ShapeMismatch, "the adapter sits on other projections than the module's");
                    if (!part.isThere()) continue;
                    at::from_blob(part.a.data(), a->sizes()).copy_(*a);
                    at::from_blob(part.b.data(), b->sizes()).copy_(*b);
                }
        return {};
    });
}

Result<void> DecoderModule::copyBack() const {
    return compute::caught([&] {
        const ::torch::NoGradGuard off;
        for (const auto& [parameter, memory] : m_origins)
            if (parameter.const_data_ptr() != memory.const_data_ptr()) memory.copy_(parameter);
    });
}

}  // namespace dubito::lm
