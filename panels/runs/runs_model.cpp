// One page of 200 rows a query; answers of older queries are dropped.
#include "runs/runs_model.h"

#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/run_words.h"
#include "run/run_state.h"
#include "store/filter.h"

namespace dubito::runs {
namespace {

constexpr std::int64_t kPage = 200, kMostLoaded = 20'000, kMostSelected = 1'000'000;

struct Counts {
    std::int64_t hits = 0, all = 0, helpers = 0;
};

bool isNumber(int column) { return column == RunsModel::Number || column >= RunsModel::Columns; }
bool standsRight(int column) {
    return isNumber(column) || column == RunsModel::Duration || column == RunsModel::Seed ||
           column == RunsModel::Interval;
}
std::size_t numberAt(int column) {
    return column < RunsModel::Columns ? 0 : std::size_t(column - RunsModel::Columns) + 1;
}

}  // namespace

const char* RunsModel::columnId(int column) {
    constexpr const char* kIds[] = {"star", "state", "name", "system", "progress", "number", "created", "duration",
        "tags", "seed", "curve", "interval"};
    static_assert(std::size(kIds) == Columns);
    return column >= 0 && column < Columns ? kIds[column] : "";
}

void RunsModel::attach(const kit::PanelContext& context) {
    m_context = context;
    ++m_generation;
    m_whenAll.clear();
    m_hits = m_all = m_helpers = -1;
    m_query.helperPlugins = kit::helperPlugins(m_context);
    m_entries = 0;
    m_open.clear();
    m_sparks.clear();
    m_baseline.clear();
    m_mayHaveMore = m_isCounting = false;
    beginResetModel();
    m_rows.clear();
    m_rowOf.clear();
    endResetModel();
    if (m_context.readers) reload();
}

QString RunsModel::setFilter(const QString& text) {
    const bool isExpression = text.contains(QRegularExpression(QStringLiteral("[=<>~]")));
    if (isExpression)
        if (const auto parsed = store::parseFilter(text.toStdString()); !parsed)
            return QString::fromStdString(parsed.error().message());
    const std::string where = isExpression ? text.toStdString() : std::string();
    const std::string part = isExpression ? std::string() : text.trimmed().toStdString();
    if (where == m_query.where && part == m_query.text) return {};
    m_query.where = where;
    m_query.text = part;
    m_hits = -1;
    reload();
    return {};
}

QString RunsModel::reducerName(const QString& reducer) {
    return reducer == QLatin1String("last")   ? tr("last")
           : reducer == QLatin1String("min")  ? tr("min")
           : reducer == QLatin1String("max")  ? tr("max")
           : reducer == QLatin1String("mean") ? tr("mean")
                                              : reducer;
}

void RunsModel::setMetric(const QString& key, const QString& reducer) {
    // Numbers of another metric never stand under this one's name, not even until the rows are there.
    if (m_metric != key || m_reducer != reducer) {
        for (TableRow& row : m_rows) row.numbers.clear(), row.spark = {};
        m_sparks.clear();
    }
    m_metric = key;
    m_reducer = reducer;
    m_query.orderBy = orderName().toStdString();
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    reload();
}

void RunsModel::setMoreMetrics(const QStringList& keys) {
    if (keys == m_more) return;
    for (TableRow& row : m_rows) row.numbers.resize(std::min<std::size_t>(row.numbers.size(), 1));
    if (!m_more.isEmpty()) {
        beginRemoveColumns({}, Columns, columnCount() - 1);
        m_more.clear();
        endRemoveColumns();
    }
    if (!keys.isEmpty()) {
        beginInsertColumns({}, Columns, Columns + static_cast<int>(keys.size()) - 1);
        m_more = keys;
        endInsertColumns();
    }
    if (m_sortColumn >= columnCount()) sort(Started, Qt::DescendingOrder);
    else reload();
}

void RunsModel::setGrouped(bool on) {
    if (m_isGrouped == on) return;
    m_isGrouped = on;
    m_entries = 0;
    reload();
}

bool RunsModel::mayOpen(int row) const {
    const TableRow* at = rowAt(row);
    return at && at->isGroup();
}

void RunsModel::setOpen(int row, bool on) {
    if (!mayOpen(row)) return;
    const std::int64_t config = m_rows[static_cast<std::size_t>(row)].run.configNo;
    if (on) m_open.insert(config);
    else m_open.erase(config);
    reload();
}

int RunsModel::groupRowOf(qint64 runNo) const {
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].isGroup() && m_rows[i].run.runNo == runNo) return static_cast<int>(i);
    return rowOf(runNo);
}

void RunsModel::setHelpersShown(bool on) {
    m_query.helpers = on ? store::RunQuery::Helpers::Among : store::RunQuery::Helpers::Without;
    m_hits = -1;
    reload();
}

