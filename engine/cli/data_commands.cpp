// list, show, log, series, records, export.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/npy.h"
#include "cli/record_values.h"
#include "cli/row_stream.h"
#include "cli/settings.h"
#include "journal/array_block.h"
#include "run/param_schema.h"
#include "run/queue_order.h"
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

std::string shortNameOf(const store::RunRow& row) {
    run::PluginDescription plugin;
    plugin.id = row.pluginId;
    return plugin.shortName();
}

std::optional<double> secondsOf(const store::RunRow& row) {
    if (!row.endedUs || !row.workedUs) return std::nullopt;
    return static_cast<double>(*row.workedUs) / 1e6;
}

// --- list ----------------------------------------------------------------------------------------------------------

struct ListOptions {
    std::string file, where, sort;
};

Result<void> list(const Context& context, const ListOptions& options) {
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    store::RunQuery query;
    query.where = options.where;
    if (!options.sort.empty()) query.orderBy = options.sort;
    query.limit = 100'000;
    DUBITO_TRY(const auto runs, store::queryRuns(*db, query));
    Table table{{"run", "name", "plugin", "system", "state", "seed", "created", "seconds", "id"}, {}};
    for (const auto& row : runs)
        table.rows.push_back({row.runNo, row.name(), shortNameOf(row), row.system, stateText(row), row.seed,
            isoTime(row.createdUs), secondsOf(row), row.id.text()});
    return context.print(table);
}

// --- show ----------------------------------------------------------------------------------------------------------

struct ShowOptions {
    std::string file, run;
};

struct Parameter {
    std::string path, value, otherwise;  ///< otherwise: the default when the value is another
    bool isSet() const { return !otherwise.empty(); }
};

std::string pointerOf(const std::string& path) {
    std::string pointer = "/" + path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    return pointer;
}

/// Every single value of a spec, where no plugin says which are the run's own.
void walkValues(const Json& value, const std::string& path, std::vector<Parameter>& out) {
    if (!value.is_object()) return out.push_back({path, valueText(value), {}});
    for (const auto& [name, child] : value.items()) walkValues(child, path.empty() ? name : path + "." + name, out);
}

/// What the run's plugin of today takes from its spec: old specs hold the parameters of other tasks too.
Result<std::vector<Parameter>> parametersOf(store::Database& db, const store::RunRow& row) {
    DUBITO_TRY(const std::string text, store::querySpec(db, row.runNo));
    DUBITO_TRY(const Json spec, parseJson(text, {run::kMostSpecBytes}));
    run::RunDraft draft;
    draft.pluginId = row.pluginId;
    draft.pluginVersion = row.pluginVersion;
    draft.parameters = memberOf(spec, "params");
    std::vector<Parameter> out;
    const host::Catalogue catalogue = host::Catalogue::scan();
    if (auto now = catalogue.adapted(draft, nullptr)) draft = std::move(*now);
    auto plugin = catalogue.find(draft.pluginId, draft.pluginVersion);
    if (!plugin) plugin = catalogue.find(draft.pluginId);
    if (!plugin) {
        walkValues(draft.parameters, "", out);
        return out;
    }
    for (const auto& leaf : run::parameterLeaves(plugin->parameters)) {
        const Json& value = run::valueAt(draft.parameters, pointerOf(leaf.path));
        if (value.is_null()) continue;
        const bool isDefault = leaf.defaultValue == value || leaf.defaultValue.is_null();
        if (isDefault && !run::isVisible(leaf, draft.parameters)) continue;  // it did not count
        out.push_back({leaf.path, valueText(value), isDefault ? "" : jsonText(leaf.defaultValue)});
    }
    std::stable_partition(out.begin(), out.end(), [](const Parameter& one) { return one.isSet(); });
    return out;
}

Result<void> addResults(Table& table, store::Database& db, const store::RunRow& row) {
    DUBITO_TRY(const auto metrics, store::queryMetrics(db, row.runNo));
    for (const auto& metric : metrics)
        table.rows.push_back({metric.key,
            fmt::format("last {} min {} max {} n {}{}", numberText(metric.last), numberText(metric.min),
                numberText(metric.max), metric.n, metric.unit.empty() || metric.unit == "1" ? "" : " " + metric.unit),
            ""});
    DUBITO_TRY(const auto series, store::querySeries(db, row.runNo));
    for (const auto& one : series)
        if (journal::isBulk(one.kind))
            table.rows.push_back({one.key, fmt::format("{} {} records", one.records, journal::kindName(one.kind)), ""});
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
    for (const auto& attempt : attempts)
        table.rows.push_back({fmt::format("attempt {}", attempt.attempt),
            fmt::format(
                "{} {} {} exit {}", attempt.executor, attempt.host, attempt.device, attempt.exitCode.value_or(-1)),
            ""});
    DUBITO_TRY(const auto gaps, store::queryGaps(db, row.runNo));
    for (const auto& gap : gaps)
        table.rows.push_back(
            {"gap", fmt::format("{}: sequences {} to {}", gap.why, gap.sequenceFrom, gap.sequenceTo), ""});
    return {};
}

