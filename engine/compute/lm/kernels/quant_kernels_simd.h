// The row kernels on 256-bit lanes: a 32-bit lane is a row, so there are no sums across lanes. Included by one source
// file for each instruction set, which gives the type `Isa`; everything here is local to that file, for its flags must
// not leak.
#pragma once

#include <immintrin.h>

#include <cstring>

#include "lm/kernels/quant_kernels.h"

namespace dubito::lm::detail {
namespace {

inline __m256 halves(const std::uint8_t* at) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}
inline __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
inline __m128i eight(const std::uint8_t* at) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)); }
inline __m256 unsignedBytes(const std::uint8_t* at) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight(at))); }
inline __m256 signedBytes(const std::uint8_t* at) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight(at))); }
inline __m256i four(const void* at) {
    std::int32_t bits;
    std::memcpy(&bits, at, 4);
    return _mm256_set1_epi32(bits);
}

/// The fifth bits 4g..4g+3 of each row's word, as 16 in the byte they belong to.
inline __m256i fifthBits(__m256i words, int shift) {
    const __m256i bitOf = _mm256_set1_epi32(0x08040201);
    const __m256i nibble = _mm256_and_si256(_mm256_srli_epi32(words, shift), _mm256_set1_epi32(15));
    const __m256i everywhere = _mm256_mullo_epi32(nibble, _mm256_set1_epi32(0x01010101));
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(everywhere, bitOf), bitOf), _mm256_set1_epi8(16));
}

template <RowKind kKind>
struct Traits {
    static constexpr bool kFive = kKind == RowKind::Q5_0 || kKind == RowKind::Q5_1 || kKind == RowKind::Q5_K,
                          kSix = kKind == RowKind::Q6_K;
    static constexpr int kParts =
        kKind == RowKind::Q6_K || kKind == RowKind::Q2_K ? 2 : 1;  ///< sums a block: one, or one a half
    static constexpr int kGroups =
        kFive || kSix
            ? 2
            : 4;  ///< groups until sums of 16 bits are full: 4 x 31 x 128 x 2, 2 x 63 x 128 x 2, 8 x 15 x 128 x 2
    static constexpr std::int64_t kStride = unitBlockBytes(kKind), kBody = kStride - 128;
};

/// Group g of a block as unsigned bytes: `lo` elements 4g..4g+3 of each row, `hi` elements 16+4g..16+4g+3.
template <RowKind kKind>
void splitNibbles(const std::uint8_t* at, int g, __m256i& lo, __m256i& hi) {
    using T = Traits<kKind>;
    const __m256i w = load(at + T::kBody + 32 * g), low4 = _mm256_set1_epi8(15);
    lo = _mm256_and_si256(w, low4), hi = _mm256_and_si256(_mm256_srli_epi16(w, 4), low4);
    if constexpr (T::kFive) {
        const __m256i words = load(at + T::kBody - 32);
        lo = _mm256_or_si256(lo, fifthBits(words, 4 * g));
        hi = _mm256_or_si256(hi, fifthBits(words, 16 + 4 * g));
    }
    if constexpr (T::kSix) {
        const __m256i bits = _mm256_srli_epi16(load(at + T::kBody - 64 + 32 * (g / 2)), g % 2 * 4);
        lo = _mm256_or_si256(lo, _mm256_slli_epi16(_mm256_and_si256(bits, _mm256_set1_epi8(3)), 4));
        hi = _mm256_or_si256(hi, _mm256_slli_epi16(_mm256_and_si256(bits, _mm256_set1_epi8(12)), 2));
    }
}

