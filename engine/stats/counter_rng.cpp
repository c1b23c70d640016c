// Philox4x32-10 after its paper's constants.
#include "stats/counter_rng.h"

#include <cmath>
#include <numbers>

#include "base/hash.h"

namespace dubito::stats {

Philox4 philox4x32(Philox4 counter, std::array<std::uint32_t, 2> key) {
    constexpr std::uint64_t kMultiply0 = 0xD2511F53, kMultiply1 = 0xCD9E8D57;
    constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = kMultiply0 * counter[0], product1 = kMultiply1 * counter[2];
        counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
            static_cast<std::uint32_t>(product1), static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
            static_cast<std::uint32_t>(product0)};
        key[0] += kWeyl0;
        key[1] += kWeyl1;
    }
    return counter;
}

CounterRng::CounterRng(std::uint64_t seed, std::string_view name, std::uint64_t index) {
    Bytes text;
    append(text, std::string_view("dubito.rng/1"));
    text.push_back(0);
    append(text, seed);
    append(text, name);
    text.push_back(0);
    append(text, index);
    const Sha256 digest = sha256(text);
    std::memcpy(m_key.data(), digest.data(), 8);
}

std::uint32_t CounterRng::nextU32() {
    if (m_used == 4) {
        m_block = philox4x32(
            {static_cast<std::uint32_t>(m_counter), static_cast<std::uint32_t>(m_counter >> 32), 0, 0}, m_key);
        ++m_counter;
        m_used = 0;
    }
    return m_block[static_cast<std::size_t>(m_used++)];
}

std::uint64_t CounterRng::nextU64() {
    const std::uint64_t low = nextU32();
    return low | std::uint64_t{nextU32()} << 32;
}

void CounterRng::seek(std::uint64_t drawn) {
    m_counter = drawn / 4;
    m_used = 4;
    for (std::uint64_t i = 0; i < drawn % 4; ++i) (void)nextU32();
}

double CounterRng::uniform() { return static_cast<double>(nextU64() >> 11) * 0x1p-53; }

double CounterRng::normal() {
    const double first = 1.0 - uniform(), second = uniform();
    return std::sqrt(-2.0 * std::log(first)) * std::cos(2.0 * std::numbers::pi * second);
}

double CounterRng::uniformAt(std::uint64_t position) const {
    const Philox4 block =
        philox4x32({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32), 0, 0}, m_key);
    return static_cast<double>((block[0] | std::uint64_t{block[1]} << 32) >> 11) * 0x1p-53;
}

}  // namespace dubito::stats
