// A tree of folders; what was found is a list of turns. Names are plain text.
#include "chat/chat_list.h"

#include <QDateTime>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QVBoxLayout>

#include <map>

#include "kit/controls.h"
#include "kit/flow_layout.h"

namespace dubito::chat {
namespace {

constexpr int kRunRole = Qt::UserRole, kTurnRole = Qt::UserRole + 1;

QString whenText(std::int64_t us) {
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(us / 1000);
    return at.toString(at.date() == QDate::currentDate() ? QStringLiteral("HH:mm") : QStringLiteral("yyyy-MM-dd"));
}

}  // namespace

QString titleOf(const store::ConversationRow& row) {
    constexpr int kMostShown = 60;
    const QString name = QString::fromStdString(row.name), first = QString::fromStdString(row.firstTurn).simplified();
    // "chat" is what a new one is called until something is said.
    if (name != QLatin1String("chat") || first.isEmpty()) return name;
    return first.size() > kMostShown ? first.left(kMostShown - 1) + QStringLiteral("…") : first;
}

ChatList::ChatList(QWidget* parent)
    : QWidget(parent), m_field(new QLineEdit), m_tree(new QTreeWidget), m_open(new QPushButton(tr("Open"))),
      m_beside(new QPushButton(tr("Beside"))), m_rename(new QPushButton(tr("Rename…"))),
      m_folder(new QPushButton(tr("Folder…"))), m_star(new QPushButton(tr("Star"))),
      m_delete(new QPushButton(tr("Delete"))), m_soon(new QTimer(this)) {
    m_field->setPlaceholderText(tr("Search in all conversations"));
    m_field->setAccessibleName(m_field->placeholderText());
    m_field->setClearButtonEnabled(true);
    m_field->installEventFilter(this);
    m_tree->setAccessibleName(tr("Conversations"));
    m_tree->setColumnCount(2);
    m_tree->setHeaderHidden(true);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_tree->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_tree->setUniformRowHeights(true);
    m_tree->setIndentation(14);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->installEventFilter(this);
    m_beside->setToolTip(tr("In a second column beside the one that is shown"));
    m_delete->setToolTip(tr("Into the bin; a model that still runs is stopped. Undo brings it back."));
    m_open->setProperty("role", "primary");
    auto* buttons = new kit::FlowLayout;
    buttons->setSpacing(6);
    for (auto* one : {m_open, m_beside, m_rename, m_folder, m_star, m_delete}) buttons->addWidget(one);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 8);
    column->setSpacing(6);
    column->addWidget(m_field);
    column->addWidget(m_tree, 1);
    column->addLayout(buttons);
    m_soon->setSingleShot(true);
    m_soon->setInterval(150);
    connect(m_soon, &QTimer::timeout, this, &ChatList::search);
    connect(m_field, &QLineEdit::textChanged, this, [this] { m_soon->start(); });
    connect(m_tree, &QTreeWidget::itemActivated, this, [this] { open(); });
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this] { refreshButtons(); });
    connect(m_tree, &QTreeWidget::customContextMenuRequested, this, &ChatList::showMenu);
    connect(m_open, &QPushButton::clicked, this, &ChatList::open);
    connect(m_beside, &QPushButton::clicked, this, [this] { Q_EMIT besideAsked(selectedRun()); });
    connect(m_rename, &QPushButton::clicked, this, [this] { act("edit.title"); });
    connect(m_folder, &QPushButton::clicked, this, [this] { act("chat.folder"); });
    connect(m_star, &QPushButton::clicked, this, [this] { act("edit.star"); });
    connect(m_delete, &QPushButton::clicked, this, [this] { act("chat.delete"); });
    refreshButtons();
}

void ChatList::begin() {
    m_field->clear();
    m_soon->stop();
    build();
    m_field->setFocus();
}

qint64 ChatList::selectedRun() const {
    const QTreeWidgetItem* item = m_tree->currentItem();
    return item ? item->data(0, kRunRole).toLongLong() : 0;
}

void ChatList::setRows(std::vector<store::ConversationRow> rows, qint64 current) {
    m_rows = std::move(rows);
    m_current = current;
    if (!isVisible()) return;
    if (m_field->text().trimmed().isEmpty()) build();
    else search();
}

QTreeWidgetItem* ChatList::addRow(QTreeWidgetItem* parent, const store::ConversationRow& row) {
    auto* item = new QTreeWidgetItem;
    const QString title = titleOf(row);
    item->setText(0, row.star ? QStringLiteral("★ ") + title : title);
    item->setToolTip(0, kit::plainToolTip(title));
    item->setText(1, whenText(row.createdUs));
    item->setData(0, kRunRole, static_cast<qint64>(row.runNo));
    item->setData(0, kTurnRole, -1);
    item->setData(0, Qt::AccessibleTextRole, row.star ? tr("%1, starred").arg(title) : title);
    if (parent) parent->addChild(item);
    else m_tree->addTopLevelItem(item);
    return item;
}

