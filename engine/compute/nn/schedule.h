// Learning rates over the steps of a run.
#pragma once

#include <cstdint>

namespace dubito::nn {

enum class ScheduleKind { Constant, Linear, Cosine, Wsd };
struct Schedule {
    ScheduleKind kind = ScheduleKind::Cosine;
    double peak = 1e-4, warmup = 0.02, minRatio = 0.1;  ///< warmup < 1: share of the steps
    std::int64_t steps = 1;
    /// Learning rate of step `step` (from 0): linear warm-up, then as the kind says; wsd holds the peak and falls in
    /// the last tenth.
    double at(std::int64_t step) const;
};

}  // namespace dubito::nn
