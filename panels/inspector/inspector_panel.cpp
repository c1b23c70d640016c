// Everything shown comes from the project file; commands go to the worker only while it is up.
#include "inspector/inspector_panel.h"

#include <QJsonObject>
#include <QScrollArea>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

#include "inspector/inspector_figures.h"
#include "kit/model_name.h"
#include "kit/run_words.h"
#include "run/run_state.h"

namespace dubito::inspector {
namespace {

struct Loaded {
    store::RunRow row;
    RecordsByKey records;
    std::string device;
    QString modelFile;
    std::vector<std::pair<qint64, QString>> others;  ///< the other selected runs, to be subtracted
    std::vector<store::LogRow> warnings;             ///< while an answer is awaited
};

}  // namespace

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
        clear(0, tr("No run is selected."));
        m_states->showEmpty(tr("Select a language-model run."), tr("Show runs"),
            [this] { context().trigger(QStringLiteral("view.panel.runs")); });
        return;
    }
    if (runNo != m_run) {
        clear(runNo, {});
        m_states->showLoading();
    }
    load();
}

void InspectorPanel::clear(qint64 runNo, const QString& sentence) {
    m_run = runNo;
    ++m_generation;
    m_data = {};
    m_other = {};
    m_detail = {};
    m_otherRun = 0;
    m_live = false;
    m_name.clear();
    m_answerOf.clear();
    m_stopped.clear();
    m_refusal.clear();
    m_detailPosition = m_detailSequence = -1;
    m_map->setData(nullptr, nullptr, nullptr, kRank);
    m_causal->setTests({});
    m_causal->setProgress({});
    m_attention->show({}, {}, 1, 0);
    m_attribution->setRows({});
    m_sequenceBox->box()->clear();
    m_promptRow->hide();
    m_card->showNothing(sentence);
    m_card->setProvenance({});
    m_card->setLive(false);
    m_states->setBar({});
    Q_EMIT showingChanged();
    Q_EMIT cursorChanged();
}

void InspectorPanel::load() {
    const qint64 runNo = m_run;
    const int generation = ++m_generation;
    kit::asyncQuery<Loaded>(
        context(), this,
        [runNo, cursors = m_data.cursors, selected = context().selection->runs().mid(1, 8),
            isAwaited = !m_answerOf.isEmpty()](store::Database& db) -> Result<Loaded> {
            Loaded out;
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.row = *row;
            DUBITO_TRY(out.records, loadNewRecords(db, runNo, cursors));
            out.modelFile = kit::modelFileOf(db, runNo);
            DUBITO_TRY(const auto attempts, store::queryAttempts(db, runNo));
            if (!attempts.empty()) out.device = attempts.back().device;
            if (isAwaited) {
                constexpr std::int64_t kMostLines = 20;
                constexpr int kWarnings = 1;
                DUBITO_TRY(out.warnings, store::queryLog(db, {runNo}, kWarnings, "", kMostLines));
            }
            for (const qint64 other : selected) {
                DUBITO_TRY(const auto found, store::findRun(db, other));
                if (found) out.others.emplace_back(other, QString::fromStdString(found->name()));
            }
            return out;
        },
        [this, runNo, generation](Result<Loaded> loaded) {
            if (runNo != m_run || generation != m_generation) return;
            if (!loaded) {
                m_card->showNothing(tr("No cell is selected."));
                m_states->showError(loaded.error(), [this] { load(); });
                return;
            }
            const int newest = m_data.sequences.empty() ? -1 : m_data.sequences.rbegin()->first;
            const std::size_t tests = m_data.causal.size();
            const bool changed = applyRecords(m_data, loaded->records);
            m_data.modelName = kit::modelName(m_data.model[QStringLiteral("name")], loaded->modelFile);
            showRefusal(loaded->warnings);
            showRun(loaded->row, loaded->device);
            if (m_data.sequences.empty()) return;
            if (changed || m_sequenceBox->box()->count() == 0) rebuildSequences();
            rebuildCompare(loaded->others);
            goToNewest(newest, tests);
            refresh();
            Q_EMIT showingChanged();
        });
}

