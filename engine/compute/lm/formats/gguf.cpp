// Layout: magic, version, counts, metadata, tensor descriptions, padding, data. Source: the GGUF specification.
#include "lm/formats/gguf.h"

#include <fmt/format.h>

#include <cmath>

namespace dubito::lm {
namespace {

constexpr std::uint64_t kMaxText = 1ull << 30;

enum ValueType : std::uint32_t { U8, I8, U16, I16, U32, I32, Float32, Bool, Text, ArrayType, U64, I64, Float64 };

int widthOf(std::uint32_t type) {
    constexpr int kWidths[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return type < 13 ? kWidths[type] : 0;
}

Error corrupt(std::size_t at, std::string_view what) {
    return Error(Code::CorruptData, fmt::format("GGUF, byte {}: {}", at, what));
}

Result<std::string_view> takeText(ByteReader& in, std::string_view what) {
    const std::size_t at = in.pos();
    const auto bytes = in.get<std::uint64_t>();
    if (!in.ok() || bytes > kMaxText || bytes > in.left())
        return corrupt(at, fmt::format("the length of {} does not fit the file", what));
    return in.text(bytes);
}

/// The bytes of an array's elements. Arrays of arrays are walked over: no key that is read holds one.
Result<ByteSpan> takeElements(
    ByteReader& in, std::uint32_t type, std::uint64_t count, const std::string& key, int depth) {
    if (const int width = widthOf(type)) return in.span(count * static_cast<std::uint64_t>(width));
    if ((type != Text && type != ArrayType) || depth > 2)
        return corrupt(in.pos(), key + " holds an array of an unknown type, or one too deeply nested");
    ByteReader walk = in;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (type == Text) {
            if (auto item = takeText(walk, key); !item) return std::move(item).error();
            continue;
        }
        const auto inner = walk.get<std::uint32_t>();
        const auto innerCount = walk.get<std::uint64_t>();
        if (!walk.ok() || innerCount > kMaxText || innerCount > walk.left())
            return corrupt(walk.pos(), "the count of " + key + " does not fit the file");
        if (auto item = takeElements(walk, inner, innerCount, key, depth + 1); !item) return std::move(item).error();
        if (!walk.ok()) return corrupt(walk.pos(), key + " is cut short");
    }
    return in.span(walk.pos() - in.pos());
}

Result<GgufValue> takeValue(ByteReader& in, std::uint32_t type, const std::string& key) {
    const std::size_t at = in.pos();
    GgufValue value;
    switch (type) {
        case U8: value = std::uint64_t{in.get<std::uint8_t>()}; break;
        case I8: value = std::int64_t{in.get<std::int8_t>()}; break;
        case U16: value = std::uint64_t{in.get<std::uint16_t>()}; break;
        case I16: value = std::int64_t{in.get<std::int16_t>()}; break;
        case U32: value = std::uint64_t{in.get<std::uint32_t>()}; break;
        case I32: value = std::int64_t{in.get<std::int32_t>()}; break;
        case U64: value = in.get<std::uint64_t>(); break;
        case I64: value = in.get<std::int64_t>(); break;
        case Float32: value = static_cast<double>(in.get<float>()); break;
        case Float64: value = in.get<double>(); break;
        case Bool: {
            const auto byte = in.get<std::uint8_t>();
            if (byte > 1) return corrupt(at, key + " is neither true nor false");
            value = byte == 1;
            break;
        }
        case Text: {
            DUBITO_TRY(const std::string_view text, takeText(in, key));
            value = std::string(text);
            break;
        }
        case ArrayType: {
            GgufArray array;
            array.elementType = in.get<std::uint32_t>();
            array.count = in.get<std::uint64_t>();
            if (!in.ok() || array.count > kMaxText || array.count > in.left())
                return corrupt(at, "the count of " + key + " does not fit the file");
            DUBITO_TRY(array.data, takeElements(in, array.elementType, array.count, key, 0));
            value = array;
            break;
        }
        default: return corrupt(at, fmt::format("{} has the unknown value type {}", key, type));
    }
    if (!in.ok()) return corrupt(at, key + " is cut short");
    return value;
}

/// Name, shape, type and offset of one tensor; its place in the file is checked later.
Result<GgufTensor> takeTensor(ByteReader& in, std::uint64_t& offset) {
    const std::size_t at = in.pos();
    GgufTensor tensor;
    DUBITO_TRY(const std::string_view name, takeText(in, "a tensor name"));
    tensor.name = std::string(name);
    if (tensor.name.empty() || tensor.name.size() >= 64)
        return corrupt(at, "a tensor name is empty or 64 bytes and longer");
    const auto rank = in.get<std::uint32_t>();
    if (!in.ok() || rank < 1 || rank > 4)
        return corrupt(at, fmt::format("tensor {} has rank {}; 1 to 4 are legal", tensor.name, rank));
    std::uint64_t elements = 1;
    for (std::uint32_t axis = 0; axis < rank; ++axis) {
        const auto extent = in.get<std::uint64_t>();
        if (extent == 0 || extent > (1ull << 40) || elements > (1ull << 46) / extent)
            return corrupt(at, "the shape of tensor " + tensor.name + " is empty or overflows");
        elements *= extent;
        tensor.dims.push_back(static_cast<std::int64_t>(extent));
    }
    tensor.typeCode = in.get<std::uint32_t>();
    offset = in.get<std::uint64_t>();
    if (!in.ok()) return corrupt(at, "tensor " + tensor.name + " is cut short");
    const BlockLayout layout = blockLayout(static_cast<GgmlType>(tensor.typeCode));
    if (!layout.elements) return tensor;  // of a type that is not read: its size is not known
    if (tensor.dims[0] % layout.elements)
        return corrupt(at, fmt::format("tensor {}: rows of {} elements do not fill {} blocks of {}", tensor.name,
                               tensor.dims[0], typeName(tensor.typeCode), layout.elements));
    tensor.bytes = elements / layout.elements * layout.bytes;
    return tensor;
}

}  // namespace

GgufArray GgufLists::texts(const std::vector<std::string>& texts) {
    Bytes& bytes = *m_lists.emplace_back(std::make_unique<Bytes>());
    for (const auto& text : texts) {
        append(bytes, std::uint64_t{text.size()});
        append(bytes, text);
    }
    return {Text, texts.size(), bytes};
}

Result<std::shared_ptr<GgufFile>> GgufFile::open(const fs::path& path) {
    const auto one = [](const fs::path& part) -> Result<std::shared_ptr<GgufFile>> {
        DUBITO_TRY(auto mapped, MappedFile::open(part));
        if (mapped->bytes().size() < 24)
            return Error(Code::CorruptData, "the model file is too short to be GGUF. File: " + part.string());
        std::shared_ptr<GgufFile> gguf(new GgufFile());
        if (auto read = gguf->read(mapped->bytes()); !read) return std::move(read).error().in("File: " + part.string());
        gguf->m_files.push_back(std::move(mapped));
        return gguf;
    };
    const std::vector<fs::path> paths = numberedParts(path);
    std::error_code error;
    for (const auto& part : paths)
        if (paths.size() > 1 && !fs::exists(part, error))
            return Error(Code::CorruptData,
                fmt::format("the model has {} parts and this one is missing. File: {}", paths.size(), part.string()));
    DUBITO_TRY(auto whole, one(paths.front()));
    const std::int64_t stated = whole->integer("split.count").value_or(1);
    if (stated != static_cast<std::int64_t>(paths.size()))
        return Error(Code::CorruptData,
            fmt::format(
                "the file says it is one of {} parts, its name says {}; parts end in -00001-of-00003.gguf. File: {}",
                stated, paths.size(), path.string()));
    for (std::size_t i = 1; i < paths.size(); ++i) {
        DUBITO_TRY(auto part, one(paths[i]));
        if (part->integer("split.no").value_or(-1) != static_cast<std::int64_t>(i) ||
            part->integer("split.count").value_or(-1) != stated)
            return Error(Code::CorruptData, fmt::format("this file does not say that it is part {} of {}. File: {}",
                                                i + 1, stated, paths[i].string()));
        for (GgufTensor& tensor : part->m_tensors) {
            if (!whole->m_byName.emplace(tensor.name, whole->m_tensors.size()).second)
                return Error(Code::CorruptData,
                    fmt::format("the tensor {} lies in two parts. File: {}", tensor.name, paths[i].string()));
            whole->m_tensors.push_back(std::move(tensor));
        }
        whole->m_files.push_back(std::move(part->m_files.front()));
    }
    if (const auto total = whole->integer("split.tensors.count");
        total && *total != static_cast<std::int64_t>(whole->m_tensors.size()))
        return Error(Code::CorruptData, fmt::format("the parts hold {} tensors, the first one says {}. File: {}",
                                            whole->m_tensors.size(), *total, path.string()));
    return whole;
}

Result<std::shared_ptr<GgufFile>> GgufFile::assemble(std::map<std::string, GgufValue, std::less<>> metadata,
    std::vector<GgufTensor> tensors, std::vector<std::shared_ptr<MappedFile>> files, std::shared_ptr<void> owner) {
    std::shared_ptr<GgufFile> gguf(new GgufFile());
    gguf->m_metadata = std::move(metadata);
    gguf->m_tensors = std::move(tensors);
    gguf->m_files = std::move(files);
    gguf->m_owner = std::move(owner);
    for (std::size_t i = 0; i < gguf->m_tensors.size(); ++i)
        if (!gguf->m_byName.emplace(gguf->m_tensors[i].name, i).second)
            return Error(Code::CorruptData, "the tensor " + gguf->m_tensors[i].name + " appears twice");
    return gguf;
}

Result<std::shared_ptr<GgufFile>> GgufFile::parse(ByteSpan bytes) {
    std::shared_ptr<GgufFile> gguf(new GgufFile());
    DUBITO_CHECK(gguf->read(bytes));
    return gguf;
}

Result<void> GgufFile::read(ByteSpan bytes) {
    ByteReader in(bytes);
    if (in.text(4) != "GGUF") return corrupt(0, "the magic is not GGUF");
    const auto version = in.get<std::uint32_t>();
    if (version > 0xFFFF)
        return Error(Code::Unsupported, "GGUF: this is a big-endian file; only little-endian ones are read");
    if (version != 2 && version != 3)
        return Error(Code::Unsupported, fmt::format("GGUF version {}; versions 2 and 3 are read", version));
    const auto tensorCount = in.get<std::uint64_t>(), valueCount = in.get<std::uint64_t>();
    // A tensor takes at least 24 bytes, a value at least 13: larger counts cannot be true.
    if (!in.ok() || tensorCount > bytes.size() / 24 || valueCount > bytes.size() / 13)
        return corrupt(8, "the counts exceed what the file can hold");
    DUBITO_CHECK(readMetadata(in, valueCount));
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < tensorCount; ++i) {
        const std::size_t at = in.pos();
        std::uint64_t offset = 0;
        DUBITO_TRY(GgufTensor tensor, takeTensor(in, offset));
        offsets.push_back(offset);
        if (!m_byName.emplace(tensor.name, m_tensors.size()).second)
            return corrupt(at, "the tensor " + tensor.name + " appears twice");
        m_tensors.push_back(std::move(tensor));
    }
    return placeTensors(bytes, in.pos(), offsets);
}

