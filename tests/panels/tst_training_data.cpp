// What a fine-tune is told before it starts, and what it thinks of held-out items at its checkpoints.
#include <QApplication>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>

#include "base/json.h"
#include "lm/data_panel.h"
#include "lm/items_panel.h"
#include "lm/training_panel.h"
#include "support/shown.h"

using namespace dubito;
using tests::Block;
using tests::kLong;
using tests::Shown;

namespace {

struct Page : Shown {
    QStringList sessions, composed;
    std::function<void(qint64)> started;
    QVector<qint64> ended;
    QVector<kit::PanelContext::HeldItem> inspected;

    void show(kit::Panel& panel, QSize size, qint64 runNo) {
        kit::PanelContext out = context();
        out.pluginsWithRole = [](const QString& role) -> std::vector<std::string> {
            if (role == QLatin1String("train")) return {"org.dubito.lm.train"};
            return {};
        };
        out.startSession = [this](const QString& role, qint64, const QString& wanted, const QString&,
                               std::function<void(qint64)> then) {
            sessions << role + wanted;
            started = std::move(then);
        };
        out.endSession = [this](qint64 one) { ended << one; };
        out.compose = [this](const QString& role, const QString& wanted) { composed << role + wanted; };
        out.inspectItem = [this](
                              qint64, const QString&, const kit::PanelContext::HeldItem& item) { inspected << item; };
        panel.resize(size);
        panel.show();
        panel.attach(out);
        if (runNo) selection.setRuns({runNo});
    }
    /// Two rows: one learned, one without a target.
    void addRows(std::int64_t runNo) {
        Block block;
        block.add("row", kI32, {2}, std::vector<std::int32_t>{1, 2})
            .add("tokens", kI32, {2}, std::vector<std::int32_t>{3, 1})
            .add("why", kU8, {2}, std::vector<std::uint8_t>{4, 1})
            .add("first", kI32, {2}, std::vector<std::int32_t>{12, 0})
            .add("set", kU8, {2}, std::vector<std::uint8_t>{1, 0})
            .texts("piece", {"Hi", "\n", "yes", "Lo"})
            .add("special", kU8, {4}, std::vector<std::uint8_t>{0, 0, 0, 0})
            .add("mask", kU8, {4}, std::vector<std::uint8_t>{0, 0, 1, 0});
        addRecord(runNo, "data/rows",
            {{"rows", 2}, {"counted", 2}, {"length", 64}, {"learned", 1}, {"no_target", 1}, {"cut", 0}, {"repeated", 0},
                {"shared", 1}, {"held", 0}, {"sets", {"", "garden"}}},
            block);
    }
    /// At the next step, from 0.
    void addHeld(std::int64_t runNo, const std::vector<double>& nats, std::int32_t length = 2) {
        const auto n = static_cast<std::int64_t>(nats.size());
        std::vector<std::int32_t> rows, lengths(nats.size(), length), ids(nats.size() * 2, 7), ones(nats.size(), 1);
        std::vector<std::string> questions;
        for (std::int64_t i = 1; i <= n; ++i) {
            rows.push_back(static_cast<std::int32_t>(i));
            questions.push_back("question " + std::to_string(i));
        }
        Block block;
        block.add("row", kI32, {n}, rows).add("nats", kF64, {n}, nats).add("tokens", kI32, {n}, ones);
        block.add("length", kI32, {n}, lengths).add("answer_from", kI32, {n}, ones).add("id", kI32, {2 * n}, ids);
        block.texts("question", questions).texts("answer", questions);
        addRecord(runNo, "eval/heldout", {{"set", "garden"}}, block, m_heldStep++);
    }

private:
    std::int64_t m_heldStep = 0;
};

QPushButton* button(const QWidget& parent, const char* text) {
    for (auto* one : parent.findChildren<QPushButton*>())
        if (one->text() == QString::fromUtf8(text) && one->isVisible()) return one;
    return nullptr;
}
bool says(const QWidget& panel, const char* words) { return tests::wordsOf(panel).contains(QString::fromUtf8(words)); }

}  // namespace

