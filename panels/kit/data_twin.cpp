// A read-only table with copy and save.
#include "kit/data_twin.h"

#include <QAbstractTableModel>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QSaveFile>
#include <QTableView>
#include <QVBoxLayout>

#include "kit/colours.h"

namespace dubito::kit {
namespace {

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

DataTwin::DataTwin(const DataTable& table, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(table.title.isEmpty() ? tr("Data as table") : table.title);
    auto* view = new QTableView;
    view->setModel(new TableModel(table, view));
    view->setAccessibleName(windowTitle());
    view->horizontalHeader()->setStretchLastSection(true);
    view->verticalHeader()->setDefaultSectionSize(24);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* copy = buttons->addButton(tr("Copy"), QDialogButtonBox::ActionRole);
    auto* save = buttons->addButton(tr("Save as CSV…"), QDialogButtonBox::ActionRole);
    connect(copy, &QPushButton::clicked, this,
        [table] { QGuiApplication::clipboard()->setText(table.asText(QLatin1Char('\t'))); });
    connect(save, &QPushButton::clicked, this, [this, table] {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save as CSV"), QString(), tr("CSV files (*.csv)"));
        if (path.isEmpty()) return;
        QSaveFile file(path);
        if (file.open(QIODevice::WriteOnly)) {
            file.write(table.asText(QLatin1Char(',')).toUtf8());
            file.commit();
        }
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(view);
    layout->addWidget(buttons);
    resize(720, 480);
}

}  // namespace dubito::kit
