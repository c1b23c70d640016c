// Reducer first, widget second: a chart never sees more than four values a pixel column.
#include "curves/curves_panel.h"

#include <QShowEvent>
#include <QVBoxLayout>

#include <cmath>

#include "curves/smoothing.h"
#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "run/run_state.h"

namespace dubito::curves {
namespace {

constexpr std::size_t kMostCharts = 24;
constexpr int kMostRuns = 32;

struct Keys {
    QStringList keys, units;
};
struct Lines {
    std::vector<store::Column> columns;
    std::string name;
    QByteArray id;
};

}  // namespace

CurvesPanel::CurvesPanel(QWidget* parent)
    : Panel(QStringLiteral("curves"), parent), m_scroll(new QScrollArea), m_filter(new QLineEdit),
      m_hint(new kit::ElidedLabel(tr("x: step · wheel zooms, drag pans, Shift+drag boxes, double click resets"))),
      m_smooth(new kit::LabelledChoice(tr("smooth"))), m_reload(new QTimer(this)) {
    auto* inside = new QWidget;
    inside->setProperty("role", "canvas");
    m_grid = new QGridLayout(inside);
    m_grid->setContentsMargins(12, 4, 12, 12);
    m_grid->setSpacing(10);
    m_scroll->setWidget(inside);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_filter->setPlaceholderText(tr("filter metrics"));
    m_filter->setAccessibleName(tr("Filter metrics"));
    m_filter->setFont(kit::monoFont());
    m_filter->setMinimumWidth(140);
    for (const char* weight : {"0", "0.6", "0.9", "0.99"})
        m_smooth->box()->addItem(QString::fromLatin1(weight), QString::fromLatin1(weight).toDouble());
    auto* tools = new kit::FlowLayout;
    tools->setContentsMargins(12, 8, 12, 8);
    tools->setSpacing(8);
    tools->addWidget(m_filter);
    tools->addWidget(m_smooth);
    m_hint->setProperty("role", "faint");
    tools->addWidget(m_hint);
    m_states = new kit::StateView(m_scroll);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(tools);
    layout->addWidget(m_states, 1);
    m_reload->setSingleShot(true);
    m_reload->setInterval(250);
    // New metrics appear while a run goes on.
    connect(m_reload, &QTimer::timeout, this, [this] { loadKeys(); });
    connect(m_filter, &QLineEdit::textChanged, this, [this] { loadKeys(); });
    connect(m_smooth->box(), &QComboBox::currentIndexChanged, this, [this] {
        for (auto& chart : m_charts) draw(*chart, true);
    });
}

void CurvesPanel::onAttached() {
    m_charts.clear();
    m_keys.clear();
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    showNothing(tr("Select runs in the table."), true);
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { loadKeys(); });
    connect(context().events, &kit::RunEvents::committed, this, [this](qint64 runNo) {
        if (runNo && context().selection->runs().contains(runNo) && !m_reload->isActive()) m_reload->start();
    });
    connect(context().selection, &kit::Selection::stepChanged, this, [this] {
        const double step = context().selection->step();
        for (auto& chart : m_charts) chart->plot->setMarker(step < 0 ? std::nan("") : step);
        Q_EMIT cursorChanged();
    });
    loadKeys();
}

void CurvesPanel::showEvent(QShowEvent*) {
    if (m_stale) loadKeys();
}

void CurvesPanel::loadKeys() {
    if (!context().readers) return;
    m_stale = !isVisible();
    if (m_stale) return;
    const QVector<qint64> runs = context().selection->runs().mid(0, kMostRuns);
    const int generation = ++m_generation;
    if (runs.isEmpty()) {
        showNothing(tr("Select runs in the table."), true);
        return;
    }
    const std::string part = m_filter->text().toStdString();
    kit::asyncQuery<Keys>(
        context(), this,
        [runs, part](store::Database& db) -> Result<Keys> {
            Keys out;
            for (const qint64 runNo : runs) {
                DUBITO_TRY(const auto metrics, store::queryMetrics(db, runNo));
                for (const auto& metric : metrics) {
                    if (metric.key.find(part) == std::string::npos) continue;
                    const QString key = QString::fromStdString(metric.key);
                    if (!out.keys.contains(key)) out.keys << key, out.units << QString::fromStdString(metric.unit);
                }
            }
            return out;
        },
        [this, generation](Result<Keys> keys) {
            if (generation != m_generation) return;
            if (!keys) {
                m_states->showError(keys.error(), [this] { loadKeys(); });
                return;
            }
            if (keys->keys.isEmpty()) {
                showNothing(m_filter->text().isEmpty() ? tr("The selected runs published no metrics.")
                                                       : tr("No metric matches \"%1\".").arg(m_filter->text()));
                return;
            }
            m_states->showContent();
            m_states->setBar(
                keys->keys.size() > static_cast<int>(kMostCharts)
                    ? tr("%1 of %2 metrics are drawn; filter to see others.").arg(kMostCharts).arg(keys->keys.size())
                    : QString());
            const QStringList shown = keys->keys.mid(0, kMostCharts);
            if (shown != m_keys) rebuild(shown, keys->units);
            Q_EMIT showingChanged();
            reloadAll();
        });
}

