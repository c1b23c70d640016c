// What every template finds defined.
#include <fmt/format.h>

#include <algorithm>

#include "lm/text/jinja_arithmetic.h"
#include "lm/text/jinja_interpreter.h"

namespace dubito::lm::jinja {

Interpreter::Interpreter(const Variables& variables, const Limits& limits)
    : m_variables(variables), m_limits(limits), m_equality(limits.steps), m_scope(std::make_shared<Scope>()) {
    defineGlobals();
    // The reference always gives both, as none when there are none.
    for (const char* name : {"tools", "documents"}) define(name, Value::none());
    define("messages", messages());
    for (const auto& [name, value] : variables.untrusted) define(name, fromJson(value, kFromOutside));
    for (const auto& [name, value] : variables.trusted) define(name, fromJson(value, kFromTemplate));
    inScope(nullptr);
}
Interpreter::~Interpreter() {
    // Macros hold the scope that holds them.
    for (const auto& scope : m_kept)
        if (const auto there = scope.lock()) there->variables.clear();
    for (const auto& made : m_namespaces)
        if (const auto there = made.lock()) there->clear();
}
Output Interpreter::run(const Node& root) {
    Output out;
    m_out = m_root = &out;
    (void)execute(root);
    if (m_talk == Talk::Behind && !m_looksAhead) out.leastMessages = std::max<std::size_t>(m_least, 1);
    return out;
}

void Interpreter::defineGlobals() {
    const auto function = [&](const char* name, Value (Interpreter::*body)(const Arguments&)) {
        define(
            name, Value::of(Function([this, body](const Arguments& arguments) { return (this->*body)(arguments); })));
    };
    function("raise_exception", &Interpreter::refuse);
    function("namespace", &Interpreter::makeNamespace);
    function("dict", &Interpreter::makeDict);
    function("range", &Interpreter::range);
    function("strftime_now", &Interpreter::formatNow);
    function("joiner", &Interpreter::joiner);
    function("cycler", &Interpreter::cycler);
}
Value Interpreter::refuse(const Arguments& arguments) {
    fail(Code::InvalidArgument,
        "the template refuses this conversation: " +
            (arguments.positional.empty() ? std::string() : printed(arguments.positional[0]).bytes()));
}
Value Interpreter::makeDict(const Arguments& arguments) {
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
Value Interpreter::makeNamespace(const Arguments& arguments) {
    Value out = makeDict(arguments);
    out.isObject = true;
    m_namespaces.emplace_back(out.dict);
    return out;
}
Value Interpreter::range(const Arguments& arguments) {
    std::vector<std::int64_t> n;
    for (const Value& value : arguments.positional) n.push_back(needWhole(&value, 0, m_line, "range"));
    if (n.empty() || n.size() > 3) fail(Code::InvalidArgument, "range needs one to three numbers");
    const std::int64_t from = n.size() > 1 ? n[0] : 0, to = n.size() > 1 ? n[1] : n[0], by = n.size() > 2 ? n[2] : 1;
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
    return Value::range(from, to, by, std::move(out));
}
/// A function that gives nothing the first time and then what stands between.
Value Interpreter::joiner(const Arguments& arguments) {
    const Value between = arguments.positional.empty() ? Value::word(", ") : arguments.positional[0];
    return Value::of(Function([this, between, used = std::make_shared<bool>(false)](const Arguments&) {
        m_looksAhead |= m_talk == Talk::Inside;
        return std::exchange(*used, true) ? between : Value::of(Text());
    }));
}
Value Interpreter::cycler(const Arguments& arguments) {
    if (arguments.positional.empty()) fail(Code::InvalidArgument, "cycler needs a value");
    auto at = std::make_shared<std::size_t>(0);
    Value made = object({{"current", arguments.positional[0]}});
    const std::weak_ptr<Dict> members = made.dict;
    made.set(
        Value::word("next"), Value::of(Function([this, at, members, items = arguments.positional](const Arguments&) {
            m_looksAhead |= m_talk == Talk::Inside;
            const Value now = items[*at];
            *at = (*at + 1) % items.size();
            if (const auto there = members.lock()) there->front().second = items[*at];
            return now;
        })));
    made.set(
        Value::word("reset"), Value::of(Function([this, at, members, items = arguments.positional](const Arguments&) {
            m_looksAhead |= m_talk == Talk::Inside;
            *at = 0;
            if (const auto there = members.lock()) there->front().second = items[0];
            return Value::none();
        })));
    return made;
}
Value Interpreter::formatNow(const Arguments& arguments) {
    if (arguments.positional.empty()) fail(Code::InvalidArgument, "strftime_now needs a format");
    const auto out = formattedTime(m_variables.now, printed(arguments.positional[0]).bytes());
    if (!out) fail(Code::InvalidArgument, "the time that the template asks for cannot be written");
    return Value::word(*out);
}
Value Interpreter::messages() const {
    List out;
    std::int32_t index = 0;
    for (const Json& message : m_variables.messages) {
        Value value = fromJson(message, index++);
        if (value.is(Kind::Dict))
            for (auto& [key, item] : *value.dict)
                if (key.text.bytes() == "role" && item.isString()) item.text = Text(item.text.bytes(), kFromOutside);
        out.push_back(std::move(value));
    }
    Value talk = Value::of(std::move(out));
    talk.isTalk = true;
    return talk;
}

}  // namespace dubito::lm::jinja
