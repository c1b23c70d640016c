// The command line as scripts use it: verbs, machine formats, exit codes; and the author's first plugin, step by step.
#include <QDir>
#include <QDirIterator>
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
        QVERIFY(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--set", "bias=1.4"}).err.contains("/bias is 1.4; allowed 0 to 1"));
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
        const Ran ran = dubito({"run", file, "--plugin", "org.example.coin_doubt", "--seed", "42", "--title", "coin", "--output", "json", "--quiet"});
        QCOMPARE(ran.code, 0);
        QCOMPARE(QJsonDocument::fromJson(ran.out).array().at(0).toObject()["name"].toString(), QString("coin"));
        const auto series = QJsonDocument::fromJson(dubito({"series", file, "coin", "eval/posterior_mean", "--output", "json"}).out).array();
        QCOMPARE(series.size(), 200);
        QCOMPARE(QJsonDocument::fromJson(dubito({"series", file, "coin", "--points", "10", "--output", "json"}).out).array().size(), 20);
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
        QCOMPARE(dubito({"run", file, "--plugin", "org.example.coin_doubt", "--seed", "42", "--title", "coin2", "--quiet"}).code, 0);
        const auto values = [&](const char* run) {
            QStringList out;
            for (const auto& row : QJsonDocument::fromJson(dubito({"series", file, run, "--output", "json"}).out).array()) out << QString::number(row.toObject()["value"].toDouble(), 'g', 17);
            return out;
        };
        QCOMPARE(values("coin"), values("coin2"));
    }
    void author_handbook_everyCommandWorks() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("plugins built outside the tree are not instrumented");
#endif
        // Runs the shell blocks of the plugin author's handbook in an empty folder against an installed SDK.
        QTemporaryDir dir;
        QProcess install;
        install.start("cmake", {"--install", DUBITO_BUILD, "--prefix", dir.path() + "/prefix"});
        QVERIFY(install.waitForFinished(120'000));
        QVERIFY2(install.exitCode() == 0, install.readAllStandardError());
        QFile handbook(QString(DUBITO_SOURCE) + "/resources/handbook/plugin_author.md");
        QVERIFY(handbook.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(handbook.readAll());
        QString script = "set -e\nexport PATH='" + dir.path() + "/prefix/bin':$PATH CMAKE_PREFIX_PATH='" + dir.path() + "/prefix' XDG_DATA_HOME='" + dir.path() + "/home' HOME='" + dir.path() + "/home'\nunset DUBITO_WORKER DUBITO_PLUGIN_PATH\n";
        QRegularExpressionMatchIterator blocks = QRegularExpression("```sh\\n(.*?)```", QRegularExpression::DotMatchesEverythingOption).globalMatch(text);
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
