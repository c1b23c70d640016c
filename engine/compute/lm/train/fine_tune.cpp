// Which rows a step reads follows from the step and the seed alone, so the data need no cursor in the state.
#include "lm/train/fine_tune.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "lm/formats/convert.h"
#include "lm/formats/safetensors_writer.h"
#include "lm/formats/tensor_names.h"
#include "stats/counter_rng.h"

namespace dubito::lm {

using ::torch::Tensor;

namespace {

template <class From, class To>
Tensor tensorOf(const std::vector<From>& values, std::int64_t sequences, at::ScalarType type) {
    Tensor out = at::empty({static_cast<std::int64_t>(values.size())}, at::TensorOptions().dtype(type));
    std::copy(values.begin(), values.end(), out.template mutable_data_ptr<To>());
    return out.view({sequences, -1});
}

}  // namespace

Result<std::unique_ptr<FineTune>> FineTune::create(std::shared_ptr<DecoderModule> model,
    std::shared_ptr<LoraAdapter> adapter, PackedRows rows, TuneSettings settings) {
    const bool isLora = settings.mode == TrainMode::Lora;
    if (isLora != (adapter != nullptr))
        return Error(Code::InvalidArgument, "an adapter belongs to the mode lora, and only to it");
    if (rows.ids.empty()) return Error(Code::InvalidArgument, "there is no row to train on");
    if (model->isStored() && (!isLora || settings.device.isCuda()))
        return Error(Code::InvalidArgument,
            "a base in rows as stored takes adapters on a CPU only; load it with model.weights=f32");
    std::unique_ptr<FineTune> out(new FineTune());
    DUBITO_CHECK(nn::moveTo(*model, settings.device, nn::weightType(settings.precision)));
    if (isLora) DUBITO_CHECK(model->adapt(*adapter));
    if (settings.mode == TrainMode::HeadOnly) {
        const auto trained = nn::trainOnly(*model, {model->config().tiedHead ? "embedding" : "head", "final_norm.*"});
        if (!trained) return trained.error();
    }
    out->m_model = std::move(model);
    out->m_adapter = std::move(adapter);
    out->m_rows = std::move(rows);
    out->m_settings = std::move(settings);
    return out;
}

std::vector<std::size_t> FineTune::rowsOf(std::int64_t step) const {
    const auto n = static_cast<std::int64_t>(m_rows.ids.size());
    std::vector<std::size_t> out, order;
    std::int64_t epochOfOrder = -1;
    for (std::int64_t i = step * m_settings.batchRows; i < (step + 1) * m_settings.batchRows; ++i) {
        if (const std::int64_t epoch = i / n; epoch != epochOfOrder) {
            epochOfOrder = epoch;
            order.resize(static_cast<std::size_t>(n));
            std::iota(order.begin(), order.end(), std::size_t{0});
            stats::CounterRng rng(m_settings.seed, "rows", static_cast<std::uint64_t>(epoch));
            for (std::size_t j = order.size(); j > 1; --j)
                std::swap(order[j - 1], order[static_cast<std::size_t>(rng.uniform() * static_cast<double>(j))]);
        }
        out.push_back(order[static_cast<std::size_t>(i % n)]);
    }
    return out;
}

std::int64_t FineTune::partsOf(std::int64_t) const {
    return (m_settings.batchRows + m_settings.microRows - 1) / m_settings.microRows;
}

FineTune::Batch FineTune::batchOf(const PackedRows& rows, std::span<const std::size_t> which) const {
    const TrainBatch batch = rows.batch(which, m_settings.isolateDocuments);
    const at::Device device = nn::torchDevice(m_settings.device);
    Batch out;
    out.ids = tensorOf<TokenId, std::int64_t>(batch.ids, batch.sequences, at::kLong).to(device);
    out.targets = tensorOf<TokenId, std::int64_t>(batch.targets, batch.sequences, at::kLong);
    if (!batch.documents.empty())
        out.documents = tensorOf<std::int32_t, std::int32_t>(batch.documents, batch.sequences, at::kInt);
    out.tokens = std::count_if(batch.targets.begin(), batch.targets.end(), [](TokenId id) { return id >= 0; });
    return out;
}

Result<void> FineTune::fetch(std::int64_t step, std::int64_t part) {
    return compute::caught([&] {
        const std::vector<std::size_t> rows = rowsOf(step);
        const auto first = static_cast<std::size_t>(part * m_settings.microRows);
        const std::size_t count = std::min(rows.size() - first, static_cast<std::size_t>(m_settings.microRows));
        m_batch = batchOf(m_rows, std::span(rows).subspan(first, count));
        if (part == 0) m_tokens = 0;
    });
}

bool FineTune::keepsAll(const Batch& batch) const {
    const ModelConfig& c = m_model->config();
    const std::int64_t q = c.heads * c.headWidth, stride = q + 2 * c.kvHeads * c.headWidth,
                       width = 5 * c.width + stride + 2 * q + 3 * c.ffn;
    return batch.ids.numel() * width * c.layers * static_cast<std::int64_t>(sizeof(float)) <= m_settings.keptBytes;
}

Error FineTune::told(Error error) const {
    if (m_wasStopped) return Error(Code::Cancelled, "the step was not finished");
    if (error.code() != Code::OutOfMemory) return error;
    return std::move(error).in(
        "no memory is left for this many tokens at a time; a smaller train.micro_rows or train.seq_len needs less");
}

Result<Tensor> FineTune::lossOf(const Batch& batch, bool learns) {
    m_wasStopped = false;
    ModulePass pass;
    pass.documents = batch.documents;
    pass.recompute = learns && m_settings.mode != TrainMode::HeadOnly && !keepsAll(batch);
    std::function<void()> between;
    if (m_goOn && !m_settings.device.isCuda()) {
        pass.goOn = [this] { return !(m_wasStopped |= !m_goOn()); };
        between = [this, goOn = pass.goOn] {
            if (!goOn()) throw std::runtime_error("stopped");
        };
    }
    const nn::PrecisionScope scope(m_settings.precision, m_settings.device);
    Tensor hidden;
    {
        const at::AutoGradMode through(learns && m_settings.mode != TrainMode::HeadOnly);
        DUBITO_TRY(const Tensor embedded, m_model->embed(batch.ids));
        DUBITO_TRY(hidden, m_model->blocks(embedded, 1, m_model->config().layers, pass));
    }
    const at::AutoGradMode on(learns);
    return m_model->loss(hidden, batch.targets, {}, between);
}

Result<nn::PartResult> FineTune::accumulate(std::int64_t, std::int64_t) {
    auto loss = lossOf(m_batch, true);
    if (!loss) return told(std::move(loss).error());
    auto back = compute::caught([&] {
        if (m_batch.tokens) loss->backward();
        return loss->item<double>();
    });
    if (!back) return told(std::move(back).error());
    m_tokens += m_batch.tokens;
    return nn::PartResult{*back, static_cast<double>(m_batch.tokens), m_batch.tokens};
}

Result<double> FineTune::evaluate(const PackedRows& rows, std::size_t most) {
    double nats = 0;
    std::int64_t tokens = 0;
    for (std::size_t row = 0; row < std::min(most, rows.ids.size()); ++row) {
        auto batch = compute::caught([&] { return batchOf(rows, std::span(&row, 1)); });
        if (!batch) return told(std::move(batch).error());
        auto loss = lossOf(*batch, false);
        if (!loss) return told(std::move(loss).error());
        nats += loss->item<double>();
        tokens += batch->tokens;
    }
    return nats / static_cast<double>(std::max<std::int64_t>(tokens, 1));
}

void FineTune::save(nn::TrainingState& state) const { state.rest["sum_lr"] = m_sumRates; }

Result<void> FineTune::restore(const nn::TrainingState& state) {
    m_sumRates = numberOr(state.rest, "sum_lr", 0);
    return {};
}

Result<std::vector<std::string>> FineTune::saveItems(const fs::path& folder) const {
    if (m_adapter) {
        DUBITO_CHECK(m_model->copyInto(*m_adapter));
        DUBITO_CHECK(m_adapter->save(folder, m_settings.baseName));
        return std::vector<std::string>{"adapter_model.safetensors", "adapter_config.json"};
    }
    // A whole model folder: it opens like any other, here and elsewhere.
    DUBITO_CHECK(m_model->copyBack());
    std::vector<TensorToWrite> weights;
    Decoder& decoder = m_model->decoder();
    for (const NamedWeight& weight : decoder.weights())
        weights.push_back({folderName(weight.name), "F32", weight.shape,
            {reinterpret_cast<const std::uint8_t*>(weight.values),
                static_cast<std::size_t>(weight.size()) * sizeof(float)}});
    DUBITO_CHECK(writeSafetensors(folder / "model.safetensors", weights, {{"format", "pt"}}));
    DUBITO_TRY(std::vector<std::string> items, writeFolderFiles(decoder.file(), folder, "float32"));
    items.push_back("model.safetensors");
    return items;
}

}  // namespace dubito::lm
