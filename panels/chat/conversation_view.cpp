// Views of turns are kept from one refresh to the next; only turns that changed are drawn anew.
#include "chat/conversation_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QResizeEvent>
#include <QScrollBar>
#include <QTimer>

#include <cmath>

#include "kit/model_name.h"
#include "kit/run_words.h"
#include "run/run_state.h"

namespace dubito::chat {
namespace {

struct Loaded {
    store::RunRow row;
    News news;
    Sampling sampling;
    QString question, modelFile;  ///< of a run that has said nothing so far
};

constexpr double kHottest = 100;
constexpr double kMostTokens = 1e6;

/// What was asked with the run, and of which model.
Result<void> loadAsked(store::Database& db, std::int64_t runNo, Loaded& into) {
    DUBITO_TRY(const auto parameters, store::queryParameters(db, runNo));
    for (const auto& [key, text] : parameters)
        if (key == "chat.text") into.question = QString::fromStdString(text);
    into.modelFile = kit::modelFileOf(db, runNo);
    return {};
}

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
    : QWidget(parent), m_head(new QWidget), m_title(new kit::ElidedLabel), m_area(new QScrollArea),
      m_column(new QVBoxLayout) {
    m_title->setProperty("role", "sub");
    auto* close = kit::wordButton(tr("Close"));
    close->setAccessibleName(tr("Close this column"));
    auto* head = new QHBoxLayout(m_head);
    head->setContentsMargins(12, 4, 8, 0);
    head->addWidget(m_title, 1);
    head->addWidget(close);
    m_head->hide();
    connect(close, &QToolButton::clicked, this, &ConversationView::closeAsked);
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
    layout->addWidget(m_head);
    layout->addWidget(m_area, 1);
    setAccessibleName(tr("Conversation"));
    auto* bar = m_area->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) { m_sticks = value >= bar->maximum() - 8; });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int last) {
        if (m_sticks) bar->setValue(last);
    });
    m_area->viewport()->installEventFilter(this);
    m_area->setAccessibleName(tr("Conversation"));
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
    m_currentTurn = m_currentIndex = m_reveal = -1;
    m_isFixed = m_isFailed = false;
    if (m_pending) m_pending->deleteLater();
    m_pending = nullptr;
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
        [runNo = m_run, cursors = m_data.cursors, isFirst = !m_isLoaded, isEmpty = m_data.turns.empty()](
            store::Database& db) -> Result<Loaded> {
            Loaded out;
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.row = *row;
            DUBITO_TRY(out.news, loadNews(db, runNo, cursors));
            if (isFirst) {
                DUBITO_TRY(out.sampling, loadSampling(db, runNo));
            }
            if (isEmpty) DUBITO_CHECK(loadAsked(db, runNo, out));
            return out;
        },
        [this, generation = m_generation](Result<Loaded> loaded) {
            if (generation != m_generation) return;
            m_loading = false;
            if (!loaded) {
                m_title->setText(QString::fromStdString(loaded.error().text()));
                m_head->show();
                return;
            }
            if (!std::exchange(m_isLoaded, true)) m_sampling = loaded->sampling;
            const bool more = loaded->news.records > 0;
            const QVector<int> touched = take(m_data, std::move(loaded->news));
            showTitle(loaded->row);
            showPending(loaded->row, loaded->question, kit::modelName({}, loaded->modelFile));
            rebuild(touched);
            showReveal();
            Q_EMIT changed();
            if (more || std::exchange(m_again, false)) QTimer::singleShot(0, this, [this] { reload(); });
        });
}

void ConversationView::showTitle(const store::RunRow& row) {
    const auto state = static_cast<run::RunState>(row.state);
    m_live = !run::isFinal(state);
    m_isFailed = state == run::RunState::Failed;
    m_name = QString::fromStdString(row.name());
    QString title = m_data.model.name.isEmpty() ? m_name : tr("%1 · %2").arg(m_name, m_data.model.name);
    if (m_isFailed) title += tr(" · failed: %1").arg(kit::endWords(row.detail).section(QLatin1Char('\n'), 0, 0));
    else if (run::isFinal(state)) title += tr(" · closed");
    m_title->setText(title);
    m_head->setVisible(m_isTitled || m_isFailed);
}

void ConversationView::showPending(const store::RunRow& row, const QString& question, const QString& model) {
    const bool isShown = m_live && m_data.turns.empty();
    if (!isShown) {
        if (m_pending) m_pending->deleteLater();
        m_pending = nullptr;
        return;
    }
    if (!m_pending) m_column->insertWidget(0, m_pending = new PendingTurn);
    m_pending->show(row, question, model);
}

void ConversationView::setTitled(bool on) {
    m_isTitled = on;
    m_head->setVisible(m_isTitled || m_isFailed);
}

