// A key of the architecture's own that is not known is refused: everything there shapes the numbers.
#include "lm/formats/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

#include "lm/formats/model_config.h"

namespace dubito::lm {
namespace {

/// Behind "ARCH.", at any value or checked where they are read.
constexpr std::string_view kRead[] = {"block_count", "embedding_length", "feed_forward_length", "attention.head_count",
    "attention.head_count_kv", "attention.key_length", "attention.value_length", "context_length",
    "attention.layer_norm_rms_epsilon", "rope.freq_base", "rope.dimension_count", "rope.scale_linear",
    "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.attn_factor",
    "rope.scaling.low_freq_factor", "rope.scaling.high_freq_factor", "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow", "vocab_size"};
constexpr std::pair<std::string_view, const char*> kHarmless[] = {
    {"rope.scaling.finetuned", "says how the model was made"},
    {"tensor_data_layout", "says how rows lie, which the architecture fixes"},
    {"attention.layer_norm_epsilon", "belongs to another norm than these blocks have"},
    {"pooling_type", "how a text becomes one vector, which is not asked for"},
    {"classifier.output_labels", "names of classes, for another head"}, {"expert_used_count", "there are no experts"},
    {"expert_feed_forward_length", "there are no experts"}};

/// The value as a sentence shows it; empty: the key is not set, or is set to what changes nothing.
std::string shown(const GgufValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole ? fmt::format("{}", *whole) : "";
    if (const auto* whole = std::get_if<std::uint64_t>(&value)) return *whole ? fmt::format("{}", *whole) : "";
    if (const auto* real = std::get_if<double>(&value)) return *real != 0 ? fmt::format("{}", *real) : "";
    if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "true" : "";
    if (const auto* text = std::get_if<std::string>(&value))
        return text->empty() ? "" : "\"" + text->substr(0, 80) + "\"";
    const auto& array = std::get<GgufArray>(value);
    return array.count ? fmt::format("a list of {}", array.count) : "";
}

AccountRow rowOf(const std::string& architecture, const std::string& key, const GgufValue& value) {
    const auto as = [&](Fate fate, std::string why) { return AccountRow{fate, "key: " + key, std::move(why)}; };
    const std::string prefix = architecture + ".";
    if (key == "general.architecture" || key == "general.alignment" || key.starts_with("split."))
        return as(Fate::Used, "");
    if (key.starts_with("general.")) return as(Fate::Harmless, "says where the model comes from");
    if (key.starts_with("tokenizer.")) return as(Fate::Used, "by the tokenizer and the chat template");
    if (key.starts_with("dubito.")) return as(Fate::Used, "");
    if (!key.starts_with(prefix)) return as(Fate::Harmless, "is not of this architecture");
    const std::string_view own = std::string_view(key).substr(prefix.size());
    if (std::find(std::begin(kRead), std::end(kRead), own) != std::end(kRead)) return as(Fate::Used, "");
    for (const auto& [name, why] : kHarmless)
        if (own == name) return as(Fate::Harmless, why);
    if (own == "attention.causal") {
        const auto* causal = std::get_if<bool>(&value);
        if (causal && *causal) return as(Fate::Harmless, "only what came before is seen");
        return as(Fate::Refused, fmt::format("the model sets {} to false, which is not read", key));
    }
    const std::string text = shown(value);
    if (text.empty()) return as(Fate::Harmless, "is not set");
    return as(Fate::Refused, fmt::format("the model sets {} to {}, which is not read", key, text));
}

/// "blk.7.attn_q.weight" -> "blk.*.attn_q.weight"
std::string withoutLayer(const std::string& name) {
    if (!name.starts_with("blk.")) return name;
    const auto dot = name.find('.', 4);
    return dot == std::string::npos ? name : "blk.*" + name.substr(dot);
}

}  // namespace

const char* fateName(Fate fate) {
    constexpr const char* kNames[] = {"refused", "warning", "used", "harmless"};
    return kNames[static_cast<int>(fate)];
}

Account accountOfKeys(const GgufFile& file) {
    if (!file.notes().empty()) return file.notes();
    Account out;
    const std::string architecture = file.text("general.architecture").value_or("");
    for (const auto& [key, value] : file.metadata()) out.push_back(rowOf(architecture, key, value));
    return out;
}

namespace {

/// Ids of tokens that the vocabulary does not hold, and a split of texts that no key names.
void addTokenizerWarnings(const GgufFile& file, Account& out) {
    const auto tokens = file.metadata().find("tokenizer.ggml.tokens");
    const auto* list = tokens == file.metadata().end() ? nullptr : std::get_if<GgufArray>(&tokens->second);
    if (!list) return;
    const auto size = static_cast<std::int64_t>(list->count);
    const auto check = [&](const std::string& key, std::int64_t id) {
        if (id < 0 || id >= size)
            out.push_back({Fate::Warning, fmt::format("key: {}", key),
                fmt::format("is {}, outside the vocabulary of {}: it is not heeded", id, size)});
    };
    for (const char* name : {"bos", "eos", "eot", "eom"}) {
        const std::string key = fmt::format("tokenizer.ggml.{}_token_id", name);
        if (const auto id = file.integer(key)) check(key, *id);
    }
    std::istringstream more(file.text("dubito.more_ends").value_or(""));
    for (std::int64_t id; more >> id;) check("eos_token_id", id);
    const std::string pre = file.text("tokenizer.ggml.pre").value_or("");
    if (file.text("tokenizer.ggml.model") == "gpt2" && (pre.empty() || pre == "default"))
        out.push_back({Fate::Warning, "key: tokenizer.ggml.pre",
            "does not name the split of texts: pieces may differ from those the model was trained on"});
}

}  // namespace

Account accountOf(const GgufFile& file) {
    Account out = accountOfKeys(file);
    addTokenizerWarnings(file, out);
    std::map<std::pair<Fate, std::string>, std::pair<std::int64_t, std::string>> tensors;
    for (const GgufTensor& tensor : file.tensors()) {
        if (!file.findTensor(tensor.name)) continue;
        const AccountRow row = fateOfTensor(file, tensor.name);
        auto& [count, why] = tensors[{row.fate, withoutLayer(tensor.name)}];
        ++count;
        why = row.why;
    }
    for (const auto& [key, value] : tensors)
        out.push_back({key.first,
            value.first > 1 ? fmt::format("tensors: {} x {}", key.second, value.first) : "tensor: " + key.second,
            value.second});
    std::stable_sort(out.begin(), out.end(), [](const AccountRow& a, const AccountRow& b) { return a.fate < b.fate; });
    return out;
}

}  // namespace dubito::lm
