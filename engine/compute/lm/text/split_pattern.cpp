// Matching with a bound on its work; the commonest rules are walked without the engine.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "lm/text/split_pattern.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <array>

namespace dubito::lm {
namespace {

/// Where a match is written, and the stack of compiled patterns: one a thread, because tokenizers are shared.
struct MatchSpace {
    MatchSpace() {
        constexpr std::uint32_t kMostKilobytes = 64 << 10;
        pcre2_set_heap_limit(context, kMostKilobytes);
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
    MatchSpace(const MatchSpace&) = delete;
    ~MatchSpace() {
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
        pcre2_jit_stack_free(stack);
    }
    pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    pcre2_jit_stack* stack = pcre2_jit_stack_create(32 << 10, 1 << 20, nullptr);
};
MatchSpace& matchSpace() {
    thread_local MatchSpace space;
    return space;
}

}  // namespace

Result<std::shared_ptr<const SplitPattern>> SplitPattern::compile(const std::string& pattern) {
    std::shared_ptr<SplitPattern> out(new SplitPattern());
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_compile_context* how = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(how, PCRE2_NEWLINE_LF);
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
        PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_USE_OFFSET_LIMIT | PCRE2_NEVER_BACKSLASH_C, &error, &at,
        how);
    pcre2_compile_context_free(how);
    if (!code) {
        std::array<PCRE2_UCHAR, 256> words{};
        pcre2_get_error_message(error, words.data(), words.size());
        return Error(Code::Unsupported, fmt::format("the split pattern {:.200} is not run: {} (at byte {})", pattern,
                                            reinterpret_cast<const char*>(words.data()), at));
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    out->m_code = code;
    out->m_walk = splitWalkOf(pattern);
    return std::shared_ptr<const SplitPattern>(std::move(out));
}

Result<std::shared_ptr<const SplitPattern>> SplitPattern::literal(const std::string& text) {
    if (text.empty()) return compile({});
    std::shared_ptr<SplitPattern> out(new SplitPattern());
    out->m_literal = text;
    return std::shared_ptr<const SplitPattern>(std::move(out));
}

Result<std::shared_ptr<const SplitPattern>> SplitPattern::fromJson(const Json& pattern) {
    if (pattern.is_object() && pattern.size() == 1) {
        if (const Json& text = memberOf(pattern, "String"); text.is_string()) return literal(text.get<std::string>());
        if (const Json& regex = memberOf(pattern, "Regex"); regex.is_string()) {
            DUBITO_TRY(const std::string translated, translatedPattern(regex.get<std::string>()));
            return compile(translated);
        }
    }
    return Error(Code::CorruptData, "a pattern of tokenizer.json is neither a String nor a Regex");
}

SplitPattern::~SplitPattern() { pcre2_code_free(static_cast<pcre2_code*>(m_code)); }

SplitPattern::Found SplitPattern::find(
    std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end, MatchWork& work) const {
    if (m_walk) return m_walk(text, from, begin, end) ? Found::Yes : Found::No;
    if (!m_literal.empty()) {
        begin = text.find(m_literal, from);
        end = begin + m_literal.size();
        return begin == std::string_view::npos ? Found::No : Found::Yes;
    }
    // Few steps a start suffice nearly always. Where they do not, fewer starts are tried with more, and those count.
    struct Level {
        std::uint32_t steps;  ///< a start
        std::size_t starts;
    };
    constexpr Level kLevels[] = {{4096, 1024}, {65'536, 64}, {2'000'000, 64}};
    const auto* code = static_cast<const pcre2_code*>(m_code);
    const auto subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    MatchSpace& space = matchSpace();
    const auto charge = [&](const Level& level, std::size_t starts) {
        work.left -= static_cast<std::int64_t>(level.steps) * static_cast<std::int64_t>(starts);
    };
    std::size_t level = 0;
    for (std::size_t start = from; start <= text.size();) {
        const Level& now = kLevels[level];
        std::size_t window = std::min(text.size(), start + now.starts);
        while (window < text.size() && (static_cast<unsigned char>(text[window]) & 0xC0) == 0x80) ++window;
        pcre2_set_offset_limit(space.context, window);
        pcre2_set_match_limit(space.context, now.steps);
        int rc = pcre2_match(code, subject, text.size(), start, PCRE2_NO_UTF_CHECK, space.data, space.context);
        if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
            rc = pcre2_match(
                code, subject, text.size(), start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, space.data, space.context);
        if (rc >= 0) {
            const PCRE2_SIZE* range = pcre2_get_ovector_pointer(space.data);
            begin = range[0];
            end = range[1];
            if (level > 0) charge(now, begin - start + 1);
            return end >= begin ? Found::Yes : Found::No;
        }
        if (rc == PCRE2_ERROR_MATCHLIMIT && level + 1 < std::size(kLevels)) {
            charge(now, 16);
            ++level;
        } else if (rc != PCRE2_ERROR_NOMATCH) {
            return Found::TooMuchWork;
        } else {
            if (level > 0) charge(now, window - start);
            if (window == text.size()) return Found::No;
            start = window;
            level = 0;
        }
        if (work.left < 0) return Found::TooMuchWork;
    }
    return Found::No;
}

}  // namespace dubito::lm
