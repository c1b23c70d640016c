// Values are nats a token of the right answer, so a long answer weighs no more than a short one.
#include "lm/items_panel.h"

#include <QHeaderView>
#include <QLocale>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "kit/term.h"
#include "kit/user_size.h"

namespace dubito::lmview {
namespace {

enum Column { kQuestion, kBase, kNow, kChange, kInspect, kColumns };

QString natsText(double nats, bool isChange = false) {
    if (!std::isfinite(nats)) return QStringLiteral("–");
    const QString text = QString::number(nats, 'f', 2).replace(QLatin1Char('-'), QChar(0x2212));
    return isChange && nats > 0 ? QStringLiteral("+") + text : text;
}

}  // namespace

ItemsPanel::ItemsPanel(QWidget* parent)
    : Panel(QStringLiteral("items"), parent), m_order(new kit::LabelledChoice(tr("show"))),
      m_set(new kit::LabelledChoice(tr("set"))), m_step(new kit::LabelledChoice(tr("at"))), m_table(new QTableWidget),
      m_note(new QLabel), m_reload(new QTimer(this)) {
    m_order->box()->addItems({tr("worst"), tr("best"), tr("most changed")});
    m_order->box()->setAccessibleName(tr("Items to show first"));
    m_set->box()->setAccessibleName(tr("Held-out set"));
    m_step->box()->setAccessibleName(tr("Checkpoint"));
    auto* content = new QWidget;
    content->setProperty("role", "page");
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(6);
    auto* tools = new kit::FlowLayout;
    tools->setSpacing(8);
    for (auto* one : {m_order, m_set, m_step}) {
        tools->addWidget(one);
        connect(one->box(), &QComboBox::activated, this, [this, one] {
            if (one == m_set) fillSteps();
            fillTable();
        });
    }
    column->addLayout(tools);
    m_table->setAccessibleName(tr("Held-out items"));
    m_table->setColumnCount(kColumns);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->verticalHeader()->setVisible(false);
    m_table->verticalHeader()->setDefaultSectionSize(kit::userSize(24));
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    connect(m_table, &QTableWidget::cellClicked, this, [this](int row, int at) {
        if (at == kInspect) inspect(row);
    });
    connect(m_table, &QTableWidget::cellActivated, this, [this](int row, int) { inspect(row); });
    column->addWidget(m_table, 1);
    m_note->setProperty("role", "faint");
    m_note->setWordWrap(true);
    kit::explain(m_note, QStringLiteral("held-out"));
    column->addWidget(m_note);
    m_states = kit::StateView::fill(this, content);
    m_reload->setSingleShot(true);
    m_reload->setInterval(300);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
}

void ItemsPanel::onAttached() {
    m_run = 0;
    if (!context().readers) return m_states->showEmpty(tr("No project is open."));
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    connect(context().events, &kit::RunEvents::committed, this, [this](qint64 runNo) {
        if (runNo != 0 && runNo == m_run && isVisible() && !m_reload->isActive()) m_reload->start();
    });
    follow();
}

void ItemsPanel::follow() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (runNo == m_run && runNo) return;
    m_run = runNo;
    m_data = {};
    ++m_generation;
    if (!runNo) return m_states->showEmpty(tr("Select a fine-tune to see what it thinks of each held-out item."));
    m_states->showLoading();
    load();
}

void ItemsPanel::load() {
    kit::asyncQuery<HeldRun>(
        context(), this, [runNo = m_run](store::Database& db) { return loadHeld(db, runNo); },
        [this, generation = ++m_generation](Result<HeldRun> loaded) {
            if (generation != m_generation) return;
            if (!loaded) return m_states->showError(loaded.error(), [this] { load(); });
            m_data = std::move(*loaded);
            refresh();
            Q_EMIT showingChanged();
        });
}

void ItemsPanel::refresh() {
    if (m_data.records.isEmpty())
        return m_states->showEmpty(
            tr("This run has no held-out items. A fine-tune has them with a held-out share or held-out files."));
    m_states->showContent();
    const QString before = set();
    m_set->box()->clear();
    for (const HeldRecord& one : m_data.records)
        if (m_set->box()->findData(one.set) < 0)
            m_set->box()->addItem(one.set.isEmpty() ? tr("held-out share") : one.set, one.set);
    m_set->box()->setCurrentIndex(std::max(0, m_set->box()->findData(before)));
    fillSteps();
    fillTable();
}

