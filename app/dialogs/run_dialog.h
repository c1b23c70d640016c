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
class RunPresets;

class RunDialog : public QDialog {
    Q_OBJECT
public:
    /// Opens on a draft, on an existing run (runNo) with its files where they lie, or on the last unfinished draft.
    static void open(Application& application, QWidget* parent, qint64 runNo, const Json& draft);

    run::RunDraft draft() const;  ///< what Run would start now; of several the first
    /// One of every combination of values and seeds; more than 100 are cut to 101.
    std::vector<run::RunDraft> drafts() const;
    QString command() const;  ///< the same as a command line each
    QString json() const;     ///< the same as a spec file, or as a list of them

    void done(int result) override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    RunDialog(Application& application, QWidget* parent, const run::RepeatableRun& given, const Json& several);
    QWidget* makeCard();
    void addButtons(QVBoxLayout* layout);
    void listPlugins();
    void takeGiven(run::RepeatableRun given, const Json& several);
    /// The chosen one, with these values, and lists of values by pointer.
    void showPlugin(const Json& values, const Json& several = Json::object());
    Json preset() const;
    void takePreset(const Json& preset);
    void takeSeeds(const Json& several);
    static std::optional<std::int64_t> countOf(const NumberField* field, std::int64_t low, std::int64_t high);
    std::vector<std::int64_t> seeds() const;
    run::RunDraft draftWith(Json parameters, std::int64_t seed, const QString& words) const;
    Json several() const;
    QString kept() const;  ///< the draft with all values, for the disk
    void tellCount();
    const run::PluginDescription* plugin() const;
    void refreshCard();
    void estimate();  ///< from what earlier runs of the plugin took
    QString faultSentence() const;
    bool showMissingInput();
    void keepDraft();
    void dropDraft();
    void start();
    void onRefused(const Error& error);

    static constexpr std::int64_t kMostSeed = 9007199254740991;  // numbers of a spec are exact up to here
    static constexpr std::int64_t kMostThreads = 1024;
    static constexpr std::size_t kMostRuns = 100;

    Application& m_application;
    QComboBox *m_plugin, *m_device;
    QLineEdit* m_title;
    NumberField *m_seed, *m_threads;
    ParamForm* m_form;
    QLabel *m_summary, *m_differences, *m_count, *m_demand, *m_estimate, *m_error;
    QTimer* m_keep;  ///< runs while the draft on disk is older than the form
    RunPresets* m_presets;
    QPushButton* m_run = nullptr;
    qint64 m_usual = 0;  ///< what earlier runs took, microseconds; 0: not known
    std::vector<run::PluginDescription> m_plugins;
    run::RunDraft m_given;  ///< what the dialog was opened on: its inputs hold while their parameters stay
    QStringList m_notes;    ///< what of it this version no longer takes
};

}  // namespace dubito::app
