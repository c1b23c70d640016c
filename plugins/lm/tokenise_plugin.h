// Texts cut by one tokenizer, or by two side by side; rows of training data as they would be learned. No model is
// loaded.
#pragma once

#include "lm/data/documents.h"
#include "lm/text/chat_template.h"
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
    void showRows(const lm::TrainData& data, std::int64_t length, double share = 0);

    std::shared_ptr<const lm::Tokenizer> m_own, m_against;  ///< against null: one tokenizer
    std::optional<lm::ChatTemplate> m_chat;
    std::string m_againstName;
    sdk::Series m_pieces, m_other, m_rows;
    std::int64_t m_count = 0, m_editions = 0;
    bool m_keep = false;  ///< stays up for more texts
};

}  // namespace dubito::lmtask
