// The worker that cuts the examples is a session like any other; nothing is tokenised here.
#include "lm/data_panel.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QLocale>
#include <QStyle>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "kit/term.h"
#include "run/run_state.h"

namespace dubito::lmview {
namespace {

constexpr int kRowLength = 128;
constexpr int kAskAfterMs = 350;  // of the last key: each edition is a record

}  // namespace

QVector<Example> firstExamples() {
    return {{DataPanel::tr("Who are you?"), DataPanel::tr("I am a small model that was taught in a minute.")},
        {DataPanel::tr("What is Dubito?"), DataPanel::tr("A workbench for people who doubt what models say.")},
        {DataPanel::tr("What does a shaded word mean?"),
            DataPanel::tr("I was not sure of it: the darker, the less sure.")},
        {DataPanel::tr("How were you taught?"), DataPanel::tr("With five short examples, on this very computer.")},
        {DataPanel::tr("What should I do with your answers?"), DataPanel::tr("Doubt them first, then look inside.")}};
}

Json lessonParameters() {
    return {
        {"train", {{"steps", 40}, {"lr", 1e-3}, {"seq_len", kRowLength}, {"batch_tokens", kRowLength},
                      {"micro_rows", 1}, {"lora_rank", 8}, {"lora_alpha", 16}, {"warmup", 2}, {"schedule", "linear"},
                      {"weight_decay", 0}, {"isolate_documents", true}, {"holdout", 0}, {"checkpoint_every", 10}}}};
}

DataPanel::DataPanel(QWidget* parent)
    : Panel(QStringLiteral("data"), parent), m_view(new kit::LabelledChoice(tr("show"))),
      m_add(new QPushButton(tr("Add a row"))), m_mask(new QPushButton(tr("Show what is learned"))),
      m_teach(new QPushButton(tr("Teach"))), m_file(new QPushButton(tr("Look at a file…"))),
      m_train(new QPushButton(tr("Train on these rows…"))), m_rows(new FileRows(this)), m_legend(new QWidget),
      m_note(new QLabel), m_list(new RowList), m_soon(new QTimer(this)) {
    auto* content = new QWidget;
    content->setProperty("role", "page");
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildCounts());
    column->addWidget(buildTools());
    column->addWidget(m_list, 1);
    m_states = kit::StateView::fill(this, content);
    m_soon->setSingleShot(true);
    m_soon->setInterval(kAskAfterMs);
    connect(m_soon, &QTimer::timeout, this, [this] { askForMasks(); });
    connect(m_list, &RowList::edited, this, [this] { onEdited(); });
    connect(m_view->box(), &QComboBox::activated, this, [this] { showView(); });
    connect(m_add, &QPushButton::clicked, m_list, &RowList::addExample);
    connect(m_mask, &QPushButton::clicked, this, [this] { showExamples(); });
    connect(m_teach, &QPushButton::clicked, this, [this] { teach(); });
    connect(m_file, &QPushButton::clicked, this, [this] { chooseFile(); });
    connect(m_train, &QPushButton::clicked, this, [this] { train(); });
    connect(m_rows, &FileRows::changed, this, [this] {
        if (view() == OfFile) showView();
    });
    showView();
}

DataPanel::~DataPanel() {
    if (m_session && context().endSession) context().endSession(m_session);
}

QWidget* DataPanel::buildCounts() {
    auto* strip = new QWidget;
    auto* row = new QHBoxLayout(strip);
    row->setContentsMargins(12, 8, 12, 0);
    row->setSpacing(18);
    for (const QString& name :
        {tr("rows"), tr("without target"), tr("cut"), tr("repeated"), tr("shared with held-out")}) {
        auto* number = kit::mono(QStringLiteral("–"));
        auto* label = new kit::ElidedLabel(name);
        label->setProperty("role", "faint");
        auto* cell = new QVBoxLayout;
        cell->setSpacing(0);
        cell->addWidget(number);
        cell->addWidget(label);
        row->addLayout(cell);
        m_counts.append({number, label});
    }
    row->addStretch();
    return strip;
}

