// Entry of dubito: one verb a call, result on stdout, everything else on stderr, exit code = class of the error.
#include <algorithm>
#include <sstream>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "cli/verb_table.h"

namespace dubito::cli {

Result<void> Context::print(const Table& table) const {
    DUBITO_TRY(const Format asked, format());
    return writeOut(render(table, asked));
}

void Context::finish(const Result<void>& outcome) {
    if (outcome) return;
    say(outcome.error().text());
    if (exitCode == 0) exitCode = exitCodeOf(outcome.error().code());
}

CLI::App* addVerb(CLI::App& app, Context& context, const char* name) {
    const Verb* verb = findVerb(name);
    CLI::App* sub = app.add_subcommand(name, verb ? std::string(verb->does) : std::string());
    addOutput(*sub, context);
    return sub;
}

void addOutput(CLI::App& verb, Context& context) {
    verb.add_option("--output", context.output, "table json jsonl csv tsv md; table on a terminal, tsv in a pipe");
    verb.add_flag("--quiet", context.quiet, "no progress on stderr");
}

namespace {

std::string withoutLineEnd(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

/// Names the verbs that are most like it.
std::string noVerb(const std::string& word) {
    std::vector<std::string> known;
    for (const Verb& verb : verbTable()) known.emplace_back(verb.name);
    std::string near;
    for (const auto& each : nearestWords(word, known, 3)) near += (near.empty() ? "; nearest: " : ", ") + each;
    return word + " is no command" + near + "; 'dubito --help' lists all";
}

}  // namespace
}  // namespace dubito::cli

int main(int argc, char** argv) {
    using namespace dubito;
    cli::prepareStreams();
    startLog("dubito", LogLevel::Warn);
    CLI::App app(
        "Dubito, ergo cogito, ergo sum: a research workbench. Exit codes: 0 done, 1 bug, 2 arguments, 3 not found, "
        "4 bad input, 5 refused, 6 owned elsewhere or no answer, 7 a run failed, 8 cancelled, 9 missing here, "
        "10 disk, or the reader of the output left before its end, 11 a check did not hold, 12 limit.",
        "dubito");
    app.require_subcommand(1);
    app.set_version_flag("--version", "dubito " DUBITO_VERSION);
    cli::Context context;
    cli::addProjectCommands(app, context);
    cli::addRunCommands(app, context);
    cli::addControlCommands(app, context);
    cli::addQueueCommand(app, context);
    cli::addPluginCommands(app, context);
    cli::addDataCommands(app, context);
    cli::addModelCommands(app, context);
    addDoctorCommands(app, context);
    std::vector<std::string> words = cli::joinRunWords({argv + std::min(1, argc), argv + argc});
    if (!words.empty() && !words[0].starts_with('-') && !cli::findVerb(words[0])) {
        cli::say(cli::noVerb(words[0]));
        return 2;
    }
    try {  // CLI11 reports bad arguments by throwing; this is the one place that may catch it
        std::reverse(words.begin(), words.end());  // as the parser takes them
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        std::ostringstream out, err;
        context.exitCode = app.exit(error, out, err) == 0 ? 0 : 2;
        if (!err.str().empty()) cli::sayPlain(cli::withoutLineEnd(err.str()));
        if (!out.str().empty()) context.finish(cli::writeOut(out.str()));
    }
    return cli::readerIsGone() && context.exitCode == 0 ? exitCodeOf(Code::Io) : context.exitCode;
}
