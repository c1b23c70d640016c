// Placed by hand: the tab in front is always among those that are shown.
#include "page_tabs.h"

#include <QEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QToolButton>
#include <numeric>

#include "kit/user_size.h"

namespace dubito::app {
namespace {

constexpr int kTop = 5, kLeft = 10;

int tabHeight() { return kit::userSize(29); }

QToolButton* tab(QWidget* parent, const QString& text) {
    auto* out = new QToolButton(parent);
    out->setText(text);
    out->setProperty("role", "tab");
    out->setCheckable(true);
    out->setFocusPolicy(Qt::TabFocus);
    return out;
}

}  // namespace

PageTabs::PageTabs(QWidget* parent) : QWidget(parent), m_more(tab(this, {})) {
    setAccessibleName(tr("Pages"));
    setFixedHeight(kTop + tabHeight());
    m_more->setCheckable(false);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    m_more->setAccessibleName(tr("More pages"));
    m_more->hide();
}

void PageTabs::setPages(const QStringList& names, int current) {
    qDeleteAll(m_tabs);
    m_tabs.clear();
    for (int i = 0; i < names.size(); ++i) {
        auto* one = tab(this, names[i]);
        one->setAccessibleName(names[i]);
        if (i < 9) one->setToolTip(QStringLiteral("Ctrl+%1").arg(i + 1));
        connect(one, &QToolButton::clicked, this, [this, i] {
            setCurrent(i);
            Q_EMIT chosen(i);
        });
        one->installEventFilter(this);
        m_tabs << one;
    }
    setCurrent(current);
}

void PageTabs::setCurrent(int index) {
    m_current = index;
    for (int i = 0; i < m_tabs.size(); ++i) m_tabs[i]->setChecked(i == index);
    place();
}

QSize PageTabs::sizeHint() const {
    int width = kLeft;
    for (const QToolButton* one : m_tabs) width += one->sizeHint().width();
    return {width, kTop + tabHeight()};
}

QSize PageTabs::minimumSizeHint() const {
    int widest = 0;
    for (const QToolButton* one : m_tabs) widest = std::max(widest, one->sizeHint().width());
    return {kLeft + widest + m_more->sizeHint().width(), kTop + tabHeight()};
}

void PageTabs::place() {
    QVector<int> shown(m_tabs.size());
    std::iota(shown.begin(), shown.end(), 0);
    const auto wide = [&] {
        return std::accumulate(shown.begin(), shown.end(), kLeft,
            [this](int sum, int index) { return sum + m_tabs[index]->sizeHint().width(); });
    };
    m_more->menu()->clear();
    QVector<int> rest;
    m_more->setText(QStringLiteral("+%1 ▾").arg(m_tabs.size()));
    const int roomOfMore = m_more->sizeHint().width();
    while (shown.size() > 1 && wide() > width() - (rest.isEmpty() ? 0 : roomOfMore)) {
        const int last = shown.last() == m_current ? shown[shown.size() - 2] : shown.last();
        shown.removeOne(last);
        rest.prepend(last);
    }
    int x = kLeft;
    for (int i = 0; i < m_tabs.size(); ++i) {
        m_tabs[i]->setVisible(shown.contains(i));
        if (!shown.contains(i)) continue;
        const int own = m_tabs[i]->sizeHint().width();
        m_tabs[i]->setGeometry(x, kTop, own, tabHeight());
        x += own;
    }
    m_more->setVisible(!rest.isEmpty());
    m_more->setText(QStringLiteral("+%1 ▾").arg(rest.size()));
    m_more->setGeometry(x, kTop, roomOfMore, tabHeight());
    for (const int index : rest)
        m_more->menu()->addAction(m_tabs[index]->text(), this, [this, index] {
            setCurrent(index);
            Q_EMIT chosen(index);
        });
}

void PageTabs::changeEvent(QEvent* event) {
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::FontChange) place();
    QWidget::changeEvent(event);
}

bool PageTabs::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int step = key == Qt::Key_Right ? 1 : key == Qt::Key_Left ? -1 : 0;
        const int next = m_current + step;
        if (step && next >= 0 && next < m_tabs.size()) {
            setCurrent(next);
            m_tabs[next]->setFocus(Qt::OtherFocusReason);
            Q_EMIT chosen(next);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace dubito::app
