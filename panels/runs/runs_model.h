// Rows of the run table, paged by key; never counts on the GUI path.
#pragma once

#include <QAbstractTableModel>
#include <QDateTime>

#include "kit/panel_context.h"

namespace dubito::runs {

/// As short as it can be told from now: the time of today, the day of this year, else the date.
QString shortTime(const QDateTime& at, const QDateTime& now);

class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { State, Name, System, Progress, Number, Started, Duration, Columns };
    /// Whole: what the cell says, not shortened for its width.
    enum Role { RunNoRole = Qt::UserRole, StateRole, RunIdRole, WholeRole };
    explicit RunsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void attach(const kit::PanelContext& context);
    void setFilter(const QString& text);  ///< a filter expression when it has an operator, else part of a name
    void setMetric(const QString& key, const QString& reducer);
    void reload();  ///< asks the store again, keeping rows until the answer
    qint64 runNoAt(int row) const {
        return row >= 0 && row < static_cast<int>(m_rows.size()) ? m_rows[static_cast<std::size_t>(row)].runNo : 0;
    }
    bool hasMore() const { return m_mayHaveMore; }
    int rowOf(qint64 runNo) const;
    const store::RunRow* rowAt(int row) const {
        return row >= 0 && row < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<std::size_t>(row)] : nullptr;
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : Columns; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;
    bool canFetchMore(const QModelIndex& parent) const override { return !parent.isValid() && m_mayHaveMore; }
    void fetchMore(const QModelIndex& parent) override;

Q_SIGNALS:
    void loaded(bool empty, bool filtered);
    void failed(const QString& sentence);

private:
    QString textAt(const store::RunRow& row, int column, bool isWhole) const;
    QString toolTipAt(const store::RunRow& row, int column) const;
    void query(std::int64_t offset);
    kit::PanelContext m_context;
    store::RunQuery m_query;
    std::vector<store::RunRow> m_rows;
    std::map<std::int64_t, double> m_numbers;
    QString m_metric = QStringLiteral("trace/logprob"), m_reducer = QStringLiteral("last");
    bool m_mayHaveMore = false;
    int m_generation = 0;
};

}  // namespace dubito::runs
