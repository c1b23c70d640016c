// Which rows a step reads follows from the step and the seed alone, so the data need no cursor in the state.
#include "lm/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lm/formats/convert.h"
#include "lm/formats/safetensors.h"
#include "lm/formats/safetensors_writer.h"
#include "lm/formats/tensor_names.h"
#include "stats/counter_rng.h"

namespace dubito::lm {
namespace {

ByteSpan bytesOf(const float* values, std::int64_t n) {
    return {reinterpret_cast<const std::uint8_t*>(values), static_cast<std::size_t>(n) * sizeof(float)};
}

Result<void> take(const SafetensorsFile& file, const std::string& name, float* values, std::int64_t n) {
    for (const SafeTensor& tensor : file.tensors())
        if (tensor.name == name) {
            if (tensor.dtype != "F32" || tensor.data.size() != static_cast<std::size_t>(n) * sizeof(float))
                return Error(Code::ShapeMismatch, fmt::format("the checkpoint's {} has {} bytes, this run needs {}",
                                                      name, tensor.data.size(), n * 4));
            std::memcpy(values, tensor.data.data(), tensor.data.size());
            return {};
        }
    return Error(Code::CorruptData, "the checkpoint lacks " + name);
}

}  // namespace

Trainer::Trainer(std::unique_ptr<TrainableDecoder> model, std::shared_ptr<LoraAdapter> adapter, PackedRows rows,
    TrainSettings settings, std::uint64_t seed)
    : m_model(std::move(model)), m_adapter(std::move(adapter)), m_rows(std::move(rows)), m_settings(settings),
      m_seed(seed), m_optimiser(m_model->parameters()) {
    m_settings.schedule.steps = m_settings.steps;
}

std::vector<std::size_t> Trainer::rowsOf(std::int64_t step) const {
    const auto n = static_cast<std::int64_t>(m_rows.ids.size());
    std::vector<std::size_t> out, order;
    std::int64_t epochOfOrder = -1;
    for (std::int64_t i = step * m_settings.batchRows; i < (step + 1) * m_settings.batchRows; ++i) {
        if (const std::int64_t epoch = i / n; epoch != epochOfOrder) {
            epochOfOrder = epoch;
            order.resize(static_cast<std::size_t>(n));
            std::iota(order.begin(), order.end(), std::size_t{0});
            stats::CounterRng rng(m_seed, "rows", static_cast<std::uint64_t>(epoch));
            for (std::size_t j = order.size(); j > 1; --j)
                std::swap(order[j - 1], order[static_cast<std::size_t>(rng.uniform() * static_cast<double>(j))]);
        }
        out.push_back(order[static_cast<std::size_t>(i % n)]);
    }
    return out;
}

Result<TrainStep> Trainer::advance(const std::function<bool()>& goOn) {
    const std::vector<std::size_t> rows = rowsOf(m_step);
    m_model->zeroGradients();
    TrainStep out;
    double nats = 0;
    for (std::size_t first = 0; first < rows.size(); first += static_cast<std::size_t>(m_settings.microRows)) {
        if (!goOn()) return Error(Code::Cancelled, "the step was not finished");
        const auto micro = std::span(rows).subspan(
            first, std::min<std::size_t>(static_cast<std::size_t>(m_settings.microRows), rows.size() - first));
        DUBITO_TRY(const auto loss, m_model->accumulate(m_rows.batch(micro, m_settings.isolateDocuments)));
        if (!std::isfinite(loss.nats))
            return Error(Code::Internal,
                fmt::format(
                    "the loss of step {} is no number (rows {} and on); the run stops, its last checkpoint stays",
                    m_step, micro.front()));
        nats += loss.nats;
        out.tokens += loss.tokens;
    }
    const double scale = 1 / static_cast<double>(std::max<std::int64_t>(
                                 out.tokens, 1));  // all supervised tokens of the step weigh alike
    out.gradientNorm = gradientNorm(m_model->parameters()) * scale;
    if (!std::isfinite(out.gradientNorm))
        return Error(Code::Internal,
            fmt::format("the gradient of step {} is no number; the run stops, its last checkpoint stays", m_step));
    const double clipped =
        m_settings.clip > 0 && out.gradientNorm > m_settings.clip ? scale * m_settings.clip / out.gradientNorm : scale;
    out.lr = m_settings.schedule.at(m_step);
    m_optimiser.step(m_model->parameters(), m_settings.adam, out.lr, clipped);
    ++m_step;
    m_tokens += out.tokens;
    m_sumLr += out.lr;
    out.step = m_step;
    out.loss = nats * scale;
    out.sumLr = m_sumLr;
    return out;
}

Result<double> Trainer::evaluate(const PackedRows& rows, std::size_t most, const std::function<bool()>& goOn) {
    double nats = 0;
    std::int64_t tokens = 0;
    for (std::size_t row = 0; row < std::min(most, rows.ids.size()); ++row) {
        if (!goOn()) return Error(Code::Cancelled, "the evaluation was not finished");
        DUBITO_TRY(const auto loss, m_model->evaluate(rows.batch(std::span(&row, 1), m_settings.isolateDocuments)));
        nats += loss.nats;
        tokens += loss.tokens;
    }
    return nats / static_cast<double>(std::max<std::int64_t>(tokens, 1));
}

Result<std::vector<std::string>> Trainer::save(const fs::path& folder, std::string_view baseName) const {
    std::vector<std::string> items;
    std::vector<TensorToWrite> moments, weights;
    const auto& parameters = m_model->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Parameter& one = parameters[i];
        moments.push_back({one.name + ".m", "F32", one.shape, bytesOf(m_optimiser.first(i).data(), one.size)});
        moments.push_back({one.name + ".v", "F32", one.shape, bytesOf(m_optimiser.second(i).data(), one.size)});
    }
    if (m_adapter) {
        DUBITO_CHECK(m_adapter->save(folder, baseName));
        items = {"adapter_model.safetensors", "adapter_config.json"};
    } else {
        // A whole model folder: it opens like any other, here and elsewhere.
        for (const NamedWeight& weight : m_model->decoder().weights())
            weights.push_back({folderName(weight.name), "F32", weight.shape, bytesOf(weight.values, weight.size())});
        DUBITO_CHECK(writeSafetensors(folder / "model.safetensors", weights, {{"format", "pt"}}));
        DUBITO_TRY(items, writeFolderFiles(m_model->decoder().file(), folder, "float32"));
        items.push_back("model.safetensors");
    }
    DUBITO_CHECK(writeSafetensors(folder / "optimizer.safetensors", moments));
    const Json state = {{"step", m_step}, {"tokens", m_tokens}, {"sum_lr", m_sumLr},
        {"optimizer_steps", m_optimiser.steps()}, {"base", std::string(baseName)}};
    DUBITO_CHECK(writeFileAtomic(folder / "state.json", jsonText(state, 1)));
    items.insert(items.end(), {"optimizer.safetensors", "state.json"});
    return items;
}

