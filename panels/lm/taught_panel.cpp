// One session holds both models, so a second question costs the answers alone.
#include "lm/taught_panel.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/term.h"
#include "lm/lm_figures.h"
#include "run/run_state.h"

namespace dubito::lmview {
namespace {

QString natsText(double nats) {
    return std::isfinite(nats) ? QString::number(nats, 'f', 2).replace(QLatin1Char('-'), QChar(0x2212))
                               : QStringLiteral("–");
}
QString differenceText(double nats) {
    const QString text = QString::number(nats, 'f', std::abs(nats) < 0.005 ? 3 : 2);
    return (nats > 0 ? QStringLiteral("+") : QString()) + QString(text).replace(QLatin1Char('-'), QChar(0x2212));
}

}  // namespace

TaughtPanel::TaughtPanel(QWidget* parent)
    : Panel(QStringLiteral("taught"), parent), m_question(new QLineEdit), m_ask(new QPushButton(tr("Ask both"))),
      m_asked(new kit::LabelledChoice(tr("question"))), m_state(new QLabel), m_said(new QLabel),
      m_reload(new QTimer(this)) {
    m_question->setPlaceholderText(tr("the same question to both"));
    m_question->setAccessibleName(tr("Question to both"));
    m_question->setMaxLength(4000);
    m_asked->box()->setAccessibleName(tr("Questions asked before"));
    m_asked->box()->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_asked->box()->setMinimumContentsLength(16);
    auto* content = new QWidget;
    content->setProperty("role", "page");
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 10);
    column->setSpacing(8);
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_question, 1);
    line->addWidget(m_ask);
    column->addLayout(line);
    column->addWidget(m_asked, 0, Qt::AlignLeft);
    m_state->setProperty("role", "sub");
    m_state->setTextFormat(Qt::PlainText);
    m_state->setWordWrap(true);
    column->addWidget(m_state);
    m_answers = buildAnswers();
    column->addWidget(m_answers);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    m_states = kit::StateView::fill(this, scroll);
    m_reload->setSingleShot(true);
    m_reload->setInterval(150);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connect(m_ask, &QPushButton::clicked, this, [this] { ask(); });
    connect(m_question, &QLineEdit::returnPressed, this, [this] { ask(); });
    connect(m_asked->box(), &QComboBox::activated, this, [this] { showQuestion(); });
}

TaughtPanel::~TaughtPanel() {
    if (!context().endSession) return;
    for (const qint64 runNo : std::as_const(m_sessions)) context().endSession(runNo);
}

QLayout* TaughtPanel::buildSide(int side, const QString& name) {
    m_names[side] = new QLabel(name);
    m_names[side]->setProperty("role", "strong");
    m_strips[side] = new kit::TokenStrip;
    m_strips[side]->setAccessibleName(tr("Answer: %1").arg(name));
    connect(m_strips[side], &kit::TokenStrip::tokenClicked, m_strips[side], &kit::TokenStrip::setCurrent);
    m_rates[side] = new QLabel;
    m_rates[side]->setProperty("role", "faint");
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    column->addWidget(m_names[side]);
    column->addWidget(m_strips[side]);
    column->addWidget(m_rates[side]);
    column->addStretch(1);
    return column;
}

QWidget* TaughtPanel::buildAnswers() {
    auto* out = new QWidget;
    auto* column = new QVBoxLayout(out);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    m_said->setTextFormat(Qt::PlainText);
    m_said->setWordWrap(true);
    column->addWidget(m_said);
    auto* both = new QHBoxLayout;
    both->setSpacing(16);
    both->addLayout(buildSide(0, tr("base")), 1);
    both->addLayout(buildSide(1, tr("taught")), 1);
    column->addLayout(both);
    column->addWidget(buildTable());
    return out;
}

QWidget* TaughtPanel::buildTable() {
    auto* out = new QWidget;
    auto* grid = new QGridLayout(out);
    grid->setContentsMargins(0, 4, 0, 0);
    grid->setVerticalSpacing(6);
    grid->setHorizontalSpacing(14);
    grid->setColumnStretch(0, 1);
    const QString heads[] = {tr("log probability, nats"), tr("under base"), tr("under taught"), tr("difference")};
    for (int i = 0; i < 4; ++i) {
        auto* head = new kit::ElidedLabel(heads[i]);
        head->setProperty("role", "faint");
        if (i > 0) head->setMinimumWidth(head->QLabel::minimumSizeHint().width());
        else kit::explain(head, QStringLiteral("logprob"));
        grid->addWidget(head, 0, i, i ? Qt::AlignRight : Qt::Alignment());
    }
    const QString rows[] = {tr("answer of base"), tr("answer of taught")};
    for (int row = 0; row < 2; ++row) {
        grid->addWidget(new kit::ElidedLabel(rows[row]), row + 1, 0);
        for (int i = 0; i < 3; ++i) {
            m_cells[row][i] = kit::mono();
            grid->addWidget(m_cells[row][i], row + 1, i + 1, Qt::AlignRight);
        }
    }
    auto* note = new QLabel(tr("0.000 in both rows would say that the two are one model"));
    note->setProperty("role", "faint");
    note->setWordWrap(true);
    grid->addWidget(note, 3, 0, 1, 4);
    return out;
}

