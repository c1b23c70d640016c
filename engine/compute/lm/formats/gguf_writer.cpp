// Sizes are known before the first byte, so headers are written once and tensors stream behind them.
#include "lm/formats/gguf_writer.h"

#include <fmt/format.h>

namespace dubito::lm {
namespace {

constexpr std::uint64_t kAlignment = 32;

void putText(Bytes& out, std::string_view text) {
    append(out, std::uint64_t{text.size()});
    append(out, text);
}

struct PutValue {
    Bytes& out;
    template <class T>
    void number(std::uint32_t type, T value) const {
        append(out, type);
        append(out, value);
    }
    void operator()(std::uint64_t value) const {
        value <= UINT32_MAX ? number(4, static_cast<std::uint32_t>(value)) : number(10, value);
    }
    void operator()(std::int64_t value) const {
        if (value >= 0) return (*this)(static_cast<std::uint64_t>(value));
        value >= INT32_MIN ? number(5, static_cast<std::int32_t>(value)) : number(11, value);
    }
    void operator()(double value) const { number(6, static_cast<float>(value)); }
    void operator()(bool value) const { number(7, static_cast<std::uint8_t>(value)); }
    void operator()(const std::string& value) const {
        append(out, std::uint32_t{8});
        putText(out, value);
    }
    void operator()(const GgufArray& value) const {
        append(out, std::uint32_t{9});
        append(out, value.elementType);
        append(out, value.count);
        append(out, value.data);
    }
};

fs::path partPath(const fs::path& path, std::size_t part, std::size_t parts) {
    return path.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", path.stem().string(), part + 1, parts);
}

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

void GgufWriter::addTensor(std::string name, std::vector<std::int64_t> dims, GgmlType type,
    std::function<Result<void>(std::span<std::uint8_t>)> fill) {
    const BlockLayout layout = blockLayout(type);
    std::uint64_t elements = 1;
    for (const auto extent : dims) elements *= static_cast<std::uint64_t>(extent);
    m_tensors.push_back(
        {std::move(name), std::move(dims), type, elements / layout.elements * layout.bytes, std::move(fill)});
}

Result<std::vector<std::size_t>> GgufWriter::cutIntoParts(std::uint64_t partBytes) const {
    std::vector<std::size_t> firstOfPart{0};
    std::uint64_t inPart = 0;
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        const Tensor& tensor = m_tensors[i];
        if (tensor.name.empty() || tensor.name.size() >= 64)
            return Error(
                Code::InvalidArgument, fmt::format("the tensor name \"{}\" must have 1 to 63 bytes", tensor.name));
        if (tensor.dims.empty() || tensor.dims.size() > 4 || tensor.dims[0] % blockLayout(tensor.type).elements)
            return Error(Code::InvalidArgument,
                fmt::format("{} cannot be stored as {}: rows of {} do not fill its blocks", tensor.name,
                    typeName(static_cast<std::uint32_t>(tensor.type)), tensor.dims.empty() ? 0 : tensor.dims[0]));
        if (partBytes && inPart > 0 && inPart + tensor.bytes > partBytes) {
            firstOfPart.push_back(i);
            inPart = 0;
        }
        inPart += tensor.bytes;
    }
    firstOfPart.push_back(m_tensors.size());
    return firstOfPart;
}

Bytes GgufWriter::headerOf(std::size_t part, std::size_t parts, std::size_t first, std::size_t end) const {
    auto metadata = part == 0 ? m_metadata : std::map<std::string, GgufValue, std::less<>>{};
    if (parts > 1) {
        metadata["split.no"] = std::uint64_t{part};
        metadata["split.count"] = std::uint64_t{parts};
        metadata["split.tensors.count"] = std::uint64_t{m_tensors.size()};
    }
    Bytes header;
    append(header, std::string_view("GGUF"));
    append(header, std::uint32_t{3});
    append(header, std::uint64_t{end - first});
    append(header, std::uint64_t{metadata.size()});
    for (const auto& [key, value] : metadata) {
        putText(header, key);
        // The reference reads these three with fixed widths.
        if (key == "split.no" || key == "split.count")
            PutValue{header}.number(2, static_cast<std::uint16_t>(std::get<std::uint64_t>(value)));
        else if (key == "split.tensors.count")
            PutValue{header}.number(5, static_cast<std::int32_t>(std::get<std::uint64_t>(value)));
        else std::visit(PutValue{header}, value);
    }
    std::uint64_t offset = 0;
    for (std::size_t i = first; i < end; ++i) {
        const Tensor& tensor = m_tensors[i];
        putText(header, tensor.name);
        append(header, static_cast<std::uint32_t>(tensor.dims.size()));
        for (const auto extent : tensor.dims) append(header, static_cast<std::uint64_t>(extent));
        append(header, static_cast<std::uint32_t>(tensor.type));
        append(header, offset);
        offset += aligned(tensor.bytes);
    }
    padTo(header, kAlignment);
    return header;
}

Result<std::vector<fs::path>> GgufWriter::write(
    const fs::path& path, std::uint64_t partBytes, const std::function<bool(double)>& goOn) {
    DUBITO_TRY(const std::vector<std::size_t> firstOfPart, cutIntoParts(partBytes));
    std::uint64_t total = 0, done = 0;
    for (const Tensor& tensor : m_tensors) total += tensor.bytes;
    const std::size_t parts = firstOfPart.size() - 1;
    std::vector<fs::path> paths;
    std::vector<AtomicFile> files;  // all parts take their names together, at the end
    Bytes buffer;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t first = firstOfPart[part], end = firstOfPart[part + 1];
        paths.push_back(parts > 1 ? partPath(path, part, parts) : path);
        DUBITO_TRY(AtomicFile file, AtomicFile::create(paths.back()));
        DUBITO_CHECK(file.write(headerOf(part, parts, first, end)));
        for (std::size_t i = first; i < end; ++i) {
            Tensor& tensor = m_tensors[i];
            buffer.assign(aligned(tensor.bytes), 0);
            DUBITO_CHECK(tensor.fill(std::span(buffer).first(tensor.bytes)));
            DUBITO_CHECK(file.write(buffer));
            done += tensor.bytes;
            if (goOn && !goOn(static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(total, 1))))
                return Error(Code::Cancelled, "writing the model was cancelled; nothing was left behind");
        }
        files.push_back(std::move(file));
    }
    for (AtomicFile& file : files) DUBITO_CHECK(file.commit());
    return paths;
}

}  // namespace dubito::lm
