// A template as tokens; private to the parser.
#pragma once

#include "lm/text/jinja_tree.h"

namespace dubito::lm::jinja {

enum class TokenKind { Data, BlockBegin, BlockEnd, PrintBegin, PrintEnd, Name, Number, String, Operator, End };
struct Token {
    TokenKind kind;
    std::string text;
    int line;
};

/// White-space control, comments and raw blocks are done here. The last token is End.  @throws Failure
std::vector<Token> scanTemplate(std::string_view source);

}  // namespace dubito::lm::jinja
