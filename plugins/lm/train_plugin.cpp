// Data are packed once at the start; which rows a step reads follows from its number, so a resumed run reads the same
// ones.
#include "train_plugin.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "data_rows.h"

namespace dubito::lmtask {
namespace {

nn::ScheduleKind scheduleFrom(const std::string& name) {
    return name == "constant" ? nn::ScheduleKind::Constant
           : name == "linear" ? nn::ScheduleKind::Linear
           : name == "wsd"    ? nn::ScheduleKind::Wsd
                              : nn::ScheduleKind::Cosine;
}

std::vector<lm::Projection> projectionsFrom(const std::string& which) {
    using enum lm::Projection;
    if (which == "attention") return {Q, K, V, O};
    if (which == "mlp") return {Gate, Up, Down};
    return {Q, K, V, O, Gate, Up, Down};
}

lm::TrainMode modeFrom(const std::string& name) {
    return name == "lora" ? lm::TrainMode::Lora : name == "full" ? lm::TrainMode::Full : lm::TrainMode::HeadOnly;
}

lm::TuneSettings settingsFrom(const sdk::Document& params) {
    lm::TuneSettings out;
    out.mode = modeFrom(params.text("/train/mode"));
    out.batchRows = std::max<std::int64_t>(1, params.integer("/train/batch_tokens") / params.integer("/train/seq_len"));
    out.microRows = std::min(out.batchRows, params.integer("/train/micro_rows"));
    out.isolateDocuments = params.boolean("/train/isolate_documents");
    out.precision = learning::precisionOf(params);
    out.baseName = params.text("/model/path");
    return out;
}

nn::OptimiserSettings optimiserFrom(const sdk::Document& params) {
    nn::OptimiserSettings out;
    out.beta1 = params.number("/train/beta1");
    out.beta2 = params.number("/train/beta2");
    out.epsilon = params.number("/train/eps");
    out.clip = params.number("/train/clip");
    out.schedule = {scheduleFrom(params.text("/train/schedule")), params.number("/train/lr"),
        params.number("/train/warmup"), params.number("/train/min_ratio"), params.integer("/train/steps")};
    return out;
}

/// A checkpoint of the pass that training had before has its weights and moments in other files and under other names.
void refuseOldCheckpoint(const fs::path& folder) {
    std::error_code ignored;
    if (fs::exists(folder / "training.json", ignored) || !fs::exists(folder / "optimizer.safetensors", ignored)) return;
    const bool isAdapter = fs::exists(folder / "adapter_config.json", ignored);
    throw sdk::Refusal(DUBITO_UNSUPPORTED,
        fmt::format(
            "the checkpoint is of an earlier version (optimizer.safetensors, state.json), whose optimiser is not "
            "read any more; start a new run with {} set to its folder: it goes on from those weights. Folder: {}",
            isAdapter ? "model.adapter" : "model.path", folder.string()));
}

}  // namespace

void TrainPlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    lm::TuneSettings settings = settingsFrom(params);
    settings.device = learning::deviceOf(host());
    settings.seed = run.seed();
    if (run.resumeStep() >= 0) refuseOldCheckpoint(host().latestCheckpoint());
    const auto file = openModel(host());
    Rows rows = readRows(*file, params);
    m_heldOut = std::move(rows.heldOut);
    m_sets = std::move(rows.sets);
    openTune(file, params, rows, settings);
    m_optimiser = orRefuse(nn::Optimiser::create(
        nn::usualGroups(m_tune->model(), params.number("/train/weight_decay")), optimiserFrom(params)));
    publishSetup(*file, params.text("/train/mode"), rows, settings);
    m_nll = host().series("eval/nll_nats", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN);
    begin(run, *m_tune, *m_optimiser, {params.integer("/train/steps"), params.integer("/train/checkpoint_every")},
        loopHost(settings.device));
}

void TrainPlugin::openTune(
    const std::shared_ptr<lm::GgufFile>& file, const sdk::Document& params, Rows& rows, lm::TuneSettings settings) {
    const int threads = host().device().threads;
    const bool isLora = settings.mode == lm::TrainMode::Lora;
    // Only an adapter leaves the base as it is, and only where nothing is merged into it before.
    const bool keepsRows = isLora && !settings.device.isCuda() && params.text("/train/base") == "stored" &&
                           optionalAsset(host(), "adapter").empty();
    const auto decoder = loadModel(host(), file, threads, keepsRows ? lm::WeightForm::Auto : lm::WeightForm::F32);
    if (!isLora && decoder->config().architecture == "qwen")
        throw sdk::Refusal(DUBITO_UNSUPPORTED,
            "models of the 2023 Qwen architecture are not written, so only train.mode=lora can keep what was trained");
    std::shared_ptr<lm::LoraAdapter> adapter;
    if (isLora)
        adapter = orRefuse(lm::LoraAdapter::create(decoder->config(), params.integer("/train/lora_rank"),
            params.number("/train/lora_alpha"), projectionsFrom(params.text("/train/lora_on")), settings.seed));
    constexpr std::int64_t kKeptBesideRows = 160ll << 20;  // who keeps rows as stored wants little memory
    if (decoder->hasRows()) settings.keptBytes = kKeptBesideRows;
    m_tune = orRefuse(
        lm::FineTune::create(orRefuse(lm::DecoderModule::over(decoder)), adapter, std::move(rows.training), settings));
    m_tune->setPoll([this] { return learning::wishOf(host()) != nn::Wish::Stop; });
}

