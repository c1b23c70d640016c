// A type a step. The copies live in memory; nothing is written but the measures.
#include "quant_lab_plugin.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "base/json.h"
#include "lm/data/text_reader.h"
#include "lm/evaluate/scorers.h"
#include "lm/formats/convert.h"
#include "sample_text.h"

namespace dubito::lmtask {

void QuantLabPlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    m_threads = threadsOf(host());
    m_file = openModel(host());
    const std::string textPath = optionalAsset(host(), "text");  // empty: a short text of this plugin's own
    m_window = params.integer("/eval/window");
    std::istringstream names(params.text("/convert/types"));
    for (std::string name; names >> name;) {
        lm::GgmlType type;
        if (!lm::typeFromName(name, type))
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "convert.types names " + name +
                                                            ", which is not written; Q8_0 Q6_K Q5_K Q5_1 Q5_0 Q4_K "
                                                            "IQ4_NL Q4_1 Q4_0 Q3_K Q2_K BF16 F16 F32 are");
        m_types.push_back(type);
    }
    if (m_types.empty())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "convert.types is empty; name types, as Q8_0 Q4_0");
    const auto tokenizer = orRefuse(lm::Tokenizer::load(*m_file));
    lm::DataLimits limits;
    limits.maxBytes = 64u << 20;
    if (!tokenizer->warning().empty()) host().log(sdk::Log::warn, tokenizer->warning());
    m_ids = orRefuse(
        tokenizer->idsOf(textPath.empty() ? std::string(kSampleText) : orRefuse(lm::readTextFile(textPath, limits))));
    tokenizer->addStart(m_ids);
    m_rows = host().series("quant/lab", "", DUBITO_KIND_TABLE);
    host().log(sdk::Log::info, fmt::format("{} types over {} tokens of {}", m_types.size(), m_ids.size(),
                                   textPath.empty() ? "the plugin's own text" : textPath));
}

bool QuantLabPlugin::goOn(double share) const {
    host().progress(static_cast<double>(m_next) + share, static_cast<double>(m_types.size() + 1), "types", "measuring");
    return !host().shouldStop();
}

void QuantLabPlugin::measure(const std::string& name, const std::shared_ptr<lm::GgufFile>& model, double relative) {
    // Many positions at once are multiplied in fp32: what is measured is the weights alone.
    const auto decoder = orRefuse(lm::Decoder::load(model, m_threads, lm::WeightForm::F32));
    if (!m_reference) {
        m_reference = decoder;
        m_kept.emplace(lm::KeptReference{*m_reference});
    }
    const auto compared =
        lm::compareModels(*decoder, *m_kept, m_ids, m_window, [this](double share) { return goOn(share); });
    if (!compared && compared.error().code() == Code::Cancelled) return;
    const auto distance = orRefuse(compared);
    std::int64_t bytes = 0, elements = 0;
    for (const auto& tensor : model->tensors())
        bytes += static_cast<std::int64_t>(tensor.bytes), elements += tensor.rows() * tensor.columns();
    const double bits = 8.0 * static_cast<double>(bytes) / static_cast<double>(elements);
    // The arrays look at these values until the record is taken.
    const std::pair<const char*, double> values[] = {{"bits", bits}, {"relative", relative}, {"nll", distance.nllModel},
        {"perplexity", std::exp(distance.nllModel)}, {"kl", distance.kl}, {"kl_max", distance.klMax},
        {"top1", distance.top1}, {"rms_p", distance.rmsP}};
    std::vector<sdk::Array> arrays = {
        sdk::Array::texts("type", {name}), sdk::Array("bytes", std::span<const std::int64_t>(&bytes, 1), {1}, "B")};
    for (const auto& [key, value] : values)
        arrays.emplace_back(key, std::span<const double>(&value, 1), std::vector<std::int64_t>{1});
    host().record(
        m_rows, static_cast<std::int64_t>(m_next), jsonText({{"tokens", m_ids.size()}, {"window", m_window}}), arrays);
    host().flush();
}

sdk::Step QuantLabPlugin::step(std::int64_t) {
    if (m_next == 0) {
        measure("as it is", m_file, 0);
    } else {
        const lm::GgmlType type = m_types[m_next - 1];
        lm::ConvertOptions options;
        options.type = type;
        options.goOn = [this](double share) { return goOn(share / 2); };
        std::vector<lm::ConvertedTensor> report;
        auto copy = lm::convertedCopy(m_file, options, &report);
        if (!copy && copy.error().code() == Code::Cancelled) return sdk::Step::done;
        double error = 0, square = 0;
        for (const auto& line : report) {
            if (!(line.relative > 0)) continue;
            const double n = static_cast<double>(line.rows * line.columns);
            error += line.rmse * line.rmse * n;
            square += line.rmse * line.rmse / (line.relative * line.relative) * n;
        }
        measure(lm::typeName(static_cast<std::uint32_t>(type)), orRefuse(std::move(copy)),
            square > 0 ? std::sqrt(error / square) : 0);
    }
    return ++m_next > m_types.size() ? sdk::Step::done : sdk::Step::more;
}

}  // namespace dubito::lmtask
