// Shared by the command families: options that every verb has, and how each family adds its verbs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "cli/output.h"
#include "host/catalogue.h"
#include "store/queries.h"

namespace dubito::cli {

struct Context {
    std::string output;  ///< --output; empty: default
    bool quiet = false;
    int exitCode = 0;

    Result<Format> format() const { return output.empty() ? Result<Format>(defaultFormat()) : formatFromName(output); }
    /// Prints the table in the asked format.
    Result<void> print(const Table& table) const;
    /// Runs a verb's body and turns its error into message and exit code.
    void finish(const Result<void>& outcome);
};

/// How a run is named, for the help of every verb that takes one.
inline constexpr const char* kRunHelp =
    "its number (1, or the words run 1), title, id, or the beginning of title or id";

/// Adds one verb with the help text of the verb table.
CLI::App* addVerb(CLI::App& app, Context& context, const char* name);
/// --output and --quiet.
void addOutput(CLI::App& verb, Context& context);

void addProjectCommands(CLI::App& app, Context& context);
void addRunCommands(CLI::App& app, Context& context);
void addControlCommands(CLI::App& app, Context& context);
void addQueueCommand(CLI::App& app, Context& context);
void addPluginCommands(CLI::App& app, Context& context);
void addDataCommands(CLI::App& app, Context& context);
void addModelCommands(CLI::App& app, Context& context);
void addDoctorCommands(CLI::App& app, Context& context);

}  // namespace dubito::cli
