// The loss of the type is measured beside that of the file, so that a fault of writing shows even where a type costs
// much.
#include "convert_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/hash.h"
#include "base/json.h"
#include "lm/formats/model_folder.h"
#include "lm/text/chat_template.h"

namespace dubito::lmtask {
namespace {

constexpr const char* kPrompts[] = {"The capital of France is", "def add(a, b):\n    return",
    "2 + 2 =", "Once upon a time", "水在零度时会", "{\"name\": \"Ada\", \"age\":", "Le soleil se lève à l'",
    "Doubt is not a pleasant condition, but certainty is"};
constexpr double kSlack = 1e-3;  // nats: kernels of two types round otherwise

using Logits = std::vector<std::vector<float>>;

Result<Logits> logitsOf(const std::shared_ptr<lm::GgufFile>& file, int threads, const lm::Tokenizer& tokenizer,
    const std::function<bool()>& goOn) {
    DUBITO_TRY(const auto decoder, lm::Decoder::load(file, threads, lm::WeightForm::Auto));
    const lm::ModelConfig& c = decoder->config();
    Logits out;
    for (const char* prompt : kPrompts) {
        if (!goOn()) return Error(Code::Cancelled, "the check was not finished");
        DUBITO_TRY(std::vector<lm::TokenId> ids, tokenizer.idsOf(std::string(prompt)));
        tokenizer.addStart(ids);
        const auto n = static_cast<std::int64_t>(ids.size());
        std::vector<float> hidden(ids.size() * static_cast<std::size_t>(c.width));
        DUBITO_CHECK(decoder->embed(ids, hidden.data()));
        DUBITO_CHECK(decoder->forward(hidden.data(), 1, n, 1, c.layers, nullptr, {}, nullptr));
        auto& logits = out.emplace_back(static_cast<std::size_t>(c.vocabulary));
        decoder->readout(hidden.data() + (n - 1) * c.width, 1, logits.data());
    }
    return out;
}

/// KL in nats of softmax(b) to softmax(a). @return NaN where the sizes differ
double klOf(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size() || a.empty()) return std::nan("");
    const auto logSumOf = [](const std::vector<float>& x) {
        const double top = *std::max_element(x.begin(), x.end());
        double sum = 0;
        for (const float v : x) sum += std::exp(v - top);
        return top + std::log(sum);
    };
    const double sumA = logSumOf(a), sumB = logSumOf(b);
    double out = 0;
    for (std::size_t i = 0; i < a.size(); ++i) out += std::exp(a[i] - sumA) * ((a[i] - sumA) - (b[i] - sumB));
    return std::max(out, 0.0);
}

std::string topOf(const std::vector<float>& logits, const lm::Tokenizer& tokenizer) {
    return tokenizer.shown(static_cast<lm::TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
}

std::string templateHash(const lm::GgufFile& file) {
    const auto chat = lm::ChatTemplate::load(file);
    return chat ? hexText(sha256(asBytes(chat->source()))) : std::string();
}

double mean(const std::vector<double>& values) {
    return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::size_t ConvertCheck::agreeing() const {
    std::size_t out = 0;
    for (std::size_t i = 0; i < source.size(); ++i) out += source[i] == written[i];
    return out;
}
double ConvertCheck::meanKl() const { return mean(kl); }
double ConvertCheck::meanTypeKl() const { return mean(typeKl); }

Result<ConvertCheck> checkConverted(const std::shared_ptr<lm::GgufFile>& source, const fs::path& written,
    const lm::ConvertOptions& copied, int threads, const std::function<bool()>& goOn) {
    ConvertCheck out;
    out.prompts.assign(std::begin(kPrompts), std::end(kPrompts));
    DUBITO_TRY(const auto tokenizer, lm::Tokenizer::load(*source));
    DUBITO_TRY(const Logits before, logitsOf(source, threads, *tokenizer, goOn));
    Logits byType = before;
    if (copied.type) {
        DUBITO_TRY(const auto copy, lm::convertedCopy(source, copied, nullptr));
        DUBITO_TRY(byType, logitsOf(copy, threads, *tokenizer, goOn));
    }
    DUBITO_TRY(const auto file, lm::openModel(written));
    // Its own tokenizer: what is asked is the file as others will use it.
    DUBITO_TRY(const auto own, lm::Tokenizer::load(*file));
    DUBITO_TRY(const Logits after, logitsOf(file, threads, *own, goOn));
    for (std::size_t i = 0; i < before.size(); ++i) {
        out.source.push_back(topOf(before[i], *tokenizer));
        out.written.push_back(topOf(after[i], *own));
        out.kl.push_back(klOf(before[i], after[i]));
        out.typeKl.push_back(klOf(before[i], byType[i]));
    }
    out.sourceTemplate = templateHash(*source);
    out.writtenTemplate = templateHash(*file);
    return out;
}

void publishCheck(const sdk::Host& host, const ConvertCheck& check) {
    const auto n = static_cast<std::int64_t>(check.prompts.size());
    host.record(host.series("quant/check", "nats", DUBITO_KIND_TABLE), 0,
        jsonText({{"template_source", check.sourceTemplate}, {"template_written", check.writtenTemplate},
            {"agreeing", check.agreeing()}, {"prompts", n}, {"kl", check.meanKl()}, {"type_kl", check.meanTypeKl()}}),
        {sdk::Array::texts("prompt", check.prompts), sdk::Array::texts("source", check.source),
            sdk::Array::texts("written", check.written),
            sdk::Array("kl", std::span<const double>(check.kl), {n}, "nats"),
            sdk::Array("type_kl", std::span<const double>(check.typeKl), {n}, "nats")});
    host.log(sdk::Log::info,
        fmt::format("read back: {} of {} prompts give the same first token; KL {:.2e} nats a token, of which the type "
                    "itself costs {:.2e}; chat template {}",
            check.agreeing(), n, check.meanKl(), check.meanTypeKl(),
            check.sourceTemplate.empty() ? "none" : check.writtenTemplate.substr(0, 12)));
    if (check.sourceTemplate != check.writtenTemplate)
        host.log(sdk::Log::warn,
            "the written model has another chat template than its source: talks will be rendered "
            "otherwise");
    if (!(check.meanKl() <= 2 * check.meanTypeKl() + kSlack))
        host.log(sdk::Log::warn,
            "the written model says something else than its weights in memory: do not use it "
            "before quant/check is understood");
}

}  // namespace dubito::lmtask
