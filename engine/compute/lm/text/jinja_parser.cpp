// Text to tree: a scanner that knows white-space control, then precedence climbing as the manual orders the operators.
#include <cstdlib>

#include "lm/text/jinja_tree.h"

namespace dubito::lm::jinja {
namespace {

constexpr int kMaxDepth = 64;

[[noreturn]] void fail(Code code, int line, std::string what) { throw Failure{code, std::move(what), line}; }

enum class TokenKind { Data, BlockBegin, BlockEnd, PrintBegin, PrintEnd, Name, Number, String, Operator, End };
struct Token {
    TokenKind kind;
    std::string text;
    int line;
};

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool isNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

void putCode(std::string& out, std::uint32_t code) {
    if (code < 0x80) out += static_cast<char>(code);
    else if (code < 0x800) out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
    else if (code < 0x10000) out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
    else out += {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)), static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
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
        const std::size_t from = at + 2, end = m_source.find("{%", m_source.find("endraw", from) == std::string_view::npos ? from : m_source.rfind("{%", m_source.find("endraw", from)));
        const auto close = end == std::string_view::npos ? end : m_source.find("%}", end);
        if (close == std::string_view::npos || m_source.substr(end, close - end).find("endraw") == std::string_view::npos) fail(Code::CorruptData, m_line, "a raw block is not closed");
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
                while (n < rest.size() && (isDigit(rest[n]) || (rest[n] == '.' && n + 1 < rest.size() && isDigit(rest[n + 1])))) ++n;
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
                if (std::string_view("+-*/%~=<>!|.,:()[]{}").find(c) == std::string_view::npos) fail(Code::CorruptData, m_line, std::string("the character '") + c + "' is not part of the language");
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
            const int value = isDigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
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

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}
    NodePtr run() {
        NodePtr root = body({});
        if (peek().kind != TokenKind::End) fail(Code::CorruptData, peek().line, "'" + peekBlockName() + "' closes nothing");
        return root;
    }

private:
    struct Depth {
        explicit Depth(Parser& parser) : m_parser(parser) {
            if (++m_parser.m_depth > kMaxDepth) fail(Code::Limit, m_parser.peek().line, "the template is nested too deeply");
        }
        ~Depth() { --m_parser.m_depth; }
        Parser& m_parser;
    };
    const Token& peek(std::size_t ahead = 0) const { return m_tokens[std::min(m_at + ahead, m_tokens.size() - 1)]; }
    Token take() { return m_tokens[m_at < m_tokens.size() - 1 ? m_at++ : m_at]; }
    bool isOperator(std::string_view text) const { return peek().kind == TokenKind::Operator && peek().text == text; }
    bool isName(std::string_view text) const { return peek().kind == TokenKind::Name && peek().text == text; }
    bool takeOperator(std::string_view text) { return isOperator(text) ? (take(), true) : false; }
    bool takeName(std::string_view text) { return isName(text) ? (take(), true) : false; }
    void need(std::string_view text) {
        if (!takeOperator(text)) fail(Code::CorruptData, peek().line, "'" + std::string(text) + "' is expected before '" + peek().text + "'");
    }
    std::string needName() {
        if (peek().kind != TokenKind::Name) fail(Code::CorruptData, peek().line, "a name is expected before '" + peek().text + "'");
        return take().text;
    }
    void endBlock() {
        if (peek().kind != TokenKind::BlockEnd) fail(Code::CorruptData, peek().line, "the tag should end before '" + peek().text + "'");
        take();
    }
    std::string peekBlockName() const { return peek().kind == TokenKind::BlockBegin && peek(1).kind == TokenKind::Name ? peek(1).text : std::string(); }
    NodePtr make(NodeKind kind, std::string text = {}) const {
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->line = peek().line;
        node->text = std::move(text);
        return node;
    }
    template <class... Children>
    NodePtr make(NodeKind kind, std::string text, Children... children) const {
        NodePtr node = make(kind, std::move(text));
        (node->children.push_back(std::move(children)), ...);
        return node;
    }

