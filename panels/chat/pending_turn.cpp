// It goes when the first turn is there.
#include "chat/pending_turn.h"

#include <QVBoxLayout>

#include <algorithm>

#include "kit/controls.h"
#include "kit/run_words.h"
#include "run/run_state.h"

namespace dubito::chat {

PendingTurn::PendingTurn(QWidget* parent)
    : QFrame(parent), m_who(new QLabel(tr("You"))), m_state(new QLabel), m_question(new kit::WrappedText),
      m_bar(new kit::ShareBar) {
    m_who->setProperty("role", "strong");
    m_question->setAccessibleName(tr("What you said"));
    m_state->setProperty("role", "sub");
    m_state->setTextFormat(Qt::PlainText);
    m_state->setWordWrap(true);
    m_bar->setMaximumWidth(260);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 10);
    column->setSpacing(4);
    column->addWidget(m_who);
    column->addWidget(m_question);
    column->addSpacing(8);
    column->addWidget(m_state);
    column->addWidget(m_bar);
}

void PendingTurn::show(const store::RunRow& row, const QString& question, const QString& model) {
    const auto state = static_cast<run::RunState>(row.state);
    const QString name = model.isEmpty() ? tr("The model") : model;
    for (QWidget* one : {static_cast<QWidget*>(m_who), static_cast<QWidget*>(m_question)})
        one->setVisible(!question.isEmpty());
    if (!question.isEmpty()) m_question->setWords(question);
    const bool isLoading = row.total > 0 && !kit::isWaiting(row);
    const double share = isLoading ? std::clamp(row.done / row.total, 0.0, 1.0) : 0;
    QString text;
    if (state == run::RunState::Queued) text = tr("%1 waits for its turn on this machine.").arg(name);
    else if (kit::isWaiting(row)) text = tr("%1 is loaded. Say something.").arg(name);
    else if (isLoading) text = tr("%1 is being loaded: %2 %").arg(name).arg(static_cast<int>(100 * share));
    else text = tr("%1 is being loaded…").arg(name);
    m_state->setText(kit::breakable(text));
    m_bar->setShare(share);
    m_bar->setVisible(isLoading);
}

}  // namespace dubito::chat