/// The last one, unless another was chosen.
void ItemsPanel::fillSteps() {
    const bool followsEnd = m_step->box()->currentIndex() == m_step->box()->count() - 1;
    const qint64 before = step();
    m_step->box()->clear();
    for (const HeldRecord& one : m_data.records)
        if (one.set == set()) m_step->box()->addItem(tr("step %1").arg(QLocale().toString(one.step)), one.step);
    const int at = m_step->box()->findData(before);
    m_step->box()->setCurrentIndex(followsEnd || at < 0 ? m_step->box()->count() - 1 : at);
}

qint64 ItemsPanel::step() const { return m_step->box()->currentData().toLongLong(); }

void ItemsPanel::fillTable() {
    m_lines = heldLines(m_data, set(), step(), static_cast<HeldOrder>(m_order->box()->currentIndex()));
    m_table->setRowCount(static_cast<int>(m_lines.size()));
    m_table->setHorizontalHeaderLabels(
        {tr("question"), tr("base"), tr("step %1").arg(QLocale().toString(step())), tr("change"), QString()});
    const bool canInspect = m_data.folders.contains(step()) && context().inspectItem;
    int worse = 0, better = 0;
    for (int row = 0; row < m_lines.size(); ++row) {
        const HeldLine& line = m_lines[row];
        worse += line.change > 0, better += line.change < 0;
        const QString cells[] = {line.now.question.simplified().left(200), natsText(line.base), natsText(line.now.nats),
            natsText(line.change, true), canInspect ? tr("Inspect") : QString()};
        for (int at = 0; at < kColumns; ++at) {
            auto* cell = new QTableWidgetItem(cells[at]);
            if (at == kBase || at == kNow || at == kChange) {
                cell->setFont(kit::monoFont());
                cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            }
            m_table->setItem(row, at, cell);
        }
        m_table->item(row, kQuestion)
            ->setToolTip(kit::plainToolTip(
                tr("%1\nRight answer: %2").arg(line.now.question.left(600), line.now.answer.left(600))));
        if (line.change > 0) m_table->item(row, kChange)->setForeground(kit::palette().warn);
        if (canInspect) m_table->item(row, kInspect)->setForeground(kit::palette().accent);
    }
    m_table->resizeColumnsToContents();
    m_table->horizontalHeader()->setSectionResizeMode(kQuestion, QHeaderView::Stretch);
    QStringList words = {tr("nats a token of the right answer")};
    if (worse + better > 0)
        words << tr("%1 of %2 items are worse than the base, %3 better").arg(worse).arg(m_lines.size()).arg(better);
    if (!canInspect)
        words << (step() == 0 ? tr("before the first step")
                              : tr("the checkpoint of this step was replaced by a newer one"));
    m_note->setText(words.join(QStringLiteral(" · ")));
}

void ItemsPanel::inspect(int row) {
    const auto folder = m_data.folders.find(step());
    if (row < 0 || row >= m_lines.size() || folder == m_data.folders.end() || !context().inspectItem) return;
    const HeldValue& item = m_lines[row].now;
    context().inspectItem(m_run, folder->second, {item.ids, item.answerFrom, item.question});
}

QString ItemsPanel::showing() const {
    if (m_lines.isEmpty()) return {};
    return tr("%1, %n held out", nullptr, static_cast<int>(m_lines.size())).arg(m_set->box()->currentText());
}

kit::DataTable ItemsPanel::dataTable() const {
    kit::DataTable out;
    out.title = tr("Held-out items");
    out.columns = {tr("set"), tr("step"), tr("row"), tr("question"), tr("answer"), tr("nats a token"), tr("tokens")};
    for (const HeldRecord& record : m_data.records)
        for (const HeldValue& one : record.items)
            out.rows << QStringList{record.set, QString::number(record.step), QString::number(one.row), one.question,
                one.answer, QString::number(one.nats, 'g', 17), QString::number(one.tokens)};
    return out;
}

}  // namespace dubito::lmview
