// The inspector from spec to stored read-outs, through worker, journal and project file, on the packaged model.
#include <QTest>

#include "journal/array_block.h"
#include "support/temp_project.h"

using namespace dubito;

class tst_Tas : public QObject {
    Q_OBJECT
    run::PluginDescription m_plugin;
    static std::vector<journal::Array> arraysOf(const store::RecordRow& record) {
        auto arrays = journal::decodeArrayBlock(record.block);
        if (!arrays) qFatal("%s", arrays.error().text().c_str());
        return *arrays;
    }
private Q_SLOTS:
    void initTestCase() {
        auto plugin = host::readManifest(fs::path(DUBITO_BUILD) / "plugins/org.dubito.tas/0.2.0");
        QVERIFY2(plugin, plugin ? "" : plugin.error().text().c_str());
        m_plugin = *plugin;
    }
    void inspect_france_topOneOfTheLastLayerIsTheAnswer() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        auto text = readFile(fs::path(DUBITO_SOURCE) / "projects/tas_inspect.json", 1 << 20);
        auto draft = run::draftFromJson(*text);
        QVERIFY(draft);
        std::int64_t runs[2];
        for (auto& runNo : runs) {
            auto submitted = (*service)->submit(*draft, m_plugin);
            QVERIFY2(submitted, submitted ? "" : submitted.error().text().c_str());
            runNo = *submitted;
        }
        store::RunRow row;
        for (const auto runNo : runs) {
            QVERIFY(tests::waitFinal(project.file, runNo, 120, &row));
            QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        }
        auto db = store::openReadOnly(project.file);
        QVERIFY(db);
        // Tokens of the answer, and for each position the last layer's first candidate: they agree.
        std::vector<std::int32_t> ids;
        for (const auto& record : *store::queryRecords(**db, runs[0], "trace/token")) {
            const auto arrays = arraysOf(record);
            const auto part = arrays[0].as<std::int32_t>();
            ids.insert(ids.end(), part.begin(), part.end());
        }
        QCOMPARE(ids.size(), std::size_t(5 + 12));
        QCOMPARE(ids[5], 7042);  // " Paris"
        std::vector<std::uint32_t> top;
        std::int64_t layers = 0;
        for (const auto& record : *store::queryRecords(**db, runs[0], "lens/topk_id")) {
            const auto arrays = arraysOf(record);
            layers = arrays[0].shape[1];
            const auto values = arrays[0].as<std::uint32_t>();
            for (std::int64_t i = 0; i < arrays[0].shape[0]; ++i)
                top.push_back(values[static_cast<std::size_t>((i * layers + layers - 1) * arrays[0].shape[2])]);
        }
        QCOMPARE(layers, 31);
        for (std::size_t position = 4; position + 1 < ids.size(); ++position)
            QCOMPARE(top[position], static_cast<std::uint32_t>(ids[position + 1]));
        // From some layer on the answer leads and stays: not from the first, and before the last.
        int leads = 31;
        for (const auto& record : *store::queryRecords(**db, runs[0], "lens/stats")) {
            const auto meta = parseJson(record.metaJson);
            const auto arrays = arraysOf(record);
            const auto at = 4 - integerOr(*meta, "first", 0);
            if (at < 0 || at >= arrays[0].shape[0]) continue;
            const auto values = arrays[0].as<float>();
            for (int layer = 30; layer >= 0 && values[static_cast<std::size_t>((at * 31 + layer) * 5 + 3)] == 0;
                 --layer)
                leads = layer;
            QCOMPARE(values[static_cast<std::size_t>((at * 31 + 30) * 5 + 2)], 0.0f);
        }
        QVERIFY2(leads > 15 && leads <= 30, qPrintable(QString("leads from layer %1").arg(leads)));
        // The same spec twice: bit-equal tensors.
        for (const auto& series : *store::querySeries(**db, runs[0])) {
            if (!journal::isBulk(series.kind)) continue;
            const auto first = *store::queryRecords(**db, runs[0], series.key),
                       second = *store::queryRecords(**db, runs[1], series.key);
            QCOMPARE(first.size(), second.size());
            for (std::size_t i = 0; i < first.size(); ++i)
                QVERIFY2(
                    first[i].block == second[i].block && first[i].metaJson == second[i].metaJson, series.key.c_str());
        }
    }
    void givenAnswer_sameTokensAsGenerated_readsBitForBitTheSame() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 2;
        store::RunRow row;
        const auto finished = [&](const Json& parameters) {
            draft.parameters = parameters;
            auto runNo = (*service)->submit(draft, m_plugin);
            if (!runNo) qFatal("%s", runNo.error().text().c_str());
            if (!tests::waitFinal(project.file, *runNo, 120, &row)) qFatal("the run does not end");
            return *runNo;
        };
        // A prompt of several passes, wrapped as a turn, and an answer over several batches of read-outs.
        std::string question = "Which planet is the largest?";
        while (question.size() < 400) question += " Think of all the planets, one after the other.";
        const auto spoken = finished({{"prompt", {{"text", question}, {"chat", true}}}, {"gen", {{"max_tokens", 12}}}});
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = store::openReadOnly(project.file);
        QVERIFY(db);
        std::string ids;
        std::int64_t from = 0, count = 0;
        for (const auto& record : *store::queryRecords(**db, spoken, "trace/token")) {
            const auto arrays = arraysOf(record);
            for (const auto id : arrays[0].as<std::int32_t>()) ids += std::to_string(id) + " ", ++count;
            from = integerOr(*parseJson(record.metaJson), "prompt", 0);
        }
        QVERIFY(from > 64 && count > from && count <= from + 12);
        const auto given = finished({{"prompt", {{"ids", ids}, {"answer_from", from}}}, {"gen", {{"max_tokens", 1}}}});
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        int compared = 0;
        for (const auto& series : *store::querySeries(**db, spoken)) {
            if (!journal::isBulk(series.kind) || series.key == "trace/span") continue;
            const auto first = *store::queryRecords(**db, spoken, series.key),
                       second = *store::queryRecords(**db, given, series.key);
            QVERIFY2(first.size() == second.size(), series.key.c_str());
            for (std::size_t i = 0; i < first.size(); ++i, ++compared)
                QVERIFY2(
                    first[i].block == second[i].block && first[i].metaJson == second[i].metaJson, series.key.c_str());
        }
        QVERIFY(compared > 20);
        const auto spans = *store::queryRecords(**db, given, "trace/span");
        QCOMPARE(spans.size(), std::size_t(1));
        QCOMPARE(textOr(*parseJson(spans[0].metaJson), "stop", ""), std::string("given"));
        // Another word than the model would have said is read as given, and its probability is its own.
        const auto other = finished(
            {{"prompt", {{"ids", ids.substr(0, ids.rfind(' ', ids.size() - 2)) + " 28"}, {"answer_from", from}}}});
        const auto tokens = *store::queryRecords(**db, other, "trace/token");
        QCOMPARE(arraysOf(tokens.back())[0].as<std::int32_t>().back(), 28);
    }
    void givenIds_thatAreNone_areRefusedWithASentence() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 1;
        store::RunRow row;
        for (const auto& [ids, from, sentence] :
            {std::tuple("1 2 word", 0, "place 2"), std::tuple("1 49152", 0, "vocabulary"),
                std::tuple("1 -3", 0, "place 1"), std::tuple("1 99999999999", 0, "place 1"),
                std::tuple("1 2 3", 3, "behind the 3 token ids"), std::tuple("  ", 0, "no tokens")}) {
            draft.parameters = {{"prompt", {{"ids", ids}, {"answer_from", from}}}};
            auto runNo = (*service)->submit(draft, m_plugin);
            QVERIFY2(runNo, runNo ? "" : runNo.error().text().c_str());
            QVERIFY(tests::waitFinal(project.file, *runNo, 60, &row));
            QCOMPARE(row.state, static_cast<int>(run::RunState::Failed));
            QVERIFY2(row.detail.find(sentence) != std::string::npos, row.detail.c_str());
        }
    }
    void session_commands_branchPromptAndPatch() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 2;
        draft.parameters = Json::parse(R"({"gen":{"max_tokens":3},"session":{"keep":true}})");
        auto runNo = (*service)->submit(draft, m_plugin);
        QVERIFY(runNo);
        const auto waitFor = [&](const char* key, std::size_t n) {
            for (int i = 0; i < 600; ++i) {
                auto db = store::Database::open(project.file, store::Database::Mode::ReadOnly);
                auto records = store::queryRecords(**db, *runNo, key);
                if (records && records->size() >= n) return true;
                QThread::msleep(100);
            }
            return false;
        };
        QVERIFY(waitFor("trace/span", 1));
        QVERIFY((*service)->command(*runNo, "branch", R"({"seq":0,"position":5,"token":260,"max_new":2})"));
        QVERIFY((*service)->command(*runNo, "set_capture", R"({"attention":"full"})"));
        QVERIFY((*service)->command(*runNo, "prompt", R"({"text":"Once upon a time","max_new":2})"));
        QVERIFY(waitFor("trace/span", 3));
        QVERIFY((*service)->command(*runNo, "prompt", R"({"ids":"504 3575 282 4649 314 7042","answer_from":5})"));
        QVERIFY(waitFor("trace/span", 4));
        QVERIFY(waitFor("attn/full", 1));
        QVERIFY((*service)->command(*runNo, "causal",
            R"({"kind":"patch","clean":"The capital of France is","corrupt":"The capital of Italy is"})"));
        QVERIFY(waitFor("causal/effect", 1));
        // On what was read, token for token: the same numbers as by its text, and a stretch replaced.
        QVERIFY((*service)->command(*runNo, "causal",
            R"({"kind":"patch","seq":0,"end":5,"from":0,"to":5,"corrupt":"The capital of Italy is"})"));
        QVERIFY(waitFor("causal/effect", 2));
        {
            auto during = store::openReadOnly(project.file);
            const auto grids = *store::queryRecords(**during, *runNo, "causal/effect");
            QCOMPARE(grids[0].block, grids[1].block);
            QCOMPARE(grids[0].metaJson, grids[1].metaJson);
        }
        QVERIFY((*service)->command(*runNo, "causal", R"({"kind":"zero","site":"mlp","seq":4711,"end":5})"));
        QVERIFY((*service)->command(
            *runNo, "branch", R"({"seq":99,"position":5,"token":260})"));  // refused by the plugin, logged
        QThread::msleep(500);
        QVERIFY((*service)->cancel(*runNo));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 30, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Cancelled));
        auto db = store::openReadOnly(project.file);
        auto lines = store::queryLog(**db, {*runNo}, 1, "branch refused", 10);
        QVERIFY(lines && lines->size() == 1);
        bool branched = false;
        for (const auto& record : *store::queryRecords(**db, *runNo, "trace/token")) {
            const auto meta = parseJson(record.metaJson);
            branched |= integerOr(*meta, "parent", -1) == 0 && integerOr(*meta, "branch_pos", -1) == 5;
        }
        QVERIFY(branched);
    }
    void session_answerStillSpoken_isBranchedAtATokenThatIsThere() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        run::RunDraft draft;
        draft.threads = 2;
        draft.parameters = Json::parse(R"({"gen":{"max_tokens":150},"session":{"keep":true}})");
        auto runNo = (*service)->submit(draft, m_plugin);
        QVERIFY(runNo);
        const auto tokensOf = [&](std::int64_t parent) {
            std::size_t out = 0;
            auto db = store::Database::open(project.file, store::Database::Mode::ReadOnly);
            for (const auto& record : *store::queryRecords(**db, *runNo, "trace/token"))
                out += integerOr(*parseJson(record.metaJson), "parent", -1) == parent;
            return out;
        };
        for (int i = 0; i < 1200 && tokensOf(-1) == 0; ++i) QThread::msleep(50);
        QVERIFY(tokensOf(-1) > 0);
        QVERIFY((*service)->command(*runNo, "branch", R"({"seq":0,"position":5,"token":260,"max_new":2})"));
        for (int i = 0; i < 1200 && tokensOf(0) == 0; ++i) QThread::msleep(100);
        QVERIFY(tokensOf(0) > 0);
        QVERIFY((*service)->cancel(*runNo));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 30, &row));
    }
    void inspect_badInput_isRefusedWithASentence() {
        tests::TempProject project;
        auto service = run::RunService::open(project.file, {});
        QVERIFY(service);
        QTemporaryDir dir;
        const std::string bad = dir.path().toStdString() + "/bad.gguf";
        QVERIFY(writeFileAtomic(bad, "GGUF but not really a model file"));
        run::RunDraft draft;
        draft.threads = 1;
        draft.parameters = {{"model", {{"path", bad}}}};
        auto runNo = (*service)->submit(draft, m_plugin);
        QVERIFY(runNo);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 60, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Failed));
        QVERIFY2(row.detail.find("GGUF") != std::string::npos, row.detail.c_str());
        draft.parameters = {{"prompt", {{"text", std::string(90'000, 'x') + " y"}}}};
        auto tooLong = (*service)->submit(draft, m_plugin);
        QVERIFY(tooLong);
        QVERIFY(tests::waitFinal(project.file, *tooLong, 60, &row));
        QVERIFY2(row.detail.find("positions") != std::string::npos, row.detail.c_str());
    }
};

QTEST_GUILESS_MAIN(tst_Tas)
#include "tst_tas.moc"
