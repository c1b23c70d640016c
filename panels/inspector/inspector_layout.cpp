// How the inspector is put together: tools, views, the text below them, and what each does when it is used.
#include <QJsonObject>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

#include "inspector/inspector_panel.h"
#include "kit/flow_layout.h"
#include "kit/term.h"

namespace dubito::inspector {
namespace {

QWidget* scrolled(QWidget* head, QWidget* widget) {
    auto* inside = new QWidget;
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(12, 4, 12, 4);
    column->addWidget(head);
    column->addWidget(widget);
    column->addStretch();
    auto* area = new QScrollArea;
    area->setWidget(inside);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    return area;
}

}  // namespace

InspectorPanel::InspectorPanel(QWidget* parent)
    : Panel(QStringLiteral("inspector"), parent), m_statistic(new kit::LabelledChoice(tr("colour"))),
      m_marked(new kit::LabelledChoice(tr("layer k"))), m_sequenceBox(new kit::LabelledChoice(tr("text"))),
      m_compare(new kit::LabelledChoice(tr("minus"))), m_readOut(new QLabel(tr("raw, unadjusted"))),
      m_legend(new ScaleLegend), m_views(new QTabBar), m_stack(new QStackedWidget), m_map(new LayerMap),
      m_ranks(new RankView), m_residPlot(new kit::PlotView), m_attention(new AttentionView),
      m_attribution(new kit::BarList), m_attributionNote(new QLabel), m_causal(new CausalView),
      m_answerCaption(new kit::ElidedLabel), m_strip(new kit::TokenStrip), m_stripArea(new QScrollArea),
      m_prompt(new QLineEdit), m_ask(new QPushButton(tr("Ask"))), m_promptRow(new QWidget), m_card(new CellCard),
      m_reload(new QTimer(this)) {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(buildTools());
    buildViews();
    column->addWidget(m_stack, 1);
    column->addWidget(buildText());
    m_states = kit::StateView::fill(this, content);
    m_reload->setSingleShot(true);
    m_reload->setInterval(100);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connectTools();
    connectCells();
    connectCard();
}

QLayout* InspectorPanel::buildTools() {
    const char* const statistics[] = {QT_TR_NOOP("entropy, nats"), QT_TR_NOOP("cross-entropy, nats"),
        QT_TR_NOOP("KL to the model, nats"), QT_TR_NOOP("rank of the token said"), QT_TR_NOOP("agrees with the model"),
        QT_TR_NOOP("probability of the token said")};
    for (int i = 0; i < kStatistics; ++i) m_statistic->box()->addItem(tr(statistics[i]), i);
    m_statistic->box()->setCurrentIndex(kRank);
    m_readOut->setProperty("role", "sub");
    m_readOut->setAccessibleName(tr("read-out: raw, unadjusted"));
    m_readOut->setToolTip(tr(
        "The final norm and head applied to a middle layer without any training. Low entropy here is not certainty."));
    kit::explain(m_readOut, QStringLiteral("logit lens"));
    const char* const names[] = {QT_TR_NOOP("Layers"), QT_TR_NOOP("Ranks"), QT_TR_NOOP("Residual"),
        QT_TR_NOOP("Attention"), QT_TR_NOOP("Attribution"), QT_TR_NOOP("Causal")};
    for (const char* name : names) m_views->addTab(tr(name));
    const std::pair<int, const char*> terms[] = {{Layers, "logit lens"}, {Ranks, "rank"}, {Residual, "residual norm"},
        {Attention, "attention head"}, {Attribution, "attribution"}, {Causal, "patching"}};
    for (const auto& [view, term] : terms) m_views->setTabToolTip(view, kit::termSentence(QString::fromLatin1(term)));
    m_views->setDrawBase(false);
    m_views->setExpanding(false);
    m_views->setProperty("role", "inner");
    m_views->setAccessibleName(tr("Views of the inspector"));
    // One row where there is room for it: the rows of the map need the height.
    auto* tools = new kit::FlowLayout;
    tools->setContentsMargins(12, 4, 12, 4);
    tools->setSpacing(8);
    for (QWidget* tool :
        {static_cast<QWidget*>(m_views), static_cast<QWidget*>(m_sequenceBox), static_cast<QWidget*>(m_readOut),
            static_cast<QWidget*>(m_statistic), static_cast<QWidget*>(m_marked), static_cast<QWidget*>(m_compare)})
        tools->addWidget(tool);
    m_statistic->box()->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_statistic->box()->setMinimumContentsLength(14);
    constexpr int kMostShown = 24;  // names in the lists are whole
    for (auto* choice : {m_sequenceBox, m_compare})
        choice->box()->setMaximumWidth(kMostShown * choice->fontMetrics().averageCharWidth());
    return tools;
}

void InspectorPanel::buildViews() {
    m_map->setAccessibleName(tr("Layer map"));
    m_residPlot->setLogY(true);
    m_residPlot->setLabels(tr("layer"), tr("norm"));
    m_residPlot->setAccessibleName(tr("Norms of residual, attention and MLP"));
    m_attribution->setAccessibleName(tr("Logit attribution"));
    m_attributionNote->setProperty("role", "faint");
    m_attributionNote->setWordWrap(true);
    m_attributionNote->setTextFormat(Qt::PlainText);
    kit::explain(m_attributionNote, QStringLiteral("attribution"));
    auto* mapHolder = new QWidget;
    auto* mapColumn = new QVBoxLayout(mapHolder);
    mapColumn->setContentsMargins(12, 0, 0, 0);
    mapColumn->setSpacing(2);
    mapColumn->addWidget(m_map, 1);
    // Below the map, where its changing words move nothing.
    mapColumn->addWidget(m_legend);
    for (QWidget* view : {mapHolder, static_cast<QWidget*>(m_ranks), static_cast<QWidget*>(m_residPlot),
             static_cast<QWidget*>(m_attention), scrolled(m_attributionNote, m_attribution),
             static_cast<QWidget*>(m_causal)})
        m_stack->addWidget(view);
}

QWidget* InspectorPanel::buildText() {
    m_answerCaption->setProperty("role", "faint");
    auto* answer = new QWidget;
    answer->setProperty("role", "footer");
    auto* answerColumn = new QVBoxLayout(answer);
    answerColumn->setContentsMargins(12, 5, 12, 5);
    answerColumn->setSpacing(3);
    answerColumn->addWidget(m_answerCaption);
    // Long texts scroll; the figure keeps its room.
    m_stripArea->setWidget(m_strip);
    m_stripArea->setWidgetResizable(true);
    m_stripArea->setFrameShape(QFrame::NoFrame);
    m_stripArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    answerColumn->addWidget(m_stripArea);
    auto* promptRow = new QHBoxLayout(m_promptRow);
    promptRow->setContentsMargins(0, 4, 0, 0);
    m_prompt->setPlaceholderText(tr("another prompt for the model that is loaded"));
    m_prompt->setAccessibleName(tr("New prompt"));
    promptRow->addWidget(m_prompt, 1);
    promptRow->addWidget(m_ask);
    answerColumn->addWidget(m_promptRow);
    m_promptRow->hide();
    m_strip->setAccessibleName(tr("Text, shaded by doubt"));
    return answer;
}

void InspectorPanel::connectTools() {
    connect(m_views, &QTabBar::currentChanged, this, [this](int view) {
        m_stack->setCurrentIndex(view);
        showTools();
        showCell();
        Q_EMIT showingChanged();
    });
    connect(m_statistic->box(), &QComboBox::currentIndexChanged, this, [this] { refresh(); });
    connect(m_marked->box(), &QComboBox::currentIndexChanged, this,
        [this] { m_map->setMarkedLayer(m_marked->box()->currentData().toInt()); });
    connect(m_map, &LayerMap::scrolled, this, [this] { showLegend(); });
    connect(m_map, &LayerMap::resized, this, [this] { QTimer::singleShot(0, this, [this] { fitText(); }); });
    connect(m_sequenceBox->box(), &QComboBox::activated, this, [this] {
        const auto found = m_data.sequences.find(m_sequenceBox->box()->currentData().toInt());
        if (found != m_data.sequences.end())
            context().selection->setCell(
                found->first, context().selection->layer(), std::max(0, found->second.promptLength - 1));
    });
    connect(m_compare->box(), &QComboBox::activated, this, [this] { loadOther(); });
    connect(m_ranks, &RankView::watchedChanged, this, [this] { showCell(); });
    const auto askModel = [this] {
        if (m_prompt->text().isEmpty()) return;
        sendCommand(QStringLiteral("prompt"), {{"text", m_prompt->text()}});
        m_prompt->clear();
    };
    connect(m_ask, &QPushButton::clicked, this, askModel);
    connect(m_prompt, &QLineEdit::returnPressed, this, askModel);
}

void InspectorPanel::showTools() {
    const int view = m_views->currentIndex();
    const bool isMap = view == Layers;
    m_statistic->setVisible(isMap);
    m_marked->setVisible(isMap);
    m_readOut->setVisible(isMap || view == Ranks);
    m_compare->setVisible(isMap && m_compare->box()->count() > 1);
}

void InspectorPanel::showLegend() { m_legend->setScale(m_map->scale()); }

void InspectorPanel::select(int layer, int position) {
    auto* selection = context().selection;
    selection->setCell(selection->sequence(), layer, position);
}

void InspectorPanel::connectCells() {
    connect(m_map, &LayerMap::cellClicked, this, &InspectorPanel::select);
    connect(m_strip, &kit::TokenStrip::tokenClicked, this,
        [this](int index) { select(std::max(0, context().selection->layer()), std::max(0, index - 1)); });
    connect(m_attention, &AttentionView::layerAsked, this,
        [this](int layer) { select(layer, context().selection->position()); });
    connect(m_card, &CellCard::layerAsked, this,
        [this](int layer) { select(std::clamp(layer, 0, m_data.layers), context().selection->position()); });
}

void InspectorPanel::connectCard() {
    connect(m_card, &CellCard::tableAsked, this, [this] { context().trigger(QStringLiteral("view.data_table")); });
    connect(m_card, &CellCard::branchAsked, this, [this](int token) {
        const auto* selection = context().selection;
        if (m_live && token >= 0)
            sendCommand(QStringLiteral("branch"),
                {{"seq", selection->sequence()}, {"position", selection->position() + 1}, {"token", token}});
    });
    connect(m_card, &CellCard::causalAsked, this, [this] { askPatch(); });
    connect(m_card, &CellCard::ablateAsked, this, [this] { askAblation(); });
}

}  // namespace dubito::inspector
