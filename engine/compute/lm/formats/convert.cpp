// Values pass through fp32 a tensor at a time; a tensor that keeps type and row order is copied to the bit.
#include "lm/formats/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <sstream>

#include "base/json.h"
#include "lm/formats/gguf_writer.h"
#include "lm/formats/model_config.h"
#include "lm/formats/quantise.h"
#include "lm/formats/safetensors_writer.h"
#include "lm/formats/tensor_names.h"
#include "lm/text/tokenizer_json.h"

namespace dubito::lm {
namespace {

/// Where row `row` of the file lies in the model: file row 2r + c of a head is row c * (d/2) + r.
std::int64_t inOrder(std::int64_t row, std::int64_t headRows) {
    const std::int64_t within = row % headRows;
    return row - within + within % 2 * (headRows / 2) + within / 2;
}

enum class Reorder { No, Interleave, PutInOrder };

/// Rows a head when this tensor's rows have two orders; 0: they have one.
std::int64_t headRowsOf(const std::string& name, const ModelConfig& config) {
    const bool isQ = name.find(".attn_q.") != std::string::npos, isK = name.find(".attn_k.") != std::string::npos;
    return isQ || isK ? config.headWidth : 0;
}

/// The tensor's values in the order wanted. A vector counts as rows of one element where heads matter.
std::vector<float> valuesOf(const GgufTensor& tensor, Reorder reorder, std::int64_t headRows) {
    const auto type = static_cast<GgmlType>(tensor.typeCode);
    const BlockLayout layout = blockLayout(type);
    const std::int64_t elements = tensor.rows() * tensor.columns();
    std::vector<float> plain(static_cast<std::size_t>(elements));
    dequantise(type, tensor.data, plain.data(), elements / layout.elements);
    if (reorder == Reorder::No || headRows == 0) return plain;
    const bool isVector = tensor.dims.size() == 1;
    const std::int64_t rows = isVector ? tensor.columns() : tensor.rows(), columns = isVector ? 1 : tensor.columns();
    std::vector<float> out(plain.size());
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t other = inOrder(row, headRows);
        const auto [from, to] = reorder == Reorder::PutInOrder ? std::pair(row, other) : std::pair(other, row);
        std::copy_n(plain.data() + from * columns, columns, out.data() + to * columns);
    }
    return out;
}

bool isFloatType(GgmlType type) { return type == GgmlType::F32 || type == GgmlType::F16 || type == GgmlType::BF16; }

/// The kind of folder in which all of the model's biases have a place. @error Unsupported (by name)
Result<std::string> folderKindOf(const ModelConfig& c) {
    const bool anyMlp = c.gateUpBias || c.downBias, allMlp = c.gateUpBias && c.downBias;
    const bool hasWindow = c.window > 0, isEverywhere = c.windowFrom == 0 && c.windowLayers.empty();
    if (c.architecture == "qwen3") {
        if (!anyMlp && c.qkvBias == c.outBias) return std::string("qwen3");
    } else if (c.qkvBias && !c.outBias && !anyMlp) {
        return std::string("qwen2");
    } else if (c.qkvBias == c.outBias && (allMlp || !anyMlp)) {
        if (!hasWindow) return std::string("llama");
        if (isEverywhere && !c.qkvBias && !anyMlp) return std::string("mistral");
    }
    std::string names;
    for (const auto& [has, name] : {std::pair(c.qkvBias, "attn_q, attn_k, attn_v"), std::pair(c.outBias, "attn_output"),
             std::pair(c.gateUpBias, "ffn_gate, ffn_up"), std::pair(c.downBias, "ffn_down")})
        if (has) names += (names.empty() ? "" : ", ") + std::string(name);
    return Error(Code::Unsupported,
        fmt::format("no kind of model folder has biases at {} alone{}; write a GGUF file instead",
            names.empty() ? "no projection" : names, hasWindow ? " with this attention window" : ""));
}

/// What the divisors of a GGUF file say about llama3's scaling. @error Unsupported (they are not of that scaling)
Result<Json> llama3Of(const GgufFile& model, const ModelConfig& config) {
    const GgufTensor* stored = model.findTensor("rope_freqs.weight");
    std::vector<float> divisors(static_cast<std::size_t>(stored->columns()));
    dequantise(static_cast<GgmlType>(stored->typeCode), stored->data, divisors.data(),
        stored->columns() / blockLayout(static_cast<GgmlType>(stored->typeCode)).elements);
    const double factor = *std::max_element(divisors.begin(), divisors.end());
    if (factor == 1 && *std::min_element(divisors.begin(), divisors.end()) == 1) return Json();
    RopeScaling scaling{RopeScaling::Kind::Llama3, factor, 1, 4};
    scaling.originalContext = 8192;
    const auto plain = ropeFrequencies(config.headWidth, config.ropeBase, {}),
               scaled = ropeFrequencies(config.headWidth, config.ropeBase, scaling);
    for (std::size_t i = 0; i < divisors.size(); ++i)
        if (config.rope.kind != RopeScaling::Kind::None ||
            !(std::abs(plain[i] / scaled[i] / static_cast<double>(divisors[i]) - 1) < 1e-4))
            return Error(Code::Unsupported,
                "rope_freqs.weight divides frequencies in a way that no key of config.json says; write a GGUF file "
                "instead");
    return Json{{"rope_type", "llama3"}, {"factor", factor}, {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0},
        {"original_max_position_embeddings", 8192}};
}

Result<Json> ropeOf(const GgufFile& model, const ModelConfig& config) {
    const RopeScaling& rope = config.rope;
    using Kind = RopeScaling::Kind;
    if (model.findTensor("rope_freqs.weight")) return llama3Of(model, config);
    if (rope.kind == Kind::Linear) return Json{{"rope_type", "linear"}, {"factor", rope.factor}};
    if (rope.kind == Kind::Yarn)
        return Json{{"rope_type", "yarn"}, {"factor", rope.factor},
            {"original_max_position_embeddings", rope.originalContext}, {"beta_fast", rope.betaFast},
            {"beta_slow", rope.betaSlow}, {"attention_factor", ropeMagnitude(rope)}, {"truncate", rope.wholeIndices}};
    if (rope.kind == Kind::Llama3)
        return Json{{"rope_type", "llama3"}, {"factor", rope.factor}, {"low_freq_factor", rope.lowFactor},
            {"high_freq_factor", rope.highFactor}, {"original_max_position_embeddings", rope.originalContext}};
    return Json();
}

void addWindow(const ModelConfig& config, const std::string& kind, Json& out) {
    if (kind == "mistral") out["sliding_window"] = config.window > 0 ? Json(config.window) : Json();
    if (config.window <= 0 || !kind.starts_with("qwen")) return;
    out["use_sliding_window"] = true;
    out["sliding_window"] = config.window;
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        out["layer_types"].push_back(config.windowOf(layer) == INT64_MAX ? "full_attention" : "sliding_attention");
}

Result<Json> configOf(const GgufFile& model, const ModelConfig& config, const std::string& dtype) {
    DUBITO_TRY(const std::string kind, folderKindOf(config));
    DUBITO_TRY(const Json rope, ropeOf(model, config));
    if (config.logn || config.rope.kind == RopeScaling::Kind::DynamicNtk)
        return Error(Code::Unsupported, "log-n scaling and dynamic NTK have no place in a model folder of this kind");
    const char* className = kind == "llama"     ? "LlamaForCausalLM"
                            : kind == "mistral" ? "MistralForCausalLM"
                            : kind == "qwen3"   ? "Qwen3ForCausalLM"
                                                : "Qwen2ForCausalLM";
    Json out = {{"architectures", {className}}, {"model_type", kind}, {"_name_or_path", config.name},
        {"vocab_size", config.vocabulary}, {"hidden_size", config.width}, {"intermediate_size", config.ffn},
        {"num_hidden_layers", config.layers}, {"num_attention_heads", config.heads},
        {"num_key_value_heads", config.kvHeads}, {"head_dim", config.headWidth},
        {"hidden_act", gateFunctionName(config.gate)}, {"max_position_embeddings", config.context},
        {"rms_norm_eps", config.normEpsilon}, {"rope_theta", config.ropeBase}, {"tie_word_embeddings", config.tiedHead},
        {"torch_dtype", dtype}};
    if (kind == "llama" || kind == "qwen3") out["attention_bias"] = config.qkvBias;
    if (kind == "llama") out["mlp_bias"] = config.gateUpBias;
    addWindow(config, kind, out);
    if (!rope.is_null()) out["rope_scaling"] = rope;
    if (const auto id = model.integer("tokenizer.ggml.bos_token_id")) out["bos_token_id"] = *id;
    std::vector<std::int64_t> ends;
    for (const char* key :
        {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
        if (const auto id = model.integer(key); id && std::find(ends.begin(), ends.end(), *id) == ends.end())
            ends.push_back(*id);
    std::istringstream more(model.text("dubito.more_ends").value_or(""));
    for (std::int64_t id; more >> id;) ends.push_back(id);
    if (ends.size() == 1) out["eos_token_id"] = ends[0];
    if (ends.size() > 1) out["eos_token_id"] = ends;
    return out;
}

/// What a tensor becomes.
GgmlType typeFor(const GgufTensor& tensor, const std::optional<GgmlType>& wanted) {
    if (tensor.dims.size() == 1) return GgmlType::F32;
    if (!wanted) return static_cast<GgmlType>(tensor.typeCode);
    const bool isEdge = tensor.name == "token_embd.weight" || tensor.name == "output.weight";
    const bool isSmall = !isFloatType(*wanted) && *wanted != GgmlType::Q8_0 && *wanted != GgmlType::Q6_K;
    return typeThatFits(isEdge && isSmall ? GgmlType::Q6_K : *wanted, tensor.columns());
}

/// @error InvalidArgument (NaN or infinity, and where)
Result<void> checkFinite(const GgufTensor& tensor, std::span<const float> values, const char* when) {
    const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) return {};
    return Error(Code::InvalidArgument,
        fmt::format("tensor {} holds {} at value {}{}; nothing usable comes of it", tensor.name,
            std::isnan(*bad) ? "no number (NaN)" : "an infinite number", bad - values.begin(), when));
}

/// Fills the bytes of a tensor in its new type. @param report the errors are measured when it is not null
/// @error InvalidArgument (a value is no finite number, before or after)
Result<ConvertedTensor> fill(
    const GgufTensor& tensor, GgmlType to, std::int64_t headRows, std::span<std::uint8_t> out, bool report) {
    const auto from = static_cast<GgmlType>(tensor.typeCode);
    ConvertedTensor line{tensor.name, typeName(tensor.typeCode), typeName(static_cast<std::uint32_t>(to)),
        tensor.rows(), tensor.columns(), out.size()};
    const std::vector<float> values = valuesOf(tensor, headRows ? Reorder::Interleave : Reorder::No, headRows);
    DUBITO_CHECK(checkFinite(tensor, values, ""));
    if (from == to && headRows == 0) {
        std::copy_n(tensor.data, out.size(), out.data());
        return line;
    }
    const BlockLayout layout = blockLayout(to);
    const auto blocks = static_cast<std::int64_t>(values.size() / layout.elements);
    constexpr std::int64_t kPiece = 256;
    const std::int64_t pieces = (blocks + kPiece - 1) / kPiece;
    std::vector<double> errors(static_cast<std::size_t>(pieces)), squares(errors.size());  // summed in order afterwards
    std::atomic<bool> overflows = false;
#pragma omp parallel for schedule(dynamic)
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const std::int64_t first = piece * kPiece, n = std::min(kPiece, blocks - first);
        const float* in = values.data() + first * layout.elements;
        quantise(to, in, out.data() + first * layout.bytes, n);
        std::vector<float> back(static_cast<std::size_t>(n * layout.elements));
        dequantise(to, out.data() + first * layout.bytes, back.data(), n);
        if (!std::all_of(back.begin(), back.end(), [](float value) { return std::isfinite(value); })) overflows = true;
        if (!report) continue;
        for (std::size_t i = 0; i < back.size(); ++i) {
            errors[static_cast<std::size_t>(piece)] +=
                (static_cast<double>(back[i]) - in[i]) * (static_cast<double>(back[i]) - in[i]);
            squares[static_cast<std::size_t>(piece)] += static_cast<double>(in[i]) * in[i];
        }
    }
    if (overflows)
        return Error(Code::InvalidArgument,
            fmt::format("tensor {} holds values too large for {}; a wider type keeps them", tensor.name, line.to));
    const double error = std::accumulate(errors.begin(), errors.end(), 0.0),
                 square = std::accumulate(squares.begin(), squares.end(), 0.0);
    line.rmse = std::sqrt(error / static_cast<double>(values.size()));
    line.relative = square > 0 ? std::sqrt(error / square) : 0;
    return line;
}

Error notRead(const GgufTensor& tensor) {
    return Error(Code::Unsupported,
        fmt::format("tensor {} is stored as {}, which is not read", tensor.name, typeName(tensor.typeCode)));
}

}  // namespace

