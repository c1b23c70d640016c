// PEFT's names and files on one side, plain matrices on the other.
#include "lm/model/lora.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "lm/formats/adapter_settings.h"
#include "lm/formats/safetensors.h"
#include "lm/formats/safetensors_writer.h"
#include "stats/counter_rng.h"

namespace dubito::lm {
namespace {

constexpr std::string_view kNames[kProjections] = {
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};

std::string moduleName(std::int64_t layer, Projection projection) {
    const bool isAttention = projection <= Projection::O;
    return fmt::format("model.layers.{}.{}.{}", layer, isAttention ? "self_attn" : "mlp",
        kNames[static_cast<std::size_t>(projection)]);
}
std::string tensorName(std::int64_t layer, Projection projection, char which) {
    return fmt::format("base_model.model.{}.lora_{}.weight", moduleName(layer, projection), which);
}

Result<compute::Floats> floatsOf(const SafeTensor& tensor, std::int64_t rows, std::int64_t columns) {
    if (tensor.shape.size() != 2 || tensor.shape[0] != rows || tensor.shape[1] != columns)
        return Error(Code::ShapeMismatch, fmt::format("{} is {} x {}, this base needs {} x {}", tensor.name,
                                              tensor.shape.empty() ? 0 : tensor.shape[0],
                                              tensor.shape.size() < 2 ? 0 : tensor.shape[1], rows, columns));
    const GgmlType type = tensor.dtype == "F32"   ? GgmlType::F32
                          : tensor.dtype == "F16" ? GgmlType::F16
                                                  : GgmlType::BF16;
    if (type == GgmlType::BF16 && tensor.dtype != "BF16")
        return Error(Code::Unsupported,
            fmt::format("{} is stored as {}; F32, F16 and BF16 are read", tensor.name, tensor.dtype));
    compute::Floats out(static_cast<std::size_t>(rows * columns));
    dequantise(type, tensor.data.data(), out.data(), rows * columns);
    return out;
}

}  // namespace

std::string_view projectionName(Projection projection) { return kNames[static_cast<std::size_t>(projection)]; }

ProjectionShape shapeOf(Projection projection, const ModelConfig& c) {
    const std::int64_t q = c.heads * c.headWidth, kv = c.kvHeads * c.headWidth;
    switch (projection) {
        case Projection::Q: return {q, c.width};
        case Projection::K:
        case Projection::V: return {kv, c.width};
        case Projection::O: return {c.width, q};
        case Projection::Gate:
        case Projection::Up: return {c.ffn, c.width};
        case Projection::Down: return {c.width, c.ffn};
    }
    return {};
}

Result<std::shared_ptr<LoraAdapter>> LoraAdapter::create(const ModelConfig& config, std::int64_t rank, double alpha,
    const std::vector<Projection>& projections, std::uint64_t seed) {
    if (rank < 1 || rank > 1024 || !(alpha > 0))
        return Error(Code::InvalidArgument,
            fmt::format(
                "a LoRA of rank {} and alpha {}; ranks 1 to 1024 and positive alphas are possible", rank, alpha));
    if (projections.empty()) return Error(Code::InvalidArgument, "a LoRA on no projection");
    std::shared_ptr<LoraAdapter> out(new LoraAdapter());
    out->m_rank = rank;
    out->m_alpha = alpha;
    out->m_layers.resize(static_cast<std::size_t>(config.layers));
    for (std::size_t i = 0; i < kProjections; ++i) out->m_shapes[i] = shapeOf(static_cast<Projection>(i), config);
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        for (const Projection projection : projections) {
            const ProjectionShape shape = shapeOf(projection, config);
            Part& part = out->part(layer, projection);
            part.a = compute::Floats(static_cast<std::size_t>(rank * shape.in));
            part.b = compute::Floats(static_cast<std::size_t>(shape.out * rank));
            stats::CounterRng rng(seed, tensorName(layer, projection, 'A'), 0);
            const double bound = 1 / std::sqrt(static_cast<double>(shape.in));
            for (std::size_t i = 0; i < part.a.size(); ++i)
                part.a.data()[i] = static_cast<float>(bound * (2 * rng.uniform() - 1));
            std::fill_n(part.b.data(), part.b.size(), 0.0f);
        }
    return out;
}

namespace {

/// (rank, in) with rows of zero below, up to `most` rows.
compute::Floats widened(const compute::Floats& a, std::int64_t rank, std::int64_t most) {
    const std::size_t in = a.size() / static_cast<std::size_t>(rank);
    compute::Floats out(static_cast<std::size_t>(most) * in);
    std::fill_n(out.data(), out.size(), 0.0f);
    std::copy_n(a.data(), a.size(), out.data());
    return out;
}
/// (out, rank) with columns of zero behind, up to `most`, all multiplied by `factor`.
compute::Floats widenedColumns(const compute::Floats& b, std::int64_t rank, std::int64_t most, double factor) {
    const std::int64_t rows = static_cast<std::int64_t>(b.size()) / rank;
    compute::Floats out(static_cast<std::size_t>(rows * most));
    std::fill_n(out.data(), out.size(), 0.0f);
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t i = 0; i < rank; ++i)
            out.data()[row * most + i] = static_cast<float>(b.data()[row * rank + i] * factor);
    return out;
}

}  // namespace

