// One model in many element types: what each costs in bytes and in distance to the model as it is.
#pragma once

#include <optional>

#include "lm/evaluate/scorers.h"
#include "lm/formats/quantise.h"
#include "lm/model/decoder.h"
#include "models.h"

namespace dubito::lmtask {

class QuantLabPlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.quant_lab";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override;

private:
    /// Loads `model` and publishes a row about it.
    void measure(const std::string& name, const std::shared_ptr<lm::GgufFile>& model, double relative);
    bool goOn(double share) const;

    std::shared_ptr<lm::GgufFile> m_file;
    std::shared_ptr<const lm::Decoder> m_reference;
    std::optional<lm::KeptReference> m_kept;  ///< of m_reference over m_ids
    std::vector<lm::TokenId> m_ids;
    std::vector<lm::GgmlType> m_types;
    std::size_t m_next = 0;
    std::int64_t m_window = 512;
    int m_threads = 1;
    sdk::Series m_rows;
};

}  // namespace dubito::lmtask
