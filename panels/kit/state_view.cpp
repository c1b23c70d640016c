// One widget for every panel's states, so that they look and read alike.
#include "kit/state_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include "kit/controls.h"

namespace dubito::kit {

StateView::StateView(QWidget* content, QWidget* parent)
    : QWidget(parent), m_stack(new QStackedWidget), m_sentence(new QLabel), m_bar(new QLabel),
      m_button(new QPushButton), m_copy(new QPushButton(tr("Copy details"))) {
    auto* message = new QWidget;
    auto* column = new QVBoxLayout(message);
    column->addStretch(2);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_bar->setTextFormat(Qt::PlainText);
    m_sentence->setProperty("role", "sub");
    column->addWidget(m_sentence);
    auto* row = new QHBoxLayout;
    row->addStretch();
    row->addWidget(m_button);
    row->addWidget(m_copy);
    row->addStretch();
    column->addLayout(row);
    column->addStretch(3);
    // The message is there first: a stack shows its first page at once, and the content is costly before anybody asked
    // for it.
    m_stack->addWidget(message);
    m_stack->insertWidget(0, content);
    m_bar->setProperty("role", "bar");
    m_bar->setWordWrap(true);
    m_bar->hide();
    for (QPushButton* button : {m_button, m_copy}) button->hide();  // before anything is known
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addWidget(m_stack, 1);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_onButton) m_onButton();
    });
    connect(m_copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_details); });
}

StateView* StateView::fill(QWidget* panel, QWidget* content) {
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* out = new StateView(content);
    layout->addWidget(out);
    return out;
}

void StateView::showMessage(const QString& sentence, const QString& button, std::function<void()> onButton) {
    m_sentence->setText(breakable(sentence));
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
    m_copy->setVisible(!m_details.isEmpty());
    m_onButton = std::move(onButton);
    m_stack->setCurrentIndex(1);
}

void StateView::showContent() {
    m_state = QStringLiteral("content");
    m_stack->setCurrentIndex(0);
}

void StateView::showEmpty(const QString& sentence, const QString& button, std::function<void()> onButton) {
    m_state = QStringLiteral("empty");
    m_details.clear();
    showMessage(sentence, button, std::move(onButton));
}

void StateView::showLoading() {
    m_state = QStringLiteral("loading");
    m_details.clear();
    showMessage(tr("Loading…"), {}, {});
}

void StateView::showError(const Error& error, std::function<void()> retry) {
    m_state = QStringLiteral("error");
    const std::string_view code = codeName(error.code());
    m_details = QStringLiteral("%1: %2").arg(
        QString::fromUtf8(code.data(), static_cast<int>(code.size())), QString::fromStdString(error.text()));
    // The code is among the details that are copied.
    showMessage(QString::fromStdString(error.text()), tr("Retry"), std::move(retry));
}

void StateView::setBar(const QString& text) {
    m_bar->setText(breakable(text));
    m_bar->setVisible(!text.isEmpty());
}

QString StateView::stateName() const { return m_state; }

}  // namespace dubito::kit
