// Files that carry a tokenizer: each of their fields does what the reference does with it, or is refused by its name.
#include <QTest>

#include <cstring>

#include "lm/text/character_map.h"
#include "lm/text/pretokenizer.h"
#include "lm/text/split_pattern.h"
#include "lm/text/tokenizer.h"
#include "lm/text/tokenizer_config.h"
#include "lm/text/tokenizer_json.h"
#include "lm/text/unicode_text.h"
#include "stats/counter_rng.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

Json bpe(const Json& vocab, const Json& merges = Json::array()) {
    return {{"model", {{"type", "BPE"}, {"unk_token", "<unk>"}, {"vocab", vocab}, {"merges", merges}}}};
}
Json added(int id, const char* content, const char* flag = "") {
    Json out = {{"id", id}, {"content", content}, {"single_word", false}, {"lstrip", false}, {"rstrip", false},
        {"normalized", true}, {"special", false}};
    if (*flag) out[flag] = true;
    return out;
}
Json unigram(bool falls) {
    return {{"model", {{"type", "Unigram"}, {"unk_id", 0}, {"byte_fallback", falls},
                          {"vocab", Json::array({{"<unk>", 0.0}, {"a", -1.0}, {"b", -1.5}, {"ab", -3.0}, {"abc", -2.0},
                                        {"<0xC3>", 0.0}, {"<0xA9>", 0.0}})}}}};
}
std::shared_ptr<const Tokenizer> open(const Json& json) {
    auto vocabulary = vocabularyFromJson(json);
    if (!vocabulary) return qWarning("%s", vocabulary.error().text().c_str()), nullptr;
    auto out = Tokenizer::create(std::move(*vocabulary));
    if (!out) return qWarning("%s", out.error().text().c_str()), nullptr;
    return *out;
}
using Ids = std::vector<TokenId>;

/// "A" becomes "xy": one step in a double array of 66 units.
std::string smallMap() {
    std::uint32_t units[0x42] = {};
    units[0] = 1u << 10;
    units[0x40] = 0x41 | 0x100 | 1u << 10;
    units[0x41] = 1u << 31;
    std::string out(sizeof(std::uint32_t) + sizeof units, '\0');
    const std::uint32_t size = sizeof units;
    std::memcpy(out.data(), &size, sizeof size);
    std::memcpy(out.data() + sizeof size, units, sizeof units);
    return out + "xy" + std::string(1, '\0');
}

Bytes message(std::uint8_t field, const Bytes& inside) {
    Bytes out{static_cast<std::uint8_t>(field << 3 | 2), static_cast<std::uint8_t>(inside.size())};
    append(out, inside);
    return out;
}
Bytes piece(std::string_view text, std::uint8_t type) {
    Bytes inside = message(1, Bytes(text.begin(), text.end()));
    append(inside, Bytes{0x15, 0, 0, 0, 0, 0x18, type});
    return message(1, inside);
}
/// BPE without bytes, a prefix or a table: only what `more` says.
Bytes sentencePieces(const Bytes& trainer, const Bytes& normaliser, const Bytes& more = {}) {
    Bytes out = piece("<unk>", 2);
    for (const char* text : {"\xE2\x96\x81", "a", "b"}) append(out, piece(text, 1));
    append(out, more);
    Bytes settings{0x18, 2};
    append(settings, trainer);
    append(out, message(2, settings));
    Bytes rules{0x18, 0, 0x20, 0};
    append(rules, normaliser);
    append(out, message(3, rules));
    return out;
}

}  // namespace

