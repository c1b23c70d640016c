// PCRE2 with UTF and UCP. Its \s also matches U+180E, which the references' does not, so white space is spelled out.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "lm/text/pretokenizer.h"

#include <pcre2.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

namespace dubito::lm {
namespace {

#define DUBITO_SPACE R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
constexpr const char* kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^)" DUBITO_SPACE
                              R"(\p{L}\p{N}]+|[)" DUBITO_SPACE R"(]+(?![^)" DUBITO_SPACE R"(])|[)" DUBITO_SPACE R"(]+)";
#define DUBITO_P2(NUM)                                                                              \
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)" NUM R"(| ?[^)" DUBITO_SPACE         \
    R"(\p{L}\p{N}]+[\r\n]*|[)" DUBITO_SPACE R"(]*[\r\n]+|[)" DUBITO_SPACE R"(]+(?![^)" DUBITO_SPACE \
    R"(])|[)" DUBITO_SPACE R"(]+)"
constexpr const char* kQwen2 = DUBITO_P2(R"(\p{N})");
constexpr const char* kLlama3 = DUBITO_P2(R"(\p{N}{1,3})");
constexpr const char* kDigit = R"(\p{N})";
constexpr const char* kPunctuation = R"([\p{P}$+<=>^~|`]+)";
constexpr const char* kThreeDigits = R"([0-9][0-9][0-9])";

/// Patterns one after the other: each cuts the parts that the one before left, and its look-ahead sees one part only.
struct Rule {
    std::string_view name;
    std::vector<const char*> stages;
    bool nfc = false, wholeFirst = false;
};
const std::vector<Rule>& rules() {
    static const std::vector<Rule> kRules = {{"gpt-2", {kGpt2}}, {"roberta-bpe", {kGpt2}}, {"mpt", {kGpt2}, true},
        {"olmo", {kGpt2}, true}, {"gpt-neox", {kGpt2}, true}, {"smollm", {kDigit, kGpt2}},
        {"starcoder", {kDigit, kGpt2}}, {"refact", {kDigit, kGpt2}}, {"command-r", {kDigit, kGpt2}},
        {"falcon", {kPunctuation, kGpt2, kThreeDigits}}, {"qwen2", {kQwen2}, true},
        {"deepseek-r1-qwen", {kQwen2}, true}, {"llama-bpe", {kLlama3}, false, true}, {"llama3", {kLlama3}, false, true},
        {"llama-v3", {kLlama3}, false, true}};
    return kRules;
}

/// Where a match is written: one a thread, because tokenizers are shared by threads.
struct MatchData {
    pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
    ~MatchData() { pcre2_match_data_free(data); }
};

struct Pattern {
    pcre2_code* code = nullptr;
    Pattern() = default;
    Pattern(const Pattern&) = delete;
    ~Pattern() { pcre2_code_free(code); }
    bool compile(const char* text) {
        int error = 0;
        PCRE2_SIZE at = 0;
        code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text), PCRE2_ZERO_TERMINATED,
            PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK, &error, &at, nullptr);
        if (!code) return false;
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
        return true;
    }
    /// Match at or after `from` in valid UTF-8; false when there is none.
    bool find(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end) const {
        thread_local const MatchData match;
        // 0: more groups than places; the whole match is there all the same.
        if (pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK,
                match.data, nullptr) < 0)
            return false;
        const PCRE2_SIZE* range = pcre2_get_ovector_pointer(match.data);
        begin = range[0];
        end = range[1];
        return end > begin;
    }
};

}  // namespace

struct Pretokenizer::State {
    std::vector<std::unique_ptr<Pattern>> stages;
    bool nfc = false, wholeFirst = false;

    void split(std::string_view part, std::size_t stage, std::vector<std::string_view>& out) const {
        if (stage == stages.size()) return out.push_back(part);
        std::size_t at = 0, begin = 0, end = 0;
        while (at < part.size() && stages[stage]->find(part, at, begin, end)) {
            if (begin > at) split(part.substr(at, begin - at), stage + 1, out);
            split(part.substr(begin, end - begin), stage + 1, out);
            at = end;
        }
        if (at < part.size()) split(part.substr(at), stage + 1, out);
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
    const auto rule = std::find_if(rules().begin(), rules().end(), [&](const Rule& r) { return r.name == name; });
    if (rule == rules().end()) {
        std::string known;
        for (const Rule& r : rules()) known += (known.empty() ? "" : ", ") + std::string(r.name);
        return Error(
            Code::Unsupported, "the pre-tokenizer \"" + std::string(name) + "\" is not known; these are: " + known);
    }
    auto state = std::make_unique<State>();
    state->nfc = rule->nfc;
    state->wholeFirst = rule->wholeFirst;
    for (const char* pattern : rule->stages) {
        state->stages.push_back(std::make_unique<Pattern>());
        if (!state->stages.back()->compile(pattern)) return Error(Code::Internal, "a split pattern does not compile");
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
    std::size_t start = 0, at = 0;
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
        } else if (const std::size_t n = utf8Length(text.substr(at))) {
            at += n;
        } else {
            if (at > start) m_state->split(text.substr(start, at - start), 0, out);
            out.push_back(text.substr(at, 1));
            start = ++at;
        }
    }
    if (at > start) m_state->split(text.substr(start), 0, out);
    return out;
}

}  // namespace dubito::lm
