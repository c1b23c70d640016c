// The files are items of the run's only checkpoint: hashed, whole, and copied from there to where they are wanted.
#include "convert_task.h"

#include <fmt/format.h>

#include "lm/formats/quantise.h"

namespace dubito::lmtask {

ConvertTask::ConvertTask(const sdk::Host& host, std::shared_ptr<lm::GgufFile> file, const sdk::Document& params)
    : m_host(host), m_file(std::move(file)) {
    m_toFolder = params.text("/convert/to") == "folder";
    if (const std::string name = params.text("/convert/type"); name != "keep") {
        lm::GgmlType type;
        if (!lm::typeFromName(name, type))
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "the type " + name + " is not written");
        m_options.type = type;
    }
    m_options.partBytes = static_cast<std::uint64_t>(params.integer("/convert/part_mib")) << 20;
    m_options.goOn = [this](double share) {
        m_host.progress(share, 1, "", "writing");
        return !m_host.shouldStop();
    };
}

sdk::Step ConvertTask::step() {
    const fs::path folder = m_host.beginCheckpoint(1);
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
        auto written = lm::writeGguf(*m_file, folder / "model.gguf", m_options, &report);
        if (written)
            for (const auto& path : *written) items.push_back(path.filename().string());
        else outcome = std::move(written).error();
    }
    if (!outcome) {
        m_host.abandonCheckpoint();
        orRefuse(std::move(outcome));
    }
    for (const auto& item : items) m_host.putCheckpoint(item);
    m_host.commitCheckpoint();
    if (!report.empty()) {
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
        m_host.record(m_host.series("quant/tensor", "", DUBITO_KIND_TABLE), 0, "{}",
            {sdk::Array::texts("name", names), sdk::Array::texts("from", from), sdk::Array::texts("to", to),
                sdk::Array("bytes", std::span<const std::int64_t>(bytes), {n}),
                sdk::Array("rmse", std::span<const double>(rmse), {n}),
                sdk::Array("relative", std::span<const double>(relative), {n}, "1")});
        m_host.scalars(
            0, {{m_host.series("quant/bytes", "B", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), static_cast<double>(total)}});
    }
    return sdk::Step::done;
}

}  // namespace dubito::lmtask
