// Texts and their ids in one flat table: vocabularies are large, and opened often.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace dubito::lm {

using TokenId = std::int32_t;

/// Grows as needed; the texts themselves lie with whoever adds them. [any] after the last add().
class TokenIndex {
public:
    TokenIndex() = default;
    /// @param texts how many will come, so that the table need not grow
    explicit TokenIndex(std::size_t texts) { resize(texts); }

    /// @return false: the text is there already, and keeps its id
    bool add(std::string_view text, TokenId id) {
        if ((m_used + 1) * 2 > m_entries.size()) resize(m_used * 2 + 8);
        const std::uint32_t hash = hashOf(text);
        Entry& entry = m_entries[place(hash, text)];
        if (entry.id != kFree) return false;
        entry = {text.data(), static_cast<std::uint32_t>(text.size()), hash, id};
        ++m_used;
        return true;
    }
    std::optional<TokenId> find(std::string_view text) const {
        if (m_used == 0) return std::nullopt;
        const Entry& entry = m_entries[place(hashOf(text), text)];
        return entry.id == kFree ? std::nullopt : std::optional(entry.id);
    }
    std::size_t size() const { return m_used; }

private:
    static constexpr TokenId kFree = -1;
    struct Entry {
        const char* text = nullptr;
        std::uint32_t size = 0, hash = 0;
        TokenId id = kFree;

        bool holds(std::uint32_t otherHash, std::string_view other) const {
            return hash == otherHash && std::string_view(text, size) == other;
        }
    };
    static std::uint32_t hashOf(std::string_view text) {
        const std::uint64_t hash = std::hash<std::string_view>()(text);
        return static_cast<std::uint32_t>(hash ^ hash >> 32);
    }
    /// Where the text is, or would be.
    std::size_t place(std::uint32_t hash, std::string_view text) const {
        const std::size_t mask = m_entries.size() - 1;
        std::size_t at = hash & mask;
        while (m_entries[at].id != kFree && !m_entries[at].holds(hash, text)) at = (at + 1) & mask;
        return at;
    }
    void resize(std::size_t texts) {
        std::vector<Entry> old(std::bit_ceil(texts * 2 + 2));
        old.swap(m_entries);
        for (const Entry& entry : old)
            if (entry.id != kFree) m_entries[place(entry.hash, {entry.text, entry.size})] = entry;
    }
    std::vector<Entry> m_entries;
    std::size_t m_used = 0;
};

}  // namespace dubito::lm
