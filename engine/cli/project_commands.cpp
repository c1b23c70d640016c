// new, open, info, check, sql, edit, collect, tidy.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "run/janitor.h"
#include "run/run_service.h"
#include "store/lock.h"
#include "store/opener.h"
#include "store/user_rows.h"

namespace dubito::cli {
namespace {

struct NewOptions {
    std::string file, title;
};

Result<void> make(const NewOptions& options) {
    return store::createProject(
        options.file, options.title.empty() ? fs::path(options.file).stem().string() : options.title);
}

Result<void> info(const Context& context, const std::string& file) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(auto meta, store::queryMeta(*db));
    DUBITO_TRY(const auto runs, store::queryCounter(*db, "run"));
    DUBITO_TRY(const auto series, store::queryCounter(*db, "series"));
    std::error_code error;
    Table table{{"what", "value"}, {}};
    table.rows.push_back({"file", fs::absolute(file, error).string()});
    table.rows.push_back({"title", meta["title"]});
    table.rows.push_back({"project id", meta["project_id"]});
    table.rows.push_back({"made", isoTime(std::atoll(meta["created_us"].c_str())) + " by " + meta["app"]});
    table.rows.push_back({"closed cleanly", meta["clean_close"] == "1" ? "yes" : "no, or open elsewhere"});
    table.rows.push_back({"runs", runs});
    table.rows.push_back({"series", series});
    table.rows.push_back({"bytes", static_cast<std::int64_t>(fs::file_size(file, error))});
    return context.print(table);
}

struct CheckOptions {
    std::string file;
    bool full = false, forgetLog = false;
};

Result<void> check(Context& context, const CheckOptions& options) {
    if (options.forgetLog) DUBITO_CHECK(store::forgetLog(options.file));
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    DUBITO_TRY(const auto faults, store::checkContent(*db, options.full));
    Table table{{"fault"}, {}};
    for (const auto& fault : faults) table.rows.push_back({fault});
    if (!faults.empty()) {
        context.exitCode = 11;
        return context.print(table);
    }
    if (!context.quiet) say(fmt::format("sound ({} check)", options.full ? "full" : "quick"));
    return context.output.empty() ? Result<void>() : context.print(table);
}

struct SqlOptions {
    std::string file, query;
};

Result<void> sql(const Context& context, const SqlOptions& options) {
    DUBITO_TRY(auto db, store::openReadOnly(options.file));
    db->allowOnlySelect();
    db->limitTime(10'000);
    DUBITO_TRY(const auto found, store::selectText(*db, options.query, 1'000'000));
    Table table{found.columns, {}};
    for (const auto& row : found.rows) table.rows.emplace_back(row.begin(), row.end());
    return context.print(table);
}

Result<void> openDesktop(const std::string& file) {
    std::error_code error;
    const fs::path desktop = programFolder() / "dubito-desktop";
    if (!fs::exists(desktop, error))
        return Error(
            Code::DeviceUnavailable, "the desktop is not installed beside this program. File: " + desktop.string());
    ::execl(desktop.c_str(), desktop.c_str(), file.c_str(), static_cast<char*>(nullptr));
    return Error(Code::Internal, "the desktop could not be started. File: " + desktop.string());
}

// --- edit ----------------------------------------------------------------------------------------------------------

struct EditOptions {
    std::string file, what, run;
    std::optional<std::string> value;
};

constexpr std::string_view kEdits = "title, star, delete, restore, undo and redo";

Result<void> undoOrRedo(run::RunService& service, const std::string& what) {
    DUBITO_TRY(const std::string title, what == "undo" ? service.undo() : service.redo());
    return writeOut(fmt::format("{}: {}\n", what, oneLine(title)));
}

Result<void> checkEdit(const EditOptions& options) {
    const std::string& what = options.what;
    if (what == "undo" || what == "redo") return {};
    if (what != "title" && what != "star" && what != "delete" && what != "restore")
        return Error(Code::InvalidArgument, fmt::format("edit knows {}, not {}", kEdits, what));
    if (options.run.empty())
        return Error(
            Code::InvalidArgument, fmt::format("edit {} needs a run: dubito edit {} {} RUN", what, options.file, what));
    if (what == "title" && !options.value)
        return Error(Code::InvalidArgument,
            fmt::format(
                "edit title needs the new title behind the run; \"\" takes it away: dubito edit {} title {} TITLE",
                options.file, options.run));
    const std::string value = options.value.value_or("");
    const bool isSwitch = value.empty() || value == "on" || value == "off" || value == "1" || value == "0";
    if (what == "star" && !isSwitch)
        return Error(Code::InvalidArgument, fmt::format("edit star takes on or off behind the run, not {}", value));
    return {};
}

/// One edit of the user's row of the run, inside a step that can be undone.
Result<void> editRow(store::Database& db, const EditOptions& options, std::int64_t runNo) {
    const std::string value = options.value.value_or("");
    if (options.what == "title") return store::setRunTitle(db, runNo, value);
    if (options.what == "star") return store::setStar(db, {runNo}, value.empty() || value == "on" || value == "1");
    return store::setDeleted(db, {runNo}, options.what == "delete" ? std::optional(nowUs()) : std::nullopt);
}

Result<void> edit(const EditOptions& options) {
    DUBITO_CHECK(checkEdit(options));
    run::RunService::Options quietly;
    quietly.adoptRunning = false;
    DUBITO_TRY(auto service, run::RunService::open(options.file, quietly));
    if (options.what == "undo" || options.what == "redo") return undoOrRedo(*service, options.what);
    std::optional<store::RunRow> row;
    DUBITO_CHECK(service->call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(row, store::resolveRun(writer.database(), options.run, options.what == "restore"));
        return {};
    }));
    const std::string command =
        fmt::format("dubito edit FILE {} {} {}", options.what, row->runNo, options.value.value_or(""));
    return service->edit(options.what + " " + row->name(), command,
        [&](store::Database& db) { return editRow(db, options, row->runNo); });
}

