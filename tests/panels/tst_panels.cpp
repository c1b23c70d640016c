// Kit parts without a window: colours, smoothing, tables, linked selection, fuzzy search lives in the app's test.
#include <QSignalSpy>
#include <QTest>

#include <cmath>

#include "inspector/inspector_data.h"
#include "kit/colours.h"
#include "kit/data_twin.h"
#include "kit/plot_view.h"
#include "kit/selection.h"
#include "kit/state_view.h"
#include "kit/token_strip.h"
#include "lm/model_data.h"

using namespace dubito;

class tst_Panels : public QObject {
    Q_OBJECT
    static double luminance(const QColor& c) {
        const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
        return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
    }
    static double contrast(const QColor& a, const QColor& b) {
        const double x = luminance(a), y = luminance(b);
        return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
    }
private Q_SLOTS:
    void tokenizer_cutsOfTwo_areWhereExactlyOneEnds() {
        lmview::Pieces a, b;
        a.ends = {3, 5, 9};
        b.ends = {3, 4, 9};
        QCOMPARE(lmview::differingCuts(a, b), (QVector<int>{4, 5}));
        QVERIFY(lmview::differingCuts(a, a).isEmpty());
        b.ends = {3, 8};  // does not spell everything
        QVERIFY(lmview::differingCuts(a, b).isEmpty());
        QVERIFY(lmview::differingCuts(a, {}).isEmpty());
    }
    void line_ofColumns_showsExtremes() {
        const kit::PlotLine line =
            kit::lineOf({{1, 1, 5, 5, 5, 5, 1, 0}, {2, 6, 7, 1, 9, 8, 9, 0, /*minStep=*/4, /*maxStep=*/3}});
        QVERIFY(line.dense);
        QCOMPARE(line.x, (QVector<double>{1, 2, 3, 4, 6}));
        QCOMPARE(line.y, (QVector<double>{5, 7, 9, 1, 8}));
    }
    void palettes_everyTheme_isReadable() {
        for (const auto kind : {kit::ThemeKind::Light, kit::ThemeKind::Dark, kit::ThemeKind::HighContrast}) {
            kit::setThemeKind(kind);
            const auto& c = kit::palette();
            const double needed = kind == kit::ThemeKind::HighContrast ? 7.0 : 4.5;
            QVERIFY(contrast(c.text, c.surface) >= needed && contrast(c.text, c.bg) >= needed &&
                    contrast(c.sub, c.surface) >= 4.5);
            for (const QColor& ground : {c.surface, c.bg, c.hover, c.accentBg})
                QVERIFY2(contrast(c.sub, ground) >= 4.5, qPrintable("sub on " + ground.name()));
            for (const QColor& ground : {c.surface, c.bg})
                QVERIFY2(contrast(c.faint, ground) >= 4.5, qPrintable("faint on " + ground.name()));
            QVERIFY(contrast(c.onAccent, c.accent) >= 4.5);
            for (std::size_t i = 0; i < 8; ++i)
                QVERIFY2(
                    contrast(kit::seriesColour(i), c.surface) >= (i == 7 && kind == kit::ThemeKind::Dark ? 2.9 : 3.0),
                    qPrintable(QString("series %1").arg(i)));
            for (double t = 0; t <= 1; t += 0.05)
                QVERIFY(contrast(kit::textOn(kit::sequentialColour(t)), kit::sequentialColour(t)) >= 4.5);
        }
        kit::setThemeKind(kit::ThemeKind::Light);
    }
    void table_text_quotesWhatNeedsIt() {
        kit::DataTable table{"t", {"a", "b"}, {{"1", "x,\"y\""}, {"2", "z\tw"}}};
        QCOMPARE(table.asText(','), QString("a,b\n1,\"x,\"\"y\"\"\"\n2,z\tw\n"));
        QCOMPARE(table.asText('\t'), QString("a\tb\n1\tx,\"y\"\n2\tz\\tw\n"));
    }
    void selection_equalValues_areSilent() {
        kit::Selection selection;
        QSignalSpy runs(&selection, &kit::Selection::runsChanged), cells(&selection, &kit::Selection::cellChanged);
        selection.setRuns({3, 1});
        selection.setRuns({3, 1});
        selection.setCell(0, 5, 7);
        selection.setCell(0, 5, 7);
        QCOMPARE(runs.count(), 1);
        QCOMPARE(cells.count(), 1);
        selection.setRuns({4});
        QCOMPARE(selection.position(), -1);
    }
    void states_each_haveTheirWords() {
        kit::StateView view(new QWidget);
        view.showEmpty("Nothing here.", "Do it", [] {});
        QCOMPARE(view.stateName(), QString("empty"));
        view.showError(Error(Code::Io, "the disk is gone"), [] {});
        QCOMPARE(view.stateName(), QString("error"));
        view.showLoading();
        QCOMPARE(view.stateName(), QString("loading"));
        view.showContent();
        QCOMPARE(view.stateName(), QString("content"));
    }
    void tokens_signs_hideNothing() {
        QCOMPARE(kit::tokenSign(" Paris"), QString(" Paris"));
        QCOMPARE(kit::tokenSign("\n"), QString(QChar(0x23CE)));
        QCOMPARE(kit::tokenSign(" "), QString(QChar(0x2423)));
        // What has no ink of its own is named.
        QCOMPARE(kit::tokenSign(QString(QChar(0x200B))), QStringLiteral("U+200B"));
        QCOMPARE(kit::tokenSign(QString(QChar(0x00A0))), QStringLiteral("U+00A0"));
    }
    void stateView_beforeAnythingIsKnown_offersNothing() {
        kit::StateView view(new QWidget);
        view.show();
        for (const auto* button : view.findChildren<QPushButton*>()) QVERIFY(!button->isVisible());
    }
    void inspectorData_malformedRecords_areSkipped() {
        inspector::InspectorData data;
        inspector::RecordsByKey records;
        for (const char* key :
            {"model/info", "trace/token", "lens/stats", "lens/topk_id", "causal/effect", "resid/norm"}) {
            store::RecordRow row;
            row.recordNo = 1;
            row.metaJson = "{\"seq\":999999999,\"first\":-5}";
            row.block = {1, 2, 3};
            records[key].push_back(inspector::pieceOf(std::move(row)));
        }
        inspector::applyRecords(data, records);
        QVERIFY(data.sequences.empty());
    }
};

QTEST_MAIN(tst_Panels)
#include "tst_panels.moc"
