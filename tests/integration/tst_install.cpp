// The installed product: put into an empty folder, moved to another one with a space in its name, and run with an empty
// environment. Where mounting is allowed, the tree it was built in is out of sight then.
#include <QTest>

#include <sstream>

#include "support/outside.h"
#include "support/results.h"
#include "support/tmpfs.h"

using namespace dubito;

namespace {

bool g_mayMount = false;

bool isElf(const fs::path& file) {
    char magic[4] = {};
    std::ifstream(file).read(magic, sizeof magic);
    return std::equal(magic, magic + 4, "\177ELF");
}

/// Values in brackets of the lines of `readelf -d` that hold `tag`.
std::vector<std::string> entriesOf(const std::string& readelf, const std::string& tag) {
    std::vector<std::string> out;
    std::istringstream lines(readelf);
    for (std::string line; std::getline(lines, line);) {
        const auto open = line.find('['), close = line.rfind(']');
        if (tests::has(line, tag) && open != std::string::npos && close != std::string::npos)
            out.push_back(line.substr(open + 1, close - open - 1));
    }
    return out;
}

}  // namespace

class tst_Install : public QObject {
    Q_OBJECT
    tests::Scratch m_scratch;
    fs::path m_prefix = m_scratch.path() / "moved here" / "dubito";
    std::vector<std::unique_ptr<tests::Tmpfs>> m_hidden;
    bool m_hasCompute = false;