QVector<qint64> RunsModel::runsAt(int row) const {
    const TableRow* at = rowAt(row);
    if (!at) return {};
    return at->isGroup() ? at->inside : QVector<qint64>{at->run.runNo};
}

void RunsModel::setSparksNeeded(bool on) {
    if (m_needsSparks == on) return;
    m_needsSparks = on;
    reload();
}

void RunsModel::setTagsNeeded(bool on) {
    if (m_needsTags == on) return;
    m_needsTags = on;
    reload();
}

void RunsModel::reload() {
    if (!m_context.readers) return;
    query(0, std::clamp<std::int64_t>(m_entries, kPage, kMostLoaded));
    count();
}

void RunsModel::fetchMore(const QModelIndex&) {
    m_mayHaveMore = false;
    query(m_entries, kPage);
}

void RunsModel::loadAll(std::function<void()> then) {
    if (!m_mayHaveMore || m_entries >= kMostLoaded) return then();
    m_whenAll.push_back(std::move(then));
    query(0, kMostLoaded);
}

void RunsModel::askNumbers(std::function<void(QVector<qint64>)> then) {
    store::RunQuery query = m_query;
    query.offset = 0;
    query.limit = kMostSelected;
    kit::asyncQuery<std::vector<std::int64_t>>(
        m_context, this, [query](store::Database& db) { return store::queryRunNumbers(db, query); },
        [this, then = std::move(then)](Result<std::vector<std::int64_t>> numbers) {
            if (!numbers) Q_EMIT failed(QString::fromStdString(numbers.error().text()));
            else then(QVector<qint64>(numbers->begin(), numbers->end()));
        });
}

PageRequest RunsModel::pageRequest() const {
    PageRequest out;
    out.query = m_query;
    out.metrics.push_back(m_metric.toStdString());
    for (const QString& key : m_more) out.metrics.push_back(key.toStdString());
    out.reducer = m_reducer.toStdString();
    out.hasTags = m_needsTags;
    out.hasSparks = m_needsSparks;
    out.isGrouped = m_isGrouped;
    out.open = m_open;
    if (m_needsSparks) out.known = m_sparks;
    return out;
}

void RunsModel::query(std::int64_t offset, std::int64_t limit) {
    const int generation = ++m_generation;
    PageRequest request = pageRequest();
    request.query.offset = offset;
    request.query.limit = limit;
    kit::asyncQuery<RunsPage>(
        m_context, this, [request](store::Database& db) { return loadPage(db, request); },
        [this, generation, offset, limit](Result<RunsPage> page) {
            if (generation != m_generation) return;
            if (!page) {
                m_whenAll.clear();
                Q_EMIT failed(QString::fromStdString(page.error().text()));
                return;
            }
            m_mayHaveMore = page->entries == limit;
            take(std::move(*page), offset);
            if (m_whenAll.empty()) return;
            // A page that came between is not all there is.
            if (m_mayHaveMore && m_entries < kMostLoaded) return this->query(0, kMostLoaded);
            for (auto& then : std::exchange(m_whenAll, {})) then();
        });
}

void RunsModel::number(std::size_t from) {
    if (from == 0) m_rowOf.clear();
    for (std::size_t i = from; i < m_rows.size(); ++i) {
        const TableRow& row = m_rows[i];
        if (!row.isGroup()) m_rowOf[row.run.runNo] = static_cast<int>(i);
        else if (!row.isOpen)
            for (const qint64 runNo : row.inside) m_rowOf[runNo] = static_cast<int>(i);
    }
}

void RunsModel::take(RunsPage page, std::int64_t offset) {
    if (offset == 0) m_sparks = std::move(page.sparks);
    else m_sparks.merge(page.sparks);
    m_entries = offset + page.entries;
    if (m_baseline != page.baseline) {
        m_baseline = page.baseline;
        Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    }
    const auto isSame = [](const TableRow& a, const TableRow& b) {
        return a.run.runNo == b.run.runNo && a.inside == b.inside && a.isOpen == b.isOpen;
    };
    const bool sameRuns = offset == 0 && page.rows.size() == m_rows.size() &&
                          std::equal(m_rows.begin(), m_rows.end(), page.rows.begin(), isSame);
    if (offset > 0 && !page.rows.empty()) {
        const auto before = m_rows.size();
        beginInsertRows({}, static_cast<int>(before), static_cast<int>(before + page.rows.size()) - 1);
        m_rows.insert(m_rows.end(), page.rows.begin(), page.rows.end());
        number(before);
        endInsertRows();
    } else if (sameRuns) {
        m_rows = std::move(page.rows);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, columnCount() - 1));
    } else if (offset == 0) {
        beginResetModel();
        m_rows = std::move(page.rows);
        number(0);
        endResetModel();
    }
    Q_EMIT loaded(m_rows.empty(), isFiltered());
}

