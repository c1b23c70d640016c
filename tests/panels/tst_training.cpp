// The Training page as a hand uses it: examples edited and taught, rows with their masks, curves, both answers.
#include <QApplication>
#include <QComboBox>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include "base/json.h"
#include "kit/colours.h"
#include "kit/plot_view.h"
#include "lm/data_panel.h"
#include "lm/taught_panel.h"
#include "lm/training_panel.h"
#include "store/remaining.h"
#include "support/shown.h"

using namespace dubito;
using tests::Block;
using tests::kLong;
using tests::Shown;

namespace {

struct Started {
    QString role, parameters;
    qint64 ofRun = 0;
    std::function<void(qint64)> started;
};

/// A panel with a shell that notes what it would start.
struct Page : Shown {
    QVector<Started> sessions;
    QVector<qint64> ended;
    QByteArray taught;
    Json parameters;

    void show(kit::Panel& panel, QSize size, qint64 runNo) {
        kit::PanelContext out = context();
        out.pluginsWithRole = [](const QString& role) -> std::vector<std::string> {
            if (role == QLatin1String("contrast")) return {"org.dubito.lm.beside"};
            if (role == QLatin1String("train")) return {"org.dubito.lm.train"};
            return {};
        };
        out.teach = [this](const QByteArray& lines, const QString& wanted, const QString&) {
            taught = lines;
            parameters = *parseJson(wanted.toStdString());
        };
        out.startSession = [this](const QString& role, qint64 ofRun, const QString& wanted, const QString&,
                               std::function<void(qint64)> started) {
            sessions.append({role, wanted, ofRun, std::move(started)});
        };
        out.endSession = [this](qint64 runNo) { ended << runNo; };
        panel.resize(size);
        panel.show();
        panel.attach(out);
        if (runNo) selection.setRuns({runNo});
    }
    /// Two rows: one learned, one without a target.
    void addRows(std::int64_t runNo, const std::string& word = "yes") {
        Block block;
        block.add("row", kI32, {2}, std::vector<std::int32_t>{1, 2})
            .add("tokens", kI32, {2}, std::vector<std::int32_t>{3, 1})
            .add("why", kU8, {2}, std::vector<std::uint8_t>{0, 1})
            .add("first", kI32, {2}, std::vector<std::int32_t>{0, 0})
            .texts("piece", {"Hi", "\n", word, "Lo"})
            .add("special", kU8, {4}, std::vector<std::uint8_t>{0, 0, 0, 0})
            .add("mask", kU8, {4}, std::vector<std::uint8_t>{0, 0, 1, 0});
        addRecord(runNo, "data/rows",
            {{"rows", 2}, {"counted", 2}, {"length", 64}, {"learned", 1}, {"no_target", 1}, {"cut", 0}, {"repeated", 0},
                {"shared", 0}, {"held", 0}},
            block);
    }
    void addAnswer(
        std::int64_t runNo, int question, const char* side, const std::string& text, float base, float taughtNats) {
        Block block;
        block.add("id", kI32, {1}, std::vector<std::int32_t>{7})
            .texts("text", {text})
            .add("special", kU8, {1}, std::vector<std::uint8_t>{0})
            .add("base", kF32, {1}, std::vector<float>{base})
            .add("taught", kF32, {1}, std::vector<float>{taughtNats});
        addRecord(runNo, "beside/answer",
            {{"question", question}, {"text", "Who are you?"}, {"side", side}, {"answer", text},
                {"tokens_per_s", 12.5}},
            block);
    }
};

template <class T>
T* named(const QWidget& parent, const QString& name) {
    for (auto* one : parent.findChildren<T*>())
        if (one->accessibleName() == name && one->isVisible()) return one;
    return nullptr;
}

QPushButton* button(const QWidget& parent, const char* text) {
    for (auto* one : parent.findChildren<QPushButton*>())
        if (one->text() == QLatin1String(text) && one->isVisible()) return one;
    return nullptr;
}

/// White paper with something of the first series' colour on it.
bool hasInk(const kit::Figure& figure) {
    QImage image(640, 360, QImage::Format_RGB32);
    image.fill(Qt::magenta);
    QPainter painter(&image);
    figure.draw(painter, image.size());
    painter.end();
    int ink = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) ink += image.pixelColor(x, y) == QColor("#0072B2");
    return ink > 10 && image.pixelColor(1, 1) == QColor(Qt::white) && image.pixelColor(1, 358) == QColor(Qt::white);
}

