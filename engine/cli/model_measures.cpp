// models convert, quantise, lab, eval, compare: what a model becomes, what that costs, how well it does.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/headline.h"
#include "cli/model_runs.h"
#include "stats/paired.h"
#include "store/evaluations.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

void addIfGiven(std::vector<Setting>& settings, const char* key, const std::string& value) {
    if (!value.empty()) settings.push_back({key, value});
}

// --- convert, quantise ---------------------------------------------------------------------------------------------

struct ConvertOptions : ModelOptions {
    std::string model, out, type = "keep", adapter;
    std::int64_t partMib = 0;
    bool asFolder = false, quantises = false;
};

/// Moves the items of the run's checkpoint to where they are wanted; the run keeps its report.
Result<void> deliver(const fs::path& project, std::int64_t runNo, const fs::path& out, bool asFolder) {
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(const auto row, store::findRun(*db, runNo));
    if (!row) return Error(Code::Internal, "the run that was just done is not there");
    DUBITO_TRY(const auto made, newestCheckpoint(*db, *row));
    std::error_code error;
    fs::path beside = out;
    beside += ".parts-" + makeUuid().text();  // a folder of this name cannot be anybody's
    DUBITO_TRY(const auto files, run::moveItems(made.folder, asFolder ? out : beside));
    if (!asFolder) {
        for (const auto& file : files) {
            const std::string name = file.filename().string();
            const bool isPart = name != "model.gguf";
            const fs::path to =
                isPart ? out.parent_path() / (out.stem().string() + name.substr(std::string("model").size())) : out;
            fs::rename(file, to, error);
            if (error) return Error(Code::Io, fmt::format("cannot write: {}. File: {}", error.message(), to.string()));
        }
        DUBITO_CHECK(syncFolder(out.parent_path()));
        fs::remove_all(beside, error);
    }
    fs::remove_all(made.folder, error);
    return {};
}

Result<void> convert(const Context& context, const ConvertOptions& options) {
    std::error_code error;
    const fs::path out = fs::absolute(options.out, error);
    const bool asFolder = options.asFolder || (out.extension() != ".gguf" && !options.quantises);
    DUBITO_TRY(const fs::path project, modelProject(options.project));
    ModelRun wanted{"convert", out.filename().string(),
        {{"model", modelPath(options.model)}, {"convert.to", asFolder ? "folder" : "gguf"},
            {"convert.type", options.type}, {"convert.part_mib", std::to_string(options.partMib)}}};
    addIfGiven(wanted.settings, "adapter", options.adapter);
    DUBITO_TRY(const std::int64_t runNo, runAndWait(project, wanted, options.threads, context.quiet));
    DUBITO_CHECK(deliver(project, runNo, out, asFolder));
    DUBITO_TRY(Table table,
        publishedRows(project, runNo, "quant/tensor", {"name", "from", "to", "bytes", "rmse", "relative"}));
    if (table.rows.empty()) return context.print({{"file"}, {{out.string()}}});
    if (table.columns[0] == "name") table.columns[0] = "tensor";
    return context.print(table);
}

// --- lab -----------------------------------------------------------------------------------------------------------

struct LabOptions : ModelOptions {
    std::string model, types, text;
};

Result<void> lab(const Context& context, const LabOptions& options) {
    DUBITO_TRY(const fs::path project, modelProject(options.project));
    ModelRun wanted{
        "quantise", "types of " + fs::path(options.model).filename().string(), {{"model", modelPath(options.model)}}};
    addIfGiven(wanted.settings, "text", options.text);
    addIfGiven(wanted.settings, "convert.types", options.types);
    DUBITO_TRY(const std::int64_t runNo, runAndWait(project, wanted, options.threads, context.quiet));
    DUBITO_TRY(const Table table, publishedRows(project, runNo, "quant/lab",
                                      {"type", "bytes", "bits", "relative", "nll", "perplexity", "kl", "top1"}));
    return context.print(table);
}

