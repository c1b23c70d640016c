// The tool row above a conversation: model, sampling, how answers are shown, and what the pane can do.
#pragma once

#include <QDoubleSpinBox>
#include <QMenu>
#include <QSpinBox>
#include <QToolButton>

#include "chat/conversation_view.h"

namespace dubito::chat {

class ChatTools : public QWidget {
    Q_OBJECT
public:
    explicit ChatTools(QWidget* parent = nullptr);
    void showSampling(const Sampling& sampling);  ///< what is not said: as the program does
    void setLive(bool isLive);                    ///< whether sampling can be changed
    void setModel(const QString& name);
    void setTalk(bool isThere);  ///< one is shown: it can be exported and kept
    void setAsText(bool on);
    bool isAsText() const { return m_asText->isChecked(); }
    /// Filled by the panel whenever it opens.
    QMenu* more() const { return m_more->menu(); }
    QToolButton* chats() const { return m_chats; }

Q_SIGNALS:
    void samplingChanged(const dubito::chat::Sampling& change);
    void asTextChanged(bool on);
    void chatsAsked(bool on);
    void newAsked();
    void otherModelAsked();
    void moreOpens();

private:
    void nameSampling();
    QWidget* buildSampling();
    QToolButton *m_model, *m_sample, *m_asTokens, *m_asText, *m_chats, *m_new, *m_more;
    QWidget* m_fold;
    QDoubleSpinBox* m_temperature;
    QSpinBox* m_longest;
};

}  // namespace dubito::chat
