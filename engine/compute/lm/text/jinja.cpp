// The interpreter: walks the tree under a step budget; an exception of its own never leaves this file.
#include "lm/text/jinja.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lm/text/jinja_arithmetic.h"
#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {

namespace {

enum class Flow { Normal, Break, Continue };

/// Variables of one block; a lookup goes outwards.
struct Scope {
    std::map<std::string, Value, std::less<>> variables;
    std::shared_ptr<Scope> outer;
};

class Interpreter {
public:
    Interpreter(const Variables& variables, const Limits& limits)
        : m_variables(variables), m_limits(limits), m_scope(std::make_shared<Scope>()) {
        defineGlobals();
        // The reference always gives both, as none when there are none.
        for (const char* name : {"tools", "documents"}) define(name, Value::none());
        define("messages", messages());
        for (const auto& [name, value] : variables.untrusted) define(name, fromJson(value, kFromOutside));
        for (const auto& [name, value] : variables.trusted) define(name, fromJson(value, kFromTemplate));
        inScope(nullptr);
    }
    ~Interpreter() {
        // Macros hold the scope that holds them.
        for (const auto& scope : m_kept)
            if (const auto there = scope.lock()) there->variables.clear();
    }
    Output run(const Node& root) {
        Output out;
        m_out = &out;
        (void)execute(root);
        return out;
    }

private:
    [[noreturn]] void fail(Code code, std::string what) const { throw Failure{code, std::move(what), m_line}; }
    void step() {
        if (++m_steps > m_limits.steps)
            fail(Code::Limit, fmt::format("the template takes more than {} steps", m_limits.steps));
    }
    struct Depth {
        Depth(Interpreter& self, const Node& node) : m_self(self) {
            self.step();
            self.m_line = node.line;
            // Tree depth is bounded by the parser; macros can nest on top of it.
            if (++self.m_depth > 4 * self.m_limits.depth)
                self.fail(Code::Limit, "the template calls itself too deeply");
        }
        ~Depth() { --m_self.m_depth; }
        Interpreter& m_self;
    };

    // --- Globals ---------------------------------------------------------------------------------------------------

