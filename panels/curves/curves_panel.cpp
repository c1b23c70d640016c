// Reducer first, widget second: a chart never sees more than four values a pixel column.
#include "curves/curves_panel.h"

#include <QKeyEvent>
#include <QShowEvent>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

#include "curves/curve_bands.h"
#include "curves/curve_groups.h"

namespace dubito::curves {
namespace {

constexpr qsizetype kMostCharts = 24, kMostRuns = 32, kFrontRuns = 8, kMostInBands = 2000, kMostGrouped = 500,
                    kMostEventsOf = 5;

}  // namespace

CurvesPanel::CurvesPanel(QWidget* parent)
    : Panel(QStringLiteral("curves"), parent), m_tools(new QWidget), m_body(new QWidget), m_scroll(new QScrollArea),
      m_filter(new QLineEdit), m_group(new kit::LabelledChoice(tr("group"))), m_x(new kit::LabelledChoice(tr("x"))),
      m_axes(new kit::LabelledChoice(tr("axes"))), m_smooth(new kit::LabelledChoice(tr("smooth"))),
      m_isShared(kit::wordButton(tr("Shared x"))), m_hasTree(kit::wordButton(tr("Metrics"))),
      m_eachRun(kit::wordButton(tr("Each seed"))), m_tree(new MetricTree), m_legend(new RunLegend),
      m_reload(new QTimer(this)), m_visible(new QTimer(this)), m_figureReader(new QObject(this)),
      m_hover(std::nan("")) {
    buildTools();
    m_states = new kit::StateView(buildCharts());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tools);
    layout->addWidget(m_states, 1);
    m_reload->setSingleShot(true);
    m_reload->setInterval(250);
    m_visible->setSingleShot(true);
    m_visible->setInterval(40);
    // New metrics appear while a run goes on.
    connect(m_reload, &QTimer::timeout, this, [this] { loadKeys(); });
    connect(m_visible, &QTimer::timeout, this, [this] { loadVisible(); });
    followTools();
}

void CurvesPanel::onAttached() {
    m_all = {};
    rebuild({});
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
        for (auto& card : m_charts) card->setStep(context().selection->step());
        tellValues();
        Q_EMIT cursorChanged();
    });
    loadKeys();
}

void CurvesPanel::showEvent(QShowEvent*) {
    if (m_isStale) loadKeys();
    else m_visible->start();
}

QVector<RunMark> CurvesPanel::selectedRuns() const {
    QVector<RunMark> out;
    if (!context().selection) return out;
    // More than can be told apart: the first as lines, all of them as bands.
    const auto& all = context().selection->runs();
    const auto most = m_style.isGrouped ? kMostGrouped : all.size() > kMostRuns ? kFrontRuns : kMostRuns;
    for (const qint64 runNo : all.mid(0, most)) out.append({runNo, {}, context().selection->slotOf(runNo), {}});
    return out;
}

/// Empty: each run has its line.
QVector<RunMark> CurvesPanel::runsInBands() const {
    QVector<RunMark> out;
    if (!context().selection || m_style.isGrouped || context().selection->runs().size() <= kMostRuns) return out;
    for (const qint64 runNo : context().selection->runs().mid(0, kMostInBands)) out.append({runNo, {}, 0, {}});
    return out;
}

Result<CurvesPanel::Keys> CurvesPanel::queryKeys(store::Database& db, const QVector<RunMark>& runs, bool isGrouped) {
    Keys out;
    QSet<QString> seen;
    if (isGrouped) {
        DUBITO_TRY(out.runs, groupBySeeds(db, runs));
        out.configurations = out.runs.size();
        out.runs = out.runs.mid(0, kMostRuns);
    } else {
        DUBITO_TRY(out.runs, loadNames(db, runs));
    }
    for (qsizetype i = 0; i < runs.size(); ++i) {
        DUBITO_TRY(const auto metrics, store::queryMetrics(db, runs[i].runNo));
        for (const auto& metric : metrics) {
            const QString key = QString::fromStdString(metric.key);
            if (seen.contains(key)) continue;
            seen.insert(key);
            out.keys << key;
            out.units << QString::fromStdString(metric.unit);
        }
        if (i >= kMostEventsOf) continue;
        DUBITO_TRY(const auto checkpoints, store::queryCheckpoints(db, runs[i].runNo));
        constexpr std::size_t kMostMarks = 100;
        for (std::size_t at = 0; at < std::min(kMostMarks, checkpoints.size()); ++at)
            out.events.append({runs[i].runNo, static_cast<double>(checkpoints[at].step)});
    }
    return out;
}

