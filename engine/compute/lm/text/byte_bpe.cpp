// A scan for short pieces, a heap for long ones, and a cache, because text repeats its words.
#include "lm/text/byte_bpe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <queue>

namespace dubito::lm {

/// Open addressing over one arena of bytes and one of ids.
struct ByteBpe::Cache {
    static constexpr std::size_t kSlots = 1 << 17, kMost = 1 << 16, kLongest = 48;
    struct Entry {
        std::uint64_t hash = 0;  ///< 0: free
        std::uint32_t text = 0, ids = 0;
        std::uint16_t bytes = 0, count = 0;
        std::uint32_t dropped = 0;
    };
    std::vector<Entry> entries = std::vector<Entry>(kSlots);
    std::vector<char> texts;
    std::vector<TokenId> ids;
    std::size_t used = 0;

    static std::uint64_t hashOf(std::string_view piece) {
        std::uint64_t hash = 0x243F6A8885A308D3ull ^ piece.size();
        while (piece.size() >= 8) {
            std::uint64_t word;
            std::memcpy(&word, piece.data(), 8);
            hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
            hash ^= hash >> 32;
            piece.remove_prefix(8);
        }
        std::uint64_t word = 0;
        std::memcpy(&word, piece.data(), piece.size());
        hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
        hash ^= hash >> 29;
        return hash | 1;
    }
    Entry* find(std::uint64_t hash, std::string_view piece) {
        for (std::size_t at = hash >> 47;; at = (at + 1) & (kSlots - 1)) {
            Entry& entry = entries[at];
            if (entry.hash == 0 || (entry.hash == hash && entry.bytes == piece.size() &&
                                       std::memcmp(texts.data() + entry.text, piece.data(), piece.size()) == 0))
                return &entry;
        }
    }
    void clear() {
        std::fill(entries.begin(), entries.end(), Entry{});
        texts.clear();
        ids.clear();
        used = 0;
    }
};

ByteBpe::ByteBpe() : m_cache(std::make_unique<Cache>()) {}
ByteBpe::~ByteBpe() = default;

std::unique_ptr<ByteBpe> ByteBpe::build(const TokenId (&byteIds)[256], const std::vector<Merge>& merges) {
    std::unique_ptr<ByteBpe> out(new ByteBpe());
    std::copy(std::begin(byteIds), std::end(byteIds), out->m_byteIds);
    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(16, merges.size() * 2));
    out->m_slots.resize(slots);
    out->m_mask = slots - 1;
    out->m_shift = 64 - std::countr_zero(slots);
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const std::uint64_t key = (std::uint64_t{static_cast<std::uint32_t>(merges[rank].left)} << 32 |
                                      static_cast<std::uint32_t>(merges[rank].right)) +
                                  1;
        std::size_t at = key * 0x9E3779B97F4A7C15ull >> out->m_shift;
        while (out->m_slots[at].pair != 0 && out->m_slots[at].pair != key) at = (at + 1) & out->m_mask;
        if (out->m_slots[at].pair == 0) out->m_slots[at] = {key, static_cast<std::int32_t>(rank), merges[rank].whole};
    }
    return out;
}

void ByteBpe::mergeShort(std::vector<TokenId>& symbols) const {
    while (symbols.size() > 1) {
        const Slot* best = nullptr;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
            if (const Slot* merge = find(symbols[i], symbols[i + 1]); merge && (!best || merge->rank < best->rank))
                best = merge, at = i;
        if (!best) return;
        symbols[at] = best->id;
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

void ByteBpe::mergeLong(std::vector<TokenId>& symbols) const {
    const auto n = static_cast<std::int32_t>(symbols.size());
    std::vector<std::int32_t> next(symbols.size()), before(symbols.size());
    for (std::int32_t i = 0; i < n; ++i)
        next[static_cast<std::size_t>(i)] = i + 1, before[static_cast<std::size_t>(i)] = i - 1;
    struct Candidate {
        std::int32_t rank, left, right;
        TokenId leftId, rightId, id;
        bool operator<(const Candidate& other) const {
            return rank != other.rank ? rank > other.rank : left > other.left;
        }
    };
    std::priority_queue<Candidate> queue;
    const auto consider = [&](std::int32_t left, std::int32_t right) {
        if (left < 0 || right >= n) return;
        const TokenId a = symbols[static_cast<std::size_t>(left)], b = symbols[static_cast<std::size_t>(right)];
        if (const Slot* merge = find(a, b)) queue.push({merge->rank, left, right, a, b, merge->id});
    };
    for (std::int32_t i = 0; i + 1 < n; ++i) consider(i, i + 1);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        const auto left = static_cast<std::size_t>(top.left), right = static_cast<std::size_t>(top.right);
        if (symbols[left] != top.leftId || symbols[right] != top.rightId || next[left] != top.right) continue;
        symbols[left] = top.id;
        symbols[right] = -1;
        next[left] = next[right];
        if (next[right] < n) before[static_cast<std::size_t>(next[right])] = top.left;
        consider(before[left], top.left);
        consider(top.left, next[left]);
    }
    std::erase(symbols, -1);
}

std::int64_t ByteBpe::encode(std::string_view piece, std::vector<TokenId>& out) const {
    thread_local std::vector<TokenId> symbols;
    symbols.clear();
    std::int64_t dropped = 0;
    for (const char c : piece) {
        const TokenId id = m_byteIds[static_cast<unsigned char>(c)];
        if (id < 0) ++dropped;
        else symbols.push_back(id);
    }
    merge(symbols);
    out.insert(out.end(), symbols.begin(), symbols.end());
    return dropped;
}

std::int64_t ByteBpe::encode(std::span<const std::string_view> pieces, std::vector<TokenId>& out) const {
    std::int64_t dropped = 0;
    const std::unique_lock lock(m_cacheMutex, std::try_to_lock);
    if (!lock.owns_lock()) {
        for (const auto piece : pieces) dropped += encode(piece, out);
        return dropped;
    }
    Cache& cache = *m_cache;
    for (const auto piece : pieces) {
        if (piece.size() > Cache::kLongest) {
            dropped += encode(piece, out);
            continue;
        }
        const std::uint64_t hash = Cache::hashOf(piece);
        Cache::Entry* entry = cache.find(hash, piece);
        if (entry->hash == 0) {
            if (cache.used >= Cache::kMost) {
                cache.clear();
                entry = cache.find(hash, piece);
            }
            const std::size_t before = cache.ids.size();
            const std::int64_t lost = encode(piece, cache.ids);
            *entry = {hash, static_cast<std::uint32_t>(cache.texts.size()), static_cast<std::uint32_t>(before),
                static_cast<std::uint16_t>(piece.size()), static_cast<std::uint16_t>(cache.ids.size() - before),
                static_cast<std::uint32_t>(lost)};
            cache.texts.insert(cache.texts.end(), piece.begin(), piece.end());
            ++cache.used;
        }
        out.insert(out.end(), cache.ids.begin() + entry->ids, cache.ids.begin() + entry->ids + entry->count);
        dropped += entry->dropped;
    }
    return dropped;
}

}  // namespace dubito::lm
