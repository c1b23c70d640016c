// Curves as a hand and an eye meet them: what is drawn at any width and zoom, legend, cursor, keys, figures.
#include <QAbstractButton>
#include <QComboBox>
#include <QJsonArray>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <set>

#include "curves/curves_panel.h"
#include "kit/colours.h"
#include "support/results.h"
#include "support/said_points.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

/// A panel in a window, on runs, once all that is seen is drawn.
struct Opened {
    Shown shown;
    curves::CurvesPanel panel;

    void open(QSize size, const QVector<qint64>& runs) {
        panel.setWindowTitle(QStringLiteral("curves"));
        shown.show(panel, size, 0);
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        shown.selection.setRuns(runs);
    }
    QVector<kit::PlotView*> plots() const {
        QVector<kit::PlotView*> out;
        for (auto* plot : panel.findChildren<kit::PlotView*>()) out << plot;
        return out;
    }
    kit::PlotView* plot(const QString& key) const {
        for (auto* plot : plots())
            if (plot->accessibleName() == key) return plot;
        return nullptr;
    }
    bool isDrawn(const QString& key, int lines) const {
        const auto* at = plot(key);
        return at && at->picture().lines.size() == lines && !at->picture().lines.first().x.isEmpty();
    }
    QWidget* canvas(kit::PlotView* plot) const {
        return plot->findChild<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
    }
    QAbstractButton* entry(const QString& name) const {
        for (auto* button : panel.findChildren<QAbstractButton*>())
            if (button->accessibleName() == name && button->isVisible()) return button;
        return nullptr;
    }
    QComboBox* choice(const QString& name) const {
        for (auto* box : panel.findChildren<QComboBox*>())
            if (box->accessibleName() == name) return box;
        return nullptr;
    }
    QString head(const QString& key) const {
        const auto* card = dynamic_cast<curves::ChartCard*>(plot(key)->parentWidget());
        return card ? card->provenance() : QString();
    }
};

void drag(QWidget* on, QPoint from, QPoint to) {
    QTest::mousePress(on, Qt::LeftButton, {}, from);
    for (int i = 1; i <= 4; ++i) QTest::mouseMove(on, from + (to - from) * i / 4);
    QMouseEvent last(QEvent::MouseMove, QPointF(to), on->mapToGlobal(QPointF(to)), Qt::NoButton, Qt::LeftButton, {});
    QApplication::sendEvent(on, &last);
    QTest::mouseRelease(on, Qt::LeftButton, {}, to);
}

void wheel(QWidget* on, QPointF at, int clicks) {
    QWheelEvent event(at, on->mapToGlobal(at), {}, {0, clicks * 120}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QApplication::sendEvent(on, &event);
}

void moveTo(QWidget* on, QPointF at) {
    QMouseEvent event(QEvent::MouseMove, at, on->mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
    QApplication::sendEvent(on, &event);
}

bool risesNowhere(const kit::PlotLine& line) {
    for (qsizetype i = 1; i < line.y.size(); ++i)
        if (line.x[i] < line.x[i - 1] || line.y[i] > line.y[i - 1]) return false;
    return true;
}

int pixelsOf(const QImage& image, const QColor& colour, int tolerance = 24) {
    int out = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor at = image.pixelColor(x, y);
            out += std::abs(at.red() - colour.red()) + std::abs(at.green() - colour.green()) +
                       std::abs(at.blue() - colour.blue()) <=
                   tolerance;
        }
    return out;
}

}  // namespace

