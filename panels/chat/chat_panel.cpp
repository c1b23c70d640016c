// The panel sends commands and reads the project; the model lives in a worker.
#include "chat/chat_panel.h"

#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QKeyEvent>
#include <QVBoxLayout>

#include "base/files.h"
#include "chat/prompt_dialog.h"
#include "run/run_state.h"

namespace dubito::chat {

ChatPanel::ChatPanel(QWidget* parent)
    : Panel(QStringLiteral("chat"), parent), m_views{new ConversationView, new ConversationView},
      m_columns(new QSplitter(Qt::Horizontal)), m_tools(new ChatTools), m_pages(new QStackedWidget),
      m_list(new ChatList), m_input(new ChatInput), m_note(new QLabel), m_reload(new QTimer(this)),
      m_sampling(new QTimer(this)) {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_tools);
    m_note->setProperty("role", "bad");
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(12, 2, 12, 2);
    m_note->hide();
    column->addWidget(m_note);
    m_pages->addWidget(buildTalk());
    m_pages->addWidget(m_list);
    column->addWidget(m_pages, 1);
    m_states = kit::StateView::fill(this, content);
    setFocusProxy(m_input->field());
    m_reload->setSingleShot(true);
    m_reload->setInterval(30);
    m_sampling->setSingleShot(true);
    m_sampling->setInterval(300);
    connectParts();
    connectList();
    for (auto* view : m_views) connectView(view);
    refresh();
}

QWidget* ChatPanel::buildTalk() {
    m_columns->setChildrenCollapsible(false);
    for (auto* view : m_views) m_columns->addWidget(view);
    m_views[1]->hide();
    auto* talk = new QWidget;
    auto* column = new QVBoxLayout(talk);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_columns, 1);
    column->addWidget(m_input);
    return talk;
}

void ChatPanel::connectParts() {
    connect(m_reload, &QTimer::timeout, this, [this] {
        for (auto* view : m_views) view->reload();
    });
    connect(m_sampling, &QTimer::timeout, this, [this] { sendSampling(); });
    connect(m_tools, &ChatTools::samplingChanged, this, &ChatPanel::changeSampling);
    connect(m_tools, &ChatTools::asTextChanged, this, [this](bool on) {
        for (auto* view : m_views) view->setAsText(on);
    });
    connect(m_tools, &ChatTools::newAsked, this, &ChatPanel::newTalk);
    connect(m_tools, &ChatTools::chatsAsked, this, &ChatPanel::showList);
    connect(m_tools, &ChatTools::moreOpens, this, &ChatPanel::fillMore);
    connect(
        m_tools, &ChatTools::otherModelAsked, this, [this] { context().trigger(QStringLiteral("chat.open_model")); });
    connect(m_input, &ChatInput::said, this, &ChatPanel::say);
    connect(m_input, &ChatInput::goOnAsked, this, [this] {
        m_isNewAsked = true;
        context().trigger(QStringLiteral("chat.continue"));
    });
    connect(m_input, &ChatInput::stopAsked, this, &ChatPanel::stop);
    connect(m_input, &ChatInput::editLastAsked, this, &ChatPanel::editLast);
}

void ChatPanel::connectList() {
    connect(m_list, &ChatList::closeAsked, this, [this] { showList(false); });
    connect(m_list, &ChatList::openAsked, this, [this](qint64 runNo, int turn) {
        showList(false);
        m_revealRun = runNo;
        m_revealTurn = turn;
        m_wanted = runNo;
        context().selection->setRuns({runNo});
        showFirst(runNo);
        beginTalk();
    });
    connect(m_list, &ChatList::besideAsked, this, [this](qint64 runNo) {
        showList(false);
        setSecond(runNo);
    });
    connect(m_list, &ChatList::actionAsked, this, [this](qint64 runNo, const QString& action) {
        context().selection->setRuns({runNo});
        context().trigger(action);
    });
}

