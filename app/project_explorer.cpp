// The newest hundred runs; the table has them all.
#include "project_explorer.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include "application.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "run/run_state.h"

namespace dubito::app {
namespace {

enum Role { RunNo = Qt::UserRole, State, Sub, Progress };

/// Dot, name, system; progress or reason below when there is one.
class RunDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        return {150, index.data(Progress).toString().isEmpty() ? 40 : 54};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const kit::Palette& c = kit::palette();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect box = option.rect.adjusted(2, 1, -2, -1);
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state & QStyle::State_Selected ? c.accentBg : c.hover);
            painter->drawRoundedRect(box, 6, 6);
        }
        painter->setPen(Qt::NoPen);
        painter->setBrush(kit::stateColour(index.data(State).toInt()));
        painter->drawEllipse(QPointF(box.left() + 12, box.top() + 14), 4, 4);
        painter->setPen(c.text);
        const QRect text = box.adjusted(26, 5, -6, 0);
        painter->drawText(text, Qt::AlignLeft | Qt::AlignTop,
            painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, text.width()));
        QFont small = option.font;
        small.setPixelSize(11);
        painter->setFont(small);
        painter->setPen(c.faint);
        painter->drawText(text.adjusted(0, 17, 0, 0), Qt::AlignLeft | Qt::AlignTop, index.data(Sub).toString());
        painter->setPen(c.warn);
        painter->drawText(text.adjusted(0, 31, 0, 0), Qt::AlignLeft | Qt::AlignTop,
            painter->fontMetrics().elidedText(index.data(Progress).toString(), Qt::ElideRight, text.width()));
        painter->restore();
    }
};

}  // namespace

ProjectExplorer::ProjectExplorer(Application& application)
    : m_application(application), m_file(kit::caption({})), m_count(new QLabel), m_runs(new QListWidget),
      m_reload(new QTimer(this)) {
    setProperty("role", "side");
    setAttribute(Qt::WA_StyledBackground);
    m_runs->setItemDelegate(new RunDelegate(m_runs));
    m_runs->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_runs->setAccessibleName(tr("Runs of the project"));
    m_runs->setMouseTracking(true);
    m_runs->setFrameShape(QFrame::NoFrame);
    m_runs->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* all = new QHBoxLayout;
    auto* allName = new QLabel(tr("All runs"));
    m_count->setProperty("role", "faint");
    all->addWidget(allName);
    all->addWidget(m_count);
    all->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 16, 6, 8);
    layout->addWidget(m_file);
    layout->addLayout(all);
    layout->addSpacing(10);
    layout->addWidget(kit::caption(tr("Runs")));
    layout->addWidget(m_runs, 1);
    m_reload->setSingleShot(true);
    m_reload->setInterval(200);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connect(m_runs, &QListWidget::itemSelectionChanged, this, [this] {
        if (m_following || !m_context.selection) return;
        QVector<qint64> runs;
        for (const QListWidgetItem* item : m_runs->selectedItems()) {
            if (item == m_runs->currentItem()) runs.prepend(item->data(RunNo).toLongLong());
            else runs.append(item->data(RunNo).toLongLong());
        }
        if (!runs.isEmpty()) m_context.selection->setRuns(runs);
    });
}

void ProjectExplorer::attach(const kit::PanelContext& context) {
    detach();
    m_context = context;
    m_file->setText(QFileInfo(m_application.projectPath()).fileName());
    const auto later = [this] {
        if (!m_reload->isActive()) m_reload->start();
    };
    connect(context.events, &kit::RunEvents::added, m_runs, later);
    connect(context.events, &kit::RunEvents::stateChanged, m_runs, later);
    connect(context.events, &kit::RunEvents::committed, m_runs, later);
    connect(context.selection, &kit::Selection::runsChanged, m_runs, [this] {
        m_following = true;
        for (int i = 0; i < m_runs->count(); ++i)
            m_runs->item(i)->setSelected(
                m_context.selection->runs().contains(m_runs->item(i)->data(RunNo).toLongLong()));
        m_following = false;
    });
    load();
}

void ProjectExplorer::detach() {
    if (m_context.events) m_context.events->disconnect(m_runs);
    if (m_context.selection) m_context.selection->disconnect(m_runs);
    m_context = {};
    m_runs->clear();
}

void ProjectExplorer::load() {
    struct Found {
        std::vector<store::RunRow> runs;
        std::int64_t count = 0;
    };
    kit::asyncQuery<Found>(
        m_context, this,
        [](store::Database& db) -> Result<Found> {
            Found out;
            store::RunQuery query;
            query.limit = 100;
            DUBITO_TRY(out.runs, store::queryRuns(db, query));
            DUBITO_TRY(out.count, store::queryCounter(db, "run"));
            return out;
        },
        [this](Result<Found> found) {
            if (!found || !m_context.selection) return;
            m_count->setText(QString::number(found->count));
            m_following = true;
            m_runs->clear();
            for (const auto& run : found->runs) {
                auto* item = new QListWidgetItem(QString::fromStdString(run.name()), m_runs);
                item->setData(RunNo, QVariant::fromValue<qint64>(run.runNo));
                item->setData(State, run.state);
                item->setData(Sub, QString::fromStdString(run.system));
                const auto state = static_cast<dubito::run::RunState>(run.state);
                QString progress;
                if (state == dubito::run::RunState::Failed)
                    progress = QString::fromStdString(
                        std::string(dubito::run::causeName(static_cast<dubito::run::Cause>(run.cause))));
                else if (!dubito::run::isFinal(state))
                    progress = run.total > 0 ? QStringLiteral("%1 %2 %")
                                                   .arg(kit::stateWord(run.state))
                                                   .arg(static_cast<int>(100 * run.done / run.total))
                                             : kit::stateWord(run.state);
                item->setData(Progress, progress);
                item->setData(Qt::AccessibleTextRole,
                    QStringLiteral("%1, %2, %3").arg(item->text(), kit::stateWord(run.state), progress));
                item->setSelected(m_context.selection->runs().contains(run.runNo));
            }
            m_following = false;
        });
}

}  // namespace dubito::app
