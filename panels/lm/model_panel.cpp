// Tables and strips over stored records; the tokenizer view asks the running model.
#include "lm/model_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QVBoxLayout>

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
    out->verticalHeader()->setDefaultSectionSize(24);
    out->horizontalHeader()->setStretchLastSection(true);
    out->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return out;
}

}  // namespace

ModelPanel::ModelPanel(QWidget* parent)
    : Panel(QStringLiteral("model"), parent), m_views(new QTabBar), m_stack(new QStackedWidget), m_card(table(tr("Card"))), m_tensors(table(tr("Tensors"))), m_conversion(table(tr("Conversion"))), m_summary(new QLabel), m_promptSummary(new QLabel), m_piecesSummary(new QLabel),
      m_runName(new QLabel), m_prompt(new kit::LabelledChoice(tr("answer"))), m_promptStrip(new kit::TokenStrip), m_piecesStrip(new kit::TokenStrip), m_question(new QLineEdit), m_ask(new QPushButton(tr("Tokenise"))), m_reload(new QTimer(this)) {
    m_runName->setProperty("role", "strong");
    m_runName->setContentsMargins(14, 10, 14, 0);
    for (auto* label : {m_summary, m_promptSummary, m_piecesSummary}) {
        label->setProperty("role", "sub");
        label->setWordWrap(true);
    }
    for (const QString& name : {tr("Card"), tr("Tensors"), tr("Conversion"), tr("Template"), tr("Tokenizer")}) m_views->addTab(name);
    m_views->setDrawBase(false);
    m_views->setExpanding(false);
    m_views->setProperty("role", "inner");
    m_views->setAccessibleName(tr("Views of the model"));
    m_question->setPlaceholderText(tr("Any text: how does this model cut it?"));
    m_question->setAccessibleName(m_question->placeholderText());
    m_question->setClearButtonEnabled(true);
    const auto page = [](std::initializer_list<QWidget*> widgets, int stretched) {
        auto* out = new QWidget;
        auto* column = new QVBoxLayout(out);
        column->setContentsMargins(12, 8, 12, 8);
        int at = 0;
        for (QWidget* widget : widgets) column->addWidget(widget, at++ == stretched);
        return out;
    };
    m_stack->addWidget(page({m_card}, 0));
    m_stack->addWidget(page({m_tensors}, 0));
    m_stack->addWidget(page({m_summary, m_conversion}, 1));
    m_stack->addWidget(page({m_prompt, m_promptSummary, scrolled(m_promptStrip)}, 2));
    auto* row = new QWidget;
    auto* rowLayout = new QHBoxLayout(row);
    rowLayout->setContentsMargins(0, 0, 0, 0);
    rowLayout->addWidget(m_question, 1);
    rowLayout->addWidget(m_ask);
    m_stack->addWidget(page({row, m_piecesSummary, scrolled(m_piecesStrip)}, 2));
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_runName);
    column->addWidget(m_views);
    column->addWidget(m_stack, 1);
    m_states = new kit::StateView(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_states);
    m_reload->setSingleShot(true);
    m_reload->setInterval(300);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connect(m_views, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    connect(m_prompt->box(), &QComboBox::activated, this, [this] { showPrompt(); });
    connect(m_ask, &QPushButton::clicked, this, [this] { ask(); });
    connect(m_question, &QLineEdit::returnPressed, this, [this] { ask(); });
}

QWidget* ModelPanel::scrolled(kit::TokenStrip* strip) {
    auto* area = new QScrollArea;
    auto* inside = new QWidget;
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(strip);
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
        m_states->showEmpty(tr("Select a run of a language model."), tr("Show runs"), [this] { context().trigger(QStringLiteral("view.panel.runs")); });
        return;
    }
    if (runNo != m_run) {
        m_run = runNo;
        m_data = {};
        m_states->showLoading();
    }
    load();
}

void ModelPanel::load() {
    const int generation = ++m_generation;
    kit::asyncQuery<Loaded>(
        context(), this,
        [runNo = m_run](store::Database& db) -> Result<Loaded> {
            Loaded out;
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!row) return Error(Code::NotFound, "the run is gone");
            out.row = *row;
            DUBITO_TRY(out.data, loadModel(db, runNo));
            return out;
        },
        [this, generation](Result<Loaded> loaded) {
            if (generation != m_generation) return;
            if (!loaded) {
                m_states->showError(loaded.error(), [this] { load(); });
                return;
            }
            m_live = !run::isFinal(static_cast<run::RunState>(loaded->row.state));
            m_runName->setText(QString::fromStdString(loaded->row.name()));
            m_data = std::move(loaded->data);
            if (m_data.card.isEmpty()) {
                if (m_live) m_states->showLoading();
                else m_states->showEmpty(tr("This run shows no model."), tr("New chat"), [this] { context().trigger(QStringLiteral("chat.new")); });
                return;
            }
            m_states->showContent();
            refresh();
        });
}

