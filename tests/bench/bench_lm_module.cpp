// Training steps of a decoder as a LibTorch module: LoRA over rows as stored and over fp32, and every weight.
#include <algorithm>

#include "bench.h"
#include "bench_training.h"
#include "lm/train/fine_tune.h"
#include "nn/optimiser.h"

using namespace dubito;
using namespace dubito::lm;
using bench::now;
using bench::row;

namespace {

PackedRows rowsOf(const bench::TrainingCase& one, std::int64_t vocabulary) {
    PackedRows out;
    out.length = one.length;
    for (std::int64_t r = 0; r < one.rows; ++r) {
        std::vector<TokenId> ids, targets;
        for (std::int64_t i = 0; i < one.length; ++i) {
            const std::int64_t at = r * one.length + i;
            ids.push_back(static_cast<TokenId>((1000 + at * 37) % vocabulary));
            targets.push_back(static_cast<TokenId>((1000 + (at + 1) * 37) % vocabulary));
        }
        out.ids.push_back(std::move(ids));
        out.targets.push_back(std::move(targets));
        out.documents.emplace_back(static_cast<std::size_t>(one.length), 0);
    }
    out.supervised = one.rows * one.length;
    return out;
}

struct Opened {
    std::unique_ptr<FineTune> tune;
    std::unique_ptr<nn::Optimiser> optimiser;
};

Result<Opened> opened(const std::shared_ptr<GgufFile>& file, const bench::TrainingCase& one) {
    DUBITO_TRY(auto decoder, Decoder::load(file, 2, one.isStored ? WeightForm::Rows : WeightForm::F32));
    std::shared_ptr<LoraAdapter> adapter;
    if (one.isLora) {
        DUBITO_TRY(adapter, LoraAdapter::create(decoder->config(), 16, 32,
                                {Projection::Q, Projection::K, Projection::V, Projection::O, Projection::Gate,
                                    Projection::Up, Projection::Down},
                                1));
    }
    TuneSettings settings;
    settings.mode = one.isLora ? TrainMode::Lora : TrainMode::Full;
    settings.batchRows = settings.microRows = one.rows;
    settings.device = one.device;
    settings.precision = one.precision;
    settings.keptBytes = one.device.isCuda() ? 48ll << 30 : settings.keptBytes;
    DUBITO_TRY(auto module, DecoderModule::over(decoder));
    Opened out;
    DUBITO_TRY(out.tune, FineTune::create(module, adapter, rowsOf(one, decoder->config().vocabulary), settings));
    nn::OptimiserSettings adam;
    adam.schedule = {nn::ScheduleKind::Constant, 1e-6, 0, 1, 1000};
    DUBITO_TRY(out.optimiser, nn::Optimiser::create(nn::usualGroups(out.tune->model(), 0.1), adam));
    return out;
}

Result<double> seconds(Opened& one, std::int64_t step) {
    const double start = now();
    one.optimiser->zeroGradients();
    DUBITO_CHECK(one.tune->fetch(step, 0));
    DUBITO_TRY(const auto part, one.tune->accumulate(step, 0));
    DUBITO_TRY(const auto done, one.optimiser->step(step, 1 / part.weight));
    if (!done.isDone) return Error(Code::Internal, "a gradient is no number");
    return now() - start;
}

double median(std::vector<double> of) {
    std::sort(of.begin(), of.end());
    return of[of.size() / 2];
}

}  // namespace

int bench::benchTraining(const std::shared_ptr<GgufFile>& file, const std::vector<TrainingCase>& cases, int rounds) {
    std::vector<Opened> open;
    for (const TrainingCase& one : cases) {
        auto made = opened(file, one);
        if (!made) return std::fprintf(stderr, "bench: %s\n", made.error().text().c_str()), 1;
        open.push_back(std::move(*made));
    }
    std::vector<std::vector<double>> taken(cases.size());
    for (int round = 0; round <= rounds; ++round)
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const auto one = seconds(open[i], round);
            if (!one) return std::fprintf(stderr, "bench: %s\n", one.error().text().c_str()), 1;
            if (round) taken[i].push_back(*one);  // the first pays for memory
        }
    for (std::size_t i = 0; i < cases.size(); ++i)
        row("lm: " + cases[i].name, static_cast<double>(cases[i].rows * cases[i].length) / median(taken[i]), "tokens/s",
            std::string("the ones beside"));
    for (std::size_t i = 1; i < cases.size(); ++i)
        if (cases[i].isRatioShown) {
            std::vector<double> ratios;
            for (std::size_t r = 0; r < taken[i].size(); ++r) ratios.push_back(taken[i - 1][r] / taken[i][r]);
            row("lm: the last one's tokens/s over those of the one before", median(ratios), "ratio",
                std::string("for information"));
        }
    return 0;
}

std::vector<bench::TrainingCase> bench::usualTraining() {
    return {{"LoRA step, 2 x 128 tokens, rank 16 on seven projections"},
        {"LoRA step over rows as stored, 2 x 128 tokens", true, true, 2, 128, {}, nn::Precision::Fp32, true},
        {"full step, 2 x 256 tokens", false, false, 2, 256}};
}
