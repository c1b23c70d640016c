// Patterns of the headline against what was published. Records are read a few at a time, so a long run costs no memory.
#include "cli/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "cli/record_values.h"
#include "journal/array_block.h"
#include "run/checkpoint.h"
#include "run/run_state.h"

namespace dubito::cli {
namespace {

constexpr std::int64_t kRecordsAtOnce = 64;
constexpr std::size_t kMostRows = 100'000;
constexpr std::string_view kCheckpoint = "checkpoint";

bool fits(std::string_view pattern, std::string_view key) {
    if (!pattern.ends_with('*')) return pattern == key;
    pattern.remove_suffix(1);
    return key.starts_with(pattern);
}

/// "eval/acc@x" and "_lo" -> "eval/acc_lo@x".
std::string withSuffix(std::string_view key, std::string_view suffix) {
    const auto at = std::min(key.find('@'), key.size());
    return std::string(key.substr(0, at)).append(suffix).append(key.substr(at));
}

/// All that a run published, by key.
struct Published {
    std::map<std::string, store::MetricRow, std::less<>> scalars;
    std::map<std::string, journal::RecordType, std::less<>> records;

    static Result<Published> of(store::Database& db, std::int64_t runNo) {
        Published out;
        DUBITO_TRY(const auto metrics, store::queryMetrics(db, runNo));
        for (const auto& metric : metrics) out.scalars.emplace(metric.key, metric);
        DUBITO_TRY(const auto series, store::querySeries(db, runNo));
        for (const auto& one : series)
            if (journal::isBulk(one.kind) && one.records > 0) out.records.emplace(one.key, one.kind);
        return out;
    }
    std::optional<double> last(const std::string& key) const {
        const auto found = scalars.find(key);
        return found == scalars.end() ? std::nullopt : std::optional(found->second.last);
    }
    /// Whether the key is an end of another's interval.
    bool isBound(std::string_view key) const {
        const auto at = std::min(key.find('@'), key.size());
        const std::string_view stem = key.substr(0, at);
        if (!stem.ends_with("_lo") && !stem.ends_with("_hi")) return false;
        return scalars.contains(std::string(stem.substr(0, stem.size() - 3)).append(key.substr(at)));
    }
};

Finding scalarOf(const Published& published, const store::MetricRow& metric) {
    Finding out;
    out.key = metric.key;
    out.unit = metric.unit;
    out.value = metric.last;
    out.low = published.last(withSuffix(metric.key, "_lo"));
    out.high = published.last(withSuffix(metric.key, "_hi"));
    if (!out.low || !out.high) out.low = out.high = std::nullopt;  // half an interval says nothing
    return out;
}

/// Every record of the key in order, until `take` says that it has enough.
Result<void> eachRecord(store::Database& db, std::int64_t runNo, const std::string& key,
    const std::function<Result<bool>(const store::RecordRow&)>& take) {
    for (std::int64_t after = 0;;) {
        DUBITO_TRY(const auto records, store::queryRecords(db, runNo, key, after, kRecordsAtOnce));
        for (const auto& record : records) {
            DUBITO_TRY(const bool goesOn, take(record));
            if (!goesOn) return {};
            after = record.recordNo;
        }
        if (records.size() < static_cast<std::size_t>(kRecordsAtOnce)) return {};
    }
}

/// What the newest record with the field says there; without a field the meta data as a whole. Empty: no such record.
Result<std::optional<std::string>> textOf(
    store::Database& db, std::int64_t runNo, const std::string& key, const std::string& field) {
    std::optional<std::string> found;
    DUBITO_CHECK(eachRecord(db, runNo, key, [&](const store::RecordRow& record) -> Result<bool> {
        const auto meta = parseJson(record.metaJson, {kMostMetaBytes});
        if (!meta) return true;  // another program wrote it; the record itself can be read
        if (field.empty()) {
            found = jsonText(*meta);
            return true;
        }
        const Json& value = memberOf(*meta, field);
        if (!value.is_null()) found = valueText(value);
        return true;
    }));
    return found;
}

Result<std::optional<Finding>> recordOf(store::Database& db, const store::RunRow& row, const std::string& key,
    journal::RecordType kind, const std::string& field) {
    Finding out;
    out.key = key;
    if (kind == journal::RecordType::Table) {
        out.kind = Finding::Kind::Rows;
        DUBITO_TRY(out.rows, recordRows(db, row.runNo, key));
        return std::optional(std::move(out));
    }
    out.kind = Finding::Kind::Text;
    DUBITO_TRY(const auto text, textOf(db, row.runNo, key, field));
    if (!text) return std::optional<Finding>();
    out.text = *text;
    return std::optional(std::move(out));
}

Result<std::optional<Finding>> checkpointOf(store::Database& db, const store::RunRow& row) {
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, row.runNo));
    const auto newest = attempts.empty() ? std::nullopt : run::CheckpointStore(attempts.back().jobDir).newest();
    if (!newest) return std::optional<Finding>();
    Finding out;
    out.kind = Finding::Kind::Folder;
    out.key = kCheckpoint;
    out.text = newest->folder.string();
    return std::optional(std::move(out));
}

