// The JSON file says how many tensors and bytes belong to it, so that halves of two checkpoints never pass as one.
#include "nn/state.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lm/formats/safetensors.h"
#include "lm/formats/safetensors_writer.h"
#include "torch_bridge.h"

namespace dubito::nn {
namespace {

constexpr std::uint64_t kMostJson = 64u << 20;

struct TypeName {
    at::ScalarType type;
    const char* name;
};
constexpr TypeName kTypes[] = {{at::kDouble, "F64"}, {at::kFloat, "F32"}, {at::kHalf, "F16"}, {at::kBFloat16, "BF16"},
    {at::kLong, "I64"}, {at::kInt, "I32"}, {at::kShort, "I16"}, {at::kChar, "I8"}, {at::kByte, "U8"},
    {at::kBool, "BOOL"}};

std::string textOf(const at::Tensor& tensor) {
    std::string out = c10::toString(tensor.scalar_type());
    for (std::int64_t i = 0; i < tensor.dim(); ++i) out += fmt::format("{}{}", i ? " x " : " ", tensor.size(i));
    return out;
}

/// JSON has no word for infinity: it would become null and be lost.
Result<void> checkNumbers(const Json& value, const std::string& where) {
    if (value.is_number_float() && !std::isfinite(value.get<double>()))
        return Error(Code::InvalidArgument, "the state's " + where + " is no number");
    if (value.is_structured())
        for (const auto& [key, member] : value.items()) DUBITO_CHECK(checkNumbers(member, where + "/" + key));
    return {};
}

}  // namespace

const at::Tensor* TrainingState::find(std::string_view name) const {
    for (const Entry& one : tensors)
        if (one.name == name) return &one.value;
    return nullptr;
}

Result<void> TrainingState::into(std::string_view name, at::Tensor& target) const {
    const at::Tensor* stored = find(name);
    if (!stored) return Error(Code::NotFound, fmt::format("the checkpoint lacks {}", name));
    if (stored->sizes() != target.sizes() || stored->scalar_type() != target.scalar_type())
        return Error(Code::ShapeMismatch,
            fmt::format("the checkpoint's {} is {}, this run needs {}", name, textOf(*stored), textOf(target)));
    return compute::caught([&] {
        const c10::AutoGradMode off(false);
        target.copy_(*stored);
    });
}

Result<std::int64_t> TrainingState::integer(std::string_view key, std::int64_t low, std::int64_t high) const {
    const Json& value = memberOf(rest, key);
    const auto number = value.is_number_integer() ? value.get<std::int64_t>() : low - 1;
    if (!value.is_number_integer() || number < low || number > high)
        return Error(Code::CorruptData,
            fmt::format("the checkpoint's {} is {}; {} to {} are possible", key, jsonText(value), low, high));
    return number;
}

Result<std::vector<std::string>> writeState(const fs::path& folder, std::string_view name, const TrainingState& state) {
    DUBITO_CHECK(checkNumbers(state.rest, std::string(name)));
    std::vector<at::Tensor> kept;  // what the bytes below belong to
    std::vector<lm::TensorToWrite> tensors;
    std::uint64_t bytes = 0;
    for (const TrainingState::Entry& one : state.tensors) {
        const auto* type = std::find_if(
            std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) { return t.type == one.value.scalar_type(); });
        if (type == std::end(kTypes))
            return Error(Code::Unsupported,
                fmt::format("{} is {}, which is not written", one.name, c10::toString(one.value.scalar_type())));
        auto plain = compute::caught([&] { return one.value.detach().to(at::kCPU).contiguous(); });
        if (!plain) return std::move(plain).error();
        kept.push_back(*plain);
        tensors.push_back({one.name, type->name, kept.back().sizes().vec(),
            {static_cast<const std::uint8_t*>(kept.back().const_data_ptr()), kept.back().nbytes()}});
        bytes += kept.back().nbytes();
    }
    const std::string file(name);
    DUBITO_CHECK(lm::writeSafetensors(folder / (file + ".safetensors"), tensors));
    const Json json = {{"state", 1}, {"tensors", state.tensors.size()}, {"bytes", bytes}, {"rest", state.rest}};
    DUBITO_CHECK(writeFileAtomic(folder / (file + ".json"), jsonText(json, 1)));
    return std::vector<std::string>{file + ".safetensors", file + ".json"};
}

Result<TrainingState> readState(const fs::path& folder, std::string_view name) {
    const auto inFile = [&](Error error) {
        return std::move(error).in(fmt::format("reading the training state {} in {}", name, folder.string()));
    };
    const std::string file(name);
    auto text = readPlainFile(folder / (file + ".json"), kMostJson);
    if (!text) return inFile(std::move(text).error());
    auto json = parseJson(*text, {kMostJson, 32});
    if (!json) return inFile(std::move(json).error());
    if (integerOr(*json, "state", 0) != 1)
        return inFile(Error(Code::Unsupported, "the state is of a version that is not known here"));
    auto stored = lm::SafetensorsFile::open(folder / (file + ".safetensors"));
    if (!stored) return inFile(std::move(stored).error());
    TrainingState out;
    out.rest = memberOf(*json, "rest");
    if (!out.rest.is_object()) return inFile(Error(Code::CorruptData, "the state's rest is no object"));
    std::uint64_t bytes = 0;
    for (const lm::SafeTensor& one : (*stored)->tensors()) {
        const auto* type =
            std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) { return one.dtype == t.name; });
        if (type == std::end(kTypes))
            return inFile(Error(Code::Unsupported, fmt::format("{} is stored as {}", one.name, one.dtype)));
        auto value = compute::caught([&] {
            at::Tensor made = at::empty(one.shape, at::TensorOptions().dtype(type->type));
            if (!one.data.empty()) std::memcpy(made.mutable_data_ptr(), one.data.data(), one.data.size());
            return made;
        });
        if (!value) return inFile(std::move(value).error());
        out.put(one.name, *value);
        bytes += one.data.size();
    }
    if (integerOr(*json, "tensors", -1) != static_cast<std::int64_t>(out.tensors.size()) ||
        integerOr(*json, "bytes", -1) != static_cast<std::int64_t>(bytes))
        return inFile(Error(Code::CorruptData,
            fmt::format("the two files do not belong together: {} tensors of {} bytes are there, {} of {} are named",
                out.tensors.size(), bytes, integerOr(*json, "tensors", -1), integerOr(*json, "bytes", -1))));
    return out;
}

}  // namespace dubito::nn
