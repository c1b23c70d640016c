// Array blocks come from strangers' files as well: each offset is checked against the block before it is used.
#include "journal/array_block.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::journal {
namespace {

constexpr std::size_t kDescriptorBytes = 128, kPlaceAt = 13;
constexpr std::uint8_t kInBlock = 0, kInBlob = 1;  // where the data are

Error corrupt(std::string_view what) { return Error(Code::CorruptData, fmt::format("array block: {}", what)); }

/// Product of the shape, or -1 when it overflows 2^62 or an extent is negative.
std::int64_t checkedElements(std::span<const std::int64_t> shape) {
    constexpr std::int64_t kMost = std::int64_t{1} << 62;
    std::int64_t n = 1;
    bool isEmpty = false;
    for (const auto extent : shape) {
        if (extent < 0) return -1;
        if (extent == 0) isEmpty = true;
        else if (n > kMost / extent) return -1;
        else n *= extent;
    }
    return isEmpty ? 0 : n;
}

}  // namespace

Result<void> checkArray(const Array& array) {
    if (array.shape.size() > 8)
        return Error(
            Code::ShapeMismatch, fmt::format("array {} has rank {}; at most 8", array.name, array.shape.size()));
    if (!array.dtype.valid())
        return Error(Code::InvalidArgument, fmt::format("array {} has an unknown element type", array.name));
    const auto n = checkedElements(array.shape);
    const std::uint64_t bytes = array.blob ? array.blob->bytes : array.data.size();
    if (n < 0 || static_cast<std::uint64_t>(n) > bytes || static_cast<std::uint64_t>(n) * array.dtype.bytes() != bytes)
        return Error(Code::ShapeMismatch, fmt::format("array {}: {} bytes do not fill its shape", array.name, bytes));
    return {};
}

void encodeArrayBlock(Bytes& out, std::span<const Array> arrays) {
    const std::size_t start = out.size();
    std::size_t names = 0;
    for (const Array& array : arrays) names += array.name.size() + array.unit.size();
    std::size_t nameAt = 8 + arrays.size() * kDescriptorBytes;
    std::size_t dataAt = (nameAt + names + 63) / 64 * 64;
    append(out, static_cast<std::uint32_t>(arrays.size()));
    append(out, std::uint32_t{0});
    for (const Array& array : arrays) {
        const std::size_t at = out.size();
        append(out, static_cast<std::uint32_t>(nameAt));
        append(out, static_cast<std::uint16_t>(array.name.size()));
        append(out, static_cast<std::uint16_t>(array.unit.size()));
        append(out, array.dtype.code);
        append(out, array.dtype.bits);
        append(out, array.dtype.lanes);
        append(out, static_cast<std::uint8_t>(array.shape.size()));
        append(out, array.blob ? kInBlob : kInBlock);
        append(out, static_cast<std::uint16_t>(array.role));
        for (std::size_t i = 0; i < 8; ++i) append(out, i < array.shape.size() ? array.shape[i] : std::int64_t{0});
        append(out, static_cast<std::uint64_t>(dataAt));
        append(out, array.blob ? array.blob->bytes : static_cast<std::uint64_t>(array.data.size()));
        if (array.blob) append(out, ByteSpan(array.blob->hash));
        out.resize(at + kDescriptorBytes, 0);
        nameAt += array.name.size() + array.unit.size();
        dataAt = (dataAt + array.data.size() + 63) / 64 * 64;
    }
    for (const Array& array : arrays) {
        append(out, array.name);
        append(out, array.unit);
    }
    for (const Array& array : arrays) {
        out.resize(start + (out.size() - start + 63) / 64 * 64, 0);
        append(out, array.data);
    }
    const auto bytes = static_cast<std::uint32_t>(out.size() - start);
    std::memcpy(out.data() + start + 4, &bytes, 4);
}

Result<std::vector<Array>> decodeArrayBlock(ByteSpan block) {
    DUBITO_TRY(auto arrays, decodeArrayHeads(block));
    for (const Array& array : arrays)
        if (array.blob) return Error(Code::Unsupported, fmt::format("array {} lies in a file of its own", array.name));
    return arrays;
}