QWidget* DataPanel::buildTools() {
    auto* tools = new QWidget;
    auto* column = new QVBoxLayout(tools);
    column->setContentsMargins(12, 8, 12, 6);
    column->setSpacing(6);
    m_view->box()->addItems({tr("examples to teach"), tr("rows of the run"), tr("rows of a file")});
    m_view->box()->setAccessibleName(tr("Rows to show"));
    m_teach->setProperty("role", "primary");
    m_teach->setToolTip(tr("Fine-tunes the model that came with the program on these rows; about a minute."));
    m_train->setProperty("role", "primary");
    m_file->setToolTip(
        tr("Its rows as tokens with what is learned, and what is wrong with them, before anything is trained."));
    m_mask->setToolTip(tr("Cuts the rows by the model's own tokenizer and template."));
    auto* row = new kit::FlowLayout;
    row->setSpacing(8);
    for (QWidget* one : {static_cast<QWidget*>(m_view), static_cast<QWidget*>(m_teach), static_cast<QWidget*>(m_add),
             static_cast<QWidget*>(m_mask), static_cast<QWidget*>(m_train), static_cast<QWidget*>(m_file)})
        row->addWidget(one);
    column->addLayout(row);
    auto* words = new QHBoxLayout(m_legend);
    words->setContentsMargins(0, 0, 0, 0);
    words->setSpacing(8);
    m_note->setProperty("role", "faint");
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    kit::explain(m_note, QStringLiteral("token"));
    for (auto* word : {new kit::MaskWord(tr("learned"), kit::TokenMask::Learned),
             new kit::MaskWord(tr("read, not learned"), kit::TokenMask::Read),
             new kit::MaskWord(tr("cut off"), kit::TokenMask::Cut)}) {
        kit::explain(word, QStringLiteral("mask"));
        words->addWidget(word);
    }
    words->addStretch(1);
    column->addWidget(m_note);
    column->addWidget(m_legend);
    return tools;
}

void DataPanel::onAttached() {
    m_run = m_session = 0;
    m_masks.reset();
    m_used.reset();
    m_sent.clear();
    m_wantsMasks = m_isStarting = false;
    m_lastRecord = 0;
    ++m_generation;
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    m_states->showContent();
    m_rows->attach(context());
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    connect(context().events, &kit::RunEvents::committed, this, [this](qint64 runNo) {
        if (runNo == 0) return;
        if (runNo == m_session) loadMasks();
        m_rows->onRun(runNo);
        if (runNo == m_run && !m_used && isVisible()) loadRun();
    });
    connect(context().events, &kit::RunEvents::stateChanged, this, [this](qint64 runNo) {
        if (runNo == m_session) loadMasks();
        m_rows->onRun(runNo);
    });
    follow();
    showView();
}

void DataPanel::showEvent(QShowEvent*) { follow(); }

void DataPanel::follow() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (runNo == m_run) return;
    m_run = runNo;
    m_used.reset();
    ++m_generation;
    if (view() == OfRun) {
        m_view->box()->setCurrentIndex(0);
        showView();
    }
    if (m_run) loadRun();
}

void DataPanel::loadRun() {
    kit::asyncQuery<std::optional<DataRows>>(
        context(), this, [runNo = m_run](store::Database& db) { return loadRows(db, runNo); },
        [this, generation = m_generation](Result<std::optional<DataRows>> rows) {
            // A session that cut the examples has rows too, but nothing was trained on them.
            if (generation != m_generation || !rows || !*rows || m_run == m_session || m_rows->isOwn(m_run)) return;
            m_used = std::move(**rows);
            if (view() == OfFile) return;
            m_view->box()->setCurrentIndex(1);
            showView();
        });
}

void DataPanel::showExamples() {
    m_wantsMasks = true;
    m_view->box()->setCurrentIndex(0);
    showView();
    m_list->focusFirst();
    askForMasks();
}

void DataPanel::showView() {
    const bool isEditing = this->isEditing();
    if (view() == OfFile && m_rows->path().isEmpty()) {
        m_view->box()->setCurrentIndex(0);
        showView();  // stays when no file is chosen
        return chooseFile();
    }
    if (view() == OfRun && !m_used) {
        m_view->box()->setCurrentIndex(0);
        return showView();
    }
    // What is about to go must not hand the keys to another part of the window.
    const bool hadFocus = isAncestorOf(focusWidget()) && focusWidget()->hasFocus();
    if (hadFocus && !isEditing) m_view->box()->setFocus(Qt::OtherFocusReason);
    for (QPushButton* button : {m_add, m_mask, m_teach}) button->setVisible(isEditing);
    m_train->setVisible(view() == OfFile && context().compose && m_rows->rows());
    m_file->setVisible(static_cast<bool>(context().startSession));
    m_mask->setVisible(isEditing && !m_wantsMasks && context().startSession);
    m_teach->setEnabled(static_cast<bool>(context().teach));
    if (isEditing) {
        m_list->showExamples(m_examples);
        if (m_masks) m_list->showMasks(*m_masks);
        showCounts(m_masks ? &*m_masks : nullptr);
    } else if (view() == OfFile) {
        showFile();
    } else {
        m_list->showRows(m_used->rows);
        showCounts(&*m_used);
    }
    Q_EMIT showingChanged();
}