/// Empty when it does not wait.
Result<std::string> waitsForOf(store::Database& db, const store::RunRow& row) {
    if (row.state != static_cast<int>(run::RunState::Queued)) return std::string();
    DUBITO_TRY(const run::QueueView queue, run::viewQueue(db, run::machineCapacity()));
    for (const run::QueuedRun& waiting : queue.waiting)
        if (waiting.runNo == row.runNo) return waiting.waitsFor;
    return std::string();
}

Result<void> show(const Context& context, const ShowOptions& options) {
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, options.run));
    Table table{{"what", "value", "default"}, {}};
    const auto add = [&](const char* what, Cell value) { table.rows.push_back({what, std::move(value), ""}); };
    add("run", row.runNo);
    add("name", row.name());
    add("id", row.id.text());
    add("plugin", row.pluginId + " " + row.pluginVersion);
    add("state", stateText(row));
    DUBITO_TRY(const std::string waitsFor, waitsForOf(*db, row));
    if (!waitsFor.empty()) add("waits for", waitsFor);
    if (!row.detail.empty()) add("detail", row.detail);
    add("seed", row.seed);
    add("spec", row.specHash);
    DUBITO_TRY(const auto parameters, parametersOf(*db, row));
    for (const auto& one : parameters) table.rows.push_back({"params." + one.path, one.value, one.otherwise});
    DUBITO_CHECK(addResults(table, *db, row));
    return context.print(table);
}

// --- log -----------------------------------------------------------------------------------------------------------

struct LogOptions {
    std::string file, run, level = "trace";
};

Result<void> log(const Context& context, const LogOptions& options) {
    int most = -1;
    for (int i = 0; i < 5; ++i)
        if (levelName(static_cast<LogLevel>(i)) == options.level) most = i;
    if (most < 0)
        return Error(Code::InvalidArgument,
            fmt::format("--level {} is none; known: error warn info debug trace", options.level));
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, options.run));
    DUBITO_TRY(const auto lines, store::queryLog(*db, {row.runNo}, most, "", 1'000'000));
    Table table{{"time", "level", "text"}, {}};
    for (const auto& line : lines)
        table.rows.push_back(
            {isoTime(line.timeUs), std::string(levelName(static_cast<LogLevel>(line.level))), line.text});
    return context.print(table);
}

// --- series --------------------------------------------------------------------------------------------------------

struct SeriesOptions {
    std::string file, run;
    std::vector<std::string> keys;
    int points = 0;
};

/// Names the keys that are most like it.
Error noSeries(
    const store::RunRow& row, const char* kind, const std::string& key, const std::vector<std::string>& known) {
    std::string near;
    for (const auto& word : nearestWords(key, known, 3)) near += (near.empty() ? "; nearest: " : ", ") + word;
    return Error(Code::NotFound, fmt::format("run {} ({}) has no {} {}{}; 'dubito show FILE {}' lists all", row.runNo,
                                     row.name(), kind, key, near, row.runNo));
}

Result<Table> reducedPoints(store::Database& db, const store::RunRow& row, const SeriesOptions& options,
    const std::vector<std::string>& keys, const std::vector<std::string>& known) {
    Table table{{"key", "step", "first", "min", "max", "last", "n"}, {}};
    for (const auto& key : keys) {
        DUBITO_TRY(const auto range, store::queryStepRange(db, row.runNo, key));
        if (!range) return noSeries(row, "metric", key, known);
        DUBITO_TRY(
            const auto columns, store::queryColumns(db, row.runNo, key, range->first, range->second, options.points));
        for (const auto& column : columns)
            table.rows.push_back({key, static_cast<std::int64_t>(column.x), column.first, column.min, column.max,
                column.last, column.n});
    }
    return table;
}

/// Every point of the keys, handed on as rows of `first...`, step, time, value. Memory does not grow with the points.
Result<void> streamPoints(store::Database& db, const store::RunRow& row, const std::string& key,
    const std::vector<Cell>& first, RowStream& out) {
    return store::forEachPoints(db, row.runNo, key, kLeast, kAll,
        [&](const store::Points& points, std::size_t from, std::size_t to) -> Result<void> {
            for (std::size_t i = from; i < to && !readerIsGone(); ++i) {
                std::vector<Cell> cells = first;
                cells.emplace_back(points.steps[i]);
                cells.emplace_back(isoTime(points.timesUs[i]));
                cells.emplace_back(points.values[i]);
                DUBITO_CHECK(out.add(std::move(cells)));
            }
            return {};
        });
}