// --- eval ----------------------------------------------------------------------------------------------------------

struct EvaluateOptions : ModelOptions {
    std::string model, text, tasks, reference, weights, dev;
    std::int64_t shots = 0, samples = 1;
    bool chat = false;
};

Result<void> evaluate(const Context& context, const EvaluateOptions& options) {
    DUBITO_TRY(const fs::path project, modelProject(options.project));
    ModelRun wanted{"score", fs::path(options.model).filename().string(),
        {{"model", modelPath(options.model)}, {"eval.chat", options.chat ? "true" : "false"},
            {"eval.shots", std::to_string(options.shots)}, {"eval.samples", std::to_string(options.samples)}}};
    addIfGiven(wanted.settings, "text", options.text);
    addIfGiven(wanted.settings, "tasks", options.tasks);
    addIfGiven(wanted.settings, "dev", options.dev);
    addIfGiven(wanted.settings, "reference", modelPath(options.reference));
    addIfGiven(wanted.settings, "model.weights", options.weights);
    DUBITO_TRY(const std::int64_t runNo, runAndWait(project, wanted, options.threads, context.quiet));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    store::RunRow row;
    row.runNo = runNo;
    run::PluginDescription scores;
    scores.headline = {{"eval/*", {}}};
    DUBITO_TRY(const auto found, findingsOf(*db, row, scores));
    Table table{{"measure", "value", "unit", "low", "high"}, {}};
    for (const Finding& one : found)
        if (one.kind == Finding::Kind::Scalar)
            table.rows.push_back(
                {one.key.substr(std::string_view("eval/").size()), one.value, one.unit, one.low, one.high});
    return context.print(table);
}

// --- compare -------------------------------------------------------------------------------------------------------

struct CompareOptions : ModelOptions {
    std::string first, second;
};

using Scores = std::vector<stats::ScoredItem>;

struct RunScores {
    std::map<std::string, Scores> byTask;  ///< without the items that could not be computed
    std::string leftOut;                   ///< a sentence on those; empty: there are none
};

/// @error NotFound when the run scored no item
Result<RunScores> scoresOf(store::Database& db, const std::string& name) {
    DUBITO_TRY(const auto row, store::resolveRun(db, name));
    DUBITO_TRY(const auto items, store::queryEvaluationItems(db, row.runNo));
    if (items.empty())
        return Error(Code::NotFound,
            fmt::format("run {} ({}) scored no items; 'dubito models eval MODEL --tasks FILE' makes one that does",
                row.runNo, row.name()));
    RunScores out;
    std::size_t failed = 0;
    for (const auto& item : items) {
        if (item.failure.empty()) out.byTask[item.task].push_back({item.id, item.group, item.isCorrect ? 1.0 : 0.0});
        else ++failed;
    }
    if (failed)
        out.leftOut = fmt::format("run {} ({}): {} of {} items could not be computed and are left out", row.runNo,
            row.name(), failed, items.size());
    return out;
}

double meanOf(const Scores& items) {
    double sum = 0;
    for (const auto& item : items) sum += item.score;
    return items.empty() ? 0.0 : sum / static_cast<double>(items.size());
}

Result<void> compare(const Context& context, const CompareOptions& options) {
    DUBITO_TRY(const fs::path project, modelProject(options.project));
    DUBITO_TRY(auto db, store::openReadOnly(project));
    DUBITO_TRY(auto first, scoresOf(*db, options.first));
    DUBITO_TRY(auto second, scoresOf(*db, options.second));
    for (const auto* side : {&first, &second})
        if (!side->leftOut.empty()) say(side->leftOut);
    std::map<std::string, int> tasks;
    for (const auto* side : {&first, &second})
        for (const auto& [task, items] : side->byTask) ++tasks[task];
    Table table{{"task", "shared", "groups", "first", "second", "difference", "low", "high"}, {}};
    for (const auto& [task, sides] : tasks) {
        const Scores &one = first.byTask[task], &other = second.byTask[task];
        const auto paired = stats::comparePaired(one, other, 1);
        table.rows.push_back({task, paired.shared, paired.groups, meanOf(one), meanOf(other),
            paired.difference.estimate, paired.difference.low, paired.difference.high});
    }
    return context.print(table);
}