    /// Block: children in order, up to a tag whose name is in `ends` (left to the caller).
    NodePtr body(std::initializer_list<std::string_view> ends) {
        Depth depth(*this);
        NodePtr block = make(NodeKind::Block);
        for (;;) {
            const Token& token = peek();
            if (token.kind == TokenKind::End) {
                if (ends.size()) fail(Code::CorruptData, token.line, "'" + std::string(*ends.begin()) + "' is missing");
                return block;
            }
            if (token.kind == TokenKind::Data) {
                block->children.push_back(make(NodeKind::Data, take().text));
            } else if (token.kind == TokenKind::PrintBegin) {
                take();
                block->children.push_back(make(NodeKind::Output, "", expression()));
                if (peek().kind != TokenKind::PrintEnd) fail(Code::CorruptData, peek().line, "'}}' is expected before '" + peek().text + "'");
                take();
            } else {
                const std::string name = peekBlockName();
                for (const auto end : ends)
                    if (name == end) return block;
                if (name.starts_with("end") || name == "else" || name == "elif") {
                    if (!ends.size()) return block;
                    fail(Code::CorruptData, token.line, "'" + name + "' stands where '" + std::string(*ends.begin()) + "' is expected");
                }
                take();
                block->children.push_back(statement());
            }
        }
    }
    void closing(std::string_view name) {
        take();  // BlockBegin
        if (!takeName(name)) fail(Code::CorruptData, peek().line, "'" + std::string(name) + "' is expected");
        endBlock();
    }
    NodePtr statement() {
        const std::string name = needName();
        if (name == "if") return ifStatement();
        if (name == "for") return forStatement();
        if (name == "set") return setStatement();
        if (name == "macro") return macroStatement();
        if (name == "break" || name == "continue") {
            NodePtr node = make(name == "break" ? NodeKind::Break : NodeKind::Continue);
            endBlock();
            return node;
        }
        if (name == "generation") {
            endBlock();
            NodePtr node = make(NodeKind::Generation, "", body({"endgeneration"}));
            closing("endgeneration");
            return node;
        }
        fail(Code::Unsupported, peek().line, "the tag '" + name + "' is not known");
    }
    /// If: condition, body, and the rest (an If or a Block) or null.
    NodePtr ifStatement() {
        Depth depth(*this);
        NodePtr node = make(NodeKind::If, "", expression());
        endBlock();
        node->children.push_back(body({"endif", "else", "elif"}));
        const std::string next = peekBlockName();
        if (next == "elif") {
            take(), take();
            node->children.push_back(ifStatement());  // takes the endif
            return node;
        }
        if (next == "else") {
            closing("else");
            node->children.push_back(body({"endif"}));
        } else {
            node->children.push_back(nullptr);
        }
        closing("endif");
        return node;
    }
    /// For: iterable, condition or null, body, else-body or null; targets.
    NodePtr forStatement() {
        NodePtr node = make(NodeKind::For);
        do node->targets.push_back(needName());
        while (takeOperator(","));
        if (!takeName("in")) fail(Code::CorruptData, peek().line, "'in' is expected before '" + peek().text + "'");
        node->children.push_back(orExpression());
        node->children.push_back(takeName("if") ? expression() : nullptr);
        if (isName("recursive")) fail(Code::Unsupported, peek().line, "recursive loops are not known");
        endBlock();
        node->children.push_back(body({"endfor", "else"}));
        if (peekBlockName() == "else") {
            closing("else");
            node->children.push_back(body({"endfor"}));
        } else {
            node->children.push_back(nullptr);
        }
        closing("endfor");
        return node;
    }
    /// Set: value; targets ("a", or "a.b" for an attribute). SetBlock: body.
    NodePtr setStatement() {
        NodePtr node = make(NodeKind::Set);
        do {
            std::string target = needName();
            if (takeOperator(".")) target += "." + needName();
            node->targets.push_back(std::move(target));
        } while (takeOperator(","));
        if (takeOperator("=")) {
            NodePtr value = expression();
            if (isOperator(",")) {
                NodePtr list = make(NodeKind::List, "", std::move(value));
                while (takeOperator(",")) list->children.push_back(expression());
                value = std::move(list);
            }
            node->children.push_back(std::move(value));
            endBlock();
            return node;
        }
        endBlock();
        node->kind = NodeKind::SetBlock;
        node->children.push_back(body({"endset"}));
        closing("endset");
        return node;
    }
    /// Macro: body; text is its name, named its parameters with defaults or null.
    NodePtr macroStatement() {
        NodePtr node = make(NodeKind::Macro, needName());
        need("(");
        while (!isOperator(")")) {
            std::string parameter = needName();
            node->named.emplace_back(std::move(parameter), takeOperator("=") ? expression() : nullptr);
            if (!takeOperator(",")) break;
        }
        need(")");
        endBlock();
        node->children.push_back(body({"endmacro"}));
        closing("endmacro");
        return node;
    }

