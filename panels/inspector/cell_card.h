// The selection card of the inspector: what one layer would have said at one position.
#pragma once

#include <QLabel>
#include <QWidget>

#include "inspector/inspector_data.h"
#include "kit/bar_list.h"
#include "kit/plot_view.h"

class QPushButton;

namespace dubito::inspector {

class CellCard : public QWidget {
    Q_OBJECT
public:
    explicit CellCard(QWidget* parent = nullptr);
    /// No cell: one sentence, nothing of the last one, nothing to press.
    void showNothing(const QString& sentence);
    void show(const InspectorData& data, const Sequence& sequence, int layer, int position);
    void setProvenance(const std::vector<std::pair<QString, QString>>& rows);
    void setLive(bool live);  ///< the run's worker is up: branches and tests can be asked for

Q_SIGNALS:
    void branchAsked(int tokenId);
    void causalAsked();
    void ablateAsked();
    void tableAsked();
    void layerAsked(int layer);

private:
    QWidget* buildNumbers();
    QWidget* buildButtons();
    void showCandidates();
    QLabel *m_title, *m_sub, *m_entropy, *m_kl, *m_rank, *m_norm;
    QWidget* m_inside;  ///< all below the sentence: there with a cell
    kit::BarList* m_top;
    kit::PlotView* m_ranks;
    QLabel* m_rankCaption;
    QPushButton *m_branch, *m_patch, *m_ablate, *m_table;
    QWidget* m_provenance;
    QVector<kit::BarRow> m_candidates;
    int m_said = -1, m_bestAlternative = -1;
    bool m_live = false;
};

}  // namespace dubito::inspector
