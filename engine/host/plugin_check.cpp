// Drives the plugin the way the supervisor does, in a scratch folder, and reads the journals it wrote.
#include "host/plugin_check.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "host/manifest.h"
#include "journal/array_block.h"
#include "journal/reader.h"
#include "run/control.h"
#include "run/param_schema.h"
#include "stats/counter_rng.h"

extern char** environ;

namespace dubito::host {
namespace {

using Verdict = CheckLine::Verdict;
using Clock = std::chrono::steady_clock;

struct Outcome {
    int exitCode = -1, signal = 0;
    bool timedOut = false;
    double seconds = 0, stopSeconds = -1;
    std::string output;
};

Outcome runProcess(const fs::path& worker, std::vector<std::string> arguments, const fs::path& output, double limit,
    double stopAfter, const run::JobDir* job) {
    std::vector<char*> argv{const_cast<char*>(worker.c_str())};
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t pid = 0;
    Outcome outcome;
    const auto start = Clock::now();
    const int code = posix_spawn(&pid, worker.c_str(), &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (code != 0) return outcome;
    bool asked = false;
    Clock::time_point askedAt{};
    for (;;) {
        int status = 0;
        const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        if (::waitpid(pid, &status, WNOHANG) == pid) {
            outcome.seconds = elapsed;
            if (asked) outcome.stopSeconds = std::chrono::duration<double>(Clock::now() - askedAt).count();
            if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
            else outcome.exitCode = WEXITSTATUS(status);
            break;
        }
        if (!asked && stopAfter >= 0 && elapsed >= stopAfter && job) {
            asked = true;
            askedAt = Clock::now();
            (void)run::sendCommand(*job, "stop", "{}");
        }
        if (elapsed > limit) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, &status, 0);
            outcome.timedOut = true;
            outcome.seconds = elapsed;
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    if (auto text = readFile(output, 1 << 20)) outcome.output = *text;
    return outcome;
}

/// Symbols a shared library exports, and libraries it needs, read from its file. Empty on a malformed file.
struct ElfFacts {
    std::set<std::string> exported, needed;
    bool textRelocations = false, executableStack = false, valid = false;
};

ElfFacts readElf(const std::string& bytes) {
    ElfFacts facts;
    const auto in = [&](std::uint64_t at, std::uint64_t n) { return at <= bytes.size() && n <= bytes.size() - at; };
    Elf64_Ehdr head{};
    if (!in(0, sizeof head)) return facts;
    std::memcpy(&head, bytes.data(), sizeof head);
    if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        head.e_shentsize != sizeof(Elf64_Shdr))
        return facts;
    const auto textAt = [&](std::uint64_t at) {
        return in(at, 1) ? std::string(bytes.c_str() + at, ::strnlen(bytes.c_str() + at, bytes.size() - at))
                         : std::string();
    };
    for (int i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr segment{};
        if (!in(head.e_phoff + i * sizeof segment, sizeof segment)) return facts;
        std::memcpy(&segment, bytes.data() + head.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X)) facts.executableStack = true;
    }
    std::vector<Elf64_Shdr> sections(head.e_shnum);
    for (int i = 0; i < head.e_shnum; ++i) {
        if (!in(head.e_shoff + i * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr))) return facts;
        std::memcpy(&sections[i], bytes.data() + head.e_shoff + i * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr));
    }
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_link >= sections.size() || !in(section.sh_offset, section.sh_size)) continue;
        const std::uint64_t strings = sections[section.sh_link].sh_offset;
        if (section.sh_type == SHT_DYNSYM)
            for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
                Elf64_Sym symbol{};
                std::memcpy(&symbol, bytes.data() + section.sh_offset + at, sizeof symbol);
                const int bind = ELF64_ST_BIND(symbol.st_info);
                if (symbol.st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK))
                    facts.exported.insert(textAt(strings + symbol.st_name));
            }
        if (section.sh_type == SHT_DYNAMIC)
            for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= section.sh_size; at += sizeof(Elf64_Dyn)) {
                Elf64_Dyn entry{};
                std::memcpy(&entry, bytes.data() + section.sh_offset + at, sizeof entry);
                if (entry.d_tag == DT_NEEDED) facts.needed.insert(textAt(strings + entry.d_un.d_val));
                if (entry.d_tag == DT_TEXTREL) facts.textRelocations = true;
            }
    }
    facts.valid = true;
    return facts;
}

