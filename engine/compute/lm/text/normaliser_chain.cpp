// Each step reads one text and writes the next; both are aligned with the text that came from outside.
#include "lm/text/normaliser_chain.h"

#include "lm/text/base64.h"
#include "lm/text/character_map.h"
#include "lm/text/json_fields.h"
#include "lm/text/split_pattern.h"
#include "lm/text/unicode_text.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

using CodePoint = unicode::Code;

/// Each code point becomes what `map` writes for it.
template <class Map>
void mapEach(const TextPiece& in, AlignedText& out, Map&& map) {
    std::string made;
    unicode::each(in.text, [&](std::size_t from, std::size_t to, CodePoint code) {
        made.clear();
        map(code, made);
        if (made == in.text.substr(from, to - from)) out.copy(in, from, to);
        else out.put(made, in.originOf(from, to));
    });
}

/// Normal forms change no text across an ASCII character that no mark follows, so each stretch is changed alone.
void normalStretch(const TextPiece& in, std::size_t from, std::size_t to, unicode::Form form, AlignedText& out) {
    const std::string made = unicode::normalForm(in.text.substr(from, to - from), form);
    const std::string_view before = in.text.substr(from, to - from);
    if (made == before) return out.copy(in, from, to);
    std::vector<Origin> origins;
    unicode::each(before, [&](std::size_t first, std::size_t last, CodePoint) {
        origins.push_back(in.originOf(from + first, from + last));
    });
    const std::vector<std::size_t> places = unicode::normalOrigins(before, made, form);
    std::size_t at = 0;
    unicode::each(made, [&](std::size_t first, std::size_t last, CodePoint) {
        const std::size_t place = std::min(places[at++], origins.size() - 1);
        out.put(std::string_view(made).substr(first, last - first), origins[place]);
    });
}
void normalise(const TextPiece& in, AlignedText& out, unicode::Form form) {
    std::size_t from = 0;
    bool isPlain = true;
    for (std::size_t at = 0; at < in.text.size(); ++at) {
        const bool isAscii = static_cast<unsigned char>(in.text[at]) < 0x80;
        if (isAscii && !isPlain) {
            normalStretch(in, from, at, form, out);
            from = at;
            isPlain = true;
        } else if (!isAscii && isPlain) {
            // The character before a mark may become one with it.
            const std::size_t plainEnd = at > from ? at - 1 : at;
            if (plainEnd > from) out.copy(in, from, plainEnd);
            from = plainEnd;
            isPlain = false;
        }
    }
    if (from == in.text.size()) return;
    if (isPlain) out.copy(in, from, in.text.size());
    else normalStretch(in, from, in.text.size(), form, out);
}

