// plugins, params.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/settings.h"
#include "host/plugin_check.h"
#include "host/strikes.h"
#include "run/param_schema.h"
#include "run/supervisor.h"

namespace dubito::cli {
namespace {

std::string healthOf(const host::CatalogueEntry& entry) {
    if (!entry.plugin) return "refused: " + entry.refusal;
    if (host::isDisabled(entry.plugin->id, entry.plugin->version)) return "disabled";
    const int strikes = host::strikesOf(entry.plugin->id, entry.plugin->version);
    return strikes ? fmt::format("crashed {} of 3", strikes) : "ok";
}

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : between) + word;
    return out;
}

// --- list, show ----------------------------------------------------------------------------------------------------

struct PluginOptions {
    std::string what = "list", name, id;
};

/// One row a plugin; a library that is refused is one row with its reason.
Result<void> list(const Context& context) {
    Table table{{"plugin", "version", "title", "roles", "library", "health", "id", "licence", "folder"}, {}};
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (const auto& entry : catalogue.entries()) {
        const run::PluginDescription plugin = entry.plugin.value_or(run::PluginDescription());
        const std::string name = entry.plugin ? plugin.shortName() : "?";
        table.rows.push_back({name, entry.plugin ? plugin.version : "?", entry.plugin ? plugin.titleIn("en") : "",
            joined(plugin.roles, " "), plugin.library, healthOf(entry), plugin.id, plugin.licence,
            entry.folder.string()});
    }
    return context.print(table);
}

/// What an input is called with --set: its role, and the parameter behind it.
std::string inputText(const run::InputDescription& input) {
    return fmt::format("{} ({}{}{}): {}", input.role, input.kind, input.required ? ", required" : "",
        input.parameter.empty() ? "" : ", parameter " + dottedPath(input.parameter), input.hint);
}

Result<void> show(const Context& context, const std::string& name) {
    DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(name));
    Table table{
        {"what", "value"}, {{"plugin", plugin.shortName()}, {"id", plugin.id}, {"version", plugin.version},
                               {"library", plugin.library}, {"roles", joined(plugin.roles, " ")},
                               {"title", plugin.titleIn("en")}, {"summary", run::textIn(plugin.summary, "en", "")},
                               {"licence", plugin.licence}, {"gpu", plugin.gpu}, {"folder", plugin.folder.string()}}};
    for (const auto& command : plugin.commands) table.rows.push_back({"command", command.verb});
    for (const auto& input : plugin.inputs) table.rows.push_back({"input", inputText(input)});
    for (const auto& output : plugin.outputs)
        table.rows.push_back(
            {"output", fmt::format("{} ({}, {})", output.key, output.kind, output.unit.empty() ? "-" : output.unit)});
    for (const auto& headline : plugin.headline)
        table.rows.push_back(
            {"headline", headline.field.empty() ? headline.key : headline.key + ": " + headline.field});
    for (const auto& next : plugin.next) table.rows.push_back({"next", next});
    return context.print(table);
}

// --- check, new, enable, disable -----------------------------------------------------------------------------------

Result<void> check(Context& context, const std::string& name) {
    DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(name));
    DUBITO_TRY(const fs::path worker, run::findWorker());
    Table table{{"verdict", "group", "text", "fix"}, {}};
    for (const auto& line : host::checkPlugin(plugin.folder, worker, 60)) {
        table.rows.push_back({line.verdict == host::CheckLine::Verdict::Ok     ? "ok"
                              : line.verdict == host::CheckLine::Verdict::Warn ? "warn"
                                                                               : "FAIL",
            line.group, line.text, line.fix});
        if (line.verdict == host::CheckLine::Verdict::Fail) context.exitCode = 11;
    }
    return context.print(table);
}

fs::path templateFolder() {
    std::error_code error;
    for (const fs::path& candidate :
        {programFolder() / "../share/dubito/template", fs::path(DUBITO_SOURCE_DIR) / "plugins/template"})
        if (fs::exists(candidate / "plugin.json", error)) return candidate;
    return {};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// Copies the template under another name; a wrong id makes nothing.
Result<void> make(const std::string& name, const std::string& id) {
    std::error_code error;
    const fs::path source = templateFolder();
    if (source.empty()) return Error(Code::NotFound, "the plugin template is neither installed nor in the source tree");
    if (name.find('/') != std::string::npos || name.empty())
        return Error(Code::InvalidArgument, "the new plugin's name must be a plain name");
    if (fs::exists(fs::symlink_status(name, error)))
        return Error(Code::WrongState, "the folder exists already: " + name);
    std::vector<std::pair<std::string, std::string>> files;
    for (const char* file : {"CMakeLists.txt", "plugin.json", "coin_doubt.cpp"}) {
        DUBITO_TRY(std::string text, readFile(source / file, 1 << 20));
        text = replaced(replaced(std::move(text), "org.example.coin_doubt", id), "coin_doubt", name);
        if (std::string_view(file) == "plugin.json" && !host::parseManifests(text))
            return Error(Code::InvalidArgument, "the id " + id + " is not valid; it must look like org.example.name");
        files.emplace_back(replaced(file, "coin_doubt", name), std::move(text));
    }
    DUBITO_CHECK(makeFolders(name));
    for (const auto& [file, text] : files) DUBITO_CHECK(writeFileAtomic(fs::path(name) / file, text));
    return writeOut(plainText(fmt::format("{0}: CMakeLists.txt, plugin.json, {0}.cpp\n", name)));
}

Result<void> switchTo(const std::string& name, bool isDisabled) {
    DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(name));
    return host::setDisabled(plugin.id, plugin.version, isDisabled);
}

