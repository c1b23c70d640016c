// The LibTorch module against lm::Decoder: hidden states, greedy text, captures, gradients, adapters.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <QTest>

#include <algorithm>
#include <cmath>

#include "lm/formats/random_model.h"
#include "lm/torch/decoder_module.h"
#include "model_parity.h"
#include "nn/optimiser.h"
#include "packaged_model.h"
#include "stats/counter_rng.h"
#include "support/results.h"

using namespace dubito;
using namespace dubito::lm;
using at::Tensor;

namespace {

Tensor tensorOf(const std::vector<TokenId>& ids, std::int64_t sequences = 1) {
    Tensor out = at::empty({static_cast<std::int64_t>(ids.size())}, at::TensorOptions().dtype(at::kLong));
    std::copy(ids.begin(), ids.end(), out.mutable_data_ptr<std::int64_t>());
    return out.view({sequences, -1});
}
/// The same model with other keys.
using Keys = std::vector<std::pair<std::string, GgufValue>>;
std::shared_ptr<GgufFile> withKeys(const std::shared_ptr<GgufFile>& file, const Keys& keys) {
    auto metadata = file->metadata();
    for (const auto& [key, value] : keys) metadata[key] = value;
    return *GgufFile::assemble(std::move(metadata), file->tensors(), {}, file);
}
/// Largest difference over the largest value.
double apart(const float* expected, const Tensor& given) {
    const Tensor flat = given.detach().contiguous();
    const float* got = flat.const_data_ptr<float>();
    double most = 0, size = 1e-30;
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
        most = std::max(most, std::abs(static_cast<double>(expected[i]) - got[i]));
        size = std::max(size, std::abs(static_cast<double>(expected[i])));
    }
    return most / size;
}
const std::vector<Projection> kAll = {
    Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate, Projection::Up, Projection::Down};

}  // namespace

