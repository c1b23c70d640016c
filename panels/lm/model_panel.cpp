// Tables and strips over stored records; the tokenizer view asks the running model.
#include "lm/model_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QVBoxLayout>

#include <algorithm>

#include "kit/term.h"
#include "kit/user_size.h"
#include "run/run_state.h"

namespace dubito::lmview {
namespace {

struct Loaded {
    store::RunRow row;
    ModelData data;
};

QTableWidget* table(const QString& name) {
    auto* out = new QTableWidget;
    out->setAccessibleName(name);
    out->setEditTriggers(QAbstractItemView::NoEditTriggers);
    out->setSelectionBehavior(QAbstractItemView::SelectRows);
    out->setShowGrid(false);
    out->setFrameShape(QFrame::NoFrame);
    out->verticalHeader()->setVisible(false);
    out->verticalHeader()->setDefaultSectionSize(kit::userSize(24));
    out->horizontalHeader()->setStretchLastSection(true);
    out->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return out;
}

}  // namespace

ModelPanel::ModelPanel(QWidget* parent)
    : Panel(QStringLiteral("model"), parent), m_views(new QTabBar), m_stack(new QStackedWidget),
      m_card(table(tr("Card"))), m_account(table(tr("What is read of the model"))), m_tensors(table(tr("Tensors"))),
      m_conversion(table(tr("Quantisation"))), m_tasks(table(tr("Tasks"))), m_items(table(tr("Items"))),
      m_summary(new QLabel), m_scores(new QLabel), m_promptSummary(new QLabel), m_piecesSummary(new QLabel),
      m_againstSummary(new QLabel), m_plot(new kit::PlotView), m_prompt(new kit::LabelledChoice(tr("answer"))),
      m_promptStrip(new kit::TokenStrip), m_piecesStrip(new kit::TokenStrip), m_againstStrip(new kit::TokenStrip),
      m_question(new QLineEdit), m_ask(new QPushButton(tr("Tokenise"))), m_compare(new QPushButton(tr("Compare…"))),
      m_reload(new QTimer(this)) {
    for (auto* strip : {m_promptStrip, m_piecesStrip, m_againstStrip}) strip->setEdges(true);
    for (auto* label : {m_summary, m_scores, m_promptSummary, m_piecesSummary, m_againstSummary}) {
        label->setProperty("role", "sub");
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    for (const QString& name :
        {tr("Card"), tr("Tensors"), tr("Quantisation"), tr("Evaluation"), tr("Template"), tr("Tokenizer")})
        m_views->addTab(name);
    const std::pair<int, const char*> terms[] = {
        {0, "GGUF"}, {2, "quantisation"}, {3, "perplexity"}, {4, "chat template"}, {5, "tokenizer"}};
    for (const auto& [view, term] : terms) m_views->setTabToolTip(view, kit::termSentence(QString::fromLatin1(term)));
    m_views->setDrawBase(false);
    m_views->setExpanding(false);
    m_views->setProperty("role", "inner");
    m_views->setAccessibleName(tr("Views of the model"));
    buildPages();
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_views);
    column->addWidget(m_stack, 1);
    m_states = kit::StateView::fill(this, content);
    m_reload->setSingleShot(true);
    m_reload->setInterval(300);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connect(m_views, &QTabBar::currentChanged, this, [this](int view) {
        m_stack->setCurrentIndex(view);
        Q_EMIT showingChanged();
    });
    connect(m_prompt->box(), &QComboBox::activated, this, [this] { showPrompt(); });
    connect(m_ask, &QPushButton::clicked, this, [this] { ask(); });
    connect(m_compare, &QPushButton::clicked, this, [this] { context().trigger(QStringLiteral("model.tokenise")); });
    connect(m_question, &QLineEdit::returnPressed, this, [this] { ask(); });
}

void ModelPanel::buildPages() {
    const auto page = [](std::initializer_list<QWidget*> widgets, int stretched) {
        auto* out = new QWidget;
        auto* column = new QVBoxLayout(out);
        column->setContentsMargins(12, 8, 12, 8);
        int at = 0;
        for (QWidget* widget : widgets) column->addWidget(widget, at++ == stretched);
        return out;
    };
    m_account->hide();
    auto* both = page({m_card, m_account}, 0);
    static_cast<QVBoxLayout*>(both->layout())->setStretch(1, 1);
    m_stack->addWidget(both);
    m_stack->addWidget(page({m_tensors}, 0));
    m_plot->setMinimumHeight(210);
    m_plot->setLabels(tr("MiB"), tr("KL, nats"));
    m_plot->setAccessibleName(tr("Distance against size"));
    kit::explain(m_summary, QStringLiteral("KL"));
    kit::explain(m_promptSummary, QStringLiteral("context"));
    for (auto* label : {m_piecesSummary, m_againstSummary}) kit::explain(label, QStringLiteral("token"));
    m_stack->addWidget(page({m_summary, m_plot, m_conversion}, 2));
    m_stack->addWidget(page({m_scores, m_tasks, m_items}, 2));
    m_stack->addWidget(page({m_prompt, m_promptSummary, scrolled({m_promptStrip})}, 2));
    m_stack->addWidget(
        page({buildQuestion(), m_piecesSummary, scrolled({m_piecesStrip, m_againstSummary, m_againstStrip})}, 2));
}

QWidget* ModelPanel::buildQuestion() {
    m_question->setPlaceholderText(tr("Any text: how does this model cut it?"));
    m_question->setAccessibleName(m_question->placeholderText());
    m_question->setClearButtonEnabled(true);
    m_compare->setToolTip(
        tr("Cuts this text with a second tokenizer too: a model, tokenizer.json, vocab.txt, tokenizer.model or "
           ".tiktoken."));
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_question, 1);
    layout->addWidget(m_ask);
    layout->addWidget(m_compare);
    return row;
}

