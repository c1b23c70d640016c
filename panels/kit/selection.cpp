// Setters that stay silent when nothing changes, so that linked panels cannot ring for ever.
#include "kit/selection.h"

namespace dubito::kit {

void Selection::setRuns(const QVector<qint64>& runs) {
    if (runs == m_runs) return;
    const qint64 before = leadingRun();
    m_runs = runs;
    if (leadingRun() != before) m_sequence = 0, m_position = -1, m_layer = -1;
    Q_EMIT runsChanged();
}

void Selection::setCell(int sequence, int layer, int position) {
    if (sequence == m_sequence && layer == m_layer && position == m_position) return;
    m_sequence = sequence;
    m_layer = layer;
    m_position = position;
    Q_EMIT cellChanged();
}

void Selection::setMetric(const QString& key) {
    if (key == m_metric) return;
    m_metric = key;
    Q_EMIT metricChanged();
}

void Selection::setStep(double step) {
    if (step == m_step) return;
    m_step = step;
    Q_EMIT stepChanged();
}

}  // namespace dubito::kit