void TaughtPanel::onAttached() {
    m_run = 0;
    m_sessions.clear();
    m_pending.clear();
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { follow(); });
    const auto later = [this](qint64 runNo) {
        const bool isMine = runNo == m_run || (m_data.beside && runNo == m_data.beside->runNo) ||
                            (runNo != 0 && runNo == m_sessions.value(m_run));
        if (isMine && isVisible() && !m_reload->isActive()) m_reload->start();
    };
    connect(context().events, &kit::RunEvents::committed, this, later);
    connect(context().events, &kit::RunEvents::stateChanged, this, later);
    follow();
}

void TaughtPanel::follow() {
    if (!context().readers || !isVisible()) return;
    const qint64 runNo = context().selection->leadingRun();
    if (runNo != m_run) {
        m_data = {};
        m_pending.clear();
        m_question->clear();
        if (runNo) m_states->showLoading();
    }
    m_run = runNo;
    if (m_run) return load();
    m_states->showEmpty(tr("Select a fine-tune to ask it and its base the same question."), tr("Teach it something"),
        [this] { context().trigger(QStringLiteral("model.teach")); });
}

void TaughtPanel::load() {
    kit::asyncQuery<BesideData>(
        context(), this,
        [runNo = m_run, known = m_sessions.value(m_run),
            plugins = context().pluginsWithRole(QStringLiteral("contrast"))](
            store::Database& db) { return loadBeside(db, runNo, plugins, known); },
        [this, generation = ++m_generation](Result<BesideData> loaded) {
            if (generation != m_generation) return;
            if (!loaded) return m_states->showError(loaded.error(), [this] { load(); });
            m_data = std::move(*loaded);
            refresh();
            Q_EMIT showingChanged();
        });
}

bool TaughtPanel::isAsking() const { return !m_pending.isEmpty() && m_data.questions.size() <= m_answered; }

void TaughtPanel::refresh() {
    const bool isOver = run::isFinal(static_cast<run::RunState>(m_data.row.state));
    if (!m_data.beside && !m_data.hasCheckpoint) {
        if (!m_data.isTraining && isOver)
            return m_states->showEmpty(tr("This run trained nothing."), tr("Teach it something"),
                [this] { context().trigger(QStringLiteral("model.teach")); });
        return m_states->showEmpty(isOver ? tr("This run left no checkpoint to ask.")
                                          : tr("It is being taught. Once it has a checkpoint, ask both here."));
    }
    m_states->showContent();
    if (m_suggested != m_run && m_question->text().isEmpty() && m_data.questions.isEmpty())
        m_question->setText(m_data.suggestion);
    m_suggested = m_run;
    const bool wasAsked = !m_pending.isEmpty() && !isAsking();
    if (wasAsked) m_pending.clear();
    const int before = m_asked->box()->currentIndex(), known = m_asked->box()->count();
    m_asked->box()->clear();
    for (const Question& question : m_data.questions) m_asked->box()->addItem(question.text.simplified().left(60));
    const int last = m_asked->box()->count() - 1;
    m_asked->box()->setCurrentIndex(wasAsked || before < 0 || known > last + 1 ? last : before);
    m_asked->setVisible(last > 0);
    const bool mayAsk = static_cast<bool>(context().startSession);
    m_ask->setEnabled(mayAsk && !isAsking());
    m_question->setEnabled(mayAsk);
    const bool hasFailed = m_data.beside && m_data.beside->state == static_cast<int>(run::RunState::Failed);
    if (hasFailed) m_pending.clear();
    m_state->setText(isAsking()  ? tr("Both models are answering…")
                     : hasFailed ? QString::fromStdString(m_data.beside->detail)
                     : last >= 0 && m_data.isStale()
                         ? tr("It was taught further since: ask again to hear step %1.").arg(m_data.newestStep - 1)
                     : last < 0 ? tr("Ask one of the questions it was taught, or any other.")
                                : QString());
    m_state->setVisible(!m_state->text().isEmpty());
    showQuestion();
}

