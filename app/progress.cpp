// A rate from the first moments says nothing: an estimate begins with the second hundredth of the work.
#include "progress.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

#include "kit/run_words.h"
#include "run/run_state.h"

namespace dubito::app {
namespace {

constexpr double kLeastShare = 0.02;
constexpr std::int64_t kLongestGuess = 100ll * 24 * 3600;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(dubito::app::Progress)
};

}  // namespace

std::optional<std::int64_t> secondsLeft(const store::RunRow& run, std::int64_t nowUs) {
    if (!run.startedUs || run.total <= 0 || run.done < kLeastShare * run.total || run.done >= run.total) return {};
    // Work of earlier attempts counts as done, the time between them does not count.
    const double worked = static_cast<double>(nowUs - *run.startedUs) / 1e6;
    if (worked <= 0) return {};
    const double left = worked * (run.total - run.done) / run.done;
    if (!std::isfinite(left) || left > static_cast<double>(kLongestGuess)) return {};
    return static_cast<std::int64_t>(std::ceil(left));
}

Progress progressOf(const std::vector<store::RunRow>& runs, std::int64_t nowUs) {
    Progress out;
    double share = 0;
    int known = 0;
    for (const auto& run : runs) {
        if (run.state == static_cast<int>(run::RunState::Queued)) {
            ++out.queued;
            continue;
        }
        if (run.state == static_cast<int>(run::RunState::Paused)) {
            ++out.paused;
            continue;
        }
        const bool waits = kit::isWaiting(run);
        ++(waits ? out.waiting : out.running);
        if (waits) continue;
        if (run.total > 0) share += std::clamp(run.done / run.total, 0.0, 1.0), ++known;
        if (const auto left = secondsLeft(run, nowUs)) out.secondsLeft = std::max(out.secondsLeft, *left);
    }
    if (known > 0) out.share = share / known;
    return out;
}

QString progressText(const Progress& progress) {
    QStringList parts;
    if (progress.running > 0) {
        QString text = Words::tr("%n running", nullptr, progress.running);
        if (progress.share >= 0)
            text += QLatin1Char(' ') + Words::tr("%1 %").arg(static_cast<int>(100 * progress.share));
        if (progress.secondsLeft >= 0)
            text += QStringLiteral("  ") + Words::tr("ETA %1").arg(clockText(progress.secondsLeft));
        parts << text;
    }
    if (progress.paused > 0) parts << Words::tr("%n paused", nullptr, progress.paused);
    if (progress.waiting > 0) parts << Words::tr("%n waiting for you", nullptr, progress.waiting);
    if (progress.queued > 0) parts << Words::tr("%n queued", nullptr, progress.queued);
    return parts.isEmpty() ? Words::tr("nothing running") : parts.join(QStringLiteral(", "));
}

QString clockText(std::int64_t seconds) {
    const auto two = [](std::int64_t value) { return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0')); };
    const std::int64_t minutes = seconds / 60;
    return minutes < 60 ? two(minutes) + QLatin1Char(':') + two(seconds % 60)
                        : QString::number(minutes / 60) + QLatin1Char(':') + two(minutes % 60) + QLatin1Char(':') +
                              two(seconds % 60);
}

Result<std::vector<store::RunRow>> queryAlive(store::Database& db) {
    constexpr std::int64_t kMost = 10'000;
    store::RunQuery query;
    query.where = "state < done";
    query.includeDeleted = true;
    query.limit = kMost;
    return store::queryRuns(db, query);
}

}  // namespace dubito::app
