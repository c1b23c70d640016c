// Built from plain Qt parts; looks come from the theme's one style sheet.
#include "kit/controls.h"

#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPointer>
#include <QRegularExpression>
#include <QScrollBar>
#include <QStylePainter>
#include <QToolButton>

#include <cmath>

#include "kit/colours.h"
#include "kit/user_size.h"

namespace dubito::kit {
namespace {

constexpr int kMostShown = 30;   ///< characters of a box; the list shows all
constexpr int kLongestRun = 20;  ///< characters without a space

/// Boxes, number fields and sliders; a scroll bar is there to be wheeled.
QWidget* valueEditor(QObject* object) {
    if (qobject_cast<QScrollBar*>(object)) return nullptr;
    if (auto* box = qobject_cast<QComboBox*>(object)) return box;
    if (auto* number = qobject_cast<QAbstractSpinBox*>(object)) return number;
    return qobject_cast<QAbstractSlider*>(object);
}

/// Ctrl+E exports and Ctrl+K searches in every place; a text field on X11 would take them for "end of line", which End
/// says too, and "delete to the end".
bool isOfWindow(QKeyEvent& event) {
    const bool isTaken = event.key() == Qt::Key_E || event.key() == Qt::Key_K;
    if (!isTaken || event.modifiers() != Qt::ControlModifier) return false;
    event.ignore();
    return true;
}

class WheelGuard : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::ShortcutOverride) return isOfWindow(*static_cast<QKeyEvent*>(event));
        if (event->type() != QEvent::Wheel && event->type() != QEvent::Polish) return false;
        QWidget* editor = valueEditor(watched);
        if (!editor) return false;
        // A wheel turn must not give the focus that it then would need.
        if (event->type() == QEvent::Polish && editor->focusPolicy() == Qt::WheelFocus)
            editor->setFocusPolicy(Qt::StrongFocus);
        if (event->type() != QEvent::Wheel || editor->hasFocus()) return false;
        event->ignore();  // goes on to what scrolls
        return true;
    }
};

}  // namespace

void guardWheel(QObject* target) {
    static QPointer<WheelGuard> guard;
    if (!guard) guard = new WheelGuard(QCoreApplication::instance());
    target->removeEventFilter(guard);  // once is enough
    target->installEventFilter(guard);
    if (QWidget* editor = valueEditor(target); editor && editor->focusPolicy() == Qt::WheelFocus)
        editor->setFocusPolicy(Qt::StrongFocus);
}

LabelledChoice::LabelledChoice(const QString& label, QWidget* parent) : QWidget(parent), m_box(new QComboBox) {
    setAttribute(Qt::WA_StyledBackground);
    setProperty("role", "choice");
    auto* name = new QLabel(label);
    name->setProperty("role", "faint");
    name->setBuddy(m_box);
    m_box->setAccessibleName(label);
    m_box->setProperty("role", "plain");
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_box->setMinimumWidth(userSize(48));
    m_box->setMaximumWidth(kMostShown * m_box->fontMetrics().averageCharWidth());
    guardWheel(m_box);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 0, 2, 0);
    row->setSpacing(4);
    row->addWidget(name);
    row->addWidget(m_box);
    setFixedHeight(userSize(26));
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

void LabelledChoice::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !m_box->isEnabled()) return QWidget::mousePressEvent(event);
    m_box->setFocus(Qt::MouseFocusReason);
    m_box->showPopup();
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width());
    // Without more to say, what it stands in may speak.
    const QString whole = shown == text() ? QString() : text();
    setToolTip(plainToolTip(whole.isEmpty() || m_more.isEmpty() ? whole : whole + QLatin1Char('\n') + m_more));
    painter.drawItemText(
        contentsRect(), static_cast<int>(alignment()), palette(), isEnabled(), shown, foregroundRole());
}

QString withoutMnemonic(QString text) {
    static const QRegularExpression kInBrackets(QStringLiteral("\\s?\\(&.\\)")), kSign(QStringLiteral("&(&?)"));
    return text.remove(kInBrackets).replace(kSign, QStringLiteral("\\1"));
}

QString plainToolTip(const QString& text) {
    return text.isEmpty() ? QString() : Qt::convertFromPlainText(text, Qt::WhiteSpaceNormal);
}

QString breakable(const QString& text) {
    QString out;
    int run = 0;
    for (const QChar c : text) {
        run = c.isSpace() ? 0 : run + 1;
        // Never between the halves of a character.
        if (run > kLongestRun && !c.isLowSurrogate()) out += QChar(0x200B), run = 1;
        out += c;
    }
    return out;
}

QLabel* caption(const QString& text) {
    auto* label = new QLabel(text);
    label->setFont(captionFont());
    label->setProperty("role", "faint");
    return label;
}

QLabel* mono(const QString& text) {
    auto* label = new QLabel(text);
    label->setFont(monoFont());
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

QToolButton* wordButton(const QString& text) {
    auto* out = new QToolButton;
    out->setText(text);
    out->setProperty("role", "word");
    out->setFocusPolicy(Qt::StrongFocus);
    out->setFixedHeight(userSize(22));
    return out;
}

QWidget* keyValueRow(const QString& key, QLabel* value, const QString& more) {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 1, 0, 1);
    auto* name = new ElidedLabel(key);
    name->setProperty("role", "sub");
    name->setMore(more);
    row->setToolTip(plainToolTip(more));
    value->setAccessibleDescription(key);  // its name is what it says
    layout->addWidget(name, 1);
    layout->addWidget(value);
    return row;
}

QString shortNumber(double value) {
    if (std::isnan(value)) return QStringLiteral("–");
    const double size = std::abs(value);
    if (size >= 1e6 || (size > 0 && size < 1e-3)) return QString::number(value, 'g', 3);
    if (size >= 100) return QLocale().toString(value, 'f', size >= 1000 ? 0 : 1);
    return QLocale().toString(value, 'f', size >= 10 ? 2 : 3);
}

QString durationText(qint64 us) {
    const qint64 seconds = us / 1'000'000;
    return QStringLiteral("%1:%2:%3")
        .arg(seconds / 3600)
        .arg(seconds / 60 % 60, 2, 10, QLatin1Char('0'))
        .arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

}  // namespace dubito::kit
