// Adapters in PEFT's files: read, written, and refused by name.
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

#include "lm/formats/random_model.h"
#include "lm/formats/safetensors.h"
#include "lm/formats/safetensors_writer.h"
#include "lm/model/decoder.h"
#include "lm/model/lora.h"
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

const std::vector<Projection> kAll = {
    Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate, Projection::Up, Projection::Down};

}  // namespace

class tst_Adapters : public QObject {
    Q_OBJECT
private Q_SLOTS:
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
};

QTEST_GUILESS_MAIN(tst_Adapters)
#include "tst_adapters.moc"
