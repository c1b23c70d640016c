// Inputs by content: hashed once, never wrongly, checked before a run, found again for its repetition.
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "run/input_cache.h"
#include "run/run_spec.h"

using namespace dubito;
using namespace dubito::run;

class tst_Inputs : public QObject {
    Q_OBJECT
    // FIPS 180-4, "abc".
    static constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    QTemporaryDir m_dir;
    int m_made = 0;

    fs::path freshFolder() {
        const fs::path made = fs::path(m_dir.path().toStdString()) / std::to_string(++m_made);
        if (!makeFolders(made)) qFatal("no scratch folder");
        return made;
    }
    static void put(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
    static std::string hashText(const fs::path& file) {
        auto hash = hashOf(file);
        return hash ? hexText(*hash) : hash.error().text();
    }
    /// Bytes that this process has read by calls; nothing where the kernel does not count.
    static std::optional<std::int64_t> bytesRead() {
        auto text = readFile("/proc/self/io", 4096);
        if (!text || !text->starts_with("rchar: ")) return std::nullopt;
        return std::atoll(text->c_str() + 7);
    }
    static std::int64_t bytesReadBy(const std::function<void()>& body) {
        const auto before = bytesRead();
        body();
        return *bytesRead() - *before;
    }
    /// Hashes until the hash is remembered: a file that was just written is not.
    static bool waitKnown(const fs::path& file, std::int64_t bytes) {
        for (int i = 0; i < 1200; ++i) {
            if (bytesReadBy([&] { (void)hashOf(file); }) < bytes) return true;
            QTest::qWait(50);
        }
        return false;
    }
    static PluginDescription plugin() {
        PluginDescription out;
        out.id = "org.example.reader";
        out.version = "1.0.0";
        out.parameters =
            Json::parse(R"({"type":"object","properties":{"file":{"type":"string","default":"","maxLength":4096},)"
                        R"("n":{"type":"integer","default":1}}})");
        out.inputs = {{"text", "data", "a text", "/file", false}};
        return out;
    }
    static Result<FrozenRun> frozen(const fs::path& file) {
        RunDraft draft;
        draft.threads = 1;
        draft.parameters["file"] = file.string();
        return freeze(draft, plugin());
    }

private Q_SLOTS:
    void init() { qputenv("XDG_CACHE_HOME", freshFolder().string().c_str()); }

    void contentOf_eachKind_isGolden() {
        const fs::path root = freshFolder();
        put(root / "a", "abc");
        QCOMPARE(hashText(root / "a"), std::string(kAbc));
        auto one = contentOf(root / "a", "data");
        QVERIFY(one && hexText(one->sha) == kAbc && one->bytes == 3);
        // sha256sum of the lines NAME, a zero byte, sha256sum of the content.
        put(root / "model-00001-of-00002.gguf", "abc");
        put(root / "model-00002-of-00002.gguf", "");
        auto parts = contentOf(root / "model-00002-of-00002.gguf", "model");
        QVERIFY(parts && parts->bytes == 3);
        QCOMPARE(hexText(parts->sha), std::string("d255bc41515339dabe9c3f063dcbbaca87c1ee099f4a255620a0ccdda326050d"));
        const fs::path folder = freshFolder();
        put(folder / "config.json", "{}");
        put(folder / "model.safetensors", "abc");
        put(folder / "README.md", "does not count");
        auto model = contentOf(folder, "model");
        QVERIFY(model && model->bytes == 5);
        QCOMPARE(hexText(model->sha), std::string("46666a0c132fcb85ad8cdcf3c0b6e23f7d3a76f42e8e2571477703eb15ab8cbe"));
        QVERIFY(contentOf(folder, "data").error().code() == Code::NotFound);
        QVERIFY(contentOf(root / "none", "data").error().code() == Code::NotFound);
        QVERIFY(contentOf(freshFolder(), "model").error().code() == Code::NotFound);
    }
    void freeze_manyRunsOnOneModel_hashItOnce() {
        if (!bytesRead()) QSKIP("the kernel does not count what a process reads");
        const fs::path file = freshFolder() / "big";
        const std::int64_t bytes = 8 << 20;
        put(file, std::string(static_cast<std::size_t>(bytes), 'x'));
        QVERIFY(waitKnown(file, bytes));
        int failed = 0;
        const auto read = bytesReadBy([&] {
            for (int i = 0; i < 200; ++i) failed += !frozen(file);
        });
        QCOMPARE(failed, 0);
        QVERIFY2(read < bytes, qPrintable(QString::number(read)));
    }
    void hashOf_changedFileWithItsOldSizeAndTime_isReadAgain() {
        if (!bytesRead()) QSKIP("the kernel does not count what a process reads");
        const fs::path file = freshFolder() / "data";
        put(file, std::string(1 << 20, 'x'));
        QVERIFY(waitKnown(file, 1 << 20));
        const std::string before = hashText(file);
        struct stat facts {};
        QCOMPARE(::stat(file.c_str(), &facts), 0);
        put(file, std::string(1 << 20, 'y'));
        const timespec times[2] = {facts.st_atim, facts.st_mtim};
        QCOMPARE(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
        QCOMPARE(hashText(file), hexText(sha256(asBytes(std::string(1 << 20, 'y')))));
        QVERIFY(hashText(file) != before);
    }
    void hashOf_spoiledCache_givesTheRightHashes() {
        if (!bytesRead()) QSKIP("the kernel does not count what a process reads");
        const fs::path root = freshFolder(), a = root / "a", b = root / "b";
        put(a, std::string(1 << 20, 'a'));
        put(b, std::string(1 << 20, 'b'));
        const std::string hashA = hashText(a), hashB = hashText(b);
        QVERIFY(waitKnown(a, 1 << 20) && waitKnown(b, 1 << 20));
        QVERIFY(contentOf(a, "data") && contentOf(b, "data"));
        const auto entries = listFolder(cacheHome() / "inputs");
        QVERIFY(entries && entries->size() == 4);
        std::vector<std::string> texts;
        for (const auto& entry : *entries) texts.push_back(*readFile(entry, 1 << 20));
        const auto check = [&] { return hashText(a) == hashA && hashText(b) == hashB; };
        for (std::size_t i = 0; i < entries->size(); ++i) {
            const auto& entry = (*entries)[i];
            put(entry, texts[(i + 1) % texts.size()]);  // another's entry, whole
            QVERIFY(check());
            put(entry, texts[i].substr(0, texts[i].size() / 2));
            QVERIFY(check());
            std::string flipped = texts[i];
            flipped[flipped.size() / 2] ^= 1;
            put(entry, flipped);
            QVERIFY(check());
            fs::remove(entry);
            fs::create_symlink("/dev/zero", entry);
            QVERIFY(check());
            (void)locate(sha256(asBytes(std::string(1 << 20, 'a'))), "data");
        }
        // No cache at all.
        qputenv("XDG_CACHE_HOME", "/dev/null");
        QVERIFY(check() && frozen(a));
    }
    void verifyInputs_changedFile_isRefusedWithBothHashes() {
        const fs::path file = freshFolder() / "data.txt";
        put(file, "abc");
        auto run = frozen(file);
        QVERIFY(run && verifyInputs(run->spec, run->assetPaths));
        put(file, "");
        auto refused = verifyInputs(run->spec, run->assetPaths);
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        for (const std::string& part : {std::string("\"text\""), std::string(kAbc), std::string(kEmpty), file.string()})
            QVERIFY2(refused.error().text().find(part) != std::string::npos, refused.error().text().c_str());
        fs::remove(file);
        refused = verifyInputs(run->spec, run->assetPaths);
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        QVERIFY(refused.error().text().find(kAbc) != std::string::npos);
        QVERIFY(verifyInputs(run->spec, {}).error().code() == Code::Refused);
    }
    void locate_movedChangedRestored_isWhereTheContentIs() {
        const fs::path root = freshFolder(), first = root / "first", second = root / "second";
        put(first, "abc");
        put(second, "abc");
        auto content = contentOf(first, "data");
        QVERIFY(content && contentOf(second, "data"));
        QCOMPARE(*locate(content->sha, "data"), second);  // the newest place
        put(second, "another");
        QCOMPARE(*locate(content->sha, "data"), first);
        put(first, "xyz");  // the same size
        QVERIFY(!locate(content->sha, "data"));
        put(second, "abc");
        QCOMPARE(*locate(content->sha, "data"), second);
        QVERIFY(!locate(sha256({}), "data"));
    }
    void freeze_specOfARun_repeatsItByContent() {
        const fs::path file = freshFolder() / "data.txt";
        put(file, "abc");
        auto first = frozen(file);
        QVERIFY(first);
        QCOMPARE(textOr(first->spec.parameters(), "file", ""), std::string("data.txt"));
        auto draft = draftFromJson(first->spec.text());
        QVERIFY(draft);
        QCOMPARE(draft->inputs.at("text"), std::string(kAbc));
        auto again = freeze(*draft, plugin());
        QVERIFY2(again, again ? "" : again.error().text().c_str());
        QCOMPARE(again->assetPaths.at("text"), file.string());
        QCOMPARE(again->spec.text(), first->spec.text());
        // A copy under another name is the same run.
        const fs::path copy = freshFolder() / "renamed.txt";
        fs::rename(file, copy);
        QVERIFY(contentOf(copy, "data"));
        again = freeze(*draft, plugin());
        QVERIFY2(again, again ? "" : again.error().text().c_str());
        QCOMPARE(again->assetPaths.at("text"), copy.string());
        QCOMPARE(again->spec.text(), first->spec.text());
    }
    void freeze_contentAskedForIsNotHere_isRefusedWithItsHashes() {
        const fs::path file = freshFolder() / "data.txt";
        put(file, "abc");
        RunDraft draft;
        draft.threads = 1;
        draft.parameters["file"] = file.string();
        draft.inputs["text"] = kEmpty;
        auto refused = freeze(draft, plugin());
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        for (const char* part : {"\"text\"", kAbc, kEmpty})
            QVERIFY(refused.error().text().find(part) != std::string::npos);
        draft.parameters["file"] = "data.txt";
        refused = freeze(draft, plugin());
        QVERIFY(!refused && refused.error().code() == Code::Refused);
        QVERIFY(refused.error().text().find("not found here") != std::string::npos);
        // Where it is seen, it is taken, whatever lies at the path.
        const fs::path other = freshFolder() / "empty";
        put(other, "");
        QVERIFY(contentOf(other, "data"));
        draft.parameters["file"] = file.string();
        auto found = freeze(draft, plugin());
        QVERIFY(found);
        QCOMPARE(found->assetPaths.at("text"), other.string());
        draft.inputs["nothing"] = kEmpty;
        QVERIFY(freeze(draft, plugin()).error().code() == Code::InvalidArgument);
    }
    void freeChangedInputs_parameterSetAnew_letsGoOfTheContent() {
        RunDraft draft;
        draft.inputs["text"] = kAbc;
        const Json before = {{"file", "data.txt"}, {"n", 1}};
        draft.parameters = {{"file", "data.txt"}, {"n", 2}};
        freeChangedInputs(draft, before, plugin());
        QCOMPARE(draft.inputs.size(), std::size_t(1));
        draft.parameters["file"] = "/else/data.txt";
        freeChangedInputs(draft, before, plugin());
        QVERIFY(draft.inputs.empty());
    }
    void draftFromJson_wrongInputLists_areRefused_data() {
        QTest::addColumn<QString>("json");
        QTest::newRow("no list") << R"("data":{})";
        QTest::newRow("no role") << R"("data":[{"sha256":"%1"}])";
        QTest::newRow("no hash") << R"("models":[{"role":"text"}])";
        QTest::newRow("short hash") << R"("models":[{"role":"text","sha256":"ba78"}])";
        QTest::newRow("no hexadecimal") << R"("data":[{"role":"text","sha256":"zz%1"}])";
        QTest::newRow("twice") << R"("data":[{"role":"text","sha256":"%1"}],"models":[{"role":"text","sha256":"%1"}])";
    }
    void draftFromJson_wrongInputLists_areRefused() {
        QFETCH(QString, json);
        const QString text = R"({"plugin":"org.example.reader",)" + json.replace("%1", kAbc) + "}";
        QVERIFY(draftFromJson(text.toStdString()).error().code() == Code::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(tst_Inputs)
#include "tst_inputs.moc"
