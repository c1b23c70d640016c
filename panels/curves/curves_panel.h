// Live curves of the selected runs: one chart a metric, reduced in the store, full resolution on zoom.
#pragma once

#include <QGridLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QTimer>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/plot_view.h"
#include "kit/state_view.h"

namespace dubito::curves {

class CurvesPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit CurvesPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Curves"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;
    kit::CursorRange cursor() const override;
    void moveCursor(qint64 value) override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct RunLine {
        qint64 runNo = 0;
        QString name;
        std::size_t style = 0;
        std::vector<store::Column> columns;
    };
    struct Chart {
        QString key, unit;
        QFrame* frame = nullptr;
        kit::ElidedLabel* provenance = nullptr;
        kit::PlotView* plot = nullptr;
        QVector<RunLine> lines;
        int generation = 0;
    };
    void loadKeys();
    void showNothing(const QString& sentence, bool offersRuns = false);  ///< no chart of other runs stays
    void layOutCharts();
    std::unique_ptr<Chart> makeChart(const QString& key, const QString& unit);
    void rebuild(const QStringList& keys, const QStringList& units);
    void loadChart(Chart& chart);
    void draw(Chart& chart, bool keepRange);
    void reloadAll();

    kit::StateView* m_states;
    QScrollArea* m_scroll;
    QGridLayout* m_grid;
    QLineEdit* m_filter;
    kit::ElidedLabel* m_hint;
    kit::LabelledChoice* m_smooth;
    std::vector<std::unique_ptr<Chart>> m_charts;
    QTimer* m_reload;
    QStringList m_keys;
    int m_generation = 0;
    bool m_stale = true;
};

}  // namespace dubito::curves
