// The SSE4.2 instruction where the CPU has it, a table elsewhere; both give equal results.
#include "base/crc32c.h"

#include <array>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace dubito {
namespace {

constexpr std::array<std::uint32_t, 256> makeTable() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0u);
        table[i] = value;
    }
    return table;
}

std::uint32_t byTable(std::uint32_t crc, ByteSpan bytes) {
    static constexpr auto kTable = makeTable();
    for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ byte) & 255];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t byInstruction(std::uint32_t crc, ByteSpan bytes) {
    std::uint64_t wide = crc;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + at, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = static_cast<std::uint32_t>(wide);
    for (; at < bytes.size(); ++at) crc = _mm_crc32_u8(crc, bytes[at]);
    return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(ByteSpan bytes) {
#if defined(__x86_64__)
    static const bool kHasInstruction = __builtin_cpu_supports("sse4.2");
    if (kHasInstruction) return ~byInstruction(~0u, bytes);
#endif
    return ~byTable(~0u, bytes);
}

}  // namespace dubito
