// What running a plugin needs to know of it: a value read from its manifest, never a loaded library.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"

namespace dubito::run {

/// A text by language ("en", "zh_CN"); "en" is always there when any is.
using LocalText = std::map<std::string, std::string>;

/// @return the text in `language`, else in English, else `otherwise`
inline std::string textIn(const LocalText& text, const std::string& language, const std::string& otherwise) {
    if (const auto found = text.find(language); found != text.end()) return found->second;
    const auto english = text.find("en");
    return english != text.end() ? english->second : otherwise;
}

struct OutputDescription {
    std::string key, kind, unit, goal;  ///< key may end in "*"
};
struct InputDescription {
    std::string role, kind, hint, parameter;  ///< parameter: JSON pointer of the path, "" when named only in the spec
    bool required = false;
};
struct CommandDescription {
    std::string verb;
    LocalText title;
    Json arguments;  ///< schema
};
/// What later runs may take as an input of the same kind.
struct ArtifactDescription {
    std::string role, kind;
    LocalText title;
};
/// What `dubito run` prints when a run of the plugin is done, in this order.
struct HeadlineDescription {
    std::string key;    ///< a published series, may end in "*"; or "checkpoint": the folder of the newest one
    std::string field;  ///< of an event's or token record's meta data: the text to print ("answer")
};
/// What a run needs of the machine, as far as its author can tell; 0: unknown.
struct DemandDescription {
    std::int64_t memoryBytes = 0;
    bool memoryFromInput = false;  ///< about the size of its model inputs, on top of memoryBytes
    int threads = 0;               ///< the most it can use
};
/// Specs that name an earlier plugin id, with this value under /task, mean this plugin now.
struct FormerName {
    std::string id, task;    ///< task empty: whatever it says
    bool isDefault = false;  ///< also when the spec has no /task
};

struct PluginDescription {
    std::string id, version, binary, licence;
    std::string library;  ///< what the file is installed as; equal to id when it holds one plugin of that id
    LocalText title, summary;
    std::vector<std::string>
        roles;  ///< how desktop and command line find it: chat, train, score, inspect, convert, ...
    std::vector<HeadlineDescription> headline;
    std::vector<std::string> next;  ///< commands to type after a run; {file} and {run} are filled in
    std::vector<ArtifactDescription> artifacts;
    std::vector<FormerName> formerly;
    DemandDescription demand;
    int resultsVersion = 1;          ///< rises only when numbers change
    std::vector<std::string> keyed;  ///< "threads", "binary": results depend on them
    std::string gpu = "none";        ///< none, optional, required
    bool interactive = false, network = false, checkpoint = false, multiProcess = false;
    Json parameters;  ///< schema
    std::vector<CommandDescription> commands;
    std::vector<OutputDescription> outputs;
    std::vector<InputDescription> inputs;
    Json demo;
    std::string manifestJson;
    fs::path folder;

    /// The id without its owner, the first two labels: "org.dubito.lm.train" -> "lm.train".
    std::string shortName() const {
        const auto first = id.find('.');
        const auto second = first == std::string::npos ? first : id.find('.', first + 1);
        return second == std::string::npos ? id.substr(id.rfind('.') + 1) : id.substr(second + 1);
    }
    /// The family of kinds of work it belongs to: "org.dubito.lm.train" -> "lm".
    std::string system() const {
        const std::string name = shortName();
        return name.substr(0, name.find('.'));
    }
    bool hasRole(std::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }
    std::string titleIn(const std::string& language) const { return textIn(title, language, id); }
    const OutputDescription* findOutput(std::string_view key) const {
        for (const auto& output : outputs)
            if (output.key == key ||
                (output.key.ends_with('*') &&
                    key.starts_with(std::string_view(output.key).substr(0, output.key.size() - 1))))
                return &output;
        return nullptr;
    }
};

}  // namespace dubito::run
