// A plugin's form -> run draft, with a live card of what will be started.
#pragma once

#include <QDialog>

#include "dialogs/param_form.h"
#include "run/repeat.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTimer;
class QVBoxLayout;

namespace dubito::app {

class Application;
class NumberField;

class RunDialog : public QDialog {
    Q_OBJECT
public:
    /// Opens on a draft, on an existing run (runNo) with its files where they lie, or on the last unfinished draft.
    static void open(Application& application, QWidget* parent, qint64 runNo, const Json& draft);

    run::RunDraft draft() const;  ///< what Run would start now
    QString command() const;      ///< the same as a command line
    QString json() const;         ///< the same as a spec file

    void done(int result) override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    RunDialog(Application& application, QWidget* parent, const run::RepeatableRun& given);
    QWidget* makeCard();
    void addButtons(QVBoxLayout* layout);
    void listPlugins();
    void takeGiven(run::RepeatableRun given);
    void showPlugin(const Json& values);  ///< the chosen one, with these values
    const run::PluginDescription* plugin() const;
    void refreshCard();
    void estimate();  ///< from what earlier runs of the plugin took
    QString faultSentence() const;
    bool showMissingInput();
    void keepDraft();
    void dropDraft();
    void start();
    void onRefused(const Error& error);

    Application& m_application;
    QComboBox *m_plugin, *m_device;
    QLineEdit* m_title;
    NumberField *m_seed, *m_threads;
    ParamForm* m_form;
    QLabel *m_summary, *m_differences, *m_demand, *m_estimate, *m_error;
    QTimer* m_keep;  ///< runs while the draft on disk is older than the form
    QPushButton* m_run = nullptr;
    std::vector<run::PluginDescription> m_plugins;
    run::RunDraft m_given;  ///< what the dialog was opened on: its inputs hold while their parameters stay
    QStringList m_notes;    ///< what of it this version no longer takes
};

}  // namespace dubito::app
