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

class QGridLayout;
class QVBoxLayout;

namespace dubito::lmview {

/// What the panel knows of a run, read on a reader thread.
struct TrainingData {
    store::RunRow row;
    std::vector<std::vector<store::Column>> lines;  ///< one a chart line, in the order of the charts
    std::vector<store::CheckpointRow>
        checkpoints;  ///< the newest hundred; folder is empty where a newer one replaced it
    double tokens = 0, tokensPerSecond = 0, loss = 0, heldOut = 0;  ///< last values; NaN: none
    std::int64_t lastStep = -1;                                     ///< of the loss as it is kept; -1: none
    std::optional<std::int64_t> remainingUs;                        ///< at the pace of the present attempt
    bool isTraining = false;                                        ///< the run published a training loss
};
Result<TrainingData> loadTraining(store::Database& db, std::int64_t runNo, int columns);

class TrainingPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit TrainingPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Training"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    void resizeEvent(QResizeEvent* event) override;

private:
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
    QString stepText() const;
    QString statusText() const;

    QLabel* m_status;
    QPushButton *m_pause, *m_resume, *m_chat, *m_export;
    QGridLayout* m_grid;
    QVector<kit::PlotView*> m_charts;
    QVector<QWidget*> m_frames;  ///< one a chart but the first
    QToolButton* m_legend[2];    ///< training, held out: each shows and hides its line
    QTableWidget* m_checkpoints;
    kit::StateView* m_states;
    QTimer* m_reload;
    TrainingData m_data;
    qint64 m_run = 0;
    int m_generation = 0;
};

}  // namespace dubito::lmview
