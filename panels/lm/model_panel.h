// A model as a run shows it: card and tensors, what quantising costs, scores, prompts as tokens, any text as tokens.
#pragma once

#include <QComboBox>
#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableWidget>
#include <QTimer>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/plot_view.h"
#include "kit/state_view.h"
#include "lm/model_data.h"

namespace dubito::lmview {

class ModelPanel : public kit::Panel {
    Q_OBJECT
public:
    enum View { Card, Tensors, Quantisation, Evaluation, Template, Tokenizer, ViewCount };
    explicit ModelPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Model"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;
    QJsonObject saveLayout() const override;
    void restoreLayout(const QJsonObject& layout) override;
    void showView(View view) { m_views->setCurrentIndex(view); }

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;

private:
    void buildPages();
    QWidget* buildQuestion();
    void follow();
    void clear(qint64 runNo);  ///< nothing of the run before stays
    void load();
    void refresh();
    void showPrompt();
    void showQuantisation();
    void showPieces();
    void ask();
    void fill(QTableWidget* table, const Table& content);
    static QWidget* scrolled(std::initializer_list<QWidget*> widgets);

    QTabBar* m_views;
    QStackedWidget* m_stack;
    QTableWidget *m_card, *m_account, *m_tensors, *m_conversion, *m_tasks, *m_items;
    QLabel *m_summary, *m_scores, *m_promptSummary, *m_piecesSummary, *m_againstSummary;
    kit::PlotView* m_plot;
    kit::LabelledChoice* m_prompt;
    kit::TokenStrip *m_promptStrip, *m_piecesStrip, *m_againstStrip;
    QLineEdit* m_question;
    QPushButton *m_ask, *m_compare;
    kit::StateView* m_states;
    QTimer* m_reload;
    ModelData m_data;
    QHash<QTableWidget*, Table> m_shown;  ///< what each table holds, so that a refresh without news costs nothing
    qint64 m_run = 0;
    QString m_name;  ///< of the run
    int m_generation = 0;
    bool m_live = false;
};

}  // namespace dubito::lmview
