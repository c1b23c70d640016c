// Nothing that a plugin says of a tensor is believed before it is checked.
#include "host/services/tensor_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "host/services/reply.h"

namespace dubito::host {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 32;
constexpr std::size_t kPieceBytes = 1 << 20;

Result<std::int64_t> checkTensor(const dubito_tensor& tensor) {
    if (tensor.struct_bytes < sizeof(dubito_tensor))
        return Error(Code::InvalidArgument, "a tensor struct is smaller than ABI 1.0");
    if (tensor.device_type != 1)
        return Error(Code::Unsupported, "only CPU tensors can be published; copy to the CPU first");
    if (tensor.rank < 0 || tensor.rank > 8)
        return Error(Code::ShapeMismatch, fmt::format("rank {}; at most 8", tensor.rank));
    if (tensor.rank > 0 && !tensor.shape) return Error(Code::ShapeMismatch, "a rank and no shape");
    std::int64_t n = 1;
    for (int axis = 0; axis < tensor.rank; ++axis) {
        const std::int64_t extent = tensor.shape[axis];
        if (extent < 0 || (extent > 0 && n > kMaxElements / extent))
            return Error(Code::ShapeMismatch, "the shape is negative or too large");
        n *= extent;
    }
    if (n > 0 && !tensor.data) return Error(Code::ShapeMismatch, "a null pointer with elements");
    return n;
}

bool isCompact(const dubito_tensor& tensor) {
    if (!tensor.strides) return true;
    std::int64_t expected = 1;
    for (int axis = tensor.rank - 1; axis >= 0; --axis) {
        if (tensor.shape[axis] > 1 && tensor.strides[axis] != expected) return false;
        expected *= tensor.shape[axis];
    }
    return true;
}

/// Steps to the next element in row-major order.
void stepOn(const dubito_tensor& tensor, std::vector<std::int64_t>& index) {
    for (int axis = tensor.rank - 1; axis >= 0; --axis) {
        auto& place = index[static_cast<std::size_t>(axis)];
        if (++place < tensor.shape[axis]) return;
        place = 0;
    }
}

Result<void> fillHead(const dubito_tensor& tensor, GivenArray& out) {
    DUBITO_TRY(const std::int64_t n, checkTensor(tensor));
    out.array.dtype = {tensor.dtype_code, tensor.dtype_bits, tensor.dtype_lanes};
    if (!out.array.dtype.valid()) return Error(Code::InvalidArgument, "unknown element type");
    if (tensor.rank > 0) out.array.shape.assign(tensor.shape, tensor.shape + tensor.rank);
    out.tensor = &tensor;
    out.bytes = static_cast<std::uint64_t>(n) * out.array.dtype.bytes();
    return {};
}

}  // namespace

Result<void> addArray(const dubito_array* array, std::vector<GivenArray>& out) {
    using Role = journal::Array::Role;
    if (!array || array->struct_bytes < sizeof(dubito_array) || !array->values)
        return Error(Code::InvalidArgument, "an array of the record is missing");
    const std::string name(view(array->name)), unit(view(array->unit));
    if (name.size() > 1000 || unit.size() > 64)
        return Error(Code::InvalidArgument, "an array's name or unit is too long");
    const std::pair<const dubito_tensor*, Role> parts[] = {
        {array->values, Role::Values}, {array->offsets, Role::Offsets}, {array->validity, Role::Validity}};
    for (const auto& [tensor, role] : parts) {
        if (!tensor) continue;
        GivenArray part;
        part.array.name = name;
        part.array.unit = role == Role::Values ? unit : "";
        part.array.role = role;
        if (auto filled = fillHead(*tensor, part); !filled)
            return Error(filled.error().code(), fmt::format("array {}: {}", name, filled.error().message()));
        out.push_back(std::move(part));
    }
    return {};
}

std::optional<ByteSpan> inPlace(const GivenArray& given) {
    if (given.bytes == 0) return ByteSpan();
    if (!isCompact(*given.tensor)) return std::nullopt;
    return ByteSpan(static_cast<const std::uint8_t*>(given.tensor->data) + given.tensor->byte_offset, given.bytes);
}

Result<void> piecesOf(const GivenArray& given, const journal::TakePiece& take) {
    if (const auto whole = inPlace(given)) return whole->empty() ? Result<void>() : take(*whole);
    const dubito_tensor& tensor = *given.tensor;
    const auto* base = static_cast<const std::uint8_t*>(tensor.data) + tensor.byte_offset;
    const std::size_t width = given.array.dtype.bytes();
    const std::uint64_t n = given.bytes / width, atOnce = kPieceBytes / width;
    std::vector<std::int64_t> index(static_cast<std::size_t>(tensor.rank), 0);
    Bytes piece(std::min(n, atOnce) * width);
    for (std::uint64_t done = 0; done < n;) {
        const std::uint64_t count = std::min(n - done, atOnce);
        for (std::uint64_t i = 0; i < count; ++i, stepOn(tensor, index)) {
            std::int64_t at = 0;
            for (int axis = 0; axis < tensor.rank; ++axis)
                at += index[static_cast<std::size_t>(axis)] * tensor.strides[axis];
            std::memcpy(piece.data() + i * width, base + at * static_cast<std::int64_t>(width), width);
        }
        DUBITO_CHECK(take(ByteSpan(piece.data(), count * width)));
        done += count;
    }
    return {};
}

}  // namespace dubito::host
