// The name takes what the other columns leave.
#include "runs/runs_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QJsonArray>
#include <QKeyEvent>
#include <QMenu>
#include <QSet>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "kit/user_size.h"
#include "runs/run_delegates.h"

namespace dubito::runs {
namespace {

QString grouped(qint64 number) { return QLocale().toString(static_cast<qlonglong>(number)); }

QString markdownRow(const QStringList& cells) {
    QString out(QLatin1Char('|'));
    for (QString cell : cells)
        out += QLatin1Char(' ') + cell.replace(QLatin1Char('|'), QStringLiteral("\\|")).simplified() +
               QStringLiteral(" |");
    return out + QLatin1Char('\n');
}

QString asMarkdown(const kit::DataTable& table) {
    QString out = markdownRow(table.columns) + markdownRow(QStringList(table.columns.size(), QStringLiteral("---")));
    for (const QStringList& row : table.rows) out += markdownRow(row);
    return out;
}

}  // namespace

RunsPanel::RunsPanel(QWidget* parent)
    : Panel(QStringLiteral("runs"), parent), m_model(new RunsModel(this)), m_table(new QTableView),
      m_names(new NameDelegate(m_table)), m_filter(new FilterField), m_hint(new QLabel),
      m_metric(new kit::LabelledChoice(tr("number"))), m_reducer(new kit::LabelledChoice(tr("value"))),
      m_group(new kit::LabelledChoice(tr("group"))), m_columns(kit::wordButton(tr("Columns ▾"))),
      m_helpers(kit::wordButton({})), m_refit(new QTimer(this)), m_reload(new QTimer(this)) {
    chooseAtFirst();
    buildTable();
    m_states = new kit::StateView(m_table);
    m_hint->setTextFormat(Qt::PlainText);
    m_hint->setProperty("role", "faint");
    m_hint->setWordWrap(true);
    m_hint->setContentsMargins(20, 0, 12, 6);
    m_hint->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(buildTools());
    layout->addWidget(m_hint);
    layout->addWidget(m_states, 1);
    setFocusProxy(m_table);
    m_reload->setSingleShot(true);
    m_reload->setInterval(200);
    connect(m_reload, &QTimer::timeout, this, [this] { reloadRows(); });
    connectTable();
    connectFilter();
}

void RunsPanel::buildTable() {
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Runs"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setSortingEnabled(true);
    m_table->setItemDelegateForColumn(RunsModel::State, new PillDelegate(m_table));
    m_table->setItemDelegateForColumn(RunsModel::Name, m_names);
    m_table->setItemDelegateForColumn(RunsModel::Spark, new SparkDelegate(m_table));
    // The current row has the ring, not the whole table.
    m_table->setProperty("role", "rows");
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kit::userSize(26));
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    auto* header = m_table->horizontalHeader();
    header->setMinimumSectionSize(24);
    header->setSortIndicator(RunsModel::Started, Qt::DescendingOrder);
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
    header->moveSection(header->visualIndex(RunsModel::Interval), header->visualIndex(RunsModel::Number) + 1);
    header->moveSection(header->visualIndex(RunsModel::Spark), header->visualIndex(RunsModel::Interval) + 1);
    // A width that a person draws is kept; a double click on the edge gives it back to the content.
    connect(header, &QHeaderView::sectionResized, this, [this](int column, int, int width) {
        if (m_isFitting || column == RunsModel::Name || width == 0) return;
        m_drawn[idOf(column)] = width;
        m_refit->start();
    });
    connect(header, &QHeaderView::sectionHandleDoubleClicked, this, [this](int column) {
        m_drawn.remove(idOf(column));
        m_refit->start();
    });
    m_refit->setSingleShot(true);
    m_refit->setInterval(0);
    connect(m_refit, &QTimer::timeout, this, [this] { fitColumns(); });
}

