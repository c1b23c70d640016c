// Texts cut by one tokenizer, or by two side by side. No model is loaded.
#pragma once

#include <memory>

#include "lm/text/tokenizer.h"
#include "task.h"

namespace dubito::lmtask {

class TokeniseTask final : public Task {
public:
    /// @param against null: one tokenizer  @param keep stays up for more texts
    TokeniseTask(const sdk::Host& host, std::shared_ptr<const lm::Tokenizer> own,
        std::shared_ptr<const lm::Tokenizer> against, std::string againstName, const std::string& text, bool keep);
    sdk::Step step() override;
    void interact(const sdk::Interaction& command) override;

private:
    void cut(const std::string& text);

    const sdk::Host& m_host;
    std::shared_ptr<const lm::Tokenizer> m_own, m_against;
    std::string m_againstName;
    sdk::Series m_pieces, m_other;
    std::int64_t m_count = 0;
    bool m_keep;
};

}  // namespace dubito::lmtask
