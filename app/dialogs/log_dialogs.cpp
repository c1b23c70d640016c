// What is shown follows the list; what is selected stays selected where it still is.
#include "dialogs/log_dialogs.h"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "application.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "main_window.h"
#include "notifications.h"

namespace dubito::app {
namespace {

constexpr int kRun = Qt::UserRole;
constexpr int kTimeWidth = 150, kWhatWidth = 210;

QTreeWidget* makeList(const QString& name, const QStringList& headers) {
    auto* list = new QTreeWidget;
    list->setHeaderLabels(headers);
    list->setRootIsDecorated(false);
    list->setUniformRowHeights(true);
    list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    list->setAccessibleName(name);
    list->setTextElideMode(Qt::ElideRight);
    list->header()->setStretchLastSection(true);
    list->setColumnWidth(0, kTimeWidth);
    return list;
}

QPushButton* button(const QString& text, const char* name) {
    auto* out = new QPushButton(text);
    out->setObjectName(QString::fromLatin1(name));
    out->setAutoDefault(false);
    return out;
}

QTreeWidgetItem* quiet(QTreeWidget* list, const QString& text) {
    auto* item = new QTreeWidgetItem(list, {QString(), text});
    item->setFlags(Qt::NoItemFlags);
    return item;
}

}  // namespace

NoticesDialog::NoticesDialog(Application& application, QWidget* parent)
    : QDialog(parent), m_application(application), m_list(makeList(tr("Notices"), {tr("time"), tr("notice")})),
      m_open(button(tr("Open the run"), "open")), m_copy(button(tr("Copy"), "copy")),
      m_clear(button(tr("Clear the list"), "clear")) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Notices"));
    auto* row = new QHBoxLayout;
    for (QPushButton* one : {m_open, m_copy}) row->addWidget(one);
    row->addStretch();
    row->addWidget(m_clear);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_list, 1);
    column->addLayout(row);
    resize(720, 400);
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, &NoticesDialog::enable);
    connect(m_list, &QTreeWidget::itemActivated, this, &NoticesDialog::openRun);
    connect(m_open, &QPushButton::clicked, this, &NoticesDialog::openRun);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QStringList lines;
        for (const QTreeWidgetItem* item : m_list->selectedItems())
            lines << item->text(0) + QLatin1Char('\t') + item->text(1);
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    });
    connect(m_clear, &QPushButton::clicked, &application.notifications(), &Notifications::clear);
    connect(&application.notifications(), &Notifications::changed, this, &NoticesDialog::fill);
    fill();
}

void NoticesDialog::fill() {
    Notifications& notices = m_application.notifications();
    m_list->clear();
    for (const Notice& notice : notices.all()) {
        auto* item = new QTreeWidgetItem(m_list, {momentText(notice.time), notice.text});
        item->setFont(0, kit::monoFont());
        item->setToolTip(1, kit::plainToolTip(notice.text));
        item->setData(0, kRun, notice.runNo);
    }
    m_clear->setEnabled(!notices.all().isEmpty());
    if (notices.all().isEmpty()) quiet(m_list, tr("Nothing to report."));
    enable();
    notices.markRead();
}

void NoticesDialog::enable() {
    const auto chosen = m_list->selectedItems();
    m_copy->setEnabled(!chosen.isEmpty());
    m_open->setEnabled(m_application.hasProject() && chosen.size() == 1 && chosen[0]->data(0, kRun).toLongLong() != 0);
}

void NoticesDialog::openRun() {
    if (m_open->isEnabled())
        m_application.window()->openRun(m_list->selectedItems().first()->data(0, kRun).toLongLong());
}

HistoryDialog::HistoryDialog(Application& application, QWidget* parent)
    : QDialog(parent), m_application(application),
      m_list(makeList(tr("History"), {tr("time"), tr("action"), tr("command line")})),
      m_withViews(new QCheckBox(tr("Also what only changed the view"))), m_copy(button(tr("Copy as command"), "copy")),
      m_copyAll(button(tr("Copy all as a script"), "copyAll")) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("History"));
    m_list->setColumnWidth(1, kWhatWidth);
    auto* row = new QHBoxLayout;
    for (QPushButton* one : {m_copy, m_copyAll}) row->addWidget(one);
    row->addStretch();
    row->addWidget(m_withViews);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_list, 1);
    column->addLayout(row);
    resize(820, 420);
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, &HistoryDialog::enable);
    connect(m_withViews, &QCheckBox::toggled, this, &HistoryDialog::fill);
    connect(m_copy, &QPushButton::clicked, this, [this] { copy(false); });
    connect(m_copyAll, &QPushButton::clicked, this, [this] { copy(true); });
    connect(&application, &Application::historyChanged, this, &HistoryDialog::fill);
    fill();
}

void HistoryDialog::fill() {
    m_list->clear();
    for (const HistoryEntry& entry : m_application.history()) {
        if (entry.command.isEmpty() && !m_withViews->isChecked()) continue;
        auto* item = new QTreeWidgetItem(m_list, {momentText(entry.time), entry.title, entry.command});
        for (const int column : {0, 2}) item->setFont(column, kit::monoFont());
        item->setToolTip(2, kit::plainToolTip(entry.command));
    }
    m_copyAll->setEnabled(m_list->topLevelItemCount() > 0);
    if (m_list->topLevelItemCount() == 0) quiet(m_list, tr("Nothing was done yet."));
    enable();
}

void HistoryDialog::enable() {
    const auto chosen = m_list->selectedItems();
    m_copy->setEnabled(std::any_of(
        chosen.begin(), chosen.end(), [](const QTreeWidgetItem* item) { return !item->text(2).isEmpty(); }));
}

/// In the order in which it was done.
void HistoryDialog::copy(bool all) {
    QStringList lines;
    for (int i = m_list->topLevelItemCount() - 1; i >= 0; --i) {
        const QTreeWidgetItem* item = m_list->topLevelItem(i);
        if ((all || item->isSelected()) && !item->text(2).isEmpty()) lines << item->text(2);
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace dubito::app
