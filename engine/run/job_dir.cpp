// Small JSON files of a job folder, read without following links and written so that they appear whole.
#include "run/job_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <set>

namespace dubito::run {
namespace {

constexpr std::int64_t kMaxPid = 1 << 22;  // the kernel's own limit

Error ioError(const char* what, const fs::path& path) {
    return Error(errno == ENOENT ? Code::NotFound : Code::Io,
        fmt::format("{}: {}. File: {}", what, errnoText(errno), path.string()));
}

Json statusJson(const WorkerStatus& status) {
    return {{"pid", status.pid}, {"start_ticks", status.startTicks}, {"exit_code", status.exitCode},
        {"last_sequence", status.lastSequence}, {"ended_us", status.endedUs}, {"host", status.host},
        {"boot_id", status.bootId}, {"phase", status.phase}};
}

/// The attempt in "a001.json" or "a001-r0000-000000.djl"; 0: another name.
int attemptOf(std::string_view name) {
    if (name.empty() || name[0] != 'a') return 0;
    const std::size_t end = std::min(name.find_first_not_of("0123456789", 1), name.size());
    if (end < 4 || end > 9 || end == name.size() || (name[end] != '-' && name[end] != '.')) return 0;
    int number = 0;
    for (const char digit : name.substr(1, end - 1)) number = number * 10 + (digit - '0');
    return number;
}

Json demandJson(const Demand& demand) {
    return {{"threads", demand.threads}, {"memory_bytes", demand.memoryBytes}, {"gpus", demand.gpus},
        {"exclusive", demand.exclusive}, {"interactive", demand.interactive}};
}

/// Numbers out of range become the nearest that makes sense.
Demand demandFrom(const Json& json) {
    Demand out;
    out.threads = static_cast<int>(std::clamp<std::int64_t>(integerOr(json, "threads", 1), 1, 4096));
    out.memoryBytes = std::clamp<std::int64_t>(integerOr(json, "memory_bytes", 0), 0, std::int64_t{1} << 50);
    out.gpus = static_cast<int>(std::clamp<std::int64_t>(integerOr(json, "gpus", 0), 0, 64));
    out.exclusive = boolOr(json, "exclusive", false);
    out.interactive = boolOr(json, "interactive", false);
    return out;
}

/// Names as CUDA has them; anything else is left out.
std::vector<std::string> gpusFrom(const Json& json) {
    std::vector<std::string> out;
    if (!json.is_array()) return out;
    for (const Json& name : json)
        if (name.is_string() && name.get_ref<const std::string&>().size() <= 64 && out.size() < 64)
            out.push_back(name.get<std::string>());
    return out;
}

/// Gives `from` the name `to` unless that exists. File systems without hard links rename without replacing.
int linkOnce(const fs::path& from, const fs::path& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

}  // namespace

fs::path jobsRoot(const std::string& projectId) { return dataHome() / "jobs" / projectId; }

std::string bootId() {
    auto text = readFile("/proc/sys/kernel/random/boot_id", 100);
    return text ? text->substr(0, 36) : std::string();
}

std::string hostName() {
    utsname name{};
    return ::uname(&name) == 0 ? name.nodename : "";
}

std::int64_t processStartTicks(std::int64_t pid) {
    if (pid < 1 || pid > kMaxPid) return -1;
    auto text = readFile(fmt::format("/proc/{}/stat", pid), 4096);
    if (!text) return -1;
    const auto close = text->rfind(')');  // the name may hold spaces and brackets
    if (close == std::string::npos) return -1;
    std::size_t at = close + 2;
    if (at < text->size() && (*text)[at] == 'Z') return -1;  // ended, not yet waited for
    for (int field = 3; field < 22; ++field) {
        at = text->find(' ', at);
        if (at == std::string::npos) return -1;
        ++at;
    }
    return std::atoll(text->c_str() + at);
}

bool isProcess(std::int64_t pid, std::int64_t startTicks) {
    return startTicks >= 0 && processStartTicks(pid) == startTicks;
}

WorkerStatus ownStatus() {
    WorkerStatus out;
    out.pid = ::getpid();
    out.startTicks = processStartTicks(out.pid);
    out.host = hostName();
    out.bootId = bootId();
    out.phase = "running";
    return out;
}

JobDir::JobDir(fs::path root) : m_root(std::move(root)) {
    if (!m_root.has_filename() && m_root.has_parent_path()) m_root = m_root.parent_path();  // "jobs/<id>/"
}

Result<JobDir> JobDir::create(const fs::path& root, const RunSpec& spec, const Placement& placement) {
    const JobDir job(root);
    for (const char* folder : {"journal", "control", "logs", "status", "crash", "launch"})
        DUBITO_CHECK(makeFolders(job.m_root / folder));
    constexpr std::uint64_t kNeeded = 1ull << 30;
    if (const auto free = freeBytes(job.m_root); free < kNeeded)
        return Error(
            Code::Limit, fmt::format("only {} MiB are free where runs are recorded; 1 GiB is needed. Folder: {}",
                             free >> 20, job.m_root.string()));
    DUBITO_CHECK(writeFileAtomic(job.m_root / "spec.json", spec.text(), 0444));
    Json json = {{"plugin_folder", placement.pluginFolder}, {"assets", placement.assets},
        {"memory_bytes", placement.memoryBytes}, {"idle_s", placement.idleSeconds},
        {"checkpoint_s", placement.checkpointSeconds}, {"title", placement.title}, {"project", placement.project}};
    if (placement.demand) json["demand"] = demandJson(*placement.demand);
    DUBITO_CHECK(writeFileAtomic(job.m_root / "placement.json", jsonText(json, 1), 0444));
    // The run row that names this folder must not outlive it.
    // The first run of a project makes jobs/<project> as well.
    DUBITO_CHECK(syncFolder(job.m_root.parent_path()));
    DUBITO_CHECK(syncFolder(job.m_root.parent_path().parent_path()));
    return job;
}

fs::path JobDir::log(int attempt, const char* stream, int rank) const {
    return m_root / "logs" / fmt::format("a{:03}-r{:04}.{}", attempt, rank, stream);
}
fs::path JobDir::crashNote(int attempt, int rank) const {
    return m_root / "crash" / fmt::format("a{:03}-r{:04}.txt", attempt, rank);
}
fs::path JobDir::status(int attempt, int rank) const {
    return m_root / "status" / fmt::format("a{:03}-r{:04}.json", attempt, rank);
}
fs::path JobDir::launch(int attempt) const { return m_root / "launch" / fmt::format("a{:03}.json", attempt); }
fs::path JobDir::cancelMark(int attempt) const { return m_root / "launch" / fmt::format("a{:03}.cancel", attempt); }

std::vector<int> JobDir::attempts() const {
    std::set<int> found;
    for (const char* folder : {"launch", "status", "journal", "crash"}) {
        std::error_code error;
        if (fs::is_symlink(m_root / folder, error)) continue;
        for (fs::directory_iterator entry(m_root / folder, error), none; !error && entry != none;
             entry.increment(error))
            if (const int attempt = attemptOf(entry->path().filename().string()); attempt > 0) found.insert(attempt);
    }
    return {found.begin(), found.end()};
}

Result<std::string> JobDir::read(const fs::path& relative, std::uint64_t maxBytes) const {
    DUBITO_TRY(const FileDescriptor file, openInside(m_root, relative));
    return readAll(file, m_root / relative, maxBytes);
}

Result<RunSpec> JobDir::readSpec() const {
    DUBITO_TRY(const std::string text, read("spec.json", kMostSpecBytes));
    return RunSpec::parse(text);
}

Result<Placement> JobDir::readPlacement() const {
    DUBITO_TRY(const std::string text, read("placement.json", 1 << 20));
    DUBITO_TRY(const Json json, parseJson(text));
    Placement placement;
    placement.pluginFolder = textOr(json, "plugin_folder", "");
    if (const Json& assets = memberOf(json, "assets"); assets.is_object())
        for (const auto& [role, path] : assets.items())
            if (path.is_string()) placement.assets[role] = path.get<std::string>();
    placement.memoryBytes = integerOr(json, "memory_bytes", 0);
    if (const Json& demand = memberOf(json, "demand"); demand.is_object()) placement.demand = demandFrom(demand);
    placement.idleSeconds = integerOr(json, "idle_s", 900);
    placement.checkpointSeconds = integerOr(json, "checkpoint_s", 300);
    placement.title = textOr(json, "title", "");
    placement.project = textOr(json, "project", "");
    return placement;
}

Result<WorkerStatus> JobDir::readStatus(int attempt, int rank) const {
    DUBITO_TRY(const std::string text, read(fs::path("status") / status(attempt, rank).filename(), 1 << 16));
    DUBITO_TRY(const Json json, parseJson(text));
    WorkerStatus out;
    out.pid = integerOr(json, "pid", 0);
    out.startTicks = integerOr(json, "start_ticks", 0);
    out.exitCode = integerOr(json, "exit_code", -1);
    out.lastSequence = integerOr(json, "last_sequence", -1);
    out.endedUs = integerOr(json, "ended_us", 0);
    out.host = textOr(json, "host", "");
    out.bootId = textOr(json, "boot_id", "");
    out.phase = textOr(json, "phase", "");
    // Whoever reads this may send a signal to the pid; -1 would be everybody.
    if (out.pid < 0 || out.pid > kMaxPid || out.exitCode < -1 || out.exitCode > 255)
        return Error(Code::CorruptData, "the status names no process. File: " + status(attempt, rank).string());
    return out;
}

Result<LaunchRecord> JobDir::readLaunch(int attempt) const {
    DUBITO_TRY(const std::string text, read(fs::path("launch") / launch(attempt).filename(), 1 << 16));
    DUBITO_TRY(const Json json, parseJson(text));
    LaunchRecord out;
    out.submitUs = integerOr(json, "submit_us", 0);
    out.pid = integerOr(json, "pid", 0);
    out.startTicks = integerOr(json, "start_ticks", 0);
    out.controlFrom = std::max<std::int64_t>(-1, integerOr(json, "control_from", -1));
    out.executor = textOr(json, "executor", "");
    out.reason = textOr(json, "reason", "");
    out.gpus = gpusFrom(memberOf(json, "gpus"));
    if (out.pid < 0 || out.pid > kMaxPid)
        return Error(Code::CorruptData, "the launch record names no process. File: " + launch(attempt).string());
    return out;
}

Result<void> JobDir::claim(int attempt, int rank, const WorkerStatus& status) const {
    const fs::path path = this->status(attempt, rank);
    // Two workers of two machines may meet in a shared folder: a name of its own for each.
    const fs::path own = path.parent_path() / fmt::format(".claim-{}", makeUuid().text());
    DUBITO_CHECK(writeFileAtomic(own, jsonText(statusJson(status))));
    const int problem = linkOnce(own, path);
    ::unlink(own.c_str());
    if (problem == EEXIST)
        return Error(
            Code::WrongState, fmt::format("attempt {} is claimed by another worker. File: {}", attempt, path.string()));
    errno = problem;
    if (problem != 0) return ioError("cannot claim the attempt", path);
    return syncFolder(path.parent_path());
}

Result<void> JobDir::writeStatus(int attempt, int rank, const WorkerStatus& status) const {
    return writeFileAtomic(this->status(attempt, rank), jsonText(statusJson(status)));
}

Result<void> JobDir::writeLaunch(int attempt, const LaunchRecord& record) const {
    Json json = {{"submit_us", record.submitUs}, {"pid", record.pid}, {"start_ticks", record.startTicks},
        {"executor", record.executor}, {"reason", record.reason}};
    if (record.controlFrom >= 0) json["control_from"] = record.controlFrom;
    if (!record.gpus.empty()) json["gpus"] = record.gpus;
    return writeFileAtomic(launch(attempt), jsonText(json));
}

Result<void> JobDir::markCancelled(int attempt, bool kill) const {
    return writeFileAtomic(cancelMark(attempt), kill ? "kill" : "stop");
}

bool JobDir::isMarkedCancelled(int attempt) const {
    std::error_code error;
    return fs::exists(fs::symlink_status(cancelMark(attempt), error));
}

Result<RunId> JobDir::runId() const {
    auto id = parseUuid(m_root.filename().string());
    if (!id) return Error(Code::CorruptData, "the folder's name is no run id. Folder: " + m_root.string());
    return *id;
}

}  // namespace dubito::run
