// models add|list|show|convert|quantise|lab|eval|compare|export: runs of the language-model plugin in a project of
// their own, so every result has a spec.
#include <fmt/format.h>

#include <algorithm>

#include "cli/waiting.h"
#include "journal/array_block.h"
#include "run/checkpoint.h"
#include "run/run_service.h"
#include "stats/paired.h"
#include "store/evaluations.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

struct ModelArguments {
    std::string model, out, type = "keep", text, tasks, reference, project, dev, adapter;
    std::int64_t partMib = 0, threads = 0, shots = 0, samples = 1;
    bool chat = false, asFolder = false;
};

/// A name in the library, or a path as it is.
std::string resolved(const std::string& name) {
    std::error_code error;
    if (name.empty() || fs::exists(name, error)) return name;
    const fs::path inLibrary = dataHome() / "models" / name;
    return fs::exists(inLibrary, error) ? inLibrary.string() : name;
}

/// One run, waited for. @return its number; the reader sees what it published
Result<std::int64_t> runAndWait(
    const fs::path& project, const Json& parameters, const std::string& title, std::int64_t threads, bool quiet) {
    DUBITO_TRY(const run::PluginDescription plugin, host::Catalogue::scan().find("org.dubito.lm", ""));
    Waiting waiting;
    DUBITO_TRY(auto service, run::RunService::open(project, waiting.options()));
    catchInterrupts();
    run::RunDraft draft;
    draft.pluginId = plugin.id;
    draft.title = title;
    draft.threads = threads;
    draft.parameters = parameters;
    DUBITO_TRY(const std::int64_t runNo, service->submit(draft, plugin));
    const auto sayProgress = [&] {
        std::optional<store::RunRow> row;
        auto found = service->call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_TRY(row, store::findRun(writer.database(), runNo));
            return {};
        });
        if (found && row && row->total > 0) say(fmt::format("{} {:.0f} %", row->phase, 100 * row->done / row->total));
    };
    DUBITO_CHECK(waiting.untilFinal(*service, {runNo}, quiet ? std::function<void()>() : sayProgress));
    const run::RunEvent ended = waiting.stateOf(runNo);
    if (ended.state != run::RunState::Done)
        return Error(Code::Internal, fmt::format("the run {}: {}", run::stateName(ended.state), ended.text));
    return runNo;
}

Result<fs::path> libraryProject(const std::string& asked) {
    const fs::path project = asked.empty() ? dataHome() / "models.dubito" : fs::path(asked);
    std::error_code error;
    if (!fs::exists(project, error)) {
        DUBITO_CHECK(makeFolders(project.parent_path().empty() ? fs::path(".") : project.parent_path()));
        DUBITO_CHECK(store::createProject(project, "models"));
    }
    return project;
}

Result<Table> cardOf(const fs::path& project, std::int64_t runNo) {
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(const auto records, store::queryRecords(*db, runNo, "model/info"));
    Table table{{"key", "value"}, {}};
    for (const auto& record : records) {
        DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(record.block));
        const auto keys = journal::textsNamed(arrays, "key"), values = journal::textsNamed(arrays, "value");
        for (std::size_t i = 0; i < std::min(keys.size(), values.size()); ++i)
            table.rows.push_back({keys[i], values[i]});
    }
    return table;
}

std::int64_t bytesOf(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return static_cast<std::int64_t>(fs::file_size(path, error));
    std::int64_t bytes = 0;
    if (const auto files = listFolder(path))
        for (const auto& file : *files)
            if (fs::is_regular_file(file, error)) bytes += static_cast<std::int64_t>(fs::file_size(file, error));
    return bytes;
}

Result<void> list(Context& context) {
    Table table{{"name", "bytes", "path"}, {}};
    const fs::path packaged = run::packagedModel();
    std::vector<fs::path> models;
    if (!packaged.empty()) models.push_back(packaged);
    if (const auto own = listFolder(dataHome() / "models"))  // no folder: none was added
        for (const auto& path : *own)
            if (path.filename() != packaged.filename()) models.push_back(path);
    std::error_code error;
    for (const auto& path : models)
        table.rows.push_back({path.filename().string(), bytesOf(path), fs::weakly_canonical(path, error).string()});
    return context.print(table);
}