class tst_DecoderModule : public QObject, tests::PackagedModel {
    Q_OBJECT
    static Tensor hiddenOf(const DecoderModule& module, const Tensor& ids, const ModulePass& pass = {}) {
        auto embedded = module.embed(ids);
        auto out = module.blocks(*embedded, 1, module.config().layers, pass);
        if (!out) qFatal("%s", out.error().text().c_str());
        return *out;
    }
    static std::vector<TokenId> greedy(const DecoderModule& module, std::vector<TokenId> next, int n) {
        const at::NoGradGuard off;
        ModuleCache cache = module.makeCache(static_cast<std::int64_t>(next.size()) + n);
        ModulePass pass;
        pass.cache = &cache;
        std::vector<TokenId> out;
        while (static_cast<int>(out.size()) < n) {
            const Tensor hidden = hiddenOf(module, tensorOf(next), pass);
            const Tensor logits = *module.readout(hidden.narrow(1, hidden.size(1) - 1, 1));
            out.push_back(static_cast<TokenId>(logits.argmax().item<std::int64_t>()));
            next = {out.back()};
        }
        return out;
    }
    static std::vector<TokenId> greedy(const Decoder& decoder, std::vector<TokenId> next, int n) {
        const ModelConfig& c = decoder.config();
        KvCache cache(c, static_cast<std::int64_t>(next.size()) + n, decoder.kvPrecision());
        std::vector<TokenId> out;
        std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
        while (static_cast<int>(out.size()) < n) {
            const auto rows = static_cast<std::int64_t>(next.size());
            compute::Floats hidden(static_cast<std::size_t>(rows * c.width));
            if (!decoder.embed(next, hidden.data()) ||
                !decoder.forward(hidden.data(), 1, rows, 1, c.layers, &cache, {}, nullptr))
                qFatal("forward");
            decoder.readout(hidden.data() + (rows - 1) * c.width, 1, logits.data());
            out.push_back(static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
            next = {out.back()};
        }
        return out;
    }

private Q_SLOTS:
    void initTestCase() { openPackagedModel(); }
    void hiddenStates_tinyModels_equalTheDecoders_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<bool>("biases");
        for (const char* architecture : {"llama", "qwen2", "qwen3"})
            for (const bool tied : {true, false})
                for (const bool biases : {false, true})
                    if (!biases || QString(architecture) == "llama")
                        QTest::addRow("%s %s %s", architecture, tied ? "tied" : "own head", biases ? "biases" : "plain")
                            << QString(architecture) << tied << biases;
    }
    void hiddenStates_tinyModels_equalTheDecoders() {
        QFETCH(QString, architecture);
        QFETCH(bool, tied);
        QFETCH(bool, biases);
        auto file = makeRandomModel(tests::tinyShape(architecture.toStdString(), tied, biases), 4);
        VERIFY_OK(file);
        auto decoder = Decoder::load(*file, 2);
        VERIFY_OK(decoder);
        auto module = DecoderModule::over(*decoder);
        VERIFY_OK(module);
        const ModelConfig& c = (*decoder)->config();
        const std::vector<TokenId> ids = tests::someIds(2 * 21);
        compute::Floats hidden(static_cast<std::size_t>(42 * c.width));
        QVERIFY((*decoder)->embed(ids, hidden.data()));
        Captured captured;
        CapturePlan plan;
        plan.residuals = plan.outputs = plan.heads = true;
        QVERIFY((*decoder)->forward(hidden.data(), 2, 21, 1, c.layers, nullptr, plan, &captured));
        ModuleCapture kept;
        kept.wantsResiduals = kept.wantsOutputs = kept.wantsHeads = kept.wantsAttention = true;
        ModulePass pass;
        for (ModuleCapture* capture : {static_cast<ModuleCapture*>(nullptr), &kept}) {
            pass.capture = capture;
            QVERIFY(apart(hidden.data(), hiddenOf(**module, tensorOf(ids, 2), pass)) < 1e-4);
        }
        for (std::size_t i = 0; i <= static_cast<std::size_t>(c.layers); ++i)
            QVERIFY(apart(captured.residuals[i].data(), kept.residuals[i]) < 1e-4);
        for (std::size_t i = 0; i < static_cast<std::size_t>(c.layers); ++i) {
            QVERIFY(apart(captured.attnOut[i].data(), kept.attnOut[i]) < 1e-4);
            QVERIFY(apart(captured.mlpOut[i].data(), kept.mlpOut[i]) < 1e-4);
            QVERIFY(apart(captured.headOut[i].data(), kept.headOut[i]) < 1e-4);
            QVERIFY((kept.attention[i].sum(-1) - 1).abs().max().item<double>() < 1e-5);
        }
        std::vector<float> logits(static_cast<std::size_t>(42 * c.vocabulary));
        (*decoder)->readout(hidden.data(), 42, logits.data());
        QVERIFY(apart(logits.data(), *(*module)->readout(hiddenOf(**module, tensorOf(ids, 2)))) < 1e-4);
        QVERIFY(greedy(**module, tests::someIds(5), 64) == greedy(**decoder, tests::someIds(5), 64));
    }
    void hiddenStates_everyKeyOfAConfiguration_equalTheDecoders_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<QString>("activation");
        QTest::addColumn<int>("keys");
        for (const char* gate : {"gelu", "gelu_pytorch_tanh", "quick_gelu", "relu", "relu2"})
            QTest::addRow("%s", gate) << "llama" << gate << -1;
        const char* const names[] = {"window", "window from the second", "layer types", "linear", "llama3", "yarn",
            "yarn between indices", "qwen with log-n", "qwen with dynamic NTK"};
        for (int i = 0; i < 9; ++i) QTest::addRow("%s", names[i]) << (i < 7 ? "qwen2" : "qwen") << "silu" << i;
    }
    static Keys keysOf(const std::string& a, int which) {
        const auto scaled = [&](const char* type) -> Keys {
            return {{a + ".rope.scaling.type", std::string(type)}, {a + ".rope.scaling.factor", 4.0},
                {a + ".rope.scaling.original_context_length", std::int64_t{16}}};
        };
        Keys out;
        switch (which) {
            case 0: return {{"dubito.window", std::int64_t{5}}};
            case 1: return {{"dubito.window", std::int64_t{5}}, {"dubito.window_from", std::int64_t{1}}};
            case 2: return {{"dubito.window", std::int64_t{5}}, {"dubito.window_layers", std::string("101")}};
            case 3: return {{a + ".rope.scaling.type", std::string("linear")}, {a + ".rope.scaling.factor", 4.0}};
            case 4: return scaled("llama3");
            case 5: return scaled("yarn");
            case 6:
                out = scaled("yarn");
                out.emplace_back("dubito.rope_between_indices", true);
                return out;
            case 7: return {{"dubito.logn", true}, {a + ".context_length", std::int64_t{16}}};
            case 8:
                out = scaled("dynamic_ntk");
                out.erase(out.begin() + 1);
                return out;
            default: return {};
        }
    }
    void hiddenStates_everyKeyOfAConfiguration_equalTheDecoders() {
        QFETCH(QString, architecture);
        QFETCH(QString, activation);
        QFETCH(int, keys);
        RandomModel shape = tests::tinyShape(architecture.toStdString(), true, true);
        shape.activation = activation.toStdString();
        auto plain = makeRandomModel(shape, 4);
        VERIFY_OK(plain);
        auto decoder = Decoder::load(withKeys(*plain, keysOf(shape.architecture, keys)), 2);
        VERIFY_OK(decoder);
        auto module = DecoderModule::over(*decoder);
        VERIFY_OK(module);
        const ModelConfig& c = (*decoder)->config();
        const std::vector<TokenId> ids = tests::someIds(42);
        compute::Floats hidden(static_cast<std::size_t>(42 * c.width));
        QVERIFY((*decoder)->embed(ids, hidden.data()));
        QVERIFY((*decoder)->forward(hidden.data(), 2, 21, 1, c.layers, nullptr, {}, nullptr));
        const Tensor own = hiddenOf(**module, tensorOf(ids, 2));
        QVERIFY(apart(hidden.data(), own) < 1e-4);
        // The key is felt: without it the same weights say something else.
        RandomModel usual = shape;
        usual.activation = "silu";
        auto other = DecoderModule::load(*makeRandomModel(usual, 4), 2);
        VERIFY_OK(other);
        QVERIFY(apart(hidden.data(), hiddenOf(**other, tensorOf(ids, 2))) > 1e-3);
        // Where the rotation changes with the length, a cache says so instead of going on.
        if (keys != 8) QVERIFY(greedy(**module, tests::someIds(5), 32) == greedy(**decoder, tests::someIds(5), 32));
    }
    void blocks_inTwoRanges_equalOnePass() {
        auto module = DecoderModule::load(*makeRandomModel(tests::tinyShape("qwen3", true, false), 4), 2);
        VERIFY_OK(module);
        const Tensor embedded = *(*module)->embed(tensorOf(tests::someIds(9)));
        const Tensor whole = *(*module)->blocks(embedded, 1, 3),
                     parted = *(*module)->blocks(*(*module)->blocks(embedded, 1, 1), 2, 3);
        QVERIFY(whole.equal(parted));
        QVERIFY(!(*module)->blocks(embedded, 2, 4));
        QVERIFY(!(*module)->embed(tensorOf({100000})));
        ModuleCache cache = (*module)->makeCache(4);
        ModulePass pass;
        pass.cache = &cache;
        const auto full = (*module)->blocks(embedded, 1, 3, pass);
        QVERIFY(!full && full.error().code() == Code::Limit);
    }
    void hiddenStates_packagedModel_equalTheDecoders() {
        auto module = DecoderModule::over(m_decoder);
        VERIFY_OK(module);
        const ModelConfig& c = m_decoder->config();
        const auto ids =
            m_tokenizer->encode("The old bridge was repaired last spring, and the town was glad of it.").ids;
        const auto n = static_cast<std::int64_t>(ids.size());
        compute::Floats hidden(static_cast<std::size_t>(n * c.width));
        QVERIFY(m_decoder->embed(ids, hidden.data()));
        QVERIFY(m_decoder->forward(hidden.data(), 1, n, 1, c.layers, nullptr, {}, nullptr));
        const at::NoGradGuard off;
        const double difference = apart(hidden.data(), hiddenOf(**module, tensorOf(ids)));
        QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
        QVERIFY(greedy(**module, ids, 64) == greedy(*m_decoder, ids, 64));
    }
    void adapter_copiedBack_isTheOneThatWasTrained() {
        auto module = DecoderModule::load(*makeRandomModel(tests::tinyShape("llama", false, false), 4), 2);
        const auto adapter = *LoraAdapter::create((*module)->config(), 4, 8, {Projection::Q, Projection::Down}, 3),
                   back = *LoraAdapter::create((*module)->config(), 4, 8, {Projection::Q, Projection::Down}, 9);
        VERIFY_OK((*module)->adapt(*adapter));
        VERIFY_OK((*module)->copyInto(*back));
        for (std::int64_t layer = 0; layer < 3; ++layer) {
            const auto &own = adapter->part(layer, Projection::Down).a, &other = back->part(layer, Projection::Down).a;
            QVERIFY(std::equal(own.data(), own.data() + own.size(), other.data()));
        }
        const auto other = *LoraAdapter::create((*module)->config(), 4, 8, kAll, 9);
        QVERIFY(!(*module)->copyInto(*other));
        QVERIFY(!(*module)->adapt(*adapter));
    }
    void training_bf16WithMasters_lowersTheLoss() {
        for (const nn::Precision precision : {nn::Precision::Bf16, nn::Precision::Bf16Weights}) {
            auto module = DecoderModule::load(*makeRandomModel(tests::tinyShape("llama", true, false), 4), 2);
            VERIFY_OK(module);
            VERIFY_OK(nn::moveTo(**module, {}, nn::weightType(precision)));
            nn::OptimiserSettings settings;
            settings.schedule = {nn::ScheduleKind::Constant, 3e-3, 0, 1, 30};
            auto optimiser = nn::Optimiser::create(nn::usualGroups(**module, 0.1), settings);
            VERIFY_OK(optimiser);
            const Tensor ids = tensorOf(tests::someIds(32), 2), targets = tensorOf(tests::someIds(32, 2), 2);
            double first = 0, last = 0;
            for (int step = 0; step < 30; ++step) {
                (*optimiser)->zeroGradients();
                Tensor loss;
                {
                    const nn::PrecisionScope scope(precision, {});
                    auto result = (*module)->loss(hiddenOf(**module, ids), targets);
                    VERIFY_OK(result);
                    loss = *result;
                }
                loss.backward();
                const auto done = (*optimiser)->step(step, 1.0 / 32);
                VERIFY_OK(done);
                (step == 0 ? first : last) = loss.item<double>();
            }
            QVERIFY2(last < 0.7 * first, qPrintable(QString("%1 to %2").arg(first).arg(last)));
        }
    }
};

QTEST_GUILESS_MAIN(tst_DecoderModule)
#include "tst_decoder_module.moc"
