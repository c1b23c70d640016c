// Rows of training data with their masks, and a model beside what it was taught: through worker, journal and project.
#include <QTest>

#include <cmath>
#include <numeric>

#include "base/json.h"
#include "journal/array_block.h"
#include "lm/formats/convert.h"
#include "lm/formats/random_model.h"
#include "run/checkpoint.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using tests::get;

namespace {

/// The tokens of one mask value, joined, row by row.
std::vector<std::string> maskedTexts(const std::vector<journal::Array>& arrays, int wanted) {
    const auto pieces = journal::textsNamed(arrays, "piece");
    const auto mask = journal::findArray(arrays, "mask")->as<std::uint8_t>();
    std::vector<std::string> out;
    std::size_t at = 0;
    for (const std::int32_t tokens : journal::findArray(arrays, "tokens")->as<std::int32_t>()) {
        std::string text;
        for (const std::size_t end = at + static_cast<std::size_t>(tokens); at < end; ++at)
            if (mask[at] == wanted) text += pieces[at];
        out.push_back(text);
    }
    return out;
}

double sumOf(const std::vector<journal::Array>& arrays, const char* name) {
    const auto values = journal::findArray(arrays, name)->as<float>();
    return std::accumulate(values.begin(), values.end(), 0.0);
}

std::string talk(const std::string& question, const std::string& answer) {
    Json turns = Json::array({{{"role", "user"}, {"content", question}}});
    if (!answer.empty()) turns.push_back({{"role", "assistant"}, {"content", answer}});
    return jsonText({{"messages", turns}}) + "\n";
}

}  // namespace

class tst_Rows : public QObject {
    Q_OBJECT
    run::PluginDescription m_train, m_tokenise, m_beside;
    QTemporaryDir m_dir;
    std::string m_model;

