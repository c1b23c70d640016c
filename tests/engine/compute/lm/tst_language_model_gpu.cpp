// Models on a GPU against the CPU: hidden states, captures, text, answers of a chat, memory. Skipped where no GPU is.
#include <ATen/Context.h>
#include <QTest>

#include "device_load.h"
#include "lm/evaluate/scorers.h"
#include "lm/generate/generator.h"
#include "lm/model/lens.h"
#include "lm/torch/torch_model.h"
#include "model_parity.h"
#include "support/results.h"

using namespace dubito;
using namespace dubito::lm;
using namespace dubito::tests;

class tst_LanguageModelGpu : public QObject {
    Q_OBJECT
    compute::Device m_gpu;
    struct Both {
        std::shared_ptr<GgufFile> file;
        std::shared_ptr<const LanguageModel> cpu, gpu;
        std::shared_ptr<const Tokenizer> tokenizer;
    };
    Both bothOf(const RandomModel& shape, WeightForm form) const {
        auto file = makeRandomModel(shape, 4);
        if (!file) qFatal("%s", file.error().text().c_str());
        Placement placement;
        placement.threads = 4;
        placement.form = WeightForm::F32;
        auto cpu = loadLanguageModel(*file, placement);
        placement.device = m_gpu;
        placement.form = form;
        auto gpu = loadLanguageModel(*file, placement);
        if (!cpu || !gpu) qFatal("%s", (cpu ? gpu : cpu).error().text().c_str());
        return {*file, *cpu, *gpu, *Tokenizer::load(**file)};
    }
    /// SmolLM2's widths, six blocks of them.
    static RandomModel smolShape() {
        RandomModel out;
        out.layers = 6;
        out.width = 576;
        out.ffn = 1536;
        out.heads = 9;
        out.kvHeads = 3;
        out.headWidth = 64;
        out.unused = 4096 - 259;
        return out;
    }

private Q_SLOTS:
    void initTestCase() {
        const auto device = compute::deviceFrom("cuda");
        if (!device) QSKIP(("no GPU to compare with: " + device.error().text()).c_str());
        m_gpu = *device;
        at::globalContext().setAllowTF32CuBLAS(false);
    }
    void module_everySiteInFp32_equalsTheCpus_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<bool>("biases");
        for (const char* architecture : {"llama", "qwen2", "qwen3"})
            for (const bool tied : {true, false})
                QTest::addRow("%s %s", architecture, tied ? "tied" : "own head") << architecture << tied << false;
        QTest::addRow("llama biases") << "llama" << true << true;
        QTest::addRow("SmolLM2's widths") << "smol" << true << false;
    }
    void module_everySiteInFp32_equalsTheCpus() {
        QFETCH(QString, architecture);
        QFETCH(bool, tied);
        QFETCH(bool, biases);
        const Both both =
            bothOf(architecture == "smol" ? smolShape() : tinyShape(architecture.toStdString(), tied, biases),
                WeightForm::F32);
        QVERIFY(both.gpu->device().isCuda());
        const auto most = farthest(*both.cpu, *both.gpu);
        VERIFY_OK(most);
        QVERIFY2(most->by < 1e-3, qPrintable(QString("%1: %2").arg(most->site.c_str()).arg(most->by)));
        const auto cpu = greedyText(*both.cpu, someIds(9), 32), gpu = greedyText(*both.gpu, someIds(9), 32);
        VERIFY_OK(cpu);
        VERIFY_OK(gpu);
        QVERIFY(*cpu == *gpu);
    }
    void module_inBFloat16_staysNearTheCpusFp32() {
        for (const char* architecture : {"llama", "qwen2", "qwen3"}) {
            const Both both = bothOf(tinyShape(architecture, true, false), WeightForm::Auto);
            QVERIFY2(both.gpu->description().starts_with("bf16"), both.gpu->description().c_str());
            const auto most = farthest(*both.cpu, *both.gpu, 0.2f);
            VERIFY_OK(most);
            QVERIFY2(
                most->by < 0.08, qPrintable(QString("%1 %2: %3").arg(architecture, most->site.c_str()).arg(most->by)));
        }
    }
    void chat_inBFloat16WithBranches_answersAndTakesItsCacheUp() {
        const Both both = bothOf(smolShape(), WeightForm::Auto);
        Generator generator(both.gpu, both.tokenizer, 256, 7);
        auto first = someIds(40), branch = someIds(40);
        branch[25] = 3;
        std::vector<TokenId> answers[2];
        for (int round = 0; round < 2; ++round)
            for (const auto& prompt : {first, branch}) {
                GenerationRequest request;
                request.prompt = prompt;
                request.maxTokens = 48;
                const auto started = generator.start(std::move(request));
                VERIFY_OK(started);
                while (generator.isBusy()) {
                    const auto token = generator.advance();
                    VERIFY_OK(token);
                }
                QVERIFY(!generator.answer().empty());
                if (&prompt != &first) answers[round].assign(generator.answer().begin(), generator.answer().end());
            }
        QCOMPARE(generator.reused(), std::int64_t{39});
        QVERIFY(answers[0] == answers[1]);  // the same draws over the same text
    }
    void lensAndScores_ofAGpusStates_areTheCpus() {
        const Both both = bothOf(tinyShape("qwen2", false, false), WeightForm::F32);
        const std::string text = "To doubt is to compare; to compare is to count what was seen.";
        const auto cpu = scoreText(*both.cpu, *both.tokenizer, text, 32, {}),
                   gpu = scoreText(*both.gpu, *both.tokenizer, text, 32, {});
        VERIFY_OK(cpu);
        VERIFY_OK(gpu);
        QVERIFY(std::abs(cpu->nats - gpu->nats) < 1e-3 * cpu->nats);
        LensRows read[2];
        for (const auto& model : {both.cpu, both.gpu}) {
            Captured captured;
            const auto done =
                model->read(someIds(12), nullptr, {true, false, false, AttentionCapture::Off}, &captured, nullptr);
            VERIFY_OK(done);
            std::vector<const float*> residuals;
            for (const auto& one : captured.residuals) residuals.push_back(one.data());
            read[model == both.gpu] = Lens(model).read(residuals, 0, 12, someIds(12, 2), 5);
        }
        QVERIFY(apart(read[0].stats.data(), read[1].stats.data(), read[0].stats.size()) < 1e-2);
    }
    void memory_ofAModel_isCountedAndALackOfItSaysHowMuch() {
        const auto before = compute::factsOf(m_gpu);
        VERIFY_OK(before);
        const Both both = bothOf(smolShape(), WeightForm::F32);
        const auto after = compute::factsOf(m_gpu);
        VERIFY_OK(after);
        QVERIFY(after->usedBytes >= before->usedBytes + both.gpu->weightBytes());
        QVERIFY(after->peakBytes >= after->usedBytes);
        if (const auto load = compute::loadOf(m_gpu)) QVERIFY(*load >= 0 && *load <= 1);
        const auto cache = both.gpu->makeCache(std::int64_t{1} << 32);
        QVERIFY(!cache && cache.error().code() == Code::OutOfMemory);
        QVERIFY2(cache.error().text().find("MiB are free") != std::string::npos, cache.error().text().c_str());
    }
};

QTEST_GUILESS_MAIN(tst_LanguageModelGpu)
#include "tst_language_model_gpu.moc"
