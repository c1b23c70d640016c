// A tokenizer as tokenizer.json describes it: every step is known, or the file is refused.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "lm/text/added_tokens.h"
#include "lm/text/decoder_chain.h"
#include "lm/text/normaliser_chain.h"
#include "lm/text/piece_model.h"
#include "lm/text/split_chain.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {

/// [any] after parse().
struct TokenizerRules {
    /// @param vocabulary with rules; alive as long as this  @error Unsupported (what is not read), CorruptData, Limit
    /// (a
    /// pattern that does too much work on the tokens)
    static Result<std::unique_ptr<TokenizerRules>> parse(const Vocabulary& vocabulary);

    NormaliserChain normaliser;
    SplitChain splits;
    DecoderChain decoder;
    AddedTokens added, addedBehind;                    ///< found before and behind the normaliser
    std::unordered_map<TokenId, std::string> changed;  ///< added tokens as the normaliser leaves them
    std::unordered_set<std::string> hidden;            ///< what special tokens spell: no part of a decoded text
    TokenIndex ids;                                    ///< of the model's vocabulary, by spelling
    std::unique_ptr<PieceModel> model;                 ///< null: bytes are merged
    std::unique_ptr<ByteBpe> bytes;
    std::vector<std::string> raw;        ///< what tokens of the byte alphabet spell
    TokenIndex rawIds;                   ///< their ids
    bool wholeFirst = false;             ///< a piece that is a token is not merged
    bool keepsBytes = false;             ///< no decoder: bytes are shown as they are
    bool isEncoder = false;              ///< a model of whole texts, which end in a token of their own
    std::vector<TokenId> front, behind;  ///< what is put around a text
    std::vector<std::string> shown;      ///< bytes that each token adds to a text

private:
    static Result<std::unique_ptr<TokenizerRules>> parsed(const Vocabulary& vocabulary);
    Result<void> readBytes(const Vocabulary& vocabulary);
    Result<void> readEnds(const Json& postProcessor, const Vocabulary& vocabulary, int depth);
};

/// The rule of GGUF that splits just so; empty: there is none.
std::string ggufRuleOf(const Json& tokenizer);

}  // namespace dubito::lm
