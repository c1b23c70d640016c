// Packing moves bits of block types and never changes them; other types pass through fp32 into Q8_0.
#include "lm/kernels/row_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "tensor/dtype.h"

namespace dubito::lm {
namespace {

RowKind kindOf(std::uint32_t typeCode) {
    switch (static_cast<GgmlType>(typeCode)) {
        case GgmlType::Q4_0: return RowKind::Q4_0;
        case GgmlType::Q4_1: return RowKind::Q4_1;
        case GgmlType::Q5_0: return RowKind::Q5_0;
        case GgmlType::Q5_1: return RowKind::Q5_1;
        default: return RowKind::Q8_0;
    }
}

/// One block of a row as numbers: what every type is taken apart into.
struct Plain {
    std::uint16_t d = 0, m = 0;
    std::uint32_t fifth = 0;
    std::uint8_t q[kBlockColumns] = {};  ///< four low bits, or a signed byte
};

Plain takeApart(GgmlType type, RowKind kind, const std::uint8_t* in) {
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
    if (kind == RowKind::Q8_0) {
        std::memcpy(out.q, p, 32);
        return out;
    }
    if (kind == RowKind::Q4_1 || kind == RowKind::Q5_1) std::memcpy(&out.m, p, 2), p += 2;
    if (kind == RowKind::Q5_0 || kind == RowKind::Q5_1) std::memcpy(&out.fifth, p, 4), p += 4;
    for (int j = 0; j < 16; ++j) {
        out.q[j] = p[j] & 15;
        out.q[j + 16] = p[j] >> 4;
    }
    return out;
}

Plain quantiseBlock(const float* x) {
    float largest = 0;
    for (int i = 0; i < kBlockColumns; ++i) largest = std::max(largest, std::abs(x[i]));
    Plain out;
    out.d = halfFromFloat(largest / 127.0f);
    const float d = floatFromHalf(out.d);
    for (int i = 0; i < kBlockColumns; ++i) out.q[i] = static_cast<std::uint8_t>(static_cast<std::int8_t>(d > 0 ? std::clamp(std::nearbyint(x[i] / d), -127.0f, 127.0f) : 0.0f));
    return out;
}

void putTogether(RowKind kind, const Plain& block, int r, std::uint8_t* at) {
    std::memcpy(at + 2 * r, &block.d, 2);
    std::uint8_t* p = at + 16;
    if (kind == RowKind::Q8_0) {
        for (int i = 0; i < kBlockColumns; ++i) p[32 * (i / 4) + 4 * r + i % 4] = block.q[i];
        return;
    }
    if (kind == RowKind::Q4_1 || kind == RowKind::Q5_1) std::memcpy(p + 2 * r, &block.m, 2), p += 16;
    if (kind == RowKind::Q5_0 || kind == RowKind::Q5_1) std::memcpy(p + 4 * r, &block.fifth, 4), p += 32;
    for (int i = 0; i < 16; ++i) p[32 * (i / 4) + 4 * r + i % 4] = static_cast<std::uint8_t>(block.q[i] | block.q[i + 16] << 4);
}

}  // namespace

void RowMatrix::Free::operator()(std::uint8_t* p) const { std::free(p); }

bool RowMatrix::isExact(std::uint32_t typeCode) { return static_cast<GgmlType>(typeCode) == GgmlType::Q8_0 || static_cast<GgmlType>(typeCode) == GgmlType::IQ4_NL || kindOf(typeCode) != RowKind::Q8_0; }

Result<RowMatrix> RowMatrix::pack(const std::vector<Source>& sources) {
    RowMatrix out;
    for (const Source& source : sources) {
        const GgufTensor& tensor = *source.tensor;
        const auto type = static_cast<GgmlType>(tensor.typeCode);
        const BlockLayout layout = blockLayout(type);
        const std::int64_t columns = tensor.columns(), rows = tensor.rows(), blocks = columns / kBlockColumns;
        if (columns % kBlockColumns != 0) return Error(Code::Unsupported, fmt::format("{} has {} columns; quantised rows need a multiple of {}: set model.weights=f32", tensor.name, columns, kBlockColumns));
        Part part;
        part.kind = kindOf(tensor.typeCode);
        part.rows = rows;
        part.units = (rows + kUnitRows - 1) / kUnitRows;
        part.firstRow = out.m_rows;
        part.firstUnit = out.m_units;
        const std::int64_t stride = unitBlockBytes(part.kind);
        const auto bytes = static_cast<std::size_t>(part.units * blocks * stride);
        part.data.reset(static_cast<std::uint8_t*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
        if (!part.data) return Error(Code::OutOfMemory, fmt::format("{} bytes for {}", bytes, tensor.name));
        std::memset(part.data.get(), 0, bytes);  // rows that only fill a unit have d = 0
        const std::int64_t headRows = source.heads ? rows / source.heads : 0, fileRowBytes = columns / layout.elements * layout.bytes;
        const bool exact = isExact(tensor.typeCode);
#pragma omp parallel
        {
            std::vector<float> plain(exact ? 0 : static_cast<std::size_t>(columns));
#pragma omp for schedule(static)
            for (std::int64_t row = 0; row < rows; ++row) {
                std::int64_t to = row;
                if (headRows) {
                    // File row 2r + c of a head is row c * (d/2) + r of the model.
                    const std::int64_t within = row % headRows;
                    to = row - within + within % 2 * (headRows / 2) + within / 2;
                }
                const std::uint8_t* from = tensor.data + row * fileRowBytes;
                if (!exact) lm::dequantise(type, from, plain.data(), columns / layout.elements);
                std::uint8_t* unit = part.data.get() + to / kUnitRows * blocks * stride;
                for (std::int64_t b = 0; b < blocks; ++b) putTogether(part.kind, exact ? takeApart(type, part.kind, from + b * layout.bytes) : quantiseBlock(plain.data() + b * kBlockColumns), static_cast<int>(to % kUnitRows), unit + b * stride);
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
    for (const Part& part : m_parts) total += static_cast<std::size_t>(part.units * (m_columns / kBlockColumns) * unitBlockBytes(part.kind));
    return total;
}

void RowMatrix::product(Activation activation, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) const {
    const std::int64_t blocks = m_columns / kBlockColumns;
    for (const Part& part : m_parts) {
        const std::int64_t from = std::max(first, part.firstUnit) - part.firstUnit, to = std::min(last, part.firstUnit + part.units) - part.firstUnit;
        if (from >= to) continue;
        const bool cut = to == part.units && part.rows % kUnitRows != 0;
        rowUnits(cpuLevel(), part.kind, activation, part.data.get(), blocks, x, from, cut ? to - 1 : to, out + part.firstRow);
        if (cut) {
            float whole[kUnitRows];
            rowUnits(cpuLevel(), part.kind, activation, part.data.get() + (to - 1) * blocks * unitBlockBytes(part.kind), blocks, x, 0, 1, whole);
            std::copy_n(whole, part.rows % kUnitRows, out + part.firstRow + (to - 1) * kUnitRows);
        }
    }
}

void RowMatrix::dequantise(std::int64_t firstRow, std::int64_t count, float* out) const {
    const std::int64_t blocks = m_columns / kBlockColumns;
    for (const Part& part : m_parts)
        for (std::int64_t row = std::max(firstRow, part.firstRow); row < std::min(firstRow + count, part.firstRow + part.rows); ++row) {
            const std::int64_t own = row - part.firstRow, stride = unitBlockBytes(part.kind);
            const int r = static_cast<int>(own % kUnitRows);
            float* to = out + (row - firstRow) * m_columns;
            for (std::int64_t b = 0; b < blocks; ++b, to += kBlockColumns) {
                const std::uint8_t* at = part.data.get() + (own / kUnitRows * blocks + b) * stride;
                std::uint16_t bits;
                std::memcpy(&bits, at + 2 * r, 2);
                const float d = floatFromHalf(bits);
                const std::uint8_t* p = at + 16;
                if (part.kind == RowKind::Q8_0) {
                    for (int g = 0; g < 8; ++g)
                        for (int i = 0; i < 4; ++i) to[4 * g + i] = d * static_cast<float>(static_cast<std::int8_t>(p[32 * g + 4 * r + i]));
                    continue;
                }
                float m = part.kind == RowKind::Q4_0 ? -8.0f * d : -16.0f * d;
                if (part.kind == RowKind::Q4_1 || part.kind == RowKind::Q5_1) std::memcpy(&bits, p + 2 * r, 2), m = floatFromHalf(bits), p += 16;
                std::uint32_t fifth = 0;
                if (part.kind == RowKind::Q5_0 || part.kind == RowKind::Q5_1) std::memcpy(&fifth, p + 4 * r, 4), p += 32;
                for (int g = 0; g < 4; ++g)
                    for (int i = 0; i < 4; ++i) {
                        const int byte = p[32 * g + 4 * r + i], element = 4 * g + i;
                        to[element] = static_cast<float>((byte & 15) | static_cast<int>(fifth >> element & 1) << 4) * d + m;
                        to[16 + element] = static_cast<float>((byte >> 4) | static_cast<int>(fifth >> (16 + element) & 1) << 4) * d + m;
                    }
            }
        }
}

}  // namespace dubito::lm
