// plugins, params.
#include <fmt/format.h>

#include "cli/commands.h"
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

Result<void> list(Context& context) {
    Table table{{"id", "version", "title", "licence", "abi", "health", "folder"}, {}};
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (const auto& entry : catalogue.entries())
        table.rows.push_back({entry.plugin ? entry.plugin->id : "?", entry.plugin ? entry.plugin->version : "?",
            entry.plugin ? entry.plugin->titleIn("en") : "", entry.plugin ? entry.plugin->licence : "", "1.0",
            healthOf(entry), entry.folder.string()});
    return context.print(table);
}

Result<void> show(Context& context, const std::string& name) {
    DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(name));
    Table table{{"what", "value"}, {{"id", plugin.id}, {"version", plugin.version}, {"title", plugin.titleIn("en")},
                                       {"summary", plugin.summary.at("en")}, {"licence", plugin.licence},
                                       {"gpu", plugin.gpu}, {"folder", plugin.folder.string()}}};
    for (const auto& command : plugin.commands) table.rows.push_back({"command", command.verb});
    for (const auto& output : plugin.outputs)
        table.rows.push_back(
            {"output", fmt::format("{} ({}, {})", output.key, output.kind, output.unit.empty() ? "-" : output.unit)});
    for (const auto& input : plugin.inputs)
        table.rows.push_back({"input", fmt::format("{} ({}): {}", input.role, input.kind, input.hint)});
    return context.print(table);
}

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

Result<void> params(Context& context, const std::string& name) {
    DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(name));
    Table table{{"parameter", "type", "default", "allowed", "unit", "meaning"}, {}};
    for (const auto& leaf : run::parameterLeaves(plugin.parameters)) {
        std::string allowed;
        if (leaf.schema.contains("enum")) allowed = jsonText(leaf.schema["enum"]);
        else if (leaf.schema.contains("minimum") || leaf.schema.contains("maximum"))
            allowed = fmt::format("{}..{}", leaf.schema.contains("minimum") ? jsonText(leaf.schema["minimum"]) : "",
                leaf.schema.contains("maximum") ? jsonText(leaf.schema["maximum"]) : "");
        table.rows.push_back({leaf.path, leaf.type, leaf.defaultValue.is_null() ? "" : jsonText(leaf.defaultValue),
            allowed, leaf.unit, leaf.description.empty() ? leaf.title : leaf.description});
    }
    return context.print(table);
}

}  // namespace

void addPluginCommands(CLI::App& app, Context& context) {
    static std::string what = "list", name, id;
    auto* verb = addVerb(app, context, "plugins");
    verb->add_option("what", what, "list show check new enable disable");
    verb->add_option("name", name);
    verb->add_option("--id", id, "id of a new plugin");
    verb->callback([&] {
        context.finish([&]() -> Result<void> {
            if (what == "list") return list(context);
            if (name.empty()) return Error(Code::InvalidArgument, "plugins " + what + " needs a name");
            if (what == "show") return show(context, name);
            if (what == "check") return check(context, name);
            if (what == "new") return make(name, id.empty() ? "org.example." + name : id);
            if (what == "enable" || what == "disable") {
                DUBITO_TRY(const auto plugin, host::Catalogue::scan().find(name));
                return host::setDisabled(plugin.id, plugin.version, what == "disable");
            }
            return Error(
                Code::InvalidArgument, "plugins knows list, show, check, new, enable and disable, not " + what);
        }());
    });
    verb = addVerb(app, context, "params");
    verb->add_option("plugin", name)->required();
    verb->callback([&] { context.finish(params(context, name)); });
}

}  // namespace dubito::cli