class tst_Curves : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { kit::setThemeKind(kit::ThemeKind::Light); }

    // --- what is drawn

    void series_monotone_drawsNoRiseAtAnyWidthOrZoom() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        say(desk.shown, runNo, "loss", falling(5'000));
        desk.open({900, 500}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("loss", 1), kLong);
        for (const int width : {900, 320, 1'500, 641}) {
            desk.panel.resize(width, 500);
            auto* plot = desk.plot("loss");
            // As fine as it is wide, not as it was.
            QTRY_VERIFY_WITH_TIMEOUT(
                plot->plotColumns() > width / 2 - 200 && plot->picture().lines.first().x.size() >= plot->plotColumns(),
                kLong);
            QVERIFY2(risesNowhere(plot->picture().lines.first()), qPrintable(QString::number(width)));
        }
        auto* plot = desk.plot("loss");
        plot->setFocus();
        for (int i = 0; i < 12; ++i) {
            const double before = plot->xTo() - plot->xFrom();
            wheel(desk.canvas(plot), {200, 150}, 1);
            QTRY_VERIFY_WITH_TIMEOUT(plot->xTo() - plot->xFrom() < before, kLong);
            QTest::qWait(60);
            QVERIFY(risesNowhere(plot->picture().lines.first()));
        }
        // Zoomed in, every point of the view stands singly, and the line goes on to both edges.
        QTRY_VERIFY_WITH_TIMEOUT(plot->picture().lines.first().x.first() <= plot->xFrom() &&
                                     plot->picture().lines.first().x.last() >= plot->xTo(),
            kLong);
        const auto& line = plot->picture().lines.first();
        QCOMPARE(line.x.size(), qsizetype(line.x.last() - line.x.first()) + 1);
    }

    void metric_ofOnePoint_isADiscAndSaysSo() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        say(desk.shown, runNo, "held/out", {{500, 0.25}}, "nats");
        desk.open({500, 400}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("held/out", 1), kLong);
        QVERIFY2(desk.head("held/out").contains("1 point"), qPrintable(desk.head("held/out")));
        QVERIFY(!desk.head("held/out").contains("1 points"));
        auto* plot = desk.plot("held/out");
        QTRY_VERIFY_WITH_TIMEOUT(pixelsOf(plot->grab().toImage(), kit::seriesColour(0)) > 12, kLong);
        QVERIFY(plot->picture().lines.first().y.first() == 0.25);
        QVERIFY(plot->xFrom() < 500 && plot->xTo() > 500);
    }

    // --- the hand

    void legend_clickOnAnEntry_switchesItsRun() {
        Opened desk;
        const auto a = desk.shown.addRun({.title = "<b>first</b>"}), b = desk.shown.addRun({.title = "second"});
        for (const auto runNo : {a, b}) {
            say(desk.shown, runNo, "loss", falling(50));
            say(desk.shown, runNo, "time", falling(50));
        }
        desk.open({900, 600}, {a, b});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("loss", 2) && desk.isDrawn("time", 2), kLong);
        auto* first = desk.entry("<b>first</b>");
        QVERIFY(first && first->isChecked());
        QTest::mouseClick(first, Qt::LeftButton);
        QVERIFY(desk.isDrawn("loss", 1) && desk.isDrawn("time", 1));
        QCOMPARE(desk.plot("loss")->picture().lines.first().name, QString("second"));
        QVERIFY(desk.panel.showing().contains("1 run"));
        QTest::mouseClick(desk.entry("Show all runs"), Qt::LeftButton);
        QVERIFY(desk.isDrawn("loss", 2));
        QTest::mouseClick(desk.entry("Hide all runs"), Qt::LeftButton);
        QCOMPARE(desk.plot("loss")->picture().lines.size(), 0);
        QTest::mouseClick(desk.entry("second"), Qt::LeftButton, Qt::ControlModifier);
        QVERIFY(desk.isDrawn("loss", 1));
        QTest::keyClick(first, Qt::Key_Space);  // by the keyboard too
        QVERIFY(desk.isDrawn("loss", 2));
        // Colours are those of the selection's slots.
        const auto& lines = desk.plot("loss")->picture().lines;
        QCOMPARE(lines[0].style, std::size_t(0));
        QCOMPARE(lines[1].style, std::size_t(1));
        desk.shown.selection.setRuns({b});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("loss", 1), kLong);
        QCOMPARE(desk.plot("loss")->picture().lines.first().style, std::size_t(1));
    }

    void pointer_overAChart_readsAllRunsThere() {
        Opened desk;
        const auto a = desk.shown.addRun({.title = "a"}), b = desk.shown.addRun({.title = "b"});
        say(desk.shown, a, "m", {{0, 1}, {50, 1.5}, {100, 2}});
        say(desk.shown, b, "m", {{0, 3}, {50, 4.25}, {100, 5}});
        say(desk.shown, a, "n", {{0, 1}, {100, 2}});
        desk.open({900, 600}, {a, b});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 2) && desk.isDrawn("n", 1), kLong);
        auto* plot = desk.plot("m");
        QVERIFY(wordsOf(desk.panel).contains("m, last"));
        QCOMPARE(desk.entry("b")->accessibleDescription(), QString("5"));
        QWidget* canvas = desk.canvas(plot);
        // Until the pointer stands at the middle of the axis.
        for (int x = 0; x < canvas->width() && !plot->readOut().startsWith("step 50."); ++x)
            moveTo(canvas, {double(x), canvas->height() / 2.0});
        QVERIFY2(
            plot->readOut().contains("a: 1.5") && plot->readOut().contains("b: 4.25"), qPrintable(plot->readOut()));
        QCOMPARE(desk.entry("a")->accessibleDescription(), QString("1.5"));
        QCOMPARE(desk.entry("b")->accessibleDescription(), QString("4.25"));
        QVERIFY(desk.plot("n")->readOut().startsWith("step 50."));  // the same place in the others
        QVERIFY(desk.shown.selection.step() < 0);                   // and the time cursor stays where it was
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(canvas, &leave);
        QVERIFY(plot->readOut().isEmpty());
    }

    void click_movesTheTimeCursorAndAPanDoesNot() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        say(desk.shown, runNo, "m", falling(1'000));
        desk.open({700, 500}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 1), kLong);
        QWidget* canvas = desk.canvas(desk.plot("m"));
        const QPoint middle = canvas->rect().center();
        drag(canvas, middle, middle + QPoint(60, 0));
        QVERIFY(desk.plot("m")->isZoomed());
        QVERIFY(desk.shown.selection.step() < 0);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, middle);
        const double step = desk.shown.selection.step();
        QVERIFY(step > 0 && step == std::round(step));
        // A double click shows all again, and leaves the cursor where it was.
        QTest::mouseClick(canvas, Qt::LeftButton, {}, middle + QPoint(90, 0));
        QMouseEvent twice(QEvent::MouseButtonDblClick, QPointF(middle), canvas->mapToGlobal(QPointF(middle)),
            Qt::LeftButton, Qt::LeftButton, {});
        QApplication::sendEvent(canvas, &twice);
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, middle);
        QCOMPARE(desk.shown.selection.step(), step);
        QVERIFY(!desk.plot("m")->isZoomed());
    }

    void zoom_ofOneChart_isSharedUntilUnlocked() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        say(desk.shown, runNo, "m", falling(1'000));
        say(desk.shown, runNo, "n", falling(1'000));
        desk.open({900, 500}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 1) && desk.isDrawn("n", 1), kLong);
        auto *m = desk.plot("m"), *n = desk.plot("n");
        m->setFocus();
        QCOMPARE(desk.panel.cursor().last, 999);
        QTest::keyClick(m, Qt::Key_Plus);
        QTRY_VERIFY_WITH_TIMEOUT(n->isZoomed() && n->xFrom() == m->xFrom() && n->xTo() == m->xTo(), kLong);
        QCOMPARE(desk.panel.cursor().last, 999);  // the slider goes over all of it
        QTest::keyClick(m, Qt::Key_Escape);
        QVERIFY(!n->isZoomed() && !m->isZoomed());
        QTRY_VERIFY_WITH_TIMEOUT(n->xTo() == 999, kLong);
        for (auto* button : desk.panel.findChildren<QToolButton*>())
            if (button->text() == "Shared x") QTest::mouseClick(button, Qt::LeftButton);
        QTest::keyClick(m, Qt::Key_Plus);
        QTRY_VERIFY_WITH_TIMEOUT(m->isZoomed(), kLong);
        QTest::qWait(80);
        QVERIFY(!n->isZoomed());
    }

    void keys_onAChart_moveTheCursorAndSayTheValues() {
        Opened desk;
        const auto runNo = desk.shown.addRun({.title = "one"});
        say(desk.shown, runNo, "m", {{3, 1}, {10, 1.5}, {40, 2}});
        desk.open({700, 500}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 1), kLong);
        auto* plot = desk.plot("m");
        plot->setFocus();
        QTest::keyClick(plot, Qt::Key_Left);
        QCOMPARE(desk.shown.selection.step(), 40.0);  // none stood before: from the end
        QTest::keyClick(plot, Qt::Key_Left);
        QCOMPARE(desk.shown.selection.step(), 10.0);
        QVERIFY2(
            plot->accessibleDescription().contains("step 10") && plot->accessibleDescription().contains("one: 1.5"),
            qPrintable(plot->accessibleDescription()));
        QTest::keyClick(plot, Qt::Key_Home);
        QCOMPARE(desk.shown.selection.step(), 3.0);
        QTest::keyClick(plot, Qt::Key_Left);
        QCOMPARE(desk.shown.selection.step(), 3.0);
        QTest::keyClick(plot, Qt::Key_End);
        QCOMPARE(desk.shown.selection.step(), 40.0);
        QTest::keyClick(plot, Qt::Key_Slash);
        auto* filter = desk.panel.findChild<QLineEdit*>();
        QTRY_VERIFY_WITH_TIMEOUT(filter->hasFocus(), kLong);
        for (const QWidget* child : desk.panel.findChildren<QWidget*>())
            if (child->focusPolicy() != Qt::NoFocus && child->isVisible() && !child->inherits("QAbstractScrollArea"))
                QVERIFY2(!child->accessibleName().isEmpty() || child->inherits("QToolButton"),
                    child->metaObject()->className());
    }

    // --- the frame

    void runs_moreThanCanBeToldApart_areBandsRoundTheirMedian() {
        Opened desk;
        QVector<qint64> runs;
        for (int i = 0; i < 41; ++i) runs << desk.shown.addRun({});
        for (qsizetype i = 0; i < runs.size(); ++i)
            say(desk.shown, runs[i], "m", {{0, double(i)}, {10, double(i) + 100}});
        desk.open({800, 500}, runs);
        // The narrow band, the median with the wide one, and the first eight runs.
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 10), kLong);
        QVERIFY2(wordsOf(desk.panel).contains("bands stand for the 41"), qPrintable(wordsOf(desk.panel)));
        QVERIFY2(desk.head("m").contains("median of 41 run"), qPrintable(desk.head("m")));
        const auto& lines = desk.plot("m")->picture().lines;
        QCOMPARE(lines[0].low.first(), 10.0);
        QCOMPARE(lines[0].high.first(), 30.0);
        QCOMPARE(lines[1].y.first(), 20.0);
        QCOMPARE(lines[1].low.first(), 2.0);
        QCOMPARE(lines[1].high.last(), 138.0);
        // The band is filled: in its middle stands neither the page nor a line.
        const QImage picture = desk.plot("m")->grab().toImage();
        QVERIFY(picture.pixelColor(picture.width() / 2, picture.height() / 2) != kit::palette().surface);
        desk.shown.selection.setRuns(runs.mid(0, 32));
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 32), kLong);
        // Each can be told from the others.
        std::set<std::pair<QRgb, int>> looks;
        for (const auto& line : desk.plot("m")->picture().lines)
            looks.insert({kit::seriesColour(line.style).rgb(), kit::seriesDash(line.style)});
        QCOMPARE(looks.size(), std::size_t(32));
    }

    void seeds_grouped_areOneLineWithTheirInterval() {
        Opened desk;
        QVector<qint64> runs;
        const auto add = [&](const char* title, const char* group, int seed, double level,
                             run::RunState state = run::RunState::Done) {
            runs << desk.shown.addRun({.title = title, .state = state, .group = group, .seed = seed});
            say(desk.shown, runs.last(), "m", {{0, level}, {50, level + 1}, {100, level + 2}}, "nats");
        };
        add("many", "a", 1, 0);
        add("many", "a", 2, 3);
        add("many", "a", 3, 900, run::RunState::Failed);  // its seed runs again below
        add("other", "b", 1, 7);
        add("many", "a", 3, 4);
        desk.open({900, 500}, runs);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 5), kLong);
        auto* group = desk.choice("group");
        group->setFocus();
        QTest::keyClick(group, Qt::Key_Down);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 2), kLong);
        const auto lines = desk.plot("m")->picture().lines;
        QCOMPARE(lines[0].y, (QVector<double>{3, 4, 5}));
        QCOMPARE(lines[0].low, (QVector<double>{0, 1, 2}));
        QCOMPARE(lines[0].high, (QVector<double>{4, 5, 6}));
        QCOMPARE(lines[1].y, (QVector<double>{7, 8, 9}));
        QVERIFY(desk.entry("many (3)") && desk.entry("other"));
        QVERIFY2(desk.head("m").contains("median over 3 seeds, 95 % bootstrap"), qPrintable(desk.head("m")));
        QVERIFY(desk.panel.showing().contains("2 configuration"));
        const auto table = desk.panel.dataTable();
        QCOMPARE(table.rows.size(), 6);
        QCOMPARE(table.rows.first(), (QStringList{"m", "nats", "many (3)", "0", "3", "0", "4", "3"}));
        // Each seed too, thin and behind.
        QTest::mouseClick(desk.entry("Each seed"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 5), kLong);
        QVERIFY(desk.plot("m")->picture().lines.first().isGhost);
        // The points that leave are those of the seeds.
        auto db = get(store::Database::open(desk.shown.project.file, store::Database::Mode::ReadOnly));
        QString text;
        const auto write = [&](const QString& part) -> Result<void> {
            text += part;
            return {};
        };
        ok(desk.panel.figures().first().writeCsv(*db, write));
        QCOMPARE(text.count('\n'), 1 + 4 * 3);
        QVERIFY(!text.contains("900"));
        QTest::keyClick(group, Qt::Key_Down);
        QTRY_VERIFY_WITH_TIMEOUT(desk.head("m").contains("mean over 3 seeds"), kLong);
        QTest::keyClick(group, Qt::Key_Home);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 5), kLong);
        QVERIFY(!desk.entry("Each seed"));
    }

    void charts_few_useTheHeightAndStayEquallyWide() {
        Opened desk;
        const auto runNo = desk.shown.addRun({.title = std::string(140, 'n')});
        say(desk.shown, runNo, "a/metric/of/a/name/that/is/longer/than/any/narrow/card/can/show", falling(40),
            "unit/of/measure");
        desk.open({800, 700}, {runNo});
        QTRY_COMPARE_WITH_TIMEOUT(desk.plots().size(), 1, kLong);
        QTRY_VERIFY_WITH_TIMEOUT(desk.plots().first()->height() > 480, kLong);
        say(desk.shown, runNo, "b", falling(40));
        say(desk.shown, runNo, "c", falling(40));
        say(desk.shown, runNo, "d", falling(40));
        Q_EMIT desk.shown.events.committed(runNo);
        QTRY_COMPARE_WITH_TIMEOUT(desk.plots().size(), 4, kLong);
        desk.choice("smooth")->setCurrentIndex(3);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("b", 2) && desk.isDrawn("d", 2), kLong);
        QVERIFY2(desk.head("b").contains("per point"), qPrintable(desk.head("b")));
        QTest::qWait(80);
        const auto plots = desk.plots();
        for (const auto* plot : plots) QVERIFY(std::abs(plot->width() - plots.first()->width()) <= 2);
        const auto* scroll = desk.panel.findChild<QScrollArea*>();
        QVERIFY(!scroll->horizontalScrollBar()->isVisible());
        QCOMPARE(cutOff(desk.panel), QString());
    }

    void pane_low_givesItsRoomToTheCharts() {
        Opened desk;
        QVector<qint64> runs;
        for (int i = 0; i < 12; ++i) runs << desk.shown.addRun({});
        for (const qint64 runNo : runs)
            for (const char* key : {"m", "n"}) say(desk.shown, runNo, key, falling(40));
        desk.open({600, 180}, runs);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 12) && desk.isDrawn("n", 12), kLong);
        QTRY_VERIFY_WITH_TIMEOUT(desk.plot("m")->height() > 60, kLong);
        QCOMPARE(cutOff(desk.panel), QString());
        auto* filter = desk.panel.findChild<QLineEdit*>();
        QVERIFY(!filter->isVisible());
        QTest::keyClick(desk.plot("m"), Qt::Key_Slash);
        QVERIFY(filter->isVisible());
        desk.panel.resize(600, 600);
        QTRY_VERIFY_WITH_TIMEOUT(desk.plot("m")->height() > 150, kLong);
    }

    void theme_changedWhileOpen_redrawsLinesAtOnce() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        say(desk.shown, runNo, "m", falling(200));
        desk.open({700, 500}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 1), kLong);
        auto* plot = desk.plot("m");
        plot->showLegend();
        QTRY_VERIFY_WITH_TIMEOUT(pixelsOf(plot->grab().toImage(), kit::seriesColour(0)) > 20, kLong);
        kit::setThemeKind(kit::ThemeKind::Dark);
        QEvent changed(QEvent::PaletteChange);
        QApplication::sendEvent(plot, &changed);
        QTRY_VERIFY_WITH_TIMEOUT(pixelsOf(plot->grab().toImage(), kit::seriesColour(0)) > 20, kLong);
        QCOMPARE(pixelsOf(plot->grab().toImage(), QColor("#FFFFFF"), 6), 0);  // no box of the light one stays
        QCOMPARE(pixelsOf(plot->grab().toImage(), QColor("#0072B2"), 6), 0);
    }

    void tree_branchChosen_drawsItsMetricsOnly() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        for (const char* key : {"train/loss", "train/lr", "eval/loss"}) say(desk.shown, runNo, key, falling(40));
        desk.open({1'000, 600}, {runNo});
        QTRY_COMPARE_WITH_TIMEOUT(desk.plots().size(), 3, kLong);
        auto* tree = desk.panel.findChild<curves::MetricTree*>();
        QVERIFY(tree->isVisible());
        const auto found = tree->findItems("train", Qt::MatchExactly | Qt::MatchRecursive);
        QCOMPARE(found.size(), 1);
        QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualItemRect(found.first()).center());
        QCOMPARE(desk.plots().size(), 2);
        QVERIFY(desk.plot("train/loss") && !desk.plot("eval/loss"));
        auto* filter = desk.panel.findChild<QLineEdit*>();
        QTest::keyClicks(filter, "LR");
        QCOMPARE(desk.plots().size(), 1);
        QVERIFY(desk.plot("train/lr"));
        filter->clear();
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_Escape);
        QCOMPARE(desk.plots().size(), 3);
    }

    void axes_logarithmic_leaveOutWhatTheyCannotShowAndSaySo() {
        Opened desk;
        const auto runNo = desk.shown.addRun({});
        say(desk.shown, runNo, "m", {{0, 1e-4}, {1, 0}, {10, 1}, {100, 100}});
        desk.open({700, 500}, {runNo});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("m", 1), kLong);
        desk.choice("axes")->setCurrentIndex(3);
        QTRY_VERIFY_WITH_TIMEOUT(desk.head("m").contains("not drawn"), kLong);
        QTRY_VERIFY_WITH_TIMEOUT(desk.plot("m")->xFrom() >= 1, kLong);
        QVERIFY(desk.plot("m")->picture().isLogX && desk.plot("m")->picture().isLogY);
    }

    void settings_saved_comeBackAndStrangersAreIgnored() {
        curves::CurvesPanel one, two;
        for (auto* box : one.findChildren<QComboBox*>()) box->setCurrentIndex(2);
        two.restoreLayout(one.saveLayout());
        QCOMPARE(two.saveLayout(), one.saveLayout());
        two.restoreLayout(
            {{"x", "seven"}, {"axes", 1e300}, {"smooth", QJsonArray{1}}, {"filter", QString(5'000, 'x')}});
        QCOMPARE(two.saveLayout()["x"], one.saveLayout()["x"]);
        QVERIFY(two.saveLayout()["filter"].toString().size() <= 200);
    }

    // --- what leaves the program

    void figures_ofADarkScreen_areLightAndHoldEveryPoint() {
        Opened desk;
        const auto a = desk.shown.addRun({.title = "name, with comma"}), b = desk.shown.addRun({.title = "b"}),
                   c = desk.shown.addRun({.title = "hidden"});
        std::vector<Said> points;
        for (int i = 0; i < 9'000; ++i) points.push_back({i, 1.0 / 3 + i, 1'700'000'000'123'456LL + i});
        say(desk.shown, a, "loss", points, "nats");
        say(desk.shown, b, "loss", falling(10), "nats");
        say(desk.shown, c, "loss", falling(10), "nats");
        kit::setThemeKind(kit::ThemeKind::Dark);
        desk.open({700, 500}, {a, b, c});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isDrawn("loss", 3), kLong);
        QTest::mouseClick(desk.entry("hidden"), Qt::LeftButton);
        const auto figures = desk.panel.figures();
        QCOMPARE(figures.size(), 1);
        QCOMPARE(figures.first().title, QString("loss"));
        const QString caption = figures.first().caption.join('\n');
        QVERIFY2(caption.contains("name, with comma") && caption.contains("nats") && caption.contains("9,010 points") &&
                     !caption.contains("hidden"),
            qPrintable(caption));
        for (const QSize size : {QSize(640, 360), QSize(1'600, 900)}) {
            QImage image(size, QImage::Format_RGB32);
            image.fill(Qt::magenta);
            QPainter painter(&image);
            figures.first().draw(painter, size);
            painter.end();
            QCOMPARE(image.pixelColor(1, 1), QColor("#FFFFFF"));
            QVERIFY(pixelsOf(image, QColor("#0072B2"), 60) > 100);
            QCOMPARE(pixelsOf(image, Qt::magenta), 0);
        }
        QCOMPARE(kit::themeKind(), kit::ThemeKind::Dark);
        auto db = get(store::Database::open(desk.shown.project.file, store::Database::Mode::ReadOnly));
        QString text;
        int pieces = 0;
        ok(figures.first().writeCsv(*db, [&](const QString& piece) -> Result<void> {
            text += piece;
            ++pieces;
            return {};
        }));
        const auto rows = text.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(rows.size(), 1 + 9'000 + 10);
        QCOMPARE(rows[0], QString("run,name,key,step,time,value,unit"));
        QCOMPARE(rows[1],
            QString("%1,\"name, with comma\",loss,0,2023-11-14T22:13:20.123456Z,0.33333333333333331,nats").arg(a));
        QVERIFY(pieces > 10);
        const Result<void> full = figures.first().writeCsv(
            *db, [](const QString&) -> Result<void> { return Error(Code::Io, "the disk is full"); });
        QVERIFY(!full);
    }
};

QTEST_MAIN(tst_Curves)
#include "tst_curves.moc"
