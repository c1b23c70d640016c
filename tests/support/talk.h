// Conversations on their panel: more versions of an answer, until turns are there, words to press.
#pragma once

#include <QAbstractButton>

#include "chat/chat_panel.h"
#include "support/shown.h"

namespace dubito::tests {

/// That many turns are shown, and the first answer has ended.
inline bool waitForTurns(chat::ConversationView* view, int turns) {
    return QTest::qWaitFor([&] { return view->findChildren<chat::TurnView*>().size() == turns; }, kLong) &&
           QTest::qWaitFor(
               [&] { return view->conversation().turn(1) && !view->conversation().turn(1)->stop.isEmpty(); }, kLong);
}

/// A branch of the first answer of a talk: its tokens are numbered from 5, so 77 is another one.
inline void addBranch(
    Shown& shown, std::int64_t runNo, int node, int from, int at, const std::vector<std::string>& tokens) {
    shown.addRecord(runNo, "chat/turn",
        {{"name", "turn"}, {"node", node}, {"parent", 0}, {"role", "assistant"}, {"text", ""}, {"branched_from", from},
            {"branch_token", at}});
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Block block;
        block
            .add("id", kI32, {1},
                std::vector<std::int32_t>{static_cast<int>(i) == at ? 77 : static_cast<std::int32_t>(i) + 5})
            .texts("text", {tokens[i]})
            .add("logprob", kF32, {1}, std::vector<float>{-0.5f})
            .add("entropy", kF32, {1}, std::vector<float>{1.0f})
            .add("special", kU8, {1}, std::vector<std::uint8_t>{0});
        shown.addRecord(runNo, "chat/token", {{"node", node}}, block);
    }
    shown.addRecord(runNo, "chat/turn", {{"name", "end"}, {"node", node}, {"stop", "eos"}, {"text", ""}});
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
