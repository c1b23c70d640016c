// One conversation as a column: the active path through the tree of turns.
#pragma once

#include <QScrollArea>
#include <QVBoxLayout>

#include <optional>

#include "chat/pending_turn.h"
#include "chat/turn_view.h"
#include "kit/panel_context.h"

namespace dubito::chat {

/// How the run draws its answers, as its spec says; empty: it does not say.
struct Sampling {
    std::optional<double> temperature;
    std::optional<int> longest;  ///< tokens of an answer
};

class ConversationView : public QWidget {
    Q_OBJECT
public:
    explicit ConversationView(QWidget* parent = nullptr);
    void attach(const kit::PanelContext& context) { m_context = context; }
    void follow(qint64 runNo);  ///< 0: nothing
    void reload();              ///< new records, if any
    qint64 run() const { return m_run; }
    bool isLive() const { return m_live; }
    bool isLoaded() const { return m_isLoaded; }  ///< name, state and sampling are those of run()
    const QString& name() const { return m_name; }
    const Sampling& sampling() const { return m_sampling; }
    bool isSpeaking() const;
    const Conversation& conversation() const { return m_data; }
    /// The turn that a new one hangs below: the last answer of the path; -1: none yet.
    int leaf() const;
    QVector<int> path() const { return pathOf(m_data, m_chosen); }
    void setCurrentToken(int turn, int index);  ///< its card is shown; -1: none
    void setAsText(bool on);                    ///< answers as Markdown, not as tokens
    void setTitled(bool on);                    ///< name and model above it: beside another one
    /// Shows this version, also once it is there; `isFixed`: newer ones do not take its place.
    void reveal(int turn, bool isFixed = false);
    qint64 contextTokens() const;  ///< what the next answer reads at least; 0: not known
    qint64 contextRoom() const;    ///< 0: not known
    int currentTurn() const { return m_currentTurn; }
    int currentIndex() const { return m_currentIndex; }
Q_SIGNALS:
    void changed();  ///< live state, leaf or numbers
    void tokenChosen(int turn, int index);
    void editAsked(int turn);
    void againAsked(int turn);
    void promptAsked(int turn);
    void branchAsked(int turn, int index, int tokenId);
    void besideAsked(int turn);
    void closeAsked();  ///< this column

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void rebuild(const QVector<int>& changed);
    TurnPlace placeOf(const Turn& turn) const;
    const Turn* otherOf(const Turn& turn, const QVector<int>& siblings) const;
    TurnView* makeTurn();
    void goTo(int turn);
    void showReveal();
    void chooseToken(int turn, int index);
    void keepStill(int turn, int index);  ///< through what is laid out next
    void showNewer(const QVector<int>& changed, const QVector<int>& path);
    void showTitle(const store::RunRow& row);
    void showPending(const store::RunRow& row, const QString& question, const QString& model);
    void showCard();  ///< of the current token, whole
    kit::PanelContext m_context;
    qint64 m_run = 0;
    int m_generation = 0;
    bool m_loading = false, m_again = false, m_live = false, m_isLoaded = false;
    bool m_sticks = true;  ///< to the end, while it grows
    bool m_asText = false, m_isTitled = false, m_isFixed = false, m_isFailed = false;
    int m_reveal = -1;  ///< a turn that is to be shown once it is there
    QString m_name;
    Sampling m_sampling;
    Conversation m_data;
    std::map<int, int> m_chosen;  ///< parent -> child that is shown; else the newest
    QWidget* m_head;
    kit::ElidedLabel* m_title;
    QScrollArea* m_area;
    QVBoxLayout* m_column;
    PendingTurn* m_pending = nullptr;  ///< while nothing is said so far
    QVector<TurnView*> m_views;
    int m_currentTurn = -1, m_currentIndex = -1;
};

}  // namespace dubito::chat
