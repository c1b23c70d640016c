// new, open, info, check, sql, edit, collect, tidy.
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "run/janitor.h"
#include "run/run_service.h"
#include "store/lock.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

Result<void> info(Context& context, const std::string& file) {
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

Result<void> sql(Context& context, const std::string& file, const std::string& query) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    db->allowOnlySelect();
    db->limitTime(10'000);
    DUBITO_TRY(const auto found, store::selectText(*db, query, 1'000'000));
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

Result<void> edit(const std::string& file, const std::string& what, const std::string& run, const std::string& value) {
    run::RunService::Options options;
    options.adoptRunning = false;
    DUBITO_TRY(auto service, run::RunService::open(file, options));
    if (what == "undo" || what == "redo") {
        DUBITO_TRY(const std::string title, what == "undo" ? service->undo() : service->redo());
        return writeOut(fmt::format("{}: {}\n", what, printable(title, false)));
    }
    std::optional<store::RunRow> row;
    DUBITO_CHECK(service->call([&](store::ProjectWriter& writer) -> Result<void> {
        DUBITO_TRY(row, store::resolveRun(writer.database(), run));
        return {};
    }));
    const auto put = [&](const char* column, auto bind) {
        return service->edit(what + " " + row->name(),
            fmt::format("dubito edit FILE {} {} {}", what, row->name(), value),
            [&](store::Database& db) -> Result<void> {
                DUBITO_TRY(store::Statement statement,
                    db.prepare(fmt::format("INSERT INTO run_user(run_id, {0}) VALUES(?1, ?2) ON CONFLICT(run_id) DO "
                                           "UPDATE SET {0}=excluded.{0}",
                        column)));
                statement.bind(1, ByteSpan(row->id.bytes));
                bind(statement);
                return statement.run();
            });
    };
    if (what == "title") return put("title", [&](store::Statement& s) { s.bind(2, value); });
    if (what == "star")
        return put("star", [&](store::Statement& s) { s.bind(2, value == "0" || value == "off" ? 0 : 1); });
    if (what == "delete") return put("deleted_us", [&](store::Statement& s) { s.bind(2, nowUs()); });
    if (what == "restore") return put("deleted_us", [&](store::Statement& s) { s.bindNull(2); });
    return Error(Code::InvalidArgument, "edit knows title, star, delete, restore, undo and redo, not " + what);
}

Result<void> collect(Context& context, const std::string& file, const std::vector<std::string>& folders) {
    DUBITO_TRY(auto writer, store::ProjectWriter::open(file));
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (const auto& folder : folders) {
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

}  // namespace

void addProjectCommands(CLI::App& app, Context& context) {
    static std::string file, title, query, what, run, value;
    static std::vector<std::string> folders;
    auto* verb = addVerb(app, context, "new");
    verb->add_option("file", file)->required();
    verb->add_option("--title", title);
    verb->callback(
        [&] { context.finish(store::createProject(file, title.empty() ? fs::path(file).stem().string() : title)); });
    verb = addVerb(app, context, "open");
    verb->add_option("file", file)->required();
    verb->callback([&] { context.finish(openDesktop(file)); });
    verb = addVerb(app, context, "info");
    verb->add_option("file", file)->required();
    verb->callback([&] { context.finish(info(context, file)); });

    static CheckOptions checkOptions;
    verb = addVerb(app, context, "check");
    verb->add_option("file", checkOptions.file)->required();
    verb->add_flag("--full", checkOptions.full, "reads every chunk and array");
    verb->add_flag(
        "--forget-log", checkOptions.forgetLog, "the file was not closed cleanly and its -wal file is lost for good");
    verb->callback([&] { context.finish(check(context, checkOptions)); });

    verb = addVerb(app, context, "sql");
    verb->add_option("file", file)->required();
    verb->add_option("query", query)->required();
    verb->callback([&] { context.finish(sql(context, file, query)); });
    verb = addVerb(app, context, "edit");
    verb->add_option("file", file)->required();
    verb->add_option("what", what)->required();
    verb->add_option("run", run);
    verb->add_option("value", value);
    verb->callback([&] { context.finish(edit(file, what, run, value)); });
    verb = addVerb(app, context, "collect");
    verb->add_option("file", file)->required();
    verb->add_option("dir", folders)->required();
    verb->callback([&] { context.finish(collect(context, file, folders)); });

    static TidyOptions tidyOptions;
    verb = addVerb(app, context, "tidy");
    verb->add_option("file", tidyOptions.file)->required();
    verb->add_option("--days", tidyOptions.days, "journals of runs that ended longer ago than this")
        ->check(CLI::Range(0, 36500));
    verb->add_flag("--bin", tidyOptions.bin, "removes the runs in the bin for good, with their job folders");
    verb->callback([&] { context.finish(tidy(context, tidyOptions)); });
}

}  // namespace dubito::cli
