// The desktop from outside: a screen with a window manager and an account of its own, a mouse and a keyboard, and eyes
// that read what assistive tools read. Knows nothing of the program but its name.
#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QPoint>
#include <QProcess>
#include <QRect>
#include <QStringList>
#include <QTemporaryDir>
#include <QVector>

#include <functional>
#include <memory>
#include <optional>

namespace dubito::tests {

/// Of a slow, busy machine with one core, in seconds. DUBITO_PATIENCE in the environment is for those who write
/// journeys.
inline const int kPatienceS =
    qEnvironmentVariableIsSet("DUBITO_PATIENCE") ? qEnvironmentVariableIntValue("DUBITO_PATIENCE") : 240;

/// The mouse and the keyboard of a display, and what it shows.
class Hand {
public:
    static std::unique_ptr<Hand> create(const QString& display);  ///< null: the display cannot be reached
    ~Hand();
    Hand(const Hand&) = delete;

    bool hasWindowManager() const;
    QSize size() const;
    QPoint pointer() const { return m_at; }
    void move(QPoint to);
    void click(QPoint at, int button = 1);  ///< never the second half of a double click
    void doubleClick(QPoint at);
    void drag(QPoint from, QPoint to);
    void wheel(QPoint at, int notches);  ///< above 0: down
    void key(const QString& keys);       ///< "Ctrl+Shift+N", "F6", "Return", "."
    void type(const QString& text);
    bool bringUp(qint64 pid);  ///< its window to the front, as a task bar does; false: it has none so far
    bool hasPopup() const;     ///< a menu, or another window that no window manager knows of
    QImage picture() const;

private:
    struct Display;
    explicit Hand(std::unique_ptr<Display> display);
    void button(int number, bool isDown);
    void stroke(unsigned long symbol);

    std::unique_ptr<Display> m_display;
    QElapsedTimer m_sinceClick;
    QPoint m_at, m_clicked;
};

/// A virtual screen with a window manager and buses, and an account nobody has used before. Gone with its owner.
class Screen {
public:
    Screen();
    ~Screen();
    Screen(const Screen&) = delete;

    /// Empty when all that a screen needs is installed; else a sentence on what is not.
    static QString missing();
    /// Empty when all runs; else a sentence on what does not.
    QString start(QSize size = {1280, 800});
    Hand& hand() { return *m_hand; }
    QString home() const { return m_home; }
    QString accessBus() const { return m_accessBus; }
    QProcessEnvironment environment() const { return m_environment; }
    /// Processes of this account whose command names `part`, screen and buses left out; pids.
    QVector<qint64> processes(const QString& part) const;
    /// Ends all that was started here, and what those started.
    void stop();

private:
    bool launch(const QString& program, const QStringList& arguments, QProcess** out = nullptr);

    QTemporaryDir m_folder;
    QString m_home, m_accessBus;
    QProcessEnvironment m_environment;
    std::vector<std::unique_ptr<QProcess>> m_servants;
    std::unique_ptr<Hand> m_hand;
};

/// What assistive tools are told of one thing on the screen.
struct Node {
    enum State { Active = 1, Checked = 4, Enabled = 8, Expanded = 10, Focused = 12, Selected = 23, Showing = 25 };
    QString path, role, name, text;
    quint64 states = 0;
    QRect box, seen;  ///< whole; what of it is not clipped by what it lies in
    int parent = -1, depth = 0;

    bool is(State state) const { return states >> state & 1; }
    QString line() const;
};

/// One started program. Steps wait for what they need; a step that fails is false, and `told()` says why.
class Desktop {
public:
    explicit Desktop(Screen& screen, std::function<QString()> pictures);  ///< path of a picture, without its end
    ~Desktop();
    Desktop(const Desktop&) = delete;

    bool start(const QStringList& arguments = {}, const QMap<QString, QString>& more = {});
    bool quit();  ///< Ctrl+Q, and the end waited for
    void kill(int signal);
    bool waitEnd(int seconds = kPatienceS);
    qint64 pid() const { return m_process ? m_process->processId() : 0; }
    bool isAlive() const { return m_process && m_process->state() == QProcess::Running; }
    QByteArray said() const;  ///< what it wrote to its outputs

    /// All that is shown, parents before children. `*` in names matches anything.
    QVector<Node> see();
    std::optional<Node> find(const QString& role, const QString& name, const QString& in = {});
    bool has(const QString& role, const QString& name, const QString& in = {}) { return !!find(role, name, in); }
    bool until(const std::function<bool()>& isSo, const QString& what, int seconds = kPatienceS);
    bool wait(const QString& role, const QString& name, const QString& in = {}, int seconds = kPatienceS);
    /// Waits until look after look shows the same. Looks are answered by the thread that takes the keys.
    bool settle();
    bool waitGone(const QString& role, const QString& name, const QString& in = {});

    /// Waits until it is there, can be used and lies still; scrolls to it where it is out of sight.
    bool click(const QString& role, const QString& name, const QString& in = {}, int button = 1);
    bool clickAt(const QString& role, const QString& name, QPointF part, const QString& in = {});
    bool doubleClick(const QString& role, const QString& name, const QString& in = {});
    bool menu(const QStringList& way);  ///< {"Run", "New run…"}
    bool choose(const QString& box, const QString& item, const QString& in = {});
    /// Clicks the field until it takes the keys, replaces what stands in it.
    bool fill(const QString& role, const QString& name, const QString& text, const QString& in = {});
    bool key(const QString& keys);
    bool type(const QString& text);
    bool bringUp();  ///< its window before all others
    std::optional<Node> focused();
    bool tabTo(const QString& role, const QString& name);  ///< by Tab alone

    /// Why the last step failed. A picture and all that was shown lie in the build folder.
    QString told();
    void picture(const QString& name);

private:
    std::optional<Node> still(const QString& role, const QString& name, const QString& in);
    bool scrollTo(const Node& node);

    Screen& m_screen;
    std::function<QString()> m_pictures;
    QString m_log, m_app, m_why;
    std::unique_ptr<QProcess> m_process;
    std::unique_ptr<class Eyes> m_eyes;
};

}  // namespace dubito::tests
