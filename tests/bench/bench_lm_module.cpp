// A LoRA step of the LibTorch module beside the hand-written pass, in one run.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "bench.h"
#include "lm/torch/decoder_module.h"
#include "lm/train/trainable_decoder.h"
#include "nn/optimiser.h"

using namespace dubito;
using namespace dubito::lm;
using bench::now;
using bench::row;

namespace {

at::Tensor wholes(const std::vector<TokenId>& ids, std::int64_t sequences) {
    at::Tensor out = at::empty({static_cast<std::int64_t>(ids.size())}, at::TensorOptions().dtype(at::kLong));
    std::copy(ids.begin(), ids.end(), out.mutable_data_ptr<std::int64_t>());
    return out.view({sequences, -1});
}

/// Seconds of one step each, in turn, so that both meet the same other load.
struct Turns {
    std::vector<double> hand, module;
    static double median(std::vector<double> of) {
        std::sort(of.begin(), of.end());
        return of[of.size() / 2];
    }
    double ratio() const {
        std::vector<double> each;
        for (std::size_t i = 0; i < hand.size(); ++i) each.push_back(hand[i] / module[i]);
        return median(each);
    }
};

Result<Turns> measure(const std::shared_ptr<Decoder>& decoder, const std::vector<TokenId>& ids, std::int64_t length,
    const std::shared_ptr<LoraAdapter>& adapter, int rounds) {
    DUBITO_TRY(auto hand, TrainableDecoder::create(decoder, adapter ? TrainMode::Lora : TrainMode::Full, adapter));
    DUBITO_TRY(auto module, DecoderModule::over(decoder));
    if (adapter) DUBITO_CHECK(module->adapt(*adapter));
    DUBITO_TRY(auto optimiser, nn::Optimiser::create(nn::usualGroups(*module, 0.1), {}));
    AdamW adam(hand->parameters());
    const std::int64_t n = 2 * length;
    TrainBatch batch{2, length, {}, {}, {}};
    for (std::int64_t i = 0; i < n; ++i) {
        batch.ids.push_back(ids[static_cast<std::size_t>(i % 256)]);
        batch.targets.push_back(ids[static_cast<std::size_t>((i + 1) % 256)]);
    }
    const at::Tensor rows = wholes(batch.ids, 2), targets = wholes(batch.targets, 2);
    const double scale = 1 / static_cast<double>(n);
    Turns out;
    for (int i = 0; i <= rounds; ++i) {
        double start = now();
        if (!std::getenv("NO_HAND")) {
        hand->zeroGradients();
        DUBITO_TRY(const auto loss, hand->accumulate(batch));
        adam.step(hand->parameters(), {}, 1e-6, scale);
        }
        const double byHand = now() - start;
        start = now();
        optimiser->zeroGradients();
        DUBITO_TRY(const at::Tensor embedded, module->embed(rows));
        DUBITO_TRY(const at::Tensor hidden, module->blocks(embedded, 1, decoder->config().layers));
        DUBITO_TRY(const at::Tensor sum, module->loss(hidden, targets));
        sum.backward();
        DUBITO_TRY(const auto done, optimiser->step(i, scale));
        if (i == 0) continue;  // the first round pays for memory
        out.hand.push_back(byHand);
        out.module.push_back(now() - start);
    }
    return out;
}

}  // namespace

int bench::benchTrainingSteps(const std::shared_ptr<Decoder>& decoder, const std::vector<TokenId>& ids, int rounds) {
    auto adapter = LoraAdapter::create(decoder->config(), 16, 32,
        {Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate, Projection::Up,
            Projection::Down},
        1);
    if (!adapter) return std::fprintf(stderr, "bench: %s\n", adapter.error().text().c_str()), 1;
    for (const bool isLora : {true, false}) {
        if (std::getenv("ONLY_FULL") && isLora) continue;
        const std::int64_t length = isLora ? 128 : 256;
        const auto turns = measure(decoder, ids, length, isLora ? *adapter : nullptr, rounds);
        if (!turns) return std::fprintf(stderr, "bench: %s\n", turns.error().text().c_str()), 1;
        const std::string what = isLora ? "LoRA step, 2 x 128 tokens, rank 16" : "full step, 2 x 256 tokens";
        const double n = 2.0 * static_cast<double>(length);
        row("lm: " + what + ", by hand", n / Turns::median(turns->hand), "tokens/s", std::string("the one beside"));
        row("lm: " + what + ", module", n / Turns::median(turns->module), "tokens/s", std::string("the one beside"));
        row("lm: the module's tokens/s over those by hand", turns->ratio(), "ratio", 0.95, false);
    }
    return 0;
}
