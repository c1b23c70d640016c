// A phase is the plugin's own word, as it is; "waiting" is the program's.
#include "kit/run_words.h"

#include <QCoreApplication>

#include <algorithm>

#include "kit/colours.h"
#include "run/run_state.h"

namespace dubito::kit {
namespace {

constexpr const char* kCauses[] = {"", QT_TRANSLATE_NOOP("RunState", "error"), QT_TRANSLATE_NOOP("RunState", "crash"),
    QT_TRANSLATE_NOOP("RunState", "out of memory"), QT_TRANSLATE_NOOP("RunState", "disk full"),
    QT_TRANSLATE_NOOP("RunState", "time limit"), QT_TRANSLATE_NOOP("RunState", "lost"),
    QT_TRANSLATE_NOOP("RunState", "did not start"), QT_TRANSLATE_NOOP("RunState", "refused")};

bool isWaiting(const store::RunRow& run) {
    return run.state == static_cast<int>(run::RunState::Running) && run.phase == "waiting";
}

}  // namespace

QString causeWord(int cause) {
    if (cause <= 0 || cause >= static_cast<int>(std::size(kCauses))) return {};
    return QCoreApplication::translate("RunState", kCauses[cause]);
}

QString progressWord(const store::RunRow& run) {
    switch (static_cast<run::RunState>(run.state)) {
        case run::RunState::Failed: return causeWord(run.cause);
        case run::RunState::Running:
        case run::RunState::Paused:
        case run::RunState::Cancelling: break;
        default: return {};
    }
    if (isWaiting(run)) return QCoreApplication::translate("RunState", "waiting");
    if (run.total <= 0) return QString::fromStdString(run.phase);
    const double share = std::clamp(run.done / run.total, 0.0, 1.0);
    return QStringLiteral("%1 %").arg(static_cast<int>(100 * share));
}

QString stateLine(const store::RunRow& run) {
    const auto state = static_cast<run::RunState>(run.state);
    if (state == run::RunState::Done) return {};
    const QString progress = progressWord(run);
    if (isWaiting(run) || (state == run::RunState::Failed && !progress.isEmpty())) return progress;
    const QString word = stateWord(run.state);
    return progress.isEmpty() || run.total <= 0 ? word : word + QLatin1Char(' ') + progress;
}

}  // namespace dubito::kit