/// acc += what the whole-number sums of a block of one unit are worth.
template <RowKind kKind>
__m256 worth(const std::uint8_t* at, const ActivationBlock& a, const __m256i* s, __m256 acc) {
    const __m256 d = _mm256_set1_ps(a.d), sum = _mm256_set1_ps(a.sum), dw = halves(at);
    const auto add = [&](__m256 step, __m256i whole) {
        acc = _mm256_fmadd_ps(_mm256_mul_ps(step, d), _mm256_cvtepi32_ps(whole), acc);
    };
    if constexpr (kKind == RowKind::Q6_K) {
        for (int half = 0; half < 2; ++half)
            add(_mm256_mul_ps(dw, signedBytes(at + 16 + 8 * half)),
                _mm256_sub_epi32(s[half], _mm256_set1_epi32(32 * a.total[half])));
    } else if constexpr (kKind == RowKind::Q2_K) {
        const __m256 dmin = halves(at + 16);
        for (int half = 0; half < 2; ++half) {
            add(_mm256_mul_ps(dw, unsignedBytes(at + 32 + 8 * half)), s[half]);
            acc = _mm256_fnmadd_ps(
                _mm256_mul_ps(dmin, unsignedBytes(at + 48 + 8 * half)), _mm256_set1_ps(a.half[half]), acc);
        }
    } else if constexpr (kKind == RowKind::Q4_K || kKind == RowKind::Q5_K) {
        add(_mm256_mul_ps(dw, unsignedBytes(at + 32)), s[0]);
        acc = _mm256_fnmadd_ps(_mm256_mul_ps(halves(at + 16), unsignedBytes(at + 40)), sum, acc);
    } else {
        const __m256 m = kKind == RowKind::Q4_1 || kKind == RowKind::Q5_1
                             ? halves(at + 16)
                             : _mm256_mul_ps(dw, _mm256_set1_ps(kKind == RowKind::Q5_0 ? -16.0f : -8.0f));
        add(dw, s[0]);
        acc = _mm256_fmadd_ps(m, sum, acc);
    }
    return acc;
}

/// Types whose low four bits are nibbles. `kUnits` units side by side share the broadcasts of the activation and hide
/// each other's latency; `kVectors` activation vectors share the reading of the weights.
template <class Isa, RowKind kKind, bool kWide, int kUnits, int kVectors>
void nibbles(const std::uint8_t* at, std::int64_t unitBytes, std::int64_t blocks, const ActivationBlock* x, float* out,
    std::int64_t outStride) {
    using T = Traits<kKind>;
    __m256 acc[kUnits][kVectors];
    for (auto& unit : acc)
        for (auto& one : unit) one = _mm256_setzero_ps();
    for (std::int64_t b = 0; b < blocks; ++b, at += T::kStride) {
        typename Isa::Sum low[kUnits][kVectors][T::kParts], high[kUnits][kVectors][T::kParts];
#pragma GCC unroll 2
        for (int stage = 0; stage < 4 / T::kGroups; ++stage) {
#pragma GCC unroll 1
            for (int g = stage * T::kGroups; g < (stage + 1) * T::kGroups; ++g) {
                __m256i lo[kUnits], hi[kUnits];
#pragma GCC unroll 2
                for (int u = 0; u < kUnits; ++u) splitNibbles<kKind>(at + u * unitBytes, g, lo[u], hi[u]);
#pragma GCC unroll 4
                for (int v = 0; v < kVectors; ++v) {
                    const ActivationBlock& a = x[v * blocks + b];
                    const __m256i lowFirst = four(a.low + 4 * g), lowSecond = four(a.low + 16 + 4 * g),
                                  highFirst = four(a.high + 4 * g), highSecond = four(a.high + 16 + 4 * g);
#pragma GCC unroll 2
                    for (int u = 0; u < kUnits; ++u) {
                        low[u][v][0].add(lo[u], lowFirst);
                        low[u][v][T::kParts - 1].add(hi[u], lowSecond);
                        if constexpr (kWide)
                            high[u][v][0].add(lo[u], highFirst), high[u][v][T::kParts - 1].add(hi[u], highSecond);
                    }
                }
            }
            for (int u = 0; u < kUnits; ++u)
                for (int v = 0; v < kVectors; ++v)
                    for (int part = 0; part < T::kParts; ++part) {
                        low[u][v][part].widen();
                        if constexpr (kWide) high[u][v][part].widen();
                    }
        }
#pragma GCC unroll 2
        for (int u = 0; u < kUnits; ++u)
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) {
                __m256i s[T::kParts];
                for (int part = 0; part < T::kParts; ++part) {
                    s[part] = low[u][v][part].value();
                    if constexpr (kWide)
                        s[part] = _mm256_add_epi32(s[part], _mm256_slli_epi32(high[u][v][part].value(), 8));
                }
                acc[u][v] = worth<kKind>(at + u * unitBytes, x[v * blocks + b], s, acc[u][v]);
            }
    }
    for (int u = 0; u < kUnits; ++u)
        for (int v = 0; v < kVectors; ++v) _mm256_storeu_ps(out + v * outStride + kUnitRows * u, acc[u][v]);
}

