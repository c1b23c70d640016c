// The protocol-buffers file of SentencePiece: pieces, and the settings that decide how a text becomes pieces.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

constexpr std::size_t kMostTokens = 4'000'000;

/// One field of a protocol-buffers message.
struct ProtoField {
    std::uint32_t number = 0, wire = 0;  ///< wire: 0 varint, 1 and 5 fixed, 2 bytes
    std::uint64_t value = 0;             ///< varint or fixed bits
    ByteSpan data;

    bool isVarint(std::uint32_t wanted) const { return number == wanted && wire == 0; }
    bool isBytes(std::uint32_t wanted) const { return number == wanted && wire == 2; }
    bool isReal(std::uint32_t wanted) const { return number == wanted && wire == 5; }
    float real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

bool takeVarint(ByteReader& in, std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const auto byte = in.get<std::uint8_t>();
        value |= std::uint64_t{byte & 127u} << shift;
        if (!(byte & 128)) return in.ok();
    }
    return false;
}

/// @return false: cut short, or of a kind that is not known
bool takeField(ByteReader& in, ProtoField& field) {
    std::uint64_t tag = 0;
    if (!takeVarint(in, tag)) return false;
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.wire = tag & 7;
    std::uint64_t size = 0;
    switch (field.wire) {
        case 0: return takeVarint(in, field.value);
        case 1: field.value = in.get<std::uint64_t>(); break;
        case 2:
            if (!takeVarint(in, size)) return false;
            field.data = in.span(size);
            break;
        case 5: field.value = in.get<std::uint32_t>(); break;
        default: return false;
    }
    return in.ok();
}

