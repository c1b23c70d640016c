// models list, add, show, export: which models there are, and what a run made of one.
#include <fmt/format.h>

#include <algorithm>

#include "cli/model_runs.h"
#include "run/models.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

// --- list ----------------------------------------------------------------------------------------------------------

/// Of all files of a folder, or of all parts of a split model.
std::int64_t bytesOf(const fs::path& path) {
    std::error_code error;
    std::vector<fs::path> files;
    if (!fs::is_directory(path, error)) files = numberedParts(path);
    else if (auto inside = listFolder(path)) files = std::move(*inside);
    std::int64_t bytes = 0;
    for (const auto& file : files)
        if (fs::is_regular_file(file, error)) bytes += static_cast<std::int64_t>(fs::file_size(file, error));
    return bytes;
}

Result<void> list(const Context& context) {
    Table table{{"name", "bytes", "path"}, {}};
    std::error_code error;
    for (const auto& path : run::knownModels())
        table.rows.push_back({path.filename().string(), bytesOf(path), fs::weakly_canonical(path, error).string()});
    return context.print(table);
}

// --- add, show -----------------------------------------------------------------------------------------------------

struct CardOptions : ModelOptions {
    std::string model;
};

/// The model's card, by a run that opens it; on request with what became of each key and each tensor.
Result<Table> cardOf(const CardOptions& options, const std::string& path, bool withAccount) {
    DUBITO_TRY(const fs::path project, modelProject(options.project));
    const ModelRun wanted{"card", fs::path(path).filename().string(), {{"model", path}}};
    DUBITO_TRY(const std::int64_t runNo, runAndWait(project, wanted, std::max<std::int64_t>(1, options.threads), true));
    DUBITO_TRY(Table card, publishedRows(project, runNo, "model/info", {"key", "value"}));
    if (!withAccount) return card;
    DUBITO_TRY(const Table account, publishedRows(project, runNo, "model/account", {"fate", "what", "why"}));
    for (const auto& row : account.rows) {
        if (row.size() != 3) continue;
        const std::string &fate = row[0].text, &what = row[1].text, &why = row[2].text;
        if (fate == "warning") continue;  // the card has it
        card.rows.push_back({fate, why.empty() ? what : what + " (" + why + ")"});
    }
    return card;
}

Result<void> add(const Context& context, const CardOptions& options) {
    std::error_code error;
    const fs::path source = fs::canonical(options.model, error);
    if (error) return Error(Code::NotFound, "there is no such model. File: " + options.model);
    DUBITO_TRY(const Table card, cardOf(options, source.string(), false));  // only what opens is added
    DUBITO_CHECK(makeFolders(dataHome() / "models"));
    for (const auto& part : fs::is_directory(source, error) ? std::vector<fs::path>{source} : numberedParts(source)) {
        const fs::path link = dataHome() / "models" / part.filename();
        if (fs::is_symlink(link, error)) fs::remove(link, error);
        fs::create_symlink(part, link, error);
        if (error)
            return Error(Code::Io, fmt::format("cannot add the model: {}. File: {}", error.message(), link.string()));
    }
    return context.print(card);
}

Result<void> show(const Context& context, const CardOptions& options) {
    DUBITO_TRY(const Table card, cardOf(options, modelPath(options.model), true));
    return context.print(card);
}

// --- export --------------------------------------------------------------------------------------------------------

struct ExportOptions : ModelOptions {
    std::string run, out;
};

/// The newest whole checkpoint of a run of any project.
Result<void> exportCheckpoint(const Context& context, const ExportOptions& options) {
    DUBITO_TRY(const fs::path project, modelProject(options.project));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(const auto row, store::resolveRun(*db, options.run));
    DUBITO_TRY(const auto newest, newestCheckpoint(*db, row));
    DUBITO_TRY(const auto files, run::copyItems(newest.folder, fs::path(options.out)));
    Table table{{"file", "step"}, {}};
    for (const auto& file : files) table.rows.push_back({file.string(), newest.step});
    return context.print(table);
}

}  // namespace

void addModelCommands(CLI::App& app, Context& context) {
    auto* models = addVerb(app, context, "models");
    models->require_subcommand(1);
    auto* verb = models->add_subcommand("list", "models that are packaged or were added");
    addOutput(*verb, context);
    verb->callback([&context] { context.finish(list(context)); });

    static CardOptions addOptions;
    verb = addModelVerb(*models, context, "add", "opens a model and makes it known by name", addOptions);
    verb->add_option("model", addOptions.model, "a file or a folder")->required();
    verb->callback([&context] { context.finish(add(context, addOptions)); });

    static CardOptions showOptions;
    verb = addModelVerb(
        *models, context, "show", "a model's card, and what is read of each of its keys and tensors", showOptions);
    verb->add_option("model", showOptions.model, kModelHelp)->required();
    verb->callback([&context] { context.finish(show(context, showOptions)); });

    addModelMeasures(*models, context);

    static ExportOptions exportOptions;
    verb = addModelVerb(*models, context, "export",
        "files of a run's newest checkpoint: an adapter for PEFT, or a whole model", exportOptions);
    verb->add_option("run", exportOptions.run, kRunHelp)->required();
    verb->add_option("out", exportOptions.out, "a folder")->required();
    verb->callback([&context] { context.finish(exportCheckpoint(context, exportOptions)); });
}

}  // namespace dubito::cli