void ConversationView::setAsText(bool on) {
    if (m_asText == on) return;
    m_asText = on;
    rebuild({});
}

int ConversationView::leaf() const {
    const QVector<int> now = path();
    for (auto at = now.rbegin(); at != now.rend(); ++at)
        if (const Turn* turn = m_data.turn(*at); turn && turn->isAnswer()) return *at;
    return -1;
}

qint64 ConversationView::contextTokens() const {
    const Turn* last = m_data.turn(leaf());
    return last && last->promptTokens > 0 ? last->promptTokens + last->tokens.size() : 0;
}

qint64 ConversationView::contextRoom() const {
    const Turn* last = m_data.turn(leaf());
    return last ? last->context : 0;
}

bool ConversationView::isSpeaking() const {
    for (const Turn& turn : m_data.turns)
        if (turn.number >= 0 && turn.isAnswer() && turn.stop.isEmpty()) return m_live;
    return false;
}

const Turn* ConversationView::otherOf(const Turn& turn, const QVector<int>& siblings) const {
    // The one it left, or the newest that left it, else its neighbour.
    if (siblings.contains(turn.branchedFrom)) return m_data.turn(turn.branchedFrom);
    for (auto at = siblings.rbegin(); at != siblings.rend(); ++at)
        if (const Turn* one = m_data.turn(*at); one && one->branchedFrom == turn.number) return one;
    const auto at = siblings.indexOf(turn.number);
    return m_data.turn(at > 0 ? siblings[at - 1] : siblings.value(at + 1, -1));
}

TurnPlace ConversationView::placeOf(const Turn& turn) const {
    TurnPlace out;
    const auto found = m_data.children.find(turn.parent);
    const QVector<int> siblings = found == m_data.children.end() ? QVector<int>() : found->second;
    out.sibling = static_cast<int>(siblings.indexOf(turn.number));
    out.siblings = static_cast<int>(siblings.size());
    out.isLive = m_live;
    out.asText = m_asText;
    out.model = &m_data.model;
    out.mayAskLayers = static_cast<bool>(m_context.inspectAnswer);
    if (turn.isAnswer() && siblings.size() > 1) out.other = otherOf(turn, siblings);
    if (out.other) out.otherPlace = static_cast<int>(siblings.indexOf(out.other->number));
    return out;
}

void ConversationView::rebuild(const QVector<int>& changedTurns) {
    const QVector<int> now = path();
    while (m_views.size() > now.size()) delete m_views.takeLast();
    for (int i = 0; i < now.size(); ++i) {
        const Turn* turn = m_data.turn(now[i]);
        if (i >= m_views.size()) m_views.append(makeTurn());
        if (!turn) continue;
        // A new sibling is what was asked for last: it is shown, and the counts beside the old one change.
        if (!m_isFixed && changedTurns.contains(now[i]) && m_data.children[turn->parent].last() == now[i])
            m_chosen.erase(turn->parent);
        m_views[i]->show(*turn, placeOf(*turn));
        const bool isCurrent = m_currentTurn == now[i] && m_currentIndex < turn->tokens.size();
        m_views[i]->setCurrentToken(isCurrent ? m_currentIndex : -1,
            isCurrent && m_currentIndex >= 0 ? &turn->tokens[m_currentIndex] : nullptr);
    }
    if (!m_isFixed) showNewer(changedTurns, now);
}

void ConversationView::showNewer(const QVector<int>& changedTurns, const QVector<int>& path) {
    for (const int number : changedTurns) {
        // Turns asked for while another version was shown come to the front.
        const Turn* turn = m_data.turn(number);
        if (!turn || path.contains(number) || !turn->tokens.isEmpty()) continue;
        m_chosen.erase(turn->parent);
        QTimer::singleShot(0, this, [this] { rebuild({}); });
        break;
    }
}

TurnView* ConversationView::makeTurn() {
    auto* view = new TurnView;
    m_column->insertWidget(m_column->count() - 1, view);
    connect(view, &TurnView::tokenClicked, this, &ConversationView::chooseToken);
    connect(view, &TurnView::siblingAsked, this, [this](int number, int step) {
        const Turn* own = m_data.turn(number);
        if (!own) return;
        const auto& siblings = m_data.children[own->parent];
        goTo(siblings.value(siblings.indexOf(number) + step, -1));
    });
    connect(view, &TurnView::goAsked, this, &ConversationView::goTo);
    connect(view, &TurnView::editAsked, this, &ConversationView::editAsked);
    connect(view, &TurnView::againAsked, this, &ConversationView::againAsked);
    connect(view, &TurnView::promptAsked, this, &ConversationView::promptAsked);
    connect(view, &TurnView::branchAsked, this, &ConversationView::branchAsked);
    connect(view, &TurnView::besideAsked, this, &ConversationView::besideAsked);
    connect(view, &TurnView::copyAsked, this, [this](int number) {
        if (const Turn* turn = m_data.turn(number)) QApplication::clipboard()->setText(turn->said());
    });
    connect(view, &TurnView::layersAsked, this, [this](int number, int index) {
        if (m_context.inspectAnswer) m_context.inspectAnswer(m_run, number, index);
    });
    return view;
}