    /// With nothing but a home and the system's programs in its environment.
    Program clean(std::vector<std::string> command, int seconds = 600, const std::string& folder = "work") const {
        fs::create_directories(m_scratch.path() / folder);
        fs::create_directories(m_scratch.path() / "home");
        std::vector<std::string> all{"env", "-i", "-C", (m_scratch.path() / folder).string(),
            "HOME=" + (m_scratch.path() / "home").string(), "PATH=" + (m_prefix / "bin").string() + ":/usr/bin:/bin",
            "LANG=C.UTF-8", "QT_QPA_PLATFORM=offscreen"};
        all.insert(all.end(), command.begin(), command.end());
        return Home::wait(Program(all), seconds);
    }
    std::vector<fs::path> files() const {
        std::vector<fs::path> out;
        for (const auto& entry : fs::recursive_directory_iterator(m_prefix))
            if (entry.is_regular_file()) out.push_back(entry.path());
        return out;
    }
    bool hasFile(const std::string& relative) const { return fs::exists(m_prefix / relative); }

private Q_SLOTS:
    void initTestCase() {
        const fs::path first = m_scratch.path() / "first";
        const Program install =
            Home::wait(Program({"cmake", "--install", DUBITO_BUILD, "--prefix", first.string()}), 1200);
        QTRUE(install, install.code() == 0);
        fs::create_directories(m_prefix.parent_path());
        fs::rename(first, m_prefix);
        m_hasCompute = hasFile("lib/dubito/libdubito_compute.so");
        if (!g_mayMount) return;
        std::error_code error;
        for (const fs::path& place : {fs::canonical(DUBITO_DEPS_DIR, error), fs::path(DUBITO_SOURCE)}) {
            if (place.empty()) continue;
            m_hidden.push_back(std::make_unique<tests::Tmpfs>(place));
            QVERIFY(m_hidden.back()->isThere() && fs::is_empty(place));
        }
    }
    void libraries_areFoundFromTheFilesOwnPlace() {
        int looked = 0;
        for (const fs::path& file : files()) {
            QVERIFY2(!fs::is_symlink(file) || fs::read_symlink(file).is_relative(), file.c_str());
            if (!isElf(file)) continue;
            ++looked;
            const Program readelf = clean({"readelf", "-d", file.string()});
            QTRUE(readelf, readelf.code() == 0);
            for (const char* tag : {"(RPATH)", "(RUNPATH)"})
                for (const std::string& list : entriesOf(readelf.out(), tag)) {
                    std::istringstream places(list);
                    for (std::string place; std::getline(places, place, ':');)
                        QVERIFY2(place.starts_with("$ORIGIN"), (file.string() + ": " + list).c_str());
                }
            for (const std::string& needed : entriesOf(readelf.out(), "(NEEDED)"))
                QVERIFY2(!tests::has(needed, "/"), (file.string() + ": " + needed).c_str());
        }
        QVERIFY(looked >= 4);
    }
    void texts_nameNoFolderOfTheBuild() {
        for (const fs::path& file : files())
            if (const auto kind = file.extension(); kind == ".cmake" || kind == ".json" || kind == ".txt")
                QVERIFY2(!tests::has(tests::contentOf(file), DUBITO_SOURCE), file.c_str());
    }
    void content_isForPeople() {
        for (const char* file : {"bin/dubito", "bin/dubito-worker", "bin/dubito-plugin-check",
                 "share/dubito/projects/demo.json", "share/dubito/template/CMakeLists.txt", "share/doc/dubito/LICENSE",
                 "share/doc/dubito-plugin-sdk/LICENSE", "include/dubito/plugin.hpp"})
            QVERIFY2(hasFile(file), file);
        for (const fs::path& file : files())
            for (const char* ours : {"libfake", "libledger", "tst_", "dubito-bench", "dubito_test_actor", "libfaultio"})
                QVERIFY2(!file.filename().string().starts_with(ours), file.c_str());
        if (!m_hasCompute) QSKIP("engine/compute is not built here: LibTorch's licence is not looked for");
        bool hasLicence = false;
        for (const fs::path& file : files())
            hasLicence |= tests::has(file.string(), "licences/torch-") && file.filename() == "LICENSE";
        QVERIFY(hasLicence);
    }
    void doctor_findsWhatAWorkerFinds() {
        const Program doctor = clean({"dubito", "doctor"});
        QTRUE(doctor, doctor.code() == 0);
        QTRUE(doctor, tests::has(doctor.out(), "worker\tstarts"));
        QTRUE(doctor, tests::has(doctor.out(), "org.example.coin_doubt\tloads"));
        QTRUE(doctor, !tests::has(doctor.out(), "does not load"));
        if (!m_hasCompute) QSKIP("engine/compute is not built here: no language plugin to look for");
        for (const char* plugin : {"org.dubito.lm\tloads", "org.dubito.tas\tloads"})
            QTRUE(doctor, tests::has(doctor.out(), plugin));
    }
    void doctor_libraryMissing_saysItInTheWorkersWords() {
        if (!m_hasCompute) QSKIP("engine/compute is not built here: no library to miss");
        const fs::path library = m_prefix / "lib/dubito/torch/lib/libc10.so", away = m_scratch.path() / "away.so";
        fs::rename(library, away);
        const Program doctor = clean({"dubito", "doctor"});
        fs::rename(away, library);
        QTRUE(doctor, doctor.code() == 11);
        QTRUE(doctor, tests::has(doctor.out(), "org.dubito.lm\tdoes not load"));
        QTRUE(doctor, tests::has(doctor.out(), "libc10.so"));
    }
    void run_ofAShippedProject_isDone() {
        const Program made = clean({"dubito", "new", "p.dubito"});
        QTRUE(made, made.code() == 0);
        const Program run =
            clean({"dubito", "run", "p.dubito", (m_prefix / "share/dubito/projects/coin_doubt.json").string()});
        QTRUE(run, run.code() == 0);
    }
    void demo_isDoneAndAnswers() {
        if (!m_hasCompute) QSKIP("engine/compute is not built here: the demo asks a language model");
        if (!hasFile("share/dubito/models/SmolLM2-135M-Instruct.Q4_1.gguf")) QSKIP("the packaged model is not here");
        const Program demo = clean({"dubito", "demo", "demo.dubito"}, 1700);
        QTRUE(demo, demo.code() == 0);
        auto db = tests::get(store::openReadOnly(m_scratch.path() / "work" / "demo.dubito"));
        const auto runs = tests::get(store::queryRuns(*db, {}));
        QVERIFY(runs.size() >= 5);
        for (const auto& run : runs)
            QVERIFY2(run.state == static_cast<int>(RunState::Done), (run.name() + ": " + run.detail).c_str());
        bool answers = false;
        for (const auto& run : runs)
            for (const auto& series : tests::get(store::querySeries(*db, run.runNo)))
                for (const auto& record : tests::get(store::queryRecords(*db, run.runNo, series.key)))
                    answers |= tests::has(record.metaJson, "Paris");
        QVERIFY2(answers, "no record of the demo names the capital of France");
    }
    void desktop_starts() {
        if (!hasFile("bin/dubito-desktop")) QSKIP("the desktop is not built here");
        const Program desktop = clean({"dubito-desktop", "--quit-when-shown"});
        QTRUE(desktop, desktop.code() == 0);
    }
    void plugin_madeFromTheTemplate_buildsAndPassesTheCheck() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("plugins built outside the tree are not instrumented");
#endif
        const Program made = clean({"dubito", "plugins", "new", "mine"});
        QTRUE(made, made.code() == 0);
        const Program configured =
            clean({"cmake", "-S", "mine", "-B", "build", "-DCMAKE_PREFIX_PATH=" + m_prefix.string()});
        QTRUE(configured, configured.code() == 0);
        const Program built = clean({"cmake", "--build", "build"});
        QTRUE(built, built.code() == 0);
        const Program checked = clean({"dubito-plugin-check", "build/mine", "--seconds", "300"}, 1700);
        QTRUE(checked, checked.code() == 0);
    }
};

int main(int argc, char** argv) {
    g_mayMount = tests::enterMountNamespace();
    tst_Install test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_install.moc"