Result<void> GgufFile::readMetadata(ByteReader& in, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::size_t at = in.pos();
        DUBITO_TRY(const std::string_view name, takeText(in, "a key"));
        if (name.empty() || name.size() > 65535) return corrupt(at, "a key is empty or longer than 65,535 bytes");
        const std::string key(name);
        const auto type = in.get<std::uint32_t>();
        DUBITO_TRY(GgufValue value, takeValue(in, type, key));
        if (!m_metadata.emplace(key, std::move(value)).second) return corrupt(at, "the key " + key + " appears twice");
    }
    return {};
}

Result<void> GgufFile::placeTensors(ByteSpan bytes, std::size_t headerEnd, const std::vector<std::uint64_t>& offsets) {
    std::uint64_t alignment = 32;
    if (const auto stated = integer("general.alignment")) {
        if (*stated < 8 || *stated > 65536 || (*stated & (*stated - 1)))
            return corrupt(
                0, fmt::format("general.alignment is {}; it must be a power of two from 8 to 65,536", *stated));
        alignment = static_cast<std::uint64_t>(*stated);
    }
    const auto aligned = [alignment](std::uint64_t at) { return (at + alignment - 1) / alignment * alignment; };
    const std::uint64_t dataStart = aligned(headerEnd);
    std::uint64_t expected = 0;
    bool known = true;  // a type that is not read has an unknown size, so later offsets cannot be predicted
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        GgufTensor& tensor = m_tensors[i];
        if (offsets[i] % alignment) return corrupt(headerEnd, "tensor " + tensor.name + " is not aligned");
        if (known && offsets[i] != expected)
            return corrupt(
                headerEnd, fmt::format("tensor {} starts at {}, expected {}", tensor.name, offsets[i], expected));
        if (dataStart > bytes.size() || offsets[i] > bytes.size() - dataStart ||
            tensor.bytes > bytes.size() - dataStart - offsets[i])
            return corrupt(dataStart, "tensor " + tensor.name + " lies outside the file");
        if (tensor.bytes == 0) known = false;
        else tensor.data = bytes.data() + dataStart + offsets[i];
        expected = aligned(offsets[i] + tensor.bytes);
    }
    return {};
}

