// A reader in front of every kind of damage: one frame is lost, the rest is read, and it says so.
#include <sys/stat.h>

#include <QTemporaryDir>
#include <QTest>

#include "journal_tools.h"

using namespace journal_tools;
using Stop = JournalReader::Stop;

namespace {

/// A journal of several segments, and where each frame of it lies.
struct Sample {
    struct Place {
        std::uint32_t segment;
        std::uint64_t from, to;  ///< without padding
        std::uint64_t sequence;
        RecordType type;
    };
    QTemporaryDir dir;
    fs::path folder = dir.path().toStdString();
    Uuid run = makeUuid();
    std::vector<std::uint32_t> segments;
    std::vector<Place> places;
    Taken all;

    fs::path file(std::uint32_t segment) const { return segmentPath(folder, 1, 0, segment); }

    Sample(int records, std::uint64_t segmentBytes, std::size_t textBytes) {
        JournalWriter::Options options;
        options.segmentBytes = segmentBytes;
        auto writer = JournalWriter::create(folder, {run, 1, 0, 0, 0}, options);
        if (!writer) qFatal("%s", writer.error().text().c_str());
        for (int i = 0; i < records; ++i) {
            std::string text = "line " + std::to_string(i);
            text.resize(textBytes, '.');
            if (!(*writer)->append(RecordType::Log, logPayload(text))) qFatal("append");
        }
        if (!(*writer)->close()) qFatal("close");
        segments = listSegments(folder, {1, 0});
        for (const std::uint32_t segment : segments) {
            const Bytes bytes = load(file(segment));
            for (std::uint64_t at = kFileHeaderBytes; at < bytes.size();) {
                const auto header = parseFrameHeader(ByteSpan(bytes).subspan(at));
                const auto end = at + kFrameHeaderBytes + header->storedBytes;
                places.push_back({segment, at, end, header->sequence, header->type});
                at += header->paddedBytes();
            }
        }
        all = readAll(folder, run);
    }
    const Place* at(std::uint32_t segment, std::uint64_t byte) const {
        for (const Place& place : places)
            if (place.segment == segment && byte >= place.from && byte < place.to) return &place;
        return nullptr;
    }
    /// What is wrong when all but `lost` should have been read; empty when nothing is.
    std::string compare(const Taken& got, const std::function<bool(std::uint64_t sequence)>& isLost) const {
        std::size_t next = 0;
        for (const Frame& frame : all.frames) {
            if (isLost(frame.sequence)) continue;
            if (next >= got.frames.size() || got.frames[next].sequence != frame.sequence)
                return "frame " + std::to_string(frame.sequence) + " was not delivered";
            if (got.frames[next++].payload != frame.payload)
                return "frame " + std::to_string(frame.sequence) + " came changed";
        }
        return next == got.frames.size() ? "" : "more frames than there are";
    }
};

}  // namespace

