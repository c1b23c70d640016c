// What is written is read back equal; block bytes against the format's published rules.
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

#include "lm/formats/convert.h"
#include "lm/formats/gguf_writer.h"
#include "lm/formats/model_config.h"
#include "lm/formats/model_folder.h"
#include "lm/formats/quantise.h"
#include "lm/formats/random_model.h"
#include "lm/formats/safetensors.h"
#include "lm/formats/safetensors_writer.h"
#include "quantise_golden.h"
#include "stats/counter_rng.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

std::vector<float> gaussian(std::size_t n, std::uint64_t seed) {
    stats::CounterRng rng(seed, "weights", 0);
    std::vector<float> out(n);
    for (auto& x : out) x = static_cast<float>(rng.normal());
    return out;
}

double relativeError(GgmlType type, const std::vector<float>& values) {
    const BlockLayout layout = blockLayout(type);
    const auto blocks = static_cast<std::int64_t>(values.size() / layout.elements);
    Bytes bytes(static_cast<std::size_t>(blocks) * layout.bytes);
    std::vector<float> back(values.size());
    quantise(type, values.data(), bytes.data(), blocks);
    dequantise(type, bytes.data(), back.data(), blocks);
    double error = 0, square = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        error += (back[i] - values[i]) * (back[i] - values[i]), square += values[i] * values[i];
    return std::sqrt(error / square);
}

constexpr GgmlType kAll[] = {GgmlType::F32, GgmlType::F16, GgmlType::BF16, GgmlType::Q4_0, GgmlType::Q4_1,
    GgmlType::Q5_0, GgmlType::Q5_1, GgmlType::Q8_0, GgmlType::IQ4_NL, GgmlType::Q2_K, GgmlType::Q3_K, GgmlType::Q4_K,
    GgmlType::Q5_K, GgmlType::Q6_K};

bool sameTensors(const GgufFile& a, const GgufFile& b) {
    if (a.tensors().size() != b.tensors().size()) return false;
    for (const GgufTensor& tensor : a.tensors()) {
        const GgufTensor* other = b.findTensor(tensor.name);
        if (!other || other->dims != tensor.dims || other->typeCode != tensor.typeCode ||
            std::memcmp(other->data, tensor.data, tensor.bytes) != 0)
            return false;
    }
    return true;
}

}  // namespace

class tst_Writers : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    fs::path path(const char* name) const { return fs::path(m_dir.path().toStdString()) / name; }
    std::shared_ptr<GgufFile> open(const fs::path& at) {
        auto file = openModel(at);
        if (!file) qWarning("%s", file.error().text().c_str());
        return file ? *file : nullptr;
    }
