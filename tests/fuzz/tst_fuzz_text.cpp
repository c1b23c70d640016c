// Tokenizers as strangers make them, in every file that holds one, and the text that goes through them.
#include <QTest>

#include <functional>

#include "fuzz/hammer.h"
#include "fuzz/seeds.h"
#include "lm/generate/grammar.h"
#include "lm/text/chat_template.h"
#include "lm/text/split_pattern.h"
#include "lm/text/tokenizer_config.h"
#include "lm/text/tokenizer_json.h"

using namespace dubito;
using namespace dubito::fuzz;

namespace {

constexpr const char* kText = "ab 12-ab\n\t<s>  \xC3\xA9'S 中文 <think> \xff\xfe\xF0\x9F\x98\x80 aab";

std::optional<Error> useVocabulary(Result<lm::Vocabulary> vocabulary) {
    if (!vocabulary) return vocabulary.error();
    const auto tokenizer = lm::Tokenizer::create(std::move(*vocabulary));
    if (!tokenizer) return tokenizer.error();
    auto ids = (*tokenizer)->encode(kText).ids;
    (*tokenizer)->addEnds(ids);
    (void)(*tokenizer)->decode(ids);
    for (const auto id : ids) (void)(*tokenizer)->shown(id);
    const auto spans = (*tokenizer)->encodeSpans({{"<s>", true}, {kText, false}});
    if (spans)
        for (const auto& span : *spans)
            if (span.first > span.last || span.last > 3 + std::strlen(kText))
                return Error(Code::Internal, "a token is said to come from outside the text");
    return std::nullopt;
}

}  // namespace

