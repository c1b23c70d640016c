// Gradients against differences, updates against published numbers, adapters against their merged weights.
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

#include "lm/formats/random_model.h"
#include "lm/formats/safetensors.h"
#include "lm/formats/safetensors_writer.h"
#include "lm/train/trainable_decoder.h"
#include "stats/counter_rng.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

RandomModel small(const std::string& architecture, bool tied = true) {
    RandomModel out;
    out.architecture = architecture;
    out.layers = 2;
    out.width = 32;
    out.ffn = 48;
    out.heads = 4;
    out.kvHeads = 2;
    out.headWidth = 8;
    out.tiedHead = tied;
    return out;
}

std::shared_ptr<Decoder> decoderOf(const RandomModel& shape, std::uint64_t seed) {
    auto out = Decoder::load(*makeRandomModel(shape, seed), 2);
    if (!out) qFatal("%s", out.error().text().c_str());
    return *out;
}

TrainBatch batchOf(std::uint64_t seed, std::int64_t sequences = 2, std::int64_t length = 9) {
    stats::CounterRng rng(seed, "batch", 0);
    TrainBatch out;
    out.sequences = sequences;
    out.length = length;
    for (std::int64_t i = 0; i < sequences * length; ++i) {
        out.ids.push_back(static_cast<TokenId>(rng.nextU32() % 256));
        out.targets.push_back(rng.uniform() < 0.3 ? -1 : static_cast<TokenId>(rng.nextU32() % 256));
    }
    return out;
}

const std::vector<Projection> kAll = {
    Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate, Projection::Up, Projection::Down};

}  // namespace

