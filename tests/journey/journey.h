// What all journeys share: a screen, one desktop on it, and steps that stop the journey with what was seen.
#pragma once

#include <QTest>

#include "support/hand.h"

/// One step of a person; where it cannot be done the journey ends with the reason and a picture.
#define DO(step) QVERIFY2(step, qPrintable(QStringLiteral(#step ": ") + desk().told()))

namespace dubito::tests {

class Journey : public QObject {
protected:
    Screen& screen() { return *m_screen; }
    Desktop& desk() { return *m_desk; }
    /// A new screen and account; the old ones are gone.
    QString setUp(QSize size = {1280, 800}) {
        m_desk.reset();
        m_screen = std::make_unique<Screen>();
        const QString wrong = m_screen->start(size);
        if (wrong.isEmpty()) m_desk = newDesk();
        return wrong;
    }
    /// A second program on the same screen.
    std::unique_ptr<Desktop> newDesk() {
        return std::make_unique<Desktop>(*m_screen,
            QStringLiteral(DUBITO_BUILD "/journey-pictures/%1-%2")
                .arg(QLatin1String(metaObject()->className()).mid(4), QLatin1String(QTest::currentTestFunction())));
    }
    void tearDown() {
        m_desk.reset();
        m_screen.reset();
    }
    /// Language plugins need LibTorch; a build without it may be shown some by DUBITO_PLUGIN_PATH.
    static bool hasLanguagePlugins() {
#ifdef DUBITO_HAS_COMPUTE
        return true;
#else
        return !qEnvironmentVariableIsEmpty("DUBITO_PLUGIN_PATH");
#endif
    }
    static QString whyNoLanguage() {
        return QStringLiteral("built without LibTorch: there is no language plugin to talk to");
    }

private:
    std::unique_ptr<Screen> m_screen;
    std::unique_ptr<Desktop> m_desk;
};

}  // namespace dubito::tests
