// Any figure as a table: the accessible twin of a picture, and the way to copy its numbers.
#pragma once

#include <QDialog>
#include <QStringList>
#include <QVector>

namespace dubito::kit {

struct DataTable {
    QString title;
    QStringList columns;
    QVector<QStringList> rows;
    QString asText(QChar between) const;  ///< with a head line; TSV by '\t', CSV by ','
};

class DataTwin : public QDialog {
    Q_OBJECT
public:
    explicit DataTwin(const DataTable& table, QWidget* parent = nullptr);
};

}  // namespace dubito::kit
