// The head outputs are projected once by transposing the question: u = o_projᵀ (g * W[token] / s).
#include "lm/model/attribution.h"

#include <fmt/format.h>

#include <cmath>

#include "lm/model/vector_kernels.h"

namespace dubito::lm {

std::vector<float> attributeLogits(
    const LanguageModel& model, const Captured& captured, std::int64_t firstRow, std::span<const TokenId> tokens) {
    const ModelConfig& c = model.config();
    const std::int64_t width = c.width, q = c.heads * c.headWidth, rows = static_cast<std::int64_t>(tokens.size()),
                       inBlock = c.heads + (c.outBias ? 2 : 1), components = 1 + c.layers * inBlock;
    compute::Floats scratch;
    std::vector<float> directions(static_cast<std::size_t>(rows * width)), question(static_cast<std::size_t>(q)),
        out(static_cast<std::size_t>(rows * components));
    for (std::int64_t i = 0; i < rows; ++i) {
        const float* residual = captured.residuals.back().data() + (firstRow + i) * width;
        const float* head = model.headRows(tokens[static_cast<std::size_t>(i)], 1, scratch);
        float* direction = directions.data() + i * width;
        double squares = 0;
        for (std::int64_t j = 0; j < width; ++j) squares += static_cast<double>(residual[j]) * residual[j];
        const auto s = static_cast<float>(std::sqrt(squares / static_cast<double>(width) + c.normEpsilon));
        for (std::int64_t j = 0; j < width; ++j) direction[j] = model.finalNorm()[j] * head[j] / s;
        out[static_cast<std::size_t>(i * components)] =
            dot(captured.residuals.front().data() + (firstRow + i) * width, direction, width);
    }
    // A block's projection is fetched once for all rows.
    for (std::int64_t layer = 1; layer <= c.layers; ++layer) {
        const float* o = model.attentionOutput(layer, scratch);
        for (std::int64_t i = 0; i < rows; ++i) {
            const float* direction = directions.data() + i * width;
            float* to = out.data() + i * components + 1 + (layer - 1) * inBlock;
            std::fill(question.begin(), question.end(), 0.0f);
            for (std::int64_t j = 0; j < width; ++j) addScaled(question.data(), o + j * q, direction[j], q);
            const float* heads = captured.headOut[static_cast<std::size_t>(layer - 1)].data() + (firstRow + i) * q;
            for (std::int64_t head = 0; head < c.heads; ++head)
                to[head] = dot(heads + head * c.headWidth, question.data() + head * c.headWidth, c.headWidth);
            to[c.heads] = dot(
                captured.mlpOut[static_cast<std::size_t>(layer - 1)].data() + (firstRow + i) * width, direction, width);
            if (c.outBias) to[c.heads + 1] = dot(model.attentionBias(layer), direction, width);
        }
    }
    return out;
}

std::vector<std::string> attributionNames(const ModelConfig& config) {
    std::vector<std::string> out{"embed"};
    for (std::int64_t layer = 1; layer <= config.layers; ++layer) {
        for (std::int64_t head = 0; head < config.heads; ++head) out.push_back(fmt::format("L{} H{}", layer, head));
        out.push_back(fmt::format("L{} MLP", layer));
        if (config.outBias) out.push_back(fmt::format("L{} bias", layer));
    }
    return out;
}

}  // namespace dubito::lm
