// The run that a person means by a few letters.
#include <QTest>

#include "store/writer.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::store;
using tests::get;
using tests::ok;

namespace {

class Runs {
public:
    Runs() : m_writer(get(ProjectWriter::open(m_project.file))) {}

    std::int64_t add(const std::string& title, const RunId& id = makeUuid()) {
        NewRun run;
        run.id = id;
        run.specJson = "{}";
        run.specHash = sha256(asBytes(run.specJson));
        run.groupHash = run.specHash;
        run.pluginId = "org.dubito.fake";
        run.pluginVersion = "1.0.0";
        run.system = "fake";
        run.title = title;
        run.createdUs = 1;
        run.parameters = Json::object();
        ok(m_writer->begin());
        const std::int64_t runNo = get(m_writer->addRun(run));
        ok(m_writer->commit());
        return runNo;
    }
    void putIntoBin(std::int64_t runNo) {
        ok(m_writer->edit("delete", "", [&](Database& db) -> Result<void> {
            DUBITO_TRY(Statement put, db.prepare("UPDATE run_user SET deleted_us=1 WHERE run_id=(SELECT id FROM run "
                                                 "WHERE run_no=?1)"));
            put.bind(1, runNo);
            return put.run();
        }));
    }
    /// The run's number, else "what: sentence".
    QByteArray meant(const std::string& text, bool fromBin = false) {
        const auto row = resolveRun(m_writer->database(), text, fromBin);
        if (row) return QByteArray::number(static_cast<qlonglong>(row->runNo));
        return QByteArray::fromStdString(std::string(codeName(row.error().code())) + ": " + row.error().text());
    }
    RunRow row(std::int64_t runNo) { return *get(findRun(m_writer->database(), runNo)); }

private:
    tests::TempProject m_project;
    std::unique_ptr<ProjectWriter> m_writer;
};

RunId idOf(const char* hex) {
    RunId id;
    for (int i = 0; i < 16; ++i)
        id.bytes[i] = static_cast<std::uint8_t>(std::stoi(std::string(hex + 2 * i, 2), nullptr, 16));
    return id;
}

}  // namespace

class tst_RunNames : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void name_everyForm_findsTheRun() {
        Runs runs;
        QCOMPARE(runs.add("penny", idOf("0190aaaabbbb7ccc8ddd0000000000aa")), std::int64_t(1));
        QCOMPARE(runs.add("", idOf("0190aaaabbbc7ccc8ddd00000000beef")), std::int64_t(2));
        for (const char* form : {"1", "run 1", "run1", "Run 1", "penny", "pen", "0190aaaa-bbbb-7ccc-8ddd-0000000000aa",
                 "0190aaaabbbb", "0190AAAA-BBBB", "fake-00aa"})
            QCOMPARE(runs.meant(form), QByteArray("1"));
        for (const char* form : {"2", "fake-beef", "fake-", "0190aaaabbbc", "beef"})
            QCOMPARE(runs.meant(form), QByteArray("2"));
    }

    void name_ofSeveral_listsNumbersTitlesAndStates() {
        Runs runs;
        runs.add("coin one"), runs.add("coin two"), runs.add("other"), runs.add("other");
        QCOMPARE(runs.meant("coin"), QByteArray("InvalidArgument: \"coin\" may mean 2 runs: 1 coin one (queued), "
                                                "2 coin two (queued); give the number"));
        QCOMPARE(runs.meant("other"), QByteArray("InvalidArgument: \"other\" may mean 2 runs: 3 other (queued), "
                                                 "4 other (queued); give the number"));
        for (int i = 0; i < 20; ++i) runs.add("many");
        QVERIFY(runs.meant("many").contains("20 runs") && runs.meant("many").contains("and 14 more"));
    }

    void name_whole_goesBeforeABeginning() {
        Runs runs;
        runs.add("coin"), runs.add("coin two");
        QCOMPARE(runs.meant("coin"), QByteArray("1"));
        QCOMPARE(runs.meant("coin t"), QByteArray("2"));
    }

    void number_givenAsATitleToo_meansTheNumber() {
        Runs runs;
        runs.add("2"), runs.add("b"), runs.add("run 2");
        QCOMPARE(runs.meant("2"), QByteArray("2"));
        QVERIFY(runs.meant("run 2").contains("2 b (queued), 3 run 2 (queued)"));  // neither is likelier
        QCOMPARE(runs.meant("run 3"), QByteArray("3"));
    }

    void nothingOfThatName_saysSo() {
        Runs runs;
        runs.add("only");
        QVERIFY(runs.meant("9").startsWith("NotFound: there is no run 9;"));
        QVERIFY(runs.meant("run 9").startsWith("NotFound: there is no run 9;"));
        QVERIFY(runs.meant("0").startsWith("NotFound: "));
        QVERIFY(runs.meant("99999999999999999999").startsWith("NotFound: "));
        QVERIFY(runs.meant("").startsWith("InvalidArgument: "));
        QVERIFY(runs.meant("nly").startsWith("NotFound: "));
        for (const char* wild : {"%", "_nly", "onl_", "o%", "'", "run", "-", "abc"})
            QVERIFY2(runs.meant(wild).startsWith("NotFound: "), wild);
    }

    void idBeginning_ofFewDigits_isNoName() {
        Runs runs;
        runs.add("a", idOf("0190aaaabbbb7ccc8ddd0000000000aa"));
        QVERIFY(runs.meant("019").startsWith("NotFound: "));
        QCOMPARE(runs.meant("0190"), QByteArray("1"));
    }

    void bin_isLookedIntoLast_orFirstForARestore() {
        Runs runs;
        runs.add("coin"), runs.add("coin"), runs.add("gone");
        runs.putIntoBin(1), runs.putIntoBin(3);
        QCOMPARE(runs.meant("coin"), QByteArray("2"));
        QCOMPARE(runs.meant("coin", true), QByteArray("1"));
        QCOMPARE(runs.meant("gone"), QByteArray("3"));
        QCOMPARE(runs.meant("1"), QByteArray("1"));
    }
};

QTEST_GUILESS_MAIN(tst_RunNames)
#include "tst_run_names.moc"