/// What a SentencePiece model says, message by message.
class SentencePieceReader {
public:
    SentencePieceReader() { m_out.model = "llama"; }
    /// @return what is wrong; empty: nothing
    const char* take(const ProtoField& field) {
        if (field.isBytes(1)) return takePiece(field.data);
        if (field.isBytes(2)) return takeTrainer(field.data);
        if (field.isBytes(3)) return takeNormaliser(field.data);
        if (field.isBytes(5) && !field.data.empty()) refuse("a denormaliser");
        return nullptr;
    }
    Result<Vocabulary> finished() {
        constexpr std::int64_t kBpe = 2;
        constexpr std::int32_t kUnknownType = 2;
        constexpr const char* kKinds[] = {"unknown", "Unigram", "BPE", "word", "character"};
        if (m_kind != kBpe)
            return Error(Code::Unsupported,
                fmt::format("this SentencePiece model is of type {}; only BPE is read (a tokenizer.json of a Unigram "
                            "model is)",
                    kKinds[m_kind >= 1 && m_kind <= 4 ? m_kind : 0]));
        checkSettings();
        if (!m_refused.empty())
            return Error(
                Code::Unsupported, fmt::format("this SentencePiece model has {}, which is not read", m_refused));
        // The piece of that type is what the library gives for a character it lacks, whatever number the trainer has.
        const auto unknown = std::find(m_out.types.begin(), m_out.types.end(), kUnknownType);
        if (unknown != m_out.types.end()) m_out.unknown = unknown - m_out.types.begin();
        for (auto* id : {&m_out.unknown, &m_out.bos, &m_out.eos})
            if (*id && (**id < 0 || **id >= static_cast<std::int64_t>(m_out.tokens.size()))) id->reset();
        m_out.addBos = m_out.bos.has_value();
        m_out.addSpacePrefix = m_hasPrefix;
        return std::move(m_out);
    }

private:
    void refuse(std::string_view what) {
        if (m_refused.empty()) m_refused = what;
    }
    void checkSettings() {
        const auto count = [&](std::int32_t type) { return std::count(m_out.types.begin(), m_out.types.end(), type); };
        if (m_hasTable) refuse("a table of replacements (precompiled_charsmap, \"" + m_rule + "\")");
        if (m_removesSpaces) refuse("remove_extra_whitespaces set: runs of spaces would be one");
        if (!m_escapes) refuse("escape_whitespaces not set: spaces would stay spaces");
        if (m_spaceBehind) refuse("treat_whitespace_as_suffix set: spaces would end pieces");
        if (m_falls && count(6) != 256) refuse("byte_fallback set without a piece for each byte");
        if (!m_falls && count(6) != 0) refuse("pieces of bytes, but not byte_fallback");
        // Programs differ in whether the text behind such a symbol begins with a space of its own.
        if (m_hasPrefix && count(4) != 0) refuse("user-defined symbols besides add_dummy_prefix");
    }
    const char* takePiece(ByteSpan data) {
        constexpr std::uint64_t kLastType = 6;
        std::string token;
        float score = 0;
        std::int32_t type = 1;
        ByteReader in(data);
        for (ProtoField part; in.left() > 0;) {
            if (!takeField(in, part)) return "a piece is cut short";
            if (part.isBytes(1)) token = std::string(asText(part.data));
            if (part.isReal(2)) score = part.real();
            if (part.isVarint(3)) {
                if (part.value < 1 || part.value > kLastType) return "a piece is of a type that is not known";
                type = static_cast<std::int32_t>(part.value);
            }
        }
        if (!std::isfinite(score) || m_out.tokens.size() >= kMostTokens)
            return "a score is no number, or there are too many pieces";
        m_out.tokens.push_back(token);
        m_out.scores.push_back(score);
        m_out.types.push_back(type);
        return nullptr;
    }
    const char* takeTrainer(ByteSpan data) {
        ByteReader in(data);
        for (ProtoField part; in.left() > 0;) {
            if (!takeField(in, part)) return "the trainer's settings are cut short";
            if (part.wire != 0) continue;
            const auto id = static_cast<std::int64_t>(static_cast<std::int32_t>(part.value));
            if (part.number == 3) m_kind = id;
            if (part.number == 40) m_out.unknown = id;
            if (part.number == 41) m_out.bos = id;
            if (part.number == 42) m_out.eos = id;
            if (part.number == 24) m_spaceBehind = part.value != 0;
            if (part.number == 35) m_falls = part.value != 0;  // the other settings are of training alone
        }
        return nullptr;
    }
    const char* takeNormaliser(ByteSpan data) {
        ByteReader in(data);
        for (ProtoField part; in.left() > 0;) {
            if (!takeField(in, part)) return "the normaliser's settings are cut short";
            if (part.isBytes(1)) m_rule = std::string(asText(part.data)).substr(0, 40);
            else if (part.isBytes(2)) m_hasTable = !part.data.empty();
            else if (part.isVarint(3)) m_hasPrefix = part.value != 0;
            else if (part.isVarint(4)) m_removesSpaces = part.value != 0;
            else if (part.isVarint(5)) m_escapes = part.value != 0;
            else if (!part.isBytes(6)) refuse("a normaliser's setting that is not known");
        }
        return nullptr;
    }

    Vocabulary m_out;
    std::int64_t m_kind = 1;
    // What is not written is so by default.
    bool m_hasPrefix = true, m_removesSpaces = true, m_escapes = true, m_hasTable = false;
    bool m_spaceBehind = false, m_falls = false;
    std::string m_rule, m_refused;
};

}  // namespace

Result<Vocabulary> vocabularyFromSentencePiece(ByteSpan bytes) {
    SentencePieceReader reader;
    ByteReader in(bytes);
    for (ProtoField field; in.left() > 0;) {
        const std::size_t at = in.pos();
        const char* problem = takeField(in, field) ? reader.take(field) : "a field is cut short or of an unknown kind";
        if (problem) return Error(Code::CorruptData, fmt::format("SentencePiece model, byte {}: {}", at, problem));
    }
    return reader.finished();
}

}  // namespace dubito::lm
