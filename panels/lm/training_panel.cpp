// One query a refresh fills four charts and the table; the buttons are the shell's actions on the selected run.
#include "lm/training_panel.h"

#include <QDateTime>
#include <QDir>
#include <QGridLayout>
#include <QHeaderView>
#include <QLocale>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "kit/run_words.h"
#include "kit/term.h"
#include "kit/user_size.h"
#include "lm/lm_figures.h"
#include "run/run_state.h"

namespace dubito::lmview {
namespace {

constexpr int kMostRowsShown = 4;  ///< of checkpoints, before the table scrolls

/// A piece of the line as it is drawn, with its disc.
QIcon sampleOf(std::size_t style) {
    constexpr int kWidth = 26, kHeight = 12, kScale = 3;
    QPixmap picture(kWidth * kScale, kHeight * kScale);
    picture.setDevicePixelRatio(kScale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = kit::seriesColour(style);
    painter.setPen(QPen(colour, 1.6, kit::seriesDash(style)));
    painter.drawLine(QPointF(1, kHeight / 2.0), QPointF(kWidth - 1, kHeight / 2.0));
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawEllipse(QPointF(kWidth / 2.0, kHeight / 2.0), 3, 3);
    return QIcon(picture);
}

}  // namespace

TrainingPanel::TrainingPanel(QWidget* parent)
    : Panel(QStringLiteral("training"), parent), m_status(new QLabel), m_pause(new QPushButton(tr("Pause"))),
      m_resume(new QPushButton(tr("Go on"))), m_chat(new QPushButton(tr("Chat with it"))),
      m_export(new QPushButton(tr("Export…"))), m_scroll(new QScrollArea), m_drawn(new QWidget),
      m_grid(new QGridLayout), m_checkpoints(new QTableWidget), m_reload(new QTimer(this)) {
    m_status->setProperty("role", "sub");
    m_status->setTextFormat(Qt::PlainText);
    m_status->setWordWrap(true);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 10);
    column->setSpacing(8);
    column->addWidget(m_status);
    column->addLayout(buildButtons());
    auto* charts = new QVBoxLayout(m_drawn);
    charts->setContentsMargins(0, 0, 0, 0);
    charts->setSpacing(6);
    buildCharts(charts);
    column->addWidget(m_drawn);
    m_below = kit::caption(tr("Checkpoints"));
    kit::explain(m_below, QStringLiteral("checkpoint"));
    column->addWidget(m_below);
    buildTable();
    column->addWidget(m_checkpoints);
    column->addStretch();
    content->setProperty("role", "page");
    m_scroll->setWidget(content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_states = kit::StateView::fill(this, m_scroll);
    m_reload->setSingleShot(true);
    m_reload->setInterval(300);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
}

QLayout* TrainingPanel::buildButtons() {
    m_pause->setToolTip(tr("Takes a checkpoint and stops; \"Go on\" continues from it, step for step."));
    m_chat->setToolTip(tr("A new chat with the newest checkpoint of this run."));
    m_export->setToolTip(tr("Copies the files of the newest checkpoint: an adapter opens in PEFT as it is."));
    auto* row = new kit::FlowLayout;
    row->setSpacing(8);
    const auto add = [this, row](QPushButton* button, const char* action) {
        row->addWidget(button);
        connect(
            button, &QPushButton::clicked, this, [this, action] { context().trigger(QString::fromLatin1(action)); });
    };
    add(m_pause, "run.cancel");
    add(m_resume, "run.resume");
    add(m_chat, "chat.tuned");
    add(m_export, "run.export_checkpoint");
    return row;
}

kit::PlotView* TrainingPanel::addChart(const QString& name) {
    auto* chart = new kit::PlotView;
    chart->setLabels(tr("step"), {});
    chart->setAccessibleName(name);
    connect(chart, &kit::PlotView::clickedAt, this, [this](double x) { context().selection->setStep(std::round(x)); });
    m_charts << chart;
    return chart;
}

/// The loss over the whole width, the rest of its company small below it.
void TrainingPanel::buildCharts(QVBoxLayout* column) {
    column->addWidget(buildLegend());
    auto* loss = addChart(tr("Loss, nats a token"));
    loss->setMinimumHeight(90);
    column->addWidget(loss, 3);
    for (const auto& [name, term] :
        {std::pair(tr("Learning rate"), "learning rate"), std::pair(tr("Gradient norm"), "gradient norm")}) {
        auto* frame = new QWidget;
        auto* inside = new QVBoxLayout(frame);
        inside->setContentsMargins(0, 0, 0, 0);
        inside->setSpacing(2);
        auto* title = new kit::ElidedLabel(name);
        title->setProperty("role", "strong");
        kit::explain(title, QString::fromLatin1(term));
        auto* chart = addChart(name);
        chart->setLabels({}, {});
        chart->setMinimumHeight(56);
        inside->addWidget(title);
        inside->addWidget(chart, 1);
        m_frames << frame;
    }
    m_grid->setSpacing(8);
    kit::layInColumns(m_grid, m_frames, 2);
    column->addLayout(m_grid, 2);
}

QWidget* TrainingPanel::buildLegend() {
    auto* legend = new QWidget;
    auto* row = new kit::FlowLayout(legend);
    row->setSpacing(14);
    row->setContentsMargins(0, 0, 0, 0);
    const QString names[] = {tr("training"), tr("held out")};
    for (int i = 0; i < 2; ++i) {
        m_legend[i] = kit::wordButton(names[i]);
        m_legend[i]->setCheckable(true);
        m_legend[i]->setChecked(true);
        m_legend[i]->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        m_legend[i]->setIconSize({26, 12});
        m_legend[i]->setAccessibleName(tr("Line: %1").arg(names[i]));
        connect(m_legend[i], &QToolButton::clicked, this, [this] { showLines(); });
        row->addWidget(m_legend[i]);
    }
    kit::explain(m_legend[1], QStringLiteral("held-out"));
    m_sets = new QLabel;
    m_sets->setTextFormat(Qt::RichText);  // names are made of letters, digits and dashes only, and escaped
    row->addWidget(m_sets);
    auto* about = new QLabel(tr("loss, nats a token"));
    about->setProperty("role", "faint");
    kit::explain(about, QStringLiteral("loss"));
    row->addWidget(about);
    return legend;
}

void TrainingPanel::buildTable() {
    m_checkpoints->setAccessibleName(tr("Checkpoints"));
    m_checkpoints->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_checkpoints->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_checkpoints->setShowGrid(false);
    m_checkpoints->setFrameShape(QFrame::NoFrame);
    m_checkpoints->verticalHeader()->setVisible(false);
    m_checkpoints->verticalHeader()->setDefaultSectionSize(kit::userSize(24));
    m_checkpoints->horizontalHeader()->setStretchLastSection(true);
    m_checkpoints->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

void TrainingPanel::resizeEvent(QResizeEvent* event) {
    Panel::resizeEvent(event);
    kit::layInColumns(m_grid, m_frames, width() >= 300 ? 2 : 1);
    fitLater();
}

/// All charts are in view at once, and below them the beginning of what is scrolled to.
void TrainingPanel::fitCharts() {
    constexpr int kHighest = 640;
    const QWidget* page = m_scroll->widget();
    const int around = m_drawn->y() + page->layout()->spacing() + m_below->sizeHint().height() + 4;
    const int lowest = m_drawn->layout()->minimumSize().height(), room = m_scroll->viewport()->height() - around;
    m_drawn->setFixedHeight(std::clamp(room, lowest, std::max(lowest, kHighest)));
}

void TrainingPanel::fitLater() {
    QTimer::singleShot(0, this, [this] { fitCharts(); });  // once the rows above have their places
}

void TrainingPanel::onAttached() {
    m_run = 0;
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    const auto later = [this](qint64 runNo) {
        if (runNo == m_run && isVisible() && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    connect(context().selection, &kit::Selection::runsChanged, this, [this] {
        if (m_run && isVisible()) showLines();  // a run keeps its colour, but others may have taken it before
    });
    connect(context().selection, &kit::Selection::stepChanged, this, [this] {
        const double step = context().selection->step();
        for (auto* chart : m_charts) chart->setMarker(step < 0 ? std::nan("") : step);
    });
    follow();
}

void TrainingPanel::showEvent(QShowEvent*) { follow(); }

void TrainingPanel::follow() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (!runNo) {
        clear(0);
        m_states->showEmpty(tr("Select a fine-tuning run, or teach a model a few examples: it takes about a minute."),
            tr("Teach it something"), [this] { context().trigger(QStringLiteral("model.teach")); });
        return;
    }
    if (runNo != m_run) {
        clear(runNo);
        m_states->showLoading();
    }
    load();
}

void TrainingPanel::clear(qint64 runNo) {
    m_run = runNo;
    m_states->setBar({});
    ++m_generation;
    m_data = {};
    Q_EMIT showingChanged();
}

void TrainingPanel::load() {
    const int generation = ++m_generation;
    kit::asyncQuery<TrainingData>(
        context(), this,
        [runNo = m_run, columns = std::max(100, m_charts.first()->plotColumns())](
            store::Database& db) { return loadTraining(db, runNo, columns); },
        [this, generation](Result<TrainingData> loaded) {
            if (generation != m_generation) return;
            if (!loaded) {
                m_states->showError(loaded.error(), [this] { load(); });
                return;
            }
            m_data = std::move(*loaded);
            if (!hasSomething()) {
                m_states->setBar({});
                m_states->showEmpty(
                    tr("This run trained nothing. A fine-tuning run shows its curves and checkpoints here."),
                    tr("Teach it something"), [this] { context().trigger(QStringLiteral("model.teach")); });
            } else {
                m_states->showContent();
                refresh();
            }
            Q_EMIT showingChanged();
        });
}

bool TrainingPanel::isTrainer() const {
    if (!context().pluginsWithRole) return false;
    const auto plugins = context().pluginsWithRole(QStringLiteral("train"));
    return std::find(plugins.begin(), plugins.end(), m_data.row.pluginId) != plugins.end();
}

/// A run that can still be stopped or go on is told of before its first step, too.
bool TrainingPanel::hasSomething() const {
    return m_data.isTraining || !m_data.checkpoints.empty() ||
           (isTrainer() && m_data.row.state != static_cast<int>(run::RunState::Done));
}

QString TrainingPanel::showing() const {
    if (m_data.row.runNo == 0 || !hasSomething()) return {};
    QStringList words;
    if (m_data.row.total > 0) words << stepText();
    words << tr("%n checkpoint(s)", nullptr, static_cast<int>(m_data.checkpoints.size()));
    return words.join(tr(", "));
}

QString TrainingPanel::stepText() const {
    const QLocale locale;
    // Progress is told less often than points, and after a killed end it may be ahead of what is kept.
    const bool isOver = run::isFinal(static_cast<run::RunState>(m_data.row.state));
    const double done =
        isOver && m_data.lastStep >= 0 ? static_cast<double>(m_data.lastStep) : std::max(m_data.row.done, 0.0);
    return tr("step %1 of %2")
        .arg(locale.toString(static_cast<qlonglong>(done)), locale.toString(static_cast<qlonglong>(m_data.row.total)));
}

void TrainingPanel::refresh() {
    m_status->setText(statusText());
    const auto state = static_cast<run::RunState>(m_data.row.state);
    const bool isLive = !run::isFinal(state);
    // One place: what can be done with it now.
    m_pause->setVisible(isLive);
    m_resume->setVisible(!isLive && state != run::RunState::Done);
    const bool hasFiles = !m_data.checkpoints.empty() && !m_data.checkpoints.front().folder.empty();
    m_chat->setEnabled(hasFiles && !isLive);
    m_export->setEnabled(hasFiles);
    showStops();
    showLines();
    fillTable();
    fitLater();
}

/// Why it came to no end of its own; nothing of an earlier end while it goes on.
void TrainingPanel::showStops() {
    const auto state = static_cast<run::RunState>(m_data.row.state);
    if (state != run::RunState::Failed && state != run::RunState::Cancelled) return m_states->setBar({});
    const QString why = kit::endWords(m_data.row.detail).section(QLatin1Char('\n'), 0, 0).left(200);
    QString sentence = m_data.row.total > 0 ? tr("stopped at %1").arg(stepText()) : tr("stopped");
    if (!why.isEmpty()) sentence = tr("%1: %2", "stopped where, and why").arg(sentence, why);
    m_states->setBar(sentence);
}

std::array<bool, 2> TrainingPanel::hidden() const {
    return {!m_legend[kTraining]->isChecked(), !m_legend[kHeldOut]->isChecked()};
}

void TrainingPanel::showLines() {
    const auto slot = static_cast<std::size_t>(std::max(0, context().selection->slotOf(m_run)));
    for (const std::size_t i : {kTraining, kHeldOut}) {
        const double last = i == kHeldOut ? m_data.heldOut : m_data.loss;
        const QString name = i == kHeldOut ? tr("held out") : tr("training");
        m_legend[i]->setText(std::isfinite(last) ? name + QStringLiteral("  %1").arg(last, 0, 'f', 3) : name);
        m_legend[i]->setIcon(sampleOf(slot + i));
        m_legend[i]->setVisible(i < m_data.lines.size() && !m_data.lines[i].empty());
    }
    QStringList sets;
    for (std::size_t i = 0; i < m_data.sets.size(); ++i)
        sets << QStringLiteral("<span style=\"color:%1\">●</span> %2  %3")
                    .arg(kit::seriesColour(slot + 2 + i).name(),
                        QString::fromStdString(m_data.sets[i].name).toHtmlEscaped(),
                        QString::number(m_data.sets[i].last, 'f', 3));
    m_sets->setText(sets.join(QStringLiteral("&nbsp;&nbsp; ")));
    m_sets->setVisible(!sets.isEmpty());
    m_legend[kHeldOut]->setVisible(m_legend[kHeldOut]->isVisibleTo(this) || !sets.isEmpty());
    const auto lines = chartLines(m_data, slot, hidden());
    for (int i = 0; i < kCharts; ++i) m_charts[i]->setLines(lines[i], m_charts[i]->isZoomed());
}

QVector<kit::Figure> TrainingPanel::figures() const {
    QVector<kit::Figure> out;
    const auto slot = static_cast<std::size_t>(std::max(0, context().selection->slotOf(m_run)));
    QVector<std::shared_ptr<kit::PlotPicture>> pictures(kCharts);
    for (int i = 0; i < kCharts; ++i) {
        if (m_charts[i]->picture().lines.isEmpty()) continue;
        pictures[i] = std::make_shared<kit::PlotPicture>(m_charts[i]->picture());
        out << chartFigure(m_data, i, m_charts[i]->accessibleName(), pictures[i]);
    }
    if (out.isEmpty()) return out;
    constexpr int kColumnsOfPaper = 2'400;
    kit::asyncQuery<TrainingData>(
        context(), m_reload, [runNo = m_run](store::Database& db) { return loadTraining(db, runNo, kColumnsOfPaper); },
        [pictures, slot, isHidden = hidden()](Result<TrainingData> fine) {
            if (!fine) return;  // the figure stays as fine as the screen is
            const auto lines = chartLines(*fine, slot, isHidden);
            for (int i = 0; i < kCharts; ++i)
                if (pictures[i]) pictures[i]->lines = lines[i];
        });
    return out;
}

QString TrainingPanel::statusText() const {
    const QLocale locale;
    QStringList words = {kit::stateWord(m_data.row.state)};
    if (m_data.row.total > 0) words << stepText();
    if (!m_data.isTraining) words << tr("no step is done so far");
    if (m_data.remainingUs) words << tr("about %1 left").arg(kit::durationText(*m_data.remainingUs));
    if (std::isfinite(m_data.tokens))
        words << tr("%1 supervised tokens a step").arg(locale.toString(static_cast<qlonglong>(m_data.tokens)));
    if (std::isfinite(m_data.tokensPerSecond))
        words << tr("%1 tokens a second").arg(locale.toString(m_data.tokensPerSecond, 'f', 1));
    return words.join(QStringLiteral(" · "));
}

void TrainingPanel::fillTable() {
    const QLocale locale;
    m_checkpoints->clear();
    const QStringList columns = {tr("goes on at"), tr("attempt"), tr("size"), tr("taken"), tr("folder")};
    m_checkpoints->setColumnCount(static_cast<int>(columns.size()));
    m_checkpoints->setHorizontalHeaderLabels(columns);
    m_checkpoints->setRowCount(static_cast<int>(m_data.checkpoints.size()));
    for (int row = 0; row < m_checkpoints->rowCount(); ++row) {
        const auto& one = m_data.checkpoints[static_cast<std::size_t>(row)];
        const QString folder = QString::fromStdString(one.folder);
        const QString cells[] = {locale.toString(static_cast<qlonglong>(one.step)), QString::number(one.attempt),
            locale.formattedDataSize(one.bytes),
            one.timeUs ? QDateTime::fromMSecsSinceEpoch(*one.timeUs / 1000).toString(QStringLiteral("yyyy-MM-dd HH:mm"))
                       : QString(),
            folder.isEmpty() ? tr("replaced by a newer one") : QDir(folder).dirName()};
        for (int at = 0; at < columns.size(); ++at) m_checkpoints->setItem(row, at, new QTableWidgetItem(cells[at]));
        m_checkpoints->item(row, static_cast<int>(columns.size()) - 1)->setToolTip(kit::plainToolTip(folder));
    }
    m_checkpoints->resizeColumnsToContents();
    const int rows = std::clamp(m_checkpoints->rowCount(), 1, kMostRowsShown);
    m_checkpoints->setFixedHeight(
        m_checkpoints->horizontalHeader()->sizeHint().height() + kit::userSize(24) * rows + 4);
}

kit::DataTable TrainingPanel::dataTable() const {
    kit::DataTable out;
    out.title = tr("Training: %1").arg(QString::fromStdString(m_data.row.name()));
    out.columns = {tr("metric"), tr("step"), tr("first"), tr("min"), tr("max"), tr("last")};
    for (std::size_t i = 0; i < m_data.lines.size(); ++i)
        for (const auto& column : m_data.lines[i])
            out.rows << QStringList{QString::fromLatin1(kLines[i].key), QString::number(column.x, 'f', 0),
                QString::number(column.first, 'g', 17), QString::number(column.min, 'g', 17),
                QString::number(column.max, 'g', 17), QString::number(column.last, 'g', 17)};
    for (const SetLine& set : m_data.sets)
        for (const auto& column : set.columns)
            out.rows << QStringList{QStringLiteral("eval/nll_nats@") + QString::fromStdString(set.name),
                QString::number(column.x, 'f', 0), QString::number(column.first, 'g', 17),
                QString::number(column.min, 'g', 17), QString::number(column.max, 'g', 17),
                QString::number(column.last, 'g', 17)};
    return out;
}

}  // namespace dubito::lmview