void ChatPanel::connectView(ConversationView* view) {
    connect(view, &ConversationView::changed, this, [this] {
        showSampling();
        refresh();
    });
    connect(view, &ConversationView::tokenChosen, this, [this, view](int turn) {
        if (turn >= 0 && context().wordChosen) context().wordChosen();
        for (auto* other : m_views)
            if (turn >= 0 && other != view) other->setCurrentToken(-1, -1);
    });
    connect(view, &ConversationView::promptAsked, this, [this, view](int turn) { showPrompt(view, turn); });
    connect(view, &ConversationView::againAsked, this, [this, view](int turn) {
        if (const Turn* answer = view->conversation().turn(turn))
            send(view, QStringLiteral("regenerate"), {{"node", answer->parent}});
    });
    connect(view, &ConversationView::branchAsked, this, [this, view](int turn, int index, int token) {
        send(view, QStringLiteral("branch"), {{"node", turn}, {"index", index}, {"token", token}});
    });
    connect(view, &ConversationView::editAsked, this, [this, view](int turn) {
        if (const Turn* own = view->conversation().turn(turn)) {
            m_editing = own->parent;
            m_input->edit(own->text);
        }
    });
    connect(view, &ConversationView::besideAsked, this, [this, view](int turn) { beside(view, turn); });
    connect(view, &ConversationView::closeAsked, this, [this, view] {
        // The first column's place is taken by what stood beside it.
        if (const qint64 other = m_views[1]->run(); view == m_views[0] && other && other != view->run()) {
            setSecond(0);
            context().selection->setRuns({other});
            return;
        }
        setSecond(0);
    });
}

void ChatPanel::onAttached() {
    for (auto* view : m_views) {
        view->attach(context());
        view->follow(0);
    }
    m_list->attach(context());
    m_wanted = 0;
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connectProject();
    listChats();
}

