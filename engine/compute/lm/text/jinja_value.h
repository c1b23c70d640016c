// Values of a running template; private to the interpreter. They behave as Python's do.
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
using Dict = std::vector<std::pair<Value, Value>>;  ///< in order of insertion
struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;
};
using Function = std::function<Value(const Arguments&)>;
struct Source;

/// Deletes values of any depth without calling itself: what dies inside another waits until that one is gone.
struct Undertaker {
    template <class Container>
    void operator()(Container* dead) const {
        bury(dead, [](void* one) { delete static_cast<Container*>(one); });
    }
    static void bury(void* dead, void (*remove)(void*));
};
template <class Container, class... Parts>
std::shared_ptr<Container> shared(Parts&&... parts) {
    return std::shared_ptr<Container>(new Container(std::forward<Parts>(parts)...), Undertaker());
}

struct Value {
    enum class Kind {
        Undefined,
        None,
        Bool,
        Int,
        Float,
        String,
        List,
        Dict,
        Function,
        View,     ///< what range, keys, values and items give: counted and read again, no list
        Iterator  ///< what select, map, items and others give: read once
    } kind = Kind::Undefined;
    bool boolean = false;
    bool isTuple = false;   ///< List: printed and compared as a tuple
    bool isSafe = false;    ///< String: Markup; what is joined to it is escaped
    bool isTalk = false;    ///< List: the messages from number `whole` on; Dict: the loop over them
    bool isObject = false;  ///< Dict: a namespace, a cycler or a loop; its members are attributes, not items
    std::int64_t whole = 0;
    double real = 0;
    /// String; Int beyond 64 bits: its digits, whole is then 0; View: its name (a range begins at `whole` and steps by
    /// `real`)
    Text text;
    std::shared_ptr<List> list;  ///< List, View
    std::shared_ptr<Dict> dict;
    std::shared_ptr<Function> function;
    std::shared_ptr<Source> source;  ///< Iterator

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
        out.list = shared<List>(std::move(value));
        return out;
    }
    static Value tuple(List value) {
        Value out = of(std::move(value));
        out.isTuple = true;
        return out;
    }
    static Value of(Dict value) {
        Value out = of(Kind::Dict);
        out.dict = shared<Dict>(std::move(value));
        return out;
    }
    static Value of(Function value) {
        Value out = of(Kind::Function);
        out.function = shared<Function>(std::move(value));
        return out;
    }
    /// @param name dict_keys, dict_values or dict_items
    static Value view(const char* name, List items) {
        Value out = of(std::move(items));
        out.kind = Kind::View;
        out.text = Text(name, kFromTemplate);
        return out;
    }
    static Value range(std::int64_t from, std::int64_t to, std::int64_t by, List items);
    /// @param make gives the items when the first is asked for
    static Value iterator(std::function<List()> make);
    static Value of(Kind kind) {
        Value out;
        out.kind = kind;
        return out;
    }
    /// The template's own word.
    static Value word(std::string bytes) { return of(Text(std::move(bytes), kFromTemplate)); }

    bool is(Kind other) const { return kind == other; }
    bool isString() const { return kind == Kind::String; }
    bool isRange() const { return kind == Kind::View && text.bytes().starts_with("range"); }
    bool isNumber() const { return kind == Kind::Int || kind == Kind::Float || kind == Kind::Bool; }
    bool isWhole() const { return kind == Kind::Int || kind == Kind::Bool; }
    bool isHuge() const {
        return kind == Kind::Int && !text.empty();
    }  ///< beyond 64 bits: printed, never computed with
    double number() const;
    std::int64_t integer() const {
        return kind == Kind::Int ? whole : kind == Kind::Bool ? boolean : static_cast<std::int64_t>(real);
    }
    bool isTrue() const;
    const Value* find(const Value& key) const;      ///< Dict only
    const Value* find(std::string_view key) const;  ///< Dict only
    void set(const Value& key, const Value& item);  ///< Dict only
};

/// Items of an iterator, each given once.
struct Source {
    std::function<List()> make;
    List items;
    std::size_t at = 0;
    /// @throws Failure of what makes the items
    std::optional<Value> next();
    List rest();

private:
    void open();
};

/// Members of an object that the program makes (a loop, a namespace).
Value object(std::vector<std::pair<std::string, Value>> members);

/// How many comparisons of values inside lists and mappings a rendering may take: shared lists hold more of them than
/// there are bytes. In force for its thread while it lives.
class EqualityBudget {
public:
    explicit EqualityBudget(std::int64_t most);
    ~EqualityBudget();
    EqualityBudget(const EqualityBudget&) = delete;
    EqualityBudget& operator=(const EqualityBudget&) = delete;

private:
    std::int64_t m_outer;
};
/// @throws Failure (Limit)
bool equal(const Value& a, const Value& b);
/// Negative, 0, positive; nothing when the two have no order.
std::optional<int> order(const Value& a, const Value& b);
const char* kindName(const Value& value);
/// What {{ value }} prints: Python's spelling of it.
/// @throws Failure: it would be an address (an iterator, a function)
Text printed(const Value& value);
/// As it stands inside a list: strings in quotes.
Text represented(const Value& value);

struct JsonStyle {
    bool ascii = false, sorted = false;
    std::optional<std::string> indent;  ///< of one level; nothing: all in one line
    std::string itemSeparator = ", ", keySeparator = ": ";
};
/// @throws Failure (InvalidArgument: it holds what JSON cannot)
Text asJson(const Value& value, const JsonStyle& style, int line);
/// Strings and names of members get `source`.
Value fromJson(const Json& json, std::int32_t source);

/// Filters, tests and methods by name. @throws Failure (unknown, wrong argument)
Value applyFilter(const std::string& name, const Value& value, const Arguments& arguments, int line);
bool applyTest(const std::string& name, const Value& value, const Arguments& arguments, int line);
/// The method of a value as a function, or nothing when there is none of that name.
std::optional<Value> methodOf(const Value& value, const std::string& name, int line);
/// `value.name`: a method first, then a member. Undefined when there is neither.
Value attributeOf(const Value& value, const std::string& name, int line);
/// `value[index]`: an item first, then a method. Undefined when there is neither.
Value itemOf(const Value& value, const Value& index, int line);

}  // namespace dubito::lm::jinja
