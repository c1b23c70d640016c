// A scratch folder with a project and a job home of its own.
#pragma once

#include <QTemporaryDir>
#include <QThread>

#include "host/catalogue.h"
#include "run/run_service.h"
#include "store/opener.h"
#include "store/queries.h"

namespace dubito::tests {

struct TempProject {
    QTemporaryDir folder;
    fs::path file;
    TempProject() {
        file = fs::path(folder.path().toStdString()) / "test.dubito";
        qputenv("XDG_DATA_HOME", folder.path().toUtf8() + "/data");
        qputenv("XDG_STATE_HOME", folder.path().toUtf8() + "/state");
        if (auto made = store::createProject(file, "test"); !made) qFatal("%s", made.error().text().c_str());
    }
};

/// Waits until a run is final. `seconds` is what a quiet machine may take at the most; a busy one gets ten times that.
inline bool waitFinal(const fs::path& file, std::int64_t runNo, int seconds, store::RunRow* out) {
    for (int i = 0; i < seconds * 200; ++i) {
        if (auto db = store::Database::open(file, store::Database::Mode::ReadOnly))
            if (auto row = store::findRun(**db, runNo);
                row && *row && run::isFinal(static_cast<run::RunState>((*row)->state))) {
                *out = **row;
                return true;
            }
        QThread::msleep(50);
    }
    return false;
}

}  // namespace dubito::tests
