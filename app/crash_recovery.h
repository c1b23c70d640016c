// Knows whether the desktop ended cleanly last time, and what was open.
#pragma once

#include <QString>

namespace dubito::app {

/// A small file in the state folder exists while the program runs; finding it at start means an unclean end.
class CrashRecovery {
public:
    CrashRecovery();
    bool wasUnclean() const { return m_wasUnclean; }
    QString lastProject() const { return m_lastProject; }
    void setProject(const QString& path);
    void endCleanly();
    static void saveDraft(const QString& json);
    static QString draft();
    static void dropDraft();

private:
    bool m_wasUnclean = false;
    QString m_lastProject;
};

}  // namespace dubito::app
