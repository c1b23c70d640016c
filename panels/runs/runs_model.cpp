// One page of 200 rows a query; answers of older queries are dropped.
#include "runs/runs_model.h"

#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
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
    std::int64_t hits = 0, all = 0;
};

}  // namespace

const char* RunsModel::columnId(int column) {
    constexpr const char* kIds[] = {
        "star", "state", "name", "system", "progress", "number", "created", "duration", "tags", "seed"};
    static_assert(std::size(kIds) == Columns);
    return column >= 0 && column < Columns ? kIds[column] : "";
}

void RunsModel::attach(const kit::PanelContext& context) {
    m_context = context;
    ++m_generation;
    m_whenAll.clear();
    m_hits = m_all = -1;
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
    if (m_metric != key || m_reducer != reducer) m_numbers.clear();
    m_metric = key;
    m_reducer = reducer;
    m_query.orderBy = orderName().toStdString();
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, Columns - 1);
    reload();
}

void RunsModel::setTagsNeeded(bool on) {
    if (m_needsTags == on) return;
    m_needsTags = on;
    reload();
}

void RunsModel::reload() {
    if (!m_context.readers) return;
    query(0, std::clamp<std::int64_t>(static_cast<std::int64_t>(m_rows.size()), kPage, kMostLoaded));
    count();
}

void RunsModel::fetchMore(const QModelIndex&) {
    m_mayHaveMore = false;
    query(static_cast<std::int64_t>(m_rows.size()), kPage);
}

void RunsModel::loadAll(std::function<void()> then) {
    if (!m_mayHaveMore || static_cast<std::int64_t>(m_rows.size()) >= kMostLoaded) return then();
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

void RunsModel::query(std::int64_t offset, std::int64_t limit) {
    const int generation = ++m_generation;
    store::RunQuery query = m_query;
    query.offset = offset;
    query.limit = limit;
    const std::string metric = m_metric.toStdString(), reducer = m_reducer.toStdString();
    kit::asyncQuery<Page>(
        m_context, this,
        [query, metric, reducer, withTags = m_needsTags](store::Database& db) -> Result<Page> {
            Page page;
            DUBITO_TRY(page.rows, store::queryRuns(db, query));
            DUBITO_TRY(store::Statement latest,
                db.prepare(
                    "SELECT " + reducer + " FROM latest JOIN name USING(name_no) WHERE run_no=?1 AND name.text=?2"));
            for (const auto& row : page.rows) {
                latest.bind(1, row.runNo).bind(2, metric);
                DUBITO_CHECK(latest.forEach([&] { page.numbers[row.runNo] = latest.real(0); }));
                if (!withTags) continue;
                DUBITO_TRY(const auto tags, store::queryTags(db, row.runNo));
                QStringList words;
                for (const auto& tag : tags) words << QString::fromStdString(tag);
                if (!words.isEmpty()) page.tags[row.runNo] = words.join(QStringLiteral(", "));
            }
            return page;
        },
        [this, generation, offset, limit](Result<Page> page) {
            if (generation != m_generation) return;
            if (!page) {
                m_whenAll.clear();
                Q_EMIT failed(QString::fromStdString(page.error().text()));
                return;
            }
            m_mayHaveMore = static_cast<std::int64_t>(page->rows.size()) == limit;
            take(std::move(*page), offset);
            if (m_whenAll.empty()) return;
            // A page that came between is not all there is.
            if (m_mayHaveMore && static_cast<std::int64_t>(m_rows.size()) < kMostLoaded)
                return this->query(0, kMostLoaded);
            for (auto& then : std::exchange(m_whenAll, {})) then();
        });
}

void RunsModel::number(std::size_t from) {
    if (from == 0) m_rowOf.clear();
    for (std::size_t i = from; i < m_rows.size(); ++i) m_rowOf[m_rows[i].runNo] = static_cast<int>(i);
}

void RunsModel::take(Page page, std::int64_t offset) {
    for (const auto& [runNo, number] : page.numbers) m_numbers[runNo] = number;
    if (offset == 0) m_tags.clear();
    for (auto& [runNo, tags] : page.tags) m_tags[runNo] = std::move(tags);
    const bool sameRuns = offset == 0 && page.rows.size() == m_rows.size() &&
                          std::equal(m_rows.begin(), m_rows.end(), page.rows.begin(),
                              [](const auto& a, const auto& b) { return a.runNo == b.runNo; });
    if (offset > 0 && !page.rows.empty()) {
        const auto before = m_rows.size();
        beginInsertRows({}, static_cast<int>(before), static_cast<int>(before + page.rows.size()) - 1);
        m_rows.insert(m_rows.end(), page.rows.begin(), page.rows.end());
        number(before);
        endInsertRows();
    } else if (sameRuns) {
        m_rows = std::move(page.rows);
        if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, Columns - 1));
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
            DUBITO_TRY(out.all, store::countRuns(db, {}));
            DUBITO_TRY(out.hits, store::countRuns(db, query));
            return out;
        },
        [this, asked = std::pair(m_query.where, m_query.text)](Result<Counts> counts) {
            m_isCounting = false;
            const bool isNow = asked == std::pair(m_query.where, m_query.text);
            if (counts && isNow) {
                m_hits = counts->hits;
                m_all = counts->all;
                Q_EMIT counted();
            }
            if (m_countAgain || !isNow) count();
        });
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags usual = QAbstractTableModel::flags(index);
    return index.column() == Name && m_context.edit ? usual | Qt::ItemIsEditable : usual;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const store::RunRow* row = rowAt(index.row());
    const QString text = value.toString().trimmed();
    if (role != Qt::EditRole || !row || index.column() != Name || !m_context.edit) return false;
    if (text == QString::fromStdString(row->name())) return false;
    // The name here changes when the project has it.
    m_context.edit({row->runNo}, QStringLiteral("title"), text);
    return true;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    const store::RunRow* row = rowAt(index.row());
    if (!row) return {};
    const int column = index.column();
    switch (role) {
        case RunNoRole: return QVariant::fromValue<qint64>(row->runNo);
        case StateRole: return row->state;
        case RunIdRole: return QByteArray(reinterpret_cast<const char*>(row->id.bytes.data()), 16);
        case Qt::ToolTipRole: return kit::plainToolTip(toolTipAt(*row, column));
        case Qt::DisplayRole: return textAt(*row, column, false);
        case Qt::EditRole:
        case WholeRole: return textAt(*row, column, true);
        case Qt::AccessibleTextRole:
            return column == Star ? (row->star ? tr("starred") : tr("no star")) : textAt(*row, column, false);
        case Qt::FontRole:
            if (column == Number || column == Duration || column == Started || column == Seed) return kit::monoFont();
            return {};
        case Qt::TextAlignmentRole:
            if (column == Number || column == Duration || column == Seed)
                return QVariant(Qt::AlignRight | Qt::AlignVCenter);
            return column == Star ? QVariant(Qt::AlignCenter) : QVariant();
        case Qt::ForegroundRole:
            if (column == Star) return row->star ? kit::palette().warn : kit::palette().ring;
            return column != Name && column != Number ? QVariant(kit::palette().sub) : QVariant();
        default: return {};
    }
}

