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
    Dict,
    Attribute,
    Index,
    Slice,
    Call,
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
    Block,
};

/// One node. What children and text mean depends on the kind; see the parser, which says it where it builds the node.
struct Node {
    NodeKind kind;
    int line = 0;
    std::string text;                                                  ///< name, operator, data
    Json literal;                                                      ///< Literal
    std::vector<std::unique_ptr<Node>> children;                       ///< null where an optional part is absent
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> named;  ///< keyword arguments, macro parameters
    std::vector<std::string> targets;                                  ///< For, Set
    bool negated = false;                                              ///< Test: "is not"
};
using NodePtr = std::unique_ptr<Node>;

struct Template::Tree {
    NodePtr root;  ///< Block
};

/// @throws Failure
NodePtr parseTemplate(std::string_view source);

}  // namespace dubito::lm::jinja
