// One window at a time through the tensor path; logits of some rows at a time.
#include "lm/evaluate/scorers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lm/model/vector_kernels.h"

namespace dubito::lm {
namespace {

constexpr std::int64_t kRows = 64;

/// Calls take(first row, count, logits) over the window's rows from `from` on.
Result<void> eachLogits(const LanguageModel& model, std::span<const TokenId> ids, std::int64_t from,
    const std::function<void(std::int64_t, std::int64_t, const float*)>& take) {
    const ModelConfig& c = model.config();
    const auto n = static_cast<std::int64_t>(ids.size());
    compute::Floats hidden(static_cast<std::size_t>(n * c.width)),
        logits(static_cast<std::size_t>(kRows * c.vocabulary));
    DUBITO_CHECK(model.embed(ids, hidden.data()));
    DUBITO_CHECK(model.forward(hidden.data(), 1, n, 1, c.layers, nullptr, {}, nullptr));
    for (std::int64_t first = from; first < n; first += kRows) {
        const std::int64_t count = std::min(kRows, n - first);
        DUBITO_CHECK(model.logits(hidden.data() + first * c.width, count, logits.data()));
        take(first, count, logits.data());
    }
    return {};
}

double logSum(const float* row, std::int64_t n, float& best) {
    best = maxOf(row, n);
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(row[i] - best));
    return std::log(sum);
}

/// Windows as (begin, end, first position whose token is scored).
struct Window {
    std::int64_t begin, end, firstScored;
};
std::vector<Window> windowsOf(std::int64_t n, std::int64_t size) {
    std::vector<Window> out;
    const std::int64_t stride = std::max<std::int64_t>(1, size / 2);
    for (std::int64_t begin = 0, scored = 1; scored < n; begin += stride) {
        const std::int64_t end = std::min(n, begin + size);
        if (end > scored) out.push_back({begin, end, scored});
        scored = std::max(scored, end);
    }
    return out;
}

}  // namespace

double TextScore::bitsPerByte() const { return bytes ? nats / (std::log(2.0) * static_cast<double>(bytes)) : 0; }

Result<TextScore> scoreText(const LanguageModel& model, const Tokenizer& tokenizer, std::string_view text,
    std::int64_t window, const GoOn& goOn) {
    auto encoded = tokenizer.encode(text);
    if (encoded.problem) return std::move(*encoded.problem);
    std::vector<TokenId> ids = std::move(encoded.ids);
    tokenizer.addStart(ids);
    const auto n = static_cast<std::int64_t>(ids.size());
    if (n < 2) return Error(Code::InvalidArgument, "a text of fewer than two tokens has nothing to score");
    window = std::clamp<std::int64_t>(window, 2, model.config().context);
    TextScore out;
    out.bytes = static_cast<std::int64_t>(text.size());
    const std::int64_t V = model.config().vocabulary;
    for (const Window& w : windowsOf(n, window)) {
        if (goOn && !goOn(static_cast<double>(w.begin) / static_cast<double>(n)))
            return Error(Code::Cancelled, "scoring was cancelled");
        DUBITO_CHECK(eachLogits(model,
            std::span<const TokenId>(ids).subspan(
                static_cast<std::size_t>(w.begin), static_cast<std::size_t>(w.end - w.begin)),
            w.firstScored - 1 - w.begin, [&](std::int64_t first, std::int64_t count, const float* logits) {
                for (std::int64_t i = 0; i < count && w.begin + first + i + 1 < w.end; ++i) {
                    float best = 0;
                    const float* row = logits + i * V;
                    const double sum = logSum(row, V, best);
                    out.nats += sum + static_cast<double>(best) -
                                static_cast<double>(row[ids[static_cast<std::size_t>(w.begin + first + i + 1)]]);
                    ++out.tokens;
                }
            }));
    }
    return out;
}

