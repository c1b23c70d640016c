// A parser of the syntax that emits as it goes: what it does not know, it refuses.
#include <fmt/format.h>

#include <algorithm>

#include "lm/text/split_pattern.h"
#include "lm/text/unicode_text.h"

namespace dubito::lm {
namespace {

constexpr const char* kSpace =
    R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr const char* kWord = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
/// Outside a class the reference counts six digits and fractions of Latin-1 to the words, inside a class it does not.
constexpr const char* kWordAlone = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
constexpr const char* kHex = "0-9A-Fa-f";

bool isAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isAsciiDigit(char c) { return c >= '0' && c <= '9'; }

/// General categories, and scripts that occur in split rules.
bool isKnownProperty(std::string_view name) {
    constexpr const char* kCategories[] = {"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl",
        "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "Cc",
        "Cf", "Co"};
    return std::find(std::begin(kCategories), std::end(kCategories), name) != std::end(kCategories);
}
bool isKnownScript(std::string_view name) {
    constexpr const char* kScripts[] = {"Han", "Hiragana", "Katakana", "Hangul", "Latin", "Greek", "Cyrillic", "Arabic",
        "Hebrew", "Thai", "Devanagari", "Bengali", "Tamil", "Telugu", "Lao", "Khmer", "Myanmar", "Georgian", "Armenian",
        "Ethiopic", "Bopomofo"};
    return std::find(std::begin(kScripts), std::end(kScripts), name) != std::end(kScripts);
}

class Translator {
public:
    explicit Translator(std::string_view in) : m_in(in) {}

    Result<std::string> run() {
        DUBITO_CHECK(alternatives());
        if (m_at < m_in.size()) return refused("an unmatched \")\"");
        return std::move(m_out);
    }

private:
    Error refused(const std::string& what) const {
        return Error(Code::Unsupported, fmt::format("the split pattern {:.200} cannot be read exactly: {} at byte {}",
                                            std::string(m_in), what, m_at));
    }
    bool isNext(std::string_view text) const { return m_in.substr(m_at).starts_with(text); }
    bool takes(std::string_view text) {
        if (!isNext(text)) return false;
        m_at += text.size();
        return true;
    }

    /// Up to ")" or the end.
    Result<void> alternatives() {
        constexpr int kDeepest = 64;
        if (++m_depth > kDeepest) return refused("too many groups inside each other");
        bool isFirst = true;
        m_lastLetters.clear();
        for (; m_at < m_in.size() && m_in[m_at] != ')'; isFirst = false) {
            if (takes("|")) {
                m_out += '|';
                m_lastLetters.clear();
                continue;
            }
            DUBITO_CHECK(quantified(isFirst));
        }
        --m_depth;
        return {};
    }

    Result<void> quantified(bool isFirst) {
        const std::size_t start = m_out.size();
        const std::string lettersBefore = m_lastLetters;
        m_lastLetters.clear();
        m_isAssertion = false;
        DUBITO_CHECK(atom(isFirst, lettersBefore));
        const bool isAssertion = m_isAssertion;
        if (m_at >= m_in.size()) return {};
        const char c = m_in[m_at];
        if (c != '*' && c != '+' && c != '?' && c != '{') return {};
        std::string braces;
        if (c == '{') {
            DUBITO_TRY(braces, interval());
            if (braces.empty()) return {};  // a brace that stands for itself: the next atom
        }
        if (isAssertion) return refused("a repeated assertion");
        m_lastLetters.clear();
        if (braces.empty()) {
            m_out += c;
            ++m_at;
            if (isNext("?") || isNext("+")) m_out += m_in[m_at++];
        } else {
            m_out += braces;
            if (isNext("?")) {
                if (braces.find(',') == std::string::npos) return refused("\"?\" behind a count");
                m_out += m_in[m_at++];
            } else if (takes("+")) {  // repeats the counted: here it would forbid going back
                m_out = m_out.substr(0, start) + "(?:" + m_out.substr(start) + ")+";
            }
        }
        if (isNext("*") || isNext("+") || isNext("?")) return refused("a quantifier behind a quantifier");
        if (isNext("{")) return refused("a quantifier behind a quantifier");
        return {};
    }

