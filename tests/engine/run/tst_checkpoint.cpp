// Checkpoints as a stranger, a full disk or a crash may leave them.
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "run/checkpoint.h"

namespace {
bool g_renamesFail = false, g_exchangeFails = false;

bool isCheckpoint(const char* path) {
    const std::string name = std::filesystem::path(path).filename().string();
    return name.size() == 12 && name.find_first_not_of("0123456789") == std::string::npos;
}
}  // namespace

// Take the place of the system's calls in this program: they fail where a test says so.
extern "C" int rename(const char* from, const char* to) noexcept {
    const bool wouldReplace = ::access(to, F_OK) == 0 && isCheckpoint(to);
    const bool comesFromAside = std::filesystem::path(from).filename().string().starts_with(".old-");
    if (g_renamesFail && isCheckpoint(to) && !wouldReplace && !comesFromAside) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
extern "C" int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept {
    if (g_exchangeFails) {
        errno = EINVAL;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}

using namespace dubito;
using namespace dubito::run;

class tst_Checkpoint : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_made = 0;

    fs::path freshJob() {
        const fs::path job = fs::path(m_dir.path().toStdString()) / std::to_string(++m_made);
        if (!makeFolders(job)) qFatal("no scratch folder");
        return job;
    }
    static void put(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
    static Result<CheckpointInfo> save(CheckpointStore& store, std::int64_t step, std::string_view text, int keep = 2) {
        auto folder = store.begin(step);
        if (!folder) return folder.error();
        put(*folder / "model.bin", text);
        return store.commit({"model.bin"}, Json::object(), keep);
    }
    static std::string modelOf(const std::optional<CheckpointInfo>& info) {
        return info ? readFile(info->folder / "model.bin", 1 << 20).operator*() : std::string("none");
    }
    /// Makes a whole checkpoint and then says in its manifest that the item has another name.
    static void rename(const fs::path& folder, const std::string& jsonName) {
        std::string text = *readFile(folder / "manifest.json", 1 << 20);
        text.replace(text.find("model.bin"), 9, jsonName);
        put(folder / "manifest.json", text);
    }

private Q_SLOTS:
    void cleanup() { g_renamesFail = g_exchangeFails = false; }

    void copyItems_appendingToTheExport_leavesTheCheckpointWhole() {
        const fs::path job = freshJob(), out = job / "out";
        CheckpointStore store(job);
        QVERIFY(save(store, 10, "weights"));
        QVERIFY(copyItems(store.newest()->folder, out));
        std::ofstream(out / "model.bin", std::ios::app) << "one line more";
        QCOMPARE(modelOf(store.newest()), std::string("weights"));
        QCOMPARE(*readFile(out / "model.bin", 100), std::string("weightsone line more"));
    }
    void copyItems_filesOutsideTheManifest_stayBehind() {
        const fs::path job = freshJob(), out = job / "out";
        CheckpointStore store(job);
        auto saved = save(store, 10, "weights");
        QVERIFY(saved);
        put(saved->folder / "extra.txt", "not an item");
        fs::create_symlink("/etc/hostname", saved->folder / "leak.txt");
        auto files = copyItems(saved->folder, out);
        QVERIFY(files && files->size() == 1);
        auto there = listFolder(out);
        QVERIFY(there && there->size() == 1 && there->front().filename() == "model.bin");
    }
    void copyItems_itemIsALink_isRefused() {
        const fs::path job = freshJob(), out = job / "out";
        CheckpointStore store(job);
        auto saved = save(store, 10, "weights");
        QVERIFY(saved);
        put(job / "secret", "weights");  // size and hash are as in the manifest
        fs::remove(saved->folder / "model.bin");
        fs::create_symlink(job / "secret", saved->folder / "model.bin");
        QVERIFY(copyItems(saved->folder, out).error().code() == Code::CorruptData);
        std::vector<std::string> skipped;
        QVERIFY(!store.newest(&skipped));
        QCOMPARE(skipped.size(), std::size_t(1));
    }
    void manifest_namesThatLeadElsewhere_areDamaged_data() {
        QTest::addColumn<QString>("name");
        for (const char* name :
            {"../model.bin", "..", ".", "", "a/b", ".profile", "manifest.json", "model.bin\\u0000x"})
            QTest::newRow(*name ? name : "empty") << name;
    }
    void manifest_namesThatLeadElsewhere_areDamaged() {
        QFETCH(QString, name);
        const fs::path job = freshJob();
        CheckpointStore store(job);
        auto saved = save(store, 10, "weights");
        QVERIFY(saved);
        put(job / "checkpoints" / "model.bin", "weights");
        rename(saved->folder, name.toStdString());
        QVERIFY(!store.newest());
        QVERIFY(copyItems(saved->folder, job / "out").error().code() == Code::CorruptData);
    }
    void moveItems_itemWithASecondName_isCopied() {
        const fs::path job = freshJob(), out = job / "out";
        CheckpointStore store(job);
        auto saved = save(store, 10, "weights");
        QVERIFY(saved);
        fs::create_hard_link(saved->folder / "model.bin", job / "other");
        QVERIFY(moveItems(saved->folder, out));
        std::ofstream(out / "model.bin", std::ios::app) << "more";
        QCOMPARE(*readFile(job / "other", 100), std::string("weights"));
        QVERIFY(save(store, 20, "later"));
        QVERIFY(moveItems(store.newest()->folder, out));
        QCOMPARE(*readFile(out / "model.bin", 100), std::string("later"));
        QVERIFY(!fs::exists(job / "checkpoints/000000000020/model.bin"));
    }
    void commit_sameStepAgain_replacesIt_data() {
        QTest::addColumn<bool>("exchangeFails");
        QTest::newRow("exchange") << false;
        QTest::newRow("aside") << true;
    }
    void commit_sameStepAgain_replacesIt() {
        QFETCH(bool, exchangeFails);
        const fs::path job = freshJob();
        CheckpointStore store(job);
        QVERIFY(save(store, 10, "first"));
        g_exchangeFails = exchangeFails;
        QVERIFY(save(store, 10, "second"));
        QCOMPARE(modelOf(store.newest()), std::string("second"));
        QCOMPARE(listFolder(job / "checkpoints")->size(), std::size_t(1));
    }
    void commit_sameStepAgainAndRenameFails_keepsTheOnlyOne() {
        const fs::path job = freshJob();
        CheckpointStore store(job);
        QVERIFY(save(store, 10, "first"));
        g_renamesFail = g_exchangeFails = true;
        QVERIFY(save(store, 10, "second").error().code() == Code::Io);
        QCOMPARE(modelOf(store.newest()), std::string("first"));
        g_renamesFail = g_exchangeFails = false;
        QVERIFY(save(store, 10, "third"));
        QCOMPARE(modelOf(store.newest()), std::string("third"));
    }
    void begin_afterACrashWhileAStepWasSavedAgain_findsTheOneSetAside() {
        const fs::path job = freshJob(), root = job / "checkpoints";
        CheckpointStore store(job);
        QVERIFY(save(store, 10, "first"));
        fs::rename(root / "000000000010", root / ".old-000000000010");
        QCOMPARE(modelOf(store.newest()), std::string("first"));
        QCOMPARE(store.newest()->step, std::int64_t(10));
        QVERIFY(store.begin(20));
        QVERIFY(fs::exists(root / "000000000010"));
        store.abandon();
        QCOMPARE(modelOf(store.newest()), std::string("first"));
    }
    void commit_afterDamagedLaterSteps_keepsTheNewOne() {
        const fs::path job = freshJob();
        CheckpointStore store(job);
        QVERIFY(save(store, 100, "lost") && save(store, 200, "lost"));
        for (const char* step : {"000000000100", "000000000200"})
            put(job / "checkpoints" / step / "model.bin", "damaged");
        QVERIFY(!store.newest());
        QVERIFY(save(store, 50, "afresh"));
        QCOMPARE(modelOf(store.newest()), std::string("afresh"));
    }
    void commit_many_keepsTheNewest() {
        const fs::path job = freshJob();
        CheckpointStore store(job);
        for (int step = 1; step <= 5; ++step) QVERIFY(save(store, step, std::to_string(step)));
        auto kept = listFolder(job / "checkpoints");
        QVERIFY(kept && kept->size() == 2);
        QCOMPARE(modelOf(store.newest()), std::string("5"));
        QVERIFY(store.commit({}, Json::object()).error().code() == Code::WrongState);
        QVERIFY(store.begin(6) && store.commit({"../x"}, Json::object()).error().code() == Code::InvalidArgument);
        QVERIFY(store.begin(6) && store.commit({"none"}, Json::object()).error().code() == Code::NotFound);
        QCOMPARE(listFolder(job / "checkpoints")->size(), std::size_t(2));
    }
    void begin_checkpointsIsALink_isRefusedAndRemovesNothingThere() {
        const fs::path job = freshJob(), elsewhere = freshJob();
        put(elsewhere / ".tmp-precious", "precious");
        fs::create_directory_symlink(elsewhere, job / "checkpoints");
        CheckpointStore store(job);
        QVERIFY(store.begin(10).error().code() == Code::Refused);
        QVERIFY(fs::exists(elsewhere / ".tmp-precious"));
        QVERIFY(!store.newest());
    }
};

QTEST_GUILESS_MAIN(tst_Checkpoint)
#include "tst_checkpoint.moc"