private Q_SLOTS:
    void quantise_simpleTypes_giveTheReferenceBytes() {
        QVERIFY(kQuantiseGolden.size() >= 6);
        for (const auto& golden : kQuantiseGolden) {
            Bytes out(golden.bytes.size());
            quantise(static_cast<GgmlType>(golden.type), kQuantiseInput.data(), out.data(),
                static_cast<std::int64_t>(out.size() / blockLayout(static_cast<GgmlType>(golden.type)).bytes));
            QVERIFY2(out == golden.bytes, typeName(golden.type).c_str());
        }
    }
    void quantise_everyType_errorIsOfItsBits() {
        const auto values = gaussian(256 * 64, 3);
        const std::pair<GgmlType, double> kMost[] = {{GgmlType::F32, 0}, {GgmlType::F16, 4e-4}, {GgmlType::BF16, 3e-3},
            {GgmlType::Q8_0, 0.008}, {GgmlType::Q6_K, 0.025}, {GgmlType::Q5_K, 0.045}, {GgmlType::Q5_1, 0.05},
            {GgmlType::Q5_0, 0.055}, {GgmlType::Q4_K, 0.09}, {GgmlType::IQ4_NL, 0.09}, {GgmlType::Q4_1, 0.1},
            {GgmlType::Q4_0, 0.11}, {GgmlType::Q3_K, 0.2}, {GgmlType::Q2_K, 0.4}};
        for (const auto& [type, most] : kMost) {
            const double error = relativeError(type, values);
            QVERIFY2(error <= most,
                qPrintable(QString("%1: %2").arg(typeName(static_cast<std::uint32_t>(type)).c_str()).arg(error)));
        }
        QVERIFY(relativeError(GgmlType::Q6_K, values) < relativeError(GgmlType::Q5_K, values));
        QVERIFY(relativeError(GgmlType::Q5_K, values) < relativeError(GgmlType::Q4_K, values));
        QVERIFY(relativeError(GgmlType::Q4_K, values) < relativeError(GgmlType::Q4_0, values));
    }
    void quantise_hardBlocks_areFiniteAndExactWhereTheyCan() {
        std::vector<float> zero(256, 0.0f), constant(256, -0.75f), spike(256, 0.0f), positive(256), tiny(256, 1e-7f);
        spike[77] = 1000;
        for (std::size_t i = 0; i < 256; ++i) positive[i] = 1 + 0.01f * static_cast<float>(i % 16);
        for (const GgmlType type : kAll) {
            const BlockLayout layout = blockLayout(type);
            const auto blocks = static_cast<std::int64_t>(256 / layout.elements);
            for (const auto* values : {&zero, &constant, &spike, &positive, &tiny}) {
                Bytes bytes(static_cast<std::size_t>(blocks) * layout.bytes);
                std::vector<float> back(256);
                quantise(type, values->data(), bytes.data(), blocks);
                dequantise(type, bytes.data(), back.data(), blocks);
                for (std::size_t i = 0; i < 256; ++i) QVERIFY(std::isfinite(back[i]));
                if (values == &zero) QVERIFY(back == zero);
                if (values == &spike) QVERIFY(std::abs(back[77] - 1000) < 40);
                if (values == &constant)
                    QVERIFY2(std::abs(back[0] + 0.75f) < 0.03f, typeName(static_cast<std::uint32_t>(type)).c_str());
            }
        }
    }
    void bfloat_roundsToEvenAndKeepsNaN() {
        QCOMPARE(bfloatFromFloat(1.0f), std::uint16_t(0x3F80));
        QCOMPARE(bfloatFromFloat(std::bit_cast<float>(0x3F808000u)), std::uint16_t(0x3F80));
        QCOMPARE(bfloatFromFloat(std::bit_cast<float>(0x3F818000u)), std::uint16_t(0x3F82));
        QVERIFY(bfloatFromFloat(std::bit_cast<float>(0x7F800001u)) & 0x40);
        QCOMPARE(bfloatFromFloat(INFINITY), std::uint16_t(0x7F80));
    }
    void typeThatFits_followsTheWidthTrap() {
        QCOMPARE(typeThatFits(GgmlType::Q4_K, 576), GgmlType::Q5_0);
        QCOMPARE(typeThatFits(GgmlType::Q5_K, 896), GgmlType::Q5_1);
        QCOMPARE(typeThatFits(GgmlType::Q6_K, 576), GgmlType::Q8_0);
        QCOMPARE(typeThatFits(GgmlType::Q2_K, 576), GgmlType::IQ4_NL);
        QCOMPARE(typeThatFits(GgmlType::Q4_0, 40), GgmlType::F16);
        QCOMPARE(typeThatFits(GgmlType::Q4_K, 512), GgmlType::Q4_K);
    }
    void gguf_writtenAndRead_isEqual() {
        const auto source = open(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen2.gguf");
        QVERIFY(source);
        QVERIFY(writeGguf(*source, path("copy.gguf"), {}));
        const auto copy = open(path("copy.gguf"));
        QVERIFY(copy && sameTensors(*source, *copy));
        for (const auto& [key, value] : source->metadata()) {
            QVERIFY2(copy->metadata().contains(key) || key == "general.file_type", key.c_str());
            if (const auto whole = source->integer(key))
                QVERIFY(key == "general.file_type" || copy->integer(key) == whole);
        }
    }
    void gguf_listsOfTexts_areWrittenWhole() {
        GgufWriter writer;
        writer.set("general.architecture", std::string("none"));
        writer.set("below", std::int64_t{-5});
        writer.set("large", std::uint64_t{1} << 40);
        writer.setTexts("words", {"a", "", "größer"});
        writer.setIntegers("numbers", {3, -4});
        QVERIFY(writer.write(path("lists.gguf")));
        const auto file = open(path("lists.gguf"));
        QVERIFY(file);
        QVERIFY(*file->texts("words") == (std::vector<std::string>{"a", "", "größer"}));
        QVERIFY(*file->integers("numbers") == (std::vector<std::int64_t>{3, -4}));
        QVERIFY(file->integer("below") == -5 && file->integer("large") == std::int64_t{1} << 40);
    }
    void gguf_inParts_opensByAnyPart_andNamesAMissingOne() {
        const auto source = open(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen2.gguf");
        auto parts = writeGguf(*source, path("split.gguf"), {std::nullopt, 60'000, {}});
        QVERIFY(parts);
        QVERIFY(parts->size() >= 2);
        QVERIFY(parts->front().filename().string().starts_with("split-00001-of-000"));
        for (const auto& part : *parts) {
            const auto whole = open(part);
            QVERIFY(whole && sameTensors(*source, *whole));
            QVERIFY(readConfig(*whole));
        }
        fs::rename(parts->back(), path("elsewhere"));
        auto missing = GgufFile::open(parts->front());
        QVERIFY(!missing);
        QCOMPARE(missing.error().code(), Code::CorruptData);
        QVERIFY(missing.error().text().find(parts->back().filename().string()) != std::string::npos);
        fs::copy_file(parts->front(), parts->back());  // a part in another's place
        auto wrong = GgufFile::open(parts->front());
        QVERIFY(!wrong && wrong.error().text().find("does not say that it is part") != std::string::npos);
        fs::copy_file(parts->front(), path("alone.gguf"));
        QVERIFY(!GgufFile::open(path("alone.gguf")));
    }
    void gguf_everyType_convertsAndReportsItsError() {
        const auto source = open(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen2.gguf");
        double before = 0;
        for (const GgmlType type : {GgmlType::F32, GgmlType::Q8_0, GgmlType::Q4_0}) {
            std::vector<ConvertedTensor> report;
            QVERIFY(writeGguf(*source, path("typed.gguf"), {type, 0, {}}, &report));
            QCOMPARE(report.size(), source->tensors().size());
            const auto copy = open(path("typed.gguf"));
            QVERIFY(copy && readConfig(*copy));
            double worst = 0;
            for (const auto& line : report) worst = std::max(worst, line.relative);
            QVERIFY(worst >= before && worst < 0.2);
            before = worst;
        }
    }
    void conversion_notANumber_isRefusedByTensor() {
        const auto source = makeRandomModel({}, 3);
        QVERIFY(source);
        const auto with = [&](float value, std::int64_t at) {
            auto tensors = (*source)->tensors();
            auto& changed = *std::find_if(
                tensors.begin(), tensors.end(), [](const auto& t) { return t.name == "blk.0.ffn_down.weight"; });
            auto bytes = std::make_shared<Bytes>(changed.data, changed.data + changed.bytes);
            std::memcpy(bytes->data() + 4 * at, &value, 4);
            changed.data = bytes->data();
            return std::pair(bytes, *GgufFile::assemble((*source)->metadata(), tensors, {}, *source));
        };
        const auto refusal = [&](const GgufFile& model, std::optional<GgmlType> type) {
            std::vector<ConvertedTensor> report;
            const auto out = writeGguf(model, path("nan.gguf"), {type, 0, {}}, &report);
            return out ? QString() : QString::fromStdString(out.error().text());
        };
        for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
            const auto [bytes, model] = with(bad, 17);
            for (const std::optional<GgmlType> type : {std::optional<GgmlType>(), std::optional(GgmlType::Q4_0),
                     std::optional(GgmlType::F16), std::optional(GgmlType::F32)}) {
                const QString said = refusal(*model, type);
                QVERIFY2(said.contains("blk.0.ffn_down.weight") && said.contains("17"), qPrintable(said));
            }
            QVERIFY(!writeModelFolder(*model, path("nan"), {GgmlType::BF16, 0, {}}));
        }
        const auto [bytes, large] = with(1e6f, 3);
        QVERIFY(refusal(*large, GgmlType::F16).contains("blk.0.ffn_down.weight"));
        QCOMPARE(refusal(*large, GgmlType::F32), QString());
        QVERIFY(!writeModelFolder(*large, path("large"), {GgmlType::F16, 0, {}}));
        QVERIFY(!fs::exists(path("nan.gguf")) || fs::file_size(path("nan.gguf")) > 0);
    }
    void gguf_cancelled_leavesNothing() {
        const auto source = open(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen2.gguf");
        auto out =
            writeGguf(*source, path("cancelled.gguf"), {GgmlType::F32, 0, [](double share) { return share < 0.3; }});
        QVERIFY(!out);
        QCOMPARE(out.error().code(), Code::Cancelled);
        for (const auto& entry : fs::directory_iterator(m_dir.path().toStdString()))
            QVERIFY(entry.path().filename().string().find("cancelled") == std::string::npos);
    }
    void folder_fromGguf_holdsTheSameModel() {
        const auto source = open(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen3.gguf");
        QVERIFY(source);
        QVERIFY(writeModelFolder(*source, path("folder"), {GgmlType::F32, 100'000, {}}));
        QVERIFY(fs::exists(path("folder") / "model.safetensors.index.json"));
        const auto folder = open(path("folder"));
        QVERIFY(folder);
        auto a = readConfig(*source), b = readConfig(*folder);
        QVERIFY(a && b);
        QVERIFY(a->layers == b->layers && a->headWidth == b->headWidth && a->ropeBase == b->ropeBase &&
                a->rope.kind == b->rope.kind && a->rope.factor == b->rope.factor && a->qkNorm == b->qkNorm);
        for (const GgufTensor& tensor : folder->tensors()) {
            const GgufTensor* other = source->findTensor(tensor.name);
            QVERIFY2(other, tensor.name.c_str());
            const auto type = static_cast<GgmlType>(other->typeCode);
            std::vector<float> values(static_cast<std::size_t>(other->rows() * other->columns()));
            dequantise(type, other->data, values.data(),
                static_cast<std::int64_t>(values.size() / blockLayout(type).elements));
            QVERIFY2(std::memcmp(values.data(), tensor.data, values.size() * 4) == 0, tensor.name.c_str());
        }
        QVERIFY(!writeModelFolder(*source, path("bad"), {GgmlType::Q4_0, 0, {}}));
    }
    void llama_throughFolderAndBack_keepsItsRowOrder() {
        const auto source = *makeRandomModel({}, 4);
        QVERIFY(writeModelFolder(*source, path("llama"), {GgmlType::F32, 0, {}}));
        const auto folder = open(path("llama"));
        QVERIFY(folder && !readConfig(*folder)->permutedQk);
        QVERIFY(writeGguf(*folder, path("back.gguf"), {}));
        const auto back = open(path("back.gguf"));
        QVERIFY(back && readConfig(*back)->permutedQk);
        for (const char* name :
            {"blk.1.attn_q.weight", "blk.1.attn_k.weight", "blk.1.attn_v.weight", "token_embd.weight"}) {
            const GgufTensor *from = source->findTensor(name), *to = back->findTensor(name);
            const auto type = static_cast<GgmlType>(from->typeCode);
            std::vector<float> values(static_cast<std::size_t>(from->rows() * from->columns()));
            dequantise(
                type, from->data, values.data(), static_cast<std::int64_t>(values.size() / blockLayout(type).elements));
            QVERIFY2(std::memcmp(values.data(), to->data, values.size() * 4) == 0, name);
        }
        QVERIFY(*back->texts("tokenizer.ggml.merges") == *source->texts("tokenizer.ggml.merges"));
        QCOMPARE(*back->text("tokenizer.ggml.pre"), std::string("qwen2"));
        QVERIFY(std::memcmp(source->findTensor("blk.0.attn_q.weight")->data,
                    folder->findTensor("blk.0.attn_q.weight")->data, 64 * 64 * 4) != 0);
    }
    void biasesActivationAndWindow_throughFolderAndBack_areKept() {
        RandomModel shape;
        shape.biases = true;
        shape.activation = "gelu";
        const auto source = *makeRandomModel(shape, 4);
        QVERIFY(writeModelFolder(*source, path("biased"), {GgmlType::F32, 0, {}}));
        const auto folder = open(path("biased"));
        QVERIFY(folder && writeGguf(*folder, path("biased.gguf"), {}));
        const auto back = open(path("biased.gguf"));
        QVERIFY(back);
        for (const auto& model : {folder, back}) {
            const auto c = readConfig(*model);
            QVERIFY2(c, c ? "" : c.error().text().c_str());
            QVERIFY(c->qkvBias && c->outBias && c->gateUpBias && c->downBias && c->gate == GateFunction::Gelu);
        }
        for (const char* name : {"blk.0.attn_q.bias", "blk.1.attn_output.bias", "blk.1.ffn_up.bias"})
            QVERIFY2(std::memcmp(source->findTensor(name)->data, back->findTensor(name)->data,
                         source->findTensor(name)->bytes) == 0,
                name);
        // One projection alone has no place in a folder of any kind.
        std::vector<GgufTensor> tensors;
        for (const GgufTensor& tensor : source->tensors())
            if (tensor.name.find("ffn_up.bias") == std::string::npos &&
                tensor.name.find("ffn_gate.bias") == std::string::npos)
                tensors.push_back(tensor);
        const auto odd = *GgufFile::assemble(source->metadata(), tensors, {}, source);
        QVERIFY(readConfig(*odd));
        QVERIFY(writeModelFolder(*odd, path("odd"), {}).error().text().find("ffn_down") != std::string::npos);
    }
    void window_throughFolderAndBack_isKept() {
        const auto plain = *makeRandomModel({}, 4);
        auto metadata = plain->metadata();
        metadata["dubito.window"] = std::int64_t{8};
        const auto source = *GgufFile::assemble(metadata, plain->tensors(), {}, plain);
        QVERIFY(writeModelFolder(*source, path("windowed"), {GgmlType::F32, 0, {}}));
        const auto folder = open(path("windowed"));
        QVERIFY(folder && writeGguf(*folder, path("windowed.gguf"), {}));
        for (const auto& model : {folder, open(path("windowed.gguf"))})
            QVERIFY(model && readConfig(*model)->windowOf(1) == 8);
    }
    void safetensors_writtenAndRead_isEqual() {
        const std::vector<float> values = gaussian(12, 5);
        const Bytes raw = [&] {
            Bytes out;
            for (const float x : values) append(out, x);
            return out;
        }();
        const std::int64_t step = 7;
        Bytes number;
        append(number, step);
        QVERIFY(writeSafetensors(path("a.safetensors"),
            {{"w", "F32", {3, 4}, raw}, {"step", "I64", {}, number}, {"empty", "F32", {0, 4}, {}}},
            {{"format", "pt"}}));
        auto file = SafetensorsFile::open(path("a.safetensors"));
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        QCOMPARE((*file)->tensors().size(), 3u);
        for (const auto& tensor : (*file)->tensors())
            if (tensor.name == "w") QVERIFY(std::memcmp(tensor.data.data(), raw.data(), raw.size()) == 0);
        QVERIFY(!writeSafetensors(path("b.safetensors"), {{"w", "F32", {3, 5}, raw}}));
        QVERIFY(!writeSafetensors(path("b.safetensors"), {{"w", "F32", {12}, raw}, {"w", "F32", {12}, raw}}));
        QVERIFY(!fs::exists(path("b.safetensors")));
    }
};

QTEST_GUILESS_MAIN(tst_Writers)
#include "tst_writers.moc"
