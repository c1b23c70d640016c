// Rules by the names that GGUF gives them.
#include "lm/text/pretokenizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

#include "lm/text/split_pattern.h"

namespace dubito::lm {
namespace {

#define DUBITO_WORDS(NUM)                                                                            \
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)" NUM R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|)" \
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
#define DUBITO_UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define DUBITO_LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"
#define DUBITO_SHORT R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
#define DUBITO_CASE(SHORT, NUM)                                                                           \
    R"([^\r\n\p{L}\p{N}]?)" DUBITO_UPPER "*" DUBITO_LOWER "+" SHORT R"(|[^\r\n\p{L}\p{N}]?)" DUBITO_UPPER \
    "+" DUBITO_LOWER "*" SHORT "|" NUM R"(| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"
constexpr const char* kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2 = DUBITO_WORDS(R"(\p{N})");
constexpr const char* kLlama3 = DUBITO_WORDS(R"(\p{N}{1,3})");
constexpr const char* kGpt4o = DUBITO_CASE(DUBITO_SHORT, R"(\p{N}{1,3})");
constexpr const char* kTekken = DUBITO_CASE("", R"(\p{N})");
constexpr const char* kDigit = R"(\p{N})";
constexpr const char* kDigits = R"(\p{N}+)";
constexpr const char* kUpToThree = R"(\p{N}{1,3})";
constexpr const char* kEastAsian = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
constexpr const char* kDeepSeek = R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?)"
                                  R"([\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kSeedCoder =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kBailing = R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|)"
                                 R"(\s*[\r\n]|\s+(?!\S)|\s+)";
constexpr const char* kPunctuation = R"([\p{P}$+<=>^~|`]+)";
constexpr const char* kPunctuationMost = R"([\p{P}$+<=>^~|]+)";
constexpr const char* kThreeDigits = R"([0-9][0-9][0-9])";

}  // namespace

const std::vector<SplitRule>& splitRules() {
    static const std::vector<SplitRule> kRules = {{"gpt-2", {kGpt2}}, {"roberta-bpe", {kGpt2}}, {"phi-2", {kGpt2}},
        {"jina-es", {kGpt2}}, {"jina-de", {kGpt2}}, {"jina-v2-es", {kGpt2}}, {"jina-v2-de", {kGpt2}},
        {"jina-v1-en", {kGpt2}}, {"jina-v2-code", {kGpt2}}, {"gigachat", {kGpt2}}, {"trillion", {kGpt2}},
        {"a.x-4.0", {kGpt2}}, {"mellum", {kGpt2}}, {"modern-bert", {kGpt2}}, {"exaone4", {kGpt2}}, {"jais", {kGpt2}},
        {"granite-docling", {kGpt2}}, {"gpt-neox", {kGpt2}, true}, {"mpt", {kGpt2}, true}, {"olmo", {kGpt2}, true},
        {"smollm", {kDigit, kGpt2}}, {"starcoder", {kDigit, kGpt2}}, {"refact", {kDigit, kGpt2}},
        {"command-r", {kDigit, kGpt2}}, {"codeshell", {kDigit, kGpt2}}, {"exaone", {kDigit, kGpt2}},
        {"minerva-7b", {kDigit, kGpt2}}, {"mellum2", {kDigit, kGpt2}},
        {"default", {kPunctuationMost, kGpt2, kDigits, kThreeDigits}}, {"falcon", {kPunctuation, kGpt2, kThreeDigits}},
        {"qwen2", {kQwen2}, true}, {"stablelm2", {kQwen2}, true}, {"deepseek-r1-qwen", {kQwen2}, true},
        {"kormo", {kQwen2}}, {"f2llmv2", {kQwen2}}, {"megrez", {kQwen2}}, {"hunyuan", {kQwen2}},
        {"solar-open", {kQwen2}}, {"grok-2", {kQwen2}}, {"llama-bpe", {kLlama3}, false, true},
        {"llama3", {kLlama3}, false, true}, {"llama-v3", {kLlama3}, false, true}, {"falcon3", {kLlama3}, false, true},
        {"pixtral", {kLlama3}, false, true}, {"falcon-h1", {kLlama3}, false, true},
        {"midm-2.0", {kLlama3}, false, true}, {"lfm2", {kLlama3}, false, true},
        {"jina-v5-nano", {kLlama3}, false, true}, {"glm4", {kLlama3}}, {"chatglm-bpe", {kLlama3}}, {"dbrx", {kLlama3}},
        {"smaug-bpe", {kLlama3}}, {"gpt-4o", {kGpt4o}}, {"llama4", {kGpt4o}}, {"kanana2", {kGpt4o}},
        {"talkie", {kGpt4o}}, {"minimax-m2", {kGpt4o}}, {"tekken", {kTekken}, false, true},
        {"deepseek-v3", {kUpToThree, kEastAsian, kDeepSeek}}, {"hunyuan-dense", {kUpToThree, kEastAsian, kDeepSeek}},
        {"joyai-llm", {kUpToThree, kEastAsian, kDeepSeek}}, {"hy_v4", {kUpToThree, kEastAsian, kDeepSeek}},
        {"seed-coder", {kSeedCoder}}, {"bailingmoe", {kBailing}}, {"bailingmoe2", {kBailing}},
        {"llada-moe", {kBailing}}};
    return kRules;
}