void ModelPanel::fill(QTableWidget* widget, const Table& content) {
    if (widget->rowCount() == content.rows.size() && widget->columnCount() == content.columns.size() && !content.rows.isEmpty() && widget->item(0, 0) && widget->item(0, 0)->text() == content.rows[0][0] && widget->property("rows").toInt() == content.rows.size()) return;
    widget->clear();
    widget->setColumnCount(static_cast<int>(content.columns.size()));
    widget->setRowCount(static_cast<int>(content.rows.size()));
    widget->setHorizontalHeaderLabels(content.columns);
    for (int row = 0; row < content.rows.size(); ++row)
        for (int column = 0; column < content.columns.size(); ++column) widget->setItem(row, column, new QTableWidgetItem(content.rows[row][column]));
    widget->setProperty("rows", static_cast<int>(content.rows.size()));
    widget->resizeColumnsToContents();
    if (widget->columnCount() > 0) widget->setColumnWidth(0, std::max(190, widget->columnWidth(0)));
}

void ModelPanel::refresh() {
    fill(m_card, m_data.card);
    fill(m_tensors, m_data.tensors);
    fill(m_conversion, m_data.conversion);
    m_summary->setText(m_data.conversion.isEmpty() ? tr("This run converted nothing. A run with task convert shows here what each tensor became and lost.")
                                                   : tr("%1 MiB after conversion; largest relative error %2 in %3").arg(m_data.bytesAfter / 1048576.0, 0, 'f', 1).arg(m_data.worst, 0, 'g', 3).arg(m_data.worstTensor));
    const QSignalBlocker block(m_prompt->box());
    const QVariant kept = m_prompt->box()->currentData();
    m_prompt->box()->clear();
    for (const Pieces& prompt : m_data.prompts) m_prompt->box()->addItem(tr("turn %1").arg(prompt.step), prompt.step);
    const int index = m_prompt->box()->findData(kept);
    m_prompt->box()->setCurrentIndex(index >= 0 ? index : m_prompt->box()->count() - 1);
    m_prompt->setVisible(!m_data.prompts.isEmpty());
    showPrompt();
    m_question->setEnabled(m_live);
    m_ask->setEnabled(m_live);
    if (m_data.questions.isEmpty()) {
        m_piecesSummary->setText(m_live ? tr("Special spellings are plain text here, as in a person's turn.") : tr("The model is not running; a chat that is open answers."));
        m_piecesStrip->setTokens({});
    } else {
        const Pieces& last = m_data.questions.last();
        const double tokens = std::max<double>(1, static_cast<double>(last.ids.size()));
        m_piecesSummary->setText(tr("%1 tokens for %2 bytes: %3 bytes a token").arg(last.ids.size()).arg(last.bytes).arg(static_cast<double>(last.bytes) / tokens, 0, 'f', 2));
        m_piecesStrip->setTokens(last.chips);
    }
}

void ModelPanel::showPrompt() {
    const int at = m_prompt->box()->currentIndex();
    if (at < 0 || at >= m_data.prompts.size()) {
        m_promptSummary->setText(tr("No prompt yet: the first turn of a chat appears here as the model reads it."));
        m_promptStrip->setTokens({});
        return;
    }
    const Pieces& prompt = m_data.prompts[at];
    m_promptSummary->setText(tr("%1 of %2 tokens of context; shaded: the %3 tokens the model said itself, on which training would be supervised").arg(prompt.ids.size()).arg(prompt.context).arg(prompt.supervised));
    m_promptStrip->setTokens(prompt.chips);
}

void ModelPanel::ask() {
    if (!m_live || m_question->text().isEmpty()) return;
    context().send(m_run, QStringLiteral("tokenise"), QString::fromUtf8(QJsonDocument(QJsonObject{{"text", m_question->text()}}).toJson(QJsonDocument::Compact)));
}

kit::DataTable ModelPanel::dataTable() const {
    kit::DataTable out;
    out.title = tr("Model: %1").arg(m_runName->text());
    const auto take = [&](const Table& from) {
        out.columns = from.columns;
        for (const auto& row : from.rows) out.rows << row;
    };
    const auto pieces = [&](const Pieces& from) {
        out.columns = {tr("place"), tr("token"), tr("id")};
        for (int i = 0; i < from.ids.size(); ++i) out.rows << QStringList{QString::number(i), from.chips[i].text, QString::number(from.ids[i])};
    };
    switch (m_views->currentIndex()) {
        case Tensors: take(m_data.tensors); break;
        case Conversion: take(m_data.conversion); break;
        case Template:
            if (const int at = m_prompt->box()->currentIndex(); at >= 0 && at < m_data.prompts.size()) pieces(m_data.prompts[at]);
            break;
        case Tokenizer:
            if (!m_data.questions.isEmpty()) pieces(m_data.questions.last());
            break;
        default: take(m_data.card);
    }
    return out;
}

QJsonObject ModelPanel::saveLayout() const { return {{"view", m_views->currentIndex()}}; }
void ModelPanel::restoreLayout(const QJsonObject& layout) { m_views->setCurrentIndex(std::clamp(layout["view"].toInt(), 0, int(ViewCount) - 1)); }

}  // namespace dubito::lmview