Result<std::vector<fs::path>> writeGguf(
    const GgufFile& model, const fs::path& path, const ConvertOptions& options, std::vector<ConvertedTensor>* report) {
    DUBITO_TRY(const ModelConfig config, readConfig(model));
    if (model.findTensor("blk.0.attn_qkv.weight") == nullptr && config.architecture == "qwen")
        return Error(Code::Unsupported, "models of the 2023 Qwen architecture are read, but not written");
    if (const auto reason = model.text("dubito.tokenizer_only_here"))
        return Error(Code::Unsupported,
            "GGUF has no words for this model's tokenizer, and other programs would read other ids: " + *reason +
                ". A folder keeps it");
    const bool interleave = config.architecture == "llama" && !config.permutedQk;
    GgufWriter writer;
    for (const auto& [key, value] : model.metadata())
        if (key != "dubito.rows_in_order" && !key.starts_with("split.") && key != "general.file_type" &&
            key != "general.alignment")
            writer.set(key, value);
    for (const GgufTensor& tensor : model.tensors()) {
        if (!model.findTensor(tensor.name)) continue;
        if (!tensor.data) return notRead(tensor);
        const GgmlType to = typeFor(tensor, options.type);
        const std::int64_t headRows = interleave ? headRowsOf(tensor.name, config) : 0;
        writer.addTensor(
            tensor.name, tensor.dims, to, [&tensor, to, headRows, report](std::span<std::uint8_t> out) -> Result<void> {
                DUBITO_TRY(ConvertedTensor line, fill(tensor, to, headRows, out, report != nullptr));
                if (report) report->push_back(std::move(line));
                return {};
            });
    }
    return writer.write(path, options.partBytes, options.goOn);
}

