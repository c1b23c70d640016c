// Each check is one function over the widgets in sight.
#include "app/look_over.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QHash>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSlider>
#include <QTabBar>
#include <QTextDocument>
#include <QToolButton>

#include <algorithm>
#include <cmath>

#include "kit/controls.h"
#include "kit/whole_text.h"

namespace dubito::tests {
namespace {

constexpr int kSlack = 2;  ///< pixels of a frame or of rounding

bool hasWords(const QWidget* widget) {
    if (const auto* label = qobject_cast<const QLabel*>(widget)) return !label->text().trimmed().isEmpty();
    if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) return !button->text().isEmpty();
    return false;
}

bool isControl(const QWidget* widget) {
    return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
           qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
           qobject_cast<const QSlider*>(widget) || hasWords(widget);
}

/// A part of a control is its owner's.
bool isInner(const QWidget* widget) {
    const QWidget* parent = widget->parentWidget();
    return !parent || qobject_cast<const QAbstractSpinBox*>(parent) || qobject_cast<const QComboBox*>(parent) ||
           qobject_cast<const QAbstractButton*>(parent) || qobject_cast<const QLineEdit*>(parent) ||
           qobject_cast<const QTabBar*>(parent) || qobject_cast<const QMenuBar*>(parent) ||
           qobject_cast<const QAbstractItemView*>(parent) || widget->objectName().startsWith(QLatin1String("qt_"));
}

QString wordsOf(const QWidget* widget) {
    if (const auto* label = qobject_cast<const QLabel*>(widget)) return QString(label->text()).remove(QChar(0x200B));
    if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) {
        static const QRegularExpression kMnemonic(QStringLiteral("&(?!&)"));
        return button->text().remove(kMnemonic);
    }
    if (const auto* box = qobject_cast<const QComboBox*>(widget)) return box->currentText();
    if (const auto* edit = qobject_cast<const QLineEdit*>(widget)) return edit->placeholderText();
    return {};
}

QString placeOf(const QWidget* widget) {
    QStringList way;
    for (const QWidget* one = widget; one && way.size() < 4; one = one->parentWidget())
        way.prepend(QString::fromLatin1(one->metaObject()->className()).section(QLatin1String("::"), -1));
    const QString words = wordsOf(widget);
    const QString name = words.isEmpty() ? widget->accessibleName() : words;
    return QStringLiteral("%1 \"%2\"").arg(way.join(QLatin1Char('>')), name.left(60));
}

/// Empty: all of it can be seen, at once or after scrolling.
QString cutOf(const QWidget* widget) {
    QRect part = widget->rect();
    for (const QWidget* one = widget; one->parentWidget() && !one->isWindow(); one = one->parentWidget()) {
        const QWidget* parent = one->parentWidget();
        part.translate(one->pos());
        const auto* area = qobject_cast<const QAbstractScrollArea*>(parent->parentWidget());
        if (area && area->viewport() == parent) {
            const bool slides = area->horizontalScrollBarPolicy() != Qt::ScrollBarAlwaysOff;
            if (!slides && (part.left() < -kSlack || part.right() > parent->width() + kSlack))
                return QStringLiteral("is cut at the side of its scroll area");
            return {};
        }
        const QRect room = parent->rect().adjusted(-kSlack, -kSlack, kSlack, kSlack);
        if (!room.contains(part))
            return QStringLiteral("is cut: %1,%2 %3x%4 in %5 of %6x%7")
                .arg(part.x())
                .arg(part.y())
                .arg(part.width())
                .arg(part.height())
                .arg(QString::fromLatin1(parent->metaObject()->className()))
                .arg(parent->width())
                .arg(parent->height());
    }
    return {};
}

/// Words that do not fit where they stand, and no tool tip has them whole.
QString tightOf(const QWidget* widget) {
    if (!widget->toolTip().isEmpty()) return {};
    if (const auto* label = qobject_cast<const QLabel*>(widget)) {
        if (qobject_cast<const kit::ElidedLabel*>(label)) return {};  // sets its own
        const QRect room = label->contentsRect();
        if (label->wordWrap()) {
            const int needed = label->heightForWidth(label->width());
            return needed > label->height() + kSlack
                       ? QStringLiteral("needs %1 pixels of height and has %2").arg(needed).arg(label->height())
                       : QString();
        }
        QFont font = label->font();
        const QSize needed = Qt::mightBeRichText(label->text()) ? QSize() : QFontMetrics(font).size(0, label->text());
        if (needed.width() > room.width() + kSlack)
            return QStringLiteral("needs %1 pixels of width and has %2").arg(needed.width()).arg(room.width());
        return {};
    }
    if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) {
        const int needed = button->fontMetrics().size(Qt::TextShowMnemonic, button->text()).width();
        if (needed > button->width())
            return QStringLiteral("needs %1 pixels and has %2").arg(needed).arg(button->width());
    }
    return {};
}

bool overlaps(const QWidget* a, const QWidget* b) {
    const QRect both = a->geometry() & b->geometry();
    return both.width() > kSlack && both.height() > kSlack;
}

struct Peek : QObject {
    using QObject::receivers;
};

/// A button that nobody hears.
bool isDead(const QAbstractButton* button) {
    if (const auto* tool = qobject_cast<const QToolButton*>(button); tool && (tool->menu() || tool->defaultAction()))
        return false;
    if (const auto* push = qobject_cast<const QPushButton*>(button); push && push->menu()) return false;
    if (button->inherits("QTabBar") || button->inherits("QTableCornerButton")) return false;
    int heard = 0;
    for (const char* signal :
        {SIGNAL(clicked(bool)), SIGNAL(clicked()), SIGNAL(pressed()), SIGNAL(released()), SIGNAL(toggled(bool))})
        heard += (button->*(&Peek::receivers))(signal);
    if (qobject_cast<const QPushButton*>(button) && heard == 0 && button->parent()->inherits("QDialogButtonBox"))
        return false;
    return heard == 0 && !button->group();
}

