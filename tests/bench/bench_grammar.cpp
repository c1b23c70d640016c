// Constrained decoding over a vocabulary of Qwen's size: what the mask of a token costs. Needs no file.
#include <algorithm>
#include <set>

#include "bench.h"
#include "lm/formats/random_model.h"
#include "lm/generate/grammar.h"
#include "lm/text/vocabulary.h"
#include "stats/counter_rng.h"

using namespace dubito;
using namespace dubito::lm;
using bench::now;
using bench::row;

namespace {

constexpr std::size_t kTokens = 151'936;

/// The bytes, and words of one to four syllables with and without a space in front.
std::vector<std::string> words() {
    std::vector<std::string> out;
    std::set<std::string> known;
    for (int byte = 0; byte < 256; ++byte) out.push_back(spelledByte(static_cast<std::uint8_t>(byte)));
    known.insert(out.begin(), out.end());
    stats::CounterRng rng(1, "words", 0);
    const std::string consonants = "bcdfghklmnprstvwz", vowels = "aeiouy";
    while (out.size() < kTokens) {
        std::string word = rng.nextU32() % 2 ? spelledByte(' ') : std::string();
        for (std::uint32_t left = 1 + rng.nextU32() % 4; left > 0; --left) {
            word += consonants[rng.nextU32() % consonants.size()];
            word += vowels[rng.nextU32() % vowels.size()];
        }
        if (known.insert(word).second) out.push_back(std::move(word));
    }
    return out;
}

Result<std::shared_ptr<const Tokenizer>> tokenizerOf() {
    DUBITO_TRY(const auto file, makeRandomModel({}, 1));
    auto lists = std::make_shared<GgufLists>();
    auto metadata = file->metadata();
    const auto texts = words();
    metadata["tokenizer.ggml.tokens"] = lists->texts(texts);
    metadata["tokenizer.ggml.token_type"] = lists->numbers(std::vector<std::int32_t>(texts.size(), 1), 5);
    metadata["tokenizer.ggml.eos_token_id"] = std::int64_t{0};
    metadata.erase("tokenizer.chat_template");
    DUBITO_TRY(const auto made, GgufFile::assemble(std::move(metadata), file->tensors(), {}, lists));
    return Tokenizer::load(*made);
}

/// Random allowed tokens, one after the other, as a model would draw them.
Result<std::vector<double>> secondsOf(const std::shared_ptr<const Tokenizer>& tokenizer, const char* schema) {
    DUBITO_TRY(const Json shape, parseJson(schema));
    DUBITO_TRY(const auto automaton, ByteAutomaton::fromSchema(shape));
    TokenConstraint constraint(automaton, tokenizer);
    stats::CounterRng rng(2, "draws", 0);
    std::vector<TokenId> answer;
    std::vector<double> out;
    while (out.size() < 200) {
        const double start = now();
        const TokenMask* mask = constraint.maskAfter(answer);
        out.push_back(now() - start);
        if (!mask) return Error(Code::Internal, "the answer has left its schema");
        std::vector<TokenId> allowed;
        for (std::size_t id = 1; id < mask->size(); ++id)
            if ((*mask)[id]) allowed.push_back(static_cast<TokenId>(id));
        if (allowed.empty()) break;
        answer.push_back(allowed[rng.nextU32() % allowed.size()]);
    }
    return out;
}

}  // namespace

int main() {
    const auto tokenizer = tokenizerOf();
    if (!tokenizer) return std::fprintf(stderr, "bench: %s\n", tokenizer.error().text().c_str()), 1;
    const std::pair<const char*, const char*> schemas[] = {
        {"an object of free texts",
            R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":"string"}}}})"},
        {"a text of at most 400", R"({"type":"string","maxLength":400})"}};
    for (const auto& [name, schema] : schemas) {
        auto seconds = secondsOf(*tokenizer, schema);
        if (!seconds) return std::fprintf(stderr, "bench: %s\n", seconds.error().text().c_str()), 1;
        const std::string what = std::string("grammar, 151,936 tokens, ") + name;
        row(what + ": first token", seconds->front() * 1e3, "ms", std::string("-"));
        std::vector<double> rest(seconds->begin() + 1, seconds->end());
        double sum = 0;
        for (const double one : rest) sum += one;
        row(what + ": a token after it", sum / static_cast<double>(rest.size()) * 1e3, "ms", 2, true);
        row(what + ": slowest", *std::max_element(rest.begin(), rest.end()) * 1e3, "ms", std::string("-"));
    }
    return 0;
}
