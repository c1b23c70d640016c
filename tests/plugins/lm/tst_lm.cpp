// Chat and fine-tuning through spec, worker, journal and project: on a small random model, killed and resumed, on a
// full disk.
#include <QTest>

#include <sys/resource.h>
#include <csignal>

#include "journal/array_block.h"
#include "lm/formats/convert.h"
#include "lm/formats/random_model.h"
#include "run/checkpoint.h"
#include "stats/counter_rng.h"
#include "stats/paired.h"
#include "store/evaluations.h"
#include "support/temp_project.h"

using namespace dubito;

class tst_Lm : public QObject {
    Q_OBJECT
    run::PluginDescription m_chat, m_train, m_evaluate, m_convert, m_lab, m_tokenise;
    QTemporaryDir m_dir;
    std::string m_model, m_data;

    run::RunDraft trainDraft(std::int64_t steps) const {
        run::RunDraft draft;
        draft.pluginId = m_train.id;
        draft.threads = 1;
        draft.parameters = {{"model", {{"path", m_model}}},
            {"train", {{"data", m_data}, {"steps", steps}, {"seq_len", 64}, {"batch_tokens", 128}, {"micro_rows", 1},
                          {"lora_rank", 4}, {"lr", 0.01}, {"checkpoint_every", 3}}}};
        return draft;
    }
    static fs::path jobOf(const fs::path& project, std::int64_t runNo) {
        auto db = store::openReadOnly(project);
        auto attempts = store::queryAttempts(**db, runNo);
        return attempts->back().jobDir;
    }
    /// Bytes of every item of the newest checkpoint, by name.
    static std::map<std::string, std::string> newestItems(const fs::path& job) {
        std::map<std::string, std::string> out;
        const auto newest = run::CheckpointStore(job).newest();
        if (!newest) return out;
        for (const char* name : {"adapter_model.safetensors", "training.safetensors", "training.json"})
            out[name] = *readFile(newest->folder / name, 1 << 26);
        out["step"] = std::to_string(newest->step);
        return out;
    }
    static std::vector<double> curveOf(const fs::path& project, std::int64_t runNo, const char* key = "train/loss") {
        auto db = store::openReadOnly(project);
        return store::queryPoints(**db, runNo, key, 0, 1'000'000, 0)->values;
    }
private Q_SLOTS:
    void initTestCase() {
        const auto library = host::readManifests(fs::path(DUBITO_BUILD) / "plugins/org.dubito.lm/0.2.0");
        QVERIFY2(library, library ? "" : library.error().text().c_str());
        for (const auto& [name, plugin] : {std::pair("lm.chat", &m_chat), std::pair("lm.train", &m_train),
                 std::pair("lm.evaluate", &m_evaluate), std::pair("lm.convert", &m_convert),
                 std::pair("lm.quant_lab", &m_lab), std::pair("lm.tokenise", &m_tokenise)})
            *plugin = *host::pickPlugin(*library, name);
        lm::RandomModel shape;
        m_model = m_dir.filePath("tiny.gguf").toStdString();
        QVERIFY(lm::writeGguf(**lm::makeRandomModel(shape, 3), m_model, {}));
        m_data = m_dir.filePath("data.jsonl").toStdString();
        std::string lines;
        for (int i = 0; i < 40; ++i)
            lines +=
                jsonText({{"prompt", "add " + std::to_string(i)}, {"answer", "gives " + std::to_string(i + 1)}}) + "\n";
        QVERIFY(writeFileAtomic(m_data, lines));
    }
    void chat_question_isAnsweredOnThePackagedModel() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        run::RunDraft draft;
        draft.pluginId = m_chat.id;
        draft.threads = 2;
        draft.parameters = {{"chat", {{"text", "What is the capital of France?"}}},
            {"gen", {{"temperature", 0}, {"repetition_penalty", 1}, {"max_tokens", 12}}}};
        const auto runNo = *service->submit(draft, m_chat);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 120, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        const auto turns = *store::queryRecords(*db, runNo, "chat/turn");
        QCOMPARE(turns.size(), 3u);
        const Json end = *parseJson(turns.back().metaJson);
        QCOMPARE(
            textOr(end, "answer", ""), std::string("The capital of France is Paris."));  // the published greedy answer
        QCOMPARE(textOr(end, "stop", ""), std::string("eos"));
        QCOMPARE(store::queryRecords(*db, runNo, "chat/token")->size(), 8u);
    }
    void chat_oneAnswerThatFails_failsTheRun() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        std::string longText;
        for (int i = 0; i < 400; ++i) longText += "word " + std::to_string(i) + " ";
        run::RunDraft draft;
        draft.pluginId = m_chat.id;
        draft.threads = 1;
        draft.parameters = {{"model", {{"path", m_model}, {"context", 64}}}, {"chat", {{"text", longText}}}};
        const auto failed = *service->submit(draft, m_chat);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, failed, 120, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Failed));
        QCOMPARE(row.cause, static_cast<int>(run::Cause::Error));
        QVERIFY2(row.detail.find("the context holds 64") != std::string::npos, row.detail.c_str());
        // A session that is kept waits for a better question.
        draft.parameters["session"] = {{"keep", true}};
        const auto kept = *service->submit(draft, m_chat);
        const auto hasFailedAnswer = [&] {
            auto db = store::openReadOnly(project.file);
            const auto turns = store::queryRecords(**db, kept, "chat/turn");
            return turns && !turns->empty() && textOr(*parseJson(turns->back().metaJson), "stop", "") == "error";
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasFailedAnswer(), 120'000);
        QVERIFY(service->command(kept, "say", R"({"parent":-1,"text":"hi"})"));
        QTRY_VERIFY_WITH_TIMEOUT(!hasFailedAnswer(), 120'000);
        QVERIFY(service->cancel(kept));
        QVERIFY(tests::waitFinal(project.file, kept, 120, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Cancelled));
    }
    void chat_schema_makesTheAnswerJson() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        run::RunDraft draft;
        draft.pluginId = m_chat.id;
        draft.threads = 2;
        draft.parameters = {{"chat", {{"text", "Name a city and its country."}}},
            {"gen",
                {{"temperature", 0}, {"max_tokens", 60},
                    {"schema", R"({"type":"object","properties":{"city":{"type":"string","maxLength":20},)"
                               R"("country":{"enum":["France","Japan","Peru"]}},"required":["city","country"]})"}}}};
        const auto runNo = *service->submit(draft, m_chat);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 120, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        const auto turns = *store::queryRecords(*db, runNo, "chat/turn");
        const std::string answer = textOr(*parseJson(turns.back().metaJson), "answer", "");
        const auto json = parseJson(answer);
        QVERIFY2(json && (*json)["city"].is_string(), answer.c_str());
        QVERIFY2(
            QStringList({"France", "Japan", "Peru"}).contains(QString::fromStdString(textOr(*json, "country", ""))),
            answer.c_str());
    }
    void evaluate_tasksAndText_giveSharesWithIntervals() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const std::string tasks = m_dir.filePath("tasks.jsonl").toStdString(),
                          text = m_dir.filePath("text.txt").toStdString();
        std::string lines;
        for (const auto& [country, city] : {std::pair("France", "Paris"), std::pair("Japan", "Tokyo"),
                 std::pair("Italy", "Rome"), std::pair("Spain", "Madrid")})
            lines += jsonText({{"id", country}, {"task", "capitals"},
                         {"prompt", "The capital of " + std::string(country) + " is"},
                         {"choices", {" Paris", " Tokyo", " Rome", " Madrid"}}, {"answer", " " + std::string(city)}}) +
                     "\n";
        lines += jsonText({{"id", "sum"}, {"task", "sums"}, {"prompt", "1, 2, 3, 4,"}, {"answer", "7"}}) + "\n";
        QVERIFY(writeFileAtomic(tasks, lines) &&
                writeFileAtomic(text, "The capital of France is Paris. The capital of Japan is Tokyo."));
        run::RunDraft draft;
        draft.pluginId = m_evaluate.id;
        draft.threads = 2;
        draft.parameters = {{"eval", {{"tasks", tasks}, {"text", text}, {"max_tokens", 8}}}};
        const auto runNo = *service->submit(draft, m_evaluate);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 120, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        std::map<std::string, double> last;
        for (const auto& metric : *store::queryMetrics(*db, runNo)) last[metric.key] = metric.last;
        QCOMPARE(last.at("eval/acc@capitals"), 1.0);
        QVERIFY(last.at("eval/acc_lo@capitals") > 0.5 && last.at("eval/acc_hi@capitals") == 1.0);
        QVERIFY(last.contains("eval/acc@sums") && last.at("eval/nll_nats") > 0 && last.at("eval/bpb") > 0);
        std::int64_t items = 0;
        for (const auto& record : *store::queryRecords(*db, runNo, "eval/item"))
            items += journal::findArray(*journal::decodeArrayBlock(record.block), "correct")->elements();
        QCOMPARE(items, 5);
    }
    void evaluate_examplesTalksAndSamples() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const std::string tasks = m_dir.filePath("talks.jsonl").toStdString(),
                          dev = m_dir.filePath("dev.jsonl").toStdString();
        std::string lines;
        for (const auto& [country, city] : {std::pair("Japan", "Tokyo"), std::pair("Italy", "Rome"),
                 std::pair("Spain", "Madrid"), std::pair("Greece", "Athens")})
            lines += jsonText({{"id", country}, {"task", "caps"},
                         {"prompt", "Q: What is the capital of " + std::string(country) + "? A:"},
                         {"choices", {" London", " " + std::string(city), " Oslo"}}, {"answer", 1},
                         {"meta", {{"group", city[0] == 'R' ? "south" : "other"}}}}) +
                     "\n";
        lines += jsonText({{"id", "talk"}, {"task", "talk"},
                     {"messages", {{{"role", "user"}, {"content", "Say one word."}}}}, {"answer", "word"}}) +
                 "\n";
        QVERIFY(writeFileAtomic(tasks, lines) &&
                writeFileAtomic(
                    dev, jsonText({{"prompt", "Q: What is the capital of France? A:"}, {"answer", "Paris"}}) + "\n"));
        const auto evaluated = [&](const Json& eval, const char* title) {
            run::RunDraft draft;
            draft.pluginId = m_evaluate.id;
            draft.title = title;
            draft.threads = 2;
            draft.parameters = {{"eval", eval}};
            const auto runNo = *service->submit(draft, m_evaluate);
            store::RunRow row;
            return tests::waitFinal(project.file, runNo, 120, &row) ? row : store::RunRow();
        };
        const auto plain = evaluated({{"tasks", tasks}, {"max_tokens", 4}}, "plain"),
                   shown = evaluated(
                       {{"tasks", tasks}, {"dev", dev}, {"shots", 1}, {"samples", 6}, {"max_tokens", 4}}, "shown"),
                   missing = evaluated({{"tasks", tasks}, {"shots", 2}}, "missing");
        QVERIFY2(plain.state == static_cast<int>(run::RunState::Done) &&
                     shown.state == static_cast<int>(run::RunState::Done),
            (plain.detail + shown.detail).c_str());
        QVERIFY2(missing.state != static_cast<int>(run::RunState::Done) &&
                     missing.detail.find("eval.dev") != std::string::npos,
            missing.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        const auto items = *store::queryEvaluationItems(*db, shown.runNo),
                   before = *store::queryEvaluationItems(*db, plain.runNo);
        QCOMPARE(items.size(), 5u);
        QCOMPARE(items[1].group, std::string("south"));
        QCOMPARE(items[4].group, std::string("talk"));
        QVERIFY(items[0].margin != before[0].margin);  // the example in front changes what the model sees
        std::map<std::string, double> last;
        for (const auto& metric : *store::queryMetrics(*db, shown.runNo)) last[metric.key] = metric.last;
        QVERIFY(last.contains("eval/pass@1.talk") && last.contains("eval/pass@5.talk") &&
                !last.contains("eval/pass@10.talk"));
        QCOMPARE(last.at("eval/pass@1.talk"), static_cast<double>(items[4].samplesRight) / 6);
        // The two runs on the items they share.
        std::vector<stats::ScoredItem> a, b;
        for (const auto& item : before) a.push_back({item.id, item.group, item.isCorrect ? 1.0 : 0.0});
        for (const auto& item : items) b.push_back({item.id, item.group, item.isCorrect ? 1.0 : 0.0});
        b.pop_back();
        b.push_back({"another", "", 1});
        const auto paired = stats::comparePaired(a, b, 1);
        QVERIFY(paired.shared == 4 && paired.onlyFirst == 1 && paired.onlySecond == 1 && paired.groups == 2);
        QVERIFY(paired.difference.low <= paired.difference.estimate &&
                paired.difference.estimate <= paired.difference.high);
    }
    void evaluate_itemsThatCannotBeComputed_costThemselvesOnly() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const auto evaluated = [&](const char* name, const std::string& lines) {
            const std::string tasks = m_dir.filePath(name).toStdString();
            if (!writeFileAtomic(tasks, lines)) qFatal("no file");
            run::RunDraft draft;
            draft.pluginId = m_evaluate.id;
            draft.threads = 1;
            draft.parameters = {{"model", {{"path", m_model}}}, {"eval", {{"tasks", tasks}, {"max_tokens", 4}}}};
            const auto runNo = *service->submit(draft, m_evaluate);
            store::RunRow row;
            return tests::waitFinal(project.file, runNo, 120, &row) ? row : store::RunRow();
        };
        const std::string tooLong(200'000, 'x'),
            one = R"({"id":17,"prompt":"1 + 1 =","choices":[3,4],"answer":0})",
            two = R"({"id":18,"prompt":"2 + 2 =","choices":[3,4],"answer":1})",
            bad = jsonText({{"id", "long"}, {"prompt", tooLong}, {"choices", {"a", "b"}}, {"answer", 0}}),
            said = jsonText({{"id", "said"}, {"prompt", tooLong}, {"answer", "b"}});
        const auto row = evaluated("bad.jsonl", one + "\n" + bad + "\n" + two + "\n" + said + "\n"),
                   turned = evaluated("turned.jsonl", two + "\n" + one + "\n"),
                   none = evaluated("none.jsonl", bad + "\n");
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        QVERIFY2(none.state == static_cast<int>(run::RunState::Failed) &&
                     none.detail.find("none of 1 items could be computed: a question needs") != std::string::npos,
            none.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        std::map<std::string, double> last;
        for (const auto& metric : *store::queryMetrics(*db, row.runNo)) last[metric.key] = metric.last;
        QCOMPARE(last.at("eval/n@task"), 2.0);
        QCOMPARE(last.at("eval/failed@task"), 2.0);
        const auto items = *store::queryEvaluationItems(*db, row.runNo),
                   others = *store::queryEvaluationItems(*db, turned.runNo);
        QCOMPARE(items.size(), 4u);
        QVERIFY(items[0].failure.empty() && items[2].failure.empty());
        for (const std::size_t i : {1, 3})
            QVERIFY2(items[i].failure.find("positions") != std::string::npos, items[i].failure.c_str());
        // Pairs are found by the ids of the lines, whatever their order.
        QCOMPARE(items[0].id, std::string("17"));
        QCOMPARE(others[1].id, std::string("17"));
        QCOMPARE(others[1].margin, items[0].margin);
        QCOMPARE(others[0].margin, items[2].margin);
    }
    void tokenise_twoTokenizers_side_bySide() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        run::RunDraft draft;
        draft.pluginId = m_tokenise.id;
        draft.parameters = {{"tok", {{"text", "the river 42"}, {"against", m_model}}}};
        const auto runNo = *service->submit(draft, m_tokenise);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        const auto ids = [&](const char* key) {
            const auto records = *store::queryRecords(*db, runNo, key);
            const auto arrays = *journal::decodeArrayBlock(records.at(0).block);
            const auto* id = journal::findArray(arrays, "id");
            const auto* end = journal::findArray(arrays, "end");
            const auto span = id->as<std::int32_t>();
            return std::pair(std::vector<std::int32_t>(span.begin(), span.end()), end->as<std::int32_t>().back());
        };
        QVERIFY(ids("tok/pieces").first.size() < ids("tok/against").first.size());
        QCOMPARE(ids("tok/against").first.size(), 12u);  // the random model spells bytes
        QVERIFY(ids("tok/pieces").second == 12 && ids("tok/against").second == 12);
    }
    void quantLab_measuresEachTypeAgainstTheModelAsItIs() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        run::RunDraft draft;
        draft.pluginId = m_lab.id;
        draft.threads = 1;
        draft.parameters = {{"model", {{"path", m_model}}}, {"convert", {{"types", "Q8_0 Q5_0 Q4_0 F32"}}}};
        const auto runNo = *service->submit(draft, m_lab);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 120, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        std::map<std::string, std::pair<double, double>> seen;  // type -> KL, relative error
        for (const auto& record : *store::queryRecords(*db, runNo, "quant/lab")) {
            const auto arrays = *journal::decodeArrayBlock(record.block);
            seen[journal::textsNamed(arrays, "type").at(0)] = {journal::findArray(arrays, "kl")->as<double>()[0],
                journal::findArray(arrays, "relative")->as<double>()[0]};
        }
        QCOMPARE(seen.size(), 5u);
        QVERIFY(seen["as it is"].first == 0 && seen["F32"].first == 0 && seen["F32"].second == 0);
        QVERIFY(seen["Q8_0"].first > 0 && seen["Q8_0"].first < seen["Q5_0"].first &&
                seen["Q5_0"].first < seen["Q4_0"].first);
        QVERIFY(seen["Q8_0"].second < seen["Q5_0"].second && seen["Q5_0"].second < seen["Q4_0"].second);
        draft.parameters["convert"]["types"] = "Q8_0 Q9";
        const auto wrong = *service->submit(draft, m_lab);
        QVERIFY(tests::waitFinal(project.file, wrong, 60, &row));
        QVERIFY2(row.state != static_cast<int>(run::RunState::Done) && row.detail.find("Q9") != std::string::npos,
            row.detail.c_str());
    }
    void train_killedTwentyTimes_endsLikeAnUnbrokenRun() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const std::int64_t steps = 120;
        const auto whole = *service->submit(trainDraft(steps), m_train),
                   broken = *service->submit(trainDraft(steps), m_train);
        store::RunRow row;
        stats::CounterRng rng(5, "kills", 0);
        int kills = 0, resumed = 0;
        for (;;) {
            if (kills < 20) {
                QThread::msleep(static_cast<unsigned long>(30 + 320 * rng.uniform()));
                auto cancelled = service->cancel(broken, true);
                if (cancelled) ++kills;
            }
            QVERIFY(tests::waitFinal(project.file, broken, 120, &row));
            if (row.state == static_cast<int>(run::RunState::Done)) break;
            auto again = service->resume(broken);
            QVERIFY2(again, again ? "" : again.error().text().c_str());
            ++resumed;
        }
        QVERIFY(tests::waitFinal(project.file, whole, 120, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        qInfo("%d kills, %d new attempts", kills, resumed);
        QVERIFY(kills >= 3);
        const auto a = newestItems(jobOf(project.file, whole)), b = newestItems(jobOf(project.file, broken));
        QCOMPARE(a.at("step"), std::string("121"));
        QVERIFY(a == b);
        // The stitched curve is the same too: points beyond a checkpoint are cut where the next attempt goes on.
        for (const char* key : {"train/loss", "train/lr", "train/sum_lr", "train/grad_norm", "train/param_norm",
                 "train/tokens", "train/skipped", "eval/nll_nats"})
            QVERIFY2(curveOf(project.file, whole, key) == curveOf(project.file, broken, key), key);
        const auto lossA = curveOf(project.file, whole);
        QCOMPARE(lossA.size(), std::size_t(steps));
        QCOMPARE(curveOf(project.file, whole, "eval/nll_nats").size(), std::size_t(steps / 3 + 1));
        QVERIFY(lossA.back() < lossA.front());
    }
    void train_baseAsStored_learnsWhatFp32Learns() {
        lm::RandomModel shape;
        shape.type = lm::GgmlType::Q8_0;
        const std::string model = m_dir.filePath("quantised.gguf").toStdString();
        QVERIFY(lm::writeGguf(**lm::makeRandomModel(shape, 3), model, {}));
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        std::vector<double> losses[2];
        for (const char* base : {"fp32", "stored"}) {
            auto draft = trainDraft(6);
            draft.parameters["model"]["path"] = model;
            draft.parameters["train"]["base"] = base;
            const auto runNo = *service->submit(draft, m_train);
            store::RunRow row;
            QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
            QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
            losses[std::string_view(base) == "stored"] = curveOf(project.file, runNo);
        }
        QCOMPARE(losses[1].size(), std::size_t{6});
        for (int i = 0; i < 6; ++i) QVERIFY(std::abs(losses[0][i] - losses[1][i]) < 1e-3 * losses[0][i]);
    }
    void train_bf16AndAGpuThatIsNotHere_trainsAndIsRefused() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        auto draft = trainDraft(3);
        draft.parameters["compute"] = {{"precision", "bf16"}};
        const auto runNo = *service->submit(draft, m_train);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        if (run::hasCudaDevice()) return;
        draft.device = "cuda";
        const auto refused = service->submit(draft, m_train);
        QVERIFY(!refused && refused.error().code() == Code::DeviceUnavailable);
    }
    void train_checkpointOfAnEarlierVersion_isRefusedByName() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const auto runNo = *service->submit(trainDraft(20000), m_train);
        store::RunRow row;
        const auto hasOne = [&] {
            const fs::path job = jobOf(project.file, runNo);
            return !job.empty() && run::CheckpointStore(job).newest(nullptr).has_value();
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasOne(), 60'000);
        QVERIFY(service->cancel(runNo, false));
        QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        QVERIFY(row.state != static_cast<int>(run::RunState::Done));
        // What such a checkpoint holds, in place of what this version writes.
        run::CheckpointStore store(jobOf(project.file, runNo));
        const auto folder = store.begin(1'000'000);
        QVERIFY(folder);
        for (const char* name :
            {"adapter_config.json", "adapter_model.safetensors", "optimizer.safetensors", "state.json"})
            QVERIFY(writeFileAtomic(*folder / name, "old"));
        QVERIFY(
            store.commit({"adapter_config.json", "adapter_model.safetensors", "optimizer.safetensors", "state.json"},
                Json::object()));
        QVERIFY(service->resume(runNo));
        QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Failed));
        QVERIFY2(row.detail.find("earlier version") != std::string::npos &&
                     row.detail.find("model.adapter") != std::string::npos,
            row.detail.c_str());
    }
    void train_fullDisk_keepsTheLastGoodCheckpoint() {
        tests::TempProject project;
        // Files may not grow beyond a limit that the adapter passes and the optimiser does not: what a full disk does
        // to a write.
        rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        auto service = *run::RunService::open(project.file, {});
        const auto first = *service->submit(trainDraft(6), m_train);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, first, 60, &row));
        const auto good = newestItems(jobOf(project.file, first));
        QVERIFY(!good.empty());
        const fs::path job = jobOf(project.file, first);
        run::CheckpointStore store(job);
        const auto folder = store.begin(9);
        QVERIFY(folder);
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit small = before;
        small.rlim_cur = 4096;
        ::setrlimit(RLIMIT_FSIZE, &small);
        const auto written = writeFileAtomic(*folder / "training.safetensors", std::string(100'000, 'x'));
        ::setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(!written);
        QCOMPARE(written.error().code(), Code::Io);
        QVERIFY(!store.commit({"training.safetensors"}, Json::object()));
        QVERIFY(newestItems(job) == good);
        QVERIFY(!fs::exists(*folder));
    }
    void train_damagedCheckpoint_isPassedOver() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const auto runNo = *service->submit(trainDraft(6), m_train);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        const fs::path job = jobOf(project.file, runNo);
        run::CheckpointStore store(job);
        QCOMPARE(store.newest()->step, 7);
        auto text = *readFile(job / "checkpoints/000000000007/training.safetensors", 1 << 26);
        text[text.size() / 2] ^= 1;
        QVERIFY(writeFileAtomic(job / "checkpoints/000000000007/training.safetensors", text));
        std::vector<std::string> skipped;
        QCOMPARE(store.newest(&skipped)->step, 4);
        QVERIFY(skipped.size() == 1 && skipped[0].find("training.safetensors") != std::string::npos);
    }
    void train_adapter_isMergedForChat() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const auto trained = *service->submit(trainDraft(12), m_train);
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, trained, 60, &row));
        const auto newest = run::CheckpointStore(jobOf(project.file, trained)).newest();
        run::RunDraft draft;
        draft.pluginId = m_chat.id;
        draft.threads = 1;
        draft.parameters = {{"model", {{"path", m_model}, {"adapter", newest->folder.string()}}},
            {"chat", {{"text", "add 3"}}}, {"gen", {{"max_tokens", 4}}}};
        const auto chat = *service->submit(draft, m_chat);
        QVERIFY(tests::waitFinal(project.file, chat, 60, &row));
        QVERIFY2(row.state == static_cast<int>(run::RunState::Done), row.detail.c_str());
        auto db = *store::openReadOnly(project.file);
        bool said = false;
        for (const auto& line : *store::queryLog(*db, {chat}, 2, "", 100))
            said |= line.text.find("merged an adapter of rank 4") != std::string::npos;
        QVERIFY(said);
    }
    void tunedModels_areModelsAgain() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        const std::string text = m_dir.filePath("score.txt").toStdString();
        QVERIFY(writeFileAtomic(text, "add 3 gives 4, add 4 gives 5, add 5 gives 6"));
        const auto ran = [&](const run::PluginDescription& plugin, const Json& parameters) {
            run::RunDraft draft;
            draft.pluginId = plugin.id;
            draft.threads = 1;
            draft.parameters = parameters;
            const auto runNo = *service->submit(draft, plugin);
            store::RunRow row;
            if (!tests::waitFinal(project.file, runNo, 60, &row) || row.state != static_cast<int>(run::RunState::Done))
                qWarning("%s", row.detail.c_str());
            return runNo;
        };
        const auto nllOf = [&](const Json& model) {
            const auto runNo = ran(m_evaluate, {{"model", model}, {"eval", {{"text", text}}}});
            auto db = *store::openReadOnly(project.file);
            const auto points = store::queryPoints(*db, runNo, "eval/nll_nats", 0, 10, 1);
            return points && points->size() ? points->values.front() : 0.0;
        };
        const double base = nllOf({{"path", m_model}, {"weights", "f32"}});
        // Every weight trained: the checkpoint is a model folder.
        auto full = trainDraft(6);
        full.parameters["train"]["mode"] = "full";
        const auto whole = ran(m_train, full.parameters);
        const auto folder = run::CheckpointStore(jobOf(project.file, whole)).newest()->folder;
        const double tuned = nllOf({{"path", folder.string()}});
        QVERIFY2(
            base > 0 && tuned > 0 && std::abs(base - tuned) > 1e-3, qPrintable(QString("%1 %2").arg(base).arg(tuned)));
        // A fork of the run goes on from it, as the same numbers.
        auto db = *store::openReadOnly(project.file);
        const auto setup = *store::queryRecords(*db, whole, "train/setup");
        QCOMPARE(setup.size(), 1u);
        QVERIFY(journal::textsNamed(*journal::decodeArrayBlock(setup[0].block), "value").at(0).starts_with("F32"));
        // An adapter merged by convert scores as the adapter does.
        const auto lora = ran(m_train, trainDraft(6).parameters);
        const auto adapter = run::CheckpointStore(jobOf(project.file, lora)).newest()->folder.string();
        const double adapted = nllOf({{"path", m_model}, {"adapter", adapter}});
        const auto converted =
            ran(m_convert, {{"model", {{"path", m_model}, {"adapter", adapter}}}, {"convert", {{"type", "F32"}}}});
        const auto made = run::CheckpointStore(jobOf(project.file, converted)).newest()->folder / "model.gguf";
        QVERIFY(std::abs(nllOf({{"path", made.string()}}) - adapted) < 1e-6 && std::abs(adapted - base) > 1e-3);
        // And its files go where they are wanted.
        const auto files = run::copyItems(adapter, fs::path(m_dir.filePath("out").toStdString()));
        QVERIFY(files && files->size() == 4u);
        QVERIFY(fs::exists(m_dir.filePath("out/adapter_config.json").toStdString()) &&
                !fs::exists(m_dir.filePath("out/manifest.json").toStdString()));
        QCOMPARE(
            run::copyItems(m_dir.filePath("nothing").toStdString(), m_dir.filePath("out").toStdString()).error().code(),
            Code::NotFound);
        QCOMPARE(store::queryCheckpoints(*db, lora)->front().folder, adapter);
    }
    void train_withoutData_saysWhatToDo() {
        tests::TempProject project;
        auto service = *run::RunService::open(project.file, {});
        run::RunDraft draft;
        draft.pluginId = m_train.id;
        draft.parameters = {{"model", {{"path", m_model}}}};
        const auto refused = service->submit(draft, m_train);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code(), Code::NotFound);
        QVERIFY2(refused.error().text().find("train.data") != std::string::npos, refused.error().text().c_str());
        QVERIFY(!service->resume(999));
    }
};

QTEST_GUILESS_MAIN(tst_Lm)
#include "tst_lm.moc"
