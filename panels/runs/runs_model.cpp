// One page of 200 rows a query; answers of older queries are dropped.
#include "runs/runs_model.h"

#include <QLocale>
#include <QRegularExpression>

#include <algorithm>

#include "kit/colours.h"
#include "kit/controls.h"
#include "run/run_state.h"

namespace dubito::runs {
namespace {

constexpr std::int64_t kPage = 200;
struct Page {
    std::vector<store::RunRow> rows;
    std::map<std::int64_t, double> numbers;
};

}  // namespace

void RunsModel::attach(const kit::PanelContext& context) {
    m_context = context;
    beginResetModel();
    m_rows.clear();
    endResetModel();
    if (m_context.readers) reload();
}

void RunsModel::setFilter(const QString& text) {
    const bool isExpression = text.contains(QRegularExpression(QStringLiteral("[=<>~]")));
    m_query.where = isExpression ? text.toStdString() : std::string();
    m_query.text = isExpression ? std::string() : text.toStdString();
    reload();
}

void RunsModel::setMetric(const QString& key, const QString& reducer) {
    // Numbers of another metric never stand under this one's name, not even until the rows are there.
    if (m_metric != key || m_reducer != reducer) m_numbers.clear();
    m_metric = key;
    m_reducer = reducer;
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, Columns - 1);
    reload();
}

void RunsModel::reload() { query(0); }
void RunsModel::fetchMore(const QModelIndex&) {
    m_mayHaveMore = false;
    query(static_cast<std::int64_t>(m_rows.size()));
}

void RunsModel::query(std::int64_t offset) {
    const int generation = ++m_generation;
    store::RunQuery query = m_query;
    query.offset = offset;
    query.limit = offset == 0 ? std::max<std::int64_t>(
                                    kPage, std::min<std::int64_t>(static_cast<std::int64_t>(m_rows.size()), 2000))
                              : kPage;
    const std::string metric = m_metric.toStdString(), reducer = m_reducer.toStdString();
    kit::asyncQuery<Page>(
        m_context, this,
        [query, metric, reducer](store::Database& db) -> Result<Page> {
            Page page;
            DUBITO_TRY(page.rows, store::queryRuns(db, query));
            DUBITO_TRY(store::Statement latest,
                db.prepare(
                    "SELECT " + reducer + " FROM latest JOIN name USING(name_no) WHERE run_no=?1 AND name.text=?2"));
            for (const auto& row : page.rows) {
                latest.bind(1, row.runNo).bind(2, metric);
                DUBITO_CHECK(latest.forEach([&] { page.numbers[row.runNo] = latest.real(0); }));
            }
            return page;
        },
        [this, generation, offset, limit = query.limit](Result<Page> page) {
            if (generation != m_generation) return;
            if (!page) {
                Q_EMIT failed(QString::fromStdString(page.error().text()));
                return;
            }
            m_mayHaveMore = static_cast<std::int64_t>(page->rows.size()) == limit;
            m_numbers.merge(page->numbers);
            for (const auto& [runNo, number] : page->numbers) m_numbers[runNo] = number;
            if (offset > 0) {
                if (page->rows.empty()) return;
                beginInsertRows(
                    {}, static_cast<int>(m_rows.size()), static_cast<int>(m_rows.size() + page->rows.size()) - 1);
                m_rows.insert(m_rows.end(), page->rows.begin(), page->rows.end());
                endInsertRows();
            } else {
                const bool sameRuns = page->rows.size() == m_rows.size() &&
                                      std::equal(m_rows.begin(), m_rows.end(), page->rows.begin(),
                                          [](const auto& a, const auto& b) { return a.runNo == b.runNo; });
                if (sameRuns) {
                    m_rows = std::move(page->rows);
                    if (!m_rows.empty())
                        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, Columns - 1));
                } else {
                    beginResetModel();
                    m_rows = std::move(page->rows);
                    endResetModel();
                }
            }
            Q_EMIT loaded(m_rows.empty(), !m_query.where.empty() || !m_query.text.empty());
        });
}

