// Data before and during a fine-tune: what is refused with its lines, and held-out sets under names with their items.
#include <QTest>

#include "base/json.h"
#include "journal/array_block.h"
#include "lm/formats/convert.h"
#include "lm/formats/random_model.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using tests::get;

namespace {

std::string talk(const std::string& question, const std::string& answer) {
    Json turns = Json::array({{{"role", "user"}, {"content", question}}});
    if (!answer.empty()) turns.push_back({{"role", "assistant"}, {"content", answer}});
    return jsonText({{"messages", turns}}) + "\n";
}

}  // namespace

class tst_HeldOut : public QObject {
    Q_OBJECT
    run::PluginDescription m_train, m_convert;
    QTemporaryDir m_dir;
    std::string m_model;

    std::string write(const std::string& name, const std::string& text) const {
        const std::string path = m_dir.filePath(QString::fromStdString(name)).toStdString();
        if (!writeFileAtomic(path, text)) qFatal("no file");
        return path;
    }
    store::RunRow train(const tests::TempProject& project, run::RunService& service, const Json& more) const {
        run::RunDraft draft;
        draft.parameters["train"] = {{"steps", 1}, {"seq_len", 64}, {"batch_tokens", 64}, {"micro_rows", 1},
            {"lora_rank", 2}, {"lr", 0.05}, {"holdout", 0}};
        draft.parameters["train"].merge_patch(more);
        draft.parameters["model"]["path"] = m_model;
        draft.pluginId = m_train.id;
        draft.threads = 1;
        const auto runNo = get(service.submit(draft, m_train));
        store::RunRow row;
        if (!tests::waitFinal(project.file, runNo, 120, &row)) qFatal("the run does not end");
        return row;
    }
private Q_SLOTS:
    void initTestCase() {
        const auto library = get(host::readManifests(fs::path(DUBITO_BUILD) / "plugins/org.dubito.lm/0.2.0"));
        m_train = get(host::pickPlugin(library, "lm.train"));
        m_convert = get(host::pickPlugin(library, "lm.convert"));
        m_model = m_dir.filePath("tiny.gguf").toStdString();
        QVERIFY(lm::writeGguf(*get(lm::makeRandomModel({}, 3)), m_model, {}));
    }
    void training_awkwardData_isTrainedOrRefusedWithItsLine_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("refusal");  // a part of it; empty: it trains
        const auto row = [](const char* what, const std::string& content, const char* refusal = "",
                             const char* name = "rows.jsonl") {
            QTest::newRow(what) << QString::fromLatin1(name) << QByteArray::fromStdString(content)
                                << QString::fromUtf8(refusal);
        };
        const std::string good = talk("a", "yes") + talk("b", "no");
        row("messages", good);
        row("prompt and answer", "{\"prompt\":\"a\",\"answer\":\"yes\"}\n{\"prompt\":\"b\",\"completion\":\"no\"}\n");
        row("text lines", "{\"text\":\"a river\"}\n{\"text\":\"a hill\"}\n");
        row("plain text", "a river runs\n\na hill stands\n", "", "rows.txt");
        std::string crlf = good;
        for (std::size_t at = 0; (at = crlf.find('\n', at)) != std::string::npos; at += 2) crlf.insert(at, "\r");
        row("CRLF", crlf);
        row("byte order mark", "\xEF\xBB\xBF" + good);
        row("empty answer among others",
            good + R"({"messages":[{"role":"user","content":"c"},{"role":"assistant","content":""}]})");
        row("tool turns",
            R"({"messages":[{"role":"user","content":"c"},{"role":"assistant","content":null,"tool_calls":[{"type":"function","function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"4"},{"role":"assistant","content":"four"}]})");
        std::string longLine = good;
        std::string words;
        for (int i = 0; i < 100'000; ++i) words += " a";
        row("a line of 100,000 tokens", longLine + talk("c", words));
        row("invalid UTF-8", good + "{\"prompt\":\"a\",\"answer\":\"\xFF\xFE\"}\n", "line 3");
        row("a key that stands twice", good + "{\"prompt\":\"a\",\"prompt\":\"b\",\"answer\":\"c\"}\n", "line 3");
        row("an unknown role", good + R"({"messages":[{"role":"robot","content":"c"}]})", "line 3");
        row("a cut line", good + "{\"prompt\":\"a\",\"ans", "line 3");
        row("no target at all", talk("a", "") + talk("b", ""), "2 have no answer: line 1, line 2");
        row("one of three without a target", good + talk("c", ""),
            "nothing is learned from 1 of 3 rows (33.3 %): they have no turn of an assistant, or one that is not to be "
            "learned (line 3)");
        row("an empty file", "", "no");
    }
    void training_awkwardData_isTrainedOrRefusedWithItsLine() {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(QString, refusal);
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        const auto row = train(project, *service, {{"data", write(name.toStdString(), content.toStdString())}});
        const bool isDone = row.state == static_cast<int>(run::RunState::Done);
        QVERIFY2(isDone == refusal.isEmpty(), row.detail.c_str());
        QVERIFY2(refusal.isEmpty() || row.detail.find(refusal.toStdString()) != std::string::npos, row.detail.c_str());
    }
    void conversion_whatWasWritten_isReadBackBesideItsSource() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        for (const auto& [to, type] :
            {std::pair("gguf", "keep"), std::pair("gguf", "Q8_0"), std::pair("folder", "keep")}) {
            run::RunDraft draft;
            draft.parameters = {{"model", {{"path", m_model}}}, {"convert", {{"to", to}, {"type", type}}}};
            draft.pluginId = m_convert.id;
            draft.threads = 1;
            const auto runNo = get(service->submit(draft, m_convert));
            store::RunRow row;
            QVERIFY(tests::waitFinal(project.file, runNo, 120, &row));
            QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
            auto db = get(store::openReadOnly(project.file));
            const Json meta = get(parseJson(get(store::queryRecords(*db, runNo, "quant/check")).at(0).metaJson));
            QCOMPARE(textOr(meta, "template_source", "?"), textOr(meta, "template_written", "!"));
            const double kl = numberOr(meta, "kl", -1), typeKl = numberOr(meta, "type_kl", -1);
            QVERIFY2(std::abs(kl - typeKl) < 1e-4, (std::to_string(kl) + " " + std::to_string(typeKl)).c_str());
            if (std::string_view(type) == "keep") QCOMPARE(integerOr(meta, "agreeing", 0), 8);
        }
    }
    void training_rowsWithoutTargetThatAreMeant_areTaken() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        const auto row = train(project, *service,
            {{"data", write("meant.jsonl", talk("a", "yes") + talk("b", ""))}, {"without_target", 0.5}});
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
    }
    void training_namedHeldOutSets_haveACurveAndItemsEach() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        const auto row = train(project, *service,
            {{"data", write("t.jsonl", talk("a", "yes") + talk("b", "no"))}, {"steps", 4}, {"checkpoint_every", 2},
                {"heldout_1", write("garden test.jsonl", talk("c", "so") + talk("a", "yes"))},
                {"heldout_2", write("other.jsonl", talk("d", "thus"))}, {"heldout_2_name", "general"}});
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = get(store::openReadOnly(project.file));
        std::map<std::string, double> last;
        for (const auto& metric : get(store::queryMetrics(*db, row.runNo))) last[metric.key] = metric.last;
        QVERIFY(last.contains("eval/nll_nats@garden-test") && last.contains("eval/nll_nats@general"));
        const auto records = get(store::queryRecords(*db, row.runNo, "eval/heldout"));
        QCOMPARE(records.size(), 6u);  // two sets before the first step and at two checkpoints
        double sum = 0, tokens = 0;
        const auto arrays = get(journal::decodeArrayBlock(records[4].block));
        const Json meta = get(parseJson(records[4].metaJson));
        QCOMPARE(textOr(meta, "set", ""), std::string("garden-test"));
        QCOMPARE(records[4].step, 4);
        const auto nats = journal::findArray(arrays, "nats")->as<double>();
        const auto counts = journal::findArray(arrays, "tokens")->as<std::int32_t>();
        for (std::size_t i = 0; i < nats.size(); ++i) sum += nats[i] * counts[i], tokens += counts[i];
        QVERIFY(std::abs(sum / tokens - last["eval/nll_nats@garden-test"]) < 1e-9);
        QCOMPARE(journal::textsNamed(arrays, "question"), (std::vector<std::string>{"c", "a"}));
        QCOMPARE(journal::textsNamed(arrays, "answer"), (std::vector<std::string>{"so", "yes"}));
        const auto rows = get(store::queryRecords(*db, row.runNo, "data/rows"));
        const Json data = get(parseJson(rows.at(0).metaJson));
        QCOMPARE(integerOr(data, "shared", 0), 1);  // "a" is trained on and held out
        const auto marks = get(journal::decodeArrayBlock(rows[0].block));
        QCOMPARE(journal::findArray(marks, "first")->as<std::int32_t>()[0], 2);
        QCOMPARE(data["sets"][journal::findArray(marks, "set")->as<std::uint8_t>()[0]].get<std::string>(),
            std::string("garden-test"));
    }
    void training_twoHeldOutSetsOfOneName_areRefused() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        const auto row = train(project, *service,
            {{"data", write("t.jsonl", talk("a", "yes"))}, {"heldout_1", write("x.jsonl", talk("c", "so"))},
                {"heldout_2", write("y.jsonl", talk("d", "so"))}, {"heldout_2_name", "x"}});
        QVERIFY2(row.detail.find("two held-out sets are called \"x\"") != std::string::npos, row.detail.c_str());
    }
};

QTEST_GUILESS_MAIN(tst_HeldOut)
#include "tst_held_out.moc"
