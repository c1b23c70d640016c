// Asks nothing; every line leads somewhere.
#include "start_page.h"

#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>
#include <memory>
#include <thread>

#include "action_registry.h"
#include "application.h"
#include "cli/system_check.h"
#include "error_presenter.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "settings.h"

namespace dubito::app {

StartPage::StartPage(Application& application, ActionRegistry& actions)
    : m_application(application), m_recent(new QListWidget) {
    setProperty("role", "page");
    setAttribute(Qt::WA_StyledBackground);
    auto* title = new QLabel(QStringLiteral("Dubito"));
    title->setProperty("role", "title");
    auto* motto = new QLabel(tr("Dubito, ergo cogito, ergo sum. Look inside a model; keep everything in one file."));
    motto->setProperty("role", "sub");
    auto* buttons = new QHBoxLayout;
    const auto button = [&](const char* id, bool primary) {
        QAction* action = actions.action(QString::fromLatin1(id));
        auto* one = new QPushButton(action->text().remove(QLatin1Char('&')));
        if (primary) one->setProperty("role", "primary");
        connect(one, &QPushButton::clicked, action, &QAction::trigger);
        buttons->addWidget(one);
    };
    button("project.demo", true);
    button("project.new", false);
    button("project.open", false);
    buttons->addStretch();
    m_recent->setAccessibleName(tr("Recent projects"));
    m_recent->setFrameShape(QFrame::NoFrame);
    connect(m_recent, &QListWidget::itemActivated, this,
        [this](QListWidgetItem* item) { m_application.openProject(item->data(Qt::UserRole).toString()); });
    connect(m_recent, &QListWidget::itemClicked, this,
        [this](QListWidgetItem* item) { m_application.openProject(item->data(Qt::UserRole).toString()); });
    auto* left = new QVBoxLayout;
    left->addWidget(title);
    left->addWidget(motto);
    left->addSpacing(18);
    left->addLayout(buttons);
    left->addSpacing(22);
    left->addWidget(kit::caption(tr("Recent projects")));
    left->addWidget(m_recent, 1);
    auto* right = new QVBoxLayout;
    right->addWidget(kit::caption(tr("System check")));
    right->addWidget(makeSystemCheck(this), 1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(60, 50, 60, 40);
    row->setSpacing(60);
    row->addLayout(left, 3);
    row->addLayout(right, 2);
    refresh();
}

void StartPage::refresh() {
    m_recent->clear();
    for (const QString& path : m_application.settings().recent()) {
        const QFileInfo info(path);
        auto* item = new QListWidgetItem(
            info.exists() ? tr("%1    %2 · %3")
                                .arg(info.fileName(), info.lastModified().toString(QStringLiteral("yyyy-MM-dd HH:mm")),
                                    QLocale().formattedDataSize(info.size()))
                          : tr("%1    missing").arg(info.fileName()),
            m_recent);
        item->setData(Qt::UserRole, path);
        item->setToolTip(path);
        if (!info.exists()) item->setForeground(kit::palette().faint);
    }
    if (m_recent->count() == 0) {
        auto* item = new QListWidgetItem(tr("None yet. The demo takes a minute to fill."), m_recent);
        item->setFlags(Qt::NoItemFlags);
    }
}

QWidget* makeSystemCheck(QWidget* parent) {
    auto* holder = new QWidget(parent);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    auto* waiting = new QLabel(StartPage::tr("Checking…"));
    waiting->setProperty("role", "sub");
    column->addWidget(waiting);
    column->addStretch();
    // The worker is started once to see that it starts: not on the window's thread.
    std::thread([guard = QPointer<QWidget>(holder)] {
        auto lines = cli::checkSystem();
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, lines = std::move(lines)] {
                if (!guard) return;
                auto* column = static_cast<QVBoxLayout*>(guard->layout());
                const std::unique_ptr<QLayoutItem> waiting(column->takeAt(0));
                delete waiting->widget();
                int at = 0;
                for (const auto& line : lines) {
                    auto* value = kit::mono(QString::fromStdString(line.found));
                    column->insertWidget(at++, kit::keyValueRow(QString::fromStdString(line.what), value));
                    if (!line.remedy.empty() && line.what != "display") {
                        auto* remedy = new QLabel(QString::fromStdString(line.remedy));
                        remedy->setProperty("role", "faint");
                        remedy->setWordWrap(true);
                        column->insertWidget(at++, remedy);
                    }
                }
            },
            Qt::QueuedConnection);
    }).detach();
    return holder;
}

void queueDemo(Application& application, QWidget* parent) {
    std::error_code error;
    for (const fs::path& folder :
        {programFolder() / "../share/dubito/projects", fs::path(DUBITO_SOURCE_DIR) / "projects"}) {
        auto text = readFile(folder / "demo.json", 1 << 20);
        auto demo = text ? parseJson(*text) : Result<Json>(text.error());
        if (!demo) continue;
        for (const Json& name : memberOf(*demo, "specs")) {
            auto spec = readFile(folder / name.get<std::string>(), 1 << 20);
            auto draft = spec ? run::draftFromJson(*spec) : Result<run::RunDraft>(spec.error());
            if (!draft) return presentError(parent, draft.error());
            auto plugin = application.catalogue().find(draft->pluginId, draft->pluginVersion);
            if (!plugin) return presentError(parent, plugin.error());
            // Hashing the model takes a moment: not on the window's thread.
            std::thread([service = application.sharedService(), draft = *draft, plugin = *plugin] {
                (void)service->submit(draft, plugin);
            }).detach();
        }
        return;
    }
    presentError(parent, Error(Code::NotFound, "demo.json is neither installed nor in the source tree"));
}

}  // namespace dubito::app
