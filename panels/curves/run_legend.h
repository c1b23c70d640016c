// Which line is which run: a swatch, the name and the value of the chart in front; each entry is a switch.
#pragma once

#include <QAbstractButton>
#include <QHash>
#include <QScrollArea>
#include <QSet>

#include "curves/curve_query.h"
#include "kit/controls.h"
#include "kit/flow_layout.h"

namespace dubito::curves {

class LegendEntry : public QAbstractButton {
    Q_OBJECT
public:
    explicit LegendEntry(const RunMark& run, QWidget* parent = nullptr);
    const RunMark& run() const { return m_run; }
    void setValue(const QString& value);
    const QString& value() const { return m_value; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {60, sizeHint().height()}; }

Q_SIGNALS:
    void soloAsked();
    void entered(bool isInside);

protected:
    void paintEvent(QPaintEvent*) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    RunMark m_run;
    QString m_value;
};

class RunLegend : public QScrollArea {
    Q_OBJECT
public:
    explicit RunLegend(QWidget* parent = nullptr);
    void setRuns(const QVector<RunMark>& runs);
    /// Values by run at a place ("loss at step 500"); runs without one say so.
    void setValues(const QString& place, const QHash<qint64, QString>& values);
    void setMostRows(int rows);  ///< more scroll
    const QSet<qint64>& hidden() const { return m_hidden; }

Q_SIGNALS:
    void hiddenChanged();
    void highlighted(qint64 runNo);  ///< the pointer rests on its entry; 0: on none

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void fitHeight();
    void fitWords();
    void hideAll(bool on);
    void showOnly(qint64 runNo);
    void follow();

    QWidget* m_inside;
    kit::FlowLayout* m_flow;
    kit::ElidedLabel* m_place;
    QToolButton *m_all, *m_none;
    QVector<LegendEntry*> m_entries;
    QVector<RunMark> m_runs;
    QSet<qint64> m_hidden;
    int m_mostRows = 3;
};

}  // namespace dubito::curves
