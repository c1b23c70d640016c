// Files that are dropped on the window: a project opens, a spec fills the run dialog, a model is talked to.
#pragma once

#include <QStringList>

namespace dubito::app {

class Application;

enum class DroppedKind { Project, Spec, Model, Unknown };
/// By what lies there, without opening it: a project that is open here must not be opened beside SQLite.
DroppedKind droppedKind(const QString& path);
/// Each of them; what cannot be opened is named, with what can.
void openDropped(Application& application, const QStringList& paths);

}  // namespace dubito::app
