// Commits come often while a model speaks: one look at a time.
#include "actions/answer_layers.h"

#include <cmath>

#include "actions/inspect_answer.h"
#include "application.h"
#include "journal/array_block.h"
#include "kit/run_events.h"
#include "run/run_state.h"

namespace dubito::app {
namespace {

struct Said {
    bool isOver = false;
    int turn = -1, token = -1;  ///< token: the one of the lowest probability; -1: nothing was said
};

Result<Said> readSaid(store::Database& db, std::int64_t runNo) {
    constexpr std::int64_t kMostTurns = 8;
    Said out;
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (!row) return Error(Code::NotFound, "the run is gone");
    out.isOver = run::isFinal(static_cast<run::RunState>(row->state));
    DUBITO_TRY(const auto turns, store::queryRecords(db, runNo, "chat/turn", 0, kMostTurns));
    for (const auto& turn : turns)
        if (const auto meta = parseJson(turn.metaJson); meta && textOr(*meta, "name", "") == "end") {
            out.turn = static_cast<int>(std::clamp<std::int64_t>(integerOr(*meta, "node", -1), -1, kMostTurns));
            out.isOver = true;
            break;
        }
    if (out.turn < 0) return out;
    DUBITO_TRY(const auto tokens, store::queryRecords(db, runNo, "chat/token"));
    float lowest = INFINITY;
    int count = 0;
    for (const auto& token : tokens) {
        const auto meta = parseJson(token.metaJson);
        if (!meta || integerOr(*meta, "node", -1) != out.turn) continue;
        const auto arrays = journal::decodeArrayBlock(token.block);
        if (!arrays) continue;
        const auto* logprob = journal::findArray(*arrays, "logprob");
        const std::size_t n = logprob && logprob->dtype == kF32 ? logprob->as<float>().size() : 0;
        for (std::size_t i = 0; i < n; ++i, ++count)
            if (const float value = logprob->as<float>()[i]; value < lowest) lowest = value, out.token = count;
    }
    return out;
}

}  // namespace

void AnswerLayers::show(Application& application, qint64 runNo) { new AnswerLayers(application, runNo); }

AnswerLayers::AnswerLayers(Application& application, qint64 runNo)
    : QObject(&application), m_application(application), m_run(runNo), m_project(application.projectPath()) {
    const auto later = [this](qint64 committed) {
        if (committed == m_run) look();
    };
    connect(application.events(), &kit::RunEvents::committed, this, later);
    connect(application.events(), &kit::RunEvents::stateChanged, this, later);
    connect(application.selection(), &kit::Selection::runsChanged, this, [this] {
        if (m_application.selection()->leadingRun() != m_run) deleteLater();
    });
    look();
}

void AnswerLayers::look() {
    const kit::PanelContext& context = m_application.panelContext();
    if (!context.readers || m_application.projectPath() != m_project) return deleteLater();
    if (m_isLooking) {
        m_again = true;
        return;
    }
    m_isLooking = true;
    kit::asyncQuery<Said>(
        context, this, [runNo = m_run](store::Database& db) { return readSaid(db, runNo); },
        [this](Result<Said> said) {
            m_isLooking = false;
            if (!said) return deleteLater();
            if (!said->isOver) {
                if (std::exchange(m_again, false)) look();
                return;
            }
            deleteLater();
            const bool isLookedAt = m_application.selection()->leadingRun() == m_run;
            if (said->token >= 0 && isLookedAt && m_application.projectPath() == m_project)
                inspectAnswer(m_application, m_run, said->turn, said->token);
        });
}

}  // namespace dubito::app
