// Walks the tree under a step budget; an exception of its own never leaves it. Private to the interpreter's files:
// statements and loops, expressions, what a template finds defined.
#pragma once

#include <fmt/format.h>

#include <map>
#include <utility>

#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {

class Interpreter {
public:
    Interpreter(const Variables& variables, const Limits& limits);
    ~Interpreter();
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;
    /// @throws Failure
    Output run(const Node& root);

private:
    enum class Flow { Normal, Break, Continue };
    /// Variables of one block; a lookup goes outwards.
    struct Scope {
        std::map<std::string, Value, std::less<>> variables;
        std::shared_ptr<Scope> outer;
    };
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

    [[noreturn]] void fail(Code code, std::string what) const { throw Failure{code, std::move(what), m_line}; }
    void step() {
        if (++m_steps > m_limits.steps)
            fail(Code::Limit, fmt::format("the template takes more than {} steps", m_limits.steps));
    }

    void defineGlobals();
    Value refuse(const Arguments& arguments);
    Value makeDict(const Arguments& arguments);
    Value makeNamespace(const Arguments& arguments);
    Value range(const Arguments& arguments);
    Value joiner(const Arguments& arguments);
    Value cycler(const Arguments& arguments);
    Value formatNow(const Arguments& arguments);
    Value messages() const;

    void define(const std::string& name, Value value) { m_scope->variables[name] = std::move(value); }
    Value lookUp(const std::string& name) const;
    void inScope(std::shared_ptr<Scope> outer);
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
    void assign(const Target& target, const Value& value);

    void put(const Text& text);
    Flow execute(const Node& node);
    Flow with(const Node& node);
    void callBlock(const Node& node);
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
    Text captured(const Node& body);
    Value filtered(const Node& node, Value value);
    Value macro(const Node& node);
    void bindParameters(const Node& node, const Arguments& arguments);
    Flow loop(const Node& node, const Value& over, std::int64_t level);
    Flow passes(
        const Node& node, const List& items, const std::vector<std::size_t>& numbers, std::int64_t level, bool isTalk);
    bool begins(const Node& node, const Value& over);
    Value loopAt(const Node& node, const List& items, std::size_t i, std::int64_t level,
        const std::shared_ptr<std::optional<List>>& seen);

    Arguments argumentsOf(const Node& node, std::size_t first);
    Value calling(const Node& node, const Value& callee, const Arguments& arguments);
    Value slice(const Node& node, const Value& value);
    bool compares(const std::string& op, const Value& a, const Value& b);
    Value comparison(const Node& node);
    Value binary(const Node& node);
    Value list(const Node& node);
    Value dict(const Node& node);
    Value index(const Node& node);
    Value attribute(const Node& node);
    Value sliced(const Node& node);
    /// A value as any use of it takes it.
    Value evaluate(const Node& node) { return settled(open(node)); }
    /// A value that may still be the talk itself, for uses that tell nothing of what follows in it.
    Value open(const Node& node);

    // Whether a shorter talk would be written as the beginning of this one.
    enum class Talk { Before, Inside, Behind };
    Value settled(Value value) {
        if (std::exchange(value.isTalk, false)) m_looksAhead = true;
        return value;
    }
    bool isTrue(const Value& value);
    void reads(const Value& object) { m_looksAhead |= m_talk == Talk::Behind && m_isChanged && object.isObject; }
    void needs(std::size_t messages) { m_least = std::max(m_least, messages); }

    const Variables& m_variables;
    const Limits m_limits;
    const EqualityBudget m_equality;
    std::shared_ptr<Scope> m_scope;
    std::vector<std::weak_ptr<Scope>> m_kept;       ///< by macros that were made in them
    std::vector<std::weak_ptr<Dict>> m_namespaces;  ///< which may have been put into themselves
    Output* m_out = nullptr;
    Output* m_root = nullptr;
    std::int64_t m_steps = 0;
    int m_depth = 0, m_line = 0;
    Talk m_talk = Talk::Before;
    bool m_looksAhead = false;  ///< something was asked that messages further on decide
    bool m_isChanged = false;   ///< the loop over the talk changed what outlives it
    std::size_t m_reached = 0;  ///< the message that the loop is at
    std::size_t m_least = 0;    ///< messages that were named by number
};

}  // namespace dubito::lm::jinja
