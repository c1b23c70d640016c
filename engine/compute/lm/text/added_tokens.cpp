// One list a first byte; the flags are applied as the reference applies them.
#include "lm/text/added_tokens.h"

#include "lm/text/json_fields.h"
#include "lm/text/unicode_text.h"

namespace dubito::lm {
namespace {

bool beginsWithWord(std::string_view text) {
    unicode::Code code = 0;
    return unicode::take(text, code) != 0 && unicode::isWord(code);
}
std::size_t lastStart(std::string_view text) {
    std::size_t at = text.size();
    while (at > 0 && (static_cast<unsigned char>(text[--at]) & 0xC0) == 0x80) {
    }
    return at;
}

}  // namespace

Result<AddedToken> AddedTokens::parse(const Json& json) {
    constexpr std::int64_t kMostTokens = 4'000'000;
    DUBITO_CHECK(checkFields(json, "an added token",
        {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special", "__type"}));
    AddedToken out;
    DUBITO_TRY(out.content, textOf(json, "content"));
    DUBITO_TRY(const std::int64_t id, countOf(json, "id", kMostTokens - 1));
    out.id = static_cast<TokenId>(id);
    DUBITO_TRY(out.singleWord, flagOf(json, "single_word", false));
    DUBITO_TRY(out.stripsLeft, flagOf(json, "lstrip", false));
    DUBITO_TRY(out.stripsRight, flagOf(json, "rstrip", false));
    DUBITO_TRY(out.isSpecial, flagOf(json, "special", false));
    DUBITO_TRY(out.isNormalised, flagOf(json, "normalized", !out.isSpecial));
    return out;
}

void AddedTokens::add(AddedToken token) {
    if (token.content.empty()) return;
    m_hasUserTokens = m_hasUserTokens || !token.isSpecial;
    const AddedToken& kept = m_tokens.emplace_back(std::move(token));
    m_places.add(kept.content, static_cast<TokenId>(m_tokens.size() - 1));
    auto& sizes = m_sizes[static_cast<unsigned char>(kept.content[0])];
    const auto place = std::lower_bound(sizes.begin(), sizes.end(), kept.content.size(), std::greater<>());
    if (place == sizes.end() || *place != kept.content.size()) sizes.insert(place, kept.content.size());
}

Result<void> AddedTokens::check() const {
    const auto isBlank = [](const std::string& text) {
        bool all = true;
        unicode::each(text, [&](std::size_t, std::size_t, unicode::Code code) { all = all && unicode::isSpace(code); });
        return all;
    };
    const auto swallows =
        std::find_if(m_tokens.begin(), m_tokens.end(), [](const AddedToken& token) { return token.stripsRight; });
    const auto blank = std::find_if(m_tokens.begin(), m_tokens.end(),
        [&](const AddedToken& token) { return token.stripsLeft && !token.stripsRight && isBlank(token.content); });
    if (swallows == m_tokens.end() || blank == m_tokens.end()) return {};
    return Error(Code::Unsupported,
        fmt::format("the added token \"{:.60}\" (lstrip) is white space, which \"{:.60}\" (rstrip) takes before it: "
                    "what is left of it is not known",
            blank->content, swallows->content));
}

bool AddedTokens::find(
    std::string_view text, std::size_t at, std::size_t done, const TrustOf& trustOf, Match& out) const {
    for (const std::size_t size : m_sizes[static_cast<unsigned char>(text[at])]) {
        if (size > text.size() - at) continue;
        const auto index = m_places.find(text.substr(at, size));
        if (!index) continue;
        const AddedToken& token = m_tokens[static_cast<std::size_t>(*index)];
        const std::size_t end = at + size;
        const Trust trust = token.isSpecial ? trustOf(at, end) : Trust::Whole;
        if (trust == Trust::Part) continue;  // the template's part may hold a token of its own
        out = {token.id, at, end, end, trust == Trust::Whole};
        if (token.singleWord && (beginsWithWord(text.substr(end)) ||
                                    (at > 0 && beginsWithWord(text.substr(lastStart(text.substr(0, at)))))))
            out.counts = false;
        unicode::Code code = 0;
        while (token.stripsLeft && out.first > done) {
            const std::size_t start = lastStart(text.substr(0, out.first));
            if (unicode::take(text.substr(start), code) == 0 || !unicode::isSpace(code) || start < done) break;
            out.first = start;
        }
        while (token.stripsRight) {
            const std::size_t n = unicode::take(text.substr(out.last), code);
            if (n == 0 || !unicode::isSpace(code)) break;
            out.last += n;
        }
        out.next = end;
        if (out.counts && token.stripsLeft) out.first = std::max(out.first, done);  // what is taken already is not cut
        return true;
    }
    return false;
}

}  // namespace dubito::lm
