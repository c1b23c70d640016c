// Order matters: claim, journal, crash note, orders, plugin's manifest, sandbox, checkpoint, services.
#include "host/attempt.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "host/manifest.h"
#include "host/sandbox.h"
#include "host/services/device.h"
#include "run/control.h"
#include "run/input_cache.h"

namespace dubito::host {
namespace {

/// The error stream is kept beside the journal: the last resort for what neither journal nor status can hold.
void complain(const std::string& sentence) { std::fprintf(stderr, "%s\n", sentence.c_str()); }

std::uint64_t ownResidentBytes() {
    const auto text = readFile("/proc/self/statm", 256);
    const auto space = text ? text->find(' ') : std::string::npos;
    if (space == std::string::npos) return 0;
    return std::strtoull(text->c_str() + space, nullptr, 10) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// First command meant for an attempt. Without a record of its launch, what was there before a later attempt was meant
/// for an earlier one: a stop among it must not end this one.
std::uint64_t firstCommandOf(const run::JobDir& job, int attempt) {
    if (const auto launch = job.readLaunch(attempt); launch && launch->controlFrom >= 0)
        return static_cast<std::uint64_t>(launch->controlFrom);
    if (attempt == 1) return 0;
    const auto next = run::nextSequence(job);
    return next ? *next : 0;
}

}  // namespace

std::optional<int> Attempt::open() {
    const auto id = m_job.runId();
    if (!id) {
        complain(id.error().text());
        return run::kExitBadSpec;
    }
    if (const auto code = claim()) return code;
    if (const auto code = openJournal(*id)) return code;
    installCrashNote(m_job.crashNote(m_attempt), m_journal.get(), &m_call);
    if (auto read = readOrders(); !read) return refuse(read.error(), run::kExitBadSpec);
    if (auto read = readPlugin(); !read) return refuse(read.error());
    m_isolation = enterSandbox(m_plugin->network || m_plugin->multiProcess);
    findCheckpoint();
    m_services = std::make_unique<Services>(*m_journal, *m_spec, m_placement.assets);
    m_services->publisher().openBlobs(m_job.blobs());
    if (m_plugin->checkpoint) m_services->checkpoints().open(m_job.root(), m_latest);
    m_pulse.services = m_services.get();
    return std::nullopt;
}

std::optional<int> Attempt::claim() {
    m_status = run::ownStatus();
    const auto claimed = m_job.claim(m_attempt, 0, m_status);
    if (claimed) return std::nullopt;
    complain(claimed.error().text());
    if (claimed.error().code() == Code::WrongState) return run::kExitClaimed;
    return claimed.error().code() == Code::NotFound ? run::kExitBadSpec : run::kExitDisk;
}

std::optional<int> Attempt::openJournal(const RunId& id) {
    journal::JournalWriter::Options options;
    options.heartbeat = [this] {
        const auto* services = m_pulse.services.load();
        const auto* journal = m_pulse.journal.load();
        return journal::Heartbeat{services ? services->progressCounter() : 0, ownResidentBytes(), 0,
            journal ? journal->queueFillPercent() : 0};
    };
    if (const char* bytes = environmentValue("DUBITO_SEGMENT_BYTES"))
        options.segmentBytes = std::strtoull(bytes, nullptr, 10);
    const journal::FileHeader header{id, static_cast<std::uint32_t>(m_attempt), 0, 0, 0};
    auto journal = journal::JournalWriter::create(m_job.journal(), header, options);
    if (!journal) {
        complain(journal.error().text());
        return writeEnded(journal.error().code() == Code::WrongState ? run::kExitBadSpec : run::kExitDisk, -1);
    }
    m_journal = std::move(*journal);
    m_pulse.journal = m_journal.get();
    return std::nullopt;
}

Result<void> Attempt::readOrders() {
    DUBITO_TRY(m_spec, m_job.readSpec());
    DUBITO_TRY(m_placement, m_job.readPlacement());
    m_controlFrom = firstCommandOf(m_job, m_attempt);
    return {};
}

Result<void> Attempt::readPlugin() {
    DUBITO_TRY(m_library, readManifests(m_placement.pluginFolder));
    std::string held;
    for (const auto& plugin : m_library) {
        if (plugin.id == m_spec->pluginId() && plugin.version == m_spec->pluginVersion()) m_plugin = plugin;
        held += fmt::format("{}{} {}", held.empty() ? "" : ", ", plugin.id, plugin.version);
    }
    if (!m_plugin)
        return Error(
            Code::InvalidArgument, fmt::format("the spec asks for {} {}, the folder holds {}. Folder: {}",
                                       m_spec->pluginId(), m_spec->pluginVersion(), held, m_placement.pluginFolder));
    return {};
}

void Attempt::findCheckpoint() {
    if (m_attempt > 1 && m_plugin->checkpoint) m_latest = run::CheckpointStore(m_job.root()).newest(&m_damaged);
    if (m_latest) m_resumeStep = m_latest->step;
}

Result<void> Attempt::verifyInputs() const { return run::verifyInputs(*m_spec, m_placement.assets); }

void Attempt::begin() {
    utsname name{};
    ::uname(&name);
    Json json = {{"host", name.nodename}, {"device", leasedDevice(*m_spec)}, {"dubito", DUBITO_VERSION},
        {"kernel", name.release}, {"machine", name.machine}, {"cores", std::int64_t{::sysconf(_SC_NPROCESSORS_ONLN)}},
        {"threads", m_spec->threads()}, {"isolation", m_isolation},
        {"plugin", {{"id", m_plugin->id}, {"version", m_plugin->version}}}};
    if (m_resumeStep >= 0) json["resumed_step"] = m_resumeStep;
    // A failing disk is told by the end, which is near then.
    (void)m_journal->append(journal::RecordType::Begin, asBytes(jsonText(json)));
    for (const auto& line : m_damaged) (void)m_services->log(1, line);
    if (m_attempt == 1) return;
    (void)m_services->log(
        2, m_latest ? fmt::format("attempt {} goes on at step {}, from a checkpoint", m_attempt, m_resumeStep)
                    : fmt::format("attempt {} starts afresh: there is no checkpoint", m_attempt));
}

int Attempt::refuse(const Error& problem, int exitCode) { return end("failed", "refused", problem.text(), exitCode); }

int Attempt::cancel(std::string_view message) { return end("cancelled", "", message, run::kExitCancelled); }

int Attempt::end(std::string_view status, std::string_view cause, std::string_view message, int exitCode) {
    if (m_services) m_services->publisher().publishDropped(m_services->step());
    const Json json = {{"status", status}, {"cause", cause}, {"message", message},
        {"steps", m_services ? m_services->step() : 0}, {"backpressure_ms", m_journal->blockedMs()}};
    const auto sequence = m_journal->finish(asBytes(jsonText(json)));
    if (!sequence) complain(sequence.error().text());
    else if (m_journal->diskFailed()) complain(m_journal->diskProblem());
    if (!sequence || m_journal->diskFailed()) exitCode = run::kExitDisk;
    return writeEnded(exitCode, sequence ? static_cast<std::int64_t>(*sequence) : -1);
}

int Attempt::writeEnded(int exitCode, std::int64_t lastSequence) {
    m_status.exitCode = exitCode;
    m_status.lastSequence = lastSequence;
    m_status.endedUs = nowUs();
    m_status.phase = "ended";
    const auto written = m_job.writeStatus(m_attempt, 0, m_status);
    if (written) return exitCode;
    complain(written.error().text());
    return run::kExitDisk;
}

}  // namespace dubito::host
