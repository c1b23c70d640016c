// Series left, their records in the middle, the arrays of one record right.
#include "generic/record_panel.h"

#include <QHeaderView>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

#include "journal/array_block.h"
#include "kit/colours.h"
#include "kit/user_size.h"

namespace dubito::generic {
namespace {

constexpr int kMostRows = 2000, kMostColumns = 256, kMostFitted = 24, kMostRecords = 500;

QString cell(const journal::Array& array, std::size_t i) {
    if (array.dtype == kF32) return QString::number(static_cast<double>(array.as<float>()[i]), 'g', 7);
    if (array.dtype == kF64) return QString::number(array.as<double>()[i], 'g', 12);
    if (array.dtype == kF16)
        return QString::number(static_cast<double>(floatFromHalf(array.as<std::uint16_t>()[i])), 'g', 5);
    if (array.dtype == kI32) return QString::number(array.as<std::int32_t>()[i]);
    if (array.dtype == kI64) return QString::number(array.as<std::int64_t>()[i]);
    if (array.dtype == kU32) return QString::number(array.as<std::uint32_t>()[i]);
    if (array.dtype.bytes() == 1) return QString::number(array.data[i]);
    return QStringLiteral("?");
}

}  // namespace

RecordPanel::RecordPanel(QWidget* parent)
    : Panel(QStringLiteral("records"), parent), m_series(new QTreeWidget), m_records(new QTreeWidget),
      m_values(new QTableWidget), m_meta(new kit::WrappedText) {
    m_series->setHeaderLabels({tr("series"), tr("kind"), tr("records")});
    m_series->setRootIsDecorated(false);
    m_series->setUniformRowHeights(true);
    m_series->setAccessibleName(tr("Series"));
    m_records->setHeaderLabels({tr("step"), tr("arrays")});
    m_records->setRootIsDecorated(false);
    m_records->setUniformRowHeights(true);
    m_records->setAccessibleName(tr("Records"));
    m_values->setFont(kit::monoFont());
    m_values->setShowGrid(false);
    m_values->verticalHeader()->setDefaultSectionSize(kit::userSize(24));
    m_values->horizontalHeader()->setDefaultSectionSize(kit::userSize(110));
    m_values->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_values->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_values->setAccessibleName(tr("Values"));
    m_meta->setAccessibleName(tr("What the record says of itself"));
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_meta->setContentsMargins(8, 4, 8, 4);
    m_meta->hide();
    column->addWidget(m_meta);
    column->addWidget(m_values, 1);
    auto* split = new QSplitter;
    split->addWidget(m_series);
    split->addWidget(m_records);
    split->addWidget(right);
    constexpr int kFirst = 250, kSecond = 150, kThird = 380;
    split->setSizes({kit::userSize(kFirst), kit::userSize(kSecond), kit::userSize(kThird)});
    for (QTreeWidget* tree : {m_series, m_records}) tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_states = kit::StateView::fill(this, split);
    connect(m_series, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (item) loadRecords(item->text(0));
    });
    connect(m_records, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        const int row = item ? m_records->indexOfTopLevelItem(item) : -1;
        if (row >= 0 && row < static_cast<int>(m_rows.size())) showRecord(m_rows[static_cast<std::size_t>(row)]);
    });
}

void RecordPanel::onAttached() {
    m_run = 0;
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { loadSeries(); });
    loadSeries();
}

void RecordPanel::loadSeries() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (!runNo) {
        clear();
        m_states->showEmpty(tr("Select a run in the table."));
        return;
    }
    if (runNo == m_run) return;
    clear();
    m_run = runNo;
    kit::asyncQuery<std::vector<store::SeriesRow>>(
        context(), this, [runNo](store::Database& db) { return store::querySeries(db, runNo); },
        [this, runNo](Result<std::vector<store::SeriesRow>> rows) {
            if (runNo != m_run) return;
            if (!rows) {
                m_states->showError(rows.error(), [this] { m_run = 0, loadSeries(); });
                return;
            }
            if (rows->empty()) {
                m_states->showEmpty(tr("This run published nothing."));
                return;
            }
            m_states->showContent();
            for (const auto& row : *rows) {
                const auto kind = journal::kindName(row.kind);
                auto* item = new QTreeWidgetItem(
                    {QString::fromStdString(row.key), QString::fromUtf8(kind.data(), static_cast<int>(kind.size())),
                        row.kind == journal::RecordType::ScalarGroup ? QString() : QString::number(row.records)});
                item->setFont(0, kit::monoFont());
                m_series->addTopLevelItem(item);
            }
            for (int i = 0; i < m_series->columnCount(); ++i) m_series->resizeColumnToContents(i);
            // The first that holds something.
            const auto full = std::find_if(rows->begin(), rows->end(), [](const store::SeriesRow& row) {
                return row.records > 0 || row.kind == journal::RecordType::ScalarGroup;
            });
            const auto at = full == rows->end() ? 0 : full - rows->begin();
            m_series->setCurrentItem(m_series->topLevelItem(static_cast<int>(at)));
        });
}

void RecordPanel::clear() {
    m_run = 0;
    m_key.clear();
    m_rows.clear();
    m_series->clear();
    m_records->clear();
    m_meta->clear();
    m_values->clear();
    m_values->setRowCount(0);
    m_values->setColumnCount(0);
    Q_EMIT showingChanged();
}

