// A branch stands for all metrics below it.
#include "curves/metric_tree.h"

#include <QHash>
#include <QKeyEvent>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::curves {
namespace {

constexpr int kPath = Qt::UserRole;
constexpr qsizetype kMostLeaves = 2'000;

}  // namespace

MetricTree::MetricTree(QWidget* parent) : QTreeWidget(parent) {
    setAccessibleName(tr("Metrics by name"));
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setFrameShape(QFrame::NoFrame);
    setIndentation(14);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideMiddle);
    connect(this, &QTreeWidget::itemSelectionChanged, this, [this] {
        m_chosen.clear();
        for (const QTreeWidgetItem* item : selectedItems()) m_chosen << item->data(0, kPath).toString();
        Q_EMIT chosenChanged();
    });
}

bool MetricTree::accepts(const QString& key) const {
    if (m_chosen.isEmpty()) return true;
    for (const QString& path : m_chosen)
        if (path.isEmpty() || key == path || (path.endsWith(QLatin1Char('/')) && key.startsWith(path))) return true;
    return false;
}

void MetricTree::setKeys(const QStringList& keys) {
    if (keys == m_keys) return;
    m_keys = keys;
    const QStringList chosen = m_chosen;
    const QSignalBlocker silent(this);
    clear();
    const auto add = [this](QTreeWidgetItem* parent, const QString& text, const QString& path) {
        auto* item = parent ? new QTreeWidgetItem(parent) : new QTreeWidgetItem(this);
        item->setText(0, text);
        item->setToolTip(0, kit::plainToolTip(path));
        item->setData(0, kPath, path);
        return item;
    };
    add(nullptr, tr("All %n metric(s)", nullptr, static_cast<int>(keys.size())), QString());
    QHash<QString, QTreeWidgetItem*> branches;
    for (const QString& key : keys.mid(0, kMostLeaves)) {
        QTreeWidgetItem* parent = nullptr;
        for (qsizetype from = 0, slash; (slash = key.indexOf(QLatin1Char('/'), from)) > 0; from = slash + 1) {
            const QString path = key.left(slash + 1);
            auto& branch = branches[path];
            if (!branch) branch = add(parent, key.mid(from, slash - from), path);
            parent = branch;
        }
        add(parent, key.section(QLatin1Char('/'), -1), key);
    }
    if (keys.size() > kMostLeaves) {
        auto* rest =
            add(nullptr, tr("%n more: filter", nullptr, static_cast<int>(keys.size() - kMostLeaves)), QString());
        rest->setFlags(Qt::NoItemFlags);
    }
    expandToDepth(1);
    for (QTreeWidgetItemIterator it(this); *it; ++it)
        if (chosen.contains((*it)->data(0, kPath).toString())) (*it)->setSelected(true);
    m_chosen.clear();
    for (const QTreeWidgetItem* item : selectedItems()) m_chosen << item->data(0, kPath).toString();
}

void MetricTree::keyPressEvent(QKeyEvent* event) {
    // The panel's key, not a letter to look for.
    if (event->key() == Qt::Key_Slash) event->ignore();
    else if (event->key() == Qt::Key_Escape && !selectedItems().isEmpty()) clearSelection();
    else QTreeWidget::keyPressEvent(event);
}

}  // namespace dubito::curves
