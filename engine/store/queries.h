// Read models: what panels, reports and the command line know of a project. Plain values, no SQL outside this room.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "journal/record.h"
#include "store/database.h"
#include "store/series_codec.h"

namespace dubito::store {

struct RunRow {
    std::int64_t runNo = 0;
    RunId id;
    std::string title, system, pluginId, pluginVersion, detail, phase;
    int state = 0, cause = 0;
    std::int64_t seed = 0, createdUs = 0;
    std::optional<std::int64_t> startedUs, endedUs;
    std::optional<std::int64_t> workedUs;  ///< over all attempts that ended; what lay between them does not count
    double done = 0, total = 0;            ///< total 0: unknown
    bool star = false, isDeleted = false;
    std::string specHash;       ///< 64 hexadecimal digits
    std::int64_t inode = 0;     ///< of the project file that the run was started from; 0: not known
    std::int64_t configNo = 0;  ///< of its spec without the seed
    /// Title, or "system-xxxx" from the id.
    std::string name() const;
};

/// Runs of one configuration, which differ in their seed alone.
struct RunGroup {
    std::int64_t configNo = 0;
    std::vector<RunRow> runs;  ///< by seed, then by number; at most 1,000
};

struct RunQuery {
    enum class Helpers { Among, Without, Alone };

    std::string text;   ///< part of title, system, plugin, id, a tag or the note
    std::string where;  ///< filter expression of store/filter.h
    /// created, name, system, state, progress, star, seed, tags, duration, or "metric:KEY:last|min|max|mean"
    std::string orderBy = "created";
    bool descending = true;
    bool includeDeleted = false;
    bool onlyDeleted = false;  ///< the bin
    /// Sessions kept up for another run alone: to read an answer of it, or as those of `helperPlugins` are.
    Helpers helpers = Helpers::Among;
    std::vector<std::string> helperPlugins;  ///< ids
    std::int64_t configNo = 0;               ///< of this configuration alone; 0: of all
    std::int64_t limit = 200, offset = 0;
    std::optional<std::int64_t> afterRunNo;  ///< page by key for the default order
};

struct MetricRow {
    std::string key, unit;
    int goal = 0;
    std::int64_t n = 0, nanCount = 0, lastStep = 0;
    double last = 0, min = 0, max = 0, mean = 0;  ///< NaN when no finite value
};

struct SeriesRow {
    std::int64_t seriesNo = 0, attempt = 1, rank = 0, records = 0;
    std::string key, unit;
    journal::RecordType kind{};
};

struct RecordRow {
    std::int64_t recordNo = 0, step = 0, timeUs = 0;
    std::string metaJson;
    Bytes block;          ///< array block; decode with journal::decodeArrayBlock. Empty where `problem` says why
    std::string problem;  ///< too large to be given whole, or a part of it is not here; a sentence
};

struct RecordPlace {
    std::int64_t recordNo = 0, step = 0;
};

struct LogRow {
    std::int64_t runNo = 0, timeUs = 0, sequence = 0;
    int level = 2;
    std::string text;
};

struct GapRow {
    std::int64_t runNo = 0, bytes = 0, sequenceFrom = 0, sequenceTo = 0;
    std::string why;
};

struct AttemptRow {
    std::int64_t attempt = 1;
    std::string executor, host, device, jobDir, environmentJson;
    std::optional<std::int64_t> startedUs, endedUs, exitCode, signal;
    std::optional<std::int64_t> resumedStep;  ///< of the checkpoint it goes on from; empty: afresh
};

struct CheckpointRow {
    std::int64_t attempt = 1, step = 0, bytes = 0;
    std::string folder;  ///< may be gone: a run keeps the newest two
    std::optional<std::int64_t> timeUs;
};

struct TextTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    bool truncated = false;
};

struct EditRow {
    std::string title, command;
    std::int64_t timeUs = 0;
    bool undone = false;
};

