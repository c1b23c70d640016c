// Text to tokens under trim_blocks and lstrip_blocks.
#include "lm/text/jinja_scanner.h"

#include <optional>

namespace dubito::lm::jinja {
namespace {

[[noreturn]] void fail(Code code, int line, std::string what) { throw Failure{code, std::move(what), line}; }

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool isNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

void putCode(std::string& out, std::uint32_t code) {
    if (code < 0x80) out += static_cast<char>(code);
    else if (code < 0x800) out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
    else if (code < 0x10000)
        out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
            static_cast<char>(0x80 | (code & 63))};
    else
        out += {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
            static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
}

class Scanner {
public:
    /// A line ends in one character, however it was written.
    explicit Scanner(std::string_view source) {
        m_text.reserve(source.size());
        for (std::size_t i = 0; i < source.size(); ++i) {
            if (source[i] != '\r') m_text += source[i];
            else if (i + 1 >= source.size() || source[i + 1] != '\n') m_text += '\n';
        }
        m_source = m_text;
    }
    std::vector<Token> run() {
        if (m_source.ends_with('\n')) m_source.remove_suffix(1);  // one trailing newline is not part of a template
        bool trimNewline = false, stripAll = false;
        while (m_at < m_source.size()) {
            std::size_t open = m_at;
            for (;; ++open) {
                open = m_source.find('{', open);
                if (open == std::string_view::npos || open + 1 >= m_source.size()) {
                    open = m_source.size();
                    break;
                }
                if (m_source[open + 1] == '{' || m_source[open + 1] == '%' || m_source[open + 1] == '#') break;
            }
            std::string data(m_source.substr(m_at, open - m_at));
            const int line = m_line;
            for (const char c : data) m_line += c == '\n';
            if (stripAll) {
                data.erase(0, std::min(data.find_first_not_of(" \t\n\r\f\v"), data.size()));
            } else if (trimNewline) {
                if (data.starts_with('\n')) data.erase(0, 1);
            }
            trimNewline = stripAll = false;
            if (open < m_source.size()) {
                const char kind = m_source[open + 1], control = open + 2 < m_source.size() ? m_source[open + 2] : ' ';
                if (control == '-') {
                    data.erase(data.find_last_not_of(" \t\n\r\f\v") + 1);
                } else if (kind != '{' && control != '+') {
                    const auto last = data.find_last_not_of(" \t");
                    const bool startsLine = last == std::string::npos ? startedAfterNewline(open) : data[last] == '\n';
                    if (startsLine) data.erase(last + 1);
                }
            }
            if (!data.empty()) m_tokens.push_back({TokenKind::Data, std::move(data), line});
            m_at = open;
            if (open == m_source.size()) break;
            const char kind = m_source[open + 1];
            m_at += 2;
            if (m_at < m_source.size() && (m_source[m_at] == '-' || m_source[m_at] == '+')) ++m_at;
            if (kind == '#') {
                const auto end = m_source.find("#}", m_at);
                if (end == std::string_view::npos) fail(Code::CorruptData, m_line, "a comment is not closed");
                stripAll = end > m_at && m_source[end - 1] == '-';
                trimNewline = true;
                for (std::size_t i = m_at; i < end; ++i) m_line += m_source[i] == '\n';
                m_at = end + 2;
                continue;
            }
            if (kind == '%') {
                if (const auto strips = skipRaw()) {
                    stripAll = *strips;
                    trimNewline = true;
                    continue;
                }
            }
            m_tokens.push_back({kind == '{' ? TokenKind::PrintBegin : TokenKind::BlockBegin, "", m_line});
            stripAll = scanInside(kind == '{' ? "}}" : "%}");
            trimNewline = kind == '%';
            m_tokens.push_back({kind == '{' ? TokenKind::PrintEnd : TokenKind::BlockEnd, "", m_line});
        }
        m_tokens.push_back({TokenKind::End, "", m_line});
        return std::move(m_tokens);
    }

private:
    /// Only spaces stand between the last newline of the source and `open`.
    bool startedAfterNewline(std::size_t open) const {
        while (open > 0 && (m_source[open - 1] == ' ' || m_source[open - 1] == '\t')) --open;
        return open == 0 || m_source[open - 1] == '\n';
    }
    /// The tag `name` at `at`, behind its "{%": where it ends, and whether it ends in "-". npos: it is another tag.
    std::size_t tagEnd(std::size_t at, std::string_view name, bool& strips) const {
        const auto skipSpace = [&] {
            while (at < m_source.size() && isSpace(m_source[at])) ++at;
        };
        skipSpace();
        if (m_source.substr(at, name.size()) != name) return std::string_view::npos;
        at += name.size();
        skipSpace();
        strips = m_source.substr(at, 1) == "-";
        if (strips || m_source.substr(at, 1) == "+") ++at;
        return m_source.substr(at, 2) == "%}" ? at + 2 : std::string_view::npos;
    }
    /// A raw block whose "{%" was read. @return nothing: it is none; else whether what follows is stripped
    std::optional<bool> skipRaw() {
        bool stripsFirst = false, stripsNext = false;
        const std::size_t from = tagEnd(m_at, "raw", stripsFirst);
        if (from == std::string_view::npos) return std::nullopt;
        for (std::size_t open = m_source.find("{%", from);; open = m_source.find("{%", open + 2)) {
            if (open == std::string_view::npos) fail(Code::CorruptData, m_line, "a raw block is not closed");
            const char control = open + 2 < m_source.size() ? m_source[open + 2] : ' ';
            const std::size_t name = open + 2 + (control == '-' || control == '+');
            const std::size_t close = tagEnd(name, "endraw", stripsNext);
            if (close == std::string_view::npos) continue;
            std::string data(m_source.substr(from, open - from));
            if (stripsFirst) data.erase(0, std::min(data.find_first_not_of(" \t\n\r\f\v"), data.size()));
            if (control == '-') data.erase(data.find_last_not_of(" \t\n\r\f\v") + 1);
            else if (control != '+') {
                const auto last = data.find_last_not_of(" \t");
                if (last != std::string::npos && data[last] == '\n') data.erase(last + 1);
            }
            if (!data.empty()) m_tokens.push_back({TokenKind::Data, std::move(data), m_line});
            for (std::size_t i = m_at; i < close; ++i) m_line += m_source[i] == '\n';
            m_at = close;
            return stripsNext;
        }
    }
    /// Scans up to `close`; true when the tag ends in "-".
    bool scanInside(std::string_view close) {
        for (;;) {
            while (m_at < m_source.size() && isSpace(m_source[m_at])) m_line += m_source[m_at++] == '\n';
            if (m_at >= m_source.size()) fail(Code::CorruptData, m_line, "a tag is not closed");
            const std::string_view rest = m_source.substr(m_at);
            if (m_nesting == 0) {
                if (rest.starts_with(close)) {
                    m_at += 2;
                    return false;
                }
                if ((rest[0] == '-' || rest[0] == '+') && rest.substr(1).starts_with(close)) {
                    m_at += 3;
                    return rest[0] == '-';
                }
            }
            if (rest[0] == '\'' || rest[0] == '"') {
                scanString(rest[0]);
            } else if (isDigit(rest[0])) {
                const std::size_t n = numberLength(rest);
                std::string digits;
                for (const char c : rest.substr(0, n))
                    if (c != '_') digits += c;
                m_tokens.push_back({TokenKind::Number, std::move(digits), m_line});
                m_at += n;
            } else if (isNameStart(rest[0])) {
                std::size_t n = 1;
                while (n < rest.size() && (isNameStart(rest[n]) || isDigit(rest[n]))) ++n;
                m_tokens.push_back({TokenKind::Name, std::string(rest.substr(0, n)), m_line});
                m_at += n;
            } else {
                std::size_t n = 1;
                for (const std::string_view two : {"==", "!=", "<=", ">=", "//", "**"})
                    if (rest.starts_with(two)) n = 2;
                const char c = rest[0];
                if (std::string_view("+-*/%~=<>!|.,:()[]{}").find(c) == std::string_view::npos)
                    fail(Code::CorruptData, m_line,
                        std::string("the character '") + c + "' is not part of the language");
                if (c == '(' || c == '[' || c == '{') ++m_nesting;
                if (c == ')' || c == ']' || c == '}') m_nesting -= m_nesting > 0;
                m_tokens.push_back({TokenKind::Operator, std::string(rest.substr(0, n)), m_line});
                m_at += n;
            }
        }
    }
    /// Of the number at the front: 12, 1_000, 0x1F, 0b11, 0o17, 1.5, 1e3, 2.5e-3.
    static std::size_t numberLength(std::string_view rest) {
        const auto run = [&](std::size_t from, auto&& fits) {
            std::size_t n = from;
            while (n < rest.size() && (fits(rest[n]) || (rest[n] == '_' && n + 1 < rest.size() && fits(rest[n + 1]))))
                ++n;
            return n;
        };
        const auto at = [&](std::size_t i) { return i < rest.size() ? rest[i] : ' '; };
        if (rest[0] == '0' && std::string_view("xXbBoO").find(at(1)) != std::string_view::npos) {
            const char kind = static_cast<char>(at(1) | 0x20);
            const auto fits = [kind](char c) {
                return kind == 'x'   ? isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
                       : kind == 'o' ? c >= '0' && c <= '7'
                                     : c == '0' || c == '1';
            };
            if (const auto n = run(2, fits); n > 2) return n;
        }
        std::size_t n = run(1, isDigit);
        if (at(n) == '.' && isDigit(at(n + 1))) n = run(n + 2, isDigit);
        if ((at(n) | 0x20) == 'e') {
            const std::size_t sign = at(n + 1) == '+' || at(n + 1) == '-';
            if (isDigit(at(n + 1 + sign))) n = run(n + 2 + sign, isDigit);
        }
        return n;
    }
    void scanString(char quote) {
        std::string out;
        const int line = m_line;
        for (++m_at;; ++m_at) {
            if (m_at >= m_source.size()) fail(Code::CorruptData, line, "a string is not closed");
            const char c = m_source[m_at];
            if (c == quote) break;
            m_line += c == '\n';
            if (c != '\\') {
                out += c;
                continue;
            }
            if (++m_at >= m_source.size()) fail(Code::CorruptData, line, "a string is not closed");
            switch (const char e = m_source[m_at]) {
                case 'n': out += '\n'; break;
                case 't': out += '\t'; break;
                case 'r': out += '\r'; break;
                case 'a': out += '\a'; break;
                case 'b': out += '\b'; break;
                case 'f': out += '\f'; break;
                case 'v': out += '\v'; break;
                case '0':
                case '1':
                case '2':
                case '3':
                case '4':
                case '5':
                case '6':
                case '7': putCode(out, octal()); break;
                case 'x': putCode(out, hex(2)); break;
                case 'u': putCode(out, hex(4)); break;
                case 'U': putCode(out, hex(8)); break;
                case '\n': ++m_line; break;
                case '\\':
                case '\'':
                case '"': out += e; break;
                default: out += '\\', out += e;
            }
        }
        ++m_at;
        m_tokens.push_back({TokenKind::String, std::move(out), line});
    }
    /// Up to three digits, the first of which is here.
    std::uint32_t octal() {
        std::uint32_t out = static_cast<std::uint32_t>(m_source[m_at] - '0');
        for (int i = 0; i < 2 && m_at + 1 < m_source.size() && m_source[m_at + 1] >= '0' && m_source[m_at + 1] <= '7';
             ++i)
            out = out * 8 + static_cast<std::uint32_t>(m_source[++m_at] - '0');
        return out;
    }
    std::uint32_t hex(std::size_t digits) {
        std::uint32_t out = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const char c = ++m_at < m_source.size() ? m_source[m_at] : '?';
            const int value = isDigit(c)             ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (value < 0) fail(Code::CorruptData, m_line, "an escape in a string is cut short");
            out = out << 4 | static_cast<std::uint32_t>(value);
        }
        if (out > 0x10FFFF) fail(Code::CorruptData, m_line, "an escape in a string is no character");
        return out;
    }

    std::string m_text;
    std::string_view m_source;  ///< all of m_text, but for a newline at its end
    std::size_t m_at = 0;
    int m_line = 1, m_nesting = 0;
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> scanTemplate(std::string_view source) { return Scanner(source).run(); }

}  // namespace dubito::lm::jinja
