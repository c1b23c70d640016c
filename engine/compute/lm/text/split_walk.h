// The split rules that most models use, walked by hand: a matcher asks the same of every piece.
#pragma once

#include <cstddef>
#include <string_view>

namespace dubito::lm {

/// The first match at or behind `from`, never empty; false: there is none. @param text valid UTF-8
using SplitWalk = bool (*)(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end);

/// The walk that does just what this pattern of PCRE2 does; null: there is none.
SplitWalk splitWalkOf(std::string_view pattern);

}  // namespace dubito::lm
