// Rows of the run table, paged; never counts on the way to the first row.
#pragma once

#include <QAbstractTableModel>
#include <QDateTime>
#include <QHash>

#include <set>

#include "kit/panel_context.h"
#include "runs/run_page.h"

namespace dubito::runs {

/// As short as it can be told from now: the time of today, the day of this year, else the date.
QString shortTime(const QDateTime& at, const QDateTime& now);

class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    /// From Columns on: one for each metric more.
    enum Column {
        Star,
        State,
        Name,
        System,
        Progress,
        Number,
        Started,
        Duration,
        Tags,
        Seed,
        Spark,
        Interval,
        Columns
    };
    /// Whole: what the cell says, not shortened for its width.
    enum Role { RunNoRole = Qt::UserRole, StateRole, RunIdRole, WholeRole, SparkRole, IsBaselineRole };
    explicit RunsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {
        m_query.helpers = store::RunQuery::Helpers::Without;
    }
    /// Of a column, in layouts and settings.
    static const char* columnId(int column);

    void attach(const kit::PanelContext& context);
    /// A filter expression when it has an operator, else part of a name, tag or note. Unfinished: the rows stay.
    /// @return what is wrong with it; empty: nothing
    QString setFilter(const QString& text);
    void setMetric(const QString& key, const QString& reducer);
    const QString& metric() const { return m_metric; }
    void setMoreMetrics(const QStringList& keys);  ///< a column each
    const QStringList& moreMetrics() const { return m_more; }
    /// One row for all seeds of a configuration, with the mean of its numbers.
    void setGrouped(bool on);
    bool isGrouped() const { return m_isGrouped; }
    bool mayOpen(int row) const;  ///< it is a group
    void setOpen(int row, bool on);
    bool isOpen(int row) const { return mayOpen(row) && m_rows[static_cast<std::size_t>(row)].isOpen; }
    /// Sessions that only help other runs are rows too.
    void setHelpersShown(bool on);
    qint64 helpers() const { return m_helpers; }            ///< how many there are; negative: not counted yet
    const QString& baseline() const { return m_baseline; }  ///< its name; empty: none
    void setSparksNeeded(bool on);
    static QString reducerName(const QString& reducer);  ///< "last", "min", "max" or "mean" in the window's language
    void setTagsNeeded(bool on);                         ///< tags are looked up only for who shows them
    void reload();                                       ///< asks the store again, keeping rows until the answer
    /// All rows there are, up to 20,000; `then` once they are there.
    void loadAll(std::function<void()> then);
    /// Numbers of all runs that the filter lets through, loaded or not, in the table's order.
    void askNumbers(std::function<void(QVector<qint64>)> then);
    qint64 runNoAt(int row) const {
        return row >= 0 && row < static_cast<int>(m_rows.size()) ? m_rows[static_cast<std::size_t>(row)].run.runNo : 0;
    }
    QVector<qint64> runsAt(int row) const;  ///< all of a group
    bool hasMore() const { return m_mayHaveMore; }
    bool isFiltered() const { return !m_query.where.empty() || !m_query.text.empty(); }
    /// Runs that the filter lets through, and all runs outside the bin; negative: not counted yet.
    qint64 hits() const { return m_hits; }
    qint64 all() const { return m_all; }
    int groupRowOf(qint64 runNo) const;  ///< of the group that the run is the first of, else as rowOf()
    int rowOf(qint64 runNo) const { return m_rowOf.value(runNo, -1); }
    const TableRow* rowAt(int row) const {
        return row >= 0 && row < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<std::size_t>(row)] : nullptr;
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    int columnCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : Columns + static_cast<int>(m_more.size());
    }
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;
    bool canFetchMore(const QModelIndex& parent) const override { return !parent.isValid() && m_mayHaveMore; }
    void fetchMore(const QModelIndex& parent) override;

Q_SIGNALS:
    void loaded(bool empty, bool filtered);
    void counted();
    void failed(const QString& sentence);

private:
    QString textAt(const TableRow& row, int column, bool isWhole) const;
    QString numberText(const TableRow& row, int column, bool isWhole) const;
    QString toolTipAt(const TableRow& row, int column) const;
    QString metricAt(int column) const { return column < Columns ? m_metric : m_more.value(column - Columns); }
    PageRequest pageRequest() const;
    QString orderName() const;
    void query(std::int64_t offset, std::int64_t limit);
    void take(RunsPage page, std::int64_t offset);
    void count();
    void number(std::size_t from);  ///< where each run stands

    kit::PanelContext m_context;
    store::RunQuery m_query;
    std::vector<TableRow> m_rows;
    std::map<std::int64_t, runs::Spark> m_sparks;  ///< by run; read anew when it has more points
    std::int64_t m_entries = 0;                    ///< runs or groups that the rows are of
    QHash<qint64, int> m_rowOf;
    QStringList m_more;
    std::set<std::int64_t> m_open;
    QString m_baseline;
    QString m_metric = QStringLiteral("trace/logprob"), m_reducer = QStringLiteral("last");
    std::vector<std::function<void()>> m_whenAll;  ///< wait for all rows
    int m_sortColumn = Started;
    qint64 m_hits = -1, m_all = -1, m_helpers = -1;
    bool m_isGrouped = false, m_needsSparks = false;
    bool m_mayHaveMore = false, m_needsTags = false, m_isCounting = false, m_countAgain = false;
    int m_generation = 0;
};

}  // namespace dubito::runs
