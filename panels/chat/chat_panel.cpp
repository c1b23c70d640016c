// The panel sends commands and reads the project; the model lives in a worker.
#include "chat/chat_panel.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QKeyEvent>
#include <QSplitter>
#include <QVBoxLayout>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "run/run_state.h"

namespace dubito::chat {
namespace {

constexpr double kTemperature = 0.7;  ///< of a run whose spec says nothing
constexpr int kLongest = 512;

}  // namespace

ChatPanel::ChatPanel(QWidget* parent)
    : Panel(QStringLiteral("chat"), parent), m_views{new ConversationView, new ConversationView},
      m_first(new kit::LabelledChoice(tr("chat"))), m_second(new kit::LabelledChoice(tr("beside"))),
      m_temperature(new QDoubleSpinBox), m_longest(new QSpinBox), m_input(new QPlainTextEdit),
      m_say(new QPushButton(tr("Say"))), m_stop(new QPushButton(tr("Stop"))), m_new(new QPushButton(tr("New chat"))),
      m_hint(new QLabel), m_card(new TokenCard), m_reload(new QTimer(this)), m_sampling(new QTimer(this)) {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(buildTools());
    column->addWidget(buildColumns(), 1);
    column->addLayout(buildInput());
    m_hint->setProperty("role", "faint");
    m_hint->setWordWrap(true);
    m_hint->setContentsMargins(12, 0, 12, 6);
    column->addWidget(m_hint);
    m_states = kit::StateView::fill(this, content);
    m_reload->setSingleShot(true);
    m_reload->setInterval(30);
    connect(m_reload, &QTimer::timeout, this, [this] {
        for (auto* view : m_views) view->reload();
    });
    m_sampling->setSingleShot(true);
    m_sampling->setInterval(300);
    connect(m_sampling, &QTimer::timeout, this, [this] { sendSampling(); });
    connectTools();
    for (auto* view : m_views) connectView(view);
    connect(m_card, &TokenCard::branchAsked, this, [this](int token) { branch(token); });
    refreshButtons();
}

QLayout* ChatPanel::buildTools() {
    m_temperature->setRange(0, 2);
    m_temperature->setSingleStep(0.1);
    m_temperature->setValue(kTemperature);
    m_temperature->setPrefix(tr("temperature "));
    m_temperature->setToolTip(tr("0 is greedy: always the likeliest token"));
    m_temperature->setAccessibleName(tr("Temperature"));
    m_longest->setRange(1, 100000);
    m_longest->setValue(kLongest);
    m_longest->setPrefix(tr("at most "));
    m_longest->setSuffix(tr(" tokens"));
    m_longest->setAccessibleName(tr("Longest answer, tokens"));
    m_new->setToolTip(tr("The packaged model; another one by the arrow of “chat” or by New run"));
    // Chats are named by what was asked first: the lists show it whole.
    constexpr int kMostShown = 24;
    for (auto* choice : {m_first, m_second})
        choice->box()->setMaximumWidth(kMostShown * choice->fontMetrics().averageCharWidth());
    auto* tools = new kit::FlowLayout;
    tools->setContentsMargins(12, 8, 12, 4);
    tools->setSpacing(8);
    for (QWidget* tool : {static_cast<QWidget*>(m_first), static_cast<QWidget*>(m_second), static_cast<QWidget*>(m_new),
             static_cast<QWidget*>(m_temperature), static_cast<QWidget*>(m_longest)})
        tools->addWidget(tool);
    return tools;
}

QWidget* ChatPanel::buildColumns() {
    auto* columns = new QSplitter(Qt::Horizontal);
    columns->setChildrenCollapsible(false);
    for (auto* view : m_views) columns->addWidget(view);
    m_views[1]->hide();
    return columns;
}

QLayout* ChatPanel::buildInput() {
    m_say->setProperty("role", "primary");
    m_stop->setToolTip(tr("Ends the answer; what was said stays"));
    m_input->setProperty("role", "field");
    m_input->setPlaceholderText(tr("Type here; Ctrl+Enter says it"));
    m_input->setAccessibleName(tr("Your turn"));
    m_input->setFixedHeight(64);
    m_input->setTabChangesFocus(true);
    m_input->installEventFilter(this);
    setFocusProxy(m_input);
    auto* buttons = new QVBoxLayout;
    buttons->addWidget(m_say);
    buttons->addWidget(m_stop);
    auto* bottom = new QHBoxLayout;
    bottom->setContentsMargins(12, 6, 12, 2);
    bottom->setSpacing(8);
    bottom->addWidget(m_input, 1);
    bottom->addLayout(buttons);
    return bottom;
}

void ChatPanel::connectTools() {
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this](double value) { changeSampling({value, {}}); });
    connect(m_longest, &QSpinBox::valueChanged, this, [this](int tokens) { changeSampling({{}, tokens}); });
    connect(m_say, &QPushButton::clicked, this, [this] {
        if (isClosed()) context().trigger(QStringLiteral("chat.continue"));
        else say(m_input->toPlainText());
    });
    connect(m_input, &QPlainTextEdit::textChanged, this, [this] { refreshButtons(); });
    connect(m_stop, &QPushButton::clicked, this, [this] {
        for (auto* view : m_views)
            if (view->isSpeaking()) send(view, QStringLiteral("stop_answer"), {});
    });
    connect(m_new, &QPushButton::clicked, this, [this] { context().trigger(QStringLiteral("chat.new")); });
    connect(m_first->box(), &QComboBox::activated, this, [this] {
        const qint64 run = m_first->box()->currentData().toLongLong();
        if (run < 0) return context().trigger(QStringLiteral("chat.open_model"));
        context().selection->setRuns({run});
    });
    connect(m_second->box(), &QComboBox::activated, this, [this] {
        const qint64 run = m_second->box()->currentData().toLongLong();
        if (run < 0) {
            m_second->box()->setCurrentIndex(std::max(0, m_second->box()->findData(m_views[1]->run())));
            return context().trigger(QStringLiteral("chat.open_model"));
        }
        setSecond(run);
    });
}