TrainPlugin::Rows TrainPlugin::readRows(const lm::GgufFile& file, const sdk::Document& params) const {
    const auto tokenizer = orRefuse(lm::Tokenizer::load(file));
    if (!tokenizer->warning().empty()) host().log(sdk::Log::warn, tokenizer->warning());
    const auto chat = lm::ChatTemplate::opened(file, timeOf(params));
    if (!chat.warning().empty()) host().log(sdk::Log::warn, chat.warning());
    auto [documents, summary] =
        orRefuse(lm::readTrainFile(host().assetPath("data"), orRefuse(lm::ColumnMap::parse(params.text("/data/map")))));
    host().log(sdk::Log::info, "training data: " + summary.text());
    const auto held =
        static_cast<std::size_t>(std::floor(params.number("/train/holdout") * static_cast<double>(documents.size())));
    const std::vector<lm::TrainDocument> heldOut(documents.end() - static_cast<std::ptrdiff_t>(held), documents.end());
    const std::int64_t length = params.integer("/train/seq_len");
    Rows out;
    out.sets = HeldSets(host(), params, *tokenizer, &chat, heldOut);
    publishRows(host(), host().series("data/rows", "", DUBITO_KIND_TABLE), 0, documents, *tokenizer, &chat, summary,
        {length, held, out.sets.documents()});
    documents.resize(documents.size() - held);
    out.summary = std::move(summary);
    out.training = orRefuse(lm::packRows(documents, *tokenizer, &chat, length));
    refuseTargetless(host(), out.training, documents.size(), params.number("/train/without_target"));
    if (out.training.skipped)
        host().log(sdk::Log::warn,
            fmt::format("{} conversations are longer than {} tokens in their first answer and were left out",
                out.training.skipped, length));
    if (heldOut.empty()) return out;
    auto packed = lm::packRows(heldOut, *tokenizer, &chat, length);
    if (packed) out.heldOut = std::move(*packed);
    else host().log(sdk::Log::warn, "there is no held-out loss: " + packed.error().text());
    return out;
}

void TrainPlugin::publishSetup(
    const lm::GgufFile& file, const std::string& mode, const Rows& all, const lm::TuneSettings& settings) const {
    const lm::PackedRows& rows = m_tune->rows();
    const std::int64_t trained = nn::countOf(m_tune->model()).trained;
    host().log(
        sdk::Log::info, fmt::format("{} rows of {} tokens, {} of them supervised; {} trained numbers; {} rows a step",
                            rows.ids.size(), rows.length, rows.supervised, trained, settings.batchRows));
    // A start from quantised weights is a little worse than one from the original: what it was is part of the run.
    std::map<std::string, int> types;
    for (const auto& tensor : file.tensors())
        if (tensor.dims.size() == 2) ++types[lm::typeName(tensor.typeCode)];
    std::string base;
    for (const auto& [type, count] : types) base += fmt::format("{}{} {}", base.empty() ? "" : ", ", type, count);
    const std::pair<const char*, std::string> table[] = {{"base_quant", base}, {"mode", mode},
        {"trained numbers", std::to_string(trained)}, {"rows", std::to_string(rows.ids.size())},
        {"row length", std::to_string(rows.length)}, {"rows a step", std::to_string(settings.batchRows)},
        {"device", compute::deviceName(settings.device)},
        {"precision", std::string(nn::precisionName(settings.precision))},
        {"base", m_tune->model().isStored() ? "in rows as stored" : "fp32"},
        {"supervised tokens", std::to_string(rows.supervised)},
        {"skipped conversations", std::to_string(rows.skipped + rows.unanswered)}, {"data", all.summary.form},
        {all.summary.isGuessed ? "columns, guessed" : "columns", all.summary.columns()},
        {"columns not used", all.summary.unused()}, {"roles", all.summary.roles()}};
    std::vector<std::string> keys, values;
    for (const auto& [key, value] : table)
        if (!value.empty()) keys.emplace_back(key), values.push_back(value);
    host().record(host().series("train/setup", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("key", keys), sdk::Array::texts("value", values)});
}

nn::LoopHost TrainPlugin::loopHost(compute::Device device) {
    nn::LoopHost out = learning::loopHostOf(host(), {"steps", "nats", device});
    const sdk::Series sum = host().series("train/sum_lr", "", DUBITO_KIND_SCALAR, DUBITO_GOAL_NONE),
                      tokens = host().series("train/tokens", "", DUBITO_KIND_SCALAR, DUBITO_GOAL_NONE),
                      rate = host().series("train/tokens_per_s", "1/s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX);
    out.publish = [this, plain = out.publish, sum, tokens, rate](
                      std::int64_t step, const std::vector<nn::Figure>& figures) {
        plain(step, figures);
        std::map<std::string_view, double> all;
        for (const nn::Figure& one : figures) all[one.key] = one.value;
        if (!all.contains("loss")) return;  // the step was skipped
        host().scalars(step, {{sum, m_tune->countRate(all["lr"])},
                                 {tokens, static_cast<double>(m_tune->tokensOfStep())}, {rate, all["rows_per_s"]}});
    };
    out.measure = [this](std::int64_t done) { measure(done); };
    return out;
}

void TrainPlugin::measure(std::int64_t done) {
    m_sets.measure(host(), done, [this](const lm::PackedRows& rows) { return m_tune->evaluate(rows, 1); });
    if (m_heldOut.ids.empty()) return;
    constexpr std::size_t kRows = 16;
    const auto nats = m_tune->evaluate(m_heldOut, kRows);
    if (nats) host().scalars(done, {{m_nll, *nats}});
    else if (nats.error().code() != Code::Cancelled)
        host().log(sdk::Log::warn, "there is no held-out loss: " + nats.error().text());
}

}  // namespace dubito::lmtask
