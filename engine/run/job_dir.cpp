// Reading and writing the small JSON files of a job folder.
#include "run/job_dir.h"

#include <fmt/format.h>
#include <unistd.h>

namespace dubito::run {

fs::path jobsRoot(const std::string& projectId) { return dataHome() / "jobs" / projectId; }

std::string bootId() {
    auto text = readFile("/proc/sys/kernel/random/boot_id", 100);
    return text ? text->substr(0, 36) : std::string();
}

std::int64_t processStartTicks(std::int64_t pid) {
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

Result<JobDir> JobDir::create(const fs::path& root, const RunSpec& spec, const Placement& placement) {
    for (const char* folder : {"journal", "control", "logs", "status", "crash", "launch"}) DUBITO_CHECK(makeFolders(root / folder));
    constexpr std::uint64_t kNeeded = 1ull << 30;
    if (const auto free = freeBytes(root); free < kNeeded)
        return Error(Code::Limit, fmt::format("only {} MiB are free where runs are recorded; 1 GiB is needed. Folder: {}", free >> 20, root.string()));
    DUBITO_CHECK(writeFileAtomic(root / "spec.json", spec.text(), 0444));
    Json json = {{"plugin_folder", placement.pluginFolder}, {"assets", placement.assets}, {"memory_bytes", placement.memoryBytes}, {"idle_s", placement.idleSeconds}, {"checkpoint_s", placement.checkpointSeconds}, {"title", placement.title}};
    DUBITO_CHECK(writeFileAtomic(root / "placement.json", jsonText(json, 1), 0444));
    return JobDir(root);
}

fs::path JobDir::log(int attempt, const char* stream) const { return m_root / "logs" / fmt::format("a{:03}-r0000.{}", attempt, stream); }
fs::path JobDir::crashNote(int attempt) const { return m_root / "crash" / fmt::format("a{:03}-r0000.txt", attempt); }
fs::path JobDir::status(int attempt) const { return m_root / "status" / fmt::format("a{:03}-r0000.json", attempt); }

Result<RunSpec> JobDir::readSpec() const {
    DUBITO_TRY(const std::string text, readPlainFile(m_root / "spec.json", kMostSpecBytes));
    return RunSpec::parse(text);
}

Result<Placement> JobDir::readPlacement() const {
    DUBITO_TRY(const std::string text, readFile(m_root / "placement.json", 1 << 20));
    DUBITO_TRY(const Json json, parseJson(text));
    Placement placement;
    placement.pluginFolder = textOr(json, "plugin_folder", "");
    if (const Json& assets = memberOf(json, "assets"); assets.is_object())
        for (const auto& [role, path] : assets.items())
            if (path.is_string()) placement.assets[role] = path.get<std::string>();
    placement.memoryBytes = integerOr(json, "memory_bytes", 0);
    placement.idleSeconds = integerOr(json, "idle_s", 900);
    placement.checkpointSeconds = integerOr(json, "checkpoint_s", 300);
    placement.title = textOr(json, "title", "");
    return placement;
}

Result<WorkerStatus> JobDir::readStatus(int attempt) const {
    DUBITO_TRY(const std::string text, readFile(status(attempt), 1 << 16));
    DUBITO_TRY(const Json json, parseJson(text));
    WorkerStatus out;
    out.pid = integerOr(json, "pid", 0);
    out.startTicks = integerOr(json, "start_ticks", 0);
    out.exitCode = integerOr(json, "exit_code", -1);
    out.lastSequence = integerOr(json, "last_sequence", -1);
    out.host = textOr(json, "host", "");
    out.bootId = textOr(json, "boot_id", "");
    out.phase = textOr(json, "phase", "");
    return out;
}

Result<void> JobDir::writeStatus(int attempt, const WorkerStatus& status) const {
    const Json json = {{"pid", status.pid}, {"start_ticks", status.startTicks}, {"exit_code", status.exitCode}, {"last_sequence", status.lastSequence}, {"host", status.host}, {"boot_id", status.bootId}, {"phase", status.phase}};
    return writeFileAtomic(this->status(attempt), jsonText(json));
}

Result<RunId> JobDir::runId() const {
    auto id = parseUuid(m_root.filename().string());
    if (!id) return Error(Code::CorruptData, "the folder's name is no run id. Folder: " + m_root.string());
    return *id;
}

}  // namespace dubito::run
