// Byte positions everywhere inside; the source of each byte travels with it.
#include "lm/text/jinja_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace dubito::lm::jinja {

// --- Runs ----------------------------------------------------------------------------------------------------------

void Text::append(const Text& other) {
    const std::size_t before = m_bytes.size();
    m_bytes += other.m_bytes;
    for (const Run& run : other.m_runs) {
        if (!m_runs.empty() && m_runs.back().source == run.source) m_runs.back().end = before + run.end;
        else m_runs.push_back({before + run.end, run.source});
    }
}

Text Text::part(std::size_t begin, std::size_t length) const {
    Text out;
    begin = std::min(begin, m_bytes.size());
    const std::size_t end = begin + std::min(length, m_bytes.size() - begin);
    std::size_t from = 0;
    for (const Run& run : m_runs) {
        const std::size_t first = std::max(from, begin), last = std::min(run.end, end);
        if (first < last) out.append(Text(m_bytes.substr(first, last - first), run.source));
        from = run.end;
    }
    return out;
}

std::int32_t Text::source() const {
    std::int32_t out = kFromTemplate;
    for (const Run& run : m_runs)
        if (run.source != kFromTemplate) out = out == kFromTemplate || out == run.source ? run.source : kFromOutside;
    return out;
}

// --- Arguments -----------------------------------------------------------------------------------------------------

const Value* argument(const Arguments& arguments, std::size_t place, std::string_view name) {
    for (const auto& [key, value] : arguments.named)
        if (key == name) return &value;
    return place < arguments.positional.size() ? &arguments.positional[place] : nullptr;
}

List itemsOf(const Value& value, int line, std::string_view what) {
    List out;
    switch (value.kind) {
        case Kind::List:
        case Kind::View: return *value.list;
        case Kind::Iterator: return value.source->rest();
        case Kind::Undefined: return out;
        case Kind::Dict:
            if (value.isObject) break;
            for (const auto& [key, item] : *value.dict) out.push_back(key);
            return out;
        case Kind::String: {
            std::size_t at = 0;
            forEachCharacter(value.text.bytes(), [&](std::string_view bytes, std::int32_t) {
                out.push_back(Value::of(value.text.part(at, bytes.size())));
                at += bytes.size();
            });
            return out;
        }
        default: break;
    }
    fail(line, fmt::format("{} needs a list, not {}", what, kindName(value)));
}

const Text& needText(const Value* value, int line, std::string_view what) {
    if (!value || !value->isString())
        fail(line, fmt::format("{} needs a string, not {}", what, value ? kindName(*value) : "nothing"));
    return value->text;
}

std::int64_t needWhole(const Value* value, std::int64_t standard, int line, std::string_view what) {
    if (!value || value->is(Kind::None)) return standard;
    if (value->isHuge()) fail(line, fmt::format("{}: a number has more than 64 bits", what), Code::Unsupported);
    if (!value->isWhole()) fail(line, fmt::format("{} needs a whole number, not {}", what, kindName(*value)));
    return value->integer();
}

void needHash(const Value& value, int line) {
    const bool isBare = (value.is(Kind::List) && !value.isTuple) || (value.is(Kind::Dict) && !value.isObject) ||
                        (value.is(Kind::View) && !value.isRange() && value.text.bytes() != "dict_values");
    if (isBare) fail(line, fmt::format("{} cannot name a member or stand in a set", kindName(value)));
    if (value.is(Kind::List))
        for (const Value& part : *value.list) needHash(part, line);
}

Value pathOf(const Value& item, const std::string& path, int line, const Value* standard) {
    Value at = item;
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('.', begin), path.size());
        const std::string part = path.substr(begin, end - begin);
        const bool isNumber = !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
        const auto index = isNumber ? wholeFrom(part, 10) : std::nullopt;
        at = itemOf(at, index ? *index : Value::word(part), line);
        if (standard && at.is(Kind::Undefined)) at = *standard;
        begin = end + 1;
    }
    return at;
}

// --- Characters ----------------------------------------------------------------------------------------------------

std::size_t characterAt(std::string_view bytes, std::size_t at, std::int32_t& code) {
    const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()) + at,
        static_cast<utf8proc_ssize_t>(bytes.size() - at), &code);
    if (n > 0) return static_cast<std::size_t>(n);
    code = -1;
    return 1;
}

std::int64_t characters(std::string_view bytes) {
    std::int64_t n = 0;
    forEachCharacter(bytes, [&](std::string_view, std::int32_t) { ++n; });
    return n;
}

std::size_t offsetOf(std::string_view bytes, std::int64_t index) {
    std::int32_t code = 0;
    std::size_t at = 0;
    for (; index > 0 && at < bytes.size(); --index) at += characterAt(bytes, at, code);
    return at;
}

