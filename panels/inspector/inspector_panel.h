// The thought inspector: layers, ranks, residuals, attention, attribution, causal grids and differences of stored
// read-outs.
#pragma once

#include <QStackedWidget>
#include <QTabBar>
#include <QTimer>

#include "inspector/attention_view.h"
#include "inspector/causal_view.h"
#include "inspector/cell_card.h"
#include "inspector/layer_map.h"
#include "inspector/rank_view.h"
#include "kit/bar_list.h"
#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "kit/token_strip.h"

class QLineEdit;
class QPushButton;
class QScrollArea;

namespace dubito::inspector {

class InspectorPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit InspectorPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Thought inspector"); }
    QWidget* sideWidget() override { return m_card; }
    kit::DataTable dataTable() const override;
    QVector<kit::Figure> figures() const override;
    kit::CursorRange cursor() const override;
    void moveCursor(qint64 value) override;
    QString showing() const override;
    QJsonObject saveLayout() const override;
    void restoreLayout(const QJsonObject& layout) override;
    void showView(int view) { m_views->setCurrentIndex(view); }
    void compareWith(qint64 runNo);  ///< one of the selected runs; 0: none
    enum View { Layers, Ranks, Residual, Attention, Attribution, Causal, ViewCount };

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QLayout* buildTools();
    void buildViews();
    QWidget* buildText();
    void connectTools();
    void showTools();  ///< those that the view in front heeds
    void showLegend();
    void connectCells();
    void connectCard();
    void follow();
    void clear(qint64 runNo, const QString& sentence);  ///< nothing of the run before stays
    void load();
    void showRun(const store::RunRow& row, const std::string& device);
    void showProgress(const store::RunRow& row);
    void showRefusal(const std::vector<store::LogRow>& lines);
    void goToNewest(int before, std::size_t testsBefore);  ///< what was asked for here and is there now
    void select(int layer, int position);
    QString nameOf(const Sequence& sequence) const;
    void askPatch();
    void askAblation();
    void loadOther();
    void rebuildSequences();
    void rebuildCompare(const std::vector<std::pair<qint64, QString>>& others);
    void refresh();
    void showCell();
    bool showAwaited(const Sequence& now);
    void fitText();
    void showCurrentToken();
    void showResidual();
    void showDetail();
    const Sequence* sequence() const;
    void sendCommand(const QString& verb, const QJsonObject& arguments);

    InspectorData m_data;
    InspectorData m_other;
    PositionDetail m_detail;
    qint64 m_run = 0, m_otherRun = 0;
    int m_generation = 0, m_detailGeneration = 0;
    bool m_live = false;
    QString m_name;                ///< of the run
    QString m_answerOf;            ///< what is asked of the worker and not yet there: "prompt", "branch", "causal"
    qint64 m_askedUs = 0;          ///< when
    QString m_stopped, m_refusal;  ///< sentences of the bar
    QString m_reading;             ///< how far the worker is, before the caption of the text
    qint64 m_readingOf = 0;        ///< tokens
    int m_wantedMarked = -1;       ///< row k, before the model is known
    int m_detailPosition = -1, m_detailSequence = -1;

    kit::StateView* m_states;
    kit::LabelledChoice *m_statistic, *m_marked, *m_sequenceBox, *m_compare;
    QLabel* m_readOut;
    ScaleLegend* m_legend;
    QTabBar* m_views;
    QStackedWidget* m_stack;
    LayerMap* m_map;
    RankView* m_ranks;
    kit::PlotView* m_residPlot;
    AttentionView* m_attention;
    kit::BarList* m_attribution;
    QLabel* m_attributionNote;
    CausalView* m_causal;
    QLabel* m_answerCaption;
    kit::TokenStrip* m_strip;
    QScrollArea* m_stripArea;
    QLineEdit* m_prompt;
    QPushButton* m_ask;
    QWidget* m_promptRow;
    CellCard* m_card;
    QTimer* m_reload;
};

}  // namespace dubito::inspector
