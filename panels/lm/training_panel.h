// A fine-tune as it runs: loss, held-out loss, learning rate, gradient norm, speed, and the checkpoints it can go on
// from.
#pragma once

#include <QPushButton>
#include <QTableWidget>
#include <QTimer>
#include <QToolButton>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/plot_view.h"
#include "kit/state_view.h"
#include "lm/training_data.h"

class QGridLayout;
class QScrollArea;
class QVBoxLayout;

namespace dubito::lmview {

class TrainingPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit TrainingPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Training"); }
    kit::DataTable dataTable() const override;
    QVector<kit::Figure> figures() const override;
    QString showing() const override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    bool isTrainer() const;  ///< its plugin teaches models, whether it came to a step or not
    bool hasSomething() const;
    std::array<bool, 2> hidden() const;
    QLayout* buildButtons();
    void buildCharts(QVBoxLayout* column);
    QWidget* buildLegend();
    kit::PlotView* addChart(const QString& name);
    void showLines();
    void showStops();
    void buildTable();
    void follow();
    void clear(qint64 runNo);  ///< nothing of the run before stays
    void load();
    void refresh();
    void fillTable();
    void fitCharts();
    void fitLater();
    QString stepText() const;
    QString statusText() const;

    QLabel* m_status;
    QPushButton *m_pause, *m_resume, *m_chat, *m_export;
    QScrollArea* m_scroll;
    QWidget* m_drawn;           ///< legend and charts
    QLabel* m_below = nullptr;  ///< the first of what stands below them
    QGridLayout* m_grid;
    QVector<kit::PlotView*> m_charts;
    QVector<QWidget*> m_frames;  ///< one a chart but the first
    QLabel* m_sets = nullptr;    ///< the named held-out sets with their last values
    QToolButton* m_legend[2];    ///< training, held out: each shows and hides its line
    QTableWidget* m_checkpoints;
    kit::StateView* m_states;
    QTimer* m_reload;
    TrainingData m_data;
    qint64 m_run = 0;
    int m_generation = 0;
};

}  // namespace dubito::lmview
