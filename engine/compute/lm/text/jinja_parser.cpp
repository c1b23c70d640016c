// Tokens to tree: precedence climbing as the manual orders the operators.
#include <cstdlib>

#include "lm/text/jinja_scanner.h"

namespace dubito::lm::jinja {
namespace {

constexpr int kMaxDepth = 64;

[[noreturn]] void fail(Code code, int line, std::string what) { throw Failure{code, std::move(what), line}; }

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}
    NodePtr run() {
        NodePtr root = body({});
        if (peek().kind != TokenKind::End)
            fail(Code::CorruptData, peek().line, "'" + peekBlockName() + "' closes nothing");
        return root;
    }

private:
    struct Depth {
        explicit Depth(Parser& parser) : m_parser(parser) {
            if (++m_parser.m_depth > kMaxDepth)
                fail(Code::Limit, m_parser.peek().line, "the template is nested too deeply");
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
        if (!takeOperator(text))
            fail(
                Code::CorruptData, peek().line, "'" + std::string(text) + "' is expected before '" + peek().text + "'");
    }
    std::string needName() {
        if (peek().kind != TokenKind::Name)
            fail(Code::CorruptData, peek().line, "a name is expected before '" + peek().text + "'");
        return take().text;
    }
    void endBlock() {
        if (peek().kind != TokenKind::BlockEnd)
            fail(Code::CorruptData, peek().line, "the tag should end before '" + peek().text + "'");
        take();
    }
    std::string peekBlockName() const {
        return peek().kind == TokenKind::BlockBegin && peek(1).kind == TokenKind::Name ? peek(1).text : std::string();
    }
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
                if (peek().kind != TokenKind::PrintEnd)
                    fail(Code::CorruptData, peek().line, "'}}' is expected before '" + peek().text + "'");
                take();
            } else {
                const std::string name = peekBlockName();
                for (const auto end : ends)
                    if (name == end) return block;
                if (name.starts_with("end") || name == "else" || name == "elif") {
                    if (!ends.size()) return block;
                    fail(Code::CorruptData, token.line,
                        "'" + name + "' stands where '" + std::string(*ends.begin()) + "' is expected");
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
            if (peek().kind == TokenKind::Operator &&
                (peek().text == "==" || peek().text == "!=" || peek().text == "<" || peek().text == "<=" ||
                    peek().text == ">" || peek().text == ">="))
                op = take().text;
            else if (takeName("in")) op = "in";
            else if (isName("not") && peek(1).kind == TokenKind::Name && peek(1).text == "in")
                take(), take(), op = "not in";
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
    /// Attribute: value, text. Index: value, index. Slice: value, from, to, step (null when absent). Call: callee,
    /// arguments. Filter and Test: value, arguments; text is the name.
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
                    value =
                        make(NodeKind::Slice, "", std::move(value), std::move(from), std::move(to), std::move(step));
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

NodePtr parseTemplate(std::string_view source) { return Parser(scanTemplate(source)).run(); }

}  // namespace dubito::lm::jinja
