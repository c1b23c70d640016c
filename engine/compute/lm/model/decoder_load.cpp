// From the tensors of a file to what the decoder computes with, and back by name.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lm/model/decoder.h"
#include "lm/model/lora.h"

namespace dubito::lm {

using compute::Floats;

namespace {

/// Dequantises a matrix into `out`; `permuteHeads` > 0 undoes the interleaving of q and k rows within each head.
void loadMatrix(const GgufTensor& tensor, float* out, std::int64_t permuteHeads) {
    const auto type = static_cast<GgmlType>(tensor.typeCode);
    const BlockLayout layout = blockLayout(type);
    const std::int64_t rows = tensor.rows(), columns = tensor.columns(), blocks = columns / layout.elements;
    const std::int64_t headRows = permuteHeads ? rows / permuteHeads : 0;
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        std::int64_t to = row;
        if (permuteHeads) {
            // File row 2r + c of a head is row c * (d/2) + r of the model.
            const std::int64_t within = row % headRows;
            to = row - within + within % 2 * (headRows / 2) + within / 2;
        }
        dequantise(type, tensor.data + row * blocks * layout.bytes, out + to * columns, blocks);
    }
}

std::uint64_t availableBytes() {
    auto text = readFile("/proc/meminfo", 1 << 16);
    const auto at = text ? text->find("MemAvailable:") : std::string::npos;
    return at == std::string::npos ? UINT64_MAX : std::strtoull(text->c_str() + at + 13, nullptr, 10) * 1024;
}

/// "Q4_1 210, Q8_0 1"
std::string countsOf(const std::map<std::string, int>& counts) {
    std::string out;
    for (const auto& [name, count] : counts) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, count);
    return out;
}

/// What Auto comes to for this file.
WeightForm formFor(const GgufFile& file) {
    bool allFloat = true;
    for (const GgufTensor& tensor : file.tensors()) {
        if (tensor.dims.size() != 2) continue;
        if (tensor.columns() % kBlockColumns != 0) return WeightForm::F32;
        allFloat &= static_cast<GgmlType>(tensor.typeCode) == GgmlType::F32;
    }
    return allFloat ? WeightForm::F32 : WeightForm::Rows;
}

}  // namespace

struct Decoder::Loader {
    const GgufFile& file;
    WeightForm form;
    Decoder& decoder;
    const ModelConfig& c = decoder.m_config;
    const bool inRows = form != WeightForm::F32;
    const RowForm rowForm = form == WeightForm::Quantised  ? RowForm::Eight
                            : form == WeightForm::BFloat16 ? RowForm::BFloat16
                                                           : RowForm::AsStored;

    /// How the weights will be held, in words. @error OutOfMemory before anything is read
    Result<std::string> describe() const {
        std::uint64_t needed = 0;
        std::map<std::string, int> kept, rounded;
        for (const GgufTensor& tensor : file.tensors()) {
            if (tensor.dims.size() != 2) continue;
            ++(RowMatrix::isRounded(tensor.typeCode, rowForm) ? rounded : kept)[typeName(tensor.typeCode)];
            needed += inRows ? RowMatrix::bytesOf(tensor, rowForm)
                             : static_cast<std::uint64_t>(tensor.rows() * tensor.columns()) * 4;
        }
        if (const auto available = availableBytes(); needed > available)
            return Error(Code::OutOfMemory, fmt::format("the model needs {} MiB {}, {} MiB of memory are available",
                                                needed >> 20, inRows ? "in rows" : "as fp32", available >> 20));
        if (!inRows) return std::string("fp32");
        std::string text = kept.empty() ? "" : countsOf(kept) + " as stored";
        if (!rounded.empty())
            text += fmt::format("{}{} rounded to {}", text.empty() ? "" : ", ", countsOf(rounded),
                rowForm == RowForm::Eight ? "Q8_0" : "BF16");
        text += fmt::format(
            ", {}-bit activations ({})", decoder.m_activation == Activation::A16 ? 16 : 8, cpuLevelName(cpuLevel()));
        if (rowForm == RowForm::BFloat16)
            text += compute::hasBFloat16() ? ", longer texts in bfloat16"
                                           : ", longer texts in fp32: this CPU has no bfloat16 products";
        return text;
    }

    Floats vector(const std::string& name, std::int64_t n) const {
        Floats values(static_cast<std::size_t>(n));
        loadMatrix(*file.findTensor(name), values.data(), 0);
        return values;
    }