    void defineGlobals() {
        const auto function = [&](const char* name, Value (Interpreter::*body)(const Arguments&)) {
            define(name,
                Value::of(Function([this, body](const Arguments& arguments) { return (this->*body)(arguments); })));
        };
        function("raise_exception", &Interpreter::refuse);
        function("namespace", &Interpreter::makeNamespace);
        function("dict", &Interpreter::makeDict);
        function("range", &Interpreter::range);
        function("strftime_now", &Interpreter::formatNow);
        function("joiner", &Interpreter::joiner);
        function("cycler", &Interpreter::cycler);
    }
    Value refuse(const Arguments& arguments) {
        fail(Code::InvalidArgument,
            "the template refuses this conversation: " +
                (arguments.positional.empty() ? std::string() : printed(arguments.positional[0]).bytes()));
    }
    Value makeDict(const Arguments& arguments) {
        Value out = Value::of(Dict());
        for (const Value& given : arguments.positional) {
            if (given.is(Kind::Dict)) {
                for (const auto& [name, value] : *given.dict) out.set(name, value);
                continue;
            }
            for (const Value& pair : itemsOf(given, m_line, "dict")) {
                const List two = itemsOf(pair, m_line, "dict");
                if (two.size() != 2) fail(Code::InvalidArgument, "dict needs pairs of a name and a value");
                out.set(two[0], two[1]);
            }
        }
        for (const auto& [name, value] : arguments.named) out.set(Value::word(name), value);
        return out;
    }
    Value makeNamespace(const Arguments& arguments) {
        Value out = makeDict(arguments);
        out.isObject = true;
        return out;
    }
    Value range(const Arguments& arguments) {
        std::vector<std::int64_t> n;
        for (const Value& value : arguments.positional) n.push_back(needWhole(&value, 0, m_line, "range"));
        if (n.empty() || n.size() > 3) fail(Code::InvalidArgument, "range needs one to three numbers");
        const std::int64_t from = n.size() > 1 ? n[0] : 0, to = n.size() > 1 ? n[1] : n[0],
                           by = n.size() > 2 ? n[2] : 1;
        if (by == 0) fail(Code::InvalidArgument, "range steps by 0");
        constexpr std::int64_t kFar = 1ll << 53;
        for (const std::int64_t bound : {from, to, by})
            if (bound > kFar || bound < -kFar) fail(Code::InvalidArgument, "range is given too large a number");
        List out;
        for (std::int64_t i = from; by > 0 ? i < to : i > to; i += by) {
            step();
            out.push_back(Value::of(i));
            if (out.size() > 100'000) fail(Code::Limit, "range gives more than 100,000 numbers");
        }
        return Value::of(std::move(out));
    }
    /// A function that gives nothing the first time and then what stands between.
    Value joiner(const Arguments& arguments) {
        const Value between = arguments.positional.empty() ? Value::word(", ") : arguments.positional[0];
        return Value::of(Function([between, used = std::make_shared<bool>(false)](const Arguments&) {
            return std::exchange(*used, true) ? between : Value::of(Text());
        }));
    }
    Value cycler(const Arguments& arguments) {
        if (arguments.positional.empty()) fail(Code::InvalidArgument, "cycler needs a value");
        auto at = std::make_shared<std::size_t>(0);
        Value made = object({{"current", arguments.positional[0]}});
        const std::weak_ptr<Dict> members = made.dict;
        made.set(Value::word("next"), Value::of(Function([at, members, items = arguments.positional](const Arguments&) {
            const Value now = items[*at];
            *at = (*at + 1) % items.size();
            if (const auto there = members.lock()) there->front().second = items[*at];
            return now;
        })));
        made.set(
            Value::word("reset"), Value::of(Function([at, members, items = arguments.positional](const Arguments&) {
                *at = 0;
                if (const auto there = members.lock()) there->front().second = items[0];
                return Value::none();
            })));
        return made;
    }
    Value formatNow(const Arguments& arguments) {
        if (arguments.positional.empty()) fail(Code::InvalidArgument, "strftime_now needs a format");
        const auto out = formattedTime(m_variables.now, printed(arguments.positional[0]).bytes());
        if (!out) fail(Code::InvalidArgument, "the time that the template asks for cannot be written");
        return Value::word(*out);
    }
    Value messages() const {
        List out;
        std::int32_t index = 0;
        for (const Json& message : m_variables.messages) {
            Value value = fromJson(message, index++);
            if (value.is(Kind::Dict))
                for (auto& [key, item] : *value.dict)
                    if (key.text.bytes() == "role" && item.isString())
                        item.text = Text(item.text.bytes(), kFromOutside);
            out.push_back(std::move(value));
        }
        return Value::of(std::move(out));
    }

    // --- Variables -------------------------------------------------------------------------------------------------

    void define(const std::string& name, Value value) { m_scope->variables[name] = std::move(value); }
    Value lookUp(const std::string& name) const {
        for (const Scope* scope = m_scope.get(); scope; scope = scope->outer.get())
            if (const auto found = scope->variables.find(name); found != scope->variables.end()) return found->second;
        return {};
    }
    void inScope(std::shared_ptr<Scope> outer) {
        auto inner = std::make_shared<Scope>();
        inner->outer = outer ? std::move(outer) : m_scope;
        m_scope = std::move(inner);
    }
    /// Runs `body` with variables of its own, inside `outer` or the ones of now.
    template <class Body>
    auto scoped(Body&& body, std::shared_ptr<Scope> outer = nullptr) {
        struct Restore {
            std::shared_ptr<Scope> before;
            std::shared_ptr<Scope>& now;
            ~Restore() { now = std::move(before); }
        } restore{m_scope, m_scope};
        inScope(std::move(outer));
        return body();
    }
    void assign(const Target& target, const Value& value) {
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
        object.set(Value::word(target.attribute), value);
    }

    // --- Statements ------------------------------------------------------------------------------------------------

    void put(const Text& text) {
        m_out->text.append(text);
        if (m_out->text.size() > m_limits.bytes)
            fail(Code::Limit, fmt::format("the template writes more than {} bytes", m_limits.bytes));
    }
    Flow execute(const Node& node) {
        const Depth depth(*this, node);
        switch (node.kind) {
            case NodeKind::Block:
                for (const auto& child : node.children)
                    if (const Flow flow = execute(*child); flow != Flow::Normal) return flow;
                return Flow::Normal;
            case NodeKind::Data: put(Text(node.text, kFromTemplate)); return Flow::Normal;
            case NodeKind::Output: put(printed(evaluate(*node.children[0]))); return Flow::Normal;
            case NodeKind::If:
                if (evaluate(*node.children[0]).isTrue()) return execute(*node.children[1]);
                return node.children[2] ? execute(*node.children[2]) : Flow::Normal;
            case NodeKind::For: return loop(node, evaluate(*node.children[0]), 0);
            case NodeKind::Break: return Flow::Break;
            case NodeKind::Continue: return Flow::Continue;
            case NodeKind::Generation: {
                const std::size_t first = m_out->text.size();
                const Flow flow = scoped([&] { return execute(*node.children[0]); });
                m_out->generated.push_back({first, m_out->text.size()});
                return flow;
            }
            case NodeKind::Scope: return scoped([&] { return execute(*node.children[0]); });
            case NodeKind::Set: assign(node.targets[0], evaluate(*node.children[0])); return Flow::Normal;
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
            case NodeKind::CallBlock: {
                const Node& call = *node.children[0];
                const Value callee = evaluate(*call.children[0]);
                Arguments arguments = argumentsOf(call, 1);
                arguments.named.emplace_back("caller", macro(*node.children[1]));
                put(printed(calling(call, callee, arguments)));
                return Flow::Normal;
            }
            case NodeKind::Macro: define(node.text, macro(node)); return Flow::Normal;
            default: fail(Code::Internal, "an expression stands as a statement");
        }
    }
    Flow with(const Node& node) {
        std::vector<Value> values;
        for (std::size_t i = 0; i + 1 < node.children.size(); ++i) values.push_back(evaluate(*node.children[i]));
        return scoped([&] {
            for (std::size_t i = 0; i < values.size(); ++i) assign(node.targets[i], values[i]);
            return execute(*node.children.back());
        });
    }
    /// What `write` writes.
    template <class Write>
    Text written(Write&& write) {
        Output inner;
        struct Restore {
            Output* before;
            Output*& now;
            ~Restore() { now = before; }
        } restore{m_out, m_out};
        m_out = &inner;
        write();
        return std::move(inner.text);
    }
    /// What a body writes, in a scope of its own.
    Text captured(const Node& body) {
        return written([&] { scoped([&] { (void)execute(body); }); });
    }
    /// Filters whose innermost value is left out.
    Value filtered(const Node& node, Value value) {
        if (node.children[0]) value = filtered(*node.children[0], std::move(value));
        return applyFilter(node.text, value, argumentsOf(node, 1), node.line);
    }
    Value macro(const Node& node) {
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
    void bindParameters(const Node& node, const Arguments& arguments) {
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
        if (!more.empty() && !reads(node, "varargs"))
            fail(Code::InvalidArgument, fmt::format("the macro '{}' takes {} values at most", node.text, n));
        define("varargs", Value::tuple(std::move(more)));
        Dict rest;
        for (auto& [name, value] : named) {
            if (name == "caller") define(name, value);
            else rest.emplace_back(Value::word(name), value);
        }
        if (!rest.empty() && !reads(node, "kwargs"))
            fail(Code::InvalidArgument,
                fmt::format("the macro '{}' has no parameter '{}'", node.text, rest[0].first.text.bytes()));
        define("kwargs", Value::of(std::move(rest)));
    }
    /// Whether the name stands anywhere in the node.
    static bool reads(const Node& node, std::string_view name) {
        if (node.kind == NodeKind::Name && node.text == name) return true;
        const auto inside = [&](const auto& child) { return child && reads(*child, name); };
        return std::any_of(node.children.begin(), node.children.end(), inside) ||
               std::any_of(node.named.begin(), node.named.end(), [&](const auto& one) { return inside(one.second); });
    }

    // --- Loops -----------------------------------------------------------------------------------------------------

    Flow loop(const Node& node, const Value& over, std::int64_t level) {
        List items = itemsOf(over, m_line, "a loop");
        if (node.children[1]) {
            List kept;
            for (const Value& item : items) {
                const bool passes = scoped([&] {
                    assign(node.targets[0], item);
                    return evaluate(*node.children[1]).isTrue();
                });
                if (passes) kept.push_back(item);
            }
            items = std::move(kept);
        }
        if (items.empty()) return node.children[3] ? scoped([&] { return execute(*node.children[3]); }) : Flow::Normal;
        const auto last = std::make_shared<std::optional<List>>();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Flow flow = scoped([&] {
                define("loop", loopAt(node, items, i, level, last));
                assign(node.targets[0], items[i]);
                return execute(*node.children[2]);
            });
            if (flow == Flow::Break) break;
        }
        return Flow::Normal;
    }
    /// @param seen what loop.changed() was given last
    Value loopAt(const Node& node, const List& items, std::size_t i, std::int64_t level,
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
            out.function = std::make_shared<Function>([this, &node, level](const Arguments& arguments) {
                if (arguments.positional.size() != 1) fail(Code::InvalidArgument, "loop() needs one list");
                const Depth depth(*this, node);
                return Value::of(written([&] { (void)loop(node, arguments.positional[0], level + 1); }));
            });
        return out;
    }

    // --- Expressions -----------------------------------------------------------------------------------------------

    Arguments argumentsOf(const Node& node, std::size_t first) {
        Arguments out;
        for (std::size_t i = first; i < node.children.size(); ++i)
            out.positional.push_back(evaluate(*node.children[i]));
        for (const auto& [name, value] : node.named) out.named.emplace_back(name, evaluate(*value));
        return out;
    }
    Value calling(const Node& node, const Value& callee, const Arguments& arguments) {
        if (!callee.function)
            fail(Code::InvalidArgument, node.children[0]->text.empty()
                                            ? std::string("what is called is no function")
                                            : "'" + node.children[0]->text + "' is no function that is known");
        return (*callee.function)(arguments);
    }
    Value slice(const Node& node) {
        const Value value = evaluate(*node.children[0]);
        if (!value.isString() && !value.is(Kind::List)) {
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
        const auto bound = [&](std::optional<std::int64_t> at, std::int64_t standard, std::int64_t low,
                               std::int64_t high) {
            return at ? std::clamp(*at < 0 ? *at + n : *at, low, high) : standard;
        };
        const std::int64_t from = by > 0 ? bound(first, 0, 0, n) : bound(first, n - 1, -1, n - 1),
                           to = by > 0 ? bound(last, n, 0, n) : bound(last, -1, -1, n - 1);
        List out;
        for (std::int64_t i = from; by > 0 ? i < to : i > to; i += by)
            out.push_back(items[static_cast<std::size_t>(i)]);
        if (!value.isString()) return value.isTuple ? Value::tuple(std::move(out)) : Value::of(std::move(out));
        Text text;
        for (const Value& character : out) text.append(character.text);
        return Value::of(std::move(text));
    }
    bool compares(const std::string& op, const Value& a, const Value& b) {
        if (op == "==") return equal(a, b);
        if (op == "!=") return !equal(a, b);
        if (op == "in") return applyTest("in", a, {{b}, {}}, m_line);
        if (op == "not in") return !applyTest("in", a, {{b}, {}}, m_line);
        const auto ordered = order(a, b);
        if (!ordered)
            fail(Code::InvalidArgument, fmt::format("'{}' cannot compare {} and {}", op, kindName(a), kindName(b)));
        return op == "<" ? *ordered < 0 : op == "<=" ? *ordered <= 0 : op == ">" ? *ordered > 0 : *ordered >= 0;
    }
    Value comparison(const Node& node) {
        Value left = evaluate(*node.children[0]);
        for (std::size_t i = 0; i < node.operators.size(); ++i) {
            Value right = evaluate(*node.children[i + 1]);
            if (!compares(node.operators[i], left, right)) return Value::of(false);
            left = std::move(right);
        }
        return Value::of(true);
    }
    Value binary(const Node& node) {
        if (node.text == "and" || node.text == "or") {
            Value left = evaluate(*node.children[0]);
            return left.isTrue() == (node.text == "or") ? left : evaluate(*node.children[1]);
        }
        const Value left = evaluate(*node.children[0]), right = evaluate(*node.children[1]);
        if (node.text != "~") return arithmetic(node.text, left, right, {m_limits.bytes, m_line});
        Text out = printed(left);
        out.append(printed(right));
        if (out.size() > m_limits.bytes) fail(Code::Limit, "a string grows too long");
        return Value::of(std::move(out));
    }
    Value evaluate(const Node& node) {
        const Depth depth(*this, node);
        const auto child = [&](std::size_t i) { return evaluate(*node.children[i]); };
        switch (node.kind) {
            case NodeKind::Literal: return fromJson(node.literal, kFromTemplate);
            case NodeKind::Name: return lookUp(node.text);
            case NodeKind::List:
            case NodeKind::Tuple: {
                List out;
                for (const auto& one : node.children) out.push_back(evaluate(*one));
                return node.kind == NodeKind::Tuple ? Value::tuple(std::move(out)) : Value::of(std::move(out));
            }
            case NodeKind::Dict: {
                Value out = Value::of(Dict());
                for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
                    const Value key = child(i);
                    if (key.is(Kind::Dict) || (key.is(Kind::List) && !key.isTuple) || key.is(Kind::Undefined))
                        fail(Code::InvalidArgument, fmt::format("{} cannot name a member", kindName(key)));
                    out.set(key, child(i + 1));
                }
                return out;
            }
            case NodeKind::Attribute: return attributeOf(child(0), node.text, m_line);
            case NodeKind::Index: {
                const Value value = child(0), index = child(1);
                return itemOf(value, index, m_line);
            }
            case NodeKind::Slice: return slice(node);
            case NodeKind::Call: {
                const Value callee = child(0);
                return calling(node, callee, argumentsOf(node, 1));
            }
            case NodeKind::Filter: {
                const Value value = child(0);
                return applyFilter(node.text, value, argumentsOf(node, 1), node.line);
            }
            case NodeKind::Test: {
                const Value value = child(0);
                return Value::of(applyTest(node.text, value, argumentsOf(node, 1), node.line) != node.negated);
            }
            case NodeKind::Unary:
                return node.text == "not" ? Value::of(!child(0).isTrue()) : signedBy(node.text, child(0), m_line);
            case NodeKind::Binary: return binary(node);
            case NodeKind::Compare: return comparison(node);
            case NodeKind::Conditional: return child(1).isTrue() ? child(0) : node.children[2] ? child(2) : Value();
            default: fail(Code::Internal, "a statement stands as an expression");
        }
    }

    const Variables& m_variables;
    const Limits m_limits;
    std::shared_ptr<Scope> m_scope;
    std::vector<std::weak_ptr<Scope>> m_kept;  ///< by macros that were made in them
    Output* m_out = nullptr;
    std::int64_t m_steps = 0;
    int m_depth = 0, m_line = 0;
};

Error errorOf(const Failure& failure) {
    return Error(failure.code, fmt::format("template, line {}: {}", failure.line, failure.sentence));
}

}  // namespace

Template::Template(std::unique_ptr<Tree> tree) : m_tree(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view source) {
    if (source.size() > 1 << 20) return Error(Code::Limit, "the template is larger than 1 MiB");
    try {
        auto tree = std::make_unique<Tree>();
        tree->root = parseTemplate(source);
        return Template(std::move(tree));
    } catch (const Failure& failure) {
        return errorOf(failure);
    }
}

Result<Output> Template::render(const Variables& variables, Limits limits) const {
    try {
        return Interpreter(variables, limits).run(*m_tree->root);
    } catch (const Failure& failure) {
        return errorOf(failure);
    }
}

}  // namespace dubito::lm::jinja
