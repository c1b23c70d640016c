// The desktop in a fresh account, with the plugins of the tests, as a person would find it.
#pragma once

#include <QTest>

#include "application.h"
#include "main_window.h"
#include "support/results.h"
#include "support/temp_project.h"

namespace dubito::tests {

constexpr int kPatience = 300'000;  ///< of a slow, busy machine

/// An account of its own; the project is there, but not opened.
struct Desktop {
    TempProject project;
    std::unique_ptr<app::Application> application;
    explicit Desktop(bool opens = true) {
        qputenv("XDG_CONFIG_HOME", project.folder.path().toUtf8() + "/config");
        qputenv("XDG_CACHE_HOME", project.folder.path().toUtf8() + "/cache");
        qputenv("DUBITO_PLUGIN_PATH", DUBITO_BUILD "/fake_plugins");
        application = std::make_unique<app::Application>(
            app::Application::Options{QStringLiteral("en"), QStringLiteral("light"), false, false});
        application->window()->resize(1280, 800);
        application->window()->show();
        if (opens) open(QString::fromStdString(project.file.string()));
    }
    void open(const QString& file) const {
        int outcome = -1;
        application->openProject(file, [&](bool opened) { outcome = opened; });
        if (!QTest::qWaitFor([&] { return outcome >= 0; }, kPatience) || outcome != 1) qFatal("no project");
    }
    /// A run of the plugin that counts, over. @return its number
    qint64 addRun(const std::string& title, int steps = 3) const {
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = title;
        draft.parameters = {{"steps", steps}};
        const auto runNo = get(application->service()->submit(draft, get(host::readManifest(DUBITO_FAKE_PLUGIN))));
        store::RunRow row;
        if (!waitFinal(project.file, runNo, 60, &row)) qFatal("the run does not end");
        return runNo;
    }
    /// A run that goes on until it is stopped. @return its number
    qint64 startRun(const std::string& title) const {
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = title;
        draft.parameters = {{"steps", 1'000'000}, {"sleep_us", 1000}};
        return get(application->service()->submit(draft, get(host::readManifest(DUBITO_FAKE_PLUGIN))));
    }
};

}  // namespace dubito::tests
