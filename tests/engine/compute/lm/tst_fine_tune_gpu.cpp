// A training step of every mode on a GPU against the CPU, and a run that goes on there to the same bits. Skipped where
// no GPU is.
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <QTemporaryDir>

#include "lm/formats/model_folder.h"
#include "tunes.h"

using namespace dubito;
using namespace dubito::lm;
using namespace dubito::tests;

class tst_FineTuneGpu : public QObject {
    Q_OBJECT
    static void eachMode() {
        QTest::addColumn<int>("mode");
        QTest::newRow("lora") << static_cast<int>(TrainMode::Lora);
        QTest::newRow("head") << static_cast<int>(TrainMode::HeadOnly);
        QTest::newRow("full") << static_cast<int>(TrainMode::Full);
    }
    static TuneSettings onGpu(int mode) {
        TuneSettings out = settingsOf(static_cast<TrainMode>(mode));
        out.device = {compute::Device::Kind::Cuda, 0};
        return out;
    }
    /// Head width 64 and 128 positions, so that the card's own attention is what runs.
    static RandomModel shape(const char* architecture = "llama") {
        RandomModel out = tinyShape(architecture);
        out.width = 128;
        out.ffn = 256;
        out.headWidth = 64;
        return out;
    }

private Q_SLOTS:
    void initTestCase() {
        if (const auto open = compute::openCuda(); !open) QSKIP(("no GPU to train on: " + open.error().text()).c_str());
        at::globalContext().setAllowTF32CuBLAS(false);
        at::globalContext().setDeterministicAlgorithms(true, false);
        at::globalContext().setDeterministicFillUninitializedMemory(false);
    }
    void step_onTheGpu_hasTheCpusLossAndGradients_data() { eachMode(); }
    void step_onTheGpu_hasTheCpusLossAndGradients() {
        QFETCH(int, mode);
        for (const char* architecture : {"llama", "qwen2", "qwen3"})
            for (const bool isolates : {false, true}) {
                TuneSettings own = settingsOf(static_cast<TrainMode>(mode)), there = onGpu(mode);
                own.isolateDocuments = there.isolateDocuments = isolates;
                const PackedRows rows = randomRows(1, 2, 128, true);
                const auto cpu = tuneOf(shape(architecture), own, rows), gpu = tuneOf(shape(architecture), there, rows);
                const double expected = lossOf(*cpu), got = lossOf(*gpu);
                QVERIFY2(std::abs(expected - got) < 1e-3 * expected,
                    qPrintable(QString("%1: %2 %3").arg(architecture).arg(expected).arg(got)));
                const auto a = nn::trainedOf(cpu->model()), b = nn::trainedOf(gpu->model());
                QCOMPARE(a.size(), b.size());
                double most = 0;
                for (std::size_t i = 0; i < a.size(); ++i) {
                    QVERIFY(b[i].value.is_cuda());
                    const double difference = apart(b[i].value.grad(), a[i].value.grad());
                    QVERIFY2(difference < 1e-3, qPrintable(QString("%1: %2").arg(a[i].name.c_str()).arg(difference)));
                    most = std::max(most, difference);
                }
                qInfo("%s%s: loss %.6f and %.6f, gradients within %.2g", architecture, isolates ? ", documents" : "",
                    expected, got, most);
            }
    }
    void steps_onTheGpu_walkAsOnTheCpu_data() { eachMode(); }
    void steps_onTheGpu_walkAsOnTheCpu() {
        QFETCH(int, mode);
        QTemporaryDir dir;
        const fs::path root = dir.path().toStdString();
        Attempt cpu(tuneOf(shape(), settingsOf(static_cast<TrainMode>(mode)), randomRows(4, 5, 64)), root / "cpu", 6),
            gpu(tuneOf(shape(), onGpu(mode), randomRows(4, 5, 64)), root / "gpu", 6);
        VERIFY_OK(cpu.loop->run());
        VERIFY_OK(gpu.loop->run());
        QCOMPARE(gpu.losses.size(), cpu.losses.size());
        for (std::size_t i = 0; i < cpu.losses.size(); ++i)
            QVERIFY2(std::abs(cpu.losses[i] - gpu.losses[i]) < 1e-3 * cpu.losses[i],
                qPrintable(QString("step %1: %2 %3").arg(i).arg(cpu.losses[i]).arg(gpu.losses[i])));
        QVERIFY(gpu.losses.back() < gpu.losses.front());
    }
    void run_resumedOnTheGpu_hasEqualBits_data() { eachMode(); }
    void run_resumedOnTheGpu_hasEqualBits() {
        QFETCH(int, mode);
        for (const nn::Precision precision : {nn::Precision::Fp32, nn::Precision::Bf16}) {
            QTemporaryDir dir;
            const fs::path root = dir.path().toStdString();
            const auto made = [&] {
                TuneSettings settings = onGpu(mode);
                settings.microRows = 1;
                settings.precision = precision;
                return tuneOf(shape("qwen2"), settings, randomRows(4, 5, 128));
            };
            Attempt whole(made(), root / "whole", 9), first(made(), root / "broken", 9),
                second(made(), root / "broken", 9);
            VERIFY_OK(whole.loop->run());
            for (int i = 0; i < 5; ++i) VERIFY_OK(first.loop->turn());
            VERIFY_OK(second.loop->restore(root / "broken" / "3"));
            VERIFY_OK(second.loop->run());
            QVERIFY(std::equal(second.losses.begin(), second.losses.end(), whole.losses.begin() + 3));
            QVERIFY(second.bits() == whole.bits());
        }
    }
    void bf16_onTheGpu_isNearFp32() {
        TuneSettings settings = onGpu(static_cast<int>(TrainMode::Full));
        const double exact = lossOf(*tuneOf(shape(), settings, randomRows(1, 2, 128)));
        settings.precision = nn::Precision::Bf16;
        const double rounded = lossOf(*tuneOf(shape(), settings, randomRows(1, 2, 128)));
        QVERIFY2(rounded != exact && std::abs(rounded - exact) < 0.02 * exact,
            qPrintable(QString("%1 %2").arg(exact).arg(rounded)));
    }
    void weights_trainedOnTheGpu_areInTheFolder() {
        QTemporaryDir dir;
        const fs::path root = dir.path().toStdString();
        const PackedRows rows = randomRows(4, 5, 64);
        Attempt run(tuneOf(shape(), onGpu(static_cast<int>(TrainMode::Full)), rows), root, 6);
        VERIFY_OK(run.loop->run());
        const auto file = openModel(root / "6");
        VERIFY_OK(file);
        const auto module = DecoderModule::load(*file, 2);
        VERIFY_OK(module);
        const auto tuned = FineTune::create(*module, nullptr, rows, settingsOf(TrainMode::HeadOnly));
        VERIFY_OK(tuned);
        const double there = *run.tune->evaluate(rows, 5), here = *(*tuned)->evaluate(rows, 5);
        QVERIFY2(std::abs(there - here) < 1e-3 * there, qPrintable(QString("%1 %2").arg(there).arg(here)));
    }
};

QTEST_GUILESS_MAIN(tst_FineTuneGpu)
#include "tst_fine_tune_gpu.moc"
