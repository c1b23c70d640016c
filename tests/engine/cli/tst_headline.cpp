// What a run answers with: intervals beside their scalars, the newest text, tables put together, what to type next.
#include <QTest>

#include "cli/headline.h"
#include "journal/array_block.h"
#include "run/run_state.h"
#include "store/writer.h"
#include "support/results.h"
#include "support/temp_project.h"

using namespace dubito;
using namespace dubito::cli;
using tests::get;
using tests::ok;

namespace {

/// A project with one run that published what a test says.
class Published {
public:
    Published() : m_writer(get(store::ProjectWriter::open(m_project.file))) {
        store::NewRun run;
        run.id = makeUuid();
        run.specJson = "{}";
        run.specHash = sha256(asBytes(run.specJson));
        run.groupHash = run.specHash;
        run.pluginId = "org.dubito.fake";
        run.pluginVersion = "1.0.0";
        run.system = "fake";
        run.title = "it";
        run.createdUs = 1;
        run.parameters = Json::object();
        ok(m_writer->begin());
        m_runNo = get(m_writer->addRun(run));
        ok(m_writer->commit());
    }
    void scalar(const std::string& key, std::vector<double> values, const std::string& unit = "") {
        ok(m_writer->begin());
        const auto series = open(key, journal::RecordType::ScalarGroup, unit);
        for (std::size_t i = 0; i < values.size(); ++i)
            ok(m_writer->addPoint(series, static_cast<std::int64_t>(i), 1, values[i]));
        ok(m_writer->commit());
    }
    void record(const std::string& key, journal::RecordType kind, const std::string& meta,
        const std::vector<journal::Array>& arrays = {}) {
        Bytes block;
        journal::encodeArrayBlock(block, arrays);
        ok(m_writer->begin());
        ++m_step;
        ok(m_writer->addRecord(open(key, kind, ""), m_step, 1, static_cast<std::uint64_t>(m_step), meta, block));
        ok(m_writer->commit());
    }
    std::vector<Finding> find(const std::vector<run::HeadlineDescription>& headline,
        const std::vector<run::OutputDescription>& outputs = {}) {
        run::PluginDescription plugin;
        plugin.headline = headline;
        plugin.outputs = outputs;
        return get(findingsOf(m_writer->database(), row(), plugin));
    }
    store::RunRow row() { return *get(store::findRun(m_writer->database(), m_runNo)); }

private:
    store::SeriesNo open(const std::string& key, journal::RecordType kind, const std::string& unit) {
        journal::SeriesDefinition definition;
        definition.series = static_cast<std::uint32_t>(m_numbers.emplace(key, m_numbers.size() + 1).first->second);
        definition.kind = kind;
        definition.key = key;
        definition.unit = unit;
        return get(m_writer->openSeries(m_runNo, 1, 0, definition));
    }
    tests::TempProject m_project;
    std::unique_ptr<store::ProjectWriter> m_writer;
    std::int64_t m_runNo = 0, m_step = 0;
    std::map<std::string, std::size_t> m_numbers;
};

journal::Array numbers(const char* name, std::span<const double> values) {
    journal::Array out;
    out.name = name;
    out.dtype = kF64;
    out.shape = {static_cast<std::int64_t>(values.size())};
    out.data = ByteSpan(reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes());
    return out;
}

}  // namespace

