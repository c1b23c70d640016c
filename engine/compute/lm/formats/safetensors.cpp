// The header must describe the buffer to the byte: no hole, no overlap, no tail.
#include "lm/formats/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/json.h"

namespace dubito::lm {
namespace {

constexpr std::uint64_t kMaxHeader = 100ull << 20;

int widthOf(const std::string& dtype) {
    constexpr std::pair<std::string_view, int> kWidths[] = {{"BOOL", 1}, {"U8", 1}, {"I8", 1}, {"F8_E4M3", 1},
        {"F8_E5M2", 1}, {"I16", 2}, {"U16", 2}, {"F16", 2}, {"BF16", 2}, {"I32", 4}, {"U32", 4}, {"F32", 4}, {"F64", 8},
        {"I64", 8}, {"U64", 8}};
    for (const auto& [name, width] : kWidths)
        if (name == dtype) return width;
    return 0;
}

Error corrupt(const std::string& what) { return Error(Code::CorruptData, "safetensors: " + what); }

}  // namespace

Result<std::shared_ptr<SafetensorsFile>> SafetensorsFile::open(const fs::path& path) {
    DUBITO_TRY(auto mapped, MappedFile::open(path));
    auto out = parse(mapped->bytes());
    if (!out) return std::move(out).error().in("reading " + path.string());
    (*out)->m_file = std::move(mapped);
    return out;
}

Result<std::shared_ptr<SafetensorsFile>> SafetensorsFile::parse(ByteSpan bytes) {
    if (bytes.size() < 10) return corrupt(fmt::format("a file of {} bytes", bytes.size()));
    std::uint64_t headerBytes;
    std::memcpy(&headerBytes, bytes.data(), 8);
    if (headerBytes > kMaxHeader || headerBytes > bytes.size() - 8)
        return corrupt(fmt::format("the header claims {} bytes, the file has {}", headerBytes, bytes.size()));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 8, static_cast<std::size_t>(headerBytes));
    if (text.empty() || text[0] != '{') return corrupt("the header does not start with an object");
    auto header = parseJson(text, {static_cast<std::size_t>(kMaxHeader), 8});
    if (!header) return std::move(header).error().in("reading a safetensors header");
    if (!header->is_object()) return corrupt("the header is no object");
    const ByteSpan buffer = bytes.subspan(8 + static_cast<std::size_t>(headerBytes));
    std::shared_ptr<SafetensorsFile> out(new SafetensorsFile());
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (const auto& [name, entry] : header->items()) {
        if (name == "__metadata__") continue;
        SafeTensor tensor;
        tensor.name = name;
        tensor.dtype = textOr(entry, "dtype", "");
        const std::uint64_t width = static_cast<std::uint64_t>(widthOf(tensor.dtype));
        if (!width)
            return corrupt(fmt::format(
                "tensor {} has the element type \"{}\", which the format does not know", name, tensor.dtype));
        const Json& shape = memberOf(entry, "shape");
        const Json& offsets = memberOf(entry, "data_offsets");
        if (!shape.is_array() || shape.size() > 8 || !offsets.is_array() || offsets.size() != 2 ||
            !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
            return corrupt("tensor " + name + " lacks a shape or two offsets");
        std::uint64_t size = width;
        for (const Json& extent : shape) {
            if (!extent.is_number_unsigned())
                return corrupt("tensor " + name + " has an extent that is no whole number");
            const auto n = extent.get<std::uint64_t>();
            if (n > buffer.size() || (n && size > buffer.size() / n))
                return corrupt("tensor " + name + " is larger than its file");
            size *= n;
            tensor.shape.push_back(static_cast<std::int64_t>(n));
        }
        const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
        if (end < begin || end > buffer.size())
            return corrupt(fmt::format("tensor {} lies at {} to {} of {} bytes", name, begin, end, buffer.size()));
        if (end - begin != size)
            return corrupt(fmt::format("tensor {} has {} bytes, its shape needs {}", name, end - begin, size));
        tensor.data = buffer.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
        order.emplace_back(begin, out->m_tensors.size());
        out->m_tensors.push_back(std::move(tensor));
    }
    std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
        return std::pair(a.first, out->m_tensors[a.second].data.size()) <
               std::pair(b.first, out->m_tensors[b.second].data.size());
    });
    std::uint64_t expected = 0;
    std::vector<SafeTensor> sorted;
    for (const auto& [begin, index] : order) {
        if (begin != expected)
            return corrupt(fmt::format("tensor {} starts at {}, expected {}: a hole or an overlap",
                out->m_tensors[index].name, begin, expected));
        expected += out->m_tensors[index].data.size();
        sorted.push_back(std::move(out->m_tensors[index]));
    }
    if (expected != buffer.size())
        return corrupt(fmt::format("{} bytes lie behind the last tensor", buffer.size() - expected));
    out->m_tensors = std::move(sorted);
    return out;
}

}  // namespace dubito::lm
