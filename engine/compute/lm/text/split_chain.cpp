// Every step is a list of cuts with a mark on each part (match or not), and a behaviour that joins or drops parts.
#include "lm/text/split_chain.h"

#include "lm/text/json_fields.h"
#include "lm/text/split_pattern.h"
#include "lm/text/unicode_text.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

using CodePoint = unicode::Code;

enum class Behaviour { Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous };

Result<Behaviour> behaviourOf(const Json& json, const char* fallback) {
    const Json& value = memberOf(json, "behavior");
    const std::string name = value.is_null() ? fallback : value.is_string() ? value.get<std::string>() : "";
    constexpr std::pair<const char*, Behaviour> kNames[] = {{"Isolated", Behaviour::Isolated},
        {"Removed", Behaviour::Removed}, {"MergedWithPrevious", Behaviour::MergedWithPrevious},
        {"MergedWithNext", Behaviour::MergedWithNext}, {"Contiguous", Behaviour::Contiguous}};
    for (const auto& [known, behaviour] : kNames)
        if (name == known) return behaviour;
    return Error(Code::CorruptData, fmt::format("the behaviour {:.40} of a split is not known", jsonText(value)));
}

struct Cut {
    std::size_t begin = 0, end = 0;
    bool isMatch = false;
};

/// Joins and drops the parts, and adds what is left.
void place(const TextPiece& in, const std::vector<Cut>& cuts, Behaviour behaviour, std::vector<TextPiece>& out) {
    std::vector<Cut> kept;
    bool before = false;
    const auto take = [&](const Cut& cut, bool joins, bool isBackwards) {
        if (joins && !kept.empty()) isBackwards ? kept.back().begin = cut.begin : kept.back().end = cut.end;
        else kept.push_back(cut);
        before = cut.isMatch;
    };
    switch (behaviour) {
        case Behaviour::Isolated: kept = cuts; break;
        case Behaviour::Removed:
            for (const Cut& cut : cuts)
                if (!cut.isMatch) kept.push_back(cut);
            break;
        case Behaviour::Contiguous:
            for (const Cut& cut : cuts) take(cut, cut.isMatch == before, false);
            break;
        case Behaviour::MergedWithPrevious:
            for (const Cut& cut : cuts) take(cut, cut.isMatch && !before, false);
            break;
        case Behaviour::MergedWithNext:
            for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) take(*cut, cut->isMatch && !before, true);
            std::reverse(kept.begin(), kept.end());
            break;
    }
    for (const Cut& cut : kept)
        if (cut.end > cut.begin) out.push_back(in.part(cut.begin, cut.end - cut.begin));
}

/// Cuts by a pattern; `invert` swaps what counts as a match.
void splitBy(
    const SplitPattern& pattern, bool invert, Behaviour behaviour, const TextPiece& in, std::vector<TextPiece>& out) {
    if (behaviour == Behaviour::Isolated) {  // the usual case, without a list of cuts
        std::size_t done = 0;
        pattern.each(in.text, [&](std::size_t begin, std::size_t end) {
            if (begin > done) out.push_back(in.part(done, begin - done));
            if (end > begin) out.push_back(in.part(begin, end - begin));
            done = end;
        });
        if (done < in.text.size()) out.push_back(in.part(done, in.text.size() - done));
        return;
    }
    std::vector<Cut> cuts;
    std::size_t done = 0;
    pattern.each(in.text, [&](std::size_t begin, std::size_t end) {
        if (begin != done) cuts.push_back({done, begin, invert});
        cuts.push_back({begin, end, !invert});
        done = end;
    });
    if (done != in.text.size()) cuts.push_back({done, in.text.size(), invert});
    place(in, cuts, behaviour, out);
}

/// Each code point of the class is a match of its own.
void splitByClass(bool (*isMatch)(CodePoint), Behaviour behaviour, const TextPiece& in, std::vector<TextPiece>& out) {
    std::vector<Cut> cuts;
    std::size_t done = 0;
    unicode::each(in.text, [&](std::size_t begin, std::size_t end, CodePoint code) {
        if (!isMatch(code)) return;
        if (done < begin) cuts.push_back({done, begin, false});
        cuts.push_back({begin, end, true});
        done = end;
    });
    if (done < in.text.size()) cuts.push_back({done, in.text.size(), false});
    place(in, cuts, behaviour, out);
}

/// Runs of word characters and runs of others; white space goes.
void splitWords(const TextPiece& in, std::vector<TextPiece>& out) {
    std::size_t from = 0;
    int kind = 0;  // 0 white space, 1 word, 2 other
    unicode::each(in.text, [&](std::size_t begin, std::size_t, CodePoint code) {
        const int now = unicode::isWord(code) ? 1 : unicode::isSpace(code) ? 0 : 2;
        if (now == kind) return;
        if (kind != 0) out.push_back(in.part(from, begin - from));
        from = begin;
        kind = now;
    });
    if (kind != 0 && from < in.text.size()) out.push_back(in.part(from, in.text.size() - from));
}

