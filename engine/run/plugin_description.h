// What running a plugin needs to know of it: a value read from its manifest, never a loaded library.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"

namespace dubito::run {

struct OutputDescription {
    std::string key, kind, unit, goal;  ///< key may end in "*"
};
struct InputDescription {
    std::string role, kind, hint, parameter;  ///< parameter: JSON pointer of the path, "" when named only in the spec
    bool required = false;
};
struct CommandDescription {
    std::string verb;
    std::map<std::string, std::string> title;
    Json arguments;  ///< schema
};

struct PluginDescription {
    std::string id, version, binary, licence;
    std::map<std::string, std::string> title, summary;  ///< by language; "en" is always there
    std::string gpu = "none";                           ///< none, optional, required
    bool interactive = false, network = false, checkpoint = false, multiProcess = false;
    Json parameters;  ///< schema
    std::vector<CommandDescription> commands;
    std::vector<OutputDescription> outputs;
    std::vector<InputDescription> inputs;
    Json demo;
    std::string manifestJson;
    fs::path folder;

    /// Last part of the id: "org.dubito.tas" -> "tas".
    std::string system() const { return id.substr(id.rfind('.') + 1); }
    std::string titleIn(const std::string& language) const {
        const auto found = title.find(language);
        return found != title.end() ? found->second : title.contains("en") ? title.at("en") : id;
    }
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
