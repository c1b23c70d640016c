// A question asked with "show layers": its first answer is looked into as soon as it is said.
#pragma once

#include <QObject>

namespace dubito::app {

class Application;

/// Waits for the end of the first answer of a chat and inspects it at the token the model doubted most. Gives up where
/// the user has turned to another run, the project is closed or nothing was said.
class AnswerLayers : public QObject {
    Q_OBJECT
public:
    static void show(Application& application, qint64 runNo);

private:
    AnswerLayers(Application& application, qint64 runNo);
    void look();
    Application& m_application;
    qint64 m_run;
    QString m_project;
    bool m_isLooking = false, m_again = false;
};

}  // namespace dubito::app
