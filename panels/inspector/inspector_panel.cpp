// Everything shown comes from the project file; commands go to the worker only while it is up.
#include "inspector/inspector_panel.h"

#include <QInputDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "run/run_state.h"

namespace dubito::inspector {
namespace {

struct Loaded {
    store::RunRow row;
    RecordsByKey records;
    std::string device;
    std::vector<std::pair<qint64, QString>> others;  ///< the other selected runs, to be subtracted
};

QString json(const QJsonObject& object) {
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

}  // namespace

InspectorPanel::InspectorPanel(QWidget* parent)
    : Panel(QStringLiteral("inspector"), parent), m_runName(new QLabel),
      m_statistic(new kit::LabelledChoice(tr("colour"))), m_marked(new kit::LabelledChoice(tr("layer k"))),
      m_sequenceBox(new kit::LabelledChoice(tr("text"))), m_compare(new kit::LabelledChoice(tr("minus"))),
      m_legend(new kit::ElidedLabel), m_views(new QTabBar), m_stack(new QStackedWidget), m_map(new LayerMap),
      m_ranks(new RankView), m_residPlot(new kit::PlotView), m_attention(new AttentionView),
      m_attribution(new kit::BarList), m_causal(new CausalView), m_answerCaption(new QLabel),
      m_strip(new kit::TokenStrip), m_stripArea(new QScrollArea), m_prompt(new QLineEdit), m_promptRow(new QWidget),
      m_card(new CellCard), m_reload(new QTimer(this)) {
    const char* const statistics[] = {QT_TR_NOOP("entropy, nats"), QT_TR_NOOP("cross-entropy, nats"),
        QT_TR_NOOP("KL to the model, nats"), QT_TR_NOOP("rank of the token said"), QT_TR_NOOP("agrees with the model"),
        QT_TR_NOOP("probability of the token said")};
    for (int i = 0; i < kStatistics; ++i) m_statistic->box()->addItem(tr(statistics[i]), i);
    m_statistic->box()->setCurrentIndex(kRank);
    auto* readOut = new QLabel(tr("read-out: raw, unadjusted"));
    readOut->setProperty("role", "sub");
    readOut->setToolTip(tr(
        "The final norm and head applied to a middle layer without any training. Low entropy here is not certainty."));
    m_runName->setProperty("role", "strong");
    m_legend->setProperty("role", "faint");
    m_legend->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* tools = new kit::FlowLayout;
    tools->setContentsMargins(12, 8, 12, 4);
    tools->setSpacing(8);
    tools->addWidget(m_runName);
    tools->addWidget(m_sequenceBox);
    tools->addWidget(readOut);
    tools->addWidget(m_statistic);
    tools->addWidget(m_marked);
    tools->addWidget(m_compare);

    const char* const names[] = {QT_TR_NOOP("Layers"), QT_TR_NOOP("Ranks"), QT_TR_NOOP("Residual"),
        QT_TR_NOOP("Attention"), QT_TR_NOOP("Attribution"), QT_TR_NOOP("Causal")};
    for (const char* name : names) m_views->addTab(tr(name));
    m_views->setDrawBase(false);
    m_views->setExpanding(false);
    m_views->setProperty("role", "inner");
    m_views->setAccessibleName(tr("Views of the inspector"));

    m_map->setAccessibleName(tr("Layer map"));
    m_residPlot->setLogY(true);
    m_residPlot->setLabels(tr("layer"), tr("norm"));
    m_residPlot->setAccessibleName(tr("Norms of residual, attention and MLP"));
    m_attribution->setAccessibleName(tr("Logit attribution"));
    auto* attribution = new QScrollArea;
    auto* attributionInside = new QWidget;
    auto* attributionColumn = new QVBoxLayout(attributionInside);
    attributionColumn->setContentsMargins(12, 4, 12, 4);
    attributionColumn->addWidget(m_attribution);
    attributionColumn->addStretch();
    attribution->setWidget(attributionInside);
    attribution->setWidgetResizable(true);
    attribution->setFrameShape(QFrame::NoFrame);
    auto* mapHolder = new QWidget;
    auto* mapColumn = new QVBoxLayout(mapHolder);
    mapColumn->setContentsMargins(12, 0, 0, 0);
    mapColumn->addWidget(m_map);
    for (QWidget* view : {mapHolder, static_cast<QWidget*>(m_ranks), static_cast<QWidget*>(m_residPlot),
             static_cast<QWidget*>(m_attention), static_cast<QWidget*>(attribution), static_cast<QWidget*>(m_causal)})
        m_stack->addWidget(view);

    m_answerCaption->setProperty("role", "faint");
    auto* answer = new QWidget;
    answer->setProperty("role", "footer");
    auto* answerColumn = new QVBoxLayout(answer);
    answerColumn->setContentsMargins(12, 8, 12, 8);
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
    auto* ask = new QPushButton(tr("Ask"));
    promptRow->addWidget(m_prompt, 1);
    promptRow->addWidget(ask);
    answerColumn->addWidget(m_promptRow);
    m_promptRow->hide();
    m_strip->setAccessibleName(tr("Text, shaded by doubt"));

    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(tools);
    auto* views = new QHBoxLayout;
    views->setContentsMargins(0, 0, 12, 0);
    views->addWidget(m_views);
    views->addWidget(m_legend, 1);
    column->addLayout(views);
    column->addWidget(m_stack, 1);
    column->addWidget(answer);
    m_states = new kit::StateView(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_states);

    m_reload->setSingleShot(true);
    m_reload->setInterval(100);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connect(m_views, &QTabBar::currentChanged, this, [this](int view) {
        m_stack->setCurrentIndex(view);
        showCell();
    });
    connect(m_statistic->box(), &QComboBox::currentIndexChanged, this, [this] { refresh(); });
    connect(m_marked->box(), &QComboBox::currentIndexChanged, this,
        [this] { m_map->setMarkedLayer(m_marked->box()->currentData().toInt()); });
    connect(m_sequenceBox->box(), &QComboBox::activated, this, [this] {
        this->context().selection->setCell(
            m_sequenceBox->box()->currentData().toInt(), this->context().selection->layer(), 0);
    });
    connect(m_compare->box(), &QComboBox::activated, this, [this] { loadOther(); });
    connect(m_ranks, &RankView::watchedChanged, this, [this] { showCell(); });
    const auto select = [this](int layer, int position) {
        auto* selection = this->context().selection;
        selection->setCell(selection->sequence(), layer, position);
    };
    connect(m_map, &LayerMap::cellClicked, this, select);
    connect(m_strip, &kit::TokenStrip::tokenClicked, this,
        [this, select](int index) { select(std::max(0, this->context().selection->layer()), std::max(0, index - 1)); });
    connect(m_attention, &AttentionView::layerAsked, this,
        [this, select](int layer) { select(layer, this->context().selection->position()); });
    connect(m_card, &CellCard::layerAsked, this, [this, select](int layer) {
        select(std::clamp(layer, 0, m_data.layers), this->context().selection->position());
    });
    connect(
        m_card, &CellCard::tableAsked, this, [this] { this->context().trigger(QStringLiteral("view.data_table")); });
    connect(m_card, &CellCard::branchAsked, this, [this](int token) {
        const auto* selection = this->context().selection;
        if (m_live && token >= 0)
            sendCommand(QStringLiteral("branch"),
                json({{"seq", selection->sequence()}, {"position", selection->position() + 1}, {"token", token}}));
    });
    const auto promptText = [this] {
        QString text;
        if (const Sequence* now = sequence())
            for (int i = 0; i < now->promptLength && i < static_cast<int>(now->positions.size()); ++i)
                if (!now->positions[static_cast<std::size_t>(i)].isSpecial)
                    text += now->positions[static_cast<std::size_t>(i)].text;
        return text;
    };
    connect(m_card, &CellCard::causalAsked, this, [this, promptText] {
        bool ok = false;
        const QString other = QInputDialog::getText(this, tr("Patch from another prompt"),
            tr("A prompt of equally many tokens, with another answer:"), QLineEdit::Normal, promptText(), &ok);
        if (ok)
            sendCommand(
                QStringLiteral("causal"), json({{"kind", "patch"}, {"clean", promptText()}, {"corrupt", other}}));
    });
    connect(m_card, &CellCard::ablateAsked, this, [this, promptText] {
        sendCommand(QStringLiteral("causal"), json({{"kind", "zero"}, {"site", "heads"}, {"clean", promptText()}}));
    });
    const auto askModel = [this] {
        if (m_prompt->text().isEmpty()) return;
        sendCommand(QStringLiteral("prompt"), json({{"text", m_prompt->text()}}));
        m_prompt->clear();
    };
    connect(ask, &QPushButton::clicked, this, askModel);
    connect(m_prompt, &QLineEdit::returnPressed, this, askModel);
}

void InspectorPanel::sendCommand(const QString& verb, const QString& arguments) {
    context().send(m_run, verb, arguments);
}

void InspectorPanel::onAttached() {
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    connect(context().selection, &kit::Selection::cellChanged, this, [this] { refresh(); });
    const auto later = [this](qint64 runNo) {
        if (runNo == m_run && isVisible() && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    follow();
}

void InspectorPanel::showEvent(QShowEvent*) { follow(); }

void InspectorPanel::follow() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (!runNo) {
        m_states->showEmpty(tr("Select a language-model run."), tr("Show runs"),
            [this] { context().trigger(QStringLiteral("view.panel.runs")); });
        return;
    }
    if (runNo != m_run) {
        m_run = runNo;
        m_data = {};
        m_other = {};
        m_otherRun = 0;
        m_map->setData(nullptr, nullptr, 0);
        m_map->setOther(nullptr);
        m_states->showLoading();
    }
    load();
}

void InspectorPanel::load() {
    const qint64 runNo = m_run;
    const int generation = ++m_generation;
    kit::asyncQuery<Loaded>(
        context(), this,
        [runNo, cursors = m_data.cursors, selected = context().selection->runs().mid(1, 8)](
            store::Database& db) -> Result<Loaded> {
            Loaded out;
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.row = *row;
            DUBITO_TRY(out.records, loadNewRecords(db, runNo, cursors));
            DUBITO_TRY(const auto attempts, store::queryAttempts(db, runNo));
            if (!attempts.empty()) out.device = attempts.back().device;
            for (const qint64 other : selected) {
                DUBITO_TRY(const auto found, store::findRun(db, other));
                if (found) out.others.emplace_back(other, QString::fromStdString(found->name()));
            }
            return out;
        },
        [this, runNo, generation](Result<Loaded> loaded) {
            if (runNo != m_run || generation != m_generation) return;
            if (!loaded) {
                m_states->showError(loaded.error(), [this] { load(); });
                return;
            }
            const auto state = static_cast<run::RunState>(loaded->row.state);
            m_live = state == run::RunState::Running || state == run::RunState::Paused;
            m_runName->setText(QString::fromStdString(loaded->row.name()));
            m_card->setLive(m_live);
            m_promptRow->setVisible(m_live);
            const bool changed = applyRecords(m_data, loaded->records);
            if (m_data.sequences.empty()) {
                if (run::isFinal(state))
                    m_states->showEmpty(tr("No layers were captured in this run."), tr("New inspection…"),
                        [this] { context().trigger(QStringLiteral("run.new")); });
                else m_states->showLoading();
                return;
            }
            m_states->showContent();
            m_states->setBar(state == run::RunState::Failed || state == run::RunState::Cancelled
                                 ? tr("The run stopped early: %1")
                                       .arg(QString::fromStdString(loaded->row.detail).section(QLatin1Char('\n'), 0, 0))
                                 : QString());
            m_card->setProvenance(
                {{tr("spec"), QString::fromStdString(loaded->row.specHash.substr(0, 8)) + QStringLiteral("…")},
                    {tr("model"), m_data.model[QStringLiteral("name")].left(24)},
                    {tr("weights"), m_data.model[QStringLiteral("tensor types")].left(24)},
                    {tr("seed"), QString::number(loaded->row.seed)},
                    {tr("device"), QString::fromStdString(loaded->device)}});
            if (changed || m_sequenceBox->box()->count() == 0) rebuildSequences();
            rebuildCompare(loaded->others);
            refresh();
        });
}

void InspectorPanel::rebuildSequences() {
    const QSignalBlocker blockSequence(m_sequenceBox->box()), blockMarked(m_marked->box());
    m_sequenceBox->box()->clear();
    for (const auto& [number, one] : m_data.sequences)
        m_sequenceBox->box()->addItem(
            one.parent >= 0 ? tr("%1, branch of %2").arg(number).arg(one.parent) : QString::number(number), number);
    m_sequenceBox->setVisible(m_data.sequences.size() > 1);
    if (m_marked->box()->count() != m_data.layers + 1) {
        m_marked->box()->clear();
        for (int layer = 0; layer <= m_data.layers; ++layer)
            m_marked->box()->addItem(tr("%1 of %2").arg(layer).arg(m_data.layers), layer);
        const int k = static_cast<int>(std::lround(2.0 * m_data.layers / 3));
        m_marked->box()->setCurrentIndex(k);
        m_marked->box()->setMinimumWidth(m_marked->box()->sizeHint().width());
        m_map->setMarkedLayer(k);
    }
    m_causal->setTests(m_data.causal);
}

void InspectorPanel::rebuildCompare(const std::vector<std::pair<qint64, QString>>& others) {
    const QSignalBlocker block(m_compare->box());
    m_compare->box()->clear();
    m_compare->box()->addItem(tr("nothing"), 0);
    for (const auto& [runNo, name] : others) m_compare->box()->addItem(name, runNo);
    m_compare->setVisible(!others.empty());
    const int kept = m_compare->box()->findData(m_otherRun);
    m_compare->box()->setCurrentIndex(std::max(0, kept));
    if (kept <= 0 && m_otherRun) loadOther();
}

void InspectorPanel::compareWith(qint64 runNo) {
    m_compare->box()->setCurrentIndex(std::max(0, m_compare->box()->findData(runNo)));
    loadOther();
}

void InspectorPanel::loadOther() {
    m_otherRun = m_compare->box()->currentData().toLongLong();
    m_other = {};
    m_map->setOther(nullptr);
    if (!m_otherRun) {
        refresh();
        return;
    }
    kit::asyncQuery<RecordsByKey>(
        context(), this, [runNo = m_otherRun](store::Database& db) { return loadNewRecords(db, runNo, {}); },
        [this, runNo = m_otherRun](Result<RecordsByKey> records) {
            if (!records || runNo != m_otherRun) return;
            applyRecords(m_other, *records);
            refresh();
        });
}

const Sequence* InspectorPanel::sequence() const {
    const auto found = m_data.sequences.find(context().selection ? context().selection->sequence() : 0);
    if (found != m_data.sequences.end()) return &found->second;
    return m_data.sequences.empty() ? nullptr : &m_data.sequences.begin()->second;
}

void InspectorPanel::refresh() {
    const Sequence* now = sequence();
    if (!now) return;
    const int statistic = m_statistic->box()->currentData().toInt();
    const auto other = m_otherRun ? m_other.sequences.find(now->number) : m_other.sequences.end();
    m_map->setOther(nullptr);
    m_map->setData(&m_data, now, statistic);
    if (other != m_other.sequences.end()) m_map->setOther(&other->second);
    const auto [low, high] = m_map->range();
    if (other != m_other.sequences.end())
        m_legend->setText(
            (statistic == kRank ? tr("difference of log10 rank · orange: better here, blue: worse, end %1")
                                : tr("difference · blue: less, orange: more, end %1"))
                .arg(kit::shortNumber(high)));
    else if (statistic == kRank)
        m_legend->setText(tr("pale: rank %1 … dark: rank 1").arg(kit::shortNumber(m_data.vocabulary)));
    else if (statistic == kProbability || statistic == kAgree) m_legend->setText(tr("pale: 0 … dark: 1"));
    else
        m_legend->setText(tr("pale: %1 … dark: %2 · uniform %3")
                              .arg(kit::shortNumber(high), kit::shortNumber(low),
                                  kit::shortNumber(std::log(std::max(2, m_data.vocabulary)))));
    const int index = m_sequenceBox->box()->findData(now->number);
    if (index >= 0) m_sequenceBox->box()->setCurrentIndex(index);
    QVector<kit::TokenChip> chips;
    int generated = 0;
    for (int i = 0; i < static_cast<int>(now->positions.size()); ++i) {
        const Position& position = now->positions[static_cast<std::size_t>(i)];
        chips.append({position.text, std::exp(static_cast<double>(position.logprob)), i < now->promptLength,
            position.isSpecial});
        generated += i >= now->promptLength;
    }
    m_strip->setTokens(chips);
    m_stripArea->setFixedHeight(std::min(
        m_strip->heightForWidth(std::max(200, m_stripArea->viewport()->width())), 4 * kit::TokenStrip::lineHeight()));
    m_answerCaption->setText(
        tr("Text, answer shaded by doubt (1 − p of the token) · %n token(s) answered", nullptr, generated));
    auto* selection = context().selection;
    if (selection->position() < 0 && now->readOut() > 0) {
        // Start where the answer begins, near the top, where something happens.
        selection->setCell(
            now->number, std::max(0, m_data.layers - 2), std::clamp(now->promptLength - 1, 0, now->readOut() - 1));
        return;
    }
    showCell();
}

void InspectorPanel::showCell() {
    const Sequence* now = sequence();
    const auto* selection = context().selection;
    if (!now || !selection || selection->position() < 0) return;
    const int layer = std::clamp(selection->layer(), 0, m_data.layers),
              position = std::clamp(selection->position(), 0, std::max(0, now->readOut() - 1));
    m_map->setCell(layer, position);
    m_strip->setCurrent(position + 1);
    const QRect box = m_strip->currentBox();
    m_stripArea->ensureVisible(box.center().x(), box.center().y(), box.width(), kit::TokenStrip::lineHeight());
    m_card->show(m_data, *now, layer, position);
    Q_EMIT cursorChanged();
    switch (m_views->currentIndex()) {
        case Ranks: m_ranks->show(m_data, *now, layer, position); break;
        case Residual: showResidual(); break;
        case Attention:
        case Attribution: showDetail(); break;
        default: break;
    }
}

void InspectorPanel::showResidual() {
    const Sequence* now = sequence();
    const int at = std::clamp(context().selection->position(), 0, std::max(0, now->readOut() - 1));
    const Position& position = now->positions[static_cast<std::size_t>(at)];
    QVector<kit::PlotLine> lines;
    const auto add = [&](const QString& name, const std::vector<float>& values, int firstLayer, std::size_t style) {
        kit::PlotLine line;
        line.name = name;
        line.style = style;
        for (std::size_t i = 0; i < values.size(); ++i)
            line.x << static_cast<double>(i) + firstLayer, line.y << static_cast<double>(values[i]);
        lines << line;
    };
    add(tr("residual"), position.residNorm, 0, 0);
    add(tr("attention"), position.attnNorm, 1, 1);
    add(tr("MLP"), position.mlpNorm, 1, 2);
    m_residPlot->setLabels(tr("layer"), tr("norm: residual, attention, MLP at position %1").arg(at));
    m_residPlot->setLines(lines, false);
    m_residPlot->setLegend(true);
    m_residPlot->setMarker(context().selection->layer());
}

void InspectorPanel::showDetail() {
    const auto* selection = context().selection;
    const int generation = ++m_detailGeneration, number = selection->sequence(), position = selection->position(),
              layer = std::clamp(selection->layer(), 1, std::max(1, m_data.layers));
    kit::asyncQuery<PositionDetail>(
        context(), this,
        [runNo = m_run, number, position](store::Database& db) { return loadDetail(db, runNo, number, position); },
        [this, generation, layer, position](Result<PositionDetail> detail) {
            if (generation != m_detailGeneration) return;
            if (!detail) {
                m_states->showError(detail.error(), [this] { load(); });
                return;
            }
            m_detail = std::move(*detail);
            const Sequence* now = sequence();
            if (!now) return;
            m_attention->show(m_detail, *now, layer, position);
            QVector<kit::BarRow> rows;
            std::vector<std::size_t> order(m_detail.shares.size());
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
            std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                return std::abs(m_detail.shares[a]) > std::abs(m_detail.shares[b]);
            });
            for (std::size_t i = 0; i < std::min<std::size_t>(40, order.size()); ++i)
                rows.append(
                    {order[i] < m_data.components.size() ? m_data.components[order[i]] : QString::number(order[i]),
                        static_cast<double>(m_detail.shares[order[i]]),
                        QString::number(static_cast<double>(m_detail.shares[order[i]]), 'f', 3), -1});
            m_attribution->setRows(rows, true);
        });
}

kit::CursorRange InspectorPanel::cursor() const {
    const Sequence* now = sequence();
    if (!now) return {tr("token"), -1, -1};
    return {tr("token"), context().selection->position(), std::max(0, now->readOut() - 1)};
}

void InspectorPanel::moveCursor(qint64 value) {
    auto* selection = context().selection;
    if (selection) selection->setCell(selection->sequence(), std::max(0, selection->layer()), static_cast<int>(value));
}

kit::DataTable InspectorPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Thought inspector: %1").arg(m_runName->text());
    const Sequence* now = sequence();
    if (!now) return table;
    if (m_views->currentIndex() == Causal) {
        kit::DataTable causal = m_causal->dataTable();
        causal.title = table.title;
        if (!causal.rows.isEmpty()) return causal;
    }
    table.columns = {tr("position"), tr("token"), tr("next"), tr("layer"), tr("first candidate"), tr("p"),
        tr("entropy"), tr("cross-entropy"), tr("KL"), tr("rank"), tr("agrees"), tr("residual norm")};
    const int k = std::max(1, m_data.topK);
    for (int position = 0; position < now->readOut(); ++position) {
        const Position& cell = now->positions[static_cast<std::size_t>(position)];
        for (int layer = 0; layer <= m_data.layers; ++layer) {
            const auto index = static_cast<std::size_t>(layer * k);
            QStringList row{QString::number(position), cell.text,
                position + 1 < static_cast<int>(now->positions.size())
                    ? now->positions[static_cast<std::size_t>(position) + 1].text
                    : QString(),
                QString::number(layer), index < cell.topId.size() ? m_data.wordOf(cell.topId[index]) : QString(),
                index < cell.topLogp.size()
                    ? QString::number(std::exp(static_cast<double>(cell.topLogp[index])), 'f', 4)
                    : QString()};
            for (const int statistic : {kEntropy, kCrossEntropy, kKl, kRank, kAgree})
                row << QString::number(static_cast<double>(cell.at(layer, statistic)), 'g', 6);
            row << (static_cast<std::size_t>(layer) < cell.residNorm.size()
                        ? QString::number(static_cast<double>(cell.residNorm[static_cast<std::size_t>(layer)]), 'g', 6)
                        : QString());
            table.rows << row;
        }
    }
    return table;
}

QJsonObject InspectorPanel::saveLayout() const {
    return {{"view", m_views->currentIndex()}, {"statistic", m_statistic->box()->currentIndex()},
        {"watched", m_ranks->watched()}};
}
void InspectorPanel::restoreLayout(const QJsonObject& layout) {
    m_views->setCurrentIndex(std::clamp(layout["view"].toInt(), 0, int(ViewCount) - 1));
    m_ranks->setWatched(layout["watched"].toString());
    m_statistic->box()->setCurrentIndex(std::clamp(layout["statistic"].toInt(kRank), 0, int(kStatistics) - 1));
}

}  // namespace dubito::inspector