std::vector<std::string> spelledStages(const SplitRule& rule) {
    std::vector<std::string> out;
    for (const std::string_view stage : rule.stages) {
        const bool isLast = out.size() + 1 == rule.stages.size();
        out.push_back(isLast && stage == kGpt2 ? "gpt2" : stage == kDigit ? "digits" : "split " + std::string(stage));
    }
    if (out.back() != "gpt2") out.emplace_back("bytes");
    return out;
}

struct Pretokenizer::State {
    std::vector<std::shared_ptr<const SplitPattern>> stages;
    bool nfc = false, wholeFirst = false;

    /// @return false: a pattern did too much work
    bool split(std::string_view part, std::size_t stage, std::vector<std::string_view>& out) const {
        if (stage == stages.size()) return out.push_back(part), true;
        std::size_t at = 0, begin = 0, end = 0;
        MatchWork work;
        while (at < part.size()) {
            const auto found = stages[stage]->find(part, at, begin, end, work);
            if (found == SplitPattern::Found::TooMuchWork) return false;
            if (found == SplitPattern::Found::No || end == begin) break;
            if (begin > at && !split(part.substr(at, begin - at), stage + 1, out)) return false;
            if (!split(part.substr(begin, end - begin), stage + 1, out)) return false;
            at = end;
        }
        return at >= part.size() || split(part.substr(at), stage + 1, out);
    }
};

std::size_t utf8Length(std::string_view text) {
    utf8proc_int32_t code = 0;
    const auto n = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &code);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

Pretokenizer::Pretokenizer(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Pretokenizer::Pretokenizer(Pretokenizer&&) noexcept = default;
Pretokenizer& Pretokenizer::operator=(Pretokenizer&&) noexcept = default;
Pretokenizer::~Pretokenizer() = default;

Result<Pretokenizer> Pretokenizer::create(std::string_view name) {
    const auto rule =
        std::find_if(splitRules().begin(), splitRules().end(), [&](const SplitRule& r) { return r.name == name; });
    if (rule == splitRules().end()) {
        std::string known;
        for (const SplitRule& r : splitRules()) known += (known.empty() ? "" : ", ") + std::string(r.name);
        return Error(
            Code::Unsupported, "the pre-tokenizer \"" + std::string(name) + "\" is not known; these are: " + known);
    }
    auto state = std::make_unique<State>();
    state->nfc = rule->nfc;
    state->wholeFirst = rule->wholeFirst;
    for (const char* pattern : rule->stages) {
        DUBITO_TRY(const std::string translated, translatedPattern(pattern));
        DUBITO_TRY(auto compiled, SplitPattern::compile(translated));
        state->stages.push_back(std::move(compiled));
    }
    return Pretokenizer(std::move(state));
}

bool Pretokenizer::wholePieceFirst() const { return m_state->wholeFirst; }

std::string Pretokenizer::normalise(std::string_view text) const {
    if (!m_state->nfc) return std::string(text);
    utf8proc_uint8_t* out = nullptr;
    const auto n =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
            &out, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (n < 0) return std::string(text);  // invalid UTF-8 has no normal form
    std::string result(reinterpret_cast<char*>(out), static_cast<std::size_t>(n));
    std::free(out);
    return result;
}

std::vector<std::string_view> Pretokenizer::split(std::string_view text) const {
    std::vector<std::string_view> out;
    split(text, out);
    return out;
}

bool Pretokenizer::split(std::string_view text, std::vector<std::string_view>& out) const {
    std::size_t start = 0, at = 0;
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
        } else if (const std::size_t n = utf8Length(text.substr(at))) {
            at += n;
        } else {
            if (at > start && !m_state->split(text.substr(start, at - start), 0, out)) return false;
            out.push_back(text.substr(at, 1));
            start = ++at;
        }
    }
    return at <= start || m_state->split(text.substr(start), 0, out);
}

}  // namespace dubito::lm
