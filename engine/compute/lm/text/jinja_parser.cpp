// Tokens to tree: tags and what stands between them.
#include "lm/text/jinja_expression_parser.h"

namespace dubito::lm::jinja {
namespace {

class Parser : ExpressionParser {
public:
    explicit Parser(std::vector<Token> tokens) : ExpressionParser(std::move(tokens)) {}
    NodePtr run() {
        NodePtr root = body({});
        if (peek().kind != TokenKind::End)
            fail(Code::CorruptData, peek().line, "'" + peekBlockName() + "' closes nothing");
        return root;
    }

private:
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
};

}  // namespace

NodePtr parseTemplate(std::string_view source) { return Parser(scanTemplate(source)).run(); }

}  // namespace dubito::lm::jinja
