// A reload changes rows in place while they are the same rows, so that nothing jumps under the pointer.
#include "project_explorer.h"

#include <QAction>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollBar>
#include <QTimer>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include "action_registry.h"
#include "actions/run_facts.h"
#include "application.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "main_window.h"
#include "runs/runs_panel.h"

namespace dubito::app {
namespace {

ExplorerRow rowOf(const QTreeWidgetItem* item) {
    ExplorerRow none;
    none.kind = RowKind::Caption;
    return item ? item->data(0, kRowRole).value<ExplorerRow>() : none;
}

void fill(QTreeWidgetItem* item, const ExplorerRow& row) {
    item->setData(0, kRowRole, QVariant::fromValue(row));
    item->setToolTip(0, row.tip);
    QStringList said{row.text};
    for (const QString& more :
        {row.count, row.state >= 0 ? kit::stateWord(row.state) : QString(), row.sub, row.progress})
        if (!more.isEmpty()) said << more;
    item->setData(0, Qt::AccessibleTextRole, said.join(QStringLiteral(", ")));
    item->setData(0, Qt::DisplayRole, row.text);
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (row.kind == RowKind::Caption || row.kind == RowKind::Note) flags = Qt::ItemIsEnabled;
    item->setFlags(flags);
}

void walk(QTreeWidget* tree, const std::function<void(QTreeWidgetItem*)>& visit) {
    for (int i = 0; i < tree->topLevelItemCount(); ++i) {
        visit(tree->topLevelItem(i));
        for (int j = 0; j < tree->topLevelItem(i)->childCount(); ++j) visit(tree->topLevelItem(i)->child(j));
    }
}

}  // namespace

ProjectExplorer::~ProjectExplorer() { qDeleteAll(m_aside); }

ProjectExplorer::ProjectExplorer(Application& application)
    : m_application(application), m_file(new kit::ElidedLabel), m_tree(new QTreeWidget), m_tools(new QWidget),
      m_toolRow(new QHBoxLayout(m_tools)), m_reload(new QTimer(this)) {
    setProperty("role", "side");
    setAttribute(Qt::WA_StyledBackground);
    m_file->setFont(kit::captionFont());
    m_file->setProperty("role", "faint");
    m_file->setTextFormat(Qt::PlainText);
    m_file->setContentsMargins(8, 0, 8, 0);
    m_tree->setHeaderHidden(true);
    m_tree->setRootIsDecorated(false);
    m_tree->setIndentation(0);
    m_tree->setItemDelegate(new ExplorerDelegate(m_tree));
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_tree->setAccessibleName(tr("Project"));
    m_tree->setMouseTracking(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree->setProperty("role", "explorer");
    m_toolRow->setContentsMargins(4, 2, 4, 2);
    m_toolRow->setSpacing(4);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 16, 8, 8);
    layout->setSpacing(4);
    layout->addWidget(m_file);
    layout->addWidget(m_tree, 1);
    layout->addWidget(m_tools);
    m_tools->hide();
    m_reload->setSingleShot(true);
    m_reload->setInterval(300);
    connect(m_reload, &QTimer::timeout, this, &ProjectExplorer::load);
    connect(m_tree, &QTreeWidget::itemSelectionChanged, this, &ProjectExplorer::publish);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, &ProjectExplorer::showTools);
    connect(m_tree, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem* item) { activate(item, false); });
    connect(m_tree, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { activate(item, true); });
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_tree, &QTreeWidget::customContextMenuRequested, this, [this](QPoint at) {
        if (rowOf(m_tree->itemAt(at)).kind == RowKind::Run && m_context.runMenu)
            m_context.runMenu(m_tree->viewport()->mapToGlobal(at));
    });
    m_tree->installEventFilter(this);
    for (auto signal : {&QTreeWidget::itemExpanded, &QTreeWidget::itemCollapsed})
        connect(m_tree, signal, this, [this](QTreeWidgetItem* item) {
            item->setData(0, kExpandedRole, item->isExpanded());
            if (item->isExpanded() && m_context.readers) m_reload->start(0);
        });
}

void ProjectExplorer::attach(const kit::PanelContext& context) {
    detach();
    m_context = context;
    m_file->setText(QFileInfo(m_application.projectPath()).fileName().toUpper());
    m_file->setToolTip(kit::plainToolTip(m_application.projectPath()));
    const auto later = [this] {
        if (!m_reload->isActive()) m_reload->start(300);
    };
    connect(context.events, &kit::RunEvents::added, m_tree, later);
    connect(context.events, &kit::RunEvents::stateChanged, m_tree, later);
    connect(context.events, &kit::RunEvents::committed, m_tree, later);
    connect(context.selection, &kit::Selection::runsChanged, m_tree, [this] { follow(); });
    load();
}

void ProjectExplorer::detach() {
    if (m_context.events) m_context.events->disconnect(m_tree);
    if (m_context.selection) m_context.selection->disconnect(m_tree);
    m_context = {};
    m_reload->stop();
    m_keys.clear();
    m_tree->clear();
    qDeleteAll(m_aside);
    m_aside.clear();
    m_asideCurrent = nullptr;
    m_toolsFor.clear();
    m_tools->hide();
}

