// The runs that work now: how far each has got, when it will be done, and how it is held or ended.
#pragma once

#include <QSet>
#include <QWidget>

#include "store/queries.h"

class QLabel;
class QPushButton;
class QTreeWidget;

namespace dubito::app {

class Application;

/// A run that was paused here stays in the list, so that it can go on from here.
class RunningList : public QWidget {
    Q_OBJECT
public:
    explicit RunningList(Application& application, QWidget* parent = nullptr);
    void refresh();  ///< reads the project beside the window

private:
    void fill(const std::vector<store::RunRow>& runs);
    void enable();
    void stop(bool pauses);
    void goOn();
    /// Its plugin takes checkpoints: a run that is stopped goes on where it was.
    bool mayPause(const store::RunRow& run);
    /// -1 when none is chosen.
    int chosen() const;

    Application& m_application;
    QTreeWidget* m_list;
    QLabel* m_note;
    QPushButton *m_pause, *m_goOn, *m_stop;
    std::vector<store::RunRow> m_runs;
    QSet<qint64> m_paused;  ///< runs that were paused here
    QString m_project;      ///< whose runs these are
    bool m_isReading = false;
};

}  // namespace dubito::app