Result<std::shared_ptr<LoraAdapter>> LoraAdapter::load(const fs::path& folder, const ModelConfig& config) {
    constexpr std::size_t kMostConfig = 4u << 20;
    const auto inFolder = [&](Error error) { return std::move(error).in("reading the adapter in " + folder.string()); };
    DUBITO_TRY(const std::string text, readFile(folder / "adapter_config.json", kMostConfig));
    auto json = parseJson(text, {kMostConfig, 32});
    if (!json) return inFolder(std::move(json).error());
    auto read = AdapterSettings::read(*json);
    if (!read) return inFolder(std::move(read).error());
    const AdapterSettings settings = std::move(*read);
    DUBITO_TRY(auto file, SafetensorsFile::open(folder / "adapter_model.safetensors"));
    std::shared_ptr<LoraAdapter> out(new LoraAdapter());
    out->m_rank = settings.rank();
    out->m_alpha = settings.alpha();
    out->m_layers.resize(static_cast<std::size_t>(config.layers));
    std::map<std::string, const SafeTensor*, std::less<>> left;  // not taken yet
    for (const SafeTensor& tensor : file->tensors()) left[tensor.name] = &tensor;
    if (left.empty()) return Error(Code::CorruptData, "the adapter holds no matrices. Folder: " + folder.string());
    for (std::size_t i = 0; i < kProjections; ++i) out->m_shapes[i] = shapeOf(static_cast<Projection>(i), config);
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        for (std::size_t i = 0; i < kProjections; ++i) {
            const auto projection = static_cast<Projection>(i);
            const auto a = left.find(tensorName(layer, projection, 'A')),
                       b = left.find(tensorName(layer, projection, 'B'));
            if (a == left.end() && b == left.end()) continue;
            if (a == left.end() || b == left.end())
                return Error(
                    Code::CorruptData, fmt::format("{} of layer {} has only one of its two matrices. Folder: {}",
                                           kNames[i], layer, folder.string()));
            Part& part = out->part(layer, projection);
            const std::string module = moduleName(layer, projection);
            const std::int64_t rank = settings.rankOf(module);
            DUBITO_TRY(part.a, floatsOf(*a->second, rank, out->m_shapes[i].in));
            DUBITO_TRY(part.b, floatsOf(*b->second, out->m_shapes[i].out, rank));
            // One rank and one strength for all: zeros fill up, and the rest of the strength goes into B.
            const double factor = settings.scaleOf(module) / (out->m_alpha / static_cast<double>(out->m_rank));
            if (rank != out->m_rank) part.a = widened(part.a, rank, out->m_rank);
            if (rank != out->m_rank || std::abs(factor - 1) > 1e-12)
                part.b = widenedColumns(part.b, rank, out->m_rank, factor);
            left.erase(a);
            left.erase(b);
        }
    if (!left.empty())
        return Error(Code::ShapeMismatch, fmt::format("the adapter changes {}, which this base of {} layers "
                                                      "does not have or which is not adapted here. Folder: {}",
                                              left.begin()->first, config.layers, folder.string()));
    return out;
}

Result<void> LoraAdapter::save(const fs::path& folder, std::string_view baseName) const {
    DUBITO_CHECK(makeFolders(folder));
    std::vector<TensorToWrite> tensors;
    Json targets = Json::array();
    const auto bytesOf = [](const compute::Floats& values) {
        return ByteSpan(reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float));
    };
    for (std::size_t i = 0; i < kProjections; ++i) {
        bool isUsed = false;
        for (std::int64_t layer = 0; layer < layers(); ++layer) {
            const auto projection = static_cast<Projection>(i);
            const Part& one = part(layer, projection);
            if (!one.isThere()) continue;
            isUsed = true;
            tensors.push_back({tensorName(layer, projection, 'A'), "F32", {m_rank, m_shapes[i].in}, bytesOf(one.a)});
            tensors.push_back({tensorName(layer, projection, 'B'), "F32", {m_shapes[i].out, m_rank}, bytesOf(one.b)});
        }
        if (isUsed) targets.push_back(std::string(kNames[i]));
    }
    DUBITO_CHECK(writeSafetensors(folder / "adapter_model.safetensors", tensors, {{"format", "pt"}}));
    const Json json = {{"peft_type", "LORA"}, {"task_type", "CAUSAL_LM"},
        {"base_model_name_or_path", std::string(baseName)}, {"r", m_rank}, {"lora_alpha", m_alpha},
        {"lora_dropout", 0.0}, {"bias", "none"}, {"fan_in_fan_out", false}, {"inference_mode", true},
        {"target_modules", targets}};
    return writeFileAtomic(folder / "adapter_config.json", jsonText(json, 2) + "\n");
}

std::int64_t LoraAdapter::parameters() const {
    std::size_t out = 0;
    for (const auto& layer : m_layers)
        for (const Part& one : layer) out += one.a.size() + one.b.size();
    return static_cast<std::int64_t>(out);
}

void LoraAdapter::mergeInto(std::int64_t layer, Projection projection, float* weight) const {
    const Part& one = part(layer, projection);
    if (!one.isThere()) return;
    const ProjectionShape shape = m_shapes[static_cast<std::size_t>(projection)];
    compute::Floats product(static_cast<std::size_t>(shape.out * shape.in));
    compute::product(
        one.b.data(), shape.out, m_rank, m_rank, one.a.data(), shape.in, shape.in, false, product.data(), shape.in);
    const float factor = scale();
    for (std::size_t i = 0; i < product.size(); ++i) weight[i] += factor * product.data()[i];
}

}  // namespace dubito::lm