/// Signed bytes (Q8_0).
template <class Isa, bool kWide, int kUnits, int kVectors>
void bytes(const std::uint8_t* at, std::int64_t unitBytes, std::int64_t blocks, const ActivationBlock* x, float* out,
    std::int64_t outStride) {
    constexpr std::int64_t stride = unitBlockBytes(RowKind::Q8_0);
    __m256 acc[kUnits][kVectors];
    for (auto& unit : acc)
        for (auto& one : unit) one = _mm256_setzero_ps();
    for (std::int64_t b = 0; b < blocks; ++b, at += stride) {
        typename Isa::template ByteSum<kWide> s[kUnits][kVectors];
#pragma GCC unroll 2
        for (int g = 0; g < 8; ++g)
#pragma GCC unroll 2
            for (int u = 0; u < kUnits; ++u) {
                const auto w = Isa::prepare(load(at + u * unitBytes + 16 + 32 * g));
#pragma GCC unroll 4
                for (int v = 0; v < kVectors; ++v) s[u][v].add(w, x[v * blocks + b], g);
            }
        for (int u = 0; u < kUnits; ++u)
            for (int v = 0; v < kVectors; ++v) {
                const ActivationBlock& a = x[v * blocks + b];
                acc[u][v] = _mm256_fmadd_ps(_mm256_mul_ps(halves(at + u * unitBytes), _mm256_set1_ps(a.d)),
                    _mm256_cvtepi32_ps(s[u][v].value(a)), acc[u][v]);
            }
    }
    for (int u = 0; u < kUnits; ++u)
        for (int v = 0; v < kVectors; ++v) _mm256_storeu_ps(out + v * outStride + kUnitRows * u, acc[u][v]);
}

template <RowKind kKind>
__m256 eightFloats(const std::uint8_t* at) {
    if constexpr (kKind == RowKind::F16) return halves(at);
    if constexpr (kKind == RowKind::BF16)
        return _mm256_castsi256_ps(
            _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))), 16));
    return _mm256_loadu_ps(reinterpret_cast<const float*>(at));
}

/// Eight rows by eight columns turned: in[j] is column j of the rows, row r goes to out + r * stride.
inline void storeTurned(const __m256* in, float* out, std::int64_t stride) {
    __m256 pairs[8], fours[8];
    for (int i = 0; i < 8; i += 2)
        pairs[i] = _mm256_unpacklo_ps(in[i], in[i + 1]), pairs[i + 1] = _mm256_unpackhi_ps(in[i], in[i + 1]);
    for (int i = 0; i < 8; i += 4)
        for (int k = 0; k < 2; ++k) {
            fours[i + 2 * k] = _mm256_shuffle_ps(pairs[i + k], pairs[i + k + 2], 0x44);
            fours[i + 2 * k + 1] = _mm256_shuffle_ps(pairs[i + k], pairs[i + k + 2], 0xEE);
        }
    for (int r = 0; r < 4; ++r) {
        _mm256_storeu_ps(out + r * stride, _mm256_permute2f128_ps(fours[r], fours[r + 4], 0x20));
        _mm256_storeu_ps(out + (r + 4) * stride, _mm256_permute2f128_ps(fours[r], fours[r + 4], 0x31));
    }
}

