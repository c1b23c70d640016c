// The language-model floor: open, prefill, decode, lens. Same file, prompt and threads as lm_peer.py.
#include <sys/resource.h>

#include <algorithm>

#include "bench.h"
#include "bench_training.h"
#include "lm/generate/sampler.h"
#include "lm/model/decoder.h"
#include "lm/model/lens.h"
#include "run/run_spec.h"

using namespace dubito;
using namespace dubito::lm;
using bench::now;
using bench::row;

static double peakMiB() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

int main(int argc, char** argv) {
    const fs::path path = run::packagedModel();
    double start = now();
    auto file = GgufFile::open(path);
    // `dubito-bench-lm training [rounds]`: the training steps alone.
    if (file && argc > 1 && std::string_view(argv[1]) == "training")
        return bench::benchTraining(*file, bench::usualTraining(), argc > 2 ? std::atoi(argv[2]) : 5);
    auto decoder =
        file ? Decoder::load(*file, 2, WeightForm::Quantised) : Result<std::shared_ptr<Decoder>>(file.error());
    auto tokenizer = file ? Tokenizer::load(**file) : Result<std::shared_ptr<const Tokenizer>>(file.error());
    if (!decoder || !tokenizer) return std::fprintf(stderr, "bench: no model\n"), 1;
    const ModelConfig c = (*decoder)->config();
    std::string text;
    while ((*tokenizer)->encode(text).ids.size() < 520)
        text += "The old bridge was repaired last spring, and the town was glad of it. ";
    auto ids = (*tokenizer)->encode(text).ids;
    ids.resize(512);
    const auto prefill = [&](KvCache& cache, Captured* captured, const CapturePlan& plan) {
        compute::Floats hidden(static_cast<std::size_t>(512 * c.width));
        (void)(*decoder)->embed(ids, hidden.data());
        (void)(*decoder)->forward(hidden.data(), 1, 512, 1, c.layers, &cache, plan, captured);
        std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
        (*decoder)->readout(hidden.data() + 511 * c.width, 1, logits.data());
        return logits;
    };
    const auto speeds = [&](const std::string& form) {
        double best = 1e9;
        for (int i = 0; i < 3; ++i) {
            KvCache cache(c, 640, (*decoder)->kvPrecision());
            start = now();
            prefill(cache, nullptr, {});
            best = std::min(best, now() - start);
        }
        row("lm: prefill 512, " + form, 512 / best, "tokens/s", std::string("peers: below"));
        KvCache cache(c, 640, (*decoder)->kvPrecision());
        auto logits = prefill(cache, nullptr, {});
        const auto decode = [&](const CapturePlan& plan, Captured* captured) {
            double best = 1e9;
            for (int round = 0; round < 5; ++round) {
                cache.truncate(512);
                start = now();
                for (int i = 0; i < 32; ++i) {
                    const TokenId next = sampleToken(logits.data(), c.vocabulary, (*tokenizer)->size(), {}, {}, 0);
                    compute::Floats hidden(static_cast<std::size_t>(c.width));
                    (void)(*decoder)->embed({&next, 1}, hidden.data());
                    (void)(*decoder)->forward(hidden.data(), 1, 1, 1, c.layers, &cache, plan, captured);
                    (*decoder)->readout(hidden.data(), 1, logits.data());
                }
                best = std::min(best, now() - start);
            }
            return 32 / best;
        };
        const double plain = decode({}, nullptr);
        row("lm: decode at context 512, " + form, plain, "tokens/s", std::string("peers: below"));
        Captured kept;
        row("lm: the same with the inspector's capture, over plain",
            decode({true, true, true, AttentionCapture::Top8}, &kept) / plain, "ratio", 0.6, false);
    };
    for (const Activation activation : {Activation::A16, Activation::A8}) {
        start = now();
        decoder = Decoder::load(*file, 2, WeightForm::Quantised, activation);
        if (activation == Activation::A16)
            row("lm: open the packaged model, quantised rows", now() - start, "s", 0.3, true);
        speeds(activation == Activation::A16 ? "quantised a16" : "quantised a8");
    }
    // The lens on quantised rows, before fp32 weights are loaded: its peak is the process's.
    {
        decoder = Decoder::load(*file, 2, WeightForm::Quantised, Activation::A16);
        KvCache lensCache(c, 640);
        Captured captured;
        start = now();
        prefill(lensCache, &captured, {true, true, false, AttentionCapture::Off});
        std::vector<const float*> residuals;
        for (auto& one : captured.residuals) residuals.push_back(one.data());
        std::vector<TokenId> targets(ids.begin() + 1, ids.end());
        targets.push_back(-1);
        Lens(*decoder).read(residuals, 0, 512, targets, 10);
        row("lm: full lens of 512 tokens, quantised rows", now() - start, "s", 6, true);
        row("lm: peak memory of the process, quantised rows", peakMiB(), "MiB", 600, true);
    }
    start = now();
    decoder = Decoder::load(*file, 2);
    row("lm: open the packaged model, fp32", now() - start, "s", std::string("peers: below"));
    speeds("fp32");
    const double before = peakMiB();
    KvCache lensCache(c, 640);
    Captured captured;
    start = now();
    prefill(lensCache, &captured, {true, true, false, AttentionCapture::Off});
    std::vector<const float*> residuals;
    for (auto& one : captured.residuals) residuals.push_back(one.data());
    std::vector<TokenId> targets(ids.begin() + 1, ids.end());
    targets.push_back(-1);
    const LensRows rows = Lens(*decoder).read(residuals, 0, 512, targets, 10);
    const double lens = now() - start;
    compute::Floats headScratch, block(static_cast<std::size_t>(496 * c.vocabulary));
    start = now();
    for (int i = 0; i < 32; ++i)
        compute::product(captured.residuals[1].data(), 496, c.width, c.width,
            (*decoder)->headRows(0, c.vocabulary, headScratch), c.vocabulary, c.width, true, block.data(),
            c.vocabulary);
    const double product = now() - start;
    row("lm: matrix product of that lens alone", product, "s", std::string("this machine's floor"));
    row("lm: full lens of 512 tokens (31 states, top-10, H, CE, KL)", lens, "s", 6, true);
    row("lm: full lens over its product alone", lens / product, "ratio", 1.2, true);
    row("lm: memory beyond the loaded model", peakMiB() - before, "MiB", std::string("for information"));
    row("lm: peak memory of the process, fp32", peakMiB(), "MiB", std::string("for information"));

    // Two megabytes of text that repeats its words as text does, with new numbers in it.
    std::string corpus;
    for (int i = 0; corpus.size() < 2 << 20; ++i)
        corpus += "The old bridge was repaired in " + std::to_string(1000 + i * 7919 % 9000) +
                  ", and the town was glad. 旧桥修好了，大家都很高兴。\n    return x[" + std::to_string(i) + "];\n";
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        start = now();
        (void)(*tokenizer)->encode(corpus);
        best = std::min(best, now() - start);
    }
    row("lm: byte-BPE encode, one thread", static_cast<double>(corpus.size()) / 1e6 / best, "MB/s", 5, false);

    if (const int failed = bench::benchTraining(*file, bench::usualTraining(), 5)) return failed;
    return rows.positions == 512 ? 0 : 1;
}
