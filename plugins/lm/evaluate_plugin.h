// Scores of one model: text, tasks with right answers, distance to a reference model.
#pragma once

#include "lm/evaluate/scorers.h"
#include "lm/text/chat_template.h"
#include "models.h"

namespace dubito::lmtask {

class EvaluatePlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.evaluate";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override;

private:
    struct Item {
        std::string id, task, prompt, answer, group;
        Json messages;  ///< instead of a prompt: turns before the answer; null: none
        std::vector<std::string> choices;
        std::int64_t right = -1;
    };
    /// Models, text, items and examples. @throws Refusal
    void open(const sdk::Document& params);
    void readShots(std::size_t count);
    void publishHarness() const;
    static std::vector<Item> readTasks(const std::string& path);
    /// The text that an answer follows, with the examples of the dev file in front, and its tokens.
    std::pair<std::string, std::vector<lm::TokenId>> promptOf(const Item& item) const;
    /// One answer in words, drawn from stream `sample`; greedy for a temperature of 0.
    std::string say(const std::vector<lm::TokenId>& prompt, double temperature, std::uint64_t sample);
    static bool isRight(const std::string& answer, const Item& item);
    void text();
    void item(const Item& item);
    void summary();
    bool goOn(double share) const;

    std::shared_ptr<const lm::Decoder> m_model, m_reference;  ///< reference null: none
    std::shared_ptr<const lm::Tokenizer> m_tokenizer;
    std::optional<lm::ChatTemplate> m_template;
    std::string m_text, m_normalise;
    bool m_asChat = false;
    std::int64_t m_window = 512, m_maxTokens = 256;
    std::uint64_t m_seed = 0;
    std::int64_t m_samples = 1;
    double m_temperature = 0;
    std::vector<Item> m_items, m_shots;
    std::size_t m_next = 0;
    bool m_textDone = false;
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> m_right;  ///< task -> right, all
    std::map<std::string, std::map<std::int64_t, double>> m_passes;        ///< task -> k -> sum of pass@k over items
    // Rows of eval/item not yet published.
    std::vector<std::string> m_ids, m_tasks, m_answers, m_groups;
    std::vector<std::int64_t> m_samplesRight;
    std::vector<std::uint8_t> m_corrects;
    std::vector<double> m_margins;
};

}  // namespace dubito::lmtask