QStringList rowsOf(const kit::Figure& figure, const Page& page) {
    auto db = store::openReadOnly(page.project.file);
    QString text;
    page.must(figure.writeCsv(**db, [&](const QString& piece) -> Result<void> {
        text += piece;
        return {};
    }));
    return text.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

bool says(const QWidget& panel, const char* words) { return tests::wordsOf(panel).contains(QString::fromUtf8(words)); }

}  // namespace

class tst_Training : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void examples_fiveOfThem_areThereWithoutARun() {
        Page page;
        lmview::DataPanel panel;
        page.show(panel, {520, 600}, 0);
        for (int i = 1; i <= 5; ++i) {
            QVERIFY(!named<QLineEdit>(panel, QStringLiteral("Question %1").arg(i))->text().isEmpty());
            QVERIFY(!named<QLineEdit>(panel, QStringLiteral("Answer %1").arg(i))->text().isEmpty());
        }
        QVERIFY(page.sessions.isEmpty());  // to look starts nothing
        QCOMPARE(tests::cutOff(panel), QString());
    }
    void examples_editedAddedAndRemoved_areTaughtAsTheyStand() {
        Page page;
        lmview::DataPanel panel;
        page.show(panel, {520, 600}, 0);
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        auto* answer = named<QLineEdit>(panel, QStringLiteral("Answer 1"));
        answer->setFocus();
        answer->selectAll();
        QTest::keyClicks(answer, QStringLiteral("A parrot."));
        QTest::mouseClick(named<QToolButton>(panel, QStringLiteral("Remove row 2")), Qt::LeftButton);
        QTRY_VERIFY(!named<QLineEdit>(panel, QStringLiteral("Question 5")));
        QTest::mouseClick(button(panel, "Add a row"), Qt::LeftButton);
        auto* added = named<QLineEdit>(panel, QStringLiteral("Question 5"));
        QTRY_VERIFY(added && added->hasFocus());
        QTest::keyClicks(added, QStringLiteral("Why?"));
        QTest::keyClick(added, Qt::Key_Tab);  // Remove
        QTest::keyClick(qApp->focusWidget(), Qt::Key_Tab);
        QCOMPARE(qApp->focusWidget(), static_cast<QWidget*>(named<QLineEdit>(panel, QStringLiteral("Answer 5"))));
        QTest::keyClicks(qApp->focusWidget(), QStringLiteral("Because."));
        QTest::mouseClick(button(panel, "Teach"), Qt::LeftButton);
        const QList<QByteArray> lines = page.taught.trimmed().split('\n');
        QCOMPARE(lines.size(), 5);
        QVERIFY2(lines[0].contains("A parrot."), lines[0].constData());
        QVERIFY(lines[4].contains("Why?") && lines[4].contains("Because.") && lines[4].contains("assistant"));
        QVERIFY(!page.taught.contains("What is Dubito?"));
        QVERIFY(integerOr(page.parameters["train"], "steps", 0) > 0);
        // Kept with the project's layout, read back as a stranger's text.
        lmview::DataPanel other;
        other.restoreLayout(panel.saveLayout());
        QCOMPARE(other.list()->examples(), panel.list()->examples());
        other.restoreLayout({{"examples", QJsonArray{QJsonArray{1, 2, 3}, QStringLiteral("x")}}});
        QCOMPARE(other.list()->examples(), panel.list()->examples());
    }
    void examples_withoutAnAnswer_areNotTaught() {
        Page page;
        lmview::DataPanel panel;
        panel.restoreLayout({{"examples", QJsonArray{QJsonArray{QStringLiteral("Why?"), QString()}}}});
        page.show(panel, {520, 600}, 0);
        QTest::mouseClick(button(panel, "Teach"), Qt::LeftButton);
        QVERIFY(page.taught.isEmpty());
        QVERIFY(says(panel, "There is nothing to learn"));
    }
    void masks_ofEditedRows_comeFromOneSession() {
        Page page;
        lmview::DataPanel panel;
        page.show(panel, {520, 600}, 0);
        panel.showExamples();
        QCOMPARE(page.sessions.size(), 1);
        QCOMPARE(page.sessions[0].role, QStringLiteral("tokenise"));
        const auto session = page.addRun({.title = "rows", .state = run::RunState::Running});
        page.sessions[0].started(session);
        QCOMPARE(page.sent.size(), 1);
        QCOMPARE(page.sent[0].first, QStringLiteral("rows"));
        QVERIFY(page.sent[0].second.contains(QLatin1String("Who are you?")));
        page.addRows(session);
        Q_EMIT page.events.committed(session);
        QTRY_VERIFY_WITH_TIMEOUT(named<kit::TokenStrip>(panel, QStringLiteral("Tokens of row 1")), kLong);
        QVERIFY(says(panel, "no target: nothing is learned from this row"));
        auto* question = named<QLineEdit>(panel, QStringLiteral("Question 1"));
        QTest::keyClicks(question, QStringLiteral("!"));
        QTRY_COMPARE_WITH_TIMEOUT(page.sent.size(), 2, kLong);
        QCOMPARE(page.sessions.size(), 1);
        // A session that ended is followed by a new one.
        page.setState(session, run::RunState::Done);
        QTest::keyClicks(question, QStringLiteral("!"));
        QTRY_COMPARE_WITH_TIMEOUT(page.sessions.size(), 2, kLong);
    }
    void masks_paneClosed_endsItsSessionAlsoOneThatStartsLater() {
        Page page;
        for (const bool isLate : {false, true}) {
            page.sessions.clear();
            page.ended.clear();
            auto panel = std::make_unique<lmview::DataPanel>();
            page.show(*panel, {520, 600}, 0);
            panel->showExamples();
            QCOMPARE(page.sessions.size(), 1);
            if (!isLate) page.sessions[0].started(77);
            QVERIFY(page.ended.isEmpty());
            panel.reset();
            if (isLate) page.sessions[0].started(77);
            QCOMPARE(page.ended, QVector<qint64>{77});
        }
    }
    void rows_ofATrainingRun_areShownAsTheyWereUsed() {
        Page page;
        const auto runNo = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        page.addRows(runNo);
        lmview::DataPanel panel;
        page.show(panel, {520, 600}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "2 of 2 rows; at most 64 tokens a row"), kLong);
        QVERIFY(!button(panel, "Teach"));
        QCOMPARE(panel.dataTable().rows.size(), 4);
        QCOMPARE(panel.dataTable().rows[2].last(), QStringLiteral("learned"));
        auto* view = named<QComboBox>(panel, QStringLiteral("Rows to show"));
        view->setFocus();
        QTest::keyClick(view, Qt::Key_Up);
        QTRY_VERIFY(button(panel, "Teach"));
    }
    void rows_thatAreMalformed_areNoRows() {
        Page page;
        const auto runNo = page.addRun({.title = "bad", .plugin = "org.dubito.lm.train"});
        Block block;
        block.add("row", kI32, {1}, std::vector<std::int32_t>{1})
            .add("tokens", kI32, {1}, std::vector<std::int32_t>{2'000'000'000})
            .add("why", kU8, {1}, std::vector<std::uint8_t>{9})
            .add("first", kI32, {1}, std::vector<std::int32_t>{-4})
            .texts("piece", {"Hi"})
            .add("special", kU8, {1}, std::vector<std::uint8_t>{0})
            .add("mask", kU8, {1}, std::vector<std::uint8_t>{1});
        page.addRecord(runNo, "data/rows", {{"rows", 1}}, block);
        page.addRecord(runNo, "data/rows", {{"rows", -5}});
        auto db = store::openReadOnly(page.project.file);
        const auto rows = lmview::loadRows(**db, runNo);
        QVERIFY(rows && !*rows);
    }
    void taught_bothAnswers_areShownWithWhatEachThinksOfThem() {
        Page page;
        const auto runNo = page.addRun({.title = "base and lesson", .plugin = "org.dubito.lm.beside"});
        page.addAnswer(runNo, 0, "base", "A model", -1.5f, -4.0f);
        page.addAnswer(runNo, 0, "taught", "A parrot", -9.25f, -0.25f);
        lmview::TaughtPanel panel;
        page.show(panel, {560, 420}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "You: Who are you?"), kLong);
        for (const char* number : {"−1.50", "−4.00", "−2.50", "−9.25", "−0.25", "+9.00"})
            QVERIFY2(says(panel, number), number);
        QVERIFY(named<kit::TokenStrip>(panel, QStringLiteral("Answer: taught")));
        QCOMPARE(tests::cutOff(panel), QString());
        QCOMPARE(panel.dataTable().rows.size(), 2);
    }
    void taught_comparisonOfARun_isTheNewestThatWasStartedFromIt() {
        Page page;
        const auto trained = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        page.addPoints(trained, "train/loss", 4);
        const fs::path job = fs::path(page.project.folder.path().toStdString()) / "job";
        page.must(makeFolders(job / "checkpoints" / "20"));
        page.write([&] {
            store::NewAttempt attempt;
            attempt.jobDir = job.string();
            page.must(page.writer->putAttempt(trained, attempt));
            page.must(page.writer->addCheckpoint(trained, 1, 20, sha256(asBytes("c")), 10, "20", nowUs()));
        });
        const auto add = [&](const char* step, std::int64_t from) {
            const auto runNo = page.addRun({.title = "beside",
                .plugin = "org.dubito.lm.beside",
                .models = {{{"role", "model"}, {"name", "m.gguf"}}, {{"role", "adapter"}, {"name", step}}},
                .startedFrom = from});
            page.addAnswer(runNo, 0, "base", "A model", -1.5f, -4.0f);
            page.addAnswer(runNo, 0, "taught", "A parrot", -9.25f, -0.25f);
            return runNo;
        };
        add("10", trained);
        const auto newest = add("10", trained);
        add("20", page.addRun({.title = "another lesson", .plugin = "org.dubito.lm.train"}));
        auto db = store::openReadOnly(page.project.file);
        const auto data = lmview::loadBeside(**db, trained, {"org.dubito.lm.beside"}, 0);
        QVERIFY(data && data->beside);
        QCOMPARE(data->beside->runNo, newest);
        QCOMPARE(data->step, 10);
        QVERIFY(data->isStale());  // it was taught further since
        QCOMPARE(data->questions.size(), 1);
    }
    void taught_question_startsOneSessionAndThenSends() {
        Page page;
        const auto trained = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        page.addPoints(trained, "train/loss", 4);
        const Sha256 hash = sha256(asBytes("checkpoint"));
        store::NewAttempt attempt;
        attempt.jobDir = page.project.folder.path().toStdString();
        page.must(makeFolders(fs::path(attempt.jobDir) / "checkpoints" / "5"));
        page.write([&] {
            page.must(page.writer->putAttempt(trained, attempt));
            page.must(page.writer->addCheckpoint(trained, 1, 5, hash, 10, "5", nowUs()));
        });
        lmview::TaughtPanel panel;
        page.show(panel, {560, 420}, trained);
        QTRY_VERIFY_WITH_TIMEOUT(button(panel, "Ask both"), kLong);
        auto* field = named<QLineEdit>(panel, QStringLiteral("Question to both"));
        QTest::keyClicks(field, QStringLiteral("Who are you?"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(page.sessions.size(), 1);
        QCOMPARE(page.sessions[0].role, QStringLiteral("contrast"));
        QCOMPARE(page.sessions[0].ofRun, trained);
        QVERIFY(page.sessions[0].parameters.contains(QLatin1String("Who are you?")));
        QVERIFY(says(panel, "Both models are answering"));
        const auto beside = page.addRun({.plugin = "org.dubito.lm.beside", .state = run::RunState::Running});
        page.sessions[0].started(beside);
        page.addAnswer(beside, 0, "base", "A model", -1, -4);
        page.addAnswer(beside, 0, "taught", "A parrot", -9, -1);
        Q_EMIT page.events.committed(beside);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "You: Who are you?"), kLong);
        QTest::keyClicks(field, QStringLiteral("Why?"));
        QTRY_VERIFY(button(panel, "Ask both")->isEnabled());
        QTest::mouseClick(button(panel, "Ask both"), Qt::LeftButton);
        QCOMPARE(page.sessions.size(), 1);
        QCOMPARE(page.sent.size(), 1);
        QCOMPARE(page.sent[0].first, QStringLiteral("ask"));
    }
    void training_status_isReadWholeInANarrowPane() {
        Page page;
        const auto runNo = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        page.addPoints(runNo, "train/loss", 40);
        page.addPoints(runNo, "train/tokens", 40);
        page.addPoints(runNo, "train/tokens_per_s", 40);
        page.addPoints(runNo, "eval/nll_nats", 1);
        lmview::TrainingPanel panel;
        page.show(panel, {360, 560}, runNo);
        QTRY_COMPARE_WITH_TIMEOUT(tests::stateOf(panel), QStringLiteral("content"), kLong);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "tokens a second"), kLong);
        QTest::qWait(30);
        for (const auto* label : panel.findChildren<QLabel*>()) {
            if (!label->text().contains(QLatin1String("tokens a second")) || !label->isVisible()) continue;
            QVERIFY(label->height() >= label->heightForWidth(label->width()));
        }
        // The legend stands above the curve, with the last values.
        auto* legend = named<QToolButton>(panel, QStringLiteral("Line: held out"));
        QVERIFY(legend && legend->text().contains(QLatin1String("1.000")));
        auto* chart = named<kit::PlotView>(panel, QStringLiteral("Loss, nats a token"));
        QVERIFY(legend->mapTo(&panel, QPoint(0, legend->height())).y() <= chart->mapTo(&panel, QPoint(0, 0)).y() + 1);
        QCOMPARE(tests::cutOff(panel), QString());
    }
    void training_lowPane_showsEveryChartWhole() {
        Page page;
        const auto runNo = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        for (const char* key : {"train/loss", "train/tokens", "train/tokens_per_s", "train/lr", "train/grad_norm"})
            page.addPoints(runNo, key, 40);
        lmview::TrainingPanel panel;
        page.show(panel, {444, 352}, runNo);
        QTRY_COMPARE_WITH_TIMEOUT(tests::stateOf(panel), QStringLiteral("content"), kLong);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "tokens a second"), kLong);
        const auto areWhole = [&] {
            for (const auto* chart : panel.findChildren<kit::PlotView*>()) {
                const QRect box(chart->mapTo(&panel, QPoint()), chart->size());
                if (!panel.rect().contains(box) || chart->visibleRegion().boundingRect() != chart->rect()) return false;
            }
            return true;
        };
        // As the page has it on screens of 800 and of 700 lines.
        for (const QSize size : {QSize(444, 352), QSize(330, 312)}) {
            panel.resize(size);
            QTRY_VERIFY_WITH_TIMEOUT(areWhole(), kLong);
        }
    }
    void training_wordsOfAnEarlierEnd_goWhenItGoesOn() {
        Page page;
        const auto runNo = page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train"});
        page.addPoints(runNo, "train/loss", 8);
        const auto set = [&](run::RunState state, const char* detail) {
            page.write([&] {
                store::RunStateChange change;
                change.state = static_cast<int>(state);
                change.detail = detail;
                change.clearDetail = !*detail;
                page.must(page.writer->setState(runNo, change));
            });
            Q_EMIT page.events.stateChanged(runNo, static_cast<int>(state), {});
        };
        set(run::RunState::Failed, "ended by SIGKILL");
        lmview::TrainingPanel panel;
        page.show(panel, {560, 560}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "ended by SIGKILL"), kLong);
        QVERIFY(button(panel, "Go on") && !button(panel, "Pause"));
        set(run::RunState::Running, "");
        QTRY_VERIFY_WITH_TIMEOUT(!says(panel, "ended by SIGKILL"), kLong);
        QVERIFY(!button(panel, "Go on") && button(panel, "Pause"));
    }
    void training_stoppedBeforeAStep_keepsItsStatusAndGoesOn() {
        Page page;
        const auto runNo =
            page.addRun({.title = "lesson", .plugin = "org.dubito.lm.train", .state = run::RunState::Running});
        lmview::TrainingPanel panel;
        page.show(panel, {560, 560}, runNo);
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "running · no step is done so far"), kLong);
        QVERIFY(button(panel, "Pause") && !button(panel, "Go on"));
        for (const auto state : {run::RunState::Cancelled, run::RunState::Failed}) {
            page.setState(runNo, state);
            Q_EMIT page.events.stateChanged(runNo, static_cast<int>(state), {});
            QTRY_VERIFY_WITH_TIMEOUT(button(panel, "Go on") && !button(panel, "Pause"), kLong);
            QVERIFY(says(panel, "no step is done so far"));
            QVERIFY(!says(panel, "This run trained nothing"));
        }
        QTest::mouseClick(button(panel, "Go on"), Qt::LeftButton);
        QCOMPARE(page.triggered, QStringList{QStringLiteral("run.resume")});
        // A run of another kind trained nothing, stopped or not.
        page.selection.setRuns({page.addRun({.title = "talk", .state = run::RunState::Cancelled})});
        QTRY_VERIFY_WITH_TIMEOUT(says(panel, "This run trained nothing"), kLong);
    }
    void training_figures_areLightAndHoldEveryPoint() {
        Page page;
        const auto runNo = page.addRun({.title = "name, with comma", .plugin = "org.dubito.lm.train"});
        page.addPoints(runNo, "train/loss", 5'000);
        page.addPoints(runNo, "eval/nll_nats", 3);
        page.addPoints(runNo, "train/lr", 40);
        lmview::TrainingPanel panel;
        page.show(panel, {560, 560}, runNo);
        QTRY_COMPARE_WITH_TIMEOUT(panel.figures().size(), 2, kLong);
        const auto figures = panel.figures();
        QCOMPARE(figures[0].title, QStringLiteral("Loss, nats a token"));
        QVERIFY(figures[0].caption.join('\n').contains(QLatin1String("name, with comma")));
        QVERIFY(hasInk(figures[0]) && hasInk(figures[1]));
        const QStringList rows = rowsOf(figures[0], page);
        QCOMPARE(rows.size(), 1 + 5'000 + 3);
        QVERIFY(rows[1].startsWith(QStringLiteral("%1,\"name, with comma\",train/loss,0,").arg(runNo)));
        QCOMPARE(rowsOf(figures[1], page).size(), 1 + 40);
    }
    void taught_figures_areTheAnswersTokenByToken() {
        Page page;
        const auto runNo = page.addRun({.title = "beside", .plugin = "org.dubito.lm.beside"});
        for (int question = 0; question < 2; ++question) {
            page.addAnswer(runNo, question, "base", "A model, small", -1.5f, -4.0f);
            page.addAnswer(runNo, question, "taught", "A parrot", -9.25f, -0.25f);
        }
        lmview::TaughtPanel panel;
        page.show(panel, {560, 420}, runNo);
        QTRY_COMPARE_WITH_TIMEOUT(panel.figures().size(), 2, kLong);
        const auto figures = panel.figures();
        QCOMPARE(figures[0].id, QStringLiteral("question-2"));  // the one that is shown
        QVERIFY(figures[0].caption.join('\n').contains(QLatin1String("A parrot (-9.25 nats under base, -0.25")));
        QVERIFY(hasInk(figures[0]));
        const QStringList rows = rowsOf(figures[0], page);
        QCOMPARE(rows.size(), 3);
        QCOMPARE(rows[1], QStringLiteral("%1,Who are you?,base,0,\"A model, small\",-1.5,-4,nats").arg(runNo));
    }
    void training_withoutARun_offersToTeach() {
        Page page;
        lmview::TrainingPanel panel;
        page.show(panel, {560, 400}, 0);
        QTRY_VERIFY(button(panel, "Teach it something"));
        QTest::mouseClick(button(panel, "Teach it something"), Qt::LeftButton);
        QCOMPARE(page.triggered, QStringList{QStringLiteral("model.teach")});
    }
    void remaining_ofAnAttemptThatGoesOn_countsItsOwnWork() {
        Page page;
        const auto runNo = page.addRun({.title = "lesson", .state = run::RunState::Running});
        constexpr std::int64_t kNow = 1'000'000'000'000;
        page.write([&] {
            store::NewAttempt attempt;
            attempt.attempt = 2;
            attempt.startedUs = kNow - 10'000'000;
            attempt.resumedStep = 31;
            page.must(page.writer->putAttempt(runNo, attempt));
        });
        auto db = store::openReadOnly(page.project.file);
        store::RunRow row = **store::findRun(**db, runNo);
        row.done = 40, row.total = 60;  // ten steps in ten seconds, thirty before
        QCOMPARE(**store::queryRemainingUs(**db, row, kNow), std::int64_t{20'000'000});
        row.total = 0;
        QVERIFY(!*store::queryRemainingUs(**db, row, kNow));
        row.total = 60, row.done = 30;
        QVERIFY(!*store::queryRemainingUs(**db, row, kNow));
    }
};

QTEST_MAIN(tst_Training)
#include "tst_training.moc"
