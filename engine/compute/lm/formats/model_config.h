// Shape of a decoder as its file states it, checked against its tensors.
#pragma once

#include "lm/formats/gguf.h"
#include "lm/model/gate_function.h"
#include "lm/model/rope.h"

namespace dubito::lm {

struct ModelConfig {
    std::string architecture, name;
    std::int64_t layers = 0, width = 0, ffn = 0, heads = 0, kvHeads = 0, headWidth = 0, vocabulary = 0, context = 0;
    double normEpsilon = 1e-5, ropeBase = 10000;
    bool qkvBias = false, outBias = false, gateUpBias = false, downBias = false;
    bool tiedHead = true;
    GateFunction gate = GateFunction::Silu;
    bool qkNorm = false;  ///< each head of q and k is normalised before it is rotated (qwen3)
    RopeScaling rope;
    bool logn = false;            ///< queries beyond the trained length n0 are scaled by ln(n) / ln(n0)
    std::int64_t window = 0;      ///< key j is seen from position i iff i - j < window; 0: all
    std::int64_t windowFrom = 0;  ///< first layer (from 0) with the window
    std::string windowLayers;     ///< '1' for each layer with the window; empty: windowFrom says it
    std::int64_t windowOf(std::int64_t layer) const {
        const auto at = static_cast<std::size_t>(layer);
        const bool has =
            windowLayers.empty() ? layer >= windowFrom : at < windowLayers.size() && windowLayers[at] == '1';
        return window > 0 && has ? window : INT64_MAX;
    }
    bool permutedQk = false;  ///< rows of q and k are interleaved per head (architecture llama)
};

/// @error Unsupported (architecture, rope scaling, tensor type), CorruptData (missing key), ShapeMismatch (both shapes)
Result<ModelConfig> readConfig(const GgufFile& file);

}  // namespace dubito::lm