    /// Tensors of one width below each other; a count of heads > 0 puts interleaved rows in order.
    Result<Weight> matrix(const std::vector<std::pair<std::string, std::int64_t>>& names) const {
        Weight weight;
        std::vector<RowMatrix::Source> sources;
        std::int64_t rows = 0;
        for (const auto& [name, heads] : names) {
            sources.push_back({file.findTensor(name), heads});
            rows += sources.back().tensor->rows();
        }
        if (inRows) {
            DUBITO_TRY(weight.packed, RowMatrix::pack(sources, rowForm));
            return weight;
        }
        weight.plain = Floats(static_cast<std::size_t>(rows * sources.front().tensor->columns()));
        float* to = weight.plain.data();
        for (const auto& source : sources) {
            loadMatrix(*source.tensor, to, source.heads);
            to += source.tensor->rows() * source.tensor->columns();
        }
        return weight;
    }

    /// The biases of q, k and v one after the other; heads interleave like the rows of the weights.
    Floats qkvBias(const std::string& prefix) const {
        const std::int64_t q = c.heads * c.headWidth, kv = c.kvHeads * c.headWidth;
        Floats out(static_cast<std::size_t>(q + 2 * kv));
        const auto add = [&](const char* name, std::int64_t offset, std::int64_t n, std::int64_t heads) {
            const Floats plain = vector(prefix + name, n);
            const std::int64_t d = heads ? n / heads : 0;
            for (std::int64_t row = 0; row < n; ++row) {
                const std::int64_t within = d ? row % d : 0;
                const std::int64_t to = d ? row - within + within % 2 * (d / 2) + within / 2 : row;
                out.data()[offset + to] = plain.data()[row];
            }
        };
        add("attn_q.bias", 0, q, c.permutedQk ? c.heads : 0);
        add("attn_k.bias", q, kv, c.permutedQk ? c.kvHeads : 0);
        add("attn_v.bias", q + kv, kv, 0);
        return out;
    }

    Result<Layer> layer(std::int64_t index) const {
        const std::string p = fmt::format("blk.{}.", index);
        Layer out;
        out.attnNorm = vector(p + "attn_norm.weight", c.width);
        out.ffnNorm = vector(p + "ffn_norm.weight", c.width);
        DUBITO_TRY(out.qkv, matrix({{p + "attn_q.weight", c.permutedQk ? c.heads : 0},
                                {p + "attn_k.weight", c.permutedQk ? c.kvHeads : 0}, {p + "attn_v.weight", 0}}));
        if (c.qkvBias) out.qkvBias = qkvBias(p);
        if (c.qkNorm) {
            out.qNorm = vector(p + "attn_q_norm.weight", c.headWidth);
            out.kNorm = vector(p + "attn_k_norm.weight", c.headWidth);
        }
        if (c.outBias) out.outBias = vector(p + "attn_output.bias", c.width);
        if (c.downBias) out.downBias = vector(p + "ffn_down.bias", c.width);
        if (c.gateUpBias) {
            out.gateUpBias = Floats(static_cast<std::size_t>(2 * c.ffn));
            loadMatrix(*file.findTensor(p + "ffn_gate.bias"), out.gateUpBias.data(), 0);
            loadMatrix(*file.findTensor(p + "ffn_up.bias"), out.gateUpBias.data() + c.ffn, 0);
        }
        DUBITO_TRY(out.o, matrix({{p + "attn_output.weight", 0}}));
        DUBITO_TRY(out.gateUp, matrix({{p + "ffn_gate.weight", 0}, {p + "ffn_up.weight", 0}}));
        DUBITO_TRY(out.down, matrix({{p + "ffn_down.weight", 0}}));
        return out;
    }

    /// What the file divides the rotation's frequencies by; empty: nothing.
    Result<std::vector<float>> frequencyDivisors() const {
        if (!file.findTensor("rope_freqs.weight")) return std::vector<float>();
        const Floats stored = vector("rope_freqs.weight", c.headWidth / 2);
        std::vector<float> out(stored.data(), stored.data() + c.headWidth / 2);
        for (const float divisor : out)
            if (!(divisor > 0 && divisor < 1e6f))
                return Error(Code::CorruptData,
                    fmt::format("rope_freqs.weight holds {}; positive numbers are possible", divisor));
        return out;
    }
};

