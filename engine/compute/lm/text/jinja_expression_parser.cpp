#include "lm/text/jinja_expression_parser.h"

#include <cerrno>
#include <cstdlib>

namespace dubito::lm::jinja {

NodePtr ExpressionParser::tuple(bool withCondition) {
    const auto one = [&] { return withCondition ? expression() : orExpression(); };
    NodePtr first = one();
    if (!isOperator(",")) return first;
    NodePtr out = make(NodeKind::Tuple, "", std::move(first));
    while (takeOperator(",")) {
        const bool ends = peek().kind == TokenKind::BlockEnd || peek().kind == TokenKind::PrintEnd || isOperator(")") ||
                          isOperator("]") || isName("recursive");
        if (!ends) out->children.push_back(one());
    }
    return out;
}
NodePtr ExpressionParser::filterChain(NodePtr value) {
    do {
        value = make(NodeKind::Filter, dottedName(), std::move(value));
        if (takeOperator("(")) arguments(*value);
    } while (takeOperator("|"));
    return value;
}
std::string ExpressionParser::dottedName() {
    std::string name = needName();
    while (takeOperator(".")) name += "." + needName();
    return name;
}
NodePtr ExpressionParser::expression() {
    Depth depth(*this);
    NodePtr value = orExpression();
    while (takeName("if")) {
        NodePtr condition = orExpression();
        NodePtr otherwise = takeName("else") ? expression() : nullptr;
        value = make(NodeKind::Conditional, "", std::move(value), std::move(condition), std::move(otherwise));
    }
    return value;
}
NodePtr ExpressionParser::orExpression() {
    NodePtr left = andExpression();
    while (takeName("or")) left = make(NodeKind::Binary, "or", std::move(left), andExpression());
    return left;
}
NodePtr ExpressionParser::andExpression() {
    NodePtr left = notExpression();
    while (takeName("and")) left = make(NodeKind::Binary, "and", std::move(left), notExpression());
    return left;
}
NodePtr ExpressionParser::notExpression() {
    Depth depth(*this);
    if (takeName("not")) return make(NodeKind::Unary, "not", notExpression());
    return comparison();
}
NodePtr ExpressionParser::comparison() {
    NodePtr first = sum();
    NodePtr node;
    for (;;) {
        std::string op;
        if (peek().kind == TokenKind::Operator && (peek().text == "==" || peek().text == "!=" || peek().text == "<" ||
                                                      peek().text == "<=" || peek().text == ">" || peek().text == ">="))
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
NodePtr ExpressionParser::sum() {
    NodePtr left = concatenation();
    while (isOperator("+") || isOperator("-")) {
        std::string op = take().text;
        left = make(NodeKind::Binary, std::move(op), std::move(left), concatenation());
    }
    return left;
}
NodePtr ExpressionParser::concatenation() {
    NodePtr left = product();
    while (takeOperator("~")) left = make(NodeKind::Binary, "~", std::move(left), product());
    return left;
}
NodePtr ExpressionParser::product() {
    NodePtr left = power();
    while (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%")) {
        std::string op = take().text;
        left = make(NodeKind::Binary, std::move(op), std::move(left), power());
    }
    return left;
}
NodePtr ExpressionParser::power() {
    NodePtr left = unary();
    while (takeOperator("**")) left = make(NodeKind::Binary, "**", std::move(left), unary());
    return left;
}
NodePtr ExpressionParser::unary(bool withFilters) {
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
NodePtr ExpressionParser::primary() {
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
Json ExpressionParser::number(const Token& token) {
    const std::string& text = token.text;
    const char kind = text.size() > 2 && text[0] == '0' ? static_cast<char>(text[1] | 0x20) : ' ';
    const int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    if (base == 10 && text.find_first_of(".eE") != std::string::npos) return std::strtod(text.c_str(), nullptr);
    errno = 0;
    const std::uint64_t out = std::strtoull(text.c_str() + (base == 10 ? 0 : 2), nullptr, base);
    if (errno == ERANGE) fail(Code::Unsupported, token.line, "a number has more than 64 bits: " + text);
    return out <= static_cast<std::uint64_t>(INT64_MAX) ? Json(static_cast<std::int64_t>(out)) : Json(out);
}
void ExpressionParser::arguments(Node& node) {
    while (!isOperator(")")) {
        if (peek().kind == TokenKind::Name && peek(1).kind == TokenKind::Operator && peek(1).text == "=") {
            std::string name = take().text;
            take();
            node.named.emplace_back(std::move(name), expression());
        } else if (takeOperator("**")) {
            node.named.emplace_back("**", expression());
        } else if (takeOperator("*")) {
            node.children.push_back(make(NodeKind::Spread, "", expression()));
        } else {
            node.children.push_back(expression());
        }
        if (!takeOperator(",")) break;
    }
    need(")");
}
NodePtr ExpressionParser::test(NodePtr value) {
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
NodePtr ExpressionParser::suffixes(NodePtr value, bool withFilters) {
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
                value = make(NodeKind::Slice, "", std::move(value), std::move(from), std::move(to), std::move(step));
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

}  // namespace dubito::lm::jinja
