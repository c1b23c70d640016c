// Any figure as a table: the accessible twin of a picture, and the way to copy its numbers.
#pragma once

#include <QDialog>
#include <QStringList>
#include <QVector>
#include <functional>

class QLabel;

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
    /// `points`: exports what the screen's numbers were reduced from; empty: the table is all there is.
    explicit DataTwin(const DataTable& table, QWidget* parent = nullptr, const std::function<void()>& points = {});

private:
    void save(const QString& text);
    QLabel* m_error;
};

}  // namespace dubito::kit
