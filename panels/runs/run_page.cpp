// On a reader's thread. A mean is over seeds, so that a repeated run does not count twice.
#include "runs/run_page.h"

#include <QStringList>

#include <algorithm>
#include <cmath>

#include "run/run_state.h"

namespace dubito::runs {
namespace {

constexpr int kSparkColumns = 32;

run::RunState stateOf(const store::RunRow& run) { return static_cast<run::RunState>(run.state); }

class PageReader {
public:
    PageReader(store::Database& db, const PageRequest& request) : m_db(db), m_request(request) {}

    Result<RunsPage> read();

private:
    Result<void> prepare();
    Result<TableRow> rowOf(const store::RunRow& run);
    Result<std::vector<TableRow>> rowsOf(const store::RunGroup& group);
    Result<void> addSpark(TableRow& row, std::int64_t points);
    Result<void> addBaseline(RunsPage& page);
    Result<void> addRows(RunsPage& page);
    void compare(TableRow& row) const;

    store::Database& m_db;
    const PageRequest& m_request;
    std::map<std::int64_t, Spark> m_sparks;
    std::optional<store::Statement> m_latest;
    std::optional<TableRow> m_baseline;
    std::int64_t m_baselineRun = 0;
};

Result<void> PageReader::prepare() {
    // The reducer is one of four words of the panel's own.
    DUBITO_TRY(m_latest, m_db.prepare("SELECT " + m_request.reducer +
                                      ", n FROM latest JOIN name USING(name_no) WHERE run_no=?1 AND name.text=?2"));
    DUBITO_TRY(m_baselineRun, store::queryBaseline(m_db));
    return {};
}

Result<void> PageReader::addSpark(TableRow& row, std::int64_t points) {
    if (const auto known = m_request.known.find(row.run.runNo);
        known != m_request.known.end() && known->second.points == points) {
        m_sparks[row.run.runNo] = row.spark = known->second;
        return {};
    }
    row.spark.points = points;
    const std::string& key = m_request.metrics.front();
    DUBITO_TRY(const auto range, store::queryStepRange(m_db, row.run.runNo, key));
    if (!range) return {};
    DUBITO_TRY(
        const auto columns, store::queryColumns(m_db, row.run.runNo, key, range->first, range->second, kSparkColumns));
    for (const auto& column : columns)
        if (std::isfinite(column.last)) row.spark.steps << column.xLast, row.spark.values << column.last;
    m_sparks[row.run.runNo] = row.spark;
    return {};
}

Result<TableRow> PageReader::rowOf(const store::RunRow& run) {
    TableRow out;
    out.run = run;
    out.isBaseline = run.runNo == m_baselineRun;
    for (std::size_t i = 0; i < m_request.metrics.size(); ++i) {
        double value = std::nan("");
        std::int64_t points = 0;
        m_latest->bind(1, run.runNo).bind(2, m_request.metrics[i]);
        DUBITO_CHECK(m_latest->forEach([&] {
            value = m_latest->real(0);
            points = m_latest->integer(1);
        }));
        out.numbers.push_back({value, std::nan(""), std::nan("")});
        if (i == 0 && points > 1 && m_request.hasSparks) DUBITO_CHECK(addSpark(out, points));
    }
    if (!m_request.hasTags) return out;
    DUBITO_TRY(const auto tags, store::queryTags(m_db, run.runNo));
    QStringList words;
    for (const auto& tag : tags) words << QString::fromStdString(tag);
    out.tags = words.join(QStringLiteral(", "));
    return out;
}

/// On the line between its points; the step is one that the curve reaches.
double valueAt(const Spark& curve, double step) {
    const auto right = std::lower_bound(curve.steps.begin(), curve.steps.end(), step);
    const auto i = std::min<qsizetype>(right - curve.steps.begin(), curve.steps.size() - 1);
    if (i == 0 || curve.steps[i] <= step) return curve.values[i];
    const double share = (step - curve.steps[i - 1]) / (curve.steps[i] - curve.steps[i - 1]);
    return curve.values[i - 1] + share * (curve.values[i] - curve.values[i - 1]);
}

/// Where a curve is missing its mean would leap: only steps that all of them have.
Spark meanOf(const std::vector<const Spark*>& curves) {
    Spark out;
    if (curves.empty()) return out;
    double from = -INFINITY, to = INFINITY;
    for (const Spark* curve : curves) {
        out.points += curve->points;
        from = std::max(from, curve->steps.first());
        to = std::min(to, curve->steps.last());
    }
    if (!(from < to)) return out;
    for (int i = 0; i < kSparkColumns; ++i) {
        const double step = from + (to - from) * i / (kSparkColumns - 1);
        double sum = 0;
        for (const Spark* curve : curves) sum += valueAt(*curve, step);
        out.steps << step;
        out.values << sum / static_cast<double>(curves.size());
    }
    return out;
}

/// What a group is as a whole: still going while one of its runs is, done when one is, else as its first.
void summarise(TableRow& group, const std::vector<TableRow>& runs) {
    std::map<std::int64_t, const TableRow*> newest;  // of each seed, those that are done before others
    for (const TableRow& row : runs) {
        const bool isDone = stateOf(row.run) == run::RunState::Done;
        group.inside << row.run.runNo;
        group.failed += stateOf(row.run) == run::RunState::Failed;
        group.isBaseline |= row.isBaseline;
        if (!run::isFinal(stateOf(row.run))) group.run.state = row.run.state;
        else if (isDone && run::isFinal(stateOf(group.run))) group.run.state = row.run.state;
        const TableRow*& of = newest[row.run.seed];
        if (!of || isDone || stateOf(of->run) != run::RunState::Done) of = &row;
    }
    group.seeds = static_cast<int>(newest.size());
    group.values.resize(group.numbers.size());
    std::vector<const Spark*> done, all;
    for (const auto& [seed, row] : newest) {
        if (row->spark.values.size() > 1) {
            all.push_back(&row->spark);
            if (stateOf(row->run) == run::RunState::Done) done.push_back(&row->spark);
        }
        if (stateOf(row->run) != run::RunState::Done) continue;
        ++group.done;
        for (std::size_t i = 0; i < group.numbers.size(); ++i)
            if (std::isfinite(row->numbers[i].estimate)) group.values[i].push_back(row->numbers[i].estimate);
    }
    for (std::size_t i = 0; i < group.numbers.size(); ++i) group.numbers[i] = stats::meanInterval(group.values[i]);
    group.spark = meanOf(done.empty() ? all : done);
}

Result<std::vector<TableRow>> PageReader::rowsOf(const store::RunGroup& group) {
    std::vector<TableRow> runs;
    for (const auto& run : group.runs) {
        DUBITO_TRY(runs.emplace_back(), rowOf(run));
    }
    if (runs.size() < 2) return runs;
    TableRow whole;
    whole.run = runs.front().run;
    whole.numbers.resize(m_request.metrics.size());
    summarise(whole, runs);
    whole.isOpen = m_request.open.contains(group.configNo);
    if (!whole.isOpen) return std::vector{std::move(whole)};
    for (TableRow& row : runs) row.isInside = true;
    runs.insert(runs.begin(), std::move(whole));
    return runs;
}

/// Differences of means over seeds have an interval, of single runs none.
void PageReader::compare(TableRow& row) const {
    if (!m_baseline || row.isBaseline) return;
    row.isDifference = true;
    for (std::size_t i = 0; i < row.numbers.size(); ++i) {
        stats::Interval& number = row.numbers[i];
        if (row.isGroup() && m_baseline->isGroup())
            number = stats::meanDifference(row.values[i], m_baseline->values[i]);
        else number = {number.estimate - m_baseline->numbers[i].estimate, std::nan(""), std::nan("")};
    }
}

Result<void> PageReader::addBaseline(RunsPage& page) {
    if (!m_baselineRun) return {};
    DUBITO_TRY(const auto run, store::findRun(m_db, m_baselineRun));
    if (!run) return {};
    page.baseline = QString::fromStdString(run->name());
    std::vector<TableRow> rows;
    if (m_request.isGrouped) {
        store::RunQuery query;
        query.configNo = run->configNo;
        DUBITO_TRY(const auto groups, store::queryRunGroups(m_db, query));
        if (groups.empty()) return {};
        DUBITO_TRY(rows, rowsOf(groups.front()));
    } else {
        DUBITO_TRY(rows.emplace_back(), rowOf(*run));
    }
    m_baseline = rows.front();
    for (std::size_t i = 1; i < rows.size(); ++i) compare(rows[i]);
    if (m_request.query.offset == 0) page.rows = std::move(rows);
    return {};
}

Result<RunsPage> PageReader::read() {
    RunsPage page;
    DUBITO_CHECK(prepare());
    DUBITO_CHECK(addBaseline(page));
    DUBITO_CHECK(addRows(page));
    page.sparks = std::move(m_sparks);
    return page;
}

Result<void> PageReader::addRows(RunsPage& page) {
    const auto take = [&](TableRow row) {
        compare(row);
        page.rows.push_back(std::move(row));
    };
    if (m_request.isGrouped) {
        DUBITO_TRY(const auto groups, store::queryRunGroups(m_db, m_request.query));
        page.entries = static_cast<std::int64_t>(groups.size());
        for (const auto& group : groups) {
            if (m_baseline && group.configNo == m_baseline->run.configNo) continue;
            DUBITO_TRY(auto rows, rowsOf(group));
            for (TableRow& row : rows) take(std::move(row));
        }
        return {};
    }
    DUBITO_TRY(const auto runs, store::queryRuns(m_db, m_request.query));
    page.entries = static_cast<std::int64_t>(runs.size());
    for (const auto& run : runs) {
        if (m_baseline && run.runNo == m_baseline->run.runNo) continue;
        DUBITO_TRY(auto row, rowOf(run));
        take(std::move(row));
    }
    return {};
}

}  // namespace

Result<RunsPage> loadPage(store::Database& db, const PageRequest& request) { return PageReader(db, request).read(); }

}  // namespace dubito::runs
