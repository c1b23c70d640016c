// What an adapter_config.json of PEFT says: each key understood, known as harmless, or refused.
#pragma once

#include <memory>
#include <string>

#include "base/json.h"

namespace dubito::lm {

/// Rank and strength of each adapted module. Source of the keys: PEFT's LoraConfig.
class AdapterSettings {
public:
    /// @error Unsupported (the key and what it would change), CorruptData (a rank or strength out of bounds, a pattern)
    static Result<AdapterSettings> read(const Json& config);
    AdapterSettings(AdapterSettings&&) noexcept;
    AdapterSettings& operator=(AdapterSettings&&) noexcept;
    ~AdapterSettings();

    /// @param module its name below the adapter's own prefix: "model.layers.0.self_attn.q_proj"
    std::int64_t rankOf(const std::string& module) const;
    /// What B A is multiplied by: alpha / r, or alpha / sqrt(r) where the adapter is rank-stabilised.
    double scaleOf(const std::string& module) const;
    std::int64_t rank() const;  ///< the largest of all
    double alpha() const;       ///< that makes alpha / rank() the scale of a module without a pattern

private:
    struct State;
    explicit AdapterSettings(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace dubito::lm
