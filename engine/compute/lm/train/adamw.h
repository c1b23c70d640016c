// AdamW with decoupled decay and clipping, over plain memory. Source: arXiv:1711.05101.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "nn/schedule.h"
#include "torch_bridge.h"

namespace dubito::lm {

/// One trained array with its gradient.
struct Parameter {
    std::string name;
    float* values = nullptr;
    float* gradient = nullptr;
    std::int64_t size = 0;
    std::vector<std::int64_t> shape;
    bool isDecayed = false;  ///< matrices are, vectors are not
};

struct AdamWSettings {
    double lr = 1e-4, weightDecay = 0.1, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8;
};

class AdamW {
public:
    explicit AdamW(const std::vector<Parameter>& parameters);
    /// One step at learning rate `lr`; gradients are multiplied by `gradientScale` first. Equal bits for equal threads.
    void step(const std::vector<Parameter>& parameters, const AdamWSettings& settings, double lr, double gradientScale);
    std::int64_t steps() const { return m_steps; }
    void setSteps(std::int64_t steps) { m_steps = steps; }
    compute::Floats& first(std::size_t i) { return m_first[i]; }
    compute::Floats& second(std::size_t i) { return m_second[i]; }

private:
    std::vector<compute::Floats> m_first, m_second;
    std::int64_t m_steps = 0;
};

/// Root of the sum of squares of all gradients, summed in order in fp64.
double gradientNorm(const std::vector<Parameter>& parameters);

using nn::Schedule;
using nn::ScheduleKind;

}  // namespace dubito::lm
