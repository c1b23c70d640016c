// What a chart is given to draw, against the points that were said.
#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "curves/curve_query.h"
#include "support/results.h"
#include "support/said_points.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

curves::LineRequest request(qint64 runNo, const char* key, int columns) {
    curves::LineRequest out;
    out.runs = {{runNo, QStringLiteral("r"), 0}};
    out.key = QString::fromLatin1(key);
    out.columns = columns;
    return out;
}

}  // namespace

class tst_CurveQuery : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void series_random_showsEveryExtremeAtEveryZoom() {
        Shown shown;
        const auto runNo = shown.addRun({});
        std::mt19937_64 dice(7);
        std::vector<Said> points;
        std::int64_t step = -300;
        for (int i = 0; i < 6'000; ++i) {
            step += static_cast<std::int64_t>(dice() % 4) * (dice() % 50 == 0 ? 40 : 1);  // equal steps and gaps
            double value = static_cast<double>(dice() % 100'000) / 1000 - 50;
            if (dice() % 40 == 0) value = std::nan("");
            if (dice() % 60 == 0) value = std::numeric_limits<double>::infinity();
            points.push_back({step, value});
        }
        say(shown, runNo, "m", points);
        auto db = get(store::Database::open(shown.project.file, store::Database::Mode::ReadOnly));
        for (int trial = 0; trial < 40; ++trial) {
            auto ask = request(runNo, "m", 20 + static_cast<int>(dice() % 900));
            ask.isZoomed = trial > 0;
            ask.from = static_cast<double>(points[dice() % points.size()].step);
            ask.to = ask.from + static_cast<double>(dice() % 6'000);
            if (!ask.isZoomed) ask.from = -1e6, ask.to = 1e9;
            const auto lines = get(curves::loadLines(*db, ask));
            QCOMPARE(lines.size(), 1);
            const auto& line = lines.first().raw;
            QVERIFY(std::is_sorted(line.x.begin(), line.x.end()));
            std::set<std::pair<double, double>> drawn;
            for (qsizetype i = 0; i < line.x.size(); ++i) drawn.insert({line.x[i], line.y[i]});
            double low = 1e9, high = -1e9;
            std::int64_t lowStep = 0, highStep = 0;
            qint64 inside = 0;
            for (const Said& point : points) {
                if (static_cast<double>(point.step) < ask.from || static_cast<double>(point.step) > ask.to) continue;
                ++inside;
                if (!std::isfinite(point.value)) continue;
                if (point.value < low) low = point.value, lowStep = point.step;
                if (point.value > high) high = point.value, highStep = point.step;
            }
            if (low > high) continue;
            QVERIFY(drawn.count({static_cast<double>(lowStep), low}));
            QVERIFY(drawn.count({static_cast<double>(highStep), high}));
            // Every point that is drawn was said, and few of them are all there.
            if (inside <= 4 * ask.columns) QVERIFY(lines.first().columns.size() >= static_cast<std::size_t>(inside));
        }
    }

    void points_fewerThanFourAColumn_standSingly() {
        Shown shown;
        const auto runNo = shown.addRun({});
        std::vector<Said> points;
        for (int i = 0; i < 72; ++i) points.push_back({i < 70 ? i : 5'000 + i, i % 2 ? 1.0 : 2.0});
        say(shown, runNo, "m", points);
        auto db = get(store::Database::open(shown.project.file, store::Database::Mode::ReadOnly));
        const auto line = get(curves::loadLines(*db, request(runNo, "m", 64))).first().raw;
        QCOMPARE(line.x.size(), 72);
        for (int i = 0; i < 72; ++i) QCOMPARE(line.y[i], points[static_cast<std::size_t>(i)].value);
    }

    void smoothing_perPoint_isTheSameAtEveryWidthAndZoom() {
        Shown shown;
        const auto runNo = shown.addRun({});
        std::mt19937_64 dice(3);
        std::vector<Said> points;
        for (int i = 0; i < 5'000; ++i) points.push_back({i, i == 17 ? std::nan("") : double(dice() % 1000)});
        say(shown, runNo, "m", points);
        auto db = get(store::Database::open(shown.project.file, store::Database::Mode::ReadOnly));
        for (const double weight : {0.6, 0.9, 0.99}) {
            std::vector<double> wanted;
            double sum = 0, mass = 0;
            for (const Said& point : points) {
                if (std::isfinite(point.value))
                    sum = weight * sum + (1 - weight) * point.value, mass = weight * mass + (1 - weight);
                wanted.push_back(std::isfinite(point.value) ? sum / mass : std::nan(""));
            }
            QCOMPARE(wanted[0], points[0].value);
            for (const int columns : {64, 295, 742, 2'000})
                for (const double from : {-1.0, 100.0, 3'000.0, 4'700.0}) {
                    auto ask = request(runNo, "m", columns);
                    ask.smoothing = weight;
                    ask.isZoomed = from >= 0;
                    ask.from = from, ask.to = from + 600;
                    const auto lines = get(curves::loadLines(*db, ask));
                    const auto& smooth = lines.first().smooth;
                    QVERIFY(lines.first().raw.isGhost && smooth.x.size() > 50);
                    for (qsizetype i = 0; i < smooth.x.size(); ++i) {
                        const double value = wanted[static_cast<std::size_t>(smooth.x[i])];
                        if (std::isfinite(value)) QVERIFY(std::abs(smooth.y[i] - value) < 1e-9 * 1000);
                    }
                }
        }
    }

    void x_otherThanSteps_isReadOffThePoints() {
        Shown shown;
        const auto runNo = shown.addRun({});
        const auto row = get(
            store::findRun(*get(store::Database::open(shown.project.file, store::Database::Mode::ReadOnly)), runNo));
        const std::int64_t start = *row->startedUs;
        std::vector<Said> points, tokens;
        for (int i = 0; i < 3'000; ++i) {
            points.push_back({i, double(i), start + i * 2'000'000LL});
            tokens.push_back({i, 100, start + i * 2'000'000LL});
        }
        say(shown, runNo, "m", points);
        say(shown, runNo, "train/tokens", tokens);
        auto db = get(store::Database::open(shown.project.file, store::Database::Mode::ReadOnly));
        auto ask = request(runNo, "m", 100);
        ask.x = curves::XKind::Elapsed;
        auto line = get(curves::loadLines(*db, ask)).first().raw;
        QCOMPARE(line.x.last(), 5'998.0);
        QCOMPARE(line.steps.last(), 2'999.0);
        ask.isZoomed = true;
        ask.from = 1'000, ask.to = 1'100;  // steps 500 to 550
        line = get(curves::loadLines(*db, ask)).first().raw;
        QVERIFY(line.x.first() <= 1'000 && line.x.last() >= 1'100 && line.x.size() < 100);
        for (qsizetype i = 0; i < line.x.size(); ++i) QCOMPARE(line.x[i], 2 * line.y[i]);
        ask.isZoomed = false;
        ask.x = curves::XKind::Clock;
        line = get(curves::loadLines(*db, ask)).first().raw;
        QVERIFY(std::abs(line.x.first() - static_cast<double>(start) / 1e6) < 0.01);
        ask.x = curves::XKind::Tokens;
        line = get(curves::loadLines(*db, ask)).first().raw;
        QCOMPARE(line.x.first(), 100.0);
        QCOMPARE(line.x.last(), 300'000.0);
        const auto other = shown.addRun({});
        say(shown, other, "m", points);
        ask.runs = {{other, "r", 0}};
        QVERIFY(get(curves::loadLines(*db, ask)).isEmpty());  // counts no tokens
    }
};

QTEST_MAIN(tst_CurveQuery)
#include "tst_curve_query.moc"
