// A phase is the plugin's own word, as it is; "waiting" is the program's.
#include "kit/run_words.h"

#include <QCoreApplication>

#include <algorithm>

#include "kit/colours.h"
#include "kit/said_words.h"
#include "run/run_state.h"

namespace dubito::kit {
namespace {

constexpr const char* kCauses[] = {"", QT_TRANSLATE_NOOP("RunState", "error"), QT_TRANSLATE_NOOP("RunState", "crash"),
    QT_TRANSLATE_NOOP("RunState", "out of memory"), QT_TRANSLATE_NOOP("RunState", "disk full"),
    QT_TRANSLATE_NOOP("RunState", "time limit"), QT_TRANSLATE_NOOP("RunState", "lost"),
    QT_TRANSLATE_NOOP("RunState", "did not start"), QT_TRANSLATE_NOOP("RunState", "refused")};

/// Of `run/outcome.cpp`, of the pool and of the worker's own ends.
constexpr const char* kEnds[] = {QT_TRANSLATE_NOOP("RunState", "closed after an idle time"),
    QT_TRANSLATE_NOOP("RunState", "stopped on request"), QT_TRANSLATE_NOOP("RunState", "stopped before it started"),
    QT_TRANSLATE_NOOP("RunState", "ended by force on request"),
    QT_TRANSLATE_NOOP("RunState", "the worker did not start in time"),
    QT_TRANSLATE_NOOP("RunState", "its end record is missing in the journal"),
    QT_TRANSLATE_NOOP("RunState", "the worker refused the run"),
    QT_TRANSLATE_NOOP("RunState", "the worker could not write its records (disk full or failing)"),
    QT_TRANSLATE_NOOP("RunState", "the worker is gone without a word (killed, or the machine went down)"),
    QT_TRANSLATE_NOOP("RunState", "the worker was ended by %1 before it began"),
    QT_TRANSLATE_NOOP("RunState", "the worker ended with code %1 before it began"),
    QT_TRANSLATE_NOOP("RunState", "the worker ended with code %1 and no end record"),
    QT_TRANSLATE_NOOP("RunState", "ended by %1: %2"), QT_TRANSLATE_NOOP("RunState", "ended by %1")};

}  // namespace

bool isWaiting(const store::RunRow& run) {
    return run.state == static_cast<int>(run::RunState::Running) && run.phase == "waiting";
}

QString endWords(const std::string& detail) {
    const QString text = QString::fromStdString(detail);
    const auto end = text.indexOf(QLatin1Char('\n'));
    const QString first = saidWords("RunState", kEnds, end < 0 ? text : text.left(end));
    return end < 0 ? first : first + text.mid(end);
}

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
