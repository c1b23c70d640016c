// list, show, log, series, records, export.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/log.h"
#include "cli/commands.h"
#include "journal/array_block.h"
#include "run/run_state.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

std::string stateText(const store::RunRow& row) {
    std::string text(run::stateName(static_cast<run::RunState>(row.state)));
    if (row.cause) text += fmt::format(" ({})", run::causeName(static_cast<run::Cause>(row.cause)));
    return text;
}

Result<void> list(Context& context, const std::string& file, const std::string& where, const std::string& sort) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    store::RunQuery query;
    query.where = where;
    if (!sort.empty()) query.orderBy = sort;
    query.limit = 100'000;
    DUBITO_TRY(const auto runs, store::queryRuns(*db, query));
    Table table{{"id", "name", "system", "state", "seed", "created", "seconds"}, {}};
    for (const auto& row : runs)
        table.rows.push_back({row.id.text(), row.name(), row.system, stateText(row), row.seed, isoTime(row.createdUs),
            row.endedUs && row.workedUs ? Cell(static_cast<double>(*row.workedUs) / 1e6) : Cell("")});
    return context.print(table);
}

Result<void> show(Context& context, const std::string& file, const std::string& name) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, name));
    Table table{{"what", "value"}, {}};
    table.rows.push_back({"id", row.id.text()});
    table.rows.push_back({"name", row.name()});
    table.rows.push_back({"plugin", row.pluginId + " " + row.pluginVersion});
    table.rows.push_back({"state", stateText(row)});
    if (!row.detail.empty()) table.rows.push_back({"detail", row.detail});
    table.rows.push_back({"spec", row.specHash});
    DUBITO_TRY(const auto parameters, store::queryParameters(*db, row.runNo));
    for (const auto& [key, value] : parameters) table.rows.push_back({"params." + key, value});
    DUBITO_TRY(const auto metrics, store::queryMetrics(*db, row.runNo));
    for (const auto& metric : metrics)
        table.rows.push_back({metric.key, fmt::format("last {} min {} max {} n {} {}", numberText(metric.last),
                                              numberText(metric.min), numberText(metric.max), metric.n, metric.unit)});
    DUBITO_TRY(const auto series, store::querySeries(*db, row.runNo));
    for (const auto& one : series)
        if (journal::isBulk(one.kind))
            table.rows.push_back({one.key, fmt::format("{} {} records", one.records, journal::kindName(one.kind))});
    DUBITO_TRY(const auto attempts, store::queryAttempts(*db, row.runNo));
    for (const auto& attempt : attempts)
        table.rows.push_back(
            {fmt::format("attempt {}", attempt.attempt), fmt::format("{} {} {} exit {}", attempt.executor, attempt.host,
                                                             attempt.device, attempt.exitCode.value_or(-1))});
    DUBITO_TRY(const auto gaps, store::queryGaps(*db, row.runNo));
    for (const auto& gap : gaps)
        table.rows.push_back({"gap", fmt::format("{}: sequences {} to {}", gap.why, gap.sequenceFrom, gap.sequenceTo)});
    return context.print(table);
}

Result<void> series(
    Context& context, const std::string& file, const std::string& name, std::vector<std::string> keys, int points) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, name));
    if (keys.empty()) {
        DUBITO_TRY(const auto metrics, store::queryMetrics(*db, row.runNo));
        for (const auto& metric : metrics) keys.push_back(metric.key);
    }
    if (points > 0) {
        Table table{{"key", "step", "first", "min", "max", "last", "n"}, {}};
        for (const auto& key : keys) {
            DUBITO_TRY(const auto range, store::queryStepRange(*db, row.runNo, key));
            if (!range) return Error(Code::NotFound, fmt::format("run {} has no metric {}", row.name(), key));
            DUBITO_TRY(
                const auto columns, store::queryColumns(*db, row.runNo, key, range->first, range->second, points));
            for (const auto& column : columns)
                table.rows.push_back({key, static_cast<std::int64_t>(column.x), column.first, column.min, column.max,
                    column.last, column.n});
        }
        return context.print(table);
    }
    Table table{{"key", "step", "time", "value"}, {}};
    for (const auto& key : keys) {
        DUBITO_TRY(const auto values, store::queryPoints(*db, row.runNo, key, kLeast, kAll, 0));
        if (values.size() == 0) return Error(Code::NotFound, fmt::format("run {} has no metric {}", row.name(), key));
        for (std::size_t i = 0; i < values.size(); ++i)
            table.rows.push_back({key, values.steps[i], isoTime(values.timesUs[i]), values.values[i]});
    }
    return context.print(table);
}

template <class T>
Json numbers(const journal::Array& array) {
    Json out = Json::array();
    for (const T value : array.as<T>()) {
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(value)) {
                out.push_back(numberText(value));
                continue;
            }
        }
        out.push_back(value);
    }
    return out;
}

