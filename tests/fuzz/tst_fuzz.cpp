// Mutation fuzzing of every reader of strangers' bytes. DUBITO_FUZZ sets the inputs a reader (400 when unset); run the
// asan preset with 20000. A crash or sanitizer report fails the test; so does an input over one second or a refusal
// without words.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <zlib.h>
#include <zstd.h>
#include <functional>

#include "host/manifest.h"
#include "journal/array_block.h"
#include "journal/reader.h"
#include "journal/writer.h"
#include "lm/data/task_items.h"
#include "lm/formats/folder_config.h"
#include "lm/formats/model_config.h"
#include "lm/formats/safetensors.h"
#include "lm/generate/grammar.h"
#include "lm/text/chat_template.h"
#include "lm/text/tokenizer_json.h"
#include "run/run_spec.h"
#include "stats/counter_rng.h"
#include "store/opener.h"
#include "store/queries.h"
#include "store/writer.h"

using namespace dubito;

namespace {

Bytes mutated(const Bytes& seed, stats::CounterRng& rng) {
    Bytes out = seed;
    const int edits = 1 + static_cast<int>(rng.uniform() * 8);
    for (int i = 0; i < edits && !out.empty(); ++i) {
        const auto at = static_cast<std::size_t>(rng.uniform() * static_cast<double>(out.size()));
        switch (static_cast<int>(rng.uniform() * 7)) {
            case 0: out[at] ^= static_cast<std::uint8_t>(1 << static_cast<int>(rng.uniform() * 8)); break;
            case 1: out[at] = static_cast<std::uint8_t>(rng.nextU32()); break;
            case 2: out.resize(at); break;
            case 3:
                out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::size_t>(rng.uniform() * 16),
                    static_cast<std::uint8_t>(rng.nextU32()));
                break;
            case 4: {
                constexpr std::uint64_t kHard[] = {0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF,
                    0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 1ull << 40};
                const std::uint64_t value = kHard[static_cast<std::size_t>(rng.uniform() * 11)];
                for (std::size_t j = 0; j < 8 && at + j < out.size(); ++j)
                    out[at + j] = static_cast<std::uint8_t>(value >> (8 * j));
                break;
            }
            case 5: {
                const auto from = static_cast<std::size_t>(rng.uniform() * static_cast<double>(out.size()));
                for (std::size_t j = 0; j < 24 && at + j < out.size() && from + j < out.size(); ++j)
                    out[at + j] = out[from + j];
                break;
            }
            default:
                out.erase(out.begin() + static_cast<std::ptrdiff_t>(at),
                    out.begin() + static_cast<std::ptrdiff_t>(
                                      std::min(out.size(), at + 1 + static_cast<std::size_t>(rng.uniform() * 12))));
                break;
        }
    }
    return out;
}

