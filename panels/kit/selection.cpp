// Setters that stay silent when nothing changes, so that linked panels cannot ring for ever.
#include "kit/selection.h"

#include <QSet>

namespace dubito::kit {

void Selection::setRuns(const QVector<qint64>& runs) {
    if (runs == m_runs) return;
    const qint64 before = leadingRun();
    m_runs = runs;
    assignSlots();
    if (leadingRun() != before) m_sequence = 0, m_position = -1, m_layer = -1;
    Q_EMIT runsChanged();
}

void Selection::assignSlots() {
    const QSet<qint64> wanted(m_runs.begin(), m_runs.end());
    for (qint64& run : m_slots)
        if (!wanted.contains(run)) run = 0;
    const QSet<qint64> seated(m_slots.begin(), m_slots.end());
    int free = 0;
    for (const qint64 run : m_runs) {
        if (seated.contains(run)) continue;
        while (free < m_slots.size() && m_slots[free] != 0) ++free;
        if (free == m_slots.size()) m_slots.append(run);
        else m_slots[free] = run;
    }
    while (!m_slots.isEmpty() && m_slots.last() == 0) m_slots.removeLast();
}

int Selection::slotOf(qint64 runNo) const { return runNo == 0 ? -1 : static_cast<int>(m_slots.indexOf(runNo)); }

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