std::shared_ptr<const SplitPattern> gpt2Pattern() {
    static const std::shared_ptr<const SplitPattern> kPattern = [] {
        const auto text =
            translatedPattern(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
        return *SplitPattern::compile(*text);
    }();
    return kPattern;
}

std::size_t firstLength(std::string_view text) {
    CodePoint code = 0;
    return std::max<std::size_t>(1, unicode::take(text, code));
}

}  // namespace

Result<SplitChain> SplitChain::parse(const Json& preTokenizer) {
    SplitChain out;
    DUBITO_CHECK(out.add(preTokenizer, 0));
    out.m_isByteLevel = out.m_spelling == 1 && out.m_lastSpells;
    if (out.m_spelling > 0 && !out.m_isByteLevel)
        return Error(Code::Unsupported,
            "tokenizer.json splits text behind the pre-tokenizer ByteLevel; it is read where it is the last");
    return out;
}

Result<void> SplitChain::add(const Json& json, int depth) {
    constexpr int kDeepest = 8;
    constexpr std::size_t kMost = 256;
    if (json.is_null()) return {};
    if (depth > kDeepest || m_steps.size() > kMost)
        return Error(Code::Unsupported, "tokenizer.json has pre-tokenizers nested too deeply, or too many");
    DUBITO_TRY(const std::string type, textOf(json, "type"));
    const std::string where = "the pre-tokenizer " + type.substr(0, 40);
    if (type == "Sequence") {
        DUBITO_CHECK(checkFields(json, where, {"type", "pretokenizers"}));
        const Json& all = memberOf(json, "pretokenizers");
        if (!all.is_array()) return Error(Code::CorruptData, "the pre-tokenizer Sequence holds no list");
        for (const Json& one : all) DUBITO_CHECK(add(one, depth + 1));
        return {};
    }
    m_lastSpells = type == "ByteLevel";
    if (type == "ByteLevel") return addByteLevel(json);
    if (type == "Split") return addSplit(json);
    if (type == "Metaspace") return addMetaspace(json);
    DUBITO_TRY(const bool isKnown, addByClass(json, type));
    if (isKnown) return {};
    return Error(Code::Unsupported,
        fmt::format(
            "tokenizer.json splits text by the pre-tokenizer \"{:.40}\", which is not read; ByteLevel, Split, "
            "Digits, Whitespace, WhitespaceSplit, Punctuation, Metaspace, BertPreTokenizer, CharDelimiterSplit, "
            "FixedLength and Sequence are",
            type));
}

Result<void> SplitChain::addSplit(const Json& json) {
    DUBITO_CHECK(checkFields(json, "the pre-tokenizer Split", {"type", "pattern", "behavior", "invert"}));
    DUBITO_TRY(const auto pattern, SplitPattern::fromJson(memberOf(json, "pattern")));
    DUBITO_TRY(const Behaviour behaviour, behaviourOf(json, ""));
    DUBITO_TRY(const bool invert, flagOf(json, "invert", false));
    m_steps.push_back([pattern, behaviour, invert](
                          const TextPiece& in, auto& out, auto&) { splitBy(*pattern, invert, behaviour, in, out); });
    return {};
}