QLayout* RunsPanel::buildTools() {
    m_filter->setPlaceholderText(tr("filter: a name, or system = tas and params.gen.max_tokens > 8"));
    m_filter->setAccessibleName(tr("Filter runs"));
    m_filter->setToolTip(
        tr("Part of a name, tag or note; or a condition: state = done and tag = keep and train/loss.min < 2"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setFont(kit::monoFont());
    m_filter->setMinimumWidth(160);
    for (const char* reducer : {"last", "min", "max", "mean"}) {
        const QString value = QString::fromLatin1(reducer);
        m_reducer->box()->addItem(RunsModel::reducerName(value), value);
    }
    m_columns->setPopupMode(QToolButton::InstantPopup);
    m_columns->setAccessibleName(tr("Columns of the run table"));
    m_columns->setMenu(new QMenu(m_columns));
    connect(m_columns->menu(), &QMenu::aboutToShow, this, [this] { fillColumns(); });
    m_group->box()->addItem(tr("off"), false);
    m_group->box()->addItem(tr("seed"), true);
    m_group->setToolTip(
        tr("One row for all seeds of a configuration: the mean of those that are done, with its "
           "interval. Right opens it, Left closes it."));
    m_helpers->setCheckable(true);
    m_helpers->setObjectName(QStringLiteral("helpers"));
    m_helpers->setToolTip(
        tr("Sessions that were started only to look into another run, as its layers or a comparison "
           "do. They are no experiments of their own."));
    m_helpers->hide();
    auto* tools = new kit::FlowLayout;
    tools->setContentsMargins(12, 8, 12, 8);
    tools->setSpacing(8);
    for (QWidget* part : std::initializer_list<QWidget*>{m_filter, m_group, m_metric, m_reducer, m_columns, m_helpers})
        tools->addWidget(part);
    connect(m_metric->box(), &QComboBox::currentTextChanged, this,
        [this](const QString& key) { m_model->setMetric(key, reducer()); });
    connect(m_metric->box(), &QComboBox::textActivated, this, [this](const QString& key) { m_wantedMetric = key; });
    connect(m_reducer->box(), &QComboBox::currentIndexChanged, this,
        [this] { m_model->setMetric(m_metric->box()->currentText(), reducer()); });
    connect(m_group->box(), &QComboBox::currentIndexChanged, this, [this] { applyGroups(); });
    connect(m_helpers, &QToolButton::toggled, this, [this](bool on) { m_model->setHelpersShown(on); });
    return tools;
}

void RunsPanel::applyGroups() {
    m_model->setGrouped(m_group->box()->currentData().toBool());
    fitColumns();
    Q_EMIT showingChanged();
}

void RunsPanel::sayHelpers() {
    m_helpers->setText(tr("%n helper session(s)", nullptr, static_cast<int>(std::max<qint64>(0, m_model->helpers()))));
    m_helpers->setVisible(m_model->helpers() > 0 || m_helpers->isChecked());
}

QString RunsPanel::reducer() const { return m_reducer->box()->currentData().toString(); }

void RunsPanel::connectFilter() {
    auto* debounce = new QTimer(this);
    debounce->setSingleShot(true);
    debounce->setInterval(180);
    connect(m_filter, &QLineEdit::textChanged, debounce, qOverload<>(&QTimer::start));
    connect(debounce, &QTimer::timeout, this, &RunsPanel::applyFilter);
    connect(m_filter, &FilterField::leaveAsked, this, [this, debounce] {
        if (debounce->isActive()) debounce->stop(), applyFilter();
        m_table->setFocus(Qt::OtherFocusReason);
    });
    connect(m_model, &RunsModel::counted, this, [this] {
        sayHits();
        sayHelpers();
        Q_EMIT showingChanged();
    });
}

/// An unfinished filter leaves the rows as they are and says below itself what is missing.
void RunsPanel::applyFilter() {
    const QString wrong = m_model->setFilter(m_filter->text());
    m_filter->setWrong(!wrong.isEmpty());
    m_hint->setProperty("role", wrong.isEmpty() ? "faint" : "bad");
    m_hint->style()->unpolish(m_hint);
    m_hint->style()->polish(m_hint);
    if (wrong.isEmpty()) return sayHits();
    m_hint->setText(wrong);
    m_hint->show();
}

void RunsPanel::sayHits() {
    if (m_filter->property("wrong").toBool()) return;
    const bool says = m_model->isFiltered() && m_model->hits() >= 0;
    if (says) m_hint->setText(tr("%1 of %2 runs").arg(grouped(m_model->hits()), grouped(m_model->all())));
    m_hint->setVisible(says);
}

void RunsPanel::connectTable() {
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] { publishSelection(); });
    // Enter or a double click opens the run where its plugin's work is shown.
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
        const bool isStarClick = index.column() == RunsModel::Star && QGuiApplication::mouseButtons() != Qt::NoButton;
        if (!isStarClick) context().trigger(QStringLiteral("run.open"));
    });
    connect(m_table, &QTableView::pressed, this, [this](const QModelIndex& index) {
        // The sign before a group's name opens it.
        constexpr int kSign = 26;
        const int x = m_table->viewport()->mapFromGlobal(QCursor::pos()).x() - m_table->visualRect(index).left();
        if (index.column() == RunsModel::Name && m_model->mayOpen(index.row()) && x < kSign)
            m_model->setOpen(index.row(), !m_model->isOpen(index.row()));
    });
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == RunsModel::Star && context().edit)
            context().edit({m_model->runNoAt(index.row())}, QStringLiteral("star"), {});
    });
    connect(m_table, &QTableView::customContextMenuRequested, this, [this](QPoint at) {
        if (context().runMenu && m_table->indexAt(at).isValid())
            context().runMenu(m_table->viewport()->mapToGlobal(at));
    });
    connect(m_model, &RunsModel::modelAboutToBeReset, this, [this] {
        m_currentRun = m_model->runNoAt(m_table->currentIndex().row());
        m_isCurrentGroup = m_model->mayOpen(m_table->currentIndex().row());
    });
    connect(m_model, &RunsModel::modelReset, this, [this] {
        followSelection();
        // Arrows go on from where they were.
        if (const int row = m_isCurrentGroup ? m_model->groupRowOf(m_currentRun) : m_model->rowOf(m_currentRun);
            row >= 0)
            m_table->selectionModel()->setCurrentIndex(
                m_model->index(row, RunsModel::Name), QItemSelectionModel::NoUpdate);
    });
    connect(m_model, &RunsModel::rowsInserted, this, [this] { followSelection(); });
    connect(m_model, &RunsModel::loaded, this, [this](bool empty, bool filtered) {
        if (!empty) {
            m_states->showContent();
            m_refit->start();
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
        m_states->showError(Error(Code::Io, sentence.toStdString()), [this] { m_model->reload(); });
    });
}