bool isChinese(CodePoint c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void cleanBert(CodePoint code, std::string& out) {
    if (code == '\t' || code == '\n' || code == '\r' || (unicode::isSpace(code) && !unicode::isOther(code))) out += ' ';
    else if (code != 0 && code != 0xFFFD && !unicode::isOther(code)) unicode::append(out, code);
}

/// Controls go, and what is white space or of no width to some writers becomes a space.
void cleanNmt(CodePoint c, std::string& out) {
    if ((c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F) return;
    const bool isBlank = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
                         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
    unicode::append(out, isBlank ? ' ' : c);
}

void strip(const TextPiece& in, AlignedText& out, bool left, bool right) {
    std::size_t from = in.text.size(), to = 0;
    unicode::each(in.text, [&](std::size_t begin, std::size_t end, CodePoint code) {
        if (unicode::isSpace(code)) return;
        from = std::min(from, begin);
        to = end;
    });
    if (!left) from = 0;
    if (!right) to = in.text.size();
    if (from < to) out.copy(in, from, to);
}

}  // namespace

Result<NormaliserChain> NormaliserChain::parse(const Json& normalizer) {
    NormaliserChain out;
    DUBITO_CHECK(out.add(normalizer, 0));
    return out;
}

Result<void> NormaliserChain::add(const Json& json, int depth) {
    constexpr int kDeepest = 8;
    constexpr std::size_t kMost = 256;
    if (json.is_null()) return {};
    if (depth > kDeepest || m_steps.size() > kMost)
        return Error(Code::Unsupported, "tokenizer.json has normalizers nested too deeply, or too many");
    DUBITO_TRY(const std::string type, textOf(json, "type"));
    const std::string where = "the normalizer " + type.substr(0, 40);
    if (type == "Sequence") {
        DUBITO_CHECK(checkFields(json, where, {"type", "normalizers"}));
        const Json& all = memberOf(json, "normalizers");
        if (!all.is_array()) return Error(Code::CorruptData, "the normalizer Sequence holds no list");
        for (const Json& one : all) DUBITO_CHECK(add(one, depth + 1));
        return {};
    }
    if (type == "BertNormalizer") return addBert(json);
    if (type == "Precompiled") return addPrecompiled(json);
    if (type == "Replace") return addReplace(json);
    if (type == "Strip") {
        DUBITO_CHECK(checkFields(json, where, {"type", "strip_left", "strip_right"}));
        DUBITO_TRY(const bool left, flagOf(json, "strip_left", true));
        DUBITO_TRY(const bool right, flagOf(json, "strip_right", true));
        m_steps.push_back([left, right](const TextPiece& in, AlignedText& out) { strip(in, out, left, right); });
        return {};
    }
    if (type == "Prepend") {
        DUBITO_CHECK(checkFields(json, where, {"type", "prepend"}));
        DUBITO_TRY(const std::string text, textOf(json, "prepend"));
        m_steps.push_back([text](const TextPiece& in, AlignedText& out) {
            if (in.text.empty()) return;
            std::size_t first = 1;
            while (first < in.text.size() && (static_cast<unsigned char>(in.text[first]) & 0xC0) == 0x80) ++first;
            out.put(text, in.originOf(0, first));
            out.copy(in, 0, in.text.size());
        });
        return {};
    }
    DUBITO_CHECK(checkFields(json, where, {"type"}));
    constexpr std::pair<const char*, unicode::Form> kForms[] = {{"NFC", unicode::Form::Nfc},
        {"NFD", unicode::Form::Nfd}, {"NFKC", unicode::Form::Nfkc}, {"NFKD", unicode::Form::Nfkd}};
    for (const auto& [name, form] : kForms)
        if (type == name) {
            m_steps.push_back([form = form](const TextPiece& in, AlignedText& out) { normalise(in, out, form); });
            return {};
        }
    const auto each = [&](void (*map)(CodePoint, std::string&)) {
        m_steps.push_back([map](const TextPiece& in, AlignedText& out) { mapEach(in, out, map); });
        return Result<void>();
    };
    if (type == "Lowercase") return each([](CodePoint code, std::string& out) { unicode::appendLower(out, code); });
    if (type == "Nmt") return each(cleanNmt);
    if (type == "StripAccents")
        return each([](CodePoint code, std::string& out) {
            if (!unicode::isMark(code)) unicode::append(out, code);
        });
    if (type == "ByteLevel") {
        m_steps.push_back([](const TextPiece& in, AlignedText& out) {
            for (std::size_t i = 0; i < in.text.size(); ++i)
                out.put(spelledByte(static_cast<std::uint8_t>(in.text[i])), in.originOf(i, i + 1));
        });
        return {};
    }
    return Error(Code::Unsupported,
        fmt::format(
            "tokenizer.json changes text by the normalizer \"{:.40}\", which is not read; NFC, NFD, NFKC, NFKD, "
            "Lowercase, Strip, StripAccents, Nmt, Replace, Prepend, ByteLevel, BertNormalizer, Precompiled and "
            "Sequence are",
            type));
}

Result<void> NormaliserChain::addBert(const Json& json) {
    DUBITO_CHECK(checkFields(json, "the normalizer BertNormalizer",
        {"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}));
    DUBITO_TRY(const bool clean, flagOf(json, "clean_text", true));
    DUBITO_TRY(const bool chinese, flagOf(json, "handle_chinese_chars", true));
    DUBITO_TRY(const bool lower, flagOf(json, "lowercase", true));
    DUBITO_TRY(const bool accents, flagOf(json, "strip_accents", lower));
    const auto each = [&](void (*map)(CodePoint, std::string&)) {
        m_steps.push_back([map](const TextPiece& in, AlignedText& out) { mapEach(in, out, map); });
    };
    if (clean) each(cleanBert);
    if (chinese)
        each([](CodePoint code, std::string& out) {
            if (isChinese(code)) out += ' ';
            unicode::append(out, code);
            if (isChinese(code)) out += ' ';
        });
    if (accents) {
        m_steps.push_back([](const TextPiece& in, AlignedText& out) { normalise(in, out, unicode::Form::Nfd); });
        each([](CodePoint code, std::string& out) {
            if (!unicode::isNonspacing(code)) unicode::append(out, code);
        });
    }
    if (lower) each([](CodePoint code, std::string& out) { unicode::appendLower(out, code); });
    return {};
}

Result<void> NormaliserChain::addReplace(const Json& json) {
    DUBITO_CHECK(checkFields(json, "the normalizer Replace", {"type", "pattern", "content"}));
    DUBITO_TRY(const std::string content, textOf(json, "content"));
    DUBITO_TRY(const auto pattern, SplitPattern::fromJson(memberOf(json, "pattern")));
    m_steps.push_back([pattern, content](const TextPiece& in, AlignedText& out) {
        std::size_t done = 0;
        pattern->each(in.text, [&](std::size_t begin, std::size_t end) {
            out.copy(in, done, begin);
            out.put(content, in.originOf(end > 0 ? end - 1 : 0, end));  // stands for the last character, as there
            done = end;
        });
        out.copy(in, done, in.text.size());
    });
    return {};
}

Result<void> NormaliserChain::addPrecompiled(const Json& json) {
    DUBITO_CHECK(checkFields(json, "the normalizer Precompiled", {"type", "precompiled_charsmap"}));
    DUBITO_TRY(const std::string text, textOf(json, "precompiled_charsmap"));
    const auto bytes = fromBase64(text);
    if (!bytes) return Error(Code::CorruptData, "the precompiled_charsmap is no base64");
    DUBITO_TRY(CharacterMap map, CharacterMap::parse(*bytes));
    m_steps.push_back([map = std::make_shared<const CharacterMap>(std::move(map))](
                          const TextPiece& in, AlignedText& out) { map->apply(in, out); });
    return {};
}

AlignedText NormaliserChain::apply(const TextPiece& piece) const {
    AlignedText now;
    now.copy(piece, 0, piece.text.size());
    for (const Step& step : m_steps) {
        AlignedText next;
        step(now.piece(), next);
        now = std::move(next);
    }
    return now;
}

}  // namespace dubito::lm
