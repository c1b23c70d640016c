// Home: ask the model, recent projects, things to try, the demo, and a system check.
#pragma once

#include <QScrollArea>

#include "home/side_cards.h"
#include "home/system_card.h"

class QBoxLayout;

namespace dubito::app {

class ActionRegistry;
class Application;
class AskCard;
class RecentCard;

class StartPage : public QScrollArea {
    Q_OBJECT
public:
    StartPage(Application& application, ActionRegistry& actions);
    void refresh();  ///< recent projects, models and plugins may have changed

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    AskCard* m_ask;
    RecentCard* m_recent;
    TryCard* m_try;
    DemoCard* m_demo;
    SystemCard* m_system;
    QBoxLayout *m_page, *m_columns;
    bool m_isChecked = false;
};

}  // namespace dubito::app
