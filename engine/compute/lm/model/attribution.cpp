// The head outputs are projected once by transposing the question: u = o_projᵀ (g * W[token] / s).
#include "lm/model/attribution.h"

#include <fmt/format.h>

#include <cmath>

#include "lm/model/vector_kernels.h"

namespace dubito::lm {

std::vector<float> attributeLogit(const Decoder& decoder, const Captured& captured, std::int64_t row, TokenId token) {
    const ModelConfig& c = decoder.config();
    const std::int64_t width = c.width, q = c.heads * c.headWidth;
    const float* residual = captured.residuals.back().data() + row * width;
    double squares = 0;
    for (std::int64_t i = 0; i < width; ++i) squares += static_cast<double>(residual[i]) * residual[i];
    const auto s = static_cast<float>(std::sqrt(squares / static_cast<double>(width) + c.normEpsilon));
    std::vector<float> direction(static_cast<std::size_t>(width)), question(static_cast<std::size_t>(q));
    for (std::int64_t i = 0; i < width; ++i) direction[static_cast<std::size_t>(i)] = decoder.finalNorm()[i] * decoder.head()[token * width + i] / s;
    std::vector<float> out;
    out.reserve(static_cast<std::size_t>(1 + c.layers * (c.heads + 1)));
    out.push_back(dot(captured.residuals.front().data() + row * width, direction.data(), width));
    for (std::int64_t layer = 1; layer <= c.layers; ++layer) {
        std::fill(question.begin(), question.end(), 0.0f);
        const float* o = decoder.attentionOutput(layer);
        for (std::int64_t i = 0; i < width; ++i) addScaled(question.data(), o + i * q, direction[static_cast<std::size_t>(i)], q);
        const float* heads = captured.headOut[static_cast<std::size_t>(layer - 1)].data() + row * q;
        for (std::int64_t head = 0; head < c.heads; ++head) out.push_back(dot(heads + head * c.headWidth, question.data() + head * c.headWidth, c.headWidth));
        out.push_back(dot(captured.mlpOut[static_cast<std::size_t>(layer - 1)].data() + row * width, direction.data(), width));
    }
    return out;
}

std::vector<std::string> attributionNames(const ModelConfig& config) {
    std::vector<std::string> out{"embed"};
    for (std::int64_t layer = 1; layer <= config.layers; ++layer) {
        for (std::int64_t head = 0; head < config.heads; ++head) out.push_back(fmt::format("L{} H{}", layer, head));
        out.push_back(fmt::format("L{} MLP", layer));
    }
    return out;
}

}  // namespace dubito::lm
