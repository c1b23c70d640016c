// Models and adapters as strangers make them: GGUF, safetensors, folders and their configurations.
#include <QTemporaryDir>
#include <QTest>

#include <set>

#include "fuzz/hammer.h"
#include "fuzz/seeds.h"
#include "lm/formats/adapter_settings.h"
#include "lm/formats/convert.h"
#include "lm/formats/folder_config.h"
#include "lm/formats/model_config.h"
#include "lm/formats/model_folder.h"
#include "lm/formats/safetensors.h"
#include "lm/text/chat_template.h"

using namespace dubito;
using namespace dubito::fuzz;

namespace {

/// What every use of a model begins with, and the first rows of each tensor.
std::optional<Error> useModel(const std::shared_ptr<lm::GgufFile>& file) {
    lm::accountOf(*file);
    const auto config = lm::readConfig(*file);
    const auto tokenizer = lm::Tokenizer::load(*file);
    if (tokenizer) (void)(*tokenizer)->decode((*tokenizer)->encode("ab 12 <s>").ids);
    (void)lm::ChatTemplate::opened(*file).render(std::vector<lm::ChatMessage>{{"user", "a"}}, true);
    if (!config) return config.error();
    for (const auto& tensor : file->tensors()) {
        if (!tensor.data) continue;
        const auto type = static_cast<lm::GgmlType>(tensor.typeCode);
        const auto layout = lm::blockLayout(type);
        std::vector<float> row(static_cast<std::size_t>(tensor.columns()));
        for (std::int64_t r = 0; r < std::min<std::int64_t>(tensor.rows(), 4); ++r)
            lm::dequantise(type, tensor.data + r * (tensor.columns() / layout.elements) * layout.bytes, row.data(),
                tensor.columns() / layout.elements);
    }
    lm::ConvertOptions options;
    options.type = lm::GgmlType::F16;
    const auto copy = lm::convertedCopy(file, options);
    return copy && tokenizer ? std::nullopt : std::optional(copy ? tokenizer.error() : copy.error());
}

Json tensorHeader(std::initializer_list<std::pair<const char*, std::vector<int>>> tensors, std::size_t& bytes) {
    Json out = Json::object();
    bytes = 0;
    for (const auto& [name, shape] : tensors) {
        std::size_t size = 4;
        for (const int extent : shape) size *= static_cast<std::size_t>(extent);
        out[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {bytes, bytes + size}}};
        bytes += size;
    }
    return out;
}

}  // namespace

class tst_FuzzFormats : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;

