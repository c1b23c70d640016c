// The files are items of the run's only checkpoint: hashed, whole, and copied from there to where they are wanted.
#include "convert_plugin.h"

#include <fmt/format.h>

#include <algorithm>

#include "convert_check.h"
#include "lm/formats/quantise.h"

namespace dubito::lmtask {
namespace {

/// The file that was written, or the first of its parts.
fs::path modelIn(const fs::path& folder) {
    if (std::error_code error; fs::exists(folder / "model.gguf", error)) return folder / "model.gguf";
    auto files = listFolder(folder);
    if (!files || files->empty()) return folder / "model.gguf";
    std::sort(files->begin(), files->end());
    return files->front();
}

}  // namespace

void ConvertPlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    const int threads = m_threads = threadsOf(host());
    m_isChecked = params.boolean("/convert/check");
    m_file = openModel(host());
    if (!optionalAsset(host(), "adapter").empty())  // what is written is the base with the adapter in it
        m_file = orRefuse(lm::Decoder::asModel(loadModel(host(), m_file, threads, lm::WeightForm::F32)));
    m_toFolder = params.text("/convert/to") == "folder";
    if (const std::string name = params.text("/convert/type"); name != "keep") {
        lm::GgmlType type;
        if (!lm::typeFromName(name, type))
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "the type " + name + " is not written");
        m_options.type = type;
    }
    m_options.partBytes = static_cast<std::uint64_t>(params.integer("/convert/part_mib")) << 20;
    m_options.goOn = [this](double share) {
        host().progress(share, 1, "", "writing");
        return !host().shouldStop();
    };
}

sdk::Step ConvertPlugin::step(std::int64_t) {
    const fs::path folder = host().beginCheckpoint(1);
    std::vector<lm::ConvertedTensor> report;
    std::vector<std::string> items;
    Result<void> outcome;
    if (m_toFolder) {
        outcome = lm::writeModelFolder(*m_file, folder, m_options);
        auto written = outcome ? listFolder(folder) : std::vector<fs::path>();
        if (written)
            for (const auto& path : *written) items.push_back(path.filename().string());
        else outcome = std::move(written).error();
    } else {
        for (const char* key : {"hidden_act", "window", "rope_between_indices"})
            if (m_file->metadata().contains(std::string("dubito.") + key))
                host().log(sdk::Log::warn,
                    fmt::format("GGUF has no key of its own for this model's {}: it is kept as dubito.{}, which other "
                                "programs do not read",
                        key, key));
        auto written = lm::writeGguf(*m_file, folder / "model.gguf", m_options, &report);
        if (written)
            for (const auto& path : *written) items.push_back(path.filename().string());
        else outcome = std::move(written).error();
    }
    if (!outcome) {
        host().abandonCheckpoint();
        orRefuse(std::move(outcome));
    }
    if (m_isChecked && !check(folder)) return sdk::Step::more;  // told to stop: nothing is kept
    for (const auto& item : items) host().putCheckpoint(item);
    host().commitCheckpoint();
    if (!report.empty()) publish(report);
    return sdk::Step::done;
}

bool ConvertPlugin::check(const fs::path& folder) {
    lm::ConvertOptions copied = m_options;
    copied.partBytes = 0;
    auto checked = checkConverted(m_file, m_toFolder ? folder : modelIn(folder), copied, m_threads, [this] {
        host().progress(1, 1, "", "reading back");
        return !host().shouldStop();
    });
    if (!checked) host().abandonCheckpoint();
    if (!checked && checked.error().code() == Code::Cancelled) return false;
    publishCheck(host(), orRefuse(std::move(checked)));
    return true;
}

void ConvertPlugin::publish(const std::vector<lm::ConvertedTensor>& report) const {
    std::vector<std::string> names, from, to;
    std::vector<std::int64_t> bytes;
    std::vector<double> rmse, relative;
    std::int64_t total = 0;
    for (const auto& line : report) {
        names.push_back(line.name), from.push_back(line.from), to.push_back(line.to);
        bytes.push_back(static_cast<std::int64_t>(line.bytes));
        rmse.push_back(line.rmse), relative.push_back(line.relative);
        total += bytes.back();
    }
    const auto n = static_cast<std::int64_t>(names.size());
    host().record(host().series("quant/tensor", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("name", names), sdk::Array::texts("from", from), sdk::Array::texts("to", to),
            sdk::Array("bytes", std::span<const std::int64_t>(bytes), {n}),
            sdk::Array("rmse", std::span<const double>(rmse), {n}),
            sdk::Array("relative", std::span<const double>(relative), {n}, "1")});
    host().scalars(
        0, {{host().series("quant/bytes", "B", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), static_cast<double>(total)}});
}

}  // namespace dubito::lmtask
