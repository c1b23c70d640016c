// What was said is in the file: coalesced scalars, the place of records, barriers.
#include <QTemporaryDir>
#include <QTest>

#include "base/json.h"
#include "journal_tools.h"

using namespace journal_tools;
using namespace std::chrono_literals;
using Stop = JournalReader::Stop;

class tst_Writer : public QObject {
    Q_OBJECT
private Q_SLOTS:
#ifdef __SANITIZE_THREAD__
    void init() {
        const QByteArray name = QTest::currentTestFunction();
        if (name.startsWith("sync_")) QSKIP("ThreadSanitizer cannot follow the threads of a forked child");
    }
#endif
    void scalars_asRunsOrGroups_giveEqualPoints_data() {
        QTest::addColumn<int>("series");
        QTest::addColumn<int>("steps");
        QTest::addColumn<bool>("runs");
        QTest::newRow("two series, many steps") << 2 << 2000 << true;
        QTest::newRow("sixty series, many steps") << 60 << 900 << true;
        QTest::newRow("one step of many series") << 3000 << 1 << false;
        QTest::newRow("a few of each") << 9 << 3 << false;
    }
    void scalars_asRunsOrGroups_giveEqualPoints() {
        QFETCH(int, series);
        QFETCH(int, steps);
        QFETCH(bool, runs);
        ScalarBuffer buffer(1 << 16);
        Points said;
        stats::CounterRng rng(3, "points", 0);
        std::vector<std::uint32_t> numbers;
        std::vector<double> values;
        for (int step = 0; step < steps; ++step) {
            numbers.clear();
            values.clear();
            for (int i = 0; i < series; ++i) {
                if (steps > 1 && rng.uniform() < 0.1) continue;  // not each series at each step
                numbers.push_back(static_cast<std::uint32_t>(7 + i * 131));
                values.push_back(rng.normal());
                said[numbers.back()].push_back({step, 1000 + step, values.back()});
            }
            QVERIFY(buffer.add(step, 1000 + step, numbers, values));
        }
        Bytes out(buffer.prepare());
        std::uint64_t sequence = 40;
        out.resize(buffer.encode(out.data(), sequence));
        QVERIFY(out.size() <= buffer.bytes());
        Points got;
        std::uint64_t expected = 40;
        Bytes scratch;
        for (std::size_t at = 0; at < out.size(); ++expected) {
            const auto header = parseFrameHeader(ByteSpan(out).subspan(at));
            QVERIFY(header);
            QCOMPARE(header->sequence, expected);
            QCOMPARE(header->type, runs ? RecordType::ScalarRun : RecordType::ScalarGroup);
            const ByteSpan stored = ByteSpan(out).subspan(at + kFrameHeaderBytes, header->storedBytes);
            takePoints(got, *header, *framePayload(*header, stored, scratch));
            at += header->paddedBytes();
        }
        QCOMPARE(sequence, expected);
        QVERIFY(got == said);
        // The way of the crash handler: every group as it came.
        Points raw;
        Bytes frame(ScalarBuffer::kMaxGroupFrame);
        for (std::size_t i = 0; i < buffer.groupCount(); ++i) {
            buffer.putGroup(i, i, frame.data());
            const auto header = parseFrameHeader(frame);
            const ByteSpan stored = ByteSpan(frame).subspan(kFrameHeaderBytes, header->storedBytes);
            takePoints(raw, *header, *framePayload(*header, stored, scratch));
        }
        QVERIFY(raw == said);
    }
    void scalars_manyStepsOfTwoWithProgress_takeAFractionOfTheirFrames() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = make(folder, run);
        const std::uint32_t series[] = {0, 1};
        Points said;
        constexpr int kSteps = 100'000;
        for (int step = 0; step < kSteps; ++step) {
            const double values[] = {1.0 / (1 + step), std::sin(step)};
            QVERIFY(writer->scalars(step, series, values));
            QVERIFY(writer->progress({double(step), kSteps, "step", "train"}));
            for (const auto i : series) said[i].push_back({step, 0, values[i]});
        }
        QVERIFY(writer->close());
        // A frame of its own for each step and each progress: 80 and 80 bytes.
        QVERIFY(fs::file_size(segmentPath(folder, 1, 0, 0)) < kSteps * 160 / 4);
        Taken got = readAll(folder, run);
        for (auto& [number, points] : got.points)
            for (std::size_t i = 0; i < points.size(); ++i) {
                QVERIFY(points[i].timeUs > 0 && (i == 0 || points[i].timeUs >= points[i - 1].timeUs));
                said[number][i].timeUs = points[i].timeUs;
            }
        QVERIFY(got.points == said);
        QVERIFY(!fs::exists(folder / "a001-r0000.reserve"));
    }
    void scalars_largerThanAFrameOrTheBuffer_areWrittenOrRefused() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = make(folder, run);
        std::vector<std::uint32_t> series(400'000);
        std::vector<double> values(series.size(), 2.5);
        for (std::size_t i = 0; i < series.size(); ++i) series[i] = static_cast<std::uint32_t>(i);
        QVERIFY(writer->scalars(1, std::span(series).first(100'000), std::span(values).first(100'000)));
        QCOMPARE(writer->scalars(2, series, values).error().code(), Code::Limit);
        QCOMPARE(writer->scalars(3, series, std::span(values).first(1)).error().code(), Code::InvalidArgument);
        QVERIFY(writer->close());
        QCOMPARE(readAll(folder, run).points.size(), std::size_t(100'000));
        QCOMPARE(writer->append(RecordType::Log, {}).error().code(), Code::WrongState);
    }
    void records_amongScalars_keepTheirPlace() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = make(folder, run);
        const std::uint32_t series[] = {5};
        for (int i = 0; i < 300; ++i) {
            const double value[] = {double(i)};
            QVERIFY(writer->scalars(i, series, value));
            if (i % 7 == 0) QVERIFY(writer->append(RecordType::Log, logPayload(std::to_string(i))));
        }
        QVERIFY(writer->close());
        const Taken got = readAll(folder, run);
        Points sofar;
        for (const Frame& frame : got.frames) {
            FrameHeader header;
            header.type = frame.type;
            takePoints(sofar, header, frame.payload);
            if (frame.type != RecordType::Log) continue;
            QCOMPARE(std::to_string(sofar[5].back().step), decodeLog(frame.payload)->text);
        }
        QCOMPARE(sofar[5].size(), std::size_t(300));
    }
    void progress_saidOften_isWrittenTenTimesASecondAndBeforeTheCheckpoint() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = make(folder, run);
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < 20'000; ++i) QVERIFY(writer->progress({double(i), 20'000, "step", "train"}));
        QVERIFY(writer->append(RecordType::Checkpoint, {}));
        QVERIFY(writer->progress({1e6, 0, "", "late"}));
        QVERIFY(writer->sync());
        const auto elapsed = std::chrono::steady_clock::now() - start;
        const Taken got = readAll(folder, run);
        std::size_t written = 0;
        for (std::size_t i = 0; i < got.frames.size(); ++i) {
            written += got.frames[i].type == RecordType::Progress;
            if (got.frames[i].type == RecordType::Checkpoint)
                QCOMPARE(decodeProgress(got.frames[i - 1].payload)->done, 19'999.0);
        }
        QVERIFY(written <= static_cast<std::size_t>(elapsed / 100ms) + 3);
        QCOMPARE(decodeProgress(got.last(RecordType::Progress)->payload)->phase, std::string("late"));
    }
    void queue_ofPendingScalars_countsAsFull() {
        QTemporaryDir dir;
        JournalWriter::Options options;
        options.queueBytes = 1 << 20;
        options.flushEvery = kNever;
        auto writer = make(dir.path().toStdString(), makeUuid(), options);
        const std::uint32_t series[] = {0};
        const double value[] = {1};
        for (int i = 0; i < 8000; ++i) QVERIFY(writer->scalars(i, series, value));
        QVERIFY(writer->queueFillPercent() >= 40);                                    // 64 bytes each
        for (int i = 0; i < 80'000; ++i) QVERIFY(writer->scalars(i, series, value));  // waits, and goes on
        QVERIFY(writer->flush());
        QCOMPARE(writer->queueFillPercent(), 0u);
    }
    void sync_returned_everythingSaidIsInTheFileOfAProcessThatIsGone() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        const int status = inChild([&] {
            JournalWriter::Options options;
            options.flushEvery = kNever;
            options.segmentBytes = 20'000;
            auto writer = make(folder, run, options);
            const std::uint32_t series[] = {0, 1};
            for (int i = 0; i < 5000; ++i) {
                const double values[] = {double(i), double(-i)};
                if (!writer->scalars(i, series, values) || !writer->progress({double(i), 0, "", ""})) return 1;
                if (i % 500 == 0 && !writer->append(RecordType::Log, logPayload("x"))) return 2;
            }
            const bool isSynced = bool(writer->sync());
            ::_exit(isSynced ? 0 : 3);
        });
        QCOMPARE(status, 0);
        const Taken got = readAll(folder, run);
        QCOMPARE(got.points.at(0).size(), std::size_t(5000));
        QCOMPARE(got.points.at(1).size(), std::size_t(5000));
        QCOMPARE(got.texts().size(), std::size_t(10));
        QCOMPARE(decodeProgress(got.last(RecordType::Progress)->payload)->done, 4999.0);
        QVERIFY(got.gaps.empty());
    }
    void finish_onASoundDisk_endsWithTheWordsGiven() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = make(folder, run);
        const std::uint32_t series[] = {0};
        const double value[] = {4};
        QVERIFY(fs::exists(folder / "a001-r0000.reserve"));
        QVERIFY(writer->scalars(1, series, value));
        QVERIFY(writer->progress({1, 1, "", "end"}));
        const auto sequence = writer->finish(asBytes(R"({"status":"done"})"));
        QVERIFY(sequence);
        QVERIFY(!fs::exists(folder / "a001-r0000.reserve"));
        const Taken got = readAll(folder, run);
        QCOMPARE(got.frames.back().type, RecordType::End);
        QCOMPARE(got.frames.back().sequence, *sequence);
        QCOMPARE(got.frames[got.frames.size() - 2].type, RecordType::Progress);
        QCOMPARE(asText(got.frames.back().payload), std::string_view(R"({"status":"done"})"));
        QCOMPARE(writer->finish({}).error().code(), Code::WrongState);
        QCOMPARE(writer->flush().error().code(), Code::WrongState);
    }
};

QTEST_GUILESS_MAIN(tst_Writer)
#include "tst_writer.moc"