Result<Comparison> compareModels(const LanguageModel& model, const LanguageModel& reference,
    std::span<const TokenId> ids, std::int64_t window, const GoOn& goOn) {
    KeptReference once{reference, 0};
    return compareModels(model, once, ids, window, goOn);
}

Result<Comparison> compareModels(const LanguageModel& model, KeptReference& given, std::span<const TokenId> ids,
    std::int64_t window, const GoOn& goOn) {
    const LanguageModel& reference = given.model;
    const std::int64_t V = reference.config().vocabulary, n = static_cast<std::int64_t>(ids.size());
    if (model.config().vocabulary != V)
        return Error(Code::ShapeMismatch,
            fmt::format("the models have vocabularies of {} and {} tokens", model.config().vocabulary, V));
    if (n < 2) return Error(Code::InvalidArgument, "a text of fewer than two tokens has nothing to compare");
    window = std::clamp<std::int64_t>(window, 2, std::min(model.config().context, reference.config().context));
    Comparison out;
    double square = 0;
    std::size_t number = 0;
    for (const Window& w : windowsOf(n, window)) {
        const auto part = ids.subspan(static_cast<std::size_t>(w.begin), static_cast<std::size_t>(w.end - w.begin));
        const std::int64_t from = w.firstScored - 1 - w.begin;
        std::vector<float> fresh;  // the reference's logits of this window
        if (goOn && !goOn(static_cast<double>(w.begin) / static_cast<double>(n)))
            return Error(Code::Cancelled, "the comparison was cancelled");
        if (number >= given.windows.size()) {
            DUBITO_CHECK(eachLogits(reference, part, from, [&](std::int64_t, std::int64_t count, const float* logits) {
                fresh.insert(fresh.end(), logits, logits + count * V);
            }));
            const std::size_t bytes = fresh.size() * sizeof(float);
            if (number == given.windows.size() && given.bytes + bytes <= given.mostBytes) {
                given.windows.push_back(std::move(fresh));
                given.bytes += bytes;
            }
        }
        const std::vector<float>& kept = number < given.windows.size() ? given.windows[number] : fresh;
        ++number;
        DUBITO_CHECK(eachLogits(model, part, from, [&](std::int64_t first, std::int64_t count, const float* logits) {
            for (std::int64_t i = 0; i < count && w.begin + first + i + 1 < w.end; ++i) {
                const float *p = kept.data() + (first - from + i) * V, *q = logits + i * V;
                float bestP = 0, bestQ = 0;
                const double sumP = logSum(p, V, bestP), sumQ = logSum(q, V, bestQ);
                double kl = 0;
                for (std::int64_t j = 0; j < V; ++j) {
                    const double logP = static_cast<double>(p[j] - bestP) - sumP,
                                 logQ = static_cast<double>(q[j] - bestQ) - sumQ;
                    kl += std::exp(logP) * (logP - logQ);
                }
                const TokenId right = part[static_cast<std::size_t>(first + i + 1)];
                const double rightP = static_cast<double>(p[right] - bestP) - sumP,
                             rightQ = static_cast<double>(q[right] - bestQ) - sumQ;
                out.kl += kl;
                out.klMax = std::max(out.klMax, kl);
                out.top1 += std::max_element(p, p + V) - p == std::max_element(q, q + V) - q;
                square += (std::exp(rightP) - std::exp(rightQ)) * (std::exp(rightP) - std::exp(rightQ));
                out.nllReference -= rightP;
                out.nllModel -= rightQ;
                ++out.positions;
            }
        }));
    }
    const auto count = static_cast<double>(std::max<std::int64_t>(out.positions, 1));
    out.kl /= count;
    out.top1 /= count;
    out.rmsP = std::sqrt(square / count);
    out.nllModel /= count;
    out.nllReference /= count;
    if (!std::isfinite(out.kl)) out.klMax = out.top1 = std::numeric_limits<double>::quiet_NaN();  // as the sums are
    return out;
}