Result<void> series(const Context& context, const SeriesOptions& options) {
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, options.run));
    DUBITO_TRY(const auto metrics, store::queryMetrics(*db, row.runNo));
    std::vector<std::string> known;
    for (const auto& metric : metrics) known.push_back(metric.key);
    const auto& keys = options.keys.empty() ? known : options.keys;
    if (options.points > 0) {
        DUBITO_TRY(const Table table, reducedPoints(*db, row, options, keys, known));
        return context.print(table);
    }
    DUBITO_TRY(const Format format, context.format());
    RowStream out({"key", "step", "time", "value"}, format, writeOut);
    for (const auto& key : keys) {
        const std::uint64_t before = out.rows();
        DUBITO_CHECK(streamPoints(*db, row, key, {key}, out));
        if (out.rows() == before && !readerIsGone()) return noSeries(row, "metric", key, known);
    }
    return out.finish();
}

// --- records -------------------------------------------------------------------------------------------------------

struct RecordsOptions {
    std::string file, run, key, array, to;
    std::int64_t limit = 1000;
    std::optional<std::int64_t> step;
};

Result<Json> recordJson(const store::RecordRow& record) {
    DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(record.block));
    Json out = {{"step", record.step}, {"time", isoTime(record.timeUs)}};
    if (auto meta = parseJson(record.metaJson, {kMostMetaBytes})) out["meta"] = *meta;
    if (!record.problem.empty()) out["problem"] = record.problem;
    for (const auto& array : arrays)
        if (array.role == journal::Array::Role::Values)
            out["arrays"][array.name] = {{"dtype", array.dtype.name()}, {"shape", array.shape}, {"unit", array.unit},
                {"values", valuesOf(array, arrays)}};
    return out;
}

Error noRecords(store::Database& db, const store::RunRow& row, const RecordsOptions& options) {
    std::vector<std::string> known;
    const auto all = store::querySeries(db, row.runNo);
    if (!all) return all.error();
    for (const auto& one : *all)
        if (journal::isBulk(one.kind)) known.push_back(one.key);
    if (options.step && std::find(known.begin(), known.end(), options.key) != known.end())
        return Error(Code::NotFound, fmt::format("{} has no record at step {}", options.key, *options.step));
    return noSeries(row, "record", options.key, known);
}

/// One array of one record as a .npy file, a mebibyte at a time.
Result<void> saveArray(
    const Context& context, store::Database& db, const store::RunRow& row, const RecordsOptions& options) {
    DUBITO_TRY(const auto places, store::queryRecordPlaces(db, row.runNo, options.key, options.step, 2));
    if (places.empty()) return noRecords(db, row, options);
    if (places.size() > 1)
        return Error(Code::InvalidArgument,
            fmt::format("{} has several records{}; say which: --step N", options.key,
                options.step ? " at this step" : fmt::format(", the first at step {}", places[0].step)));
    const std::int64_t recordNo = places[0].recordNo;
    DUBITO_TRY(const auto arrays, store::queryArrays(db, recordNo));
    const journal::Array* array = journal::findArray(arrays, options.array);
    if (!array) {
        std::string names;
        for (const auto& one : arrays)
            if (one.role == journal::Array::Role::Values) names += (names.empty() ? "" : ", ") + one.name;
        return Error(Code::NotFound, fmt::format("no array \"{}\" in the record; there are: {}", options.array, names));
    }
    DUBITO_TRY(const std::string head, npyHead(*array));
    DUBITO_TRY(AtomicFile file, AtomicFile::create(options.to));
    DUBITO_CHECK(file.write(asBytes(head)));
    const std::uint64_t bytes = static_cast<std::uint64_t>(array->elements()) * array->dtype.bytes();
    Bytes piece;
    for (std::uint64_t at = 0; at < bytes; at += piece.size()) {
        piece.resize(std::min<std::uint64_t>(bytes - at, 1 << 20));
        DUBITO_CHECK(store::readArray(db, recordNo, options.array, journal::Array::Role::Values, at, piece));
        DUBITO_CHECK(file.write(piece));
    }
    DUBITO_CHECK(file.commit());
    if (!context.quiet) say(fmt::format("{} elements in {}", array->elements(), options.to));
    return {};
}