bool ProjectExplorer::isOpen(const char* section) const {
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i)
        if (rowOf(m_tree->topLevelItem(i)).key == QLatin1String(section)) return m_tree->topLevelItem(i)->isExpanded();
    return false;
}

/// Qt gives assistive tools the rows of a hidden tree as if they were in sight: they are put aside meanwhile.
void ProjectExplorer::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    if (event->spontaneous()) return;
    m_asideCurrent = m_tree->currentItem();
    m_asideScroll = m_tree->verticalScrollBar()->value();
    const QSignalBlocker block(m_tree);
    m_aside << m_tree->invisibleRootItem()->takeChildren();
}

void ProjectExplorer::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (event->spontaneous()) return;
    if (!m_aside.isEmpty()) {
        const QSignalBlocker block(m_tree);
        m_tree->addTopLevelItems(std::exchange(m_aside, {}));
        walk(m_tree, [](QTreeWidgetItem* item) { item->setExpanded(item->data(0, kExpandedRole).toBool()); });
        if (m_asideCurrent) m_tree->setCurrentItem(m_asideCurrent, 0, QItemSelectionModel::NoUpdate);
        m_tree->verticalScrollBar()->setValue(m_asideScroll);
    }
    if (!m_context.readers) return;
    follow();
    load();
}

void ProjectExplorer::load() {
    if (!isVisible()) return;  // comes with being shown
    const bool withArtifacts = isOpen(kArtifactsSection), withBin = isOpen(kBinSection);
    kit::asyncQuery<ExplorerContent>(
        m_context, this,
        [asked = ExplorerQuery{withArtifacts, withBin, kit::helperPlugins(m_context)}](
            store::Database& db) { return queryExplorer(db, asked); },
        [this, withArtifacts, withBin](Result<ExplorerContent> content) {
            if (content && m_context.selection && isVisible()) show(explorerRows(*content, withArtifacts, withBin));
        });
}

void ProjectExplorer::show(const std::vector<ExplorerRow>& rows) {
    QStringList keys;
    for (const ExplorerRow& row : rows) keys << row.key;
    m_following = true;
    if (keys != m_keys) {
        rebuild(rows);
    } else {
        std::size_t at = 0;
        walk(m_tree, [&](QTreeWidgetItem* item) { fill(item, rows[at++]); });
    }
    m_keys = keys;
    m_following = false;
    m_tree->doItemsLayout();  // a run that ends has a line less
    follow();
    showTools();
}

void ProjectExplorer::rebuild(const std::vector<ExplorerRow>& rows) {
    const QString current = rowOf(m_tree->currentItem()).key;
    const int scrolled = m_tree->verticalScrollBar()->value();
    QStringList open;
    walk(m_tree, [&](QTreeWidgetItem* item) {
        if (item->isExpanded()) open << rowOf(item).key;
    });
    const QSignalBlocker block(m_tree);
    m_tree->clear();
    QTreeWidgetItem* section = nullptr;
    for (const ExplorerRow& row : rows) {
        auto* item = row.section.isEmpty() ? new QTreeWidgetItem(m_tree) : new QTreeWidgetItem(section);
        fill(item, row);
        if (row.kind == RowKind::Section) section = item;
        if (open.contains(row.key)) {
            item->setExpanded(true);
            item->setData(0, kExpandedRole, true);
        }
        if (row.key == current) m_tree->setCurrentItem(item, 0, QItemSelectionModel::NoUpdate);
    }
    m_tree->verticalScrollBar()->setValue(scrolled);
}

/// The selected runs are marked here too; a place that is marked stays so.
void ProjectExplorer::follow() {
    if (!m_context.selection) return;
    m_following = true;
    walk(m_tree, [&](QTreeWidgetItem* item) {
        const ExplorerRow row = rowOf(item);
        if (row.kind == RowKind::Run) item->setSelected(m_context.selection->runs().contains(row.runNo));
    });
    m_following = false;
}

void ProjectExplorer::publish() {
    if (m_following || !m_context.selection) return;
    // A click beside the rows marks nothing and selects nothing: what is selected stays marked.
    if (m_tree->selectedItems().isEmpty()) return follow();
    QVector<qint64> runs;
    for (const QTreeWidgetItem* item : m_tree->selectedItems()) {
        const ExplorerRow row = rowOf(item);
        if (row.kind != RowKind::Run) continue;
        if (item == m_tree->currentItem()) runs.prepend(row.runNo);
        else runs.append(row.runNo);
    }
    if (!runs.isEmpty()) m_context.selection->setRuns(runs);
}

/// Keys of a list of runs, as in the run table.
bool ProjectExplorer::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_tree || event->type() != QEvent::KeyPress || !m_context.trigger)
        return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    const RowKind kind = rowOf(m_tree->currentItem()).kind;
    if (kind == RowKind::Run && key == Qt::Key_Delete) m_context.trigger(QStringLiteral("edit.delete"));
    else if (kind == RowKind::Run && key == Qt::Key_N) m_context.trigger(QStringLiteral("edit.note"));
    else return QWidget::eventFilter(watched, event);
    return true;
}

