// Text to ids and back, from the vocabulary a model file carries.
#pragma once

#include <memory>

#include "lm/formats/gguf.h"
#include "lm/text/added_tokens.h"
#include "lm/text/aligned_text.h"
#include "lm/text/byte_bpe.h"
#include "lm/text/pretokenizer.h"
#include "lm/text/spm_bpe.h"
#include "lm/text/vocabulary.h"
#include "lm/text/word_piece.h"

namespace dubito::lm {

struct TokenizerRules;

/// Text that came from the template may spell special tokens; text that came from a person may not.
struct Fragment {
    std::string text;
    bool fromTemplate = false;
};

class Tokenizer {
public:
    /// Immutable and shareable after loading. @error Unsupported (model, pre-tokenizer), CorruptData (index or merge
    /// named)
    static Result<std::shared_ptr<const Tokenizer>> load(const GgufFile& file);
    static Result<std::shared_ptr<const Tokenizer>> create(Vocabulary vocabulary);

    struct Encoding {
        std::vector<TokenId> ids;
        std::int64_t droppedBytes = 0;  ///< bytes the vocabulary cannot spell; SmolLM2 lacks 21 of them
        std::optional<Error> problem;   ///< a split pattern did too much work: there are no ids then
    };
    /// Plain text: spellings of special tokens stay plain bytes, those of tokens that are not special count. [any]
    Encoding encode(std::string_view text) const;
    /// The ids, or the problem. @error Limit
    Result<std::vector<TokenId>> idsOf(std::string_view text) const;
    Result<std::vector<TokenId>> idsOf(const std::vector<Fragment>& fragments) const;
    /// A special spelling counts only if it lies wholly in template fragments; text between two specials is one run.
    /// [any]
    Encoding encodeFragments(const std::vector<Fragment>& fragments) const;
    /// The same ids, each with the bytes first..last-1 of all fragments it stands for (approximate inside a run that
    /// the normaliser changes: edges of runs are exact).
    struct Span {
        TokenId id = 0;
        std::size_t first = 0, last = 0;
    };
    /// @error Limit, as Encoding::problem
    Result<std::vector<Span>> encodeSpans(const std::vector<Fragment>& fragments) const;
    /// Puts the start tokens in front where the family does; WordPiece: [CLS] in front and [SEP] behind. An end token
    /// behind a text to go on with would end the answer before it begins, so other kinds get none.
    void addStart(std::vector<TokenId>& ids) const;
    /// Everything that stands around one text by itself: what addStart() puts, and the end.
    void addEnds(std::vector<TokenId>& ids) const;
    const std::string& warning() const { return m_warning; }  ///< what the model leaves open; empty: nothing

    ~Tokenizer();

    std::string_view bytesOf(TokenId id) const {
        return id >= 0 && id < size() ? std::string_view(m_tokens[static_cast<std::size_t>(id)]) : std::string_view();
    }
    bool isSpecial(TokenId id) const { return id >= 0 && id < size() && m_types[static_cast<std::size_t>(id)] == 3; }
    /// Text of ids without specials; bad UTF-8 becomes U+FFFD.
    std::string decode(const std::vector<TokenId>& ids) const;
    /// One token as people read it: specials by name, bytes that are no text as U+FFFD.
    std::string shown(TokenId id) const;

    TokenId size() const { return static_cast<TokenId>(m_tokens.size()); }
    const std::vector<TokenId>& endTokens() const { return m_endTokens; }  ///< eos, eot, eom
    std::optional<TokenId> find(std::string_view bytes) const { return m_ids.find(bytes); }
    const std::string& preTokenizer() const { return m_preName; }

private:
    Tokenizer() = default;
    /// Bytes first..last-1 of a text, which tokens stand for it.
    struct Sink {
        Encoding* encoding = nullptr;
        std::vector<Span>* spans = nullptr;
        std::optional<Error> problem = {};
    };
    using Trusted = std::vector<std::pair<std::size_t, std::size_t>>;
    void encodeInto(std::string_view all, const Trusted& trusted, Sink& sink) const;
    void encodePlain(const TextPiece& text, Sink& sink) const;
    void encodeByRules(const TextPiece& text, const AddedTokens::TrustOf& trustOf, Sink& sink) const;
    void encodePiece(const TextPiece& piece, Sink& sink) const;
    void encodeValid(const TextPiece& text, const AddedTokens::TrustOf& trustOf, Sink& sink) const;
    /// Spreads ids over the piece they came from.
    void place(const std::vector<TokenId>& ids, const TextPiece& piece, Sink& sink) const;
    /// Byte-level BPE: the token of these bytes that merges can make.
    std::optional<TokenId> findMade(std::string_view bytes) const;
    Result<void> readRules(Vocabulary& vocabulary);
    Result<void> readEndTokens(const Vocabulary& vocabulary);
    Result<void> readTokens(const Vocabulary& vocabulary);
    Result<void> readMerges(const Vocabulary& vocabulary);

    enum class Kind { ByteBpe, SentencePiece, WordPiece, Rules } m_kind = Kind::ByteBpe;
    std::optional<Pretokenizer> m_pretokenizer;  ///< byte-level BPE
    std::unique_ptr<ByteBpe> m_byteBpe;
    std::unique_ptr<SpmBpe> m_spm;
    std::unique_ptr<WordPiece> m_wordPiece;
    std::string m_preName;
    std::vector<std::string> m_tokens;   ///< raw bytes
    std::vector<std::string> m_spelled;  ///< as the vocabulary spells; not for byte-level BPE without rules
    std::vector<std::int32_t> m_types;   ///< 1 normal, 2 unknown, 3 control, 4 user, 5 unused, 6 byte
    TokenIndex m_ids;
    std::vector<bool> m_isMade;  ///< byte-level BPE: tokens that merges can make
    TokenIndex m_madeTwins;      ///< those of them whose bytes another token has in the index
    AddedTokens m_added;
    std::unique_ptr<TokenizerRules> m_rules;  ///< of a tokenizer.json
    std::string m_warning;
    std::vector<TokenId> m_endTokens;
    std::optional<TokenId> m_start, m_separator;
    bool m_addStart = false, m_spacePrefix = false;
};

/// Bytes whole characters at a time; incomplete sequences wait for their rest.
class StreamDecoder {
public:
    std::string feed(std::string_view bytes);
    std::string flush();  ///< what is left, bad bytes as U+FFFD

private:
    std::string m_waiting;
};

/// Replaces invalid UTF-8 by U+FFFD.
std::string validUtf8(std::string_view bytes);

}  // namespace dubito::lm
