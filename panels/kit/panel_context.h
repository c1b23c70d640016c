// All a panel may touch.
#pragma once

#include <QCoreApplication>
#include <QHash>
#include <QPoint>
#include <QPointer>
#include <functional>

#include "base/result.h"
#include "kit/run_events.h"
#include "kit/selection.h"
#include "store/queries.h"
#include "store/reader_pool.h"

namespace dubito::kit {

struct PanelContext {
    store::ReaderPool* readers = nullptr;  ///< null: no project is open
    RunEvents* events = nullptr;
    Selection* selection = nullptr;
    /// Runs an action of the shell by id ("run.cancel"); panels never build menus of their own.
    std::function<void(const QString& action)> trigger;
    /// Ids of the installed plugins with a role ("chat"), and the ids under which older runs of them are stored.
    std::function<std::vector<std::string>(const QString& role)> pluginsWithRole;
    /// A live command to a running worker.
    std::function<void(qint64 runNo, const QString& verb, const QString& json)> send;
    /// Starts a fine-tune of the packaged model on JSON lines, which are kept where the run's spec finds them again,
    /// and selects it. `parameters`: a JSON object beside the data. Empty: nothing can be started.
    std::function<void(const QByteArray& lines, const QString& parameters, const QString& title)> teach;
    /// The form of a new run of the first plugin with a role, with these parameters set. Empty: nothing can be started.
    std::function<void(const QString& role, const QString& parameters)> compose;
    /// A live session of the first plugin with a role, which stays up for commands; what is selected stays selected.
    /// `ofRun`: works on what that run trained; 0: on the packaged model. `started` on [gui]: its number, or 0 after an
    /// error was shown. Empty: nothing can be started.
    std::function<void(const QString& role, qint64 ofRun, const QString& parameters, const QString& title,
        std::function<void(qint64 runNo)> started)>
        startSession;
    /// Nobody asks this session anything more: it ends. Silent when it is over already.
    std::function<void(qint64 runNo)> endSession;
    /// What the plugin of a run calls its parameters in the language of the window, by key; empty: it is not installed.
    std::function<QHash<QString, QString>(const store::RunRow& run)> parameterTitles;
    /// What every layer thought of a token of a stored answer: inspects that very answer, token for token.
    std::function<void(qint64 runNo, int turn, int token)> inspectAnswer;
    /// What every layer of a checkpoint thinks of given tokens, of which those from `answerFrom` on are an answer.
    struct HeldItem {
        QVector<int> ids;
        int answerFrom = 0;
        QString question;
    };
    std::function<void(qint64 runNo, const QString& checkpoint, const HeldItem& item)> inspectItem;
    /// A person looked at a token of an answer.
    std::function<void()> wordChosen;
    /// An edit of what the user says of runs, undoable: "title" and "note" with their text, "star" on or off. Null
    /// where nothing can be edited.
    std::function<void(const QVector<qint64>& runs, const QString& what, const QString& text)> edit;
    /// What can be done with the selected runs, as a menu at this place of the screen.
    std::function<void(QPoint at)> runMenu;
};

/// Ids of the plugins whose sessions only help to look at another run.
std::vector<std::string> helperPlugins(const PanelContext& context);

/// Runs `query` on a reader thread and hands its result to `done` on [gui]; silent when the receiver has died.
template <class T>
void asyncQuery(const PanelContext& context, QObject* receiver, std::function<Result<T>(store::Database&)> query,
    std::function<void(Result<T>)> done) {
    if (!context.readers) return;
    context.readers->submit([guard = QPointer<QObject>(receiver), query = std::move(query), done = std::move(done)](
                                store::Database& db) mutable {
        auto result = std::make_shared<Result<T>>(query(db));
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, done, result] {
                if (guard) done(std::move(*result));
            },
            Qt::QueuedConnection);
    });
}

}  // namespace dubito::kit
