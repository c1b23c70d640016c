// A step changes nothing until its gradients are known to be numbers, so it can be undone at any poll before that.
#include "nn/training_loop.h"

#include <fmt/format.h>

#include <cmath>

namespace dubito::nn {

namespace {

constexpr std::string_view kState = "training";

}  // namespace

TrainingLoop::TrainingLoop(Learner& learner, Optimiser& optimiser, LoopSettings settings, LoopHost host)
    : m_learner(learner), m_optimiser(optimiser), m_settings(settings), m_host(std::move(host)) {}

Result<void> TrainingLoop::poll() {
    const double start = m_host.clock();
    bool isPaused = false;
    while (true) {
        switch (m_host.wish()) {
            case Wish::GoOn: break;
            case Wish::Save: m_shouldSave = true; break;
            case Wish::Stop: m_isStopped = true; return Error(Code::Cancelled, "the step was not finished");
            case Wish::Pause:
                isPaused = true;
                if (m_host.rest) m_host.rest();
                continue;
        }
        if (isPaused) m_paused += m_host.clock() - start;
        return {};
    }
}

Result<void> TrainingLoop::bad(const std::string& what, double lr) {
    m_optimiser.zeroGradients();
    ++m_badInRow;
    ++m_skipped;
    const std::int64_t step = m_done++;
    m_host.publish(m_done, {{"lr", lr}, {"skipped", static_cast<double>(m_skipped)}});
    if (m_badInRow >= kMostBadSteps)
        return Error(Code::Internal,
            fmt::format("the {} of step {} is no number, the {}rd in a row; the run stops, its last checkpoint stays",
                what, step, m_badInRow));
    m_host.warn(fmt::format("the {} of step {} is no number; the step is skipped", what, step));
    tellProgress();
    return {};
}

Result<void> TrainingLoop::advance() {
    const double start = m_host.clock();
    double inData = 0;
    m_paused = 0;
    m_optimiser.zeroGradients();
    PartResult sum;
    // A step that is undone draws the same numbers again.
    TrainingState before;
    m_learner.save(before);
    const auto undone = [&](Error error) -> Error {
        m_optimiser.zeroGradients();
        if (auto back = m_learner.restore(before); !back) return std::move(back).error();
        return error;
    };
    for (std::int64_t part = 0; part < m_learner.partsOf(m_done); ++part) {
        if (auto goOn = poll(); !goOn) return undone(std::move(goOn).error());
        const double asked = m_host.clock();
        if (auto there = m_learner.fetch(m_done, part); !there) return undone(std::move(there).error());
        inData += m_host.clock() - asked;
        auto result = m_learner.accumulate(m_done, part);
        if (!result) return undone(std::move(result).error());
        sum.loss += result->loss;
        sum.weight += result->weight;
        sum.rows += result->rows;
    }
    if (!std::isfinite(sum.loss)) {
        DUBITO_CHECK(bad("loss", m_optimiser.rateAt(m_done)));
        return {};
    }
    const double scale = sum.weight > 0 ? 1 / sum.weight : 0;
    DUBITO_TRY(const OptimiserStep now, m_optimiser.step(m_done, scale));
    if (!now.isDone) return bad("gradient", now.lr);
    m_optimiser.zeroGradients();
    m_badInRow = 0;
    ++m_done;
    ++m_stepsHere;
    const double seconds = m_host.clock() - start - m_paused;
    m_secondsHere += seconds;
    const auto rate = [&](double of) { return seconds > 0 ? of / seconds : 0; };
    m_host.publish(m_done, {{"loss", sum.loss * scale}, {"lr", now.lr}, {"grad_norm", now.gradientNorm},
                               {"param_norm", now.parameterNorm}, {"rows_per_s", rate(static_cast<double>(sum.rows))},
                               {"data_share", rate(inData)}, {"skipped", static_cast<double>(m_skipped)}});
    tellProgress();
    return {};
}

void TrainingLoop::tellProgress() {
    const double left =
        m_stepsHere ? m_secondsHere / static_cast<double>(m_stepsHere) * static_cast<double>(m_settings.steps - m_done)
                    : -1;
    m_host.progress(m_done, m_settings.steps, left);
}

Result<std::optional<TrainingLoop::End>> TrainingLoop::turn() {
    using Now = std::optional<End>;
    if (isDone()) return Now(End::Done);
    if (m_done == 0) measure();
    if (auto step = advance(); !step) {
        if (step.error().code() != Code::Cancelled || !m_isStopped) return std::move(step).error();
        save();
        return Now(End::Stopped);
    }
    const bool isDue = m_settings.checkpointEvery > 0 && m_done % m_settings.checkpointEvery == 0;
    if (isDue || isDone()) measure();
    if (isDue || m_shouldSave || isDone()) save();
    m_shouldSave = false;
    return isDone() ? Now(End::Done) : Now();
}

void TrainingLoop::measure() {
    if (!m_host.measure || m_measured == m_done) return;
    m_host.measure(m_done);
    m_measured = m_done;
}

Result<TrainingLoop::End> TrainingLoop::run() {
    for (;;) {
        DUBITO_TRY(const std::optional<End> end, turn());
        if (end) return *end;
    }
}

Result<std::vector<std::string>> TrainingLoop::write(const fs::path& folder) const {
    TrainingState state;
    state.rest["loop"] = {{"done", m_done}, {"bad_in_row", m_badInRow}, {"skipped", m_skipped}};
    m_optimiser.save(state);
    m_learner.save(state);
    DUBITO_TRY(std::vector<std::string> items, writeState(folder, kState, state));
    DUBITO_TRY(const std::vector<std::string> more, m_learner.saveItems(folder));
    items.insert(items.end(), more.begin(), more.end());
    return items;
}

bool TrainingLoop::save() {
    if (m_saved == m_done) return true;
    const auto said = [&](const Error& error) {
        m_host.abandon();
        m_host.warn(fmt::format("no checkpoint at step {}: {}; the one before stays", m_done, error.text()));
        return false;
    };
    auto folder = m_host.begin(m_done);
    if (!folder) return said(folder.error());
    auto items = write(*folder);
    if (!items) return said(items.error());
    if (auto done = m_host.commit(*items); !done) return said(done.error());
    m_saved = m_done;
    return true;
}

Result<void> TrainingLoop::restore(const fs::path& folder) {
    DUBITO_TRY(const TrainingState state, readState(folder, kState));
    TrainingState loop;
    loop.rest = memberOf(state.rest, "loop");
    DUBITO_TRY(const std::int64_t done, loop.integer("done", 0, INT64_MAX / 2));
    DUBITO_TRY(const std::int64_t badInRow, loop.integer("bad_in_row", 0, kMostBadSteps));
    DUBITO_TRY(const std::int64_t skipped, loop.integer("skipped", 0, done));
    DUBITO_CHECK(m_learner.restore(state));
    DUBITO_CHECK(m_optimiser.restore(state));
    m_done = m_saved = m_measured = done;
    m_badInRow = badInRow;
    m_skipped = skipped;
    return {};
}

}  // namespace dubito::nn
