// Looks at the open project from outside, once a second and beside the window: is its file still there, has its owner
// left, and what has another program written to it.
#pragma once

#include <QObject>
#include <future>
#include <memory>

#include "run/run_service.h"
#include "serial_thread.h"

class QTimer;

namespace dubito::app {

/// What a run did since the last look.
struct RunNews {
    qint64 runNo = 0;
    int state = 0;
    QString detail;
    bool isNew = false, isStateNew = false;
};

struct ProjectLook {
    store::FileFate fate = store::FileFate::Here;
    bool hasOwner = false;      ///< another process owns it; of a project that is only read
    bool isChanged = false;     ///< another program wrote to it
    bool isStale = false;       ///< what is open no longer shows what the file holds: it must be opened anew
    std::vector<RunNews> news;  ///< of the newest runs and of those that were alive
    QString writeProblem;       ///< of a project that is owned here
};

class ProjectWatch : public QObject {
    Q_OBJECT
public:
    ProjectWatch();
    ~ProjectWatch() override;
    /// @param service null: the project is only read
    void follow(const QString& path, std::shared_ptr<run::RunService> service);
    /// Ready when nothing of the project is in use here any more.
    std::shared_future<void> stop();

Q_SIGNALS:
    void looked(const dubito::app::ProjectLook& look);

private:
    class Eye;
    void look();
    QTimer* m_timer;
    std::shared_ptr<Eye> m_eye;  // its work is done on m_thread
    bool m_isLooking = false;
    std::unique_ptr<SerialThread> m_thread;
};

}  // namespace dubito::app