class tst_TrainingData : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void file_lookedAt_showsItsCountsAndAsksBeforeItIsTrained() {
        Page page;
        lmview::DataPanel panel;
        page.show(panel, {520, 600}, 0);
        panel.lookAt(QStringLiteral("/data/talks.jsonl"));
        QCOMPARE(page.sessions.size(), 1);
        QVERIFY(page.sessions[0].startsWith(QLatin1String("tokenise")));
        QVERIFY(page.sessions[0].contains(QLatin1String("/data/talks.jsonl")));
        const auto session = page.addRun({.title = "rows", .state = run::RunState::Running});
        page.addRows(session);
        page.started(session);
        QTRY_VERIFY_WITH_TIMEOUT(
            says(panel, "Nothing would be learned from 50.0 % of these rows. Is that meant?"), kLong);
        QVERIFY(says(panel, "no target: nothing is learned from this row"));
        QVERIFY(says(panel, "shared with held-out garden, row 12"));
        QCOMPARE(page.ended, QVector<qint64>{session});  // what it was asked for is there
        QVERIFY(page.composed.isEmpty());
        QTest::mouseClick(button(panel, "Train all the same…"), Qt::LeftButton);
        QCOMPARE(page.composed.size(), 1);
        QVERIFY(page.composed[0].contains(QLatin1String("\"data\":\"/data/talks.jsonl\"")));
        QVERIFY(page.composed[0].contains(QLatin1String("\"without_target\":0.51")));
        QCOMPARE(tests::cutOff(panel), QString());
    }
    void file_thatIsRefused_saysWhy() {
        Page page;
        lmview::DataPanel panel;
        page.show(panel, {520, 600}, 0);
        panel.lookAt(QStringLiteral("/data/bad.jsonl"));
        const auto session = page.addRun({.title = "rows", .state = run::RunState::Failed});
        page.started(session);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "No row could be read."), kLong);
        QVERIFY(!button(panel, "Train on these rows…"));
    }
    void items_ofACheckpoint_areOrderedByWhatIsAskedFor() {
        Page page;
        const auto runNo = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        page.addHeld(runNo, {1.0, 3.0, 2.0});
        page.addHeld(runNo, {1.5, 0.5, 2.25});
        auto db = store::openReadOnly(page.project.file);
        const auto held = lmview::loadHeld(**db, runNo);
        QVERIFY(held && held->records.size() == 2);
        const auto order = [&](lmview::HeldOrder by) {
            QVector<int> out;
            for (const auto& line : lmview::heldLines(*held, QStringLiteral("garden"), 1, by)) out << line.now.row;
            return out;
        };
        QCOMPARE(order(lmview::HeldOrder::Worst), (QVector<int>{3, 1, 2}));
        QCOMPARE(order(lmview::HeldOrder::Best), (QVector<int>{2, 1, 3}));
        QCOMPARE(order(lmview::HeldOrder::Changed), (QVector<int>{2, 1, 3}));
        lmview::ItemsPanel panel;
        page.show(panel, {520, 300}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "2 of 3 items are worse than the base, 1 better"), kLong);
        auto* table = panel.findChild<QTableWidget*>();
        QCOMPARE(table->item(0, 0)->text(), QStringLiteral("question 3"));
        QCOMPARE(table->item(0, 3)->text(), QStringLiteral("+0.25"));
        QCOMPARE(panel.dataTable().rows.size(), 6);
        QVERIFY(says(panel, "the checkpoint of this step was replaced by a newer one"));
        QVERIFY(page.inspected.isEmpty());
    }
    void items_thatAreMalformed_areNoItems() {
        Page page;
        const auto runNo = page.addRun({.title = "bad", .plugin = "org.dubito.lm.train"});
        page.addHeld(runNo, {1.0}, 2'000'000'000);
        page.addRecord(runNo, "eval/heldout", {{"set", 5}});
        auto db = store::openReadOnly(page.project.file);
        const auto held = lmview::loadHeld(**db, runNo);
        QVERIFY(held && held->records.isEmpty());
    }
};

QTEST_MAIN(tst_TrainingData)
#include "tst_training_data.moc"
