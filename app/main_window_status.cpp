// The status bar: what runs, what was said, and what the program is set to. Each of them opens something.
#include <QLocale>
#include <QMenu>
#include <QStatusBar>
#include <QTimer>
#include <QToolButton>

#include "action_registry.h"
#include "application.h"
#include "drawer.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "main_window.h"
#include "notifications.h"
#include "progress.h"

namespace dubito::app {
namespace {

constexpr int kNoticeShownMs = 8000;
constexpr int kNoticeWidth = 420;

}  // namespace

QToolButton* MainWindow::statusMenu(const QString& what, const QStringList& actions) {
    auto* word = kit::wordButton({});
    word->setPopupMode(QToolButton::InstantPopup);
    word->setToolTip(what);
    auto* menu = new QMenu(word);
    for (const QString& id : actions)
        if (QAction* action = m_actions->action(id)) menu->addAction(action);
    connect(word, &QToolButton::clicked, menu,
        [word, menu] { menu->popup(word->mapToGlobal(QPoint(0, -menu->sizeHint().height()))); });
    return word;
}

void MainWindow::buildStatus() {
    m_running->setToolTip(tr("What runs, what waits, and in which order"));
    m_gpu->setToolTip(tr("System check"));
    connect(m_running, &QToolButton::clicked, this, [this] { trigger(QStringLiteral("run.queue")); });
    connect(m_notices, &QToolButton::clicked, this, [this] { trigger(QStringLiteral("view.notices")); });
    connect(m_gpu, &QToolButton::clicked, this, [this] { trigger(QStringLiteral("help.system")); });
    auto* offline = kit::wordButton(tr("offline"));
    offline->setToolTip(tr("Nothing leaves this machine: the program opens no connection."));
    connect(offline, &QToolButton::clicked, this, [this] { trigger(QStringLiteral("help.about")); });
    statusBar()->addWidget(m_running);
    statusBar()->addWidget(m_notices);
    statusBar()->addPermanentWidget(m_drawer->words());
    for (QToolButton* one : {m_gpu, offline, m_language, m_theme}) statusBar()->addPermanentWidget(one);
    statusBar()->setSizeGripEnabled(false);
    refreshStatus();
}

QString MainWindow::runningText() const {
    if (!m_busy.isEmpty()) return m_busy;
    if (!m_application.hasProject()) return tr("no project open");
    const QString runs = m_progress.isEmpty() ? progressText({}) : m_progress;
    if (m_application.whyReadOnly().isEmpty()) return runs;
    return m_progress.isEmpty() ? tr("read-only") : tr("read-only, %1").arg(m_progress);
}

void MainWindow::refreshStatus() {
    m_running->setText(runningText());
    m_running->setEnabled(m_application.service());
    m_running->setAccessibleName(m_running->text());
    const Notifications& notices = m_application.notifications();
    QString text = tr("%n notice(s)", nullptr, static_cast<int>(notices.all().size()));
    if (m_noticeTimer->isActive() && !notices.all().isEmpty()) text = notices.all().first().text;
    m_notices->setText(m_notices->fontMetrics().elidedText(
        (notices.unread() ? QStringLiteral("● ") : QString()) + text, Qt::ElideRight, kNoticeWidth));
    m_notices->setAccessibleName(text);
    m_notices->setToolTip(kit::plainToolTip(text));
    static const bool hasGpu = run::hasCudaDevice();  // looks into a folder: not at every tick
    m_gpu->setText(hasGpu ? tr("GPU") : tr("CPU only"));
    m_language->setText(
        QLocale().name().left(2) == QLatin1String("zh") ? QStringLiteral("zh_CN") : QStringLiteral("en"));
    m_theme->setText(kit::themeKind() == kit::ThemeKind::Dark           ? tr("dark")
                     : kit::themeKind() == kit::ThemeKind::HighContrast ? tr("contrast")
                                                                        : tr("light"));
    m_language->setAccessibleName(tr("Language: %1").arg(m_language->text()));
    m_theme->setAccessibleName(tr("Theme: %1").arg(m_theme->text()));
    askProgress();
}

/// The newest notice stands in the bar for a moment.
void MainWindow::showNotice() {
    if (m_application.notifications().unread() > 0) m_noticeTimer->start(kNoticeShownMs);
    else m_noticeTimer->stop();
    refreshStatus();
}

void MainWindow::askProgress() {
    const bool isAsked = m_application.hasProject() && !m_isCounting && m_runCard &&
                         (!m_application.service() || m_application.service()->live() > 0 || !m_progress.isEmpty());
    if (!isAsked) return;
    m_isCounting = true;
    kit::asyncQuery<std::vector<store::RunRow>>(
        m_application.panelContext(), this, &queryAlive, [this](Result<std::vector<store::RunRow>> alive) {
            m_isCounting = false;
            if (!m_application.hasProject()) return;
            m_progress = alive && !alive->empty() ? progressText(progressOf(*alive, nowUs())) : QString();
            m_running->setText(runningText());
            m_running->setAccessibleName(m_running->text());
        });
}

}  // namespace dubito::app
