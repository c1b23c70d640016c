// Enter asks, Shift and Enter breaks the line; what is missing is said instead of a button that does nothing.
#include "home/ask_card.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

#include "actions/answer_layers.h"
#include "actions/chat_start.h"
#include "actions/run_facts.h"
#include "application.h"
#include "kit/controls.h"
#include "kit/flow_layout.h"
#include "kit/model_name.h"
#include "kit/user_size.h"
#include "settings.h"

namespace dubito::app {
namespace {

constexpr int kModelPath = Qt::UserRole, kShortestName = 12, kLongestName = 24;  ///< letters
const QString kShowsLayers = QStringLiteral("home/layers");

/// The packaged model, which is small, answers these well.
const char* const kExamples[] = {
    QT_TRANSLATE_NOOP("dubito::app::AskCard", "What is the capital of France?"),
    QT_TRANSLATE_NOOP("dubito::app::AskCard", "Which river runs through Paris?"),
    QT_TRANSLATE_NOOP("dubito::app::AskCard", "What colour is the sky?"),
    QT_TRANSLATE_NOOP("dubito::app::AskCard", "Is a whale a fish?"),
};

}  // namespace

AskCard::AskCard(Application& application)
    : m_application(application), m_field(new QPlainTextEdit), m_model(new kit::LabelledChoice(tr("model"))),
      m_sampling(new kit::LabelledChoice(tr("sampling"))), m_show(new kit::LabelledChoice(tr("show"))),
      m_ask(new QPushButton(tr("Ask the model"))), m_key(new QLabel(tr("Enter"))), m_reason(new QLabel) {
    setProperty("role", "card");
    setAccessibleName(tr("Ask the model"));
    auto* title = new QLabel(tr("Ask the model"));
    title->setProperty("role", "heading");
    auto* promise =
        new kit::ElidedLabel(tr("No project needed: an untitled one is made. Nothing leaves this machine."));
    promise->setProperty("role", "faint");
    promise->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addWidget(promise, 1);
    m_field->setProperty("role", "field");
    m_field->setObjectName(QStringLiteral("question"));
    m_field->setAccessibleName(tr("Question"));
    m_field->setPlaceholderText(tr("Ask something"));
    m_field->setTabChangesFocus(true);
    m_field->setFixedHeight(kit::userSize(70));
    QFont large = m_field->font();
    large.setPixelSize(15);
    m_field->setFont(large);
    m_field->setStyleSheet(QStringLiteral("font-size: 15px;"));
    m_field->installEventFilter(this);
    m_reason->setProperty("role", "bad");
    m_reason->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(10);
    column->addLayout(head);
    column->addWidget(m_field);
    column->addWidget(makeChoices());
    column->addWidget(m_reason);
    column->addWidget(makeExamples());
    connect(m_ask, &QPushButton::clicked, this, &AskCard::ask);
    connect(m_field, &QPlainTextEdit::textChanged, this, &AskCard::showState);
    showState();
}

QWidget* AskCard::makeChoices() {
    m_model->box()->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_model->box()->setMinimumContentsLength(kShortestName);
    m_sampling->box()->setMinimumContentsLength(6);
    m_sampling->box()->addItem(tr("greedy"));
    m_sampling->box()->addItem(tr("drawn"));
    m_sampling->box()->setItemData(0, tr("Always the likeliest token: the same answer each time"), Qt::ToolTipRole);
    m_sampling->box()->setItemData(1, tr("Tokens are drawn, as the plugin's defaults say"), Qt::ToolTipRole);
    m_show->box()->setMinimumContentsLength(5);
    m_show->box()->addItem(tr("doubt"));
    m_show->box()->addItem(tr("layers and doubt"));
    m_show->box()->setItemData(0, tr("The answer, shaded where the model was unsure"), Qt::ToolTipRole);
    m_show->box()->setItemData(
        1, tr("Also reads the answer once more and shows what every layer would have said"), Qt::ToolTipRole);
    m_show->box()->setCurrentIndex(m_application.settings().choice(kShowsLayers, false).toBool() ? 1 : 0);
    connect(m_show->box(), &QComboBox::activated, this,
        [this](int index) { m_application.settings().setChoice(kShowsLayers, index == 1); });
    m_key->setProperty("role", "faint");
    m_ask->setProperty("role", "primary");
    m_ask->setObjectName(QStringLiteral("ask"));
    auto* row = new QWidget;
    auto* choices = new QHBoxLayout(row);
    choices->setContentsMargins(0, 0, 0, 0);
    choices->setSpacing(8);
    auto* flowing = new kit::FlowLayout;
    flowing->setSpacing(8);
    for (QWidget* choice : {m_model, m_sampling, m_show}) flowing->addWidget(choice);
    choices->addLayout(flowing, 1);
    choices->addWidget(m_key);
    choices->addWidget(m_ask);
    return row;
}

QWidget* AskCard::makeExamples() {
    auto* holder = new QWidget;
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    auto* label = new QLabel(tr("or try"));
    label->setProperty("role", "sub");
    row->addWidget(label);
    for (const char* example : kExamples) {
        auto* chip = new QPushButton(tr(example));
        chip->setProperty("role", "chip");
        connect(chip, &QPushButton::clicked, this, [this, chip] {
            m_field->setPlainText(chip->text());
            ask();
        });
        row->addWidget(chip);
        m_examples.push_back(chip);
    }
    row->addStretch();
    holder->setMinimumWidth(0);
    holder->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    return holder;
}

/// Examples that do not fit are left out, whole.
void AskCard::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    constexpr int kRoomForTheKey = 800;  // beside all the choices in one row
    m_key->setVisible(width() >= kRoomForTheKey);
    int room = width() - 32 - 60;
    for (QPushButton* chip : m_examples) {
        room -= chip->sizeHint().width() + 6;
        chip->setVisible(room >= 0);
    }
}

