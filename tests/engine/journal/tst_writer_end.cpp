// How recording ends when it does not end well: full disks, file limits and crashes, each in a child process.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <QTemporaryDir>
#include <QTest>

#include "base/json.h"
#include "host/crash_note.h"
#include "journal_tools.h"

using namespace journal_tools;
using namespace std::chrono_literals;
using Stop = JournalReader::Stop;

namespace {

/// In a child with an empty disk of its own at `mount`. @return the body's result; 77 when the system forbids it
template <class Body>
int onSmallDisk(const fs::path& mount, const std::string& options, Body body) {
    return inChild([&] {
        if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, options.c_str()) != 0) return 77;
        return body();
    });
}

/// Records "0 ...", "1 ..." of so many bytes until the writer refuses; nothing may be queued for ever. @return why
Error sayUntilRefused(JournalWriter& writer, std::size_t bytes) {
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        auto said = writer.append(RecordType::Log, logPayload(std::to_string(i) + " " + noise(bytes, i)));
        if (!said) return said.error();
        if (auto flushed = i % 50 == 49 ? writer.flush() : Result<void>(); !flushed) return flushed.error();
    }
    return Error(Code::Internal, "never refused");
}

/// They are there without a hole, from the first on.
bool areCounted(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (texts[i].substr(0, texts[i].find(' ')) != std::to_string(i)) return false;
    return true;
}

int copyOut(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
    return error ? 1 : 0;
}

/// Bytes that cannot be read: a plugin's bad pointer.
ByteSpan unreadable() {
    void* page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return {static_cast<const std::uint8_t*>(page), 4096};
}

}  // namespace