Result<std::shared_ptr<GgufFile>> convertedCopy(
    const std::shared_ptr<GgufFile>& model, const ConvertOptions& options, std::vector<ConvertedTensor>* report) {
    struct Owned {
        std::shared_ptr<GgufFile> model;  // whose mapping the lists of the metadata point into
        std::vector<std::unique_ptr<Bytes>> parts;
    };
    auto owned = std::make_shared<Owned>();
    owned->model = model;
    std::vector<GgufTensor> tensors;
    double done = 0;
    for (const GgufTensor& tensor : model->tensors()) {
        if (!model->findTensor(tensor.name)) continue;
        if (!tensor.data) return notRead(tensor);
        if (options.goOn && !options.goOn(++done / static_cast<double>(model->tensors().size())))
            return Error(Code::Cancelled, "converting the model was cancelled");
        GgufTensor made = tensor;
        const GgmlType to = typeFor(tensor, options.type);
        const BlockLayout layout = blockLayout(to);
        Bytes& bytes = *owned->parts.emplace_back(std::make_unique<Bytes>(
            static_cast<std::size_t>(tensor.rows() * tensor.columns() / layout.elements * layout.bytes)));
        DUBITO_TRY(ConvertedTensor line, fill(tensor, to, 0, bytes, report != nullptr));
        if (report) report->push_back(std::move(line));
        made.typeCode = static_cast<std::uint32_t>(to);
        made.bytes = bytes.size();
        made.data = bytes.data();
        tensors.push_back(std::move(made));
    }
    return GgufFile::assemble(model->metadata(), std::move(tensors), {}, owned);
}