Result<void> plugins(Context& context, const PluginOptions& options) {
    const std::string& what = options.what;
    if (what == "list") return list(context);
    const bool isKnown = what == "show" || what == "check" || what == "new" || what == "enable" || what == "disable";
    if (!isKnown)
        return Error(Code::InvalidArgument,
            fmt::format("plugins knows list, show, check, new, enable and disable, not {}", what));
    if (options.name.empty())
        return Error(Code::InvalidArgument, fmt::format("plugins {0} needs a name: dubito plugins {0} NAME", what));
    if (what == "show") return show(context, options.name);
    if (what == "check") return check(context, options.name);
    if (what == "new") return make(options.name, options.id.empty() ? "org.example." + options.name : options.id);
    return switchTo(options.name, what == "disable");
}

// --- params --------------------------------------------------------------------------------------------------------

struct ParamsOptions {
    std::string plugin;
};

/// "a, b", "0..1", "above 0", "at most 400 characters": what the schema lets through.
std::string allowedText(const run::ParameterLeaf& leaf) {
    const Json& schema = leaf.schema;
    std::vector<std::string> choices;
    for (const auto& [value, titles] : leaf.choices) choices.push_back(valueText(value));
    if (!choices.empty()) return joined(choices, ", ");
    const auto bound = [&](const char* key) { return schema.contains(key) ? valueText(schema[key]) : std::string(); };
    std::vector<std::string> parts;
    if (schema.contains("minimum") || schema.contains("maximum"))
        parts.push_back(bound("minimum") + ".." + bound("maximum"));
    if (schema.contains("exclusiveMinimum")) parts.push_back("above " + bound("exclusiveMinimum"));
    if (schema.contains("exclusiveMaximum")) parts.push_back("below " + bound("exclusiveMaximum"));
    if (schema.contains("multipleOf")) parts.push_back("multiples of " + bound("multipleOf"));
    if (schema.contains("pattern")) parts.push_back("of the form " + bound("pattern"));
    if (leaf.type == "boolean") parts.push_back("true, false");
    return joined(parts, "; ");
}

/// "train.mode = lora or full", for a parameter that counts only then.
std::string whenText(const run::ParameterLeaf& leaf) {
    std::vector<std::string> rules;
    for (const auto& rule : leaf.visibleWhen) {
        std::vector<std::string> values;
        for (const Json& value : rule.equals) values.push_back(valueText(value));
        rules.push_back(dottedPath(rule.pointer) + " = " + joined(values, " or "));
    }
    return joined(rules, " and ");
}

std::string roleOf(const run::PluginDescription& plugin, const std::string& path) {
    for (const auto& input : plugin.inputs)
        if (!input.parameter.empty() && dottedPath(input.parameter) == path) return input.role;
    return {};
}

Result<void> params(const Context& context, const ParamsOptions& options) {
    DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(options.plugin));
    Table table{{"parameter", "title", "type", "default", "allowed", "unit", "role", "when", "meaning"}, {}};
    for (const auto& leaf : run::parameterLeaves(plugin.parameters))
        table.rows.push_back(
            {leaf.path, leaf.title, leaf.type, leaf.defaultValue.is_null() ? "" : jsonText(leaf.defaultValue),
                allowedText(leaf), leaf.unit, roleOf(plugin, leaf.path), whenText(leaf), leaf.description});
    for (const auto& input : plugin.inputs)
        if (input.parameter.empty())
            table.rows.push_back(
                {input.role, input.hint, "file", "", "", "", input.role, "", "an input without a parameter"});
    return context.print(table);
}

}  // namespace

void addPluginCommands(CLI::App& app, Context& context) {
    static PluginOptions pluginOptions;
    auto* verb = addVerb(app, context, "plugins");
    verb->add_option("what", pluginOptions.what, "list show check new enable disable; list when absent");
    verb->add_option("name", pluginOptions.name, "a plugin: short name, id or folder; or the name of a new one");
    verb->add_option("--id", pluginOptions.id, "id of a new plugin");
    verb->callback([&context] { context.finish(plugins(context, pluginOptions)); });

    static ParamsOptions paramsOptions;
    verb = addVerb(app, context, "params");
    verb->add_option("plugin", paramsOptions.plugin, "short name, id or folder")->required();
    verb->callback([&context] { context.finish(params(context, paramsOptions)); });
}

}  // namespace dubito::cli
