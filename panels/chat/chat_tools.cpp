// The numbers of the sampling stand in a row of their own, which opens below: menus hold no fields.
#include "chat/chat_tools.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QStyleOptionToolButton>
#include <QStylePainter>
#include <QVBoxLayout>

#include "kit/controls.h"
#include "kit/flow_layout.h"
#include "kit/term.h"
#include "kit/user_size.h"

namespace dubito::chat {
namespace {

constexpr double kTemperature = 0.7;  ///< of a run whose spec says nothing
constexpr int kLongest = 512;

QToolButton* tool(const QString& text) {
    auto* out = kit::wordButton(text);
    out->setFixedHeight(kit::userSize(24));
    return out;
}

/// "model NAME ▾": the name is cut in its middle where there is no room for it.
class ModelButton : public QToolButton {
public:
    ModelButton() {
        setProperty("role", "word");
        setFocusPolicy(Qt::StrongFocus);
        setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    }
    void setName(const QString& name) {
        m_name = name;
        setText(textWith(name));
        updateGeometry();
    }
    QSize minimumSizeHint() const override { return {80, QToolButton::minimumSizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent*) override {
        QStyleOptionToolButton option;
        initStyleOption(&option);
        option.features &= ~QStyleOptionToolButton::HasMenu;
        const int around = fontMetrics().horizontalAdvance(textWith({})) + 14;
        option.text = textWith(fontMetrics().elidedText(m_name, Qt::ElideMiddle, std::max(0, width() - around)));
        QStylePainter(this).drawComplexControl(QStyle::CC_ToolButton, option);
    }

private:
    static QString textWith(const QString& name) {
        return name.isEmpty() ? ChatTools::tr("model ▾") : ChatTools::tr("model %1 ▾").arg(name);
    }
    QString m_name;
};

/// A word beside its neighbours in one frame: one of them holds.
QWidget* framed(std::initializer_list<QToolButton*> words) {
    auto* out = new QWidget;
    out->setAttribute(Qt::WA_StyledBackground);
    out->setProperty("role", "choice");
    out->setFixedHeight(kit::userSize(26));
    out->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(out);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(2);
    for (QToolButton* word : words) {
        word->setFixedHeight(kit::userSize(22));
        row->addWidget(word);
    }
    return out;
}

}  // namespace

ChatTools::ChatTools(QWidget* parent)
    : QWidget(parent), m_model(new ModelButton), m_sample(tool({})), m_asTokens(tool(tr("tokens"))),
      m_asText(tool(tr("text"))), m_chats(tool(tr("Chats"))), m_new(tool(tr("New chat"))), m_more(tool(tr("More ▾"))),
      m_temperature(new QDoubleSpinBox), m_longest(new QSpinBox) {
    auto* row = new kit::FlowLayout;
    row->setContentsMargins(12, 8, 12, 4);
    row->setSpacing(4);
    auto* group = new QButtonGroup(this);
    for (auto* one : {m_asTokens, m_asText}) {
        one->setCheckable(true);
        group->addButton(one);
    }
    m_asTokens->setChecked(true);
    m_asTokens->setToolTip(tr("Answers as tokens, shaded by doubt; click one to see what else could have been said"));
    m_asText->setToolTip(tr("Answers as the text they mean: headings, lists, code that can be copied"));
    m_model->setPopupMode(QToolButton::InstantPopup);
    m_model->setMenu(new QMenu(m_model));
    m_model->menu()->addAction(tr("Another model…"), this, &ChatTools::otherModelAsked);
    m_sample->setCheckable(true);
    m_chats->setCheckable(true);
    m_chats->setToolTip(tr("All conversations of this project, and what was said in them"));
    m_new->setToolTip(tr("With the packaged model; another one by the arrow of “model”"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    // The style keeps room for an arrow of its own beside the one in the word.
    m_more->setFixedWidth(m_more->fontMetrics().horizontalAdvance(m_more->text()) + 8);
    m_more->setAccessibleName(tr("More of the chat"));
    for (QWidget* one : {framed({m_model}), static_cast<QWidget*>(m_new), framed({m_sample}),
             framed({m_asTokens, m_asText}), static_cast<QWidget*>(m_chats), static_cast<QWidget*>(m_more)})
        row->addWidget(one);
    m_fold = buildSampling();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(row);
    column->addWidget(m_fold);
    connect(m_sample, &QToolButton::toggled, m_fold, &QWidget::setVisible);
    connect(m_asText, &QToolButton::toggled, this, &ChatTools::asTextChanged);
    connect(m_chats, &QToolButton::clicked, this, &ChatTools::chatsAsked);
    connect(m_new, &QToolButton::clicked, this, &ChatTools::newAsked);
    connect(m_more->menu(), &QMenu::aboutToShow, this, &ChatTools::moreOpens);
    setModel({});
    showSampling({});
}

QWidget* ChatTools::buildSampling() {
    m_temperature->setRange(0, 2);
    m_temperature->setSingleStep(0.1);
    m_temperature->setPrefix(tr("temperature "));
    m_temperature->setToolTip(tr("0 is greedy: always the likeliest token"));
    m_temperature->setAccessibleName(tr("Temperature"));
    kit::explain(m_temperature, QStringLiteral("temperature"));
    kit::explain(m_longest, QStringLiteral("token"));
    kit::explain(m_asTokens, QStringLiteral("token"));
    m_longest->setRange(1, 100000);
    m_longest->setPrefix(tr("at most "));
    m_longest->setSuffix(tr(" tokens"));
    m_longest->setAccessibleName(tr("Longest answer, tokens"));
    for (QAbstractSpinBox* box :
        {static_cast<QAbstractSpinBox*>(m_temperature), static_cast<QAbstractSpinBox*>(m_longest)})
        kit::guardWheel(box);
    auto* fold = new QWidget;
    auto* row = new kit::FlowLayout(fold);
    row->setContentsMargins(12, 0, 12, 4);
    row->setSpacing(6);
    row->addWidget(m_temperature);
    row->addWidget(m_longest);
    fold->hide();
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        nameSampling();
        Q_EMIT samplingChanged({value, {}});
    });
    connect(m_longest, &QSpinBox::valueChanged, this, [this](int tokens) {
        nameSampling();
        Q_EMIT samplingChanged({{}, tokens});
    });
    return fold;
}

void ChatTools::nameSampling() {
    const double temperature = m_temperature->value();
    const QString how =
        temperature == 0 ? tr("greedy") : tr("temperature %1").arg(QLocale().toString(temperature, 'g', 3));
    // Short, so that the tools keep to two rows in a narrow pane.
    m_sample->setText(tr("sampling %1 ▾").arg(temperature == 0 ? how : QLocale().toString(temperature, 'g', 3)));
    m_sample->setToolTip(how);
    m_sample->setAccessibleName(tr("Sampling: %1, at most %2 tokens").arg(how).arg(m_longest->value()));
}

void ChatTools::showSampling(const Sampling& sampling) {
    const double temperature = sampling.temperature.value_or(kTemperature);
    const int longest = sampling.longest.value_or(kLongest);
    const QSignalBlocker blockTemperature(m_temperature), blockLongest(m_longest);
    // Not while the same is being typed: a box writes its number anew.
    if (m_temperature->value() != temperature) m_temperature->setValue(temperature);
    if (m_longest->value() != longest) m_longest->setValue(longest);
    nameSampling();
}

void ChatTools::setLive(bool isLive) {
    m_temperature->setEnabled(isLive);
    m_longest->setEnabled(isLive);
}

void ChatTools::setModel(const QString& name) {
    static_cast<ModelButton*>(m_model)->setName(name);
    m_model->setToolTip(kit::plainToolTip(name));
    m_model->setAccessibleName(tr("Model: %1").arg(name));
}

void ChatTools::setTalk(bool isThere) { m_asTokens->parentWidget()->setEnabled(isThere); }

void ChatTools::setAsText(bool on) { (on ? m_asText : m_asTokens)->setChecked(true); }

}  // namespace dubito::chat
