// Splits text into the pieces that byte-pair merging works on, by the patterns the model was trained with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dubito::lm {

/// Patterns one after the other: each cuts the parts that the one before left, and its look-ahead sees one part only.
struct SplitRule {
    std::string_view name;  ///< as in `tokenizer.ggml.pre`
    std::vector<const char*> stages;
    bool nfc = false, wholeFirst = false;
};
/// All that are known; of rules that split alike, the first is the one to write.
const std::vector<SplitRule>& splitRules();
/// Each stage in one spelling: "gpt2" (of ByteLevel), "digits" (one by one), "split PATTERN"; "bytes" at the end.
std::vector<std::string> spelledStages(const SplitRule& rule);

class Pretokenizer {
public:
    /// @param name one of splitRules()  @error Unsupported (the names that are known)
    static Result<Pretokenizer> create(std::string_view name);
    Pretokenizer(Pretokenizer&&) noexcept;
    Pretokenizer& operator=(Pretokenizer&&) noexcept;
    ~Pretokenizer();

    /// NFC where the model's normaliser asks for it; the text itself otherwise.
    std::string normalise(std::string_view text) const;
    /// The same, into a list. @return false: a pattern did too much work
    bool split(std::string_view normalised, std::vector<std::string_view>& out) const;
    /// Pieces in order; together they are exactly the (normalised) text. Invalid UTF-8 bytes become pieces of their
    /// own.
    std::vector<std::string_view> split(std::string_view normalised) const;
    /// A whole piece that is a token is not split by merges (llama-bpe).
    bool wholePieceFirst() const;

private:
    struct State;
    explicit Pretokenizer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// Length of the valid UTF-8 sequence at the front; 0 when it is invalid or cut.
std::size_t utf8Length(std::string_view text);

}  // namespace dubito::lm
