// Rows are filled greedily; hidden items take no room.
#include "kit/flow_layout.h"

#include <QGridLayout>
#include <QWidget>
#include <algorithm>

namespace dubito::kit {

int columnsFor(int width) {
    constexpr int kTwoColumns = 560;
    return width < kTwoColumns ? 1 : 2;
}

void layInColumns(QGridLayout* grid, const QVector<QWidget*>& widgets, int columns) {
    const auto isSo = [&] {
        if (grid->count() != widgets.size()) return false;
        for (int i = 0; i < widgets.size(); ++i) {
            const QLayoutItem* item = grid->itemAtPosition(i / columns, i % columns);
            if (!item || item->widget() != widgets[i]) return false;
        }
        return true;
    };
    if (isSo()) return;
    while (QLayoutItem* item = grid->takeAt(0)) delete item;
    for (int i = 0; i < grid->columnCount(); ++i) grid->setColumnStretch(i, i < columns);
    for (int i = 0; i < grid->rowCount(); ++i) grid->setRowStretch(i, 0);
    for (int i = 0; i < widgets.size(); ++i) grid->addWidget(widgets[i], i / columns, i % columns);
    for (int i = 0; i < columns; ++i) grid->setColumnStretch(i, 1);
}

FlowLayout::~FlowLayout() { qDeleteAll(m_items); }

QLayoutItem* FlowLayout::takeAt(int index) {
    return index >= 0 && index < m_items.size() ? m_items.takeAt(index) : nullptr;
}

int FlowLayout::heightForWidth(int width) const { return place({0, 0, width, 0}, true); }

QSize FlowLayout::sizeHint() const {
    const QMargins margins = contentsMargins();
    int width = 0, height = 0;
    for (const QLayoutItem* item : m_items) {
        if (item->isEmpty()) continue;
        width += item->sizeHint().width() + std::max(0, spacing());
        height = std::max(height, item->sizeHint().height());
    }
    return {width + margins.left() + margins.right(), height + margins.top() + margins.bottom()};
}

QSize FlowLayout::minimumSize() const {
    const QMargins margins = contentsMargins();
    QSize out;
    for (const QLayoutItem* item : m_items)
        if (!item->isEmpty()) out = out.expandedTo(item->minimumSize());
    return out.grownBy(margins);
}

void FlowLayout::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    place(rect, false);
}

int FlowLayout::place(const QRect& rect, bool isTest) const {
    const QRect inside = rect.marginsRemoved(contentsMargins());
    const int gap = std::max(0, spacing());
    int y = inside.y(), i = 0;
    while (i < m_items.size()) {
        // One row: as many as fit, at least one.
        QList<QLayoutItem*> row;
        int used = 0, height = 0, growing = 0;
        for (; i < m_items.size(); ++i) {
            QLayoutItem* item = m_items[i];
            if (item->isEmpty()) continue;
            const int width = std::min(item->sizeHint().width(), inside.width());
            if (!row.isEmpty() && used + gap + width > inside.width()) break;
            used += width + (row.isEmpty() ? 0 : gap);
            height = std::max(height, item->sizeHint().height());
            growing += item->expandingDirections().testFlag(Qt::Horizontal);
            row << item;
        }
        if (row.isEmpty()) break;
        int left = inside.width() - used, x = inside.x() + (m_isCentred && growing == 0 ? left / 2 : 0);
        for (QLayoutItem* item : row) {
            int width = std::min(item->sizeHint().width(), inside.width());
            if (item->expandingDirections().testFlag(Qt::Horizontal) && growing > 0) {
                const int more = left / growing--;
                width += more;
                left -= more;
            }
            const int own = std::min(height, item->sizeHint().height());
            if (!isTest) item->setGeometry({x, y + (height - own) / 2, width, own});
            x += width + gap;
        }
        y += height + gap;
    }
    const int bottom = y > inside.y() ? y - gap : y;
    return bottom - rect.y() + contentsMargins().bottom();
}

}  // namespace dubito::kit