class tst_Headline : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void scalars_withBounds_showTheirInterval() {
        Published run;
        run.scalar("eval/acc@a", {0.1, 0.5}, "1");
        run.scalar("eval/acc_lo@a", {0.4}), run.scalar("eval/acc_hi@a", {0.6});
        run.scalar("eval/acc@b", {0.7}, "1");
        run.scalar("eval/acc_lo@b", {0.6});  // half an interval
        run.scalar("loss", {2, 1.23456789}, "nats"), run.scalar("loss_lo", {1}), run.scalar("loss_hi", {1.5});
        const auto found = run.find({{"loss", ""}, {"eval/*", ""}, {"loss", ""}, {"absent", ""}});
        QCOMPARE(found.size(), std::size_t(3));
        QCOMPARE(found[0].key, std::string("loss"));
        QCOMPARE(found[0].value, 1.23456789);
        QCOMPARE(found[1].key, std::string("eval/acc@a"));
        QCOMPARE(found[1].value, 0.5);
        QVERIFY(found[1].low && *found[1].low == 0.4 && *found[1].high == 0.6);
        QVERIFY(found[2].key == "eval/acc@b" && !found[2].low && !found[2].high);
        QCOMPARE(findingsText(found), std::string("measure     value    unit  low  high\n"
                                                  "loss        1.23457  nats    1   1.5\n"
                                                  "eval/acc@a      0.5        0.4   0.6\n"
                                                  "eval/acc@b      0.7\n"));
    }

    void plugin_withoutHeadline_answersWithItsScalars() {
        Published run;
        run.scalar("a", {1}), run.scalar("b", {2}), run.scalar("other", {3});
        run.record("t", journal::RecordType::Event, "{}");
        const auto declared = run.find({}, {{"b", "scalar", "", ""}, {"t", "event", "", ""}, {"a", "scalar", "", ""}});
        QVERIFY(declared.size() == 2 && declared[0].key == "b" && declared[1].key == "a");
        QCOMPARE(run.find({}).size(), std::size_t(3));
        QCOMPARE(Published().find({}).size(), std::size_t(0));
        QCOMPARE(findingsText({}), std::string());
    }

    void event_withAField_answersWithItsNewestText() {
        Published run;
        for (int i = 0; i < 150; ++i) run.record("chat/turn", journal::RecordType::Event, R"({"answer": "older"})");
        run.record("chat/turn", journal::RecordType::Event, "{\"answer\": \"Paris.\\nYes \\u001b[31m\"}");
        run.record("chat/turn", journal::RecordType::Event, R"({"name": "start"})");
        run.record("chat/turn", journal::RecordType::Event, "no json");
        const auto found = run.find({{"chat/turn", "answer"}});
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(found[0].text, std::string("Paris.\nYes \x1b[31m"));
        QCOMPARE(findingsText(found), std::string("Paris.\nYes \\x1b[31m\n"));
        QCOMPARE(run.find({{"chat/turn", "absent"}}).size(), std::size_t(0));
    }

    void table_ofSeveralRecords_isOneTable() {
        Published run;
        const double first[] = {1, 2}, second[] = {std::nan("")};
        run.record("quant/lab", journal::RecordType::Table, "{}", {numbers("bits", first)});
        run.record("quant/lab", journal::RecordType::Table, "{}", {numbers("bits", second), numbers("kl", second)});
        const auto found = run.find({{"quant/lab", ""}});
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(findingsText(found), std::string("bits  kl\n   1\n   2\n nan  nan\n"));
        Table table = findingsTable();
        appendFindings(table, run.row(), found);
        QCOMPARE(table.rows.size(), std::size_t(3));
        QCOMPARE(table.rows[2][4].text, std::string(R"({"bits":"nan","kl":"nan"})"));
    }

    void programs_getARowARunEvenWithoutAnAnswer() {
        Published run;
        Table table = findingsTable();
        appendFindings(table, run.row(), {});
        QCOMPARE(render(table, Format::Csv), std::string("run,name,state,key,value,unit,low,high\n1,it,queued,,,,,\n"));
    }

    void next_isFilledInQuotedAndOfThisProgram() {
        Published run;
        store::RunRow row = run.row();
        row.state = static_cast<int>(run::RunState::Done);
        run::PluginDescription plugin;
        using Lines = std::vector<std::string>;
        QCOMPARE(nextCommands(plugin, row, "p.dubito"), Lines{"dubito show p.dubito 1"});
        plugin.next = {"dubito models export {run} out --project {file}", "rm -rf {file}", "dubito a\nrm b"};
        QCOMPARE(nextCommands(plugin, row, "my p's.dubito"),
            Lines{"dubito models export 1 out --project 'my p'\\''s.dubito'"});
        QCOMPARE(nextCommands(plugin, row, "{run}"), Lines{"dubito models export 1 out --project '{run}'"});
        row.state = static_cast<int>(run::RunState::Failed);
        QCOMPARE(nextCommands(plugin, row, "p.dubito"), Lines{"dubito log p.dubito 1"});
        row.state = static_cast<int>(run::RunState::Cancelled);
        QCOMPARE(nextCommands(plugin, row, "p.dubito"), Lines{"dubito resume p.dubito 1"});
    }
};

QTEST_GUILESS_MAIN(tst_Headline)
#include "tst_headline.moc"