MainWindow& ProjectExplorer::ownWindow() const {
    auto* own = qobject_cast<MainWindow*>(window());
    return own ? *own : *m_application.window();
}

void ProjectExplorer::setFilter(const QString& filter) {
    MainWindow& window = ownWindow();
    window.showPanel(QStringLiteral("runs"));
    if (auto* runs = qobject_cast<runs::RunsPanel*>(window.panel(QStringLiteral("runs")))) runs->setFilter(filter);
}

void ProjectExplorer::activate(QTreeWidgetItem* item, bool byKeyboard) {
    const ExplorerRow row = rowOf(item);
    switch (row.kind) {
        case RowKind::AllRuns: setFilter({}); break;
        case RowKind::View: setFilter(QString::fromStdString(row.view.filter)); break;
        case RowKind::Section: item->setExpanded(!item->isExpanded()); break;
        case RowKind::Artifact:
            if (row.runNo) m_context.selection->setRuns({row.runNo});
            break;
        case RowKind::Run:
            if (byKeyboard && m_context.trigger) m_context.trigger(QStringLiteral("run.open"));
            break;
        default: break;
    }
}

QToolButton* ProjectExplorer::addTool(const QString& text, std::function<void()> run) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setProperty("role", "word");
    connect(button, &QToolButton::clicked, this, std::move(run));
    m_toolRow->addWidget(button);
    return button;
}

/// What can be done with the current row, as words below the list.
void ProjectExplorer::showTools() {
    const ExplorerRow row = rowOf(m_tree->currentItem());
    const bool mayWrite = m_application.service() != nullptr;
    ActionRegistry& actions = ownWindow().actionRegistry();
    if (row.kind == RowKind::Section && row.key == QLatin1String(kViewsSection)) actions.refresh();
    const bool maySave = actions.action(QStringLiteral("edit.saveView"))->isEnabled();
    // A reload must not take a button away that is just being pressed.
    const QString shown =
        QStringLiteral("%1 %2 %3 %4 %5 %6").arg(row.key, row.text, row.count, row.tip).arg(mayWrite).arg(maySave);
    if (shown == m_toolsFor) return;
    m_toolsFor = shown;
    while (QLayoutItem* item = m_toolRow->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        delete item;
    }
    const auto action = [&](const char* id, const QString& text) {
        QAction* one = actions.action(QString::fromLatin1(id));
        QToolButton* button = addTool(text, [one] { one->trigger(); });
        button->setEnabled(one->isEnabled());
        button->setToolTip(one->toolTip());
    };
    if (mayWrite && row.kind == RowKind::Section && row.key == QLatin1String(kViewsSection)) {
        action("edit.saveView", tr("Save the filter…"));
    } else if (mayWrite && row.kind == RowKind::View) {
        addTool(tr("Rename…"), [this, view = row.view] { renameView(view); });
        addTool(tr("Delete"), [this, id = row.view.id] {
            editView(tr("Delete view"), [id](store::Database& db) { return store::removeView(db, id); });
        });
    } else if (mayWrite && row.kind == RowKind::Section && row.key == QLatin1String(kBinSection)) {
        if (!row.count.isEmpty()) action("edit.emptyBin", tr("Empty bin…"));
    } else if (mayWrite && row.kind == RowKind::Deleted) {
        addTool(tr("Restore"), [this] { restoreSelected(); });
    } else if (row.kind == RowKind::Artifact) {
        addTool(tr("Copy hash"), [hash = row.hash] { QGuiApplication::clipboard()->setText(hash); });
    }
    m_tools->setVisible(m_toolRow->count() > 0);
    m_toolRow->addStretch();
}

/// Those that are marked in the bin, the current one among them.
void ProjectExplorer::restoreSelected() {
    std::vector<std::int64_t> runs;
    for (const QTreeWidgetItem* item : m_tree->selectedItems())
        if (const ExplorerRow row = rowOf(item); row.kind == RowKind::Deleted) runs.push_back(row.runNo);
    const ExplorerRow current = rowOf(m_tree->currentItem());
    if (current.kind == RowKind::Deleted && std::find(runs.begin(), runs.end(), current.runNo) == runs.end())
        runs.push_back(current.runNo);
    if (runs.empty()) return;
    editView(tr("Restore run"), [runs](store::Database& db) { return store::setDeleted(db, runs, std::nullopt); });
}

void ProjectExplorer::renameView(const store::SavedView& view) {
    bool ok = false;
    const QString title = QInputDialog::getText(
        window(), tr("Rename view"), tr("New name:"), QLineEdit::Normal, QString::fromStdString(view.title), &ok);
    if (!ok || title.trimmed().isEmpty()) return;
    store::SavedView changed = view;
    changed.title = title.trimmed().toStdString();
    editView(tr("Rename view"), [changed](store::Database& db) { return store::putView(db, changed); });
}

void ProjectExplorer::editView(const QString& title, std::function<Result<void>(store::Database&)> body) {
    makeEdit(m_application, [title = title.toStdString(), body = std::move(body)](
                                run::RunService& service) { return service.edit(title, "view only", body); });
}

}  // namespace dubito::app