void RecordPanel::loadRecords(const QString& key) {
    m_key = key;
    const qint64 runNo = m_run;
    const std::string name = key.toStdString();
    kit::asyncQuery<std::vector<store::RecordRow>>(
        context(), this,
        [runNo, name](store::Database& db) -> Result<std::vector<store::RecordRow>> {
            DUBITO_TRY(auto records, store::queryRecords(db, runNo, name, 0, kMostRecords));
            if (!records.empty()) return records;
            // A scalar series: its points as one record.
            constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
            constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
            DUBITO_TRY(const auto points, store::queryPoints(db, runNo, name, kLeast, kAll, 0));
            if (points.size() == 0) return records;
            store::RecordRow record;
            journal::Array steps{"step", "", kI64, {static_cast<std::int64_t>(points.size())},
                journal::Array::Role::Values,
                {reinterpret_cast<const std::uint8_t*>(points.steps.data()), points.size() * 8}};
            journal::Array values{"value", "", kF64, {static_cast<std::int64_t>(points.size())},
                journal::Array::Role::Values,
                {reinterpret_cast<const std::uint8_t*>(points.values.data()), points.size() * 8}};
            const journal::Array both[] = {steps, values};
            journal::encodeArrayBlock(record.block, both);
            return std::vector{record};
        },
        [this, runNo, key](Result<std::vector<store::RecordRow>> rows) {
            if (runNo == m_run && key == m_key)
                showRecords(key, rows ? std::move(*rows) : std::vector<store::RecordRow>());
        });
}

void RecordPanel::showRecords(const QString& key, std::vector<store::RecordRow> rows) {
    m_records->clear();
    m_rows = std::move(rows);
    m_key = key;
    for (const auto& row : m_rows) {
        QStringList arrays;
        if (auto decoded = journal::decodeArrayBlock(row.block))
            for (const auto& array : *decoded)
                if (array.role == journal::Array::Role::Values) {
                    QStringList shape;
                    for (const auto extent : array.shape) shape << QString::number(extent);
                    arrays << QStringLiteral("%1 %2[%3]")
                                  .arg(QString::fromStdString(array.name), QString::fromStdString(array.dtype.name()),
                                      shape.join(QLatin1Char(',')));
                }
        m_records->addTopLevelItem(new QTreeWidgetItem({QString::number(row.step), arrays.join(QStringLiteral(", "))}));
    }
    m_records->resizeColumnToContents(0);
    if (!m_rows.empty()) m_records->setCurrentItem(m_records->topLevelItem(0));
    Q_EMIT showingChanged();
}

QString RecordPanel::showing() const {
    if (m_key.isEmpty()) return {};
    const int count = static_cast<int>(m_rows.size());
    return tr("%1, %2").arg(m_key,
        count == kMostRecords ? tr("the first %n record(s)", nullptr, count) : tr("%n record(s)", nullptr, count));
}

void RecordPanel::showRecord(const store::RecordRow& record) {
    const std::string& words = record.problem.empty() ? record.metaJson : record.problem;
    m_meta->setWords(QString::fromStdString(words));
    m_meta->setVisible(!words.empty() && words != "{}");
    m_values->clear();
    m_values->setRowCount(0);
    m_values->setColumnCount(0);
    auto arrays = journal::decodeArrayBlock(record.block);
    if (!arrays) {
        m_meta->setWords(QString::fromStdString(arrays.error().text()));
        m_meta->show();
        return;
    }
    QStringList heads;
    int column = 0;
    for (const auto& array : *arrays) {
        if (array.role != journal::Array::Role::Values) continue;
        const auto* offsets = journal::findArray(*arrays, array.name, journal::Array::Role::Offsets);
        QStringList cells;
        std::int64_t width = 1;
        if (offsets) {
            if (auto texts = journal::textColumn(array, *offsets))
                for (const auto& text : *texts) cells << QString::fromStdString(text);
        } else {
            // The last axis runs over columns, all others over rows.
            width = array.shape.size() >= 2 ? std::clamp<std::int64_t>(array.shape.back(), 1, kMostColumns) : 1;
            const std::int64_t full = array.shape.size() >= 2 ? std::max<std::int64_t>(1, array.shape.back()) : 1;
            for (std::int64_t i = 0; i < std::min<std::int64_t>(array.elements() / full, kMostRows); ++i)
                for (std::int64_t j = 0; j < width; ++j) cells << cell(array, static_cast<std::size_t>(i * full + j));
        }
        const int rows = static_cast<int>(std::min<std::int64_t>(cells.size() / width, kMostRows));
        m_values->setRowCount(std::max(m_values->rowCount(), rows));
        m_values->setColumnCount(column + static_cast<int>(width));
        for (int j = 0; j < width; ++j)
            heads << QString::fromStdString(array.name) + (width > 1 ? QStringLiteral(" %1").arg(j) : QString());
        for (int i = 0; i < rows; ++i)
            for (int j = 0; j < width; ++j) {
                auto* item = new QTableWidgetItem(cells[i * static_cast<int>(width) + j]);
                if (!offsets) item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
                m_values->setItem(i, column + j, item);
            }
        column += static_cast<int>(width);
    }
    m_values->setHorizontalHeaderLabels(heads);
    // As wide as what they say, within reason; many numbers side by side stay even.
    for (int i = 0; i < std::min(column, kMostFitted); ++i) {
        m_values->resizeColumnToContents(i);
        m_values->setColumnWidth(
            i, std::clamp(m_values->columnWidth(i) + kit::userSize(8), kit::userSize(80), kit::userSize(460)));
    }
}

kit::DataTable RecordPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Records");
    for (int column = 0; column < m_values->columnCount(); ++column)
        table.columns << (m_values->horizontalHeaderItem(column) ? m_values->horizontalHeaderItem(column)->text()
                                                                 : QString());
    for (int row = 0; row < m_values->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < m_values->columnCount(); ++column)
            cells << (m_values->item(row, column) ? m_values->item(row, column)->text() : QString());
        table.rows << cells;
    }
    return table;
}

}  // namespace dubito::generic
