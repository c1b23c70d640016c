// The one shared selection: what every panel shows or follows.
#pragma once

#include <QObject>
#include <QVector>

namespace dubito::kit {

/// [gui]. Panels publish by the setters and follow by the signals; equal values send nothing.
class Selection : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    const QVector<qint64>& runs() const { return m_runs; }  ///< run numbers, the leading one first
    qint64 leadingRun() const { return m_runs.isEmpty() ? 0 : m_runs.first(); }
    /// Index of the run's colour and dash in the series cycle: the lowest one that was free when it was selected, kept
    /// as long as it stays selected. @return -1: it is not selected
    int slotOf(qint64 runNo) const;
    int sequence() const { return m_sequence; }
    int position() const { return m_position; }  ///< token position, -1: none
    int layer() const { return m_layer; }        ///< 0 embedding .. N, -1: none
    const QString& metric() const { return m_metric; }
    double step() const { return m_step; }  ///< of the time cursor; negative: none

    void setRuns(const QVector<qint64>& runs);
    void setCell(int sequence, int layer, int position);
    void setMetric(const QString& key);
    void setStep(double step);

Q_SIGNALS:
    void runsChanged();
    void cellChanged();
    void metricChanged();
    void stepChanged();

private:
    void assignSlots();
    QVector<qint64> m_runs, m_slots;  ///< a slot's run; 0: free
    int m_sequence = 0, m_position = -1, m_layer = -1;
    QString m_metric;
    double m_step = -1;
};

}  // namespace dubito::kit
