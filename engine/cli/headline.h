// What a run is for, read from the project once it is over: its plugin's headline, for people and for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "run/plugin_description.h"
#include "store/queries.h"

namespace dubito::cli {

/// One thing that a headline names.
struct Finding {
    enum class Kind {
        Scalar,  ///< value; low and high when the run publishes an interval beside it
        Text,    ///< text: what an event or a token record says
        Rows,    ///< rows: all records of a table, one under the other
        Folder,  ///< text: where the newest whole checkpoint lies
    };
    Kind kind = Kind::Scalar;
    std::string key, unit, text;
    double value = 0;
    std::optional<double> low, high;
    Table rows;
};

/// What the run has of its plugin's headline, in that order; without a headline the scalars that the plugin declares,
/// without those all that the run published. The interval of "eval/acc@x" is "eval/acc_lo@x" to "eval/acc_hi@x", of
/// "loss" it is "loss_lo" to "loss_hi"; a pattern leaves such bounds out.
Result<std::vector<Finding>> findingsOf(
    store::Database& db, const store::RunRow& row, const run::PluginDescription& plugin);

/// The rows of all records of a table, one under the other; a column that only some records have is empty in the
/// others.
Result<Table> recordRows(store::Database& db, std::int64_t runNo, const std::string& key);

/// For people: scalars as one table, texts as they are, tables as tables; "" when there is nothing.
std::string findingsText(const std::vector<Finding>& findings);

/// For programs: columns run, name, state, key, value, unit, low, high; a row a finding or row of a table (then the
/// value is a JSON object), and one row without a key for a run that has none.
Table findingsTable();
void appendFindings(Table& table, const store::RunRow& row, const std::vector<Finding>& findings);

/// The commands to type next, {file} and {run} filled in and quoted for a shell: those of the plugin after a run that
/// is done, what says why and goes on after any other.
std::vector<std::string> nextCommands(
    const run::PluginDescription& plugin, const store::RunRow& row, const std::string& file);

/// As one word of a POSIX shell; plain words stay as they are.
std::string shellWord(std::string_view text);

}  // namespace dubito::cli
