// The command line as a person uses it: what to run in two words, the answer on stdout, what to type next on stderr.
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include "support/temp_project.h"

using namespace dubito;

namespace {

struct Ran {
    int code = -1;
    QByteArray out, err;
    QJsonArray json() const { return QJsonDocument::fromJson(out).array(); }
};

/// A folder to stand in, with plugins of its own.
class Place {
public:
    Place() {
        qputenv("XDG_DATA_HOME", m_folder.path().toUtf8() + "/data");
        qputenv("XDG_STATE_HOME", m_folder.path().toUtf8() + "/state");
    }
    QString path(const QString& name) const { return m_folder.filePath(name); }

    Ran dubito(const QStringList& arguments) const {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(QString(DUBITO_BIN) + "/dubito", arguments);
        process.waitForFinished(300'000);
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }

    /// A copy of a plugin of the tests, its manifest with more members; known to the catalogue.
    void addPlugin(const QString& folder, const QJsonObject& more) const {
        const QString copy = m_folder.filePath("data/dubito/plugins/" + folder.section('/', -2));
        QVERIFY(QDir().mkpath(copy));
        for (const QString& file : QDir(folder).entryList(QDir::Files))
            QVERIFY(QFile::copy(folder + "/" + file, copy + "/" + file));
        QFile manifest(copy + "/plugin.json");
        QVERIFY(manifest.open(QIODevice::ReadOnly));
        QJsonObject json = QJsonDocument::fromJson(manifest.readAll()).object();
        manifest.close();
        for (auto it = more.begin(); it != more.end(); ++it) json[it.key()] = it.value();
        QVERIFY(QFile::remove(manifest.fileName()));
        QVERIFY(manifest.open(QIODevice::WriteOnly));
        manifest.write(QJsonDocument(json).toJson());
    }
    void addFake(const QJsonObject& more = {}) const { addPlugin(DUBITO_FAKE_PLUGIN, more); }
    void addLedger(const QJsonObject& more = {}) const {
        addPlugin(QString(DUBITO_BUILD) + "/fake_plugins/org.dubito.ledger/1.0.0", more);
    }
    void write(const QString& name, const QByteArray& content) const {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }

private:
    QTemporaryDir m_folder;
};

QJsonArray headline(const QStringList& keys) {
    QJsonArray out;
    for (const QString& key : keys) out.append(QJsonObject{{"key", key}});
    return out;
}

}  // namespace

class tst_CliAnswers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void run_inAnEmptyFolder_makesTheProjectAndAnswers() {
        const Place place;
        place.addFake({{"headline", headline({"fake/square"})}, {"next", QJsonArray{"dubito series {file} {run}"}}});
        const Ran ran = place.dubito({"run", "my p.dubito", "fake", "--set", "steps=4", "--threads", "1"});
        QVERIFY2(ran.code == 0, ran.err);
        QCOMPARE(ran.out, QByteArray("measure      value  unit\nfake/square      9\n"));
        QVERIFY2(ran.err.contains("made the project my p.dubito"), ran.err);
        QVERIFY2(ran.err.contains("next: dubito series 'my p.dubito' 1\n"), ran.err);
        QVERIFY(QFile::exists(place.path("my p.dubito")));
    }

    void run_withoutHeadline_answersWithTheDeclaredScalars() {
        const Place place;
        place.addFake();
        const Ran ran = place.dubito({"run", "p.dubito", "fake", "--set", "steps=3", "--threads", "1", "--quiet"});
        QCOMPARE(ran.out, QByteArray("measure      value  unit\nfake/count       2\nfake/square      4\n"));
    }

    void run_machineFormats_areATableOfFindings() {
        const Place place;
        place.addFake({{"headline", headline({"fake/count"})}});
        const QStringList what{"run", "p.dubito", "fake", "--set", "steps=3", "--threads", "1", "--title", "t"};
        const Ran json = place.dubito(what + QStringList{"--output", "json"});
        QCOMPARE(json.json().size(), qsizetype(1));
        const QJsonObject row = json.json().at(0).toObject();
        QCOMPARE(row["run"].toInt(), 1);
        QCOMPARE(row["name"].toString(), QString("t"));
        QCOMPARE(row["state"].toString(), QString("done"));
        QCOMPARE(row["key"].toString(), QString("fake/count"));
        QCOMPARE(row["value"].toDouble(), 2.0);
        QVERIFY(row["low"].isNull() && row["high"].isNull());
        QCOMPARE(place.dubito(what + QStringList{"--output", "csv"}).out,
            QByteArray("run,name,state,key,value,unit,low,high\n2,t,done,fake/count,2,1,,\n"));
        QCOMPARE(place.dubito(what + QStringList{"--output", "none"}).code, 4);
        QCOMPARE(place.dubito({"list", "p.dubito", "--output", "json"}).json().size(), qsizetype(2));
    }

