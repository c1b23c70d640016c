// What else the model could have said at one token, and the branch from there.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include "chat/chat_data.h"
#include "kit/bar_list.h"

namespace dubito::chat {

class TokenCard : public QWidget {
    Q_OBJECT
public:
    explicit TokenCard(QWidget* parent = nullptr);
    void showNothing();
    void showToken(const Turn& turn, int index, bool isLive);
    void setAlternatives(const QVector<Alternative>& alternatives);
    void setLive(bool isLive);  ///< whether the answer can branch

Q_SIGNALS:
    void branchAsked(int tokenId);

private:
    QLabel *m_title, *m_sub, *m_probability, *m_entropy, *m_hint;
    QWidget* m_numbers;  ///< and all below: there with a token
    kit::BarList* m_top;
    QPushButton* m_branch;
    int m_said = -1, m_chosen = -1;
    bool m_live = false;
};

}  // namespace dubito::chat
