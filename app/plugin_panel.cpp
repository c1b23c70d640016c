// List left, what the manifest says right.
#include "plugin_panel.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPointer>
#include <QPushButton>
#include <QSplitter>
#include <QTextBrowser>
#include <QTreeWidget>
#include <QUrl>
#include <QVBoxLayout>

#include "application.h"
#include "errands.h"
#include "error_presenter.h"
#include "host/plugin_check.h"
#include "host/strikes.h"
#include "run/param_schema.h"

namespace dubito::app {
namespace {

QString healthOf(const host::CatalogueEntry& entry) {
    if (!entry.plugin) return PluginPanel::tr("refused");
    if (host::isDisabled(entry.plugin->id, entry.plugin->version)) return PluginPanel::tr("disabled");
    const int strikes = host::strikesOf(entry.plugin->id, entry.plugin->version);
    return strikes ? PluginPanel::tr("crashed %1 of 3").arg(strikes) : PluginPanel::tr("ok");
}

/// Where it lies, without what is the same for every plugin of this machine; "Show folder" opens the rest.
QString shortFolder(const fs::path& folder) {
    return QStringLiteral("…/") + QString::fromStdString((folder.parent_path().parent_path().filename() /
                                                          folder.parent_path().filename() / folder.filename())
                                                             .string());
}

QString language() { return QLocale().language() == QLocale::Chinese ? QStringLiteral("zh_CN") : QStringLiteral("en"); }

}  // namespace

PluginPanel::PluginPanel(Application& application)
    : Panel(QStringLiteral("plugins")), m_application(application), m_list(new QTreeWidget), m_card(new QTextBrowser) {
    m_list->setHeaderLabels({tr("name"), tr("id"), tr("version"), tr("licence"), tr("health")});
    m_list->setRootIsDecorated(false);
    m_list->setAccessibleName(tr("Plugins"));
    m_card->setFrameShape(QFrame::NoFrame);
    m_card->setOpenLinks(false);
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(12, 10, 12, 8);
    const auto button = [&](const QString& text, std::function<void(const host::CatalogueEntry&)> act) {
        auto* one = new QPushButton(text);
        connect(one, &QPushButton::clicked, this, [this, act] {
            const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
            if (row >= 0) act(m_application.catalogue().entries()[static_cast<std::size_t>(row)]);
        });
        buttons->addWidget(one);
    };
    button(tr("Check"), [this](const host::CatalogueEntry&) { check(); });
    button(tr("Enable"), [this](const host::CatalogueEntry& entry) {
        if (entry.plugin) (void)host::setDisabled(entry.plugin->id, entry.plugin->version, false), load();
    });
    button(tr("Disable"), [this](const host::CatalogueEntry& entry) {
        if (entry.plugin) (void)host::setDisabled(entry.plugin->id, entry.plugin->version, true), load();
    });
    button(tr("Show folder"), [](const host::CatalogueEntry& entry) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(entry.folder.string())));
    });
    auto* rescan = new QPushButton(tr("Rescan"));
    connect(rescan, &QPushButton::clicked, this, [this] {
        m_application.rescanPlugins();
        load();
    });
    buttons->addWidget(rescan);
    buttons->addStretch();
    auto* split = new QSplitter;
    split->addWidget(m_list);
    split->addWidget(m_card);
    split->setSizes({300, 460});
    m_states = new kit::StateView(split);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(buttons);
    layout->addWidget(m_states, 1);
    connect(m_list, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (item) showEntry(m_list->indexOfTopLevelItem(item));
    });
}

void PluginPanel::load() {
    const int before = m_list->indexOfTopLevelItem(m_list->currentItem());
    m_list->clear();
    for (const auto& entry : m_application.catalogue().entries()) {
        const auto& plugin = entry.plugin;
        m_list->addTopLevelItem(
            new QTreeWidgetItem({plugin ? QString::fromStdString(plugin->titleIn(language().toStdString()))
                                        : QString::fromStdString(entry.folder.filename().string()),
                plugin ? QString::fromStdString(plugin->id) : QString(),
                plugin ? QString::fromStdString(plugin->version) : QString(),
                plugin ? QString::fromStdString(plugin->licence) : QString(), healthOf(entry)}));
    }
    for (int column = 0; column < 5; ++column) m_list->resizeColumnToContents(column);
    if (m_list->topLevelItemCount() == 0) {
        QString roots;
        for (const auto& root : host::Catalogue::roots())
            roots += QLatin1Char('\n') + QString::fromStdString(root.string());
        m_states->showEmpty(tr("No plugins found in:%1").arg(roots));
        return;
    }
    m_states->showContent();
    m_list->setCurrentItem(m_list->topLevelItem(std::max(0, std::min(before, m_list->topLevelItemCount() - 1))));
}