class tst_FuzzText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void ggufTokenizer() {
        const Bytes seed = ggufOf(tinyModel());
        hammer("gguf tokenizer", {seed}, [](const Bytes& input) -> std::optional<Error> {
            auto file = lm::GgufFile::parse(input);
            if (!file) return file.error();
            auto tokenizer = lm::Tokenizer::load(**file);
            if (!tokenizer) return tokenizer.error();
            const std::string text = "abab <|im_end|> \xff\xfe 中文 12 " + std::string(asText(input).substr(0, 300));
            (void)(*tokenizer)->decode((*tokenizer)->encode(text).ids);
            if (auto chat = lm::ChatTemplate::load(**file))
                if (auto rendered = chat->render(std::vector<lm::ChatMessage>{{"user", text}}, true))
                    (void)(*tokenizer)->encodeFragments(rendered->fragments);
            return std::nullopt;
        });
    }
    void tokenizerJson() {
        hammerTrees("tokenizer.json", tokenizerFiles(), [](std::string_view input) -> std::optional<Error> {
            const auto json = parseJson(input);
            return json ? useVocabulary(lm::vocabularyFromJson(*json)) : std::optional(json.error());
        });
    }
    void tokenizerJson_patternThatGoesBackWithoutEndOnItsOwnTokens_isRefused() {
        const Json endless = {{"type", "Replace"}, {"pattern", {{"Regex", "(a|aa|b?a)+(a+)+[cd]"}}}, {"content", "x"}};
        const std::string hard(200, 'a');
        Json normalised = tokenizerFiles()[0], shown = normalised;
        normalised["normalizer"] = endless;
        normalised["added_tokens"].push_back({{"id", 11}, {"content", hard}, {"normalized", true}, {"special", false},
            {"single_word", false}, {"lstrip", false}, {"rstrip", false}});
        shown["decoder"] = endless;
        shown["added_tokens"] = Json::array();
        shown["post_processor"] = nullptr;
        shown["model"]["vocab"][hard] = 9;
        for (const Json& json : {normalised, shown}) {
            const auto vocabulary = lm::vocabularyFromJson(json);
            QVERIFY(!vocabulary);
            QVERIFY2(vocabulary.error().code() == Code::Limit, vocabulary.error().text().c_str());
        }
    }
    void tokenizerJsonWritten() {
        // What conversion writes, through byte edits.
        const Bytes gguf = ggufOf(tinyModel());
        const std::string text = jsonText(*lm::tokenizerJson(**lm::GgufFile::parse(gguf)));
        hammer("tokenizer.json, written", {bytesOf(text)}, [](const Bytes& input) -> std::optional<Error> {
            const auto json = parseJson(asText(input));
            return json ? useVocabulary(lm::vocabularyFromJson(*json)) : std::optional(json.error());
        });
    }
    void tokenizerConfig() {
        const Json settings = Json::parse(R"({"bos_token":"<s>","eos_token":{"content":"b"},"add_bos_token":true,
            "add_eos_token":true,"split_special_tokens":false,
            "added_tokens_decoder":{"9":{"content":"<s>","lstrip":false,"special":true}}})");
        std::vector<Json> seeds;
        for (const Json& file : tokenizerFiles()) {
            if (seeds.empty()) seeds.push_back({{"settings", settings}, {"tokenizer", file}});
            else seeds.push_back({{"settings", Json::object()}, {"tokenizer", file}});
        }
        hammerTrees("tokenizer_config", seeds, [](std::string_view input) -> std::optional<Error> {
            const auto both = parseJson(input);
            if (!both) return both.error();
            Json tokenizer = memberOf(*both, "tokenizer");
            lm::Account account;
            const auto applied = lm::applyTokenizerConfig(memberOf(*both, "settings"), tokenizer, account);
            if (!applied) return applied.error();
            return useVocabulary(lm::vocabularyFromJson(tokenizer));
        });
    }
    void splitPatterns() {
        std::vector<Json> seeds;
        for (const char* pattern :
            {R"((?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
                R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}]*[\p{Ll}\p{M}]+(?i:'s)?|\p{N}{1,3}|[\s\S])",
                R"((a*)*b|(?<=a)b{2,}?)", R"([[:alpha:]]|[a-z&&[^b]]|\x{4E2D}|\bab\b|^a|b$|\A.\z)",
                R"((?:a|b)*+c?|(?>ab|a)|\d\D\w\W\h\H)"})
            seeds.emplace_back(pattern);
        Hammer hammer("split pattern", seeds.size());
        while (hammer.next()) {
            std::string pattern = seeds[hammer.which()].get<std::string>();
            if (!hammer.isSeed()) pattern = asText(mutated(bytesOf(pattern), hammer.rng()));
            hammer.take(pattern.size(), [&]() -> std::optional<Error> {
                const auto translated = lm::translatedPattern(pattern);
                if (!translated) return hammer.isSeed() ? std::nullopt : std::optional(translated.error());
                const auto compiled = lm::SplitPattern::compile(*translated);
                if (!compiled) return compiled.error();
                const std::string text = lm::validUtf8(kText);
                std::size_t last = 0;
                try {
                    (*compiled)->each(text, [&](std::size_t begin, std::size_t end) {
                        if (begin < last || end < begin || end > text.size()) qFatal("a match out of order");
                        last = end;
                    });
                } catch (const lm::TooMuchWork&) {
                    return Error(Code::Limit, "too much work");
                }
                return std::nullopt;
            });
        }
    }
    void tiktoken() {
        std::string text;
        for (int byte = 0; byte < 256; ++byte)
            text += QByteArray(1, static_cast<char>(byte)).toBase64().toStdString() + " " + std::to_string(byte) + "\n";
        hammer("tiktoken", {bytesOf(text + "YWI= 256\nYWJi 257\n")}, [](const Bytes& input) {
            return useVocabulary(lm::vocabularyFromTiktoken(asText(input), "qwen2", {"<|endoftext|>"}));
        });
    }
    void sentencePiece() {
        hammer("tokenizer.model", {sentencePieceModel()},
            [](const Bytes& input) { return useVocabulary(lm::vocabularyFromSentencePiece(input)); });
    }
    void wordPiece() {
        hammer("vocab.txt", {bytesOf("[PAD]\n[UNK]\n[CLS]\n[SEP]\nab\n##cd\n中\n")},
            [](const Bytes& input) { return useVocabulary(lm::vocabularyFromLines(asText(input))); });
    }
    void hardText() {
        // Texts through every kind of tokenizer. Bytes that are merged come back as they were.
        const Bytes gguf = ggufOf(tinyModel());
        std::vector<std::shared_ptr<const lm::Tokenizer>> all{*lm::Tokenizer::load(**lm::GgufFile::parse(gguf))};
        for (const Json& file : tokenizerFiles()) all.push_back(*lm::Tokenizer::create(*lm::vocabularyFromJson(file)));
        all.push_back(*lm::Tokenizer::create(*lm::vocabularyFromSentencePiece(sentencePieceModel())));
        hammer("text", {bytesOf(kText), bytesOf("abababab abab 12 ab中文ab\xff ab")},
            [&](const Bytes& input) -> std::optional<Error> {
                const std::string text(asText(input));
                for (const auto& tokenizer : all) (void)tokenizer->decode(tokenizer->encode(text).ids);
                std::string back;
                for (const auto id : all[0]->encode(text).ids) back += all[0]->bytesOf(id);
                if (back != text) qFatal("the bytes do not come back");
                return std::nullopt;
            });
    }
    void streamDecode() {
        hammer("stream decode", {bytesOf("a中文é😁b")}, [](const Bytes& input) -> std::optional<Error> {
            lm::StreamDecoder decoder;
            std::string out;
            for (std::size_t at = 0; at < input.size(); at += 3)
                out += decoder.feed(asText(ByteSpan(input).subspan(at, std::min<std::size_t>(3, input.size() - at))));
            out += decoder.flush();
            if (out != lm::validUtf8(asText(input))) qFatal("pieces read otherwise than the whole");
            return std::nullopt;
        });
    }
    void grammar() {
        // Whatever schema is taken: a walk that only takes ways the automaton offers, and ends where it may, is JSON.
        const Json seed =
            Json::parse(R"({"type":"object","properties":{"name":{"type":"string","maxLength":6},"kind":{"enum":["a",)"
                        R"("b c",3,null]},"tags":{"type":"array","items":{"anyOf":[{"type":"integer"},)"
                        R"({"type":"boolean"}]},"minItems":1,"maxItems":3},"x":{"type":"number"},)"
                        R"("y":{"const":{"z":[1]}}},"required":["name","tags"]})");
        const std::vector<Json> seeds{seed};
        std::int64_t ended = 0;
        Hammer hammer("grammar", 1, {256u << 20, 256, 4});  // the limit is one of states
        while (hammer.next()) {
            Rng& rng = hammer.rng();
            // Every second input is a random tree of keywords instead: edits leave most of a schema as it is.
            const std::string text = hammer.isSeed() ? jsonText(seed)
                                     : pick(rng, 2)  ? jsonText(schemaOf(3, rng))
                                                     : mutatedText(seed, seeds, rng);
            hammer.take(text.size(), [&] { return walk(text, rng, ended); });
        }
        QVERIFY(ended > 0 || QTest::currentTestFailed());
    }