    store::RunRow run(const tests::TempProject& project, run::RunService& service, run::RunDraft draft,
        const run::PluginDescription& plugin) const {
        draft.pluginId = plugin.id;
        draft.threads = 1;
        draft.parameters["model"]["path"] = m_model;
        const auto runNo = get(service.submit(draft, plugin));
        store::RunRow row;
        if (!tests::waitFinal(project.file, runNo, 120, &row)) qFatal("the run does not end");
        return row;
    }
    static std::vector<std::pair<Json, std::vector<journal::Array>>> records(
        const std::vector<store::RecordRow>& rows) {
        std::vector<std::pair<Json, std::vector<journal::Array>>> out;
        for (const auto& row : rows)
            out.emplace_back(get(parseJson(row.metaJson)), get(journal::decodeArrayBlock(row.block)));
        return out;
    }
    std::string write(const char* name, const std::string& text) const {
        const std::string path = m_dir.filePath(name).toStdString();
        if (!writeFileAtomic(path, text)) qFatal("no file");
        return path;
    }
private Q_SLOTS:
    void initTestCase() {
        const auto library = get(host::readManifests(fs::path(DUBITO_BUILD) / "plugins/org.dubito.lm/0.2.0"));
        m_train = get(host::pickPlugin(library, "lm.train"));
        m_tokenise = get(host::pickPlugin(library, "lm.tokenise"));
        m_beside = get(host::pickPlugin(library, "lm.beside"));
        m_model = m_dir.filePath("tiny.gguf").toStdString();
        QVERIFY(lm::writeGguf(*get(lm::makeRandomModel({}, 3)), m_model, {}));
    }
    void rows_ofTalks_markWhatIsLearnedReadAndCut() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        run::RunDraft draft;
        const std::string longAnswer(200, 'x');
        draft.parameters["tok"] = {
            {"data", write("talks.jsonl", talk("a", "yes") + talk("b", "") + talk("a", "yes") + talk("c", longAnswer))},
            {"row_length", 128}};
        const auto row = run(project, *service, draft, m_tokenise);
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = get(store::openReadOnly(project.file));
        const auto found = get(store::queryRecords(*db, row.runNo, "data/rows"));
        QCOMPARE(found.size(), 1u);
        const auto all = records(found);
        const auto& [meta, arrays] = all[0];
        const auto learned = maskedTexts(arrays, 1), cut = maskedTexts(arrays, 2);
        QCOMPARE(learned[0], std::string("yes<|im_end|>"));
        QCOMPARE(learned[1], std::string());
        QVERIFY(learned[3].empty() && cut[3].find(longAnswer) != std::string::npos);
        const auto why = journal::findArray(arrays, "why")->as<std::uint8_t>();
        QCOMPARE(std::vector<int>(why.begin(), why.end()), (std::vector<int>{0, 1, 3, 2}));
        QCOMPARE(journal::findArray(arrays, "first")->as<std::int32_t>()[2], 1);
        for (const auto& [key, value] : {std::pair("rows", 4), std::pair("no_target", 1), std::pair("cut", 1),
                 std::pair("repeated", 1), std::pair("shared", 0), std::pair("learned", 8)})
            QVERIFY2(integerOr(meta, key, -1) == value, key);
    }
    void training_publishesItsRows_withTheOnesSharedWithHeldOut() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        run::RunDraft draft;
        draft.parameters["train"] = {
            {"data", write("t.jsonl", talk("a", "yes") + talk("b", "no") + talk("c", "so") + talk("a", "yes"))},
            {"steps", 2}, {"seq_len", 64}, {"batch_tokens", 64}, {"micro_rows", 1}, {"lora_rank", 4}, {"lr", 0.01},
            {"holdout", 0.25}};
        const auto row = run(project, *service, draft, m_train);
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = get(store::openReadOnly(project.file));
        const auto all = records(get(store::queryRecords(*db, row.runNo, "data/rows")));
        QCOMPARE(all.size(), 1u);
        QCOMPARE(integerOr(all[0].first, "rows", 0), 3);
        QCOMPARE(integerOr(all[0].first, "held", 0), 1);
        QCOMPARE(integerOr(all[0].first, "shared", 0), 1);
        QCOMPARE(journal::findArray(all[0].second, "why")->as<std::uint8_t>()[0], std::uint8_t{4});
        QCOMPARE(row.total, 2.0);
    }
    void training_dataInAnotherForm_isTheSame_andWhatWasGuessedIsSaid() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        const std::string first = R"({"question":"a","answer":"yes","level":1})",
                          second = R"({"question":"b","answer":4,"level":1})";
        std::vector<std::map<std::string, std::string>> setups;
        for (const auto& [name, content] : {std::pair("plain.jsonl", first + "\n" + second + "\n"),
                 std::pair("mark.jsonl", "\xEF\xBB\xBF" + first + "\r\n" + second + "\r\n"),
                 std::pair("array.json", "[" + first + ",\n" + second + "]")}) {
            run::RunDraft draft;
            draft.parameters = {{"train", {{"data", write(name, content)}, {"steps", 1}, {"seq_len", 64},
                                              {"batch_tokens", 64}, {"micro_rows", 1}, {"lora_rank", 4}}}};
            if (setups.size() == 2) draft.parameters["data"] = {{"map", "prompt=question answer=answer"}};
            const auto row = run(project, *service, draft, m_train);
            QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
            auto db = get(store::openReadOnly(project.file));
            const auto found = get(store::queryRecords(*db, row.runNo, "train/setup"));
            const auto arrays = get(journal::decodeArrayBlock(found.at(0).block));
            const auto keys = journal::textsNamed(arrays, "key"), values = journal::textsNamed(arrays, "value");
            auto& setup = setups.emplace_back();
            for (std::size_t i = 0; i < keys.size(); ++i) setup[keys[i]] = values[i];
            const auto meta = records(get(store::queryRecords(*db, row.runNo, "data/rows")))[0].first;
            QCOMPARE(textOr(meta, "unused", ""), std::string("level"));
            QCOMPARE(boolOr(meta, "guessed", false), setups.size() < 3);
        }
        for (const auto& setup : setups) QCOMPARE(setup.at("supervised tokens"), setups[0].at("supervised tokens"));
        QCOMPARE(setups[0].at("columns, guessed"), std::string("question, answer (2 rows)"));
        QCOMPARE(setups[0].at("columns not used"), std::string("level"));
        QCOMPARE(setups[1].at("data"), std::string("JSON lines (UTF-8 with a byte order mark)"));
        QCOMPARE(setups[2].at("data"), std::string("a JSON array (UTF-8)"));
        QCOMPARE(setups[2].at("columns"), std::string("question as prompt, answer as answer (2 rows)"));
    }
    void training_withoutAnyAnswer_saysSo() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        run::RunDraft draft;
        draft.parameters["train"] = {{"data", write("asked.jsonl", talk("a", "") + talk("b", ""))}, {"steps", 1},
            {"seq_len", 64}, {"batch_tokens", 64}};
        const auto row = run(project, *service, draft, m_train);
        QVERIFY2(
            row.detail.find("0 conversations do not fit, 2 have no answer") != std::string::npos, row.detail.c_str());
    }
    void beside_adapterThatWasTrained_prefersWhatItWasTaught() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        run::RunDraft lesson;
        lesson.parameters["train"] = {{"data", write("one.jsonl", talk("hi", "ok"))}, {"steps", 40}, {"seq_len", 64},
            {"batch_tokens", 64}, {"micro_rows", 1}, {"lora_rank", 8}, {"lr", 0.02}, {"holdout", 0}};
        const auto trained = run(project, *service, lesson, m_train);
        QVERIFY2(trained.state == static_cast<int>(run::RunState::Done), trained.detail.c_str());
        auto db = get(store::openReadOnly(project.file));
        const fs::path job = get(store::queryAttempts(*db, trained.runNo)).back().jobDir;
        run::RunDraft ask;
        ask.parameters = {{"model", {{"adapter", run::CheckpointStore(job).newest()->folder.string()}}},
            {"ask", {{"text", "hi"}, {"max_tokens", 6}}}};
        const auto row = run(project, *service, ask, m_beside);
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        const auto children = get(store::queryStartedFrom(*db, trained.runNo));
        QCOMPARE(children.size(), 1u);  // the project knows whose adapter it is
        QCOMPARE(children[0].runNo, row.runNo);
        const auto all = records(get(store::queryRecords(*db, row.runNo, "beside/answer")));
        QCOMPARE(all.size(), 2u);
        QCOMPARE(textOr(all[0].first, "side", ""), std::string("base"));
        QCOMPARE(textOr(all[1].first, "side", ""), std::string("taught"));
        QCOMPARE(textOr(all[1].first, "answer", ""), std::string("ok"));
        QVERIFY(sumOf(all[1].second, "taught") > sumOf(all[1].second, "base") + 1);
        QVERIFY(sumOf(all[0].second, "base") > sumOf(all[0].second, "taught"));
    }
    void beside_theSameModelTwice_weighsAnswersAlike() {
        tests::TempProject project;
        auto service = get(run::RunService::open(project.file, {}));
        run::RunDraft ask;
        ask.parameters["ask"] = {{"text", "hi"}, {"max_tokens", 6}, {"taught", m_model}};
        const auto row = run(project, *service, ask, m_beside);
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = get(store::openReadOnly(project.file));
        for (const auto& [meta, arrays] : records(get(store::queryRecords(*db, row.runNo, "beside/answer")))) {
            // One side reads the prompt in a batch, the other goes on from cached rows: sums are rounded otherwise.
            // The bound is what a person is shown as 0.000.
            const double difference = std::abs(sumOf(arrays, "base") - sumOf(arrays, "taught"));
            QVERIFY2(difference < 5e-4, std::to_string(difference).c_str());
        }
        ask.parameters = {{"ask", {{"text", "hi"}}}};
        const auto refused = run(project, *service, ask, m_beside);
        QVERIFY2(refused.detail.find("name what was taught") != std::string::npos, refused.detail.c_str());
    }
};

QTEST_GUILESS_MAIN(tst_Rows)
#include "tst_rows.moc"
