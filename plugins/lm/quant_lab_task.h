// One model in many element types: what each costs in bytes and in distance to the model as it is.
#pragma once

#include "lm/formats/quantise.h"
#include "lm/model/decoder.h"
#include "task.h"

namespace dubito::lmtask {

class QuantLabTask final : public Task {
public:
    /// @param textPath empty: a short text of this plugin's own
    QuantLabTask(const sdk::Host& host, std::shared_ptr<lm::GgufFile> file, const sdk::Document& params,
        const std::string& textPath, int threads);
    sdk::Step step() override;

private:
    /// Loads `model` and publishes a row about it.
    void measure(const std::string& name, const std::shared_ptr<lm::GgufFile>& model, double relative);
    bool goOn(double share) const;

    const sdk::Host& m_host;
    std::shared_ptr<lm::GgufFile> m_file;
    std::shared_ptr<const lm::Decoder> m_reference;
    std::vector<lm::TokenId> m_ids;
    std::vector<lm::GgmlType> m_types;
    std::size_t m_next = 0;
    std::int64_t m_window = 512;
    int m_threads = 1;
    sdk::Series m_rows;
};

}  // namespace dubito::lmtask
