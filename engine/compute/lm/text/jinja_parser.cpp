// Tokens to tree: precedence climbing as the manual orders the operators.
#include <cerrno>
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
                block->children.push_back(make(NodeKind::Output, "", tuple(true)));
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
        if (name == "call") return callStatement();
        if (name == "filter") return filterStatement();
        if (name == "with") return withStatement();
        if (name == "block") return blockStatement();
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
        if (name == "autoescape") {  // nothing is escaped here; "true" would be another language
            if (!takeName("false") && !takeName("False"))
                fail(Code::Unsupported, peek().line, "autoescape is known as false only");
            return scoped("endautoescape");
        }
        fail(Code::Unsupported, peek().line, "the tag '" + name + "' is not known");
    }
    /// Scope: a body whose variables end with it.
    NodePtr scoped(std::string_view end) {
        endBlock();
        NodePtr node = make(NodeKind::Scope, "", body({end}));
        closing(end);
        return node;
    }
    NodePtr blockStatement() {
        needName();
        while (takeName("scoped") || takeName("required")) {
        }
        endBlock();
        NodePtr node = make(NodeKind::Scope, "", body({"endblock"}));
        take();  // BlockBegin
        if (!takeName("endblock")) fail(Code::CorruptData, peek().line, "'endblock' is expected");
        if (peek().kind == TokenKind::Name) take();
        endBlock();
        return node;
    }
    /// With: values, then the body; targets in the same order.
    NodePtr withStatement() {
        NodePtr node = make(NodeKind::With);
        while (peek().kind != TokenKind::BlockEnd) {
            if (!node->targets.empty()) need(",");
            node->targets.push_back(target());
            need("=");
            node->children.push_back(expression());
        }
        endBlock();
        node->children.push_back(body({"endwith"}));
        closing("endwith");
        return node;
    }
    /// FilterBlock: the filters over a null value, the body.
    NodePtr filterStatement() {
        NodePtr filters = filterChain(nullptr);
        endBlock();
        NodePtr node = make(NodeKind::FilterBlock, "", std::move(filters), body({"endfilter"}));
        closing("endfilter");
        return node;
    }
    /// CallBlock: the call, and a Macro of the body that the callee gets as `caller`.
    NodePtr callStatement() {
        NodePtr caller = make(NodeKind::Macro, "caller");
        if (takeOperator("(")) parameters(*caller);
        NodePtr call = expression();
        if (call->kind != NodeKind::Call) fail(Code::CorruptData, peek().line, "a call block needs a call");
        endBlock();
        caller->children.push_back(body({"endcall"}));
        closing("endcall");
        return make(NodeKind::CallBlock, "", std::move(call), std::move(caller));
    }
    /// If: condition, body, and the rest (an If or a Block) or null.
    NodePtr ifStatement() {
        Depth depth(*this);
        NodePtr node = make(NodeKind::If, "", tuple(false));
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
    /// A name, "a.b", or several with commas, also in brackets.
    Target target() {
        Target first = oneTarget();
        if (!isOperator(",")) return first;
        Target out;
        out.parts.push_back(std::move(first));
        while (takeOperator(","))
            if (peek().kind == TokenKind::Name ? !isName("in") : isOperator("(")) out.parts.push_back(oneTarget());
        return out;
    }
    Target oneTarget() {
        Depth depth(*this);
        if (takeOperator("(")) {
            Target inner = target();
            need(")");
            return inner;
        }
        Target out;
        out.name = needName();
        if (takeOperator(".")) out.attribute = needName();
        return out;
    }
    /// For: iterable, condition or null, body, else-body or null; one target; negated when it is recursive.
    NodePtr forStatement() {
        NodePtr node = make(NodeKind::For);
        node->targets.push_back(target());
        if (!takeName("in")) fail(Code::CorruptData, peek().line, "'in' is expected before '" + peek().text + "'");
        node->children.push_back(tuple(false));
        node->children.push_back(takeName("if") ? expression() : nullptr);
        node->negated = takeName("recursive");
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
    /// Set: value; one target. SetBlock: body, filters over a null value or null.
    NodePtr setStatement() {
        NodePtr node = make(NodeKind::Set);
        node->targets.push_back(target());
        if (takeOperator("=")) {
            node->children.push_back(tuple(true));
            endBlock();
            return node;
        }
        NodePtr filters = takeOperator("|") ? filterChain(nullptr) : nullptr;
        endBlock();
        node->kind = NodeKind::SetBlock;
        node->children.push_back(body({"endset"}));
        node->children.push_back(std::move(filters));
        closing("endset");
        return node;
    }
    void parameters(Node& node) {
        while (!isOperator(")")) {
            std::string parameter = needName();
            node.named.emplace_back(std::move(parameter), takeOperator("=") ? expression() : nullptr);
            if (!takeOperator(",")) break;
        }
        need(")");
    }
    /// Macro: body; text is its name, named its parameters with defaults or null.
    NodePtr macroStatement() {
        NodePtr node = make(NodeKind::Macro, needName());
        need("(");
        parameters(*node);
        endBlock();
        node->children.push_back(body({"endmacro"}));
        closing("endmacro");
        return node;
    }

    /// One value, or a Tuple of several with commas.
    NodePtr tuple(bool withCondition) {
        const auto one = [&] { return withCondition ? expression() : orExpression(); };
        NodePtr first = one();
        if (!isOperator(",")) return first;
        NodePtr out = make(NodeKind::Tuple, "", std::move(first));
        while (takeOperator(",")) {
            const bool ends = peek().kind == TokenKind::BlockEnd || peek().kind == TokenKind::PrintEnd ||
                              isOperator(")") || isOperator("]") || isName("recursive");
            if (!ends) out->children.push_back(one());
        }
        return out;
    }
    /// Filter names behind a "|" that was read, or behind the word "filter".
    NodePtr filterChain(NodePtr value) {
        do {
            value = make(NodeKind::Filter, dottedName(), std::move(value));
            if (takeOperator("(")) arguments(*value);
        } while (takeOperator("|"));
        return value;
    }
    std::string dottedName() {
        std::string name = needName();
        while (takeOperator(".")) name += "." + needName();
        return name;
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
    /// Compare: values, with an operator between each two.
    NodePtr comparison() {
        NodePtr first = sum();
        NodePtr node;
        for (;;) {
            std::string op;
            if (peek().kind == TokenKind::Operator &&
                (peek().text == "==" || peek().text == "!=" || peek().text == "<" || peek().text == "<=" ||
                    peek().text == ">" || peek().text == ">="))
                op = take().text;
            else if (takeName("in")) op = "in";
            else if (isName("not") && peek(1).kind == TokenKind::Name && peek(1).text == "in")
                take(), take(), op = "not in";
            else return node ? std::move(node) : std::move(first);
            if (!node) node = make(NodeKind::Compare, "", std::move(first));
            if (node->children.size() > kMaxDepth) fail(Code::Limit, peek().line, "an expression is too long");
            node->operators.push_back(std::move(op));
            node->children.push_back(sum());
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
        NodePtr left = power();
        while (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%")) {
            std::string op = take().text;
            left = make(NodeKind::Binary, std::move(op), std::move(left), power());
        }
        return left;
    }
    NodePtr power() {
        NodePtr left = unary();
        while (takeOperator("**")) left = make(NodeKind::Binary, "**", std::move(left), unary());
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
            case TokenKind::Number: node->literal = number(token); return node;
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
                    if (takeOperator(")")) return make(NodeKind::Tuple);
                    NodePtr inner = tuple(true);
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
    static Json number(const Token& token) {
        const std::string& text = token.text;
        const char kind = text.size() > 2 && text[0] == '0' ? static_cast<char>(text[1] | 0x20) : ' ';
        const int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
        if (base == 10 && text.find_first_of(".eE") != std::string::npos) return std::strtod(text.c_str(), nullptr);
        errno = 0;
        const std::uint64_t out = std::strtoull(text.c_str() + (base == 10 ? 0 : 2), nullptr, base);
        if (errno == ERANGE) fail(Code::Unsupported, token.line, "a number has more than 64 bits: " + text);
        return out <= static_cast<std::uint64_t>(INT64_MAX) ? Json(static_cast<std::int64_t>(out)) : Json(out);
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
    /// "is" was read. A test may take one value without brackets: x is divisibleby 3.
    NodePtr test(NodePtr value) {
        const bool negated = takeName("not");
        NodePtr node = make(NodeKind::Test, dottedName(), std::move(value));
        node->negated = negated;
        if (takeOperator("(")) {
            arguments(*node);
            return node;
        }
        const Token& next = peek();
        const bool isValue =
            next.kind == TokenKind::String || next.kind == TokenKind::Number ||
            (next.kind == TokenKind::Operator && (next.text == "[" || next.text == "{")) ||
            (next.kind == TokenKind::Name && next.text != "else" && next.text != "or" && next.text != "and");
        if (!isValue) return node;
        if (isName("is")) fail(Code::CorruptData, next.line, "tests cannot be chained with 'is'");
        node->children.push_back(suffixes(primary(), false));
        return node;
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
                NodePtr from = isOperator(":") ? nullptr : tuple(true);
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
                value = make(NodeKind::Filter, dottedName(), std::move(value));
                if (takeOperator("(")) arguments(*value);
            } else if (withFilters && takeName("is")) {
                value = test(std::move(value));
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
