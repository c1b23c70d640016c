// One kind of work of this plugin.
#pragma once

#include <dubito/plugin.hpp>

#include "base/result.h"

namespace dubito::lmtask {

class Task {
public:
    virtual ~Task() = default;
    /// A piece of work; polls for commands lie between pieces.
    virtual sdk::Step step() = 0;
    virtual void save() {}  ///< takes a checkpoint; tasks without a state to keep do nothing
    virtual void interact(const sdk::Interaction& command) {
        throw sdk::Refusal(DUBITO_UNSUPPORTED, "this task takes no commands: " + std::string(command.verb()));
    }
};

/// The value, or a refusal with the error's code and words.
template <class T>
T orRefuse(Result<T> result) {
    if (!result) throw sdk::Refusal(static_cast<dubito_status>(result.error().code()), result.error().text());
    return std::move(*result);
}
inline void orRefuse(Result<void> result) {
    if (!result) throw sdk::Refusal(static_cast<dubito_status>(result.error().code()), result.error().text());
}

}  // namespace dubito::lmtask
