// What the inspector publishes, record by record; shapes are those of plugins/tas/README.md.
#pragma once

#include <dubito/plugin.hpp>
#include <set>

#include "learning/device_watch.h"
#include "lm/model/attribution.h"
#include "lm/model/causal.h"
#include "lm/model/lens.h"

namespace dubito::tas {

struct CaptureSettings {
    int topK = 10;
    lm::AttentionCapture attention = lm::AttentionCapture::Top8;
    bool attribution = true, rawResidual = false;
    lm::CapturePlan plan() const { return {true, true, attribution, attention}; }
};

/// Positions [first, first + n) of one sequence with their read-outs.
struct LensPiece {
    std::int64_t sequence = 0, first = 0;
    const lm::Captured* captured = nullptr;
    std::int64_t firstRow = 0, positions = 0;
    std::vector<lm::TokenId> targets;
};

class Records {
public:
    Records(const sdk::Host& host, std::shared_ptr<const lm::LanguageModel> model,
        std::shared_ptr<const lm::Tokenizer> tokenizer);

    void modelInfo(const lm::GgufFile& file);
    /// Tokens [first, end) of a sequence; logprob and entropy of position p come from the read-out at p-1.
    void tokens(std::int64_t sequence, std::int64_t first, std::span<const lm::TokenId> ids,
        std::span<const float> logprob, std::span<const float> entropy, std::size_t promptLength, std::int64_t parent,
        std::int64_t branchPosition);
    void lens(const LensPiece& piece, const lm::LensRows& rows, const CaptureSettings& capture);
    void span(std::int64_t sequence, std::size_t promptLength, std::size_t end, const std::string& stop,
        const std::string& answer);
    void causal(std::int64_t number, const lm::CausalRequest& request, const lm::CausalGrid& grid);
    void speed(std::int64_t sequence, double tokensPerSecond, double firstTokenSeconds, double lensSeconds);

private:
    void vocabulary(const std::vector<std::uint32_t>& ids);
    void norms(const LensPiece& piece, std::int64_t n, std::int64_t layers) const;
    void attention(const LensPiece& piece, std::int64_t n) const;
    void attribution(const LensPiece& piece, std::int64_t n) const;
    void rawResiduals(const LensPiece& piece, std::int64_t n, std::int64_t layers) const;

    const sdk::Host& m_host;
    std::shared_ptr<const lm::LanguageModel> m_model;
    std::shared_ptr<const lm::Tokenizer> m_tokenizer;
    learning::DeviceWatch m_watch;
    std::set<std::uint32_t> m_known;
    sdk::Series m_info, m_components, m_token, m_span, m_logprob, m_entropy, m_vocab, m_stats, m_topId, m_topLogp,
        m_residNorm, m_residCos, m_residRaw, m_attnNorm, m_mlpNorm, m_topPos, m_topW, m_topRest, m_full, m_attr,
        m_causal, m_rate, m_firstToken, m_lensSeconds;
};

}  // namespace dubito::tas
