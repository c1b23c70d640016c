// The door to QCustomPlot: themed axes, reduced series, pen rule, legend, wheel and box zoom, pan, data cursor.
#pragma once

#include <QPointF>
#include <QStringList>
#include <QVector>
#include <QWidget>
#include <vector>

#include "kit/plot_line.h"

class QCustomPlot;
class QTimer;

namespace dubito::kit {

class PlotOverlay;

/// What x counts: a number, seconds since a start, seconds since 1970.
enum class PlotAxis { Number, Elapsed, Clock };

/// Keys while it has the focus: left and right move the cursor from point to point, Home and End to the ends, + and -
/// zoom, Esc shows all again.
class PlotView : public QWidget {
    Q_OBJECT
public:
    explicit PlotView(QWidget* parent = nullptr);
    ~PlotView() override;
    void setLabels(const QString& x, const QString& y);
    void setLines(const QVector<PlotLine>& lines, bool keepRange);
    void setMarks(const QVector<PlotMark>& marks);
    void setXRange(double from, double to);
    void zoomTo(double from, double to);  ///< as if the user had zoomed, in silence
    void setXAxis(PlotAxis axis);
    void setLogX(bool on);
    void setLogY(bool on, bool reversed = false);
    void showLegend();             ///< names of the lines, above the axes
    void setMarker(double x);      ///< vertical line of the cursor; NaN hides it
    void setHover(double x);       ///< the pointer's line, also of a pointer over another plot; NaN hides it
    void setHighlight(qint64 id);  ///< lines of this id stand out; 0: none
    const PlotPicture& picture() const { return m_picture; }
    double marker() const;
    QString placeText(double x) const;  ///< "step 500"; empty for NaN
    QString readOut() const;            ///< the values at the pointer, else at the cursor, in words
    double xFrom() const;
    double xTo() const;
    /// Pixel columns of the axis rectangle, device pixels. 0 before it was laid out: ask when columnsChanged() comes.
    int plotColumns() const { return m_columns; }
    bool isZoomed() const { return m_zoomed; }
    void resetZoom();
    void showAll();  ///< the same in silence
    void applyTheme();

Q_SIGNALS:
    void rangeChanged(double from, double to);  ///< by the user; coalesced
    void clickedAt(double x);                   ///< or moved there by keys
    void clickTakenBack();                      ///< it was the first half of a double click, and no cursor stood before
    void zoomReset();
    void hovered(double x);  ///< NaN: the pointer left
    void columnsChanged();   ///< the first layout and changes of size; coalesced, silent while hidden

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void followMouse();
    void afterReplot();
    void rebuild(bool keepRange);
    void fitY();
    void fitAxes();
    void moveBy(int direction);
    void moveToEnd(bool last);
    void zoomBy(double factor);
    void say();
    QCustomPlot* m_plot;
    PlotOverlay* m_overlay;
    PlotPicture m_picture;
    QTimer *m_coalesce, *m_resample;
    QPointF m_pressedAt;
    double m_markerBefore;
    qint64 m_highlight = 0;
    int m_columns = 0, m_toldColumns = 0;
    bool m_zoomed = false, m_boxed = false, m_internal = false, m_isPressed = false, m_isPointerHere = false;
};

}  // namespace dubito::kit