// --- collect, tidy -------------------------------------------------------------------------------------------------

struct CollectOptions {
    std::string file;
    std::vector<std::string> folders;
};

Result<void> collect(const Context& context, const CollectOptions& options) {
    DUBITO_TRY(auto writer, store::ProjectWriter::open(options.file));
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (const auto& folder : options.folders) {
        std::error_code error;
        fs::path path = fs::absolute(folder, error);
        if (!path.has_filename()) path = path.parent_path();
        DUBITO_TRY(const run::RunSpec spec, run::JobDir(path).readSpec());
        auto plugin = catalogue.find(spec.pluginId(), spec.pluginVersion());
        DUBITO_TRY(const auto found, run::collectJobDir(*writer, path, plugin ? &*plugin : nullptr));
        if (context.quiet) continue;
        say(fmt::format("{} taken in as run {}: {} attempt{}, {}{}", folder, found.runNo, found.attempts,
            found.attempts == 1 ? "" : "s", run::stateName(found.state),
            found.isAlive ? "; its worker goes on, collect again when it is over" : ""));
    }
    return {};
}

struct TidyOptions {
    std::string file;
    int days = 7;
    bool bin = false;
};

Result<void> tidy(Context& context, const TidyOptions& options) {
    DUBITO_TRY(auto writer, store::ProjectWriter::open(options.file));
    run::Tidied all;
    for (;;) {
        DUBITO_TRY(const run::Tidied some, run::tidy(*writer, options.days));
        all.journals += some.journals;
        all.bytes += some.bytes;
        if (some.runs == 0) break;
    }
    if (options.bin) {
        DUBITO_TRY(const run::Tidied gone, run::emptyBin(*writer));
        all.runs = gone.runs;
        all.folders = gone.folders;
    }
    return context.print({{"journals", "bytes", "runs", "folders"},
        {{all.journals, static_cast<std::int64_t>(all.bytes), all.runs, all.folders}}});
}

void addEditing(CLI::App& app, Context& context) {
    static EditOptions editOptions;
    auto* verb = addVerb(app, context, "edit");
    verb->add_option("file", editOptions.file, "the project")->required();
    verb->add_option("what", editOptions.what, "title star delete restore undo redo")->required();
    verb->add_option("run", editOptions.run, kRunHelp);
    verb->add_option("value", editOptions.value, "the new title; for star on or off, on when absent");
    verb->callback([&context] { context.finish(edit(editOptions)); });

    static CollectOptions collectOptions;
    verb = addVerb(app, context, "collect");
    verb->add_option("file", collectOptions.file, "the project")->required();
    verb->add_option("dir", collectOptions.folders, "job folders")->required();
    verb->callback([&context] { context.finish(collect(context, collectOptions)); });

    static TidyOptions tidyOptions;
    verb = addVerb(app, context, "tidy");
    verb->add_option("file", tidyOptions.file, "the project")->required();
    verb->add_option("--days", tidyOptions.days, "journals of runs that ended longer ago than this")
        ->check(CLI::Range(0, 36500));
    verb->add_flag("--bin", tidyOptions.bin, "removes the runs in the bin for good, with their job folders");
    verb->callback([&context] { context.finish(tidy(context, tidyOptions)); });
}

}  // namespace

void addProjectCommands(CLI::App& app, Context& context) {
    static NewOptions newOptions;
    auto* verb = addVerb(app, context, "new");
    verb->add_option("file", newOptions.file, "a project that is not there yet, by convention *.dubito")->required();
    verb->add_option("--title", newOptions.title, "the file's name when absent");
    verb->callback([&context] { context.finish(make(newOptions)); });

    static std::string openedFile;
    verb = addVerb(app, context, "open");
    verb->add_option("file", openedFile, "the project")->required();
    verb->callback([&context] { context.finish(openDesktop(openedFile)); });

    static std::string infoFile;
    verb = addVerb(app, context, "info");
    verb->add_option("file", infoFile, "the project")->required();
    verb->callback([&context] { context.finish(info(context, infoFile)); });

    static CheckOptions checkOptions;
    verb = addVerb(app, context, "check");
    verb->add_option("file", checkOptions.file, "the project")->required();
    verb->add_flag("--full", checkOptions.full, "reads every chunk and array");
    verb->add_flag(
        "--forget-log", checkOptions.forgetLog, "the file was not closed cleanly and its -wal file is lost for good");
    verb->callback([&context] { context.finish(check(context, checkOptions)); });

    static SqlOptions sqlOptions;
    verb = addVerb(app, context, "sql");
    verb->add_option("file", sqlOptions.file, "the project")->required();
    verb->add_option("query", sqlOptions.query, "a SELECT")->required();
    verb->callback([&context] { context.finish(sql(context, sqlOptions)); });

    addEditing(app, context);
}

}  // namespace dubito::cli