void ChatPanel::connectView(ConversationView* view) {
    connect(view, &ConversationView::changed, this, [this] {
        showSampling();
        refreshButtons();
    });
    connect(view, &ConversationView::tokenChosen, this,
        [this, view](int turn, int index) { showToken(view, turn, index); });
    connect(view, &ConversationView::promptAsked, this, [this, view](int turn) { showPrompt(view, turn); });
    connect(view, &ConversationView::againAsked, this, [this, view](int turn) {
        if (const Turn* answer = view->conversation().turn(turn))
            send(view, QStringLiteral("regenerate"), {{"node", answer->parent}});
    });
    connect(view, &ConversationView::editAsked, this, [this, view](int turn) {
        if (const Turn* own = view->conversation().turn(turn)) {
            m_isEdit = true;
            m_editing = own->parent;
            m_input->setPlainText(own->text);
            m_input->setFocus();
            m_input->selectAll();
        }
    });
}

void ChatPanel::onAttached() {
    for (auto* view : m_views) {
        view->attach(context());
        view->follow(0);
    }
    m_wanted = 0;
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    const auto later = [this](qint64 runNo) {
        if (!isVisible()) return;
        for (auto* view : m_views)
            if (view->run() == runNo && runNo && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    connect(context().events, &kit::RunEvents::added, this, [this] { listChats(); });
    follow();
}

void ChatPanel::showEvent(QShowEvent*) { follow(); }

void ChatPanel::follow() {
    if (!context().readers || !isVisible()) return;
    listChats();
}

void ChatPanel::listChats() {
    if (!context().readers || !isVisible()) return;
    std::string where;
    if (context().pluginsWithRole)
        for (const std::string& id : context().pluginsWithRole(QStringLiteral("chat")))
            where += (where.empty() ? "plugin = " : " or plugin = ") + id;
    kit::asyncQuery<Chats>(
        context(), this,
        [where](store::Database& db) -> Result<Chats> {
            Chats out;
            if (where.empty()) return out;
            store::RunQuery query;
            query.where = where;
            query.limit = 200;
            DUBITO_TRY(const auto rows, store::queryRuns(db, query));
            for (const auto& row : rows) out.rows.emplace_back(row.runNo, QString::fromStdString(row.name()));
            std::sort(out.rows.begin(), out.rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
            return out;
        },
        [this](Result<Chats> chats) {
            if (!chats) {
                showFirst(0);
                m_states->showError(chats.error(), [this] { listChats(); });
            } else {
                showChats(*chats);
            }
        });
}

void ChatPanel::showChats(const Chats& chats) {
    if (chats.rows.empty()) {
        showFirst(0);
        m_states->showEmpty(tr("No conversation yet. The packaged model answers within seconds."), tr("New chat"),
            [this] { context().trigger(QStringLiteral("chat.new")); });
        return;
    }
    m_states->showContent();
    const auto has = [&](qint64 run) {
        return std::any_of(chats.rows.begin(), chats.rows.end(), [&](const auto& row) { return row.first == run; });
    };
    const qint64 selected = context().selection->leadingRun();
    if (has(selected)) m_wanted = selected;
    else if (!has(m_wanted)) m_wanted = chats.rows.front().first;
    const QSignalBlocker blockFirst(m_first->box()), blockSecond(m_second->box());
    m_first->box()->clear();
    m_second->box()->clear();
    m_second->box()->addItem(tr("nothing"), qint64(0));
    for (const auto& [run, name] : chats.rows) {
        m_first->box()->addItem(name, run);
        if (run != m_wanted) m_second->box()->addItem(name, run);
    }
    for (auto* choice : {m_first, m_second}) choice->box()->addItem(tr("another model…"), qint64(-1));
    m_second->setVisible(chats.rows.size() > 1);
    m_first->box()->setCurrentIndex(std::max(0, m_first->box()->findData(m_wanted)));
    showFirst(m_wanted);
    if (m_views[1]->run() == m_wanted) setSecond(0);
    m_second->box()->setCurrentIndex(std::max(0, m_second->box()->findData(m_views[1]->run())));
    refreshButtons();
}

void ChatPanel::showFirst(qint64 runNo) {
    // What was set for the run that goes is said to it.
    if (runNo != m_views[0]->run() && m_sampling->isActive()) sendSampling();
    m_views[0]->follow(runNo);
}

void ChatPanel::setSecond(qint64 runNo) {
    m_views[1]->follow(runNo);
    m_views[1]->setVisible(runNo != 0);
    m_second->box()->setCurrentIndex(std::max(0, m_second->box()->findData(runNo)));
    refreshButtons();
}

bool ChatPanel::isClosed() const {
    return m_views[0]->run() && !m_views[0]->isLive() && !(m_views[1]->run() && m_views[1]->isLive());
}

void ChatPanel::refreshButtons() {
    bool live = false, speaking = false;
    for (auto* view : m_views) {
        live |= view->run() && view->isLive();
        speaking |= view->run() && view->isSpeaking();
    }
    m_say->setEnabled(isClosed() || (live && !m_input->toPlainText().trimmed().isEmpty()));
    m_say->setText(isClosed() ? tr("Go on") : m_isEdit ? tr("Say anew") : tr("Say"));
    m_stop->setEnabled(speaking);
    m_input->setReadOnly(!live && m_views[0]->run());
    if (isClosed())
        m_hint->setText(
            tr("This conversation is closed: its turns stay. Go on takes them into a new chat with the same model."));
    else if (m_isEdit) m_hint->setText(tr("Editing: the first version stays beside the new one. Esc gives up."));
    else m_hint->setText(tr("Tokens are shaded by doubt; click one to see what else could have been said."));
    m_temperature->setEnabled(live);
    m_longest->setEnabled(live);
    // A token of a run that is shown no longer is nobody's.
    if (!m_tokenView || m_tokenView->currentTurn() < 0) m_card->showNothing();
    else m_card->setLive(m_tokenView->isLive());
    if (const QString shown = showing(); shown != m_shown) {
        m_shown = shown;
        Q_EMIT showingChanged();
    }
}

QString ChatPanel::showing() const {
    const ConversationView* view = m_views[0];
    if (!view->run() || !view->isLoaded()) return {};
    QStringList words;
    if (!context().selection || context().selection->leadingRun() != view->run()) words << view->name();
    int turns = 0;
    for (const int number : view->path())
        if (const Turn* turn = view->conversation().turn(number)) turns += !turn->isAnswer();
    words << tr("%n turn(s)", nullptr, turns);
    if (m_views[1]->run()) words << tr("beside %1").arg(m_views[1]->name());
    return words.join(tr(", "));
}

void ChatPanel::send(ConversationView* view, const QString& verb, const QJsonObject& arguments) {
    if (view->run() && view->isLive())
        context().send(view->run(), verb, QString::fromUtf8(QJsonDocument(arguments).toJson(QJsonDocument::Compact)));
}

void ChatPanel::changeSampling(const Sampling& change) {
    const auto take = [&change](Sampling& into) {
        if (change.temperature) into.temperature = change.temperature;
        if (change.longest) into.longest = change.longest;
    };
    for (auto* view : m_views)
        if (view->run() && view->isLive()) take(m_changed[view->run()]);
    take(m_unsent);
    m_sampling->start();
}

void ChatPanel::sendSampling() {
    m_sampling->stop();
    QJsonObject arguments;
    if (m_unsent.temperature) arguments[QStringLiteral("temperature")] = *m_unsent.temperature;
    if (m_unsent.longest) arguments[QStringLiteral("max_tokens")] = *m_unsent.longest;
    m_unsent = {};
    if (arguments.isEmpty()) return;
    for (auto* view : m_views) send(view, QStringLiteral("set_sampling"), arguments);
}

void ChatPanel::showSampling() {
    const ConversationView* view = m_views[0];
    if (!view->run() || !view->isLoaded()) return;
    const auto found = m_changed.find(view->run());
    const Sampling set = found == m_changed.end() ? Sampling() : found->second, &own = view->sampling();
    const double temperature = set.temperature.value_or(own.temperature.value_or(kTemperature));
    const int longest = set.longest.value_or(own.longest.value_or(kLongest));
    const QSignalBlocker blockTemperature(m_temperature), blockLongest(m_longest);
    // Not while the same is being typed: a box writes its number anew.
    if (m_temperature->value() != temperature) m_temperature->setValue(temperature);
    if (m_longest->value() != longest) m_longest->setValue(longest);
}

void ChatPanel::say(const QString& text) {
    if (text.trimmed().isEmpty()) return;
    if (m_sampling->isActive()) sendSampling();
    for (auto* view : m_views) {
        // An edit hangs below the same answer as the turn it replaces; the other model takes it as its next turn.
        const int parent = m_isEdit && view == m_views[0] ? m_editing : view->leaf();
        send(view, QStringLiteral("say"), {{"parent", parent}, {"text", text}});
    }
    m_isEdit = false;
    m_editing = -1;
    m_input->clear();
    refreshButtons();
}

void ChatPanel::branch(int tokenId) {
    if (!m_tokenView || m_tokenView->currentTurn() < 0) return;
    send(m_tokenView, QStringLiteral("branch"),
        {{"node", m_tokenView->currentTurn()}, {"index", m_tokenView->currentIndex()}, {"token", tokenId}});
}

void ChatPanel::showToken(ConversationView* view, int turn, int index) {
    for (auto* other : m_views)
        if (other != view) other->setCurrentToken(-1, -1);
    m_tokenView = view;
    const Turn* own = view->conversation().turn(turn);
    if (!own || index >= own->tokens.size()) return m_card->showNothing();
    m_card->showToken(*own, index, view->isLive());
    kit::asyncQuery<QVector<Alternative>>(
        context(), this,
        [runNo = view->run(), record = own->tokens[index].recordNo](
            store::Database& db) { return loadAlternatives(db, runNo, record); },
        [this, view, turn, index](Result<QVector<Alternative>> alternatives) {
            if (m_tokenView == view && view->currentTurn() == turn && view->currentIndex() == index)
                m_card->setAlternatives(alternatives ? *alternatives : QVector<Alternative>());
        });
}

void ChatPanel::showPrompt(ConversationView* view, int turn) {
    kit::asyncQuery<RenderedPrompt>(
        context(), this, [runNo = view->run(), turn](store::Database& db) { return loadPrompt(db, runNo, turn); },
        [this](Result<RenderedPrompt> prompt) {
            if (!prompt) return;
            auto* dialog = new QDialog(this);
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->setWindowTitle(tr("Rendered prompt"));
            dialog->resize(680, 460);
            auto* text = new QPlainTextEdit(prompt->text);
            text->setReadOnly(true);
            text->setFont(kit::monoFont(12));
            auto* size = new QLabel(tr("%1 of %2 tokens of context").arg(prompt->tokens).arg(prompt->context));
            size->setProperty("role", "sub");
            auto* close = new QDialogButtonBox(QDialogButtonBox::Close);
            connect(close, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
            auto* column = new QVBoxLayout(dialog);
            column->addWidget(size);
            column->addWidget(text, 1);
            column->addWidget(close);
            dialog->show();
        });
}

bool ChatPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_input && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) &&
            key->modifiers().testFlag(Qt::ControlModifier)) {
            say(m_input->toPlainText());
            return true;
        }
        if (key->key() == Qt::Key_Escape && m_isEdit) {
            m_isEdit = false;
            m_input->clear();
            refreshButtons();
            return true;
        }
    }
    return Panel::eventFilter(watched, event);
}

kit::DataTable ChatPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Chat");
    table.columns = {tr("column"), tr("turn"), tr("role"), tr("place"), tr("token"), tr("id"), tr("p"), tr("entropy")};
    for (int column = 0; column < 2; ++column) {
        const ConversationView* view = m_views[static_cast<std::size_t>(column)];
        for (const int number : view->path()) {
            const Turn* turn = view->conversation().turn(number);
            if (!turn) continue;
            if (!turn->isAnswer())
                table.rows << QStringList{QString::number(column + 1), QString::number(number), turn->role, QString(),
                    turn->text, QString(), QString(), QString()};
            for (int i = 0; i < turn->tokens.size(); ++i) {
                const ChatToken& token = turn->tokens[i];
                table.rows << QStringList{QString::number(column + 1), QString::number(number), turn->role,
                    QString::number(i), token.text, QString::number(token.id),
                    QString::number(std::exp(static_cast<double>(token.logprob)), 'f', 4),
                    QString::number(static_cast<double>(token.entropy), 'f', 4)};
            }
        }
    }
    return table;
}

}  // namespace dubito::chat