class Checker {
public:
    Checker(fs::path folder, fs::path worker, int seconds)
        : m_folder(std::move(folder)), m_worker(std::move(worker)), m_seconds(seconds) {}

    std::vector<CheckLine> run() {
        auto library = readManifests(m_folder);
        if (!library) {
            say(Verdict::Fail, "manifest", library.error().text(), "mend plugin.json as the sentence says");
            return std::move(m_lines);
        }
        m_library = *std::move(library);
        for (const auto& plugin : m_library) manifest(plugin);
        binary();
        if (failed() || !probe()) return std::move(m_lines);
        m_scratch = fs::temp_directory_path() / ("dubito-check-" + makeUuid().text());
        if (!makeFolders(m_scratch)) return std::move(m_lines);
        for (std::size_t i = 0; i < m_library.size(); ++i) {
            m_plugin = m_library[i];
            if (m_library.size() > 1)
                say(Verdict::Ok, "plugin", fmt::format("{}, {} of {}", m_plugin.id, i + 1, m_library.size()));
            parameters();
            demo();
            cancel();
        }
        std::error_code error;
        fs::remove_all(m_scratch, error);
        return std::move(m_lines);
    }

private:
    void say(Verdict verdict, std::string group, std::string text, std::string fix = {}) {
        m_lines.push_back({verdict, std::move(group), std::move(text), std::move(fix)});
    }
    bool failed() const {
        return std::any_of(
            m_lines.begin(), m_lines.end(), [](const CheckLine& line) { return line.verdict == Verdict::Fail; });
    }

    void manifest(const run::PluginDescription& plugin) {
        say(Verdict::Ok, "manifest", fmt::format("{} {}, licence {}", plugin.id, plugin.version, plugin.licence));
        // Of several plugins each sentence says which it is about.
        const std::string of = m_library.size() > 1 ? plugin.shortName() + ": " : std::string();
        if (!plugin.title.contains("zh_CN"))
            say(Verdict::Warn, "manifest", of + "no Chinese title", "add \"zh_CN\" to title and summary");
        if (!plugin.demo.is_object())
            say(Verdict::Warn, "manifest", of + "no demo parameters",
                "add \"demo\": parameters of a run that ends in under 60 s on one core");
        if (plugin.outputs.empty())
            say(Verdict::Warn, "manifest", of + "no outputs declared", "list every series key with kind and unit");
    }

    void binary() {
        const std::string& name = m_library.front().binary;
        auto bytes = readFile(m_folder / name, 1ull << 30);
        const ElfFacts facts = bytes ? readElf(*bytes) : ElfFacts();
        if (!facts.valid)
            return say(
                Verdict::Fail, "binary", "not a 64-bit shared library: " + name, "build it with dubito_add_plugin");
        std::string extra;
        for (const auto& symbol : facts.exported)
            if (symbol != "dubito_abi_number" && symbol != "dubito_plugin_entry" && !symbol.starts_with("_"))
                extra += " " + symbol;
        if (!facts.exported.contains("dubito_abi_number") || !facts.exported.contains("dubito_plugin_entry"))
            say(Verdict::Fail, "binary", "dubito_abi_number or dubito_plugin_entry is not exported",
                "use DUBITO_PLUGIN(Class) or DUBITO_PLUGINS(Class, ...) once");
        else if (!extra.empty())
            say(Verdict::Warn, "binary", "exports more than the two symbols:" + extra.substr(0, 200),
                "compile with hidden visibility (dubito_add_plugin does)");
        else say(Verdict::Ok, "binary", "exports the two symbols");
        for (const auto& needed : facts.needed)
            if (needed.starts_with("libQt"))
                say(Verdict::Fail, "binary", "needs " + needed, "a plugin brings no widgets; remove Qt");
        if (facts.textRelocations) say(Verdict::Fail, "binary", "has text relocations", "compile with -fPIC");
        if (facts.executableStack)
            say(Verdict::Fail, "binary", "wants an executable stack", "link with -z noexecstack");
    }

    bool probe() {
        const fs::path output = fs::temp_directory_path() / ("dubito-probe-" + makeUuid().text());
        const Outcome outcome = runProcess(m_worker, {"--probe", m_folder.string()}, output, 30, -1, nullptr);
        std::error_code error;
        fs::remove(output, error);
        if (outcome.exitCode != 0) {
            say(Verdict::Fail, "load", "cannot be loaded: " + outcome.output.substr(0, 600), "see the sentence");
            return false;
        }
        say(Verdict::Ok, "load", fmt::format("loads in {:.0f} ms with the worker's start", outcome.seconds * 1000));
        return true;
    }