void RunsModel::count() {
    m_countAgain = m_isCounting;
    if (m_isCounting) return;
    m_isCounting = true;
    kit::asyncQuery<Counts>(
        m_context, this,
        [query = m_query](store::Database& db) -> Result<Counts> {
            Counts out;
            store::RunQuery all;
            all.helpers = query.helpers;
            all.helperPlugins = query.helperPlugins;
            DUBITO_TRY(out.all, store::countRuns(db, all));
            DUBITO_TRY(out.hits, store::countRuns(db, query));
            all.helpers = store::RunQuery::Helpers::Alone;
            DUBITO_TRY(out.helpers, store::countRuns(db, all));
            return out;
        },
        [this, asked = std::tuple(m_query.where, m_query.text, m_query.helpers)](Result<Counts> counts) {
            m_isCounting = false;
            const bool isNow = asked == std::tuple(m_query.where, m_query.text, m_query.helpers);
            if (counts && isNow) {
                m_hits = counts->hits;
                m_all = counts->all;
                m_helpers = counts->helpers;
                Q_EMIT counted();
            }
            if (m_countAgain || !isNow) count();
        });
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags usual = QAbstractTableModel::flags(index);
    return index.column() == Name && m_context.edit && !mayOpen(index.row()) ? usual | Qt::ItemIsEditable : usual;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const TableRow* row = rowAt(index.row());
    const QString text = value.toString().trimmed();
    if (role != Qt::EditRole || !row || index.column() != Name || !m_context.edit) return false;
    if (text == QString::fromStdString(row->run.name())) return false;
    // The name here changes when the project has it.
    m_context.edit({row->run.runNo}, QStringLiteral("title"), text);
    return true;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    const TableRow* row = rowAt(index.row());
    if (!row) return {};
    const int column = index.column();
    switch (role) {
        case RunNoRole: return QVariant::fromValue<qint64>(row->run.runNo);
        case StateRole: return row->run.state;
        case SparkRole: return QVariant::fromValue(row->spark.values);
        case IsBaselineRole: return row->isBaseline;
        case RunIdRole: return QByteArray(reinterpret_cast<const char*>(row->run.id.bytes.data()), 16);
        case Qt::ToolTipRole: return kit::plainToolTip(toolTipAt(*row, column));
        case Qt::DisplayRole: return textAt(*row, column, false);
        case Qt::EditRole:
        case WholeRole: return textAt(*row, column, true);
        case Qt::AccessibleTextRole:
            if (column == Star) return row->run.star ? tr("starred") : tr("no star");
            if (column == Name && row->isBaseline) return tr("%1, baseline").arg(textAt(*row, column, true));
            return textAt(*row, column, column == Name);
        case Qt::FontRole: return standsRight(column) || column == Started ? QVariant(kit::monoFont()) : QVariant();
        case Qt::TextAlignmentRole:
            if (standsRight(column)) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
            return column == Star ? QVariant(Qt::AlignCenter) : QVariant();
        case Qt::ForegroundRole:
            if (column == Star) return row->run.star ? kit::palette().warn : kit::palette().ring;
            return column != Name && !isNumber(column) ? QVariant(kit::palette().sub) : QVariant();
        default: return {};
    }
}

/// Of a group its seeds, and which of them are not in the mean.
QString groupText(const TableRow& row) {
    QString out = row.done == row.seeds ? RunsModel::tr("%n seed(s)", nullptr, row.seeds)
                                        : RunsModel::tr("%1 of %n seed(s) done", nullptr, row.seeds).arg(row.done);
    if (row.failed > 0) out += RunsModel::tr(", %n failed", nullptr, row.failed);
    return out;
}

QString RunsModel::numberText(const TableRow& row, int column, bool isWhole) const {
    const std::size_t at = numberAt(column);
    const double value = at < row.numbers.size() ? row.numbers[at].estimate : std::nan("");
    if (!std::isfinite(value)) return isWhole ? QString() : QStringLiteral("–");
    if (isWhole) return QString::number(value, 'g', 17);
    const QString sign = row.isDifference && value > 0 ? QStringLiteral("+") : QString();
    return sign + kit::shortNumber(value);
}