    void run_checkpoint_answersWithItsFolder() {
        const Place place;
        place.addLedger({{"headline", headline({"checkpoint"})}});
        const Ran ran = place.dubito({"run", "p.dubito", "ledger", "--set", "steps=20", "--set", "checkpoint_every=10",
            "--threads", "1", "--output", "json"});
        QVERIFY2(ran.code == 0, ran.err);
        const QString folder = ran.json().at(0).toObject()["value"].toString();
        QVERIFY2(QFile::exists(folder + "/manifest.json"), ran.out);
    }

    void run_failed_saysWhyAndHowToGoOn() {
        const Place place;
        place.addFake({{"headline", headline({"fake/count"})}});
        const Ran ran = place.dubito({"run", "p.dubito", "fake", "--set", "do=throw", "--threads", "1"});
        QCOMPARE(ran.code, 7);
        QVERIFY2(ran.out.isEmpty(), ran.out);
        QVERIFY2(ran.err.contains("run 1 failed") && ran.err.contains("asked to throw"), ran.err);
        QVERIFY2(ran.err.contains("next: dubito log p.dubito 1"), ran.err);
        const Ran json =
            place.dubito({"run", "p.dubito", "fake", "--set", "do=throw", "--threads", "1", "--output", "json"});
        QCOMPARE(json.code, 7);
        QCOMPARE(json.json().at(0).toObject()["state"].toString(), QString("failed"));
    }

    void run_several_hasAHeadingEach() {
        const Place place;
        place.addFake({{"headline", headline({"fake/count"})}});
        place.write("one.json", R"({"plugin": {"id": "org.dubito.fake"}, "params": {"steps": 3}, "threads": 1})");
        const Ran ran = place.dubito({"run", "p.dubito", "one.json", "fake", "--set", "steps=5", "--threads", "1"});
        QVERIFY2(ran.code == 0, ran.err);
        QVERIFY2(ran.out.startsWith("run 1  one\nmeasure") && ran.out.contains("\n\nrun 2  fake-"), ran.out);
    }

    void run_wordsThatAreWrong_sayWhatToDo() {
        const Place place;
        place.addFake();
        const auto says = [&](const QStringList& arguments, int code, const char* text) {
            const Ran ran = place.dubito(QStringList{"run"} + arguments);
            if (ran.code != code || !ran.err.contains(text)) qWarning("%d %s", ran.code, ran.err.constData());
            return ran.code == code && ran.err.contains(text);
        };
        QVERIFY(says({"p.dubito"}, 4, "say what to run: dubito run p.dubito PLUGIN"));
        QVERIFY(says({"fake"}, 4, "the project stands before the plugin: dubito run FILE.dubito fake"));
        QVERIFY(says({"p.dubito", "nobody"}, 3, "no plugin nobody"));
        QVERIFY(says({"p.dubito", "none.json"}, 3, "none.json"));
        QVERIFY(says({"p.dubito", "fake", "--set", "stps=1"}, 4, "nearest: steps"));
        QVERIFY(says({"p.dubito", "fake", "--set", "do=fly"}, 4, "/do"));
        QVERIFY(says({"p.dubito", "fake", "--set", "steps=1", "at=2"}, 4, "given as --set at=2"));
        QVERIFY(says({"p.dubito", "fake", "--seed", "-3"}, 2, "seed"));
        QVERIFY(!QFile::exists(place.path("p.dubito")));  // nothing of that made a project
        QVERIFY(says({"p.txt", "fake"}, 3, "'dubito new p.txt' makes it"));
        QVERIFY(says({"no/p.dubito", "fake"}, 3, "no folder to make it in"));
    }

    void run_inputByItsRole_isTheParameter() {
        const Place place;
        place.addLedger();
        place.write("file.txt", "hello");
        place.write("other.txt", "hello");
        const Ran ran = place.dubito({"run", "p.dubito", "ledger", "--set", "data=file.txt", "--set", "data=other.txt",
            "--set", "steps=2", "--threads", "1"});
        QVERIFY2(ran.code == 0, ran.err);
        QVERIFY2(ran.err.contains("--set data sets one thing twice; the last value counts: other.txt"), ran.err);
        const Ran params = place.dubito({"params", "ledger", "--output", "json"});
        for (const auto& value : params.json())
            if (value.toObject()["parameter"] == "data") QCOMPARE(value.toObject()["role"].toString(), QString("data"));
    }

