// The interpreter: walks the tree under a step budget; an exception of its own never leaves this file.
#include "lm/text/jinja.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lm/text/jinja_value.h"
#include "lm/text/pretokenizer.h"

namespace dubito::lm::jinja {

namespace {

using Kind = Value::Kind;

enum class Flow { Normal, Break, Continue };

class Interpreter {
public:
    Interpreter(const Variables& variables, const Limits& limits) : m_variables(variables), m_limits(limits) {
        m_scopes.emplace_back();
        define("messages", messages());
        for (const auto& [name, value] : variables.untrusted) define(name, fromJson(value, kFromOutside));
        for (const auto& [name, value] : variables.trusted) define(name, fromJson(value, kFromTemplate));
        define("raise_exception", Value::of(Function([this](const Arguments& arguments) -> Value {
            fail(Code::InvalidArgument,
                "the template refuses this conversation: " +
                    (arguments.positional.empty() ? std::string() : printed(arguments.positional[0]).bytes()));
        })));
        define("namespace", Value::of(Function([](const Arguments& arguments) {
            Dict out;
            for (const auto& [name, value] : arguments.named) out.emplace_back(name, value);
            return Value::of(std::move(out));
        })));
        define("dict", m_scopes[0].at("namespace"));
        define("range", Value::of(Function([this](const Arguments& arguments) {
            std::vector<std::int64_t> n;
            for (const Value& value : arguments.positional) n.push_back(value.integer());
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
        })));
        define("strftime_now", Value::of(Function([this](const Arguments& arguments) {
            return Value::of(
                Text(formatNow(arguments.positional.empty() ? "" : printed(arguments.positional[0]).bytes()),
                    kFromTemplate));
        })));
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

    Value messages() const {
        List out;
        std::int32_t index = 0;
        for (const Json& message : m_variables.messages) {
            Value value = fromJson(message, index++);
            if (value.is(Kind::Dict))
                for (auto& [key, item] : *value.dict)
                    if (key == "role" && item.isString()) item.text = Text(item.text.bytes(), kFromOutside);
            out.push_back(std::move(value));
        }
        return Value::of(std::move(out));
    }
    std::string formatNow(const std::string& format) const {
        const std::string& now = m_variables.now;
        constexpr const char* kMonths[] = {"January", "February", "March", "April", "May", "June", "July", "August",
            "September", "October", "November", "December"};
        const int month = std::clamp(std::atoi(now.substr(5, 2).c_str()), 1, 12);
        std::string out;
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%' || i + 1 >= format.size()) {
                out += format[i];
                continue;
            }
            switch (format[++i]) {
                case 'Y': out += now.substr(0, 4); break;
                case 'm': out += now.substr(5, 2); break;
                case 'd': out += now.substr(8, 2); break;
                case 'H': out += now.substr(11, 2); break;
                case 'M': out += now.substr(14, 2); break;
                case 'S': out += now.substr(17, 2); break;
                case 'B': out += kMonths[month - 1]; break;
                case 'b': out += std::string(kMonths[month - 1]).substr(0, 3); break;
                case '%': out += '%'; break;
                default: fail(Code::Unsupported, std::string("strftime_now does not know %") + format[i]);
            }
        }
        return out;
    }