    /// "{2}", "{1,3}", "{2,}", "{,3}" as PCRE2 writes them; nothing taken when it is no count.
    Result<std::string> interval() {
        const std::size_t close = m_in.find('}', m_at);
        if (close == std::string_view::npos) return std::string();
        const std::string_view inside = m_in.substr(m_at + 1, close - m_at - 1);
        const auto comma = inside.find(',');
        const std::string low(inside.substr(0, comma)),
            high(comma == std::string_view::npos ? "" : inside.substr(comma + 1));
        const auto isCount = [](const std::string& text) {
            return text.size() <= 4 && std::all_of(text.begin(), text.end(), isAsciiDigit);
        };
        if (!isCount(low) || !isCount(high) || (low.empty() && high.empty())) {
            if (!inside.empty() && inside.find_first_not_of("0123456789,") == std::string_view::npos)
                return refused("a count of this form");
            return std::string();
        }
        if (!low.empty() && !high.empty() && std::stoi(low) > std::stoi(high))
            return refused("a count whose end is before its start");
        m_at = close + 1;
        const std::string from = low.empty() ? "0" : low;
        return comma == std::string_view::npos ? "{" + from + "}" : "{" + from + "," + high + "}";
    }

    Result<void> atom(bool isFirst, const std::string& lettersBefore) {
        const char c = m_in[m_at];
        if (c == '(') return group(isFirst);
        if (c == '[') {
            m_out += '[';
            DUBITO_CHECK(classBody(false));
            m_out += ']';
            return {};
        }
        if (c == '\\') return escape();
        if (c == '.') return ++m_at, m_out += R"([^\n])", Result<void>();
        if (c == '^' || c == '$') {
            m_isAssertion = true;
            m_out += c == '^' ? "(?m:^)" : "(?m:$)";
            return ++m_at, Result<void>();
        }
        if (c == '*' || c == '+' || c == '?') return refused("a quantifier behind nothing");
        unicode::Code code = 0;
        const std::size_t n = unicode::take(m_in.substr(m_at), code);
        if (n == 0) return refused("a byte that is no text");
        m_at += n;
        return literal(code, lettersBefore);
    }

    Result<void> literal(unicode::Code code, const std::string& lettersBefore) {
        if (m_isCaseless) {
            if (code >= 0x80) return refused("a letter beyond ASCII where case is ignored");
            // Folding makes one character of some pairs: the reference lets those match as well.
            m_lastLetters = lettersBefore + static_cast<char>(code | 0x20);
            for (const char* pair : {"ss", "ff", "fi", "fl", "st"})
                if (m_lastLetters.ends_with(pair)) return refused(fmt::format("\"{}\" where case is ignored", pair));
        }
        appendCode(code);
        return {};
    }
    void appendCode(unicode::Code code) {
        if (code < 0x80 && (isAsciiLetter(static_cast<char>(code)) || isAsciiDigit(static_cast<char>(code))))
            m_out += static_cast<char>(code);
        else m_out += fmt::format("\\x{{{:X}}}", code);
    }

    Result<void> group(bool isFirst) {
        ++m_at;
        const bool caselessBefore = m_isCaseless;
        bool isLook = false;
        if (!takes("?")) {
            m_out += "(?:";  // nothing refers to groups
        } else if (isNext(":") || isNext(">")) {
            m_out += std::string("(?") + m_in[m_at++];
        } else if (takes("<=")) {
            m_out += "(?<=", isLook = true;
        } else if (takes("<!")) {
            m_out += "(?<!", isLook = true;
        } else if (takes("=")) {
            m_out += "(?=", isLook = true;
        } else if (takes("!")) {
            m_out += "(?!", isLook = true;
        } else {
            return options(isFirst);
        }
        return closed(caselessBefore, isLook);
    }
    Result<void> closed(bool caselessBefore, bool isLook) {
        DUBITO_CHECK(alternatives());
        if (!takes(")")) return refused("a group without an end");
        m_out += ')';
        m_isCaseless = caselessBefore;
        m_isAssertion = isLook;
        m_lastLetters.clear();
        return {};
    }
    /// (?i:...), (?-i:...), and (?i) at the front of a group, where it holds to the group's end.
    Result<void> options(bool isFirst) {
        const bool before = m_isCaseless;
        bool isOn = true, any = false;
        for (; m_at < m_in.size() && m_in[m_at] != ':' && m_in[m_at] != ')'; ++m_at) {
            if (m_in[m_at] == '-' && isOn) isOn = false;
            else if (m_in[m_at] == 'i') m_isCaseless = isOn, any = true;
            else return refused("a group of this kind");
        }
        if (!any) return refused("a group of this kind");
        const char* const mode = m_isCaseless ? "(?i" : "(?-i";
        if (takes(":")) {
            m_out += std::string(mode) + ":";
            return closed(before, false);
        }
        if (!takes(")")) return refused("a group without an end");
        if (!isFirst) return refused("an option that is not at the front of its group");
        m_out += std::string(mode) + ")";
        m_isAssertion = true;
        return {};
    }

