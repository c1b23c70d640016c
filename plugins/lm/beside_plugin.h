// The same question to a model as it was and as it was taught, each answer weighed by both.
#pragma once

#include <deque>

#include "learning/device_watch.h"
#include "lm/generate/generator.h"
#include "lm/text/chat_template.h"
#include "models.h"

namespace dubito::lmtask {

class BesidePlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.beside";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override;
    void interact(const sdk::Interaction& command) override;

private:
    struct Answer {
        std::vector<lm::TokenId> ids;
        std::vector<float> base, taught;  ///< log probability of each token, nats
        std::string text, stop;
        double tokensPerSecond = 0;
    };
    void loadBoth(const sdk::Document& params);
    /// Ids of the question as a turn. @throws Refusal
    std::vector<lm::TokenId> promptOf(const std::string& question) const;
    /// Says what follows, or weighs `forced`. @return whether it came to its end
    bool speak(lm::Generator& model, const std::vector<lm::TokenId>& prompt, const std::vector<lm::TokenId>& forced,
        std::vector<float>& nats, Answer* said);
    void answer(const std::string& question);
    void publish(const std::string& question, const char* side, const Answer& answer);

    std::shared_ptr<const lm::Tokenizer> m_tokenizer;
    std::optional<lm::ChatTemplate> m_template;
    std::optional<learning::DeviceWatch> m_watch;
    std::unique_ptr<lm::Generator> m_base, m_taught;
    std::deque<std::string> m_questions;
    std::int64_t m_maxTokens = 64, m_asked = 0, m_spoken = 0;
    sdk::Series m_answers;
    bool m_keep = false;  ///< stays up for more questions
};

}  // namespace dubito::lmtask
