// Views of the thought inspector: what fits, what a cell says, what is exported.
#include <QImage>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>

#include "inspector/inspector_figures.h"
#include "inspector/inspector_panel.h"
#include "kit/colours.h"
#include "lm/model_data.h"
#include "support/inspection.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

QString csvOf(const kit::Figure& figure, store::ReaderPool& readers) {
    QString out;
    bool isOver = false;
    readers.submit([&](store::Database& db) {
        const auto done = figure.writeCsv(db, [&](const QString& piece) -> Result<void> {
            out += piece;
            return {};
        });
        if (!done) qFatal("%s", done.error().text().c_str());
        QMetaObject::invokeMethod(qApp, [&] { isOver = true; });
    });
    if (!QTest::qWaitFor([&] { return isOver; }, kLong)) qFatal("no rows");
    return out;
}

}  // namespace

class tst_InspectorViews : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void map_thirtyLayersInASmallPane_fitWithoutScrolling() {
        Shown shown;
        const auto runNo = addInspection(shown, run::RunState::Done, 30);
        inspector::InspectorPanel panel;
        shown.show(panel, {640, 560}, runNo);
        QVERIFY(isReady(panel));
        auto* map = panel.findChild<inspector::LayerMap*>();
        QTRY_VERIFY_WITH_TIMEOUT(!map->model().isEmpty(), kLong);
        QVERIFY(map->grid().rowHeight >= inspector::kLowestRow);
        for (const QSize size : {QSize(640, 560), QSize(940, 540)}) {
            panel.resize(size);
            QTRY_VERIFY_WITH_TIMEOUT(map->verticalScrollBar()->maximum() == 0, kLong);
            for (const int layer : {0, 30}) QVERIFY(map->viewport()->rect().contains(map->cellRect(layer, 0)));
        }
    }
    void map_halfOfASmallScreenWithALiveModel_showsEveryRow() {
        Shown shown;
        const auto runNo = addInspection(shown, run::RunState::Running, 30);
        addText(shown, runNo, {.prompt = 6, .words = std::vector<std::string>(60, " token"), .first = 8}, 30);
        inspector::InspectorPanel panel;
        shown.show(panel, {540, 592}, runNo);
        QVERIFY(isReady(panel));
        auto* map = panel.findChild<inspector::LayerMap*>();
        QTRY_VERIFY_WITH_TIMEOUT(map->model().columns == 68, kLong);
        QTRY_VERIFY_WITH_TIMEOUT(map->verticalScrollBar()->maximum() == 0, kLong);
        QVERIFY(map->grid().rowHeight >= inspector::kLowestRow);
        for (const int layer : {0, 1, 2, 30})
            QVERIFY(map->viewport()->rect().contains(map->cellRect(layer, map->grid().first)));
        QVERIFY(panel.findChild<inspector::ScaleLegend*>()->isVisible());
    }
    void map_textBeingRead_movesNothingAndWaitsForTheCellThatWasAskedFor() {
        Shown shown;
        const auto runNo = addInspection(shown, run::RunState::Running, 30);
        const auto progress = [&](double done) {
            shown.write([&] { shown.must(shown.writer->setProgress(runNo, done, 100, "reading")); });
            Q_EMIT shown.events.committed(runNo);
        };
        progress(8);
        inspector::InspectorPanel panel;
        panel.sideWidget()->show();
        shown.show(panel, {540, 592}, runNo);
        QVERIFY(isReady(panel));
        auto* map = panel.findChild<inspector::LayerMap*>();
        auto* legend = panel.findChild<inspector::ScaleLegend*>();
        shown.selection.setCell(0, 12, 60);
        QTRY_VERIFY_WITH_TIMEOUT(wordsOf(*panel.sideWidget()).contains(QLatin1String("being read: 8 of 100")), kLong);
        QVERIFY(wordsOf(*panel.sideWidget()).contains(QLatin1String("comes at 61")));
        QVERIFY(!map->isCellInView());
        const auto places = [&] {
            return QVector<QRect>{
                map->geometry(), legend->geometry(), panel.findChild<QScrollArea*>()->geometry(), map->cellRect(12, 0)};
        };
        QTRY_VERIFY_WITH_TIMEOUT(map->verticalScrollBar()->maximum() == 0, kLong);
        addText(shown, runNo, {.prompt = 6, .words = std::vector<std::string>(20, " token"), .first = 8}, 30);
        progress(28);
        QTRY_COMPARE_WITH_TIMEOUT(map->model().columns, 28, kLong);
        QTest::qWait(30);
        const auto before = places();
        addText(shown, runNo, {.prompt = 6, .words = std::vector<std::string>(20, " token"), .first = 28}, 30);
        progress(48);
        QTRY_COMPARE_WITH_TIMEOUT(map->model().columns, 48, kLong);
        QTest::qWait(30);
        QCOMPARE(places(), before);
        addText(shown, runNo, {.prompt = 6, .words = std::vector<std::string>(52, " token"), .first = 48}, 30);
        progress(100);
        QTRY_VERIFY_WITH_TIMEOUT(map->isCellInView(), kLong);
        QCOMPARE(map->marks().position, 60);
        QVERIFY(!wordsOf(*panel.sideWidget()).contains(QLatin1String("being read")));
    }
    void map_longText_columnsHoldTheirWordsAndAreNeverCut() {
        Shown shown;
        const auto runNo = shown.addRun({.plugin = "org.dubito.tas.inspect"});
        shown.addModel(runNo, "Small", 4);
        std::vector<std::string> words;
        for (int i = 0; i < 80; ++i) words.push_back(i % 5 ? " of" : " remarkable");
        addText(shown, runNo, {.prompt = 20, .words = words}, 4);
        inspector::InspectorPanel panel;
        shown.show(panel, {560, 420}, runNo);
        QVERIFY(isReady(panel));
        auto* map = panel.findChild<inspector::LayerMap*>();
        QTRY_VERIFY_WITH_TIMEOUT(map->grid().shown() > 2, kLong);
        const QFontMetricsF metrics(kit::monoFont(10));
        const auto allWhole = [&] {
            for (int at = map->grid().first; at <= map->grid().last(); ++at) {
                const QRect box = map->cellRect(2, at);
                if (box.right() > map->viewport()->width() || box.left() < 30) return false;
                const auto* next = map->model().next(at);
                if (next && metrics.horizontalAdvance(inspector::wordOf(next->text)) > box.width() + 1) return false;
            }
            return true;
        };
        QVERIFY(allWhole());
        // The answer is in view, what was asked before it is a scroll away, and the legend says so.
        QVERIFY(map->isCellInView());
        QVERIFY2(map->scale().note.contains(QLatin1String("earlier")), qPrintable(map->scale().note));
        for (const int position : {0, 79, 40, 41, 78}) {
            shown.selection.setCell(0, 1, position);
            QTRY_VERIFY_WITH_TIMEOUT(map->isCellInView(), kLong);
            QVERIFY(allWhole());
        }
        shown.selection.setCell(0, 1, 79);
        QVERIFY(!map->scale().note.contains(QLatin1String("later")));
    }
    void map_arrowKeys_moveTheCellAndSayItsValues() {
        Shown shown;
        const auto runNo = addInspection(shown);
        inspector::InspectorPanel panel;
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        auto* map = panel.findChild<inspector::LayerMap*>();
        shown.selection.setCell(0, 2, 5);
        map->setFocus();
        QTest::keyClick(map, Qt::Key_Up);
        QTest::keyClick(map, Qt::Key_Right);
        QVERIFY(shown.selection.layer() == 3 && shown.selection.position() == 6);
        const QString said = map->accessibleDescription();
        QVERIFY2(said.contains(QLatin1String("layer 3")) && said.contains(QLatin1String("Paris")) &&
                     said.contains(QLatin1String("rank 2")) && said.contains(QLatin1String("seven")),
            qPrintable(said));
        QTest::keyClick(map, Qt::Key_Home);
        QCOMPARE(shown.selection.position(), 0);
    }
    void map_saidTokenBelowTheLine_isInTheColourOfDoubt() {
        const auto warned = [](float logprob) {
            Shown shown;
            const auto runNo = shown.addRun({.plugin = "org.dubito.tas.inspect"});
            shown.addModel(runNo, "Small", 4);
            addText(shown, runNo, {.prompt = 1, .words = question(), .logprob = logprob}, 4);
            inspector::InspectorPanel panel;
            shown.show(panel, {900, 600}, runNo);
            if (!isReady(panel)) qFatal("nothing is shown");
            auto* map = panel.findChild<inspector::LayerMap*>();
            (void)QTest::qWaitFor([&] { return !map->model().isEmpty(); }, kLong);
            const QImage image = map->viewport()->grab().toImage();
            const QColor warn = kit::palette().warn;
            int out = 0;
            for (int y = 0; y < 34; ++y)
                for (int x = 0; x < image.width(); ++x) {
                    const QColor at = image.pixelColor(x, y);
                    out += std::abs(at.red() - warn.red()) + std::abs(at.green() - warn.green()) +
                               std::abs(at.blue() - warn.blue()) <
                           60;
                }
            return out;
        };
        QVERIFY(warned(-1) > 0);     // 0.37
        QCOMPARE(warned(-0.5f), 0);  // 0.61
    }
    void tokens_specialOnes_areCalledByTheirInnerName() {
        QCOMPARE(inspector::wordOf(QStringLiteral("<|im_end|>")), QStringLiteral("im_end"));
        QCOMPARE(inspector::wordOf(QStringLiteral("<s>")), QStringLiteral("s"));
        QCOMPARE(inspector::wordOf(QStringLiteral(" Paris")), QStringLiteral("Paris"));
        QCOMPARE(inspector::wordOf(QStringLiteral("<")), QStringLiteral("<"));
        inspector::Sequence turn;
        const std::pair<const char*, bool> tokens[] = {{"<|im_start|>", true}, {"system\nYou are a helper", false},
            {"<|im_end|>", true}, {"\n", false}, {"<|im_start|>", true}, {"user\nWhich planet", false},
            {" is the largest of all the eight?", false}, {"<|im_end|>", true}, {"\n", false}, {"<|im_start|>", true},
            {"assistant\n", false}};
        for (const auto& [text, special] : tokens) {
            inspector::Position position;
            position.text = QString::fromLatin1(text);
            position.isSpecial = special;
            turn.positions.push_back(position);
        }
        turn.promptLength = static_cast<int>(turn.positions.size());
        QCOMPARE(inspector::firstWords(turn), QStringLiteral("Which planet is the largest…"));
    }
    void attention_namesAndCaptions_neverTouch() {
        Shown shown;
        const auto runNo = addInspection(shown, run::RunState::Done);
        constexpr int kView = 7;
        Block full;
        full.add("weight", kF32, {4, 9, kView}, std::vector<float>(4 * 9 * kView, 0.1f));
        shown.addRecord(runNo, "attn/full", {{"seq", 0}, {"first", kView - 1}}, full);
        inspector::InspectorPanel panel;
        shown.show(panel, {700, 500}, runNo);
        QVERIFY(isReady(panel));
        shown.selection.setCell(0, 3, kView - 1);
        panel.showView(inspector::InspectorPanel::Attention);
        auto* heads = shownChild<inspector::MatrixView>(panel, "Attention of one layer");
        QTRY_COMPARE_WITH_TIMEOUT(heads->matrix().columns, kView, kLong);
        for (const int width : {500, 700, 1100}) {
            panel.resize(width, 500);
            QTest::qWait(50);
            QCOMPARE(cutOff(panel), QString());
            const inspector::MatrixGrid& grid = heads->grid();
            const QFontMetricsF metrics(kit::monoFont(10));
            double longest = 0;
            for (const QString& name : heads->matrix().columnNames)
                longest = std::max(longest, metrics.horizontalAdvance(name));
            QVERIFY(grid.cellWidth * grid.columnStep >= (grid.isUpright ? 10 : longest));
            QVERIFY(grid.cellHeight * grid.rowStep >= 10);
            // The cells use the height that there is.
            QVERIFY(grid.top + 9 * grid.cellHeight + grid.nameRoom <= heads->height());
            QVERIFY(grid.cellHeight > 24);
        }
    }
    void attribution_oneLargeShare_leavesTheOthersVisible() {
        QVERIFY(kit::barExtent(0.27, 27, kit::BarScale::SignedRoot) >= 0.09);
        QVERIFY(kit::barExtent(-0.27, 27, kit::BarScale::SignedRoot) <= -0.09);
        QVERIFY(kit::barExtent(27, 27, kit::BarScale::SignedRoot) == 1);
        QVERIFY(kit::barExtent(0.27, 27, kit::BarScale::Signed) < 0.011);
    }
    void figures_everyView_areDrawnAnewWithTheirNumbers() {
        Shown shown;
        const auto runNo = addInspection(shown);
        Block components, shares, full;
        components.texts("name", {"embedding", "L1 H0", "L1 MLP"});
        shown.addRecord(runNo, "model/components", Json::object(), components);
        shares.add("share", kF32, {1, 3}, std::vector<float>{27, -0.3f, 0.2f});
        shown.addRecord(runNo, "attr/logit", {{"seq", 0}, {"first", 6}}, shares);
        full.add("weight", kF32, {4, 2, 7}, std::vector<float>(4 * 2 * 7, 0.1f));
        shown.addRecord(runNo, "attn/full", {{"seq", 0}, {"first", 6}}, full);
        addGrid(shown, runNo);
        inspector::InspectorPanel panel;
        shown.show(panel, {900, 600}, runNo);
        QVERIFY(isReady(panel));
        shown.selection.setCell(0, 3, 6);
        panel.showView(inspector::InspectorPanel::Attribution);
        const auto ids = [&] {
            QStringList out;
            for (const auto& figure : panel.figures()) out << figure.id;
            return out;
        };
        QTRY_COMPARE_WITH_TIMEOUT(ids().size(), 6, kLong);
        QCOMPARE(ids().first(), QStringLiteral("attribution"));
        const QMap<QString, int> rows{{"layer-map", 8 * 5 * 7}, {"ranks", 5 * 7}, {"attention-first", 4 * 2 * 7},
            {"attention-heads", 4 * 2 * 7}, {"attribution", 3}, {"causal", 6}};
        for (const auto& figure : panel.figures()) {
            QVERIFY2(rows.contains(figure.id), qPrintable(figure.id));
            QVERIFY(!figure.title.isEmpty());
            QVERIFY2(figure.caption.first().contains(QLatin1String("look")) &&
                         figure.caption.first().contains(QLatin1String("Small")) &&
                         figure.caption.first().contains(QLatin1String("Where is the Eiffel")),
                qPrintable(figure.caption.join(' ')));
            for (const QSizeF size : {figure.size, QSizeF(420, 300), QSizeF(1600, 1200)}) {
                QImage image(size.toSize() + QSize(40, 40), QImage::Format_RGB32);
                image.fill(Qt::white);
                QPainter painter(&image);
                figure.draw(painter, size);
                painter.end();
                int inside = 0, outside = 0;
                for (int y = 0; y < image.height(); ++y)
                    for (int x = 0; x < image.width(); ++x)
                        if (image.pixel(x, y) != 0xffffffff)
                            ++(x <= size.width() + 1 && y <= size.height() + 1 ? inside : outside);
                QVERIFY2(inside > 100 && outside == 0, qPrintable(QStringLiteral("%1 at %2: %3 in, %4 out")
                                                                      .arg(figure.id)
                                                                      .arg(size.width())
                                                                      .arg(inside)
                                                                      .arg(outside)));
            }
            const QStringList lines = csvOf(figure, *shown.readers).split('\n', Qt::SkipEmptyParts);
            QCOMPARE(lines.first(), QStringLiteral("run,key,unit,text,position,token,layer,item,value"));
            QVERIFY2(lines.size() == 1 + rows[figure.id],
                qPrintable(QStringLiteral("%1: %2").arg(figure.id).arg(lines.size())));
            QVERIFY(lines.last().startsWith(QLatin1String("\"look\",")));
        }
    }
};

QTEST_MAIN(tst_InspectorViews)
#include "tst_inspector_views.moc"
