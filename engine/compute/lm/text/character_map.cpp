// Source of the format: the double array of SentencePiece's normaliser, read as the tokenizers library reads it.
#include "lm/text/character_map.h"

#include <utf8proc.h>

#include <cstring>

#include "lm/text/tokenizer.h"
#include "lm/text/unicode_text.h"

namespace dubito::lm {
namespace {

constexpr std::size_t kUnit = sizeof(std::uint32_t);

bool hasLeaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t valueOf(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
std::uint32_t labelOf(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t offsetOf(std::uint32_t unit) { return unit >> 10 << ((unit & 0x200) >> 6); }

/// A code point of the new text: how many characters it adds (above 0) or removes behind the one it replaces.
struct Change {
    std::size_t first = 0, last = 0;  ///< in the new text
    std::int64_t by = 0;
};

std::int64_t characters(std::string_view text) {
    std::int64_t n = 0;
    unicode::each(text, [&](std::size_t, std::size_t, unicode::Code) { ++n; });
    return n;
}

/// The new text, and how it came about.
class Rewriting {
public:
    void keep(std::string_view character) {
        m_changes.push_back({m_text.size(), m_text.size() + character.size(), 0});
        m_text += character;
    }
    void replace(std::string_view old, std::string_view with) {
        const std::int64_t by = characters(with) - characters(old);
        const std::size_t start = m_text.size();
        m_text += with;
        m_isChanged = true;
        std::int64_t i = 0;
        unicode::each(with, [&](std::size_t from, std::size_t to, unicode::Code) {
            m_changes.push_back({start + from, start + to, i == 0 ? by : i});
            ++i;
        });
    }
    /// What is added stands for the character before it, even where it is all that is left of its own.
    void write(const TextPiece& in, AlignedText& out) const {
        if (!m_isChanged) return out.copy(in, 0, in.text.size());
        std::vector<Origin> origins;
        unicode::each(in.text,
            [&](std::size_t from, std::size_t to, unicode::Code) { origins.push_back(in.originOf(from, to)); });
        std::size_t next = 0;
        for (const Change& change : m_changes) {
            const std::string_view text = std::string_view(m_text).substr(change.first, change.last - change.first);
            const std::size_t place = std::min(change.by > 0 ? next - 1 : next, origins.size() - 1);
            if (change.by > 0 && next == 0) out.put(text, {in.originOf(0, 0).first, in.originOf(0, 0).first});
            else out.put(text, origins[place]);
            if (change.by <= 0) next += static_cast<std::size_t>(1 - change.by);
        }
    }

private:
    std::string m_text;
    std::vector<Change> m_changes;
    bool m_isChanged = false;
};

}  // namespace

Result<CharacterMap> CharacterMap::parse(std::string_view bytes) {
    std::uint32_t size = 0;
    if (bytes.size() < kUnit) return Error(Code::CorruptData, "the precompiled_charsmap is empty");
    std::memcpy(&size, bytes.data(), kUnit);
    bytes.remove_prefix(kUnit);
    if (size == 0 || size % kUnit != 0 || size > bytes.size())
        return Error(Code::CorruptData, "the table of the precompiled_charsmap is longer than its bytes");
    CharacterMap out;
    out.m_units.resize(size / kUnit);
    std::memcpy(out.m_units.data(), bytes.data(), size);
    out.m_replacements = std::string(bytes.substr(size));
    if (validUtf8(out.m_replacements) != out.m_replacements)
        return Error(Code::CorruptData, "the replacements of the precompiled_charsmap are no UTF-8");
    return out;
}

std::optional<std::string_view> CharacterMap::find(std::string_view text) const {
    std::size_t at = offsetOf(m_units[0]);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        at ^= byte;
        if (byte == 0 || at >= m_units.size() || labelOf(m_units[at]) != byte) return std::nullopt;
        const std::uint32_t unit = m_units[at];
        at ^= offsetOf(unit);
        if (at >= m_units.size()) return std::nullopt;
        if (!hasLeaf(unit)) continue;
        const std::size_t from = valueOf(m_units[at]);
        if (from > m_replacements.size()) return std::nullopt;
        const std::size_t end = std::min(m_replacements.find('\0', from), m_replacements.size());
        const std::string_view found = std::string_view(m_replacements).substr(from, end - from);
        const bool isInside = !found.empty() && (static_cast<unsigned char>(found[0]) & 0xC0) == 0x80;
        return isInside ? std::nullopt : std::optional(found);
    }
    return std::nullopt;
}

void CharacterMap::apply(const TextPiece& in, AlignedText& out) const {
    constexpr std::size_t kLongestCluster = 6;  // from here on it is not looked at as a whole
    Rewriting made;
    const auto cluster = [&](std::string_view text) {
        if (text.size() < kLongestCluster)
            if (const auto with = find(text)) return made.replace(text, *with);
        unicode::each(text, [&](std::size_t from, std::size_t to, unicode::Code) {
            const std::string_view character = text.substr(from, to - from);
            if (const auto with = find(character)) made.replace(character, *with);
            else made.keep(character);
        });
    };
    std::size_t start = 0;
    unicode::Code before = 0;
    utf8proc_int32_t state = 0;
    unicode::each(in.text, [&](std::size_t from, std::size_t, unicode::Code code) {
        if (from > 0 && utf8proc_grapheme_break_stateful(before, code, &state)) {
            cluster(in.text.substr(start, from - start));
            start = from;
        }
        before = code;
    });
    cluster(in.text.substr(start));
    made.write(in, out);
}

}  // namespace dubito::lm
