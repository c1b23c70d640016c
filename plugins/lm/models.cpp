#include "models.h"

#include <fmt/format.h>

#include "learning/host_model.h"
#include "lm/formats/account.h"
#include "lm/formats/model_card.h"
#include "lm/formats/model_folder.h"
#include "lm/model/lora.h"
#include "lm/text/chat_template.h"

namespace dubito::lmtask {
namespace {

lm::WeightForm weightsFrom(const std::string& name) {
    return name == "f32"     ? lm::WeightForm::F32
           : name == "quant" ? lm::WeightForm::Quantised
           : name == "bf16"  ? lm::WeightForm::BFloat16
                             : lm::WeightForm::Auto;
}

void publishCard(const sdk::Host& host, const lm::GgufFile& file) {
    std::vector<std::string> keys, values;
    for (const auto& [key, value] : lm::modelCard(file)) keys.push_back(key), values.push_back(value);
    host.record(host.series("model/info", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("key", keys), sdk::Array::texts("value", values)});
}

/// What became of each key and tensor, the worst first; what is worth a warning also goes to the log.
void publishAccount(const sdk::Host& host, const lm::GgufFile& file) {
    std::vector<std::string> fates, whats, whys;
    for (const lm::AccountRow& row : lm::accountOf(file)) {
        fates.emplace_back(lm::fateName(row.fate));
        whats.push_back(row.what);
        whys.push_back(row.why);
        if (row.fate == lm::Fate::Warning) host.log(sdk::Log::warn, row.what + " " + row.why);
    }
    host.record(host.series("model/account", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("fate", fates), sdk::Array::texts("what", whats), sdk::Array::texts("why", whys)});
}

void publishTensors(const sdk::Host& host, const lm::GgufFile& file) {
    std::vector<std::string> names, types;
    std::vector<std::int64_t> rows, columns, bytes;
    for (const auto& tensor : file.tensors()) {
        if (!file.findTensor(tensor.name)) continue;
        names.push_back(tensor.name);
        types.push_back(lm::typeName(tensor.typeCode));
        rows.push_back(tensor.rows());
        columns.push_back(tensor.columns());
        bytes.push_back(static_cast<std::int64_t>(tensor.bytes));
    }
    const auto n = static_cast<std::int64_t>(names.size());
    const auto whole = [&](const char* name, const std::vector<std::int64_t>& column) {
        return sdk::Array(name, std::span<const std::int64_t>(column), {n});
    };
    host.record(host.series("model/tensors", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("name", names), sdk::Array::texts("type", types), whole("rows", rows),
            whole("columns", columns), whole("bytes", bytes)});
}

}  // namespace

int threadsOf(const sdk::Host& host) {
    const auto device = host.device();
    if (device.type != 1)
        throw sdk::Refusal(DUBITO_DEVICE_UNAVAILABLE, "this task is computed on the CPU; use device cpu");
    return device.threads;
}

compute::Device deviceOf(const sdk::Host& host) {
    constexpr std::int32_t kCpu = 1, kCuda = 2;  // as DLPack counts
    const auto leased = host.device();
    if (leased.type != kCpu && leased.type != kCuda)
        throw sdk::Refusal(DUBITO_UNSUPPORTED, fmt::format("devices of kind {} are not known here", leased.type));
    return orRefuse(compute::deviceFrom(leased.type == kCpu ? "cpu" : fmt::format("cuda:{}", leased.id)));
}

std::string optionalAsset(const sdk::Host& host, std::string_view role) {
    try {
        return host.assetPath(role);
    } catch (const sdk::Refusal&) {
        return {};
    }
}

std::string timeOf(const sdk::Document& params) { return orRefuse(lm::midnightOf(params.text("/template/date"))); }

std::shared_ptr<lm::GgufFile> openModel(const sdk::Host& host) {
    auto file = orRefuse(lm::openModel(host.assetPath("model")));
    publishCard(host, *file);
    publishTensors(host, *file);
    publishAccount(host, *file);
    return file;
}

std::shared_ptr<lm::Decoder> loadModel(const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, int threads,
    lm::WeightForm form, lm::Activation activation) {
    const auto loading = [&host](double share) { host.progress(share, 1, "", "loading the model"); };
    loading(0);
    const std::string adapterPath = optionalAsset(host, "adapter");
    if (!adapterPath.empty()) form = lm::WeightForm::F32;
    auto decoder = orRefuse(lm::Decoder::load(file, threads, form, activation, loading));
    if (adapterPath.empty()) return decoder;
    const auto adapter = orRefuse(lm::LoraAdapter::load(adapterPath, decoder->config()));
    orRefuse(decoder->merge(*adapter));
    host.log(sdk::Log::info, fmt::format("merged an adapter of rank {} with {} parameters; weights are fp32",
                                 adapter->rank(), adapter->parameters()));
    return decoder;
}

std::shared_ptr<const lm::LanguageModel> loadModel(
    const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, const sdk::Document& params) {
    const auto activation = params.text("/model/activation") == "a8" ? lm::Activation::A8 : lm::Activation::A16;
    return learning::loadForRun(host, file,
        {deviceOf(host), host.device().threads, weightsFrom(params.text("/model/weights")), activation,
            optionalAsset(host, "adapter"), {}});
}

std::shared_ptr<const lm::LanguageModel> loadPlain(
    const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, const std::string& adapter) {
    return learning::loadForRun(
        host, file, {deviceOf(host), host.device().threads, lm::WeightForm::F32, lm::Activation::A16, adapter, {}});
}

}  // namespace dubito::lmtask
