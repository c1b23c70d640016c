// PCRE2 with limits on steps, depth and memory.
#include "run/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

namespace dubito::run {
namespace {

constexpr std::size_t kMaxExpressionBytes = 200;
constexpr std::uint32_t kMaxSteps = 1'000'000, kMaxDepth = 200'000, kMaxHeapKib = 64 * 1024;

PCRE2_SPTR8 bytesOf(std::string_view text) { return reinterpret_cast<PCRE2_SPTR8>(text.data()); }

}  // namespace

struct Pattern::Compiled {
    pcre2_code_8* code = nullptr;
};

void Pattern::Release::operator()(Compiled* compiled) const {
    pcre2_code_free_8(compiled->code);
    delete compiled;
}

Result<Pattern> Pattern::compile(std::string_view expression) {
    if (expression.size() > kMaxExpressionBytes)
        return Error(Code::InvalidArgument, fmt::format("is longer than {} bytes", kMaxExpressionBytes));
    constexpr std::uint32_t kOptions = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                                       PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    int problem = 0;
    PCRE2_SIZE at = 0;
    auto* code = pcre2_compile_8(bytesOf(expression), expression.size(), kOptions, &problem, &at, nullptr);
    if (!code) {
        char words[128] = "";
        pcre2_get_error_message_8(problem, reinterpret_cast<PCRE2_UCHAR8*>(words), sizeof words);
        return Error(Code::InvalidArgument, fmt::format("cannot be read: {} at character {}", words, at));
    }
    return Pattern(new Compiled{code});
}

Result<bool> Pattern::matchesWhole(std::string_view text) const {
    auto* limits = pcre2_match_context_create_8(nullptr);
    auto* match = pcre2_match_data_create_8(1, nullptr);
    int found = PCRE2_ERROR_NOMEMORY;
    if (limits && match) {
        pcre2_set_match_limit_8(limits, kMaxSteps);
        pcre2_set_depth_limit_8(limits, kMaxDepth);
        pcre2_set_heap_limit_8(limits, kMaxHeapKib);
        found = pcre2_match_8(m_compiled->code, bytesOf(text.empty() ? "" : text), text.size(), 0, 0, match, limits);
    }
    pcre2_match_data_free_8(match);
    pcre2_match_context_free_8(limits);
    if (found >= 0) return true;
    if (found == PCRE2_ERROR_NOMATCH) return false;
    if (found <= PCRE2_ERROR_UTF8_ERR1 && found >= PCRE2_ERROR_UTF8_ERR21)
        return Error(Code::InvalidArgument, "is not UTF-8");
    return Error(Code::Limit, "has a pattern that takes too long to check on this text");
}

}  // namespace dubito::run
