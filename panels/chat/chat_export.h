// A stored conversation as a file of its own, and as a figure.
#pragma once

#include "chat/chat_data.h"
#include "kit/figure.h"

namespace dubito::chat {

enum class ExportKind { Markdown, Html, Jsonl };

struct ExportedTalk {
    QString title;
    std::map<int, int> chosen;  ///< parent -> child that is shown
};
/// Markdown and HTML: the versions that are shown. JSONL: every turn of every version, a line each, with the tokens'
/// ids, natural logarithms of their probabilities and entropies in nats.
QString exported(const Conversation& conversation, const ExportedTalk& what, ExportKind kind);

/// column, turn, role, place, token, id, p, entropy: a person's turn is one row, an answer a row a token.
QVector<QStringList> rowsOf(const Conversation& conversation, const QVector<int>& path, int column);

/// The shown versions, tokens shaded by doubt, in the light palette whatever the window's; its points are the tokens.
kit::Figure talkFigure(const Conversation& conversation, const ExportedTalk& what, qint64 runNo);

}  // namespace dubito::chat
