// Parameter form -> run spec draft, with a live card of what will be started.
#pragma once

#include <QDialog>

#include "dialogs/param_form.h"
#include "run/run_spec.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace dubito::app {

class Application;

class RunDialog : public QDialog {
    Q_OBJECT
public:
    /// Opens on a draft, on the spec of an existing run (runNo), or on the last unfinished draft.
    static void open(Application& application, QWidget* parent, qint64 runNo, const Json& draft);

private:
    RunDialog(Application& application, QWidget* parent, const Json& draft);
    void choosePlugin(int index, const Json& values);
    void refreshCard();
    void start();
    run::RunDraft draft() const;

    Application& m_application;
    QComboBox *m_plugin, *m_device;
    QLineEdit* m_title;
    QSpinBox *m_seed, *m_threads;
    ParamForm* m_form;
    QLabel *m_card, *m_error;
    std::vector<run::PluginDescription> m_plugins;
    run::RunDraft m_given;  ///< what the dialog was opened on: its inputs hold while their parameters stay
};

}  // namespace dubito::app