private:
    static Json schemaOf(int depth, Rng& rng) {
        if (pick(rng, 12) == 0) return pick(rng, 2) ? Json(static_cast<int>(pick(rng, 9)) - 4) : Json("string");
        Json out = Json::object();
        const char* const types[] = {"object", "array", "string", "number", "integer", "boolean", "null", "thing"};
        if (pick(rng, 6)) out["type"] = types[pick(rng, pick(rng, 4) ? 7 : 8)];
        if (depth > 0 && pick(rng, 2))
            out["properties"] = {{"a", schemaOf(depth - 1, rng)}, {"b\"\\", schemaOf(depth - 1, rng)}};
        if (pick(rng, 3) == 0) out["required"] = pick(rng, 3) ? Json({"a"}) : Json("a");
        if (depth > 0 && pick(rng, 3) == 0) out["items"] = schemaOf(depth - 1, rng);
        if (depth > 0 && pick(rng, 4) == 0)
            out["anyOf"] = Json::array({schemaOf(depth - 1, rng), schemaOf(depth - 1, rng)});
        if (pick(rng, 5) == 0) out["enum"] = Json::array({pick(rng, 10), "x\n", nullptr, {{"k", 1.5}}});
        if (pick(rng, 8) == 0) out["const"] = Json::array({"c", true});
        for (const char* bound : {"minLength", "maxLength", "minItems", "maxItems"})
            if (pick(rng, 6) == 0) out[bound] = static_cast<int>(pick(rng, 7)) - 1;
        if (pick(rng, 10) == 0) out["$ref"] = "#/x";
        return out;
    }
    static std::optional<Error> walk(const std::string& text, Rng& rng, std::int64_t& ended) {
        const auto schema = parseJson(text);
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
            const std::uint8_t byte = ways[pick(rng, ways.size())];
            said.push_back(static_cast<char>(byte));
            state = (*automaton)->next(state, byte);
        }
        return std::nullopt;
    }
};

QTEST_GUILESS_MAIN(tst_FuzzText)
#include "tst_fuzz_text.moc"
