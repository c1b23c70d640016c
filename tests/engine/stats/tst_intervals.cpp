// Intervals of means over few seeds, against printed tables and against how often they are right.
#include <QTest>

#include <array>
#include <cmath>

#include "stats/centres.h"
#include "stats/counter_rng.h"
#include "stats/intervals.h"

using namespace dubito;

class tst_Intervals : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void studentT_ofTheTables_isFound() {
        // Two-sided 95 %, as printed.
        const std::pair<int, double> printed[] = {{1, 12.7062}, {2, 4.3027}, {3, 3.1824}, {4, 2.7764}, {5, 2.5706},
            {10, 2.2281}, {29, 2.0452}, {30, 2.0423}, {120, 1.9799}};
        for (const auto& [freedom, t] : printed) QVERIFY(std::abs(stats::studentT95(freedom) - t) < 1e-4);
        QVERIFY(std::abs(stats::studentT95(1'000'000) - 1.959964) < 1e-6);
    }
    void bootstrap_ofFewValues_isThatOfAllResamples() {
        // Quantiles of the statistic over all n^n resamples, enumerated elsewhere.
        using stats::Centre;
        const auto is = [](const stats::Interval& found, double estimate, double low, double high) {
            return std::abs(found.estimate - estimate) < 1e-12 && std::abs(found.low - low) < 1e-12 &&
                   std::abs(found.high - high) < 1e-12;
        };
        const std::vector<double> five{1, 2, 4, 8, 16}, six{1, 2, 3, 5, 8, 13}, two{3, 5}, one{7};
        QVERIFY(is(stats::CentreBootstrap(5).at(five, Centre::Median), 4, 1, 16));
        QVERIFY(is(stats::CentreBootstrap(5).at(five, Centre::Mean), 6.2, 2, 11.4));
        QVERIFY(is(stats::CentreBootstrap(5).at(five, Centre::InterquartileMean), 14.0 / 3, 4.0 / 3, 40.0 / 3));
        QVERIFY(is(stats::CentreBootstrap(6).at(six, Centre::Median), 4, 1.5, 10.5));
        QVERIFY(is(stats::CentreBootstrap(6).at(six, Centre::Mean), 16.0 / 3, 7.0 / 3, 53.0 / 6));
        QVERIFY(is(stats::CentreBootstrap(6).at(six, Centre::InterquartileMean), 4.5, 1.75, 9.25));
        QVERIFY(is(stats::CentreBootstrap(2).at(two, Centre::Median), 4, 3, 5));
        QVERIFY(std::isnan(stats::CentreBootstrap(1).at(one, Centre::Median).low));
    }
    void bootstrap_ofManyValues_isNearThatOfTheNormalRule() {
        std::vector<double> values;
        for (int i = 0; i < 200; ++i) values.push_back(i);
        const auto found = stats::CentreBootstrap(200, 4000).at(values, stats::Centre::Mean);
        QCOMPARE(found.estimate, 99.5);
        // 1.96 * sd / sqrt(n) = 8.0
        QVERIFY(std::abs(found.low - 91.5) < 0.6 && std::abs(found.high - 107.5) < 0.6);
    }
    void mean_ofFewValues_hasAnIntervalFromTwoOn() {
        const std::array values{1.0, 2.0, 3.0, 4.0, 5.0};
        const auto all = stats::meanInterval(values);
        QCOMPARE(all.estimate, 3.0);
        QVERIFY(std::abs(all.high - 4.9632) < 1e-3 && std::abs(all.low - 1.0368) < 1e-3);
        const auto one = stats::meanInterval(std::span(values).first(1));
        QCOMPARE(one.estimate, 1.0);
        QVERIFY(std::isnan(one.low) && std::isnan(one.high));
        QVERIFY(std::isnan(stats::meanInterval({}).estimate));
    }
    void difference_ofTwoMeans_isWelchs() {
        const std::array a{5.0, 6.0, 7.0}, b{1.0, 2.0, 3.0};
        const auto found = stats::meanDifference(a, b);
        QCOMPARE(found.estimate, 4.0);
        QVERIFY(std::abs(found.high - 4 - 2.7764 * std::sqrt(2.0 / 3)) < 1e-3);  // equal variances: 4 degrees
        const std::array same{2.0, 2.0};
        QCOMPARE(stats::meanDifference(same, same).low, 0.0);
        QVERIFY(std::isnan(stats::meanDifference(a, std::span(b).first(1)).low));
    }
    void intervals_ofThreeSeeds_holdTheTruthAsOftenAsTheySay() {
        constexpr int kTries = 4000;
        int held = 0;
        stats::CounterRng rng(7, "intervals", 0);
        for (int i = 0; i < kTries; ++i) {
            const std::array values{rng.normal(), rng.normal(), rng.normal()};
            const auto found = stats::meanInterval(values);
            held += found.low <= 0 && found.high >= 0;
        }
        QVERIFY2(held > 0.93 * kTries && held < 0.97 * kTries, std::to_string(held).c_str());
    }
};

QTEST_APPLESS_MAIN(tst_Intervals)
#include "tst_intervals.moc"
