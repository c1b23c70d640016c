// The marker names the process by pid and start time, so that a second desktop beside a living one is no crash, and one
// that was killed but not yet waited for is no living one.
#include "crash_recovery.h"

#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "run/job_dir.h"

namespace dubito::app {
namespace {

fs::path marker() { return stateHome() / "desktop.open.json"; }
fs::path draftFile() { return stateHome() / "draft.json"; }

void write(const fs::path& path, const std::string& text) {
    if (!makeFolders(path.parent_path())) return;
    if (auto written = writeFileAtomic(path, text); !written) logLine(LogLevel::Warn, written.error().text());
}

/// Whether the desktop that wrote the marker is still there.
bool isAlive(const Json& json) {
    const auto pid = integerOr(json, "pid", 0);
    return textOr(json, "boot", run::bootId()) == run::bootId() &&
           run::isProcess(pid, integerOr(json, "start", run::processStartTicks(pid)));
}

/// The marker of another desktop that still runs is not ours to change.
bool isOurs() {
    const auto text = readFile(marker(), 1 << 16);
    const auto json = text ? parseJson(*text) : Result<Json>(text.error());
    return !json || integerOr(*json, "pid", 0) == ::getpid() || !isAlive(*json);
}

}  // namespace

CrashRecovery::CrashRecovery() {
    if (auto text = readFile(marker(), 1 << 16)) {
        if (auto json = parseJson(*text)) {
            const auto pid = integerOr(*json, "pid", 0);
            m_wasUnclean = pid > 0 && !isAlive(*json);
            m_lastProject = QString::fromStdString(textOr(*json, "project", ""));
        }
    }
}

void CrashRecovery::setProject(const QString& path) {
    if (!isOurs()) return;
    const auto pid = static_cast<std::int64_t>(::getpid());
    write(marker(), jsonText(Json{{"pid", pid}, {"start", run::processStartTicks(pid)}, {"boot", run::bootId()},
                        {"project", path.toStdString()}}));
}
void CrashRecovery::endCleanly() {
    if (!isOurs()) return;
    std::error_code error;
    fs::remove(marker(), error);
}
void CrashRecovery::saveDraft(const QString& json) { write(draftFile(), json.toStdString()); }
QString CrashRecovery::draft() {
    auto text = readFile(draftFile(), 1 << 20);
    return text ? QString::fromStdString(*text) : QString();
}
void CrashRecovery::dropDraft() {
    std::error_code error;
    fs::remove(draftFile(), error);
}

}  // namespace dubito::app
