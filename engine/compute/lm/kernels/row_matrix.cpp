// Packing moves bits of block types and never changes them; only a form that was asked for rounds.
#include "lm/kernels/row_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "lm/formats/quant_blocks.h"
#include "lm/formats/quantise.h"
#include "tensor/dtype.h"

namespace dubito::lm {
namespace {

/// 32 columns of a row as numbers: what every type with whole numbers is taken apart into.
struct Plain {
    std::uint16_t d = 0, m = 0;                  ///< halves; m is the offset, or dmin of K types
    std::uint8_t steps[2] = {}, minima[2] = {};  ///< K types: what d and dmin are multiplied with, one a half
    std::uint32_t fifth = 0;
    std::uint8_t q[kBlockColumns] = {};  ///< up to six bits, or a signed byte
};

/// Columns 32 s.. of a super-block of 256. Formulas: GGUF specification.
Plain takeApartK(GgmlType type, const std::uint8_t* in, int s) {
    Plain out;
    const int half = s / 4, quarter = s % 4;
    if (type == GgmlType::Q4_K || type == GgmlType::Q5_K) {
        std::memcpy(&out.d, in, 2);
        std::memcpy(&out.m, in + 2, 2);
        const std::uint8_t *b = in + 4, *high = in + 16, *nibbles = type == GgmlType::Q5_K ? in + 48 : in + 16;
        out.steps[0] = static_cast<std::uint8_t>(s < 4 ? b[s] & 63 : (b[s + 4] & 15) | (b[s - 4] >> 6) << 4);
        out.minima[0] = static_cast<std::uint8_t>(s < 4 ? b[s + 4] & 63 : (b[s + 4] >> 4) | (b[s] >> 6) << 4);
        for (int l = 0; l < kBlockColumns; ++l) {
            const std::uint8_t byte = nibbles[32 * (s / 2) + l];
            out.q[l] = s % 2 ? byte >> 4 : byte & 15;
            if (type == GgmlType::Q5_K) out.fifth |= static_cast<std::uint32_t>(high[l] >> s & 1) << l;
        }
        return out;
    }
    if (type == GgmlType::Q6_K) {
        const std::uint8_t *low = in + 64 * half + 32 * (quarter % 2), *high = in + 128 + 32 * half;
        std::memcpy(&out.d, in + 208, 2);
        std::memcpy(out.steps, in + 192 + 8 * half + 2 * quarter, 2);
        for (int l = 0; l < kBlockColumns; ++l)
            out.q[l] = static_cast<std::uint8_t>(
                (quarter < 2 ? low[l] & 15 : low[l] >> 4) | (high[l] >> (2 * quarter) & 3) << 4);
        return out;
    }
    if (type == GgmlType::Q3_K) {
        const std::uint8_t *mask = in, *low = in + 32 + 32 * half, *packed = in + 96;
        std::memcpy(&out.d, in + 108, 2);
        for (int part = 0; part < 2; ++part) {
            const int sub = 2 * s + part, bits = (sub < 8 ? packed[sub] & 15 : packed[sub - 8] >> 4) |
                                                 (packed[8 + sub % 4] >> (2 * (sub / 4)) & 3) << 4;
            out.steps[part] = static_cast<std::uint8_t>(static_cast<std::int8_t>(bits - 32));
        }
        for (int l = 0; l < kBlockColumns; ++l)
            out.q[l] = static_cast<std::uint8_t>(32 + (low[l] >> (2 * quarter) & 3) - (mask[l] >> s & 1 ? 0 : 4));
        return out;
    }
    std::memcpy(&out.d, in + 80, 2);  // Q2_K
    std::memcpy(&out.m, in + 82, 2);
    for (int part = 0; part < 2; ++part) {
        out.steps[part] = in[2 * s + part] & 15;
        out.minima[part] = in[2 * s + part] >> 4;
    }
    for (int l = 0; l < kBlockColumns; ++l) out.q[l] = in[16 + 32 * half + l] >> (2 * quarter) & 3;
    return out;
}

Plain takeApart(GgmlType type, const std::uint8_t* in) {
    Plain out;
    std::memcpy(&out.d, in, 2);
    const std::uint8_t* p = in + 2;
    if (type == GgmlType::IQ4_NL) {
        // Its levels are whole numbers of eight bits: the same values as Q8_0.
        for (int j = 0; j < 16; ++j) {
            out.q[j] = static_cast<std::uint8_t>(kIq4Levels[p[j] & 15]);
            out.q[j + 16] = static_cast<std::uint8_t>(kIq4Levels[p[j] >> 4]);
        }
        return out;
    }
    if (type == GgmlType::Q8_0) {
        std::memcpy(out.q, p, 32);
        return out;
    }
    if (type == GgmlType::Q4_1 || type == GgmlType::Q5_1) std::memcpy(&out.m, p, 2), p += 2;
    if (type == GgmlType::Q5_0 || type == GgmlType::Q5_1) std::memcpy(&out.fifth, p, 4), p += 4;
    for (int j = 0; j < 16; ++j) {
        out.q[j] = p[j] & 15;
        out.q[j + 16] = p[j] >> 4;
    }
    return out;
}

Plain eightBits(const float* x) {
    float largest = 0;
    for (int i = 0; i < kBlockColumns; ++i) largest = std::max(largest, std::abs(x[i]));
    Plain out;
    out.d = halfFromFloat(largest / 127.0f);
    const float d = floatFromHalf(out.d);
    for (int i = 0; i < kBlockColumns; ++i)
        out.q[i] = static_cast<std::uint8_t>(
            static_cast<std::int8_t>(d > 0 ? std::clamp(std::nearbyint(x[i] / d), -127.0f, 127.0f) : 0.0f));
    return out;
}

/// Writes row r of a block. Layouts: quant_kernels.h.
void putTogether(RowKind kind, const Plain& block, int r, std::uint8_t* at) {
    std::memcpy(at + 2 * r, &block.d, 2);
    std::uint8_t *p = at + 16, *nibbles = at + unitBlockBytes(kind) - 128;
    const auto bytesOf = [&](const std::uint8_t* values, int count) {
        for (int i = 0; i < count; ++i) p[8 * i + r] = values[i];
        p += 8 * count;
    };
    switch (kind) {
        case RowKind::Q8_0:
            for (int i = 0; i < kBlockColumns; ++i) p[32 * (i / 4) + 4 * r + i % 4] = block.q[i];
            return;
        case RowKind::Q4_1:
        case RowKind::Q5_1:
        case RowKind::Q4_K:
        case RowKind::Q5_K:
        case RowKind::Q2_K:
            std::memcpy(p + 2 * r, &block.m, 2);
            p += 16;
            break;
        default: break;
    }
    const bool isK4 = kind == RowKind::Q4_K || kind == RowKind::Q5_K,
               isHalved = kind == RowKind::Q6_K || kind == RowKind::Q2_K;
    if (isK4 || isHalved) bytesOf(block.steps, isK4 ? 1 : 2);
    if (isK4 || kind == RowKind::Q2_K) bytesOf(block.minima, isK4 ? 1 : 2);
    if (kind == RowKind::Q5_0 || kind == RowKind::Q5_1 || kind == RowKind::Q5_K)
        std::memcpy(p + 4 * r, &block.fifth, 4);
    for (int i = 0; i < 16; ++i) {
        const int place = 4 * r + i % 4;
        nibbles[32 * (i / 4) + place] = static_cast<std::uint8_t>((block.q[i] & 15) | (block.q[i + 16] & 15) << 4);
        if (kind == RowKind::Q6_K)
            p[32 * (i / 8) + place] = static_cast<std::uint8_t>(
                p[32 * (i / 8) + place] | ((block.q[i] >> 4) | (block.q[i + 16] >> 4) << 2) << (i / 4 % 2 * 4));
    }
}

bool isFloat(RowKind kind) { return kind == RowKind::F16 || kind == RowKind::BF16 || kind == RowKind::F32; }

/// Writes row r of a block of floats. @param in the stored elements, or floats for BF16 made of another type
void putFloats(RowKind kind, const std::uint8_t* stored, const float* values, int r, std::uint8_t* at) {
    const std::int64_t bytes = kind == RowKind::F32 ? 4 : 2;
    for (int j = 0; j < kBlockColumns; ++j) {
        std::uint8_t* to = at + (kUnitRows * j + r) * bytes;
        if (stored) {
            std::memcpy(to, stored + j * bytes, static_cast<std::size_t>(bytes));
            continue;
        }
        const std::uint16_t half = bfloatFromFloat(values[j]);
        std::memcpy(to, &half, 2);
    }
}

}  // namespace

void RowMatrix::Free::operator()(std::uint8_t* p) const { std::free(p); }

RowKind RowMatrix::kindOf(std::uint32_t typeCode, RowForm form) {
    if (form == RowForm::BFloat16) return RowKind::BF16;
    switch (static_cast<GgmlType>(typeCode)) {
        case GgmlType::Q4_0: return RowKind::Q4_0;
        case GgmlType::Q4_1: return RowKind::Q4_1;
        case GgmlType::Q5_0: return RowKind::Q5_0;
        case GgmlType::Q5_1: return RowKind::Q5_1;
        case GgmlType::Q4_K: return RowKind::Q4_K;
        case GgmlType::Q5_K: return RowKind::Q5_K;
        case GgmlType::Q3_K:
        case GgmlType::Q6_K: return RowKind::Q6_K;
        case GgmlType::Q2_K: return RowKind::Q2_K;
        case GgmlType::Q8_0:
        case GgmlType::IQ4_NL: return RowKind::Q8_0;
        case GgmlType::F16: return form == RowForm::Eight ? RowKind::Q8_0 : RowKind::F16;
        case GgmlType::BF16: return form == RowForm::Eight ? RowKind::Q8_0 : RowKind::BF16;
        case GgmlType::F32: return form == RowForm::Eight ? RowKind::Q8_0 : RowKind::F32;
    }
    return RowKind::F32;
}

bool RowMatrix::isRounded(std::uint32_t typeCode, RowForm form) {
    const auto type = static_cast<GgmlType>(typeCode);
    if (form == RowForm::BFloat16) return type != GgmlType::BF16;
    return form == RowForm::Eight && (type == GgmlType::F32 || type == GgmlType::F16 || type == GgmlType::BF16);
}

std::uint64_t RowMatrix::bytesOf(const GgufTensor& tensor, RowForm form) {
    return static_cast<std::uint64_t>(tensor.rows() * tensor.columns()) / (kUnitRows * kBlockColumns) *
           static_cast<std::uint64_t>(unitBlockBytes(kindOf(tensor.typeCode, form)));
}

Result<RowMatrix> RowMatrix::pack(const std::vector<Source>& sources, RowForm form) {
    RowMatrix out;
    for (const Source& source : sources) {
        const GgufTensor& tensor = *source.tensor;
        const auto type = static_cast<GgmlType>(tensor.typeCode);
        const BlockLayout layout = blockLayout(type);
        const std::int64_t columns = tensor.columns(), rows = tensor.rows(), blocks = columns / kBlockColumns;
        if (columns % kBlockColumns != 0)
            return Error(Code::Unsupported,
                fmt::format("{} has {} columns; stored rows need a multiple of {}: set model.weights=f32", tensor.name,
                    columns, kBlockColumns));
        Part part;
        part.kind = kindOf(tensor.typeCode, form);
        part.rows = rows;
        part.units = (rows + kUnitRows - 1) / kUnitRows;
        part.firstRow = out.m_rows;
        part.firstUnit = out.m_units;
        const std::int64_t stride = unitBlockBytes(part.kind);
        const auto bytes = static_cast<std::size_t>(part.units * blocks * stride);
        part.data.reset(static_cast<std::uint8_t*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
        if (!part.data) return Error(Code::OutOfMemory, fmt::format("{} bytes for {}", bytes, tensor.name));
        const std::int64_t headRows = source.heads ? rows / source.heads : 0,
                           fileRowBytes = columns / layout.elements * layout.bytes;
        const bool rounded = isRounded(tensor.typeCode, form);
        // A thread fills whole units, so that no two write one byte and each clears what it fills.
#pragma omp parallel
        {
            std::vector<float> plain(rounded ? static_cast<std::size_t>(columns) : 0);
#pragma omp for schedule(static)
            for (std::int64_t u = 0; u < part.units; ++u) {
                std::uint8_t* unit = part.data.get() + u * blocks * stride;
                std::memset(
                    unit, 0, static_cast<std::size_t>(blocks * stride));  // rows that only fill a unit have d = 0
                for (int r = 0; r < kUnitRows && kUnitRows * u + r < rows; ++r) {
                    const std::int64_t row = kUnitRows * u + r;
                    std::int64_t fileRow = row;
                    if (headRows) {
                        // Row c * (d/2) + r of a head of the model is row 2r + c of the file's.
                        const std::int64_t within = row % headRows;
                        fileRow = row - within + within % (headRows / 2) * 2 + within / (headRows / 2);
                    }
                    const std::uint8_t* from = tensor.data + fileRow * fileRowBytes;
                    if (rounded) lm::dequantise(type, from, plain.data(), columns / layout.elements);
                    for (std::int64_t b = 0; b < blocks; ++b) {
                        std::uint8_t* at = unit + b * stride;
                        if (isFloat(part.kind))
                            putFloats(part.kind, rounded ? nullptr : from + b * kBlockColumns * layout.bytes,
                                rounded ? plain.data() + b * kBlockColumns : nullptr, r, at);
                        else if (rounded) putTogether(part.kind, eightBits(plain.data() + b * kBlockColumns), r, at);
                        else if (layout.elements == 256)
                            putTogether(part.kind,
                                takeApartK(type, from + b / 8 * layout.bytes, static_cast<int>(b % 8)), r, at);
                        else putTogether(part.kind, takeApart(type, from + b * layout.bytes), r, at);
                    }
                }
            }
        }
        out.m_columns = columns;
        out.m_rows += rows;
        out.m_units += part.units;
        out.m_parts.push_back(std::move(part));
    }
    return out;
}

std::size_t RowMatrix::bytes() const {
    std::size_t total = 0;
    for (const Part& part : m_parts)
        total += static_cast<std::size_t>(part.units * (m_columns / kBlockColumns) * unitBlockBytes(part.kind));
    return total;
}

bool RowMatrix::isBFloat16() const {
    return !m_parts.empty() &&
           std::all_of(m_parts.begin(), m_parts.end(), [](const Part& part) { return part.kind == RowKind::BF16; });
}

void RowMatrix::product(Activation activation, const ActivationRows& x, std::int64_t first, std::int64_t last,
    float* out, std::int64_t outStride) const {
    const std::int64_t blocks = m_columns / kBlockColumns;
    for (const Part& part : m_parts) {
        const std::int64_t from = std::max(first, part.firstUnit) - part.firstUnit,
                           to = std::min(last, part.firstUnit + part.units) - part.firstUnit;
        if (from >= to) continue;
        const bool cut = to == part.units && part.rows % kUnitRows != 0;
        rowUnits(cpuLevel(), part.kind, activation, part.data.get(), blocks, x, from, cut ? to - 1 : to,
            out + part.firstRow, outStride);
        if (cut) {
            float whole[kMostVectors * kUnitRows];
            rowUnits(cpuLevel(), part.kind, activation, part.data.get() + (to - 1) * blocks * unitBlockBytes(part.kind),
                blocks, x, 0, 1, whole, kUnitRows);
            for (std::int64_t c = 0; c < x.count; ++c)
                std::copy_n(whole + c * kUnitRows, part.rows % kUnitRows,
                    out + c * outStride + part.firstRow + (to - 1) * kUnitRows);
        }
    }
}

void RowMatrix::dequantise(std::int64_t firstRow, std::int64_t count, float* out) const {
    const std::int64_t blocks = m_columns / kBlockColumns;
    for (const Part& part : m_parts) {
        const std::int64_t from = std::max(firstRow, part.firstRow) - part.firstRow,
                           to = std::min(firstRow + count, part.firstRow + part.rows) - part.firstRow,
                           stride = unitBlockBytes(part.kind);
        for (std::int64_t row = from; row < to;) {
            const std::int64_t unit = row / kUnitRows, end = std::min(to, (unit + 1) * kUnitRows);
            const bool isWhole = end - row == kUnitRows;
            float* target = out + (part.firstRow + row - firstRow) * m_columns;
            for (std::int64_t b = 0; b < blocks; ++b) {
                const std::uint8_t* at = part.data.get() + (unit * blocks + b) * stride;
                if (isWhole) {
                    dequantiseUnitBlock(cpuLevel(), part.kind, at, target + b * kBlockColumns, m_columns);
                    continue;
                }
                float block[kUnitRows * kBlockColumns];
                dequantiseUnitBlock(cpuLevel(), part.kind, at, block, kBlockColumns);
                for (std::int64_t i = row; i < end; ++i)
                    std::copy_n(block + i % kUnitRows * kBlockColumns, kBlockColumns,
                        target + (i - row) * m_columns + b * kBlockColumns);
            }
            row = end;
        }
    }
}

void RowMatrix::bfloat16(std::int64_t firstRow, std::int64_t count, std::uint16_t* out) const {
    const std::int64_t blocks = m_columns / kBlockColumns;
    for (const Part& part : m_parts)
        for (std::int64_t row = std::max(firstRow, part.firstRow);
             row < std::min(firstRow + count, part.firstRow + part.rows); ++row) {
            const std::int64_t own = row - part.firstRow;
            std::uint16_t* to = out + (row - firstRow) * m_columns;
            const std::uint8_t* unit =
                part.data.get() + own / kUnitRows * blocks * unitBlockBytes(RowKind::BF16) + 2 * (own % kUnitRows);
            for (std::int64_t j = 0; j < m_columns; ++j) std::memcpy(to + j, unit + 16 * j, 2);
        }
}

}  // namespace dubito::lm
