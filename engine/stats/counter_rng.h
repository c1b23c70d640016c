// Counter-based random streams (Philox4x32-10), equal on every machine and addressable by name.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dubito::stats {

using Philox4 = std::array<std::uint32_t, 4>;

/// One block of Philox4x32-10. @source Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
Philox4 philox4x32(Philox4 counter, std::array<std::uint32_t, 2> key);

/// A stream belongs to one thread. Key = first 8 bytes of SHA-256("dubito.rng/1" 00 seed name 00 index), little-endian.
class CounterRng {
public:
    CounterRng() = default;
    CounterRng(std::uint64_t seed, std::string_view name, std::uint64_t index);

    std::uint32_t nextU32();
    std::uint64_t nextU64();  ///< out0 | out1 << 32
    double uniform();         ///< [0, 1), 53 bits
    double normal();          ///< mean 0, sd 1; Box-Muller, first uniform taken as 1-u
    /// Uniform drawn at a position of the stream, whatever was drawn before: branches replay alone.
    double uniformAt(std::uint64_t position) const;
    std::array<std::uint32_t, 2> key() const { return m_key; }
    /// 32-bit numbers drawn so far; seek() goes on from there.
    std::uint64_t drawn() const { return m_counter * 4 - static_cast<std::uint64_t>(4 - m_used); }
    void seek(std::uint64_t drawn);

private:
    std::array<std::uint32_t, 2> m_key{};
    std::uint64_t m_counter = 0;
    Philox4 m_block{};
    int m_used = 4;
};

}  // namespace dubito::stats