    struct JobRun {
        std::optional<run::JobDir> job;
        Outcome outcome;
        std::string refusal;
        Json end;
        std::vector<std::uint8_t> digestInput;  ///< everything published, without times: records, then points by series
        std::map<std::string, std::string> undeclared;
        std::set<std::string> keys;
    };

    /// The parameters of the demo; inputs that lie beside the manifest are found there.
    Json demoParameters() const {
        Json out = m_plugin.demo.is_object() ? m_plugin.demo : Json::object();
        std::error_code error;
        for (const run::InputDescription& input : m_plugin.inputs) {
            Json* value = run::placeAt(out, input.parameter);
            if (!value || !value->is_string() || *value == "") continue;
            const fs::path beside = m_folder / value->get<std::string>();
            if (fs::exists(beside, error)) *value = beside.string();
        }
        return out;
    }

    JobRun runJob(const Json& parameters, double stopAfter) {
        JobRun out;
        run::RunDraft draft;
        draft.pluginId = m_plugin.id;
        draft.parameters = parameters;
        draft.threads = 1;
        draft.seed = 7;
        auto frozen = run::freeze(draft, m_plugin);
        if (!frozen) {
            out.refusal = frozen.error().text();
            return out;
        }
        const RunId id = makeUuid();
        run::Placement placement;
        placement.pluginFolder = m_folder.string();
        placement.assets = frozen->assetPaths;
        placement.idleSeconds = 1;
        auto job = run::JobDir::create(m_scratch / id.text(), frozen->spec, placement);
        if (!job) {
            out.refusal = job.error().text();
            return out;
        }
        out.job = *job;
        out.outcome =
            runProcess(m_worker, {"run", job->root().string()}, m_scratch / "output", m_seconds, stopAfter, &*job);
        readJournal(journal::JournalReader(job->journal(), id, 1, 0), out);
        return out;
    }

    void readJournal(journal::JournalReader reader, JobRun& out) const {
        std::set<std::uint32_t> timed;
        std::map<std::uint32_t, Bytes> points;  // by series: which frames carry them depends on time
        const auto point = [&](std::uint32_t series, std::int64_t step, double value) {
            if (timed.contains(series)) return;
            append(points[series], step);
            append(points[series], value);
        };
        const auto deliver = [&](const journal::JournalReader::Delivery& frame) {
            using journal::RecordType;
            if (frame.header.type == RecordType::Define) {
                if (auto definition = journal::decodeDefine(frame.payload)) noteSeries(*definition, timed, out);
            } else if (frame.header.type == RecordType::End) {
                if (auto json = parseJson(asText(frame.payload))) out.end = *json;
            } else if (frame.header.type == RecordType::ScalarGroup) {
                if (auto group = journal::decodeScalarGroup(frame.payload))
                    for (std::size_t i = 0; i < group->series.size(); ++i)
                        point(group->series[i], group->step, group->values[i]);
            } else if (frame.header.type == RecordType::ScalarRun) {
                if (auto run = journal::decodeScalarRun(frame.payload))
                    for (std::size_t i = 0; i < run->values.size(); ++i)
                        point(run->series, run->steps[i], run->values[i]);
            } else if (journal::isBulk(frame.header.type)) {
                append(out.digestInput, frame.payload);
            }
        };
        while (
            reader.poll(true, 64u << 20, deliver, [](const journal::Gap&) {}) == journal::JournalReader::Stop::Budget) {
        }
        for (const auto& [series, bytes] : points) {
            append(out.digestInput, series);
            append(out.digestInput, ByteSpan(bytes));
        }
    }

    void noteSeries(const journal::SeriesDefinition& definition, std::set<std::uint32_t>& timed, JobRun& out) const {
        if (definition.key.starts_with("run/")) {  // the host's own, which depend on the disk
            timed.insert(definition.series);
            return;
        }
        out.keys.insert(definition.key);
        if (definition.unit == "s" || definition.unit == "1/s" || definition.unit == "s/s")
            timed.insert(definition.series);  // time is never repeatable
        const auto* declared = m_plugin.findOutput(definition.key);
        if (!declared) out.undeclared[definition.key] = "is published but not in \"outputs\"";
        else if (declared->unit != definition.unit)
            out.undeclared[definition.key] =
                fmt::format("has unit \"{}\" in the manifest, \"{}\" when published", declared->unit, definition.unit);
        else if (journal::kindFromName(declared->kind) != definition.kind)
            out.undeclared[definition.key] = "has another kind in the manifest";
    }

