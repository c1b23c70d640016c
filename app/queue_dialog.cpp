// Nothing here is changed at once: a request goes to the service, and the next look shows what became of it.
#include "queue_dialog.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QTimer>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "application.h"
#include "kit/controls.h"
#include "run/run_service.h"
#include "running_list.h"

namespace dubito::app {
namespace {

constexpr int kLookEveryMs = 250;

QPushButton* button(const QString& text, const QString& name) {
    auto* out = new QPushButton(text);
    out->setObjectName(name);
    out->setAutoDefault(false);
    return out;
}

}  // namespace

void QueueDialog::open(Application& application, QWidget* window) {
    auto* dialog = window->findChild<QueueDialog*>();
    if (!dialog) dialog = new QueueDialog(application, window);
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
}

QueueDialog::QueueDialog(Application& application, QWidget* parent)
    : QDialog(parent), m_application(application), m_running(new RunningList(application)), m_list(new QTreeWidget),
      m_note(new QLabel), m_pause(new QCheckBox(tr("Pause the queue"))),
      m_first(button(tr("To the front"), QStringLiteral("first"))), m_up(button(tr("Up"), QStringLiteral("up"))),
      m_down(button(tr("Down"), QStringLiteral("down"))), m_cancel(button(tr("Cancel run"), QStringLiteral("cancel"))) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Running and waiting"));
    m_list->setHeaderLabels({tr("run"), tr("threads"), tr("memory"), tr("GPUs"), tr("waits for")});
    m_list->setRootIsDecorated(false);
    m_list->setAccessibleName(tr("Queue"));
    m_list->header()->setStretchLastSection(true);
    m_pause->setToolTip(tr("Queued runs stay where they are; a chat starts all the same."));
    m_note->setWordWrap(true);
    auto* row = new QHBoxLayout;
    for (QPushButton* one : {m_first, m_up, m_down, m_cancel}) row->addWidget(one);
    row->addStretch(1);
    row->addWidget(m_pause);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(kit::caption(tr("Running")));
    layout->addWidget(m_running, 1);
    layout->addWidget(kit::caption(tr("Waiting")));
    layout->addWidget(m_note);
    layout->addWidget(m_list, 1);
    layout->addLayout(row);
    resize(720, 520);
    connect(m_first, &QPushButton::clicked, this, [this] { moveTo(0); });
    connect(m_up, &QPushButton::clicked, this, [this] { move(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { move(1); });
    connect(m_cancel, &QPushButton::clicked, this, [this] { cancelRun(); });
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, [this] { enable(); });
    connect(m_pause, &QCheckBox::clicked, this, [this](bool isPaused) {
        m_application.ask([isPaused](run::RunService& service) -> Result<void> {
            service.setQueuePaused(isPaused);
            return {};
        });
        refresh();
    });
    auto* timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, [this] { refresh(); });
    timer->start(kLookEveryMs);
    enable();
    refresh();
}

void QueueDialog::refresh() {
    m_running->refresh();
    const auto service = m_application.sharedService();
    if (!service) {
        fill({}, false);
        m_pause->setEnabled(false);
        return;
    }
    if (m_isReading) return;
    m_isReading = true;
    m_application.later([guard = QPointer(this), application = &m_application, service] {
        auto queue = std::make_shared<std::vector<run::QueuedRun>>(service->queue());
        const bool isPaused = service->isQueuePaused();
        QMetaObject::invokeMethod(
            application,
            [guard, queue, isPaused] {
                if (!guard) return;
                guard->m_isReading = false;
                guard->m_pause->setEnabled(true);
                guard->fill(*queue, isPaused);
            },
            Qt::QueuedConnection);
    });
}

void QueueDialog::fill(const std::vector<run::QueuedRun>& queue, bool isPaused) {
    const std::int64_t kept = chosen();
    m_pause->setChecked(isPaused);
    m_note->setText(queue.empty()
                        ? tr("No run waits.")
                        : tr("%n run(s) wait, the first to start on top.", nullptr, static_cast<int>(queue.size())));
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const run::QueuedRun& run : queue) {
        auto* item = new QTreeWidgetItem(m_list,
            {QString::fromStdString(run.name), QString::number(run.demand.threads),
                QString::fromStdString(run::memoryText(run.demand.memoryBytes)), QString::number(run.demand.gpus),
                run.waitsFor.empty() ? tr("nothing: it is about to start") : QString::fromStdString(run.waitsFor)});
        item->setData(0, Qt::UserRole, QVariant::fromValue<qint64>(run.runNo));
        if (run.runNo == kept) m_list->setCurrentItem(item);
    }
    enable();
}

std::int64_t QueueDialog::chosen() const {
    const auto items = m_list->selectedItems();
    return items.isEmpty() ? 0 : items[0]->data(0, Qt::UserRole).toLongLong();
}

void QueueDialog::enable() {
    const int row = chosen() == 0 ? -1 : m_list->indexOfTopLevelItem(m_list->selectedItems()[0]);
    m_first->setEnabled(row > 0);
    m_up->setEnabled(row > 0);
    m_down->setEnabled(row >= 0 && row + 1 < m_list->topLevelItemCount());
    m_cancel->setEnabled(row >= 0);
}

void QueueDialog::move(int by) {
    if (chosen() != 0) moveTo(m_list->indexOfTopLevelItem(m_list->selectedItems()[0]) + by);
}

void QueueDialog::moveTo(int row) {
    const std::int64_t runNo = chosen();
    if (runNo == 0 || row < 0) return;
    m_application.ask([runNo, row](run::RunService& service) -> Result<void> {
        // It may have started meanwhile: then there is nothing to move, which the next look shows.
        (void)service.moveInQueue(runNo, static_cast<std::size_t>(row));
        return {};
    });
    refresh();
}

void QueueDialog::cancelRun() {
    const std::int64_t runNo = chosen();
    if (runNo == 0) return;
    m_application.ask([runNo](run::RunService& service) { return service.cancel(runNo); });
    refresh();
}

}  // namespace dubito::app