void AskCard::setModels(const std::vector<fs::path>& models) {
    const QVariant before = m_model->box()->currentData(kModelPath);
    m_model->box()->clear();
    int widest = 0;  // of the names
    for (std::size_t i = 0; i < models.size(); ++i) {
        const QString path = QString::fromStdString(models[i].string());
        m_model->box()->addItem(kit::modelName({}, path));
        const QString name = m_model->box()->itemText(static_cast<int>(i));
        widest = std::max(widest, m_model->box()->fontMetrics().horizontalAdvance(name));
        m_model->box()->setItemData(static_cast<int>(i), path, kModelPath);
        m_model->box()->setItemData(static_cast<int>(i), kit::plainToolTip(path), Qt::ToolTipRole);
    }
    // A box reckons with the width of an X for each letter.
    const int letters = widest / std::max(1, m_model->box()->fontMetrics().horizontalAdvance(QLatin1Char('X'))) + 1;
    m_model->box()->setMinimumContentsLength(std::clamp(letters, kShortestName, kLongestName));
    const int at = m_model->box()->findData(before, kModelPath);
    m_model->box()->setCurrentIndex(models.empty() ? -1 : std::max(0, at));
    m_knowsModels = true;
    showState();
}

void AskCard::focusField() { m_field->setFocus(Qt::OtherFocusReason); }

/// The button is live where a question would be answered; else one sentence says what is missing.
void AskCard::showState() {
    QString reason;
    if (m_knowsModels && !hasPluginFor(m_application, "chat"))
        reason = tr("No plugin to talk to a model is installed. The Plugins panel says what was found.");
    else if (m_knowsModels && m_model->box()->count() == 0)
        reason = tr("No language model is found here: run packaging/setup, or dubito models add FILE.");
    m_reason->setText(reason);
    m_reason->setVisible(!reason.isEmpty());
    m_ask->setText(m_isAsking ? tr("Asking…") : tr("Ask the model"));
    const bool isPossible = reason.isEmpty() && m_knowsModels && !m_isAsking;
    m_ask->setEnabled(isPossible && !m_field->toPlainText().trimmed().isEmpty());
    for (QPushButton* chip : m_examples) chip->setEnabled(isPossible);
}

void AskCard::ask() {
    Question question;
    question.text = m_field->toPlainText().trimmed();
    if (m_isAsking || question.text.isEmpty() || !m_ask->isEnabled()) return;
    // The packaged model stays unnamed, so that the same question is the same run on another machine.
    if (m_model->box()->currentIndex() > 0)
        question.model = m_model->box()->currentData(kModelPath).toString().toStdString();
    question.isGreedy = m_sampling->box()->currentIndex() == 0;
    const bool showsLayers = m_show->box()->currentIndex() == 1;
    m_isAsking = true;
    showState();
    askModel(m_application, question, [guard = QPointer<AskCard>(this), showsLayers](bool started) {
        if (!guard) return;
        if (started && showsLayers)
            AnswerLayers::show(guard->m_application, guard->m_application.selection()->leadingRun());
        guard->m_isAsking = false;
        if (started) guard->m_field->clear();
        guard->showState();
    });
}

bool AskCard::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isEnter && !(key->modifiers() & Qt::ShiftModifier)) {
            ask();
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

void AskCard::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::EnabledChange) showState();
}

}  // namespace dubito::app
