// A tree of splitters; its leaves are slots, so that a pane that is out keeps its place.
#include "page_view.h"

#include <QApplication>
#include <QCloseEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <numeric>

#include "kit/pane_frame.h"
#include "kit/panel.h"

namespace dubito::app {

class PaneSlot : public QWidget {
public:
    PaneSlot(kit::PaneFrame* pane) : m_pane(pane), m_line(new QWidget), m_layout(new QVBoxLayout(this)) {
        m_layout->setContentsMargins(0, 0, 0, 0);
        setMinimumSize(180, 120);
        auto* column = new QVBoxLayout(m_line);
        auto* words = new QLabel(PageView::tr("%1 is in a window of its own.").arg(pane->kind().name()));
        words->setAlignment(Qt::AlignCenter);
        words->setProperty("role", "sub");
        back = new QPushButton(PageView::tr("Dock back"));
        column->addStretch(2);
        column->addWidget(words);
        column->addWidget(back, 0, Qt::AlignHCenter);
        column->addStretch(3);
        m_layout->addWidget(m_line);
        m_layout->addWidget(pane);
        m_line->hide();
    }
    ~PaneSlot() override {
        if (window) window->deleteLater();
    }
    kit::PaneFrame* pane() const { return m_pane; }
    void takeOut() {
        window = new QWidget(nullptr, Qt::Window);
        window->setProperty("role", "page");
        window->setAttribute(Qt::WA_StyledBackground);
        window->setWindowTitle(m_pane->kind().name() + QStringLiteral(" – Dubito"));
        auto* layout = new QVBoxLayout(window);
        layout->setContentsMargins(0, 0, 0, 0);
        const QSize size = m_pane->size().expandedTo({640, 420});
        layout->addWidget(m_pane);
        m_line->show();
        window->resize(size);
        window->show();
    }
    void putBack() {
        m_line->hide();
        m_layout->addWidget(m_pane);
        m_pane->show();
        window->hide();
        window->deleteLater();
        window = nullptr;
    }
    QWidget* window = nullptr;
    QPushButton* back = nullptr;

private:
    kit::PaneFrame* m_pane;
    QWidget* m_line;
    QVBoxLayout* m_layout;
};

RatioSplitter::RatioSplitter(Qt::Orientation way, QWidget* parent) : QSplitter(way, parent) {
    setHandleWidth(1);
    setChildrenCollapsible(false);
    connect(this, &QSplitter::splitterMoved, this, [this] {
        const QList<int> now = sizes();
        const double all = std::accumulate(now.begin(), now.end(), 0.0);
        if (all <= 0 || now.size() != m_ratio.size()) return;
        // A part that is hidden keeps its share.
        double shown = 0;
        for (int i = 0; i < now.size(); ++i)
            if (!widget(i)->isHidden()) shown += m_ratio[i];
        for (int i = 0; i < now.size(); ++i)
            if (!widget(i)->isHidden()) m_ratio[i] = std::max(0.02, shown * now[i] / all);
    });
}

void RatioSplitter::setRatio(QVector<double> ratio) {
    ratio.resize(count());
    for (double& share : ratio)
        if (!(share > 0)) share = 1;
    const double all = std::accumulate(ratio.begin(), ratio.end(), 0.0);
    for (double& share : ratio) share /= all;
    m_ratio = ratio;
    apply();
}

void RatioSplitter::apply() {
    if (m_ratio.size() != count()) return;
    const int room = (orientation() == Qt::Horizontal ? width() : height()) - (count() - 1) * handleWidth();
    double shown = 0;
    for (int i = 0; i < count(); ++i)
        if (!widget(i)->isHidden()) shown += m_ratio[i];
    if (room <= 0 || shown <= 0) return;
    QList<int> out;
    for (int i = 0; i < count(); ++i)
        out << (widget(i)->isHidden() ? 0 : std::max(1, static_cast<int>(std::lround(room * m_ratio[i] / shown))));
    setSizes(out);
}

void RatioSplitter::resizeEvent(QResizeEvent* event) {
    QSplitter::resizeEvent(event);
    apply();
}

PageView::PageView(
    kit::PanelRegistry& registry, const PaneLayout& layout, const kit::PanelContext& context, QWidget* parent)
    : QWidget(parent), m_registry(registry), m_context(context), m_root(nullptr) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    QWidget* made = make(layout);
    m_root = qobject_cast<RatioSplitter*>(made);
    if (!m_root) {
        m_root = new RatioSplitter(Qt::Horizontal);
        m_root->addWidget(made);
        m_root->setRatio({1});
    }
    column->addWidget(m_root);
    m_front = m_slots.first()->pane();
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
        for (const PaneSlot* slot : m_slots)
            if (now && (slot->pane() == now || slot->pane()->isAncestorOf(now))) return setFront(slot->pane());
    });
    refresh();
}

PageView::~PageView() {
    disconnect(qApp, nullptr, this, nullptr);
    for (PaneSlot* slot : std::as_const(m_slots))
        if (slot->window) slot->window->removeEventFilter(this);
}

