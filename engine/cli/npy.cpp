#include "cli/npy.h"

#include <fmt/format.h>

namespace dubito::cli {
namespace {

/// NumPy's name of the element type; empty: it has none.
std::string typeName(DType dtype) {
    const auto bytes = dtype.bits / 8;
    if (dtype.lanes != 1) return {};
    const char* order = bytes > 1 ? "<" : "|";
    switch (dtype.code) {
        case DType::Int: return bytes <= 8 ? fmt::format("{}i{}", order, bytes) : std::string();
        case DType::UInt: return bytes <= 8 ? fmt::format("{}u{}", order, bytes) : std::string();
        case DType::Float: return bytes >= 2 && bytes <= 8 ? fmt::format("<f{}", bytes) : std::string();
        case DType::Complex: return bytes >= 8 ? fmt::format("<c{}", bytes) : std::string();
        case DType::Bool: return bytes == 1 ? "|b1" : std::string();
        default: return {};
    }
}

}  // namespace

Result<std::string> npyHead(const journal::Array& array) {
    const std::string type = typeName(array.dtype);
    if (type.empty())
        return Error(Code::Unsupported,
            fmt::format("array {} is of type {}, which a .npy file cannot hold", array.name, array.dtype.name()));
    std::string shape;
    for (const auto extent : array.shape) shape += fmt::format("{}, ", extent);
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
    constexpr std::size_t kBefore = 10, kMultiple = 64;  // magic, version and length; data are aligned
    text.append((kMultiple - (kBefore + text.size() + 1) % kMultiple) % kMultiple, ' ');
    text += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(text.size() & 255);
    out += static_cast<char>(text.size() >> 8);
    return out + text;
}

}  // namespace dubito::cli
