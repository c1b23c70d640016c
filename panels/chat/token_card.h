// What else the model could have said at one token, under its line: bars, and a branch from each.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "chat/chat_data.h"

namespace dubito::chat {

class TokenCard : public QFrame {
    Q_OBJECT
public:
    explicit TokenCard(QWidget* parent = nullptr);
    /// A token; its alternatives follow. @param whyNot why it cannot branch now; empty: it can
    void showToken(const ChatToken& token, qint64 vocabulary, const QString& whyNot);
    void setAlternatives(const QVector<Alternative>& alternatives);
    bool isLoaded() const { return m_isLoaded; }
    void setWhyNot(const QString& whyNot);
    QSize minimumSizeHint() const override { return {120, QFrame::minimumSizeHint().height()}; }

Q_SIGNALS:
    void branchAsked(int tokenId);

private:
    void rebuild();
    void addRow(const Alternative& one);
    QLabel *m_title, *m_origin, *m_sum;
    QVBoxLayout* m_rows;
    QToolButton* m_more;
    ChatToken m_token;
    QVector<Alternative> m_alternatives;
    qint64 m_vocabulary = 0;
    QString m_whyNot;
    bool m_isLoaded = false, m_showsAll = false;
};

}  // namespace dubito::chat
