// Specs, parameter schemas, states, control files.
#include <QTest>

#include <thread>

#include "run/control.h"
#include "run/param_schema.h"
#include "stats/counter_rng.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::run;
using tests::get;

class tst_Run : public QObject {
    Q_OBJECT
    static constexpr const char* kGolden =
        R"({"data":[],"device":"cpu","models":[],"params":{"bias":7e-01,"flips":200},)"
        R"("plugin":{"id":"org.example.coin_doubt","version":"1.0.0"},"schema":"dubito.spec/1",)"
        R"("seed":42,"threads":1,"warm_start":null,"world_size":1})";
private Q_SLOTS:
    void spec_golden_hashes() {
        QCOMPARE(std::string(kGolden).size(), std::size_t(213));
        auto spec = RunSpec::parse(kGolden);
        QVERIFY(spec);
        QCOMPARE(
            hexText(spec->hash()), std::string("1d0a374108b7e2b659ec209e33a159e519213767c22b5c7a4dc81e705a65413b"));
        QCOMPARE(hexText(spec->groupHash()),
            std::string("d709a68044af65e68ba497b7c7395166a5699495e894d8fe921099f097b96ae5"));
    }
    void spec_wrong_isRefused_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("space") << "\"seed\":42"
                               << "\"seed\": 42";
        QTest::newRow("unknown key") << "\"seed\":42"
                                     << "\"seed\":42,\"sod\":1";
        QTest::newRow("device") << "\"cpu\""
                                << "\"tpu\"";
        QTest::newRow("threads") << "\"threads\":1"
                                 << "\"threads\":0";
        QTest::newRow("number form") << "7e-01"
                                     << "0.7";
    }
    void spec_wrong_isRefused() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QVERIFY(!RunSpec::parse(QString(kGolden).replace(from, to).toStdString()));
    }
    void freeze_coinDraft_givesTheGoldenBytes() {
        auto plugin = host::readManifest(fs::path(DUBITO_BUILD) / "plugins/org.example.coin_doubt/1.0.0");
        QVERIFY2(plugin, plugin ? "" : plugin.error().text().c_str());
        RunDraft draft;
        draft.seed = 42;
        draft.threads = 1;
        auto frozen = freeze(draft, *plugin);
        QVERIFY(frozen);
        QCOMPARE(frozen->spec.text(), std::string(kGolden));
        draft.device = "cuda";
        QVERIFY(freeze(draft, *plugin).error().code() == Code::DeviceUnavailable);
    }
    void freeze_deviceAuto_becomesWhatIsHere() {
        PluginDescription plugin;
        plugin.id = "org.example.talk";
        plugin.version = "1.0.0";
        plugin.parameters = Json::parse(R"({"type":"object","properties":{}})");
        RunDraft draft;
        draft.device = "auto";
        QCOMPARE(get(freeze(draft, plugin)).spec.device(), std::string("cpu"));  // it has no GPU code
        plugin.gpu = "optional";
        const std::string here = hasCudaDevice() ? "cuda" : "cpu";
        const auto found = get(freeze(draft, plugin)).spec;
        QCOMPARE(found.device(), here);
        draft.device = here;
        QVERIFY(get(freeze(draft, plugin)).spec.hash() == found.hash());
    }
    void group_sameSettingsOnTwoDays_isOne() {
        PluginDescription plugin;
        plugin.id = "org.example.talk";
        plugin.version = "1.0.0";
        plugin.parameters = Json::parse(
            R"({"type":"object","properties":{"t":{"type":"object","properties":{"date":{"type":"string","default":"",)"
            R"("x-fill":"today"}}},"n":{"type":"integer","default":1}}})");
        const auto frozen = [&](const RunDraft& draft) { return get(freeze(draft, plugin)).spec; };
        RunDraft draft;
        draft.pluginId = plugin.id;
        draft.threads = 1;
        const RunSpec today = frozen(draft);
        QCOMPARE(jsonText(today.json()["filled"]), std::string(R"(["/t/date"])"));
        const std::string day = today.parameters()["t"]["date"];
        QCOMPARE(day.size(), std::size_t(10));
        std::string text = today.text();
        text.replace(text.find(day), day.size(), "2024-02-29");  // as another day would have written it
        const RunSpec then = get(RunSpec::parse(text));
        QVERIFY(then.hash() != today.hash());
        QCOMPARE(hexText(then.groupHash()), hexText(today.groupHash()));
        QCOMPARE(then.groupParameters()["t"]["date"].get<std::string>(), std::string());

        // Repeated from its spec it is the same run of the same group; a day that a person wrote is another group.
        RunDraft again = get(draftFromJson(then.text()));
        QCOMPARE(hexText(frozen(again).hash()), hexText(then.hash()));
        again.parameters["t"]["date"] = "2024-03-01";
        const RunSpec typed = frozen(again);
        QVERIFY(!typed.json().contains("filled"));
        QVERIFY(typed.groupHash() != today.groupHash());
        again = get(draftFromJson(then.text()));
        again.filled.clear();
        QVERIFY(frozen(again).groupHash() != today.groupHash());
    }
    void spec_filledThatIsNoText_isRefused() {
        for (const char* filled : {"[]", "1", R"(["/n"])", R"(["/x"])", R"(["/s"])", R"([1])", R"(["/t","/t"])"}) {
            const std::string text =
                R"({"data":[],"device":"cpu","filled":)" + std::string(filled) +
                R"(,"models":[],"params":{"n":1,"s":"","t":"x"},"plugin":{"id":"a.b","version":"1.0.0"},)"
                R"("schema":"dubito.spec/1","seed":1,"threads":1,"warm_start":null,"world_size":1})";
            QVERIFY2(!RunSpec::parse(text), filled);
            QVERIFY2(!draftFromJson(text), filled);
        }
    }
    void draft_whatIsNotBuiltYet_isRefusedBeforeAnyRow_data() {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("named");
        QTest::newRow("several processes") << R"("world_size":4)"
                                           << "/world_size is 4";
        QTest::newRow("no process") << R"("world_size":0)"
                                    << "/world_size is 0";
        QTest::newRow("warm start") << R"("warm_start":{"run":"x","step":1,"sha256":"y"})"
                                    << "/warm_start";
    }
    void draft_whatIsNotBuiltYet_isRefusedBeforeAnyRow() {
        QFETCH(QString, json);
        QFETCH(QString, named);
        auto draft = draftFromJson((R"({"plugin":"org.example.coin_doubt",)" + json + "}").toStdString());
        QVERIFY(!draft && draft.error().code() == Code::Unsupported);
        QVERIFY2(QString::fromStdString(draft.error().text()).contains(named), draft.error().text().c_str());
    }
    void submit_severalProcesses_makesNeitherRowNorFolder() {
        tests::TempProject project;
        auto plugin = host::readManifest(fs::path(DUBITO_BUILD) / "plugins/org.example.coin_doubt/1.0.0");
        auto service = RunService::open(project.file, {});
        QVERIFY(plugin && service);
        RunDraft draft;
        draft.worldSize = 4;
        auto refused = (*service)->submit(draft, *plugin);
        QVERIFY(!refused && refused.error().code() == Code::Unsupported);
        QVERIFY2(refused.error().text().find("several processes") != std::string::npos, refused.error().text().c_str());
        service->reset();
        auto db = store::openReadOnly(project.file);
        QVERIFY(db);
        QCOMPARE(*store::queryCounter(**db, "run"), std::int64_t(0));
        QVERIFY(!fs::exists(dataHome() / "jobs"));
    }
    void draft_wrongTypes_areRefused() {
        const std::vector<std::pair<const char*, Json>> wrong = {{"device", 1}, {"title", Json::array()},
            {"schema", "dubito.spec/2"}, {"params", Json::array()}, {"seed", -1}, {"seed", 1.5}, {"threads", "2"}};
        for (const auto& [key, value] : wrong) {
            Json asked = {{"plugin", "org.example.coin_doubt"}};
            asked[key] = value;
            QVERIFY2(!draftFromJson(jsonText(asked)), key);
        }
    }
    void draft_longConversation_isTaken() {
        const std::string turns(1'500'000, 'x');
        const Json asked = {{"plugin", "org.example.chat"}, {"params", {{"turns", turns}}}};
        auto draft = draftFromJson(jsonText(asked));
        QVERIFY2(draft, draft ? "" : draft.error().text().c_str());
        PluginDescription plugin;
        plugin.id = "org.example.chat";
        plugin.version = "1.0.0";
        plugin.parameters = Json::parse(
            R"({"type":"object","properties":{"turns":{"type":"string","default":"","maxLength":2000000}}})");
        auto frozen = freeze(*draft, plugin);
        QVERIFY2(frozen, frozen ? "" : frozen.error().text().c_str());
        QVERIFY(RunSpec::parse(frozen->spec.text()));
    }
    void schema_values_areNamedInRefusals() {
        const Json schema =
            Json::parse(R"({"type":"object","properties":{"bias":{"type":"number","minimum":0,"maximum":1,)"
                        R"("default":0.5},"n":{"type":"integer","default":3},"deep":{"type":"object",)"
                        R"("properties":{"mode":{"type":"string","enum":["a","b"],"default":"a"}}},)"
                        R"("list":{"type":"array","items":{"type":"integer"},"maxItems":2,"default":[]}}})");
        QVERIFY(checkSchema(schema));
        auto filled = applySchema(schema, Json::object());
        QVERIFY(filled);
        QCOMPARE(jsonText(*filled), std::string(R"({"bias":0.5,"n":3,"deep":{"mode":"a"},"list":[]})"));
        const auto refusal = [&](const char* text) {
            auto applied = applySchema(schema, Json::parse(text));
            return applied ? std::string("accepted") : applied.error().message();
        };
        QCOMPARE(refusal(R"({"bias":1.4})"), std::string("/bias is 1.4; allowed 0 to 1"));
        QCOMPARE(refusal(R"({"deep":{"mode":"c"}})"), std::string(R"(/deep/mode is "c"; allowed ["a","b"])"));
        QCOMPARE(refusal(R"({"nope":1})"), std::string("/nope is not a parameter here"));
        QVERIFY(refusal(R"({"n":1.5})").find("whole number") != std::string::npos);
        QVERIFY(refusal(R"({"list":[1,2,3]})").find("too many") != std::string::npos);
        QVERIFY(!checkSchema(Json::parse(R"({"type":"object","properties":{"a":{"type":"number","if":{}}}})")));
        QVERIFY(!checkSchema(
            Json::parse(R"({"type":"object","properties":{"a":{"type":"number","maximum":1,"default":2}}})")));
        Json values = Json::object();
        QVERIFY(setByPath(schema, values, "deep.mode", "b") && setByPath(schema, values, "bias", "0.25"));
        QCOMPARE(jsonText(values), std::string(R"({"deep":{"mode":"b"},"bias":0.25})"));
        QVERIFY(!setByPath(schema, values, "deep.mod", "b"));
    }
    void states_table_isClosed() {
        int legal = 0;
        for (int from = 0; from < 8; ++from)
            for (int to = 0; to < 8; ++to) legal += isLegalMove(static_cast<RunState>(from), static_cast<RunState>(to));
        QCOMPARE(legal, 24);
        QVERIFY(!isLegalMove(RunState::Done, RunState::Running));
        QVERIFY(isLegalMove(std::nullopt, RunState::Queued) && !isLegalMove(std::nullopt, RunState::Running));
    }
    void control_manySenders_keepDenseSequences() {
        QTemporaryDir dir;
        const fs::path root = fs::path(dir.path().toStdString()) / makeUuid().text();
        QVERIFY(makeFolders(root / "control"));
        const JobDir job(root);
        std::vector<std::thread> senders;
        for (int t = 0; t < 4; ++t)
            senders.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i)
                    if (!sendCommand(job, "verb" + std::to_string(t), "{\"i\":" + std::to_string(i) + "}"))
                        qFatal("send");
            });
        for (auto& sender : senders) sender.join();
        ControlReader reader(job);
        std::vector<std::uint64_t> sequences;
        reader.poll([&](std::uint64_t sequence, const journal::Command&) { sequences.push_back(sequence); });
        QCOMPARE(sequences.size(), std::size_t(200));
        for (std::size_t i = 0; i < sequences.size(); ++i) QCOMPARE(sequences[i], i);
    }
    void service_coinDoubt_matchesTheClosedForm() {
        tests::TempProject project;
        auto plugin = host::readManifest(fs::path(DUBITO_BUILD) / "plugins/org.example.coin_doubt/1.0.0");
        auto service = RunService::open(project.file, {});
        QVERIFY2(service, service ? "" : service.error().text().c_str());
        RunDraft draft;
        draft.seed = 42;
        draft.threads = 1;
        auto runNo = (*service)->submit(draft, *plugin);
        QVERIFY(runNo);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, *runNo, 30, &row));
        QCOMPARE(row.state, static_cast<int>(RunState::Done));
        auto db = store::openReadOnly(project.file);
        auto points = store::queryPoints(**db, *runNo, "eval/posterior_mean", 0, 1000, 0);
        QVERIFY(points && points->size() == 200);
        stats::CounterRng rng(42, "flips", 0);
        double heads = 1, tails = 1;
        for (std::size_t i = 0; i < 200; ++i) {
            (rng.uniform() < 0.7 ? heads : tails) += 1;
            QCOMPARE(points->values[i], heads / (heads + tails));
        }
    }
};

QTEST_GUILESS_MAIN(tst_Run)
#include "tst_run.moc"
