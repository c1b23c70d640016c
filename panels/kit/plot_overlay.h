// What moves over a plot without drawing it anew: the time cursor, the pointer's line and the values there, the focus.
#pragma once

#include <QWidget>
#include <functional>

#include "kit/plot_line.h"

namespace dubito::kit {

class PlotOverlay : public QWidget {
    Q_OBJECT
public:
    explicit PlotOverlay(QWidget* parent);

    double marker, hover;     ///< x; NaN: none
    bool saysValues = false;  ///< the read-out of all lines at the pointer, else at the marker
    bool hasFocusRing = false;
    QRect area;  ///< of the axes
    const PlotPicture* picture = nullptr;
    std::function<QPointF(double x, double y)> toPixel;

    /// "step 500: a 0.1, b 0.2": of all lines, for tools that speak.
    QString words() const;
    /// Name and value of every line that is drawn at x; ghosts are left out.
    struct Value {
        const PlotLine* line = nullptr;
        qsizetype at = -1;  ///< -1: the line has no point there
    };
    QVector<Value> valuesAt(double x) const;
    QString placeText(double x) const;  ///< "step 500", "0:01:30"

protected:
    void paintEvent(QPaintEvent*) override;

private:
    double readAt() const;
    void drawCursor(QPainter& painter, double x, const QPen& pen) const;
    void drawMarks(QPainter& painter) const;
    void drawDiscs(QPainter& painter, const QVector<Value>& values) const;
    void drawBox(QPainter& painter, double x, const QVector<Value>& values) const;
};

}  // namespace dubito::kit
