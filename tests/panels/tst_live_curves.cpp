// A comparison of ten running runs that stays open: memory stays flat, no event takes long.
// DUBITO_LIVE_MINUTES=10 runs it that long and prints what was measured; without it some seconds.
#include <sqlite3.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "curves/curves_panel.h"
#include "support/shown.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

/// Milliseconds that this thread has worked: what a busy machine gives to others does not count.
double workedMs() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Times the outermost event.
class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override {
        if (m_depth > 0 || !isTiming) return QApplication::notify(receiver, event);
        ++m_depth;
        const double begun = workedMs();
        const QByteArray name =
            QByteArray(receiver->metaObject()->className()) + " " + QByteArray::number(event->type());
        const bool out = QApplication::notify(receiver, event);
        const double ms = workedMs() - begun;
        durations.push_back(ms);
        if (ms > longest) longest = ms, longestName = name;
        --m_depth;
        return out;
    }
    bool isTiming = false;
    double longest = 0;
    QByteArray longestName;
    std::vector<double> durations;

private:
    int m_depth = 0;
};

/// Resident memory in KiB, and of it SQLite's page caches, which fill with the project up to their limits.
struct Memory {
    qint64 resident = 0, caches = 0;
};
Memory memory() {
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    return {file.readAll().split(' ').value(1).toLongLong() * 4, sqlite3_memory_used() / 1024};
}

constexpr int kRuns = 10;
const char* const kKeys[] = {
    "train/loss", "train/lr", "train/grad_norm", "eval/loss", "time/step_ms", "train/tokens_per_s"};

}  // namespace

class tst_LiveCurves : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void comparison_ofTenRunsKeptOpen_staysSmallAndAnswers() {
        auto* application = static_cast<TimedApplication*>(QCoreApplication::instance());
        const double minutes = qEnvironmentVariable("DUBITO_LIVE_MINUTES").toDouble();
        const qint64 wantedMs = minutes > 0 ? static_cast<qint64>(minutes * 60'000) : 4'000;
        Shown shown;
        QVector<qint64> runs;
        std::vector<std::int64_t> series;
        for (int i = 0; i < kRuns; ++i) runs << shown.addRun({.state = run::RunState::Running});
        std::map<std::pair<qint64, int>, decltype(shown.writer->openSeries(1, 1, 0, {}))> open;
        std::int64_t step = 0;
        const auto write = [&](int steps) {
            shown.write([&] {
                for (const qint64 runNo : runs)
                    for (int k = 0; k < 6; ++k) {
                        auto found = open.find({runNo, k});
                        if (found == open.end())
                            found = open.emplace(std::pair(runNo, k),
                                            shown.writer->openSeries(runNo, 1, 0,
                                                {static_cast<std::uint32_t>(k + 1), journal::RecordType::ScalarGroup,
                                                    journal::Goal::None, kKeys[k], "1", ""}))
                                        .first;
                        for (int i = 0; i < steps; ++i) {
                            const auto at = static_cast<double>(step + i);
                            const double noise =
                                std::fmod(std::abs(std::sin(at * 12.9898 + double(runNo))) * 43758.5453, 1);
                            shown.must(shown.writer->addPoint(*found->second, step + i, nowUs(),
                                1 / (1 + at / 1000) + 0.2 * noise + 0.01 * double(runNo)));
                        }
                    }
            });
            step += steps;
        };
        write(20'000);
        curves::CurvesPanel panel;
        shown.show(panel, {1'000, 700}, 0);
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        shown.selection.setRuns(runs);
        const auto isDrawn = [&] {
            const auto plots = panel.findChildren<kit::PlotView*>();
            return plots.size() == 6 && plots.first()->picture().lines.size() == kRuns;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isDrawn(), kLong);
        auto* plot = panel.findChild<kit::PlotView*>();
        const double before = plot->picture().lines.first().x.last();
        application->isTiming = true;
        QElapsedTimer clock;
        clock.start();
        Memory early, last;
        int turns = 0;
        while (clock.elapsed() < wantedMs) {
            // Ten steps a second of each run; the writing is not the panel's and is not timed.
            application->isTiming = false;
            write(1);
            application->isTiming = true;
            for (const qint64 runNo : runs) Q_EMIT shown.events.committed(runNo);
            QTest::qWait(100);
            ++turns;
            last = memory();
            if (early.resident == 0 && clock.elapsed() > wantedMs / 4) early = last;
        }
        application->isTiming = false;
        QTRY_VERIFY_WITH_TIMEOUT(plot->picture().lines.first().x.last() > before, kLong);
        std::sort(application->durations.begin(), application->durations.end());
        const auto at = [&](double part) {
            const auto& all = application->durations;
            return all.empty() ? 0 : all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
        };
        qInfo(
            "%.1f minutes, %d turns: memory %lld KiB after a quarter (SQLite %lld), %lld (%lld) at the end; events "
            "%zu, "
            "99 %% below %.1f ms, longest %.1f ms (%s)",
            static_cast<double>(clock.elapsed()) / 60'000, turns, early.resident, early.caches, last.resident,
            last.caches, application->durations.size(), at(0.99), application->longest,
            application->longestName.constData());
        // The points that were added are kept by nobody; a leak of one refresh's lines would be 20 MiB a minute.
        const qint64 more = last.resident - early.resident;
        QVERIFY2(more < 24 * 1024, qPrintable(QStringLiteral("%1 KiB more").arg(more)));
    }
};

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsSet("DUBITO_LIVE_MINUTES")) qputenv("QTEST_FUNCTION_TIMEOUT", "86400000");
    TimedApplication application(argc, argv);
    tst_LiveCurves test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_live_curves.moc"
