// The head says what the line is made of: unit, runs, points, smoothing, and what an axis cannot show.
#include "curves/chart_card.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace dubito::curves {

QString axisTitle(XKind kind) {
    switch (kind) {
        case XKind::Elapsed: return ChartCard::tr("time since start");
        case XKind::Clock: return ChartCard::tr("clock");
        case XKind::Tokens: return ChartCard::tr("tokens");
        default: return ChartCard::tr("step");
    }
}

QString centreTitle(stats::Centre centre) {
    return centre == stats::Centre::Mean     ? ChartCard::tr("mean")
           : centre == stats::Centre::Median ? ChartCard::tr("median")
                                             : ChartCard::tr("interquartile mean");
}

QVector<kit::PlotLine> drawnLines(const QVector<RunLine>& lines, const QSet<qint64>& hidden, bool showsMembers) {
    QVector<kit::PlotLine> out;
    for (const RunLine& line : lines) {
        if (hidden.contains(line.run.runNo)) continue;
        if (line.ofRuns > 0) out << line.inner;
        if (showsMembers) out += line.members;
        if (!line.smooth.x.isEmpty()) out << line.raw;
    }
    for (const RunLine& line : lines) {
        if (hidden.contains(line.run.runNo)) continue;
        out << (line.smooth.x.isEmpty() ? line.raw : line.smooth);
        if (line.ofRuns > 0) out.last().name = ChartCard::tr("median of %n run(s)", nullptr, line.ofRuns);
    }
    return out;
}

ChartCard::ChartCard(const QString& key, const QString& unit, QWidget* parent)
    : QFrame(parent), m_key(key), m_unit(unit), m_name(new kit::ElidedLabel(key)), m_provenance(new kit::ElidedLabel),
      m_plot(new kit::PlotView) {
    setProperty("role", "card");
    m_name->setProperty("role", "heading");
    m_provenance->setProperty("role", "faint");
    m_provenance->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    // Whatever they say, they ask for no room: charts side by side stay equally wide.
    m_provenance->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_plot->setMinimumSize(120, 60);
    m_plot->setLabels(axisTitle(XKind::Step), unit == QLatin1String("1") ? QString() : unit);
    m_plot->setAccessibleName(key);
    auto* head = new QHBoxLayout;
    head->addWidget(m_name);
    head->addWidget(m_provenance, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 8, 10, 6);
    column->addLayout(head);
    column->addWidget(m_plot, 1);
}

void ChartCard::setChartStyle(const ChartStyle& style) {
    m_style = style;
    m_plot->setLabels(axisTitle(style.x), m_unit == QLatin1String("1") ? QString() : m_unit);
    m_plot->setXAxis(style.x == XKind::Clock     ? kit::PlotAxis::Clock
                     : style.x == XKind::Elapsed ? kit::PlotAxis::Elapsed
                                                 : kit::PlotAxis::Number);
    m_plot->setLogX(style.isLogX && style.x != XKind::Clock);
    m_plot->setLogY(style.isLogY);
}

void ChartCard::setLines(QVector<RunLine> lines) {
    m_lines = std::move(lines);
    for (RunLine& line : m_lines)
        if (line.ofRuns > 0) line.run.name = tr("median of %n run(s)", nullptr, line.ofRuns);
}
void ChartCard::setEvents(const QVector<RunEvent>& events) { m_events = events; }

void ChartCard::draw(const QSet<qint64>& hidden, bool keepRange) {
    m_hidden = hidden;
    m_plot->setLines(drawnLines(m_lines, hidden, m_style.showsMembers), keepRange);
    tellProvenance(hidden);
    placeMarks(hidden);
    setStep(m_step);
}

/// "median over 3–5 seeds, 95 % bootstrap"; empty: nothing stands for several.
QString ChartCard::tellSeeds(const QSet<qint64>& hidden) const {
    int least = 0, most = 0;
    for (const RunLine& line : m_lines) {
        if (line.mostSeeds == 0 || hidden.contains(line.run.runNo)) continue;
        least = least ? std::min(least, line.leastSeeds) : line.leastSeeds;
        most = std::max(most, line.mostSeeds);
    }
    if (most == 0) return {};
    return tr("%1 over %2 seeds, 95 % bootstrap")
        .arg(centreTitle(m_style.centre),
            least == most ? QString::number(most) : QStringLiteral("%1–%2").arg(least).arg(most));
}