void ChatPanel::connectProject() {
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { listChats(); });
    const auto later = [this](qint64 runNo) {
        if (!isVisible()) return;
        for (auto* view : m_views)
            if (view->run() == runNo && runNo && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    connect(context().events, &kit::RunEvents::added, this, [this] { listChats(); });
    connect(context().events, &kit::RunEvents::committed, this, [this](qint64 runNo) {
        if (runNo) return;
        listChats();  // a name, a star, a folder or the bin
        m_reload->start();
    });
}

void ChatPanel::listChats() {
    if (!context().readers || !isVisible()) return;
    std::vector<std::string> plugins;
    if (context().pluginsWithRole) plugins = context().pluginsWithRole(QStringLiteral("chat"));
    kit::asyncQuery<Chats>(
        context(), this,
        [plugins](store::Database& db) -> Result<Chats> {
            constexpr int kMost = 500;
            Chats out{{}, plugins};
            DUBITO_TRY(out.rows, store::queryConversations(db, plugins, kMost));
            return out;
        },
        [this](Result<Chats> chats) {
            if (chats) return showChats(std::move(*chats));
            showFirst(0);
            m_states->showError(chats.error(), [this] { listChats(); });
        });
}

void ChatPanel::showChats(Chats chats) {
    m_list->setPlugins(std::move(chats.plugins));
    m_titles.clear();
    if (chats.rows.empty()) {
        showFirst(0);
        setSecond(0);
        showList(false);
        m_states->showEmpty(tr("No conversation yet. The packaged model answers within seconds."), tr("New chat"),
            [this] { newTalk(); });
        return;
    }
    const bool hasFocus = isInHand();  // before the message hides, and what has the focus in it
    m_states->showContent();
    for (const auto& row : chats.rows) m_titles[row.runNo] = titleOf(row);
    const qint64 newest = chats.rows.front().runNo;
    const bool isNew = m_newest && newest > m_newest;
    m_newest = newest;
    const qint64 selected = context().selection->leadingRun();
    if (m_titles.contains(selected)) m_wanted = selected;
    else if (!m_titles.contains(m_wanted)) m_wanted = chats.rows.front().runNo;
    if (m_views[1]->run() && !m_titles.contains(m_views[1]->run())) setSecond(0);
    m_list->setRows(std::move(chats.rows), m_wanted);
    m_isNewAsked |= hasFocus && m_wanted != m_views[0]->run();
    showFirst(m_wanted);
    // Begun from a menu while the list was open: what is wanted now is the talk.
    if (isNew && m_wanted == newest && m_pages->currentIndex() == 1) beginTalk();
    refresh();
}

void ChatPanel::showFirst(qint64 runNo) {
    const bool isOther = runNo != m_views[0]->run();
    // What was set for the run that goes is said to it.
    if (isOther && m_sampling->isActive()) sendSampling();
    if (isOther && m_input->isEdit()) m_input->endEdit();
    // Two versions of one talk side by side go with it.
    if (isOther && m_views[1]->run() && m_views[1]->run() == m_views[0]->run()) setSecond(0);
    if (isOther && m_views[1]->run() == runNo) setSecond(0);
    m_views[0]->follow(runNo);
    if (runNo && runNo == m_revealRun) {
        if (m_revealTurn >= 0) m_views[0]->reveal(m_revealTurn);
        m_revealRun = 0;
    }
    // Where a talk is looked at, the next thing is to say something.
    const bool isHere = isInHand();
    if (isOther && runNo && (std::exchange(m_isNewAsked, false) || isHere)) beginTalk();
}

void ChatPanel::setSecond(qint64 runNo) {
    m_views[1]->follow(runNo);
    if (m_views[1]->isHidden() && runNo) m_columns->setSizes({1, 1});
    m_views[1]->setVisible(runNo != 0);
    for (auto* view : m_views) view->setTitled(runNo != 0);
    refresh();
}

void ChatPanel::beside(ConversationView* view, int turn) {
    setSecond(view->run());
    m_views[1]->reveal(turn, true);
}

void ChatPanel::showList(bool on) {
    m_tools->chats()->setChecked(on);
    m_pages->setCurrentIndex(on ? 1 : 0);
    if (on) {
        m_list->begin();
        listChats();
    } else {
        beginTalk();
    }
}

void ChatPanel::beginTalk() {
    m_pages->setCurrentIndex(0);
    m_tools->chats()->setChecked(false);
    if (isVisible()) m_input->field()->setFocus();
}

void ChatPanel::newTalk() {
    m_isNewAsked = true;
    for (auto* view : m_views) view->setCurrentToken(-1, -1);
    context().trigger(QStringLiteral("chat.new"));
    beginTalk();
}

bool ChatPanel::isClosed() const {
    return m_views[0]->run() && m_views[0]->isLoaded() && !m_views[0]->isLive() &&
           !(m_views[1]->run() && m_views[1]->isLive());
}

bool ChatPanel::isSpeaking() const {
    return std::any_of(
        m_views.begin(), m_views.end(), [](const ConversationView* view) { return view->run() && view->isSpeaking(); });
}

void ChatPanel::refresh() {
    bool live = false;
    for (auto* view : m_views) live |= view->run() && view->isLive();
    using State = ChatInput::State;
    m_input->setState(isClosed()     ? State::Closed
                      : isSpeaking() ? State::Speaking
                      : live         ? State::Talking
                                     : State::Nothing);
    m_input->setRoom(m_views[0]->contextTokens(), m_views[0]->contextRoom());
    m_tools->setLive(live);
    m_tools->setTalk(m_views[0]->run() != 0);
    m_tools->setModel(m_views[0]->conversation().model.name);
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
    if (m_views[1]->run() && m_views[1]->run() != view->run()) words << tr("beside %1").arg(m_views[1]->name());
    return words.join(tr(", "));
}

void ChatPanel::editLast() {
    const QVector<int> path = m_views[0]->path();
    for (auto at = path.rbegin(); at != path.rend(); ++at)
        if (const Turn* turn = m_views[0]->conversation().turn(*at); turn && !turn->isAnswer()) {
            Q_EMIT m_views[0]->editAsked(*at);
            return;
        }
}

void ChatPanel::stop() {
    for (auto* view : m_views)
        if (view->isSpeaking()) send(view, QStringLiteral("stop_answer"), {});
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
    Sampling shown = view->sampling();
    if (found != m_changed.end() && found->second.temperature) shown.temperature = found->second.temperature;
    if (found != m_changed.end() && found->second.longest) shown.longest = found->second.longest;
    m_tools->showSampling(shown);
}

void ChatPanel::say(const QString& text) {
    if (text.trimmed().isEmpty()) return;
    if (m_sampling->isActive()) sendSampling();
    m_note->hide();
    for (auto* view : m_views) {
        // Two versions of one talk: it goes on below the first.
        if (view == m_views[1] && view->run() == m_views[0]->run()) continue;
        // An edit hangs below the same answer as the turn it replaces; the other model takes it as its next turn.
        const int parent = m_input->isEdit() && view == m_views[0] ? m_editing : view->leaf();
        send(view, QStringLiteral("say"), {{"parent", parent}, {"text", text}});
        view->setCurrentToken(-1, -1);
    }
    m_editing = -1;
    m_input->endEdit();
    refresh();
}

void ChatPanel::showPrompt(ConversationView* view, int turn) {
    kit::asyncQuery<RenderedPrompt>(
        context(), this, [runNo = view->run(), turn](store::Database& db) { return loadPrompt(db, runNo, turn); },
        [this](Result<RenderedPrompt> prompt) {
            if (prompt) (new PromptDialog(*prompt, this))->show();
        });
}

void ChatPanel::fillMore() {
    QMenu* menu = m_tools->more();
    menu->clear();
    const bool isThere = m_views[0]->run() != 0;
    const std::pair<QString, ExportKind> kinds[] = {{tr("Export as Markdown…"), ExportKind::Markdown},
        {tr("Export as a web page (HTML)…"), ExportKind::Html},
        {tr("Export all versions and tokens (JSONL)…"), ExportKind::Jsonl}};
    for (const auto& [text, kind] : kinds)
        menu->addAction(text, this, [this, kind] { askExport(kind); })->setEnabled(isThere);
    menu->addSeparator();
    const std::pair<QString, const char*> actions[] = {{tr("Rename…"), "edit.title"}, {tr("Folder…"), "chat.folder"},
        {tr("Star on or off"), "edit.star"}, {tr("Delete"), "chat.delete"}};
    for (const auto& [text, action] : actions)
        menu->addAction(text, this,
                [this, action] {
                    context().selection->setRuns({m_views[0]->run()});
                    context().trigger(QString::fromLatin1(action));
                })
            ->setEnabled(isThere);
    menu->addSeparator();
    menu->addAction(tr("Search in all conversations…"), this, [this] { showList(true); });
    auto* enter = menu->addAction(tr("Enter says it"), this, [this](bool on) { m_input->setEnterSays(on); });
    enter->setCheckable(true);
    enter->setChecked(m_input->enterSays());
}

ExportedTalk ChatPanel::talkOf(const ConversationView* view) const {
    ExportedTalk out;
    const auto title = m_titles.find(view->run());
    out.title = title == m_titles.end() ? view->name() : title->second;
    int parent = -1;
    for (const int number : view->path()) {
        out.chosen[parent] = number;
        parent = number;
    }
    return out;
}

void ChatPanel::askExport(ExportKind kind) {
    const char* suffix = kind == ExportKind::Markdown ? "md" : kind == ExportKind::Html ? "html" : "jsonl";
    auto* dialog = new QFileDialog(this, tr("Export the conversation"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QLatin1String(suffix));
    dialog->setNameFilters({QStringLiteral("*.%1").arg(QLatin1String(suffix)), tr("All files (*)")});
    QString name = talkOf(m_views[0]).title.left(40);
    for (QChar& c : name)
        if (!c.isLetterOrNumber() && c != QLatin1Char('-')) c = QLatin1Char('-');
    dialog->selectFile(QStringLiteral("%1.%2").arg(name, QLatin1String(suffix)));
    connect(dialog, &QFileDialog::fileSelected, this, [this, kind](const QString& path) {
        exportTo(path, kind, [this, path](Result<void> outcome) {
            m_note->setVisible(!outcome);
            if (!outcome) m_note->setText(QString::fromStdString(outcome.error().text()));
        });
    });
    dialog->open();
}

void ChatPanel::exportTo(const QString& path, ExportKind kind, std::function<void(Result<void>)> done) {
    const ConversationView* view = m_views[0];
    kit::asyncQuery<bool>(
        context(), this,
        [runNo = view->run(), what = talkOf(view), file = path.toStdString(), kind](
            store::Database& db) -> Result<bool> {
            DUBITO_TRY(const Conversation conversation, loadConversation(db, runNo));
            DUBITO_CHECK(writeFileAtomic(file, exported(conversation, what, kind).toStdString()));
            return true;
        },
        [done = std::move(done)](Result<bool> outcome) {
            if (done) done(outcome ? Result<void>() : Result<void>(outcome.error()));
        });
}

void ChatPanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_F && event->modifiers() == Qt::ControlModifier) return showList(true);
    if (event->key() == Qt::Key_Escape && m_pages->currentIndex() == 1) return showList(false);
    if (event->key() == Qt::Key_Escape && isSpeaking()) return stop();
    Panel::keyPressEvent(event);
}

QJsonObject ChatPanel::saveLayout() const {
    return {{QStringLiteral("answers"), m_tools->isAsText() ? QStringLiteral("text") : QStringLiteral("tokens")},
        {QStringLiteral("enter_says"), m_input->enterSays()}};
}

void ChatPanel::restoreLayout(const QJsonObject& layout) {
    m_tools->setAsText(layout[QStringLiteral("answers")].toString() == QLatin1String("text"));
    m_input->setEnterSays(layout[QStringLiteral("enter_says")].toBool(true));
}

QVector<kit::Figure> ChatPanel::figures() const {
    QVector<kit::Figure> out;
    for (const ConversationView* view : m_views)
        if (view->run() && !view->conversation().turns.empty())
            out.append(talkFigure(view->conversation(), talkOf(view), view->run()));
    return out;
}

kit::DataTable ChatPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Chat");
    table.columns = {tr("column"), tr("turn"), tr("role"), tr("place"), tr("token"), tr("id"), tr("p"), tr("entropy")};
    for (int column = 0; column < 2; ++column) {
        const ConversationView* view = m_views[static_cast<std::size_t>(column)];
        table.rows += rowsOf(view->conversation(), view->path(), column + 1);
    }
    return table;
}

}  // namespace dubito::chat
