// Patterns come from strangers: they run under PCRE2's limits.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "lm/formats/adapter_settings.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dubito::lm {
namespace {

constexpr std::int64_t kMostRank = 1024;
constexpr std::size_t kMostPatterns = 4096;

/// A key whose other values would change what the adapter computes, and how that is said.
struct Refused {
    const char* key;
    const char* loss;
};
constexpr Refused kRefused[] = {
    {"use_dora", "DoRA rescales each row of the base"},
    {"use_qalora", "QALoRA pools the input of A"},
    {"use_bdlora", "its matrices are block-diagonal"},
    {"lora_bias", "its B matrices have biases"},
    {"modules_to_save", "it replaces whole modules of the base"},
    {"layer_replication", "it repeats layers of the base"},
    {"trainable_token_indices", "it replaces rows of the embedding"},
    {"target_parameters", "it changes parameters that are no linear layers"},
    {"alora_invocation_tokens", "it acts only behind certain tokens"},
    {"arrow_config", "it routes between several adapters"},
    {"velora_config", "it changes how its matrices are trained and stored"},
};
/// Keys that say where the adapter comes from, which modules have matrices (the file shows them), how it was trained.
constexpr const char* kHarmless[] = {"alora_config", "auto_mapping", "base_model_name_or_path", "base_model_class",
    "bias", "corda_config", "ensure_weight_tying", "eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode",
    "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha", "lora_dropout",
    "lora_ga_config", "megatron_config", "megatron_core", "parent_library", "peft_type", "peft_version",
    "qalora_group_size", "r", "rank_pattern", "alpha_pattern", "revision", "runtime_config", "target_modules",
    "task_type", "use_rslora"};
/// Ways to begin that leave the base as it is; the others subtract from it what they put into the adapter.
constexpr const char* kBeginnings[] = {"gaussian", "eva", "orthogonal", "True", "False"};

/// Whether a value says nothing: null, false, 0, empty.
bool saysNothing(const Json& value) {
    return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
           (value.is_number() && value.get<double>() == 0) ||
           ((value.is_string() || value.is_array() || value.is_object()) && value.empty()) ||
           (value.is_string() && value.get<std::string>().empty());
}

Result<void> checkKeys(const Json& config) {
    for (const auto& [key, value] : config.items()) {
        if (saysNothing(value)) continue;
        const auto refused = std::find_if(
            std::begin(kRefused), std::end(kRefused), [&key = key](const Refused& r) { return key == r.key; });
        if (refused != std::end(kRefused))
            return Error(
                Code::Unsupported, fmt::format("the adapter sets {}, which is not read: {}", key, refused->loss));
        if (std::find(std::begin(kHarmless), std::end(kHarmless), key) == std::end(kHarmless))
            return Error(Code::Unsupported,
                fmt::format("the adapter sets {}, which is not known; what it would change would be lost", key));
    }
    if (const std::string kind = textOr(config, "peft_type", "LORA"); kind != "LORA")
        return Error(Code::Unsupported, fmt::format("the adapter is of type {}; LORA is read", kind));
    if (const std::string bias = textOr(config, "bias", "none"); bias != "none")
        return Error(Code::Unsupported,
            fmt::format("the adapter sets bias to {}: it replaces biases of the base, which is not read", bias));
    const Json& begins = memberOf(config, "init_lora_weights");
    const std::string way = begins.is_string() ? begins.get<std::string>() : "True";
    if (std::find(std::begin(kBeginnings), std::end(kBeginnings), way) == std::end(kBeginnings))
        return Error(Code::Unsupported,
            fmt::format(
                "the adapter was begun by {} (init_lora_weights): it belongs to a base that this changed, not "
                "to the original one. PEFT can save it as a plain LoRA (path_initial_model_for_weight_conversion)",
                way));
    return {};
}

struct FreeCode {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
/// The first pattern that a module's name fits, as PEFT asks: re.match(r"(.*\.)?(PATTERN)$", name).
class Patterns {
public:
    Result<void> read(const Json& config, const char* key) {
        const Json& given = memberOf(config, key);
        if (given.is_null()) return {};
        if (!given.is_object() || given.size() > kMostPatterns)
            return Error(Code::CorruptData,
                fmt::format("the adapter's {} is no mapping of at most {} patterns", key, kMostPatterns));
        for (const auto& [pattern, value] : given.items()) {
            if (!value.is_number() || !(value.get<double>() > 0))
                return Error(
                    Code::CorruptData, fmt::format("the adapter's {} gives {} no positive number", key, pattern));
            int error = 0;
            PCRE2_SIZE at = 0;
            const std::string whole = "^(?:.*\\.)?(?:" + pattern + ")$";
            pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(whole.data()), whole.size(),
                PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &at, nullptr);
            if (!code)
                return Error(
                    Code::CorruptData, fmt::format("the adapter's {} holds a pattern that is none: {}", key, pattern));
            m_all.push_back({std::unique_ptr<pcre2_code, FreeCode>(code), value.get<double>()});
        }
        return {};
    }
    double of(const std::string& module, double otherwise) const {
        constexpr std::uint32_t kMostSteps = 100'000;
        if (m_all.empty()) return otherwise;
        pcre2_match_context* limits = pcre2_match_context_create(nullptr);
        pcre2_set_match_limit(limits, kMostSteps);
        pcre2_match_data* match = pcre2_match_data_create(1, nullptr);
        double out = otherwise;
        for (const auto& one : m_all)
            if (pcre2_match(one.code.get(), reinterpret_cast<PCRE2_SPTR>(module.data()), module.size(), 0, 0, match,
                    limits) >= 0) {
                out = one.value;
                break;
            }
        pcre2_match_data_free(match);
        pcre2_match_context_free(limits);
        return out;
    }
    double largest(double least) const {
        for (const auto& one : m_all) least = std::max(least, one.value);
        return least;
    }

private:
    struct One {
        std::unique_ptr<pcre2_code, FreeCode> code;
        double value;
    };
    std::vector<One> m_all;
};

}  // namespace

