// The marker holds the pid, so that a second window of a living program is no crash.
#include "crash_recovery.h"

#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"

namespace dubito::app {
namespace {

fs::path marker() { return stateHome() / "desktop.open.json"; }
fs::path draftFile() { return stateHome() / "draft.json"; }

void write(const fs::path& path, const std::string& text) {
    if (!makeFolders(path.parent_path())) return;
    if (auto written = writeFileAtomic(path, text); !written) logLine(LogLevel::Warn, written.error().text());
}

}  // namespace

CrashRecovery::CrashRecovery() {
    if (auto text = readFile(marker(), 1 << 16)) {
        if (auto json = parseJson(*text)) {
            std::error_code error;
            const auto pid = integerOr(*json, "pid", 0);
            m_wasUnclean = pid > 0 && !fs::exists("/proc/" + std::to_string(pid), error);
            m_lastProject = QString::fromStdString(textOr(*json, "project", ""));
        }
    }
}

void CrashRecovery::setProject(const QString& path) {
    write(marker(), jsonText(Json{{"pid", static_cast<std::int64_t>(::getpid())}, {"project", path.toStdString()}}));
}
void CrashRecovery::endCleanly() {
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