QString RunsModel::textAt(const TableRow& at, int column, bool isWhole) const {
    const store::RunRow& row = at.run;
    if (isNumber(column)) return numberText(at, column, isWhole);
    switch (column) {
        case Star: return row.star ? QStringLiteral("★") : isWhole ? QString() : QStringLiteral("☆");
        case State: return kit::stateWord(row.state);
        case Name: {
            const QString name = QString::fromStdString(row.name());
            if (isWhole) return name;
            if (at.isGroup()) return (at.isOpen ? QStringLiteral("▾ ") : QStringLiteral("▸ ")) + name;
            return at.isInside ? QStringLiteral("     ") + name : name;
        }
        case System: return QString::fromStdString(row.system);
        case Progress: return at.isGroup() ? groupText(at) : kit::progressWord(row);
        case Interval: {
            const auto found = at.numbers.empty() ? stats::Interval{0, std::nan(""), std::nan("")} : at.numbers.front();
            if (!std::isfinite(found.low)) return {};
            return QStringLiteral("[%1, %2]").arg(kit::shortNumber(found.low), kit::shortNumber(found.high));
        }
        case Started: {
            const QDateTime time = QDateTime::fromMSecsSinceEpoch(row.createdUs / 1000);
            return isWhole ? time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"))
                           : shortTime(time, QDateTime::currentDateTime());
        }
        case Duration:
            if (at.isGroup()) return {};
            if (row.endedUs) return row.workedUs ? kit::durationText(*row.workedUs) : QString();
            return row.startedUs ? kit::durationText(QDateTime::currentMSecsSinceEpoch() * 1000 - *row.startedUs)
                                 : QString();
        case Tags: return at.tags;
        case Seed: return at.isGroup() ? QString() : QString::number(row.seed);
        default: return {};
    }
}

QString RunsModel::toolTipAt(const TableRow& at, int column) const {
    const store::RunRow& row = at.run;
    QStringList lines;
    if (column == Name || column == System || column == Started || column == Tags) lines << textAt(at, column, true);
    if (isNumber(column)) {
        lines << numberText(at, column, true);
        if (at.isGroup()) lines << tr("Mean of %n seed(s) that are done; the newest run of each.", nullptr, at.done);
        if (at.isDifference) lines << tr("Difference from %1").arg(m_baseline);
    }
    if (column == Interval && at.isGroup())
        lines << tr("95 % interval by Student's t over %n seed(s)", nullptr, at.done);
    if (column == Spark && at.isGroup() && !at.spark.values.isEmpty())
        lines << tr("Mean over seeds, at the steps that all of them have.");
    if (column == Star) lines << (row.star ? tr("Starred: a click takes the star away") : tr("A click stars the run"));
    if (at.isGroup()) {
        lines << groupText(at) << tr("%n run(s)", nullptr, static_cast<int>(at.inside.size()));
    } else {
        if (column == Progress && !run::isFinal(static_cast<run::RunState>(row.state)))
            lines << QString::fromStdString(row.phase);
        if (!row.detail.empty()) lines << kit::endWords(row.detail);
    }
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
    if (role == Qt::TextAlignmentRole) {
        if (standsRight(section)) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return section == Star ? QVariant(Qt::AlignCenter) : QVariant();
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != WholeRole) return {};
    if (isNumber(section)) {
        const QString metric = metricAt(section);
        if (role == WholeRole || role == Qt::ToolTipRole) {
            const QString whole = QStringLiteral("%1 (%2)").arg(metric, reducerName(m_reducer));
            return m_baseline.isEmpty() ? whole : tr("%1, difference from %2").arg(whole, m_baseline);
        }
        // The end of a key says most; which value of it stands in the box above.
        constexpr int kMostShown = 13;
        QString leaf = metric.section(QLatin1Char('/'), -1);
        if (leaf.size() > kMostShown) leaf = leaf.left(kMostShown - 1) + QStringLiteral("…");
        return m_baseline.isEmpty() ? leaf : QStringLiteral("Δ ") + leaf;
    }
    switch (section) {
        case Star: return role == Qt::DisplayRole ? QStringLiteral("★") : tr("star");
        case State: return tr("state");
        case Name: return tr("name");
        case System: return tr("system");
        case Progress: return tr("progress");
        case Started: return tr("created");
        case Duration: return tr("duration");
        case Tags: return tr("tags");
        case Seed: return tr("seed");
        case Spark: return tr("curve");
        case Interval: return tr("95 %");
        default: return {};
    }
}

QString RunsModel::orderName() const {
    if (m_sortColumn >= Columns || m_sortColumn == Spark || m_sortColumn == Interval)
        return QStringLiteral("metric:%1:%2").arg(metricAt(m_sortColumn), m_reducer);
    switch (m_sortColumn) {
        case Star: return QStringLiteral("star");
        case State: return QStringLiteral("state");
        case Name: return QStringLiteral("name");
        case System: return QStringLiteral("system");
        case Number: return QStringLiteral("metric:%1:%2").arg(m_metric, m_reducer);
        case Duration: return QStringLiteral("duration");
        case Seed: return QStringLiteral("seed");
        case Progress: return QStringLiteral("progress");
        case Tags: return QStringLiteral("tags");
        default: return QStringLiteral("created");
    }
}

void RunsModel::sort(int column, Qt::SortOrder order) {
    m_sortColumn = column;
    m_query.orderBy = orderName().toStdString();
    m_query.descending = order == Qt::DescendingOrder;
    reload();
}

}  // namespace dubito::runs
