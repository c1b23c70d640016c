// A conversation as stored records tell it: a tree of turns, grown piece by piece.
#pragma once

#include <QString>
#include <QVector>
#include <map>
#include <optional>
#include <vector>

#include "store/queries.h"

namespace dubito::chat {

struct ChatToken {
    int id = -1;
    QString text;
    float logprob = 0, entropy = 0;  ///< nats
    bool isSpecial = false, isForced = false;
    qint64 recordNo = 0;  ///< where its alternatives are
};

struct Turn {
    int number = -1, parent = -1, branchedFrom = -1, branchToken = -1;
    QString role, text;  ///< text of a person; of an answer once it has ended, until then it is in its tokens
    QVector<ChatToken> tokens;
    QString stop, detail;  ///< empty: still being said
    double tokensPerSecond = 0, firstTokenSeconds = 0;
    qint64 promptTokens = 0, context = 0;  ///< of an answer: what was read before it, and the room; 0: not known
    bool isAnswer() const { return role == QLatin1String("assistant"); }
    QString said() const;  ///< words without special tokens
};

/// Of the model as the run says; what is not known is empty or 0.
struct Model {
    QString name;    ///< as people call it
    QString called;  ///< what its file calls itself
    int layers = 0;
    qint64 vocabulary = 0;
};

struct Conversation {
    std::vector<Turn> turns;  ///< by number
    std::map<int, QVector<int>> children;
    std::map<std::string, std::int64_t> cursors;
    Model model;
    const Turn* turn(int number) const {
        return number >= 0 && number < static_cast<int>(turns.size()) &&
                       turns[static_cast<std::size_t>(number)].number == number
                   ? &turns[static_cast<std::size_t>(number)]
                   : nullptr;
    }
};

/// Records after the cursors, taken apart on a reader thread.
struct News {
    std::vector<Turn> turns;                          ///< new turns, and ends (number and stop set)
    std::vector<std::pair<int, ChatToken>> tokens;    ///< (turn, token) in order
    std::map<int, std::pair<double, double>> speeds;  ///< turn -> tokens/s, seconds to the first
    std::map<int, std::pair<qint64, qint64>> rooms;   ///< turn -> tokens read, tokens of context
    std::optional<Model> model;
    std::map<std::string, std::int64_t> cursors;
    std::int64_t records = 0;
};
Result<News> loadNews(store::Database& db, std::int64_t runNo, const std::map<std::string, std::int64_t>& cursors);
/// @return numbers of the turns that changed
QVector<int> take(Conversation& conversation, News news);
/// All that is stored of a conversation.
Result<Conversation> loadConversation(store::Database& db, std::int64_t runNo);
/// From the first turn on, at each fork the child that `chosen` names, else the newest.
QVector<int> pathOf(const Conversation& conversation, const std::map<int, int>& chosen = {});
/// Index of the first token that two answers do not share; -1: one of them has none there.
int firstDifference(const Turn& one, const Turn& other);

struct Alternative {
    int id = -1;
    QString text;
    double probability = 0;
};
Result<QVector<Alternative>> loadAlternatives(store::Database& db, std::int64_t runNo, std::int64_t recordNo);
/// What the model was given for an answer: the rendered prompt and how much of the context it takes.
struct RenderedPrompt {
    QString text;
    qint64 tokens = 0, context = 0;
};
Result<RenderedPrompt> loadPrompt(store::Database& db, std::int64_t runNo, int turn);

}  // namespace dubito::chat