/// The headline, or what stands for one.
std::vector<run::HeadlineDescription> wantedOf(const run::PluginDescription& plugin) {
    if (!plugin.headline.empty()) return plugin.headline;
    std::vector<run::HeadlineDescription> out;
    for (const auto& output : plugin.outputs)
        if (output.kind == "scalar") out.push_back({output.key, {}});
    if (out.empty()) out.push_back({"*", {}});
    return out;
}

/// Six digits: enough for a person, and no noise of the last place. Whole numbers keep all.
Cell forPeople(Cell cell) {
    double value = 0;
    const auto parsed = std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), value);
    const bool isReal = cell.isNumber && parsed.ec == std::errc() && cell.text.find_first_of(".e") != std::string::npos;
    if (isReal) cell.text = fmt::format("{:.6g}", value);
    return cell;
}

Table forPeople(Table table) {
    for (auto& row : table.rows)
        for (Cell& cell : row) cell = forPeople(std::move(cell));
    return table;
}

std::string scalarsText(std::span<const Finding> scalars) {
    const bool hasBounds = std::any_of(scalars.begin(), scalars.end(), [](const Finding& f) { return f.low; });
    Table table{{"measure", "value", "unit"}, {}};
    if (hasBounds) table.columns.insert(table.columns.end(), {"low", "high"});
    for (const Finding& one : scalars) {
        auto& line = table.rows.emplace_back(
            std::vector<Cell>{one.key, forPeople(one.value), one.unit == "1" ? std::string() : one.unit});
        if (hasBounds) line.insert(line.end(), {forPeople(one.low), forPeople(one.high)});
    }
    return render(table, Format::Table);
}

Json rowJson(const Table& table, const std::vector<Cell>& row) {
    Json out = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) out[table.columns[i]] = row[i].json();
    return out;
}

}  // namespace

Result<Table> recordRows(store::Database& db, std::int64_t runNo, const std::string& key) {
    Table out;
    DUBITO_CHECK(eachRecord(db, runNo, key, [&](const store::RecordRow& record) -> Result<bool> {
        DUBITO_TRY(const Table more, recordTable(record.block));
        std::vector<std::size_t> places;
        for (const auto& column : more.columns) {
            const auto known = std::find(out.columns.begin(), out.columns.end(), column);
            places.push_back(static_cast<std::size_t>(known - out.columns.begin()));
            if (known == out.columns.end()) out.columns.push_back(column);
        }
        for (const auto& row : more.rows) {
            auto& line = out.rows.emplace_back();
            for (std::size_t i = 0; i < row.size(); ++i) {
                while (line.size() <= places[i]) line.emplace_back("");
                line[places[i]] = row[i];
            }
        }
        return out.rows.size() < kMostRows;
    }));
    for (auto& row : out.rows)
        while (row.size() < out.columns.size()) row.emplace_back("");
    return out;
}

