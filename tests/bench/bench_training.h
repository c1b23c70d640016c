// Training steps as cases of a bench.
#pragma once

#include <string>
#include <vector>

#include "lm/formats/gguf.h"
#include "nn/precision.h"

namespace dubito::bench {

struct TrainingCase {
    std::string name;
    bool isLora = true, isStored = false;  ///< rank 16 on seven projections, else every weight; base in rows as stored
    std::int64_t rows = 2, length = 128;
    compute::Device device = {};
    nn::Precision precision = nn::Precision::Fp32;
    bool isRatioShown = false;  ///< beside the case before it
};
/// Steps of all cases in turn, so that they meet the same other load. @return 0, or 1 after a sentence
int benchTraining(const std::shared_ptr<lm::GgufFile>& file, const std::vector<TrainingCase>& cases, int rounds);

/// A LoRA step, one over rows as stored, and one of every weight.
std::vector<TrainingCase> usualTraining();

}  // namespace dubito::bench