Result<std::vector<Array>> decodeArrayHeads(ByteSpan block) {
    if (block.empty()) return std::vector<Array>{};
    ByteReader head(block);
    const auto count = head.get<std::uint32_t>();
    const auto bytes = head.get<std::uint32_t>();
    if (!head.ok() || bytes > block.size() || count > (block.size() - 8) / kDescriptorBytes)
        return corrupt("the counts exceed the block");
    block = block.first(bytes);
    if (8 + std::size_t{count} * kDescriptorBytes > bytes) return corrupt("the counts exceed the block");
    std::vector<Array> arrays(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        ByteReader in(block.subspan(8 + i * kDescriptorBytes, kDescriptorBytes));
        Array& array = arrays[i];
        const std::uint64_t nameAt = in.get<std::uint32_t>();
        const std::uint64_t nameBytes = in.get<std::uint16_t>(), unitBytes = in.get<std::uint16_t>();
        array.dtype.code = in.get<std::uint8_t>();
        array.dtype.bits = in.get<std::uint8_t>();
        array.dtype.lanes = in.get<std::uint16_t>();
        const auto rank = in.get<std::uint8_t>();
        const auto place = in.get<std::uint8_t>();
        const auto role = in.get<std::uint16_t>();
        std::int64_t shape[8];
        for (auto& extent : shape) extent = in.get<std::int64_t>();
        const auto dataAt = in.get<std::uint64_t>(), dataBytes = in.get<std::uint64_t>();
        if (rank > 8 || place > kInBlob || role > 2) return corrupt("a descriptor is out of range");
        if (nameAt > block.size() || nameBytes + unitBytes > block.size() - nameAt)
            return corrupt("a name lies outside the block");
        if (place == kInBlob) {
            array.blob.emplace();
            array.blob->bytes = dataBytes;
            const ByteSpan hash = in.span(array.blob->hash.size());
            std::copy(hash.begin(), hash.end(), array.blob->hash.begin());
        } else if (dataAt % 64 || dataAt > block.size() || dataBytes > block.size() - dataAt) {
            return corrupt("data lies outside the block");
        }
        array.name = std::string(asText(block.subspan(nameAt, nameBytes)));
        array.unit = std::string(asText(block.subspan(nameAt + nameBytes, unitBytes)));
        array.shape.assign(shape, shape + rank);
        array.role = static_cast<Array::Role>(role);
        if (!array.blob) array.data = block.subspan(dataAt, dataBytes);
        if (auto fits = checkArray(array); !fits) return corrupt(fits.error().message());
    }
    return arrays;
}

bool namesBlobs(ByteSpan block) {
    ByteReader head(block);
    const std::size_t count = head.get<std::uint32_t>();
    if (block.size() < 8 || count > (block.size() - 8) / kDescriptorBytes) return false;
    for (std::size_t i = 0; i < count; ++i)
        if (block[8 + i * kDescriptorBytes + kPlaceAt] == kInBlob) return true;
    return false;
}

void encodeBulk(
    Bytes& out, std::uint32_t series, std::int64_t step, std::string_view metaJson, std::span<const Array> arrays) {
    append(out, series);
    append(out, static_cast<std::uint32_t>(metaJson.size()));
    append(out, step);
    append(out, metaJson);
    padTo(out, 8);
    encodeArrayBlock(out, arrays);
}

Result<BulkRecord> decodeBulk(ByteSpan payload) {
    ByteReader in(payload);
    BulkRecord record;
    record.series = in.get<std::uint32_t>();
    const auto metaBytes = in.get<std::uint32_t>();
    record.step = in.get<std::int64_t>();
    if (metaBytes > 65536) return corrupt("meta data above 64 KiB");
    record.metaJson = in.text(metaBytes);
    in.skipTo(8);
    record.block = in.span(in.left());
    if (!in.ok()) return corrupt("bulk record cut short");
    return record;
}

Result<std::vector<std::string>> textColumn(const Array& values, const Array& offsets) {
    const auto ends = offsets.as<std::int64_t>();
    if (offsets.dtype != kI64 || ends.empty()) return corrupt("text column without offsets");
    std::vector<std::string> out;
    out.reserve(ends.size() - 1);
    for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
        if (ends[i] < 0 || ends[i + 1] < ends[i] || static_cast<std::uint64_t>(ends[i + 1]) > values.data.size())
            return corrupt("text offsets out of order");
        out.emplace_back(asText(
            values.data.subspan(static_cast<std::size_t>(ends[i]), static_cast<std::size_t>(ends[i + 1] - ends[i]))));
    }
    return out;
}

const Array* findArray(std::span<const Array> arrays, std::string_view name, Array::Role role) {
    for (const Array& array : arrays)
        if (array.name == name && array.role == role) return &array;
    return nullptr;
}

std::vector<std::string> textsNamed(std::span<const Array> arrays, std::string_view name) {
    const Array *values = findArray(arrays, name), *offsets = findArray(arrays, name, Array::Role::Offsets);
    if (!values || !offsets) return {};
    auto texts = textColumn(*values, *offsets);
    return texts ? std::move(*texts) : std::vector<std::string>();
}

}  // namespace dubito::journal
