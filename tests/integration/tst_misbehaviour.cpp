// A plugin that throws, aborts, crashes, hangs or eats memory ends as a failed run with its reason; everything else
// goes on.
#include <QTest>

#include "run/supervisor.h"
#include "support/temp_project.h"

using namespace dubito;

class tst_Misbehaviour : public QObject {
    Q_OBJECT
    run::PluginDescription m_plugin;
private Q_SLOTS:
    void initTestCase() {
        auto plugin = host::readManifest(DUBITO_FAKE_PLUGIN);
        QVERIFY2(plugin, plugin ? "" : plugin.error().text().c_str());
        m_plugin = *plugin;
    }
    void run_misbehaving_endsWithItsCause_data() {
        QTest::addColumn<QString>("how");
        QTest::addColumn<int>("cause");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* how, run::Cause cause, const char* says) {
            QTest::newRow(how) << QString(how) << static_cast<int>(cause) << QString(says);
        };
        row("throw", run::Cause::Error, "asked to throw");
        row("throw_int", run::Cause::Error, "no std::exception");
        row("status", run::Cause::Error, "refuses its data");
#ifndef __SANITIZE_ADDRESS__
        row("abort", run::Cause::Crash, "SIGABRT");
        row("segfault", run::Cause::Crash, "SIGSEGV");
        row("eat", run::Cause::Memory, "memory");
#endif
    }
    void run_misbehaving_endsWithItsCause() {
        QFETCH(QString, how);
        QFETCH(int, cause);
        QFETCH(QString, says);
        tests::TempProject project;
        qputenv("DUBITO_RUN_MEMORY", "400000000");
        auto service = run::RunService::open(project.file, {});
        QVERIFY2(service, service ? "" : service.error().text().c_str());
        run::RunDraft bad;
        bad.threads = 1;
        bad.parameters = {{"do", how.toStdString()}, {"at", 50}};
        run::RunDraft good = bad;
        good.parameters = {{"do", "count"}, {"steps", 300}, {"sleep_us", 1000}};
        auto badNo = (*service)->submit(bad, m_plugin);
        auto goodNo = (*service)->submit(good, m_plugin);
        QVERIFY(badNo && goodNo);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *badNo, 60, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Failed));
        QCOMPARE(row.cause, cause);
        QVERIFY2(QString::fromStdString(row.detail).contains(says), row.detail.c_str());
        if (cause == static_cast<int>(run::Cause::Crash))
            QVERIFY2(QString::fromStdString(row.detail).contains("fake is active"), row.detail.c_str());
        auto db = store::openReadOnly(project.file);
        auto points = store::queryPoints(**db, *badNo, "fake/count", 0, 1000, 0);
        QVERIFY(points);
        QCOMPARE(points->size(), std::size_t(51));  // every record up to that moment
        QVERIFY(tests::waitFinal(project.file, *goodNo, 60, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Done));
        qunsetenv("DUBITO_RUN_MEMORY");
    }
    void run_hanging_isEndedByTheLadder() {
        tests::TempProject project;
        run::RunService::Options options;
        options.ladder = {std::chrono::milliseconds(300), std::chrono::milliseconds(300)};
        auto service = run::RunService::open(project.file, options);
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 1;
        draft.parameters = {{"do", "hang"}, {"at", 5}};
        auto runNo = (*service)->submit(draft, m_plugin);
        QVERIFY(runNo);
        QThread::msleep(700);
        QVERIFY((*service)->cancel(*runNo));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 20, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Cancelled));
    }
    void run_flooding_losesNothing() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 1;
        draft.parameters = {{"do", "flood"}, {"steps", 30}};
        auto runNo = (*service)->submit(draft, m_plugin);
        QVERIFY(runNo);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 120, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Done));
        auto db = store::openReadOnly(project.file);
        auto metrics = store::queryMetrics(**db, *runNo);
        QVERIFY(metrics && !metrics->empty());
        QCOMPARE(metrics->at(0).n, 300'000);
    }
    void run_idle_answersCommandsUntilStopped() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 1;
        draft.parameters = {{"do", "idle"}, {"steps", 3}};
        auto runNo = (*service)->submit(draft, m_plugin);
        QVERIFY(runNo);
        QThread::msleep(500);
        QVERIFY((*service)->command(*runNo, "echo", R"({"text":"hello"})"));
        QVERIFY((*service)->command(*runNo, "nonsense", "{}"));
        QVERIFY(!(*service)->command(*runNo, "echo", "[1]"));
        const auto isAnswered = [&] {
            auto db = store::openReadOnly(project.file);
            auto lines =
                db ? store::queryLog(**db, {*runNo}, 4, "", 100) : Result<std::vector<store::LogRow>>(db.error());
            int answers = 0;
            for (std::size_t i = 0; lines && i < lines->size(); ++i)
                answers +=
                    (*lines)[i].text == "echo hello" || (*lines)[i].text.find("nonsense refused") != std::string::npos;
            return answers == 2;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isAnswered(), 300'000);
        QVERIFY((*service)->cancel(*runNo));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 20, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Cancelled));
        auto db = store::openReadOnly(project.file);
        auto lines = store::queryLog(**db, {*runNo}, 4, "", 100);
        QVERIFY(lines);
        bool echoed = false, refused = false;
        for (const auto& line : *lines) {
            echoed |= line.text == "echo hello";
            refused |= line.text.find("nonsense refused") != std::string::npos;
        }
        QVERIFY(echoed && refused);
    }
    void spec_missingModel_makesNoRow() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::PluginDescription needy = m_plugin;
        needy.inputs.push_back({"model", "data", "a file", "", true});
        QVERIFY(!(*service)->submit({}, needy));
        run::RunDraft wrong;
        wrong.parameters = {{"steps", 0}};
        auto refused = (*service)->submit(wrong, m_plugin);
        QVERIFY(!refused && refused.error().code() == Code::InvalidParameters);
        auto db = store::openReadOnly(project.file);
        QCOMPARE(store::queryCounter(**db, "run") ? *store::queryCounter(**db, "run") : -1, 0);
    }
};

QTEST_GUILESS_MAIN(tst_Misbehaviour)
#include "tst_misbehaviour.moc"
