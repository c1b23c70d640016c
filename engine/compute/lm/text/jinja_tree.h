// The syntax tree of a template; private to the parser and the interpreter.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "lm/text/jinja.h"

namespace dubito::lm::jinja {

/// Stays inside parser and interpreter: both turn it into an Error at their door.
struct Failure {
    Code code;
    std::string sentence;
    int line;
};

enum class NodeKind {
    // expressions
    Literal,
    Name,
    List,
    Tuple,
    Dict,
    Attribute,
    Index,
    Slice,
    Call,
    Spread,  ///< an argument of a call: *list
    Filter,
    Test,
    Unary,
    Binary,
    Compare,
    Conditional,
    // statements
    Output,
    Data,
    If,
    For,
    Set,
    SetBlock,
    Macro,
    Break,
    Continue,
    Generation,
    With,
    CallBlock,
    FilterBlock,
    Scope,
    Block,
};

/// Where a value goes: a name, an attribute of a namespace ("a.b"), or one target for each item.
struct Target {
    std::string name, attribute;
    std::vector<Target> parts;
};

/// One node. What children and text mean depends on the kind; see the parser, which says it where it builds the node.
struct Node {
    NodeKind kind = NodeKind::Block;
    int line = 0;
    std::string text;                                                  ///< Data: the text; names; operators
    Json literal;                                                      ///< Literal
    std::vector<std::unique_ptr<Node>> children;                       ///< null where an optional part is absent
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> named;  ///< keyword arguments, macro parameters
    std::vector<Target> targets;                                       ///< For, Set, With
    std::vector<std::string> operators;                                ///< Compare: between the children
    bool negated = false;                                              ///< Test: "is not"; For: recursive
};
using NodePtr = std::unique_ptr<Node>;

struct Template::Tree {
    NodePtr root;  ///< Block
};

/// @throws Failure
NodePtr parseTemplate(std::string_view source);

}  // namespace dubito::lm::jinja