Result<OptionScores> scoreOptions(const LanguageModel& model, const Tokenizer& tokenizer, std::string_view prompt,
    const std::vector<std::string>& options) {
    if (options.empty()) return Error(Code::InvalidArgument, "a question without options");
    const ModelConfig& c = model.config();
    DUBITO_TRY(std::vector<TokenId> alone, tokenizer.idsOf(prompt));
    tokenizer.addStart(alone);
    std::vector<std::vector<TokenId>> whole;
    std::size_t shared = alone.size(), longest = 0;
    for (const auto& option : options) {
        DUBITO_TRY(std::vector<TokenId> ids, tokenizer.idsOf(std::string(prompt) + option));
        whole.push_back(std::move(ids));
        tokenizer.addStart(whole.back());
        std::size_t same = 0;
        while (same < alone.size() && same < whole.back().size() && alone[same] == whole.back()[same]) ++same;
        shared = std::min(shared, same);
        longest = std::max(longest, whole.back().size());
    }
    if (shared == 0) return Error(Code::InvalidArgument, "prompt and options have no first token in common");
    if (static_cast<std::int64_t>(longest) > c.context)
        return Error(Code::Limit, fmt::format("a question needs {} positions, the model has {}", longest, c.context));
    DUBITO_TRY(const auto cache, model.makeCache(static_cast<std::int64_t>(longest)));
    std::vector<float> firstLogits(static_cast<std::size_t>(c.vocabulary));
    compute::Floats hidden(longest * static_cast<std::size_t>(c.width)),
        logits(static_cast<std::size_t>(kRows * c.vocabulary));
    DUBITO_CHECK(model.embed(std::span<const TokenId>(alone).first(shared), hidden.data()));
    DUBITO_CHECK(
        model.forward(hidden.data(), 1, static_cast<std::int64_t>(shared), 1, c.layers, cache.get(), {}, nullptr));
    DUBITO_CHECK(model.logits(hidden.data() + static_cast<std::int64_t>(shared - 1) * c.width, 1, firstLogits.data()));
    OptionScores out;
    for (std::size_t o = 0; o < options.size(); ++o) {
        const std::span<const TokenId> rest = std::span<const TokenId>(whole[o]).subspan(shared);
        double nats = 0;
        const auto add = [&](const float* row, TokenId id) {
            float best = 0;
            const double sum = logSum(row, c.vocabulary, best);
            nats += static_cast<double>(row[id]) - static_cast<double>(best) - sum;
        };
        if (!rest.empty()) {
            add(firstLogits.data(), rest[0]);
            cache->truncate(static_cast<std::int64_t>(shared));
            const auto rows = static_cast<std::int64_t>(rest.size()) - 1;
            if (rows > 0) {
                DUBITO_CHECK(model.embed(rest.first(static_cast<std::size_t>(rows)), hidden.data()));
                DUBITO_CHECK(model.forward(hidden.data(), 1, rows, 1, c.layers, cache.get(), {}, nullptr));
                for (std::int64_t first = 0; first < rows; first += kRows) {
                    const std::int64_t count = std::min(kRows, rows - first);
                    DUBITO_CHECK(model.logits(hidden.data() + first * c.width, count, logits.data()));
                    for (std::int64_t i = 0; i < count; ++i)
                        add(logits.data() + i * c.vocabulary, rest[static_cast<std::size_t>(first + i) + 1]);
                }
            }
        }
        const auto characters = static_cast<double>(
            std::max<std::ptrdiff_t>(1, std::count_if(options[o].begin(), options[o].end(),
                                            [](char b) { return (static_cast<unsigned char>(b) & 0xC0) != 0x80; })));
        out.sum.push_back(nats);
        out.perToken.push_back(nats / static_cast<double>(std::max<std::size_t>(1, rest.size())));
        out.perByte.push_back(nats / static_cast<double>(std::max<std::size_t>(1, options[o].size())));
        out.perCharacter.push_back(nats / characters);
    }
    return out;
}

}  // namespace dubito::lm
