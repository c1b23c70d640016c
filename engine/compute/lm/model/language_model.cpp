#include "lm/model/language_model.h"

namespace dubito::lm {

void Captured::makeRoom(
    const CapturePlan& plan, const ModelConfig& config, std::int64_t n, std::int64_t sequenceRows, std::int64_t past) {
    rows = n;
    const auto size = [](std::vector<compute::Floats>& list, bool wanted, std::int64_t count, std::int64_t floats) {
        if (!wanted) return list.clear();
        list.resize(static_cast<std::size_t>(count));
        for (auto& one : list) one.ensure(static_cast<std::size_t>(floats));
    };
    size(residuals, plan.residuals, config.layers + 1, n * config.width);
    size(attnOut, plan.outputs, config.layers, n * config.width);
    size(mlpOut, plan.outputs, config.layers, n * config.width);
    size(headOut, plan.heads, config.layers, n * config.heads * config.headWidth);
    if (plan.attention == AttentionCapture::Top8) {
        const auto slots = static_cast<std::size_t>(n * config.layers * config.heads);
        topPosition.assign(slots * 8, 0);
        topWeight.assign(slots * 8, 0);
        topRest.assign(slots, 0);
    }
    if (plan.attention != AttentionCapture::Full) return;
    full.assign(static_cast<std::size_t>(n), {});
    for (std::int64_t i = 0; i < n; ++i)
        full[static_cast<std::size_t>(i)].assign(
            static_cast<std::size_t>(config.layers * config.heads * (past + i % sequenceRows + 1)), 0);
}

Result<void> LanguageModel::read(
    std::span<const TokenId> ids, ModelCache* cache, const CapturePlan& plan, Captured* captured, float* out) const {
    const auto rows = static_cast<std::int64_t>(ids.size());
    compute::Floats hidden(ids.size() * static_cast<std::size_t>(config().width));
    DUBITO_CHECK(embed(ids, hidden.data()));
    DUBITO_CHECK(forward(hidden.data(), 1, rows, 1, config().layers, cache, plan, captured));
    return out ? logits(hidden.data() + (rows - 1) * config().width, 1, out) : Result<void>();
}

}  // namespace dubito::lm
