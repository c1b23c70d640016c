// Colours are read at each drawing, so that a change of theme needs no new style.
#include "look_style.h"

#include <QApplication>
#include <QComboBox>
#include <QPainter>
#include <QPainterPath>
#include <QStyleFactory>
#include <QStyleOption>
#include <QStyledItemDelegate>

#include "kit/colours.h"

namespace dubito::app {
namespace {

constexpr int kIndicator = 16, kArrowRoom = 22, kTextRoom = 8, kBoxHeight = 26;
constexpr int kSign = 32;  ///< of a message box

bool isPlain(const QWidget* widget) { return widget && widget->property("role").toString() == QLatin1String("plain"); }

/// An open arrow as in the drawings, pointing down (or up) in the middle of `place`.
void drawArrow(QPainter* painter, const QRectF& place, const QColor& colour, bool up = false) {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QPointF c = place.center();
    const double tip = up ? -2 : 2;
    QPainterPath arrow;
    arrow.moveTo(c.x() - 3.5, c.y() - tip);
    arrow.lineTo(c.x() + 3.5, c.y() - tip);
    arrow.lineTo(c.x(), c.y() + tip);
    arrow.closeSubpath();
    painter->fillPath(arrow, colour);
    painter->restore();
}

void drawTickBox(QPainter* painter, const QStyleOption& option) {
    const kit::Palette& c = kit::palette();
    const bool isOn = option.state & QStyle::State_On, isEnabled = option.state & QStyle::State_Enabled;
    const bool hasFocus = option.state & QStyle::State_HasFocus;
    const QRectF box = QRectF(option.rect).adjusted(1, 1, -1, -1);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor fill = !isEnabled ? c.hover : isOn ? c.accent : c.surface;
    painter->setBrush(fill);
    painter->setPen(QPen(isOn && isEnabled ? c.accent : hasFocus ? c.accent : c.faint, hasFocus ? 1.6 : 1));
    painter->drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3.5, 3.5);
    if (isOn) {
        painter->setPen(QPen(isEnabled ? c.onAccent : c.faint, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const double w = box.width(), h = box.height();
        painter->drawPolyline(QPolygonF({box.topLeft() + QPointF(0.24 * w, 0.52 * h),
            box.topLeft() + QPointF(0.43 * w, 0.71 * h), box.topLeft() + QPointF(0.77 * w, 0.31 * h)}));
    } else if (option.state & QStyle::State_NoChange) {
        painter->setPen(QPen(c.sub, 1.8));
        painter->drawLine(box.center() - QPointF(3, 0), box.center() + QPointF(3, 0));
    }
    painter->restore();
}

void drawBox(QPainter* painter, const QStyleOptionComplex& option, const QRect& arrow, const QWidget* widget) {
    const kit::Palette& c = kit::palette();
    const bool hasFocus = option.state & QStyle::State_HasFocus, isEnabled = option.state & QStyle::State_Enabled;
    if (!isPlain(widget)) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(c.surface);
        painter->setPen(QPen(hasFocus ? c.accent : c.line, 1));
        painter->drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
        painter->restore();
    }
    drawArrow(painter, arrow, !isEnabled ? c.line : hasFocus ? c.accent : c.sub);
}

void drawNumber(QPainter* painter, const QStyleOptionSpinBox& option, const QRect& up, const QRect& down) {
    const kit::Palette& c = kit::palette();
    const bool hasFocus = option.state & QStyle::State_HasFocus, isEnabled = option.state & QStyle::State_Enabled;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(c.surface);
    painter->setPen(QPen(hasFocus ? c.accent : c.line, 1));
    painter->drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter->restore();
    const auto colour = [&](QAbstractSpinBox::StepEnabledFlag step, QStyle::SubControl part) {
        if (!isEnabled || !(option.stepEnabled & step)) return c.line;
        return option.activeSubControls & part ? c.accent : c.sub;
    };
    drawArrow(painter, up, colour(QAbstractSpinBox::StepUpEnabled, QStyle::SC_SpinBoxUp), true);
    drawArrow(painter, down, colour(QAbstractSpinBox::StepDownEnabled, QStyle::SC_SpinBoxDown));
}

/// "!", "i" or "?" in a ring, in the colours of the theme.
QIcon signOf(QStyle::StandardPixmap which) {
    const kit::Palette& c = kit::palette();
    const bool isBad = which == QStyle::SP_MessageBoxCritical, isWarning = which == QStyle::SP_MessageBoxWarning;
    const QColor colour = isBad ? c.bad : isWarning ? c.warn : c.accent;
    QPixmap picture(kSign * 2, kSign * 2);
    picture.setDevicePixelRatio(2);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colour, 1.6));
    painter.drawEllipse(QRectF(2, 2, kSign - 4, kSign - 4));
    QFont font = QApplication::font();
    font.setPixelSize(17);
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.drawText(QRectF(0, 0, kSign, kSign), Qt::AlignCenter,
        isBad || isWarning                       ? QStringLiteral("!")
        : which == QStyle::SP_MessageBoxQuestion ? QStringLiteral("?")
                                                 : QStringLiteral("i"));
    return QIcon(picture);
}