/// A small whole GGUF: llama, 1 block, width 8, vocabulary of 260 byte-level tokens.
Bytes tinyGguf() {
    Bytes out;
    const auto text = [&](std::string_view value) {
        append(out, static_cast<std::uint64_t>(value.size()));
        append(out, value);
    };
    const auto key = [&](std::string_view name, std::uint32_t type) {
        text(name);
        append(out, type);
    };
    std::vector<std::pair<std::string, std::vector<std::uint64_t>>> tensors = {{"token_embd.weight", {8, 257}},
        {"output_norm.weight", {8}}, {"blk.0.attn_norm.weight", {8}}, {"blk.0.ffn_norm.weight", {8}},
        {"blk.0.attn_q.weight", {8, 8}}, {"blk.0.attn_k.weight", {8, 4}}, {"blk.0.attn_v.weight", {8, 4}},
        {"blk.0.attn_output.weight", {8, 8}}, {"blk.0.ffn_gate.weight", {8, 16}}, {"blk.0.ffn_up.weight", {8, 16}},
        {"blk.0.ffn_down.weight", {16, 8}}};
    append(out, std::string_view("GGUF"));
    append(out, std::uint32_t{3});
    append(out, static_cast<std::uint64_t>(tensors.size()));
    append(out, std::uint64_t{14});
    key("general.architecture", 8), text("llama");
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"llama.block_count", 1},
             {"llama.embedding_length", 8}, {"llama.feed_forward_length", 16}, {"llama.attention.head_count", 2},
             {"llama.attention.head_count_kv", 1}, {"llama.context_length", 64}, {"tokenizer.ggml.eos_token_id", 0}})
        key(name, 4), append(out, value);
    key("llama.attention.layer_norm_rms_epsilon", 6), append(out, 1e-5f);
    key("tokenizer.ggml.model", 8), text("gpt2");
    key("tokenizer.ggml.pre", 8), text("smollm");
    key("tokenizer.ggml.tokens", 9), append(out, std::uint32_t{8}), append(out, std::uint64_t{257});
    for (int byte = 0; byte < 256; ++byte) {
        const bool own = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        int code = byte;
        if (!own) {
            int shift = 0;
            for (int b = 0; b < byte; ++b) shift += !((b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174);
            code = 256 + shift;
        }
        text(code < 128 ? std::string(1, static_cast<char>(code))
                        : std::string{static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))});
    }
    text("ab");
    key("tokenizer.ggml.merges", 9), append(out, std::uint32_t{8}), append(out, std::uint64_t{1}), text("a b");
    key("tokenizer.chat_template", 8), text("<|im_start|>system\\nBe brief.<|im_end|>");
    std::uint64_t offset = 0;
    for (const auto& [name, dims] : tensors) {
        text(name);
        append(out, static_cast<std::uint32_t>(dims.size()));
        std::uint64_t n = 4;
        for (const auto extent : dims) append(out, extent), n *= extent;
        append(out, std::uint32_t{0});
        append(out, offset);
        offset = (offset + n + 31) / 32 * 32;
    }
    padTo(out, 32);
    out.resize(out.size() + offset, 0x3D);
    return out;
}

