// One conversation as a column: the active path through the tree of turns.
#pragma once

#include <QScrollArea>
#include <QVBoxLayout>

#include <optional>

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
    QVector<int> path() const;
    void setCurrentToken(int turn, int index);
    int currentTurn() const { return m_currentTurn; }
    int currentIndex() const { return m_currentIndex; }
    /// Turns that were answered in words: for "as a table" and copying.
    QString asText() const;

Q_SIGNALS:
    void changed();  ///< live state, leaf or numbers
    void tokenChosen(int turn, int index);
    void editAsked(int turn);
    void againAsked(int turn);
    void promptAsked(int turn);

private:
    void rebuild(const QVector<int>& changed);
    TurnView* makeTurn();
    void showTitle(const store::RunRow& row);
    kit::PanelContext m_context;
    qint64 m_run = 0;
    int m_generation = 0;
    bool m_loading = false, m_again = false, m_live = false, m_isLoaded = false;
    bool m_sticks = true;  ///< to the end, while it grows
    QString m_name;
    Sampling m_sampling;
    Conversation m_data;
    std::map<int, int> m_chosen;  ///< parent -> child that is shown; else the newest
    kit::ElidedLabel* m_title;
    QScrollArea* m_area;
    QVBoxLayout* m_column;
    QVector<TurnView*> m_views;
    int m_currentTurn = -1, m_currentIndex = -1;
};

}  // namespace dubito::chat
