// Signs are drawn here, 18 units a side, in strokes of 1.4.
#include "rail.h"

#include <QAbstractButton>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/user_size.h"

namespace dubito::app {
namespace {

constexpr int kGap = 4, kTop = 6;

int railWidth() { return kit::userSize(72); }
int itemWidth() { return kit::userSize(64); }
int itemHeight() { return 30 + kit::userSize(18); }
constexpr double kStroke = 1.4;

/// Polylines in an 18 x 18 box: "x,y x,y; x,y x,y".
void lines(QPainterPath& path, std::initializer_list<std::initializer_list<QPointF>> all) {
    for (const auto& one : all) {
        bool isFirst = true;
        for (const QPointF& point : one) {
            if (isFirst) path.moveTo(point);
            else path.lineTo(point);
            isFirst = false;
        }
    }
}

QPainterPath signOf(const QString& name, const QString& title) {
    QPainterPath path;
    const auto is = [&](const char* one) { return name == QLatin1String(one); };
    const auto ring = [&](double x, double y, double r) { path.addEllipse(QPointF(x, y), r, r); };
    if (is("home"))
        lines(path, {{{2.5, 8.5}, {9, 2.5}, {15.5, 8.5}}, {{4, 7.5}, {4, 15.5}, {7.2, 15.5}, {7.2, 10.5}, {10.8, 10.5},
                                                              {10.8, 15.5}, {14, 15.5}, {14, 7.5}}});
    else if (is("runs"))
        lines(path, {{{2.5, 4}, {15.5, 4}}, {{2.5, 9}, {15.5, 9}}, {{2.5, 14}, {15.5, 14}}, {{6, 4}, {6, 14}}});
    else if (is("experiments")) {
        ring(4, 9, 2.2), ring(14, 4, 2.2), ring(14, 14, 2.2);
        lines(path, {{{6, 8}, {12, 5}}, {{6, 10}, {12, 13}}});
    } else if (is("language")) {
        path.addRoundedRect(2.5, 3, 13, 9.5, 1.5, 1.5);
        lines(path, {{{6, 12.5}, {6, 15.5}, {9, 12.5}}, {{5.5, 6.3}, {12.5, 6.3}}, {{5.5, 9.2}, {10, 9.2}}});
    } else if (is("doubt")) {
        ring(9, 9, 6.5);
        path.moveTo(6.9, 7.2);
        path.cubicTo(7, 4.6, 11.2, 4.6, 11.1, 7.2);
        path.cubicTo(11, 8.8, 9, 8.8, 9, 10.6);
        lines(path, {{{9, 12.6}, {9, 12.9}}});
    } else if (is("control")) {
        ring(9, 4, 1.8), ring(4, 14.5, 1.6), ring(14, 14.5, 1.6);
        lines(path, {{{9, 5.8}, {9, 9.5}, {4.8, 13}}, {{9, 9.5}, {13.2, 13}}});
    } else if (is("recommend"))
        lines(path, {{{9, 2.5}, {11, 7}, {15.8, 7.4}, {12.1, 10.5}, {13.2, 15.2}, {9, 12.7}, {4.8, 15.2}, {5.9, 10.5},
                        {2.2, 7.4}, {7, 7}, {9, 2.5}}});
    else if (is("mixture")) {
        ring(6.8, 7, 4.2), ring(11.2, 7, 4.2), ring(9, 11, 4.2);
    } else if (is("align"))
        lines(path, {{{2.5, 4}, {15.5, 4}}, {{2.5, 14}, {15.5, 14}}, {{5, 4}, {5, 14}}, {{9, 4}, {9, 14}},
                        {{13, 4}, {13, 14}}});
    else if (is("fleet")) {
        ring(9, 9, 2.2), ring(3.5, 3.5, 1.5), ring(14.5, 3.5, 1.5), ring(3.5, 14.5, 1.5), ring(14.5, 14.5, 1.5);
        lines(path, {{{4.6, 4.6}, {7.4, 7.4}}, {{13.4, 4.6}, {10.6, 7.4}}, {{4.6, 13.4}, {7.4, 10.6}},
                        {{13.4, 13.4}, {10.6, 10.6}}});
    } else if (is("write")) {
        path.addRoundedRect(3.5, 2.5, 11, 13, 1.2, 1.2);
        lines(path, {{{6, 6}, {12, 6}}, {{6, 9}, {12, 9}}, {{6, 12}, {9.5, 12}}});
    } else if (is("more")) lines(path, {{{9, 3.5}, {9, 14.5}}, {{3.5, 9}, {14.5, 9}}});
    else {  // a sign that nobody drew: the first letter in a ring
        ring(9, 9, 6.8);
        QFont font;
        font.setPixelSize(9);
        const QString letter = title.left(1).toUpper();
        path.addText(9 - QFontMetricsF(font).horizontalAdvance(letter) / 2, 12.2, font, letter);
    }
    return path;
}

}  // namespace

class RailItem : public QAbstractButton {
public:
    RailItem(const RailEntry& entry, QWidget* parent) : QAbstractButton(parent), id(entry.id), m_sign(entry.sign) {
        setText(entry.title);
        setAccessibleName(entry.title);
        setCheckable(true);
        setFocusPolicy(Qt::TabFocus);
        setEnabled(entry.isEnabled);
        setFixedSize(itemWidth(), itemHeight());
        setAttribute(Qt::WA_Hover);
    }
    QString id;

protected:
    void paintEvent(QPaintEvent*) override {
        const kit::Palette& c = kit::palette();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const bool isActive = isChecked();
        if (isActive || underMouse() || hasFocus()) {
            painter.setPen(hasFocus() ? QPen(c.accent, 1) : QPen(Qt::NoPen));
            painter.setBrush(isActive ? c.accentBg : isEnabled() && underMouse() ? c.hover : QColor(Qt::transparent));
            painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
        }
        painter.setBrush(Qt::NoBrush);
        painter.save();
        painter.translate((width() - 18) / 2.0, 7);
        painter.setPen(QPen(isActive      ? c.accent
                            : isEnabled() ? c.sub
                                          : c.faint,
            kStroke, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        if (!isEnabled()) painter.setOpacity(0.6);
        painter.drawPath(signOf(m_sign, text()));
        painter.restore();
        QFont small = font();
        small.setPixelSize(kit::userSize(11));
        small.setWeight(isActive ? QFont::Medium : QFont::Normal);
        painter.setFont(small);
        painter.setPen(isActive ? c.text : isEnabled() ? c.sub : c.faint);
        const QFontMetrics metrics(small);
        painter.drawText(QRect(0, 28, width(), kit::userSize(16)), Qt::AlignHCenter | Qt::AlignVCenter,
            metrics.elidedText(text(), Qt::ElideRight, width()));
        setToolTip(metrics.horizontalAdvance(text()) > width() ? kit::plainToolTip(text()) : QString());
    }

private:
    QString m_sign;
};

Rail::Rail(QWidget* parent)
    : QWidget(parent), m_more(new RailItem({{}, {}, QStringLiteral("more")}, this)), m_menu(new QMenu(this)) {
    setAccessibleName(tr("Workspaces"));
    setFixedWidth(railWidth());
    m_more->setCheckable(false);
    m_more->hide();
    connect(m_more, &QAbstractButton::clicked, this,
        [this] { m_menu->popup(m_more->mapToGlobal(QPoint(m_more->width(), 0))); });
    m_more->installEventFilter(this);
}

void Rail::setEntries(const QVector<RailEntry>& entries, const QVector<RailEntry>& rest) {
    qDeleteAll(m_items);
    m_items.clear();
    m_rest = rest;
    for (const RailEntry& entry : entries) {
        auto* item = new RailItem(entry, this);
        connect(item, &QAbstractButton::clicked, this, [this, id = entry.id] {
            setCurrent(m_current);  // a click on the one that is active leaves it so
            Q_EMIT chosen(id);
        });
        item->installEventFilter(this);
        item->show();
        m_items << item;
    }
    setCurrent(m_current);
}

void Rail::setCurrent(const QString& id) {
    m_current = id;
    for (RailItem* item : std::as_const(m_items)) item->setChecked(item->id == id);
    place();
    update();
}

QSize Rail::sizeHint() const {
    return {railWidth(), kTop + static_cast<int>(m_items.size() + 1) * (itemHeight() + kGap)};
}

QStringList Rail::shown() const {
    QStringList out;
    for (const RailItem* item : m_items)
        if (!item->isHidden()) out << item->id;
    return out;
}

void Rail::place() {
    const int room = std::max(1, (height() - kTop) / (itemHeight() + kGap));
    const bool needsMore = !m_rest.isEmpty() || m_items.size() > room;
    const int most = needsMore ? std::max(1, room - 1) : room;
    m_menu->clear();
    int y = kTop, cut = 0;
    for (int i = 0; i < m_items.size(); ++i) {
        RailItem* item = m_items[i];
        item->setVisible(i < most);
        if (i < most) {
            item->move((railWidth() - itemWidth()) / 2, y);
            y += itemHeight() + kGap;
            continue;
        }
        ++cut;
        m_menu->addAction(item->text(), this, [this, id = item->id] { Q_EMIT chosen(id); })
            ->setEnabled(item->isEnabled());
    }
    for (const RailEntry& entry : std::as_const(m_rest))
        m_menu->addAction(entry.title, this, [this, id = entry.id] { Q_EMIT chosen(id); })->setEnabled(entry.isEnabled);
    m_more->setVisible(needsMore);
    m_more->setText(tr("%1 more ▾").arg(cut + m_rest.size()));
    m_more->setAccessibleName(tr("%1 more workspaces").arg(cut + m_rest.size()));
    m_more->move((railWidth() - itemWidth()) / 2, y);
}

void Rail::paintEvent(QPaintEvent*) {
    const kit::Palette& c = kit::palette();
    QPainter painter(this);
    painter.fillRect(rect(), c.surface);
    painter.fillRect(width() - 1, 0, 1, height(), c.line);
    for (const RailItem* item : m_items)
        if (item->isChecked() && !item->isHidden()) painter.fillRect(0, item->y(), 2, item->height(), c.accent);
}

bool Rail::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            if (key == Qt::Key_Down) focusNextChild();
            else focusPreviousChild();
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            static_cast<QAbstractButton*>(watched)->click();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace dubito::app
