// Which columns the run table has and how wide they are.
#include <QHeaderView>
#include <QJsonArray>
#include <QMenu>
#include <QScrollBar>
#include <QTimer>
#include <QToolButton>

#include <algorithm>
#include <numeric>

#include "kit/user_size.h"
#include "runs/runs_panel.h"

namespace dubito::runs {
namespace {

constexpr int kNarrowestName = 160, kMostMetrics = 8, kMostListed = 40, kMostRead = 60, kWidest = 2000;
/// Where the room is too little, the first of these go first; the name stays.
constexpr int kGoing[] = {RunsModel::Seed, RunsModel::Spark, RunsModel::Duration, RunsModel::System, RunsModel::Tags,
    RunsModel::Started, RunsModel::Progress, RunsModel::Interval, RunsModel::Number, RunsModel::State, RunsModel::Star};
/// Before them those of these that say nothing in any row.
constexpr int kOftenEmpty[] = {RunsModel::Progress, RunsModel::Interval, RunsModel::Tags, RunsModel::Spark};
/// Those that a person chooses among; the others are always there.
constexpr int kChosen[] = {RunsModel::System, RunsModel::Progress, RunsModel::Number, RunsModel::Spark,
    RunsModel::Started, RunsModel::Duration, RunsModel::Tags, RunsModel::Seed};
constexpr int kOffAtFirst[] = {RunsModel::Tags, RunsModel::Seed};

}  // namespace

void RunsPanel::chooseAtFirst() {
    m_isWanted.fill(true);
    for (const int column : kOffAtFirst) m_isWanted[static_cast<std::size_t>(column)] = false;
    m_model->setSparksNeeded(true);
}

QString RunsPanel::idOf(int column) const {
    return column < RunsModel::Columns
               ? QString::fromLatin1(RunsModel::columnId(column))
               : QStringLiteral("metric:") + m_model->moreMetrics().value(column - RunsModel::Columns);
}

bool RunsPanel::isWanted(int column) const {
    if (column == RunsModel::Interval) return m_model->isGrouped() && m_isWanted[RunsModel::Number];
    return column >= RunsModel::Columns || m_isWanted[static_cast<std::size_t>(column)];
}

int RunsPanel::wantedColumns() const {
    int out = 0;
    for (int column = 0; column < m_model->columnCount(); ++column) out += isWanted(column);
    return out;
}

void RunsPanel::fillColumns() {
    QMenu* menu = m_columns->menu();
    menu->clear();
    const auto add = [&](const QString& name, bool isOn, std::function<void(bool)> change) {
        QAction* entry = menu->addAction(name);
        entry->setCheckable(true);
        entry->setChecked(isOn);
        connect(entry, &QAction::toggled, this, [this, change = std::move(change)](bool on) {
            change(on);
            fitColumns();
            Q_EMIT showingChanged();
        });
        return entry;
    };
    for (const int column : kChosen)
        add(m_model->headerData(column, Qt::Horizontal, RunsModel::WholeRole).toString(),
            m_isWanted[static_cast<std::size_t>(column)], [this, column](bool on) {
                m_isWanted[static_cast<std::size_t>(column)] = on;
                m_model->setTagsNeeded(m_isWanted[RunsModel::Tags]);
                m_model->setSparksNeeded(m_isWanted[RunsModel::Spark]);
            });
    menu->addSection(tr("Metrics"));
    const QStringList& more = m_model->moreMetrics();
    QStringList listed = more;
    for (const QString& key : std::as_const(m_metrics))
        if (listed.size() < kMostListed && !listed.contains(key) && key != m_metric->box()->currentText())
            listed << key;
    for (const QString& key : std::as_const(listed)) {
        QString text = key;
        QAction* entry =
            add(text.replace(QLatin1Char('&'), QStringLiteral("&&")), more.contains(key), [this, key](bool on) {
                QStringList keys = m_model->moreMetrics();
                if (on) keys << key;
                else keys.removeAll(key);
                m_model->setMoreMetrics(keys);
            });
        entry->setEnabled(more.contains(key) || more.size() < kMostMetrics);
    }
}

/// As wide as what is in it, of the rows at the top.
int RunsPanel::contentWidth(int column) const {
    if (column == RunsModel::Star) return 30;
    if (column == RunsModel::Spark) return kit::userSize(84);
    constexpr int kSides = 26, kPill = 14;
    const QFontMetrics head(m_table->horizontalHeader()->font());
    const QString title = m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    int width = head.horizontalAdvance(title) + kSides + 4;
    if (m_table->horizontalHeader()->sortIndicatorSection() == column) width += 14;
    const int rows = std::min(m_model->rowCount(), kMostRead);
    for (int row = 0; row < rows; ++row) {
        const QModelIndex index = m_model->index(row, column);
        const QVariant font = index.data(Qt::FontRole);
        const QFontMetrics metrics(font.isValid() ? font.value<QFont>() : m_table->font());
        width = std::max(width,
            metrics.horizontalAdvance(index.data().toString()) + kSides + (column == RunsModel::State ? kPill : 0));
    }
    return width;
}

/// In one of the rows at the top.
bool RunsPanel::saysAnything(int column) const {
    const int rows = std::min(m_model->rowCount(), kMostRead);
    for (int row = 0; row < rows; ++row) {
        const QModelIndex index = m_model->index(row, column);
        if (column == RunsModel::Spark ? !index.data(RunsModel::SparkRole).value<QVector<double>>().isEmpty()
                                       : !index.data().toString().isEmpty())
            return true;
    }
    return false;
}

/// Words may be cut where room is short, numbers and times may not.
int RunsPanel::leastWidth(int column, int content) const {
    const bool isWords = column == RunsModel::System || column == RunsModel::Progress || column == RunsModel::Tags;
    return isWords ? std::min(content, kit::userSize(66)) : content;
}

void RunsPanel::fitColumns() {
    const int columns = m_model->columnCount();
    std::vector<int> widths(static_cast<std::size_t>(columns), 0), least = widths;
    const auto at = [](int column) { return static_cast<std::size_t>(column); };
    for (int column = 0; column < columns; ++column) {
        if (column == RunsModel::Name || !isWanted(column)) continue;
        const int content = contentWidth(column), most = kit::userSize(220);
        const int drawn = m_drawn.value(idOf(column));
        widths[at(column)] = drawn > 0 ? drawn : std::min(content, most);
        least[at(column)] = drawn > 0 ? drawn : leastWidth(column, widths[at(column)]);
    }
    int room = m_table->viewport()->width() - kNarrowestName;
    int needed = std::accumulate(least.begin(), least.end(), 0);
    const auto drop = [&](int column) {
        if (needed <= room) return;
        needed -= least[at(column)];
        least[at(column)] = widths[at(column)] = 0;
    };
    for (int column = columns - 1; column >= RunsModel::Columns; --column) drop(column);
    for (const int column : kOftenEmpty)
        if (!saysAnything(column)) drop(column);
    for (const int column : kGoing) drop(column);
    // What is left beyond the name's least goes to words that are cut, in their order.
    int spare = std::max(0, room - needed);
    for (int column = 0; column < columns; ++column) {
        const int more = std::min(spare, widths[at(column)] - least[at(column)]);
        widths[at(column)] = least[at(column)] + more;
        spare -= more;
    }
    m_isFitting = true;
    bool changed = false;
    for (int column = 0; column < columns; ++column) {
        if (column == RunsModel::Name) continue;
        const bool isHidden = widths[at(column)] == 0;
        changed |= isHidden != m_table->isColumnHidden(column);
        m_table->setColumnHidden(column, isHidden);
        if (!isHidden && m_table->columnWidth(column) != widths[at(column)])
            m_table->setColumnWidth(column, widths[at(column)]);
    }
    m_isFitting = false;
    if (changed) Q_EMIT showingChanged();
}

QJsonObject RunsPanel::saveLayout() const {
    QJsonArray columns;
    for (const int column : kChosen)
        if (m_isWanted[static_cast<std::size_t>(column)]) columns << QLatin1String(RunsModel::columnId(column));
    QJsonObject widths;
    for (auto one = m_drawn.begin(); one != m_drawn.end(); ++one) widths[one.key()] = one.value();
    const auto* header = m_table->horizontalHeader();
    const QString metric = m_wantedMetric.isEmpty() ? m_metric->box()->currentText() : m_wantedMetric;
    return {{"columns", columns}, {"metrics", QJsonArray::fromStringList(m_model->moreMetrics())}, {"metric", metric},
        {"value", reducer()}, {"group", m_model->isGrouped() ? "seed" : ""}, {"helpers", m_helpers->isChecked()},
        {"widths", widths}, {"sort", idOf(header->sortIndicatorSection())},
        {"descending", header->sortIndicatorOrder() == Qt::DescendingOrder}};
}

void RunsPanel::restoreColumns(const QJsonObject& layout) {
    const QJsonValue columns = layout[QLatin1String("columns")];
    // A layout of before the curve was a column does not speak of it.
    const bool knowsCurves = layout.contains(QLatin1String("widths"));
    if (columns.isArray())
        for (const int column : kChosen)
            if (column != RunsModel::Spark || knowsCurves)
                m_isWanted[static_cast<std::size_t>(column)] =
                    columns.toArray().contains(QJsonValue(QLatin1String(RunsModel::columnId(column))));
    QStringList more;
    for (const QJsonValue& key : layout[QLatin1String("metrics")].toArray())
        if (const QString text = key.toString().left(500);
            !text.isEmpty() && !more.contains(text) && more.size() < kMostMetrics)
            more << text;
    m_model->setMoreMetrics(more);
    m_drawn.clear();
    const QJsonObject widths = layout[QLatin1String("widths")].toObject();
    for (int column = 0; column < m_model->columnCount(); ++column)
        if (const int width = widths[idOf(column)].toInt(); width > 0)
            m_drawn[idOf(column)] = std::clamp(width, 24, kWidest);
    m_model->setTagsNeeded(m_isWanted[RunsModel::Tags]);
    m_model->setSparksNeeded(m_isWanted[RunsModel::Spark]);
}

void RunsPanel::restoreLayout(const QJsonObject& layout) {
    restoreColumns(layout);
    m_group->box()->setCurrentIndex(layout[QLatin1String("group")].toString() == QLatin1String("seed") ? 1 : 0);
    m_helpers->setChecked(layout[QLatin1String("helpers")].toBool());
    fitColumns();
    m_wantedMetric = layout[QLatin1String("metric")].toString().left(500);
    if (const int at = m_metric->box()->findText(m_wantedMetric); at >= 0) m_metric->box()->setCurrentIndex(at);
    const int value = m_reducer->box()->findData(layout[QLatin1String("value")].toString());
    if (value >= 0) m_reducer->box()->setCurrentIndex(value);
    const QString sort = layout[QLatin1String("sort")].toString();
    for (int column = 0; column < m_model->columnCount(); ++column)
        if (sort == idOf(column))
            m_table->sortByColumn(
                column, layout[QLatin1String("descending")].toBool(true) ? Qt::DescendingOrder : Qt::AscendingOrder);
    Q_EMIT showingChanged();
}

}  // namespace dubito::runs