class tst_Train : public QObject {
    Q_OBJECT
    /// Largest relative difference between the gradient and central differences, over some elements of every parameter.
    static double worstGradient(TrainableDecoder& model, const TrainBatch& batch) {
        model.zeroGradients();
        auto loss = model.accumulate(batch);
        if (!loss) qFatal("%s", loss.error().text().c_str());
        double worst = 0;
        stats::CounterRng rng(3, "pick", 0);
        for (const Parameter& parameter : model.parameters()) {
            double norm = 0;
            for (std::int64_t i = 0; i < parameter.size; ++i)
                norm += static_cast<double>(parameter.gradient[i]) * parameter.gradient[i];
            norm = std::sqrt(norm / static_cast<double>(parameter.size));
            for (int pick = 0; pick < 3; ++pick) {
                // Along a random direction of the whole parameter, so that rounding averages out.
                std::vector<float> direction(static_cast<std::size_t>(parameter.size)),
                    kept(parameter.values, parameter.values + parameter.size);
                double expected = 0;
                for (std::int64_t i = 0; i < parameter.size; ++i) {
                    direction[static_cast<std::size_t>(i)] = static_cast<float>(rng.normal());
                    expected += static_cast<double>(direction[static_cast<std::size_t>(i)]) * parameter.gradient[i];
                }
                const double h = 2e-3;
                double side[2];
                for (const int sign : {0, 1}) {
                    for (std::int64_t i = 0; i < parameter.size; ++i)
                        parameter.values[i] =
                            kept[static_cast<std::size_t>(i)] +
                            static_cast<float>((sign ? h : -h) * direction[static_cast<std::size_t>(i)]);
                    side[sign] = model.evaluate(batch)->nats;
                }
                std::copy(kept.begin(), kept.end(), parameter.values);
                const double difference = (side[1] - side[0]) / (2 * h),
                             size = std::max({std::abs(expected), std::abs(difference),
                                 norm * std::sqrt(static_cast<double>(parameter.size)) * 0.1, 1e-3});
                const double error = std::abs(difference - expected) / size;
                if (error > worst) {
                    worst = error;
                    if (error > 0.03)
                        qWarning("%s: gradient %g, difference %g", parameter.name.c_str(), expected, difference);
                }
            }
        }
        return worst;
    }
private Q_SLOTS:
    void gradients_everyArchitectureAndMode_equalDifferences_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<int>("mode");
        for (const char* architecture : {"llama", "qwen2", "qwen3"})
            for (const int mode : {0, 1, 2})
                QTest::addRow("%s mode %d", architecture, mode) << QString(architecture) << (mode != 1) << mode;
        QTest::addRow("llama untied full") << QString("llama") << false << 2;
    }
    void gradients_biasesAndEveryActivation_equalDifferences_data() {
        QTest::addColumn<QString>("activation");
        QTest::addColumn<int>("mode");
        for (const char* activation : {"silu", "gelu", "gelu_new", "quick_gelu", "relu2"})
            for (const int mode : {0, 2}) QTest::addRow("%s mode %d", activation, mode) << QString(activation) << mode;
    }
    void gradients_biasesAndEveryActivation_equalDifferences() {
        QFETCH(QString, activation);
        QFETCH(int, mode);
        RandomModel shape = small("llama");
        shape.biases = true;
        shape.activation = activation.toStdString();
        auto base = decoderOf(shape, 6);
        QVERIFY(base->config().outBias && base->config().gateUpBias && base->config().downBias);
        std::shared_ptr<LoraAdapter> adapter;
        if (mode == 0) adapter = *LoraAdapter::create(base->config(), 4, 8, kAll, 7);
        auto model = TrainableDecoder::create(base, static_cast<TrainMode>(mode), adapter);
        QVERIFY2(model, model ? "" : model.error().text().c_str());
        const double worst = worstGradient(**model, batchOf(1));
        QVERIFY2(worst < 0.03, qPrintable(QString::number(worst)));
    }
    void gradients_everyArchitectureAndMode_equalDifferences() {
        QFETCH(QString, architecture);
        QFETCH(bool, tied);
        QFETCH(int, mode);
        auto base = decoderOf(small(architecture.toStdString(), tied), 5);
        std::shared_ptr<LoraAdapter> adapter;
        if (mode == 0) {
            adapter = *LoraAdapter::create(base->config(), 4, 8, kAll, 7);
            stats::CounterRng rng(8, "b", 0);  // with B at zero the gradient of A would be zero
            for (std::int64_t layer = 0; layer < 2; ++layer)
                for (const Projection projection : kAll) {
                    auto& b = adapter->part(layer, projection).b;
                    for (std::size_t i = 0; i < b.size(); ++i) b.data()[i] = 0.1f * static_cast<float>(rng.normal());
                }
        }
        auto model = TrainableDecoder::create(base, static_cast<TrainMode>(mode), adapter);
        QVERIFY2(model, model ? "" : model.error().text().c_str());
        auto batch = batchOf(1);
        const double worst = worstGradient(**model, batch);
        QVERIFY2(worst < 0.03, qPrintable(QString::number(worst)));
        batch.documents = {0, 0, 0, 1, 1, 1, 1, 2, 2, 0, 1, 1, 1, 1, 1, 1, 1, 1};
        QVERIFY(worstGradient(**model, batch) < 0.03);
    }
    void forward_isTheDecodersOwn() {
        auto base = decoderOf(small("qwen3"), 5);
        const ModelConfig& c = base->config();
        auto model = *TrainableDecoder::create(base, TrainMode::HeadOnly, nullptr);
        TrainBatch batch = batchOf(2, 1, 12);
        for (auto& target : batch.targets) target = 7;
        compute::Floats hidden(static_cast<std::size_t>(12 * c.width));
        QVERIFY(base->embed(batch.ids, hidden.data()));
        QVERIFY(base->forward(hidden.data(), 1, 12, 1, c.layers, nullptr, {}, nullptr));
        std::vector<float> logits(static_cast<std::size_t>(12 * c.vocabulary));
        base->readout(hidden.data(), 12, logits.data());
        double nats = 0;
        for (int t = 0; t < 12; ++t) {
            const float* row = logits.data() + t * c.vocabulary;
            double sum = 0;
            for (std::int64_t i = 0; i < c.vocabulary; ++i) sum += std::exp(static_cast<double>(row[i]));
            nats += std::log(sum) - row[7];
        }
        const auto loss = model->evaluate(batch);
        QVERIFY(loss);
        QCOMPARE(loss->tokens, 12);
        QVERIFY2(std::abs(loss->nats - nats) < 1e-4 * nats, qPrintable(QString("%1 %2").arg(loss->nats).arg(nats)));
    }
    void documents_areIsolated() {
        auto base = decoderOf(small("llama"), 6);
        auto model = *TrainableDecoder::create(base, TrainMode::HeadOnly, nullptr);
        TrainBatch batch = batchOf(3, 1, 10);
        batch.documents = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
        for (int i = 0; i < 10; ++i) batch.targets[static_cast<std::size_t>(i)] = i < 5 ? -1 : 9;
        const double before = model->evaluate(batch)->nats;
        batch.ids[2] = (batch.ids[2] + 1) % 256;
        QCOMPARE(model->evaluate(batch)->nats, before);
        batch.documents.clear();
        QVERIFY(model->evaluate(batch)->nats != before);
    }
    void lora_freshAdapter_changesNothing_mergedEqualsUnmerged() {
        auto base = decoderOf(small("qwen2"), 7);
        const auto plain = (*TrainableDecoder::create(base, TrainMode::HeadOnly, nullptr))->evaluate(batchOf(4))->nats;
        auto adapter = *LoraAdapter::create(base->config(), 4, 16, kAll, 1);
        auto unmerged = *TrainableDecoder::create(base, TrainMode::Lora, adapter);
        QCOMPARE(unmerged->evaluate(batchOf(4))->nats, plain);
        stats::CounterRng rng(8, "b", 0);
        for (std::int64_t layer = 0; layer < 2; ++layer)
            for (const Projection projection : kAll) {
                auto& b = adapter->part(layer, projection).b;
                for (std::size_t i = 0; i < b.size(); ++i) b.data()[i] = 0.05f * static_cast<float>(rng.normal());
            }
        const double adapted = unmerged->evaluate(batchOf(4))->nats;
        QVERIFY(std::abs(adapted - plain) > 1e-3);
        auto merged = decoderOf(small("qwen2"), 7);
        QVERIFY(merged->merge(*adapter));
        const double whole =
            (*TrainableDecoder::create(merged, TrainMode::HeadOnly, nullptr))->evaluate(batchOf(4))->nats;
        QVERIFY2(std::abs(whole - adapted) < 1e-5 * adapted, qPrintable(QString("%1 %2").arg(whole).arg(adapted)));
    }
    void lora_peftFolder_savedAndLoaded_isEqual_andAnotherBaseIsNamed() {
        QTemporaryDir dir;
        const fs::path folder = fs::path(dir.path().toStdString()) / "adapter";
        const auto base = decoderOf(small("llama"), 7);
        auto adapter = *LoraAdapter::create(base->config(), 3, 6, {Projection::Q, Projection::Down}, 2);
        QVERIFY(adapter->save(folder, "somewhere/base"));
        auto loaded = LoraAdapter::load(folder, base->config());
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        QVERIFY((*loaded)->rank() == 3 && (*loaded)->alpha() == 6 && (*loaded)->parameters() == adapter->parameters());
        for (const Projection projection : {Projection::Q, Projection::Down})
            QVERIFY(std::memcmp((*loaded)->part(1, projection).a.data(), adapter->part(1, projection).a.data(),
                        adapter->part(1, projection).a.size() * 4) == 0);
        QVERIFY(!(*loaded)->part(0, Projection::K).isThere());
        RandomModel wider = small("llama");
        wider.width = 64;
        auto wrong = LoraAdapter::load(folder, decoderOf(wider, 1)->config());
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().code(), Code::ShapeMismatch);
        QVERIFY(wrong.error().text().find("3 x 32") != std::string::npos &&
                wrong.error().text().find("3 x 64") != std::string::npos);
        RandomModel shallow = small("llama");
        shallow.layers = 1;
        QVERIFY(!LoraAdapter::load(folder, decoderOf(shallow, 1)->config()));
        QVERIFY(
            !LoraAdapter::create(base->config(), 0, 1, kAll, 1) && !LoraAdapter::create(base->config(), 4, 8, {}, 1));
    }
    void lora_patternsOfPeft_areHonoured_andOtherKindsRefusedByName() {
        QTemporaryDir dir;
        const fs::path folder = fs::path(dir.path().toStdString()) / "adapter";
        const auto base = decoderOf(small("llama"), 7);
        auto adapter = *LoraAdapter::create(base->config(), 4, 8, {Projection::Q, Projection::Down}, 2);
        stats::CounterRng rng(8, "b", 0);
        for (std::int64_t layer = 0; layer < 2; ++layer)
            for (const Projection projection : {Projection::Q, Projection::Down}) {
                auto& b = adapter->part(layer, projection).b;
                for (std::size_t i = 0; i < b.size(); ++i) b.data()[i] = 0.05f * static_cast<float>(rng.normal());
            }
        QVERIFY(adapter->save(folder, "base"));
        const Json plain = *parseJson(*readFile(folder / "adapter_config.json", 1 << 20));
        const auto loadedWith = [&](const char* key, const Json& value) {
            Json changed = plain;
            changed[key] = value;
            (void)writeFileAtomic(folder / "adapter_config.json", jsonText(changed));
            return LoraAdapter::load(folder, base->config());
        };
        // What a projection adds to its weight, per unit of the plain adapter's.
        const auto strength = [&](const LoraAdapter& loaded, std::int64_t layer, Projection projection) {
            const ProjectionShape shape = shapeOf(projection, base->config());
            std::vector<float> own(static_cast<std::size_t>(shape.out * shape.in)), other(own.size());
            adapter->mergeInto(layer, projection, own.data());
            loaded.mergeInto(layer, projection, other.data());
            double ab = 0, aa = 0;
            for (std::size_t i = 0; i < own.size(); ++i) ab += double(own[i]) * other[i], aa += double(own[i]) * own[i];
            return ab / aa;
        };
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-5; };
        const auto alphas = loadedWith("alpha_pattern", {{"q_proj", 32}, {"layers.1.mlp.down_proj", 2}});
        QVERIFY2(alphas, alphas ? "" : alphas.error().text().c_str());
        QVERIFY(near(strength(**alphas, 0, Projection::Q), 4) && near(strength(**alphas, 0, Projection::Down), 1) &&
                near(strength(**alphas, 1, Projection::Down), 0.25));
        // Where two patterns fit one module the first in the file counts, as in PEFT.
        const auto narrowFirst = loadedWith("alpha_pattern", {{"self_attn.q_proj", 32}, {".*q_proj", 2}}),
                   wideFirst = loadedWith("alpha_pattern", {{".*q_proj", 2}, {"self_attn.q_proj", 32}}),
                   sortedLast = loadedWith("alpha_pattern", {{"self_attn.q_proj", 2}, {"attn.q_proj|q_proj", 32}});
        QVERIFY(narrowFirst && near(strength(**narrowFirst, 0, Projection::Q), 4));
        QVERIFY(wideFirst && near(strength(**wideFirst, 0, Projection::Q), 0.25));
        QVERIFY(sortedLast && near(strength(**sortedLast, 0, Projection::Q), 0.25));
        const auto stabilised = loadedWith("use_rslora", true);
        QVERIFY(stabilised && near(strength(**stabilised, 1, Projection::Q), 2));  // 8 / sqrt(4) over 8 / 4
        QVERIFY(!loadedWith("rank_pattern", {{"q_proj", 2}}));                     // its matrices have rank 4
        const std::vector<std::pair<const char*, Json>> refused = {{"use_dora", true}, {"init_lora_weights", "pissa"},
            {"init_lora_weights", "olora"}, {"init_lora_weights", "loftq"}, {"bias", "all"}, {"lora_bias", true},
            {"modules_to_save", {"lm_head"}}, {"trainable_token_indices", {1}}, {"peft_type", "IA3"},
            {"something_new", "x"}, {"layer_replication", {{0, 1}}}, {"alpha_pattern", {{"(", 1}}}};
        for (const auto& [key, value] : refused) {
            const auto out = loadedWith(key, value);
            QVERIFY2(
                !out && out.error().text().find(value.is_string() && std::string(key) == "peft_type" ? "IA3" : key) !=
                            std::string::npos,
                out ? key : out.error().text().c_str());
        }
        for (const auto& [key, value] : std::vector<std::pair<const char*, Json>>{{"something_new", nullptr},
                 {"init_lora_weights", true}, {"init_lora_weights", "gaussian"}, {"peft_version", "0.21.0"},
                 {"loftq_config", Json::object()}, {"use_dora", false}, {"fan_in_fan_out", true}})
            QVERIFY2(loadedWith(key, value), key);
    }
    void lora_rankPattern_isAsIfEachModuleHadItsOwn() {
        QTemporaryDir dir;
        const fs::path wide = fs::path(dir.path().toStdString()) / "wide", narrow = wide.parent_path() / "narrow";
        const auto base = decoderOf(small("llama"), 7);
        auto four = *LoraAdapter::create(base->config(), 4, 8, {Projection::Q}, 2);
        auto two = *LoraAdapter::create(base->config(), 2, 8, {Projection::Down}, 3);
        std::fill_n(four->part(0, Projection::Q).b.data(), four->part(0, Projection::Q).b.size(), 0.1f);
        std::fill_n(two->part(1, Projection::Down).b.data(), two->part(1, Projection::Down).b.size(), 0.2f);
        QVERIFY(four->save(wide, "base") && two->save(narrow, "base"));
        // Both in one folder, as PEFT stores an adapter with a pattern of ranks.
        const auto first = *SafetensorsFile::open(wide / "adapter_model.safetensors"),
                   second = *SafetensorsFile::open(narrow / "adapter_model.safetensors");
        std::vector<TensorToWrite> tensors;
        for (const auto& file : {first, second})
            for (const SafeTensor& tensor : file->tensors())
                tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.data});
        const fs::path both = wide.parent_path() / "both";
        QVERIFY(makeFolders(both) && writeSafetensors(both / "adapter_model.safetensors", tensors, {}));
        Json config = *parseJson(*readFile(wide / "adapter_config.json", 1 << 20));
        config["rank_pattern"] = {{"down_proj", 2}};
        QVERIFY(writeFileAtomic(both / "adapter_config.json", jsonText(config)));
        const auto loaded = LoraAdapter::load(both, base->config());
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        for (const auto& [own, layer, projection] :
            {std::tuple(four, 0, Projection::Q), std::tuple(two, 1, Projection::Down)}) {
            const ProjectionShape shape = shapeOf(projection, base->config());
            std::vector<float> expected(static_cast<std::size_t>(shape.out * shape.in)), got(expected.size());
            own->mergeInto(layer, projection, expected.data());
            (*loaded)->mergeInto(layer, projection, got.data());
            for (std::size_t i = 0; i < got.size(); ++i) QVERIFY(std::abs(got[i] - expected[i]) < 1e-6f);
        }
    }
    void adamw_firstStep_isThePublishedNumber() {
        float w = 1, g = 0.5f;
        const std::vector<Parameter> parameters = {{"w", &w, &g, 1, {1, 1}, true}};
        AdamW optimiser(parameters);
        AdamWSettings settings;
        settings.weightDecay = 0.1;
        settings.beta2 = 0.999;
        optimiser.step(parameters, settings, 0.1, 1);
        QVERIFY2(std::abs(w - 0.89f) < 1e-6f, qPrintable(QString::number(w)));
        float v = 1;
        const std::vector<Parameter> vector = {{"v", &v, &g, 1, {1}, false}};
        AdamW(vector).step(vector, settings, 0.1, 1);
        QVERIFY(std::abs(v - 0.9f) < 1e-6f);  // vectors do not decay
    }
    void schedules_areAsPublished() {
        Schedule cosine{ScheduleKind::Cosine, 3e-4, 10, 0.1, 110};
        QVERIFY(std::abs(cosine.at(60) - 1.65e-4) < 1e-12);
        QVERIFY(std::abs(cosine.at(9) - 3e-4) < 1e-12 && std::abs(cosine.at(0) - 3e-5) < 1e-12 &&
                std::abs(cosine.at(110) - 3e-5) < 1e-12);
        Schedule linear{ScheduleKind::Linear, 1, 0.1, 0, 100};
        QVERIFY(std::abs(linear.at(55) - 0.5) < 1e-12);
        Schedule wsd{ScheduleKind::Wsd, 1, 0, 0, 100};
        QVERIFY(wsd.at(80) == 1 && std::abs(wsd.at(95) - 0.5) < 1e-12);
        Schedule constant{ScheduleKind::Constant, 1, 0, 0, 100};
        QVERIFY(constant.at(99) == 1);
    }
    void training_lowersTheLoss_andRepeatsToTheBit() {
        const auto run = [] {
            auto base = decoderOf(small("llama"), 9);
            auto adapter = *LoraAdapter::create(base->config(), 4, 8, kAll, 7);
            auto model = *TrainableDecoder::create(base, TrainMode::Lora, adapter);
            AdamW optimiser(model->parameters());
            const TrainBatch batch = batchOf(5);
            std::vector<double> losses;
            for (int step = 0; step < 12; ++step) {
                model->zeroGradients();
                const auto loss = *model->accumulate(batch);
                losses.push_back(loss.nats);
                optimiser.step(model->parameters(), {}, 1e-2, 1.0 / static_cast<double>(loss.tokens));
            }
            return losses;
        };
        const auto first = run(), second = run();
        QVERIFY(first == second);
        QVERIFY2(
            first.back() < 0.9 * first.front(), qPrintable(QString("%1 to %2").arg(first.front()).arg(first.back())));
    }
    void keptValues_andComputedAgain_giveEqualBits() {
        const auto gradients = [](std::int64_t kept) {
            auto base = decoderOf(small("qwen3"), 9);
            auto model = *TrainableDecoder::create(base, TrainMode::Full, nullptr);
            model->setKeptBytes(kept);
            model->zeroGradients();
            (void)*model->accumulate(batchOf(5));
            std::vector<float> out;
            for (const auto& parameter : model->parameters())
                out.insert(out.end(), parameter.gradient, parameter.gradient + parameter.size);
            return out;
        };
        QVERIFY(gradients(0) == gradients(1ll << 30));
    }
    void wrongBatch_isNamed() {
        auto base = decoderOf(small("llama"), 9);
        auto model = *TrainableDecoder::create(base, TrainMode::HeadOnly, nullptr);
        TrainBatch batch = batchOf(5);
        batch.targets[3] = 100000;
        QVERIFY(!model->evaluate(batch));
        batch = batchOf(5);
        batch.ids.pop_back();
        QVERIFY(!model->evaluate(batch));
        QVERIFY(!TrainableDecoder::create(base, TrainMode::Lora, nullptr));
        RandomModel quantised = small("llama");
        quantised.type = GgmlType::Q8_0;
        quantised.ffn = 64;
        auto rows = Decoder::load(*makeRandomModel(quantised, 1), 1, WeightForm::Quantised);
        QVERIFY(rows && !TrainableDecoder::create(*rows, TrainMode::Full, nullptr));
    }
};

QTEST_GUILESS_MAIN(tst_Train)
#include "tst_train.moc"
