// Views of turns are kept from one refresh to the next; only turns that changed are drawn anew.
#include "chat/conversation_view.h"

#include <QScrollBar>
#include <QTimer>

#include <cmath>

#include "run/run_state.h"

namespace dubito::chat {
namespace {

struct Loaded {
    store::RunRow row;
    News news;
    Sampling sampling;
};

constexpr double kHottest = 100;
constexpr double kMostTokens = 1e6;

/// A spec may be a stranger's: what is no number in range is as if it were not there.
Result<Sampling> loadSampling(store::Database& db, std::int64_t runNo) {
    Sampling out;
    DUBITO_TRY(const auto parameters, store::queryParameters(db, runNo));
    for (const auto& [key, text] : parameters) {
        bool isNumber = false;
        const double value = QString::fromStdString(text).toDouble(&isNumber);
        if (!isNumber || !std::isfinite(value) || value < 0) continue;
        if (key == "gen.temperature" && value <= kHottest) out.temperature = value;
        if (key == "gen.max_tokens" && value >= 1 && value <= kMostTokens) out.longest = static_cast<int>(value);
    }
    return out;
}

}  // namespace

ConversationView::ConversationView(QWidget* parent)
    : QWidget(parent), m_title(new kit::ElidedLabel), m_area(new QScrollArea), m_column(new QVBoxLayout) {
    m_title->setProperty("role", "sub");
    m_title->setContentsMargins(12, 6, 12, 2);
    auto* inside = new QWidget;
    inside->setProperty("role", "page");
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    m_column->addStretch();
    inside->setLayout(m_column);
    m_area->setWidget(inside);
    m_area->setWidgetResizable(true);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(m_area, 1);
    setAccessibleName(tr("Conversation"));
    auto* bar = m_area->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) { m_sticks = value >= bar->maximum() - 8; });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int last) {
        if (m_sticks) bar->setValue(last);
    });
}

void ConversationView::follow(qint64 runNo) {
    if (runNo == m_run) return reload();
    m_run = runNo;
    ++m_generation;
    m_loading = m_again = m_live = m_isLoaded = false;
    m_sticks = true;
    m_name.clear();
    m_sampling = {};
    m_data = {};
    m_chosen.clear();
    m_currentTurn = m_currentIndex = -1;
    rebuild({});
    m_title->clear();
    Q_EMIT changed();
    if (runNo) reload();
}

void ConversationView::reload() {
    if (!m_run || !m_context.readers) return;
    if (m_loading) {
        m_again = true;
        return;
    }
    m_loading = true;
    kit::asyncQuery<Loaded>(
        m_context, this,
        [runNo = m_run, cursors = m_data.cursors, isFirst = !m_isLoaded](store::Database& db) -> Result<Loaded> {
            Loaded out;
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.row = *row;
            DUBITO_TRY(out.news, loadNews(db, runNo, cursors));
            if (isFirst) {
                DUBITO_TRY(out.sampling, loadSampling(db, runNo));
            }
            return out;
        },
        [this, generation = m_generation](Result<Loaded> loaded) {
            if (generation != m_generation) return;
            m_loading = false;
            if (!loaded) {
                m_title->setText(QString::fromStdString(loaded.error().text()));
                return;
            }
            if (!std::exchange(m_isLoaded, true)) m_sampling = loaded->sampling;
            const bool more = loaded->news.records > 0;
            const QVector<int> touched = take(m_data, std::move(loaded->news));
            showTitle(loaded->row);
            rebuild(touched);
            Q_EMIT changed();
            if (more || std::exchange(m_again, false)) QTimer::singleShot(0, this, [this] { reload(); });
        });
}

void ConversationView::showTitle(const store::RunRow& row) {
    const auto state = static_cast<run::RunState>(row.state);
    m_live = !run::isFinal(state);
    m_name = QString::fromStdString(row.name());
    QString title = m_data.model.isEmpty() ? m_name : tr("%1 · %2").arg(m_name, m_data.model);
    if (state == run::RunState::Failed)
        title += tr(" · failed: %1").arg(QString::fromStdString(row.detail).section(QLatin1Char('\n'), 0, 0));
    else if (run::isFinal(state)) title += tr(" · closed");
    m_title->setText(title);
}