class tst_WriterEnd : public QObject {
    Q_OBJECT
private Q_SLOTS:
#ifdef __SANITIZE_THREAD__
    void init() {
        const QByteArray name = QTest::currentTestFunction();
        for (const char* kind : {"disk_", "file_", "crash_"})
            if (name.startsWith(kind)) QSKIP("ThreadSanitizer cannot follow the threads of a forked child");
    }
#endif
    void disk_fullForGood_endsWithAReasonAndNoTornFrame() {
        QTemporaryDir dir, copy;
        const fs::path mount = dir.path().toStdString(), out = copy.path().toStdString();
        const Uuid run = makeUuid();
        const int status = onSmallDisk(mount, "size=2m", [&] {
            JournalWriter::Options options;
            options.retryFullDisk = 200ms;
            options.retryEvery = 20ms;
            auto writer = make(mount / "journal", run, options);
            const Error refusal = sayUntilRefused(*writer, 3000);
            if (refusal.code() != Code::Io || !writer->diskFailed()) return 3;
            const std::string words = writer->diskProblem();
            for (const std::string& part :
                {std::string("No space left on device"), std::string("Make room"), (mount / "journal").string()})
                if (words.find(part) == std::string::npos) return 4;
            if (words != refusal.message() || writer->flush() || writer->sync()) return 5;
            if (!writer->finish(asBytes(R"({"status":"done","steps":7})"))) return 6;
            return copyOut(mount / "journal", out);
        });
        if (status == 77 << 8) QSKIP("no mount of its own is allowed here");
        QCOMPARE(status, 0);
        QVERIFY(!fs::exists(out / "a001-r0000.reserve"));
        const Taken got = readAll(out, run);
        QCOMPARE(got.stop, Stop::Waiting);  // no torn tail
        QCOMPARE(got.frames.back().type, RecordType::End);
        const auto end = parseJson(asText(got.frames.back().payload));
        QCOMPARE(textOr(*end, "status", ""), std::string("failed"));
        QCOMPARE(textOr(*end, "cause", ""), std::string("disk"));
        QCOMPARE(integerOr(*end, "steps", 0), std::int64_t(7));
        QVERIFY(textOr(*end, "message", "").find("No space left on device") != std::string::npos);
        const auto texts = got.texts();
        QVERIFY(texts.size() > 300);  // a disk of 2 MiB, and the reserve was used as well
        QVERIFY(areCounted(texts));
        QVERIFY(got.gaps.size() <= 1);
    }
    void disk_fullForAWhile_losesNothingAndNotesIt() {
        QTemporaryDir dir, copy;
        const fs::path mount = dir.path().toStdString(), out = copy.path().toStdString();
        const Uuid run = makeUuid();
        const int status = onSmallDisk(mount, "size=4m", [&] {
            JournalWriter::Options options;
            options.retryEvery = 10ms;
            options.retryFullDisk = 100s;
            options.segmentBytes = 300'000;
            auto writer = make(mount / "journal", run, options);
            const fs::path ballast = mount / "ballast";
            save(ballast, Bytes(2'500'000, 1));
            std::thread helper([&] {
                while (!writer->isDiskFull()) std::this_thread::sleep_for(1ms);
                fs::remove(ballast);
            });
            for (std::uint64_t i = 0; i < 600; ++i)
                if (!writer->append(RecordType::Log, logPayload(std::to_string(i) + " " + noise(3000, i)))) ::_exit(2);
            helper.join();
            if (!writer->finish(asBytes(R"({"status":"done"})")) || writer->diskFailed()) return 3;
            return copyOut(mount / "journal", out);
        });
        if (status == 77 << 8) QSKIP("no mount of its own is allowed here");
        QCOMPARE(status, 0);
        const Taken got = readAll(out, run);
        QCOMPARE(got.texts().size(), std::size_t(600));
        QVERIFY(got.gaps.empty());
        const Frame* note = got.last(RecordType::IoNote);
        QVERIFY(note);
        QVERIFY(integerOr(*parseJson(asText(note->payload)), "backpressure_ms", 0) > 0);
        QCOMPARE(textOr(*parseJson(asText(got.frames.back().payload)), "status", ""), std::string("done"));
    }
    void disk_withoutRoomForAnotherFile_keepsEverythingAndEnds() {
        QTemporaryDir dir, copy;
        const fs::path mount = dir.path().toStdString(), out = copy.path().toStdString();
        const Uuid run = makeUuid();
        // Files the disk can have: root, folder, reserve and two segments.
        const int status = onSmallDisk(mount, "size=8m,nr_inodes=5", [&] {
            JournalWriter::Options options;
            options.retryFullDisk = 200ms;
            options.retryEvery = 20ms;
            options.segmentBytes = 20'000;
            auto writer = make(mount / "journal", run, options);
            if (sayUntilRefused(*writer, 10).code() != Code::Io || !writer->diskFailed()) return 2;
            if (!writer->finish(asBytes("{}"))) return 3;
            return copyOut(mount / "journal", out);
        });
        if (status == 77 << 8) QSKIP("no mount of its own is allowed here");
        QCOMPARE(status, 0);
        const Taken got = readAll(out, run);
        QCOMPARE(got.frames.back().type, RecordType::End);
        const auto texts = got.texts();
        QVERIFY(texts.size() > 500);  // the two segments, and the third in place of the reserve
        QVERIFY(areCounted(texts));
        QVERIFY(got.gaps.size() <= 1);
        QCOMPARE(got.stop, Stop::Waiting);
    }
    void file_atItsOwnLimit_endsInTheNextSegment() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        const int status = inChild([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{200'000, 200'000};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            JournalWriter::Options options;
            options.retryFullDisk = 200ms;
            options.retryEvery = 20ms;
            options.reserveBytes = 100'000;
            auto writer = make(folder, run, options);
            if (sayUntilRefused(*writer, 1000).code() != Code::Io) return 1;
            if (writer->diskProblem().find("File too large") == std::string::npos) return 2;
            return writer->finish(asBytes(R"({"status":"failed","cause":"disk","message":"mine"})")) ? 0 : 3;
        });
        QCOMPARE(status, 0);
        const Taken got = readAll(folder, run);
        QCOMPARE(got.frames.back().type, RecordType::End);
        QCOMPARE(textOr(*parseJson(asText(got.frames.back().payload)), "message", ""), std::string("mine"));
        QVERIFY(got.texts().size() > 150 && areCounted(got.texts()));
        QCOMPARE(got.gaps.size(), std::size_t(1));  // what did not fit any more
        QCOMPARE(got.stop, Stop::Waiting);
    }
    void crash_outsideTheWriter_losesNothingAndLeavesANote() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString(), note = folder / "note.txt";
        const Uuid run = makeUuid();
        host::CallState state;
        state.call = "step";
        state.step = 12;
        const int status = inChild([&] {
            JournalWriter::Options options;
            options.flushEvery = kNever;
            options.segmentBytes = 20'000;
            auto writer = make(folder, run, options);
            host::installCrashNote(note, writer.get(), &state);
            const std::uint32_t series[] = {0};
            for (int i = 0; i < 3000; ++i) {
                const double value[] = {double(i)};
                if (!writer->scalars(i, series, value)) return 1;
                if (i % 10 == 0 && !writer->append(RecordType::Log, logPayload(std::to_string(i)))) return 2;
            }
            if (!writer->progress({2999, 0, "", ""})) return 3;
            return static_cast<int>(unreadable()[0]);
        });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGSEGV);
        const Taken got = readAll(folder, run);
        QCOMPARE(got.points.at(0).size(), std::size_t(3000));
        QCOMPARE(got.texts().size(), std::size_t(300));
        QVERIFY(got.last(RecordType::Progress));
        QVERIFY(got.gaps.empty() && got.stop == Stop::Waiting);
        const auto words = readFile(note, 1 << 20);
        QVERIFY(words && words->starts_with("SIGSEGV at address 0x") && words->find(" in step, step 12\n") < 60);
    }
    void crash_withTheLockHeld_losesOnlyTheRecordInTheMaking() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        host::CallState state;
        const int status = inChild([&] {
            JournalWriter::Options options;
            options.flushEvery = kNever;
            auto writer = make(folder, run, options);
            host::installCrashNote(folder / "note.txt", writer.get(), &state);
            const std::uint32_t series[] = {0, 1};
            const double values[] = {1, 2};
            for (int i = 0; i < 50; ++i) {
                if (!writer->append(RecordType::Log, logPayload(std::to_string(i)))) return 1;
                if (!writer->scalars(i, series, values)) return 2;
            }
            // Read while the lock is held: the values of a group whose numbers are good.
            const ByteSpan bad = unreadable();
            (void)writer->scalars(50, series, {reinterpret_cast<const double*>(bad.data()), 2});
            return 3;
        });
        QVERIFY(WIFSIGNALED(status));
        const Taken got = readAll(folder, run);
        QCOMPARE(got.texts().size(), std::size_t(50));
        QCOMPARE(got.points.at(0).size(), std::size_t(50));
        QCOMPARE(got.points.at(1).size(), std::size_t(50));
        QVERIFY(got.gaps.empty() && got.stop == Stop::Waiting);
    }
    void crash_withASealedChunkWaiting_writesNothingBehindTheSegmentEnd() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        host::CallState state;
        const int status = inChild([&] {
            JournalWriter::Options options;
            options.flushEvery = kNever;
            options.segmentBytes = 20'000;
            auto writer = make(folder, run, options);
            host::installCrashNote(folder / "note.txt", writer.get(), &state);
            for (int i = 0; i < 1000; ++i)
                if (!writer->append(RecordType::Log, logPayload(std::to_string(i)))) return 1;
            (void)writer->append(RecordType::Log, unreadable());
            return 2;
        });
        QVERIFY(WIFSIGNALED(status));
        const Taken got = readAll(folder, run);
        const auto texts = got.texts();
        QVERIFY(texts.size() > 300);
        QVERIFY(areCounted(texts));
        const Bytes first = load(segmentPath(folder, 1, 0, 0));
        const auto end = parseFrameHeader(ByteSpan(first).last(48));
        QVERIFY(end && end->type == RecordType::SegmentEnd);
    }
    void crash_ofTheIoThread_losesNothing() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        host::CallState state;
        const int status = inChild([&] {
            JournalWriter::Options options;
            options.flushEvery = kNever;
            std::atomic<bool> isSaid{false};
            options.heartbeat = [&]() -> Heartbeat {
                if (isSaid) ::abort();
                return {};
            };
            auto writer = make(folder, run, options);
            host::installCrashNote(folder / "note.txt", writer.get(), &state);
            const std::uint32_t series[] = {0};
            const double value[] = {1};
            for (int i = 0; i < 40; ++i)
                if (!writer->append(RecordType::Log, logPayload("x")) || !writer->scalars(i, series, value)) return 1;
            isSaid = true;
            for (;;) ::pause();
            return 2;
        });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
        const Taken got = readAll(folder, run);
        QCOMPARE(got.texts().size(), std::size_t(40));
        QCOMPARE(got.points.at(0).size(), std::size_t(40));
        QVERIFY(got.gaps.empty() && got.stop == Stop::Waiting);
    }
    void crash_ofAnotherThread_keepsWhatPublishersWereToldIsSaid() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        host::CallState state;
        Shared* const page = shared();
        const int status = inChild([&] {
            auto writer = make(folder, run);
            host::installCrashNote(folder / "note.txt", writer.get(), &state);
            std::thread([&] {
                while (page->said < 20'000) std::this_thread::yield();
                ::abort();
            }).detach();
            const std::uint32_t series[] = {0};
            for (std::int64_t i = 0;; ++i) {
                const double value[] = {double(i)};
                if (writer->scalars(i, series, value)) page->said = i + 1;
                else ::pause();
            }
            return 1;
        });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
        const Taken got = readAll(folder, run);
        const auto& points = got.points.at(0);
        QVERIFY(static_cast<std::int64_t>(points.size()) >= page->said);
        for (std::size_t i = 0; i < points.size(); ++i) QCOMPARE(points[i].step, static_cast<std::int64_t>(i));
        QVERIFY(got.gaps.empty());
    }
};

QTEST_GUILESS_MAIN(tst_WriterEnd)
#include "tst_writer_end.moc"