Result<std::vector<Finding>> findingsOf(
    store::Database& db, const store::RunRow& row, const run::PluginDescription& plugin) {
    DUBITO_TRY(const Published published, Published::of(db, row.runNo));
    std::vector<Finding> out;
    std::vector<std::string> taken;
    const auto isNew = [&](const std::string& key) {
        if (std::find(taken.begin(), taken.end(), key) != taken.end()) return false;
        taken.push_back(key);
        return true;
    };
    for (const auto& wanted : wantedOf(plugin)) {
        if (wanted.key == kCheckpoint) {
            DUBITO_TRY(auto checkpoint, checkpointOf(db, row));
            if (checkpoint && isNew(wanted.key)) out.push_back(std::move(*checkpoint));
            continue;
        }
        const bool isPattern = wanted.key.ends_with('*');
        for (const auto& [key, metric] : published.scalars)
            if (fits(wanted.key, key) && !(isPattern && published.isBound(key)) && isNew(key))
                out.push_back(scalarOf(published, metric));
        if (plugin.headline.empty()) continue;  // its scalars stand for a headline
        for (const auto& [key, kind] : published.records) {
            if (!fits(wanted.key, key) || !isNew(key)) continue;
            DUBITO_TRY(auto record, recordOf(db, row, key, kind, wanted.field));
            if (record) out.push_back(std::move(*record));
        }
    }
    return out;
}

std::string findingsText(const std::vector<Finding>& findings) {
    std::string out;
    for (std::size_t i = 0; i < findings.size();) {
        const Finding& one = findings[i];
        std::size_t end = i + 1;
        if (!out.empty()) out += '\n';
        if (one.kind == Finding::Kind::Scalar) {
            while (end < findings.size() && findings[end].kind == Finding::Kind::Scalar) ++end;
            out += scalarsText(std::span(findings).subspan(i, end - i));
        } else if (one.kind == Finding::Kind::Rows) {
            out += render(forPeople(one.rows), Format::Table);
        } else {
            out += one.kind == Finding::Kind::Folder ? one.key + "  " : "";
            out += plainText(one.text);
            if (!out.ends_with('\n')) out += '\n';
        }
        i = end;
    }
    return out;
}

Table findingsTable() { return {{"run", "name", "state", "key", "value", "unit", "low", "high"}, {}}; }

void appendFindings(Table& table, const store::RunRow& row, const std::vector<Finding>& findings) {
    const std::string state(run::stateName(static_cast<run::RunState>(row.state)));
    const auto add = [&](const std::string& key, Cell value, const std::string& unit, const Finding& from) {
        table.rows.push_back({row.runNo, row.name(), state, key, std::move(value), unit, from.low, from.high});
    };
    if (findings.empty()) add("", "", "", {});
    for (const Finding& one : findings) {
        if (one.kind == Finding::Kind::Scalar) add(one.key, one.value, one.unit, one);
        else if (one.kind != Finding::Kind::Rows) add(one.key, one.text, "", one);
        else
            for (const auto& line : one.rows.rows) add(one.key, jsonText(rowJson(one.rows, line)), "", one);
    }
}

std::vector<std::string> nextCommands(
    const run::PluginDescription& plugin, const store::RunRow& row, const std::string& file) {
    const auto state = static_cast<run::RunState>(row.state);
    std::vector<std::string> patterns = plugin.next;
    if (state == run::RunState::Failed) patterns = {"dubito log {file} {run}"};
    if (state == run::RunState::Cancelled) patterns = {"dubito resume {file} {run}"};
    if (patterns.empty()) patterns = {"dubito show {file} {run}"};
    std::vector<std::string> out;
    for (const std::string& pattern : patterns) {
        // A manifest's words are printed only as what they should be: a command of this program, in one line.
        if (!pattern.starts_with("dubito ") || pattern != oneLine(pattern)) continue;
        std::string command;
        for (std::size_t at = 0; at < pattern.size();) {
            const std::string_view rest = std::string_view(pattern).substr(at);
            const bool isFile = rest.starts_with("{file}"), isRun = rest.starts_with("{run}");
            command += isFile ? shellWord(file) : isRun ? std::to_string(row.runNo) : std::string(1, pattern[at]);
            at += isFile ? 6 : isRun ? 5 : 1;
        }
        out.push_back(std::move(command));
    }
    return out;
}

std::string shellWord(std::string_view text) {
    const auto isPlain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) ||
               std::string_view("-_./,:+@%=").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), isPlain)) return std::string(text);
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

}  // namespace dubito::cli
