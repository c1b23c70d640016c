// Which of the five things were done, told by what is in the project; kept for the person over projects and starts.
#pragma once

#include <QObject>

class QTimer;

namespace dubito::app {

class Application;

class TryMarks : public QObject {
    Q_OBJECT
public:
    static constexpr int kThings = 5;
    static TryMarks& of(Application& application);
    bool isDone(int thing) const;
    int done() const;
    void markWord();  ///< a token of an answer was looked at

Q_SIGNALS:
    void changed();

private:
    explicit TryMarks(Application& application);
    void look();
    void mark(int thing);
    Application& m_application;
    QTimer* m_soon;
    int m_marks = 0;  ///< one bit a thing
    bool m_isLooking = false;
};

}  // namespace dubito::app