/// The values of a block of eight rows. @param out row r at out + r * stride, 32 floats
template <RowKind kKind>
void dequantiseBlock(const std::uint8_t* at, float* out, std::int64_t stride) {
    __m256 columns[kBlockColumns];
    if constexpr (kKind == RowKind::F16 || kKind == RowKind::BF16 || kKind == RowKind::F32) {
        for (int j = 0; j < kBlockColumns; ++j)
            columns[j] = eightFloats<kKind>(at + j * unitBlockBytes(kKind) / kBlockColumns);
    } else {
        __m256 step[2], offset[2];
        step[0] = step[1] = halves(at);
        if constexpr (kKind == RowKind::Q4_0 || kKind == RowKind::Q5_0)
            offset[0] = offset[1] = _mm256_mul_ps(step[0], _mm256_set1_ps(kKind == RowKind::Q5_0 ? -16.0f : -8.0f));
        if constexpr (kKind == RowKind::Q4_1 || kKind == RowKind::Q5_1) offset[0] = offset[1] = halves(at + 16);
        if constexpr (kKind == RowKind::Q4_K || kKind == RowKind::Q5_K) {
            step[0] = step[1] = _mm256_mul_ps(step[0], unsignedBytes(at + 32));
            offset[0] = offset[1] =
                _mm256_xor_ps(_mm256_set1_ps(-0.0f), _mm256_mul_ps(halves(at + 16), unsignedBytes(at + 40)));
        }
        if constexpr (kKind == RowKind::Q6_K)
            for (int half = 0; half < 2; ++half)
                step[half] = _mm256_mul_ps(halves(at), signedBytes(at + 16 + 8 * half));
        if constexpr (kKind == RowKind::Q2_K)
            for (int half = 0; half < 2; ++half) {
                step[half] = _mm256_mul_ps(halves(at), unsignedBytes(at + 32 + 8 * half));
                offset[half] = _mm256_xor_ps(
                    _mm256_set1_ps(-0.0f), _mm256_mul_ps(halves(at + 16), unsignedBytes(at + 48 + 8 * half)));
            }
        constexpr bool kHasOffset = kKind != RowKind::Q8_0 && kKind != RowKind::Q6_K;
        const auto value = [&](__m256i q, int half) {
            const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(q), step[half]);
            if constexpr (kHasOffset) return _mm256_add_ps(product, offset[half]);
            else return product;
        };
        if constexpr (kKind == RowKind::Q8_0) {
            for (int g = 0; g < 8; ++g) {
                const __m256i w = load(at + 16 + 32 * g);
                for (int i = 0; i < 4; ++i)
                    columns[4 * g + i] = value(_mm256_srai_epi32(_mm256_slli_epi32(w, 24 - 8 * i), 24), g / 4);
            }
        } else {
            for (int g = 0; g < 4; ++g) {
                __m256i lo, hi;
                splitNibbles<kKind>(at, g, lo, hi);
                for (int i = 0; i < 4; ++i) {
                    const auto whole = [i](__m256i w) {
                        const __m256i q = _mm256_and_si256(_mm256_srli_epi32(w, 8 * i), _mm256_set1_epi32(255));
                        return kKind == RowKind::Q6_K ? _mm256_sub_epi32(q, _mm256_set1_epi32(32)) : q;
                    };
                    columns[4 * g + i] = value(whole(lo), 0);
                    columns[16 + 4 * g + i] = value(whole(hi), 1);
                }
            }
        }
    }
    for (int j = 0; j < kBlockColumns; j += 8) storeTurned(columns + j, out + j, stride);
}

template <RowKind kKind, int kUnits, int kVectors>
void floats(const std::uint8_t* at, std::int64_t unitBytes, std::int64_t blocks, const float* x, float* out,
    std::int64_t outStride) {
    constexpr std::int64_t bytesOfEight = unitBlockBytes(kKind) / kBlockColumns;
    __m256 acc[kUnits][kVectors][4];
    for (auto& unit : acc)
        for (auto& vector : unit)
            for (auto& one : vector) one = _mm256_setzero_ps();
    const std::int64_t columns = blocks * kBlockColumns;
    for (std::int64_t j = 0; j < columns; j += 4, at += 4 * bytesOfEight)
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
#pragma GCC unroll 2
            for (int u = 0; u < kUnits; ++u) {
                const __m256 w = eightFloats<kKind>(at + u * unitBytes + i * bytesOfEight);
                for (int v = 0; v < kVectors; ++v)
                    acc[u][v][i] = _mm256_fmadd_ps(w, _mm256_set1_ps(x[v * columns + j + i]), acc[u][v][i]);
            }
    for (int u = 0; u < kUnits; ++u)
        for (int v = 0; v < kVectors; ++v)
            _mm256_storeu_ps(out + v * outStride + kUnitRows * u,
                _mm256_add_ps(_mm256_add_ps(acc[u][v][0], acc[u][v][1]), _mm256_add_ps(acc[u][v][2], acc[u][v][3])));
}

/// Units first..last-1, two at a time, by `run.operator()<units>`.
template <class Run>
void inPairs(std::int64_t first, std::int64_t last, const Run& run) {
    std::int64_t u = first;
    for (; u + 2 <= last; u += 2) run.template operator()<2>(u);
    if (u < last) run.template operator()<1>(u);
}

template <class Isa, RowKind kKind, bool kWide>
void numberUnits(const std::uint8_t* units, std::int64_t blocks, const ActivationRows& x, std::int64_t first,
    std::int64_t last, float* out, std::int64_t outStride) {
    const std::int64_t unitBytes = blocks * unitBlockBytes(kKind);
    for (std::int64_t c = 0; c < x.count;) {
        const ActivationBlock* own = x.blocks + c * blocks;
        float* to = out + c * outStride;
        const auto run = [&]<int kUnits, int kVectors>(std::int64_t u) {
            if constexpr (kKind == RowKind::Q8_0)
                bytes<Isa, kWide, kUnits, kVectors>(
                    units + u * unitBytes, unitBytes, blocks, own, to + kUnitRows * u, outStride);
            else
                nibbles<Isa, kKind, kWide, kUnits, kVectors>(
                    units + u * unitBytes, unitBytes, blocks, own, to + kUnitRows * u, outStride);
        };
        if (x.count - c >= 4) {
            for (std::int64_t u = first; u < last; ++u) run.template operator()<1, 4>(u);
            c += 4;
        } else if (x.count - c >= 2) {
            for (std::int64_t u = first; u < last; ++u) run.template operator()<1, 2>(u);
            c += 2;
        } else {
            inPairs(first, last, [&]<int kUnits>(std::int64_t u) { run.template operator()<kUnits, 1>(u); });
            ++c;
        }
    }
}

