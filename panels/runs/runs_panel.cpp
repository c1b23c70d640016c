// The name takes what the other columns leave.
#include "runs/runs_panel.h"

#include <QHeaderView>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "run/run_state.h"

namespace dubito::runs {
namespace {

constexpr int kNarrowestName = 160;
/// All columns but the name, which takes what they leave. Where that is too little, the first of these go first.
constexpr std::pair<int, int> kWidths[] = {{RunsModel::Duration, 74}, {RunsModel::System, 66},
    {RunsModel::Started, 102}, {RunsModel::Progress, 72}, {RunsModel::Number, 92}, {RunsModel::State, 84}};

/// State as a dot with its word.
class PillDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem shifted = option;
        initStyleOption(&shifted, index);
        shifted.text.clear();
        option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &shifted, painter, option.widget);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(kit::stateColour(index.data(RunsModel::StateRole).toInt()));
        painter->drawEllipse(QPointF(option.rect.left() + 12, option.rect.center().y() + 0.5), 4, 4);
        painter->setPen(kit::palette().sub);
        const QRect room = option.rect.adjusted(22, 0, -2, 0);
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
            option.fontMetrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, room.width()));
        painter->restore();
    }
};

}  // namespace

RunsPanel::RunsPanel(QWidget* parent)
    : Panel(QStringLiteral("runs"), parent), m_model(new RunsModel(this)), m_table(new QTableView),
      m_filter(new QLineEdit), m_metric(new kit::LabelledChoice(tr("number"))),
      m_reducer(new kit::LabelledChoice(tr("value"))) {
    buildTable();
    m_states = new kit::StateView(m_table);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(buildTools());
    layout->addWidget(m_states, 1);
    setFocusProxy(m_table);
    connectTable();
}

void RunsPanel::buildTable() {
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Runs"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSortingEnabled(true);
    m_table->setItemDelegateForColumn(RunsModel::State, new PillDelegate(m_table));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    auto* header = m_table->horizontalHeader();
    header->setSortIndicator(RunsModel::Started, Qt::DescendingOrder);
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
    for (const auto& [column, width] : kWidths) m_table->setColumnWidth(column, width);
}

QLayout* RunsPanel::buildTools() {
    m_filter->setPlaceholderText(tr("filter: a name, or system = tas and params.gen.max_tokens > 8"));
    m_filter->setAccessibleName(tr("Filter runs"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setFont(kit::monoFont());
    m_filter->setMinimumWidth(160);
    for (const char* reducer : {"last", "min", "max", "mean"}) m_reducer->box()->addItem(QString::fromLatin1(reducer));
    auto* tools = new kit::FlowLayout;
    tools->setContentsMargins(12, 8, 12, 8);
    tools->setSpacing(8);
    tools->addWidget(m_filter);
    tools->addWidget(m_metric);
    tools->addWidget(m_reducer);
    auto* debounce = new QTimer(this);
    debounce->setSingleShot(true);
    debounce->setInterval(180);
    connect(m_filter, &QLineEdit::textChanged, debounce, qOverload<>(&QTimer::start));
    connect(debounce, &QTimer::timeout, this, [this] { m_model->setFilter(m_filter->text()); });
    connect(m_metric->box(), &QComboBox::currentTextChanged, this,
        [this](const QString& key) { m_model->setMetric(key, m_reducer->box()->currentText()); });
    connect(m_reducer->box(), &QComboBox::currentTextChanged, this,
        [this](const QString& reducer) { m_model->setMetric(m_metric->box()->currentText(), reducer); });
    return tools;
}

void RunsPanel::connectTable() {
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] { publishSelection(); });
    // Enter or a double click opens the run where its plugin's work is shown.
    connect(m_table, &QTableView::activated, this, [this] { context().trigger(QStringLiteral("run.open")); });
    connect(m_model, &RunsModel::modelReset, this, [this] { followSelection(); });
    connect(m_model, &RunsModel::loaded, this, [this](bool empty, bool filtered) {
        if (!empty) {
            m_states->showContent();
            if (!context().selection->leadingRun()) m_table->selectRow(0);
        } else if (filtered) {
            m_states->showEmpty(
                tr("No run matches \"%1\".").arg(m_filter->text()), tr("Clear"), [this] { m_filter->clear(); });
        } else {
            m_states->showEmpty(
                tr("No runs yet."), tr("New run…"), [this] { context().trigger(QStringLiteral("run.new")); });
        }
        Q_EMIT showingChanged();
    });
    connect(m_model, &RunsModel::failed, this, [this](const QString& sentence) {
        m_states->showError(Error(Code::InvalidArgument, sentence.toStdString()), [this] { m_model->reload(); });
    });
}