Result<void> addModel(Context& context, const ModelArguments& arguments) {
    std::error_code error;
    const fs::path source = fs::canonical(arguments.model, error);
    if (error) return Error(Code::NotFound, "there is no such model. File: " + arguments.model);
    DUBITO_TRY(const fs::path project, libraryProject(arguments.project));
    // Only what opens is added.
    DUBITO_TRY(const std::int64_t runNo, runAndWait(project, {{"task", "show"}, {"model", {{"path", source.string()}}}},
                                             source.filename().string(), 1, true));
    DUBITO_CHECK(makeFolders(dataHome() / "models"));
    for (const auto& part : fs::is_directory(source, error) ? std::vector<fs::path>{source} : numberedParts(source)) {
        const fs::path link = dataHome() / "models" / part.filename();
        if (fs::is_symlink(link, error)) fs::remove(link, error);
        fs::create_symlink(part, link, error);
        if (error)
            return Error(Code::Io, fmt::format("cannot add the model: {}. File: {}", error.message(), link.string()));
    }
    DUBITO_TRY(const Table table, cardOf(project, runNo));
    return context.print(table);
}

Result<void> show(Context& context, const ModelArguments& arguments) {
    DUBITO_TRY(const fs::path project, libraryProject(arguments.project));
    DUBITO_TRY(const std::int64_t runNo,
        runAndWait(project, {{"task", "show"}, {"model", {{"path", resolved(arguments.model)}}}}, "show", 1, true));
    DUBITO_TRY(const Table table, cardOf(project, runNo));
    return context.print(table);
}

/// The newest checkpoint whose hashes hold. @error NotFound
Result<run::CheckpointInfo> newestCheckpoint(store::Database& db, std::int64_t runNo) {
    DUBITO_TRY(const auto attempts, store::queryAttempts(db, runNo));
    const auto newest = attempts.empty() ? std::nullopt : run::CheckpointStore(attempts.back().jobDir).newest();
    if (!newest) return Error(Code::NotFound, "the run left no whole checkpoint");
    return *newest;
}

/// Moves the items of the run's checkpoint to where they are wanted.
Result<void> deliver(store::Database& db, std::int64_t runNo, const fs::path& out, bool asFolder) {
    DUBITO_TRY(const auto made, newestCheckpoint(db, runNo));
    std::error_code error;
    fs::path beside = out;
    beside += ".parts-" + makeUuid().text();  // a folder of this name cannot be anybody's
    DUBITO_TRY(const auto files, run::moveItems(made.folder, asFolder ? out : beside));
    if (!asFolder) {
        for (const auto& file : files) {
            const std::string name = file.filename().string();
            const fs::path to =
                name == "model.gguf"
                    ? out
                    : out.parent_path() / (out.stem().string() + name.substr(std::string("model").size()));  // a part
            fs::rename(file, to, error);
            if (error) return Error(Code::Io, fmt::format("cannot write: {}. File: {}", error.message(), to.string()));
        }
        DUBITO_CHECK(syncFolder(out.parent_path()));
        fs::remove_all(beside, error);
    }
    fs::remove_all(made.folder, error);  // the files live where they were asked for; the run keeps its report
    return {};
}

/// The newest whole checkpoint of a run of any project.
Result<void> exportCheckpoint(Context& context, const ModelArguments& arguments) {
    DUBITO_TRY(auto db, store::openReadOnly(arguments.project));
    DUBITO_TRY(const auto row, store::resolveRun(*db, arguments.model));
    DUBITO_TRY(const auto newest, newestCheckpoint(*db, row.runNo));
    DUBITO_TRY(const auto files, run::copyItems(newest.folder, fs::path(arguments.out)));
    Table table{{"file", "step"}, {}};
    for (const auto& file : files) table.rows.push_back({file.string(), newest.step});
    return context.print(table);
}

/// Two evaluation runs on the items they share.
Result<void> compare(Context& context, const ModelArguments& arguments) {
    DUBITO_TRY(const fs::path project, libraryProject(arguments.project));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    std::map<std::string, std::pair<std::vector<stats::ScoredItem>, std::vector<stats::ScoredItem>>> tasks;
    for (const bool isSecond : {false, true}) {
        DUBITO_TRY(const auto row, store::resolveRun(*db, isSecond ? arguments.out : arguments.model));
        DUBITO_TRY(const auto items, store::queryEvaluationItems(*db, row.runNo));
        if (items.empty())
            return Error(
                Code::NotFound, fmt::format("the run {} scored no items", isSecond ? arguments.out : arguments.model));
        for (const auto& item : items)
            (isSecond ? tasks[item.task].second : tasks[item.task].first)
                .push_back({item.id, item.group, item.isCorrect ? 1.0 : 0.0});
    }
    Table table{{"task", "shared", "groups", "first", "second", "difference", "low", "high"}, {}};
    const auto mean = [](const std::vector<stats::ScoredItem>& items) {
        double sum = 0;
        for (const auto& item : items) sum += item.score;
        return items.empty() ? 0.0 : sum / static_cast<double>(items.size());
    };
    for (const auto& [task, sides] : tasks) {
        const auto paired = stats::comparePaired(sides.first, sides.second, 1);
        table.rows.push_back({task, paired.shared, paired.groups, mean(sides.first), mean(sides.second),
            paired.difference.estimate, paired.difference.low, paired.difference.high});
    }
    return context.print(table);
}