    void names_everyVerb_takesNumberTitleAndBeginning() {
        const Place place;
        place.addFake();
        const QStringList run{"run", "p.dubito", "fake", "--set", "steps=12", "--threads", "1", "--quiet", "--title"};
        QCOMPARE(place.dubito(run + QStringList{"alpha"}).code, 0);
        QCOMPARE(place.dubito(run + QStringList{"alps"}).code, 0);
        const std::vector<QStringList> verbs = {{"show", "p.dubito"}, {"log", "p.dubito"}, {"series", "p.dubito"},
            {"export", "p.dubito"}, {"watch", "p.dubito"}};
        for (const QStringList& verb : verbs) {
            for (const QStringList& name : {QStringList{"1"}, QStringList{"run", "1"}, QStringList{"run1"},
                     QStringList{"alpha"}, QStringList{"alph"}}) {
                const Ran ran = place.dubito(verb + name);
                QVERIFY2(ran.code == 0, (verb + name).join(' ').toUtf8() + ran.err);
            }
            const Ran both = place.dubito(verb + QStringList{"al"});
            QCOMPARE(both.code, 4);
            QVERIFY2(both.err.contains("1 alpha (done), 2 alps (done); give the number"), both.err);
            QCOMPARE(place.dubito(verb + QStringList{"7"}).code, 3);
        }
        QCOMPARE(place.dubito({"records", "p.dubito", "run", "2", "fake/block"}).code, 0);
        QVERIFY(place.dubito({"records", "p.dubito", "2", "fake/blok"}).err.contains("nearest: fake/block"));
        QCOMPARE(place.dubito({"records", "p.dubito", "2", "fake/block", "--array", "x"}).code, 4);  // without --to
        const Ran none =
            place.dubito({"records", "p.dubito", "2", "fake/block", "--step", "0", "--array", "no", "--to", "x.npy"});
        QVERIFY2(none.code == 3 && none.err.contains("there are: "), none.err);
        const QString npy = place.path("x.npy");
        const Ran saved =
            place.dubito({"records", "p.dubito", "2", "fake/block", "--step", "0", "--array", "values", "--to", npy});
        QVERIFY2(saved.code == 0, saved.err);
        QFile file(npy);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        QVERIFY(bytes.startsWith("\x93NUMPY\x01") && bytes.size() == 128 + 8 * 8 * 4);
        QVERIFY(bytes.contains("{'descr': '<f4', 'fortran_order': False, 'shape': (8, 8, ), }"));
        QVERIFY(place.dubito({"series", "p.dubito", "2", "fake/cuont"}).err.contains("nearest: fake/count"));
        QCOMPARE(place.dubito({"edit", "p.dubito", "title", "2", "beta"}).code, 0);
        QCOMPARE(place.dubito({"show", "p.dubito", "b"}).code, 0);
        QCOMPARE(place.dubito({"edit", "p.dubito", "delete", "run", "2"}).code, 0);
        QCOMPARE(place.dubito({"edit", "p.dubito", "restore", "beta"}).code, 0);
        QCOMPARE(place.dubito({"edit", "p.dubito", "title", "2"}).code, 4);  // without the new title
        QCOMPARE(place.dubito({"edit", "p.dubito", "title"}).code, 4);
        QCOMPARE(place.dubito({"edit", "p.dubito", "star", "2", "maybe"}).code, 4);
        const auto isStarred = [&] {
            return place.dubito({"sql", "p.dubito", "SELECT star FROM run_user WHERE title='beta'"}).out;
        };
        QCOMPARE(place.dubito({"edit", "p.dubito", "star", "2"}).code, 0);
        QCOMPARE(isStarred(), QByteArray("star\n1\n"));
        QCOMPARE(place.dubito({"edit", "p.dubito", "star", "2", "off"}).code, 0);
        QCOMPARE(isStarred(), QByteArray("star\n0\n"));
        QCOMPARE(place.dubito({"series", "p.dubito", "2", "--points", "-3"}).code, 2);
        QCOMPARE(place.dubito({"records", "p.dubito", "2", "fake/block", "--limit", "-3"}).code, 2);
        const Ran wrong = place.dubito({"shwo", "p.dubito", "2"});
        QVERIFY2(wrong.code == 2 && wrong.err.contains("shwo is no command; nearest: show;"), wrong.err);
        QCOMPARE(place.dubito({"send", "p.dubito", "2", "echo"}).code, 5);
        QCOMPARE(place.dubito({"cancel", "p.dubito", "2"}).code, 5);
        QVERIFY(place.dubito({"list", "p.dubito"}).out.startsWith("run\tname\t"));
    }