class tst_TokenizerFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void splitWalk_knownRules_cutAsThePatternDoes() {
        stats::CounterRng rng(5, "walks", 0);
        const char* const parts[] = {"'", "s", "S", "\xC5\xBF", "ll", "VE", "d", "a", "Z", "é", "中", "1", "2", "½",
            "٣", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u3000", "\u2028", ".", "!?", "😀", "\u0301", "\u200D", "_"};
        for (const SplitRule& rule : splitRules())
            for (const char* text : rule.stages) {
                const std::string translated = *translatedPattern(text);
                if (!splitWalkOf(translated)) continue;
                const auto walk = *SplitPattern::compile(translated),
                           matched = *SplitPattern::compile("(?:" + translated + ")");
                for (int round = 0; round < 400; ++round) {
                    std::string in;
                    for (int i = 0; i < 24; ++i) in += parts[rng.nextU32() % std::size(parts)];
                    std::vector<std::size_t> ends, expected;
                    walk->each(in, [&](std::size_t begin, std::size_t end) { ends.insert(ends.end(), {begin, end}); });
                    matched->each(in, [&](std::size_t begin, std::size_t end) {
                        expected.insert(expected.end(), {begin, end});
                    });
                    QVERIFY2(ends == expected, (std::string(rule.name) + ": " + in).c_str());
                }
            }
    }
    void splitWalk_everyCodePoint_isOfTheClassOfThePattern() {
        const std::string digit = *translatedPattern(R"(\p{N})");
        const auto walk = splitWalkOf(digit);
        const auto matched = *SplitPattern::compile("(?:" + digit + ")");
        const auto unassigned = *SplitPattern::compile("(?:\\p{Cn})");  // to PCRE2, whose Unicode may be the older one
        QVERIFY(walk);
        int differ = 0;
        for (unicode::Code code = 1; code < 0x30000; ++code) {
            if (code >= 0xD800 && code < 0xE000) continue;
            std::string text;
            unicode::append(text, code);
            std::size_t begin = 0, end = 0;
            MatchWork work;
            const bool isThere = matched->find(text, 0, begin, end, work) == SplitPattern::Found::Yes;
            if (unassigned->find(text, 0, begin, end, work) == SplitPattern::Found::Yes) continue;
            differ += walk(text, 0, begin, end) != isThere;
        }
        QCOMPARE(differ, 0);
    }
    void addedToken_inTheSpaceThatAnotherTook_comesAgain() {
        Json json = bpe({{"<unk>", 0}, {"a", 1}, {"b", 2}, {" ", 3}});
        json["added_tokens"] = Json::array({added(4, "  ", "rstrip")});
        const auto tokenizer = open(json);
        QVERIFY(tokenizer);
        QVERIFY(tokenizer->encode("a   b").ids == (Ids{1, 4, 2}));
        QVERIFY(tokenizer->encode("a    b").ids == (Ids{1, 4, 4, 2}));
        json["added_tokens"].push_back(added(5, "\n", "lstrip"));
        const auto refused = vocabularyFromJson(json);
        QVERIFY(!refused && refused.error().code() == Code::Unsupported);
        QVERIFY(refused.error().text().find("lstrip") != std::string::npos);
    }
    void addedToken_special_thatTheNormaliserChanges_isShown() {
        Json json = bpe({{"<unk>", 0}, {"a", 1}, {"x", 2}});
        json["normalizer"] = {{"type", "Prepend"}, {"prepend", "x"}};
        json["added_tokens"] = Json::array({added(3, "<s>", "special")});
        const auto tokenizer = open(json);
        QVERIFY(tokenizer);
        QCOMPARE(tokenizer->decode({3}), std::string("x<s>"));
        json["normalizer"] = nullptr;
        QCOMPARE(open(json)->decode({3}), std::string());
    }
    void metaspaceFirst_behindANormalForm_knowsWhereTheTextBegan() {
        Json json = bpe({{"<unk>", 0}, {"▁", 1}, {"x", 2}, {"2", 3}});
        json["normalizer"] = {{"type", "NFKD"}};
        json["pre_tokenizer"] = *parseJson(
            R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"String":"2"},"behavior":"Isolated",)"
            R"("invert":false},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]})");
        const auto tokenizer = open(json);
        QVERIFY(tokenizer);
        QVERIFY(tokenizer->encode("x²").ids == (Ids{1, 2, 3}));
    }
    void merges_ofTokensWithSpaces_areReadAndWrittenAsPairs() {
        const Json json = bpe({{"<unk>", 0}, {"a", 1}, {" ", 2}, {" a", 3}, {"a a", 4}},
            Json::array({Json::array({" ", "a"}), Json::array({"a", " a"})}));
        const auto tokenizer = open(json);
        QVERIFY(tokenizer);
        QVERIFY(tokenizer->encode("a a").ids == (Ids{4}));
        std::string_view left, right;
        QVERIFY(partMerge(joinedMerge("a b", " c"), left, right) && left == "a b" && right == " c");
        QVERIFY(partMerge(joinedMerge("\1x", "c"), left, right) && left == "\1x" && right == "c");
        QVERIFY(!partMerge("\0019 ab", left, right));
    }
    void unigram_ids_areTheBestSum() {
        const auto tokenizer = open(unigram(false));
        QVERIFY(tokenizer);
        QVERIFY(tokenizer->encode("ab").ids == (Ids{1, 2}));  // -2.5 is more than -3
        QVERIFY(tokenizer->encode("aabc").ids == (Ids{1, 4}));
        QVERIFY(tokenizer->encode("aééb").ids == (Ids{1, 0, 2}));  // unknowns in a row are one
        QVERIFY(open(unigram(true))->encode("aéb").ids == (Ids{1, 5, 6, 2}));
        Json without = unigram(false);
        without["model"]["unk_id"] = nullptr;
        QCOMPARE(vocabularyFromJson(without).error().code(), Code::Unsupported);
        without["model"]["unk_id"] = 99;
        QVERIFY(!vocabularyFromJson(without));
    }
    void characterMap_replaces_andRefusesWhatDoesNotFit() {
        const auto map = CharacterMap::parse(smallMap());
        QVERIFY2(map, map ? "" : map.error().text().c_str());
        AlignedText out;
        map->apply({"bAb", 0, nullptr}, out);
        QCOMPARE(out.text, std::string("bxyb"));
        QCOMPARE(out.origins.size(), std::size_t{4});
        for (const std::string& wrong : {std::string(), std::string("\xFF\xFF\0\0", 4), smallMap().substr(0, 60)})
            QCOMPARE(CharacterMap::parse(wrong).error().code(), Code::CorruptData);
    }
    void tokenizerJson_manyTokens_areWrittenInTheirOrder() {
        // Objects that look through all keys for each new one take minutes over so many.
        Vocabulary vocabulary;
        vocabulary.tokens = {"<unk>"};
        for (int i = 0; i < 150'000; ++i) vocabulary.tokens.push_back("t" + std::to_string(i));
        GgufLists lists;
        const auto file = *GgufFile::assemble(
            {{"tokenizer.ggml.model", std::string("gpt2")}, {"tokenizer.ggml.pre", std::string("gpt-2")},
                {"tokenizer.ggml.tokens", lists.texts(vocabulary.tokens)}, {"tokenizer.ggml.merges", lists.texts({})}},
            {}, {}, nullptr);
        const auto json = tokenizerJson(*file);
        QVERIFY2(json, json ? "" : json.error().text().c_str());
        const Json& vocab = memberOf(memberOf(*json, "model"), "vocab");
        QCOMPARE(vocab.size(), vocabulary.tokens.size());
        QCOMPARE(vocab.back().get<int>(), 150'000);
    }
    void sentencePiece_settings_areReadOrRefusedByName_data() {
        QTest::addColumn<QByteArray>("trainer");
        QTest::addColumn<QByteArray>("normaliser");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* name, const QByteArray& trainer, const QByteArray& normaliser,
                             const char* named) { QTest::newRow(name) << trainer << normaliser << named; };
        row("plain", "", "", "");
        row("table", "", QByteArray("\x12\x01x", 3), "precompiled_charsmap");
        row("extra spaces", "", QByteArray("\x20\x01", 2), "remove_extra_whitespaces");
        row("escape", "", QByteArray("\x28\x00", 2), "escape_whitespaces");
        row("suffix", QByteArray("\xC0\x01\x01", 3), "", "treat_whitespace_as_suffix");
        row("bytes", QByteArray("\x98\x02\x01", 3), "", "byte_fallback");
        row("unigram", QByteArray("\x18\x01", 2), "", "Unigram");
        row("unknown", "", QByteArray("\x48\x01", 2), "not known");
    }
    void sentencePiece_settings_areReadOrRefusedByName() {
        QFETCH(QByteArray, trainer);
        QFETCH(QByteArray, normaliser);
        QFETCH(QString, named);
        const auto bytes = [](const QByteArray& text) { return Bytes(text.begin(), text.end()); };
        auto read = vocabularyFromSentencePiece(sentencePieces(bytes(trainer), bytes(normaliser)));
        if (named.isEmpty()) {
            QVERIFY2(read, read ? "" : read.error().text().c_str());
            const auto tokenizer = *Tokenizer::create(std::move(*read));
            const auto encoded = tokenizer->encode("a béé");
            QString got;
            for (const auto id : encoded.ids) got += QString::number(id) + " ";
            QCOMPARE(got, QString("2 1 3 0 "));  // unknowns in a row are one
            return;
        }
        QVERIFY(!read);
        QCOMPARE(read.error().code(), Code::Unsupported);
        QVERIFY2(read.error().text().find(named.toStdString()) != std::string::npos, read.error().text().c_str());
    }
    void sentencePiece_ownSymbolsBesideAPrefix_areRefused() {
        QVERIFY(vocabularyFromSentencePiece(sentencePieces({}, {}, piece("<x>", 4))));
        const auto read = vocabularyFromSentencePiece(sentencePieces({}, {0x18, 1}, piece("<x>", 4)));
        QVERIFY(!read && read.error().text().find("user-defined") != std::string::npos);
    }
    void tokenizerConfig_flagsAndNames_goBeforeTheFile() {
        Json json = bpe({{"<unk>", 0}, {"a", 1}, {" ", 2}, {"<x>", 3}});
        json["added_tokens"] = Json::array({added(4, "<y>")});
        Account account;
        const Json settings = *parseJson(
            R"({"added_tokens_decoder":{"3":{"content":"<x>","rstrip":true,"special":false}},"eos_token":"<y>",)"
            R"("pad_token":"[PAD]","legacy":false,"model_max_length":9})");
        QVERIFY(applyTokenizerConfig(settings, json, account));
        const auto tokenizer = open(json);
        QVERIFY(tokenizer);
        QVERIFY(tokenizer->encode("a<x> a").ids == (Ids{1, 3, 1}));
        QVERIFY(tokenizer->isSpecial(4));
        const auto count = [&](Fate fate) {
            return std::count_if(account.begin(), account.end(), [&](const auto& row) { return row.fate == fate; });
        };
        QCOMPARE(count(Fate::Refused), 0);
        QCOMPARE(count(Fate::Harmless), 2);
        QCOMPARE(count(Fate::Warning), 1);  // [PAD] is no token of the file
    }
    void tokenizerConfig_otherKeys_areRefusedByName() {
        Json json = bpe({{"<unk>", 0}, {"a", 1}});
        Account account;
        QVERIFY(applyTokenizerConfig({{"fold_everything", true}, {"a_new_key", nullptr}}, json, account));
        QCOMPARE(account.size(), std::size_t{2});
        QVERIFY(account[0].fate == Fate::Refused && account[0].why.find("fold_everything") != std::string::npos);
        QVERIFY(account[1].fate == Fate::Harmless);
        json["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
        const auto refused = applyTokenizerConfig({{"add_prefix_space", true}}, json, account);
        QVERIFY(!refused && refused.error().text().find("add_prefix_space") != std::string::npos);
        QVERIFY(applyTokenizerConfig({{"add_prefix_space", false}, {"bos_token", nullptr}}, json, account));
    }
};

QTEST_APPLESS_MAIN(tst_TokenizerFiles)
#include "tst_tokenizer_files.moc"
