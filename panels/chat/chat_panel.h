// Talk with one model or two side by side; every turn, version and token is in the project.
#pragma once

#include <QDoubleSpinBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTimer>
#include <array>

#include "chat/conversation_view.h"
#include "chat/token_card.h"
#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"

namespace dubito::chat {

class ChatPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit ChatPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Chat"); }
    QWidget* sideWidget() override { return m_card; }
    kit::DataTable dataTable() const override;
    QString showing() const override;
    /// For tests: as the buttons do.
    void say(const QString& text);
    void setSecond(qint64 runNo);
    ConversationView* view(int column) { return m_views[static_cast<std::size_t>(column)]; }
    void branch(int tokenId);

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Chats {
        std::vector<std::pair<qint64, QString>> rows;  ///< newest first
    };
    QLayout* buildTools();
    QWidget* buildColumns();
    QLayout* buildInput();
    void connectView(ConversationView* view);
    void connectTools();
    void follow();
    void listChats();
    void showChats(const Chats& chats);
    void showFirst(qint64 runNo);
    bool isClosed() const;  ///< a chat is shown and no model of it runs
    void refreshButtons();
    void send(ConversationView* view, const QString& verb, const QJsonObject& arguments);
    void changeSampling(const Sampling& change);
    void sendSampling();
    void showSampling();
    void showToken(ConversationView* view, int turn, int index);
    void showPrompt(ConversationView* view, int turn);
    ConversationView* viewOf(QObject* sender) const;

    std::array<ConversationView*, 2> m_views;
    ConversationView* m_tokenView = nullptr;  ///< whose token the card shows
    kit::LabelledChoice *m_first, *m_second;
    QDoubleSpinBox* m_temperature;
    QSpinBox* m_longest;
    QPlainTextEdit* m_input;
    QPushButton *m_say, *m_stop, *m_new;
    QLabel* m_hint;
    TokenCard* m_card;
    kit::StateView* m_states;
    QTimer *m_reload, *m_sampling;
    std::map<qint64, Sampling> m_changed;  ///< by run: what a person set here, over what the spec says
    Sampling m_unsent;
    QString m_shown;
    qint64 m_wanted = 0;  ///< the first column's run
    int m_editing = -1;   ///< parent of the turn that the input replaces; -1: none
    bool m_isEdit = false;
};

}  // namespace dubito::chat