QString RunsModel::textAt(const store::RunRow& row, int column, bool isWhole) const {
    switch (column) {
        case Star: return row.star ? QStringLiteral("★") : isWhole ? QString() : QStringLiteral("☆");
        case State: return kit::stateWord(row.state);
        case Name: return QString::fromStdString(row.name());
        case System: return QString::fromStdString(row.system);
        case Progress: return kit::progressWord(row);
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
        case Tags: {
            const auto found = m_tags.find(row.runNo);
            return found == m_tags.end() ? QString() : found->second;
        }
        case Seed: return QString::number(row.seed);
        default: return {};
    }
}

QString RunsModel::toolTipAt(const store::RunRow& row, int column) const {
    QStringList lines;
    if (column == Name || column == Started || column == Number || column == Tags) lines << textAt(row, column, true);
    if (column == Star) lines << (row.star ? tr("Starred: a click takes the star away") : tr("A click stars the run"));
    if (column == Progress && !run::isFinal(static_cast<run::RunState>(row.state)))
        lines << QString::fromStdString(row.phase);
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
    if (role == Qt::TextAlignmentRole) {
        if (section == Number || section == Duration || section == Seed)
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return section == Star ? QVariant(Qt::AlignCenter) : QVariant();
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != WholeRole) return {};
    switch (section) {
        case Star: return role == Qt::DisplayRole ? QStringLiteral("★") : tr("star");
        case State: return tr("state");
        case Name: return tr("name");
        case System: return tr("system");
        case Progress: return tr("progress");
        case Number: {
            if (role != Qt::DisplayRole) return QStringLiteral("%1 (%2)").arg(m_metric, reducerName(m_reducer));
            // The end of a key says most; which value of it stands in the box above.
            constexpr int kMostShown = 13;
            const QString leaf = m_metric.section(QLatin1Char('/'), -1);
            return leaf.size() <= kMostShown ? leaf : leaf.left(kMostShown - 1) + QStringLiteral("…");
        }
        case Started: return tr("created");
        case Duration: return tr("duration");
        case Tags: return tr("tags");
        case Seed: return tr("seed");
        default: return {};
    }
}

QString RunsModel::orderName() const {
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
