// Asks nothing; what takes a moment is looked up beside the window.
#include "start_page.h"

#include <QLabel>
#include <QLocale>
#include <QPointer>
#include <QTimer>
#include <QVBoxLayout>

#include "action_registry.h"
#include "application.h"
#include "errands.h"
#include "home/ask_card.h"
#include "home/recent_card.h"
#include "kit/controls.h"
#include "run/models.h"
#include "translations.h"

namespace dubito::app {
namespace {

constexpr int kWide = 900;  ///< two columns from here on

}  // namespace

StartPage::StartPage(Application& application, ActionRegistry& actions)
    : m_ask(new AskCard(application)), m_recent(new RecentCard(application, actions)),
      m_try(new TryCard(application, actions)), m_demo(new DemoCard(actions)), m_system(new SystemCard) {
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    auto* page = new QWidget;
    page->setProperty("role", "canvas");
    page->setAttribute(Qt::WA_StyledBackground);
    auto* title = new QLabel(QStringLiteral("Dubito"));
    title->setProperty("role", "title");
    auto* motto =
        new kit::ElidedLabel(tr("Dubito, ergo cogito, ergo sum. Look inside a model; keep everything in one file."));
    motto->setProperty("role", "sub");
    auto* left = new QVBoxLayout;
    left->setSpacing(16);
    left->addWidget(m_ask);
    left->addWidget(m_recent, 1);
    auto* right = new QVBoxLayout;
    right->setSpacing(16);
    right->addWidget(m_try);
    right->addWidget(m_demo, 1);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
    m_columns->setSpacing(16);
    m_columns->addLayout(left, 68);
    m_columns->addLayout(right, 32);
    m_page = new QVBoxLayout(page);
    m_page->setSpacing(0);
    m_page->addWidget(title);
    m_page->addSpacing(4);
    m_page->addWidget(motto);
    m_page->addSpacing(20);
    m_page->addLayout(m_columns, 1);
    m_page->addSpacing(16);
    m_page->addWidget(m_system);
    setWidget(page);
    connect(m_try, &TryCard::askWanted, m_ask, &AskCard::focusField);
    refresh();
}

void StartPage::refresh() {
    m_recent->refresh();
    runErrand([guard = QPointer<StartPage>(this), language = languageCode()] {
        auto models = std::make_shared<std::vector<fs::path>>(run::knownModels());
        auto systems = std::make_shared<QList<DemoSystem>>(demoSystems(language));
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, models, systems] {
                if (!guard) return;
                guard->m_ask->setModels(*models);
                guard->m_demo->setSystems(*systems);
                guard->m_try->refresh();
            },
            Qt::QueuedConnection);
    });
}

void StartPage::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    const bool isWide = viewport()->width() >= kWide;
    m_columns->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    const int side = viewport()->width() >= 1100 ? 40 : 24;
    m_page->setContentsMargins(side, viewport()->height() >= 760 ? 24 : 16, side, 24);
}

void StartPage::showEvent(QShowEvent* event) {
    QScrollArea::showEvent(event);
    if (!m_isChecked) {
        m_isChecked = true;
        checkSystemBeside(m_system, [card = m_system](const auto& lines) { card->showLines(lines); });
    }
    QTimer::singleShot(0, m_ask, &AskCard::focusField);
}

}  // namespace dubito::app