Json valuesOf(const journal::Array& array, std::span<const journal::Array> all) {
    if (const auto* offsets = journal::findArray(all, array.name, journal::Array::Role::Offsets)) {
        auto texts = journal::textColumn(array, *offsets);
        return texts ? Json(*texts) : Json();
    }
    if (array.dtype == kF32) return numbers<float>(array);
    if (array.dtype == kF64) return numbers<double>(array);
    if (array.dtype == kI32) return numbers<std::int32_t>(array);
    if (array.dtype == kI64) return numbers<std::int64_t>(array);
    if (array.dtype == kU32) return numbers<std::uint32_t>(array);
    if (array.dtype == kU8) return numbers<std::uint8_t>(array);
    if (array.dtype == kF16) {
        Json out = Json::array();
        for (const std::uint16_t bits : array.as<std::uint16_t>())
            out.push_back(static_cast<double>(floatFromHalf(bits)));
        return out;
    }
    return Json();
}

Result<void> records(
    Context& context, const std::string& file, const std::string& name, const std::string& key, std::int64_t limit) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, name));
    DUBITO_TRY(const auto found, store::queryRecords(*db, row.runNo, key, 0, limit));
    if (found.empty()) return Error(Code::NotFound, fmt::format("run {} has no record {}", row.name(), key));
    if (!context.output.empty() && context.output != "json" && context.output != "jsonl")
        return Error(Code::InvalidArgument, "records print as json or jsonl");
    Json all = Json::array();
    for (const auto& record : found) {
        DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(record.block));
        Json item = {{"step", record.step}, {"time", isoTime(record.timeUs)}};
        if (auto meta = parseJson(record.metaJson)) item["meta"] = *meta;
        for (const auto& array : arrays)
            if (array.role == journal::Array::Role::Values)
                item["arrays"][array.name] = {{"dtype", array.dtype.name()}, {"shape", array.shape},
                    {"unit", array.unit}, {"values", valuesOf(array, arrays)}};
        if (context.output == "jsonl") DUBITO_CHECK(writeOut(jsonText(item) + "\n"));
        else all.push_back(std::move(item));
    }
    return context.output == "jsonl" ? Result<void>() : writeOut(jsonText(all, 1) + "\n");
}

Result<void> log(Context& context, const std::string& file, const std::string& name, const std::string& level) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, name));
    int most = 4;
    for (int i = 0; i < 5; ++i)
        if (levelName(static_cast<LogLevel>(i)) == level) most = i;
    DUBITO_TRY(const auto lines, store::queryLog(*db, {row.runNo}, most, "", 1'000'000));
    Table table{{"time", "level", "text"}, {}};
    for (const auto& line : lines)
        table.rows.push_back(
            {isoTime(line.timeUs), std::string(levelName(static_cast<LogLevel>(line.level))), line.text});
    return context.print(table);
}

Result<void> exportRun(Context& context, const std::string& file, const std::string& name, const std::string& format,
    const std::string& to) {
    if (format != "csv" && format != "jsonl")
        return Error(Code::InvalidArgument, "export writes csv or jsonl, not " + format);
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, name));
    DUBITO_TRY(const auto metrics, store::queryMetrics(*db, row.runNo));
    Table table{{"run", "key", "unit", "step", "time", "value"}, {}};
    for (const auto& metric : metrics) {
        DUBITO_TRY(const auto values, store::queryPoints(*db, row.runNo, metric.key, kLeast, kAll, 0));
        for (std::size_t i = 0; i < values.size(); ++i)
            table.rows.push_back({row.id.text(), metric.key, metric.unit, values.steps[i], isoTime(values.timesUs[i]),
                values.values[i]});
    }
    const std::string text = render(table, format == "csv" ? Format::Csv : Format::Jsonl);
    if (to.empty()) return writeOut(text);
    DUBITO_CHECK(writeFileAtomic(to, text));
    if (!context.quiet) say(fmt::format("{} points in {}", table.rows.size(), to));
    return {};
}

}  // namespace

void addDataCommands(CLI::App& app, Context& context) {
    static std::string file, run, key, where, sort, level = "trace", format = "csv", to;
    static std::vector<std::string> keys;
    static int points = 0;
    static std::int64_t limit = 1000;
    auto* verb = addVerb(app, context, "list");
    verb->add_option("file", file)->required();
    verb->add_option("--where", where, "filter, as in the run table: system = tas and params.lr < 1e-3");
    verb->add_option("--sort", sort, "created name system state duration metric:KEY:last");
    verb->callback([&] { context.finish(list(context, file, where, sort)); });
    const auto withRun = [&](const char* name) {
        auto* sub = addVerb(app, context, name);
        sub->add_option("file", file)->required();
        sub->add_option("run", run)->required();
        return sub;
    };
    withRun("show")->callback([&] { context.finish(show(context, file, run)); });
    verb = withRun("log");
    verb->add_option("--level", level, "error warn info debug trace");
    verb->callback([&] { context.finish(log(context, file, run, level)); });
    verb = withRun("series");
    verb->add_option("key", keys);
    verb->add_option("--points", points, "at most this many reduced columns");
    verb->callback([&] { context.finish(series(context, file, run, keys, points)); });
    verb = withRun("records");
    verb->add_option("key", key)->required();
    verb->add_option("--limit", limit);
    verb->callback([&] { context.finish(records(context, file, run, key, limit)); });
    verb = withRun("export");
    verb->add_option("--format", format);
    verb->add_option("--to", to);
    verb->callback([&] { context.finish(exportRun(context, file, run, format, to)); });
}

}  // namespace dubito::cli
