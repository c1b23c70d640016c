// One metric: head with provenance, and the plot.
#pragma once

#include <QFrame>

#include "curves/curve_query.h"
#include "kit/controls.h"
#include "kit/plot_view.h"

namespace dubito::curves {

/// How all charts are drawn.
struct ChartStyle {
    XKind x = XKind::Step;
    bool isLogX = false, isLogY = false;
    double smoothing = 0;
    bool isGrouped = false, showsMembers = false;  ///< seeds of a configuration as one; each of them too
    stats::Centre centre = stats::Centre::Median;
    bool operator==(const ChartStyle&) const = default;
};

QString axisTitle(XKind kind);
QString centreTitle(stats::Centre centre);
/// As they are drawn, the ones behind first.
QVector<kit::PlotLine> drawnLines(const QVector<RunLine>& lines, const QSet<qint64>& hidden, bool showsMembers);

/// A checkpoint of a run.
struct RunEvent {
    qint64 runNo = 0;
    double step = 0;
};

class ChartCard : public QFrame {
    Q_OBJECT
public:
    ChartCard(const QString& key, const QString& unit, QWidget* parent = nullptr);
    const QString& key() const { return m_key; }
    const QString& unit() const { return m_unit; }
    kit::PlotView* plot() const { return m_plot; }
    const QVector<RunLine>& lines() const { return m_lines; }
    QString provenance() const { return m_provenance->text(); }

    void setChartStyle(const ChartStyle& style);
    void setLines(QVector<RunLine> lines);
    void setEvents(const QVector<RunEvent>& events);
    void draw(const QSet<qint64>& hidden, bool keepRange);
    void setStep(double step);  ///< of the time cursor; negative: none
    double stepOf(double x) const;
    /// Value of every run at x, NaN: its last one; as words.
    QHash<qint64, QString> valuesAt(double x) const;
    QStringList captionLines() const;  ///< runs, points, unit and smoothing: below a figure

    // Of the panel that loads it.
    bool isLoading = false, isAsked = false, isStale = true;

private:
    void tellProvenance(const QSet<qint64>& hidden);
    QString tellSeeds(const QSet<qint64>& hidden) const;
    void placeMarks(const QSet<qint64>& hidden);

    QString m_key, m_unit;
    kit::ElidedLabel *m_name, *m_provenance;
    kit::PlotView* m_plot;
    QVector<RunLine> m_lines;
    QVector<RunEvent> m_events;
    QSet<qint64> m_hidden;
    ChartStyle m_style;
    double m_step = -1;
};

}  // namespace dubito::curves
