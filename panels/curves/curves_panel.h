// Live curves of the selected runs: one chart a metric, reduced in the store, full resolution on zoom.
#pragma once

#include <QGridLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QTimer>

#include <memory>

#include "curves/chart_card.h"
#include "curves/metric_tree.h"
#include "curves/run_legend.h"
#include "kit/controls.h"
#include "kit/panel.h"
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
    QVector<kit::Figure> figures() const override;
    QJsonObject saveLayout() const override;
    void restoreLayout(const QJsonObject& layout) override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Keys {
        QStringList keys, units;
        QVector<RunMark> runs;  ///< or configurations, as they are drawn
        QVector<RunEvent> events;
        qsizetype configurations = 0;  ///< also those that are not drawn; 0: not grouped
    };
    void buildTools();
    QWidget* buildCharts();
    void followTools();
    void loadKeys();
    static Result<Keys> queryKeys(store::Database& db, const QVector<RunMark>& runs, bool isGrouped);
    void showKeys(Keys keys);
    void showChosen();  ///< of the loaded metrics, those that the filter and the tree let through
    void showNothing(const QString& sentence, bool offersRuns = false);  ///< no chart of other runs stays
    kit::DataTable groupTable() const;
    void tellLimits(qsizetype chosen);
    void layOutCharts();
    void rebuild(const QStringList& keys);
    ChartCard* makeChart(const QString& key, const QString& unit);
    void zoomed(ChartCard* card);
    void zoomEnded(ChartCard* card);
    void loadVisible();
    void load(ChartCard* card);
    LineRequest requestOf(const ChartCard& card) const;
    void applyStyle();
    void redraw();
    void tellValues();
    void hover(ChartCard* card, double x);
    QVector<RunMark> selectedRuns() const;
    QVector<RunMark> runsInBands() const;
    const ChartCard* front() const;
    kit::Figure figureOf(const ChartCard& card) const;

    kit::StateView* m_states;
    QWidget *m_tools, *m_body;
    QScrollArea* m_scroll;
    QGridLayout* m_grid;
    QLineEdit* m_filter;
    kit::LabelledChoice *m_group, *m_x, *m_axes, *m_smooth;
    QToolButton *m_isShared, *m_hasTree, *m_eachRun;
    MetricTree* m_tree;
    RunLegend* m_legend;
    std::vector<std::unique_ptr<ChartCard>> m_charts;
    QTimer *m_reload, *m_visible;
    QPointer<ChartCard> m_front;  ///< the one the pointer or the focus is in
    ChartStyle m_style;
    Keys m_all;
    QStringList m_keys;
    QObject* m_figureReader;
    double m_hover;
    int m_generation = 0;
    bool m_isStale = true, m_wantsTree = true;
};

}  // namespace dubito::curves