QString RunsPanel::showing() const {
    if (!context().readers) return {};
    const int rows = m_model->rowCount();
    const qint64 hits = m_model->hits();
    QStringList words;
    if (m_model->isFiltered() && hits >= 0) words << tr("%1 of %2 runs").arg(grouped(hits), grouped(m_model->all()));
    else if (hits >= rows) words << tr("%n run(s)", nullptr, static_cast<int>(hits));
    else if (!m_model->isGrouped())
        words << (m_model->hasMore() ? tr("the first %n run(s)", nullptr, rows) : tr("%n run(s)", nullptr, rows));
    if (m_model->isGrouped()) words << tr("grouped by seed");
    else if (hits > rows) words << tr("%1 loaded").arg(grouped(rows));
    if (const auto selected = context().selection->runs().size(); selected > 1)
        words << tr("%1 selected").arg(grouped(selected));
    const int wanted = wantedColumns();
    const int shown = m_model->columnCount() - m_table->horizontalHeader()->hiddenSectionCount();
    if (shown < wanted) words << tr("%1 of %2 columns fit").arg(shown).arg(wanted);
    return words.join(tr(", "));
}

void RunsPanel::onAttached() {
    m_names->setSelection(context().selection);
    m_helpers->hide();
    if (!context().readers) {
        m_reload->stop();
        m_model->attach(context());
        m_states->showEmpty(
            tr("No project is open."), tr("Open…"), [this] { context().trigger(QStringLiteral("project.open")); });
        return;
    }
    m_states->showLoading();
    m_model->attach(context());
    loadMetrics();
    const auto later = [this] {
        m_isStale = !isVisible();
        if (!m_isStale && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::added, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().selection, &kit::Selection::runsChanged, this, [this] {
        followSelection();
        m_table->viewport()->update();  // colours of runs that are selected
        Q_EMIT showingChanged();
    });
}

void RunsPanel::showEvent(QShowEvent*) {
    if (m_isStale) reloadRows();
}

void RunsPanel::reloadRows() {
    // A row must not go from under the name that is being typed.
    if (m_table->findChild<QLineEdit*>(QStringLiteral("newName"))) return m_reload->start();
    m_isStale = false;
    m_model->reload();
    loadMetrics();  // a metric that no run had before
}

void RunsPanel::loadMetrics() {
    struct Names {
        std::vector<std::string> metrics, keys;
    };
    kit::asyncQuery<Names>(
        context(), this,
        [](store::Database& db) -> Result<Names> {
            Names out;
            DUBITO_TRY(out.keys, store::queryFilterKeys(db));
            DUBITO_TRY(out.metrics, store::queryMetricNames(db));
            return out;
        },
        [this](Result<Names> names) {
            if (!names) return;
            const auto asList = [](const std::vector<std::string>& texts) {
                QStringList out;
                for (const auto& text : texts) out << QString::fromStdString(text);
                return out;
            };
            if (const QStringList keys = asList(names->keys); keys != m_keys) m_filter->setKeys(m_keys = keys);
            showMetrics(asList(names->metrics));
        });
}

/// New names are put in between: the list may be open under a hand.
void RunsPanel::showMetrics(const QStringList& names) {
    QComboBox* box = m_metric->box();
    const QString before = box->currentText();
    if (names != m_metrics) {
        const QSignalBlocker block(box);
        m_metrics = names;
        for (int at = box->count() - 1; at >= 0; --at)
            if (!names.contains(box->itemText(at))) box->removeItem(at);
        for (int at = 0; at < static_cast<int>(names.size()); ++at)
            if (box->itemText(at) != names[at]) box->insertItem(at, names[at]);
    }
    int at = box->findText(m_wantedMetric);
    if (at < 0) at = box->findText(before.isEmpty() ? QStringLiteral("trace/logprob") : before);
    {
        const QSignalBlocker block(box);
        box->setCurrentIndex(box->count() ? std::max(0, at) : -1);
    }
    if (box->count() && box->currentText() != m_model->metric()) m_model->setMetric(box->currentText(), reducer());
}

kit::DataTable RunsPanel::dataTable() const { return rowsAsTable(false); }

kit::DataTable RunsPanel::rowsAsTable(bool onlySelected) const {
    kit::DataTable table;
    table.title = tr("Runs");
    QVector<int> columns;
    for (int column = 0; column < m_model->columnCount(); ++column)
        if (column != RunsModel::Spark && (!onlySelected || !m_table->isColumnHidden(column))) columns << column;
    for (const int column : columns)
        table.columns << m_model->headerData(column, Qt::Horizontal, RunsModel::WholeRole).toString();
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (onlySelected && !m_table->selectionModel()->isRowSelected(row, {})) continue;
        QStringList cells;
        for (const int column : columns) cells << m_model->index(row, column).data(RunsModel::WholeRole).toString();
        table.rows << cells;
    }
    return table;
}

void RunsPanel::copySelected(CopyAs kind) {
    m_model->loadAll([this, kind] {
        const kit::DataTable table = rowsAsTable(true);
        QGuiApplication::clipboard()->setText(
            kind == CopyAs::Markdown ? asMarkdown(table) : table.asText(QLatin1Char('\t')));
        m_hint->setText(tr("%n row(s) copied", nullptr, static_cast<int>(table.rows.size())));
        m_hint->show();
        QTimer::singleShot(4000, this, [this] { sayHits(); });
    });
}

}  // namespace dubito::runs