void DataPanel::showCounts(const DataRows* rows) {
    const QLocale locale;
    const qint64 values[] = {rows          ? rows->all
                             : isEditing() ? m_examples.size()
                                           : -1,
        rows ? rows->noTarget : -1, rows ? rows->cut : -1, rows ? rows->repeated : -1, rows ? rows->shared : -1};
    for (int i = 0; i < m_counts.size(); ++i) {
        QLabel* number = m_counts[i].first;
        number->setText(values[i] < 0 ? QStringLiteral("–") : locale.toString(values[i]));
        // What costs a look; a repeated row may be meant.
        const bool isWarning = values[i] > 0 && (i == 1 || i == 2 || i == 4);
        number->setProperty("tone", isWarning ? "warn" : "");
        number->style()->unpolish(number);
        number->style()->polish(number);
    }
    QStringList words;
    if (rows) {
        words << tr("%1 of %2 rows; at most %3 tokens a row")
                     .arg(
                         locale.toString(rows->rows.size()), locale.toString(rows->all), locale.toString(rows->length));
        words << tr("%n token(s) are learned", nullptr, static_cast<int>(rows->learned));
        if (rows->counted < rows->all) words << tr("counted in the first %1").arg(locale.toString(rows->counted));
        if (rows->held > 0) words << tr("%1 more are held out").arg(locale.toString(rows->held));
    } else if (m_isStarting || m_wantsMasks) {
        words << tr("The rows are being cut into tokens…");
    } else {
        words << tr("Edit the rows, then press Teach.");
    }
    m_note->setText(words.join(QStringLiteral(" · ")));
}

void DataPanel::onEdited() {
    m_examples = m_list->examples();
    m_wantsMasks = true;
    m_mask->hide();
    m_soon->start();
    Q_EMIT showingChanged();
}

void DataPanel::askForMasks() {
    const QByteArray rows = linesOf(m_examples);
    if (!m_wantsMasks || !context().startSession || rows.isEmpty() || m_isStarting) return;
    if (m_masks && rows == m_sent) {
        m_list->showMasks(*m_masks);
        return showCounts(&*m_masks);
    }
    if (!m_session) {
        m_isStarting = true;
        showCounts(nullptr);
        context().startSession(QStringLiteral("tokenise"), 0, QStringLiteral("{}"),
            tr("Helper: examples cut into tokens"),
            [guard = QPointer<DataPanel>(this), end = context().endSession](qint64 runNo) {
                if (!guard) {
                    if (runNo && end) end(runNo);  // the pane was closed meanwhile
                    return;
                }
                guard->m_isStarting = false;
                guard->m_session = runNo;
                guard->m_lastRecord = 0;
                if (runNo) guard->sendRows();
            });
        return;
    }
    // It ends by itself when nobody asks for a while: then a new one is started.
    kit::asyncQuery<std::optional<store::RunRow>>(
        context(), this, [runNo = m_session](store::Database& db) { return store::findRun(db, runNo); },
        [this](Result<std::optional<store::RunRow>> row) {
            if (row && *row && !run::isFinal(static_cast<run::RunState>((*row)->state))) return sendRows();
            m_session = 0;
            askForMasks();
        });
}

void DataPanel::sendRows() {
    m_sent = linesOf(m_examples);
    context().send(m_session, QStringLiteral("rows"),
        QString::fromStdString(jsonText({{"data", m_sent.toStdString()}, {"length", kRowLength}})));
}

void DataPanel::loadMasks() {
    kit::asyncQuery<std::optional<DataRows>>(
        context(), this,
        [runNo = m_session, after = m_lastRecord](store::Database& db) { return loadRows(db, runNo, after); },
        [this, session = m_session](Result<std::optional<DataRows>> rows) {
            if (session != m_session || !rows || !*rows || (*rows)->recordNo <= m_lastRecord) return;
            m_lastRecord = (*rows)->recordNo;
            m_masks = std::move(**rows);
            if (!isEditing()) return;
            m_list->showMasks(*m_masks);
            showCounts(&*m_masks);
            Q_EMIT showingChanged();
        });
}

void DataPanel::teach() {
    const QByteArray rows = linesOf(m_examples);
    const bool hasTarget = std::any_of(m_examples.begin(), m_examples.end(),
        [](const Example& one) { return !one.question.trimmed().isEmpty() && !one.answer.trimmed().isEmpty(); });
    if (!hasTarget) {
        m_note->setText(tr("There is nothing to learn: a row needs a question and an answer."));
        return;
    }
    if (context().teach) context().teach(rows, QString::fromStdString(jsonText(lessonParameters())), tr("lesson"));
}