void CurvesPanel::showNothing(const QString& sentence, bool offersRuns) {
    rebuild({}, {});
    m_states->setBar({});
    m_states->showEmpty(sentence, offersRuns ? tr("Show runs") : QString(),
        [this] { context().trigger(QStringLiteral("view.panel.runs")); });
    Q_EMIT showingChanged();
    Q_EMIT cursorChanged();
}

QString CurvesPanel::showing() const {
    if (m_keys.isEmpty() || !context().selection) return {};
    return tr("%1 of %2")
        .arg(tr("%n metric(s)", nullptr, static_cast<int>(m_keys.size())),
            tr("%n run(s)", nullptr, static_cast<int>(context().selection->runs().mid(0, kMostRuns).size())));
}

void CurvesPanel::rebuild(const QStringList& keys, const QStringList& units) {
    m_keys = keys;
    for (auto& chart : m_charts) delete chart->frame;
    m_charts.clear();
    for (int i = 0; i < keys.size(); ++i) m_charts.push_back(makeChart(keys[i], units.value(i)));
    layOutCharts();
}

std::unique_ptr<CurvesPanel::Chart> CurvesPanel::makeChart(const QString& key, const QString& unit) {
    auto chart = std::make_unique<Chart>();
    chart->key = key;
    chart->unit = unit;
    chart->frame = new QFrame;
    chart->frame->setProperty("role", "card");
    chart->plot = new kit::PlotView;
    chart->plot->setMinimumHeight(190);
    chart->plot->setLabels(tr("step"), {});
    chart->plot->setAccessibleName(key);
    auto* name = new kit::ElidedLabel(key);
    name->setProperty("role", "heading");
    chart->provenance = new kit::ElidedLabel;
    chart->provenance->setProperty("role", "faint");
    chart->provenance->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* head = new QHBoxLayout;
    head->addWidget(name);
    head->addWidget(chart->provenance, 1);
    auto* column = new QVBoxLayout(chart->frame);
    column->setContentsMargins(10, 8, 10, 6);
    column->addLayout(head);
    column->addWidget(chart->plot, 1);
    Chart* raw = chart.get();
    connect(chart->plot, &kit::PlotView::rangeChanged, this, [this, raw] { loadChart(*raw); });
    connect(chart->plot, &kit::PlotView::zoomReset, this, [this, raw] { loadChart(*raw); });
    connect(chart->plot, &kit::PlotView::clickedAt, this,
        [this](double x) { context().selection->setStep(std::round(x)); });
    return chart;
}

void CurvesPanel::layOutCharts() {
    QVector<QWidget*> frames;
    for (const auto& chart : m_charts) frames << chart->frame;
    const int columns = kit::columnsFor(width());
    kit::layInColumns(m_grid, frames, columns);
    m_grid->setRowStretch(static_cast<int>(frames.size() + columns - 1) / columns, 1);
}

void CurvesPanel::resizeEvent(QResizeEvent* event) {
    Panel::resizeEvent(event);
    constexpr int kRoomOfHint = 720;
    m_hint->setVisible(width() >= kRoomOfHint);
    layOutCharts();
}

void CurvesPanel::reloadAll() {
    if (!isVisible()) {
        m_stale = true;
        return;
    }
    for (auto& chart : m_charts) loadChart(*chart);
}