Result<void> records(const Context& context, const RecordsOptions& options) {
    if (!context.output.empty() && context.output != "json" && context.output != "jsonl")
        return Error(Code::InvalidArgument,
            fmt::format("records print as json or jsonl, not {}: their arrays are no table", context.output));
    if (options.array.empty() != options.to.empty())
        return Error(Code::InvalidArgument, "--array NAME and --to FILE.npy go together");
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, options.run));
    if (!options.array.empty()) return saveArray(context, *db, row, options);
    DUBITO_TRY(const auto places, store::queryRecordPlaces(*db, row.runNo, options.key, options.step, options.limit));
    if (places.empty()) return noRecords(*db, row, options);
    Json all = Json::array();
    for (const store::RecordPlace& place : places) {
        if (readerIsGone()) return {};
        DUBITO_TRY(const auto record, store::getRecord(*db, place.recordNo));
        DUBITO_TRY(Json item, recordJson(record));
        if (context.output == "jsonl") DUBITO_CHECK(writeJson(item, -1));
        else all.push_back(std::move(item));
    }
    return context.output == "jsonl" ? Result<void>() : writeJson(all, 1);
}

// --- export --------------------------------------------------------------------------------------------------------

struct ExportOptions {
    std::string file, run, format = "csv", to;
};

Result<void> exportRun(const Context& context, const ExportOptions& options) {
    if (options.format != "csv" && options.format != "jsonl")
        return Error(Code::InvalidArgument, "export writes csv or jsonl, not " + options.format);
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const auto row, store::resolveRun(*db, options.run));
    DUBITO_TRY(const auto metrics, store::queryMetrics(*db, row.runNo));
    const auto write = [&](const Sink& sink) -> Result<std::uint64_t> {
        RowStream out({"run", "key", "unit", "step", "time", "value"},
            options.format == "csv" ? Format::Csv : Format::Jsonl, sink);
        for (const auto& metric : metrics)
            DUBITO_CHECK(streamPoints(*db, row, metric.key, {row.id.text(), metric.key, metric.unit}, out));
        DUBITO_CHECK(out.finish());
        return out.rows();
    };
    if (options.to.empty()) {
        auto written = write(writeOut);
        return written ? Result<void>() : Result<void>(std::move(written).error());
    }
    DUBITO_TRY(AtomicFile file, AtomicFile::create(options.to));
    DUBITO_TRY(const std::uint64_t rows, write([&](std::string_view text) { return file.write(asBytes(text)); }));
    DUBITO_CHECK(file.commit());
    if (!context.quiet) say(fmt::format("{} points in {}", rows, options.to));
    return {};
}

template <class Options>
CLI::App* addReading(CLI::App& app, Context& context, const char* name, Options& options,
    Result<void> (*body)(const Context&, const Options&)) {
    auto* verb = addVerb(app, context, name);
    verb->add_option("file", options.file, "the project")->required();
    verb->add_option("run", options.run, kRunHelp)->required();
    verb->callback([&context, &options, body] { context.finish(body(context, options)); });
    return verb;
}

}  // namespace

void addDataCommands(CLI::App& app, Context& context) {
    static ListOptions listOptions;
    auto* verb = addVerb(app, context, "list");
    verb->add_option("file", listOptions.file, "the project")->required();
    verb->add_option("--where", listOptions.where, "filter, as in the run table: system = tas and params.lr < 1e-3");
    verb->add_option("--sort", listOptions.sort, "created name system state duration metric:KEY:last");
    verb->callback([&context] { context.finish(list(context, listOptions)); });

    static ShowOptions showOptions;
    addReading(app, context, "show", showOptions, show);

    static LogOptions logOptions;
    verb = addReading(app, context, "log", logOptions, log);
    verb->add_option("--level", logOptions.level, "error warn info debug trace: this one and those before it");

    static SeriesOptions seriesOptions;
    verb = addReading(app, context, "series", seriesOptions, series);
    verb->add_option("key", seriesOptions.keys, "metrics; all when absent");
    verb->add_option("--points", seriesOptions.points, "at most this many reduced columns; all values when absent or 0")
        ->check(CLI::NonNegativeNumber);

    static RecordsOptions recordsOptions;
    verb = addReading(app, context, "records", recordsOptions, records);
    verb->add_option("key", recordsOptions.key, "a series of records; 'dubito show FILE RUN' lists them")->required();
    verb->add_option("--limit", recordsOptions.limit, "at most this many, from the first")->check(CLI::PositiveNumber);

    verb->add_option("--step", recordsOptions.step, "the records of this step alone");
    verb->add_option("--array", recordsOptions.array, "one array, of any size, as a NumPy file; with --to");
    verb->add_option("--to", recordsOptions.to, "FILE.npy, with --array");

    static ExportOptions exportOptions;
    verb = addReading(app, context, "export", exportOptions, exportRun);
    verb->add_option("--format", exportOptions.format, "csv or jsonl");
    verb->add_option("--to", exportOptions.to, "a file; stdout when absent");
}

}  // namespace dubito::cli
