// Text to ids and back, from the vocabulary a model file carries.
#pragma once

#include <memory>
#include <unordered_map>

#include "lm/formats/gguf.h"
#include "lm/text/byte_bpe.h"
#include "lm/text/pretokenizer.h"
#include "lm/text/spm_bpe.h"
#include "lm/text/vocabulary.h"
#include "lm/text/word_piece.h"

namespace dubito::lm {

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
    };
    /// Plain text; special spellings stay plain bytes. [any]
    Encoding encode(std::string_view text) const;
    /// A special spelling counts only if it lies wholly in template fragments; text between two specials is one run.
    /// [any]
    Encoding encodeFragments(const std::vector<Fragment>& fragments) const;
    /// The same ids, each with the bytes first..last-1 of all fragments it stands for (approximate inside a run that
    /// the normaliser changes: edges of runs are exact).
    struct Span {
        TokenId id = 0;
        std::size_t first = 0, last = 0;
    };
    std::vector<Span> encodeSpans(const std::vector<Fragment>& fragments) const;
    /// Puts the start token in front where the family does; WordPiece: [CLS] in front and [SEP] behind.
    void addStart(std::vector<TokenId>& ids) const;

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
    std::optional<TokenId> find(std::string_view bytes) const;
    const std::string& preTokenizer() const { return m_preName; }

private:
    Tokenizer() = default;
    void encodePlain(std::string_view text, Encoding& out) const;
    /// Cuts fragments at the specials that the template spells: plain(first byte, text) and special(first byte, id) in
    /// order.
    template <class Plain, class Special>
    void cutAtSpecials(const std::vector<Fragment>& fragments, Plain&& plain, Special&& special) const;
    Result<void> readTokens(const Vocabulary& vocabulary);
    Result<void> readMerges(const Vocabulary& vocabulary);

    enum class Kind { ByteBpe, SentencePiece, WordPiece } m_kind = Kind::ByteBpe;
    std::optional<Pretokenizer> m_pretokenizer;  ///< byte-level BPE
    std::unique_ptr<ByteBpe> m_byteBpe;
    std::unique_ptr<SpmBpe> m_spm;
    std::unique_ptr<WordPiece> m_wordPiece;
    std::string m_preName;
    std::vector<std::string> m_tokens;   ///< raw bytes
    std::vector<std::string> m_spelled;  ///< as the vocabulary spells; SentencePiece and WordPiece only
    std::vector<std::int32_t> m_types;   ///< 1 normal, 2 unknown, 3 control, 4 user, 5 unused, 6 byte
    std::unordered_map<std::string_view, TokenId> m_ids;
    std::vector<TokenId> m_specials;  ///< added tokens, longest spelling first
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