Result<void> writeModelFolder(const GgufFile& model, const fs::path& folder, const ConvertOptions& options) {
    DUBITO_TRY(const ModelConfig config, readConfig(model));
    if (config.architecture == "qwen")
        return Error(Code::Unsupported, "models of the 2023 Qwen architecture are read, but not written");
    // Before anything is written.
    if (auto settings = configOf(model, config, ""); !settings) return std::move(settings).error();
    const GgmlType type = options.type.value_or(GgmlType::BF16);
    if (!isFloatType(type))
        return Error(Code::InvalidArgument, fmt::format("safetensors folders hold F32, F16 or BF16, not {}",
                                                typeName(static_cast<std::uint32_t>(type))));
    DUBITO_CHECK(makeFolders(folder));
    const std::string dtype = typeName(static_cast<std::uint32_t>(type));
    std::vector<std::unique_ptr<Bytes>> kept;
    std::vector<TensorToWrite> tensors;
    double done = 0;
    for (const GgufTensor& tensor : model.tensors()) {
        const std::string name = folderName(tensor.name);
        if (name.empty() || !model.findTensor(tensor.name)) continue;
        const std::int64_t headRows = config.permutedQk ? headRowsOf(tensor.name, config) : 0;
        const std::vector<float> values = valuesOf(tensor, headRows ? Reorder::PutInOrder : Reorder::No, headRows);
        DUBITO_CHECK(checkFinite(tensor, values, ""));
        auto bytes = std::make_unique<Bytes>(values.size() * blockLayout(type).bytes);
        quantise(type, values.data(), bytes->data(), static_cast<std::int64_t>(values.size()));
        if (type == GgmlType::F16) {  // the only one of the three with less reach than the values
            std::vector<float> back(values.size());
            dequantise(type, bytes->data(), back.data(), static_cast<std::int64_t>(back.size()));
            DUBITO_CHECK(checkFinite(tensor, back, " as F16"));
        }
        tensors.push_back({name, dtype, std::vector<std::int64_t>(tensor.dims.rbegin(), tensor.dims.rend()), *bytes});
        kept.push_back(std::move(bytes));
        if (options.goOn && !options.goOn(++done / static_cast<double>(model.tensors().size())))
            return Error(Code::Cancelled, "writing the model was cancelled; the folder holds no weights");
    }
    DUBITO_CHECK(writeShards(folder, tensors, options.partBytes ? options.partBytes : UINT64_MAX));
    const std::string torchName = type == GgmlType::F32 ? "float32" : type == GgmlType::F16 ? "float16" : "bfloat16";
    DUBITO_TRY(const auto files, writeFolderFiles(model, folder, torchName));
    return {};
}

Result<std::vector<std::string>> writeFolderFiles(
    const GgufFile& model, const fs::path& folder, const std::string& torchName) {
    DUBITO_TRY(const ModelConfig config, readConfig(model));
    if (config.architecture == "qwen")
        return Error(Code::Unsupported, "models of the 2023 Qwen architecture are read, but not written");
    std::vector<std::string> out;
    const auto write = [&](const char* name, const std::string& content) {
        out.emplace_back(name);
        return writeFileAtomic(folder / name, content);
    };
    DUBITO_TRY(const Json settings, configOf(model, config, torchName));
    DUBITO_CHECK(write("config.json", jsonText(settings, 2) + "\n"));
    if (auto tokenizer = tokenizerJson(model)) {
        DUBITO_CHECK(write("tokenizer.json", jsonText(*tokenizer, 1) + "\n"));
        DUBITO_CHECK(write("tokenizer_config.json", jsonText(tokenizerConfigJson(model), 2) + "\n"));
    } else if (tokenizer.error().code() != Code::Unsupported) {
        return std::move(tokenizer).error();
    }
    if (const auto chat = model.text("tokenizer.chat_template")) DUBITO_CHECK(write("chat_template.jinja", *chat));
    return out;
}

}  // namespace dubito::lm