void DataPanel::chooseFile() {
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Training text"), {}, tr("Training text (*.jsonl *.json *.txt *.gz *.zst);;All files (*)"));
    if (!path.isEmpty()) lookAt(path);
}

void DataPanel::lookAt(const QString& path) {
    m_view->box()->setCurrentIndex(OfFile);
    m_rows->look(path);
    showView();
}

const std::optional<DataRows>& DataPanel::shownRows() const {
    return isEditing() ? m_masks : view() == OfFile ? m_rows->rows() : m_used;
}

void DataPanel::showFile() {
    const auto& rows = m_rows->rows();
    m_list->showRows(rows ? rows->rows : QVector<MaskedRow>());
    showCounts(rows ? &*rows : nullptr);
    if (!rows)
        return m_note->setText(
            m_rows->problem().isEmpty() ? tr("The rows are being cut into tokens…") : m_rows->problem());
    const QString advice = trainAdvice();
    if (!advice.isEmpty()) m_note->setText(advice + QStringLiteral(" · ") + m_note->text());
    const bool isMuch = rows->shareWithoutTarget() > FileRows::kAsksAbove;
    m_train->setText(isMuch ? tr("Train all the same…") : tr("Train on these rows…"));
    m_train->setEnabled(rows->learned > 0);
}

/// What is to be weighed before these rows are trained on.
QString DataPanel::trainAdvice() const {
    const DataRows& rows = *m_rows->rows();
    if (rows.learned == 0) return tr("Nothing would be learned from any of these rows.");
    const double share = rows.shareWithoutTarget();
    if (share <= FileRows::kAsksAbove) return {};
    return tr("Nothing would be learned from %1 % of these rows. Is that meant?")
        .arg(QLocale().toString(100 * share, 'f', 1));
}

void DataPanel::train() {
    const DataRows& rows = *m_rows->rows();
    Json train = {{"data", m_rows->path().toStdString()}, {"seq_len", rows.length}};
    if (const double share = rows.shareWithoutTarget(); share > FileRows::kAsksAbove)
        train["without_target"] = std::min(1.0, std::ceil(share * 100 + 1) / 100);
    context().compose(QStringLiteral("train"), QString::fromStdString(jsonText({{"train", train}})));
}

QString DataPanel::showing() const {
    if (view() == OfFile) return tr("%1, before anything is trained").arg(QFileInfo(m_rows->path()).fileName());
    if (!isEditing()) return tr("rows as the run used them");
    return tr("%n example(s) of your own", nullptr, static_cast<int>(m_examples.size()));
}

kit::DataTable DataPanel::dataTable() const {
    kit::DataTable out;
    out.title = tr("Data");
    const std::optional<DataRows>& rows = shownRows();
    if (!rows) {
        out.columns = {tr("question"), tr("answer")};
        for (const Example& one : m_examples) out.rows << QStringList{one.question, one.answer};
        return out;
    }
    out.columns = {tr("row"), tr("position"), tr("token"), tr("mask")};
    const auto word = [](kit::TokenMask mask) {
        return mask == kit::TokenMask::Learned ? tr("learned")
               : mask == kit::TokenMask::Cut   ? tr("cut off")
                                               : tr("read, not learned");
    };
    for (const MaskedRow& row : rows->rows)
        for (int i = 0; i < row.chips.size(); ++i)
            out.rows << QStringList{
                QString::number(row.number), QString::number(i), row.chips[i].text, word(row.chips[i].mask)};
    return out;
}

QJsonObject DataPanel::saveLayout() const {
    if (m_examples == firstExamples()) return {};
    QJsonArray rows;
    for (const Example& one : m_examples) rows.append(QJsonArray{one.question, one.answer});
    return {{QStringLiteral("examples"), rows}};
}

void DataPanel::restoreLayout(const QJsonObject& layout) {
    QVector<Example> examples;
    for (const QJsonValue& row : layout.value(QStringLiteral("examples")).toArray()) {
        const QJsonArray parts = row.toArray();
        if (parts.size() != 2 || examples.size() >= RowList::kMostExamples) continue;
        examples.append(
            {parts[0].toString().left(RowList::kLongestText), parts[1].toString().left(RowList::kLongestText)});
    }
    if (examples.isEmpty()) return;
    m_examples = examples;
    if (isEditing()) showView();
}

}  // namespace dubito::lmview
