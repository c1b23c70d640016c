// One filter for the application; only events of a resting pointer are looked at.
#include "kit/whole_text.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHeaderView>
#include <QHelpEvent>
#include <QPointer>
#include <QStyleOption>
#include <QToolTip>

#include "kit/controls.h"

namespace dubito::kit {
namespace {

constexpr int kHeaderPadding = 16;

QString ofHeader(const QHeaderView& header, QPoint at) {
    const int section = header.logicalIndexAt(at);
    if (section < 0 || !header.model()) return {};
    if (header.model()->headerData(section, header.orientation(), Qt::ToolTipRole).isValid()) return {};
    const QString text = header.model()->headerData(section, header.orientation()).toString();
    const bool fits = header.orientation() == Qt::Vertical ||
                      header.fontMetrics().horizontalAdvance(text) + kHeaderPadding <= header.sectionSize(section);
    return fits ? QString() : text;
}

QString ofItem(const QAbstractItemView& view, QPoint at) {
    const QModelIndex index = view.indexAt(at);
    if (!index.isValid() || index.data(Qt::ToolTipRole).isValid()) return {};
    const int seen = view.visualRect(index).intersected(view.viewport()->rect()).width();
    return view.sizeHintForIndex(index).width() > seen ? index.data().toString() : QString();
}

QString ofChoice(const QComboBox& box) {
    QStyleOptionComboBox option;
    option.initFrom(&box);
    option.rect = box.rect();
    const QRect room = box.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, &box);
    return box.fontMetrics().horizontalAdvance(box.currentText()) > room.width() ? box.currentText() : QString();
}

class WholeTexts : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::ToolTip || !watched->isWidgetType()) return false;
        auto* widget = static_cast<QWidget*>(watched);
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString whole = wholeTextAt(widget, help->pos());
        if (whole.isEmpty()) return false;
        QToolTip::showText(help->globalPos(), plainToolTip(whole), widget);
        return true;
    }
};

}  // namespace

QString wholeTextAt(QWidget* widget, QPoint at) {
    if (!widget->toolTip().isEmpty()) return {};
    if (const auto* box = qobject_cast<QComboBox*>(widget)) return ofChoice(*box);
    auto* view = qobject_cast<QAbstractItemView*>(widget->parentWidget());
    if (!view || view->viewport() != widget || !view->toolTip().isEmpty()) return {};
    if (const auto* header = qobject_cast<QHeaderView*>(view)) return ofHeader(*header, at);
    return ofItem(*view, at);
}

void tellWholeTexts(QObject* application) {
    static QPointer<WholeTexts> one;
    if (!one) one = new WholeTexts(QCoreApplication::instance());
    application->removeEventFilter(one);
    application->installEventFilter(one);
}

}  // namespace dubito::kit
