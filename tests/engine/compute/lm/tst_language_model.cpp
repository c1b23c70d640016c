// The interface under chat, inspector and evaluation: the decoder and its LibTorch module say the same through it.
#include <QTest>

#include "lm/generate/generator.h"
#include "lm/model/causal.h"
#include "lm/torch/torch_model.h"
#include "model_parity.h"
#include "support/results.h"

using namespace dubito;
using namespace dubito::lm;
using namespace dubito::tests;

class tst_LanguageModel : public QObject {
    Q_OBJECT
    struct Both {
        std::shared_ptr<const LanguageModel> rows, module;
        std::shared_ptr<const Tokenizer> tokenizer;
    };
    static Both bothOf(const RandomModel& shape, bool bfloat16 = false) {
        auto file = makeRandomModel(shape, 4);
        auto decoder = Decoder::load(*file, 2), shared = Decoder::load(*file, 2);
        auto module = TorchModel::over(*shared, {}, bfloat16);
        if (!module) qFatal("%s", module.error().text().c_str());
        return {*decoder, *module, *Tokenizer::load(**file)};
    }
    static std::vector<float> after(const LanguageModel& model, ModelCache& cache, const std::vector<TokenId>& ids) {
        std::vector<float> out(static_cast<std::size_t>(model.config().vocabulary));
        if (auto read = model.read(ids, &cache, {}, nullptr, out.data()); !read)
            qFatal("%s", read.error().text().c_str());
        return out;
    }
    static std::vector<TokenId> said(Generator& generator, const std::vector<TokenId>& prompt, double temperature) {
        GenerationRequest request;
        request.prompt = prompt;
        request.maxTokens = 16;
        request.sampling.temperature = temperature;
        if (auto started = generator.start(std::move(request)); !started) qFatal("%s", started.error().text().c_str());
        while (generator.isBusy())
            if (auto token = generator.advance(); !token) qFatal("%s", token.error().text().c_str());
        return {generator.answer().begin(), generator.answer().end()};
    }

private Q_SLOTS:
    void module_everySite_equalsTheDecoders_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<bool>("biases");
        for (const char* architecture : {"llama", "qwen2", "qwen3"})
            for (const bool tied : {true, false})
                QTest::addRow("%s %s", architecture, tied ? "tied" : "own head") << architecture << tied << false;
        QTest::addRow("llama biases") << "llama" << true << true;
    }
    void module_everySite_equalsTheDecoders() {
        QFETCH(QString, architecture);
        QFETCH(bool, tied);
        QFETCH(bool, biases);
        const Both both = bothOf(tinyShape(architecture.toStdString(), tied, biases));
        const auto most = farthest(*both.rows, *both.module);
        VERIFY_OK(most);
        QVERIFY2(most->by < 1e-4, qPrintable(QString("%1: %2").arg(most->site.c_str()).arg(most->by)));
        const auto expected = greedyText(*both.rows, someIds(5), 64), own = greedyText(*both.module, someIds(5), 64);
        VERIFY_OK(own);
        QVERIFY(*expected == *own);
    }
    void module_inBFloat16_staysNearAndItsCacheChangesNothing() {
        for (const char* architecture : {"llama", "qwen2", "qwen3"}) {
            const Both both = bothOf(tinyShape(architecture, true, false), true);
            QVERIFY2(both.module->description().starts_with("bf16"), both.module->description().c_str());
            const auto most = farthest(*both.rows, *both.module, 0.2f);
            VERIFY_OK(most);
            QVERIFY2(most->by < 0.08, qPrintable(QString("%1: %2").arg(most->site.c_str()).arg(most->by)));
            auto whole = *both.module->makeCache(20), parted = *both.module->makeCache(20);
            const auto ids = someIds(20);
            const auto expected = after(*both.module, *whole, ids);
            std::vector<float> own;
            for (const TokenId id : ids) own = after(*both.module, *parted, {id});
            QVERIFY(apart(expected.data(), own.data(), own.size()) < 0.05);
        }
    }
    void cache_forkedAndTrimmed_goesOnAsAFreshOne() {
        const Both both = bothOf(tinyShape("qwen3", true, false));
        for (const LanguageModel* model : {both.rows.get(), both.module.get()}) {
            const auto start = someIds(10), one = someIds(4, 2), other = someIds(6, 3);
            const auto fresh = [&](const std::vector<TokenId>& then) {
                auto cache = *model->makeCache(32);
                after(*model, *cache, start);
                return after(*model, *cache, then);
            };
            auto cache = *model->makeCache(32);
            after(*model, *cache, start);
            auto fork = *cache->fork();
            QVERIFY(fork->bytes() <= cache->bytes());
            const auto near = [](const std::vector<float>& a, const std::vector<float>& b) {
                return apart(a.data(), b.data(), a.size()) < 1e-4;
            };
            QVERIFY(near(after(*model, *cache, one), fresh(one)));
            QVERIFY(near(after(*model, *fork, other), fresh(other)));
            cache->truncate(10);
            QVERIFY(near(after(*model, *cache, other), fresh(other)));
            auto again = *fork->fork();
            again->truncate(10);
            QVERIFY(near(after(*model, *again, one), fresh(one)));
            fork->truncate(10);
            QVERIFY(near(after(*model, *fork, one), fresh(one)));
        }
    }
    void cache_fullOrOfAnotherModel_isRefused() {
        const Both both = bothOf(tinyShape("llama", true, false));
        for (const LanguageModel* model : {both.rows.get(), both.module.get()}) {
            auto small = *model->makeCache(4);
            const auto full = model->read(someIds(5), small.get(), {}, nullptr, nullptr);
            QVERIFY(!full && full.error().code() == Code::Limit);
            auto foreign = *(model == both.rows.get() ? both.module : both.rows)->makeCache(8);
            const auto other = model->read(someIds(5), foreign.get(), {}, nullptr, nullptr);
            QVERIFY(!other && other.error().code() == Code::InvalidArgument);
            QVERIFY(!model->read(std::vector<TokenId>{100000}, small.get(), {}, nullptr, nullptr));
        }
    }
    void generator_overEither_saysTheSameAndTakesUpTheSameBranches() {
        const Both both = bothOf(tinyShape("qwen2", false, false));
        Generator rows(both.rows, both.tokenizer, 128, 7), module(both.module, both.tokenizer, 128, 7);
        auto first = someIds(20), branch = someIds(20);
        branch[12] = 3;
        for (const double temperature : {0.0, 0.8})
            for (const auto& prompt : {first, branch, first, branch}) {
                QVERIFY(said(rows, prompt, temperature) == said(module, prompt, temperature));
                QCOMPARE(module.reused(), rows.reused());
            }
        QVERIFY(rows.reused() == 19);
    }
    void causalGrid_overEither_isTheSame() {
        const Both both = bothOf(tinyShape("llama", true, false));
        for (const CausalSite site : {CausalSite::Residual, CausalSite::Heads, CausalSite::Mlp}) {
            CausalRequest request;
            request.kind = CausalKind::Zero;
            request.site = site;
            request.clean = someIds(9);
            const auto goOn = [](std::int64_t, std::int64_t) { return true; };
            const auto rows = causalGrid(*both.rows, request, nullptr, goOn),
                       module = causalGrid(*both.module, request, nullptr, goOn);
            VERIFY_OK(rows);
            VERIFY_OK(module);
            QVERIFY(rows->effect.size() == module->effect.size());
            QVERIFY(apart(rows->effect.data(), module->effect.data(), rows->effect.size()) < 1e-3);
        }
    }
    void load_onADeviceThatCannot_isRefusedByName() {
        const auto file = *makeRandomModel(tinyShape("llama", true, false), 4);
        Placement placement;
        placement.device = {compute::Device::Kind::Cuda, 99};
        placement.form = WeightForm::Quantised;
        const auto rows = loadLanguageModel(file, placement);
        QVERIFY(!rows && rows.error().code() == Code::Unsupported);
        placement.form = WeightForm::Auto;
        const auto absent = loadLanguageModel(file, placement);
        QVERIFY(!absent && absent.error().code() == Code::DeviceUnavailable);
        placement.device = {};
        const auto here = loadLanguageModel(file, placement);
        VERIFY_OK(here);
        QVERIFY(!(*here)->device().isCuda());
    }
};

QTEST_GUILESS_MAIN(tst_LanguageModel)
#include "tst_language_model.moc"