void CurvesPanel::loadKeys() {
    if (!context().readers) return;
    m_isStale = !isVisible();
    if (m_isStale) return;
    const QVector<RunMark> runs = selectedRuns();
    const int generation = ++m_generation;
    if (runs.isEmpty()) {
        m_all = {};
        showNothing(tr("Select runs in the table."), true);
        return;
    }
    kit::asyncQuery<Keys>(
        context(), this,
        [runs, isGrouped = m_style.isGrouped](store::Database& db) { return queryKeys(db, runs, isGrouped); },
        [this, generation](Result<Keys> keys) {
            if (generation != m_generation) return;
            if (!keys) m_states->showError(keys.error(), [this] { loadKeys(); });
            else showKeys(std::move(*keys));
        });
}

void CurvesPanel::showKeys(Keys keys) {
    m_all = std::move(keys);
    m_tree->setKeys(m_all.keys);
    m_legend->setRuns(m_all.runs);
    showChosen();
}

void CurvesPanel::showChosen() {
    if (m_all.runs.isEmpty()) return;
    QStringList chosen;
    for (const QString& key : std::as_const(m_all.keys))
        if (key.contains(m_filter->text(), Qt::CaseInsensitive) && m_tree->accepts(key)) chosen << key;
    if (chosen.isEmpty()) {
        showNothing(m_all.keys.isEmpty()         ? tr("The selected runs published no metrics.")
                    : m_filter->text().isEmpty() ? tr("No metric lies in the chosen part of the tree.")
                                                 : tr("No metric matches \"%1\".").arg(m_filter->text()));
        return;
    }
    m_states->showContent();
    tellLimits(chosen.size());
    rebuild(chosen.mid(0, kMostCharts));
    for (auto& card : m_charts) {
        card->setEvents(m_all.events);
        card->isStale = true;
    }
    Q_EMIT showingChanged();
    loadVisible();
}

void CurvesPanel::tellLimits(qsizetype chosen) {
    QStringList words;
    const auto selected = context().selection->runs().size();
    if (m_all.configurations > kMostRuns)
        words << tr("%1 of %2 configurations are drawn.").arg(kMostRuns).arg(m_all.configurations);
    if (m_style.isGrouped && selected > kMostGrouped)
        words << tr("%1 of %2 runs are in the groups.").arg(kMostGrouped).arg(selected);
    if (!m_style.isGrouped && selected > kMostRuns)
        words << tr("More than %1 runs cannot be told apart: the first %2 are lines, bands stand for the %3.")
                     .arg(kMostRuns)
                     .arg(kFrontRuns)
                     .arg(std::min(selected, kMostInBands));
    if (!m_style.isGrouped && selected > kMostInBands)
        words << tr("%1 of %2 runs are in the bands.").arg(kMostInBands).arg(selected);
    if (chosen > kMostCharts)
        words << tr("%1 of %2 metrics are drawn; filter to see others.").arg(kMostCharts).arg(chosen);
    m_states->setBar(words.join(QLatin1Char(' ')));
}

void CurvesPanel::showNothing(const QString& sentence, bool offersRuns) {
    rebuild({});
    m_states->setBar({});
    m_states->showEmpty(sentence, offersRuns ? tr("Show runs") : QString(),
        [this] { context().trigger(QStringLiteral("view.panel.runs")); });
    Q_EMIT showingChanged();
    Q_EMIT cursorChanged();
}