void PluginPanel::showEntry(int index) {
    const auto& entry = m_application.catalogue().entries()[static_cast<std::size_t>(index)];
    if (!entry.plugin) {
        m_card->setPlainText(tr("Refused: %1").arg(QString::fromStdString(entry.refusal)));
        return;
    }
    const auto& plugin = *entry.plugin;
    const auto summary = plugin.summary.find(language().toStdString());
    QString html =
        QStringLiteral("<h3>%1</h3><p>%2</p>")
            .arg(QString::fromStdString(plugin.titleIn(language().toStdString())).toHtmlEscaped(),
                QString::fromStdString(summary != plugin.summary.end() ? summary->second : plugin.summary.at("en"))
                    .toHtmlEscaped());
    html += QStringLiteral("<p>%1</p><h4>%2</h4><table cellpadding='2'>")
                .arg(shortFolder(entry.folder).toHtmlEscaped(), tr("Parameters"));
    for (const auto& leaf : run::parameterLeaves(plugin.parameters))
        html += QStringLiteral("<tr><td><nobr><code>%1</code></nobr></td><td>%2</td><td>%3</td></tr>")
                    .arg(QString::fromStdString(leaf.path).toHtmlEscaped(), QString::fromStdString(leaf.type),
                        QString::fromStdString(leaf.description).toHtmlEscaped());
    html += QStringLiteral("</table><h4>%1</h4><table cellpadding='2'>").arg(tr("Outputs"));
    for (const auto& output : plugin.outputs)
        html += QStringLiteral("<tr><td><nobr><code>%1</code></nobr></td><td>%2</td><td>%3</td></tr>")
                    .arg(QString::fromStdString(output.key).toHtmlEscaped(), QString::fromStdString(output.kind),
                        QString::fromStdString(output.unit).toHtmlEscaped());
    html += QStringLiteral("</table><h4>%1</h4><p>").arg(tr("Commands"));
    for (const auto& command : plugin.commands)
        html += QStringLiteral("<code>%1</code> ").arg(QString::fromStdString(command.verb).toHtmlEscaped());
    m_card->setHtml(html + QStringLiteral("</p>"));
}

void PluginPanel::check() {
    const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
    const fs::path folder = m_application.catalogue().entries()[static_cast<std::size_t>(row)].folder;
    auto worker = run::findWorker();
    if (!worker) {
        presentError(this, worker.error());
        return;
    }
    m_card->setPlainText(tr("Checking; this runs the plugin's demo several times…"));
    runErrand([guard = QPointer<PluginPanel>(this), folder, worker = *worker] {
        QString text;
        for (const auto& line : host::checkPlugin(folder, worker, 60)) {
            const char* verdict = line.verdict == host::CheckLine::Verdict::Ok     ? "ok  "
                                  : line.verdict == host::CheckLine::Verdict::Warn ? "warn"
                                                                                   : "FAIL";
            text += QStringLiteral("%1  %2  %3\n")
                        .arg(QString::fromLatin1(verdict), QString::fromStdString(line.group).leftJustified(10),
                            QString::fromStdString(line.text));
            if (!line.fix.empty() && line.verdict != host::CheckLine::Verdict::Ok)
                text += QStringLiteral("      %1\n").arg(QString::fromStdString(line.fix));
        }
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, text] {
                if (guard) guard->m_card->setPlainText(text);
            },
            Qt::QueuedConnection);
    });
}

kit::DataTable PluginPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Plugins");
    table.columns = {tr("name"), tr("id"), tr("version"), tr("licence"), tr("health")};
    for (int i = 0; i < m_list->topLevelItemCount(); ++i) {
        QStringList row;
        for (int column = 0; column < 5; ++column) row << m_list->topLevelItem(i)->text(column);
        table.rows << row;
    }
    return table;
}

}  // namespace dubito::app
