// Expressions.
#include <fmt/format.h>

#include <algorithm>

#include "lm/text/jinja_arithmetic.h"
#include "lm/text/jinja_interpreter.h"

namespace dubito::lm::jinja {

Arguments Interpreter::argumentsOf(const Node& node, std::size_t first) {
    Arguments out;
    for (std::size_t i = first; i < node.children.size(); ++i) {
        const Node& given = *node.children[i];
        if (given.kind != NodeKind::Spread) {
            out.positional.push_back(evaluate(given));
            continue;
        }
        const List items = itemsOf(evaluate(*given.children[0]), m_line, "a call with *");
        out.positional.insert(out.positional.end(), items.begin(), items.end());
    }
    for (const auto& [name, value] : node.named) {
        const Value given = evaluate(*value);
        if (name != "**") {
            out.named.emplace_back(name, given);
            continue;
        }
        if (!given.is(Kind::Dict)) fail(Code::InvalidArgument, "a call with ** needs a mapping");
        for (const auto& [key, item] : *given.dict)
            out.named.emplace_back(needText(&key, m_line, "a call with **").bytes(), item);
    }
    return out;
}
Value Interpreter::calling(const Node& node, const Value& callee, const Arguments& arguments) {
    if (!callee.function)
        fail(Code::InvalidArgument, node.children[0]->text.empty()
                                        ? std::string("what is called is no function")
                                        : "'" + node.children[0]->text + "' is no function that is known");
    return (*callee.function)(arguments);
}
Value Interpreter::slice(const Node& node, const Value& value) {
    if (!value.isString() && !value.is(Kind::List) && !value.isRange()) {
        if (node.children[0]->kind == NodeKind::Literal) return {};  // the reference folds it into nothing
        fail(Code::InvalidArgument, fmt::format("a slice is asked of {}", kindName(value)));
    }
    const List items = itemsOf(value, m_line, "a slice");
    const auto n = static_cast<std::int64_t>(items.size());
    const auto given = [&](std::size_t child) {
        const Value bound = node.children[child] ? evaluate(*node.children[child]) : Value::none();
        return bound.is(Kind::None) ? std::nullopt : std::optional(needWhole(&bound, 0, m_line, "a slice"));
    };
    const auto first = given(1), last = given(2);
    std::int64_t by = given(3).value_or(1);
    if (by == 0) fail(Code::InvalidArgument, "a slice steps by 0");
    by = std::clamp<std::int64_t>(by, -n - 1, n + 1);  // farther is past the end all the same
    const auto bound = [&](std::optional<std::int64_t> at, std::int64_t standard, std::int64_t low, std::int64_t high) {
        return at ? std::clamp(*at < 0 ? *at + n : *at, low, high) : standard;
    };
    const std::int64_t from = by > 0 ? bound(first, 0, 0, n) : bound(first, n - 1, -1, n - 1),
                       to = by > 0 ? bound(last, n, 0, n) : bound(last, -1, -1, n - 1);
    List out;
    for (std::int64_t i = from; by > 0 ? i < to : i > to; i += by) out.push_back(items[static_cast<std::size_t>(i)]);
    if (value.isRange()) {
        const auto step = static_cast<std::int64_t>(value.real);
        return Value::range(value.whole + from * step, value.whole + to * step, step * by, std::move(out));
    }
    if (!value.isString()) return value.isTuple ? Value::tuple(std::move(out)) : Value::of(std::move(out));
    Text text;
    for (const Value& character : out) text.append(character.text);
    Value part = Value::of(std::move(text));
    part.isSafe = value.isSafe;
    return part;
}
bool Interpreter::compares(const std::string& op, const Value& a, const Value& b) {
    if (op == "==") return equal(a, b);
    if (op == "!=") return !equal(a, b);
    if (op == "in") return applyTest("in", a, {{b}, {}}, m_line);
    if (op == "not in") return !applyTest("in", a, {{b}, {}}, m_line);
    const auto ordered = order(a, b);
    if (!ordered)
        fail(Code::InvalidArgument, fmt::format("'{}' cannot compare {} and {}", op, kindName(a), kindName(b)));
    return op == "<" ? *ordered < 0 : op == "<=" ? *ordered <= 0 : op == ">" ? *ordered > 0 : *ordered >= 0;
}
Value Interpreter::comparison(const Node& node) {
    Value left = evaluate(*node.children[0]);
    for (std::size_t i = 0; i < node.operators.size(); ++i) {
        Value right = evaluate(*node.children[i + 1]);
        if (!compares(node.operators[i], left, right)) return Value::of(false);
        left = std::move(right);
    }
    return Value::of(true);
}
Value Interpreter::binary(const Node& node) {
    if (node.text == "and" || node.text == "or") {
        Value left = open(*node.children[0]);
        const bool isLeft = isTrue(left) == (node.text == "or");
        return isLeft ? settled(std::move(left)) : evaluate(*node.children[1]);
    }
    const Value left = evaluate(*node.children[0]), right = evaluate(*node.children[1]);
    if (node.text != "~") return arithmetic(node.text, left, right, {m_limits.bytes, m_line});
    Text out = printed(left);
    out.append(printed(right));
    if (out.size() > m_limits.bytes) fail(Code::Limit, "a string grows too long");
    return Value::of(std::move(out));
}
Value Interpreter::list(const Node& node) {
    List out;
    for (const auto& one : node.children) out.push_back(evaluate(*one));
    return node.kind == NodeKind::Tuple ? Value::tuple(std::move(out)) : Value::of(std::move(out));
}
Value Interpreter::dict(const Node& node) {
    Value out = Value::of(Dict());
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
        const Value key = evaluate(*node.children[i]);
        needHash(key, m_line);
        out.set(key, evaluate(*node.children[i + 1]));
    }
    return out;
}
Value Interpreter::attribute(const Node& node) {
    Value value = open(*node.children[0]);
    if (value.isTalk && value.is(Kind::Dict)) {
        for (const char* name : {"last", "length", "revindex", "revindex0", "nextitem"})
            m_looksAhead |= node.text == name;
        value.isTalk = false;
    }
    value = settled(std::move(value));
    reads(value);
    return attributeOf(value, node.text, m_line);
}
Value Interpreter::index(const Node& node) {
    Value value = open(*node.children[0]);
    const Value at = evaluate(*node.children[1]);
    if (value.isTalk && value.is(Kind::List) && at.is(Kind::Int) && at.whole >= 0 && !at.isHuge() &&
        at.whole < static_cast<std::int64_t>(value.list->size())) {
        const auto number = static_cast<std::size_t>(value.whole + at.whole);
        if (m_talk != Talk::Inside || number > m_reached) needs(number + 1);
        value.isTalk = false;
    }
    value = settled(std::move(value));
    reads(value);
    return itemOf(value, at, m_line);
}
/// What is left of the talk behind its first messages is the talk still.
Value Interpreter::sliced(const Node& node) {
    Value value = open(*node.children[0]);
    const bool isRest = value.isTalk && value.is(Kind::List) && node.children[1] && !node.children[2] &&
                        !node.children[3] && node.children[1]->kind == NodeKind::Literal &&
                        node.children[1]->literal.is_number_integer() &&
                        node.children[1]->literal.get<std::int64_t>() >= 0;
    if (!isRest) return slice(node, settled(std::move(value)));
    value.isTalk = false;
    Value out = slice(node, value);
    out.isTalk = true;
    out.whole = value.whole + static_cast<std::int64_t>(value.list->size() - out.list->size());
    return out;
}
bool Interpreter::isTrue(const Value& value) {
    if (value.isTalk && value.is(Kind::List) && !value.list->empty()) needs(static_cast<std::size_t>(value.whole) + 1);
    else m_looksAhead |= value.isTalk && value.is(Kind::List);
    return value.isTrue();
}
Value Interpreter::open(const Node& node) {
    const Depth depth(*this, node);
    const auto child = [&](std::size_t i) { return evaluate(*node.children[i]); };
    switch (node.kind) {
        case NodeKind::Literal: return fromJson(node.literal, kFromTemplate);
        case NodeKind::Name: {
            Value value = lookUp(node.text);
            reads(value);
            return value;
        }
        case NodeKind::List:
        case NodeKind::Tuple: return list(node);
        case NodeKind::Dict: return dict(node);
        case NodeKind::Attribute: return attribute(node);
        case NodeKind::Index: return index(node);
        case NodeKind::Slice: return sliced(node);
        case NodeKind::Call: {
            const Value callee = child(0);
            return calling(node, callee, argumentsOf(node, 1));
        }
        case NodeKind::Filter: {
            const Value value = child(0);
            return applyFilter(node.text, value, argumentsOf(node, 1), node.line);
        }
        case NodeKind::Test: {
            Value value = open(*node.children[0]);
            // A list is what it is, however long.
            if (node.text == "defined" || node.text == "undefined" || node.text == "none") value.isTalk = false;
            value = settled(std::move(value));
            return Value::of(applyTest(node.text, value, argumentsOf(node, 1), node.line) != node.negated);
        }
        case NodeKind::Unary:
            return node.text == "not" ? Value::of(!isTrue(open(*node.children[0])))
                                      : signedBy(node.text, child(0), m_line);
        case NodeKind::Binary: return binary(node);
        case NodeKind::Compare: return comparison(node);
        case NodeKind::Conditional:
            return isTrue(open(*node.children[1])) ? child(0) : node.children[2] ? child(2) : Value();
        default: fail(Code::Internal, "a statement stands as an expression");
    }
}

}  // namespace dubito::lm::jinja