void GgufFile::releasePages() const {
    for (const auto& file : m_files) file->releasePages();
}

const GgufTensor* GgufFile::findTensor(std::string_view name) const {
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : &m_tensors[found->second];
}

Result<void> GgufFile::splitRows(const std::string& name, const std::vector<std::string>& parts) {
    const auto found = m_byName.find(name);
    if (found == m_byName.end()) return {};
    const GgufTensor whole = m_tensors[found->second];
    const auto n = static_cast<std::int64_t>(parts.size());
    const std::int64_t extent = whole.dims.back();
    const BlockLayout layout = blockLayout(static_cast<GgmlType>(whole.typeCode));
    if (extent % n || (whole.dims.size() == 1 && layout.elements > 1))
        return Error(Code::ShapeMismatch, fmt::format("{} has {} rows, which are not {} equal parts", name, extent, n));
    m_byName.erase(found);  // its place stays in the list of tensors
    for (std::int64_t i = 0; i < n; ++i) {
        GgufTensor part = whole;
        part.name = parts[static_cast<std::size_t>(i)];
        part.dims.back() = extent / n;
        part.bytes = whole.bytes / static_cast<std::uint64_t>(n);
        if (part.data) part.data += static_cast<std::uint64_t>(i) * part.bytes;
        if (!m_byName.emplace(part.name, m_tensors.size()).second)
            return Error(Code::CorruptData, "the tensor " + part.name + " appears twice");
        m_tensors.push_back(std::move(part));
    }
    return {};
}