QWidget* PageView::make(const PaneLayout& layout) {
    if (layout.isPane()) return makeSlot(layout.panel, layout.settings);
    auto* splitter = new RatioSplitter(layout.isDown ? Qt::Vertical : Qt::Horizontal);
    for (const PaneLayout& part : layout.of) splitter->addWidget(make(part));
    splitter->setRatio(layout.ratio);
    connect(splitter, &QSplitter::splitterMoved, this, &PageView::changed);
    return splitter;
}

PaneSlot* PageView::makeSlot(const QString& panel, const QJsonObject& settings) {
    const kit::PanelKind* kind = m_registry.find(panel);
    auto* pane = new kit::PaneFrame(m_registry, kind ? *kind : m_registry.kinds().front(), settings);
    auto* slot = new PaneSlot(pane);
    m_slots << slot;
    wire(pane);
    connect(slot->back, &QPushButton::clicked, this, [this, pane] { popOut(pane); });
    pane->attach(m_context);
    return slot;
}

void PageView::wire(kit::PaneFrame* pane) {
    connect(pane, &kit::PaneFrame::built, this, [this, pane](kit::Panel* panel) {
        connect(panel, &kit::Panel::cursorChanged, this, &PageView::frontChanged);
        if (pane == m_front) Q_EMIT frontChanged();
    });
    connect(pane, &kit::PaneFrame::changed, this, &PageView::frontChanged);
    connect(pane, &kit::PaneFrame::tableAsked, this, [this, pane] { setFront(pane), Q_EMIT tableAsked(); });
    connect(pane, &kit::PaneFrame::exportAsked, this, [this, pane] { setFront(pane), Q_EMIT exportAsked(); });
    connect(pane, &kit::PaneFrame::splitAsked, this, [this, pane](Qt::Orientation way) { split(pane, way); });
    connect(pane, &kit::PaneFrame::popOutAsked, this, [this, pane] { popOut(pane); });
    // Later: the menu that asks belongs to the pane that goes.
    connect(
        pane, &kit::PaneFrame::closeAsked, this, [this, pane] { close(pane); }, Qt::QueuedConnection);
    connect(
        pane, &kit::PaneFrame::replaceAsked, this, [this, pane](const QString& id) { replace(pane, id); },
        Qt::QueuedConnection);
    connect(pane, &kit::PaneFrame::panelAsked, this, &PageView::panelAsked, Qt::QueuedConnection);
}

QVector<kit::PaneFrame*> PageView::panes() const {
    QVector<kit::PaneFrame*> out;
    for (const PaneSlot* slot : m_slots) out << slot->pane();
    return out;
}

kit::PaneFrame* PageView::find(const QString& panel) const {
    if (m_front->kind().id == panel) return m_front;
    for (const PaneSlot* slot : m_slots)
        if (slot->pane()->kind().id == panel) return slot->pane();
    return nullptr;
}

bool PageView::hasAxis() const {
    return std::any_of(m_slots.begin(), m_slots.end(),
        [](const PaneSlot* slot) { return slot->pane()->kind().hasAxis && slot->pane()->canShow(); });
}

PaneSlot* PageView::slotOf(const kit::PaneFrame* pane) const {
    for (PaneSlot* slot : m_slots)
        if (slot->pane() == pane) return slot;
    return nullptr;
}

bool PageView::isPoppedOut(const kit::PaneFrame* pane) const {
    const PaneSlot* slot = slotOf(pane);
    return slot && slot->window;
}

void PageView::setFront(kit::PaneFrame* pane) {
    if (pane == m_front) return;
    m_front = pane;
    refresh();
    Q_EMIT frontChanged();
}

PaneLayout PageView::layoutOf(const QWidget* part) const {
    PaneLayout out;
    if (const auto* splitter = qobject_cast<const RatioSplitter*>(part)) {
        if (splitter->count() == 1) return layoutOf(splitter->widget(0));
        out.isDown = splitter->orientation() == Qt::Vertical;
        out.ratio = splitter->ratio();
        for (int i = 0; i < splitter->count(); ++i) out.of.push_back(layoutOf(splitter->widget(i)));
        return out;
    }
    for (const PaneSlot* slot : m_slots)
        if (slot == part) {
            out.panel = slot->pane()->kind().id;
            out.settings = slot->pane()->settings();
        }
    return out;
}

PaneLayout PageView::layoutNow() const { return layoutOf(m_root); }

