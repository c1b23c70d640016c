// AdamW behind one step: groups, schedule, clipping, an average of the weights, fp32 masters, rows of tables.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/module.h"
#include "nn/schedule.h"
#include "nn/state.h"

namespace dubito::nn {

struct ParameterGroup {
    std::vector<NamedTensor> parameters;
    double weightDecay = 0.1;
    double rate = 1;  ///< times the schedule's learning rate
    /// Tables of which a step reads few rows (their gradients are sparse): only those rows and their moments change.
    /// Decay is not applied to them.
    bool isRowWise = false;
};
/// Matrices decay, vectors do not: the two groups of a usual model.
std::vector<ParameterGroup> usualGroups(const torch::nn::Module& module, double weightDecay);

struct OptimiserSettings {
    double beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8;
    double clip = 1;     ///< of the global norm; 0: none
    double average = 0;  ///< decay of an average of the weights (EMA); 0: none
    Schedule schedule;
};

struct OptimiserStep {
    double lr = 0, gradientNorm = 0, parameterNorm = 0;  ///< the gradient's norm before it is clipped
    bool isDone = false;                                 ///< false: a gradient is no number and nothing changed
};

/// AdamW (arXiv:1711.05101), LibTorch's fused kernel. Equal gradients and thread counts give equal bits.
class Optimiser {
public:
    /// @error InvalidArgument (no parameter, a name twice, a setting out of bounds)
    static Result<std::unique_ptr<Optimiser>> create(std::vector<ParameterGroup> groups, OptimiserSettings settings);
    ~Optimiser();
    void zeroGradients();
    /// Gradients are sums over the step's parts; they are multiplied by `scale` first.
    Result<OptimiserStep> step(std::int64_t step, double scale);
    /// Parameters, moments, masters and average. restore: the state is complete or nothing is believed.
    void save(TrainingState& state) const;
    Result<void> restore(const TrainingState& state);
    /// Puts the average into the parameters; the other way round when called again. Without one nothing happens.
    Result<void> swapAverage();
    double rateAt(std::int64_t step) const;  ///< the schedule's learning rate

private:
    struct Parts;
    Optimiser();
    std::unique_ptr<Parts> m_parts;
};

}  // namespace dubito::nn