Result<void> Trainer::restore(const fs::path& folder) {
    DUBITO_TRY(const std::string text, readFile(folder / "state.json", 1 << 20));
    DUBITO_TRY(const Json state, parseJson(text));
    DUBITO_TRY(const auto optimiser, SafetensorsFile::open(folder / "optimizer.safetensors"));
    const auto& parameters = m_model->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        DUBITO_CHECK(take(*optimiser, parameters[i].name + ".m", m_optimiser.first(i).data(), parameters[i].size));
        DUBITO_CHECK(take(*optimiser, parameters[i].name + ".v", m_optimiser.second(i).data(), parameters[i].size));
    }
    if (m_adapter) {
        DUBITO_TRY(const auto stored, LoraAdapter::load(folder, m_model->decoder().config()));
        if (stored->rank() != m_adapter->rank() || stored->parameters() != m_adapter->parameters())
            return Error(Code::ShapeMismatch,
                fmt::format("the checkpoint's adapter has rank {} and {} parameters, this run {} and {}",
                    stored->rank(), stored->parameters(), m_adapter->rank(), m_adapter->parameters()));
        for (std::int64_t layer = 0; layer < m_adapter->layers(); ++layer)
            for (std::size_t i = 0; i < kProjections; ++i) {
                auto& own = m_adapter->part(layer, static_cast<Projection>(i));
                const auto& from = stored->part(layer, static_cast<Projection>(i));
                if (own.a.size() != from.a.size() || own.b.size() != from.b.size())
                    return Error(Code::ShapeMismatch, "the checkpoint's adapter sits on other projections");
                std::copy_n(from.a.data(), own.a.size(), own.a.data());
                std::copy_n(from.b.data(), own.b.size(), own.b.data());
            }
    } else {
        DUBITO_TRY(const auto weights, SafetensorsFile::open(folder / "model.safetensors"));
        for (const NamedWeight& weight : m_model->decoder().weights())
            DUBITO_CHECK(take(*weights, folderName(weight.name), weight.values, weight.size()));
    }
    m_step = integerOr(state, "step", 0);
    m_tokens = integerOr(state, "tokens", 0);
    m_sumLr = numberOr(state, "sum_lr", 0);
    m_optimiser.setSteps(integerOr(state, "optimizer_steps", m_step));
    return {};
}

}  // namespace dubito::lm
