// Teaching a model a few examples, and the live sessions that panels ask for.
#pragma once

#include <QByteArray>
#include <QString>
#include <functional>

#include "host/catalogue.h"
#include "run/run_service.h"

namespace dubito::app {

class Application;

/// Folder of the newest checkpoint whose hashes hold; reads all of it, so not on the store's thread. @error NotFound
Result<fs::path> newestCheckpoint(run::RunService& service, std::int64_t runNo);
/// The model that a checkpoint holds: an adapter for the model it was trained on, or a whole one. @error NotFound
Result<Json> modelIn(const fs::path& folder, const std::string& trainedOn);

/// Keeps the lines by their content in the user's data, where a spec that names them finds them again. @error Io
Result<fs::path> keepLines(const QByteArray& lines);

/// As kit::PanelContext::teach and ::startSession say. [gui]
void teach(Application& application, const QByteArray& lines, const QString& parameters, const QString& title);
void startSession(Application& application, const QString& role, qint64 ofRun, const QString& parameters,
    const QString& title, std::function<void(qint64 runNo)> started);

/// The form of a new run of the first plugin with a role; parameters that its schema does not know are dropped.
void composeRun(Application& application, const QString& role, const QString& parameters);

}  // namespace dubito::app
