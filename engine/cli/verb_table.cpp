// The verbs, in the order of the help.
#include "cli/verb_table.h"

#include <algorithm>

namespace dubito::cli {

std::span<const Verb> verbTable() {
    static constexpr Verb kVerbs[] = {
        {"new", "FILE [--title TEXT]", "makes an empty project", true},
        {"open", "FILE", "starts the desktop on a project", false},
        {"info", "FILE", "what a project holds", false},
        {"demo", "[FILE]", "makes a project and fills it with the built-in demo", true},
        {"doctor", "", "checks this machine: CPU, memory, GPU, libraries, worker, plugins, model, disk", false},
        {"selftest", "", "golden values compiled into this program", false},
        {"plugins", "[list|show|check|new|enable|disable] [NAME]",
            "plugins found, their health, a new one from the template", false},
        {"models",
            "list | add|show MODEL | convert|quantise MODEL OUT | lab|eval MODEL | compare RUN RUN | export RUN OUT",
            "language models: known ones, cards, other formats and types, scores, checkpoints", true},
        {"params", "PLUGIN", "parameters of a plugin with type, default, allowed values, unit and role", false},
        {"run", "FILE PLUGIN|SPEC... [--set KEY=VALUE]",
            "runs a plugin or a spec file, waits, and prints what the run is for; progress on stderr", true},
        {"submit", "FILE PLUGIN|SPEC... [--set KEY=VALUE]", "as run, and returns when the workers are started", true},
        {"list", "FILE [--where EXPR] [--sort KEY]", "the run table", false},
        {"show", "FILE RUN", "the card of one run: what was set, metrics, attempts, gaps", false},
        {"log", "FILE RUN [--level LEVEL]", "log lines", false},
        {"watch", "FILE RUN...", "follows runs until they end", false},
        {"queue", "FILE [list | pause | resume | move RUN POSITION]",
            "runs that wait for the machine, what each waits for, and their order", true},
        {"cancel", "FILE RUN... [--kill]", "asks running workers to stop", false},
        {"resume", "FILE RUN...", "a new attempt of failed or stopped runs, from their newest checkpoint", true},
        {"send", "FILE RUN VERB [JSON]", "a live command to a running worker", false},
        {"series", "FILE RUN [KEY...] [--points N]", "values of metrics, raw or reduced as the plots do", false},
        {"records", "FILE RUN KEY [--limit N] [--step N] [--array NAME --to FILE.npy]",
            "stored records of any kind with their arrays", false},
        {"sql", "FILE QUERY", "a read-only SELECT", false},
        {"check", "FILE [--full] [--forget-log]", "integrity, references, counts, every chunk and array", false},
        {"export", "FILE RUN [--format csv|jsonl] [--to FILE]", "the metrics of a run", false},
        {"edit", "FILE title|star|delete|restore|undo|redo [RUN] [VALUE]", "the user's edits, undoable", true},
        {"collect", "FILE DIR...", "takes in job folders written elsewhere", true},
        {"tidy", "FILE [--days N] [--bin]",
            "removes journals that are wholly in the project, and with --bin what is in the bin", true},
        {"bench", "[NAME]", "the performance budgets, as a table", false},
    };
    return kVerbs;
}

const Verb* findVerb(std::string_view name) {
    for (const Verb& verb : verbTable())
        if (verb.name == name) return &verb;
    return nullptr;
}

std::vector<std::string> joinRunWords(std::vector<std::string> words) {
    const Verb* verb = words.empty() ? nullptr : findVerb(words[0]);
    if (!verb || verb->arguments.find("RUN") == std::string_view::npos) return words;
    const auto isNumber = [](const std::string& word) {
        return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    std::vector<std::string> out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool isPair = words[i] == "run" && i + 1 < words.size() && isNumber(words[i + 1]);
        out.push_back(isPair ? "run " + words[++i] : words[i]);
    }
    return out;
}

}  // namespace dubito::cli
