// From a word of a stored answer to its layers: the run that is started reads just those tokens, and is found again.
#include <QTest>
#include <QTimer>

#include "actions/answer_layers.h"
#include "actions/inspect_answer.h"
#include "application.h"
#include "journal/array_block.h"
#include "kit/pane_frame.h"
#include "main_window.h"
#include "page_view.h"
#include "run/run_state.h"
#include "support/results.h"
#include "support/shown.h"
#include "workspace_area.h"

using namespace dubito;
using tests::get;

class tst_InspectAnswer : public QObject {
    Q_OBJECT
    std::unique_ptr<tests::TempProject> m_home;
    std::unique_ptr<app::Application> m_application;
    qint64 m_chat = 0;
    std::uint32_t m_series = 900;

    app::MainWindow& window() const { return *m_application->window(); }
    fs::path folder() const { return m_home->folder.path().toStdString(); }

    void addRecord(const char* key, const Json& meta, const tests::Block& block, qint64 runNo = 0) {
        const auto done = m_application->service()->call([&](store::ProjectWriter& writer) -> Result<void> {
            DUBITO_CHECK(writer.begin());
            DUBITO_TRY(
                const auto series, writer.openSeries(runNo ? runNo : m_chat, 1, 0,
                                       {m_series, journal::RecordType::Tensor, journal::Goal::None, key, "", ""}));
            Bytes bytes;
            journal::encodeArrayBlock(bytes, block.arrays);
            DUBITO_CHECK(writer.addRecord(series, m_series, 1, m_series, jsonText(meta), bytes));
            ++m_series;
            return writer.commit();
        });
        QVERIFY2(done, done ? "" : done.error().text().c_str());
    }
    Json specOf(qint64 runNo) const {
        auto db = store::openReadOnly(m_home->file);
        return get(parseJson(get(store::querySpec(**db, runNo))));
    }
    /// The run that is selected once it is another one; 0: none came.
    qint64 selectedAfter(qint64 before) const {
        const auto now = [&] { return m_application->selection()->leadingRun(); };
        return QTest::qWaitFor([&] { return now() != before && now() != 0; }, tests::kLong) ? now() : 0;
    }
private Q_SLOTS:
    void initTestCase() {
        m_home = std::make_unique<tests::TempProject>();
        qputenv("XDG_CONFIG_HOME", m_home->folder.path().toUtf8() + "/config");
        qputenv("XDG_CACHE_HOME", m_home->folder.path().toUtf8() + "/cache");
        // The manifests that ship, with their workspaces, without their code: runs of them are stored, and end at once.
        for (const char* name : {"lm", "tas"}) {
            const fs::path source = fs::path(DUBITO_SOURCE) / "plugins" / name,
                           target = folder() / "plugins" / name / "1";
            fs::create_directories(target);
            const auto text = readFile(source / "plugin.json", 1 << 20);
            QVERIFY(text && writeFileAtomic(target / "plugin.json", *text));
            if (fs::exists(source / "workspaces"))
                fs::copy(source / "workspaces", target / "workspaces", fs::copy_options::recursive);
            QVERIFY(writeFileAtomic(target / get(host::parseManifests(*text)).front().binary, "no code"));
        }
        QVERIFY(writeFileAtomic(folder() / "m.gguf", "GGUF"));
        app::Application::Options options{QStringLiteral("en"), QStringLiteral("light"), false, false};
        options.pluginRoots = {folder() / "plugins"};
        m_application = std::make_unique<app::Application>(options);
        window().resize(1280, 800);
        window().show();
        int outcome = -1;
        m_application->openProject(
            QString::fromStdString(m_home->file.string()), [&](bool opened) { outcome = opened; });
        QTRY_COMPARE_WITH_TIMEOUT(outcome, 1, tests::kLong);
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = "planets";
        draft.parameters = {{"model", {{"path", (folder() / "m.gguf").string()}, {"weights", "f32"}}}};
        m_chat = get(m_application->service()->submit(draft, get(m_application->catalogue().find("lm.chat"))));
        store::RunRow row;
        QVERIFY(tests::waitFinal(m_home->file, m_chat, 120, &row));
        using tests::Block;
        addRecord("model/info", Json::object(), Block().texts("key", {"layers"}).texts("value", {"30"}));
        addRecord("chat/turn",
            {{"name", "turn"}, {"node", 0}, {"parent", -1}, {"role", "user"},
                {"text", "Which planet is the largest of all the eight?"}},
            {});
        addRecord("chat/turn", {{"name", "turn"}, {"node", 1}, {"parent", 0}, {"role", "assistant"}, {"text", ""}}, {});
        addRecord("chat/prompt", {{"node", 1}},
            Block().texts("text", {"..."}).add("id", kI32, {4}, std::vector<std::int32_t>{1, 4093, 198, 2}));
        for (const std::int32_t id : {504, 28, 7042})
            addRecord("chat/token", {{"node", 1}}, Block().add("id", kI32, {1}, std::vector<std::int32_t>{id}));
        addRecord("chat/token", {{"node", 3}}, Block().add("id", kI32, {1}, std::vector<std::int32_t>{9}));
        // As if its words were there to be clicked.
        m_application->selection()->setRuns({m_chat});
        window().showPanel(QStringLiteral("chat"));
        QTRY_VERIFY_WITH_TIMEOUT(window().area().page() && window().area().page()->find("chat"), tests::kLong);
    }
    void answer_oneWord_isReadOnItsOwnTokensBesideTheChat() {
        m_application->panelContext().inspectAnswer(m_chat, 1, 2);
        const qint64 look = selectedAfter(m_chat);
        QVERIFY(look > m_chat);
        const Json spec = specOf(look);
        QCOMPARE(textOr(spec["params"]["prompt"], "ids", ""), std::string("1 4093 198 2 504 28 7042"));
        QCOMPARE(integerOr(spec["params"]["prompt"], "answer_from", 0), std::int64_t(4));
        QCOMPARE(textOr(spec["params"]["model"], "weights", ""), std::string("f32"));
        QVERIFY(boolOr(spec["params"]["session"], "keep", false));
        QVERIFY(spec["models"] == specOf(m_chat)["models"] && integerOr(spec, "threads", 0) == 1);
        auto db = store::openReadOnly(m_home->file);
        QCOMPARE(
            get(store::findRun(**db, look))->name(), std::string("layers of: Which planet is the largest of all…"));
        // The column of the third word said, a middle layer, and both panes in sight.
        QCOMPARE(m_application->selection()->position(), 4 + 2 - 1);
        QCOMPARE(m_application->selection()->layer(), 12);
        app::PageView* page = window().area().page();
        QVERIFY(page->find("chat") && page->find("inspector"));
        QTRY_VERIFY_WITH_TIMEOUT(page->find("chat")->canShow(), tests::kLong);
        QCOMPARE(page->front(), page->find("inspector"));
        // Once more: the same run, another column.
        store::RunRow row;
        QVERIFY(tests::waitFinal(m_home->file, look, 120, &row));
        addRecord("trace/span", {{"seq", 0}}, {}, look);
        m_application->selection()->setRuns({m_chat});
        m_application->panelContext().inspectAnswer(m_chat, 1, 0);
        QCOMPARE(selectedAfter(m_chat), look);
        QTRY_COMPARE_WITH_TIMEOUT(m_application->selection()->position(), 3, tests::kLong);
        // Two presses at once make one run.
        m_application->selection()->setRuns({m_chat});
        m_application->panelContext().inspectAnswer(m_chat, 1, 1);
        m_application->panelContext().inspectAnswer(m_chat, 1, 1);
        QCOMPARE(selectedAfter(m_chat), look);
        bool isOver = false;
        m_application->later([&] {
            QMetaObject::invokeMethod(
                qApp, [&] { isOver = true; }, Qt::QueuedConnection);
        });
        QTRY_VERIFY_WITH_TIMEOUT(isOver, tests::kLong);
        QCOMPARE(get(store::queryRuns(**db, {})).size(), std::size_t(2));
    }
    void answer_withoutItsPrompt_saysSo() {
        m_application->selection()->setRuns({m_chat});
        QString said;
        QTimer look;
        connect(&look, &QTimer::timeout, this, [&] {
            for (QWidget* top : QApplication::topLevelWidgets())
                if (auto* dialog = qobject_cast<QDialog*>(top); dialog && dialog->isVisible()) {
                    said = tests::wordsOf(*dialog);
                    dialog->reject();
                }
        });
        look.start(20);
        m_application->panelContext().inspectAnswer(m_chat, 3, 0);
        QTRY_VERIFY2_WITH_TIMEOUT(said.contains(QLatin1String("taken up")), qPrintable(said), tests::kLong);
        QCOMPARE(m_application->selection()->leadingRun(), m_chat);
    }
    void answer_askedWithItsLayers_isReadAtItsMostDoubtfulTokenOnceItIsSaid() {
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = "moons";
        draft.seed = 7;
        draft.parameters = {{"model", {{"path", (folder() / "m.gguf").string()}, {"weights", "f32"}}}};
        const qint64 chat =
            get(m_application->service()->submit(draft, get(m_application->catalogue().find("lm.chat"))));
        using tests::Block;
        m_application->selection()->setRuns({chat});
        app::AnswerLayers::show(*m_application, chat);
        store::RunRow row;
        QVERIFY(tests::waitFinal(m_home->file, chat, 120, &row));
        // It came to no end of its own and said nothing: there is nothing to look into.
        QTest::qWait(100);
        QCOMPARE(m_application->selection()->leadingRun(), chat);
        addRecord("chat/turn", {{"name", "turn"}, {"node", 0}, {"parent", -1}, {"role", "user"}, {"text", "Moons?"}},
            {}, chat);
        addRecord("chat/prompt", {{"node", 1}},
            Block().texts("text", {"..."}).add("id", kI32, {4}, std::vector<std::int32_t>{1, 2, 3, 4}), chat);
        std::int32_t id = 500;
        for (const float logprob : {-0.1f, -2.0f, -0.5f})
            addRecord("chat/token", {{"node", 1}},
                Block()
                    .add("id", kI32, {1}, std::vector<std::int32_t>{id++})
                    .add("logprob", kF32, {1}, std::vector<float>{logprob}),
                chat);
        addRecord("chat/turn", {{"name", "end"}, {"node", 1}, {"stop", "eos"}, {"text", ""}}, {}, chat);
        app::AnswerLayers::show(*m_application, chat);
        const qint64 look = selectedAfter(chat);
        QVERIFY(look > chat);
        QTRY_COMPARE_WITH_TIMEOUT(m_application->selection()->position(), 4 + 1 - 1, tests::kLong);
        QVERIFY(tests::waitFinal(m_home->file, look, 120, &row));
        // Who has turned to another run is left there.
        m_application->selection()->setRuns({m_chat});
        app::AnswerLayers::show(*m_application, chat);
        m_application->selection()->setRuns({look});
        m_application->selection()->setRuns({m_chat});
        QTest::qWait(200);
        QCOMPARE(m_application->selection()->leadingRun(), m_chat);
    }
    void cleanupTestCase() { m_application.reset(); }
};

QTEST_MAIN(tst_InspectAnswer)
#include "tst_inspect_answer.moc"
