// The one loop of every system that learns: steps, polls, figures, checkpoints and going on from them.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "nn/optimiser.h"

namespace dubito::nn {

/// What one part of a step (a micro-batch) came to: sums over what is learned from.
struct PartResult {
    double loss = 0, weight = 0;  ///< the step's loss is the sum of losses over the sum of weights
    std::int64_t rows = 0;        ///< tokens or rows, as the system counts
};

/// What a system brings. Every call may depend on the step's number and on streams that save() keeps, on nothing else.
class Learner {
public:
    virtual ~Learner() = default;
    virtual std::int64_t partsOf(std::int64_t /*step*/) const { return 1; }
    /// Makes the data of a part ready; its time is counted as time in data.
    virtual Result<void> fetch(std::int64_t step, std::int64_t part) = 0;
    /// Loss and gradients of the SUM of losses of the part that was fetched last.
    virtual Result<PartResult> accumulate(std::int64_t step, std::int64_t part) = 0;
    /// What a step depends on beside its number and the optimiser's tensors: streams, running statistics.
    virtual void save(TrainingState& /*state*/) const {}
    virtual Result<void> restore(const TrainingState& /*state*/) { return {}; }
    /// More items of a checkpoint (an adapter in its own format). @return their names
    virtual Result<std::vector<std::string>> saveItems(const fs::path& /*folder*/) const {
        return std::vector<std::string>();
    }
};

enum class Wish { GoOn, Pause, Save, Stop };

struct Figure {
    std::string_view key;  ///< "loss", "lr", "grad_norm", "param_norm", "rows_per_s", "data_share", "skipped"
    double value = 0;
};

/// What the loop needs of whoever runs it.
struct LoopHost {
    std::function<Wish()> wish;     ///< polled before every part; while Pause it is polled again
    std::function<void()> rest;     ///< between two polls of a pause
    std::function<double()> clock;  ///< seconds, never back
    std::function<void(std::int64_t step, const std::vector<Figure>&)> publish;
    std::function<void(std::int64_t done, std::int64_t total, double secondsLeft)> progress;  ///< below 0: not known
    std::function<void(const std::string&)> warn;
    /// Where there is one: before the first step, and before each checkpoint of an interval and the last one, so that
    /// what it publishes is part of them.
    std::function<void(std::int64_t done)> measure;
    /// A folder for a checkpoint of `step` finished steps. All that was published is on disk before commit() returns.
    std::function<Result<fs::path>(std::int64_t step)> begin;
    std::function<Result<void>(const std::vector<std::string>& items)> commit;
    std::function<void()> abandon;
};

struct LoopSettings {
    std::int64_t steps = 1, checkpointEvery = 0;  ///< 0: at the end and on demand only
};

class TrainingLoop {
public:
    static constexpr std::int64_t kMostBadSteps = 3;  ///< without a finite one between
    TrainingLoop(Learner& learner, Optimiser& optimiser, LoopSettings settings, LoopHost host);

    std::int64_t done() const { return m_done; }
    bool isDone() const { return m_done >= m_settings.steps; }
    /// One step. A loss or gradient that is no number leaves everything as it was and is counted; the third in a row
    /// is an error.
    /// @error Cancelled (the step is undone), Internal (three steps without a number), those of the learner
    Result<void> advance();
    enum class End { Done, Stopped };
    /// Steps until the end or a Stop, with checkpoints; a Stop leaves one. A checkpoint that cannot be written is said
    /// and passed over: the one before stays.
    Result<End> run();
    /// One step of run() with its checkpoint. @return nothing: there are more
    Result<std::optional<End>> turn();
    /// Writes a checkpoint of now unless there is one. @return false: it could not be written, which was said
    bool save();
    /// Goes on from a checkpoint's folder. @error as readState, ShapeMismatch
    Result<void> restore(const fs::path& folder);

private:
    Result<std::vector<std::string>> write(const fs::path& folder) const;
    Result<void> poll();
    Result<void> bad(const std::string& what, double lr);
    void tellProgress();
    void measure();

    Learner& m_learner;
    Optimiser& m_optimiser;
    LoopSettings m_settings;
    LoopHost m_host;
    std::int64_t m_done = 0, m_saved = -1, m_measured = -1, m_badInRow = 0, m_skipped = 0;
    std::int64_t m_stepsHere = 0;            ///< of this attempt
    double m_secondsHere = 0, m_paused = 0;  ///< of this attempt's steps; of the present step's pauses
    bool m_shouldSave = false, m_isStopped = false;
};

}  // namespace dubito::nn