Result<std::shared_ptr<Decoder>> Decoder::load(std::shared_ptr<GgufFile> file, int threads, WeightForm form,
    Activation activation, const std::function<void(double share)>& loading) {
    std::shared_ptr<Decoder> out(new Decoder(std::max(1, threads)));
    Decoder& self = *out;
    DUBITO_TRY(self.m_config, readConfig(*file));
    self.m_file = file;
    self.m_activation = activation;
    self.m_roundsLongTexts = form == WeightForm::BFloat16 && compute::hasBFloat16();
    compute::setThreads(self.threads());
    const ModelConfig& c = self.m_config;
    const Loader loader{*file, form == WeightForm::Auto ? formFor(*file) : form, self};
    DUBITO_TRY(self.m_description, loader.describe());
    DUBITO_TRY(self.m_embedding, loader.matrix({{"token_embd.weight", 0}}));
    if (!c.tiedHead) {
        DUBITO_TRY(self.m_head, loader.matrix({{"output.weight", 0}}));
    }
    self.m_finalNorm = loader.vector("output_norm.weight", c.width);
    for (std::int64_t i = 0; i < c.layers; ++i) {
        DUBITO_TRY(Layer layer, loader.layer(i));
        self.m_layers.push_back(std::move(layer));
        file->releasePages();
        if (loading) loading(static_cast<double>(i + 1) / static_cast<double>(c.layers));
    }
    DUBITO_TRY(const std::vector<float> divisors, loader.frequencyDivisors());
    self.m_frequencies = ropeFrequencies(c.headWidth, c.ropeBase, c.rope, divisors);
    self.m_ropeMagnitude = static_cast<float>(ropeMagnitude(c.rope));
    return out;
}

Result<void> Decoder::merge(const LoraAdapter& adapter) {
    if (hasRows())
        return Error(
            Code::InvalidArgument, "an adapter is merged into fp32 weights; load the model with model.weights=f32");
    if (adapter.layers() != m_config.layers)
        return Error(Code::ShapeMismatch,
            fmt::format("the adapter has {} layers, the model {}", adapter.layers(), m_config.layers));
    const std::int64_t q = m_config.heads * m_config.headWidth, kv = m_config.kvHeads * m_config.headWidth,
                       width = m_config.width;
    for (std::int64_t i = 0; i < m_config.layers; ++i) {
        Layer& layer = m_layers[static_cast<std::size_t>(i)];
        adapter.mergeInto(i, Projection::Q, layer.qkv.plain.data());
        adapter.mergeInto(i, Projection::K, layer.qkv.plain.data() + q * width);
        adapter.mergeInto(i, Projection::V, layer.qkv.plain.data() + (q + kv) * width);
        adapter.mergeInto(i, Projection::O, layer.o.plain.data());
        adapter.mergeInto(i, Projection::Gate, layer.gateUp.plain.data());
        adapter.mergeInto(i, Projection::Up, layer.gateUp.plain.data() + m_config.ffn * width);
        adapter.mergeInto(i, Projection::Down, layer.down.plain.data());
    }
    return {};
}

const float* Decoder::headRows(std::int64_t first, std::int64_t count, Floats& scratch) const {
    const Weight& head = headWeight();
    if (head.packed.isEmpty()) return head.plain.data() + first * m_config.width;
    scratch.ensure(static_cast<std::size_t>(count * m_config.width));
    head.packed.dequantise(first, count, scratch.data());
    return scratch.data();
}

const float* Decoder::attentionOutput(std::int64_t layer, Floats& scratch) const {
    const Weight& o = m_layers[static_cast<std::size_t>(layer - 1)].o;
    if (o.packed.isEmpty()) return o.plain.data();
    scratch.ensure(static_cast<std::size_t>(o.packed.rows() * o.packed.columns()));
    o.packed.dequantise(0, o.packed.rows(), scratch.data());
    return scratch.data();
}

std::size_t Decoder::weightBytes() const {
    std::size_t total = m_finalNorm.size() * sizeof(float);
    const auto add = [&](const Weight& weight) {
        total += weight.plain.size() * sizeof(float) + weight.packed.bytes();
    };
    add(m_embedding);
    add(m_head);
    for (const Layer& layer : m_layers) {
        total += (layer.attnNorm.size() + layer.qkvBias.size() + layer.outBias.size() + layer.ffnNorm.size() +
                     layer.gateUpBias.size() + layer.downBias.size()) *
                 sizeof(float);
        for (const Weight* weight : {&layer.qkv, &layer.o, &layer.gateUp, &layer.down}) add(*weight);
    }
    return total;
}