    using Scope = std::map<std::string, Value, std::less<>>;
    void define(const std::string& name, Value value) { m_scopes.back()[name] = std::move(value); }
    Value lookUp(const std::string& name) const {
        for (auto scope = m_scopes.rbegin(); scope != m_scopes.rend(); ++scope)
            if (const auto found = scope->find(name); found != scope->end()) return found->second;
        return {};
    }

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
            case NodeKind::For: return loop(node);
            case NodeKind::Break: return Flow::Break;
            case NodeKind::Continue: return Flow::Continue;
            case NodeKind::Generation: {
                const std::size_t first = m_out->text.size();
                const Flow flow = execute(*node.children[0]);
                m_out->generated.push_back({first, m_out->text.size()});
                return flow;
            }
            case NodeKind::Set: assign(node, evaluate(*node.children[0])); return Flow::Normal;
            case NodeKind::SetBlock:
                assign(node, Value::of(captured([&] { (void)execute(*node.children[0]); })));
                return Flow::Normal;
            case NodeKind::Macro: define(node.text, macro(node)); return Flow::Normal;
            default: fail(Code::Internal, "an expression stands as a statement");
        }
    }
    template <class Body>
    Text captured(Body&& body) {
        Output inner;
        Output* outer = std::exchange(m_out, &inner);
        try {
            body();
        } catch (...) {
            m_out = outer;
            throw;
        }
        m_out = outer;
        return std::move(inner.text);
    }
    Value macro(const Node& node) {
        return Value::of(Function([this, &node](const Arguments& arguments) {
            const Depth depth(*this, node);
            Scope scope;
            for (std::size_t i = 0; i < node.named.size(); ++i) {
                const auto& [name, standard] = node.named[i];
                Value value;
                if (i < arguments.positional.size()) value = arguments.positional[i];
                else if (standard) value = evaluate(*standard);
                for (const auto& [key, given] : arguments.named)
                    if (key == name) value = given;
                scope[name] = std::move(value);
            }
            // A macro sees the outermost variables and its own parameters.
            std::vector<Scope> hidden(
                std::make_move_iterator(m_scopes.begin() + 1), std::make_move_iterator(m_scopes.end()));
            m_scopes.resize(1);
            m_scopes.push_back(std::move(scope));
            const auto restore = [&] {
                m_scopes.resize(1);
                for (Scope& one : hidden) m_scopes.push_back(std::move(one));
            };
            Text out;
            try {
                out = captured([&] { (void)execute(*node.children[0]); });
            } catch (...) {
                restore();
                throw;
            }
            restore();
            return Value::of(std::move(out));
        }));
    }
    void assign(const Node& node, const Value& value) {
        const auto one = [&](const std::string& target, const Value& part) {
            const auto dot = target.find('.');
            if (dot == std::string::npos) return define(target, part);
            const Value object = lookUp(target.substr(0, dot));
            if (!object.is(Kind::Dict)) fail(Code::InvalidArgument, target.substr(0, dot) + " is no namespace");
            const std::string key = target.substr(dot + 1);
            for (auto& [name, item] : *object.dict)
                if (name == key) return (void)(item = part);
            object.dict->emplace_back(key, part);
        };
        if (node.targets.size() == 1) return one(node.targets[0], value);
        if (!value.is(Kind::List) || value.list->size() != node.targets.size())
            fail(Code::InvalidArgument, fmt::format("{} names are set from {}", node.targets.size(), kindName(value)));
        for (std::size_t i = 0; i < node.targets.size(); ++i) one(node.targets[i], (*value.list)[i]);
    }
    List iterated(const Value& value) {
        switch (value.kind) {
            case Kind::List: return *value.list;
            case Kind::Undefined: return {};
            case Kind::String:
            case Kind::Dict: return *applyFilter("list", value, {}, m_line).list;
            default: fail(Code::InvalidArgument, fmt::format("a loop cannot run over {}", kindName(value)));
        }
    }
    Flow loop(const Node& node) {
        List items = iterated(evaluate(*node.children[0]));
        const auto bind = [&](const Value& item) {
            if (node.targets.size() == 1) return define(node.targets[0], item);
            if (!item.is(Kind::List) || item.list->size() != node.targets.size())
                fail(Code::InvalidArgument,
                    fmt::format("{} loop variables are taken from {}", node.targets.size(), kindName(item)));
            for (std::size_t i = 0; i < node.targets.size(); ++i) define(node.targets[i], (*item.list)[i]);
        };
        if (node.children[1]) {
            List kept;
            for (const Value& item : items) {
                m_scopes.emplace_back();
                bind(item);
                const bool passes = evaluate(*node.children[1]).isTrue();
                m_scopes.pop_back();
                if (passes) kept.push_back(item);
            }
            items = std::move(kept);
        }
        if (items.empty()) return node.children[3] ? execute(*node.children[3]) : Flow::Normal;
        const auto n = static_cast<std::int64_t>(items.size());
        for (std::int64_t i = 0; i < n; ++i) {
            const auto at = static_cast<std::size_t>(i);
            m_scopes.emplace_back();
            define("loop",
                Value::of(Dict{{"index0", Value::of(i)}, {"index", Value::of(i + 1)}, {"first", Value::of(i == 0)},
                    {"last", Value::of(i == n - 1)}, {"length", Value::of(n)}, {"revindex", Value::of(n - i)},
                    {"revindex0", Value::of(n - i - 1)}, {"previtem", i > 0 ? items[at - 1] : Value()},
                    {"nextitem", i + 1 < n ? items[at + 1] : Value()}}));
            bind(items[at]);
            const Flow flow = execute(*node.children[2]);
            m_scopes.pop_back();
            if (flow == Flow::Break) break;
        }
        return Flow::Normal;
    }

    Arguments argumentsOf(const Node& node, std::size_t first) {
        Arguments out;
        for (std::size_t i = first; i < node.children.size(); ++i)
            out.positional.push_back(evaluate(*node.children[i]));
        for (const auto& [name, value] : node.named) out.named.emplace_back(name, evaluate(*value));
        return out;
    }
    Value attribute(const Value& value, const std::string& name) {
        if (value.is(Kind::Undefined)) fail(Code::InvalidArgument, "'" + name + "' is asked of an undefined value");
        // A method that data would hide stays reachable; any other name is the data's.
        const Value* found = value.find(name);
        if (!found)
            if (auto method = methodOf(value, name, m_line)) return *method;
        return found ? *found : Value();
    }
    Value item(const Value& value, const Value& index) {
        if (value.is(Kind::Undefined)) fail(Code::InvalidArgument, "an item is asked of an undefined value");
        if (value.is(Kind::Dict)) {
            const Value* found = index.isString() ? value.find(index.text.bytes()) : nullptr;
            return found ? *found : Value();
        }
        if (!index.isNumber()) return {};
        if (value.is(Kind::List)) {
            const auto n = static_cast<std::int64_t>(value.list->size());
            std::int64_t at = index.integer();
            if (at < 0) at += n;
            return at >= 0 && at < n ? (*value.list)[static_cast<std::size_t>(at)] : Value();
        }
        if (value.isString()) {
            const List characters = iterated(value);
            return item(Value::of(characters), index);
        }
        fail(Code::InvalidArgument, fmt::format("{} has no items", kindName(value)));
    }
    Value slice(const Node& node) {
        const Value value = evaluate(*node.children[0]);
        const List items = iterated(value);
        const auto n = static_cast<std::int64_t>(items.size());
        const auto bound = [&](std::size_t child, std::int64_t standard, std::int64_t low, std::int64_t high) {
            if (!node.children[child]) return standard;
            const Value given = evaluate(*node.children[child]);
            if (given.is(Kind::None)) return standard;
            const std::int64_t at = given.integer();
            return std::clamp(at < 0 ? at + n : at, low, high);
        };
        std::int64_t by = 1;
        if (node.children[3]) by = evaluate(*node.children[3]).integer();
        if (by == 0) fail(Code::InvalidArgument, "a slice steps by 0");
        by = std::clamp<std::int64_t>(by, -n - 1, n + 1);  // farther is past the end all the same
        const std::int64_t from = by > 0 ? bound(1, 0, 0, n) : bound(1, n - 1, -1, n - 1),
                           to = by > 0 ? bound(2, n, 0, n) : bound(2, -1, -1, n - 1);
        List out;
        for (std::int64_t i = from; by > 0 ? i < to : i > to; i += by)
            out.push_back(items[static_cast<std::size_t>(i)]);
        if (!value.isString()) return Value::of(std::move(out));
        Text text;
        for (const Value& character : out) text.append(character.text);
        return Value::of(std::move(text));
    }
    Value arithmetic(const std::string& op, const Value& a, const Value& b) {
        if (op == "+" && a.isString() && b.isString()) {
            Text out = a.text;
            out.append(b.text);
            return Value::of(std::move(out));
        }
        if (op == "+" && a.is(Kind::List) && b.is(Kind::List)) {
            List out = *a.list;
            out.insert(out.end(), b.list->begin(), b.list->end());
            if (out.size() > 100'000) fail(Code::Limit, "a list grows beyond 100,000 items");
            return Value::of(std::move(out));
        }
        if (op == "*" && (a.isString() || b.isString()) && (a.isNumber() || b.isNumber())) {
            const Value &text = a.isString() ? a : b, &times = a.isString() ? b : a;
            Text out;
            for (std::int64_t i = 0; i < times.integer(); ++i) {
                step();
                out.append(text.text);
                if (out.size() > m_limits.bytes) fail(Code::Limit, "a string grows too long");
            }
            return Value::of(std::move(out));
        }
        if (!a.isNumber() || !b.isNumber())
            fail(Code::InvalidArgument, fmt::format("'{}' cannot join {} and {}", op, kindName(a), kindName(b)));
        const bool isReal = a.is(Kind::Float) || b.is(Kind::Float);
        if ((op == "/" || op == "//" || op == "%") && b.number() == 0)
            fail(Code::InvalidArgument, "a division by zero");
        if (op == "/") return Value::of(a.number() / b.number());
        if (isReal) {
            const double x = a.number(), y = b.number();
            return Value::of(op == "+"    ? x + y
                             : op == "-"  ? x - y
                             : op == "*"  ? x * y
                             : op == "//" ? std::floor(x / y)
                                          : x - y * std::floor(x / y));
        }
        const std::int64_t x = a.integer(), y = b.integer();
        std::int64_t out = 0;
        bool overflows = false;
        if (op == "+") overflows = __builtin_add_overflow(x, y, &out);
        else if (op == "-") overflows = __builtin_sub_overflow(x, y, &out);
        else if (op == "*") overflows = __builtin_mul_overflow(x, y, &out);
        else if (y == -1) overflows = op == "//" && __builtin_sub_overflow(std::int64_t{0}, x, &out);
        else {
            const std::int64_t quotient = x / y - ((x % y != 0) && ((x < 0) != (y < 0)));
            out = op == "//" ? quotient : x - quotient * y;
        }
        if (overflows) fail(Code::InvalidArgument, "a number grows too large");
        return Value::of(out);
    }
    bool compare(const std::string& op, const Value& a, const Value& b) {
        if (op == "==") return equal(a, b);
        if (op == "!=") return !equal(a, b);
        if (op == "in") return applyTest("in", a, {{b}, {}}, m_line);
        if (op == "not in") return !applyTest("in", a, {{b}, {}}, m_line);
        int order = 0;
        if (a.isNumber() && b.isNumber()) order = a.number() < b.number() ? -1 : a.number() > b.number();
        else if (a.isString() && b.isString()) order = a.text.bytes().compare(b.text.bytes());
        else fail(Code::InvalidArgument, fmt::format("'{}' cannot compare {} and {}", op, kindName(a), kindName(b)));
        return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
    }
    Value evaluate(const Node& node) {
        const Depth depth(*this, node);
        const auto child = [&](std::size_t i) { return evaluate(*node.children[i]); };
        switch (node.kind) {
            case NodeKind::Literal: return fromJson(node.literal, kFromTemplate);
            case NodeKind::Name: return lookUp(node.text);
            case NodeKind::List: {
                List out;
                for (const auto& one : node.children) out.push_back(evaluate(*one));
                return Value::of(std::move(out));
            }
            case NodeKind::Dict: {
                Dict out;
                for (std::size_t i = 0; i + 1 < node.children.size(); i += 2)
                    out.emplace_back(printed(child(i)).bytes(), child(i + 1));
                return Value::of(std::move(out));
            }
            case NodeKind::Attribute: return attribute(child(0), node.text);
            case NodeKind::Index: return item(child(0), child(1));
            case NodeKind::Slice: return slice(node);
            case NodeKind::Call: {
                const Value callee = child(0);
                if (!callee.is(Kind::Function))
                    fail(Code::InvalidArgument, node.children[0]->text.empty()
                                                    ? std::string("what is called is no function")
                                                    : "'" + node.children[0]->text + "' is no function that is known");
                return (*callee.function)(argumentsOf(node, 1));
            }
            case NodeKind::Filter: return applyFilter(node.text, child(0), argumentsOf(node, 1), node.line);
            case NodeKind::Test:
                return Value::of(applyTest(node.text, child(0), argumentsOf(node, 1), node.line) != node.negated);
            case NodeKind::Unary: {
                const Value value = child(0);
                if (node.text == "not") return Value::of(!value.isTrue());
                if (node.text == "+") return value;
                return arithmetic("-", Value::of(std::int64_t{0}), value);
            }
            case NodeKind::Binary: {
                if (node.text == "and" || node.text == "or") {
                    Value left = child(0);
                    return left.isTrue() == (node.text == "or") ? left : child(1);
                }
                const Value left = child(0), right = child(1);
                if (node.text != "~") return arithmetic(node.text, left, right);
                Text out = printed(left);
                out.append(printed(right));
                return Value::of(std::move(out));
            }
            case NodeKind::Compare: return Value::of(compare(node.text, child(0), child(1)));
            case NodeKind::Conditional: return child(1).isTrue() ? child(0) : node.children[2] ? child(2) : Value();
            default: fail(Code::Internal, "a statement stands as an expression");
        }
    }

    const Variables& m_variables;
    const Limits m_limits;
    std::vector<Scope> m_scopes;
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
