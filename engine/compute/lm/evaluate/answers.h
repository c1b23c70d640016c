// Whether an answer in words is the right one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dubito::lm {

/// NFKC, case-folded, without punctuation, white space runs as one space.
std::string normalisedAnswer(std::string_view text);

/// Last number of a text; empty when there is none. A number: digits with commas at thousands, a point with digits, an
/// exponent ("-1,000.5", ".5", "1e3"). A hyphen or minus sign (U+2212) in front, with a currency sign between or not,
/// is its sign, except behind a letter, a digit, a closing bracket or another one: "=-3" and "(-3)" are -3, "5-3" ends
/// in 3.
std::optional<double> lastNumber(std::string_view text);
/// The number that a text is, with white space around it, a currency sign in front or a full stop
/// behind; empty when it is something else.
std::optional<double> wholeNumber(std::string_view text);

/// By value where `right` is a number, then against the last number of `said`; else equal when normalised.
bool isRightAnswer(std::string_view said, std::string_view right);

}  // namespace dubito::lm
