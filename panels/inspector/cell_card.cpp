// One sentence, candidates, the token's rank over layers, numbers, then what can be done.
#include "inspector/cell_card.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/token_strip.h"

namespace dubito::inspector {

CellCard::CellCard(QWidget* parent)
    : QWidget(parent), m_title(new QLabel), m_sub(new QLabel), m_entropy(kit::mono()), m_kl(kit::mono()),
      m_rank(kit::mono()), m_norm(kit::mono()), m_top(new kit::BarList), m_ranks(new kit::PlotView),
      m_rankCaption(kit::caption({})), m_branch(new QPushButton(tr("Branch here"))),
      m_patch(new QPushButton(tr("Patch from…"))), m_ablate(new QPushButton(tr("Ablate"))), m_provenance(new QWidget) {
    m_title->setFont(kit::monoFont(14));
    m_title->setWordWrap(true);
    m_sub->setProperty("role", "sub");
    m_sub->setWordWrap(true);
    m_ranks->setFixedHeight(170);
    m_ranks->setLogY(true, true);
    m_ranks->setLabels(tr("layer"), {});
    m_ranks->setAccessibleName(tr("Rank over layers"));
    m_top->setAccessibleName(tr("Candidates of this read-out"));
    m_patch->setProperty("role", "primary");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(5);
    layout->addWidget(m_title);
    layout->addWidget(m_sub);
    layout->addWidget(m_top);
    layout->addSpacing(8);
    layout->addWidget(m_rankCaption);
    layout->addWidget(m_ranks);
    layout->addSpacing(4);
    layout->addWidget(kit::caption(tr("Cell")));
    layout->addWidget(kit::keyValueRow(tr("entropy"), m_entropy));
    layout->addWidget(kit::keyValueRow(tr("KL to the model"), m_kl));
    layout->addWidget(kit::keyValueRow(tr("rank of said token"), m_rank));
    layout->addWidget(kit::keyValueRow(tr("residual norm"), m_norm));
    auto* table = new QPushButton(tr("As table"));
    auto* first = new QHBoxLayout;
    first->addWidget(m_patch);
    first->addWidget(m_ablate);
    first->addStretch();
    auto* second = new QHBoxLayout;
    second->addWidget(m_branch);
    second->addWidget(table);
    second->addStretch();
    layout->addLayout(first);
    layout->addLayout(second);
    layout->addSpacing(6);
    layout->addWidget(kit::caption(tr("Provenance")));
    layout->addWidget(m_provenance);
    layout->addStretch();
    connect(m_branch, &QPushButton::clicked, this, [this] { Q_EMIT branchAsked(m_bestAlternative); });
    connect(m_patch, &QPushButton::clicked, this, &CellCard::causalAsked);
    connect(m_ablate, &QPushButton::clicked, this, &CellCard::ablateAsked);
    connect(table, &QPushButton::clicked, this, &CellCard::tableAsked);
    connect(m_top, &kit::BarList::clicked, this, &CellCard::branchAsked);
    connect(m_ranks, &kit::PlotView::clickedAt, this,
        [this](double x) { Q_EMIT layerAsked(static_cast<int>(std::lround(x))); });
}

void CellCard::show(const InspectorData& data, const Sequence& sequence, int layer, int position) {
    if (position < 0 || position >= static_cast<int>(sequence.positions.size())) return;
    const Position& cell = sequence.positions[static_cast<std::size_t>(position)];
    const Position* next = position + 1 < static_cast<int>(sequence.positions.size())
                               ? &sequence.positions[static_cast<std::size_t>(position) + 1]
                               : nullptr;
    const QString here = kit::tokenSign(cell.text), said = next ? kit::tokenSign(next->text) : QString();
    m_title->setText(layer == 0 ? tr("embedding · “%1” → “%2”").arg(here, said)
                                : tr("layer %1 · “%2” → “%3”").arg(layer).arg(here, said));
    const bool isPrompt = position + 1 < sequence.promptLength;
    const double probability = next ? std::exp(static_cast<double>(next->logprob)) : std::nan("");
    m_sub->setText(isPrompt ? tr("What this layer would say at position %1; the prompt goes on with “%2” (p = %3).")
                                  .arg(position)
                                  .arg(said.trimmed())
                                  .arg(probability, 0, 'f', 2)
                            : tr("What this layer would say at position %1; the model says “%2” with p = %3.")
                                  .arg(position)
                                  .arg(said.trimmed())
                                  .arg(probability, 0, 'f', 2));
    QVector<kit::BarRow> rows;
    const int k = std::max(1, data.topK);
    m_bestAlternative = -1;
    for (int i = 0; i < std::min(k, 10); ++i) {
        const auto index = static_cast<std::size_t>(layer * k + i);
        if (index >= cell.topId.size() || index >= cell.topLogp.size()) break;
        const double p = std::exp(static_cast<double>(cell.topLogp[index]));
        rows.append({kit::tokenSign(data.wordOf(cell.topId[index])), p, QString::number(p, 'f', 3),
            static_cast<int>(cell.topId[index])});
        if (m_bestAlternative < 0 && (!next || static_cast<int>(cell.topId[index]) != next->id))
            m_bestAlternative = static_cast<int>(cell.topId[index]);
    }
    m_top->setRows(rows);
    m_rankCaption->setText(tr("Rank of “%1” over layers").arg(said.trimmed()));
    kit::PlotLine line;
    line.style = 0;
    for (int l = 0; l <= data.layers; ++l)
        if (const float rank = cell.at(l, kRank); std::isfinite(rank))
            line.x << l, line.y << static_cast<double>(rank) + 1;
    m_ranks->setLines({line}, false);
    m_ranks->setMarker(layer);
    m_entropy->setText(tr("%1 nat").arg(static_cast<double>(cell.at(layer, kEntropy)), 0, 'f', 2));
    m_kl->setText(tr("%1 nat").arg(static_cast<double>(cell.at(layer, kKl)), 0, 'f', 2));
    const float rank = cell.at(layer, kRank);
    m_rank->setText(std::isfinite(rank) ? QLocale().toString(static_cast<qlonglong>(rank) + 1) : QStringLiteral("–"));
    m_norm->setText(static_cast<std::size_t>(layer) < cell.residNorm.size()
                        ? kit::shortNumber(static_cast<double>(cell.residNorm[static_cast<std::size_t>(layer)]))
                        : QStringLiteral("–"));
}

void CellCard::setProvenance(const std::vector<std::pair<QString, QString>>& rows) {
    auto* fresh = new QWidget;
    auto* column = new QVBoxLayout(fresh);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(1);
    for (const auto& [key, value] : rows) column->addWidget(kit::keyValueRow(key, kit::mono(value)));
    delete layout()->replaceWidget(m_provenance, fresh);
    m_provenance->deleteLater();
    m_provenance = fresh;
}

void CellCard::setLive(bool live) {
    for (QPushButton* button : {m_branch, m_patch, m_ablate}) {
        button->setEnabled(live);
        button->setToolTip(live ? QString() : tr("The run's worker has ended. Open a live session to try this."));
    }
}

}  // namespace dubito::inspector
