// Row kernels: equal bits at every level on random blocks, a16 against double precision, packing against the file's own
// values.
#include <QTest>

#include <sched.h>

#include <cmath>
#include <cstring>
#include <map>

#include "lm/formats/quant_blocks.h"
#include "lm/formats/quantise.h"
#include "lm/kernels/half_kernels.h"
#include "lm/kernels/kv_cache.h"
#include "lm/kernels/row_matrix.h"
#include "lm/kernels/team_places.h"
#include "lm/kernels/team_size.h"
#include "lm/model/rope.h"
#include "stats/counter_rng.h"
#include "tensor/dtype.h"

using namespace dubito;
using namespace dubito::lm;

class tst_Kernels : public QObject {
    Q_OBJECT
    static std::uint64_t bitsAt(const stats::CounterRng& rng, std::uint64_t position) {
        return static_cast<std::uint64_t>(rng.uniformAt(position) * 4294967296.0) >> 3;
    }
    /// What a team of a size does in a millisecond, and the part of its threads' time in which they wait.
    struct Speed {
        double work = 0, waiting = 0;
    };
    /// Pieces of five milliseconds, looked at every millisecond. @return milliseconds spent at each size
    static std::map<int, int> simulate(
        TeamSize& team, TeamSize::Clock::time_point& clock, const std::map<int, Speed>& speeds, int milliseconds) {
        std::map<int, int> spent;
        int size = 1;
        for (int i = 0; i < milliseconds; ++i) {
            size = i % 5 == 0 ? team.begin(clock) : std::min(size, team.review(speeds.at(size).work, clock));
            spent[size] += 1;
            clock += std::chrono::milliseconds(1);
            team.waited(std::chrono::duration_cast<TeamSize::Clock::duration>(
                std::chrono::duration<double, std::milli>(speeds.at(size).waiting * size)));
            if (i % 5 == 4) (void)team.review(speeds.at(size).work, clock);
        }
        return spent;
    }
    static std::map<int, int> simulate(const std::map<int, Speed>& speeds, int most, int milliseconds) {
        TeamSize team(most);
        TeamSize::Clock::time_point clock{std::chrono::hours(1)};
        return simulate(team, clock, speeds, milliseconds);
    }
    /// A tensor of random bytes with finite scales; every sixteenth scale is zero, tiny or large.
    struct Random {
        std::vector<std::uint8_t> bytes;
        GgufTensor tensor;
        Random(GgmlType type, std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
            const stats::CounterRng rng(seed, "blocks", static_cast<std::uint64_t>(type));
            const BlockLayout layout = blockLayout(type);
            const std::int64_t blocks = rows * columns / layout.elements;
            bytes.resize(static_cast<std::size_t>(blocks * layout.bytes));
            std::uint64_t draw = 0;
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(bitsAt(rng, draw++));
            for (std::int64_t b = 0; b < blocks; ++b) {
                std::uint8_t* at = bytes.data() + b * layout.bytes;
                const auto scale = [&](std::int64_t offset) {
                    const std::uint64_t pick = bitsAt(rng, draw++) % 16;
                    const float value = pick == 0   ? 0.0f
                                        : pick == 1 ? 3e-6f
                                        : pick == 2
                                            ? 60.0f
                                            : 0.05f * (static_cast<float>(bitsAt(rng, draw++) % 2001) / 1000.0f - 1.0f);
                    const std::uint16_t half = halfFromFloat(value);
                    std::memcpy(at + offset, &half, 2);
                };
                switch (type) {
                    case GgmlType::Q4_0:
                    case GgmlType::IQ4_NL:
                    case GgmlType::Q5_0:
                    case GgmlType::Q8_0: scale(0); break;
                    case GgmlType::Q4_1:
                    case GgmlType::Q5_1:
                    case GgmlType::Q4_K:
                    case GgmlType::Q5_K:
                        scale(0);
                        scale(2);
                        break;
                    case GgmlType::Q6_K: scale(208); break;
                    case GgmlType::Q3_K: scale(108); break;
                    case GgmlType::Q2_K:
                        scale(80);
                        scale(82);
                        break;
                    case GgmlType::F16: scale(0); break;
                    case GgmlType::BF16: {
                        const std::uint16_t bits =
                            bfloatFromFloat(0.05f * (static_cast<float>(bitsAt(rng, draw++) % 2001) / 1000.0f - 1.0f));
                        std::memcpy(at, &bits, 2);
                        break;
                    }
                    case GgmlType::F32: {
                        const float value = 0.05f * (static_cast<float>(bitsAt(rng, draw++) % 2001) / 1000.0f - 1.0f);
                        std::memcpy(at, &value, 4);
                        break;
                    }
                    default: break;
                }
            }
            tensor.name = "random";
            tensor.dims = {columns, rows};
            tensor.typeCode = static_cast<std::uint32_t>(type);
            tensor.bytes = bytes.size();
            tensor.data = bytes.data();
        }
    };
    static std::vector<float> vector(std::int64_t n, std::uint64_t seed) {
        const stats::CounterRng rng(seed, "activation", 0);
        std::vector<float> out(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<float>(static_cast<double>(bitsAt(rng, i) % 20001) / 1000.0 - 10.0);
            if (i / 32 % 7 == 3) out[i] = 0;        // whole blocks of zeros
            if (i / 32 % 7 == 5) out[i] *= 1e-40f;  // subnormal blocks
            if (i % 97 == 0) out[i] *= 8;           // outliers
        }
        return out;
    }
private Q_SLOTS:
    void kinds_data() {
        QTest::addColumn<int>("type");
        for (const auto type : {GgmlType::Q4_0, GgmlType::Q4_1, GgmlType::Q5_0, GgmlType::Q5_1, GgmlType::Q8_0,
                 GgmlType::IQ4_NL, GgmlType::Q2_K, GgmlType::Q3_K, GgmlType::Q4_K, GgmlType::Q5_K, GgmlType::Q6_K,
                 GgmlType::F16, GgmlType::BF16, GgmlType::F32})
            QTest::newRow(typeName(static_cast<std::uint32_t>(type)).c_str()) << static_cast<int>(type);
    }
    void kinds() {
        // More than 10,000 blocks of 32 a type, both activations; the last unit is not full. Every type keeps its
        // values to the bit.
        QFETCH(int, type);
        constexpr std::int64_t kRows = 316, kColumns = 1280;
        const Random random(static_cast<GgmlType>(type), kRows, kColumns, 7);
        auto matrix = RowMatrix::pack({{&random.tensor, 0}});
        QVERIFY(matrix);
        QCOMPARE(matrix->rows(), kRows);
        std::vector<float> own(kRows * kColumns), expected(own.size());
        matrix->dequantise(0, kRows, own.data());
        dequantise(static_cast<GgmlType>(type), random.bytes.data(), expected.data(),
            kRows * kColumns / blockLayout(static_cast<GgmlType>(type)).elements);
        QVERIFY(std::memcmp(own.data(), expected.data(), own.size() * 4) == 0);
        std::vector<float> some(21 * kColumns);  // rows that begin and end inside units
        matrix->dequantise(5, 21, some.data());
        QVERIFY(std::memcmp(some.data(), expected.data() + 5 * kColumns, some.size() * 4) == 0);

        const std::vector<float> x = vector(kColumns, 11);
        std::vector<ActivationBlock> blocks(kColumns / 32);
        for (const Activation activation : {Activation::A8, Activation::A16}) {
            quantiseActivation(x.data(), kColumns, activation, blocks.data());
            std::vector<float> out(kRows, -1.0f);
            const ActivationRows rows{blocks.data(), x.data(), 1};
            matrix->product(activation, rows, 0, matrix->units(), out.data(), kRows);
            // In two pieces, as two threads do it.
            std::vector<float> pieces(kRows, -1.0f);
            matrix->product(activation, rows, 0, 13, pieces.data(), kRows);
            matrix->product(activation, rows, 13, matrix->units(), pieces.data(), kRows);
            QVERIFY(std::memcmp(out.data(), pieces.data(), out.size() * 4) == 0);
            double worst = 0;
            for (std::int64_t row = 0; row < kRows; ++row) {
                double sum = 0, size = 0;
                for (std::int64_t i = 0; i < kColumns; ++i) {
                    const double term = static_cast<double>(expected[static_cast<std::size_t>(row * kColumns + i)]) *
                                        x[static_cast<std::size_t>(i)];
                    sum += term;
                    size += std::abs(term);
                }
                worst = std::max(worst, std::abs(out[static_cast<std::size_t>(row)] - sum) / size);
            }
            QVERIFY2(worst < (activation == Activation::A16 ? 1e-4 : 0.05), qPrintable(QString::number(worst)));
        }
    }
    void levels_data() { kinds_data(); }
    void levels() {
        // Raw units of random bytes: 40 units x 32 blocks x 8 rows = 10,240 blocks; scales of every finite kind. Every
        // level that this CPU runs, and every number of vectors, gives the bits of the plain loops for one vector.
        QFETCH(int, type);
        const RowKind kind = RowMatrix::kindOf(static_cast<std::uint32_t>(type), RowForm::AsStored);
        constexpr std::int64_t kUnits = 40, kBlocks = 32, kColumns = kBlocks * 32, kVectors = 7;
        const std::int64_t stride = unitBlockBytes(kind);
        const bool isFloat = kind == RowKind::F16 || kind == RowKind::BF16 || kind == RowKind::F32;
        const stats::CounterRng rng(3, "units", static_cast<std::uint64_t>(type));
        std::vector<std::uint8_t> units(static_cast<std::size_t>(kUnits * kBlocks * stride));
        for (std::size_t i = 0; i < units.size(); ++i) units[i] = static_cast<std::uint8_t>(bitsAt(rng, i));
        const int scales =
            kind == RowKind::F16                                                                               ? 256
            : kind == RowKind::Q4_0 || kind == RowKind::Q5_0 || kind == RowKind::Q8_0 || kind == RowKind::Q6_K ? 8
                                                                                                               : 16;
        for (std::int64_t b = 0; b < kUnits * kBlocks; ++b) {
            std::uint8_t* at = units.data() + b * stride;
            if (kind == RowKind::BF16 || kind == RowKind::F32) {
                const int bytes = kind == RowKind::F32 ? 4 : 2;
                for (int i = 0; i < 256; ++i)
                    at[bytes * i + bytes - 1] =
                        static_cast<std::uint8_t>((at[bytes * i + bytes - 1] & 0x80) | 0x3C);  // exponents near 1
                continue;
            }
            for (int i = 0; i < scales; ++i) {
                std::uint16_t half;
                std::memcpy(&half, at + 2 * i, 2);
                if ((half & 0x7C00) == 0x7C00) half &= 0x83FF;  // no infinity or NaN: becomes subnormal
                std::memcpy(at + 2 * i, &half, 2);
            }
        }
        int compared = 0;
        for (const Activation activation : {Activation::A8, Activation::A16}) {
            const std::vector<float> x = vector(kColumns * kVectors, 5 + static_cast<std::uint64_t>(activation));
            std::vector<ActivationBlock> blocks(kBlocks * kVectors);
            quantiseActivation(x.data(), kColumns * kVectors, activation, blocks.data());
            // The largest values of both signs everywhere: nothing may overflow on the way.
            for (int i = 0; i < 32; ++i) {
                blocks[0].low[i] = activation == Activation::A16 ? -127 : 127;
                blocks[0].high[i] = activation == Activation::A16 ? -127 : 0;
                const int q = 256 * blocks[0].high[i] + blocks[0].low[i];
                std::int16_t& wide = i % 2 ? blocks[0].odd[i / 4][i % 4 / 2] : blocks[0].even[i / 4][i % 4 / 2];
                wide = static_cast<std::int16_t>(q);
                blocks[0].total[i / 16] = 16 * q;
            }
            std::vector<float> scalar(kVectors * kUnits * 8), vectors(scalar.size());
            for (std::int64_t v = 0; v < kVectors; ++v)
                rowUnits(CpuLevel::Scalar, kind, activation, units.data(), kBlocks,
                    {blocks.data() + v * kBlocks, x.data() + v * kColumns, 1}, 0, kUnits,
                    scalar.data() + v * kUnits * 8, 0);
            for (const CpuLevel level :
                {CpuLevel::Scalar, CpuLevel::Avx2, CpuLevel::VnniEmulated, CpuLevel::AvxVnni, CpuLevel::Avx512Vnni}) {
                if (!canRun(level)) continue;
                ++compared;
                for (std::int64_t count = 1; count <= kVectors; ++count) {
                    std::fill(vectors.begin(), vectors.end(), 0.0f);
                    rowUnits(level, kind, activation, units.data(), kBlocks, {blocks.data(), x.data(), count}, 0, 15,
                        vectors.data(), kUnits * 8);
                    rowUnits(level, kind, activation, units.data(), kBlocks, {blocks.data(), x.data(), count}, 15,
                        kUnits, vectors.data(), kUnits * 8);
                    for (std::size_t i = 0; i < static_cast<std::size_t>(count * kUnits * 8); ++i)
                        QVERIFY2(std::memcmp(&scalar[i], &vectors[i], 4) == 0,
                            qPrintable(QString("%1, %2 vectors, place %3: %4 and %5")
                                           .arg(cpuLevelName(level).data())
                                           .arg(count)
                                           .arg(i)
                                           .arg(scalar[i])
                                           .arg(vectors[i])));
                }
            }
        }
        QVERIFY(compared >= 2);
        if (isFloat) return;
        std::vector<float> plain(8 * 32), turned(8 * 32);
        for (std::int64_t b = 0; b < kUnits * kBlocks; ++b) {
            dequantiseUnitBlock(CpuLevel::Scalar, kind, units.data() + b * stride, plain.data(), 32);
            dequantiseUnitBlock(cpuLevel(), kind, units.data() + b * stride, turned.data(), 32);
            QVERIFY(std::memcmp(plain.data(), turned.data(), plain.size() * 4) == 0);
        }
    }
    void forms_askedFor_round() {
        const Random random(GgmlType::F32, 16, 512, 9);
        QVERIFY(!RowMatrix::isRounded(random.tensor.typeCode, RowForm::AsStored) &&
                RowMatrix::isRounded(random.tensor.typeCode, RowForm::Eight));
        std::vector<float> own(16 * 512), expected(own.size());
        dequantise(GgmlType::F32, random.bytes.data(), expected.data(), static_cast<std::int64_t>(expected.size()));
        auto eight = RowMatrix::pack({{&random.tensor, 0}}, RowForm::Eight);
        eight->dequantise(0, 16, own.data());
        for (std::size_t block = 0; block < own.size() / 32; ++block) {
            float largest = 0;
            for (std::size_t i = 0; i < 32; ++i) largest = std::max(largest, std::abs(expected[block * 32 + i]));
            for (std::size_t i = 0; i < 32; ++i)
                QVERIFY(std::abs(own[block * 32 + i] - expected[block * 32 + i]) <=
                        largest / 127.0f * 0.51f + largest * 1e-3f + 4e-6f);
        }
        auto brain = RowMatrix::pack({{&random.tensor, 0}}, RowForm::BFloat16);
        QVERIFY(brain->isBFloat16() && !eight->isBFloat16());
        brain->dequantise(0, 16, own.data());
        std::vector<std::uint16_t> halves(own.size());
        brain->bfloat16(0, 16, halves.data());
        for (std::size_t i = 0; i < own.size(); ++i) {
            QCOMPARE(halves[i], bfloatFromFloat(expected[i]));
            QVERIFY(std::abs(own[i] - expected[i]) <= std::abs(expected[i]) / 256);
        }
    }
    void cache_pages_shareUntilWritten() {
        ModelConfig config;
        config.layers = 2, config.kvHeads = 3, config.headWidth = 20;  // a width that is no multiple of 8
        for (const KvPrecision precision : {KvPrecision::F16, KvPrecision::F32}) {
            KvCache cache(config, 300, precision);
            const std::vector<float> key = vector(150 * 20, 1), value = vector(150 * 20, 2), query = vector(20, 3),
                                     weights = vector(150, 4);
            cache.prepare(1, 0, 150);
            for (std::int64_t i = 0; i < 150; ++i)
                cache.storeKey(1, 2, i, key.data() + i * 20), cache.storeValue(1, 2, i, value.data() + i * 20);
            cache.setLength(1, 150);
            QCOMPARE(cache.lengthOf(0), 0);
            // Against double precision on what is kept.
            std::vector<float> keys(150 * 20), values(150 * 20), scores(150), mixed(20);
            cache.keys(1, 2, 150, keys.data());
            cache.values(1, 2, 150, values.data());
            for (std::size_t i = 0; i < keys.size(); ++i)
                QVERIFY(std::abs(keys[i] - key[i]) <=
                        (precision == KvPrecision::F32 ? 0 : std::abs(key[i]) / 1024 + 1e-7f));
            cache.scores(1, 2, query.data(), 150, scores.data());
            cache.mix(1, 2, weights.data(), 150, mixed.data());
            for (std::size_t j = 0; j < 150; ++j) {
                double sum = 0;
                for (std::size_t i = 0; i < 20; ++i) sum += double{query[i]} * keys[j * 20 + i];
                QVERIFY(std::abs(scores[j] - sum) < 1e-2);
            }
            for (std::size_t i = 0; i < 20; ++i) {
                double sum = 0;
                for (std::size_t j = 0; j < 150; ++j) sum += double{weights[j]} * values[j * 20 + i];
                QVERIFY(std::abs(mixed[i] - sum) < 1e-1);
            }
            KvCache fork = cache;
            fork.truncate(140);
            fork.prepare(1, 140, 1);
            const std::vector<float> other(20, 7.0f);
            fork.storeKey(1, 2, 140, other.data());
            std::vector<float> after(150 * 20), forked(141 * 20);
            cache.keys(1, 2, 150, after.data());
            fork.keys(1, 2, 141, forked.data());
            QVERIFY(after == keys);
            QVERIFY(std::equal(forked.begin(), forked.begin() + 140 * 20, keys.begin()) && forked[140 * 20] == 7.0f);
            fork.truncate(64);
            QVERIFY(fork.bytes() * 3 == cache.bytes());
        }
    }
    void halves_everyLevel_roundAlike() {
        // Every half goes to its float and back; floats round as IEEE says, whatever the level.
        std::vector<std::uint16_t> all(65536), back(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
        std::vector<float> floats(all.size());
        fromHalves(all.data(), 65536, floats.data());
        toHalves(floats.data(), 65536, back.data());
        for (std::size_t i = 0; i < all.size(); ++i) {
            if ((i & 0x7C00) == 0x7C00 && (i & 0x3FF)) continue;  // NaN
            QCOMPARE(back[i], all[i]);
            QVERIFY(floats[i] == floatFromHalf(all[i]));
        }
        const std::vector<float> x = vector(4099, 8);
        std::vector<std::uint16_t> rounded(x.size());
        toHalves(x.data(), static_cast<std::int64_t>(x.size()), rounded.data());
        for (std::size_t i = 0; i < x.size(); ++i) QCOMPARE(rounded[i], halfFromFloat(x[i]));
    }
    void rope_scalings_givePublishedFrequencies() {
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6 * b; };
        RopeScaling yarn;
        yarn.kind = RopeScaling::Kind::Yarn;
        yarn.factor = 4;
        yarn.originalContext = 32768;
        const auto y = ropeFrequencies(64, 1e6, yarn), plain = ropeFrequencies(64, 1e6, {});
        QVERIFY(near(y[15], 1.026618e-3) && near(y[20], 4.445698e-5));
        QVERIFY(y[11] == plain[11] && near(y[21], plain[21] / 4));
        QVERIFY(near(ropeMagnitude(yarn), 1.138629));
        RopeScaling llama3;
        llama3.kind = RopeScaling::Kind::Llama3;
        llama3.factor = 32;
        llama3.lowFactor = 1;
        llama3.highFactor = 4;
        llama3.originalContext = 8192;
        const auto l = ropeFrequencies(64, 5e5, llama3);
        QVERIFY(near(l[15], 1.290548e-3) && near(l[16], 4.295568e-4) && near(l[17], 9.708288e-5));
        RopeScaling linear;
        linear.kind = RopeScaling::Kind::Linear;
        linear.factor = 8;
        QVERIFY(near(ropeFrequencies(64, 1e6, linear)[5], plain[5] / 8));
        QVERIFY(near(ropeFrequencies(4, 1e4, {}, {1.0f, 2.0f})[1], 0.5 * ropeFrequencies(4, 1e4, {})[1]));
    }
    void heads_interleaved_areOrdered() {
        // One head of eight rows: the file's rows are 0 4 1 5 2 6 3 7 of the model's.
        const Random random(GgmlType::Q8_0, 8, 32, 4);
        auto plain = RowMatrix::pack({{&random.tensor, 0}}), ordered = RowMatrix::pack({{&random.tensor, 1}});
        std::vector<float> a(8 * 32), b(8 * 32);
        plain->dequantise(0, 8, a.data());
        ordered->dequantise(0, 8, b.data());
        const int modelRow[] = {0, 4, 1, 5, 2, 6, 3, 7};
        for (int fileRow = 0; fileRow < 8; ++fileRow)
            QVERIFY(std::memcmp(a.data() + fileRow * 32, b.data() + modelRow[fileRow] * 32, 128) == 0);
    }
    void width_odd_isRefused() {
        const std::vector<std::uint8_t> bytes(48 * 4 * 2);
        GgufTensor tensor;
        tensor.name = "narrow";
        tensor.dims = {48, 2};
        tensor.typeCode = 0;
        tensor.data = bytes.data();
        auto matrix = RowMatrix::pack({{&tensor, 0}});
        QVERIFY(!matrix && matrix.error().code() == Code::Unsupported);
    }
    void activation_notFinite_staysNotFinite() {
        std::vector<float> x(32, 1.0f);
        x[5] = std::numeric_limits<float>::infinity();
        ActivationBlock block;
        quantiseActivation(x.data(), 32, Activation::A16, &block);
        QVERIFY(std::isnan(block.d));
    }
    void team_noWaits_isNeverTriedSmaller() {
        const auto took = simulate({{4, {4, 0}}, {2, {100, 0}}}, 4, 10000);
        QCOMPARE(took.size(), 1u);
        QCOMPARE(took.at(4), 10000);
    }
    void team_waitsButFewerDoLess_staysWholeNearlyAlways() {
        const auto took = simulate({{2, {4, 0.4}}, {1, {3, 0}}}, 2, 20000);
        QVERIFY2(took.at(2) > 19000, qPrintable(QString::number(took.at(2))));
    }
    void team_fewerDoMore_shrinksStepByStep() {
        const auto took = simulate({{8, {1, 0.9}}, {4, {2, 0.8}}, {2, {3, 0.5}}, {1, {4, 0}}}, 8, 20000);
        QVERIFY2(took.at(1) > 17000, qPrintable(QString::number(took.at(1))));
        QVERIFY(took.count(2) && took.count(4) && took.count(8));
    }
    void team_loadGone_isWholeAgainWithinThreeSeconds() {
        TeamSize team(4);
        TeamSize::Clock::time_point clock{std::chrono::hours(1)};
        (void)simulate(team, clock, {{4, {1, 0.9}}, {2, {2, 0.5}}, {1, {4, 0}}}, 10000);
        QCOMPARE(team.begin(clock) == 4, false);
        (void)simulate(team, clock, {{4, {40, 0}}, {2, {20, 0}}, {1, {10, 0}}}, 3000);
        QCOMPARE(team.begin(clock), 4);
    }
    void places_sameCpu_keepTheirSet() {
        cpu_set_t before, after;
        QCOMPARE(::sched_getaffinity(0, sizeof before, &before), 0);
        // More threads than CPUs, all of them this one: each finds an earlier one here, the last ones find no other
        // place.
        TeamPlaces places(CPU_COUNT(&before) + 2);
        for (int self = 0; self < CPU_COUNT(&before) + 2; ++self) places.keepApart(self);
        QCOMPARE(::sched_getaffinity(0, sizeof after, &after), 0);
        QVERIFY(CPU_EQUAL(&before, &after));
    }
    void team_ofOne_neverChanges() {
        const auto took = simulate({{1, {1, 0.9}}}, 1, 3000);
        QCOMPARE(took.at(1), 3000);
    }
};

QTEST_GUILESS_MAIN(tst_Kernels)
#include "tst_kernels.moc"
