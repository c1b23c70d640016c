// The section of the plugin author's handbook about a library of three tasks, followed word for word in an empty folder
// against an installed SDK; then what came of it.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "host/catalogue.h"
#include "run/param_schema.h"

using namespace dubito;

class tst_Author : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    QByteArray m_output;

    fs::path at(const char* path) const { return fs::path(m_dir.filePath(path).toStdString()); }
    static QString sectionOf(const QString& file, const QString& heading) {
        QFile handbook(file);
        if (!handbook.open(QIODevice::ReadOnly)) return {};
        const QString text = QString::fromUtf8(handbook.readAll());
        const auto start = text.indexOf("\n## " + heading + "\n");
        if (start < 0) return {};
        const auto end = text.indexOf("\n## ", start + 4);
        return text.mid(start, end < 0 ? -1 : end - start);
    }
    static std::vector<std::string> pathsOf(const run::PluginDescription& plugin) {
        std::vector<std::string> out;
        for (const auto& leaf : run::parameterLeaves(plugin.parameters)) out.push_back(leaf.path);
        return out;
    }
private Q_SLOTS:
    void initTestCase() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("plugins built outside the tree are not instrumented");
#endif
        for (const char* part : {"programs", "sdk"}) {  // all that an author needs; the rest is half a gigabyte
            QProcess install;
            install.start(
                "cmake", {"--install", DUBITO_BUILD, "--prefix", m_dir.filePath("prefix"), "--component", part});
            QVERIFY(install.waitForFinished(-1));
            QVERIFY2(install.exitCode() == 0, install.readAllStandardError());
        }
        const QString section =
            sectionOf(QString(DUBITO_SOURCE) + "/resources/handbook/plugin_author.md", "A library of three tasks");
        QVERIFY(!section.isEmpty());
        QString script = "set -e\nexport PATH='" + m_dir.filePath("prefix/bin") + "':$PATH CMAKE_PREFIX_PATH='" +
                         m_dir.filePath("prefix") + "' XDG_DATA_HOME='" + m_dir.filePath("home") + "' HOME='" +
                         m_dir.filePath("home") + "'\nunset DUBITO_WORKER DUBITO_PLUGIN_PATH\n";
        auto blocks = QRegularExpression("```sh\\n(.*?)```", QRegularExpression::DotMatchesEverythingOption);
        for (auto it = blocks.globalMatch(section); it.hasNext();) script += it.next().captured(1);
        QVERIFY(QDir(m_dir.path()).mkdir("work"));
        QProcess shell;
        shell.setWorkingDirectory(m_dir.filePath("work"));
        shell.setProcessChannelMode(QProcess::MergedChannels);
        shell.start("bash", {"-c", script});
        QVERIFY(shell.waitForFinished(-1));
        m_output = shell.readAll();
        QVERIFY2(shell.exitCode() == 0, m_output);
    }
    void checker_goesThroughAllThree() {
        for (const char* id :
            {"org.example.walk.make, 1 of 3", "org.example.walk.fit, 2 of 3", "org.example.walk.look, 3 of 3"})
            QVERIFY2(m_output.contains(id), m_output);
        QVERIFY2(!m_output.contains("FAIL"), m_output);
    }
    void catalogue_listsThreeEntriesWithTheirOwnForms() {
        const auto catalogue = host::Catalogue::scan({at("home/dubito/plugins")});
        QCOMPARE(catalogue.entries().size(), 3u);
        using Paths = std::vector<std::string>;
        QCOMPARE(pathsOf(*catalogue.find("walk.make")), (Paths{"walk.steps", "walk.drift"}));
        QCOMPARE(pathsOf(*catalogue.find("walk.fit")), (Paths{"walk.steps", "walk.drift", "method", "pull"}));
        QCOMPARE(pathsOf(*catalogue.find("walk.look")), (Paths{"steps"}));
        QCOMPARE(catalogue.withRole("fit").size(), 1u);
        QCOMPARE(catalogue.find("walk.look")->folder, at("home/dubito/plugins/org.example.walk/1.0.0"));
    }
    void workspaceFile_travelsWithTheLibrary() {
        const auto files = host::Catalogue::scan({at("home/dubito/plugins")}).workspaceFiles();
        QCOMPARE(files.size(), 1u);
        QCOMPARE(*readFile(files[0], 1 << 20), *readFile(at("work/walk_lab/workspaces/walk.json"), 1 << 20));
        QVERIFY(fs::exists(at("work/walk_lab/build/walk/workspaces/walk.json")));
    }
    void spec_ofARun_holdsItsOwnParametersAlone() {
        run::RunDraft draft;
        draft.pluginId = "org.example.walk.look";
        const auto look = host::readManifest(at("work/walk_lab/build/walk"), "walk.look");
        QVERIFY2(look, look ? "" : look.error().text().c_str());
        const auto frozen = run::freeze(draft, *look);
        QVERIFY2(frozen, frozen ? "" : frozen.error().text().c_str());
        const Json expected = {{"steps", 100}};
        QVERIFY(frozen->spec.parameters() == expected);
        draft.parameters = {{"walk", {{"drift", 0.5}}}};
        QVERIFY(!run::freeze(draft, *look));
    }
    void binary_thatHoldsOtherPlugins_isRefused() {
        const fs::path folder = at("work/walk_lab/build/walk");
        const std::string text = *readFile(folder / "plugin.json", 1 << 20);
        const auto probed = [&](std::string_view from, std::string_view to) {
            std::string changed = text;
            changed.replace(changed.find(from), from.size(), to);
            const fs::path copy = at("changed");
            std::error_code error;
            fs::remove_all(copy, error);
            fs::copy(folder, copy, fs::copy_options::recursive, error);
            if (!writeFileAtomic(copy / "plugin.json", changed)) qFatal("cannot write");
            QProcess worker;
            worker.start(QString(DUBITO_BIN) + "/dubito-worker", {"--probe", QString::fromStdString(copy.string())});
            worker.waitForFinished(-1);
            return std::pair(worker.exitCode(), worker.readAll());
        };
        QCOMPARE(probed("org.example.walk.make", "org.example.walk.make").first, 0);
        const auto renamed = probed("org.example.walk.make", "org.example.walk.other");
        QVERIFY2(renamed.first != 0 && renamed.second.contains("walk.other 1.0.0") &&
                     renamed.second.contains("walk.make 1.0.0"),
            renamed.second);
        const auto older = probed("\"version\": \"1.0.0\"", "\"version\": \"1.0.1\"");
        QVERIFY2(older.first != 0 && older.second.contains("disagree"), older.second);
    }
};

QTEST_GUILESS_MAIN(tst_Author)
#include "tst_author.moc"