QString CurvesPanel::showing() const {
    if (m_keys.isEmpty() || !context().selection) return {};
    const auto drawn = m_all.runs.size() - m_legend->hidden().size();
    if (m_style.isGrouped)
        return tr("%1 of %2")
            .arg(tr("%n metric(s)", nullptr, static_cast<int>(m_keys.size())),
                tr("%n configuration(s)", nullptr, static_cast<int>(drawn)));
    return tr("%1 of %2")
        .arg(tr("%n metric(s)", nullptr, static_cast<int>(m_keys.size())),
            tr("%n run(s)", nullptr, static_cast<int>(drawn)));
}

void CurvesPanel::rebuild(const QStringList& keys) {
    if (keys == m_keys) return;
    m_keys = keys;
    // A chart whose metric stays keeps its zoom.
    auto before = std::move(m_charts);
    m_charts.clear();
    for (const QString& key : keys) {
        const auto same =
            std::find_if(before.begin(), before.end(), [&](const auto& card) { return card && card->key() == key; });
        if (same != before.end()) m_charts.push_back(std::move(*same));
        else m_charts.emplace_back(makeChart(key, m_all.units.value(m_all.keys.indexOf(key))));
    }
    before.clear();
    layOutCharts();
    tellValues();
}

ChartCard* CurvesPanel::makeChart(const QString& key, const QString& unit) {
    auto* card = new ChartCard(key, unit);
    card->setChartStyle(m_style);
    if (context().selection) card->setStep(context().selection->step());
    kit::PlotView* plot = card->plot();
    connect(plot, &kit::PlotView::columnsChanged, this, [this, card] {
        card->isStale = true;
        m_visible->start();
    });
    connect(plot, &kit::PlotView::rangeChanged, this, [this, card] { zoomed(card); });
    connect(plot, &kit::PlotView::zoomReset, this, [this, card] { zoomEnded(card); });
    connect(plot, &kit::PlotView::hovered, this, [this, card](double x) { hover(card, x); });
    connect(plot, &kit::PlotView::clickedAt, this, [this, card](double x) {
        m_front = card;
        if (const double step = card->stepOf(x); step >= 0) context().selection->setStep(step);
    });
    connect(plot, &kit::PlotView::clickTakenBack, this, [this] { context().selection->setStep(-1); });
    return card;
}

void CurvesPanel::zoomed(ChartCard* card) {
    for (auto& other : m_charts) {
        if (other.get() != card && !m_isShared->isChecked()) continue;
        if (other.get() != card) other->plot()->zoomTo(card->plot()->xFrom(), card->plot()->xTo());
        other->isStale = true;
    }
    loadVisible();
}

void CurvesPanel::zoomEnded(ChartCard* card) {
    for (auto& other : m_charts) {
        if (other.get() != card && !m_isShared->isChecked()) continue;
        other->plot()->showAll();
        other->isStale = true;
    }
    loadVisible();
}

void CurvesPanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Slash) {
        m_tools->show();
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    } else {
        Panel::keyPressEvent(event);
    }
}

void CurvesPanel::loadVisible() {
    if (!isVisible()) {
        m_isStale = true;
        return;
    }
    for (auto& card : m_charts)
        if (card->isStale) load(card.get());
}

LineRequest CurvesPanel::requestOf(const ChartCard& card) const {
    LineRequest out;
    out.runs = m_all.runs;
    out.key = card.key();
    out.columns = card.plot()->plotColumns();
    out.x = m_style.x;
    out.isLogX = m_style.isLogX;
    out.isZoomed = card.plot()->isZoomed();
    out.from = card.plot()->xFrom();
    out.to = card.plot()->xTo();
    out.smoothing = m_style.smoothing;
    out.centre = m_style.centre;
    return out;
}

