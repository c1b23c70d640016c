// How the spellings of tokens become text again.
#pragma once

#include <functional>
#include <vector>

#include "base/json.h"

namespace dubito::lm {

/// [any] after parse().
class DecoderChain {
public:
    /// The decoder of tokenizer.json; null: spellings with a space between. @error Unsupported, CorruptData
    static Result<DecoderChain> parse(const Json& decoder);
    /// Text of tokens in a row. @throws TooMuchWork
    std::string decode(std::vector<std::string> tokens) const;
    /// The bytes that one token adds to a text behind others. @throws TooMuchWork
    std::string bytesOf(const std::string& spelled) const;

private:
    using Tokens = std::vector<std::string>;
    struct Step {
        std::function<void(Tokens&)> all;
        std::function<void(std::string&)> one;  ///< empty: a single token stays as it is
    };
    Result<void> add(const Json& json, int depth);
    /// Steps that join tokens or look at their place, and steps within a token. @return false: another kind
    Result<bool> addJoin(const Json& json, const std::string& type, const std::string& where);
    Result<bool> addEdit(const Json& json, const std::string& type, const std::string& where);
    std::vector<Step> m_steps;
    bool m_isNull = false;
};

}  // namespace dubito::lm
