// Entry of dubito-desktop: arguments, application, event loop.
#include <QApplication>
#include <QCommandLineParser>
#include <QTimer>
#include <cstdio>
#include <cstdlib>

#include "application.h"
#include "base/log.h"
#include "errands.h"

int main(int argc, char** argv) {
    QCoreApplication::setApplicationName(QStringLiteral("Dubito"));
    QCoreApplication::setOrganizationName(QStringLiteral("dubito"));
    QCoreApplication::setApplicationVersion(QStringLiteral(DUBITO_VERSION));
    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    QApplication qt(argc, argv);
    dubito::startLog("dubito-desktop", dubito::LogLevel::Warn);

    QCommandLineParser arguments;
    arguments.addHelpOption();
    arguments.addVersionOption();
    arguments.addPositionalArgument(QStringLiteral("project"), QStringLiteral("project file to open"));
    const QCommandLineOption lang(QStringLiteral("lang"), QStringLiteral("en or zh_CN"), QStringLiteral("code"));
    const QCommandLineOption theme(
        QStringLiteral("theme"), QStringLiteral("light, dark or contrast"), QStringLiteral("name"));
    const QCommandLineOption quitWhenShown(
        QStringLiteral("quit-when-shown"), QStringLiteral("print start-up times and leave"));
    const QCommandLineOption safeMode(QStringLiteral("safe-mode"), QStringLiteral("start no third-party plugin"));
    arguments.addOptions({lang, theme, quitWhenShown, safeMode});
    arguments.process(qt);

    int code = 0;
    {
        dubito::app::Application application(
            {arguments.value(lang), arguments.value(theme), arguments.isSet(safeMode), arguments.isSet(quitWhenShown)});
        application.start(arguments.positionalArguments().value(0));
        code = QApplication::exec();
    }
    if (dubito::app::waitForErrands(std::chrono::seconds(0))) return code;
    // All is closed and kept; a thread that still looks at something must not see the rest go.
    std::fflush(nullptr);
    std::_Exit(code);
}
