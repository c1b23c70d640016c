// The only door to QCustomPlot: themed axes, reduced series, pen rule, legend, wheel and box zoom, pan.
#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>
#include <vector>

#include "store/series_codec.h"

class QCustomPlot;
class QTimer;

namespace dubito::kit {

/// One line as at most four values a pixel column, drawn in order; NaN breaks it.
struct PlotLine {
    QString name;
    QVector<double> x, y;
    std::size_t style = 0;  ///< index of the series cycle
    bool isGhost = false;   ///< the raw line behind a smoothed one
    bool dense = false;     ///< more than two points a column: one device pixel wide, no dash
    QStringList labels;     ///< not empty: discs with these names beside them, no line
};

/// Points of a series, reduced to columns by the store, as a line: a column of several points shows its extremes.
PlotLine lineOf(const std::vector<store::Column>& columns);

class PlotView : public QWidget {
    Q_OBJECT
public:
    explicit PlotView(QWidget* parent = nullptr);
    void setLabels(const QString& x, const QString& y);
    void setLines(const QVector<PlotLine>& lines, bool keepRange);
    void setXRange(double from, double to);
    void setLogY(bool on, bool reversed = false);
    void setLegend(bool on, Qt::Alignment corner = Qt::AlignRight | Qt::AlignBottom);  ///< names of the lines
    void setMarker(double x);  ///< vertical line of the cursor; NaN hides it
    double xFrom() const;
    double xTo() const;
    int plotColumns() const;  ///< pixel columns of the axis rectangle, device pixels
    bool isZoomed() const { return m_zoomed; }
    void resetZoom();
    void applyTheme();

Q_SIGNALS:
    void rangeChanged(double from, double to);  ///< by the user; coalesced
    void clickedAt(double x);
    void zoomReset();

protected:
    void changeEvent(QEvent* event) override;

private:
    QCustomPlot* m_plot;
    struct Name {
        QString text;
        double x, y;
    };
    QVector<Name> m_names;  ///< beside discs
    double m_marker;
    QTimer* m_coalesce;
    bool m_zoomed = false, m_boxed = false, m_internal = false;
};

}  // namespace dubito::kit