private Q_SLOTS:
    void ggufBytes() {
        hammer("gguf", {ggufOf(tinyModel())}, [](const Bytes& input) -> std::optional<Error> {
            auto file = lm::GgufFile::parse(input);
            return file ? useModel(*file) : std::optional(file.error());
        });
    }
    void ggufKeys() {
        // Right lengths around wrong keys, types, values and shapes: what byte edits seldom reach.
        Json described = tinyModel();
        Json& tokens = described["meta"][11][2][1];  // fewer, so that edits fall elsewhere
        tokens.erase(tokens.begin() + 40, tokens.end() - 161);
        described["tensors"][0][1][1] = tokens.size();
        const std::vector<Json> seeds{described};
        Hammer hammer("gguf keys");
        while (hammer.next()) {
            const Bytes input = ggufOf(hammer.isSeed() ? described : mutated(described, seeds, hammer.rng()));
            hammer.take(input.size(), [&]() -> std::optional<Error> {
                auto file = lm::GgufFile::parse(input);
                return file ? useModel(*file) : std::optional(file.error());
            });
        }
    }
    void safetensorsBytes() {
        const std::string header = R"({"__metadata__":{"format":"pt"},"a.weight":{"dtype":"BF16","shape":[2,3],)"
                                   R"("data_offsets":[0,12]},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]},)"
                                   R"("empty":{"dtype":"I8","shape":[0,4],"data_offsets":[16,16]}}  )";
        hammer("safetensors", {safetensorsOf(header, 16)}, readSafetensors);
        const std::vector<Json> seeds{*parseJson(header)};
        Hammer trees("safetensors header");
        while (trees.next()) {
            const Bytes input = safetensorsOf(trees.isSeed() ? header : mutatedText(seeds[0], seeds, trees.rng()), 16);
            trees.take(input.size(), [&] { return readSafetensors(input); });
        }
    }
    void modelConfig() {
        hammerTrees("config", modelConfigs(), [](std::string_view input) -> std::optional<Error> {
            const auto json = parseJson(input);
            if (!json) return json.error();
            const auto config = lm::readFolderConfig(*json);
            if (!config) return config.error();
            const auto file = lm::GgufFile::assemble(config->metadata, {}, {}, nullptr);
            if (!file) return file.error();
            (*file)->setNotes(config->account);
            lm::accountOf(**file);
            (void)lm::readConfig(**file);  // which lacks its tensors in any case
            return std::nullopt;
        });
    }
    void modelFolder() {
        // Every file of a folder in turn, and sometimes two.
        const fs::path folder = m_dir.filePath("model").toStdString();
        QVERIFY(makeFolders(folder));
        std::size_t bytes = 0;
        const Json tensors = tensorHeader(
            {{"model.embed_tokens.weight", {11, 8}}, {"model.norm.weight", {8}},
                {"model.layers.0.input_layernorm.weight", {8}}, {"model.layers.0.post_attention_layernorm.weight", {8}},
                {"model.layers.0.self_attn.q_proj.weight", {8, 8}}, {"model.layers.0.self_attn.k_proj.weight", {4, 8}},
                {"model.layers.0.self_attn.v_proj.weight", {4, 8}}, {"model.layers.0.self_attn.o_proj.weight", {8, 8}},
                {"model.layers.0.mlp.gate_proj.weight", {16, 8}}, {"model.layers.0.mlp.up_proj.weight", {16, 8}},
                {"model.layers.0.mlp.down_proj.weight", {8, 16}}},
            bytes);
        Json index = {{"metadata", {{"total_size", bytes}}}, {"weight_map", Json::object()}};
        for (const auto& [name, tensor] : tensors.items())
            index["weight_map"][name] = "model-00001-of-00001.safetensors";
        const char* const names[] = {"config.json", "generation_config.json", "tokenizer_config.json", "tokenizer.json",
            "model.safetensors.index.json", "model-00001-of-00001.safetensors"};
        const std::vector<Json> whole{modelConfigs()[1],
            {{"eos_token_id", {1, 2}}, {"bos_token_id", 9}, {"temperature", 0.5}},
            Json::parse(R"({"bos_token":"<s>","eos_token":{"content":"b"},"add_bos_token":true,"add_eos_token":false,
                "added_tokens_decoder":{"9":{"content":"<s>","special":true}},"model_max_length":1e30,
                "chat_template":[{"name":"default","template":"{{ messages[0].content }}{{ eos_token }}"},
                {"name":"tool_use","template":"x"}],"tokenizer_class":"PreTrainedTokenizerFast"})"),
            tokenizerFiles()[0], index, tensors};
        const auto write = [&](std::size_t at, const std::string& text) {
            const Bytes content = at == 5 ? safetensorsOf(text, bytes) : bytesOf(text);
            if (!writeFileAtomic(folder / names[at], asText(content))) qFatal("no file");
        };
        for (std::size_t at = 0; at < std::size(names); ++at) write(at, jsonText(whole[at]));
        Hammer hammer("model folder");
        while (hammer.next()) {
            std::set<std::size_t> changed;
            std::size_t size = 8192;
            for (std::size_t n = hammer.isSeed() ? 0 : 1 + pick(hammer.rng(), 5) / 4; n > 0; --n) {
                const std::size_t at = pick(hammer.rng(), std::size(names));
                const std::string text = mutatedText(whole[at], whole, hammer.rng());
                size += text.size();
                write(at, text);
                changed.insert(at);
            }
            hammer.take(size, [&]() -> std::optional<Error> {
                auto file = lm::openModel(folder);
                return file ? useModel(*file) : std::optional(file.error());
            });
            for (const std::size_t at : changed) write(at, jsonText(whole[at]));
        }
    }
    void adapterSettings() {
        hammerTrees("adapter_config", {adapterConfig()}, [](std::string_view input) -> std::optional<Error> {
            const auto json = parseJson(input);
            if (!json) return json.error();
            const auto settings = lm::AdapterSettings::read(*json);
            if (!settings) return settings.error();
            for (const char* module : {"model.layers.0.self_attn.q_proj", "model.layers.31.mlp.up_proj"}) {
                if (settings->rankOf(module) < 1 || settings->rankOf(module) > 1024)
                    return Error(Code::Internal, "a rank out of bounds was taken");
                (void)settings->scaleOf(module);
            }
            (void)settings->alpha();
            return std::nullopt;
        });
    }

private:
    static std::optional<Error> readSafetensors(const Bytes& input) {
        auto file = lm::SafetensorsFile::parse(input);
        if (!file) return file.error();
        unsigned sum = 0;
        for (const auto& tensor : (*file)->tensors())
            for (const std::uint8_t byte : tensor.data) sum += byte;
        return sum == 0xFFFFFFFF ? std::optional<Error>(Error(Code::Internal, "cannot happen")) : std::nullopt;
    }
};

QTEST_GUILESS_MAIN(tst_FuzzFormats)
#include "tst_fuzz_formats.moc"
