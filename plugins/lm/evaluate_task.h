// Scores of one model: text, tasks with right answers, distance to a reference model.
#pragma once

#include "lm/evaluate/scorers.h"
#include "lm/text/chat_template.h"
#include "task.h"

namespace dubito::lmtask {

class EvaluateTask final : public Task {
public:
    /// @param reference null: none
    EvaluateTask(const sdk::Host& host, const lm::GgufFile& file, std::shared_ptr<const lm::Decoder> model, std::shared_ptr<const lm::Decoder> reference, const sdk::Document& params, std::string textPath, std::string tasksPath, std::uint64_t seed);
    sdk::Step step() override;

private:
    struct Item {
        std::string id, task, prompt, answer;
        std::vector<std::string> choices;
        std::int64_t right = -1;
    };
    void readTasks(const std::string& path);
    void text();
    void item(const Item& item);
    void summary();
    bool goOn(double share) const;

    const sdk::Host& m_host;
    std::shared_ptr<const lm::Decoder> m_model, m_reference;
    std::shared_ptr<const lm::Tokenizer> m_tokenizer;
    std::optional<lm::ChatTemplate> m_template;
    std::string m_text, m_normalise;
    bool m_asChat = false;
    std::int64_t m_window = 512, m_maxTokens = 256;
    std::uint64_t m_seed = 0;
    std::vector<Item> m_items;
    std::size_t m_next = 0;
    bool m_textDone = false;
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> m_right;  ///< task -> right, all
    // Rows of eval/item not yet published.
    std::vector<std::string> m_ids, m_tasks, m_answers;
    std::vector<std::uint8_t> m_corrects;
    std::vector<double> m_margins;
};

}  // namespace dubito::lmtask