    /// Conditional: value, condition, else-value or null.
    NodePtr expression() {
        Depth depth(*this);
        NodePtr value = orExpression();
        while (takeName("if")) {
            NodePtr condition = orExpression();
            NodePtr otherwise = takeName("else") ? expression() : nullptr;
            value = make(NodeKind::Conditional, "", std::move(value), std::move(condition), std::move(otherwise));
        }
        return value;
    }
    NodePtr orExpression() {
        NodePtr left = andExpression();
        while (takeName("or")) left = make(NodeKind::Binary, "or", std::move(left), andExpression());
        return left;
    }
    NodePtr andExpression() {
        NodePtr left = notExpression();
        while (takeName("and")) left = make(NodeKind::Binary, "and", std::move(left), notExpression());
        return left;
    }
    NodePtr notExpression() {
        Depth depth(*this);
        if (takeName("not")) return make(NodeKind::Unary, "not", notExpression());
        return comparison();
    }
    /// Compare: two values and an operator; a chain becomes "and" of its links.
    NodePtr comparison() {
        NodePtr left = sum();
        for (;;) {
            std::string op;
            if (peek().kind == TokenKind::Operator && (peek().text == "==" || peek().text == "!=" || peek().text == "<" || peek().text == "<=" || peek().text == ">" || peek().text == ">=")) op = take().text;
            else if (takeName("in")) op = "in";
            else if (isName("not") && peek(1).kind == TokenKind::Name && peek(1).text == "in") take(), take(), op = "not in";
            else return left;
            left = make(NodeKind::Compare, op, std::move(left), sum());
        }
    }
    NodePtr sum() {
        NodePtr left = concatenation();
        while (isOperator("+") || isOperator("-")) {
            std::string op = take().text;
            left = make(NodeKind::Binary, std::move(op), std::move(left), concatenation());
        }
        return left;
    }
    NodePtr concatenation() {
        NodePtr left = product();
        while (takeOperator("~")) left = make(NodeKind::Binary, "~", std::move(left), product());
        return left;
    }
    NodePtr product() {
        NodePtr left = unary();
        while (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%")) {
            std::string op = take().text;
            left = make(NodeKind::Binary, std::move(op), std::move(left), unary());
        }
        return left;
    }
    /// A sign binds closer than a filter: -5 | abs is 5.
    NodePtr unary(bool withFilters = true) {
        Depth depth(*this);
        NodePtr value;
        if (isOperator("-") || isOperator("+")) {
            std::string op = take().text;
            value = make(NodeKind::Unary, std::move(op), unary(false));
        } else {
            value = primary();
        }
        return suffixes(std::move(value), withFilters);
    }
    NodePtr primary() {
        const Token token = take();
        NodePtr node = make(NodeKind::Literal);
        node->line = token.line;
        switch (token.kind) {
            case TokenKind::Number:
                if (token.text.find('.') != std::string::npos) node->literal = std::strtod(token.text.c_str(), nullptr);
                else node->literal = static_cast<std::int64_t>(std::strtoll(token.text.c_str(), nullptr, 10));
                return node;
            case TokenKind::String: {
                std::string text = token.text;
                while (peek().kind == TokenKind::String) text += take().text;
                node->literal = text;
                return node;
            }
            case TokenKind::Name:
                if (token.text == "true" || token.text == "True") return node->literal = true, std::move(node);
                if (token.text == "false" || token.text == "False") return node->literal = false, std::move(node);
                if (token.text == "none" || token.text == "None") return node->literal = nullptr, std::move(node);
                node->kind = NodeKind::Name;
                node->text = token.text;
                return node;
            case TokenKind::Operator:
                if (token.text == "(") {
                    if (takeOperator(")")) return make(NodeKind::List);
                    NodePtr inner = expression();
                    if (isOperator(",")) {
                        NodePtr list = make(NodeKind::List, "", std::move(inner));
                        while (takeOperator(","))
                            if (!isOperator(")")) list->children.push_back(expression());
                        inner = std::move(list);
                    }
                    need(")");
                    return inner;
                }
                if (token.text == "[") {
                    node->kind = NodeKind::List;
                    while (!isOperator("]")) {
                        node->children.push_back(expression());
                        if (!takeOperator(",")) break;
                    }
                    need("]");
                    return node;
                }
                if (token.text == "{") {  // Dict: key, value, key, value
                    node->kind = NodeKind::Dict;
                    while (!isOperator("}")) {
                        node->children.push_back(expression());
                        need(":");
                        node->children.push_back(expression());
                        if (!takeOperator(",")) break;
                    }
                    need("}");
                    return node;
                }
                [[fallthrough]];
            default: fail(Code::CorruptData, token.line, "a value is expected before '" + token.text + "'");
        }
    }
    void arguments(Node& node) {
        while (!isOperator(")")) {
            if (peek().kind == TokenKind::Name && peek(1).kind == TokenKind::Operator && peek(1).text == "=") {
                std::string name = take().text;
                take();
                node.named.emplace_back(std::move(name), expression());
            } else {
                node.children.push_back(expression());
            }
            if (!takeOperator(",")) break;
        }
        need(")");
    }
    /// Attribute: value, text. Index: value, index. Slice: value, from, to, step (null when absent). Call: callee, arguments.
    /// Filter and Test: value, arguments; text is the name.
    NodePtr suffixes(NodePtr value, bool withFilters) {
        for (int n = 0;; ++n) {
            if (n > kMaxDepth) fail(Code::Limit, peek().line, "an expression is too long");
            if (takeOperator(".")) {
                if (peek().kind == TokenKind::Number) {
                    NodePtr index = make(NodeKind::Literal);
                    index->literal = static_cast<std::int64_t>(std::strtoll(take().text.c_str(), nullptr, 10));
                    value = make(NodeKind::Index, "", std::move(value), std::move(index));
                } else {
                    value = make(NodeKind::Attribute, needName(), std::move(value));
                }
            } else if (takeOperator("[")) {
                NodePtr from = isOperator(":") ? nullptr : expression();
                if (takeOperator(":")) {
                    NodePtr to = isOperator("]") || isOperator(":") ? nullptr : expression();
                    NodePtr step = takeOperator(":") && !isOperator("]") ? expression() : nullptr;
                    value = make(NodeKind::Slice, "", std::move(value), std::move(from), std::move(to), std::move(step));
                } else {
                    value = make(NodeKind::Index, "", std::move(value), std::move(from));
                }
                need("]");
            } else if (takeOperator("(")) {
                value = make(NodeKind::Call, "", std::move(value));
                arguments(*value);
            } else if (withFilters && takeOperator("|")) {
                value = make(NodeKind::Filter, needName(), std::move(value));
                if (takeOperator("(")) arguments(*value);
            } else if (withFilters && takeName("is")) {
                const bool negated = takeName("not");
                value = make(NodeKind::Test, needName(), std::move(value));
                value->negated = negated;
                if (takeOperator("(")) arguments(*value);
            } else {
                return value;
            }
        }
    }

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
};

}  // namespace

NodePtr parseTemplate(std::string_view source) { return Parser(Scanner(source).run()).run(); }

}  // namespace dubito::lm::jinja
