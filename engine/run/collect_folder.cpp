// A job folder from anywhere: every attempt that left a trace is followed to its end, the last one decides.
#include <fmt/format.h>

#include "run/collector.h"

namespace dubito::run {
namespace {

/// Time of a version-7 id: when the run was made, wherever that was.
std::int64_t createdUs(const RunId& id) {
    std::int64_t ms = 0;
    for (int i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[static_cast<std::size_t>(i)];
    return ms * 1000;
}

Result<std::int64_t> addRow(store::ProjectWriter& writer, const RunId& id, const JobDir& job, const RunSpec& spec,
    const PluginDescription* plugin) {
    store::NewRun run;
    run.id = id;
    run.specJson = spec.text();
    run.specHash = spec.hash();
    run.groupHash = spec.groupHash();
    run.pluginId = spec.pluginId();
    run.pluginVersion = spec.pluginVersion();
    PluginDescription named;  // it may not be installed here
    named.id = run.pluginId;
    run.system = named.system();
    run.manifestJson = plugin ? plugin->manifestJson : "";
    run.seed = static_cast<std::int64_t>(spec.seed());
    run.createdUs = createdUs(id);
    run.parameters = spec.groupParameters();
    if (auto placement = job.readPlacement()) run.title = placement->title;
    std::int64_t runNo = 0;
    DUBITO_CHECK(writer.inBatch([&]() -> Result<void> {
        DUBITO_TRY(runNo, writer.addRun(run));
        return {};
    }));
    return runNo;
}

/// An attempt that left a trace: a claim or a journal. A launch alone is somebody's intention.
bool hasTrace(const JobDir& job, int attempt) {
    if (job.readStatus(attempt)) return true;
    for (const auto& written : journal::listJournals(job.journal()))
        if (static_cast<int>(written.attempt) == attempt) return true;
    return false;
}

/// Goes on, as far as can be told from here. A worker of another machine is believed to live for 15 minutes after its
/// last word.
bool goesOn(const JobDir& job, int attempt) {
    const AttemptFacts facts = readFolderFacts(job, attempt, 0);
    if (!facts.claim || facts.claim->phase != "running") return false;
    if (!isElsewhere(*facts.claim)) return isAlive(*facts.claim);
    constexpr std::int64_t kSilenceUs = 15LL * 60 * 1'000'000;
    const AttemptFacts all = readFacts(job, attempt, 0);
    return !all.end.seen && nowUs() - all.lastFrameUs < kSilenceUs;
}

}  // namespace

Result<CollectedFolder> collectJobDir(
    store::ProjectWriter& writer, const fs::path& folder, const PluginDescription* plugin) {
    const JobDir job(folder);
    DUBITO_TRY(const RunId id, job.runId());
    DUBITO_TRY(const RunSpec spec, job.readSpec());
    std::vector<int> attempts;
    for (const int attempt : job.attempts())
        if (hasTrace(job, attempt)) attempts.push_back(attempt);
    if (attempts.empty())
        return Error(Code::Refused, "the folder holds no attempt that began. Folder: " + folder.string());
    CollectedFolder out;
    auto known = writer.findRun(id);
    if (known) out.runNo = *known;
    else if (known.error().code() != Code::NotFound) return std::move(known).error();
    else {
        DUBITO_TRY(out.runNo, addRow(writer, id, job, spec, plugin));
    }
    Collector collector(writer);
    for (const int attempt : attempts) {
        ++out.attempts;
        DUBITO_TRY(CollectedRun * run, collector.follow(out.runNo, id, job, attempt, RunState::Starting));
        if (goesOn(job, attempt)) {  // what is there is taken in, nothing is decided
            DUBITO_CHECK(collector.poll(UINT64_MAX));
            out.isAlive = true;
            out.state = run->state;
            return out;
        }
        DUBITO_TRY(const Outcome outcome, collector.finish(out.runNo, {}));
        out.state = outcome.state;
    }
    return out;
}

}  // namespace dubito::run