/// In the order asked for; runs that have no such value come last, ascending and descending.
Result<std::vector<RunRow>> queryRuns(Database& db, const RunQuery& query);
/// The same by configuration; limit and offset count groups. A group stands where the mean of its runs does.
Result<std::vector<RunGroup>> queryRunGroups(Database& db, const RunQuery& query);
/// The run that others are compared with; 0: none, or it is in the bin.
Result<std::int64_t> queryBaseline(Database& db);
/// How many runs the query is about, whatever its limit and offset.
Result<std::int64_t> countRuns(Database& db, const RunQuery& query);
/// Numbers alone, in the order asked for.
Result<std::vector<std::int64_t>> queryRunNumbers(Database& db, const RunQuery& query);
/// Runs that were given something which `runNo` made, the newest first.
Result<std::vector<RunRow>> queryStartedFrom(Database& db, std::int64_t runNo);
/// How many of these have not ended.
Result<std::int64_t> countUnfinished(Database& db, const std::vector<std::int64_t>& runNos);
Result<std::optional<RunRow>> findRun(Database& db, std::int64_t runNo);
/// The run that a person means, the first of: its number ("7"); its whole name or id, or "run 7"; the beginning of its
/// name, or of its id (4 digits or more, the last ones do too). Runs in the bin count when no other is meant; with
/// `fromBin` the reverse. @error NotFound, InvalidArgument (several: lists their numbers, names and states)
Result<RunRow> resolveRun(Database& db, std::string_view text, bool fromBin = false);
Result<std::string> querySpec(Database& db, std::int64_t runNo);
Result<std::vector<std::pair<std::string, std::string>>> queryParameters(Database& db, std::int64_t runNo);
Result<std::vector<MetricRow>> queryMetrics(Database& db, std::int64_t runNo);
/// Names that a filter may begin with: fields, parameters, metrics; at most `limit` of the last two each.
Result<std::vector<std::string>> queryFilterKeys(Database& db, std::int64_t limit = 500);
/// Names of metrics that some run has, in order, at most `limit`; quick however many runs there are.
Result<std::vector<std::string>> queryMetricNames(Database& db, std::int64_t limit = 500);
/// What the user wrote of the run, Markdown; empty: nothing.
Result<std::string> queryNote(Database& db, std::int64_t runNo);
/// By name.
Result<std::vector<std::string>> queryTags(Database& db, std::int64_t runNo);
/// Series of all attempts; `records` counts what queryRecords gives, up to 100,000.
Result<std::vector<SeriesRow>> querySeries(Database& db, std::int64_t runNo);
/// Keys of everything the run published, sorted, each once; at most 20,000.
Result<std::vector<std::string>> querySeriesKeys(Database& db, std::int64_t runNo);
/// Ids of the plugins that runs of the project are of, each once.
Result<std::vector<std::string>> queryPluginIds(Database& db);
Result<std::vector<AttemptRow>> queryAttempts(Database& db, std::int64_t runNo);
Result<std::vector<CheckpointRow>> queryCheckpoints(Database& db, std::int64_t runNo);  ///< newest first
Result<std::vector<GapRow>> queryGaps(Database& db, std::int64_t runNo);

/// All points of [stepFrom, stepTo] that no later attempt replaced, in step order, at most maxPoints (0: all).
/// @error Limit
Result<Points> queryPoints(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom,
    std::int64_t stepTo, std::size_t maxPoints);
/// At most `columns` columns over [stepFrom, stepTo]. Every point of the range is in one of them and none beside it; an
/// edge between columns is kept to an eighth of a column. Deterministic.
Result<std::vector<Column>> queryColumns(
    Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom, std::int64_t stepTo, int columns);
/// The same of an exponential average over the points themselves, y_t = (1-w) sum w^k x_{t-k} / (1 - w^{t+1}), `weight`
/// w in [0, 1): a step has the same value at any range and number of columns. NaN is a gap and does not enter. Reads
/// every point of the range and a lead-in left of it.
Result<std::vector<Column>> querySmoothed(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom,
    std::int64_t stepTo, int columns, double weight);
/// Hands on every kept point of [stepFrom, stepTo] in step order, in pieces of [first, last) of some thousands; the end
/// of the first that fails. Memory does not grow with the series unless its attempts overlap.
using TakePoints = std::function<Result<void>(const Points& points, std::size_t first, std::size_t last)>;
Result<void> forEachPoints(Database& db, std::int64_t runNo, std::string_view key, std::int64_t stepFrom,
    std::int64_t stepTo, const TakePoints& take);
/// First and last step that is kept of a scalar series; empty when it has no point.
Result<std::optional<std::pair<std::int64_t, std::int64_t>>> queryStepRange(
    Database& db, std::int64_t runNo, std::string_view key);

/// In the order taken in, of all ranks; records that a later attempt replaced are left out.
Result<std::vector<RecordRow>> queryRecords(Database& db, std::int64_t runNo, std::string_view key,
    std::int64_t afterRecordNo = 0, std::int64_t limit = 1 << 20);
/// Where those records are, without what is in them; of one step alone when it is given.
Result<std::vector<RecordPlace>> queryRecordPlaces(
    Database& db, std::int64_t runNo, std::string_view key, std::optional<std::int64_t> step, std::int64_t limit);
/// Any record by its number, also a replaced one. @error NotFound
Result<RecordRow> getRecord(Database& db, std::int64_t recordNo);
/// What the record's arrays are, without their data. @error NotFound, CorruptData
Result<std::vector<journal::Array>> queryArrays(Database& db, std::int64_t recordNo);
/// Bytes [offset, offset + out.size()) of one array's data, wherever they lie. @error NotFound (no such array, or its
/// file is gone), InvalidArgument (beyond its end), CorruptData
Result<void> readArray(Database& db, std::int64_t recordNo, std::string_view name, journal::Array::Role role,
    std::uint64_t offset, std::span<std::uint8_t> out);
/// Lines of all attempts. `text`: part of the line, no character is wild.
Result<std::vector<LogRow>> queryLog(
    Database& db, const std::vector<std::int64_t>& runNos, int maxLevel, std::string_view text, std::int64_t limit);
Result<std::int64_t> queryCounter(Database& db, std::string_view name);
Result<std::map<std::string, std::string>> queryMeta(Database& db);
Result<Json> querySetting(Database& db, std::string_view key);
Result<std::vector<EditRow>> queryEdits(Database& db);
/// A SELECT typed by a person, as text cells; the connection must allow only SELECT.
Result<TextTable> selectText(Database& db, std::string_view sql, std::size_t maxRows);
/// Integrity, references, cursors and every chunk and array block. Empty: sound. `full` reads all data.
Result<std::vector<std::string>> checkContent(Database& db, bool full);

}  // namespace dubito::store
