// Sampling by its rules, generation over a reused cache, long-input rotation, scores against hand-made values.
#include <QTest>

#include <cmath>
#include <set>

#include "lm/evaluate/answers.h"
#include "lm/evaluate/scorers.h"
#include "lm/formats/random_model.h"
#include "lm/generate/generator.h"
#include "lm/generate/grammar.h"
#include "lm/model/decoder.h"
#include "lm/model/rope.h"
#include "stats/intervals.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

std::shared_ptr<Decoder> decoderOf(const RandomModel& shape = {}, std::uint64_t seed = 3) {
    return *Decoder::load(*makeRandomModel(shape, seed), 2);
}
std::shared_ptr<const Tokenizer> tokenizerOf() { return *Tokenizer::load(**makeRandomModel({}, 3)); }

std::vector<TokenId> said(Generator& generator, GenerationRequest request) {
    std::vector<TokenId> out;
    if (!generator.start(std::move(request))) return out;
    while (generator.isBusy()) {
        const auto token = generator.advance();
        if (!token) return {};
        if (*token) out.push_back((*token)->sampled.id);
    }
    return out;
}

GenerationRequest requestOf(std::vector<TokenId> prompt, std::int64_t most = 8) {
    GenerationRequest out;
    out.prompt = std::move(prompt);
    out.maxTokens = most;
    return out;
}

}  // namespace

