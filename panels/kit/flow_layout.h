// A row that goes on in a second one where the width ends: tool rows of panels in narrow panes.
#pragma once

#include <QLayout>
#include <QList>
#include <QVector>

class QGridLayout;

namespace dubito::kit {

/// Charts side by side, or one below the other in a pane of this width.
int columnsFor(int width);
/// Row by row. Costs nothing when they lie so already.
void layInColumns(QGridLayout* grid, const QVector<QWidget*>& widgets, int columns);

/// Items at their preferred size, left to right; items that expand share what is left of their row.
class FlowLayout : public QLayout {
    Q_OBJECT
public:
    explicit FlowLayout(QWidget* parent = nullptr) : QLayout(parent) {}
    ~FlowLayout() override;

    void addItem(QLayoutItem* item) override { m_items.append(item); }
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

    void setCentred(bool on) { m_isCentred = on; }  ///< rows stand in the middle

private:
    int place(const QRect& rect, bool isTest) const;
    QList<QLayoutItem*> m_items;
    bool m_isCentred = false;
};

}  // namespace dubito::kit