template <RowKind kKind>
void floatUnits(const std::uint8_t* units, std::int64_t blocks, const ActivationRows& x, std::int64_t first,
    std::int64_t last, float* out, std::int64_t outStride) {
    const std::int64_t unitBytes = blocks * unitBlockBytes(kKind), columns = blocks * kBlockColumns;
    for (std::int64_t c = 0; c < x.count;) {
        const float* own = x.values + c * columns;
        float* to = out + c * outStride;
        if (x.count - c >= 2) {
            for (std::int64_t u = first; u < last; ++u)
                floats<kKind, 1, 2>(units + u * unitBytes, unitBytes, blocks, own, to + kUnitRows * u, outStride);
            c += 2;
        } else {
            inPairs(first, last, [&]<int kUnits>(std::int64_t u) {
                floats<kKind, kUnits, 1>(units + u * unitBytes, unitBytes, blocks, own, to + kUnitRows * u, outStride);
            });
            ++c;
        }
    }
}

/// run.operator()<kind>()
template <class Run>
void withKind(RowKind kind, const Run& run) {
    switch (kind) {
        case RowKind::Q4_0: return run.template operator()<RowKind::Q4_0>();
        case RowKind::Q4_1: return run.template operator()<RowKind::Q4_1>();
        case RowKind::Q5_0: return run.template operator()<RowKind::Q5_0>();
        case RowKind::Q5_1: return run.template operator()<RowKind::Q5_1>();
        case RowKind::Q8_0: return run.template operator()<RowKind::Q8_0>();
        case RowKind::Q4_K: return run.template operator()<RowKind::Q4_K>();
        case RowKind::Q5_K: return run.template operator()<RowKind::Q5_K>();
        case RowKind::Q6_K: return run.template operator()<RowKind::Q6_K>();
        case RowKind::Q2_K: return run.template operator()<RowKind::Q2_K>();
        case RowKind::F16: return run.template operator()<RowKind::F16>();
        case RowKind::BF16: return run.template operator()<RowKind::BF16>();
        case RowKind::F32: return run.template operator()<RowKind::F32>();
    }
}

template <class Isa>
void unitsOf(RowKind kind, Activation activation, const std::uint8_t* units, std::int64_t blocks,
    const ActivationRows& x, std::int64_t first, std::int64_t last, float* out, std::int64_t outStride) {
    withKind(kind, [&]<RowKind kKind>() {
        if constexpr (kKind == RowKind::F16 || kKind == RowKind::BF16 || kKind == RowKind::F32)
            floatUnits<kKind>(units, blocks, x, first, last, out, outStride);
        else if (activation == Activation::A16)
            numberUnits<Isa, kKind, true>(units, blocks, x, first, last, out, outStride);
        else numberUnits<Isa, kKind, false>(units, blocks, x, first, last, out, outStride);
    });
}

/// What the VNNI levels share: `Dot::apply(acc, w, x)` adds to each lane the products of four unsigned with four signed
/// bytes.
template <class Dot>
struct Vnni {
    struct Sum {
        __m256i lanes = _mm256_setzero_si256();
        void add(__m256i w, __m256i x) { lanes = Dot::apply(lanes, w, x); }
        void widen() {}
        __m256i value() const { return lanes; }
    };
    /// Signed weights as unsigned ones, 128 too large.
    static __m256i prepare(__m256i w) { return _mm256_xor_si256(w, _mm256_set1_epi8(static_cast<char>(0x80))); }
    template <bool kWide>
    struct ByteSum {
        Sum low, high;
        void add(__m256i w, const ActivationBlock& a, int g) {
            low.add(w, four(a.low + 4 * g));
            if constexpr (kWide) high.add(w, four(a.high + 4 * g));
        }
        __m256i value(const ActivationBlock& a) const {
            __m256i s = low.lanes;
            if constexpr (kWide) s = _mm256_add_epi32(s, _mm256_slli_epi32(high.lanes, 8));
            return _mm256_sub_epi32(s, _mm256_set1_epi32(128 * (a.total[0] + a.total[1])));
        }
    };
};

}  // namespace
}  // namespace dubito::lm::detail