    Result<void> escape() {
        if (m_at + 1 >= m_in.size()) return refused("a backslash at the end");
        const char c = m_in[m_at + 1];
        const auto put = [&](const std::string& text) {
            m_at += 2;
            m_out += text;
            return Result<void>();
        };
        switch (c) {
            case 's': return put(std::string("[") + kSpace + "]");
            case 'S': return put(std::string("[^") + kSpace + "]");
            case 'w': return put(std::string("[") + kWordAlone + "]");
            case 'W': return put(std::string("[^") + kWordAlone + "]");
            case 'd': return put(R"(\p{Nd})");
            case 'D': return put(R"(\P{Nd})");
            case 'h': return put(std::string("[") + kHex + "]");
            case 'H': return put(std::string("[^") + kHex + "]");
            case 'A':
            case 'z': m_isAssertion = true; return put(std::string("\\") + c);
            case 'b':
            case 'B': {
                m_isAssertion = true;
                const std::string word = std::string("[") + kWordAlone + "]";
                return put(c == 'b' ? fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", word)
                                    : fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", word));
            }
            case 'p':
            case 'P': {
                DUBITO_TRY(const std::string property, propertyText());
                m_out += property;
                return {};
            }
            default: break;
        }
        DUBITO_TRY(const unicode::Code code, escapedCode());
        return literal(code, {});
    }

    /// \p{L}, \P{L}, \p{^L}.
    Result<std::string> propertyText() {
        bool isNegated = m_in[m_at + 1] == 'P';
        const std::size_t open = m_at + 2, close = m_in.find('}', m_at);
        if (open >= m_in.size() || m_in[open] != '{' || close == std::string_view::npos)
            return refused("a property without braces");
        std::string name(m_in.substr(open + 1, close - open - 1));
        if (name.starts_with("^")) {
            if (isNegated) return refused("a property denied twice");
            isNegated = true;
            name.erase(0, 1);
        }
        if (isKnownScript(name)) name = "sc:" + name;
        else if (!isKnownProperty(name)) return refused(fmt::format("the property {:.40}", name));
        m_at = close + 1;
        return fmt::format("\\{}{{{}}}", isNegated ? 'P' : 'p', name);
    }

    /// The character that an escape stands for; m_at behind it.
    Result<unicode::Code> escapedCode() {
        const char c = m_in[m_at + 1];
        constexpr std::pair<char, int> kControls[] = {
            {'t', 9}, {'n', 10}, {'v', 11}, {'f', 12}, {'r', 13}, {'a', 7}, {'e', 27}};
        for (const auto& [letter, code] : kControls)
            if (c == letter) return m_at += 2, unicode::Code{code};
        if (c == 'x' || c == 'u') {
            std::string digits;
            std::size_t at = m_at + 2;
            if (c == 'x' && at < m_in.size() && m_in[at] == '{') {
                const std::size_t close = m_in.find('}', at);
                if (close == std::string_view::npos) return refused("an escape without an end");
                digits = m_in.substr(at + 1, close - at - 1);
                at = close + 1;
            } else {
                digits = m_in.substr(at, c == 'x' ? 2 : 4);
                at += digits.size();
                if (digits.size() != (c == 'x' ? 2u : 4u)) return refused("an escape of this form");
            }
            if (digits.empty() || digits.size() > 6 ||
                digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
                return refused("an escape of this form");
            const auto code = static_cast<unicode::Code>(std::stoul(digits, nullptr, 16));
            const bool isByte = c == 'x' && m_in[m_at + 2] != '{' && code >= 0x80;
            if (isByte || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
                return refused("an escape that is no character");
            m_at = at;
            return code;
        }
        if (isAsciiLetter(c) || isAsciiDigit(c)) return refused(fmt::format("the escape \\{}", c));
        unicode::Code code = 0;
        const std::size_t n = unicode::take(m_in.substr(m_at + 1), code);
        if (n == 0 || code >= 0x80) return refused("an escape of this form");
        m_at += 2;
        return code;
    }

    /// Behind "[": to the "]" that closes. A class inside a class adds to it.
    Result<void> classBody(bool isInner) {
        constexpr int kDeepest = 8;
        if (++m_classDepth > kDeepest) return refused("too many classes inside each other");
        ++m_at;
        if (takes("^")) {
            if (isInner) return refused("a denied class inside a class");
            m_out += '^';
        }
        for (bool isFirst = true;; isFirst = false) {
            if (m_at >= m_in.size()) return refused("a class without an end");
            if (m_in[m_at] == ']' && !isFirst) break;
            if (m_in[m_at] == ']') return refused("a class that begins with \"]\"");
            if (isNext("&&")) return refused("what classes have in common (&&)");
            if (isNext("[:")) return refused("a POSIX bracket");
            if (m_in[m_at] == '[') {
                DUBITO_CHECK(classBody(true));
                continue;
            }
            DUBITO_CHECK(classItem());
        }
        ++m_at;
        --m_classDepth;
        return {};
    }

    Result<void> classItem() {
        if (m_in[m_at] == '\\' && m_at + 1 < m_in.size()) {
            const char c = m_in[m_at + 1];
            std::string set = c == 's'   ? kSpace
                              : c == 'S' ? R"(\P{White_Space})"
                              : c == 'w' ? kWord
                              : c == 'd' ? R"(\p{Nd})"
                              : c == 'D' ? R"(\P{Nd})"
                              : c == 'h' ? kHex
                                         : "";
            if (c == 'p' || c == 'P') {
                DUBITO_TRY(set, propertyText());
            } else if (!set.empty()) {
                m_at += 2;
            }
            if (!set.empty()) {
                if (isNext("-") && !isNext("-]")) return refused("a range that begins with a class");
                m_out += set;
                return {};
            }
        }
        DUBITO_TRY(const unicode::Code first, classCode());
        if (!isNext("-") || isNext("-]")) return appendCode(first), Result<void>();
        ++m_at;
        if (m_at < m_in.size() && m_in[m_at] == '[') return refused("a range that ends with a class");
        DUBITO_TRY(const unicode::Code last, classCode());
        if (last < first) return refused("a range whose end is before its start");
        appendCode(first);
        m_out += '-';
        appendCode(last);
        return {};
    }
    Result<unicode::Code> classCode() {
        if (m_at >= m_in.size()) return refused("a class without an end");
        unicode::Code code = 0;
        if (m_in[m_at] == '\\') {
            if (m_at + 1 >= m_in.size()) return refused("a backslash at the end");
            DUBITO_TRY(code, escapedCode());
        } else {
            const std::size_t n = unicode::take(m_in.substr(m_at), code);
            if (n == 0) return refused("a byte that is no text");
            m_at += n;
        }
        if (m_isCaseless && code >= 0x80) return refused("a letter beyond ASCII where case is ignored");
        return code;
    }

    std::string_view m_in;
    std::size_t m_at = 0;
    std::string m_out, m_lastLetters;  ///< letters in a row where case is ignored
    int m_depth = 0, m_classDepth = 0;
    bool m_isCaseless = false, m_isAssertion = false;
};

}  // namespace

Result<std::string> translatedPattern(std::string_view pattern) {
    constexpr std::size_t kLongest = 65'536;
    if (pattern.size() > kLongest) return Error(Code::Unsupported, "a split pattern of more than 65536 bytes");
    return Translator(pattern).run();
}

}  // namespace dubito::lm
