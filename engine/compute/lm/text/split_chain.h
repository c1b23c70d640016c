// How a tokenizer cuts text into the pieces that its model works on.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "base/json.h"
#include "lm/text/aligned_text.h"

namespace dubito::lm {

/// Pieces in order, and the texts that were made on the way.
struct SplitPieces {
    std::vector<TextPiece> list;
    std::deque<AlignedText> made;
};

/// [any] after parse().
class SplitChain {
public:
    /// The pre_tokenizer of tokenizer.json; null: the text is one piece. @error Unsupported (kind, field, pattern),
    /// CorruptData
    static Result<SplitChain> parse(const Json& preTokenizer);
    /// The last step spells bytes in the byte-level alphabet, and no step before does: pieces are then left as raw
    /// bytes.
    bool isByteLevel() const { return m_isByteLevel; }
    /// Adds the pieces of valid UTF-8; empty ones are left out. @throws TooMuchWork
    void split(const TextPiece& text, SplitPieces& out) const;

private:
    /// Adds the parts of a piece to the list; texts it makes go to `made`.
    using Step = std::function<void(const TextPiece&, std::vector<TextPiece>&, std::deque<AlignedText>&)>;
    Result<void> add(const Json& json, int depth);
    Result<void> addSplit(const Json& json);
    Result<void> addByteLevel(const Json& json);
    Result<void> addMetaspace(const Json& json);
    Result<bool> addByClass(const Json& json, const std::string& type);
    std::vector<Step> m_steps;
    int m_spelling = 0;  ///< ByteLevel steps
    bool m_isByteLevel = false, m_lastSpells = false;
};

}  // namespace dubito::lm