bool isMessageSign(QStyle::StandardPixmap which) {
    return which == QStyle::SP_MessageBoxCritical || which == QStyle::SP_MessageBoxWarning ||
           which == QStyle::SP_MessageBoxInformation || which == QStyle::SP_MessageBoxQuestion;
}

}  // namespace

LookStyle::LookStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void LookStyle::polish(QWidget* widget) {
    QProxyStyle::polish(widget);
    // The list of a box takes its rows from the style sheet only with this delegate.
    auto* box = qobject_cast<QComboBox*>(widget);
    if (box && !qobject_cast<QStyledItemDelegate*>(box->itemDelegate()))
        box->setItemDelegate(new QStyledItemDelegate(box));
}

void LookStyle::drawPrimitive(
    PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
    if (element == PE_IndicatorCheckBox) return drawTickBox(painter, *option);
    if (element == PE_IndicatorArrowUp || element == PE_IndicatorArrowDown)
        return drawArrow(painter, option->rect, kit::palette().sub, element == PE_IndicatorArrowUp);
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void LookStyle::drawComplexControl(
    ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const {
    const auto* box = qobject_cast<const QComboBox*>(widget);
    if (control == CC_ComboBox && box && !box->isEditable())
        return drawBox(painter, *option, subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget), widget);
    if (const auto* number = qstyleoption_cast<const QStyleOptionSpinBox*>(option); control == CC_SpinBox && number)
        return drawNumber(painter, *number, subControlRect(CC_SpinBox, option, SC_SpinBoxUp, widget),
            subControlRect(CC_SpinBox, option, SC_SpinBoxDown, widget));
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

void LookStyle::drawControl(
    ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
    const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
    if (element == CE_ComboBoxLabel && box && !box->editable) {
        const QRect place = subControlRect(CC_ComboBox, box, SC_ComboBoxEditField, widget);
        const kit::Palette& c = kit::palette();
        const bool isEnabled = box->state & State_Enabled;
        const bool speaksFocus = isPlain(widget) && (box->state & State_HasFocus);
        painter->save();
        painter->setPen(!isEnabled ? c.faint : speaksFocus ? c.accent : c.text);
        painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            painter->fontMetrics().elidedText(box->currentText, Qt::ElideRight, place.width()));
        painter->restore();
        return;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

QRect LookStyle::subControlRect(
    ComplexControl control, const QStyleOptionComplex* option, SubControl sub, const QWidget* widget) const {
    if (control == CC_ComboBox) {
        const int left = isPlain(widget) ? 2 : kTextRoom, right = isPlain(widget) ? 16 : kArrowRoom;
        const QRect all = option->rect;
        if (sub == SC_ComboBoxEditField) return visualRect(option->direction, all, all.adjusted(left, 1, -right, -1));
        if (sub == SC_ComboBoxArrow)
            return visualRect(
                option->direction, all, QRect(all.right() - right + 2, all.top(), right - 4, all.height()));
    }
    if (control == CC_SpinBox) {
        const QRect all = option->rect;
        const int half = all.height() / 2, left = all.right() - kArrowRoom + 2, width = kArrowRoom - 4;
        QRect out = all;
        if (sub == SC_SpinBoxUp) out = QRect(left, all.top() + 2, width, half - 2);
        if (sub == SC_SpinBoxDown) out = QRect(left, all.top() + half, width, half - 2);
        if (sub == SC_SpinBoxEditField) out = all.adjusted(kTextRoom - 2, 1, -kArrowRoom, -1);
        return visualRect(option->direction, all, out);
    }
    return QProxyStyle::subControlRect(control, option, sub, widget);
}

QSize LookStyle::sizeFromContents(
    ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const {
    if (type == CT_ComboBox) {
        const int sides = isPlain(widget) ? 2 + 18 : kTextRoom + kArrowRoom + 2;
        return {contents.width() + sides, std::max(contents.height() + 4, isPlain(widget) ? 22 : kBoxHeight)};
    }
    if (type == CT_SpinBox)
        return {contents.width() + kTextRoom + kArrowRoom + 2, std::max(contents.height() + 6, kBoxHeight)};
    return QProxyStyle::sizeFromContents(type, option, contents, widget);
}

int LookStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    if (metric == PM_IndicatorWidth || metric == PM_IndicatorHeight) return kIndicator;
    return QProxyStyle::pixelMetric(metric, option, widget);
}

QIcon LookStyle::standardIcon(StandardPixmap which, const QStyleOption* option, const QWidget* widget) const {
    return isMessageSign(which) ? signOf(which) : QProxyStyle::standardIcon(which, option, widget);
}

int LookStyle::styleHint(
    StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const {
    if (hint == SH_ComboBox_Popup) return 0;                    // a list below the box, not over it
    if (hint == SH_DialogButtonBox_ButtonsHaveIcons) return 0;  // words are enough
    if (hint == SH_UnderlineShortcut) return 0;
    return QProxyStyle::styleHint(hint, option, widget, data);
}

}  // namespace dubito::app
