// The lesson of the Training page on the model that comes with the program: taught, asked, and repeated from its spec.
#include <QTest>

#include "actions/teach.h"
#include "lm/beside_data.h"
#include "lm/data_panel.h"
#include "run/checkpoint.h"
#include "run/repeat.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using tests::get;

class tst_Lesson : public QObject {
    Q_OBJECT
    run::PluginDescription m_train, m_beside;

    static QString said(const lmview::WeighedAnswer& answer) {
        QString out;
        for (const auto& chip : answer.chips)
            if (!chip.isSpecial) out += chip.text;
        return out.trimmed();
    }
private Q_SLOTS:
    void initTestCase() {
        const auto library = get(host::readManifests(fs::path(DUBITO_BUILD) / "plugins/org.dubito.lm/0.2.0"));
        m_train = get(host::pickPlugin(library, "lm.train"));
        m_beside = get(host::pickPlugin(library, "lm.beside"));
    }
    void lesson_fiveExamples_areAnsweredAsTaught() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        const auto examples = lmview::firstExamples();
        run::RunDraft draft;
        draft.pluginId = m_train.id;
        draft.threads = 2;
        draft.parameters = lmview::lessonParameters();
        draft.parameters["train"]["steps"] = 32;  // enough to be heard; the button's lesson takes more of them
        draft.parameters["train"]["data"] = get(app::keepLines(lmview::linesOf(examples))).string();
        const auto trained = get(service->submit(draft, m_train));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, trained, 300, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = get(store::openReadOnly(project.file));

        // The spec alone names the rows: they are found where they were kept.
        run::RepeatableRun again = get(run::repeatableRun(*db, trained));
        run::putPaths(again.draft, again.assets, m_train);
        QCOMPARE(hexText(get(run::freeze(again.draft, m_train)).spec.hash()), row.specHash);

        const fs::path job = get(store::queryAttempts(*db, trained)).back().jobDir;
        run::RunDraft ask;
        ask.pluginId = m_beside.id;
        ask.threads = 2;
        ask.parameters = {{"model", {{"adapter", run::CheckpointStore(job).newest()->folder.string()}}},
            {"ask", {{"max_tokens", 16}}}, {"session", {{"keep", true}}}};
        const auto beside = get(service->submit(ask, m_beside));
        for (const auto& example : examples)
            QVERIFY(service->command(beside, "ask", jsonText({{"text", example.question.toStdString()}})));
        lmview::BesideData data;
        QTRY_VERIFY_WITH_TIMEOUT(
            (data = get(lmview::loadBeside(*db, trained, {m_beside.id}, 0))).questions.size() == examples.size(),
            900'000);
        QCOMPARE(data.beside->runNo, beside);  // found by the folder that its adapter lies in
        int asTaught = 0, asBase = 0;
        for (int i = 0; i < examples.size(); ++i) {
            const auto& question = data.questions[i];
            QCOMPARE(question.text, examples[i].question);
            asTaught += said(question.taught) == examples[i].answer;
            asBase += said(question.base) == examples[i].answer;
            QVERIFY(question.taught.sumTaught() > question.taught.sumBase());
        }
        QVERIFY2(asTaught >= 3 && asBase < asTaught, qPrintable(QStringLiteral("%1, %2").arg(asTaught).arg(asBase)));
        QVERIFY(service->cancel(beside));
    }
};

QTEST_GUILESS_MAIN(tst_Lesson)
#include "tst_lesson.moc"
