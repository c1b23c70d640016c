// Element types of tensors, with the code numbers of DLPack, and half-precision conversion.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace dubito {

struct DType {
    enum Kind : std::uint8_t { Int = 0, UInt = 1, Float = 2, BFloat = 4, Complex = 5, Bool = 6 };
    std::uint8_t code = Float, bits = 32;
    std::uint16_t lanes = 1;
    bool operator==(const DType&) const = default;
    std::uint64_t bytes() const { return (std::uint64_t{bits} * lanes + 7) / 8; }
    /// Known code, whole bytes of 1 to 16, lanes not 0.
    bool valid() const {
        const bool known = code <= 2 || (code >= 4 && code <= 6);
        return known && lanes >= 1 && lanes <= 16 &&
               (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
    }
    std::string name() const {
        constexpr const char* kNames[] = {"i", "u", "f", "?", "bf", "c", "bool"};
        return std::string(code <= 6 ? kNames[code] : "?") + (code == Bool ? "" : std::to_string(bits));
    }
};

inline constexpr DType kF64{DType::Float, 64, 1}, kF32{DType::Float, 32, 1}, kF16{DType::Float, 16, 1},
    kI32{DType::Int, 32, 1}, kI64{DType::Int, 64, 1}, kU32{DType::UInt, 32, 1}, kU8{DType::UInt, 8, 1};

/// IEEE half to float, subnormals and infinities included.
inline float floatFromHalf(std::uint16_t half) {
    const std::uint32_t sign = std::uint32_t(half & 0x8000u) << 16, exponent = (half >> 10) & 31,
                        mantissa = half & 1023;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | mantissa << 13);
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

/// Float to IEEE half, round to nearest even.
inline std::uint16_t halfFromFloat(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return sign | 0x7E00;   // NaN stays NaN
    if (magnitude >= 0x477FF000u) return sign | 0x7C00;  // rounds to infinity
    if (magnitude < 0x38800000u) {                       // subnormal half or zero
        const float scaled = std::bit_cast<float>(magnitude) * 0x1p24f;
        const auto whole = static_cast<std::uint32_t>(scaled);
        const float rest = scaled - static_cast<float>(whole);
        return static_cast<std::uint16_t>(sign | (whole + (rest > 0.5f || (rest == 0.5f && (whole & 1)) ? 1 : 0)));
    }
    const std::uint32_t rounded = magnitude + 0xFFF + ((magnitude >> 13) & 1);
    return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

}  // namespace dubito