void InspectorPanel::showRun(const store::RunRow& row, const std::string& device) {
    const auto state = static_cast<run::RunState>(row.state);
    m_live = state == run::RunState::Running || state == run::RunState::Paused;
    m_name = QString::fromStdString(row.name());
    if (m_data.sequences.empty()) {
        m_promptRow->hide();
        const bool isOver = run::isFinal(state);
        m_card->showNothing(isOver ? tr("This run has no read-outs, so there is no cell to look at.")
                                   : tr("Nothing is read out so far; the cell comes here."));
        if (isOver)
            m_states->showEmpty(tr("No layers were captured in this run."), tr("New inspection…"),
                [this] { context().trigger(QStringLiteral("run.new")); });
        else if (m_live)
            m_states->showEmpty(tr("The model is being loaded and reads the text; its layers appear here."));
        else m_states->showEmpty(tr("This run has not begun; what it reads out appears here."));
        return;
    }
    m_states->showContent();
    m_stopped = state == run::RunState::Failed || state == run::RunState::Cancelled
                    ? tr("The run stopped early: %1").arg(kit::endWords(row.detail).section(QLatin1Char('\n'), 0, 0))
                    : QString();
    showProgress(row);
    m_card->setLive(m_live);
    m_promptRow->setVisible(m_live);
    m_card->setProvenance(
        {{tr("run"), m_name}, {tr("spec"), QString::fromStdString(row.specHash.substr(0, 8)) + QStringLiteral("…")},
            {tr("model"), m_data.modelName}, {tr("weights"), m_data.model[QStringLiteral("tensor types")]},
            {tr("seed"), QString::number(row.seed)}, {tr("device"), QString::fromStdString(device)}});
}

