// Answers that must be JSON of a given shape: a byte automaton made from a schema, walked over the tokens of a
// vocabulary.
#pragma once

#include <array>
#include <bitset>
#include <map>

#include "base/json.h"
#include "lm/generate/sampler.h"

namespace dubito::lm {

/// States are made as they are reached; kDead has no way on. [one thread]
class ByteAutomaton {
public:
    static constexpr std::int32_t kDead = -1;
    /// Known: type (object array string number integer boolean null), properties, required, enum, const, items, anyOf,
    /// minLength, maxLength, minItems, maxItems. Properties come in the order of the schema, with one space after a
    /// colon and a comma or none; a schema without a type takes any value nested at most three deep.
    /// @error Unsupported (a keyword, with its pointer), InvalidArgument (bounds), Limit (too large)
    static Result<std::shared_ptr<ByteAutomaton>> fromSchema(const Json& schema);
    /// The fields of a ReAct step: "Action: NAME\nAction Input: " and an object of that tool's schema, then a newline.
    /// @param tools name -> schema of its arguments
    static Result<std::shared_ptr<ByteAutomaton>> fromTools(const std::vector<std::pair<std::string, Json>>& tools);

    std::int32_t start() const { return m_start; }  ///< before the first byte; kDead when nothing can be said
    std::int32_t next(std::int32_t state, std::uint8_t byte);
    bool accepts(std::int32_t state) const { return state >= 0 && m_states[static_cast<std::size_t>(state)].accepts; }
    std::size_t states() const { return m_states.size(); }

private:
    friend class SchemaCompiler;
    struct Node {
        std::bitset<256> bytes;  ///< leads to `to`
        std::int32_t to = -1;
        std::vector<std::int32_t> empty;  ///< ways without a byte
    };
    struct State {
        std::vector<std::int32_t> nodes;  ///< sorted
        std::array<std::int32_t, 256> next;
        bool accepts = false;
    };
    std::int32_t stateOf(std::vector<std::int32_t> nodes);
    void close(std::vector<std::int32_t>& nodes) const;
    std::vector<Node> m_nodes;
    std::int32_t m_end = 0, m_start = kDead;
    std::vector<State> m_states;
    std::map<std::vector<std::int32_t>, std::int32_t> m_known;
};

/// Which tokens keep an answer inside the automaton. Masks are kept per state. [one thread]
class TokenConstraint {
public:
    TokenConstraint(std::shared_ptr<ByteAutomaton> automaton, std::shared_ptr<const Tokenizer> tokenizer);
    /// End tokens are allowed where the answer may end. Null when the answer has left the automaton.
    const TokenMask* maskAfter(std::span<const TokenId> answer);

private:
    /// In preorder, so that a walk goes through memory once and leaps over what is forbidden.
    struct TrieNode {
        std::uint8_t byte = 0;        ///< that leads here
        std::int32_t depth = 0;       ///< bytes from the root
        std::int32_t behind = 0;      ///< the node after all below this one
        std::int32_t firstToken = 0;  ///< those spelled so far: m_order[firstToken..endToken)
        std::int32_t endToken = 0;
    };
    const TokenMask& maskOf(std::int32_t state);
    std::shared_ptr<ByteAutomaton> m_automaton;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<TokenId> m_order;      ///< by spelling
    std::vector<TrieNode> m_trie;      ///< without the root
    std::vector<std::int32_t> m_path;  ///< automaton's states on the way to a node
    std::map<std::int32_t, TokenMask> m_masks;
    std::vector<TokenId> m_walked;  ///< answer that m_state stands for
    std::int32_t m_state;
};

}  // namespace dubito::lm
