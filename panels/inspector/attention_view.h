// Where the heads look from one position: layer by head at the left, one layer's heads by place at the right.
#pragma once

#include <QBoxLayout>

#include "inspector/inspector_data.h"
#include "inspector/matrix_view.h"

namespace dubito::inspector {

/// Weight on the first place, by layer and head; without rows where none was captured.
Matrix sinkMatrix(const PositionDetail& detail);
/// Where each head of a layer (1..N) looks from a position; long texts keep the last places.
Matrix headMatrix(const PositionDetail& detail, const Sequence& sequence, int layer, int position);

class AttentionView : public QWidget {
    Q_OBJECT
public:
    explicit AttentionView(QWidget* parent = nullptr);
    /// @param layer 1..N, the block whose heads are large
    void show(const PositionDetail& detail, const Sequence& sequence, int layer, int position);

    QSize minimumSizeHint() const override { return {200, 160}; }

Q_SIGNALS:
    void layerAsked(int layer);

protected:
    void resizeEvent(QResizeEvent*) override;

private:
    MatrixView *m_sinks, *m_heads;
    QBoxLayout* m_row;  ///< a column where it is narrow
};

}  // namespace dubito::inspector
