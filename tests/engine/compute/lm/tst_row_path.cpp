// Weights in rows as stored: near the tensor path, and the same bits however many threads share the work.
#include <QTest>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <thread>

#include "lm/formats/model_folder.h"
#include "lm/formats/quantise.h"
#include "lm/formats/random_model.h"
#include "lm/model/attribution.h"
#include "lm/text/chat_template.h"
#include "tensor/dtype.h"

#include "packaged_model.h"
#include "tiny_qwen2_golden.h"

using namespace dubito;
using namespace dubito::lm;
using tests::passOf;

class tst_RowPath : public QObject, tests::PackagedModel {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { openPackagedModel(); }
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
    void biasesAndActivations_rowByRow_equalOnePass_data() {
        QTest::addColumn<QString>("activation");
        for (const char* name : {"silu", "gelu", "gelu_new", "quick_gelu", "relu", "relu2"})
            QTest::newRow(name) << name;
    }
    void biasesAndActivations_rowByRow_equalOnePass() {
        QFETCH(QString, activation);
        RandomModel shape;
        shape.biases = true;
        shape.activation = activation.toStdString();
        const auto file = *makeRandomModel(shape, 4);
        const auto whole = *Decoder::load(file, 2), rows = *Decoder::load(file, 2, WeightForm::Rows);
        const ModelConfig& c = whole->config();
        QVERIFY(rows->hasRows());
        const std::vector<TokenId> ids = {5, 200, 31, 31, 7, 90, 254, 18, 3, 66};
        const auto n = static_cast<std::int64_t>(ids.size());
        Captured captured;
        const std::vector<float> logits = passOf(*whole, ids, &captured, {true, true, true, AttentionCapture::Off});
        // Head, MLP and bias shares of the last token add up to its logit.
        const TokenId asked = 42;
        const auto shares = attributeLogits(*whole, captured, n - 1, {&asked, 1});
        QCOMPARE(shares.size(), attributionNames(c).size());
        double sum = 0;
        for (const float share : shares) sum += share;
        QVERIFY(std::abs(sum - logits[static_cast<std::size_t>((n - 1) * c.vocabulary + asked)]) < 2e-3);
        KvCache cache(c, n, KvPrecision::F32);
        compute::Floats hidden(static_cast<std::size_t>(c.width));
        std::vector<float> row(static_cast<std::size_t>(c.vocabulary));
        for (std::int64_t i = 0; i < n; ++i) {
            QVERIFY(rows->embed({&ids[static_cast<std::size_t>(i)], 1}, hidden.data()));
            QVERIFY(rows->forward(hidden.data(), 1, 1, 1, c.layers, &cache, {}, nullptr));
            rows->readout(hidden.data(), 1, row.data());
            for (std::int64_t j = 0; j < c.vocabulary; ++j)
                QVERIFY(std::abs(row[static_cast<std::size_t>(j)] -
                                 logits[static_cast<std::size_t>(i * c.vocabulary + j)]) < 3e-3f);
        }
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
};

QTEST_GUILESS_MAIN(tst_RowPath)
#include "tst_row_path.moc"
