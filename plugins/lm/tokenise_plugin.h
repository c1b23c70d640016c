// Texts cut by one tokenizer, or by two side by side. No model is loaded.
#pragma once

#include "lm/text/tokenizer.h"
#include "models.h"

namespace dubito::lmtask {

class TokenisePlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.tokenise";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override;
    void interact(const sdk::Interaction& command) override;

private:
    void cut(const std::string& text);

    std::shared_ptr<const lm::Tokenizer> m_own, m_against;  ///< against null: one tokenizer
    std::string m_againstName;
    sdk::Series m_pieces, m_other;
    std::int64_t m_count = 0;
    bool m_keep = false;  ///< stays up for more texts
};

}  // namespace dubito::lmtask
