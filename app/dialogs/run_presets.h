// Settings of a plugin under a name, to begin a run with: of a person, not of a project.
#pragma once

#include <QToolButton>
#include <functional>

#include "base/json.h"

namespace dubito::app {

class Settings;

class RunPresets : public QToolButton {
    Q_OBJECT
public:
    /// `now`: what stands in the form, an object.
    RunPresets(Settings& settings, std::function<Json()> now, QWidget* parent = nullptr);
    void setPlugin(const QString& id);
    /// Under a name; one of that name is replaced. @return false: there are too many, or they are too long
    bool save(const QString& name, const Json& preset);

Q_SIGNALS:
    void chosen(const Json& preset);

private:
    Json all() const;  ///< name -> preset
    void keep(const Json& presets);
    void fill();
    void ask();

    Settings& m_settings;
    std::function<Json()> m_now;
    QString m_plugin;
};

}  // namespace dubito::app