void CurvesPanel::loadChart(Chart& chart) {
    const QVector<qint64> runs = context().selection->runs().mid(0, kMostRuns);
    const std::string key = chart.key.toStdString();
    const int columns = chart.plot->plotColumns(), generation = ++chart.generation;
    const bool zoomed = chart.plot->isZoomed();
    const double from = chart.plot->xFrom(), to = chart.plot->xTo();
    kit::asyncQuery<QVector<RunLine>>(
        context(), this,
        [runs, key, columns, zoomed, from, to](store::Database& db) -> Result<QVector<RunLine>> {
            QVector<RunLine> out;
            for (const qint64 runNo : runs) {
                DUBITO_TRY(const auto range, store::queryStepRange(db, runNo, key));
                if (!range) continue;
                DUBITO_TRY(const auto row, store::findRun(db, runNo));
                RunLine line;
                line.runNo = runNo;
                line.name = row ? QString::fromStdString(row->name()) : QString();
                line.style =
                    row ? kit::seriesIndexOf(QByteArray(reinterpret_cast<const char*>(row->id.bytes.data()), 16)) : 0;
                const auto first = zoomed ? static_cast<std::int64_t>(std::floor(from)) : range->first,
                           last = zoomed ? static_cast<std::int64_t>(std::ceil(to)) : range->second;
                DUBITO_TRY(line.columns, store::queryColumns(db, runNo, key, first, last, columns));
                out.append(std::move(line));
            }
            return out;
        },
        [this, index = &chart, generation, zoomed](Result<QVector<RunLine>> lines) {
            for (auto& chart : m_charts) {
                if (chart.get() != index || chart->generation != generation) continue;
                if (!lines) {
                    m_states->showError(lines.error(), [this] { loadKeys(); });
                    return;
                }
                chart->lines = std::move(*lines);
                draw(*chart, zoomed);
            }
            Q_EMIT cursorChanged();
        });
}

void CurvesPanel::draw(Chart& chart, bool keepRange) {
    const double weight = m_smooth->box()->currentData().toDouble();
    QVector<kit::PlotLine> lines;
    std::int64_t points = 0;
    for (const RunLine& run : chart.lines) {
        kit::PlotLine raw = kit::lineOf(run.columns);
        raw.name = run.name;
        raw.style = run.style;
        std::vector<double> lasts;
        for (const auto& column : run.columns) points += column.n, lasts.push_back(column.last);
        if (weight > 0) {
            kit::PlotLine smooth = raw;
            const auto values = smoothed(lasts, weight);
            smooth.x.clear();
            smooth.y.clear();
            smooth.dense = false;
            for (std::size_t i = 0; i < values.size(); ++i) smooth.x << run.columns[i].xLast, smooth.y << values[i];
            raw.isGhost = true;
            lines << raw << smooth;
        } else {
            lines << raw;
        }
    }
    const QString smoothing = weight > 0 ? tr(" · smoothed %1, raw as ghost").arg(weight) : QString();
    chart.provenance->setText(tr("%1 · %n run(s) · %2 points", nullptr, static_cast<int>(chart.lines.size()))
                                  .arg(chart.unit.isEmpty() ? QStringLiteral("1") : chart.unit,
                                      QLocale().toString(static_cast<qlonglong>(points))) +
                              smoothing);
    chart.plot->setLines(lines, keepRange);
}

kit::CursorRange CurvesPanel::cursor() const {
    kit::CursorRange out{tr("step"), -1, -1};
    for (const auto& chart : m_charts)
        for (const RunLine& line : chart->lines)
            if (!line.columns.empty()) out.last = std::max(out.last, static_cast<qint64>(line.columns.back().xLast));
    if (context().selection) out.value = static_cast<qint64>(context().selection->step());
    return out;
}

void CurvesPanel::moveCursor(qint64 value) {
    if (context().selection) context().selection->setStep(static_cast<double>(value));
}

kit::DataTable CurvesPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Curves");
    table.columns = {
        tr("metric"), tr("unit"), tr("run"), tr("step"), tr("first"), tr("min"), tr("max"), tr("last"), tr("points")};
    for (const auto& chart : m_charts)
        for (const RunLine& line : chart->lines)
            for (const auto& column : line.columns)
                table.rows << QStringList{chart->key, chart->unit, line.name, QString::number(column.x, 'f', 0),
                    QString::number(column.first, 'g', 17), QString::number(column.min, 'g', 17),
                    QString::number(column.max, 'g', 17), QString::number(column.last, 'g', 17),
                    QString::number(column.n)};
    return table;
}

}  // namespace dubito::curves