QWidget* ModelPanel::scrolled(std::initializer_list<QWidget*> widgets) {
    auto* area = new QScrollArea;
    auto* inside = new QWidget;
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(0, 0, 0, 0);
    for (QWidget* widget : widgets) column->addWidget(widget);
    column->addStretch();
    area->setWidget(inside);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    return area;
}

void ModelPanel::onAttached() {
    m_run = 0;
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    const auto later = [this](qint64 runNo) {
        if (runNo == m_run && isVisible() && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    follow();
}

void ModelPanel::showEvent(QShowEvent*) { follow(); }

void ModelPanel::follow() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (!runNo) {
        clear(0);
        m_states->showEmpty(tr("Select a run of a language model."), tr("Show runs"),
            [this] { context().trigger(QStringLiteral("view.panel.runs")); });
        return;
    }
    if (runNo != m_run) {
        clear(runNo);
        m_states->showLoading();
    }
    load();
}

void ModelPanel::clear(qint64 runNo) {
    m_run = runNo;
    ++m_generation;
    m_data = {};
    m_name.clear();
    m_live = false;
    Q_EMIT showingChanged();
}

void ModelPanel::load() {
    const int generation = ++m_generation;
    kit::asyncQuery<Loaded>(
        context(), this,
        [runNo = m_run, other = context().selection->runs().size() == 2
                                    ? context().selection->runs()[context().selection->runs()[0] == m_run ? 1 : 0]
                                    : 0](store::Database& db) -> Result<Loaded> {
            Loaded out;
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.row = *row;
            DUBITO_TRY(out.data, loadModel(db, runNo, other));
            return out;
        },
        [this, generation](Result<Loaded> loaded) {
            if (generation != m_generation) return;
            if (!loaded) {
                m_states->showError(loaded.error(), [this] { load(); });
                return;
            }
            m_live = !run::isFinal(static_cast<run::RunState>(loaded->row.state));
            m_name = QString::fromStdString(loaded->row.name());
            m_data = std::move(loaded->data);
            if (m_data.isEmpty()) {
                if (m_live) m_states->showEmpty(tr("The run has told nothing of a model so far; it appears here."));
                else
                    m_states->showEmpty(tr("This run shows no model."), tr("New chat"),
                        [this] { context().trigger(QStringLiteral("chat.new")); });
                return;
            }
            m_states->showContent();
            refresh();
            Q_EMIT showingChanged();
        });
}

QString ModelPanel::showing() const {
    if (m_data.isEmpty()) return {};
    return m_views->tabText(m_views->currentIndex());
}

void ModelPanel::fill(QTableWidget* widget, const Table& content) {
    Table& shown = m_shown[widget];
    if (shown.columns == content.columns && shown.rows == content.rows) return;
    shown = content;
    widget->clear();
    widget->setColumnCount(static_cast<int>(content.columns.size()));
    widget->setRowCount(static_cast<int>(content.rows.size()));
    widget->setHorizontalHeaderLabels(content.columns);
    for (int row = 0; row < content.rows.size(); ++row)
        for (int column = 0; column < content.columns.size(); ++column)
            widget->setItem(row, column, new QTableWidgetItem(content.rows[row][column]));
    widget->resizeColumnsToContents();
    if (widget->columnCount() > 0) widget->setColumnWidth(0, std::max(190, widget->columnWidth(0)));
}

void ModelPanel::refresh() {
    fill(m_card, m_data.card);
    fill(m_account, m_data.account);
    m_account->setVisible(!m_data.account.isEmpty());
    fill(m_tensors, m_data.tensors);
    showQuantisation();
    fill(m_tasks, m_data.tasks);
    fill(m_items, m_data.items);
    m_scores->setText(
        m_data.items.isEmpty() ? tr("This run scored no items. An evaluation with a file of task lines shows them "
                                    "here; select two to compare them.")
        : !m_data.comparison
            ? tr("Intervals are Wilson's 95 %. Select a second run to compare both on the items they share.")
            : tr("%1 minus this run on %2 shared items: %3 in accuracy, 95 % between %4 and %5 (paired bootstrap over "
                 "%6 groups)")
                  .arg(m_data.comparison->first)
                  .arg(m_data.comparison->second.shared)
                  .arg(m_data.comparison->second.difference.estimate, 0, 'f', 4)
                  .arg(m_data.comparison->second.difference.low, 0, 'f', 4)
                  .arg(m_data.comparison->second.difference.high, 0, 'f', 4)
                  .arg(m_data.comparison->second.groups));
    m_tasks->setVisible(!m_data.items.isEmpty());
    m_tasks->setFixedHeight(
        std::min(kit::userSize(150), kit::userSize(34) + kit::userSize(24) * std::max(1, m_tasks->rowCount())));
    m_items->setVisible(!m_data.items.isEmpty());
    const QSignalBlocker block(m_prompt->box());
    const QVariant kept = m_prompt->box()->currentData();
    m_prompt->box()->clear();
    for (const Pieces& prompt : m_data.prompts) m_prompt->box()->addItem(tr("turn %1").arg(prompt.step), prompt.step);
    const int index = m_prompt->box()->findData(kept);
    m_prompt->box()->setCurrentIndex(index >= 0 ? index : m_prompt->box()->count() - 1);
    m_prompt->setVisible(!m_data.prompts.isEmpty());
    showPrompt();
    showPieces();
}

void ModelPanel::showQuantisation() {
    const bool hasLab = !m_data.labRows.isEmpty();
    m_plot->setVisible(hasLab);
    fill(m_conversion, hasLab ? m_data.lab : m_data.conversion);
    if (hasLab) {
        kit::PlotLine line;
        for (const LabRow& row : m_data.labRows)
            line.x << row.bytes / 1048576, line.y << row.kl, line.labels << row.type;
        line.name = tr("KL");
        m_plot->setLines({line}, false);
        m_summary->setText(
            tr("What each type costs: size, and the distance of its predictions to those of the model as it is."));
    } else {
        m_summary->setText(m_data.conversion.isEmpty()
                               ? tr("This run converted nothing. A conversion shows here what each tensor became and "
                                    "lost; the quantisation lab compares types.")
                               : tr("%1 MiB after conversion; largest relative error %2 in %3")
                                     .arg(m_data.bytesAfter / 1048576.0, 0, 'f', 1)
                                     .arg(m_data.worst, 0, 'g', 3)
                                     .arg(m_data.worstTensor));
    }
    m_conversion->setVisible(hasLab || !m_data.conversion.isEmpty());
}

void ModelPanel::showPieces() {
    m_question->setEnabled(m_live);
    m_ask->setEnabled(m_live);
    const auto rate = [](const Pieces& pieces) {
        return static_cast<double>(pieces.bytes) / std::max<double>(1, static_cast<double>(pieces.ids.size()));
    };
    const bool hasOther = !m_data.against.isEmpty() && !m_data.questions.isEmpty();
    m_againstSummary->setVisible(hasOther);
    m_againstStrip->setVisible(hasOther);
    if (m_data.questions.isEmpty()) {
        m_piecesSummary->setText(
            m_live
                ? tr("Special spellings are plain text here, as in a person's turn.")
                : tr("The model is not running; a chat that is open answers, and Compare… starts a run of its own."));
        m_piecesStrip->setTokens({});
        return;
    }
    const Pieces& own = m_data.questions.last();
    m_piecesSummary->setText(
        tr("%1 tokens for %2 bytes: %3 bytes a token").arg(own.ids.size()).arg(own.bytes).arg(rate(own), 0, 'f', 2));
    QVector<kit::TokenChip> ours = own.chips;
    if (hasOther) {
        const Pieces& other = m_data.against.last();
        const QVector<int> cuts = differingCuts(own, other);
        // A piece is shaded where it ends and the other tokenizer does not cut.
        const auto shaded = [&cuts](const Pieces& pieces) {
            QVector<kit::TokenChip> out = pieces.chips;
            for (int i = 0; i < pieces.ends.size(); ++i)
                if (std::binary_search(cuts.begin(), cuts.end(), pieces.ends[i])) out[i].probability = 0.3;
            return out;
        };
        ours = shaded(own);
        m_againstStrip->setTokens(shaded(other));
        const QString difference =
            own.ends.isEmpty() || other.ends.isEmpty() || own.ends.last() != other.ends.last()
                ? tr("one of them does not spell every byte, so cuts are not compared")
                : tr("%n cut(s) differ; pieces that end at one are shaded", nullptr, static_cast<int>(cuts.size()));
        m_againstSummary->setText(tr("%1: %2 tokens, %3 bytes a token; %4")
                                      .arg(other.name)
                                      .arg(other.ids.size())
                                      .arg(rate(other), 0, 'f', 2)
                                      .arg(difference));
    }
    m_piecesStrip->setTokens(ours);
}

void ModelPanel::showPrompt() {
    const int at = m_prompt->box()->currentIndex();
    if (at < 0 || at >= m_data.prompts.size()) {
        m_promptSummary->setText(tr("No prompt yet: the first turn of a chat appears here as the model reads it."));
        m_promptStrip->setTokens({});
        return;
    }
    const Pieces& prompt = m_data.prompts[at];
    m_promptSummary->setText(
        tr("%1 of %2 tokens of context; shaded: the %3 tokens the model said itself, on which training would be "
           "supervised")
            .arg(prompt.ids.size())
            .arg(prompt.context)
            .arg(prompt.supervised));
    m_promptStrip->setTokens(prompt.chips);
}

void ModelPanel::ask() {
    if (!m_live || m_question->text().isEmpty()) return;
    context().send(m_run, QStringLiteral("tokenise"),
        QString::fromUtf8(QJsonDocument(QJsonObject{{"text", m_question->text()}}).toJson(QJsonDocument::Compact)));
}

kit::DataTable ModelPanel::dataTable() const {
    kit::DataTable out;
    out.title = tr("Model: %1").arg(m_name);
    const auto take = [&](const Table& from) {
        out.columns = from.columns;
        for (const auto& row : from.rows) out.rows << row;
    };
    const auto pieces = [&](const Pieces& from) {
        out.columns = {tr("place"), tr("token"), tr("id")};
        for (int i = 0; i < from.ids.size(); ++i)
            out.rows << QStringList{QString::number(i), from.chips[i].text, QString::number(from.ids[i])};
    };
    switch (m_views->currentIndex()) {
        case Tensors: take(m_data.tensors); break;
        case Quantisation: take(m_data.lab.isEmpty() ? m_data.conversion : m_data.lab); break;
        case Evaluation: take(m_data.items); break;
        case Template:
            if (const int at = m_prompt->box()->currentIndex(); at >= 0 && at < m_data.prompts.size())
                pieces(m_data.prompts[at]);
            break;
        case Tokenizer:
            if (!m_data.questions.isEmpty()) pieces(m_data.questions.last());
            break;
        default: take(m_data.card);
    }
    return out;
}

QJsonObject ModelPanel::saveLayout() const { return {{"view", m_views->currentIndex()}}; }
void ModelPanel::restoreLayout(const QJsonObject& layout) {
    m_views->setCurrentIndex(std::clamp(layout["view"].toInt(), 0, int(ViewCount) - 1));
}

}  // namespace dubito::lmview
