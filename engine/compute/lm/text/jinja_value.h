// Values of a running template; private to the interpreter.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lm/text/jinja_tree.h"

namespace dubito::lm::jinja {

struct Value;
using List = std::vector<Value>;
using Dict = std::vector<std::pair<std::string, Value>>;  ///< in order of insertion
struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;
};
using Function = std::function<Value(const Arguments&)>;

struct Value {
    enum class Kind { Undefined, None, Bool, Int, Float, String, List, Dict, Function } kind = Kind::Undefined;
    bool boolean = false;
    std::int64_t whole = 0;
    double real = 0;
    Text text;
    std::shared_ptr<List> list;
    std::shared_ptr<Dict> dict;
    std::shared_ptr<Function> function;

    static Value none() { return of(Kind::None); }
    static Value of(bool value) {
        Value out = of(Kind::Bool);
        out.boolean = value;
        return out;
    }
    static Value of(std::int64_t value) {
        Value out = of(Kind::Int);
        out.whole = value;
        return out;
    }
    static Value of(double value) {
        Value out = of(Kind::Float);
        out.real = value;
        return out;
    }
    static Value of(Text value) {
        Value out = of(Kind::String);
        out.text = std::move(value);
        return out;
    }
    static Value of(List value) {
        Value out = of(Kind::List);
        out.list = std::make_shared<List>(std::move(value));
        return out;
    }
    static Value of(Dict value) {
        Value out = of(Kind::Dict);
        out.dict = std::make_shared<Dict>(std::move(value));
        return out;
    }
    static Value of(Function value) {
        Value out = of(Kind::Function);
        out.function = std::make_shared<Function>(std::move(value));
        return out;
    }
    static Value of(Kind kind) {
        Value out;
        out.kind = kind;
        return out;
    }

    bool is(Kind other) const { return kind == other; }
    bool isString() const { return kind == Kind::String; }
    bool isNumber() const { return kind == Kind::Int || kind == Kind::Float || kind == Kind::Bool; }
    double number() const {
        return kind == Kind::Float ? real : kind == Kind::Bool ? (boolean ? 1 : 0) : static_cast<double>(whole);
    }
    std::int64_t integer() const {
        return kind == Kind::Int ? whole : kind == Kind::Bool ? boolean : static_cast<std::int64_t>(real);
    }
    bool isTrue() const;
    const Value* find(std::string_view key) const;  ///< Dict only
};

bool equal(const Value& a, const Value& b);
const char* kindName(const Value& value);
/// What {{ value }} prints: Python's spelling of it.
Text printed(const Value& value);
/// JSON as the reference writes it: ", " and ": " between, no ASCII escapes, keys in order.
Text asJson(const Value& value, int indent);
/// Strings get `source`.
Value fromJson(const Json& json, std::int32_t source);

/// Filters, tests and methods by name. @throws Failure (unknown, wrong argument)
Value applyFilter(const std::string& name, const Value& value, const Arguments& arguments, int line);
bool applyTest(const std::string& name, const Value& value, const Arguments& arguments, int line);
/// The method of a value as a function, or nothing when there is none of that name.
std::optional<Value> methodOf(const Value& value, const std::string& name, int line);

}  // namespace dubito::lm::jinja