void addConverting(CLI::App& models, Context& context) {
    static ConvertOptions convertOptions;
    auto* verb = addModelVerb(models, context, "convert",
        "GGUF to a folder of safetensors or the reverse, or another element type", convertOptions);
    verb->add_option("model", convertOptions.model, kModelHelp)->required();
    verb->add_option("out", convertOptions.out, "a .gguf file or a folder")->required();
    verb->add_option("--type", convertOptions.type, "keep F32 F16 BF16 Q8_0 ...");
    verb->add_option("--part-mib", convertOptions.partMib, "several files, each about this large");
    verb->add_flag("--folder", convertOptions.asFolder, "a folder, whatever the name says");
    verb->add_option("--adapter", convertOptions.adapter, "a PEFT folder to merge into the weights first");
    verb->callback([&context] { context.finish(convert(context, convertOptions)); });

    static ConvertOptions quantiseOptions;
    quantiseOptions.quantises = true;
    verb = addModelVerb(
        models, context, "quantise", "a GGUF of another type, with the error of every tensor", quantiseOptions);
    verb->add_option("model", quantiseOptions.model, kModelHelp)->required();
    verb->add_option("out", quantiseOptions.out, "a .gguf file")->required();
    verb->add_option("--type", quantiseOptions.type, "Q8_0 Q6_K Q5_K Q5_1 Q5_0 Q4_K IQ4_NL Q4_1 Q4_0 Q3_K Q2_K")
        ->required();
    verb->callback([&context] { context.finish(convert(context, quantiseOptions)); });
}

void addScoring(CLI::App& models, Context& context) {
    static EvaluateOptions options;
    auto* verb = addModelVerb(models, context, "eval", "scores of a model on text and tasks", options);
    verb->add_option("model", options.model, kModelHelp)->required();
    verb->add_option("--text", options.text, "plain text: nats a token, bits a byte");
    verb->add_option("--tasks", options.tasks, "JSON lines with prompt, answer, choices");
    verb->add_option("--reference", options.reference, "KL and agreement against this model");
    verb->add_option("--weights", options.weights, "auto quant bf16 f32");
    verb->add_flag("--chat", options.chat, "prompts as chat turns");
    verb->add_option("--dev", options.dev, "JSON lines whose first ones stand in front of every prompt");
    verb->add_option("--shots", options.shots, "how many of them");
    verb->add_option("--samples", options.samples, "answers an item: above 1, pass@k is estimated");
    verb->callback([&context] { context.finish(evaluate(context, options)); });
}

}  // namespace

void addModelMeasures(CLI::App& models, Context& context) {
    addConverting(models, context);
    addScoring(models, context);

    static LabOptions labOptions;
    auto* verb = addModelVerb(models, context, "lab",
        "what each element type costs: size, perplexity, distance to the model as it is", labOptions);
    verb->add_option("model", labOptions.model, kModelHelp)->required();
    verb->add_option("--types", labOptions.types, "as \"Q8_0 Q4_0\"");
    verb->add_option("--text", labOptions.text, "plain text; a short one of the plugin's own when absent");
    verb->callback([&context] { context.finish(lab(context, labOptions)); });

    static CompareOptions compareOptions;
    verb = addModelVerb(models, context, "compare",
        "two evaluation runs on the items they share, with a paired interval", compareOptions);
    verb->add_option("first", compareOptions.first, kRunHelp)->required();
    verb->add_option("second", compareOptions.second, kRunHelp)->required();
    verb->callback([&context] { context.finish(compare(context, compareOptions)); });
}

}  // namespace dubito::cli
