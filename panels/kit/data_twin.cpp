// A read-only table with copy and save.
#include "kit/data_twin.h"

#include <QAbstractTableModel>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSaveFile>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>

#include "kit/colours.h"

namespace dubito::kit {
namespace {

constexpr int kWidestColumn = 420, kRowsMeasured = 200;

/// What a cell says as a number, in either way of writing; nothing: it is words.
std::optional<double> numberOf(QString text) {
    bool isNumber = false;
    const double plain = text.toDouble(&isNumber);
    if (isNumber) return plain;
    text.replace(QChar(0x2212), QLatin1Char('-'));
    const double local = QLocale().toDouble(text, &isNumber);
    return isNumber ? std::optional(local) : std::nullopt;
}

/// Numbers by their value and before words; words by the language.
class SortedRows : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& a, const QModelIndex& b) const override {
        const QString left = a.data().toString(), right = b.data().toString();
        const auto x = numberOf(left), y = numberOf(right);
        if (x && y) return *x < *y;
        if (x || y) return x.has_value();
        return QString::localeAwareCompare(left, right) < 0;
    }
};

/// As wide as what stands in them; long words scroll.
void fitColumns(QTableView* view) {
    QHeaderView* header = view->horizontalHeader();
    header->setResizeContentsPrecision(kRowsMeasured);
    view->resizeColumnsToContents();
    for (int i = 0; i < header->count(); ++i)
        header->resizeSection(i, std::clamp(header->sectionSize(i) + 12, 64, kWidestColumn));
}

class TableModel : public QAbstractTableModel {
public:
    TableModel(DataTable table, QObject* parent) : QAbstractTableModel(parent), m_table(std::move(table)) {}
    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
    }
    int columnCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size());
    }
    QVariant data(const QModelIndex& index, int role) const override {
        if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
            return m_table.rows[index.row()].value(index.column());
        if (role == Qt::FontRole) return monoFont();
        if (role == Qt::TextAlignmentRole && numberOf(m_table.rows[index.row()].value(index.column())))
            return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (role != Qt::DisplayRole) return {};
        return orientation == Qt::Horizontal ? QVariant(m_table.columns.value(section)) : QVariant(section + 1);
    }

private:
    DataTable m_table;
};

QString quoted(const QString& cell, QChar between) {
    if (between == QLatin1Char('\t'))
        return QString(cell)
            .replace(QLatin1Char('\t'), QLatin1String("\\t"))
            .replace(QLatin1Char('\n'), QLatin1String("\\n"));
    if (!cell.contains(between) && !cell.contains(QLatin1Char('"')) && !cell.contains(QLatin1Char('\n'))) return cell;
    return QLatin1Char('"') + QString(cell).replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

}  // namespace

QString DataTable::asText(QChar between) const {
    QString out;
    const auto line = [&](const QStringList& cells) {
        for (int i = 0; i < cells.size(); ++i) out += (i ? QString(between) : QString()) + quoted(cells[i], between);
        out += QLatin1Char('\n');
    };
    line(columns);
    for (const auto& row : rows) line(row);
    return out;
}

DataTwin::DataTwin(const DataTable& table, QWidget* parent, const std::function<void()>& points)
    : QDialog(parent), m_error(new QLabel) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(table.title.isEmpty() ? tr("Data as table") : table.title);
    auto* view = new QTableView;
    auto* sorted = new SortedRows(view);
    sorted->setSourceModel(new TableModel(table, view));
    view->setModel(sorted);
    view->setSortingEnabled(true);
    view->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    view->setAccessibleName(windowTitle());
    view->setTabKeyNavigation(false);
    view->verticalHeader()->setDefaultSectionSize(view->fontMetrics().height() + 10);
    fitColumns(view);
    m_error->setProperty("role", "bad");
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->hide();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* copy = buttons->addButton(tr("Copy"), QDialogButtonBox::ActionRole);
    auto* saving = buttons->addButton(tr("Save as CSV…"), QDialogButtonBox::ActionRole);
    // As it stands there: in the order of the screen.
    const auto shown = [table, sorted](QChar between) {
        DataTable out = table;
        for (int row = 0; row < sorted->rowCount(); ++row)
            out.rows[row] = table.rows[sorted->mapToSource(sorted->index(row, 0)).row()];
        return out.asText(between);
    };
    connect(copy, &QPushButton::clicked, this,
        [shown] { QGuiApplication::clipboard()->setText(shown(QLatin1Char('\t'))); });
    connect(saving, &QPushButton::clicked, this, [this, shown] { save(shown(QLatin1Char(','))); });
    if (points) {
        auto* all = buttons->addButton(tr("All points…"), QDialogButtonBox::ActionRole);
        all->setToolTip(tr("The points themselves, not what the screen reduced them to"));
        connect(all, &QPushButton::clicked, this, points);
    }
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(view);
    layout->addWidget(m_error);
    layout->addWidget(buttons);
    resize(std::clamp(view->horizontalHeader()->length() + view->verticalHeader()->sizeHint().width() + 60, 480, 960),
        480);
}

void DataTwin::save(const QString& text) {
    QString path = QFileDialog::getSaveFileName(this, tr("Save as CSV"), QString(), tr("CSV files (*.csv)"));
    if (path.isEmpty()) return;
    if (!path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) path += QLatin1String(".csv");
    QSaveFile file(path);
    const QByteArray bytes = text.toUtf8();
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    m_error->setText(isWritten ? QString() : tr("The file could not be written: %1").arg(file.errorString()));
    m_error->setVisible(!isWritten);
}

}  // namespace dubito::kit
