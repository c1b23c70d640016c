// Starting a conversation: from a menu, from a stored run, from a question on the first page.
#pragma once

#include <QString>
#include <functional>

#include "run/run_service.h"

namespace dubito::app {

class Application;

/// A live session stays up for the next turn, where its plugin knows of sessions.
void keepUp(const run::PluginDescription& plugin, Json& parameters);
/// Those members of `given` that the schema knows: the group of another plugin may have more.
Json knownOnly(const Json& schema, const Json& given);

using PrepareChat = std::function<Result<run::RunDraft>(run::RunService&, const run::PluginDescription&)>;
/// Submits what `prepare` makes for the first plugin that talks, selects the run and shows it. `done` on [gui], told
/// whether it started; an error is shown before.
void startChat(Application& application, PrepareChat prepare, std::function<void(bool started)> done = {});

struct Question {
    QString text;
    std::string model;  ///< path; empty: the one that came with the program
    bool isGreedy = true;
};
/// Asks in the open project, or in a new one without a name in the user's data folder.
void askModel(Application& application, const Question& question, std::function<void(bool started)> done);
/// Goes on in the open project, or in a new one without a name. `then` on [gui], not called when none can be made.
void withProject(Application& application, std::function<void()> then, std::function<void()> otherwise = {});

}  // namespace dubito::app