struct AdapterSettings::State {
    std::int64_t rank = 0;
    double alpha = 0;
    bool isStabilised = false;
    Patterns ranks, alphas;

    double scale(double alpha, double rank) const { return alpha / (isStabilised ? std::sqrt(rank) : rank); }
};

AdapterSettings::AdapterSettings(std::unique_ptr<State> state) : m_state(std::move(state)) {}
AdapterSettings::AdapterSettings(AdapterSettings&&) noexcept = default;
AdapterSettings& AdapterSettings::operator=(AdapterSettings&&) noexcept = default;
AdapterSettings::~AdapterSettings() = default;

Result<AdapterSettings> AdapterSettings::read(const Json& config) {
    if (!config.is_object()) return Error(Code::CorruptData, "adapter_config.json holds no mapping");
    DUBITO_CHECK(checkKeys(config));
    auto state = std::make_unique<State>();
    state->rank = integerOr(config, "r", 8);
    state->alpha = numberOr(config, "lora_alpha", 8);
    state->isStabilised = boolOr(config, "use_rslora", false);
    DUBITO_CHECK(state->ranks.read(config, "rank_pattern"));
    DUBITO_CHECK(state->alphas.read(config, "alpha_pattern"));
    const double most = state->ranks.largest(static_cast<double>(state->rank));
    if (state->rank < 1 || most > kMostRank || !(state->alpha > 0) || !std::isfinite(state->alpha))
        return Error(Code::CorruptData,
            fmt::format("the adapter states rank {} and alpha {}; ranks of 1 to {} are read",
                most > state->rank ? static_cast<std::int64_t>(most) : state->rank, state->alpha, kMostRank));
    return AdapterSettings(std::move(state));
}

std::int64_t AdapterSettings::rankOf(const std::string& module) const {
    return static_cast<std::int64_t>(m_state->ranks.of(module, static_cast<double>(m_state->rank)));
}
double AdapterSettings::scaleOf(const std::string& module) const {
    return m_state->scale(m_state->alphas.of(module, m_state->alpha), static_cast<double>(rankOf(module)));
}
std::int64_t AdapterSettings::rank() const {
    return static_cast<std::int64_t>(m_state->ranks.largest(static_cast<double>(m_state->rank)));
}
double AdapterSettings::alpha() const {
    return m_state->scale(m_state->alpha, static_cast<double>(m_state->rank)) * static_cast<double>(rank());
}

}  // namespace dubito::lm