/// One model in several types, measured against itself.
Result<void> lab(Context& context, const ModelArguments& arguments) {
    DUBITO_TRY(const fs::path project, libraryProject(arguments.project));
    Json parameters = {{"task", "quant_lab"}, {"model", {{"path", resolved(arguments.model)}}}};
    if (!arguments.text.empty()) parameters["eval"]["text"] = arguments.text;
    if (arguments.type != "keep") parameters["convert"]["types"] = arguments.type;
    DUBITO_TRY(const std::int64_t runNo,
        runAndWait(project, parameters, "types of " + fs::path(arguments.model).filename().string(), arguments.threads,
            context.quiet));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(const auto records, store::queryRecords(*db, runNo, "quant/lab"));
    Table table{{"type", "bytes", "bits", "relative", "nll", "perplexity", "kl", "top1"}, {}};
    for (const auto& record : records) {
        DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(record.block));
        const auto types = journal::textsNamed(arrays, "type");
        const auto* bytes = journal::findArray(arrays, "bytes");
        if (types.size() != 1 || !bytes || bytes->elements() != 1) continue;
        const auto one = [&](const char* name) {
            const auto* array = journal::findArray(arrays, name);
            return array && array->dtype == kF64 && array->elements() == 1 ? array->as<double>()[0] : 0.0;
        };
        table.rows.push_back({types[0], bytes->as<std::int64_t>()[0], one("bits"), one("relative"), one("nll"),
            one("perplexity"), one("kl"), one("top1")});
    }
    return context.print(table);
}

Result<void> convert(Context& context, const ModelArguments& arguments, bool quantises) {
    std::error_code error;
    const fs::path out = fs::absolute(arguments.out, error);
    const bool asFolder = arguments.asFolder || (out.extension() != ".gguf" && !quantises);
    DUBITO_TRY(const fs::path project, libraryProject(arguments.project));
    Json parameters = {{"task", "convert"}, {"model", {{"path", resolved(arguments.model)}}},
        {"convert", {{"to", asFolder ? "folder" : "gguf"}, {"type", arguments.type}, {"part_mib", arguments.partMib}}}};
    if (!arguments.adapter.empty()) parameters["model"]["adapter"] = arguments.adapter;
    DUBITO_TRY(const std::int64_t runNo,
        runAndWait(project, parameters, out.filename().string(), arguments.threads, context.quiet));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_CHECK(deliver(*db, runNo, out, asFolder));
    DUBITO_TRY(const auto records, store::queryRecords(*db, runNo, "quant/tensor"));
    Table table{{"tensor", "from", "to", "bytes", "rmse", "relative"}, {}};
    for (const auto& record : records) {
        DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(record.block));
        const auto names = journal::textsNamed(arrays, "name"), from = journal::textsNamed(arrays, "from"),
                   to = journal::textsNamed(arrays, "to");
        const auto *bytes = journal::findArray(arrays, "bytes"), *rmse = journal::findArray(arrays, "rmse"),
                   *relative = journal::findArray(arrays, "relative");
        if (!bytes || !rmse || !relative || bytes->elements() != static_cast<std::int64_t>(names.size()) ||
            from.size() != names.size() || to.size() != names.size())
            continue;
        for (std::size_t i = 0; i < names.size(); ++i)
            table.rows.push_back({names[i], from[i], to[i], bytes->as<std::int64_t>()[i], rmse->as<double>()[i],
                relative->as<double>()[i]});
    }
    if (table.rows.empty()) return context.print({{"file"}, {{out.string()}}});
    return context.print(table);
}

Result<void> evaluate(Context& context, const ModelArguments& arguments) {
    DUBITO_TRY(const fs::path project, libraryProject(arguments.project));
    Json eval = {{"chat", arguments.chat}, {"shots", arguments.shots}, {"samples", arguments.samples}};
    if (!arguments.dev.empty()) eval["dev"] = arguments.dev;
    if (!arguments.text.empty()) eval["text"] = arguments.text;
    if (!arguments.tasks.empty()) eval["tasks"] = arguments.tasks;
    if (!arguments.reference.empty()) eval["reference"] = resolved(arguments.reference);
    Json model = {{"path", resolved(arguments.model)}};
    if (arguments.type != "keep") model["weights"] = arguments.type;
    DUBITO_TRY(
        const std::int64_t runNo, runAndWait(project, {{"task", "evaluate"}, {"model", model}, {"eval", eval}},
                                      fs::path(arguments.model).filename().string(), arguments.threads, context.quiet));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    Table table{{"measure", "value", "unit"}, {}};
    DUBITO_TRY(const auto metrics, store::queryMetrics(*db, runNo));
    for (const auto& metric : metrics)
        if (metric.key.starts_with("eval/")) table.rows.push_back({metric.key.substr(5), metric.last, metric.unit});
    return context.print(table);
}

}  // namespace

