// Held-out rows under names: a loss for each set, and for each item of it what the model thinks of the right answer.
#pragma once

#include <functional>

#include "lm/train/packing.h"
#include "models.h"

namespace dubito::lmtask {

struct HeldDocuments {
    std::string name;  ///< empty: the share of the training data
    std::vector<lm::TrainDocument> documents;
};

class HeldSets {
public:
    HeldSets() = default;
    /// The files heldout_1 to heldout_3 of a fine-tune under their names, and `share`, the documents that were taken
    /// from its own data. @throws Refusal: a file that cannot be read, two sets of one name, a set without a target
    HeldSets(const sdk::Host& host, const sdk::Document& params, const lm::Tokenizer& tokenizer,
        const lm::ChatTemplate* chat, std::vector<lm::TrainDocument> share);

    const std::vector<HeldDocuments>& documents() const { return m_documents; }
    /// Mean loss of the first row in nats.
    using Loss = std::function<Result<double>(const lm::PackedRows& row)>;
    /// `eval/nll_nats@NAME`: nats a supervised token of each named set. `eval/heldout`, a record a set: `row` (from 1),
    /// `nats` a token, `tokens`, `question`, `answer`, `length` and `answer_from` of its `id`s, in order of the items;
    /// the meta data name the set and count what is left out (`all`, `without_target`). Nothing when told to stop.
    void measure(const sdk::Host& host, std::int64_t step, const Loss& loss);

private:
    struct Item {
        lm::PackedRows row;
        std::vector<lm::TokenId> ids;
        std::string question, answer;
        std::int32_t number = 0, tokens = 0, answerFrom = 0;
    };
    struct Set {
        std::string name;
        std::int64_t all = 0, withoutTarget = 0;
        std::vector<Item> items;
    };
    void pack(const HeldDocuments& from, const lm::Tokenizer& tokenizer, const lm::ChatTemplate* chat,
        std::int64_t length, const sdk::Host& host);
    static void publish(const sdk::Host& host, std::int64_t step, const Set& set, const std::vector<double>& nats);
    std::vector<HeldDocuments> m_documents;
    std::vector<Set> m_sets;
};

}  // namespace dubito::lmtask
