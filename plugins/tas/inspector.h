// Reads out every layer while a model speaks; each prompt or branch is a sequence, worked off a piece at a time.
#pragma once

#include <chrono>
#include <deque>
#include <dubito/plugin.hpp>
#include <optional>

#include "inspector_records.h"
#include "learning/refusal.h"
#include "lm/formats/model_folder.h"
#include "lm/generate/sampler.h"
#include "lm/model/causal.h"
#include "lm/text/chat_template.h"
#include "lm/torch/torch_model.h"

namespace dubito::tas {

using learning::orRefuse;

struct SequenceRequest {
    std::vector<lm::TokenId> ids;
    std::vector<lm::TokenId> given;  ///< an answer that is read token for token, whatever the model would say
    std::int64_t parent = -1, branchPosition = -1;
    std::int64_t maxNew = 24;
    lm::Sampling sampling;
};

class Inspector {
public:
    /// Loads the model. Throws sdk::Refusal, as do all calls.
    Inspector(const sdk::Host& host, const std::string& modelPath, const lm::Placement& placement, std::uint64_t seed,
        std::string now);

    void setCapture(const CaptureSettings& settings) { m_capture = settings; }
    const CaptureSettings& capture() const { return m_capture; }
    std::vector<lm::TokenId> encodePrompt(const std::string& text, bool chat, const std::string& system) const;
    /// Exactly these tokens: "1 4093 ...". From `answerFrom` on they are a given answer; 0: none is given.
    SequenceRequest readIds(const std::string& ids, std::int64_t answerFrom) const;
    std::int64_t addSequence(SequenceRequest request);  ///< @return its number
    std::int64_t addBranch(std::int64_t parent, std::int64_t position, lm::TokenId token, std::int64_t maxNew);
    void addCausal(lm::CausalRequest request);
    /// One piece of work: a prompt chunk, one generated token, or one causal grid. False when there is nothing to do.
    bool advance();
    std::vector<lm::TokenId> tokensOf(const std::string& text) const;
    /// The first `count` tokens of a sequence, which may still be going on.
    std::vector<lm::TokenId> beginningOf(std::int64_t sequence, std::int64_t count) const;
    /// `ids` with the tokens of a text in place of [from, to).
    std::vector<lm::TokenId> replaced(
        std::vector<lm::TokenId> ids, std::int64_t from, std::int64_t to, const std::string& text) const;

private:
    struct Sequence {
        std::int64_t number = 0;
        SequenceRequest request;
        std::vector<lm::TokenId> ids;  ///< prompt and answer so far
        std::size_t promptLength = 0;
        std::unique_ptr<lm::ModelCache> cache;
        std::int64_t forwarded = 0;        ///< positions that have passed all blocks
        std::int64_t firstUnread = 0;      ///< first position whose read-outs are not published
        std::deque<lm::Captured> waiting;  ///< captured chunks, in order, not yet read out
        std::chrono::steady_clock::time_point started, firstToken;
        std::string stop;
    };
    /// Captured chunks that are read out at once: positions [first, first + rows) and the tokens behind each.
    struct Batch {
        std::vector<const lm::Captured*> chunks;
        std::int64_t first = 0, rows = 0;
        std::vector<lm::TokenId> targets;  ///< -1: not there yet
    };
    void begin();
    void forwardChunk();
    /// From m_logits, unless an answer is given.
    void takeToken();
    void readOut();
    lm::LensRows readBatch(const Batch& batch);
    void publishLens(const Batch& batch, const lm::LensRows& read);
    void publishTokens(const Batch& batch, const lm::LensRows& read);
    void finish();
    void runCausal(const lm::CausalRequest& request);
    const std::vector<lm::TokenId>& idsOf(std::int64_t sequence) const;

    const sdk::Host& m_host;
    std::shared_ptr<lm::GgufFile> m_file;
    std::shared_ptr<const lm::LanguageModel> m_model;
    std::shared_ptr<const lm::Tokenizer> m_tokenizer;
    std::optional<lm::ChatTemplate> m_template;
    lm::Lens m_lens;
    Records m_records;
    CaptureSettings m_capture;
    std::uint64_t m_seed;
    std::int64_t m_nextNumber = 0, m_lensRecords = 0;
    std::deque<Sequence> m_queue;  ///< front: in work
    std::deque<lm::CausalRequest> m_causal;
    std::map<std::int64_t, std::vector<lm::TokenId>> m_done;  ///< ids of finished sequences, for branches
    std::vector<float> m_logits;                              ///< of the last position
    std::optional<lm::SiteMeans> m_means;
    double m_lensSeconds = 0;
};

}  // namespace dubito::tas