void addModelCommands(CLI::App& app, Context& context) {
    static ModelArguments arguments;
    auto* verb = addVerb(app, context, "models");
    verb->require_subcommand(1);
    const auto sub = [&](const char* name, const char* help, bool takesModel) {
        auto* one = verb->add_subcommand(name, help);
        if (takesModel) one->add_option("model", arguments.model, "file, folder or name in the library")->required();
        one->add_option(
            "--project", arguments.project, "where the run is kept; the model library's project when absent");
        one->add_option("--threads", arguments.threads);
        one->add_option("--output", context.output, "table json jsonl csv tsv md");
        one->add_flag("--quiet", context.quiet);
        return one;
    };
    sub("list", "models that are packaged or were added", false)->callback([&] { context.finish(list(context)); });
    sub("add", "opens a model and makes it known by name", true)->callback([&] {
        context.finish(addModel(context, arguments));
    });
    sub("show", "a model's card", true)->callback([&] { context.finish(show(context, arguments)); });
    auto* converting = sub("convert", "GGUF to a folder of safetensors or the reverse, or another element type", true);
    converting->add_option("out", arguments.out, "a .gguf file or a folder")->required();
    converting->add_option("--type", arguments.type, "keep F32 F16 BF16 Q8_0 ...");
    converting->add_option("--part-mib", arguments.partMib, "several files, each about this large");
    converting->add_flag("--folder", arguments.asFolder);
    converting->add_option("--adapter", arguments.adapter, "a PEFT folder to merge into the weights first");
    converting->callback([&] { context.finish(convert(context, arguments, false)); });
    auto* quantising = sub("quantise", "a GGUF of another type, with the error of every tensor", true);
    quantising->add_option("out", arguments.out, "a .gguf file")->required();
    quantising->add_option("--type", arguments.type, "Q8_0 Q6_K Q5_K Q5_1 Q5_0 Q4_K IQ4_NL Q4_1 Q4_0 Q3_K Q2_K")
        ->required();
    quantising->callback([&] { context.finish(convert(context, arguments, true)); });
    auto* evaluating = sub("eval", "scores of a model on text and tasks", true);
    evaluating->add_option("--text", arguments.text, "plain text: nats a token, bits a byte");
    evaluating->add_option("--tasks", arguments.tasks, "JSON lines with prompt, answer, choices");
    evaluating->add_option("--reference", arguments.reference, "KL and agreement against this model");
    evaluating->add_option("--weights", arguments.type, "auto quant f32");
    evaluating->add_flag("--chat", arguments.chat, "prompts as chat turns");
    evaluating->add_option("--dev", arguments.dev, "JSON lines whose first ones stand in front of every prompt");
    evaluating->add_option("--shots", arguments.shots, "how many of them");
    evaluating->add_option("--samples", arguments.samples, "answers an item: above 1, pass@k is estimated");
    evaluating->callback([&] { context.finish(evaluate(context, arguments)); });
    auto* measuring =
        sub("lab", "what each element type costs: size, perplexity, distance to the model as it is", true);
    measuring->add_option("--types", arguments.type, "as \"Q8_0 Q4_0\"");
    measuring->add_option("--text", arguments.text, "plain text; a short one of the plugin's own when absent");
    measuring->callback([&] { context.finish(lab(context, arguments)); });
    auto* comparing = sub("compare", "two evaluation runs on the items they share, with a paired interval", false);
    comparing->add_option("first", arguments.model, "run: name, number or id")->required();
    comparing->add_option("second", arguments.out)->required();
    comparing->callback([&] { context.finish(compare(context, arguments)); });
    auto* exporting = sub("export", "files of a run's newest checkpoint: an adapter for PEFT, or a whole model", false);
    exporting->add_option("run", arguments.model, "run: name, number or id")->required();
    exporting->add_option("out", arguments.out, "a folder")->required();
    exporting->callback([&] { context.finish(exportCheckpoint(context, arguments)); });
}

}  // namespace dubito::cli
