// Parameters in, one task out.
#include <fmt/format.h>

#include <optional>

#include "base/json.h"
#include "chat_session.h"
#include "convert_task.h"
#include "evaluate_task.h"
#include "lm/formats/model_card.h"
#include "lm/formats/model_folder.h"
#include "lm/model/lora.h"
#include "lm/text/tokenizer_source.h"
#include "quant_lab_task.h"
#include "tokenise_task.h"
#include "train_task.h"

namespace dubito::lmtask {
namespace {

lm::WeightForm weightsFrom(const std::string& name) {
    return name == "f32"     ? lm::WeightForm::F32
           : name == "quant" ? lm::WeightForm::Quantised
           : name == "bf16"  ? lm::WeightForm::BFloat16
                             : lm::WeightForm::Auto;
}

lm::Sampling samplingFrom(const sdk::Document& params) {
    lm::Sampling out;
    out.temperature = params.number("/gen/temperature");
    out.topK = static_cast<int>(params.integer("/gen/top_k"));
    out.topP = params.number("/gen/top_p");
    out.minP = params.number("/gen/min_p");
    out.repetitionPenalty = params.number("/gen/repetition_penalty");
    out.topLogprobs = static_cast<int>(params.integer("/gen/top_logprobs"));
    return out;
}

/// The card and the list of tensors.
void publishModel(const sdk::Host& host, const lm::GgufFile& file) {
    std::vector<std::string> keys, values, names, types;
    for (const auto& [key, value] : lm::modelCard(file)) keys.push_back(key), values.push_back(value);
    host.record(host.series("model/info", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("key", keys), sdk::Array::texts("value", values)});
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

class LmPlugin final : public sdk::Plugin {
public:
    void activate(const sdk::Activation& run) override {
        const sdk::Document params = run.params();
        const auto device = host().device();
        if (device.type != 1)
            throw sdk::Refusal(
                DUBITO_DEVICE_UNAVAILABLE, "language models are computed on the CPU here; use device cpu");
        const std::string task = params.text("/task");
        if (task == "tokenise") {
            std::shared_ptr<const lm::Tokenizer> against;
            const std::string other = optionalAsset("against");
            if (!other.empty()) against = orRefuse(lm::openTokenizer(other));
            m_task =
                std::make_unique<TokeniseTask>(host(), orRefuse(lm::openTokenizer(host().assetPath("model"))), against,
                    fs::path(other).filename().string(), params.text("/tok/text"), params.boolean("/session/keep"));
            return;
        }
        auto file = orRefuse(lm::openModel(host().assetPath("model")));
        publishModel(host(), *file);
        if (task == "show") return;
        if (task == "quant_lab") {
            m_task = std::make_unique<QuantLabTask>(host(), file, params, optionalAsset("text"), device.threads);
            return;
        }
        const std::string adapterPath = optionalAsset("adapter");
        if (task == "convert") {
            if (!adapterPath.empty()) {
                // What is written is the base with the adapter in it.
                auto merged = orRefuse(lm::Decoder::load(file, device.threads, lm::WeightForm::F32));
                orRefuse(merged->merge(*orRefuse(lm::LoraAdapter::load(adapterPath, merged->config()))));
                file = orRefuse(lm::Decoder::asModel(merged));
            }
            m_task = std::make_unique<ConvertTask>(host(), file, params);
            return;
        }
        // Training and merged adapters need fp32 weights, whatever the file holds.
        const bool needsFloats = task == "train" || !adapterPath.empty();
        auto decoder = orRefuse(lm::Decoder::load(file, device.threads,
            needsFloats ? lm::WeightForm::F32 : weightsFrom(params.text("/model/weights")),
            params.text("/model/activation") == "a8" ? lm::Activation::A8 : lm::Activation::A16));
        if (!adapterPath.empty()) {
            const auto adapter = orRefuse(lm::LoraAdapter::load(adapterPath, decoder->config()));
            orRefuse(decoder->merge(*adapter));
            host().log(sdk::Log::info, fmt::format("merged an adapter of rank {} with {} parameters; weights are fp32",
                                           adapter->rank(), adapter->parameters()));
        }
        if (task == "train") {
            m_task = std::make_unique<TrainTask>(host(), *file, decoder, params, run.seed(), run.resumeStep());
            return;
        }
        if (task == "evaluate") {
            std::shared_ptr<const lm::Decoder> reference;
            if (const std::string path = optionalAsset("reference"); !path.empty())
                reference =
                    orRefuse(lm::Decoder::load(orRefuse(lm::openModel(path)), device.threads, lm::WeightForm::F32));
            m_task = std::make_unique<EvaluateTask>(host(), *file, decoder, reference, params, optionalAsset("text"),
                optionalAsset("tasks"), optionalAsset("dev"), run.seed());
            return;
        }
        ChatSettings settings;
        settings.system = params.text("/chat/system");
        settings.sampling = samplingFrom(params);
        settings.maxTokens = params.integer("/gen/max_tokens");
        if (const std::string schema = params.text("/gen/schema"); !schema.empty())
            settings.schema = orRefuse(parseJson(schema));
        if (const std::string thinking = params.text("/chat/thinking"); thinking != "template")
            settings.thinking = thinking == "on";
        auto chat = std::make_unique<ChatSession>(host(), file, decoder, params.integer("/model/context"), run.seed(),
            std::move(settings), params.boolean("/session/keep"));
        std::int64_t last = -1;
        if (const std::string turns = params.text("/chat/turns"); !turns.empty()) {
            const Json list = orRefuse(parseJson(turns));
            chat->takeUp(list);
            last = static_cast<std::int64_t>(list.size()) - 1;
        }
        if (const std::string text = params.text("/chat/text"); !text.empty()) chat->say(last, text);
        m_task = std::move(chat);
    }
    sdk::Step step(int64_t) override { return m_task ? m_task->step() : sdk::Step::done; }
    void interact(const sdk::Interaction& command) override {
        if (!m_task) throw sdk::Refusal(DUBITO_WRONG_STATE, "this task takes no commands");
        m_task->interact(command);
    }
    void save(int64_t /*step*/) override {
        if (m_task) m_task->save();
    }
    void deactivate() override { m_task.reset(); }

private:
    /// Path of an input that the spec need not name; empty: it does not.
    std::string optionalAsset(std::string_view role) const {
        try {
            return host().assetPath(role);
        } catch (const sdk::Refusal&) {
            return {};
        }
    }
    std::unique_ptr<Task> m_task;
};

}  // namespace
}  // namespace dubito::lmtask

DUBITO_PLUGIN(dubito::lmtask::LmPlugin)