void ChatList::build() {
    ++m_generation;  // an answer of a search that is on its way is late
    const qint64 selected = selectedRun() ? selectedRun() : m_current;
    m_tree->clear();
    std::map<QString, QTreeWidgetItem*> folders;
    for (const auto& row : m_rows)
        if (!row.folder.empty()) folders[QString::fromStdString(row.folder)] = nullptr;
    for (auto& [title, item] : folders) {
        item = new QTreeWidgetItem(m_tree, {title});
        item->setExpanded(true);
    }
    for (const auto& row : m_rows) {
        auto* item = addRow(row.folder.empty() ? nullptr : folders[QString::fromStdString(row.folder)], row);
        if (row.runNo == selected) m_tree->setCurrentItem(item);
    }
    refreshButtons();
}

void ChatList::search() {
    const QString text = m_field->text().trimmed();
    if (text.isEmpty()) return build();
    constexpr int kMostFound = 200;
    kit::asyncQuery<std::vector<store::SaidRow>>(
        m_context, this,
        [plugins = m_plugins, text = text.toStdString()](
            store::Database& db) { return store::searchConversations(db, plugins, text, kMostFound); },
        [this, generation = ++m_generation](Result<std::vector<store::SaidRow>> found) {
            if (generation != m_generation) return;
            showFound(found ? *found : std::vector<store::SaidRow>());
        });
}

void ChatList::showFound(const std::vector<store::SaidRow>& found) {
    m_tree->clear();
    const QString wanted = m_field->text().trimmed();
    std::map<std::int64_t, QTreeWidgetItem*> talks;
    for (const auto& row : m_rows) {
        const bool isNamed = titleOf(row).contains(wanted, Qt::CaseInsensitive);
        const bool isFound =
            std::any_of(found.begin(), found.end(), [&](const auto& hit) { return hit.runNo == row.runNo; });
        if (isNamed || isFound) talks[row.runNo] = addRow(nullptr, row);
    }
    for (const auto& hit : found) {
        const auto talk = talks.find(hit.runNo);
        if (talk == talks.end()) continue;
        auto* item = new QTreeWidgetItem(talk->second, {QString::fromStdString(hit.text).simplified()});
        item->setToolTip(0, kit::plainToolTip(QString::fromStdString(hit.text)));
        item->setData(0, kRunRole, static_cast<qint64>(hit.runNo));
        item->setData(0, kTurnRole, static_cast<int>(hit.turn));
    }
    m_tree->expandAll();
    if (m_tree->topLevelItemCount() > 0) m_tree->setCurrentItem(m_tree->topLevelItem(0));
    else new QTreeWidgetItem(m_tree, {tr("“%1” was not said in this project.").arg(wanted)});
    refreshButtons();
}

void ChatList::open() {
    const QTreeWidgetItem* item = m_tree->currentItem();
    if (item && selectedRun()) Q_EMIT openAsked(selectedRun(), item->data(0, kTurnRole).toInt());
}

void ChatList::act(const char* action) {
    if (const qint64 runNo = selectedRun()) Q_EMIT actionAsked(runNo, QString::fromLatin1(action));
}

void ChatList::refreshButtons() {
    const bool isOne = selectedRun() != 0;
    for (auto* one : {m_open, m_beside, m_rename, m_folder, m_star, m_delete}) one->setEnabled(isOne);
    m_beside->setEnabled(isOne && selectedRun() != m_current);
}

void ChatList::showMenu(const QPoint& at) {
    if (!m_tree->itemAt(at) || !selectedRun()) return;
    QMenu menu(this);
    for (auto* one : {m_open, m_beside, m_rename, m_folder, m_star, m_delete})
        menu.addAction(one->text(), one, &QPushButton::click)->setEnabled(one->isEnabled());
    menu.exec(m_tree->viewport()->mapToGlobal(at));
}

bool ChatList::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && watched == m_tree) {
        // These keys mean the row here, not the run that is selected in the window.
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_F2 || key == Qt::Key_Delete) event->accept();
    }
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Escape) {
        if (m_field->text().isEmpty()) Q_EMIT closeAsked();
        else m_field->clear();
        return true;
    }
    if (watched == m_field && (key == Qt::Key_Down || key == Qt::Key_Up)) {
        m_tree->setFocus();
        if (!m_tree->currentItem()) m_tree->setCurrentItem(m_tree->topLevelItem(0));
        return true;
    }
    if (watched == m_field && (key == Qt::Key_Return || key == Qt::Key_Enter)) {
        open();
        return true;
    }
    if (watched == m_tree) {
        const std::pair<int, QPushButton*> keys[] = {
            {Qt::Key_F2, m_rename}, {Qt::Key_Delete, m_delete}, {Qt::Key_Return, m_open}, {Qt::Key_Enter, m_open}};
        for (const auto& [wanted, button] : keys)
            if (key == wanted && button->isEnabled()) {
                button->click();
                return true;
            }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace dubito::chat