void PageView::split(kit::PaneFrame* pane, Qt::Orientation way, const QString& panel) {
    PaneSlot* slot = slotOf(pane);
    if (!slot || m_slots.size() >= kMostPanes) return;
    auto* parent = qobject_cast<RatioSplitter*>(slot->parentWidget());
    PaneSlot* fresh =
        makeSlot(panel.isEmpty() ? pane->kind().id : panel, panel.isEmpty() ? pane->settings() : QJsonObject());
    const int at = parent->indexOf(slot);
    QVector<double> ratio = parent->ratio();
    if (parent->count() == 1) parent->setOrientation(way);
    if (parent->orientation() == way) {
        ratio[at] /= 2;
        ratio.insert(at + 1, ratio[at]);
        parent->insertWidget(at + 1, fresh);
        parent->setRatio(ratio);
    } else {
        auto* inner = new RatioSplitter(way);
        connect(inner, &QSplitter::splitterMoved, this, &PageView::changed);
        parent->replaceWidget(at, inner);
        inner->addWidget(slot);
        inner->addWidget(fresh);
        slot->show();
        inner->setRatio({1, 1});
        inner->show();
        parent->setRatio(ratio);
    }
    fresh->show();
    shareRoom();
    refresh();
    setFront(fresh->pane());
    fresh->pane()->focusContent();
    Q_EMIT changed();
}

void PageView::close(kit::PaneFrame* pane) {
    PaneSlot* slot = slotOf(pane);
    if (!slot || m_slots.size() < 2) return;
    auto* parent = qobject_cast<RatioSplitter*>(slot->parentWidget());
    QVector<double> ratio = parent->ratio();
    // Its room goes to the pane beside it, so that a split taken back leaves things as they were.
    const int at = parent->indexOf(slot);
    if (ratio.size() > 1) ratio[at > 0 ? at - 1 : 1] += ratio[at];
    ratio.remove(at);
    m_slots.removeOne(slot);
    if (m_front == pane) m_front = m_slots.first()->pane();
    slot->setParent(nullptr);
    slot->deleteLater();
    if (slot->window) slot->window->hide();
    parent->setRatio(ratio);
    tidy(parent);
    shareRoom();
    refresh();
    Q_EMIT changed();
    Q_EMIT frontChanged();
    m_front->focusContent();
}

/// A split with one part left gives its place to that part.
void PageView::tidy(RatioSplitter* splitter) {
    auto* parent = qobject_cast<RatioSplitter*>(splitter->parentWidget());
    if (!parent || splitter->count() != 1) return;
    const QVector<double> ratio = parent->ratio();
    QWidget* last = splitter->widget(0);
    parent->replaceWidget(parent->indexOf(splitter), last);
    last->show();
    splitter->deleteLater();
    parent->setRatio(ratio);
}

void PageView::replace(kit::PaneFrame* pane, const QString& panel) {
    PaneSlot* slot = slotOf(pane);
    if (!slot || slot->window || !m_registry.find(panel)) return;
    auto* parent = qobject_cast<RatioSplitter*>(slot->parentWidget());
    const QVector<double> ratio = parent->ratio();
    PaneSlot* fresh = makeSlot(panel, {});
    parent->replaceWidget(parent->indexOf(slot), fresh);
    m_slots.removeOne(slot);
    slot->deleteLater();
    m_front = fresh->pane();
    fresh->show();
    parent->setRatio(ratio);
    refresh();
    Q_EMIT changed();
    Q_EMIT frontChanged();
    fresh->pane()->focusContent();
}

void PageView::popOut(kit::PaneFrame* pane) {
    PaneSlot* slot = slotOf(pane);
    if (!slot) return;
    if (slot->window) {
        slot->window->removeEventFilter(this);
        slot->show();
        slot->putBack();
    } else {
        slot->takeOut();
        slot->window->addActions(window()->actions());  // the keys of the window that it came from
        slot->window->installEventFilter(this);
    }
    shareRoom();
    m_front = pane;
    refresh();
    Q_EMIT frontChanged();
    pane->focusContent();
}

/// While others are here, the place of one that is out is theirs.
void PageView::shareRoom() {
    const bool othersAreHere =
        std::any_of(m_slots.begin(), m_slots.end(), [](const PaneSlot* one) { return !one->window; });
    bool isFirst = true;
    for (PaneSlot* one : std::as_const(m_slots)) {
        one->setVisible(!one->window || (!othersAreHere && isFirst));
        isFirst = false;
    }
    const auto inner = m_root->findChildren<RatioSplitter*>();
    // From the leaves up: one whose parts are all hidden is hidden itself.
    for (auto splitter = inner.rbegin(); splitter != inner.rend(); ++splitter) {
        bool isUsed = false;
        for (int i = 0; i < (*splitter)->count(); ++i) isUsed |= !(*splitter)->widget(i)->isHidden();
        (*splitter)->setVisible(isUsed);
    }
    m_root->apply();
    for (auto* splitter : inner) splitter->apply();
}

bool PageView::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Close)
        for (PaneSlot* slot : std::as_const(m_slots))
            if (slot->window == watched) {
                event->ignore();
                popOut(slot->pane());
                return true;
            }
    return QWidget::eventFilter(watched, event);
}

void PageView::refresh() {
    for (const PaneSlot* slot : std::as_const(m_slots)) {
        slot->pane()->setFront(slot->pane() == m_front || m_slots.size() == 1);
        slot->pane()->setCan(
            {m_slots.size() < kMostPanes && !slot->window, m_slots.size() > 1, true, slot->window != nullptr});
    }
}

}  // namespace dubito::app