Result<std::shared_ptr<GgufFile>> Decoder::asModel(const std::shared_ptr<Decoder>& decoder) {
    if (decoder->hasRows())
        return Error(Code::InvalidArgument, "only fp32 weights become a model; load it with model.weights=f32");
    auto metadata = decoder->m_file->metadata();
    metadata["dubito.rows_in_order"] = true;
    std::vector<GgufTensor> tensors;
    for (const NamedWeight& weight : decoder->weights()) {
        GgufTensor tensor;
        tensor.name = weight.name;
        tensor.dims.assign(weight.shape.rbegin(), weight.shape.rend());
        tensor.typeCode = static_cast<std::uint32_t>(GgmlType::F32);
        tensor.bytes = static_cast<std::uint64_t>(weight.size()) * sizeof(float);
        tensor.data = reinterpret_cast<const std::uint8_t*>(weight.values);
        tensors.push_back(std::move(tensor));
    }
    if (const GgufTensor* divisors = decoder->m_file->findTensor("rope_freqs.weight")) tensors.push_back(*divisors);
    return GgufFile::assemble(std::move(metadata), std::move(tensors), {}, decoder);
}

std::vector<NamedWeight> Decoder::weights() {
    std::vector<NamedWeight> out;
    const ModelConfig& c = m_config;
    const std::int64_t q = c.heads * c.headWidth, kv = c.kvHeads * c.headWidth;
    const auto vector = [&](std::string name, Floats& values, std::int64_t first, std::int64_t n) {
        out.push_back({std::move(name), {n}, values.data() + first});
    };
    const auto matrix = [&](std::string name, Weight& weight, std::int64_t firstRow, std::int64_t rows,
                            std::int64_t columns) {
        if (weight.packed.isEmpty())
            out.push_back({std::move(name), {rows, columns}, weight.plain.data() + firstRow * columns});
    };
    matrix("token_embd.weight", m_embedding, 0, c.vocabulary, c.width);
    if (!c.tiedHead) matrix("output.weight", m_head, 0, c.vocabulary, c.width);
    vector("output_norm.weight", m_finalNorm, 0, c.width);
    for (std::int64_t i = 0; i < c.layers; ++i) {
        Layer& layer = m_layers[static_cast<std::size_t>(i)];
        const std::string p = fmt::format("blk.{}.", i);
        vector(p + "attn_norm.weight", layer.attnNorm, 0, c.width);
        vector(p + "ffn_norm.weight", layer.ffnNorm, 0, c.width);
        matrix(p + "attn_q.weight", layer.qkv, 0, q, c.width);
        matrix(p + "attn_k.weight", layer.qkv, q, kv, c.width);
        matrix(p + "attn_v.weight", layer.qkv, q + kv, kv, c.width);
        if (c.qkvBias) {
            vector(p + "attn_q.bias", layer.qkvBias, 0, q);
            vector(p + "attn_k.bias", layer.qkvBias, q, kv);
            vector(p + "attn_v.bias", layer.qkvBias, q + kv, kv);
        }
        if (c.qkNorm)
            vector(p + "attn_q_norm.weight", layer.qNorm, 0, c.headWidth),
                vector(p + "attn_k_norm.weight", layer.kNorm, 0, c.headWidth);
        matrix(p + "attn_output.weight", layer.o, 0, c.width, q);
        matrix(p + "ffn_gate.weight", layer.gateUp, 0, c.ffn, c.width);
        matrix(p + "ffn_up.weight", layer.gateUp, c.ffn, c.ffn, c.width);
        matrix(p + "ffn_down.weight", layer.down, 0, c.width, c.ffn);
        if (c.outBias) vector(p + "attn_output.bias", layer.outBias, 0, c.width);
        if (c.gateUpBias)
            vector(p + "ffn_gate.bias", layer.gateUpBias, 0, c.ffn),
                vector(p + "ffn_up.bias", layer.gateUpBias, c.ffn, c.ffn);
        if (c.downBias) vector(p + "ffn_down.bias", layer.downBias, 0, c.width);
    }
    return out;
}

}  // namespace dubito::lm
