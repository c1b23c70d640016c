// Asking for project files. A name that is taken is never written over: it is said, and another is asked for.
#pragma once

#include <QString>
#include <functional>

class QWidget;

namespace dubito::app {

/// With the suffix of projects, whatever was typed; `then` only with a name that is free.
void askForNewProject(
    QWidget* window, const QString& title, const QString& suggested, std::function<void(const QString& path)> then);
void askForProject(QWidget* window, const QString& title, std::function<void(const QString& path)> then);

/// "name" and "name.txt" become "name.dubito" and "name.txt.dubito".
QString withProjectSuffix(const QString& path);

}  // namespace dubito::app