Bytes packed(const std::string& text, bool isZstd) {
    Bytes out(text.size() + 1000);
    if (isZstd) {
        out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
        return out;
    }
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace

class tst_Fuzz : public QObject {
    Q_OBJECT
    int inputs() const {
        return qEnvironmentVariableIntValue("DUBITO_FUZZ") > 0 ? qEnvironmentVariableIntValue("DUBITO_FUZZ") : 400;
    }
    template <class F>
    void hammer(const char* name, const Bytes& seed, F&& take) {
        stats::CounterRng rng(11, name, 0);
        std::int64_t slowest = 0, refused = 0;
        for (int i = 0; i < inputs(); ++i) {
            const Bytes input = i == 0 ? seed : mutated(seed, rng);
            QElapsedTimer timer;
            timer.start();
            const std::optional<Error> error = take(input);
            slowest = std::max<std::int64_t>(slowest, timer.elapsed());
            if (error) {
                ++refused;
                QVERIFY2(error->message().size() > 8, "a refusal without a sentence");
            }
            QVERIFY2(timer.elapsed() < 1000 * (1 + 4 * isSanitized()),
                qPrintable(QString("%1: input %2 took %3 ms").arg(name).arg(i).arg(timer.elapsed())));
            if (i == 0) QVERIFY2(!error, error ? error->text().c_str() : "");
        }
        qInfo("%s: %d inputs, %lld refused, slowest %lld ms", name, inputs(), static_cast<long long>(refused),
            static_cast<long long>(slowest));
    }
    static int isSanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        return 1;
#else
        return 0;
#endif
    }
private Q_SLOTS:
    void linesOfData() {
        const auto read = [](const Bytes& input) -> std::optional<Error> {
            const std::string_view content(reinterpret_cast<const char*>(input.data()), input.size());
            const auto training = lm::readTrainText(content);
            if (!training) return training.error();
            const auto tasks = lm::readTaskText(content);
            return tasks || training->documents.empty() ? std::nullopt : std::optional(tasks.error());
        };
        const std::string row =
            R"({"id":17,"question":"p\u00e9","choices":[3,4.50],"answer":1,"tools":[{"a":{"b":1}}],)"
            R"("system":"s","weight":1})";
        Bytes lines, array, wide{0xFF, 0xFE};
        append(lines, std::string_view("\xEF\xBB\xBF"));
        append(lines, std::string_view(row + "\r\n\n" + R"({"messages":[{"role":"User","content":"q"},)" +
                                       R"({"from":"gpt","value":7}],"answer":"x"})"));
        append(array, std::string_view("[" + row + ",\n {\"prompt\":\"\\\"[\",\"answer\":true}]"));
        for (const char c : row) wide.push_back(static_cast<std::uint8_t>(c)), wide.push_back(0);
        hammer("lines of data", lines, read);
        hammer("array of data", array, read);
        hammer("UTF-16 lines", wide, read);
        for (const bool isZstd : {false, true}) hammer(isZstd ? "zstd lines" : "gzip lines", packed(row, isZstd), read);
    }
    void modelConfig() {
        const std::string seed =
            R"({"model_type":"qwen3","hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":32,)"
            R"("num_hidden_layers":2,"intermediate_size":96,"hidden_act":"gelu",)"
            R"("attention_bias":true,"rope_theta":1e6,)"
            R"("rope_scaling":{"type":"yarn","factor":4.0,"mscale":1,"mscale_all_dim":0.8,"truncate":false},)"
            R"("use_sliding_window":true,"sliding_window":8,"layer_types":["full_attention","sliding_attention"],)"
            R"("tie_word_embeddings":true,"a_new_key":[1,{"b":null}]})";
        hammer("config", Bytes(seed.begin(), seed.end()), [](const Bytes& input) -> std::optional<Error> {
            const auto json = parseJson(asText(input));
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
    void gguf() {
        hammer("gguf", tinyGguf(), [](const Bytes& input) -> std::optional<Error> {
            auto file = lm::GgufFile::parse(input);
            if (!file) return file.error();
            lm::accountOf(**file);
            auto config = lm::readConfig(**file);
            if (!config) return config.error();
            for (const auto& tensor : (*file)->tensors()) {
                if (!tensor.data) continue;
                const auto type = static_cast<lm::GgmlType>(tensor.typeCode);
                const auto layout = lm::blockLayout(type);
                std::vector<float> row(static_cast<std::size_t>(tensor.columns()));
                for (std::int64_t r = 0; r < std::min<std::int64_t>(tensor.rows(), 4); ++r)
                    lm::dequantise(type, tensor.data + r * (tensor.columns() / layout.elements) * layout.bytes,
                        row.data(), tensor.columns() / layout.elements);
            }
            return std::nullopt;
        });
    }
    void safetensors() {
        Bytes seed;
        const std::string header = R"({"__metadata__":{"format":"pt"},"a.weight":{"dtype":"BF16","shape":[2,3],)"
                                   R"("data_offsets":[0,12]},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]},)"
                                   R"("empty":{"dtype":"I8","shape":[0,4],"data_offsets":[16,16]}}  )";
        append(seed, static_cast<std::uint64_t>(header.size()));
        append(seed, std::string_view(header));
        seed.resize(seed.size() + 16, 0x3D);
        hammer("safetensors", seed, [](const Bytes& input) -> std::optional<Error> {
            auto file = lm::SafetensorsFile::parse(input);
            if (!file) return file.error();
            unsigned sum = 0;
            for (const auto& tensor : (*file)->tensors())
                for (const std::uint8_t byte : tensor.data) sum += byte;
            return sum == 0xFFFFFFFF ? std::optional<Error>(Error(Code::Internal, "cannot happen")) : std::nullopt;
        });
    }
    void tokenizer() {
        hammer("tokenizer", tinyGguf(), [](const Bytes& input) -> std::optional<Error> {
            auto file = lm::GgufFile::parse(input);
            if (!file) return file.error();
            auto tokenizer = lm::Tokenizer::load(**file);
            if (!tokenizer) return tokenizer.error();
            const std::string text =
                "abab <|im_end|> \xff\xfe 中文 12 " +
                std::string(input.begin(),
                    input.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(input.size(), 300)));
            const auto ids = (*tokenizer)->encode(text).ids;
            (void)(*tokenizer)->decode(ids);
            if (auto chat = lm::ChatTemplate::load(**file))
                if (auto rendered = chat->render(std::vector<lm::ChatMessage>{{"user", text}}, true))
                    (void)(*tokenizer)->encodeFragments(rendered->fragments);
            return std::nullopt;
        });
    }
    void tokenizerJson() {
        const Bytes gguf = tinyGguf();
        const auto file = *lm::GgufFile::parse(gguf);
        const std::string text = jsonText(*lm::tokenizerJson(*file));
        hammer("tokenizer_json", Bytes(text.begin(), text.end()), [](const Bytes& input) -> std::optional<Error> {
            auto json = parseJson(asText(input));
            if (!json) return json.error();
            auto vocabulary = lm::vocabularyFromJson(*json);
            if (!vocabulary) return vocabulary.error();
            auto tokenizer = lm::Tokenizer::create(std::move(*vocabulary));
            if (!tokenizer) return tokenizer.error();
            (void)(*tokenizer)->decode((*tokenizer)->encode("ab 12 中文 \xff").ids);
            return std::nullopt;
        });
    }
    void tiktoken() {
        std::string text;
        for (int byte = 0; byte < 256; ++byte)
            text += QByteArray(1, static_cast<char>(byte)).toBase64().toStdString() + " " + std::to_string(byte) + "\n";
        text += "YWI= 256\nYWJi 257\n";
        hammer("tiktoken", Bytes(text.begin(), text.end()), [](const Bytes& input) -> std::optional<Error> {
            auto vocabulary = lm::vocabularyFromTiktoken(asText(input), "qwen2", {"<|endoftext|>"});
            if (!vocabulary) return vocabulary.error();
            auto tokenizer = lm::Tokenizer::create(std::move(*vocabulary));
            if (!tokenizer) return tokenizer.error();
            (void)(*tokenizer)->encode("abbab");
            return std::nullopt;
        });
    }
    void spmProtobuf() {
        Bytes seed;
        for (const char* token : {"<unk>", "\xE2\x96\x81", "a", "b", "ab", "<0x41>"}) {
            Bytes piece{0x0A, static_cast<std::uint8_t>(std::strlen(token))};
            append(piece, std::string_view(token));
            append(piece, Bytes{0x15, 0, 0, 0x80, 0x3F, 0x18,
                              static_cast<std::uint8_t>(token[0] == '<' ? (token[1] == '0' ? 6 : 2) : 1)});
            append(seed, Bytes{0x0A, static_cast<std::uint8_t>(piece.size())});
            append(seed, piece);
        }
        append(seed, Bytes{0x12, 5, 0x18, 2, 0xC0, 0x02, 0});
        hammer("spm_protobuf", seed, [](const Bytes& input) -> std::optional<Error> {
            auto vocabulary = lm::vocabularyFromSentencePiece(input);
            if (!vocabulary) return vocabulary.error();
            auto tokenizer = lm::Tokenizer::create(std::move(*vocabulary));
            if (!tokenizer) return tokenizer.error();
            (void)(*tokenizer)->decode((*tokenizer)->encode("ab  a\xff A").ids);
            return std::nullopt;
        });
    }
    void wordPiece() {
        const std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nab\n##cd\n中\n";
        hammer("word_piece", Bytes(text.begin(), text.end()), [](const Bytes& input) -> std::optional<Error> {
            auto vocabulary = lm::vocabularyFromLines(asText(input));
            if (!vocabulary) return vocabulary.error();
            auto tokenizer = lm::Tokenizer::create(std::move(*vocabulary));
            if (!tokenizer) return tokenizer.error();
            (void)(*tokenizer)->encode(asText(input));  // the input is hard text as well
            return std::nullopt;
        });
    }
    void byteBpe() {
        // Differential: the heap that long pieces take against the scan of short ones, over the same merges.
        const Bytes gguf = tinyGguf();
        const auto tokenizer = *lm::Tokenizer::load(**lm::GgufFile::parse(gguf));
        const std::string text = "abababab abab 12 ab中文ab\xff ab";
        hammer("byte_bpe", Bytes(text.begin(), text.end()), [&](const Bytes& input) -> std::optional<Error> {
            const std::string long_(asText(input));
            const auto whole = tokenizer->encode(long_);
            std::string back;
            for (const auto id : whole.ids) back += tokenizer->bytesOf(id);
            if (back != long_) return Error(Code::Internal, "the bytes do not come back");
            return std::nullopt;
        });
    }
    void jinja() {
        const std::string text =
            R"({% macro t(r, c='x') -%}<|{{ r }}|>{{ c | trim }}{%- endmacro %}{% set ns = namespace(n=0) %})"
            R"({% for m in messages if m.role != 'tool' %}{% if loop.first and not m['content'] is none %})"
            R"({{ t(m.role, m.content[::-1].split('a', 1)[0]) }}{% elif m.x is defined %})"
            R"({{ {'a': [1, 2.5]} | tojson(indent=2) }}{% else %}{% continue %}{% endif %})"
            R"({% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n // 2 }})"
            R"({{ (messages | map(attribute='role') | list)[-1:] ~ 'é\u00e9' }})";
        const Json messages = Json::array(
            {{{"role", "user"}, {"content", "banana <|im_end|>"}}, {{"role", "assistant"}, {"content", "yes"}}});
        hammer("jinja", Bytes(text.begin(), text.end()), [&](const Bytes& input) -> std::optional<Error> {
            auto parsed = lm::jinja::Template::parse(asText(input));
            if (!parsed) return parsed.error();
            lm::jinja::Variables variables;
            variables.messages = messages;
            auto out = parsed->render(variables, {20'000, 1 << 16, 64});
            return out ? std::nullopt : std::optional(out.error());
        });
    }
    void jsonGrammar() {
        // Whatever schema is taken: a walk that only takes ways the automaton offers, and ends where it may, is JSON.
        const std::string text =
            R"({"type":"object","properties":{"name":{"type":"string","maxLength":6},"kind":{"enum":["a",)"
            R"("b c",3,null]},"tags":{"type":"array","items":{"anyOf":[{"type":"integer"},)"
            R"({"type":"boolean"}]},"minItems":1,"maxItems":3},"x":{"type":"number"},)"
            R"("y":{"const":{"z":[1]}}},"required":["name","tags"]})";
        stats::CounterRng rng(7, "walk", 0);
        std::int64_t ended = 0;
        // Bytes edited anywhere are seldom JSON: every second input is a random tree of keywords instead.
        std::function<Json(int)> tree = [&](int depth) -> Json {
            const auto pick = [&](int n) { return static_cast<int>(rng.uniform() * n); };
            if (pick(12) == 0) return Json(pick(2) ? Json(pick(9) - 4) : Json("string"));
            Json out = Json::object();
            const char* const types[] = {"object", "array", "string", "number", "integer", "boolean", "null", "thing"};
            if (pick(6)) out["type"] = types[pick(pick(4) ? 7 : 8)];
            if (depth > 0 && pick(2)) out["properties"] = {{"a", tree(depth - 1)}, {"b\"\\", tree(depth - 1)}};
            if (pick(3) == 0) out["required"] = pick(3) ? Json({"a"}) : Json("a");
            if (depth > 0 && pick(3) == 0) out["items"] = tree(depth - 1);
            if (depth > 0 && pick(4) == 0) out["anyOf"] = Json::array({tree(depth - 1), tree(depth - 1)});
            if (pick(5) == 0) out["enum"] = Json::array({pick(10), "x\n", nullptr, {{"k", 1.5}}});
            if (pick(8) == 0) out["const"] = Json::array({"c", true});
            for (const char* bound : {"minLength", "maxLength", "minItems", "maxItems"})
                if (pick(6) == 0) out[bound] = pick(7) - 1;
            if (pick(10) == 0) out["$ref"] = "#/x";
            return out;
        };
        int turn = 0;
        hammer("json_grammar", Bytes(text.begin(), text.end()), [&](const Bytes& input) -> std::optional<Error> {
            const auto schema = turn++ % 2 ? Result<Json>(tree(3)) : parseJson(asText(input));
            if (!schema) return schema.error();
            auto automaton = lm::ByteAutomaton::fromSchema(*schema);
            if (!automaton) return automaton.error();
            std::string said;
            std::int32_t state = (*automaton)->start();
            for (int i = 0; i < 200; ++i) {
                if ((*automaton)->accepts(state)) {
                    ++ended;
                    if (const auto json = parseJson(said); !json) qFatal("the grammar let %s through", said.c_str());
                    if (rng.uniform() < 0.5) break;
                }
                std::vector<std::uint8_t> ways;
                for (int byte = 32; byte < 127; ++byte)
                    if ((*automaton)->next(state, static_cast<std::uint8_t>(byte)) != lm::ByteAutomaton::kDead)
                        ways.push_back(static_cast<std::uint8_t>(byte));
                if (ways.empty()) break;
                const std::uint8_t byte =
                    ways[static_cast<std::size_t>(rng.uniform() * static_cast<double>(ways.size()))];
                said.push_back(static_cast<char>(byte));
                state = (*automaton)->next(state, byte);
            }
            return std::nullopt;
        });
        QVERIFY(ended > 0);
    }
    void streamDecode() {
        const std::string text = "a中文é😁b";
        hammer("stream_decode", Bytes(text.begin(), text.end()), [](const Bytes& input) -> std::optional<Error> {
            lm::StreamDecoder decoder;
            std::string out;
            for (std::size_t at = 0; at < input.size(); at += 3)
                out += decoder.feed(asText(ByteSpan(input).subspan(at, std::min<std::size_t>(3, input.size() - at))));
            out += decoder.flush();
            return out == lm::validUtf8(asText(input))
                       ? std::nullopt
                       : std::optional(Error(Code::Internal, "pieces read otherwise than the whole"));
        });
    }
    void journal() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        {
            auto writer = journal::JournalWriter::create(folder, {run, 1, 0, 0, 0});
            QVERIFY(writer);
            Bytes define, bulk, scalars;
            journal::encodeDefine(define, {0, journal::RecordType::Tensor, journal::Goal::None, "a/b", "1", "t"});
            const std::vector<float> values(64, 1.5f);
            const journal::Array array{"v", "nats", kF32, {8, 8}, journal::Array::Role::Values,
                {reinterpret_cast<const std::uint8_t*>(values.data()), 256}};
            journal::encodeBulk(bulk, 0, 3, "{\"a\":1}", std::span(&array, 1));
            const std::uint32_t series[] = {0, 1, 2};
            const double numbers[] = {1, 2, 3};
            journal::encodeScalarGroup(scalars, 9, series, numbers);
            QVERIFY((*writer)->append(journal::RecordType::Define, define) &&
                    (*writer)->append(journal::RecordType::Tensor, bulk) &&
                    (*writer)->append(journal::RecordType::ScalarGroup, scalars));
            QVERIFY((*writer)->close());
        }
        const fs::path file = journal::segmentPath(folder, 1, 0, 0);
        auto text = readFile(file, 1 << 20);
        hammer("journal", Bytes(text->begin(), text->end()), [&](const Bytes& input) -> std::optional<Error> {
            // Payload decoders see mutated bytes too: checksums are not the only guard.
            (void)journal::decodeDefine(input);
            (void)journal::decodeScalarGroup(input);
            (void)journal::decodeScalarRun(input);
            (void)journal::decodeProgress(input);
            (void)journal::decodeCommand(input);
            (void)journal::decodeResult(input);
            if (auto bulk = journal::decodeBulk(input)) (void)journal::decodeArrayBlock(bulk->block);
            if (input.size() > 64 + 40 + 16) (void)journal::decodeArrayBlock(ByteSpan(input).subspan(64 + 40 + 16));
            if (auto written = writeFileAtomic(file, asText(input)); !written) return written.error();
            journal::JournalReader reader(folder, run, 1, 0);
            int rounds = 0;
            while (reader.poll(
                       true, 1 << 20, [](const journal::JournalReader::Delivery&) {}, [](const journal::Gap&) {}) ==
                       journal::JournalReader::Stop::Budget &&
                   ++rounds < 1000) {
            }
            return std::nullopt;
        });
    }
    void manifest() {
        for (const char* plugin : {"template", "lm"}) {
            auto text = readFile(fs::path(DUBITO_SOURCE) / "plugins" / plugin / "plugin.json", 1 << 20);
            hammer("manifest", Bytes(text->begin(), text->end()), [](const Bytes& input) -> std::optional<Error> {
                auto plugins = host::parseManifests(asText(input));
                return plugins ? std::nullopt : std::optional(plugins.error());
            });
        }
    }
    void spec() {
        const std::string text =
            R"({"data":[],"device":"cpu","models":[{"bytes":98362432,"name":"m.gguf","role":"model",)"
            R"("sha256":"b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"}],)"
            R"("params":{"bias":7e-01,"flips":200},"plugin":{"id":"org.example.coin_doubt",)"
            R"("version":"1.0.0"},"schema":"dubito.spec/1","seed":42,"threads":1,)"
            R"("warm_start":null,"world_size":1})";
        hammer("spec", Bytes(text.begin(), text.end()), [](const Bytes& input) -> std::optional<Error> {
            (void)run::draftFromJson(asText(input));
            auto spec = run::RunSpec::parse(asText(input));
            return spec ? std::nullopt : std::optional(spec.error());
        });
    }
    void project() {
        QTemporaryDir dir;
        const fs::path file = fs::path(dir.path().toStdString()) / "p.dubito";
        QVERIFY(store::createProject(file, "fuzz"));
        {
            auto writer = store::ProjectWriter::open(file);
            QVERIFY(writer);
            store::NewRun row;
            row.id = makeUuid();
            row.specJson = "{}";
            row.pluginId = "org.dubito.fake";
            row.pluginVersion = "1.0.0";
            row.system = "fake";
            row.parameters = Json{{"a", 1}};
            QVERIFY((*writer)->begin());
            auto runNo = (*writer)->addRun(row);
            QVERIFY(runNo);
            auto series = (*writer)->openSeries(
                *runNo, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "m", "1", ""});
            for (int i = 0; i < 5000; ++i) QVERIFY((*writer)->addPoint(*series, i, i, i * 0.5));
            auto tensor =
                (*writer)->openSeries(*runNo, 1, 0, {1, journal::RecordType::Tensor, journal::Goal::None, "t", "", ""});
            const std::vector<float> values(16, 2);
            const journal::Array array{"v", "", kF32, {16}, journal::Array::Role::Values,
                {reinterpret_cast<const std::uint8_t*>(values.data()), 64}};
            Bytes block;
            journal::encodeArrayBlock(block, std::span(&array, 1));
            QVERIFY((*writer)->addRecord(*tensor, 0, 0, 0, "{}", block));
            QVERIFY((*writer)->commit());
        }
        auto text = readFile(file, 1 << 26);
        hammer("project", Bytes(text->begin(), text->end()), [&](const Bytes& input) -> std::optional<Error> {
            if (auto written = writeFileAtomic(file, asText(input)); !written) return written.error();
            auto db = store::openReadOnly(file);
            if (!db) return db.error();
            (*db)->limitTime(500);
            auto runs = store::queryRuns(**db, {});
            if (!runs) return runs.error();
            for (const auto& run : *runs) {
                (void)store::queryMetrics(**db, run.runNo);
                (void)store::queryColumns(**db, run.runNo, "m", 0, 5000, 300);
                if (auto records = store::queryRecords(**db, run.runNo, "t"))
                    for (const auto& record : *records) (void)journal::decodeArrayBlock(record.block);
            }
            return std::nullopt;
        });
    }
    void chunk() {
        store::Points points;
        for (int i = 0; i < 300; ++i) points.add(i, i * 1000, i * 0.1);
        hammer("chunk", store::encodePoints(points, 0, 300), [](const Bytes& input) -> std::optional<Error> {
            store::Points out;
            auto decoded = store::decodePoints(input, out);
            return decoded ? std::nullopt : std::optional(decoded.error());
        });
    }
};

QTEST_GUILESS_MAIN(tst_Fuzz)
#include "tst_fuzz.moc"