Result<void> SplitChain::addByteLevel(const Json& json) {
    // trim_offsets moves the places that tokens are said to come from, not the tokens.
    DUBITO_CHECK(
        checkFields(json, "the pre-tokenizer ByteLevel", {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    DUBITO_TRY(const bool prefix, flagOf(json, "add_prefix_space", true));
    DUBITO_TRY(const bool regex, flagOf(json, "use_regex", true));
    ++m_spelling;
    m_steps.push_back([prefix, regex, pattern = gpt2Pattern()](const TextPiece& in, auto& out, auto& made) {
        TextPiece piece = in;
        if (prefix && !piece.text.starts_with(' ')) {
            AlignedText& text = made.emplace_back();
            text.put(" ", piece.originOf(0, firstLength(piece.text)));
            text.copy(piece, 0, piece.text.size());
            piece = text.piece();
        }
        if (regex) splitBy(*pattern, false, Behaviour::Isolated, piece, out);
        else out.push_back(piece);
    });
    return {};
}

Result<void> SplitChain::addMetaspace(const Json& json) {
    DUBITO_CHECK(checkFields(json, "the pre-tokenizer Metaspace",
        {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"}));
    const Json& replacement = memberOf(json, "replacement");
    const std::string mark = replacement.is_string() ? replacement.get<std::string>() : "";
    if (mark.empty() || firstLength(mark) != mark.size())
        return Error(Code::CorruptData, "the replacement of Metaspace is no single character");
    const std::string scheme = textOr(json, "prepend_scheme", "always");
    if (scheme != "always" && scheme != "first" && scheme != "never")
        return Error(Code::CorruptData, fmt::format("the prepend_scheme \"{:.40}\" is not known", scheme));
    DUBITO_TRY(const bool old, flagOf(json, "add_prefix_space", scheme != "never"));
    if (!memberOf(json, "prepend_scheme").is_null() && !old && scheme != "never")
        return Error(Code::CorruptData, "add_prefix_space of Metaspace denies what its prepend_scheme says");
    const bool always = scheme == "always" && old, first = scheme == "first" && old;
    DUBITO_TRY(const bool split, flagOf(json, "split", true));
    DUBITO_TRY(const auto pattern, SplitPattern::literal(mark));
    m_steps.push_back([=](const TextPiece& in, auto& out, auto& made) {
        AlignedText& text = made.emplace_back();
        const bool isFirst = in.originOf(0, 1).first == 0;
        if ((always || (first && isFirst)) && !in.text.starts_with(' ') && !in.text.starts_with(mark))
            text.put(mark, in.originOf(0, firstLength(in.text)));
        for (std::size_t at = 0; at < in.text.size();) {
            const std::size_t space = std::min(in.text.find(' ', at), in.text.size());
            text.copy(in, at, space);
            if (space < in.text.size()) text.put(mark, in.originOf(space, space + 1));
            at = space + 1;
        }
        if (split) splitBy(*pattern, false, Behaviour::MergedWithNext, text.piece(), out);
        else out.push_back(text.piece());
    });
    return {};
}

Result<bool> SplitChain::addByClass(const Json& json, const std::string& type) {
    const std::string where = "the pre-tokenizer " + type.substr(0, 40);
    const auto byClass = [&](bool (*isMatch)(CodePoint), Behaviour behaviour) {
        m_steps.push_back(
            [isMatch, behaviour](const TextPiece& in, auto& out, auto&) { splitByClass(isMatch, behaviour, in, out); });
    };
    if (type == "Digits") {
        DUBITO_CHECK(checkFields(json, where, {"type", "individual_digits"}));
        DUBITO_TRY(const bool single, flagOf(json, "individual_digits", false));
        byClass(unicode::isNumber, single ? Behaviour::Isolated : Behaviour::Contiguous);
    } else if (type == "Punctuation") {
        DUBITO_CHECK(checkFields(json, where, {"type", "behavior"}));
        DUBITO_TRY(const Behaviour behaviour, behaviourOf(json, "Isolated"));
        byClass(unicode::isPunctuation, behaviour);
    } else if (type == "Whitespace") {
        DUBITO_CHECK(checkFields(json, where, {"type"}));
        m_steps.push_back([](const TextPiece& in, auto& out, auto&) { splitWords(in, out); });
    } else if (type == "WhitespaceSplit") {
        DUBITO_CHECK(checkFields(json, where, {"type"}));
        byClass(unicode::isSpace, Behaviour::Removed);
    } else if (type == "BertPreTokenizer") {
        DUBITO_CHECK(checkFields(json, where, {"type"}));
        byClass(unicode::isSpace, Behaviour::Removed);
        byClass(unicode::isPunctuation, Behaviour::Isolated);
    } else if (type == "CharDelimiterSplit") {
        DUBITO_CHECK(checkFields(json, where, {"type", "delimiter"}));
        DUBITO_TRY(const std::string delimiter, textOf(json, "delimiter"));
        if (delimiter.empty() || firstLength(delimiter) != delimiter.size())
            return Error(Code::CorruptData, "the delimiter of CharDelimiterSplit is no single character");
        DUBITO_TRY(const auto pattern, SplitPattern::literal(delimiter));
        m_steps.push_back([pattern](const TextPiece& in, auto& out, auto&) {
            splitBy(*pattern, false, Behaviour::Removed, in, out);
        });
    } else if (type == "FixedLength") {
        constexpr std::int64_t kLongest = 1 << 20;
        DUBITO_CHECK(checkFields(json, where, {"type", "length"}));
        DUBITO_TRY(const std::int64_t length, countOf(json, "length", kLongest));
        if (length == 0) return Error(Code::CorruptData, "the length of FixedLength is 0");
        m_steps.push_back([length](const TextPiece& in, auto& out, auto&) {
            std::size_t from = 0;
            std::int64_t held = 0;
            unicode::each(in.text, [&](std::size_t, std::size_t end, CodePoint) {
                if (++held < length) return;
                out.push_back(in.part(from, end - from));
                from = end;
                held = 0;
            });
            if (from < in.text.size()) out.push_back(in.part(from, in.text.size() - from));
        });
    } else {
        return false;
    }
    return true;
}

void SplitChain::split(const TextPiece& text, SplitPieces& out) const {
    if (text.text.empty()) return;
    if (m_steps.empty()) return out.list.push_back(text);
    std::vector<TextPiece> now{text}, next;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const bool isLast = i + 1 == m_steps.size();
        std::vector<TextPiece>& to = isLast ? out.list : next;
        if (!isLast) next.clear();
        for (const TextPiece& piece : now)
            if (!piece.text.empty()) m_steps[i](piece, to, out.made);
        if (!isLast) std::swap(now, next);
    }
}

}  // namespace dubito::lm
