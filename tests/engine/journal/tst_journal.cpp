// Golden bytes of frames, and readers facing torn, flipped and growing files.
#include <QTemporaryDir>
#include <QTest>

#include "base/hash.h"
#include "journal/array_block.h"
#include "journal_tools.h"

using namespace dubito;
using namespace dubito::journal;
using journal_tools::load;
using journal_tools::save;

class tst_Journal : public QObject {
    Q_OBJECT
    struct Contents {
        std::vector<std::uint64_t> sequences;
        std::vector<Bytes> payloads;
        int gaps = 0;
        JournalReader::Stop stop{};
    };
    static Contents readAll(const fs::path& folder, Uuid run, bool ended) {
        JournalReader reader(folder, run, 1, 0);
        Contents out;
        for (;;) {
            out.stop = reader.poll(
                ended, 1 << 20,
                [&](const JournalReader::Delivery& frame) {
                    out.sequences.push_back(frame.header.sequence);
                    out.payloads.emplace_back(frame.payload.begin(), frame.payload.end());
                },
                [&](const Gap&) { ++out.gaps; });
            if (out.stop != JournalReader::Stop::Budget) return out;
        }
    }
private Q_SLOTS:
    void frame_scalarGroup_isGolden() {
        Bytes payload, frame;
        const std::uint32_t series[] = {3};
        const double values[] = {0.5};
        encodeScalarGroup(payload, 7, series, values);
        appendFrame(frame, RecordType::ScalarGroup, 1, 1'000'000, payload);
        QCOMPARE(hexText(frame), std::string("444a463120000000"
                                             "21000000cc0cf986"
                                             "0100000000000000"
                                             "40420f0000000000"
                                             "200000004a4a9d97"
                                             "0700000000000000"
                                             "0100000000000000"
                                             "0300000000000000"
                                             "000000000000e03f"));
        Bytes empty;
        appendFrame(empty, RecordType::Begin, 0, 0, {});
        QCOMPARE(hexText(ByteSpan(empty).subspan(36, 4)), std::string("344b3e11"));
    }
    void arrayBlock_allKinds_roundTrips() {
        const std::vector<float> floats = {1, 2, 3, 4, 5, 6};
        const std::string text = "abcdef";
        const std::vector<std::int64_t> ends = {0, 2, 2, 6};
        const Array arrays[] = {{"weights", "nats", kF32, {2, 3}, Array::Role::Values,
                                    {reinterpret_cast<const std::uint8_t*>(floats.data()), 24}},
            {"names", "", kU8, {6}, Array::Role::Values, asBytes(text)},
            {"names", "", kI64, {4}, Array::Role::Offsets, {reinterpret_cast<const std::uint8_t*>(ends.data()), 32}}};
        Bytes block;
        encodeArrayBlock(block, arrays);
        auto back = decodeArrayBlock(block);
        QVERIFY(back);
        QCOMPARE((*back)[0].name, std::string("weights"));
        QCOMPARE((*back)[0].unit, std::string("nats"));
        QCOMPARE((*back)[0].as<float>()[5], 6.0f);
        auto texts = textColumn((*back)[1], (*back)[2]);
        QVERIFY(texts);
        QCOMPARE(texts->at(0), std::string("ab"));
        QCOMPARE(texts->at(2), std::string("cdef"));
    }
    void writer_manySegments_readBackInOrder() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        JournalWriter::Options options;
        options.segmentBytes = 20'000;
        auto writer = JournalWriter::create(folder, {run, 1, 0, 0, 0}, options);
        QVERIFY(writer);
        Bytes big(6000, 7);
        for (int i = 0; i < 2000; ++i)
            QVERIFY((*writer)->append(
                RecordType::Log, i % 50 ? ByteSpan(big).first(static_cast<std::size_t>(i % 200) + 4) : ByteSpan(big)));
        QVERIFY((*writer)->close());
        const Contents all = readAll(folder, run, true);
        QCOMPARE(all.payloads.size(), std::size_t(2000));
        QCOMPARE(all.gaps, 0);
        QVERIFY(fs::exists(segmentPath(folder, 1, 0, 3)));
    }
    void reader_everyTruncation_deliversAPrefix() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = JournalWriter::create(folder, {run, 1, 0, 0, 0});
        QVERIFY(writer);
        for (int i = 0; i < 40; ++i) QVERIFY((*writer)->append(RecordType::Log, asBytes("line " + std::to_string(i))));
        QVERIFY((*writer)->close());
        const fs::path file = segmentPath(folder, 1, 0, 0);
        const Bytes whole = load(file);
        const Contents all = readAll(folder, run, true);
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            save(file, ByteSpan(whole).first(length));
            const Contents cut = readAll(folder, run, true);
            QVERIFY(cut.payloads.size() <= all.payloads.size());
            for (std::size_t i = 0; i < cut.payloads.size(); ++i) QVERIFY(cut.payloads[i] == all.payloads[i]);
            QCOMPARE(cut.gaps, 0);
        }
    }
    void reader_everyByteFlipped_inventsNothing() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        auto writer = JournalWriter::create(folder, {run, 1, 0, 0, 0});
        QVERIFY(writer);
        for (int i = 0; i < 12; ++i)
            QVERIFY((*writer)->append(RecordType::Log, asBytes("line number " + std::to_string(i))));
        QVERIFY((*writer)->close());
        const fs::path file = segmentPath(folder, 1, 0, 0);
        const Bytes whole = load(file);
        const Contents all = readAll(folder, run, true);
        for (std::size_t at = 0; at < whole.size(); ++at) {
            Bytes bad = whole;
            bad[at] ^= 0x41;
            save(file, bad);
            const Contents got = readAll(folder, run, true);
            for (std::size_t i = 0; i < got.sequences.size(); ++i)
                QVERIFY(got.payloads[i] == all.payloads[got.sequences[i]]);
            QVERIFY(got.sequences.size() + 1 >= all.sequences.size() || at < kFileHeaderBytes);
        }
    }
    void reader_growingFile_waitsForWholeFrames() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        Bytes file;
        appendFileHeader(file, {run, 1, 0, 0, 5});
        Bytes frame;
        appendFrame(frame, RecordType::Log, 0, 9, asBytes(std::string_view("\2\0\0\0hello", 9)));
        JournalReader reader(folder, run, 1, 0);
        int delivered = 0;
        const auto take = [&](const JournalReader::Delivery&) { ++delivered; };
        for (std::size_t n = 0; n <= frame.size(); ++n) {
            Bytes part = file;
            append(part, ByteSpan(frame).first(n));
            save(segmentPath(folder, 1, 0, 0), part);
            QVERIFY(reader.poll(false, 1 << 20, take, [](const Gap&) {}) == JournalReader::Stop::Waiting);
            QCOMPARE(delivered, n >= kFrameHeaderBytes + 9 ? 1 : 0);
        }
    }
    void reader_foreignRun_isRefused() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        Bytes file;
        appendFileHeader(file, {makeUuid(), 1, 0, 0, 5});
        save(segmentPath(folder, 1, 0, 0), file);
        QVERIFY(readAll(folder, makeUuid(), true).stop == JournalReader::Stop::Foreign);
    }
};

QTEST_GUILESS_MAIN(tst_Journal)
#include "tst_journal.moc"
