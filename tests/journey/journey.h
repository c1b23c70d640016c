// What all journeys share: a screen, one desktop on it, and steps that stop the journey with what was seen.
#pragma once

#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include "support/hand.h"

/// One step of a person; where it cannot be done the journey ends with the reason and a picture.
#define DO(step) DO_AT(desk(), step)
#define DO_AT(desktop, step)                                                                   \
    do {                                                                                       \
        if (!(step)) QFAIL(qPrintable(QStringLiteral("%1: %2").arg(#step, (desktop).told()))); \
    } while (false)

namespace dubito::tests {

class Journey : public QObject {
protected:
    bool hasScreen() const { return m_screen != nullptr; }
    Screen& screen() { return *m_screen; }
    Desktop& desk() { return *m_desk; }
    /// A new screen and account; the old ones are gone.
    QString setUp(QSize size = {1280, 800}) {
        tearDown();
        m_screen = std::make_unique<Screen>();
        const QString wrong = m_screen->start(size);
        if (wrong.isEmpty()) m_desk = newDesk();
        return wrong;
    }
    /// One more program on the same screen.
    std::unique_ptr<Desktop> newDesk() {
        return std::make_unique<Desktop>(*m_screen, [this] {
            return QStringLiteral(DUBITO_BUILD "/journey-pictures/%1-%2")
                .arg(QString::fromLatin1(metaObject()->className()).section(QStringLiteral("::"), -1),
                    QLatin1String(QTest::currentTestFunction()));
        });
    }
    void tearDown() {
        m_desk.reset();
        m_screen.reset();
    }
    QString path(const QString& name) const { return m_screen->home() + QLatin1Char('/') + name; }

    /// The command line as this account; empty, or what it said when it failed.
    QString dubito(const QStringList& arguments, QByteArray* said = nullptr) {
        QProcess process;
        process.setProcessEnvironment(m_screen->environment());
        process.start(QStringLiteral(DUBITO_BIN "/dubito"), arguments);
        if (!process.waitForFinished(kPatienceS * 1000)) return QStringLiteral("dubito does not end");
        if (said) *said = process.readAllStandardOutput();
        return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
    }
    bool shows(const QString& role, const QString& name, const QString& in = {}) { return desk().has(role, name, in); }

    /// The strip of tokens of the last answer; it is called by its length, or by the token that is chosen in it.
    std::optional<Node> answerStrip() {
        static const QRegularExpression name(QStringLiteral("^(Answer of [0-9]+ token|token [0-9]+ of [0-9]+: )"));
        std::optional<Node> out;
        for (const Node& node : desk().see())
            if (node.name.contains(name) && !node.seen.isEmpty()) out = node;
        return out;
    }
    /// Plugins of language models need LibTorch; a build without it may be shown some by DUBITO_PLUGIN_PATH.
    static bool hasLanguage() {
#ifdef DUBITO_HAS_COMPUTE
        return true;
#else
        return qEnvironmentVariable("DUBITO_PLUGIN_PATH").contains(QLatin1String("plugins"));
#endif
    }

    /// True when an earlier step of this journey failed: the later ones stand on it.
    bool isBroken() {
        m_isBroken = m_isBroken || QTest::currentTestFailed();
        return m_isBroken;
    }

private:
    bool m_isBroken = false;
    std::unique_ptr<Screen> m_screen;
    std::unique_ptr<Desktop> m_desk;
};

}  // namespace dubito::tests

/// First in init() of a journey whose steps go on from each other.
#define NEEDS_EARLIER_STEPS() \
    if (isBroken()) QSKIP("an earlier step of this journey failed")
#define NEEDS_LANGUAGE() \
    if (!hasLanguage()) QSKIP("built without LibTorch: there is no language model to talk to")
#define SCREEN(...)                                                                                               \
    if (const QString lacking = dubito::tests::Screen::missing(); !lacking.isEmpty()) QSKIP(qPrintable(lacking)); \
    if (const QString wrong = setUp(__VA_ARGS__); !wrong.isEmpty()) QFAIL(qPrintable(wrong))
