// A language model loaded for a run: how far it is and what it became are said on the way.
#pragma once

#include <fmt/format.h>

#include "learning/refusal.h"
#include "lm/torch/torch_model.h"

namespace dubito::learning {

/// @throws sdk::Refusal as lm::loadLanguageModel
inline std::shared_ptr<const lm::LanguageModel> loadForRun(
    const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, lm::Placement placement) {
    placement.loading = [&host](double share) { host.progress(share, 1, "", "loading the model"); };
    placement.loading(0);
    std::int64_t rank = 0;
    std::shared_ptr<const lm::LanguageModel> model = orRefuse(lm::loadLanguageModel(file, placement, &rank));
    if (rank > 0)
        host.log(
            sdk::Log::info, fmt::format("merged an adapter of rank {}; weights are {}", rank, model->description()));
    else if (placement.device.isCuda()) host.log(sdk::Log::info, "weights are " + model->description());
    return model;
}

}  // namespace dubito::learning