void ChartCard::tellProvenance(const QSet<qint64>& hidden) {
    qint64 points = 0, lost = 0;
    int runs = 0;
    QString bands;
    for (const RunLine& line : m_lines) {
        if (hidden.contains(line.run.runNo)) continue;
        if (line.ofRuns > 0) {
            bands = tr("median of %n run(s), bands 25–75 and 5–95 %", nullptr, line.ofRuns);
            continue;
        }
        ++runs;
        points += line.points;
        lost += line.atOrBelowZero;
    }
    QStringList words;
    if (!m_unit.isEmpty() && m_unit != QLatin1String("1")) words << m_unit;
    if (!bands.isEmpty()) words << bands;
    if (const QString seeds = tellSeeds(hidden); !seeds.isEmpty()) words << seeds;
    if (m_style.isGrouped) words << tr("%n configuration(s)", nullptr, runs);
    else words << (bands.isEmpty() ? tr("%n run(s)", nullptr, runs) : tr("%n run(s) as lines", nullptr, runs));
    words << (points == 1 ? tr("1 point") : tr("%1 points").arg(QLocale().toString(points)));
    if (m_style.smoothing > 0)
        words << (m_style.isGrouped ? tr("smoothed %1 per point").arg(m_style.smoothing)
                                    : tr("smoothed %1 per point, raw as ghost").arg(m_style.smoothing));
    if (m_style.isLogY && lost > 0) words << tr("values at or below 0 are not drawn");
    if (m_style.x == XKind::Tokens && runs == 0) words << tr("no count of tokens");
    m_provenance->setText(words.join(QStringLiteral(" · ")));
}

void ChartCard::placeMarks(const QSet<qint64>& hidden) {
    QVector<kit::PlotMark> marks;
    for (const RunEvent& event : m_events)
        for (const RunLine& line : m_lines) {
            if (line.run.runNo != event.runNo || hidden.contains(event.runNo) || line.raw.steps.isEmpty()) continue;
            const auto& steps = line.raw.steps;
            const auto at = std::lower_bound(steps.begin(), steps.end(), event.step) - steps.begin();
            if (m_style.x != XKind::Step && at == steps.size()) continue;
            marks.append({m_style.x == XKind::Step ? event.step : line.raw.x[at], line.raw.style, tr("checkpoint")});
        }
    m_plot->setMarks(marks);
}

void ChartCard::setStep(double step) {
    m_step = step;
    double x = step < 0 ? std::nan("") : step;
    if (step >= 0 && m_style.x != XKind::Step) {
        x = std::nan("");
        for (const RunLine& line : m_lines) {
            const auto& steps = line.raw.steps;
            if (steps.isEmpty() || m_hidden.contains(line.run.runNo)) continue;
            const auto at = std::lower_bound(steps.begin(), steps.end(), step) - steps.begin();
            if (at == steps.size()) continue;
            x = line.raw.x[at];
            break;
        }
    }
    m_plot->setMarker(x);
}

double ChartCard::stepOf(double x) const {
    if (m_style.x == XKind::Step) return std::max(0.0, std::round(x));
    for (const RunLine& line : m_lines)
        if (const auto at = kit::nearestPoint(line.raw, x); at >= 0 && !m_hidden.contains(line.run.runNo))
            return line.raw.stepAt(at);
    return -1;
}

QHash<qint64, QString> ChartCard::valuesAt(double x) const {
    QHash<qint64, QString> out;
    for (const RunLine& line : m_lines) {
        const kit::PlotLine& shown = line.smooth.x.isEmpty() ? line.raw : line.smooth;
        double value = std::nan("");
        if (std::isfinite(x)) {
            if (const auto at = kit::nearestPoint(shown, x); at >= 0) value = shown.y[at];
        } else {
            for (auto i = shown.y.size(); i-- > 0 && !std::isfinite(value);) value = shown.y[i];
        }
        if (std::isfinite(value)) out[line.run.runNo] = QString::number(value, 'g', 5);
    }
    return out;
}

QStringList ChartCard::captionLines() const {
    QStringList names;
    for (const RunLine& line : m_lines)
        if (!m_hidden.contains(line.run.runNo)) names << line.run.name;
    return {tr("Runs: %1").arg(names.join(tr(", "))), provenance(),
        m_plot->isZoomed() ? tr("Part of the %1 axis").arg(axisTitle(m_style.x))
                           : tr("x: %1").arg(axisTitle(m_style.x))};
}

}  // namespace dubito::curves