std::optional<std::string> GgufFile::text(std::string_view key) const {
    const auto found = m_metadata.find(key);
    if (found == m_metadata.end()) return std::nullopt;
    const auto* value = std::get_if<std::string>(&found->second);
    return value ? std::optional(*value) : std::nullopt;
}
std::optional<std::int64_t> GgufFile::integer(std::string_view key) const {
    const auto found = m_metadata.find(key);
    if (found == m_metadata.end()) return std::nullopt;
    if (const auto* value = std::get_if<std::int64_t>(&found->second)) return *value;
    if (const auto* value = std::get_if<std::uint64_t>(&found->second))
        return *value > std::uint64_t(INT64_MAX) ? std::nullopt : std::optional(static_cast<std::int64_t>(*value));
    return std::nullopt;
}
std::optional<double> GgufFile::number(std::string_view key) const {
    const auto found = m_metadata.find(key);
    if (found == m_metadata.end()) return std::nullopt;
    if (const auto* value = std::get_if<double>(&found->second)) return *value;
    if (const auto whole = integer(key)) return static_cast<double>(*whole);
    return std::nullopt;
}
std::optional<bool> GgufFile::boolean(std::string_view key) const {
    const auto found = m_metadata.find(key);
    if (found == m_metadata.end()) return std::nullopt;
    const auto* value = std::get_if<bool>(&found->second);
    return value ? std::optional(*value) : std::nullopt;
}

Result<std::vector<std::string>> GgufFile::texts(std::string_view key) const {
    const auto found = m_metadata.find(key);
    const auto* array = found == m_metadata.end() ? nullptr : std::get_if<GgufArray>(&found->second);
    if (!array) return Error(Code::NotFound, fmt::format("the model has no list {}", key));
    if (array->elementType != Text)
        return Error(Code::CorruptData, fmt::format("the model's list {} holds no texts", key));
    ByteReader in(array->data);
    std::vector<std::string> out;
    out.reserve(static_cast<std::size_t>(array->count));
    for (std::uint64_t i = 0; i < array->count; ++i) {
        const auto bytes = in.get<std::uint64_t>();
        out.emplace_back(in.text(bytes));
    }
    return out;
}

Result<std::vector<std::int64_t>> GgufFile::integers(std::string_view key) const {
    const auto found = m_metadata.find(key);
    const auto* array = found == m_metadata.end() ? nullptr : std::get_if<GgufArray>(&found->second);
    if (!array) return Error(Code::NotFound, fmt::format("the model has no list {}", key));
    ByteReader in(array->data);
    std::vector<std::int64_t> out;
    out.reserve(static_cast<std::size_t>(array->count));
    for (std::uint64_t i = 0; i < array->count; ++i) {
        switch (array->elementType) {
            case U8: out.push_back(in.get<std::uint8_t>()); break;
            case I8: out.push_back(in.get<std::int8_t>()); break;
            case U16: out.push_back(in.get<std::uint16_t>()); break;
            case I16: out.push_back(in.get<std::int16_t>()); break;
            case U32: out.push_back(in.get<std::uint32_t>()); break;
            case I32: out.push_back(in.get<std::int32_t>()); break;
            case U64:
            case I64: out.push_back(in.get<std::int64_t>()); break;
            default: return Error(Code::CorruptData, fmt::format("the model's list {} holds no whole numbers", key));
        }
    }
    return out;
}

Result<std::vector<float>> GgufFile::reals(std::string_view key) const {
    const auto found = m_metadata.find(key);
    const auto* array = found == m_metadata.end() ? nullptr : std::get_if<GgufArray>(&found->second);
    if (!array) return Error(Code::NotFound, fmt::format("the model has no list {}", key));
    if (array->elementType != Float32)
        return Error(Code::CorruptData, fmt::format("the model's list {} holds no f32 numbers", key));
    std::vector<float> out(static_cast<std::size_t>(array->count));
    std::memcpy(out.data(), array->data.data(), array->data.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        if (!std::isfinite(out[i]))
            return Error(Code::CorruptData, fmt::format("entry {} of the model's list {} is no number", i, key));
    return out;
}

}  // namespace dubito::lm