QVector<int> ConversationView::path() const {
    QVector<int> out;
    for (int at = -1;;) {
        const auto children = m_data.children.find(at);
        if (children == m_data.children.end() || children->second.isEmpty()) return out;
        const auto chosen = m_chosen.find(at);
        at = chosen != m_chosen.end() && children->second.contains(chosen->second) ? chosen->second
                                                                                   : children->second.last();
        out.append(at);
    }
}

int ConversationView::leaf() const {
    const QVector<int> now = path();
    for (auto at = now.rbegin(); at != now.rend(); ++at)
        if (const Turn* turn = m_data.turn(*at); turn && turn->isAnswer()) return *at;
    return -1;
}

bool ConversationView::isSpeaking() const {
    for (const Turn& turn : m_data.turns)
        if (turn.number >= 0 && turn.isAnswer() && turn.stop.isEmpty()) return m_live;
    return false;
}

void ConversationView::rebuild(const QVector<int>& changedTurns) {
    const QVector<int> now = path();
    while (m_views.size() > now.size()) delete m_views.takeLast();
    for (int i = 0; i < now.size(); ++i) {
        const Turn* turn = m_data.turn(now[i]);
        if (i >= m_views.size()) m_views.append(makeTurn());
        if (!turn) continue;
        TurnView* view = m_views[i];
        const auto& siblings = m_data.children[turn->parent];
        // A new sibling is what was asked for last: it is shown, and the counts beside the old one change.
        if (changedTurns.contains(now[i]) && siblings.last() == now[i]) m_chosen.erase(turn->parent);
        view->show(*turn, static_cast<int>(siblings.indexOf(now[i])), static_cast<int>(siblings.size()), m_live,
            m_data.model.isEmpty() ? tr("Model") : m_data.model);
        view->setCurrentToken(m_currentTurn == now[i] ? m_currentIndex : -1);
    }
    for (const int number : changedTurns) {
        // Turns asked for while another version was shown come to the front.
        const Turn* turn = m_data.turn(number);
        if (!turn || now.contains(number) || !turn->tokens.isEmpty()) continue;
        m_chosen.erase(turn->parent);
        QTimer::singleShot(0, this, [this] { rebuild({}); });
        break;
    }
}

TurnView* ConversationView::makeTurn() {
    auto* view = new TurnView;
    m_column->insertWidget(m_column->count() - 1, view);
    connect(view, &TurnView::tokenClicked, this, [this](int number, int index) {
        setCurrentToken(number, index);
        Q_EMIT tokenChosen(number, index);
    });
    connect(view, &TurnView::siblingAsked, this, [this](int number, int step) {
        const Turn* own = m_data.turn(number);
        if (!own) return;
        const auto& siblings = m_data.children[own->parent];
        const auto at = siblings.indexOf(number) + step;
        if (at < 0 || at >= siblings.size()) return;
        m_chosen[own->parent] = siblings[at];
        rebuild({});
        Q_EMIT changed();
    });
    connect(view, &TurnView::editAsked, this, &ConversationView::editAsked);
    connect(view, &TurnView::againAsked, this, &ConversationView::againAsked);
    connect(view, &TurnView::promptAsked, this, &ConversationView::promptAsked);
    return view;
}

void ConversationView::setCurrentToken(int turn, int index) {
    m_currentTurn = turn;
    m_currentIndex = index;
    for (TurnView* view : m_views) view->setCurrentToken(view->number() == turn ? index : -1);
}

QString ConversationView::asText() const {
    QString out;
    for (const int number : path())
        if (const Turn* turn = m_data.turn(number))
            out += QStringLiteral("%1: %2\n\n")
                       .arg(turn->isAnswer() ? m_data.model : turn->role, turn->isAnswer() ? turn->said() : turn->text);
    return out;
}

}  // namespace dubito::chat
