// Unigram: the pieces of a text whose scores have the largest sum.
#pragma once

#include "lm/text/piece_model.h"

namespace dubito::lm {

struct Vocabulary;

class UnigramModel : public PieceModel {
public:
    /// @param model of tokenizer.json: unk_id, byte_fallback  @param ids, vocabulary: alive as long as this; weights of
    /// every token of the model  @error CorruptData
    static Result<std::unique_ptr<PieceModel>> create(
        const Json& model, const TokenIndex& ids, const Vocabulary& vocabulary);
    void encode(std::string_view piece, std::vector<TokenId>& out) const override;

private:
    explicit UnigramModel(const TokenIndex& ids) : m_ids(ids) {}
    /// A text of the way, with the id that the search gave it.
    void put(std::string_view text, std::vector<TokenId>& out) const;
    /// Tokens by their bytes: node 0 is the root; every other one is reached from one node by one byte.
    struct Edge {
        std::uint64_t key = 0;  ///< (node << 8 | byte) + 1; 0: free
        std::uint32_t node = 0;
    };
    std::size_t place(std::uint64_t key) const;
    void insert(std::string_view text, TokenId id);
    void grow();

    const TokenIndex& m_ids;
    std::vector<Edge> m_edges;
    std::vector<TokenId> m_ends;  ///< by node: the token that ends there, or -1
    std::vector<double> m_weights;
    double m_unknownWeight = 0;
    TokenId m_unknown = 0;
    TokenId m_bytes[256];
};

}  // namespace dubito::lm
