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
struct Pair {
    double hand = 1e9, module = 1e9;
};

}  // namespace

int bench::benchLoraStep(const std::shared_ptr<Decoder>& decoder, const std::vector<TokenId>& ids) {
    auto adapter = LoraAdapter::create(decoder->config(), 16, 32,
        {Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate, Projection::Up,
            Projection::Down},
        1);
    auto hand = adapter ? TrainableDecoder::create(decoder, TrainMode::Lora, *adapter)
                        : Result<std::unique_ptr<TrainableDecoder>>(adapter.error());
    auto module = DecoderModule::over(decoder);
    if (!hand || !module || !(*module)->adapt(**adapter)) return std::fprintf(stderr, "bench: no model\n"), 1;
    auto optimiser = nn::Optimiser::create(nn::usualGroups(**module, 0.1), {});
    if (!optimiser) return std::fprintf(stderr, "bench: %s\n", optimiser.error().text().c_str()), 1;
    AdamW adam((*hand)->parameters());
    const TrainBatch batch{2, 128, {ids.begin(), ids.begin() + 256}, {ids.begin() + 1, ids.begin() + 257}, {}};
    const at::Tensor rows = wholes(batch.ids, 2), targets = wholes(batch.targets, 2);
    Pair best;
    for (int i = 0; i < 6; ++i) {
        double start = now();
        (*hand)->zeroGradients();
        const auto loss = (*hand)->accumulate(batch);
        if (!loss) return 1;
        adam.step((*hand)->parameters(), {}, 1e-4, 1.0 / 256);
        best.hand = std::min(best.hand, now() - start);
        start = now();
        (*optimiser)->zeroGradients();
        auto embedded = (*module)->embed(rows);
        auto hidden = (*module)->blocks(*embedded, 1, decoder->config().layers);
        if (!hidden) return std::fprintf(stderr, "bench: %s\n", hidden.error().text().c_str()), 1;
        at::Tensor sum = *(*module)->loss(*hidden, targets);
        sum.backward();
        if (!(*optimiser)->step(i, 1.0 / 256)) return 1;
        best.module = std::min(best.module, now() - start);
    }
    row("lm: LoRA step by hand, 2 x 128 tokens, rank 16", 256 / best.hand, "tokens/s", std::string("the one beside"));
    row("lm: LoRA step of the LibTorch module", 256 / best.module, "tokens/s", std::string("the one beside"));
    row("lm: the module's tokens/s over those by hand", best.hand / best.module, "ratio", 0.95, false);
    return 0;
}
