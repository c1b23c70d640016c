// Everything else of a cell is the style's.
#include "runs/run_delegates.h"

#include <QLineEdit>
#include <QPainter>
#include <QWidget>

#include <algorithm>

#include "kit/colours.h"
#include "kit/controls.h"
#include "runs/runs_model.h"

namespace dubito::runs {
namespace {

constexpr int kMostSwatches = 32, kSwatch = 18, kLongestName = 200;

}  // namespace

void PillDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem shifted = option;
    initStyleOption(&shifted, index);
    shifted.text.clear();
    option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &shifted, painter, option.widget);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(kit::stateColour(index.data(RunsModel::StateRole).toInt()));
    painter->drawEllipse(QPointF(option.rect.left() + 12, option.rect.center().y() + 0.5), 4, 4);
    painter->setPen(kit::palette().sub);
    const QRect room = option.rect.adjusted(22, 0, -2, 0);
    painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
        option.fontMetrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, room.width()));
    painter->restore();
}

void SparkDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyledItemDelegate::paint(painter, option, index);
    const auto values = index.data(RunsModel::SparkRole).value<QVector<double>>();
    if (values.size() < 2) return;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const QRectF room = QRectF(option.rect).adjusted(10, 6, -10, -6);
    const double range = *high - *low;
    QPolygonF line;
    for (qsizetype i = 0; i < values.size(); ++i)
        line << QPointF(room.left() + room.width() * static_cast<double>(i) / static_cast<double>(values.size() - 1),
            range > 0 ? room.bottom() - room.height() * (values[i] - *low) / range : room.center().y());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(kit::palette().sub, 1));
    painter->drawPolyline(line);
    painter->restore();
}

/// Behind the name, when there is room.
void NameDelegate::paintBaseline(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index, int left) const {
    if (!index.data(RunsModel::IsBaselineRole).toBool()) return;
    const int x = option.rect.left() + left + option.fontMetrics.horizontalAdvance(index.data().toString()) + 18;
    const QRect room(x, option.rect.top(), option.rect.right() - x - 4, option.rect.height());
    painter->save();
    painter->setPen(kit::palette().accent);
    painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
        option.fontMetrics.elidedText(tr("baseline"), Qt::ElideRight, room.width()));
    painter->restore();
}

void NameDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const int slot = m_selection ? m_selection->slotOf(index.data(RunsModel::RunNoRole).toLongLong()) : -1;
    if (slot < 0 || slot >= kMostSwatches) {
        QStyledItemDelegate::paint(painter, option, index);
        return paintBaseline(painter, option, index, 0);
    }
    QStyleOptionViewItem shifted = option;
    initStyleOption(&shifted, index);
    // A pixmap of nothing keeps the swatch's room.
    shifted.features |= QStyleOptionViewItem::HasDecoration;
    shifted.decorationSize = QSize(kSwatch, 4);
    shifted.icon = QIcon();
    option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &shifted, painter, option.widget);
    const QRect place =
        option.widget->style()->subElementRect(QStyle::SE_ItemViewItemDecoration, &shifted, option.widget);
    painter->save();
    painter->setPen(QPen(kit::seriesColour(static_cast<std::size_t>(slot)), 2,
        kit::seriesDash(static_cast<std::size_t>(slot)), Qt::FlatCap));
    const int y = option.rect.center().y();
    painter->drawLine(place.left(), y, place.left() + kSwatch - 2, y);
    painter->restore();
    paintBaseline(painter, option, index, kSwatch + 4);
}

QWidget* NameDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const {
    auto* edit = new QLineEdit(parent);
    edit->setObjectName(QStringLiteral("newName"));
    edit->setAccessibleName(tr("New name"));
    edit->setMaxLength(kLongestName);
    edit->setProperty("role", "cell");
    return edit;
}

void NameDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const {
    // Rows that are read again must not put the old name over what is being typed.
    const auto* edit = qobject_cast<QLineEdit*>(editor);
    if (!edit || !edit->isModified()) QStyledItemDelegate::setEditorData(editor, index);
}

}  // namespace dubito::runs
