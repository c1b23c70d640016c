// Variables, statements and loops.
#include <fmt/format.h>

#include <algorithm>

#include "lm/text/jinja_interpreter.h"

namespace dubito::lm::jinja {
namespace {

/// Whether the name stands anywhere in the node.
bool standsIn(const Node& node, std::string_view name) {
    if (node.kind == NodeKind::Name && node.text == name) return true;
    const auto inside = [&](const auto& child) { return child && standsIn(*child, name); };
    return std::any_of(node.children.begin(), node.children.end(), inside) ||
           std::any_of(node.named.begin(), node.named.end(), [&](const auto& one) { return inside(one.second); });
}

}  // namespace

Value Interpreter::lookUp(const std::string& name) const {
    for (const Scope* scope = m_scope.get(); scope; scope = scope->outer.get())
        if (const auto found = scope->variables.find(name); found != scope->variables.end()) return found->second;
    return {};
}
void Interpreter::inScope(std::shared_ptr<Scope> outer) {
    auto inner = std::make_shared<Scope>();
    inner->outer = outer ? std::move(outer) : m_scope;
    m_scope = std::move(inner);
}
void Interpreter::assign(const Target& target, const Value& value) {
    if (!target.parts.empty()) {
        const List items = itemsOf(value, m_line, "a target of several names");
        if (items.size() != target.parts.size())
            fail(Code::InvalidArgument,
                fmt::format("{} names are set from {} values", target.parts.size(), items.size()));
        for (std::size_t i = 0; i < items.size(); ++i) assign(target.parts[i], items[i]);
        return;
    }
    if (target.attribute.empty()) return define(target.name, value);
    Value object = lookUp(target.name);
    if (!object.is(Kind::Dict) || !object.isObject) fail(Code::InvalidArgument, target.name + " is no namespace");
    m_isChanged |= m_talk == Talk::Inside;
    object.set(Value::word(target.attribute), value);
}

void Interpreter::put(const Text& text) {
    m_out->text.append(text);
    if (m_out->text.size() > m_limits.bytes)
        fail(Code::Limit, fmt::format("the template writes more than {} bytes", m_limits.bytes));
}
Interpreter::Flow Interpreter::execute(const Node& node) {
    const Depth depth(*this, node);
    switch (node.kind) {
        case NodeKind::Block:
            for (const auto& child : node.children)
                if (const Flow flow = execute(*child); flow != Flow::Normal) return flow;
            return Flow::Normal;
        case NodeKind::Data: put(Text(node.text, kFromTemplate)); return Flow::Normal;
        case NodeKind::Output: put(printed(evaluate(*node.children[0]))); return Flow::Normal;
        case NodeKind::If:
            if (isTrue(open(*node.children[0]))) return execute(*node.children[1]);
            return node.children[2] ? execute(*node.children[2]) : Flow::Normal;
        case NodeKind::For: return loop(node, open(*node.children[0]), 0);
        case NodeKind::Break: return Flow::Break;
        case NodeKind::Continue: return Flow::Continue;
        case NodeKind::Generation: {
            const std::size_t first = m_out->text.size();
            const Flow flow = scoped([&] { return execute(*node.children[0]); });
            m_out->generated.push_back({first, m_out->text.size()});
            return flow;
        }
        case NodeKind::Scope: return scoped([&] { return execute(*node.children[0]); });
        case NodeKind::Set: {
            const Target& target = node.targets[0];
            const bool isName = target.parts.empty() && target.attribute.empty();
            assign(target, isName ? open(*node.children[0]) : evaluate(*node.children[0]));
            return Flow::Normal;
        }
        case NodeKind::SetBlock: {
            Value value = Value::of(captured(*node.children[0]));
            if (node.children[1]) value = filtered(*node.children[1], std::move(value));
            assign(node.targets[0], value);
            return Flow::Normal;
        }
        case NodeKind::FilterBlock: {
            Value value = Value::of(captured(*node.children[1]));
            put(printed(filtered(*node.children[0], std::move(value))));
            return Flow::Normal;
        }
        case NodeKind::With: return with(node);
        case NodeKind::CallBlock: callBlock(node); return Flow::Normal;
        case NodeKind::Macro: define(node.text, macro(node)); return Flow::Normal;
        default: fail(Code::Internal, "an expression stands as a statement");
    }
}
void Interpreter::callBlock(const Node& node) {
    const Node& call = *node.children[0];
    const Value callee = evaluate(*call.children[0]);
    Arguments arguments = argumentsOf(call, 1);
    arguments.named.emplace_back("caller", macro(*node.children[1]));
    put(printed(calling(call, callee, arguments)));
}
Interpreter::Flow Interpreter::with(const Node& node) {
    std::vector<Value> values;
    for (std::size_t i = 0; i + 1 < node.children.size(); ++i) values.push_back(evaluate(*node.children[i]));
    return scoped([&] {
        for (std::size_t i = 0; i < values.size(); ++i) assign(node.targets[i], values[i]);
        return execute(*node.children.back());
    });
}
/// What a body writes, in a scope of its own.
Text Interpreter::captured(const Node& body) {
    return written([&] { scoped([&] { (void)execute(body); }); });
}
/// Filters whose innermost value is left out.
Value Interpreter::filtered(const Node& node, Value value) {
    if (node.children[0]) value = filtered(*node.children[0], std::move(value));
    return applyFilter(node.text, value, argumentsOf(node, 1), node.line);
}
Value Interpreter::macro(const Node& node) {
    m_kept.push_back(m_scope);
    return Value::of(Function([this, &node, home = m_scope](const Arguments& arguments) {
        const Depth depth(*this, node);
        return scoped(
            [&] {
                bindParameters(node, arguments);
                return Value::of(captured(*node.children[0]));
            },
            home);
    }));
}
void Interpreter::bindParameters(const Node& node, const Arguments& arguments) {
    std::vector<std::pair<std::string, Value>> named = arguments.named;
    const std::size_t n = node.named.size();
    for (std::size_t i = 0; i < n; ++i) {
        const auto& [name, standard] = node.named[i];
        const auto given =
            std::find_if(named.begin(), named.end(), [&name = name](const auto& one) { return one.first == name; });
        if (i < arguments.positional.size()) {
            if (given != named.end()) fail(Code::InvalidArgument, "a macro gets '" + name + "' twice");
            define(name, arguments.positional[i]);
        } else if (given != named.end()) {
            define(name, given->second);
            named.erase(given);
        } else {
            define(name, standard ? evaluate(*standard) : Value());
        }
    }
    List more;
    for (std::size_t i = n; i < arguments.positional.size(); ++i) more.push_back(arguments.positional[i]);
    if (!more.empty() && !standsIn(node, "varargs"))
        fail(Code::InvalidArgument, fmt::format("the macro '{}' takes {} values at most", node.text, n));
    define("varargs", Value::tuple(std::move(more)));
    Dict rest;
    for (auto& [name, value] : named) {
        if (name == "caller") define(name, value);
        else rest.emplace_back(Value::word(name), value);
    }
    if (!rest.empty() && !standsIn(node, "kwargs"))
        fail(Code::InvalidArgument,
            fmt::format("the macro '{}' has no parameter '{}'", node.text, rest[0].first.text.bytes()));
    define("kwargs", Value::of(std::move(rest)));
}

/// Whether this is the one loop over the messages that writes them one behind the other.
bool Interpreter::begins(const Node& node, const Value& over) {
    if (!over.isTalk || !over.is(Kind::List)) return false;
    m_looksAhead |= m_talk != Talk::Before || m_out != m_root || node.negated;
    return !m_looksAhead;
}
Interpreter::Flow Interpreter::loop(const Node& node, const Value& over, std::int64_t level) {
    const bool isTalk = begins(node, over);
    List items = itemsOf(over, m_line, "a loop");
    std::vector<std::size_t> numbers;  // of the messages
    if (isTalk)
        for (std::size_t i = 0; i < items.size(); ++i) numbers.push_back(static_cast<std::size_t>(over.whole) + i);
    if (node.children[1]) {
        List kept;
        std::vector<std::size_t> keptNumbers;
        for (std::size_t i = 0; i < items.size(); ++i) {
            const bool passes = scoped([&] {
                assign(node.targets[0], items[i]);
                return isTrue(evaluate(*node.children[1]));
            });
            if (!passes) continue;
            kept.push_back(items[i]);
            if (isTalk) keptNumbers.push_back(numbers[i]);
        }
        items = std::move(kept);
        numbers = std::move(keptNumbers);
    }
    if (!items.empty()) return passes(node, items, numbers, level, isTalk);
    m_looksAhead |= over.isTalk;
    return node.children[3] ? scoped([&] { return execute(*node.children[3]); }) : Flow::Normal;
}
/// @param numbers of the messages, where the items are messages
Interpreter::Flow Interpreter::passes(
    const Node& node, const List& items, const std::vector<std::size_t>& numbers, std::int64_t level, bool isTalk) {
    if (isTalk) {
        m_talk = Talk::Inside;
        m_root->passagesBegin = m_root->text.size();
        if (node.children[3]) needs(numbers[0] + 1);
    }
    const auto last = std::make_shared<std::optional<List>>();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::size_t first = m_out->text.size();
        if (isTalk) m_reached = numbers[i];
        const Flow flow = scoped([&] {
            Value loop = loopAt(node, items, i, level, last);
            loop.isTalk = isTalk;
            define("loop", std::move(loop));
            assign(node.targets[0], items[i]);
            return execute(*node.children[2]);
        });
        if (isTalk) m_root->passages.push_back({numbers[i], first, m_out->text.size()});
        if (flow == Flow::Break) break;
    }
    if (isTalk) {
        m_talk = Talk::Behind;
        m_root->passagesEnd = m_root->text.size();
    }
    return Flow::Normal;
}
/// @param seen what loop.changed() was given last
Value Interpreter::loopAt(const Node& node, const List& items, std::size_t i, std::int64_t level,
    const std::shared_ptr<std::optional<List>>& seen) {
    const auto n = static_cast<std::int64_t>(items.size()), at = static_cast<std::int64_t>(i);
    Value out = object({{"index0", Value::of(at)}, {"index", Value::of(at + 1)}, {"first", Value::of(i == 0)},
        {"last", Value::of(at == n - 1)}, {"length", Value::of(n)}, {"revindex", Value::of(n - at)},
        {"revindex0", Value::of(n - at - 1)}, {"depth0", Value::of(level)}, {"depth", Value::of(level + 1)}});
    if (i > 0) out.set(Value::word("previtem"), items[i - 1]);
    if (i + 1 < items.size()) out.set(Value::word("nextitem"), items[i + 1]);
    out.set(Value::word("cycle"), Value::of(Function([this, i](const Arguments& arguments) {
        if (arguments.positional.empty()) fail(Code::InvalidArgument, "loop.cycle needs a value");
        return arguments.positional[i % arguments.positional.size()];
    })));
    out.set(Value::word("changed"), Value::of(Function([seen](const Arguments& arguments) {
        const bool same = *seen && equal(Value::of(**seen), Value::of(arguments.positional));
        *seen = arguments.positional;
        return Value::of(!same);
    })));
    if (node.negated)
        out.function = shared<Function>([this, &node, level](const Arguments& arguments) {
            if (arguments.positional.size() != 1) fail(Code::InvalidArgument, "loop() needs one list");
            const Depth depth(*this, node);
            return Value::of(written([&] { (void)loop(node, arguments.positional[0], level + 1); }));
        });
    return out;
}

}  // namespace dubito::lm::jinja
