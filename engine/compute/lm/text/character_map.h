// The table of replacements that SentencePiece models carry (precompiled_charsmap).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lm/text/aligned_text.h"

namespace dubito::lm {

/// [any] after parse().
class CharacterMap {
public:
    /// A trie in a double array (32-bit units, little-endian, behind their size in bytes), then the replacements, each
    /// ended by a zero. @error CorruptData (what does not fit, and what is no UTF-8)
    static Result<CharacterMap> parse(std::string_view bytes);
    /// As the reference walks: clusters of fewer than six bytes whole, else character by character.
    void apply(const TextPiece& in, AlignedText& out) const;

private:
    /// What stands for the shortest key that the text begins with.
    std::optional<std::string_view> find(std::string_view text) const;
    std::vector<std::uint32_t> m_units;
    std::string m_replacements;
};

}  // namespace dubito::lm
