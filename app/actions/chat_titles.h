// A conversation is called by what was said in it first, until a person names it.
#pragma once

#include <QObject>

#include <set>

namespace dubito::app {

class Application;

/// What a conversation is called after its first turn: at most 40 characters of it.
QString talkTitle(const QString& firstTurn);

/// [gui]. Follows the runs of the open project from the first conversation on that is started here.
class ChatTitles : public QObject {
    Q_OBJECT
public:
    static void keep(Application& application);

private:
    explicit ChatTitles(Application& application);
    void look(qint64 runNo);
    void name(qint64 runNo, const std::string& title);
    Application& m_application;
    QString m_project;         ///< the numbers below are of its runs
    std::set<qint64> m_known;  ///< named, no conversation, or being looked at
};

}  // namespace dubito::app
