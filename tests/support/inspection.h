// Runs of the thought inspector, made by hand, and what a hand finds on its panel.
#pragma once

#include <QPushButton>

#include "support/shown.h"

namespace dubito::tests {

struct Text {
    int sequence = 0, prompt = 1, parent = -1, branch = -1;
    std::vector<std::string> words;
    std::vector<std::uint8_t> special = {};
    float logprob = -1;
    int first = 0;  ///< place of the first word: of what comes later
};

inline void addText(Shown& shown, std::int64_t runNo, const Text& text, int layers) {
    const auto n = static_cast<std::int64_t>(text.words.size()), rows = n * (layers + 1);
    auto special = text.special;
    special.resize(text.words.size());
    std::vector<std::int32_t> ids;
    for (int i = 0; i < n; ++i) ids.push_back(100 + i);
    Block tokens, stats, top, logp, vocab;
    tokens.add("id", kI32, {n}, ids)
        .texts("text", text.words)
        .add("logprob", kF32, {n}, std::vector<float>(text.words.size(), text.logprob))
        .add("special", kU8, {n}, special);
    const Json at = {{"seq", text.sequence}, {"first", text.first}};
    shown.addRecord(runNo, "trace/token",
        {{"seq", text.sequence}, {"first", text.first}, {"prompt", text.prompt}, {"parent", text.parent},
            {"branch_pos", text.branch}},
        tokens);
    vocab.add("id", kI32, {2}, std::vector<std::int32_t>{7, 8}).texts("text", {" seven", " eight"});
    shown.addRecord(runNo, "lens/vocab", Json::object(), vocab);
    stats.add("stats", kF32, {n, layers + 1, 5}, std::vector<float>(static_cast<std::size_t>(rows * 5), 1));
    shown.addRecord(runNo, "lens/stats", at, stats);
    std::vector<std::uint32_t> candidates;
    for (std::int64_t i = 0; i < rows; ++i) candidates.insert(candidates.end(), {7, 8});
    top.add("id", kU32, {n, layers + 1, 2}, candidates);
    shown.addRecord(runNo, "lens/topk_id", at, top);
    logp.add("logp", kF32, {n, layers + 1, 2}, std::vector<float>(candidates.size(), -0.7f));
    shown.addRecord(runNo, "lens/topk_logp", at, logp);
}

inline void addGrid(Shown& shown, std::int64_t runNo) {
    Block grid;
    grid.add("effect", kF32, {2, 3}, std::vector<float>{0, 0.5f, 1, -1, 2.5f, 0})
        .texts("clean", {"The", " capital", " of"})
        .texts("corrupt", {"The", " river", " of"});
    shown.addRecord(runNo, "causal/effect",
        {{"kind", "zero"}, {"site", "heads"}, {"right", " Paris"}, {"wrong", " Rome"}, {"clean_difference", 3.0}},
        grid);
}

inline std::vector<std::string> question() {
    return {"Where", " is", " the", " Eiffel", " Tower", "?", " In", " Paris"};
}

/// A live run with one text of eight tokens, six of them asked.
inline qint64 addInspection(Shown& shown, run::RunState state = run::RunState::Running, int layers = 4) {
    const auto runNo = shown.addRun({.title = "look", .plugin = "org.dubito.tas.inspect", .state = state});
    shown.addModel(runNo, "Small", layers);
    addText(shown, runNo, {.prompt = 6, .words = question()}, layers);
    return runNo;
}

template <class Widget>
Widget* shownChild(const QWidget& parent, const char* name) {
    for (auto* child : parent.findChildren<Widget*>())
        if (child->accessibleName() == QLatin1String(name)) return child;
    return nullptr;
}

inline QPushButton* buttonWith(const QWidget& parent, const QString& word) {
    for (auto* button : parent.findChildren<QPushButton*>())
        if (button->isVisible() && button->text().contains(word)) return button;
    return nullptr;
}

inline bool isReady(const QWidget& panel) {
    return QTest::qWaitFor([&] { return stateOf(panel) == QLatin1String("content"); }, kLong);
}

}  // namespace dubito::tests
