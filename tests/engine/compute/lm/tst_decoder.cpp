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

#include "packaged_model.h"
#include "tiny_qwen2_golden.h"
#include "tiny_qwen3_golden.h"

using namespace dubito;
using namespace dubito::lm;
using tests::passOf;

class tst_Decoder : public QObject, tests::PackagedModel {
    Q_OBJECT
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
    void initTestCase() { openPackagedModel(); }
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
};

QTEST_GUILESS_MAIN(tst_Decoder)
#include "tst_decoder.moc"
