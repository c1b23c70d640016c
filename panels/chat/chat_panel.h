// Talk with one model or two side by side; every turn, version and token is in the project.
#pragma once

#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <array>

#include "chat/chat_export.h"
#include "chat/chat_input.h"
#include "chat/chat_list.h"
#include "chat/chat_tools.h"
#include "kit/panel.h"
#include "kit/state_view.h"

namespace dubito::chat {

class ChatPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit ChatPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Chat"); }
    kit::DataTable dataTable() const override;
    QVector<kit::Figure> figures() const override;
    QString showing() const override;
    QJsonObject saveLayout() const override;
    void restoreLayout(const QJsonObject& layout) override;
    /// For tests: as the buttons do.
    void say(const QString& text);
    void setSecond(qint64 runNo);
    ConversationView* view(int column) { return m_views[static_cast<std::size_t>(column)]; }
    /// Writes the shown conversation beside the window; `done` is told what went wrong.
    void exportTo(const QString& path, ExportKind kind, std::function<void(Result<void>)> done);

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override { listChats(); }
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Chats {
        std::vector<store::ConversationRow> rows;  ///< newest first
        std::vector<std::string> plugins;
    };
    QWidget* buildTalk();
    void connectParts();
    void connectList();
    void connectView(ConversationView* view);
    void connectProject();
    void listChats();
    void showChats(Chats chats);
    void showFirst(qint64 runNo);
    void showList(bool on);
    void beginTalk();  ///< the cursor in the box
    void newTalk();
    /// It has the focus, or a pane has that was asked for before it had anything to show; and the talk is shown.
    bool isInHand() const {
        const QWidget* focus = window()->focusWidget();
        if (!focus || focus == window() || m_pages->currentIndex() != 0) return false;
        return focus->isAncestorOf(this) || isAncestorOf(focus);
    }
    void fillMore();
    void askExport(ExportKind kind);
    bool isClosed() const;  ///< a chat is shown and no model of it runs
    bool isSpeaking() const;
    void refresh();
    void editLast();
    void stop();
    void send(ConversationView* view, const QString& verb, const QJsonObject& arguments);
    void changeSampling(const Sampling& change);
    void sendSampling();
    void showSampling();
    void showPrompt(ConversationView* view, int turn);
    void beside(ConversationView* view, int turn);
    ExportedTalk talkOf(const ConversationView* view) const;

    std::array<ConversationView*, 2> m_views;
    QSplitter* m_columns;
    ChatTools* m_tools;
    QStackedWidget* m_pages;
    ChatList* m_list;
    ChatInput* m_input;
    QLabel* m_note;  ///< what went wrong, until the next thing is done
    kit::StateView* m_states;
    QTimer *m_reload, *m_sampling;
    std::map<qint64, Sampling> m_changed;  ///< by run: what a person set here, over what the spec says
    Sampling m_unsent;
    std::map<qint64, QString> m_titles;
    QString m_shown;
    qint64 m_wanted = 0;     ///< the first column's run
    qint64 m_newest = 0;     ///< conversation that was known
    qint64 m_revealRun = 0;  ///< a search asks for a turn of it
    int m_revealTurn = -1;
    int m_editing = -1;  ///< parent of the turn that the input replaces; -1: none
    bool m_isNewAsked = false;
};

}  // namespace dubito::chat
