// Gradients against differences, rows as stored against fp32, a stop anywhere, a run that goes on to the same bits.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <QTemporaryDir>

#include "nn/schedule.h"
#include "tunes.h"

using namespace dubito;
using namespace dubito::lm;
using namespace dubito::tests;

class tst_FineTune : public QObject {
    Q_OBJECT
    static constexpr TrainMode kModes[] = {TrainMode::Lora, TrainMode::HeadOnly, TrainMode::Full};

    /// Largest relative difference between gradients and central differences along random directions.
    static double worstGradient(FineTune& tune) {
        const auto total = [&] {
            return *tune.evaluate(tune.rows(), 99) * static_cast<double>(tune.rows().supervised);
        };
        lossOf(tune);
        double worst = 0;
        stats::CounterRng rng(3, "pick", 0);
        for (const nn::NamedTensor& one : nn::trainedOf(tune.model())) {
            const at::Tensor gradient = one.value.grad().clone(), kept = one.value.detach().clone();
            const double norm = gradient.norm().item<double>();
            for (int pick = 0; pick < 2; ++pick) {
                // Along a direction of the whole parameter, so that rounding averages out.
                at::Tensor direction = at::empty_like(kept);
                for (std::int64_t i = 0; i < direction.numel(); ++i)
                    direction.mutable_data_ptr<float>()[i] = static_cast<float>(rng.normal());
                const double expected = (direction * gradient).sum(at::kDouble).item<double>(), h = 2e-3;
                double side[2];
                for (const int sign : {0, 1}) {
                    const at::NoGradGuard off;
                    one.value.copy_(kept + direction * (sign ? h : -h));
                    side[sign] = total();
                }
                const at::NoGradGuard off;
                one.value.copy_(kept);
                const double difference = (side[1] - side[0]) / (2 * h),
                             size = std::max({std::abs(expected), std::abs(difference), norm * 0.1, 1e-3}),
                             error = std::abs(difference - expected) / size;
                if (error > 0.03) qWarning("%s: gradient %g, difference %g", one.name.c_str(), expected, difference);
                worst = std::max(worst, error);
            }
        }
        return worst;
    }

private Q_SLOTS:
    void gradients_everyModelAndMode_equalDifferences_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<QString>("activation");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<bool>("biases");
        QTest::addColumn<int>("mode");
        for (int mode = 0; mode < 3; ++mode) {
            for (const char* architecture : {"llama", "qwen2", "qwen3"})
                QTest::addRow("%s mode %d", architecture, mode)
                    << architecture << "silu" << (mode != 1) << false << mode;
            for (const char* gate : {"silu", "gelu", "gelu_new", "quick_gelu", "relu2"})
                QTest::addRow("%s biases mode %d", gate, mode) << "llama" << gate << (mode != 1) << true << mode;
        }
    }
    void gradients_everyModelAndMode_equalDifferences() {
        QFETCH(QString, architecture);
        QFETCH(QString, activation);
        QFETCH(bool, tied);
        QFETCH(bool, biases);
        QFETCH(int, mode);
        RandomModel shape = tinyShape(architecture.toStdString(), tied);
        shape.activation = activation.toStdString();
        shape.biases = biases;
        TuneSettings settings = settingsOf(kModes[mode]);
        settings.isolateDocuments = biases;
        const double worst = worstGradient(*tuneOf(shape, settings, randomRows(1, 2, 9, true)));
        QVERIFY2(worst < 0.03, qPrintable(QString::number(worst)));
    }
    void blocks_computedAgain_giveEqualBits() {
        for (const TrainMode mode : kModes) {
            std::vector<at::Tensor> gradients[2];
            for (const bool keeps : {false, true}) {
                TuneSettings settings = settingsOf(mode);
                settings.keptBytes = keeps ? 1ll << 30 : 0;
                const auto tune = tuneOf(tinyShape("qwen3"), settings, randomRows(2, 2, 9));
                lossOf(*tune);
                for (const auto& one : nn::trainedOf(tune->model())) gradients[keeps].push_back(one.value.grad());
            }
            QCOMPARE(gradients[0].size(), gradients[1].size());
            for (std::size_t i = 0; i < gradients[0].size(); ++i) QVERIFY(gradients[0][i].equal(gradients[1][i]));
        }
    }
    void rowsAsStored_lossAndGradients_equalThoseOfTheDequantisedBase_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<int>("type");
        for (const GgmlType type : {GgmlType::Q8_0, GgmlType::Q4_1, GgmlType::Q5_0, GgmlType::F16})
            for (const char* architecture : {"llama", "qwen2", "qwen3"})
                for (const bool tied : {true, false})
                    QTest::addRow("%s %s %s", architecture, typeName(static_cast<std::uint32_t>(type)).c_str(),
                        tied ? "tied" : "own head")
                        << architecture << tied << static_cast<int>(type);
    }
    void rowsAsStored_lossAndGradients_equalThoseOfTheDequantisedBase() {
        QFETCH(QString, architecture);
        QFETCH(bool, tied);
        QFETCH(int, type);
        RandomModel shape = tinyShape(architecture.toStdString(), tied);
        shape.type = static_cast<GgmlType>(type);
        const PackedRows rows = randomRows(1, 2, 9);
        const auto plain = tuneOf(shape, settingsOf(TrainMode::Lora), rows),
                   stored = tuneOf(shape, settingsOf(TrainMode::Lora), rows, WeightForm::Rows);
        QVERIFY(stored->model().isStored() && !plain->model().isStored());
        const double expected = lossOf(*plain), got = lossOf(*stored);
        QVERIFY2(std::abs(expected - got) < 1e-5 * expected, qPrintable(QString("%1 %2").arg(expected).arg(got)));
        const auto a = nn::trainedOf(plain->model()), b = nn::trainedOf(stored->model());
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].name, b[i].name);
            QVERIFY2(apart(b[i].value.grad(), a[i].value.grad()) < 1e-4, a[i].name.c_str());
        }
        // Computed again it is the same to the bit.
        TuneSettings settings = settingsOf(TrainMode::Lora);
        settings.keptBytes = 0;
        const auto again = tuneOf(shape, settings, rows, WeightForm::Rows);
        QCOMPARE(lossOf(*again), got);
        QVERIFY(nn::trainedOf(again->model()).front().value.grad().equal(b.front().value.grad()));
        // What is frozen in rows cannot be trained.
        const auto decoder = Decoder::load(*makeRandomModel(shape, 5), 1, WeightForm::Rows);
        const auto full =
            FineTune::create(*DecoderModule::over(*decoder), nullptr, randomRows(1, 2, 9), settingsOf(TrainMode::Full));
        QVERIFY(!full && full.error().code() == Code::InvalidArgument);
    }
    void stop_atAnyPoll_cancelsAndLeavesNothingBehind() {
        for (const TrainMode mode : kModes)
            for (const bool again : {false, true}) {
                TuneSettings settings = settingsOf(mode);
                settings.keptBytes = again ? 0 : 1ll << 30;
                const auto tune = tuneOf(tinyShape("llama"), settings, randomRows(3, 2, 9));
                int polls = 0;
                tune->setPoll([&] { return ++polls > 0; });
                const double whole = lossOf(*tune);
                const int all = polls;
                QVERIFY2(all >= (mode == TrainMode::HeadOnly ? 3 : 5), qPrintable(QString::number(all)));
                for (int stopAt = 1; stopAt <= all; ++stopAt) {
                    polls = 0;
                    tune->setPoll([&] { return ++polls < stopAt; });
                    QVERIFY(tune->fetch(0, 0));
                    const auto stopped = tune->accumulate(0, 0);
                    QVERIFY2(
                        !stopped && stopped.error().code() == Code::Cancelled, qPrintable(QString::number(stopAt)));
                    QCOMPARE(polls, stopAt);
                }
                tune->setPoll({});
                QCOMPARE(lossOf(*tune), whole);
            }
    }
    void run_killedAfterAnyCheckpoint_goesOnToEqualBits() {
        for (const TrainMode mode : kModes) {
            QTemporaryDir dir;
            const fs::path root = dir.path().toStdString();
            TuneSettings settings = settingsOf(mode);
            settings.microRows = 1;
            const auto made = [&] { return tuneOf(tinyShape("qwen2"), settings, randomRows(4, 5, 12)); };
            Attempt whole(made(), root / "whole", 9), first(made(), root / "broken", 9),
                second(made(), root / "broken", 9);
            VERIFY_OK(whole.loop->run());
            for (int i = 0; i < 5; ++i) VERIFY_OK(first.loop->turn());
            VERIFY_OK(second.loop->restore(root / "broken" / "3"));
            QCOMPARE(second.loop->done(), std::int64_t{3});
            VERIFY_OK(second.loop->run());
            QVERIFY(second.bits() == whole.bits());
            QVERIFY(std::equal(second.losses.begin(), second.losses.end(), whole.losses.begin() + 3));
            QVERIFY2(whole.losses.back() < whole.losses.front(),
                qPrintable(QString("%1 to %2").arg(whole.losses.front()).arg(whole.losses.back())));
            QVERIFY(fs::exists(
                root / "whole" / "9" / (mode == TrainMode::Lora ? "adapter_model.safetensors" : "model.safetensors")));
        }
    }
    void loss_inBf16_isNearFp32() {
        TuneSettings settings = settingsOf(TrainMode::Full);
        const double exact = lossOf(*tuneOf(tinyShape("llama"), settings, randomRows(1, 2, 9)));
        settings.precision = nn::Precision::Bf16;
        const double rounded = lossOf(*tuneOf(tinyShape("llama"), settings, randomRows(1, 2, 9)));
        QVERIFY(rounded != exact && std::abs(rounded - exact) < 0.02 * exact);
        settings.mode = TrainMode::Lora;
        RandomModel shape = tinyShape("llama");
        shape.type = GgmlType::Q8_0;
        const double stored = lossOf(*tuneOf(shape, settings, randomRows(1, 2, 9), WeightForm::Rows));
        QVERIFY(std::isfinite(stored));
    }
    void documents_areIsolated() {
        TuneSettings settings = settingsOf(TrainMode::HeadOnly, 1);
        settings.isolateDocuments = true;
        PackedRows rows = randomRows(3, 1, 12, true);
        for (int i = 0; i < 12; ++i) rows.targets[0][static_cast<std::size_t>(i)] = i < 8 ? -1 : 9;
        PackedRows changed = rows;
        changed.ids[0][2] = (changed.ids[0][2] + 1) % 256;
        const auto own = tuneOf(tinyShape("llama"), settings, rows);
        QCOMPARE(*own->evaluate(changed, 1), *own->evaluate(rows, 1));
        settings.isolateDocuments = false;
        const auto open = tuneOf(tinyShape("llama"), settings, rows);
        QVERIFY(*open->evaluate(changed, 1) != *open->evaluate(rows, 1));
    }
    void lora_freshAdapter_changesNothing_mergedEqualsUnmerged() {
        const PackedRows rows = randomRows(4, 2, 9);
        const auto loaded = [] { return *Decoder::load(*makeRandomModel(tinyShape("qwen2"), 5), 2); };
        const auto lossWith = [&](const std::shared_ptr<Decoder>& decoder, std::shared_ptr<LoraAdapter> adapter) {
            const auto mode = adapter ? TrainMode::Lora : TrainMode::HeadOnly;
            return *(*FineTune::create(*DecoderModule::over(decoder), std::move(adapter), rows, settingsOf(mode)))
                        ->evaluate(rows, 2);
        };
        const auto base = loaded();
        const double plain = lossWith(base, nullptr);
        auto adapter = *LoraAdapter::create(base->config(), 4, 4, kAllProjections, 1);
        QCOMPARE(lossWith(loaded(), adapter), plain);
        fillB(*adapter);
        const double adapted = lossWith(loaded(), adapter);
        QVERIFY(std::abs(adapted - plain) > 1e-3);
        VERIFY_OK(base->merge(*adapter));
        const double merged = lossWith(base, nullptr);
        QVERIFY2(std::abs(merged - adapted) < 1e-5 * adapted, qPrintable(QString("%1 %2").arg(merged).arg(adapted)));
    }
    void wrongRows_areNamed() {
        PackedRows rows = randomRows(5, 2, 9);
        rows.targets[1][3] = 100000;
        const auto tune = tuneOf(tinyShape("llama"), settingsOf(TrainMode::Full), rows);
        QVERIFY(tune->fetch(0, 0));
        const auto target = tune->accumulate(0, 0);
        QVERIFY(!target && target.error().code() == Code::InvalidArgument);
        QVERIFY(target.error().text().find("vocabulary") != std::string::npos);
        rows = randomRows(5, 2, 9);
        rows.ids[0][1] = -4;
        QVERIFY(!tuneOf(tinyShape("llama"), settingsOf(TrainMode::Full), rows)->evaluate(rows, 2));
        const auto module = *DecoderModule::load(*makeRandomModel(tinyShape("llama"), 5), 1);
        QVERIFY(!FineTune::create(module, nullptr, randomRows(5, 2, 9), settingsOf(TrainMode::Lora)));
        QVERIFY(!FineTune::create(module, nullptr, {}, settingsOf(TrainMode::Full)));
    }
    void schedules_areAsPublished() {
        using nn::Schedule, nn::ScheduleKind;
        const Schedule cosine{ScheduleKind::Cosine, 3e-4, 10, 0.1, 110};
        QVERIFY(std::abs(cosine.at(60) - 1.65e-4) < 1e-12);
        QVERIFY(std::abs(cosine.at(9) - 3e-4) < 1e-12 && std::abs(cosine.at(0) - 3e-5) < 1e-12 &&
                std::abs(cosine.at(110) - 3e-5) < 1e-12);
        const Schedule linear{ScheduleKind::Linear, 1, 0.1, 0, 100}, wsd{ScheduleKind::Wsd, 1, 0, 0, 100},
            constant{ScheduleKind::Constant, 1, 0, 0, 100};
        QVERIFY(std::abs(linear.at(55) - 0.5) < 1e-12);
        QVERIFY(wsd.at(80) == 1 && std::abs(wsd.at(95) - 0.5) < 1e-12 && constant.at(99) == 1);
    }
};

QTEST_GUILESS_MAIN(tst_FineTune)
#include "tst_fine_tune.moc"
