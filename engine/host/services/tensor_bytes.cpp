// Nothing that a plugin says of a tensor is believed before it is checked.
#include "host/services/tensor_bytes.h"

#include <fmt/format.h>

#include <cstring>

#include "host/services/reply.h"

namespace dubito::host {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 32;

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

/// Copies n elements in row-major order.
void pack(const dubito_tensor& tensor, const std::uint8_t* base, std::int64_t n, std::size_t width, Bytes& out) {
    out.resize(static_cast<std::size_t>(n) * width);
    std::vector<std::int64_t> index(static_cast<std::size_t>(tensor.rank), 0);
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t at = 0;
        for (int axis = 0; axis < tensor.rank; ++axis)
            at += index[static_cast<std::size_t>(axis)] * tensor.strides[axis];
        std::memcpy(
            out.data() + static_cast<std::size_t>(i) * width, base + at * static_cast<std::int64_t>(width), width);
        for (int axis = tensor.rank - 1; axis >= 0; --axis) {
            auto& place = index[static_cast<std::size_t>(axis)];
            if (++place < tensor.shape[axis]) break;
            place = 0;
        }
    }
}

Result<void> fillArray(const dubito_tensor& tensor, journal::Array& out, std::deque<Bytes>& scratch) {
    DUBITO_TRY(const std::int64_t n, checkTensor(tensor));
    out.dtype = {tensor.dtype_code, tensor.dtype_bits, tensor.dtype_lanes};
    if (!out.dtype.valid()) return Error(Code::InvalidArgument, "unknown element type");
    if (tensor.rank > 0) out.shape.assign(tensor.shape, tensor.shape + tensor.rank);
    const std::size_t width = out.dtype.bytes();
    const auto* base = static_cast<const std::uint8_t*>(tensor.data) + tensor.byte_offset;
    if (n == 0 || isCompact(tensor)) {
        out.data = ByteSpan(base, static_cast<std::size_t>(n) * width);
        return {};
    }
    pack(tensor, base, n, width, scratch.emplace_back());
    out.data = scratch.back();
    return {};
}

}  // namespace

Result<void> addArray(const dubito_array* array, std::vector<journal::Array>& out, std::deque<Bytes>& scratch) {
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
        journal::Array part;
        part.name = name;
        part.unit = role == Role::Values ? unit : "";
        part.role = role;
        if (auto filled = fillArray(*tensor, part, scratch); !filled)
            return Error(filled.error().code(), fmt::format("array {}: {}", name, filled.error().message()));
        out.push_back(std::move(part));
    }
    return {};
}

}  // namespace dubito::host