int RunsModel::rowOf(qint64 runNo) const {
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].runNo == runNo) return static_cast<int>(i);
    return -1;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    const store::RunRow* row = rowAt(index.row());
    if (!row) return {};
    if (role == RunNoRole) return QVariant::fromValue<qint64>(row->runNo);
    if (role == StateRole) return row->state;
    if (role == RunIdRole) return QByteArray(reinterpret_cast<const char*>(row->id.bytes.data()), 16);
    if (role == Qt::ToolTipRole) return kit::plainToolTip(toolTipAt(*row, index.column()));
    if (role == Qt::FontRole && (index.column() == Number || index.column() == Duration || index.column() == Started))
        return kit::monoFont();
    if (role == Qt::TextAlignmentRole && (index.column() == Number || index.column() == Duration))
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ForegroundRole && index.column() != Name && index.column() != Number) return kit::palette().sub;
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) return textAt(*row, index.column(), false);
    if (role == WholeRole) return textAt(*row, index.column(), true);
    return {};
}

QString RunsModel::textAt(const store::RunRow& row, int column, bool isWhole) const {
    switch (column) {
        case State: return kit::stateWord(row.state);
        case Name: return QString::fromStdString(row.name());
        case System: return QString::fromStdString(row.system);
        case Progress: {
            if (row.state == static_cast<int>(run::RunState::Failed))
                return QString::fromStdString(std::string(run::causeName(static_cast<run::Cause>(row.cause)))) +
                       QStringLiteral(": ") + QString::fromStdString(row.detail).section(QLatin1Char('\n'), 0, 0);
            if (run::isFinal(static_cast<run::RunState>(row.state))) return QString();
            const QString phase = QString::fromStdString(row.phase);
            return row.total > 0
                       ? QStringLiteral("%1 % · %2").arg(static_cast<int>(100 * row.done / row.total)).arg(phase)
                       : phase;
        }
        case Number: {
            const auto found = m_numbers.find(row.runNo);
            if (found == m_numbers.end()) return isWhole ? QString() : QStringLiteral("–");
            return isWhole ? QString::number(found->second, 'g', 17) : kit::shortNumber(found->second);
        }
        case Started: {
            const QDateTime at = QDateTime::fromMSecsSinceEpoch(row.createdUs / 1000);
            return isWhole ? at.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"))
                           : shortTime(at, QDateTime::currentDateTime());
        }
        case Duration:
            if (row.endedUs) return row.workedUs ? kit::durationText(*row.workedUs) : QString();
            return row.startedUs ? kit::durationText(QDateTime::currentMSecsSinceEpoch() * 1000 - *row.startedUs)
                                 : QString();
        default: return {};
    }
}

QString RunsModel::toolTipAt(const store::RunRow& row, int column) const {
    QStringList lines;
    if (column == Name || column == Started || column == Number) lines << textAt(row, column, true);
    if (!row.detail.empty()) lines << QString::fromStdString(row.detail);
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

QString shortTime(const QDateTime& at, const QDateTime& now) {
    if (at.date() == now.date()) return at.toString(QStringLiteral("HH:mm:ss"));
    if (at.date().year() == now.date().year()) return at.toString(QStringLiteral("MM-dd HH:mm"));
    return at.toString(QStringLiteral("yyyy-MM-dd"));
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole && (section == Number || section == Duration))
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != WholeRole) return {};
    switch (section) {
        case State: return tr("state");
        case Name: return tr("name");
        case System: return tr("system");
        case Progress: return tr("progress");
        case Number: {
            if (role != Qt::DisplayRole) return QStringLiteral("%1 (%2)").arg(m_metric, m_reducer);
            // The end of a key says most; which value of it stands in the box above.
            constexpr int kMostShown = 13;
            const QString leaf = m_metric.section(QLatin1Char('/'), -1);
            return leaf.size() <= kMostShown ? leaf : leaf.left(kMostShown - 1) + QStringLiteral("…");
        }
        case Started: return tr("created");
        case Duration: return tr("duration");
        default: return {};
    }
}

void RunsModel::sort(int column, Qt::SortOrder order) {
    switch (column) {
        case State: m_query.orderBy = "state"; break;
        case Name: m_query.orderBy = "name"; break;
        case System: m_query.orderBy = "system"; break;
        case Number: m_query.orderBy = "metric:" + m_metric.toStdString() + ":" + m_reducer.toStdString(); break;
        case Duration: m_query.orderBy = "duration"; break;
        default: m_query.orderBy = "created"; break;
    }
    m_query.descending = order == Qt::DescendingOrder;
    reload();
}

}  // namespace dubito::runs
