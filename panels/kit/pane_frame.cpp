// The pane keeps a selection of its own for its panel; unpinned, the two follow each other.
#include "kit/pane_frame.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedLayout>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include "kit/controls.h"
#include "kit/flow_layout.h"
#include "kit/panel.h"
#include "kit/user_size.h"
#include "run/run_state.h"

namespace dubito::kit {
namespace {

constexpr int kTitleHeight = 32, kRoomOfWhat = 150, kMostOthers = 4, kRecheckMs = 500;
/// Between two steps, in ms: a timer's event lets those of the user go before it, which a posted event does not.
constexpr int kBreath = 1;

QToolButton* word(const QString& text, const QString& accessible) {
    QToolButton* out = wordButton(text);
    out->setAccessibleName(accessible);
    return out;
}

struct Shown {
    std::vector<std::string> keys;
    QString name;
    std::string plugin;
    bool isFinal = false;
};

}  // namespace

PaneFrame::PaneFrame(PanelRegistry& registry, const PanelKind& kind, const QJsonObject& settings, QWidget* parent)
    : QWidget(parent), m_registry(registry), m_kind(kind), m_settings(settings), m_own(new Selection(this)),
      m_title(new QWidget), m_body(new QWidget), m_message(new QWidget), m_name(new QLabel(kind.name())),
      m_sentence(new QLabel), m_what(new ElidedLabel), m_pin(word(tr("Pin"), tr("Pin %1").arg(kind.name()))),
      m_table(word(tr("Table"), tr("%1 as table").arg(kind.name()))),
      m_export(word(tr("Export"), tr("Export %1").arg(kind.name()))),
      m_more(word(tr("More ▾"), tr("More of %1").arg(kind.name()))), m_others(new FlowLayout),
      m_stack(new QStackedLayout(m_body)), m_recheck(new QTimer(this)) {
    setProperty("role", "pane");
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::ClickFocus);
    setAccessibleName(kind.name());
    setMinimumSize(180, 120);
    buildTitle();
    auto* column = new QVBoxLayout(m_message);
    column->addStretch(2);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setProperty("role", "sub");
    m_sentence->setTextFormat(Qt::PlainText);
    column->addWidget(m_sentence);
    m_others->setCentred(true);
    m_others->setSpacing(8);
    column->addLayout(m_others);
    column->addStretch(3);
    m_stack->addWidget(new QWidget);
    m_stack->addWidget(m_message);
    // A panel that wants more room than there is gives way; it never makes the window wider.
    m_body->setMinimumSize(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(m_body, 1);
    m_recheck->setSingleShot(true);
    m_recheck->setInterval(kRecheckMs);
    connect(m_recheck, &QTimer::timeout, this, [this] { check(); });
    connect(m_own, &Selection::runsChanged, this, [this] { check(); });
}

void PaneFrame::buildTitle() {
    m_title->setProperty("role", "pane-title");
    m_title->setAttribute(Qt::WA_StyledBackground);
    m_title->setFixedHeight(userSize(kTitleHeight));
    m_name->setProperty("role", "strong");
    m_what->setProperty("role", "what");
    m_pin->setCheckable(true);
    m_pin->setToolTip(tr("Keeps what is shown here, whatever is selected elsewhere"));
    m_table->setToolTip(tr("The figure as numbers"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    auto* row = new QHBoxLayout(m_title);
    row->setContentsMargins(12, 0, 6, 0);
    row->setSpacing(2);
    row->addWidget(m_name);
    row->addSpacing(8);
    row->addWidget(m_what, 1);
    row->addStretch();  // where there is no room for it
    for (auto* one : {m_pin, m_table, m_export, m_more}) row->addWidget(one);
    m_pin->setVisible(!m_kind.ofProject);
    connect(m_pin, &QToolButton::clicked, this, [this](bool on) { setPinned(on); });
    connect(m_table, &QToolButton::clicked, this, &PaneFrame::tableAsked);
    connect(m_export, &QToolButton::clicked, this, &PaneFrame::exportAsked);
    connect(m_more->menu(), &QMenu::aboutToShow, this, [this] { fillMore(); });
    showWhat();
}

void PaneFrame::fillMore() {
    QMenu* menu = m_more->menu();
    menu->clear();
    if (m_pin->isHidden() && !m_kind.ofProject)
        menu->addAction(
            m_isPinned ? tr("Follow the selection again") : tr("Pin"), this, [this] { setPinned(!m_isPinned); });
    if (m_table->isHidden()) menu->addAction(tr("Table"), this, &PaneFrame::tableAsked);
    if (m_export->isHidden()) menu->addAction(tr("Export…"), this, &PaneFrame::exportAsked);
    if (!menu->isEmpty()) menu->addSeparator();
    const auto entry = [&](const QString& text, bool on, auto act) {
        menu->addAction(text, this, act)->setEnabled(on);
    };
    entry(tr("Split right"), m_can.split, [this] { Q_EMIT splitAsked(Qt::Horizontal); });
    entry(tr("Split below"), m_can.split, [this] { Q_EMIT splitAsked(Qt::Vertical); });
    QMenu* here = menu->addMenu(tr("Show here"));
    here->setEnabled(!m_can.isPoppedOut);
    for (const PanelKind& kind : m_registry.kinds())
        if (kind.id != m_kind.id) here->addAction(kind.name(), this, [this, id = kind.id] { Q_EMIT replaceAsked(id); });
    menu->addSeparator();
    entry(m_can.isPoppedOut ? tr("Dock back") : tr("Pop out"), m_can.popOut || m_can.isPoppedOut,
        [this] { Q_EMIT popOutAsked(); });
    entry(tr("Close"), m_can.close, [this] { Q_EMIT closeAsked(); });
}

void PaneFrame::setTitleVisible(bool on) { m_title->setVisible(on); }

void PaneFrame::setFront(bool on) {
    m_name->setProperty("role", on ? "strong" : "behind");
    m_name->style()->unpolish(m_name);
    m_name->style()->polish(m_name);
}

void PaneFrame::attach(const PanelContext& shared) {
    m_shared = shared;
    linkSelection();
    if (isVisible()) check();
    if (!shared.events) return;
    connect(shared.events, &RunEvents::stateChanged, this, [this](qint64 runNo) {
        if (runNo == m_own->leadingRun()) check();
    });
    // What a run that goes on has not yet, it may have after any commit.
    connect(shared.events, &RunEvents::committed, this, [this](qint64 runNo) {
        if (!m_canShow && isVisible() && runNo && runNo == m_own->leadingRun() && !m_recheck->isActive())
            m_recheck->start();
    });
}

void PaneFrame::copyFrom(const Selection& other, Selection* into) {
    into->setRuns(other.runs());
    into->setCell(other.sequence(), other.layer(), other.position());
    into->setMetric(other.metric());
    into->setStep(other.step());
}

void PaneFrame::linkSelection() {
    if (!m_shared.selection) return;
    copyFrom(*m_shared.selection, m_own);
    const auto follow = [this](Selection* from, Selection* to) {
        const auto copy = [this, from, to] {
            if (!m_isPinned) copyFrom(*from, to);
        };
        connect(from, &Selection::runsChanged, this, copy);
        connect(from, &Selection::cellChanged, this, copy);
        connect(from, &Selection::metricChanged, this, copy);
        connect(from, &Selection::stepChanged, this, copy);
    };
    follow(m_shared.selection, m_own);
    follow(m_own, m_shared.selection);
}

void PaneFrame::setPinned(bool on) {
    m_pin->setChecked(on);
    if (m_isPinned == on) return;
    // While it is still pinned: what it kept must not go out half way through the copy.
    if (!on && m_shared.selection) copyFrom(*m_shared.selection, m_own);
    m_isPinned = on;
    m_pin->setText(on ? tr("Pinned") : tr("Pin"));
    m_pin->setAccessibleName((on ? tr("%1 is pinned") : tr("Pin %1")).arg(m_kind.name()));
    layOutTitle();
    Q_EMIT changed();
}

void PaneFrame::make() {
    if (m_raw || m_panel) return;
    m_raw = m_registry.make(m_kind);
    m_raw->setParent(m_body);
}

void PaneFrame::present() {
    if (m_panel) {
        m_stack->setCurrentWidget(m_panel);
        if (hasFocus()) focusContent();  // it was asked for before there was any
        return;
    }
    if (m_raw) return;  // on its way
    make();
    QTimer::singleShot(kBreath, this, [this] {
        join();
        QTimer::singleShot(kBreath, this, [this] {
            if (m_canShow) present();
        });
    });
}

Panel* PaneFrame::build() {
    if (m_panel) return m_panel;
    make();
    join();
    if (m_canShow) m_stack->setCurrentWidget(m_panel);
    return m_panel;
}

void PaneFrame::join() {
    if (m_panel) return;
    m_panel = std::exchange(m_raw, nullptr);
    PanelContext context = m_shared;
    context.selection = m_own;
    context.trigger = [this, trigger = m_shared.trigger](const QString& action) {
        if (!trigger) return;
        // What is done from a pinned pane is done to what it shows.
        if (m_isPinned && m_shared.selection && !action.startsWith(QLatin1String("view.")))
            m_shared.selection->setRuns(m_own->runs());
        trigger(action);
    };
    m_panel->attach(context);
    m_panel->restoreLayout(m_settings);
    m_stack->addWidget(m_panel);
    connect(m_panel, &Panel::showingChanged, this, [this] { showWhat(); });
    Q_EMIT built(m_panel);
    showWhat();
}

QJsonObject PaneFrame::settings() const { return m_panel ? m_panel->saveLayout() : m_settings; }

void PaneFrame::showEvent(QShowEvent*) {
    // In an event of its own: the window answers between two panels.
    QTimer::singleShot(0, this, [this] {
        if (isVisible()) check();
    });
}

void PaneFrame::check() {
    if (!isVisible()) return;
    const qint64 runNo = m_own->leadingRun();
    const int generation = ++m_generation;
    if (!runNo || !m_shared.readers || m_kind.ofProject) {
        const bool could = m_canShow;
        m_runName.clear();
        m_canShow = true;
        m_isWithOwn = false;
        present();
        showWhat();
        if (!could) Q_EMIT changed();
        return;
    }
    asyncQuery<Shown>(
        m_shared, this,
        [runNo](store::Database& db) -> Result<Shown> {
            Shown out;
            DUBITO_TRY(out.keys, store::querySeriesKeys(db, runNo));
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.name = QString::fromStdString(row->name());
            out.plugin = row->pluginId;
            out.isFinal = run::isFinal(static_cast<run::RunState>(row->state));
            return out;
        },
        [this, generation](Result<Shown> shown) {
            if (generation != m_generation) return;
            m_runName = shown ? shown->name : QString();
            // What goes wrong is the panel's to tell.
            const bool could = m_canShow, wasWithOwn = std::exchange(m_isWithOwn, false);
            m_canShow = !shown || m_kind.shows(shown->keys) || (!shown->isFinal && mayYetShow(shown->plugin));
            if (!m_canShow && m_kind.keepsOwn) {
                m_canShow = m_isWithOwn = true;
                m_runName.clear();  // the panel says which one it is
            }
            if (m_canShow) present();
            else tellWhatCan(shown->keys, shown->isFinal);
            showWhat();
            if (could != m_canShow || wasWithOwn != m_isWithOwn) Q_EMIT changed();
        });
}

bool PaneFrame::mayYetShow(const std::string& plugin) const {
    // A run that has only begun says nothing of what it will have; its plugin does.
    if (m_kind.roles.isEmpty() || !m_shared.pluginsWithRole) return true;
    for (const QString& role : m_kind.roles) {
        const auto ids = m_shared.pluginsWithRole(role);
        if (std::find(ids.begin(), ids.end(), plugin) != ids.end()) return true;
    }
    return false;
}

void PaneFrame::tellWhatCan(const std::vector<std::string>& keys, bool isFinal) {
    QVector<const PanelKind*> others;
    for (const bool isParticular : {true, false})
        for (const PanelKind& kind : m_registry.kinds())
            if (&kind != &m_kind && !kind.ofProject && !kind.standsAlone && kind.needs.isEmpty() != isParticular &&
                kind.shows(keys) && others.size() < kMostOthers)
                others << &kind;
    QStringList names;
    for (const PanelKind* kind : others) names << kind->name();
    const QString lacks = m_kind.lack();
    const QString sentence = names.isEmpty() ? (isFinal ? tr("%1 cannot show this run: it has no %2.")
                                                        : tr("%1 cannot show this run: it has no %2 so far."))
                             : isFinal       ? tr("%1 cannot show this run: it has no %2; these can: %3.")
                                             : tr("%1 cannot show this run: it has no %2 so far; these can: %3.");
    QString text = m_kind.invitation();
    if (text.isEmpty())
        text = names.isEmpty() ? sentence.arg(m_kind.name(), lacks)
                               : sentence.arg(m_kind.name(), lacks, names.join(tr(", ")));
    m_stack->setCurrentWidget(m_message);
    // The buttons follow from it; one that is being pressed must stay while a run goes on.
    if (m_sentence->text() == text) return;
    m_sentence->setText(text);
    while (QLayoutItem* item = m_others->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        delete item;
    }
    for (const PanelKind* kind : others) {
        auto* button = new QPushButton(kind->name());
        connect(button, &QPushButton::clicked, this, [this, id = kind->id] { Q_EMIT panelAsked(id); });
        m_others->addWidget(button);
    }
}

QString PaneFrame::line() const { return m_canShow ? QString() : m_sentence->text(); }

void PaneFrame::showWhat() {
    const QString own = m_panel && m_canShow ? m_panel->showing() : QString();
    QStringList parts;
    // A long name leaves room for what the panel says.
    constexpr int kMostOfName = 24;
    const bool isLong = m_runName.size() > kMostOfName;
    if (!m_kind.ofProject && !m_runName.isEmpty())
        parts << (isLong ? m_runName.left(kMostOfName - 1).trimmed() + QStringLiteral("…") : m_runName);
    parts << (own.isEmpty() ? m_kind.subtitle() : own);
    m_what->setText(parts.join(QStringLiteral(" · ")));
}

void PaneFrame::resizeEvent(QResizeEvent*) { layOutTitle(); }

void PaneFrame::layOutTitle() {
    int needed = m_name->sizeHint().width() + userSize(kRoomOfWhat) + 26;
    for (auto* one : {m_pin, m_table, m_export, m_more}) needed += one->sizeHint().width() + 2;
    const bool hasRoom = needed <= width();
    m_table->setVisible(hasRoom);
    m_export->setVisible(hasRoom);
    m_pin->setVisible(!m_kind.ofProject && (hasRoom || m_isPinned));
    // The name is whole before anything is said of what is shown.
    m_what->setVisible(
        hasRoom || width() >= m_name->sizeHint().width() + m_more->sizeHint().width() + userSize(kRoomOfWhat));
}

void PaneFrame::changeEvent(QEvent* event) {
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::FontChange) layOutTitle();
    QWidget::changeEvent(event);
}

void PaneFrame::focusContent() {
    if (m_panel && m_canShow) {
        QWidget* proxy = m_panel->focusProxy();
        if (proxy && proxy->isVisible() && proxy->isEnabled()) return proxy->setFocus(Qt::OtherFocusReason);
        for (QWidget* child : m_panel->findChildren<QWidget*>())
            if (child->isVisible() && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus))
                return child->setFocus(Qt::OtherFocusReason);
    }
    setFocus(Qt::OtherFocusReason);
}

}  // namespace dubito::kit
