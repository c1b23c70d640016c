// One table for both directions; the 2023 Qwen names go one way only.
#include "lm/formats/tensor_names.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace dubito::lm {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;
constexpr Pair kWhole[] = {{"model.embed_tokens.weight", "token_embd.weight"},
    {"model.norm.weight", "output_norm.weight"}, {"lm_head.weight", "output.weight"}};
constexpr Pair kOldWhole[] = {
    {"transformer.wte.weight", "token_embd.weight"}, {"transformer.ln_f.weight", "output_norm.weight"}};
constexpr Pair kParts[] = {{"input_layernorm", "attn_norm"}, {"post_attention_layernorm", "ffn_norm"},
    {"self_attn.q_proj", "attn_q"}, {"self_attn.k_proj", "attn_k"}, {"self_attn.v_proj", "attn_v"},
    {"self_attn.o_proj", "attn_output"}, {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"},
    {"mlp.gate_proj", "ffn_gate"}, {"mlp.up_proj", "ffn_up"}, {"mlp.down_proj", "ffn_down"}};
constexpr Pair kOldParts[] = {{"ln_1", "attn_norm"}, {"ln_2", "ffn_norm"}, {"attn.c_attn", "attn_qkv"},
    {"attn.c_proj", "attn_output"}, {"mlp.w2", "ffn_gate"}, {"mlp.w1", "ffn_up"}, {"mlp.c_proj", "ffn_down"}};

/// prefix + N + "." + part + ".weight" -> to + N + "." + other part + ".weight"
template <std::size_t n>
std::string inLayer(
    std::string_view name, std::string_view prefix, std::string_view to, const Pair (&parts)[n], bool forward) {
    if (!name.starts_with(prefix)) return {};
    const auto dot = name.find('.', prefix.size()), last = name.rfind('.');
    if (dot == std::string_view::npos || last <= dot) return {};
    const std::string_view layer = name.substr(prefix.size(), dot - prefix.size()),
                           part = name.substr(dot + 1, last - dot - 1);
    if (layer.empty() || layer.size() > 4 || layer.find_first_not_of("0123456789") != std::string_view::npos) return {};
    for (const auto& [folder, gguf] : parts)
        if (part == (forward ? folder : gguf))
            return std::string(to).append(layer).append(".").append(forward ? gguf : folder).append(name.substr(last));
    return {};
}

}  // namespace

std::string ggufName(const std::string& given) {
    // Some writers put one prefix more in front, or none.
    std::string name = given.starts_with("model.model.") ? given.substr(6) : given;
    for (const std::string_view bare : {"layers.", "embed_tokens.", "norm."})
        if (name.starts_with(bare)) name = "model." + name;
    for (const auto& [folder, gguf] : kWhole)
        if (name == folder) return std::string(gguf);
    for (const auto& [folder, gguf] : kOldWhole)
        if (name == folder) return std::string(gguf);
    std::string out = inLayer(name, "model.layers.", "blk.", kParts, true);
    return out.empty() ? inLayer(name, "transformer.h.", "blk.", kOldParts, true) : out;
}

bool isNeedless(const std::string& name) {
    constexpr std::string_view kEnds[] = {".rotary_emb.inv_freq", ".rotary_emb.cos_cached", ".rotary_emb.sin_cached",
        ".attn.masked_bias", ".attn.bias", ".attention.masked_bias"};
    return std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view end) { return name.ends_with(end); });
}

std::string folderName(const std::string& name) {
    for (const auto& [folder, gguf] : kWhole)
        if (name == gguf) return std::string(folder);
    return inLayer(name, "blk.", "model.layers.", kParts, false);
}

}  // namespace dubito::lm
