// Bytes 33-126, 161-172 and 174-255 stand for themselves, the other 68 are code points from 256 on, in order.
#include <array>

#include "lm/text/pretokenizer.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

constexpr bool standsForItself(int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

struct Alphabet {
    std::array<std::uint16_t, 256> codeOf{};
    std::array<std::int16_t, 324> byteOf{};
    constexpr Alphabet() {
        for (auto& byte : byteOf) byte = -1;
        std::uint16_t next = 256;
        for (int byte = 0; byte < 256; ++byte) {
            codeOf[static_cast<std::size_t>(byte)] = standsForItself(byte) ? static_cast<std::uint16_t>(byte) : next++;
            byteOf[codeOf[static_cast<std::size_t>(byte)]] = static_cast<std::int16_t>(byte);
        }
    }
};
constexpr Alphabet kAlphabet;

}  // namespace

std::string spelledByte(std::uint8_t byte) {
    const std::uint32_t code = kAlphabet.codeOf[byte];
    return code < 128 ? std::string(1, static_cast<char>(code))
                      : std::string{static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
}

std::string spelledBytes(std::string_view raw) {
    std::string out;
    for (const char c : raw) out += spelledByte(static_cast<std::uint8_t>(c));
    return out;
}

bool rawBytes(std::string_view spelled, std::string& out) {
    out.clear();
    while (!spelled.empty()) {
        const std::size_t n = utf8Length(spelled);
        if (n == 0 || n > 2) return false;
        const auto first = static_cast<unsigned char>(spelled[0]);
        const std::uint32_t code = n == 1 ? first : (first & 31u) << 6 | (static_cast<unsigned char>(spelled[1]) & 63u);
        if (code >= kAlphabet.byteOf.size() || kAlphabet.byteOf[code] < 0) return false;
        out += static_cast<char>(kAlphabet.byteOf[code]);
        spelled.remove_prefix(n);
    }
    return true;
}

}  // namespace dubito::lm