    void parameters() {
        // Values outside each bound must be refused by the schema; random values inside must be accepted.
        stats::CounterRng rng(1, "check", 0);
        int sets = 0;
        for (int i = 0; i < 200; ++i) {
            Json value = m_plugin.demo.is_object() ? m_plugin.demo : Json::object();
            for (const auto& leaf : run::parameterLeaves(m_plugin.parameters)) {
                if (leaf.type != "number" && leaf.type != "integer") continue;
                const double low = numberOr(leaf.schema, "minimum", numberOr(leaf.schema, "exclusiveMinimum", 0)),
                             high =
                                 numberOr(leaf.schema, "maximum", numberOr(leaf.schema, "exclusiveMaximum", low + 1));
                const double drawn = low + (high - low) * (0.001 + 0.998 * rng.uniform());
                const std::string text = leaf.type == "integer" ? std::to_string(static_cast<std::int64_t>(drawn))
                                                                : fmt::format("{}", drawn);
                (void)run::setByPath(m_plugin.parameters, value, leaf.path, text);
            }
            sets += bool(run::applySchema(m_plugin.parameters, value));
        }
        say(sets > 0 ? Verdict::Ok : Verdict::Fail, "parameters",
            fmt::format("{} of 200 random sets inside the bounds are valid", sets),
            "the schema refuses values inside its own bounds");
    }

    void demo() {
        const Json parameters = demoParameters();
        const JobRun first = runJob(parameters, -1);
        if (!first.refusal.empty())
            return say(Verdict::Fail, "demo", first.refusal, "the demo's parameters or inputs are not usable");
        if (first.outcome.timedOut)
            return say(Verdict::Fail, "demo", fmt::format("did not end within {} s", m_seconds),
                "make the demo smaller or pass --seconds");
        if (first.outcome.signal)
            return say(Verdict::Fail, "demo", fmt::format("ended by signal {}", first.outcome.signal),
                "run it under gdb: dubito-worker run JOBDIR");
        if (textOr(first.end, "status", "") != "done")
            return say(Verdict::Fail, "demo",
                "failed: " + textOr(first.end, "message", first.outcome.output.substr(0, 400)), "see the sentence");
        say(Verdict::Ok, "demo", fmt::format("done in {:.2f} s, {} series", first.outcome.seconds, first.keys.size()));
        for (const auto& [key, why] : first.undeclared)
            say(Verdict::Fail, "publish", key + " " + why, "make \"outputs\" and the calls agree");
        if (first.undeclared.empty()) say(Verdict::Ok, "publish", "keys, kinds and units are as declared");
        const JobRun second = runJob(parameters, -1);
        if (second.digestInput == first.digestInput)
            say(Verdict::Ok, "repeatable",
                fmt::format("the same spec twice gave the same {} bytes", first.digestInput.size()));
        else
            say(Verdict::Fail, "repeatable", "the same spec twice published different bytes",
                "take randomness from host().rng and time from nowhere");
    }

    void cancel() {
        const Json parameters = demoParameters();
        stats::CounterRng rng(2, "cancel", 0);
        double slowest = 0;
        int asked = 0;
        for (int i = 0; i < 5; ++i) {
            const JobRun out = runJob(parameters, rng.uniform() * 0.5);
            if (out.outcome.timedOut || out.outcome.signal)
                return say(Verdict::Fail, "cancel", "a stop was not obeyed",
                    "poll host().shouldStop() at least once a second");
            if (out.outcome.stopSeconds >= 0) {
                ++asked;
                slowest = std::max(slowest, out.outcome.stopSeconds);
            }
        }
        if (slowest > 1.5)
            say(Verdict::Fail, "cancel", fmt::format("ended {:.1f} s after the stop", slowest),
                "poll host().shouldStop() at least once a second");
        else say(Verdict::Ok, "cancel", fmt::format("{} stops at random moments, slowest {:.2f} s", asked, slowest));
    }

    fs::path m_folder, m_worker, m_scratch;
    int m_seconds;
    std::vector<run::PluginDescription> m_library;
    run::PluginDescription m_plugin;  ///< the one being checked
    std::vector<CheckLine> m_lines;
};

}  // namespace

std::vector<CheckLine> checkPlugin(const fs::path& folder, const fs::path& worker, int seconds) {
    std::error_code error;
    return Checker(fs::absolute(folder, error), worker, seconds).run();
}

}  // namespace dubito::host
