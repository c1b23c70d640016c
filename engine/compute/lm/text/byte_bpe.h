// Merging of byte pairs by rank.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/text/token_index.h"

namespace dubito::lm {

/// [any] after build(): encode() of several threads at once gives equal ids; one of them has the cache.
class ByteBpe {
public:
    struct Merge {
        TokenId left, right, whole;
    };
    /// @param byteIds id of each byte, -1 where the vocabulary lacks it  @param merges in order of rank
    static std::unique_ptr<ByteBpe> build(const TokenId (&byteIds)[256], const std::vector<Merge>& merges);
    /// Appends the ids of one piece; lowest rank first, leftmost on ties. @return bytes the vocabulary cannot spell,
    /// left out
    std::int64_t encode(std::string_view piece, std::vector<TokenId>& out) const;
    /// The same for many pieces, with the piece cache where it is free.
    std::int64_t encode(std::span<const std::string_view> pieces, std::vector<TokenId>& out) const;

    /// Joins ids of characters until no merge is left.
    void merge(std::vector<TokenId>& symbols) const { symbols.size() <= 32 ? mergeShort(symbols) : mergeLong(symbols); }

    /// Pieces seen lately and their ids; forgotten whole when full.
    struct Cache;
    ~ByteBpe();

private:
    ByteBpe();
    struct Slot {
        std::uint64_t pair = 0;  ///< (left, right) + 1; 0: free
        std::int32_t rank = 0;
        TokenId id = 0;
    };
    const Slot* find(TokenId left, TokenId right) const {
        const std::uint64_t key =
            (std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right)) + 1;
        for (std::size_t at = key * 0x9E3779B97F4A7C15ull >> m_shift;; at = (at + 1) & m_mask) {
            if (m_slots[at].pair == key) return &m_slots[at];
            if (m_slots[at].pair == 0) return nullptr;
        }
    }
    void mergeShort(std::vector<TokenId>& symbols) const;
    void mergeLong(std::vector<TokenId>& symbols) const;

    TokenId m_byteIds[256];
    std::vector<Slot> m_slots;
    std::size_t m_mask = 0;
    int m_shift = 0;
    mutable std::mutex m_cacheMutex;
    std::unique_ptr<Cache> m_cache;  ///< guarded by m_cacheMutex
};

}  // namespace dubito::lm
