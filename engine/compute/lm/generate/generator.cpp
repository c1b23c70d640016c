// The cache is cut at the first position where the new text differs from the old one.
#include "lm/generate/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dubito::lm {

using Clock = std::chrono::steady_clock;

std::string_view stopName(StopReason reason) {
    constexpr std::string_view kNames[] = {"", "eos", "stop", "length", "time"};
    return kNames[static_cast<int>(reason)];
}

namespace {

constexpr std::size_t kKeptBranches = 8;

std::size_t sharedLength(const std::vector<TokenId>& a, const std::vector<TokenId>& b) {
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

}  // namespace

Generator::Generator(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const Tokenizer> tokenizer,
    std::int64_t context, std::uint64_t seed)
    : m_model(std::move(model)), m_tokenizer(std::move(tokenizer)),
      m_context(std::min(context, m_model->config().context)), m_seed(seed) {}

Result<void> Generator::start(GenerationRequest request) {
    if (request.prompt.empty()) return Error(Code::InvalidArgument, "the prompt has no tokens");
    for (const auto& ids : {request.prompt, request.forced})
        for (const TokenId id : ids)
            if (id < 0 || id >= m_model->config().vocabulary)
                return Error(Code::InvalidArgument,
                    fmt::format("token {} is outside the vocabulary of {}", id, m_model->config().vocabulary));
    const auto needed = static_cast<std::int64_t>(request.prompt.size() + request.forced.size()) + 1;
    if (needed > context())
        return Error(Code::Limit,
            fmt::format(
                "prompt and answer need {} positions, the context holds {}; shorten the talk or raise model.context",
                needed, context()));
    if (!m_cache) {
        DUBITO_TRY(m_cache, m_model->makeCache(m_context));
    }
    m_request = std::move(request);
    m_ids = m_request.prompt;
    m_promptLength = m_ids.size();
    DUBITO_CHECK(takeUpBest());
    std::size_t shared = sharedLength(m_cached, m_ids);
    shared = std::min(shared, m_ids.size() - 1);  // the last position is always read: its logits are wanted
    m_cache->truncate(static_cast<std::int64_t>(shared));
    m_cached.resize(shared);
    m_done = shared;
    m_reused = static_cast<std::int64_t>(shared);
    m_rng = stats::CounterRng(m_seed, "sample", m_request.branch);
    m_stream = {};
    m_said.clear();
    m_started = m_last = Clock::now();
    m_busy = true;
    return {};
}

Result<void> Generator::takeUpBest() {
    // A cut would throw away what another branch needs again: a fork of it stays, as long as it is not a part of the
    // new text.
    const std::size_t own = sharedLength(m_cached, m_ids);
    std::size_t best = own, chosen = m_kept.size();
    for (std::size_t i = 0; i < m_kept.size(); ++i)
        if (const std::size_t shared = sharedLength(m_kept[i].ids, m_ids); shared > best) best = shared, chosen = i;
    if (own < m_cached.size()) {
        DUBITO_TRY(auto fork, m_cache->fork());
        m_kept.push_back({m_cached, std::move(fork)});
    }
    if (chosen < m_kept.size() && best > own) {
        if (best == m_kept[chosen].ids.size()) {
            m_cache = std::move(m_kept[chosen].cache);
            m_cached = std::move(m_kept[chosen].ids);
            m_kept.erase(m_kept.begin() + static_cast<std::ptrdiff_t>(chosen));
        } else {
            DUBITO_TRY(m_cache, m_kept[chosen].cache->fork());
            m_cached = m_kept[chosen].ids;
        }
    }
    if (m_kept.size() > kKeptBranches) m_kept.erase(m_kept.begin());
    return {};
}

Result<void> Generator::forward(std::int64_t rows) {
    const ModelConfig& c = m_model->config();
    const bool isLast = m_done + static_cast<std::size_t>(rows) == m_ids.size();
    if (isLast) m_logits.resize(static_cast<std::size_t>(c.vocabulary));
    auto ran = m_model->read(std::span<const TokenId>(m_ids).subspan(m_done, static_cast<std::size_t>(rows)),
        m_cache.get(), {}, nullptr, isLast ? m_logits.data() : nullptr);
    if (!ran && ran.error().code() == Code::WrongState && m_done > 0) {
        // Dynamic NTK rotates differently from this length on: the text is read anew.
        m_cache->truncate(0);
        m_cached.clear();
        m_kept.clear();
        m_done = 0;
        m_reused = 0;
        return {};
    }
    DUBITO_CHECK(std::move(ran));
    m_cached.insert(m_cached.end(), m_ids.begin() + static_cast<std::ptrdiff_t>(m_done),
        m_ids.begin() + static_cast<std::ptrdiff_t>(m_done) + rows);
    m_done += static_cast<std::size_t>(rows);
    if (isLast)
        for (const float value : m_logits)
            if (!std::isfinite(value))
                return Error(Code::Internal, "the model's logits are not finite; the file may be damaged");
    return {};
}

Result<std::optional<GeneratedToken>> Generator::advance(std::int64_t rows) {
    if (!m_busy) return Error(Code::WrongState, "no text is being generated");
    if (m_done < m_ids.size()) {
        DUBITO_CHECK(forward(std::min<std::int64_t>(rows, static_cast<std::int64_t>(m_ids.size() - m_done))));
        if (m_done < m_ids.size()) return std::optional<GeneratedToken>();
    }
    const std::span<const TokenId> said = answer();
    const TokenMask* mask = m_request.constraint ? m_request.constraint(said) : nullptr;
    GeneratedToken out;
    if (m_request.constraint && (!mask || std::find(mask->begin(), mask->end(), std::uint8_t{1}) == mask->end()))
        return Error(Code::InvalidArgument,
            fmt::format("after {} tokens nothing that the vocabulary spells keeps to the constraint", said.size()));
    Sampling sampling = m_request.sampling;
    out.sampled = sample(
        m_logits.data(), m_model->config().vocabulary, m_tokenizer->size(), sampling, m_ids, mask, m_rng, m_ids.size());
    if (said.size() < m_request.forced.size()) {
        // The same statistics for a token that is given.
        const TokenId given = m_request.forced[said.size()];
        double best = -INFINITY, sum = 0;
        const auto n = std::min<std::int64_t>(m_model->config().vocabulary, m_tokenizer->size());
        for (std::int64_t i = 0; i < n; ++i)
            best = std::max(best, static_cast<double>(m_logits[static_cast<std::size_t>(i)]));
        for (std::int64_t i = 0; i < n; ++i)
            sum += std::exp(static_cast<double>(m_logits[static_cast<std::size_t>(i)]) - best);
        out.sampled.id = given;
        out.sampled.logprob =
            static_cast<float>(static_cast<double>(m_logits[static_cast<std::size_t>(given)]) - best - std::log(sum));
        out.isForced = true;
    }
    m_ids.push_back(out.sampled.id);
    const auto now = Clock::now();
    out.seconds = std::chrono::duration<double>(now - m_last).count();
    m_last = now;
    const auto& ends = m_tokenizer->endTokens();
    const bool isEnd = std::find(ends.begin(), ends.end(), out.sampled.id) != ends.end();
    if (isEnd) {
        out.stop = StopReason::EndToken;
    } else {
        const std::string_view bytes = m_tokenizer->bytesOf(out.sampled.id);
        const std::size_t before = m_said.size();
        m_said += bytes;
        if (!m_tokenizer->isSpecial(out.sampled.id)) out.text = m_stream.feed(bytes);
        for (const auto& stop : m_request.stops)
            if (const auto at =
                    stop.empty() ? std::string::npos : m_said.find(stop, before - std::min(before, stop.size()));
                at != std::string::npos)
                out.stop = StopReason::StopString;
    }
    if (out.stop == StopReason::None) {
        if (static_cast<std::int64_t>(answer().size()) >= m_request.maxTokens ||
            static_cast<std::int64_t>(m_ids.size()) >= context())
            out.stop = StopReason::Length;
        else if (m_request.maxSeconds > 0 &&
                 std::chrono::duration<double>(now - m_started).count() > m_request.maxSeconds)
            out.stop = StopReason::Time;
    }
    if (out.stop != StopReason::None) {
        out.text += m_stream.flush();
        m_busy = false;
    }
    return std::optional(std::move(out));
}

}  // namespace dubito::lm
