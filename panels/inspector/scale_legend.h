// What the colours of a figure mean: two ends with a band of the colours between them.
#pragma once

#include <QWidget>

class QPainter;

namespace dubito::inspector {

struct ColourScale {
    QString low, high;  ///< words at the ends; both empty: no scale
    bool isDiverging = false;
    QString note = {};  ///< behind it: "◀ 3 earlier tokens"
    bool isEmpty() const { return low.isEmpty() && high.isEmpty(); }
    QString words() const;
};

double scaleWidth(const ColourScale& scale, const QFontMetricsF& metrics);
/// In the painter's font, from the left, in the middle of the height.
void paintScale(QPainter& painter, const QRectF& room, const ColourScale& scale);

class ScaleLegend : public QWidget {
    Q_OBJECT
public:
    explicit ScaleLegend(QWidget* parent = nullptr);
    void setScale(const ColourScale& scale);
    const ColourScale& scale() const { return m_scale; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {40, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    ColourScale m_scale;
};

}  // namespace dubito::inspector