void RunsPanel::fitColumns() {
    // Widths that a person has drawn count as they are.
    int others = 0;
    for (const auto& [column, width] : kWidths)
        others += m_table->isColumnHidden(column) ? width : m_table->columnWidth(column);
    bool changed = false;
    for (const auto& [column, width] : kWidths) {
        const bool isHidden = m_table->viewport()->width() - others < kNarrowestName;
        if (isHidden) others -= m_table->isColumnHidden(column) ? width : m_table->columnWidth(column);
        changed |= isHidden != m_table->isColumnHidden(column);
        m_table->setColumnHidden(column, isHidden);
    }
    if (changed) Q_EMIT showingChanged();
}

QString RunsPanel::showing() const {
    if (!context().readers) return {};
    const int rows = m_model->rowCount();
    QStringList words{m_model->hasMore() ? tr("the first %n run(s)", nullptr, rows) : tr("%n run(s)", nullptr, rows)};
    const int shown = RunsModel::Columns - m_table->horizontalHeader()->hiddenSectionCount();
    if (shown < RunsModel::Columns) words << tr("%1 of %2 columns fit").arg(shown).arg(int(RunsModel::Columns));
    return words.join(tr(", "));
}

void RunsPanel::onAttached() {
    if (!context().readers) {
        m_model->attach(context());
        m_states->showEmpty(
            tr("No project is open."), tr("Open…"), [this] { context().trigger(QStringLiteral("project.open")); });
        return;
    }
    m_states->showLoading();
    m_model->attach(context());
    loadMetrics();
    auto* reload = new QTimer(this);
    reload->setSingleShot(true);
    reload->setInterval(200);
    connect(reload, &QTimer::timeout, this, [this] { reloadRows(); });
    const auto later = [this, reload] {
        m_isStale = !isVisible();
        if (!m_isStale && !reload->isActive()) reload->start();
    };
    connect(context().events, &kit::RunEvents::added, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { followSelection(); });
}

void RunsPanel::showEvent(QShowEvent*) {
    if (m_isStale) reloadRows();
}

void RunsPanel::reloadRows() {
    m_isStale = false;
    m_model->reload();
    if (m_metric->box()->count() < 2) loadMetrics();
}

void RunsPanel::loadMetrics() {
    kit::asyncQuery<std::vector<std::string>>(
        context(), this,
        [](store::Database& db) -> Result<std::vector<std::string>> {
            DUBITO_TRY(store::Statement rows,
                db.prepare(
                    "SELECT DISTINCT n.text FROM latest l JOIN name n USING(name_no) ORDER BY n.text LIMIT 500"));
            std::vector<std::string> out;
            DUBITO_CHECK(rows.forEach([&] { out.push_back(rows.text(0)); }));
            return out;
        },
        [this](Result<std::vector<std::string>> keys) {
            if (!keys || keys->empty()) return;
            const QString before = m_metric->box()->currentText();
            const QSignalBlocker block(m_metric->box());
            m_metric->box()->clear();
            for (const auto& key : *keys) m_metric->box()->addItem(QString::fromStdString(key));
            const int at = m_metric->box()->findText(before.isEmpty() ? QStringLiteral("trace/logprob") : before);
            m_metric->box()->setCurrentIndex(std::max(0, at));
            m_model->setMetric(m_metric->box()->currentText(), m_reducer->box()->currentText());
        });
}

void RunsPanel::publishSelection() {
    if (m_following) return;
    QVector<qint64> runs;
    const auto current = m_table->selectionModel()->currentIndex();
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        const qint64 runNo = m_model->runNoAt(index.row());
        if (index.row() == current.row()) runs.prepend(runNo);
        else runs.append(runNo);
    }
    if (!runs.isEmpty()) context().selection->setRuns(runs);
}

void RunsPanel::followSelection() {
    m_following = true;
    QItemSelection selection;
    for (const qint64 runNo : context().selection->runs())
        if (const int row = m_model->rowOf(runNo); row >= 0)
            selection.select(m_model->index(row, 0), m_model->index(row, RunsModel::Columns - 1));
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    m_following = false;
}

bool RunsPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) fitColumns();
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Slash) m_filter->setFocus(Qt::ShortcutFocusReason), m_filter->selectAll();
        else if (key == Qt::Key_Delete) context().trigger(QStringLiteral("edit.delete"));
        else return Panel::eventFilter(watched, event);
        return true;
    }
    return Panel::eventFilter(watched, event);
}

kit::DataTable RunsPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Runs");
    for (int column = 0; column < RunsModel::Columns; ++column)
        table.columns << m_model->headerData(column, Qt::Horizontal, RunsModel::WholeRole).toString();
    for (int row = 0; row < m_model->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < RunsModel::Columns; ++column)
            cells << m_model->index(row, column).data(RunsModel::WholeRole).toString();
        table.rows << cells;
    }
    return table;
}

}  // namespace dubito::runs
