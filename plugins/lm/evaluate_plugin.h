// Scores of one model: text, tasks with right answers, distance to a reference model.
#pragma once

#include "learning/device_watch.h"
#include "lm/data/task_items.h"
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
    using Item = lm::TaskItem;
    /// What came of one item. `failure`: why it could not be computed; then the rest says nothing.
    struct Outcome {
        std::string answer, failure;
        bool isCorrect = false;
        double margin = 0;
        std::int64_t samplesRight = 0;
    };
    struct Counts {
        std::int64_t right = 0, all = 0, failed = 0;  ///< all: without the failed ones
    };
    /// Models, text, items and examples. @throws Refusal
    void open(const sdk::Document& params);
    void readShots(std::size_t count, const lm::ColumnMap& map);
    void publishHarness() const;
    std::vector<Item> readTasks(const std::string& path, const lm::ColumnMap& map) const;
    /// The text that an answer follows, with the examples of the dev file in front, and its tokens.
    std::pair<std::string, std::vector<lm::TokenId>> promptOf(const Item& item) const;
    /// One answer in words, drawn from stream `sample`; greedy for a temperature of 0.
    std::string say(const std::vector<lm::TokenId>& prompt, double temperature, std::uint64_t sample);
    Outcome choose(const Item& item);
    Outcome generate(const Item& item);
    void text();
    void item(const Item& item);
    void summary();
    /// @throws Refusal: no item could be computed
    sdk::Step end() const;
    bool goOn(double share) const;

    std::shared_ptr<const lm::LanguageModel> m_model, m_reference;  ///< reference null: none
    std::optional<learning::DeviceWatch> m_watch;
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
    std::map<std::string, Counts> m_counts;  ///< by task
    std::int64_t m_failed = 0;
    std::string m_firstFailure;
    std::map<std::string, std::map<std::int64_t, double>> m_passes;  ///< task -> k -> sum of pass@k over items
    // Rows of eval/item not yet published.
    std::vector<std::string> m_ids, m_tasks, m_answers, m_groups, m_failures;
    std::vector<std::int64_t> m_samplesRight;
    std::vector<std::uint8_t> m_corrects;
    std::vector<double> m_margins;
};

}  // namespace dubito::lmtask
