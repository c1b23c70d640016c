// Patterns as tokenizer files write them (Oniguruma with Ruby's syntax), run by PCRE2.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "lm/text/split_walk.h"

namespace dubito::lm {

/// The same pattern in PCRE2's syntax. What has no exact translation is refused: back references, named groups,
/// \b inside classes, intersections of classes, POSIX brackets, \R, \X, \K, \G, absent groups, white-space mode.
/// @error Unsupported (the part of the pattern)
Result<std::string> translatedPattern(std::string_view pattern);

/// Thrown inside the room by a split that does too much work; never leaves it.
struct TooMuchWork {};

/// Steps of matching that one walk through a text may still take: a count, so that a slow machine takes what a fast
/// one takes.
struct MatchWork {
    std::int64_t left = 4'000'000'000;
};

/// [any] after compile().
class SplitPattern {
public:
    /// @param pattern of PCRE2  @error Unsupported (it does not compile: why, and where)
    static Result<std::shared_ptr<const SplitPattern>> compile(const std::string& pattern);
    /// Matches this text alone.
    static Result<std::shared_ptr<const SplitPattern>> literal(const std::string& text);
    /// {"String": text} or {"Regex": pattern} of tokenizer.json. @error Unsupported, CorruptData
    static Result<std::shared_ptr<const SplitPattern>> fromJson(const Json& pattern);
    ~SplitPattern();
    enum class Found { No, Yes, TooMuchWork };
    /// The first match at or behind `from` in valid UTF-8; it may be empty. A pattern that backtracks without end
    /// stops.
    Found find(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end, MatchWork& work) const;
    /// Every match in order, as the reference walks: an empty one is left out directly behind another.
    /// @throws TooMuchWork
    template <class Each>
    void each(std::string_view text, Each&& use) const {
        std::size_t at = 0, last = std::string_view::npos, begin = 0, end = 0;
        MatchWork work;
        while (at <= text.size()) {
            const Found found = find(text, at, begin, end, work);
            if (found == Found::TooMuchWork) throw TooMuchWork();
            if (found == Found::No) return;
            at = end;
            if (begin == end && end == last) {
                ++at;
                while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
                continue;
            }
            last = end;
            use(begin, end);
        }
    }

private:
    SplitPattern() = default;
    void* m_code = nullptr;
    SplitWalk m_walk = nullptr;  ///< instead of the code
    std::string m_literal;       ///< instead of the code
};

}  // namespace dubito::lm