Text reversed(const Text& text) {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    std::size_t at = 0;
    forEachCharacter(text.bytes(), [&](std::string_view bytes, std::int32_t) {
        places.emplace_back(at, bytes.size());
        at += bytes.size();
    });
    Text out;
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        out.append(text.part(place->first, place->second));
    return out;
}

bool isSpace(std::int32_t code) {
    return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
           code == 0x205f || code == 0x3000;
}

bool isPrintable(std::int32_t code) {
    if (code == 0x20) return true;
    switch (utf8proc_category(code)) {
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_CO:
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP: return false;
        default: return true;
    }
}

bool isLetter(std::int32_t code) {
    const auto category = utf8proc_category(code);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}
bool isUpper(std::int32_t code) { return utf8proc_isupper(code) && !utf8proc_islower(code); }
bool isLower(std::int32_t code) { return utf8proc_islower(code) && !utf8proc_isupper(code); }

// --- Cutting and joining -------------------------------------------------------------------------------------------

Text stripped(const Text& text, bool left, bool right, const std::string* set) {
    const std::string& bytes = text.bytes();
    const auto goes = [&](std::string_view character, std::int32_t code) {
        if (!set) return code >= 0 && isSpace(code);
        bool found = false;
        forEachCharacter(*set, [&](std::string_view one, std::int32_t) { found |= one == character; });
        return found;
    };
    std::size_t begin = std::string::npos, end = 0, at = 0;
    forEachCharacter(bytes, [&](std::string_view character, std::int32_t code) {
        const bool stays = !goes(character, code);
        if (stays && begin == std::string::npos) begin = at;
        at += character.size();
        if (stays) end = at;
    });
    if (begin == std::string::npos) begin = bytes.size(), end = left ? begin : 0;
    const std::size_t from = left ? begin : 0, to = right ? std::max(end, from) : bytes.size();
    return text.part(from, to - from);
}

Text replaced(const Text& text, const std::string& from, const Text& to, std::int64_t most) {
    Text out;
    const std::string& bytes = text.bytes();
    if (from.empty()) {  // between all characters
        std::size_t at = 0;
        std::int32_t code = 0;
        while (most != 0) {
            out.append(to);
            --most;
            if (at >= bytes.size()) break;
            const std::size_t n = characterAt(bytes, at, code);
            out.append(text.part(at, n));
            at += n;
        }
        out.append(text.part(at, bytes.size() - at));
        return out;
    }
    std::size_t at = 0;
    for (; most != 0; --most) {
        const auto found = bytes.find(from, at);
        if (found == std::string::npos) break;
        out.append(text.part(at, found - at));
        out.append(to);
        at = found + from.size();
    }
    out.append(text.part(at, bytes.size() - at));
    return out;
}

namespace {

List splitAtSpace(const Text& text, std::int64_t most, bool fromRight) {
    struct Word {
        std::size_t begin, end;
    };
    std::vector<Word> words;
    std::size_t at = 0;
    bool inWord = false;
    forEachCharacter(text.bytes(), [&](std::string_view bytes, std::int32_t code) {
        const bool isBlank = code >= 0 && isSpace(code);
        if (!isBlank && !inWord) words.push_back({at, at});
        at += bytes.size();
        if (!isBlank) words.back().end = at;
        inWord = !isBlank;
    });
    List out;
    const std::size_t n = words.size();
    const std::size_t cuts = most < 0 ? n : static_cast<std::size_t>(most);
    if (n <= cuts) {
        for (const Word& word : words) out.push_back(Value::of(text.part(word.begin, word.end - word.begin)));
        return out;
    }
    // What is not cut keeps its inner white space, and that at the far end.
    if (fromRight) out.push_back(Value::of(text.part(0, words[n - cuts - 1].end)));
    for (std::size_t i = 0; i < cuts; ++i) {
        const Word& word = words[fromRight ? n - cuts + i : i];
        out.push_back(Value::of(text.part(word.begin, word.end - word.begin)));
    }
    if (!fromRight) out.push_back(Value::of(text.part(words[cuts].begin, text.size() - words[cuts].begin)));
    return out;
}

}  // namespace

List split(const Text& text, const Value* separator, std::int64_t most, bool fromRight, int line) {
    if (!separator || separator->is(Kind::None)) return splitAtSpace(text, most, fromRight);
    const std::string& bytes = text.bytes();
    const std::string& by = needText(separator, line, "split").bytes();
    if (by.empty()) fail(line, "split is given an empty separator");
    std::vector<std::size_t> cuts;
    if (fromRight) {
        for (std::size_t at = bytes.rfind(by); at != std::string::npos; at = bytes.rfind(by, at - by.size())) {
            if (most >= 0 && cuts.size() == static_cast<std::size_t>(most)) break;
            cuts.push_back(at);
            if (at < by.size()) break;
        }
        std::reverse(cuts.begin(), cuts.end());
    } else {
        for (std::size_t at = bytes.find(by); at != std::string::npos; at = bytes.find(by, at + by.size())) {
            if (most >= 0 && cuts.size() == static_cast<std::size_t>(most)) break;
            cuts.push_back(at);
        }
    }
    List out;
    std::size_t at = 0;
    for (const auto cut : cuts) {
        out.push_back(Value::of(text.part(at, cut - at)));
        at = cut + by.size();
    }
    out.push_back(Value::of(text.part(at, bytes.size() - at)));
    return out;
}

