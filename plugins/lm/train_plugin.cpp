// Data are packed once at the start; which rows a step reads follows from its number, so a resumed run reads the same
// ones.
#include "train_plugin.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <map>

#include "data_rows.h"

namespace dubito::lmtask {
namespace {

lm::ScheduleKind scheduleFrom(const std::string& name) {
    return name == "constant" ? lm::ScheduleKind::Constant
           : name == "linear" ? lm::ScheduleKind::Linear
           : name == "wsd"    ? lm::ScheduleKind::Wsd
                              : lm::ScheduleKind::Cosine;
}

std::vector<lm::Projection> projectionsFrom(const std::string& which) {
    using enum lm::Projection;
    if (which == "attention") return {Q, K, V, O};
    if (which == "mlp") return {Gate, Up, Down};
    return {Q, K, V, O, Gate, Up, Down};
}

lm::TrainSettings settingsFrom(const sdk::Document& params) {
    lm::TrainSettings out;
    out.steps = params.integer("/train/steps");
    out.batchRows = std::max<std::int64_t>(1, params.integer("/train/batch_tokens") / params.integer("/train/seq_len"));
    out.microRows = std::min(out.batchRows, params.integer("/train/micro_rows"));
    out.adam = {params.number("/train/lr"), params.number("/train/weight_decay"), params.number("/train/beta1"),
        params.number("/train/beta2"), params.number("/train/eps")};
    out.schedule = {scheduleFrom(params.text("/train/schedule")), params.number("/train/lr"),
        params.number("/train/warmup"), params.number("/train/min_ratio"), out.steps};
    out.clip = params.number("/train/clip");
    out.isolateDocuments = params.boolean("/train/isolate_documents");
    return out;
}

lm::TrainMode modeFrom(const std::string& name) {
    return name == "lora" ? lm::TrainMode::Lora : name == "full" ? lm::TrainMode::Full : lm::TrainMode::HeadOnly;
}

}  // namespace

void TrainPlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    const int threads = threadsOf(host());
    const auto file = openModel(host());
    const auto decoder = loadModel(host(), file, threads, lm::WeightForm::F32);
    m_base = params.text("/model/path");
    Rows rows = readRows(*file, params);
    m_heldOut = std::move(rows.heldOut);
    m_sets = std::move(rows.sets);
    const lm::TrainSettings settings = settingsFrom(params);
    m_total = settings.steps;
    const std::string mode = params.text("/train/mode");
    if (mode != "lora" && decoder->config().architecture == "qwen")
        throw sdk::Refusal(DUBITO_UNSUPPORTED,
            "models of the 2023 Qwen architecture are not written, so only train.mode=lora can keep what was trained");
    std::shared_ptr<lm::LoraAdapter> adapter;
    if (mode == "lora")
        adapter = orRefuse(lm::LoraAdapter::create(decoder->config(), params.integer("/train/lora_rank"),
            params.number("/train/lora_alpha"), projectionsFrom(params.text("/train/lora_on")), run.seed()));
    auto model = orRefuse(lm::TrainableDecoder::create(decoder, modeFrom(mode), adapter));
    std::int64_t trained = 0;
    for (const auto& parameter : model->parameters()) trained += parameter.size;
    publishSetup(*file, mode, trained, rows, settings);
    m_trainer =
        std::make_unique<lm::Trainer>(std::move(model), adapter, std::move(rows.training), settings, run.seed());
    if (run.resumeStep() >= 0) {
        orRefuse(m_trainer->restore(host().latestCheckpoint()));
        m_saved = m_trainer->done();
    }
    m_every = params.integer("/train/checkpoint_every");
    defineSeries();
    host().progress(static_cast<double>(m_trainer->done()), static_cast<double>(m_total), "steps", "training");
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

void TrainPlugin::publishSetup(const lm::GgufFile& file, const std::string& mode, std::int64_t trained, const Rows& all,
    const lm::TrainSettings& settings) const {
    const lm::PackedRows& rows = all.training;
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

void TrainPlugin::defineSeries() {
    m_loss = host().series("train/loss", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN);
    m_lr = host().series("train/lr", "");
    m_sumLr = host().series("train/sum_lr", "");
    m_norm = host().series("train/grad_norm", "");
    m_tokens = host().series("train/tokens", "");
    m_rate = host().series("train/tokens_per_s", "1/s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX);
    m_nll = host().series("eval/nll_nats", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN);
}

void TrainPlugin::measure() {
    if (m_measured == m_trainer->done()) return;
    m_sets.measure(host(), m_trainer->done(), [this](const lm::PackedRows& rows) {
        return m_trainer->evaluate(rows, 1, [this] {
            host().tick();
            return !host().shouldStop();
        });
    });
    if (m_heldOut.ids.empty()) return void(m_measured = m_trainer->done());
    constexpr std::size_t kRows = 16;
    if (const auto nats = m_trainer->evaluate(m_heldOut, kRows, [this] {
            host().tick();
            return !host().shouldStop();
        })) {
        host().scalars(m_trainer->done(), {{m_nll, *nats}});
        m_measured = m_trainer->done();
    }
}

sdk::Step TrainPlugin::step(std::int64_t) {
    if (m_trainer->done() == 0) measure();
    if (m_trainer->isDone()) {
        save();
        return sdk::Step::done;
    }
    const auto start = std::chrono::steady_clock::now();
    const auto step = m_trainer->advance([this] {
        host().tick();
        return !host().shouldStop();
    });
    if (!step && step.error().code() == Code::Cancelled)
        return sdk::Step::more;  // the host takes a checkpoint and ends the run
    const lm::TrainStep now = orRefuse(step);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    host().scalars(now.step,
        {{m_loss, now.loss}, {m_lr, now.lr}, {m_sumLr, now.sumLr}, {m_norm, now.gradientNorm},
            {m_tokens, static_cast<double>(now.tokens)}, {m_rate, static_cast<double>(now.tokens) / seconds}});
    host().progress(static_cast<double>(now.step), static_cast<double>(m_total), "steps", "training");
    if (m_trainer->isDone() || (m_every > 0 && now.step % m_every == 0)) {
        measure();
        save();
    }
    return m_trainer->isDone() ? sdk::Step::done : sdk::Step::more;
}

void TrainPlugin::save(std::int64_t) { save(); }

void TrainPlugin::save() {
    // The trainer's own count is what was finished; a step that was cut off counts for nothing.
    if (m_saved == m_trainer->done()) return;
    // Curves count steps from 1: the first one still to come is the next.
    const std::string folder = host().beginCheckpoint(m_trainer->done() + 1);
    const auto items = m_trainer->save(folder, m_base);
    if (!items) {
        host().abandonCheckpoint();
        host().log(sdk::Log::error,
            fmt::format("no checkpoint at step {}: {}; the one before stays", m_trainer->done(), items.error().text()));
        return;
    }
    for (const auto& item : *items) host().putCheckpoint(item);
    try {
        host().commitCheckpoint();
        m_saved = m_trainer->done();
    } catch (const sdk::Refusal& refusal) {
        host().log(sdk::Log::error,
            fmt::format("no checkpoint at step {}: {}; the one before stays", m_trainer->done(), refusal.what()));
    }
}

}  // namespace dubito::lmtask
