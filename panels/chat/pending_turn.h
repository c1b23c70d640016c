// What stands where a conversation will be: the question that was asked, and what its model is at.
#pragma once

#include <QFrame>
#include <QLabel>

#include "kit/share_bar.h"
#include "kit/wrapped_text.h"
#include "store/queries.h"

namespace dubito::chat {

class PendingTurn : public QFrame {
    Q_OBJECT
public:
    explicit PendingTurn(QWidget* parent = nullptr);
    /// @param row a run that has not ended; `question` empty: none was asked so far; `model` its name
    void show(const store::RunRow& row, const QString& question, const QString& model);

private:
    QLabel *m_who, *m_state;
    kit::WrappedText* m_question;
    kit::ShareBar* m_bar;
};

}  // namespace dubito::chat
