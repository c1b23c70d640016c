// Rows that the file does not state are left out.
#include "lm/formats/model_card.h"

#include <fmt/format.h>

namespace dubito::lm {
namespace {

/// 134515008 -> "134,515,008"
std::string grouped(std::uint64_t value) {
    std::string out = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3)
        out.insert(static_cast<std::size_t>(at), ",");
    return out;
}

}  // namespace

CardRows modelCard(const GgufFile& file) {
    CardRows out;
    const std::string a = file.text("general.architecture").value_or("");
    const auto text = [&](const char* row, const std::string& key) {
        if (const auto value = file.text(key); value && !value->empty()) out.emplace_back(row, *value);
    };
    const auto whole = [&](const char* row, const std::string& key) {
        if (const auto value = file.integer(key))
            out.emplace_back(row, grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(*value, 0))));
    };
    text("name", "general.name");
    text("architecture", "general.architecture");
    std::map<std::string, int> types;
    std::uint64_t elements = 0, bytes = 0;
    for (const GgufTensor& tensor : file.tensors()) {
        if (!file.findTensor(tensor.name)) continue;
        ++types[typeName(tensor.typeCode)];
        elements += static_cast<std::uint64_t>(tensor.rows() * tensor.columns());
        bytes += tensor.bytes;
    }
    if (elements) out.emplace_back("parameters", grouped(elements));
    whole("layers", a + ".block_count");
    whole("width", a + ".embedding_length");
    whole("heads", a + ".attention.head_count");
    whole("key heads", a + ".attention.head_count_kv");
    const Account account = accountOf(file);
    std::map<Fate, int> fates;
    for (const AccountRow& row : account) ++fates[row.fate];
    for (const AccountRow& row : account)
        if (row.fate == Fate::Warning) out.emplace_back("warning", row.what + " " + row.why);
    if (const auto config = readConfig(file)) {
        out.emplace_back("head width", grouped(static_cast<std::uint64_t>(config->headWidth)));
        out.emplace_back("vocabulary", grouped(static_cast<std::uint64_t>(config->vocabulary)));
        out.emplace_back("head", config->tiedHead ? "tied to the embedding" : "own matrix");
        constexpr const char* kRopes[] = {"", "linear", "llama3", "yarn", "dynamic NTK"};
        if (const char* rope = kRopes[static_cast<int>(config->rope.kind)]; *rope)
            out.emplace_back("rope scaling", fmt::format("{} x {}", rope, config->rope.factor));
        if (config->gate != GateFunction::Silu) out.emplace_back("activation", gateFunctionName(config->gate));
        std::string biases;
        for (const auto& [has, name] : {std::pair(config->qkvBias, "q, k, v"), std::pair(config->outBias, "o"),
                 std::pair(config->gateUpBias, "gate, up"), std::pair(config->downBias, "down")})
            if (has) biases += (biases.empty() ? "" : ", ") + std::string(name);
        if (!biases.empty()) out.emplace_back("biases", biases);
        if (config->window > 0)
            out.emplace_back("attention window", grouped(static_cast<std::uint64_t>(config->window)));
    } else {
        out.emplace_back("cannot be run", config.error().text());
    }
    out.emplace_back(
        "keys and tensors", fmt::format("{} used, {} harmless, {} with a warning, {} refused", fates[Fate::Used],
                                fates[Fate::Harmless], fates[Fate::Warning], fates[Fate::Refused]));
    whole("feed-forward width", a + ".feed_forward_length");
    whole("context", a + ".context_length");
    std::string mix;
    for (const auto& [name, n] : types) mix += (mix.empty() ? "" : ", ") + name + " x " + std::to_string(n);
    if (!mix.empty()) out.emplace_back("tensor types", mix);
    if (bytes) out.emplace_back("weights", grouped(bytes) + " bytes");
    text("tokenizer", "tokenizer.ggml.model");
    text("pre-tokenizer", "tokenizer.ggml.pre");
    const std::string chat = file.text("tokenizer.chat_template").value_or("");
    out.emplace_back("chat template", chat.empty() ? "none" : grouped(chat.size()) + " bytes");
    text("licence", "general.license");
    text("author", "general.author");
    text("quantised by", "general.quantized_by");
    return out;
}

}  // namespace dubito::lm