void TaughtPanel::showQuestion() {
    const int index = m_asked->box()->currentIndex();
    m_answers->setVisible(index >= 0 && index < m_data.questions.size());
    if (m_answers->isHidden()) return;
    const Question& question = m_data.questions[index];
    m_said->setText(tr("You: %1").arg(question.text));
    // A checkpoint is named by the step that comes next.
    m_names[1]->setText(m_data.step > 0 ? tr("taught, step %1").arg(m_data.step - 1) : tr("taught"));
    const auto head = [](const QString& name, const QString& hash) {
        return hash.isEmpty() ? name : name + QStringLiteral("  ·  ") + hash + QChar(0x2026);
    };
    m_names[0]->setText(head(tr("base"), m_data.baseHash));
    const QString taught =
        m_data.isAdapter ? m_data.baseHash + QStringLiteral("… + ") + m_data.taughtHash : m_data.taughtHash;
    m_names[1]->setText(head(m_names[1]->text(), m_data.taughtHash.isEmpty() ? QString() : taught));
    for (QLabel* name : m_names) name->setToolTip(tr("SHA-256 of the files: of the model, and of what was taught"));
    const WeighedAnswer* answers[] = {&question.base, &question.taught};
    for (int side = 0; side < 2; ++side) {
        const WeighedAnswer& answer = *answers[side];
        m_strips[side]->setTokens(answer.chips);
        const QString tokens = tr("%n token(s)", nullptr, static_cast<int>(answer.chips.size()));
        m_rates[side]->setText(answer.tokensPerSecond > 0
                                   ? tr("%1 · %2 tokens/s").arg(tokens, QString::number(answer.tokensPerSecond, 'f', 1))
                                   : tokens);
        const double base = answer.sumBase(), taught = answer.sumTaught();
        m_cells[side][0]->setText(natsText(base));
        m_cells[side][1]->setText(natsText(taught));
        m_cells[side][2]->setText(differenceText(taught - base));
    }
    Q_EMIT showingChanged();
}

void TaughtPanel::ask() {
    const QString text = m_question->text().trimmed();
    if (text.isEmpty() || isAsking() || !m_run || !context().startSession) return;
    m_pending = text;
    m_answered = m_data.questions.size();
    m_question->clear();
    const Json question = {{"text", text.toStdString()}};
    const bool isLive =
        m_data.beside && !m_data.isStale() && !run::isFinal(static_cast<run::RunState>(m_data.beside->state));
    if (isLive) {
        context().send(m_data.beside->runNo, QStringLiteral("ask"), QString::fromStdString(jsonText(question)));
        return refresh();
    }
    m_answered = 0;
    m_data.questions.clear();
    const qint64 trained = m_run;
    context().startSession(QStringLiteral("contrast"), trained, QString::fromStdString(jsonText({{"ask", question}})),
        tr("Helper: %1 beside its base").arg(QString::fromStdString(m_data.row.name())),
        [guard = QPointer<TaughtPanel>(this), trained, end = context().endSession](qint64 runNo) {
            if (!guard) {
                if (runNo && end) end(runNo);  // the pane was closed meanwhile
                return;
            }
            if (runNo) guard->m_sessions[trained] = runNo;
            else guard->m_pending.clear();
            guard->load();
        });
    refresh();
}

QString TaughtPanel::showing() const {
    return m_data.questions.isEmpty() ? QString() : tr("the same question, greedy");
}

QVector<kit::Figure> TaughtPanel::figures() const {
    QVector<kit::Figure> out;
    if (!m_data.beside) return out;
    for (int i = 0; i < m_data.questions.size(); ++i)
        out << questionFigure(m_data.questions[i], i + 1, m_data.beside->runNo);
    const int front = m_asked->box()->currentIndex();
    if (front > 0 && front < out.size()) out.move(front, 0);
    return out;
}

kit::DataTable TaughtPanel::dataTable() const {
    kit::DataTable out;
    out.title = tr("Base and taught");
    out.columns = {tr("question"), tr("answer of"), tr("position"), tr("token"), tr("under base"), tr("under taught")};
    for (const Question& question : m_data.questions)
        for (const bool isTaught : {false, true}) {
            const WeighedAnswer& answer = isTaught ? question.taught : question.base;
            for (int i = 0; i < answer.chips.size(); ++i)
                out.rows << QStringList{question.text, isTaught ? tr("taught") : tr("base"), QString::number(i),
                    answer.chips[i].text, QString::number(answer.base[i], 'g', 9),
                    QString::number(answer.taught[i], 'g', 9)};
        }
    return out;
}

}  // namespace dubito::lmview