std::vector<Text> linesOf(const Text& text, bool keepEnds) {
    std::vector<Text> out;
    const std::string& bytes = text.bytes();
    std::size_t begin = 0, at = 0;
    std::int32_t code = 0;
    while (at < bytes.size()) {
        const std::size_t n = characterAt(bytes, at, code);
        const bool ends = (code >= 0x0a && code <= 0x0d) || (code >= 0x1c && code <= 0x1e) || code == 0x85 ||
                          code == 0x2028 || code == 0x2029;
        const std::size_t last = at;
        at += n;
        if (!ends) continue;
        if (code == '\r' && at < bytes.size() && bytes[at] == '\n') ++at;
        out.push_back(text.part(begin, (keepEnds ? at : last) - begin));
        begin = at;
    }
    if (begin < bytes.size()) out.push_back(text.part(begin, bytes.size() - begin));
    return out;
}

// --- Case ----------------------------------------------------------------------------------------------------------

namespace {

/// Letters whose capital is more than one; the rest are one to one.
std::string_view longUpper(std::int32_t code) {
    switch (code) {
        case 0xdf: return "SS";
        case 0x149: return "\xca\xbcN";
        case 0xfb00: return "FF";
        case 0xfb01: return "FI";
        case 0xfb02: return "FL";
        case 0xfb03: return "FFI";
        case 0xfb04: return "FFL";
        case 0xfb05:
        case 0xfb06: return "ST";
        default: return {};
    }
}

std::string encoded(std::int32_t code) {
    utf8proc_uint8_t buffer[4];
    return std::string(reinterpret_cast<char*>(buffer), static_cast<std::size_t>(utf8proc_encode_char(code, buffer)));
}

std::string raised(std::int32_t code, bool asTitle) {
    if (const auto several = longUpper(code); !several.empty()) {
        if (!asTitle) return std::string(several);
        std::string out;  // only the first of them is a capital
        forEachCharacter(several,
            [&](std::string_view, std::int32_t one) { out += encoded(out.empty() ? one : utf8proc_tolower(one)); });
        return out;
    }
    return encoded(asTitle ? utf8proc_totitle(code) : utf8proc_toupper(code));
}

/// Without case, as comparisons of texts want it: one character may give three.
std::string folded(std::int32_t code) {
    constexpr int kLongestFold = 4;
    std::int32_t parts[kLongestFold];
    int boundary = 0;
    const auto n = utf8proc_decompose_char(code, parts, kLongestFold, UTF8PROC_CASEFOLD, &boundary);
    std::string out;
    for (std::ptrdiff_t i = 0; i < n && i < kLongestFold; ++i) out += encoded(parts[i]);
    return out;
}

}  // namespace

Text inCase(const Text& text, Letters letters) {
    Text out;
    std::size_t begin = 0;
    bool startsWord = true;
    for (const auto& run : text.runs()) {
        std::string bytes;
        forEachCharacter(std::string_view(text.bytes()).substr(begin, run.end - begin),
            [&](std::string_view character, std::int32_t code) {
                if (code < 0) return (void)(bytes += character);
                if (letters == Letters::Fold) return (void)(bytes += folded(code));
                const bool rises = letters == Letters::Upper || (letters == Letters::Swap && isLower(code)) ||
                                   (startsWord && (letters == Letters::Title || letters == Letters::Capital));
                const bool stays = letters == Letters::Swap && !isLower(code) && !isUpper(code);
                if (stays) bytes += character;
                else
                    bytes += rises ? raised(code, letters == Letters::Title || letters == Letters::Capital)
                                   : encoded(utf8proc_tolower(code));
                startsWord = letters == Letters::Title && !isLetter(code);
            });
        out.append(Text(std::move(bytes), run.source));
        begin = run.end;
    }
    return out;
}

Text escaped(Text text) {
    constexpr std::pair<const char*, const char*> kEscapes[] = {
        {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"'", "&#39;"}, {"\"", "&#34;"}};
    for (const auto& [from, to] : kEscapes) text = replaced(text, from, Text(to, text.source()));
    return text;
}

Value joined(const Value& a, const Value& b) {
    const bool isSafe = a.isSafe || b.isSafe;
    const auto part = [&](const Value& value) {
        return isSafe && !value.isSafe ? escaped(printed(value)) : printed(value);
    };
    Text text = part(a);
    text.append(part(b));
    Value out = Value::of(std::move(text));
    out.isSafe = isSafe;
    return out;
}

}  // namespace dubito::lm::jinja
