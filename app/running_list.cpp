// A request goes to the service; what became of it is read with the next look.
#include "running_list.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "application.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/run_words.h"
#include "progress.h"
#include "run/run_service.h"
#include "run/run_state.h"

namespace dubito::app {
namespace {

enum Column { Name, State, Done, Left, Columns };

QPushButton* button(const QString& text, const char* name, const QString& toolTip) {
    auto* out = new QPushButton(text);
    out->setObjectName(QString::fromLatin1(name));
    out->setToolTip(toolTip);
    out->setAutoDefault(false);
    return out;
}

run::RunState stateOf(const store::RunRow& run) { return static_cast<run::RunState>(run.state); }

/// Those that work, and of `paused` those that can go on or wait for their turn to.
Result<std::vector<store::RunRow>> queryRunning(store::Database& db, const QSet<qint64>& paused) {
    DUBITO_TRY(auto alive, queryAlive(db));
    std::vector<store::RunRow> out;
    for (auto& run : alive)
        if (stateOf(run) != run::RunState::Queued || paused.contains(run.runNo)) out.push_back(std::move(run));
    for (const qint64 runNo : paused) {
        DUBITO_TRY(auto run, store::findRun(db, runNo));
        const bool isStopped = run && run::isFinal(stateOf(*run)) && stateOf(*run) != run::RunState::Done;
        if (isStopped) out.push_back(std::move(*run));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.runNo < b.runNo; });
    return out;
}

}  // namespace

RunningList::RunningList(Application& application, QWidget* parent)
    : QWidget(parent), m_application(application), m_list(new QTreeWidget), m_note(new QLabel),
      m_pause(button(tr("Pause"), "pauseRun", tr("Takes a checkpoint and stops; \"Go on\" continues from it."))),
      m_goOn(button(RunningList::tr("Go on"), "goOn", {})),
      m_stop(button(RunningList::tr("Stop"), "stopRun", RunningList::tr("Ends the run."))) {
    m_list->setHeaderLabels({tr("run"), tr("state"), tr("progress"), tr("time left")});
    m_list->setRootIsDecorated(false);
    m_list->setAccessibleName(tr("Running"));
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->header()->setStretchLastSection(true);
    m_list->setColumnWidth(Name, 280);
    m_note->setWordWrap(true);
    auto* row = new QHBoxLayout;
    for (QPushButton* one : {m_pause, m_goOn, m_stop}) row->addWidget(one);
    row->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_note);
    column->addWidget(m_list, 1);
    column->addLayout(row);
    connect(m_pause, &QPushButton::clicked, this, [this] { stop(true); });
    connect(m_goOn, &QPushButton::clicked, this, [this] { goOn(); });
    connect(m_stop, &QPushButton::clicked, this, [this] { stop(false); });
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, [this] { enable(); });
    fill({});
}

void RunningList::refresh() {
    if (m_project != m_application.projectPath()) {
        m_project = m_application.projectPath();
        m_paused.clear();
        m_isReading = false;
        fill({});
    }
    if (m_isReading || !m_application.hasProject()) return;
    m_isReading = true;
    kit::asyncQuery<std::vector<store::RunRow>>(
        m_application.panelContext(), this,
        [paused = m_paused](store::Database& db) { return queryRunning(db, paused); },
        [this, project = m_project](Result<std::vector<store::RunRow>> runs) {
            if (project != m_project) return;
            m_isReading = false;
            if (runs) fill(*runs);
        });
}

void RunningList::fill(const std::vector<store::RunRow>& runs) {
    const int before = chosen();
    const std::int64_t kept = before < 0 ? 0 : m_runs[static_cast<std::size_t>(before)].runNo;
    m_runs = runs;
    m_note->setText(runs.empty() ? tr("No run is working.") : progressText(progressOf(runs, nowUs())));
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const store::RunRow& run : runs) {
        const bool isOver = run::isFinal(stateOf(run));
        const auto left = isOver ? std::nullopt : secondsLeft(run, nowUs());
        auto* item = new QTreeWidgetItem(m_list,
            {QString::fromStdString(run.name()), isOver ? tr("paused") : kit::stateWord(run.state),
                run.total > 0
                    ? QStringLiteral("%1 %").arg(static_cast<int>(100 * std::clamp(run.done / run.total, 0.0, 1.0)))
                    : kit::progressWord(run),
                left ? clockText(*left) : QStringLiteral("–")});
        item->setToolTip(Name, kit::plainToolTip(item->text(Name)));
        item->setToolTip(State, kit::plainToolTip(kit::endWords(run.detail)));
        if (run.runNo == kept) m_list->setCurrentItem(item);
    }
    enable();
}

int RunningList::chosen() const {
    const auto items = m_list->selectedItems();
    const int row = items.isEmpty() ? -1 : m_list->indexOfTopLevelItem(items[0]);
    return row < static_cast<int>(m_runs.size()) ? row : -1;
}

bool RunningList::mayPause(const store::RunRow& run) {
    const auto plugin = m_application.catalogue().find(run.pluginId, run.pluginVersion);
    return plugin && plugin->checkpoint;
}

void RunningList::enable() {
    const int row = chosen();
    const bool mayWrite = m_application.service() != nullptr;
    const bool isOver = row >= 0 && run::isFinal(stateOf(m_runs[static_cast<std::size_t>(row)]));
    m_stop->setEnabled(mayWrite && row >= 0 && !isOver);
    m_pause->setEnabled(m_stop->isEnabled() && mayPause(m_runs[static_cast<std::size_t>(row)]));
    m_goOn->setEnabled(mayWrite && isOver);
}

void RunningList::stop(bool pauses) {
    const int row = chosen();
    if (row < 0) return;
    const std::int64_t runNo = m_runs[static_cast<std::size_t>(row)].runNo;
    if (pauses) m_paused.insert(runNo);
    else m_paused.remove(runNo);
    m_application.ask([runNo](run::RunService& service) { return service.cancel(runNo); });
    refresh();
}

void RunningList::goOn() {
    const int row = chosen();
    if (row < 0) return;
    m_application.ask([runNo = m_runs[static_cast<std::size_t>(row)].runNo](
                          run::RunService& service) { return service.resume(runNo); });
    refresh();
}

}  // namespace dubito::app
