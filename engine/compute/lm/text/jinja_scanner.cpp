// Text to tokens under trim_blocks and lstrip_blocks.
#include "lm/text/jinja_scanner.h"

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
    explicit Scanner(std::string_view source) : m_source(source) {}
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
                if (data.starts_with("\r\n")) data.erase(0, 2);
                else if (data.starts_with('\n')) data.erase(0, 1);
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
            if (kind == '%' && skipRaw()) {
                trimNewline = true;
                continue;
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
    bool skipRaw() {
        std::size_t at = m_at;
        while (at < m_source.size() && isSpace(m_source[at])) ++at;
        if (m_source.substr(at, 3) != "raw") return false;
        at += 3;
        while (at < m_source.size() && (isSpace(m_source[at]) || m_source[at] == '-')) ++at;
        if (m_source.substr(at, 2) != "%}") return false;
        const std::size_t from = at + 2,
                          end = m_source.find("{%", m_source.find("endraw", from) == std::string_view::npos
                                                        ? from
                                                        : m_source.rfind("{%", m_source.find("endraw", from)));
        const auto close = end == std::string_view::npos ? end : m_source.find("%}", end);
        if (close == std::string_view::npos ||
            m_source.substr(end, close - end).find("endraw") == std::string_view::npos)
            fail(Code::CorruptData, m_line, "a raw block is not closed");
        if (end > from) m_tokens.push_back({TokenKind::Data, std::string(m_source.substr(from, end - from)), m_line});
        for (std::size_t i = m_at; i < close; ++i) m_line += m_source[i] == '\n';
        m_at = close + 2;
        return true;
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
                std::size_t n = 1;
                while (n < rest.size() &&
                       (isDigit(rest[n]) || (rest[n] == '.' && n + 1 < rest.size() && isDigit(rest[n + 1]))))
                    ++n;
                m_tokens.push_back({TokenKind::Number, std::string(rest.substr(0, n)), m_line});
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
                case '0': out += '\0'; break;
                case 'x': out += static_cast<char>(hex(2)); break;
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

    std::string_view m_source;
    std::size_t m_at = 0;
    int m_line = 1, m_nesting = 0;
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> scanTemplate(std::string_view source) { return Scanner(source).run(); }

}  // namespace dubito::lm::jinja