void InspectorPanel::rebuildSequences() {
    const QSignalBlocker blockSequence(m_sequenceBox->box()), blockMarked(m_marked->box());
    m_sequenceBox->box()->clear();
    for (const auto& [number, one] : m_data.sequences) {
        const QString name = nameOf(one);
        const bool isTaken = m_sequenceBox->box()->findText(name) >= 0;
        m_sequenceBox->box()->addItem(isTaken ? tr("%1 (%2)").arg(name).arg(number + 1) : name, number);
    }
    m_sequenceBox->setVisible(m_data.sequences.size() > 1);
    if (m_marked->box()->count() != m_data.layers + 1) {
        m_marked->box()->clear();
        for (int layer = 0; layer <= m_data.layers; ++layer)
            m_marked->box()->addItem(tr("%1 of %2").arg(layer).arg(m_data.layers), layer);
        const int k = m_wantedMarked >= 0 ? std::min(m_wantedMarked, m_data.layers)
                                          : static_cast<int>(std::lround(2.0 * m_data.layers / 3));
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
    showTools();
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
    refresh();  // the map lets go of it
    if (!m_otherRun) return;
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
    m_map->setData(&m_data, now, other == m_other.sequences.end() ? nullptr : &other->second, statistic);
    showLegend();
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
    fitText();
    m_answerCaption->setText(
        m_reading + tr("Text, answer shaded by doubt (1 − p of the token) · %n token(s) answered", nullptr, generated));
    auto* selection = context().selection;
    if (selection->position() < 0 && now->readOut() > 0) {
        // Start with the newest text, where the answer begins, near the top, where something happens.
        const Sequence& newest = m_data.sequences.rbegin()->second;
        const Sequence& first = newest.readOut() > 0 ? newest : *now;
        selection->setCell(
            first.number, std::max(0, m_data.layers - 2), std::clamp(first.promptLength - 1, 0, first.readOut() - 1));
        return;
    }
    showCell();
}

void InspectorPanel::showCell() {
    const Sequence* now = sequence();
    const auto* selection = context().selection;
    if (!now || !selection || selection->position() < 0) {
        m_card->showNothing(tr("No cell is selected."));
        return;
    }
    if (showAwaited(*now)) return;
    const int layer = std::clamp(selection->layer(), 0, m_data.layers),
              position = std::clamp(selection->position(), 0, std::max(0, now->readOut() - 1));
    m_map->setCell(layer, position);
    m_strip->setCurrent(position + 1);
    showCurrentToken();
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

/// What was asked for is not read so far: nothing else is shown in its place, and the map stands still.
bool InspectorPanel::showAwaited(const Sequence& now) {
    const int position = context().selection->position();
    if (m_reading.isEmpty() || position < now.readOut()) return false;
    m_map->setCell(-1, -1);
    m_strip->setCurrent(-1);
    m_card->showNothing(tr("The text is being read: %1 of %2 tokens. The chosen one comes at %3.")
                            .arg(now.readOut())
                            .arg(m_readingOf)
                            .arg(position + 1));
    Q_EMIT cursorChanged();
    return true;
}

void InspectorPanel::fitText() {
    // Figure and text share what height there is: all rows of the map come before more than one line of text.
    constexpr int kMostLines = 4;
    const int shared = m_stack->height() + m_stripArea->height(), line = kit::TokenStrip::lineHeight();
    const int rows = m_map->neededHeight();
    const int lines = std::clamp((shared - rows) / line, 1, kMostLines);
    // A text that grows, as one that is read or spoken does, moves nothing.
    const int needed = m_strip->heightForWidth(std::max(200, m_stripArea->viewport()->width()));
    m_stripArea->setFixedHeight(m_live ? lines * line : std::min(needed, lines * line));
    showCurrentToken();
}

void InspectorPanel::showCurrentToken() {
    // Once the text is laid out.
    QTimer::singleShot(0, this, [this] {
        const QRect box = m_strip->currentBox();
        if (!box.isValid()) return;
        // Whole lines, the current one in the middle.
        constexpr int kSpare = 1;
        const int line = kit::TokenStrip::lineHeight(), height = m_stripArea->viewport()->height();
        const int top = (box.center().y() / line) * line;
        QScrollBar* bar = m_stripArea->verticalScrollBar();
        if (top < bar->value() || top + line > bar->value() + height + kSpare)
            bar->setValue(top - (height / line - 1) / 2 * line);
    });
}

void InspectorPanel::resizeEvent(QResizeEvent* event) {
    Panel::resizeEvent(event);
    QTimer::singleShot(0, this, [this] { fitText(); });  // once the parts have their places
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
    m_residPlot->setLabels(tr("layer"), tr("norm at position %1").arg(at));
    m_residPlot->setLines(lines, false);
    m_residPlot->showLegend();
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
            m_detailPosition = position;
            m_detailSequence = now->number;
            m_attention->show(m_detail, *now, layer, position);
            m_attribution->setRows(attributionRows(m_data, m_detail), kit::BarScale::SignedRoot);
            m_attributionNote->setText(m_detail.shares.empty() ? tr("No attribution was captured in this run.")
                                                               : tr("Share of each part in the logit of what follows, "
                                                                    "the largest 40 of %1; bars by square root, so "
                                                                    "that one large share does not flatten the others.")
                                                                     .arg(m_detail.shares.size()));
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
    table.title = tr("Thought inspector: %1").arg(m_name);
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

QVector<kit::Figure> InspectorPanel::figures() const {
    const Sequence* now = sequence();
    const auto* selection = context().selection;
    if (!now || !selection) return {};
    FigureSource source;
    source.runNo = m_run;
    source.runName = m_name;
    source.statistic = m_statistic->box()->currentText();
    source.statisticKind = m_statistic->box()->currentData().toInt();
    auto data = std::make_shared<InspectorData>(m_data);
    data->sequences = {{now->number, *now}};
    data->causal.clear();
    source.data = std::move(data);
    source.sequence = now->number;
    source.layer = std::clamp(selection->layer(), 0, m_data.layers);
    source.position = std::clamp(selection->position(), 0, std::max(0, now->readOut() - 1));
    source.marked = m_marked->box()->currentData().toInt();
    source.firstColumn = m_map->grid().first;
    source.watched = m_ranks->watchedWords();
    if (m_detailPosition == source.position && m_detailSequence == now->number)
        source.detail = std::make_shared<PositionDetail>(m_detail);
    if (const CausalResult* test = m_causal->current()) source.causal = *test;
    QVector<kit::Figure> out = figuresOf(source);
    // The one in front first.
    const QString ids[] = {QStringLiteral("layer-map"), QStringLiteral("ranks"), {}, QStringLiteral("attention-heads"),
        QStringLiteral("attribution"), QStringLiteral("causal")};
    const QString front = ids[std::clamp(m_views->currentIndex(), 0, int(ViewCount) - 1)];
    std::stable_partition(out.begin(), out.end(), [&](const kit::Figure& figure) { return figure.id == front; });
    return out;
}

QString InspectorPanel::showing() const {
    const Sequence* now = sequence();
    if (!now) return {};
    const char* const kinds[] = {QT_TR_NOOP("what each layer would say next"), QT_TR_NOOP("ranks of words over layers"),
        QT_TR_NOOP("norms over layers"), QT_TR_NOOP("where one position looks"), QT_TR_NOOP("what spoke for the token"),
        QT_TR_NOOP("causal tests")};
    static_assert(std::size(kinds) == ViewCount);
    const int view = std::clamp(m_views->currentIndex(), 0, int(ViewCount) - 1);
    return tr("%1, %2").arg(tr(kinds[view]), tr("%n token(s)", nullptr, static_cast<int>(now->positions.size())));
}

QJsonObject InspectorPanel::saveLayout() const {
    return {{"view", m_views->currentIndex()}, {"statistic", m_statistic->box()->currentIndex()},
        {"watched", m_ranks->watched()}};
}

void InspectorPanel::restoreLayout(const QJsonObject& layout) {
    // What is not said stays as it is.
    m_views->setCurrentIndex(std::clamp(layout["view"].toInt(m_views->currentIndex()), 0, int(ViewCount) - 1));
    if (layout.contains("watched")) m_ranks->setWatched(layout["watched"].toString());
    m_statistic->box()->setCurrentIndex(
        std::clamp(layout["statistic"].toInt(m_statistic->box()->currentIndex()), 0, int(kStatistics) - 1));
    constexpr int kMostLayers = 1024;
    if (const int marked = layout["marked"].toInt(-1); marked >= 0 && marked <= kMostLayers) {
        m_wantedMarked = marked;
        const int index = std::min(marked, m_marked->box()->count() - 1);
        if (index >= 0) m_marked->box()->setCurrentIndex(index);
    }
}

}  // namespace dubito::inspector
