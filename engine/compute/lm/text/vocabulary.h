// What a tokenizer is made of, whatever file it came from: GGUF keys, tokenizer.json, tiktoken ranks, vocab.txt,
// tokenizer.model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"

namespace dubito::lm {

class GgufFile;

/// Spelled as GGUF spells: byte-level alphabet for "gpt2", U+2581 for a space in "llama" and at word starts in "bert".
struct Vocabulary {
    std::string model;  ///< gpt2 (byte-level BPE), llama (SentencePiece BPE), bert (WordPiece); tokenizer.json: others
    std::string pre;    ///< split rule of byte-level BPE, as Pretokenizer names it
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types;  ///< 1 normal, 2 unknown, 3 control, 4 user, 5 unused, 6 byte; empty: all normal
    std::vector<std::string> merges;  ///< as joinedMerge() writes them: BPE only
    std::vector<float> scores;        ///< llama only
    std::vector<double> weights;      ///< of the first tokens, those of a Unigram model; else empty
    std::optional<std::int64_t> bos, eos, eot, eom, unknown, separator;
    std::vector<std::int64_t> moreEnds;  ///< further end tokens that a folder names
    bool addBos = false, addSpacePrefix = true;
    /// tokenizer.json without its vocabulary and merges: what is done to text. Tokens are then spelled as there.
    std::string rules;
    std::string notInGguf;  ///< what of the rules GGUF has no words for; empty: nothing
    std::string warning;    ///< what the file leaves open, and what is done instead
};

/// @error NotFound, CorruptData, Unsupported (tokenizer.ggml.model)
Result<Vocabulary> vocabularyOf(const GgufFile& file);
/// tokenizer.json of BPE, Unigram, WordPiece and WordLevel. Every field is read, or the file is refused; truncation and
/// padding
/// are for batches and change no text. @error Unsupported (the part and its value), CorruptData (token or merge named)
Result<Vocabulary> vocabularyFromJson(const Json& tokenizer);
/// Lines "base64 rank". `specials` follow behind the ranks. @error CorruptData (line named)
Result<Vocabulary> vocabularyFromTiktoken(
    std::string_view text, std::string_view pre, const std::vector<std::string>& specials);
/// One WordPiece token a line, continuations with ##. @error CorruptData
Result<Vocabulary> vocabularyFromLines(std::string_view text);
/// A SentencePiece model (protobuf). @error CorruptData (offset), Unsupported (unigram)
Result<Vocabulary> vocabularyFromSentencePiece(ByteSpan bytes);

/// "left right"; where that would be no clear pair, "\1SIZE leftright" with the bytes of the left.
std::string joinedMerge(std::string_view left, std::string_view right);
/// @return false: no pair
bool partMerge(std::string_view merge, std::string_view& left, std::string_view& right);

/// One byte in the printable alphabet of byte-level vocabularies.
std::string spelledByte(std::uint8_t byte);
std::string spelledBytes(std::string_view raw);
/// Undoes the alphabet. @return false when a character is outside it
bool rawBytes(std::string_view spelled, std::string& out);

}  // namespace dubito::lm
