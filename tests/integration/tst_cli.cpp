// The command line as scripts use it: verbs, machine formats, exit codes; and the author's first plugin, step by step.
#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include "cli/verb_table.h"
#include "support/temp_project.h"

using namespace dubito;

class tst_Cli : public QObject {
    Q_OBJECT
    struct Ran {
        int code = -1;
        QByteArray out, err;
    };
    static Ran dubito(const QStringList& arguments, const QString& folder = {}) {
        QProcess process;
        if (!folder.isEmpty()) process.setWorkingDirectory(folder);
        process.start(QString(DUBITO_BIN) + "/dubito", arguments);
        process.waitForFinished(120'000);
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }
    /// Through a shell: `redirection` is what stands behind the command.
    static Ran dubitoInShell(const QStringList& arguments, const QString& redirection) {
        QProcess process;
        process.start("bash", QStringList{"-c", "'" DUBITO_BIN "/dubito' \"$@\" " + redirection, "dubito"} + arguments);
        process.waitForFinished(120'000);
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }
    static bool hasControls(const QByteArray& text) {
        for (const char c : text)
            if ((c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return true;
        return false;
    }
private Q_SLOTS:
    void verbs_each_haveHelp() {
        for (const auto& verb : cli::verbTable()) {
            const Ran ran = dubito({QString::fromUtf8(verb.name.data(), static_cast<int>(verb.name.size())), "--help"});
            QVERIFY2(ran.code == 0 && !ran.out.isEmpty(), verb.name.data());
        }
    }
    void exitCodes_areTheClassOfTheError() {
        tests::TempProject project;
        const QString file = QString::fromStdString(project.file.string());
        QCOMPARE(dubito({"nonsense"}).code, 2);
        QCOMPARE(dubito({"info", "/nonexistent.dubito"}).code, 3);
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--set", "bias=1.4"}).code, 4);
        QVERIFY(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--set", "bias=1.4"})
                    .err.contains("/bias is 1.4; allowed 0 to 1"));
        QCOMPARE(dubito({"list", file, "--where", "system ="}).code, 4);
        QCOMPARE(dubito({"new", file}).code, 5);
        QCOMPARE(dubito({"show", file, "nobody"}).code, 3);
        QCOMPARE(dubito({"run", file, "--plugin", DUBITO_FAKE_PLUGIN, "--set", "do=throw", "--threads", "1"}).code, 7);
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--device", "cuda"}).code, 9);
        auto owner = run::RunService::open(project.file, {});
        QVERIFY(owner);
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt"}).code, 6);
        QCOMPARE(dubito({"list", file}).code, 0);  // reading works beside an owner
    }
    void run_json_isReadableByPrograms() {
        tests::TempProject project;
        const QString file = QString::fromStdString(project.file.string());
        const Ran ran = dubito({"run", file, "--plugin", "org.example.coin_doubt", "--seed", "42", "--title", "coin",
            "--output", "json", "--quiet"});
        QCOMPARE(ran.code, 0);
        QCOMPARE(QJsonDocument::fromJson(ran.out).array().at(0).toObject()["name"].toString(), QString("coin"));
        const auto series =
            QJsonDocument::fromJson(dubito({"series", file, "coin", "eval/posterior_mean", "--output", "json"}).out)
                .array();
        QCOMPARE(series.size(), 200);
        QCOMPARE(QJsonDocument::fromJson(dubito({"series", file, "coin", "--points", "10", "--output", "json"}).out)
                     .array()
                     .size(),
            20);
        QCOMPARE(dubito({"sql", file, "SELECT count(*) AS n FROM run", "--output", "csv"}).out, QByteArray("n\n1\n"));
        QCOMPARE(dubito({"sql", file, "DROP TABLE run"}).code, 5);
        QCOMPARE(dubito({"check", file, "--full", "--quiet"}).code, 0);
        QVERIFY(dubito({"export", file, "coin"}).out.startsWith("run,key,unit,step,time,value\n"));
        QCOMPARE(dubito({"edit", file, "title", "coin", "penny"}).code, 0);
        QCOMPARE(dubito({"show", file, "penny", "--output", "json"}).code, 0);
        QCOMPARE(dubito({"edit", file, "undo"}).code, 0);
        QCOMPARE(dubito({"show", file, "coin"}).code, 0);
        QCOMPARE(dubito({"selftest"}).code, 0);
        // The same spec twice: equal values.
        QCOMPARE(
            dubito({"run", file, "--plugin", "org.example.coin_doubt", "--seed", "42", "--title", "coin2", "--quiet"})
                .code,
            0);
        const auto values = [&](const char* run) {
            QStringList out;
            for (const auto& row :
                QJsonDocument::fromJson(dubito({"series", file, run, "--output", "json"}).out).array())
                out << QString::number(row.toObject()["value"].toDouble(), 'g', 17);
            return out;
        };
        QCOMPARE(values("coin"), values("coin2"));
    }
    void output_fullDisk_exitsTenWithASentence() {
        tests::TempProject project;
        const QString file = QString::fromStdString(project.file.string());
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--title", "coin", "--quiet"}).code, 0);
        const std::vector<QStringList> results = {{"export", file, "coin"},
            {"export", file, "coin", "--format", "jsonl"}, {"series", file, "coin"}, {"list", file},
            {"list", file, "--output", "json"}, {"show", file, "coin"}, {"log", file, "coin"},
            {"sql", file, "SELECT * FROM run"}, {"info", file}, {"selftest"}, {"--help"}, {"list", "--help"},
            {"--version"}};
        for (const auto& arguments : results) {
            const Ran ran = dubitoInShell(arguments, ">/dev/full");
            QVERIFY2(ran.code == 10, qPrintable(arguments.join(' ')));
            QVERIFY2(ran.err.contains("No space left on device"), ran.err);
            QCOMPARE(dubito(arguments).code, 0);
        }
        const QString copy = project.folder.filePath("copy.csv");
        QCOMPARE(dubitoInShell({"export", file, "coin", "--to", copy}, ">/dev/full").code, 0);
    }
    void output_closedStream_neverReachesTheProject() {
        tests::TempProject project;
        const QString file = QString::fromStdString(project.file.string());
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--title", "coin", "--quiet"}).code, 0);
        QCOMPARE(dubitoInShell({"export", file, "coin"}, "<&- >&-").code, 10);
        QCOMPARE(dubitoInShell({"list", file}, "2>&-").code, 0);
        QCOMPARE(dubitoInShell({"edit", file, "title", "coin", "penny"}, "<&- >&- 2>&-").code, 0);
        QCOMPARE(dubito({"check", file, "--full", "--quiet"}).code, 0);
        QCOMPARE(dubito({"show", file, "penny"}).code, 0);
    }
    void output_readerLeaves_endsQuietly() {
        tests::TempProject project;
        const QString file = QString::fromStdString(project.file.string());
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--title", "coin", "--quiet"}).code, 0);
        const Ran ran = dubitoInShell({"export", file, "coin"}, "| true; exit ${PIPESTATUS[0]}");
        QVERIFY2(ran.code == 10 || ran.code == 0, qPrintable(QString::number(ran.code)));  // 0: written before it left
        QVERIFY2(ran.err.isEmpty(), ran.err);
        QCOMPARE(dubito({"list", file}).code, 0);
    }
    void text_controlCharacters_areShownAndNotSent() {
        tests::TempProject project;
        const QString file = QString::fromStdString(project.file.string());
        const QString evil = QString::fromUtf8(
            "a\x1b]0;owned\x07"
            "b\x7f\xc2\x9b"
            "c");
        {
            auto plugin = host::readManifest(DUBITO_FAKE_PLUGIN);
            auto service = run::RunService::open(project.file, {});
            QVERIFY(plugin && service);
            run::RunDraft draft;
            draft.title = evil.toStdString();
            draft.threads = 1;
            draft.parameters = {{"do", "idle"}, {"steps", 1}};
            auto runNo = (*service)->submit(draft, *plugin);
            QVERIFY(runNo);
            const std::string command = jsonText({{"text", evil.toStdString()}});
            bool isLogged = false, isSent = false;
            for (int i = 0; i < 1200 && !isLogged; ++i) {
                if (!isSent) isSent = bool((*service)->command(*runNo, "echo", command));
                QThread::msleep(50);
                auto db = store::openReadOnly(project.file);
                auto lines = db ? store::queryLog(**db, {*runNo}, 4, "", 100) : db.error();
                for (std::size_t n = 0; lines && n < lines->size(); ++n)
                    isLogged |= (*lines)[n].text.find("echo a") != std::string::npos;
            }
            QVERIFY(isLogged);
            QVERIFY((*service)->cancel(*runNo));
            store::RunRow row;
            QVERIFY(tests::waitFinal(project.file, *runNo, 60, &row));
        }
        for (const char* format : {"table", "tsv", "md"})
            for (const QStringList& verb :
                {QStringList{"list", file}, QStringList{"log", file, evil}, QStringList{"show", file, evil}}) {
                const Ran ran = dubito(verb + QStringList{"--output", format});
                QCOMPARE(ran.code, 0);
                QVERIFY2(!hasControls(ran.out) && !ran.out.contains("\xc2\x9b"), ran.out);
                if (verb[0] != "show")
                    QVERIFY2(ran.out.contains("a\\x1b]0;owned\\x07"
                                              "b\\x7f\\x9b"
                                              "c"),
                        ran.out);
            }
        QVERIFY(dubito({"list", file, "--output", "csv"}).out.contains(evil.toUtf8()));
        const auto rows = QJsonDocument::fromJson(dubito({"list", file, "--output", "json"}).out).array();
        QCOMPARE(rows.at(0).toObject()["name"].toString(), evil);
        QVERIFY(!hasControls(dubito({"show", file, "no" + evil}).err));
        QVERIFY(!hasControls(dubito({evil}).err));
    }
    void home_unset_isNotASharedFolder() {
        if (QFileInfo::exists("/tmp/.local")) QSKIP("/tmp/.local is there already");
        const auto variables = {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"};
        std::map<const char*, QByteArray> before;
        for (const char* variable : variables) {
            before[variable] = qgetenv(variable);
            qunsetenv(variable);
        }
        const Ran ran = dubito({"models", "list"});
        for (const char* variable : variables)
            if (!before[variable].isNull()) qputenv(variable, before[variable]);
        QCOMPARE(ran.code, 0);
        QVERIFY(!ran.out.contains("/tmp/.local") && !QFileInfo::exists("/tmp/.local"));
    }
    void plugins_newWithAWrongId_makesNothing() {
        QTemporaryDir dir;
        QCOMPARE(dubito({"plugins", "new", "mine", "--id", "no id"}, dir.path()).code, 4);
        QVERIFY(QDir(dir.path()).isEmpty());
        QCOMPARE(dubito({"plugins", "new", "mine"}, dir.path()).code, 0);
        QVERIFY(QFileInfo::exists(dir.filePath("mine/plugin.json")));
    }
    void doctor_workerInAFolderWithASpace_starts() {
        QTemporaryDir dir;
        const QString folder = dir.filePath("a b; exit 1");
        QVERIFY(
            QDir().mkpath(folder) && QFile::copy(QString(DUBITO_BIN) + "/dubito-worker", folder + "/dubito-worker"));
        const QByteArray before = qgetenv("DUBITO_WORKER");
        qputenv("DUBITO_WORKER", (folder + "/dubito-worker").toUtf8());
        const Ran ran = dubito({"doctor"});
        if (before.isNull()) qunsetenv("DUBITO_WORKER");
        else qputenv("DUBITO_WORKER", before);
        QVERIFY2(ran.out.contains("worker\tstarts"), ran.out);
    }
    void author_handbook_everyCommandWorks() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("plugins built outside the tree are not instrumented");
#endif
        // Runs the shell blocks of the plugin author's handbook in an empty folder against an installed SDK.
        QTemporaryDir dir;
        for (const char* part : {"programs", "sdk"}) {  // all that an author needs; the rest is half a gigabyte
            QProcess install;
            install.start(
                "cmake", {"--install", DUBITO_BUILD, "--prefix", dir.path() + "/prefix", "--component", part});
            QVERIFY(install.waitForFinished(-1));
            QVERIFY2(install.exitCode() == 0, install.readAllStandardError());
        }
        QFile handbook(QString(DUBITO_SOURCE) + "/resources/handbook/plugin_author.md");
        QVERIFY(handbook.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(handbook.readAll());
        QString script = "set -e\nexport PATH='" + dir.path() + "/prefix/bin':$PATH CMAKE_PREFIX_PATH='" + dir.path() +
                         "/prefix' XDG_DATA_HOME='" + dir.path() + "/home' HOME='" + dir.path() +
                         "/home'\nunset DUBITO_WORKER DUBITO_PLUGIN_PATH\n";
        QRegularExpressionMatchIterator blocks =
            QRegularExpression("```sh\\n(.*?)```", QRegularExpression::DotMatchesEverythingOption).globalMatch(text);
        int commands = 0;
        while (blocks.hasNext()) {
            script += blocks.next().captured(1);
            ++commands;
        }
        QVERIFY(commands >= 5);
        QDir(dir.path()).mkdir("work");
        QProcess shell;
        shell.setWorkingDirectory(dir.path() + "/work");
        shell.setProcessChannelMode(QProcess::MergedChannels);
        shell.start("bash", {"-c", script});
        QVERIFY(shell.waitForFinished(300'000));
        const QByteArray output = shell.readAll();
        QVERIFY2(shell.exitCode() == 0, output);
        QVERIFY2(output.contains("done"), output);
    }
};

QTEST_GUILESS_MAIN(tst_Cli)
#include "tst_cli.moc"