class tst_Reader : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void damage_atTheEndOfTheFirstOfSixteenSegments_costsThatFrame_data() {
        QTest::addColumn<bool>("isSegmentEnd");
        QTest::newRow("last record") << false;
        QTest::newRow("segment end") << true;
    }
    void damage_atTheEndOfTheFirstOfSixteenSegments_costsThatFrame() {
        QFETCH(bool, isSegmentEnd);
        Sample sample(2000, 8000, 20);
        QVERIFY(sample.segments.size() >= 16);
        const Sample::Place* victim = nullptr;
        for (const auto& place : sample.places)
            if (place.segment == 0 && (place.type == RecordType::SegmentEnd) == isSegmentEnd) victim = &place;
        Bytes bytes = load(sample.file(0));
        bytes[victim->from + kFrameHeaderBytes + 2] ^= 1;
        save(sample.file(0), bytes);
        const Taken got = readAll(sample.folder, sample.run);
        QCOMPARE(sample.compare(got, [&](auto sequence) { return sequence == victim->sequence; }), std::string());
        QCOMPARE(got.gaps.size(), std::size_t(1));
        QCOMPARE(got.gaps[0].segment, 0u);
        QCOMPARE(got.gaps[0].byteFrom, victim->from);
        QCOMPARE(got.gaps[0].byteTo, (victim->to + 7) / 8 * 8);
        QCOMPARE(got.gaps[0].sequenceFrom, victim->sequence);
        QCOMPARE(got.gaps[0].sequenceTo, victim->sequence + 1);
        QVERIFY(!got.gaps[0].why.empty());
    }
    void segment_missing_isAGapAndAllElseIsRead() {
        Sample sample(2000, 8000, 20);
        for (const std::uint32_t gone : {0u, 2u, 3u}) fs::remove(sample.file(gone));
        const auto isGone = [&](std::uint64_t sequence) {
            for (const auto& place : sample.places)
                if (place.sequence == sequence) return place.segment == 0 || place.segment == 2 || place.segment == 3;
            return false;
        };
        const Taken got = readAll(sample.folder, sample.run);
        QCOMPARE(sample.compare(got, isGone), std::string());
        QCOMPARE(got.gaps.size(), std::size_t(2));
        QCOMPARE(got.gaps[0].segment, 0u);
        QCOMPARE(got.gaps[1].segment, 2u);
        std::uint64_t lost = 0;
        for (const auto& gap : got.gaps) lost += gap.sequenceTo - gap.sequenceFrom;
        std::uint64_t expected = 0;
        for (const auto& place : sample.places) expected += isGone(place.sequence);
        QCOMPARE(lost, expected);
        QVERIFY(got.gaps[1].why.find("segment 3 is missing") != std::string::npos);
    }
    void byte_flippedAnywhere_costsNoMoreThanItsFrame() {
        Sample sample(14, 500, 30);
        QVERIFY(sample.segments.size() >= 3);
        for (const std::uint32_t segment : sample.segments) {
            const Bytes whole = load(sample.file(segment));
            for (std::size_t at = 0; at < whole.size(); ++at) {
                Bytes bad = whole;
                bad[at] ^= 0x41;
                save(sample.file(segment), bad);
                const auto* victim = sample.at(segment, at);
                const Taken got = readAll(sample.folder, sample.run);
                const auto problem =
                    sample.compare(got, [&](auto sequence) { return victim && victim->sequence == sequence; });
                QVERIFY2(problem.empty(),
                    qPrintable(
                        QString("segment %1 byte %2: %3").arg(segment).arg(at).arg(QString::fromStdString(problem))));
                const bool isTail = victim == &sample.places.back();
                QCOMPARE(got.stop == Stop::TornTail, isTail);
                const bool isSeen = victim || at < kFileHeaderBytes;  // padding carries nothing
                QCOMPARE(got.gaps.size(), std::size_t(isSeen && !isTail));
                QVERIFY(!got.reason.empty());
            }
            save(sample.file(segment), whole);
        }
    }
    void segment_cutAnywhere_losesOnlyWhatWasBehindTheCut() {
        Sample sample(14, 500, 30);
        for (const std::uint32_t segment : sample.segments) {
            const Bytes whole = load(sample.file(segment));
            for (std::size_t length = 0; length <= whole.size(); ++length) {
                save(sample.file(segment), ByteSpan(whole).first(length));
                const Taken got = readAll(sample.folder, sample.run);
                const auto problem = sample.compare(got, [&](auto sequence) {
                    for (const auto& place : sample.places)
                        if (place.sequence == sequence)
                            return place.segment == segment && (place.to > length || length < kFileHeaderBytes);
                    return false;
                });
                QVERIFY2(problem.empty(), qPrintable(QString("segment %1 cut at %2: %3")
                                                         .arg(segment)
                                                         .arg(length)
                                                         .arg(QString::fromStdString(problem))));
                if (segment == sample.segments.back()) QCOMPARE(got.gaps.size(), std::size_t(0));
            }
            save(sample.file(segment), whole);
        }
    }
    void damage_whileTheWriterLives_isBelievedAfterPatienceAndNeverInTheLastSegment() {
        Sample sample(14, 500, 30);
        const auto& place = sample.places[1];
        const Bytes whole = load(sample.file(0));
        Bytes bad = whole;
        std::fill(bad.begin() + static_cast<std::ptrdiff_t>(place.from),
            bad.begin() + static_cast<std::ptrdiff_t>(place.to), std::uint8_t{0});  // a page that comes late
        save(sample.file(0), bad);
        JournalReader patient(sample.folder, sample.run, 1, 0);
        Taken first = readOn(patient, false);
        QCOMPARE(first.stop, Stop::Waiting);
        QCOMPARE(first.frames.size(), std::size_t(1));
        JournalReader hasty(sample.folder, sample.run, 1, 0, {}, {std::chrono::milliseconds(0)});
        Taken skipped = readOn(hasty, false);
        QCOMPARE(skipped.gaps.size(), std::size_t(1));
        QCOMPARE(skipped.frames.size(), sample.all.frames.size() - 1);
        save(sample.file(0), whole);
        const Taken rest = readOn(patient, false);
        QCOMPARE(rest.frames.size(), sample.all.frames.size() - 1);
        QCOMPARE(rest.gaps.size(), std::size_t(0));

        const std::uint32_t last = sample.segments.back();
        Bytes tail = load(sample.file(last));
        tail[kFileHeaderBytes + 1] ^= 1;
        save(sample.file(last), tail);
        QCOMPARE(readAll(sample.folder, sample.run, false).stop, Stop::Waiting);
        QCOMPARE(readAll(sample.folder, sample.run, false).gaps.size(), std::size_t(0));
        QCOMPARE(readAll(sample.folder, sample.run, true).gaps.size(), std::size_t(1));
    }
    void cursor_restored_deliversTheSameAgain() {
        Sample sample(200, 2000, 30);
        JournalReader reader(sample.folder, sample.run, 1, 0);
        (void)reader.poll(
            true, 1500, [](const auto&) {}, [](const auto&) {});
        const Cursor mark = reader.cursor();
        const Taken once = readOn(reader, true);
        reader.restore(mark);
        const Taken twice = readOn(reader, true);
        QVERIFY(!once.frames.empty() && once.frames.size() < sample.all.frames.size());
        QCOMPARE(twice.frames.size(), once.frames.size());
        QCOMPARE(twice.frames.front().sequence, once.frames.front().sequence);
        JournalReader another(sample.folder, sample.run, 1, 0, mark);
        QCOMPARE(readOn(another, true).frames.size(), once.frames.size());
    }
    void stranger_wildNumbers_endWithAReason() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        const auto segment = [&](std::uint32_t number, std::uint32_t next, std::uint64_t sequence) {
            Bytes file, payload;
            appendFileHeader(file, {run, 1, 0, number, 5});
            append(payload, next);
            appendFrame(file, RecordType::Log, sequence, 9, logPayload("x"));
            appendFrame(file, RecordType::SegmentEnd, sequence + 1, 9, payload);
            save(segmentPath(folder, 1, 0, number), file);
        };
        segment(0, 1, 3);
        segment(4'294'967'295u, 0, kMaxSequence - 1);  // its successor would be the first one again
        Taken got = readAll(folder, run);
        QCOMPARE(got.stop, Stop::Foreign);
        QCOMPARE(got.texts().size(), std::size_t(2));
        segment(0, 7, 3);
        QCOMPARE(readAll(folder, run).stop, Stop::Foreign);
        segment(0, 0, 3);
        QCOMPARE(readAll(folder, run).stop, Stop::Foreign);
        fs::remove(segmentPath(folder, 1, 0, 4'294'967'295u));
        segment(0, 1, kMaxSequence + 1);  // no such frame can be: nothing of it is believed
        got = readAll(folder, run);
        QVERIFY(got.frames.empty());
        QVERIFY(!got.reason.empty());
    }
    void segment_linkOrPipe_isRefusedWithoutWaiting() {
        Sample sample(5, 1 << 20, 30);
        const fs::path moved = sample.folder / "elsewhere";
        fs::rename(sample.file(0), moved);
        fs::create_symlink(moved, sample.file(0));
        QCOMPARE(readAll(sample.folder, sample.run).stop, Stop::Foreign);
        fs::remove(sample.file(0));
        QCOMPARE(::mkfifo(sample.file(0).c_str(), 0600), 0);
        const Taken got = readAll(sample.folder, sample.run);
        QCOMPARE(got.stop, Stop::Foreign);
        QVERIFY(!got.reason.empty());
    }
    void journals_inAFolder_areListedByAttemptAndRank() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        for (const char* name : {"a002-r0000-000000.djl", "a001-r0010-000003.djl", "a001-r0010-000004.djl",
                 "a1-r0-0.djl", "a001-r0000.reserve", "a001-r0002-000000.djl.tmp", "a1000-r0000-000000.djl"})
            save(folder / name, {});
        const std::vector<AttemptRank> expected = {{1, 10}, {2, 0}, {1000, 0}};
        QVERIFY(listJournals(folder) == expected);
        QVERIFY(listJournals(folder / "none").empty());
        QVERIFY((listSegments(folder, {1, 10}) == std::vector<std::uint32_t>{3, 4}));
    }
};

QTEST_GUILESS_MAIN(tst_Reader)
#include "tst_reader.moc"
