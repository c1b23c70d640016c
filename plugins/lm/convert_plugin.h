// A model in another format or type, with the error each tensor takes.
#pragma once

#include "lm/formats/convert.h"
#include "models.h"

namespace dubito::lmtask {

class ConvertPlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.convert";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override;
    void save(std::int64_t) override {}  ///< the files it writes are its only checkpoint

private:
    bool check(const fs::path& folder);  ///< false: told to stop. @throws Refusal: what was written does not open
    void publish(const std::vector<lm::ConvertedTensor>& report) const;

    std::shared_ptr<lm::GgufFile> m_file;
    lm::ConvertOptions m_options;
    int m_threads = 1;
    bool m_toFolder = false, m_isChecked = true;
};

}  // namespace dubito::lmtask
