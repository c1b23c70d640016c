// Speaks a token at a time over one key-value cache; what a new text shares with the last one is not computed again.
#pragma once

#include <chrono>
#include <functional>

#include "lm/generate/sampler.h"
#include "lm/model/language_model.h"

namespace dubito::lm {

struct GenerationRequest {
    std::vector<TokenId> prompt;
    std::vector<TokenId> forced;   ///< said first, whatever the model thinks: a branch's shared beginning
    std::int64_t maxTokens = 512;  ///< after the prompt, forced ones included
    Sampling sampling;
    std::vector<std::string> stops;  ///< byte strings that end the answer; they are not part of it
    std::uint64_t branch = 0;        ///< index of the random stream
    double maxSeconds = 0;           ///< 0: no limit
    std::function<const TokenMask*(std::span<const TokenId> answer)>
        constraint;  ///< asked before each draw; an answer without a way on ends with an error
};

enum class StopReason { None, EndToken, StopString, Length, Time };
std::string_view stopName(StopReason reason);  ///< "eos", "stop", "length", "time"

struct GeneratedToken {
    Sampled sampled;
    std::string text;    ///< whole characters that became readable with this token
    double seconds = 0;  ///< it took
    bool isForced = false;
    StopReason stop = StopReason::None;  ///< the answer ends with this token
};

/// [one thread]. Work comes in pieces small enough to poll for cancellation between them.
class Generator {
public:
    /// @param context positions of the cache; clamped to what the model was trained for  @param seed of the random
    /// streams
    Generator(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const Tokenizer> tokenizer,
        std::int64_t context, std::uint64_t seed);
    std::int64_t context() const { return m_context; }
    /// @error Limit (needed and available), InvalidArgument (empty prompt, id outside the vocabulary)
    Result<void> start(GenerationRequest request);
    bool isBusy() const { return m_busy; }
    bool isReading() const { return m_busy && m_done < m_ids.size(); }
    std::int64_t read() const { return static_cast<std::int64_t>(m_done); }  ///< positions in the cache
    std::int64_t reused() const { return m_reused; }  ///< of them taken over from the text before
    /// Reads up to `rows` positions of the text, or says one token. @return the token, or nothing while reading
    /// @error Internal (logits that are no numbers), InvalidArgument (a constraint that allows no token), WrongState
    /// (not started)
    Result<std::optional<GeneratedToken>> advance(std::int64_t rows = 128);
    /// Ends the answer; the text may be continued by start() with what was said.
    void stop() { m_busy = false; }
    /// Prompt and answer so far.
    const std::vector<TokenId>& ids() const { return m_ids; }
    std::span<const TokenId> answer() const { return std::span(m_ids).subspan(m_promptLength); }

private:
    Result<void> forward(std::int64_t rows);

    std::shared_ptr<const LanguageModel> m_model;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    /// Takes up the kept text that shares most with the new one, and keeps a fork of the present one.
    Result<void> takeUpBest();

    struct Kept {
        std::vector<TokenId> ids;  ///< whose keys and values the cache holds
        std::unique_ptr<ModelCache> cache;
    };
    std::int64_t m_context;
    std::unique_ptr<ModelCache> m_cache;  ///< null before the first start
    std::vector<Kept> m_kept;  ///< ends of other branches, oldest first; pages are shared with m_cache where texts are
    std::uint64_t m_seed;
    GenerationRequest m_request;
    stats::CounterRng m_rng;
    std::vector<TokenId> m_cached;  ///< whose keys and values the cache holds
    std::vector<TokenId> m_ids;
    std::size_t m_promptLength = 0, m_done = 0;
    std::int64_t m_reused = 0;
    std::vector<float> m_logits;  ///< of the position after m_ids
    StreamDecoder m_stream;
    std::string m_said;  ///< bytes of the answer, for stop strings
    bool m_busy = false;
    std::chrono::steady_clock::time_point m_started, m_last;
};

}  // namespace dubito::lm
