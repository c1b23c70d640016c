// Tokens to expressions, by precedence climbing as the manual orders the operators; private to the parser.
#pragma once

#include <algorithm>
#include <utility>

#include "lm/text/jinja_scanner.h"

namespace dubito::lm::jinja {

class ExpressionParser {
protected:
    static constexpr int kMaxDepth = 64;

    explicit ExpressionParser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}
    [[noreturn]] static void fail(Code code, int line, std::string what) { throw Failure{code, std::move(what), line}; }
    struct Depth {
        explicit Depth(ExpressionParser& parser) : m_parser(parser) {
            if (++m_parser.m_depth > kMaxDepth)
                fail(Code::Limit, m_parser.peek().line, "the template is nested too deeply");
        }
        ~Depth() { --m_parser.m_depth; }
        ExpressionParser& m_parser;
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

    /// One value, or a Tuple of several with commas.
    NodePtr tuple(bool withCondition);
    /// Filter names behind a "|" that was read, or behind the word "filter".
    NodePtr filterChain(NodePtr value);
    std::string dottedName();
    /// Conditional: value, condition, else-value or null.
    NodePtr expression();
    NodePtr orExpression();
    NodePtr andExpression();
    NodePtr notExpression();
    /// Compare: values, with an operator between each two.
    NodePtr comparison();
    NodePtr sum();
    NodePtr concatenation();
    NodePtr product();
    NodePtr power();
    /// A sign binds closer than a filter: -5 | abs is 5.
    NodePtr unary(bool withFilters = true);
    NodePtr primary();
    static Json number(const Token& token);
    void arguments(Node& node);
    /// "is" was read. A test may take one value without brackets: x is divisibleby 3.
    NodePtr test(NodePtr value);
    /// Attribute: value, text. Index: value, index. Slice: value, from, to, step (null when absent). Call: callee,
    /// arguments. Filter and Test: value, arguments; text is the name.
    NodePtr suffixes(NodePtr value, bool withFilters);

private:
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
};

}  // namespace dubito::lm::jinja