void ConversationView::goTo(int number) {
    const Turn* turn = m_data.turn(number);
    if (!turn) return;
    m_chosen[turn->parent] = number;
    rebuild({});
    Q_EMIT changed();
}

void ConversationView::reveal(int turn, bool isFixed) {
    m_reveal = turn;
    m_isFixed = isFixed;
    showReveal();
}

void ConversationView::showReveal() {
    const Turn* turn = m_data.turn(m_reveal);
    if (!turn) return;
    const int number = std::exchange(m_reveal, -1);
    for (const Turn* at = turn; at; at = m_data.turn(at->parent)) m_chosen[at->parent] = at->number;
    rebuild({});
    Q_EMIT changed();
    // Its place is known once the column is laid out.
    QTimer::singleShot(0, this, [this, number] {
        for (TurnView* view : m_views)
            if (view->number() == number) m_area->ensureWidgetVisible(view, 0, 0);
    });
}

void ConversationView::chooseToken(int turn, int index) {
    keepStill(turn, index);
    setCurrentToken(turn, index);
    Q_EMIT tokenChosen(turn, index);
    const Turn* own = m_data.turn(turn);
    if (!own || index < 0 || index >= own->tokens.size()) return;
    kit::asyncQuery<QVector<Alternative>>(
        m_context, this,
        [runNo = m_run, record = own->tokens[index].recordNo](
            store::Database& db) { return loadAlternatives(db, runNo, record); },
        [this, turn, index, generation = m_generation](Result<QVector<Alternative>> alternatives) {
            if (generation != m_generation || turn != m_currentTurn || index != m_currentIndex) return;
            for (TurnView* view : m_views)
                if (view->number() == turn)
                    view->setAlternatives(alternatives ? *alternatives : QVector<Alternative>());
            QTimer::singleShot(0, this, [this] { showCard(); });
        });
}

/// The card grew below the token, or the pane got lower: both are in view, the token before the card's end.
void ConversationView::showCard() {
    for (TurnView* view : m_views)
        if (view->number() == m_currentTurn && view->cardBox().isValid()) {
            const QRect box = view->cardBox().translated(view->pos());
            m_area->ensureVisible(box.center().x(), box.bottom(), 0, 8);
            m_area->ensureVisible(box.center().x(), box.top(), 0, 8);
        }
}

bool ConversationView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_area->viewport() && event->type() == QEvent::Resize && m_currentIndex >= 0) {
        // A row that comes below the page takes nothing away that was looked at.
        const QSize before = static_cast<QResizeEvent*>(event)->oldSize();
        for (const TurnView* view : m_views) {
            if (view->number() != m_currentTurn || !view->cardBox().isValid()) continue;
            const int end = view->mapTo(m_area->viewport(), view->cardBox().bottomLeft()).y();
            if (end >= 0 && end <= before.height()) QTimer::singleShot(0, this, [this] { showCard(); });
        }
    }
    return QWidget::eventFilter(watched, event);
}

/// A card that closes above the token that was clicked must not take it from under the pointer.
void ConversationView::keepStill(int turn, int index) {
    const auto placeOnScreen = [this, turn, index] {
        std::optional<int> out;
        for (const TurnView* view : m_views)
            if (view->number() == turn && view->tokenBox(index).isValid())
                out = view->mapTo(m_area->viewport(), view->tokenBox(index).topLeft()).y();
        return out;
    };
    const auto before = placeOnScreen();
    if (!before || *before < 0 || *before > m_area->viewport()->height()) return;
    m_sticks = false;  // the end of the talk is not what is looked at
    QTimer::singleShot(0, this, [this, before, placeOnScreen] {
        // Once the column is laid out.
        if (QLayout* column = m_area->widget()->layout()) column->activate();
        auto* bar = m_area->verticalScrollBar();
        if (const auto now = placeOnScreen()) bar->setValue(bar->value() + *now - *before);
    });
}

void ConversationView::setCurrentToken(int turn, int index) {
    m_currentTurn = index < 0 ? -1 : turn;
    m_currentIndex = m_currentTurn < 0 ? -1 : index;
    const Turn* own = m_data.turn(m_currentTurn);
    const bool isThere = own && m_currentIndex < own->tokens.size();
    for (TurnView* view : m_views) {
        const bool isCurrent = isThere && view->number() == m_currentTurn;
        view->setCurrentToken(isCurrent ? m_currentIndex : -1, isCurrent ? &own->tokens[m_currentIndex] : nullptr);
    }
}

}  // namespace dubito::chat
