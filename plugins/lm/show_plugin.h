// A model's card and tensors; no weights are read.
#pragma once

#include "models.h"

namespace dubito::lmtask {

class ShowPlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.show";
    void activate(const sdk::Activation&) override { (void)openModel(host()); }
    sdk::Step step(std::int64_t) override { return sdk::Step::done; }
};

}  // namespace dubito::lmtask
