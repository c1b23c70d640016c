// Rows of label, bar and number: top-k candidates, attribution shares. Signed values grow from the middle. What a row
// can do stands at its end as a word; nothing else of it can be pressed.
#pragma once

#include <QVector>
#include <QWidget>

#include "kit/parts.h"

namespace dubito::kit {

struct BarRow {
    QString label;
    double value = 0;
    QString shown;      ///< text of the number
    int id = -1;        ///< given back by clicked; negative: the word is a remark
    QString word = {};  ///< at the end of the row: "say this", "said"
};

/// Share: 0 to 1. Signed: around the middle, the largest fills it. SignedRoot: the same by square root, so that one
/// large value does not flatten the others; to be said where it is used.
enum class BarScale { Share, Signed, SignedRoot };

class BarList : public QWidget, public Parts {
    Q_OBJECT
public:
    explicit BarList(QWidget* parent = nullptr);
    void setRows(const QVector<BarRow>& rows, BarScale scale = BarScale::Share);
    const QVector<BarRow>& rows() const { return m_rows; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }
    QRect wordRect(int row) const;  ///< what is pressed; empty: nothing
    int partCount() const override { return static_cast<int>(m_rows.size()); }
    QString partName(int at) const override;
    QString partSaid(int at) const override { return m_rows[at].word; }
    QRect partBox(int at) const override;
    int currentPart() const override { return m_current; }
    QString partDeed(int at) const override { return canPress(at) ? m_rows[at].word : QString(); }
    QString partsName() const override;
    void goToPart(int at) override;
    void pressPart(int at) override {
        if (canPress(at)) Q_EMIT clicked(m_rows[at].id);
    }

Q_SIGNALS:
    void clicked(int id);

protected:
    void paintEvent(QPaintEvent*) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent*) override { update(); }
    void focusOutEvent(QFocusEvent*) override { update(); }

private:
    bool canPress(int row) const { return row >= 0 && row < m_rows.size() && m_rows[row].id >= 0; }
    int pressedAt(const QPoint& at) const;
    int wordWidth() const;
    void paintBar(QPainter& painter, const BarRow& row, const QRectF& room, double largest) const;

    QVector<BarRow> m_rows;
    BarScale m_scale = BarScale::Share;
    int m_current = -1;
};

/// Half the room that a signed value takes, -1 to 1.
double barExtent(double value, double largest, BarScale scale);

}  // namespace dubito::kit
