// Unigram models and tables of replacements: whole structures, and the double array byte by byte.
#include <QTest>

#include <cstring>

#include "fuzz/hammer.h"
#include "lm/text/character_map.h"
#include "lm/text/tokenizer.h"

using namespace dubito;
using namespace dubito::fuzz;

namespace {

constexpr const char* kText = "ab A\xCC\x81 xx\n<0x61> \xC2\xBD 中文 \xff b  a";

/// "A" becomes "b": one step in a double array of 66 units.
std::string smallMap() {
    std::uint32_t units[0x42] = {};
    units[0] = 1u << 10;
    units[0x40] = 0x41 | 0x100 | 1u << 10;
    units[0x41] = 1u << 31;
    std::string out(sizeof(std::uint32_t) + sizeof units, '\0');
    const std::uint32_t size = sizeof units;
    std::memcpy(out.data(), &size, sizeof size);
    std::memcpy(out.data() + sizeof size, units, sizeof units);
    return out + "b" + std::string(1, '\0');
}

std::optional<Error> use(std::string_view input) {
    const auto json = parseJson(input);
    if (!json) return json.error();
    auto vocabulary = lm::vocabularyFromJson(*json);
    if (!vocabulary) return vocabulary.error();
    const auto tokenizer = lm::Tokenizer::create(std::move(*vocabulary));
    if (!tokenizer) return tokenizer.error();
    (void)(*tokenizer)->decode((*tokenizer)->encode(kText).ids);
    return std::nullopt;
}

}  // namespace

class tst_FuzzPieces : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void unigram() {
        std::vector<Json> seeds;
        for (const bool falls : {false, true}) {
            Json vocab = Json::array({{"<unk>", 0}, {"▁", -2.5}, {"a", -1}, {"b", -1.5}, {"ab", -2}, {"<0x61>", 0}});
            if (falls)
                for (int byte = 0; byte < 256; ++byte) vocab.push_back(Json::array({"<0x" + std::to_string(byte), -3}));
            seeds.push_back(
                {{"model", {{"type", "Unigram"}, {"unk_id", 0}, {"byte_fallback", falls}, {"vocab", vocab}}},
                    {"pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "first"}}},
                    {"normalizer", {{"type", "Precompiled"},
                                       {"precompiled_charsmap",
                                           QByteArray::fromStdString(smallMap()).toBase64().toStdString()}}}});
        }
        hammerTrees("unigram", seeds, use);
    }
    void characterMap() {
        hammer("character map", {bytesOf(smallMap())}, [](const Bytes& input) -> std::optional<Error> {
            const auto map = lm::CharacterMap::parse(asText(input));
            if (!map) return map.error();
            lm::AlignedText out;
            const std::string text = "A ab \xCC\x81 中A\xCC\x81";
            map->apply({text, 0, nullptr}, out);
            if (out.text.size() != out.origins.size()) return Error(Code::Internal, "bytes without an origin");
            return std::nullopt;
        });
    }
    void merges() {
        // A merge whose parts hold spaces is kept by its length.
        const Json seed = {
            {"model", {{"type", "BPE"}, {"unk_token", "<unk>"},
                          {"vocab", {{"<unk>", 0}, {"a", 1}, {" ", 2}, {" a", 3}, {"a a", 4}}},
                          {"merges", Json::array({Json::array({" ", "a"}), Json::array({"a", " a"})})}}}};
        hammerTrees("merges with spaces", {seed}, use);
    }
};

QTEST_APPLESS_MAIN(tst_FuzzPieces)
#include "tst_fuzz_pieces.moc"
