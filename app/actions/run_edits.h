// What a person says of runs: names, stars, notes, tags; asked for in one place, whoever wants it.
#pragma once

#include <QPoint>
#include <QString>
#include <QVector>

class QWidget;

namespace dubito::app {

class ActionRegistry;
class Application;

/// "title" and "note" with their text, "star" on or off; one step of the history.
void editRuns(Application& application, const QVector<qint64>& runs, const QString& what, const QString& text);
/// The leading run's name in its row of the table where that is in view, else in a question; several runs get numbers.
void renameRuns(Application& application);
void askNote(Application& application);
/// Of one run its tags; of several those that all of them have.
void askTags(Application& application);
/// Into the bin. Runs that are still going are stopped first; that is asked for: undo does not start them again.
void deleteRuns(Application& application);
/// The actions on runs that a right click offers; greyed ones say why.
void showRunMenu(ActionRegistry& actions, QWidget* parent, QPoint at);

}  // namespace dubito::app
