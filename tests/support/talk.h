// A conversation on the screen: waiting for its turns, pressing what a hand could press.
#pragma once

#include <QAbstractButton>

#include "chat/chat_panel.h"
#include "support/shown.h"

namespace dubito::tests {

inline bool waitForTurns(chat::ConversationView* view, int turns) {
    return QTest::qWaitFor([&] { return view->findChildren<chat::TurnView*>().size() == turns; }, kLong) &&
           QTest::qWaitFor(
               [&] { return view->conversation().turn(1) && !view->conversation().turn(1)->stop.isEmpty(); }, kLong);
}

template <class Button>
Button* pressable(QWidget& within, const QString& text) {
    for (auto* button : within.findChildren<Button*>())
        if (button->text() == text && button->isVisible()) return button;
    return nullptr;
}

template <class Button>
void press(QWidget& within, const QString& text) {
    QTRY_VERIFY_WITH_TIMEOUT(pressable<Button>(within, text) != nullptr, kLong);
    QTest::mouseClick(pressable<Button>(within, text), Qt::LeftButton);
}

}  // namespace dubito::tests
