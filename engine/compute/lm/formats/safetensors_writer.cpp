// The header is padded with spaces so that data starts on eight bytes, as the reference writers do.
#include "lm/formats/safetensors_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace dubito::lm {
namespace {

std::uint64_t widthOf(const std::string& dtype) {
    if (dtype == "F64" || dtype == "I64" || dtype == "U64") return 8;
    if (dtype == "F32" || dtype == "I32" || dtype == "U32") return 4;
    if (dtype == "F16" || dtype == "BF16" || dtype == "I16" || dtype == "U16") return 2;
    return dtype == "I8" || dtype == "U8" || dtype == "BOOL" ? 1 : 0;
}

std::vector<TensorToWrite> inOrder(std::vector<TensorToWrite> tensors) {
    std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return tensors;
}

}  // namespace

Result<void> writeSafetensors(
    const fs::path& path, const std::vector<TensorToWrite>& given, const std::map<std::string, std::string>& metadata) {
    const std::vector<TensorToWrite> tensors = inOrder(given);
    Json header = Json::object();
    if (!metadata.empty()) header["__metadata__"] = Json(metadata);
    std::uint64_t offset = 0;
    for (const TensorToWrite& tensor : tensors) {
        std::uint64_t bytes = widthOf(tensor.dtype);
        for (const auto extent : tensor.shape) bytes *= static_cast<std::uint64_t>(extent);
        if (bytes != tensor.data.size() || widthOf(tensor.dtype) == 0)
            return Error(Code::InvalidArgument, fmt::format("{} has {} bytes, its shape and type {} need {}",
                                                    tensor.name, tensor.data.size(), tensor.dtype, bytes));
        if (header.contains(tensor.name))
            return Error(Code::InvalidArgument, fmt::format("the tensor {} is given twice", tensor.name));
        header[tensor.name] = {
            {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = jsonText(header);
    text.resize((text.size() + 7) / 8 * 8, ' ');
    Bytes start;
    append(start, std::uint64_t{text.size()});
    append(start, text);
    DUBITO_TRY(AtomicFile file, AtomicFile::create(path));
    DUBITO_CHECK(file.write(start));
    for (const TensorToWrite& tensor : tensors) DUBITO_CHECK(file.write(tensor.data));
    return file.commit();
}

Result<void> writeShards(const fs::path& folder, const std::vector<TensorToWrite>& given, std::uint64_t shardBytes) {
    const std::vector<TensorToWrite> tensors = inOrder(given);
    std::vector<std::vector<TensorToWrite>> shards(1);
    std::uint64_t total = 0, inShard = 0;
    for (const TensorToWrite& tensor : tensors) {
        if (inShard > 0 && inShard + tensor.data.size() > shardBytes) {
            shards.emplace_back();
            inShard = 0;
        }
        shards.back().push_back(tensor);
        inShard += tensor.data.size();
        total += tensor.data.size();
    }
    const std::map<std::string, std::string> metadata = {{"format", "pt"}};
    if (shards.size() == 1) return writeSafetensors(folder / "model.safetensors", shards[0], metadata);
    Json map = Json::object();
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const std::string name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
        DUBITO_CHECK(writeSafetensors(folder / name, shards[i], metadata));
        for (const TensorToWrite& tensor : shards[i]) map[tensor.name] = name;
    }
    return writeFileAtomic(folder / "model.safetensors.index.json",
        jsonText({{"metadata", {{"total_size", total}}}, {"weight_map", map}}, 2) + "\n");
}

}  // namespace dubito::lm