void CurvesPanel::load(ChartCard* card) {
    // Before it is laid out a chart does not know its width; out of sight it waits.
    if (!context().readers || card->plot()->plotColumns() == 0 || card->visibleRegion().isEmpty()) return;
    if (card->isLoading) {
        card->isAsked = true;
        return;
    }
    card->isLoading = true;
    card->isStale = card->isAsked = false;
    const LineRequest request = requestOf(*card);
    LineRequest many = request;
    many.runs = runsInBands();
    kit::asyncQuery<QVector<RunLine>>(
        context(), card, [request, many](store::Database& db) { return loadDrawn(db, request, many); },
        [this, card, style = m_style, isZoomed = request.isZoomed](Result<QVector<RunLine>> lines) {
            card->isLoading = false;
            if (!lines) {
                m_states->showError(lines.error(), [this] { loadKeys(); });
                return;
            }
            // What was asked in other units is not drawn; the next answer is on its way.
            if (style == m_style && isZoomed == card->plot()->isZoomed()) {
                card->setLines(std::move(*lines));
                card->draw(m_legend->hidden(), isZoomed);
                if (card == front()) tellValues();
                Q_EMIT cursorChanged();
            } else {
                card->isAsked = true;
            }
            if (card->isAsked) load(card);
        });
}

void CurvesPanel::applyStyle() {
    const ChartStyle before = m_style;
    m_style.x = static_cast<XKind>(m_x->box()->currentData().toInt());
    const int axes = m_axes->box()->currentData().toInt();
    m_style.isLogY = axes & 1;
    m_style.isLogX = axes & 2;
    m_style.smoothing = m_smooth->box()->currentData().toDouble();
    const int centre = m_group->box()->currentData().toInt();
    m_style.isGrouped = centre >= 0;
    m_style.centre = m_style.isGrouped ? static_cast<stats::Centre>(centre) : before.centre;
    m_style.showsMembers = m_style.isGrouped && m_eachRun->isChecked();
    m_eachRun->setVisible(m_style.isGrouped);
    if (m_style == before) return;
    if (m_style.isGrouped != before.isGrouped) loadKeys();  // who is drawn changes; the lines follow
    for (auto& card : m_charts) {
        card->setChartStyle(m_style);
        if (m_style.x != before.x) card->plot()->showAll();
        card->draw(m_legend->hidden(), true);
        card->isStale = true;
    }
    loadVisible();
}

void CurvesPanel::redraw() {
    for (auto& card : m_charts) card->draw(m_legend->hidden(), card->plot()->isZoomed());
}

const ChartCard* CurvesPanel::front() const {
    if (m_front)
        for (const auto& card : m_charts)
            if (card.get() == m_front) return m_front;
    return m_charts.empty() ? nullptr : m_charts.front().get();
}

void CurvesPanel::hover(ChartCard* card, double x) {
    m_hover = x;
    if (std::isfinite(x)) m_front = card;
    for (auto& other : m_charts)
        if (other.get() != card) other->plot()->setHover(x);
    tellValues();
}

void CurvesPanel::tellValues() {
    const ChartCard* card = front();
    if (!card) {
        m_legend->setValues({}, {});
        return;
    }
    const double x = std::isfinite(m_hover) ? m_hover : card->plot()->marker();
    const QString place = card->plot()->placeText(x);
    m_legend->setValues(
        place.isEmpty() ? tr("%1, last").arg(card->key()) : tr("%1 at %2").arg(card->key(), place), card->valuesAt(x));
}

kit::CursorRange CurvesPanel::cursor() const {
    kit::CursorRange out{tr("step"), -1, -1};
    for (const auto& card : m_charts)
        for (const RunLine& line : card->lines()) out.last = std::max(out.last, line.lastStep);
    if (context().selection) out.value = static_cast<qint64>(context().selection->step());
    return out;
}

void CurvesPanel::moveCursor(qint64 value) {
    if (context().selection) context().selection->setStep(static_cast<double>(value));
}

}  // namespace dubito::curves