class tst_Generate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sample_greedy_takesTheLowestIdOnTies() {
        const float logits[] = {1, 3, 3, 2};
        QCOMPARE(sample(logits, 4, 4, {}, {}, nullptr, {}, 0).id, 1);
        QCOMPARE(sample(logits, 4, 1, {}, {}, nullptr, {}, 0).id, 0);  // rows beyond the tokenizer
        const TokenMask mask = {1, 0, 0, 1};
        QCOMPARE(sample(logits, 4, 4, {}, {}, &mask, {}, 0).id, 3);
    }
    void sample_statistics_areTheModelsOwn() {
        const float logits[] = {0, std::log(2.0f), std::log(5.0f)};
        Sampling sampling;
        sampling.topLogprobs = 2;
        sampling.repetitionPenalty = 2;
        const TokenId history[] = {2};
        const auto out = sample(logits, 3, 3, sampling, history, nullptr, {}, 0);
        QVERIFY(std::abs(out.entropy - (0.125 * std::log(8.0) + 0.25 * std::log(4.0) + 0.625 * std::log(1.6))) < 1e-6);
        QCOMPARE(out.topIds, (std::vector<TokenId>{2, 1}));
        QVERIFY(std::abs(out.topLogps[0] - std::log(0.625f)) < 1e-6f);
    }
    void sample_repetitionPenalty_dividesAboveZeroAndMultipliesBelow() {
        const float positive[] = {3, 2.9f}, negative[] = {-1, -1.05f};
        Sampling sampling;
        sampling.repetitionPenalty = 1.1;
        const TokenId history[] = {0};
        QCOMPARE(sample(positive, 2, 2, sampling, history, nullptr, {}, 0).id, 1);
        QCOMPARE(sample(negative, 2, 2, sampling, history, nullptr, {}, 0).id, 1);
        QCOMPARE(sample(positive, 2, 2, {}, history, nullptr, {}, 0).id, 0);
    }
    void sample_filters_leaveTheRightSet() {
        const float logits[] = {std::log(0.5f), std::log(0.3f), std::log(0.15f), std::log(0.05f)};
        const stats::CounterRng rng(1, "sample", 0);
        const auto drawn = [&](const Sampling& sampling) {
            std::set<TokenId> out;
            for (std::uint64_t position = 0; position < 4000; ++position)
                out.insert(sample(logits, 4, 4, sampling, {}, nullptr, rng, position).id);
            return out;
        };
        Sampling all{1, 0, 1};
        QCOMPARE(drawn(all).size(), 4u);
        QCOMPARE(drawn({1, 2, 1}), (std::set<TokenId>{0, 1}));
        QCOMPARE(drawn({1, 0, 0.8}), (std::set<TokenId>{0, 1}));
        QCOMPARE(drawn({1, 0, 0.81}), (std::set<TokenId>{0, 1, 2}));
        Sampling minP{1, 0, 1};
        minP.minP = 0.29;
        QCOMPARE(drawn(minP), (std::set<TokenId>{0, 1, 2}));
    }
    void sample_gumbel_drawsTheDistribution_andRepeatsByPosition() {
        const float logits[] = {std::log(0.5f), std::log(0.3f), std::log(0.2f)};
        const stats::CounterRng rng(7, "sample", 2);
        int counts[3] = {};
        constexpr int kDraws = 20'000;
        for (int i = 0; i < kDraws; ++i)
            ++counts[sample(logits, 3, 3, {1, 0, 1}, {}, nullptr, rng, static_cast<std::uint64_t>(i)).id];
        const double expected[] = {0.5, 0.3, 0.2};
        double chi2 = 0;
        for (int i = 0; i < 3; ++i)
            chi2 += (counts[i] - kDraws * expected[i]) * (counts[i] - kDraws * expected[i]) / (kDraws * expected[i]);
        QVERIFY2(chi2 < 13.8, qPrintable(QString::number(chi2)));  // 2 degrees of freedom, p = 0.001
        for (const std::uint64_t position : {3u, 99u})
            QCOMPARE(sample(logits, 3, 3, {1, 0, 1}, {}, nullptr, rng, position).id,
                sample(logits, 3, 3, {1, 0, 1}, {}, nullptr, rng, position).id);
    }
    void generator_cachedPrefix_saysTheSame_andReadsLess() {
        const auto decoder = decoderOf();
        Generator fresh(decoder, tokenizerOf(), 200, 1), used(decoder, tokenizerOf(), 200, 1);
        std::vector<TokenId> prompt;
        for (int i = 0; i < 40; ++i) prompt.push_back('a' + i % 20);
        (void)said(used, requestOf(prompt));
        std::vector<TokenId> other = prompt;
        other[30] = 'z';
        const auto expected = said(fresh, requestOf(other)), got = said(used, requestOf(other));
        QCOMPARE(used.reused(), 30);
        QVERIFY(!expected.empty() && expected == got);
        QCOMPARE(said(used, requestOf(other)), expected);
    }
    void generator_branches_areTakenUpAgain() {
        // A, then B that parts from it early, then A's text again: all of it is still there.
        const auto decoder = decoderOf();
        Generator generator(decoder, tokenizerOf(), 200, 1), fresh(decoder, tokenizerOf(), 200, 1);
        std::vector<TokenId> first, second;
        for (int i = 0; i < 90; ++i) first.push_back('a' + i % 20);
        second = first;
        second[10] = 'z';
        const auto answer = said(generator, requestOf(first));
        (void)said(generator, requestOf(second));
        QCOMPARE(generator.reused(), 10);
        std::vector<TokenId> more = first;
        more.insert(more.end(), {'x', 'y'});
        const auto expected = said(fresh, requestOf(more)), got = said(generator, requestOf(more));
        QVERIFY2(generator.reused() >= 90, qPrintable(QString::number(generator.reused())));
        QVERIFY(!answer.empty() && expected == got);
    }
    void generator_forcedTokens_comeFirst_withTheModelsProbability() {
        const auto decoder = decoderOf();
        Generator generator(decoder, tokenizerOf(), 200, 1);
        GenerationRequest request = requestOf({'a', 'b', 'c'});
        request.forced = {'q', 'r'};
        QVERIFY(generator.start(request));
        std::vector<float> logprobs;
        for (int i = 0; i < 2;) {
            const auto token = generator.advance();
            QVERIFY(token);
            if (!*token) continue;
            QVERIFY((*token)->isForced);
            QCOMPARE((*token)->sampled.id, request.forced[static_cast<std::size_t>(i)]);
            logprobs.push_back((*token)->sampled.logprob);
            ++i;
        }
        // The first one's probability against the decoder itself.
        const ModelConfig& c = decoder->config();
        compute::Floats hidden(static_cast<std::size_t>(3 * c.width));
        QVERIFY(decoder->embed(std::vector<TokenId>{'a', 'b', 'c'}, hidden.data()) &&
                decoder->forward(hidden.data(), 1, 3, 1, c.layers, nullptr, {}, nullptr));
        std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
        decoder->readout(hidden.data() + 2 * c.width, 1, logits.data());
        double sum = 0;
        for (const float value : logits) sum += std::exp(static_cast<double>(value));
        QVERIFY(std::abs(logprobs[0] - (logits['q'] - std::log(sum))) < 1e-4);
    }
    void generator_stops_endTheAnswer() {
        const auto decoder = decoderOf();
        Generator generator(decoder, tokenizerOf(), 64, 1);
        const auto all = said(generator, requestOf({'a'}, 12));
        QVERIFY(all.size() >= 3);
        GenerationRequest request = requestOf({'a'}, 12);
        const auto tokenizer = tokenizerOf();
        request.stops = {
            std::string(tokenizer->bytesOf(all[1])) + std::string(tokenizer->bytesOf(all[2]))};  // across two tokens
        std::size_t ends = 2;
        while (ends <= all.size() && !(all[ends - 2] == all[1] && all[ends - 1] == all[2])) ++ends;
        QCOMPARE(said(generator, request).size(), ends);
        QCOMPARE(said(generator, requestOf({'a'}, 5)).size(), std::min<std::size_t>(5, all.size()));
        GenerationRequest tooLong = requestOf(std::vector<TokenId>(64, 'a'));
        const auto refused = generator.start(tooLong);
        QVERIFY(!refused && refused.error().code() == Code::Limit &&
                refused.error().text().find("65") != std::string::npos &&
                refused.error().text().find("64") != std::string::npos);
        QVERIFY(!generator.start(requestOf({})) && !generator.start(requestOf({999999})));
    }
    void generator_constraint_isObeyed() {
        Generator generator(decoderOf(), tokenizerOf(), 64, 1);
        TokenMask digits(259, 0);
        for (int c = '0'; c <= '9'; ++c) digits[static_cast<std::size_t>(c)] = 1;
        GenerationRequest request = requestOf({'a'}, 10);
        request.sampling.temperature = 1;
        request.constraint = [&](std::span<const TokenId>) { return &digits; };
        for (const TokenId id : said(generator, request)) QVERIFY(id >= '0' && id <= '9');
    }
    void grammar_schema_acceptsItsLanguageOnly() {
        const Json schema =
            *parseJson(R"({"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":4},)"
                       R"("kind":{"enum":["a","b"]},"n":{"type":"integer"},"list":{"type":"array",)"
                       R"("items":{"anyOf":[{"type":"number"},{"type":"null"}]},"minItems":1,"maxItems":3},)"
                       R"("ok":{"type":"boolean"}},"required":["name","n"]})");
        auto automaton = ByteAutomaton::fromSchema(schema);
        QVERIFY2(automaton, automaton ? "" : automaton.error().text().c_str());
        const auto accepts = [&](const std::string& text) {
            std::int32_t state = (*automaton)->start();
            for (const char c : text) state = (*automaton)->next(state, static_cast<std::uint8_t>(c));
            return (*automaton)->accepts(state);
        };
        for (const char* good :
            {R"({"name":"ab","n":3})", R"({"name": "é中\n", "kind": "b", "n": -12, "list": [1.5e3,null], "ok": true})",
                R"({"name":"a","n":0,"ok":false})"})
            QVERIFY2(accepts(good), good);
        for (const char* bad : {R"({"n":3})", R"({"name":"","n":3})", R"({"name":"abcde","n":3})",
                 R"({"name":"a","kind":"c","n":3})", R"({"name":"a","n":03})", R"({"name":"a","n":3,})",
                 R"({"name":"a","n":3,"list":[]})", R"({"name":"a","n":3,"list":[1,1,1,1]})", R"({"name":"a","n":3} )",
                 R"({"name":"a","n":3)", R"({"n":3,"name":"a"})", "{\"name\":\"\xff\",\"n\":1}"})
            QVERIFY2(!accepts(bad), bad);
        for (const char* good : {R"({"name":"\ud83d\ude00","n":1})", R"({"name":"\uD7ff\uE000","n":1})",
                 R"({"name":"\uDBFF\uDFFFab\u0041","n":1})"})
            QVERIFY2(accepts(good), good);
        for (const char* bad : {R"({"name":"\ud83d","n":1})", R"({"name":"\ud83dx","n":1})",
                 R"({"name":"\ude00","n":1})", R"({"name":"\ud83d\u0041","n":1})", R"({"name":"\ud83d\ud83d","n":1})"})
            QVERIFY2(!accepts(bad), bad);
        auto any = ByteAutomaton::fromSchema(Json::object());
        QVERIFY(any);
        std::int32_t state = (*any)->start();
        for (const char c : std::string(R"({"a":[1,{"b":true}]})"))
            state = (*any)->next(state, static_cast<std::uint8_t>(c));
        QVERIFY((*any)->accepts(state));
        const auto unknown =
            ByteAutomaton::fromSchema(*parseJson(R"({"type":"object","properties":{"x":{"pattern":"a"}}})"));
        QVERIFY(!unknown && unknown.error().code() == Code::Unsupported &&
                unknown.error().text().find("/properties/x/pattern") != std::string::npos);
        QVERIFY(!ByteAutomaton::fromSchema(*parseJson(R"({"type":"string","minLength":5,"maxLength":2})")));
        QVERIFY(!ByteAutomaton::fromSchema(*parseJson(R"({"required":["a"],"type":"object"})")));
    }
    void grammar_generation_isValidJsonWhateverTheModel() {
        const Json schema =
            *parseJson(R"({"type":"object","properties":{"id":{"type":"integer"},"tags":{"type":"array",)"
                       R"("items":{"enum":["x","yy"]},"maxItems":3}},"required":["id","tags"]})");
        const auto tokenizer = tokenizerOf();
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            Generator generator(decoderOf({}, 3), tokenizer, 200, seed);
            TokenConstraint constraint(*ByteAutomaton::fromSchema(schema), tokenizer);
            GenerationRequest request = requestOf({'a'}, 120);
            request.sampling = {1.5, 0, 1};
            request.constraint = [&](std::span<const TokenId> answer) { return constraint.maskAfter(answer); };
            const auto ids = said(generator, request);
            QVERIFY(!ids.empty());
            QVERIFY(
                ids.back() == 257 || ids.back() == 258);  // an end token, which is allowed only behind a whole object
            std::string text;
            for (std::size_t i = 0; i + 1 < ids.size(); ++i) text += tokenizer->bytesOf(ids[i]);
            const auto json = parseJson(text);
            QVERIFY2(json && (*json)["id"].is_number_integer() && (*json)["tags"].is_array(), text.c_str());
        }
    }
    void grammar_tools_giveAnActionAndItsArguments() {
        auto automaton = ByteAutomaton::fromTools(
            {{"search", *parseJson(R"({"type":"object","properties":{"q":{"type":"string"}},"required":["q"]})")},
                {"now", *parseJson(R"({"type":"object"})")}});
        QVERIFY(automaton);
        const auto accepts = [&](const std::string& text) {
            std::int32_t state = (*automaton)->start();
            for (const char c : text) state = (*automaton)->next(state, static_cast<std::uint8_t>(c));
            return (*automaton)->accepts(state);
        };
        QVERIFY(accepts("Action: search\nAction Input: {\"q\":\"a\"}\n") && accepts("Action: now\nAction Input: {}\n"));
        QVERIFY(!accepts("Action: other\nAction Input: {}\n") && !accepts("Action: search\nAction Input: {}\n"));
        QVERIFY(!ByteAutomaton::fromTools({}));
    }
    void generator_constraintWithoutAWayOn_isAnError() {
        Generator generator(decoderOf(), tokenizerOf(), 64, 1);
        const TokenMask none(259, 0);
        GenerationRequest request = requestOf({'a'}, 10);
        request.constraint = [&](std::span<const TokenId>) { return &none; };
        QVERIFY(generator.start(request));
        const auto token = generator.advance();
        QVERIFY(!token && token.error().code() == Code::InvalidArgument);
    }
    void rope_dynamicNtkAndLogn_areAsPublished() {
        // Base 10000, head width 128, trained length 2048, at 4K, 8K and 16K.
        const double bases[] = {30528, 72196, 156588};
        const double logn[] = {1.0909, 1.1818, 1.2727};
        for (int i = 0; i < 3; ++i) {
            const std::int64_t n = 4096ll << i;
            QVERIFY(std::abs(ntkBase(10000, ntkAlpha(n, 2048), 128) / bases[i] - 1) < 1e-4);
            QVERIFY(std::abs(lognFactor(n - 1, 2048) - logn[i]) < 1e-4);
        }
        QCOMPARE(ntkAlpha(2048, 2048), 1.0);
        QCOMPARE(lognFactor(100, 2048), 1.0);
    }
    void longInput_changesTheRotation_andTheCacheSaysSo() {
        auto model = *makeRandomModel({}, 3);
        auto metadata = model->metadata();
        metadata["llama.rope.scaling.type"] = std::string("dynamic_ntk");
        metadata["llama.rope.scaling.original_context_length"] = std::int64_t{16};
        metadata["dubito.logn"] = true;
        const auto decoder = *Decoder::load(*GgufFile::assemble(metadata, model->tensors(), {}, model), 1);
        Generator generator(decoder, tokenizerOf(), 64, 1);
        const std::vector<TokenId> prompt(14, 'a');
        const auto cached = said(generator, requestOf(prompt, 12));  // crosses the trained length on its way
        QCOMPARE(cached.size(), 12u);
        std::vector<TokenId> text = prompt;
        for (const TokenId expected : cached) {
            compute::Floats hidden(text.size() * 64);
            QVERIFY(
                decoder->embed(text, hidden.data()) &&
                decoder->forward(hidden.data(), 1, static_cast<std::int64_t>(text.size()), 1, 2, nullptr, {}, nullptr));
            std::vector<float> logits(259);
            decoder->readout(hidden.data() + (text.size() - 1) * 64, 1, logits.data());
            QCOMPARE(static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin()), expected);
            text.push_back(expected);
        }
    }
    void window_hidesWhatLiesFartherBack() {
        auto model = *makeRandomModel({}, 3);
        auto metadata = model->metadata();
        metadata["dubito.window"] = std::int64_t{4};
        const auto decoder = *Decoder::load(*GgufFile::assemble(metadata, model->tensors(), {}, model), 1);
        const auto last = [&](std::vector<TokenId> ids) {
            compute::Floats hidden(ids.size() * 64);
            (void)decoder->embed(ids, hidden.data());
            (void)decoder->forward(hidden.data(), 1, static_cast<std::int64_t>(ids.size()), 1, 2, nullptr, {}, nullptr);
            return std::vector<float>(hidden.data() + (ids.size() - 1) * 64, hidden.data() + ids.size() * 64);
        };
        // Two layers see 2 * 3 positions back; the token before those changes nothing.
        QVERIFY(last({'x', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}) == last({'y', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}));
        QVERIFY(last({'a', 'x', 'c', 'd', 'e', 'f', 'g', 'h'}) != last({'a', 'y', 'c', 'd', 'e', 'f', 'g', 'h'}));
    }
    void scores_windowed_countEveryTokenOnce() {
        const auto decoder = decoderOf();
        const auto tokenizer = tokenizerOf();
        const std::string text = "the model doubts what it says, and says what it doubts";
        const auto whole = scoreText(*decoder, *tokenizer, text, 200, {}),
                   parts = scoreText(*decoder, *tokenizer, text, 16, {});
        QVERIFY(whole && parts);
        QCOMPARE(whole->tokens, static_cast<std::int64_t>(text.size()) - 1);
        QCOMPARE(parts->tokens, whole->tokens);
        QVERIFY(
            std::abs(whole->bitsPerByte() - whole->nats / std::log(2.0) / static_cast<double>(text.size())) < 1e-12);
        QVERIFY(!scoreText(*decoder, *tokenizer, "a", 16, {}));
        auto cancelled = scoreText(*decoder, *tokenizer, text, 16, [](double) { return false; });
        QVERIFY(!cancelled && cancelled.error().code() == Code::Cancelled);
    }
    void scores_sameModel_isAtDistanceZero() {
        const auto a = decoderOf(), b = decoderOf({}, 4);
        std::vector<TokenId> ids;
        for (int i = 0; i < 60; ++i) ids.push_back('a' + i % 17);
        const auto same = compareModels(*a, *a, ids, 32, {});
        QVERIFY(same && same->kl == 0 && same->top1 == 1 && same->rmsP == 0 && same->positions == 59);
        const auto other = compareModels(*b, *a, ids, 32, {});
        QVERIFY(other && other->kl > 0.01 && other->nllModel != other->nllReference);
        QVERIFY(std::abs(scoreText(*a, *tokenizerOf(), std::string(ids.begin(), ids.end()), 32, {})->perToken() -
                         same->nllReference) < 1e-6);
    }
    void scores_ofAKeptReference_equalThoseOfAFreshOne() {
        const auto a = decoderOf(), b = decoderOf({}, 4);
        std::vector<TokenId> ids;
        for (int i = 0; i < 60; ++i) ids.push_back('a' + i % 17);
        const auto fresh = compareModels(*b, *a, ids, 32, {});
        // All of it, the first window, nothing.
        for (const std::size_t most : {std::size_t{1} << 30, std::size_t{40 * 259 * 4}, std::size_t{0}}) {
            KeptReference kept{*a, most};
            for (int round = 0; round < 2; ++round) {
                const auto other = compareModels(*b, kept, ids, 32, {});
                QVERIFY(other && other->kl == fresh->kl && other->nllReference == fresh->nllReference);
                QVERIFY(kept.bytes <= most);
                QVERIFY(kept.windows.empty() == (most == 0));
            }
        }
    }
    void scores_options_areTheSumsOfTheirTokens() {
        const auto decoder = decoderOf();
        const auto tokenizer = tokenizerOf();
        const std::string prompt = "the answer is ";
        const std::vector<std::string> options = {"yes", "no", "perhaps"};
        const auto scores = scoreOptions(*decoder, *tokenizer, prompt, options);
        QVERIFY(scores);
        for (std::size_t i = 0; i < options.size(); ++i) {
            const double with = scoreText(*decoder, *tokenizer, prompt + options[i], 200, {})->nats,
                         without = scoreText(*decoder, *tokenizer, prompt, 200, {})->nats;
            QVERIFY2(std::abs(scores->sum[i] + (with - without)) < 1e-4,
                qPrintable(QString("%1 %2").arg(scores->sum[i]).arg(without - with)));
            QVERIFY(std::abs(scores->perByte[i] - scores->sum[i] / static_cast<double>(options[i].size())) < 1e-12);
        }
        QVERIFY(!scoreOptions(*decoder, *tokenizer, prompt, {}));
    }
    void answers_areComparedFolded() {
        QCOMPARE(normalisedAnswer("  The “Ａnswer”,\n is: Paris! "), normalisedAnswer("the answer is paris"));
        QVERIFY(normalisedAnswer("a") != normalisedAnswer("b"));
        QCOMPARE(*lastNumber("first 3, then 1,234.5 apples."), 1234.5);
        QCOMPARE(*lastNumber("it is -7"), -7.0);
        QCOMPARE(*lastNumber("10-7"), 7.0);
        QVERIFY(!lastNumber("none"));
    }
    void intervals_areAsPublished() {
        const auto w = stats::wilson(8, 10);  // 0.4902 to 0.9433: Wilson without continuity correction
        QVERIFY(std::abs(w.low - 0.4902) < 1e-4 && std::abs(w.high - 0.9433) < 1e-4);
        QVERIFY(stats::wilson(0, 0).high == 1 && stats::wilson(0, 5).low == 0);
        QVERIFY(std::abs(stats::passAtK(10, 3, 5) - 0.916667) < 1e-6);
        std::vector<double> differences;
        std::vector<std::int64_t> clusters;
        for (int i = 0; i < 200; ++i) differences.push_back(i % 4 == 0 ? 1 : 0), clusters.push_back(i / 10);
        const auto alone = stats::pairedBootstrap(differences, {}, 1),
                   grouped = stats::pairedBootstrap(differences, clusters, 1);
        QVERIFY(alone.low < 0.25 && alone.high > 0.25 && alone.low > 0.15 && alone.high < 0.35);
        QVERIFY(grouped.high - grouped.low < alone.high - alone.low);  // clusters of nearly equal means vary less
        QCOMPARE(stats::pairedBootstrap(differences, {}, 1).low, alone.low);
    }
    void sampler_seeded_repeatsAndStaysInTheSet() {
        std::vector<float> logits(100);
        for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i % 10);
        const stats::CounterRng rng(1, "sample", 0);
        const Sampling sampling{1.0, 5, 1.0};
        for (std::uint64_t position = 0; position < 200; ++position) {
            const TokenId id = sampleToken(logits.data(), 100, 50, sampling, rng, position);
            QCOMPARE(id, sampleToken(logits.data(), 100, 50, sampling, rng, position));
            QVERIFY(id < 50 && id % 10 == 9);
        }
    }
};

QTEST_GUILESS_MAIN(tst_Generate)
#include "tst_generate.moc"