    void show_whatWasSet_standsFirstWithItsDefault() {
        const Place place;
        place.addFake();
        QCOMPARE(place.dubito({"run", "p.dubito", "fake", "--set", "steps=3", "--threads", "1"}).code, 0);
        QStringList parameters;
        for (const auto& value : place.dubito({"show", "p.dubito", "1", "--output", "json"}).json()) {
            const QJsonObject row = value.toObject();
            if (row["what"].toString().startsWith("params."))
                parameters << row["what"].toString() + "=" + row["value"].toString() + "/" + row["default"].toString();
        }
        QCOMPARE(parameters.join(' '), QString("params.steps=3/100 params.at=50/ params.do=count/ params.sleep_us=0/"));
    }

    void plugins_oneRowEach_withNameRolesAndLibrary() {
        const Place place;
        place.addFake({{"roles", QJsonArray{"count", "break"}}, {"headline", headline({"fake/count"})}});
        const QJsonArray list = place.dubito({"plugins", "list", "--output", "json"}).json();
        QJsonObject fake;
        for (const auto& value : list)
            if (value.toObject()["id"] == "org.dubito.fake") fake = value.toObject();
        QCOMPARE(fake["plugin"].toString(), QString("fake"));
        QCOMPARE(fake["roles"].toString(), QString("count break"));
        QCOMPARE(fake["library"].toString(), QString("org.dubito.fake"));
        QVERIFY(place.dubito({"plugins", "show", "fake"}).out.contains("headline\tfake/count"));
        QVERIFY(place.dubito({"plugins", "shw", "fake"}).err.contains("plugins knows list, show"));
        QVERIFY(place.dubito({"plugins", "show"}).err.contains("dubito plugins show NAME"));
        QVERIFY(place.dubito({"params", "fake"}).out.contains("count, throw, throw_int"));
    }

    void models_listed_areTheKnownOnes() {
        const Place place;
        QVERIFY(QDir(place.path(".")).mkpath("data/dubito/models"));
        for (const char* name : {"b.gguf", "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "note.txt"})
            place.write(QString("data/dubito/models/") + name, "12345");
        place.write("sha256-abc", "123");
        QVERIFY(QFile::link(place.path("sha256-abc"), place.path("data/dubito/models/sha256-abc")));
        QVERIFY(QFile::link("/nowhere/gone.gguf", place.path("data/dubito/models/gone.gguf")));
        QStringList rows;
        for (const auto& value : place.dubito({"models", "list", "--output", "json"}).json()) {
            const QJsonObject row = value.toObject();
            if (row["path"].toString().startsWith(QDir(place.path(".")).canonicalPath()))
                rows << row["name"].toString() + " " + QString::number(row["bytes"].toInt());
        }
        QCOMPARE(rows.join(", "), QString("a-00001-of-00002.gguf 10, b.gguf 5, sha256-abc 3"));
    }
    void models_listed_areThoseOfTheFirstPage() {
        const Place place;
        QVERIFY(QDir().mkpath(place.path("data/dubito/models")));
        for (const char* name : {"a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "note.txt"})
            place.write(QStringLiteral("data/dubito/models/") + name, "123");
        const Ran ran = place.dubito({"models", "list"});
        QVERIFY2(ran.out.contains("a-00001-of-00002.gguf\t6\t"), ran.out);  // with all its parts
        QVERIFY2(!ran.out.contains("\na-00002") && !ran.out.contains("note.txt"), ran.out);
    }

    void models_withoutAPluginOfTheRole_areMissingHere() {
        const Place place;
        place.write("m.gguf", "no model");
        const Ran ran = place.dubito({"models", "show", "m.gguf"});
        if (ran.err.contains("has the role")) QCOMPARE(ran.code, 9);
        else QVERIFY2(ran.code != 0 && ran.err.contains("m.gguf"), ran.err);  // a plugin is built: it says why not
    }

    void terminal_getsNoCommands() {
        const QString script = QStandardPaths::findExecutable("script");
        if (script.isEmpty()) QSKIP("util-linux has no script here");
        const Place place;
        place.addFake();
        QCOMPARE(place
                     .dubito({"run", "p.dubito", "fake", "--set", "steps=2", "--threads", "1", "--title",
                         QString::fromUtf8("a\x1b[31m\xe2\x80\xae"
                                           "b")})
                     .code,
            0);
        for (const QString& format : {QString("table"), QString("csv"), QString("json"), QString("tsv")}) {
            QProcess process;
            process.setWorkingDirectory(place.path("."));
            process.start(
                script, {"-qc", QString(DUBITO_BIN) + "/dubito list p.dubito --output " + format, "/dev/null"});
            QVERIFY(process.waitForFinished(120'000));
            const QByteArray out = process.readAllStandardOutput();
            QVERIFY2(out.contains("[31m") && !out.contains('\x1b') && !out.contains("\xe2\x80\xae"), out);
        }
    }
};

QTEST_GUILESS_MAIN(tst_CliAnswers)
#include "tst_cli_answers.moc"