QString nameOf(QWidget* widget) {
    QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(widget);
    return seen ? seen->text(QAccessible::Name) : QString();
}

bool isUntranslated(const QString& text, const LookOver& how) {
    static const QRegularExpression kLatin(QStringLiteral("[A-Za-z]{2,}")),
        kChinese(QStringLiteral("[\\x{4E00}-\\x{9FFF}]"));
    if (!text.contains(kLatin) || text.contains(kChinese)) return false;
    return std::none_of(how.names.begin(), how.names.end(), [&](const QString& name) {
        return QRegularExpression(QRegularExpression::anchoredPattern(name)).match(text.trimmed()).hasMatch();
    });
}

bool readsMarkUp(const QWidget* widget, const QString& hostile) {
    if (Qt::mightBeRichText(widget->toolTip()) && widget->toolTip().contains(hostile)) return true;
    const auto* label = qobject_cast<const QLabel*>(widget);
    return label && label->textFormat() != Qt::PlainText && label->text().contains(hostile);
}

/// Boxes and cells whose text is elided, and that tell nobody what it is.
void lookAtElided(QWidget* widget, QStringList& out) {
    const auto* box = qobject_cast<QComboBox*>(widget);
    if (box && box->toolTip().isEmpty()) {
        QStyleOptionComboBox option;
        option.initFrom(box);
        option.rect = box->rect();
        const QRect room =
            box->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, box);
        const bool isCut = box->fontMetrics().horizontalAdvance(box->currentText()) > room.width();
        if (isCut && kit::wholeTextAt(widget, QPoint(2, 2)) != box->currentText())
            out << placeOf(box) + QStringLiteral(" is elided and no tool tip has it whole");
    }
}

double luminance(const QColor& colour) {
    const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

}  // namespace

double contrastOf(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

QStringList faultsOf(QWidget& window, const LookOver& how) {
    QStringList out;
    QHash<const QWidget*, QVector<QWidget*>> bySiblings;
    QList<QWidget*> all = window.findChildren<QWidget*>();
    all.prepend(&window);
    for (QWidget* one : std::as_const(all)) {
        if (!one->isVisible() || (one->isWindow() && one != &window) || one->window() != &window) continue;
        if (!how.hostile.isEmpty() && readsMarkUp(one, how.hostile))
            out << placeOf(one) + QStringLiteral(" reads a name as mark-up");
        lookAtElided(one, out);
        if (one->isWindow() || isInner(one) || !isControl(one)) continue;
        if (one->width() < 1 || one->height() < 1) continue;
        const QString cut = cutOf(one), tight = tightOf(one);
        if (!cut.isEmpty()) out << placeOf(one) + QLatin1Char(' ') + cut;
        if (!tight.isEmpty()) out << placeOf(one) + QLatin1Char(' ') + tight;
        if (how.inChinese && isUntranslated(wordsOf(one), how))
            out << placeOf(one) + QStringLiteral(" is not translated");
        bySiblings[one->parentWidget()] << one;
        if (!one->isEnabled()) continue;
        const bool takesFocus = one->focusPolicy() & Qt::TabFocus;
        if (takesFocus && !qobject_cast<QLabel*>(one) && nameOf(one).trimmed().isEmpty())
            out << placeOf(one) + QStringLiteral(" has no name for those who do not see it");
        const auto* button = qobject_cast<const QAbstractButton*>(one);
        if (button && isDead(button)) out << placeOf(one) + QStringLiteral(" does nothing");
    }
    for (const auto& siblings : std::as_const(bySiblings))
        for (int i = 0; i < siblings.size(); ++i)
            for (int j = i + 1; j < siblings.size(); ++j)
                if (overlaps(siblings[i], siblings[j]))
                    out << placeOf(siblings[i]) + QStringLiteral(" overlaps ") + placeOf(siblings[j]);
    return out;
}

double leastContrast(QWidget& window, QString* which) {
    constexpr int kScale = 3;
    QPixmap picture(window.size() * kScale);
    picture.setDevicePixelRatio(kScale);
    window.render(&picture);
    const QImage image = picture.toImage();
    double least = 21;
    for (QWidget* one : window.findChildren<QWidget*>()) {
        if (!one->isVisible() || one->window() != &window || !hasWords(one) || one->visibleRegion().isEmpty()) continue;
        // A disc or an arrow is no word.
        const QString words = wordsOf(one);
        if (std::none_of(words.begin(), words.end(), [](QChar c) { return c.isLetterOrNumber(); })) continue;
        const QRect seen = one->visibleRegion().boundingRect().translated(one->mapTo(&window, QPoint()));
        QHash<QRgb, int> counts;
        for (int y = seen.top() * kScale + kScale; y < (seen.bottom() - 1) * kScale; ++y)
            for (int x = seen.left() * kScale + kScale; x < (seen.right() - 1) * kScale; ++x)
                if (image.rect().contains(x, y)) ++counts[image.pixel(x, y)];
        if (counts.isEmpty()) continue;
        const QRgb ground = std::max_element(counts.cbegin(), counts.cend()).key();
        double best = 1;
        // A colour of three pixels may be an edge; strokes have more.
        for (auto it = counts.cbegin(); it != counts.cend(); ++it)
            if (it.value() > 3) best = std::max(best, contrastOf(it.key(), ground));
        if (best >= least) continue;
        least = best;
        if (which) *which = placeOf(one);
    }
    return least;
}

}  // namespace dubito::tests
