// Files that appear whole, reads that never follow a stranger's link, homes that are never shared.
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/files.h"

using namespace dubito;

class tst_Files : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    fs::path folder(const char* name) {
        const fs::path made = fs::path(m_dir.path().toStdString()) / name;
        if (!makeFolders(made)) qFatal("no scratch folder");
        return made;
    }
    static void put(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
private Q_SLOTS:
    void atomicFile_oneNameManyThreads_isAlwaysOneOfTheWholeTexts() {
        const fs::path file = folder("threads") / "state.json";
        std::atomic<int> failed{0};
        std::vector<std::thread> writers;
        for (int t = 0; t < 8; ++t)
            writers.emplace_back([&, t] {
                for (int i = 0; i < 20; ++i)
                    failed += !writeFileAtomic(file, std::string(4096, static_cast<char>('a' + t)));
            });
        for (auto& writer : writers) writer.join();
        QCOMPARE(failed.load(), 0);
        auto text = readFile(file, 1 << 20);
        QVERIFY(text && text->size() == 4096);
        QVERIFY(text->find_first_not_of((*text)[0]) == std::string::npos);
        QCOMPARE(listFolder(file.parent_path())->size(), std::size_t(1));  // no temporary stays
    }
    void atomicFile_linkLaidAtTheTemporaryName_isNotWrittenThrough() {
        const fs::path root = folder("trap"), precious = root / "precious.txt", file = root / "state.json";
        put(precious, "precious");
        fs::create_symlink(precious, root / fmt::format("state.json.tmp-{}", ::getpid()));
        for (int i = 0; i < 500; ++i) {  // names that the next writers would take
            std::error_code error;
            fs::create_symlink(precious, root / fmt::format("state.json.tmp-{}-{}", ::getpid(), i), error);
        }
        QVERIFY(writeFileAtomic(file, "new"));
        QCOMPARE(*readFile(precious, 100), std::string("precious"));
        QCOMPARE(*readFile(file, 100), std::string("new"));
    }
    void atomicFile_withoutCommit_leavesNothing() {
        const fs::path root = folder("dropped");
        { QVERIFY(AtomicFile::create(root / "a")->write(asBytes("half"))); }
        QVERIFY(listFolder(root)->empty());
    }
    void atomicFile_modes_areLessTheUmask() {
        const fs::path root = folder("modes");
        const mode_t before = ::umask(0077);
        const bool written =
            bool(writeFileAtomic(root / "own", "x")) && bool(writeFileAtomic(root / "fixed", "x", 0444));
        ::umask(before);
        QVERIFY(written);
        QCOMPARE(static_cast<int>(fs::status(root / "own").permissions()), 0600);
        QCOMPARE(static_cast<int>(fs::status(root / "fixed").permissions()), 0400);
    }
    void atomicFile_append_copiesTheWholeSourceIntoAFileOfItsOwn() {
        const fs::path root = folder("copies");
        std::string text;
        for (int i = 0; i < 300'000; ++i) text += static_cast<char>(i % 251);
        put(root / "from", text);
        auto source = openPlainFile(root / "from");
        auto file = AtomicFile::create(root / "to");
        QVERIFY(source && file && file->append(*source) && file->write(asBytes("end")) && file->commit());
        QCOMPARE(*readFile(root / "to", 1 << 20), text + "end");
        QCOMPARE(*readFile(root / "from", 1 << 20), text);
    }
    void readPlainFile_linkPipeFolder_areRefusedAtOnce() {
        const fs::path root = folder("plain");
        put(root / "file", "text");
        fs::create_symlink(root / "file", root / "link");
        QCOMPARE(::mkfifo((root / "pipe").c_str(), 0600), 0);
        QCOMPARE(*readPlainFile(root / "file", 100), std::string("text"));
        for (const char* name : {"link", "pipe", "."})
            QVERIFY(readPlainFile(root / name, 100).error().code() == Code::Refused);
        QVERIFY(readPlainFile(root / "none", 100).error().code() == Code::NotFound);
        QVERIFY(readPlainFile(root / "file", 3).error().code() == Code::Limit);
    }
    void readTail_largeFile_givesItsEndFromAWholeCharacter() {
        const fs::path file = folder("tail") / "log";
        std::string text;
        for (int i = 0; i < 400'000; ++i) text += "\xC3\xA9";  // two bytes a character
        put(file, text);
        QCOMPARE(*readTail(file, 1 << 20), text);
        QCOMPARE(*readTail(file, 101), text.substr(0, 100));
        QCOMPARE(*readTail(file, 0), std::string());
    }
    void listFolder_unreadable_isAnErrorAndNoException() {
        const fs::path root = folder("list");
        for (const char* name : {"b", "a", ".c"}) put(root / name, "");
        auto list = listFolder(root);
        QVERIFY(list && list->size() == 3 && list->front().filename() == ".c" && list->back().filename() == "b");
        QVERIFY(listFolder(root / "none").error().code() == Code::NotFound);
        QVERIFY(listFolder(root / "a").error().code() == Code::Io);
        QVERIFY(syncFolder(root) && !syncFolder(root / "none"));
    }
    void homes_withoutHome_areOfThePasswdEntryAndNeverShared() {
        const passwd* entry = ::getpwuid(::getuid());
        const QByteArray home = qgetenv("HOME"), data = qgetenv("XDG_DATA_HOME");
        qunsetenv("XDG_DATA_HOME");
        for (const char* wrong : {"", "relative"}) {
            qputenv("HOME", wrong);
            if (!*wrong) qunsetenv("HOME");
            const fs::path found = dataHome();
            if (entry && entry->pw_dir[0] == '/') QCOMPARE(found, fs::path(entry->pw_dir) / ".local/share/dubito");
            else QVERIFY(!makeFolders(found));
        }
        qputenv("HOME", home);
        qputenv("XDG_DATA_HOME", data);
    }
    void numberedParts_names_areSplitAsTheFormatsWriteThem() {
        const auto count = [](const char* name) { return numberedParts(fs::path("/models") / name).size(); };
        QCOMPARE(count("model-00002-of-00003.safetensors"), std::size_t(3));
        QCOMPARE(numberedParts("/models/m-00002-of-00003.gguf")[0], fs::path("/models/m-00001-of-00003.gguf"));
        for (const char* other : {"model.gguf", "m-00001-of-00003", "m-0001-of-0003.gguf", "m-00001-of-00000.gguf",
                 "m-00001-of-01001.gguf", "m_00001-of-00003.gguf", "m-00001-to-00003.gguf", "m-00001-of-00003.GGUF",
                 "m-00001-of-00003.", "m-0000a-of-00003.gguf"})
            QCOMPARE(count(other), std::size_t(1));
        QCOMPARE(count(("x" + std::string(200'000, 'y') + "-00001-of-00002.bin").c_str()), std::size_t(2));
        QCOMPARE(count("-00001-of-00002.bin"), std::size_t(2));
    }
};

QTEST_GUILESS_MAIN(tst_Files)
#include "tst_files.moc"
