// Rows of label, bar and number: top-k candidates, attribution shares. Signed values grow from the middle.
#pragma once

#include <QVector>
#include <QWidget>

namespace dubito::kit {

struct BarRow {
    QString label;
    double value = 0;
    QString shown;  ///< text of the number
    int id = -1;    ///< given back by clicked
};

class BarList : public QWidget {
    Q_OBJECT
public:
    explicit BarList(QWidget* parent = nullptr);
    void setRows(const QVector<BarRow>& rows, bool isSigned = false);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }

Q_SIGNALS:
    void clicked(int id);

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    QVector<BarRow> m_rows;
    bool m_signed = false;
};

}  // namespace dubito::kit
