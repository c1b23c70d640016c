// A key that is taken is given to the new action only after the old one is named.
#include "dialogs/shortcut_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "action_registry.h"

namespace dubito::app {

ShortcutDialog::ShortcutDialog(ActionRegistry& actions, QWidget* parent)
    : QDialog(parent), m_actions(actions), m_filter(new QLineEdit), m_list(new QTreeWidget),
      m_keys(new QKeySequenceEdit), m_conflict(new QLabel) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Shortcuts"));
    m_filter->setPlaceholderText(tr("search by name or keys"));
    m_filter->setAccessibleName(tr("Search shortcuts"));
    m_list->setHeaderLabels({tr("action"), tr("keys"), tr("command line")});
    m_list->setRootIsDecorated(false);
    m_list->setAccessibleName(tr("Shortcuts"));
    m_keys->setAccessibleName(tr("New keys"));
    auto* set = new QPushButton(tr("Set"));
    auto* clear = new QPushButton(tr("Remove"));
    auto* reset = new QPushButton(tr("Restore all"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_keys, 1);
    row->addWidget(set);
    row->addWidget(clear);
    row->addWidget(reset);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_filter);
    layout->addWidget(m_list, 1);
    layout->addLayout(row);
    layout->addWidget(m_conflict);
    resize(640, 520);
    const auto current = [this] {
        return m_list->currentItem() ? m_list->currentItem()->data(0, Qt::UserRole).toString() : QString();
    };
    connect(set, &QPushButton::clicked, this, [this, current] {
        const QKeySequence keys = m_keys->keySequence();
        if (current().isEmpty()) return;
        for (const auto& record : m_actions.records())
            if (record.id != current() && !keys.isEmpty() && m_actions.action(record.id)->shortcut() == keys) {
                m_conflict->setText(tr("%1 had these keys and lost them.").arg(m_actions.title(record)));
                m_actions.setShortcut(record.id, {});
            }
        m_actions.setShortcut(current(), keys.toString());
        fill();
    });
    connect(clear, &QPushButton::clicked, this, [this, current] {
        if (!current().isEmpty()) m_actions.setShortcut(current(), {}), fill();
    });
    connect(reset, &QPushButton::clicked, this, [this] { m_actions.resetShortcuts(), fill(); });
    connect(m_filter, &QLineEdit::textChanged, this, [this] { fill(); });
    fill();
}

void ShortcutDialog::fill() {
    const QString kept = m_list->currentItem() ? m_list->currentItem()->data(0, Qt::UserRole).toString() : QString();
    m_list->clear();
    for (const auto& record : m_actions.records()) {
        const QString title = m_actions.title(record),
                      keys = m_actions.action(record.id)->shortcut().toString(QKeySequence::NativeText);
        if (!title.contains(m_filter->text(), Qt::CaseInsensitive) &&
            !keys.contains(m_filter->text(), Qt::CaseInsensitive))
            continue;
        auto* item = new QTreeWidgetItem(m_list, {title, keys, QString::fromLatin1(record.commandLine)});
        item->setData(0, Qt::UserRole, record.id);
        if (record.id == kept) m_list->setCurrentItem(item);
    }
    m_list->resizeColumnToContents(0);
}

}  // namespace dubito::app
