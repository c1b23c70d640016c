// One sentence, candidates, the token's rank over layers, numbers, then what can be done.
#include "inspector/cell_card.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/flow_layout.h"
#include "kit/term.h"
#include "kit/token_strip.h"
#include "kit/user_size.h"

namespace dubito::inspector {

CellCard::CellCard(QWidget* parent)
    : QWidget(parent), m_title(new QLabel), m_sub(new QLabel), m_entropy(kit::mono()), m_kl(kit::mono()),
      m_rank(kit::mono()), m_norm(kit::mono()), m_inside(new QWidget), m_top(new kit::BarList),
      m_ranks(new kit::PlotView), m_rankCaption(kit::caption({})), m_branch(new QPushButton),
      m_patch(new QPushButton(tr("Patch from…"))), m_ablate(new QPushButton(tr("Ablate"))),
      m_table(new QPushButton(tr("As table"))), m_provenance(new QWidget) {
    m_title->setFont(kit::monoFont(14));
    m_sub->setProperty("role", "sub");
    for (QLabel* label : {m_title, m_sub, m_rankCaption}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_ranks->setFixedHeight(kit::userSize(140));
    m_ranks->setLogY(true, true);
    m_ranks->setLabels(tr("layer"), {});
    m_ranks->setAccessibleName(tr("Rank over layers"));
    m_top->setAccessibleName(tr("Candidates of this read-out"));
    auto* inside = new QVBoxLayout(m_inside);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(5);
    inside->addWidget(m_top);
    inside->addSpacing(8);
    inside->addWidget(m_rankCaption);
    inside->addWidget(m_ranks);
    inside->addSpacing(4);
    inside->addWidget(buildNumbers());
    inside->addWidget(buildButtons());
    inside->addSpacing(6);
    inside->addWidget(kit::caption(tr("Provenance")));
    inside->addWidget(m_provenance);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(5);
    layout->addWidget(m_title);
    layout->addWidget(m_sub);
    layout->addWidget(m_inside);
    layout->addStretch();
    connect(m_branch, &QPushButton::clicked, this, [this] { Q_EMIT branchAsked(m_bestAlternative); });
    connect(m_patch, &QPushButton::clicked, this, &CellCard::causalAsked);
    connect(m_ablate, &QPushButton::clicked, this, &CellCard::ablateAsked);
    connect(m_table, &QPushButton::clicked, this, &CellCard::tableAsked);
    connect(m_top, &kit::BarList::clicked, this, &CellCard::branchAsked);
    connect(m_ranks, &kit::PlotView::clickedAt, this,
        [this](double x) { Q_EMIT layerAsked(static_cast<int>(std::lround(x))); });
    showNothing({});
}

QWidget* CellCard::buildNumbers() {
    auto* out = new QWidget;
    auto* rows = new QVBoxLayout(out);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(1);
    rows->addWidget(kit::caption(tr("Cell")));
    const auto add = [rows](const QString& key, QLabel* value, const char* term) {
        QWidget* row = kit::keyValueRow(key, value);
        kit::explain(row, QString::fromLatin1(term));
        value->setAccessibleDescription(key);  // its name is what it says
        rows->addWidget(row);
    };
    add(tr("entropy"), m_entropy, "entropy");
    add(tr("KL to the model"), m_kl, "KL");
    add(tr("rank of said token"), m_rank, "rank");
    add(tr("residual norm"), m_norm, "residual norm");
    return out;
}

QWidget* CellCard::buildButtons() {
    m_patch->setProperty("role", "primary");
    kit::explain(m_rankCaption, QStringLiteral("rank"));
    auto* out = new QWidget;
    auto* row = new kit::FlowLayout(out);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    for (QPushButton* button : {m_patch, m_ablate, m_branch, m_table}) row->addWidget(button);
    return out;
}

void CellCard::showNothing(const QString& sentence) {
    m_title->hide();
    m_sub->setText(sentence);
    m_inside->hide();
    m_bestAlternative = m_said = -1;
    m_candidates.clear();
    showCandidates();
    m_ranks->setLines({}, false);
    for (QLabel* value : {m_entropy, m_kl, m_rank, m_norm}) value->clear();
}

void CellCard::show(const InspectorData& data, const Sequence& sequence, int layer, int position) {
    if (position < 0 || position >= static_cast<int>(sequence.positions.size()))
        return showNothing(tr("No cell is selected."));
    m_title->show();
    m_inside->show();
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
    constexpr int kShown = 5;  // the hover of the map and the table have them all
    m_candidates.clear();
    const int k = std::max(1, data.topK);
    m_bestAlternative = -1;
    m_said = next ? next->id : -1;
    for (int i = 0; i < k; ++i) {
        const auto index = static_cast<std::size_t>(layer * k + i);
        if (index >= cell.topId.size() || index >= cell.topLogp.size()) break;
        const double p = std::exp(static_cast<double>(cell.topLogp[index]));
        const int id = static_cast<int>(cell.topId[index]);
        if (i < kShown)
            m_candidates.append({kit::tokenSign(data.wordOf(cell.topId[index])), p, QString::number(p, 'f', 3), id});
        if (m_bestAlternative < 0 && id != m_said) {
            m_bestAlternative = id;
            m_branch->setText(tr("Say “%1”")
                                  .arg(kit::tokenSign(data.wordOf(cell.topId[index])))
                                  .replace(QLatin1Char('&'), QStringLiteral("&&")));
        }
        if (i >= kShown && m_bestAlternative >= 0) break;
    }
    m_branch->setVisible(m_bestAlternative >= 0);
    showCandidates();
    m_rankCaption->setText(tr("Rank of “%1” over layers").arg(said.trimmed()));
    kit::PlotLine line;
    line.style = 0;
    for (int l = 0; l <= data.layers; ++l)
        if (const float rank = cell.at(l, kRank); std::isfinite(rank))
            line.x << l, line.y << static_cast<double>(rank) + 1;
    m_ranks->setLines({line}, false);
    m_ranks->setMarker(layer);
    m_entropy->setText(tr("%1 nats").arg(static_cast<double>(cell.at(layer, kEntropy)), 0, 'f', 2));
    m_kl->setText(tr("%1 nats").arg(static_cast<double>(cell.at(layer, kKl)), 0, 'f', 2));
    const float rank = cell.at(layer, kRank);
    m_rank->setText(std::isfinite(rank) ? tr("%1 of %2")
                                              .arg(QLocale().toString(static_cast<qlonglong>(rank) + 1),
                                                  QLocale().toString(data.vocabulary))
                                        : QStringLiteral("–"));
    m_norm->setText(static_cast<std::size_t>(layer) < cell.residNorm.size()
                        ? kit::shortNumber(static_cast<double>(cell.residNorm[static_cast<std::size_t>(layer)]))
                        : QStringLiteral("–"));
}

void CellCard::setProvenance(const std::vector<std::pair<QString, QString>>& rows) {
    auto* fresh = new QWidget;
    auto* column = new QVBoxLayout(fresh);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(1);
    constexpr int kLongest = 28;  // of a value beside its key; the whole one is in the tool tip
    for (const auto& [key, value] : rows) {
        const bool isCut = value.size() > kLongest;
        auto* label = kit::mono(isCut ? value.left(kLongest - 1) + QChar(0x2026) : value);
        if (isCut) label->setToolTip(kit::plainToolTip(value));
        column->addWidget(kit::keyValueRow(key, label));
    }
    delete m_inside->layout()->replaceWidget(m_provenance, fresh);
    m_provenance->deleteLater();
    m_provenance = fresh;
}

void CellCard::showCandidates() {
    // Words at the ends of rows say what a press does, and only where one can be pressed.
    QVector<kit::BarRow> rows = m_candidates;
    for (kit::BarRow& row : rows) {
        const bool isSaid = row.id == m_said;
        row.word = isSaid ? tr("said") : m_live ? tr("say this") : QString();
        if (isSaid || !m_live) row.id = -1;
    }
    m_top->setRows(rows);
}

void CellCard::setLive(bool live) {
    m_live = live;
    for (QPushButton* button : {m_branch, m_patch, m_ablate}) button->setEnabled(live);
    const QString why = tr("The run's worker has ended. Open a live session to try this.");
    m_branch->setToolTip(live ? tr("The text goes on from this word instead, as a text of its own") : why);
    m_patch->setToolTip(live ? QString() : why);
    m_ablate->setToolTip(live ? QString() : why);
    kit::explain(m_patch, QStringLiteral("patching"));
    kit::explain(m_ablate, QStringLiteral("ablation"));
    showCandidates();
}

}  // namespace dubito::inspector
