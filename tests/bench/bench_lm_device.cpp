// `dubito-bench-lm-device [--device cpu|cuda] [blocks]`: a random model of SmolLM2's shape on a device: prefill,
// decode,
// what capturing costs, memory. Needs no file.
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "bench.h"
#include "lm/formats/random_model.h"
#include "lm/torch/torch_model.h"

using namespace dubito;
using namespace dubito::lm;
using bench::now;
using bench::row;

namespace {

constexpr std::int64_t kPrompt = 512, kTokens = 64;

int fail(const Error& error) { return std::fprintf(stderr, "bench: %s\n", error.text().c_str()), 1; }

Result<std::shared_ptr<GgufFile>> smolShaped(std::int64_t blocks) {
    RandomModel shape;
    shape.layers = blocks;
    shape.width = 576;
    shape.ffn = 1536;
    shape.heads = 9;
    shape.kvHeads = 3;
    shape.headWidth = 64;
    shape.unused = 49152 - 259;
    shape.context = 2048;
    shape.type = GgmlType::BF16;
    return makeRandomModel(shape, 1);
}

/// Tokens a second of the best of three rounds behind the prompt.
Result<double> decode(const LanguageModel& model, ModelCache& cache, const CapturePlan& plan) {
    std::vector<float> logits(static_cast<std::size_t>(model.config().vocabulary));
    double best = 1e9;
    for (int round = 0; round < 4; ++round) {
        cache.truncate(kPrompt);
        TokenId next = 5;
        const double start = now();
        for (std::int64_t i = 0; i < kTokens; ++i) {
            Captured captured;
            const bool keeps = plan.residuals;
            DUBITO_CHECK(model.read({&next, 1}, &cache, plan, keeps ? &captured : nullptr, logits.data()));
            next = static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
        }
        if (round > 0) best = std::min(best, now() - start);  // the first warms up
    }
    return static_cast<double>(kTokens) / best;
}

/// Of a branch behind the prompt and its first token.
Result<double> forkSeconds(const LanguageModel& model, ModelCache& cache) {
    std::vector<float> logits(static_cast<std::size_t>(model.config().vocabulary));
    const TokenId next = 5;
    const double start = now();
    DUBITO_TRY(const auto second, cache.fork());
    second->truncate(kPrompt);
    DUBITO_CHECK(model.read({&next, 1}, second.get(), {}, nullptr, logits.data()));
    return now() - start;
}

Result<void> measure(const LanguageModel& model, const std::string& form) {
    std::vector<TokenId> ids;
    for (TokenId i = 0; i < kPrompt; ++i) ids.push_back(1000 + i * 37 % 20000);
    std::vector<float> logits(static_cast<std::size_t>(model.config().vocabulary));
    DUBITO_TRY(const auto cache, model.makeCache(1024));
    double best = 1e9;
    for (int round = 0; round < 3; ++round) {
        cache->truncate(0);
        const double start = now();
        DUBITO_CHECK(model.read(ids, cache.get(), {}, nullptr, logits.data()));
        best = std::min(best, now() - start);
    }
    row(form + ": prefill 512", static_cast<double>(kPrompt) / best, "tokens/s", std::string("-"));
    DUBITO_TRY(const double plain, decode(model, *cache, {}));
    row(form + ": decode behind 512", plain, "tokens/s", std::string(">= HF generate"));
    DUBITO_TRY(const double residuals, decode(model, *cache, {true, false, false, AttentionCapture::Off}));
    row(form + ": decode with every residual over plain", residuals / plain, "ratio", 0.85, false);
    DUBITO_TRY(const double all, decode(model, *cache, {true, true, true, AttentionCapture::Top8}));
    row(form + ": decode with every site over plain", all / plain, "ratio", 0.85, false);
    DUBITO_TRY(const double fork, forkSeconds(model, *cache));
    row(form + ": fork of the cache and a token", fork * 1e3, "ms", std::string("-"));
    DUBITO_TRY(const auto facts, compute::factsOf(model.device()));
    if (model.device().isCuda()) row(form + ": most memory", static_cast<double>(facts.peakBytes >> 20), "MiB", "-");
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a row is seen when it is known
    std::string name = "cpu";
    std::int64_t blocks = 30;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--device" && i + 1 < argc) name = argv[++i];
        else blocks = std::max(1, std::atoi(argv[i]));
    }
    const auto device = compute::deviceFrom(name);
    if (!device) return fail(device.error());
    const auto file = smolShaped(blocks);
    if (!file) return fail(file.error());
    if (const auto facts = compute::factsOf(*device))
        std::printf("%s: %s %s\n", name.c_str(), facts->name.c_str(), facts->capability.c_str());
    for (const bool bfloat16 : {false, true}) {
        auto decoder = Decoder::load(*file, static_cast<int>(std::thread::hardware_concurrency()), WeightForm::F32);
        if (!decoder) return fail(decoder.error());
        const auto model = TorchModel::over(*decoder, *device, bfloat16);
        if (!model) return fail(model.error());
        if (const auto done = measure(**model, bfloat16 ? "lm on a device, bf16" : "lm on a device, fp32"); !done)
            return fail(done.error());
    }
    return 0;
}
