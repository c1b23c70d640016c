// Two ways to compute one model, side by side through lm::LanguageModel.
#pragma once

#include <algorithm>
#include <cmath>

#include "lm/formats/random_model.h"
#include "lm/model/language_model.h"
#include "stats/counter_rng.h"
#include "tensor/dtype.h"

namespace dubito::tests {

inline lm::RandomModel tinyShape(const std::string& architecture, bool tied, bool biases) {
    lm::RandomModel out;
    out.architecture = architecture;
    out.layers = 3;
    out.width = 32;
    out.ffn = 48;
    out.heads = 4;
    out.kvHeads = 2;
    out.headWidth = 8;
    out.tiedHead = tied;
    out.biases = biases;
    return out;
}

inline std::vector<lm::TokenId> someIds(std::int64_t n, std::uint64_t seed = 1) {
    stats::CounterRng rng(seed, "ids", 0);
    std::vector<lm::TokenId> out;
    for (std::int64_t i = 0; i < n; ++i) out.push_back(static_cast<lm::TokenId>(rng.nextU32() % 256));
    return out;
}

/// Largest difference over the largest value; infinite where sizes differ or a value is none.
inline double apart(const float* a, const float* b, std::size_t n) {
    double most = 0, size = 1e-30;
    for (std::size_t i = 0; i < n; ++i) {
        if (!std::isfinite(b[i])) return INFINITY;
        most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
        size = std::max(size, std::abs(static_cast<double>(a[i])));
    }
    return most / size;
}
inline double apart(const std::vector<compute::Floats>& a, const std::vector<compute::Floats>& b) {
    double most = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        most = std::max(
            most, a[i].size() == b[i].size() ? apart(a[i].data(), b[i].data(), a[i].size()) : double{INFINITY});
    return most;
}
inline double apart(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b) {
    double most = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        most = std::max(most, std::abs(static_cast<double>(floatFromHalf(a[i])) - floatFromHalf(b[i])));
    return most;
}

/// The largest difference of the second model from the first at every site, and the site's name.
struct Farthest {
    double by = 0;
    std::string site;
    void take(double difference, const char* name) {
        if (!(difference <= by)) by = difference, site = name;
    }
};

/// Hidden states, captures and logits of two sequences of 21 rows.
/// @param clear how far a weight must stand above the next for its position to be compared
inline Result<void> compareCaptures(const lm::LanguageModel* const (&models)[2], float clear, Farthest& out) {
    using namespace lm;
    const ModelConfig& c = models[0]->config();
    const std::vector<TokenId> ids = someIds(42);
    for (const AttentionCapture attention : {AttentionCapture::Off, AttentionCapture::Top8, AttentionCapture::Full}) {
        compute::Floats hidden[2];
        Captured captured[2];
        std::vector<float> logits[2];
        for (std::size_t m = 0; m < 2; ++m) {
            hidden[m] = compute::Floats(ids.size() * static_cast<std::size_t>(c.width));
            logits[m].resize(ids.size() * static_cast<std::size_t>(c.vocabulary));
            DUBITO_CHECK(models[m]->embed(ids, hidden[m].data()));
            DUBITO_CHECK(models[m]->forward(
                hidden[m].data(), 2, 21, 1, c.layers, nullptr, {true, true, true, attention}, &captured[m]));
            DUBITO_CHECK(models[m]->logits(hidden[m].data(), 42, logits[m].data()));
        }
        out.take(apart(hidden[0].data(), hidden[1].data(), hidden[0].size()), "hidden states");
        out.take(apart(logits[0].data(), logits[1].data(), logits[0].size()), "logits");
        out.take(apart(captured[0].residuals, captured[1].residuals), "residuals");
        out.take(apart(captured[0].attnOut, captured[1].attnOut), "attention outputs");
        out.take(apart(captured[0].mlpOut, captured[1].mlpOut), "feed-forward outputs");
        out.take(apart(captured[0].headOut, captured[1].headOut), "head outputs");
        // Halves of values up to 1 are 5e-4 apart.
        out.take(std::max(0.0, apart(captured[0].topWeight, captured[1].topWeight) - 1e-3), "largest weights");
        out.take(std::max(0.0, apart(captured[0].topRest, captured[1].topRest) - 1e-3), "rest of the weights");
        if (captured[0].full.size() != captured[1].full.size()) return Error(Code::Internal, "rows of weights");
        for (std::size_t i = 0; i < captured[0].full.size(); ++i)
            out.take(std::max(0.0, apart(captured[0].full[i], captured[1].full[i]) - 1e-3), "all weights");
        // Where the largest weight stands clear of the next, it stands at one position.
        for (std::size_t slot = 0; slot < captured[0].topRest.size(); ++slot) {
            const auto* weight = captured[0].topWeight.data() + slot * 8;
            if (floatFromHalf(weight[0]) - floatFromHalf(weight[1]) > clear &&
                captured[0].topPosition[slot * 8] != captured[1].topPosition[slot * 8])
                out.take(1, "position of the largest weight");
        }
    }
    return {};
}

/// Hidden states where a hook halves the first row of one site of the second block.
inline Result<void> compareChanges(const lm::LanguageModel* const (&models)[2], Farthest& out) {
    using namespace lm;
    const ModelConfig& c = models[0]->config();
    const std::vector<TokenId> ids = someIds(42);
    for (const Site site : {Site::HeadOut, Site::AttnOut, Site::MlpOut, Site::ResidPost}) {
        compute::Floats hidden[2];
        for (std::size_t m = 0; m < 2; ++m) {
            const Hook halve = [&](Site at, std::int64_t layer, float* values) {
                const auto n = static_cast<std::size_t>(site == Site::HeadOut ? c.heads * c.headWidth : c.width);
                if (at == site && layer == 2)
                    for (std::size_t i = 0; i < n; ++i) values[i] *= 0.5f;
            };
            hidden[m] = compute::Floats(ids.size() * static_cast<std::size_t>(c.width));
            DUBITO_CHECK(models[m]->embed(ids, hidden[m].data()));
            DUBITO_CHECK(models[m]->forward(hidden[m].data(), 2, 21, 1, c.layers, nullptr, {}, nullptr, &halve));
        }
        out.take(apart(hidden[0].data(), hidden[1].data(), hidden[0].size()), "a changed site");
    }
    return {};
}

/// A text in three pieces through a cache, the last of them captured.
inline Result<void> compareCached(const lm::LanguageModel* const (&models)[2], Farthest& out) {
    using namespace lm;
    const std::vector<TokenId> ids = someIds(42);
    const std::span<const TokenId> all(ids);
    std::vector<float> logits[2];
    Captured captured[2];
    for (std::size_t m = 0; m < 2; ++m) {
        logits[m].resize(static_cast<std::size_t>(models[m]->config().vocabulary));
        DUBITO_TRY(const auto cache, models[m]->makeCache(42));
        DUBITO_CHECK(models[m]->read(all.first(30), cache.get(), {}, nullptr, nullptr));
        DUBITO_CHECK(models[m]->read(all.subspan(30, 11), cache.get(), {}, nullptr, nullptr));
        DUBITO_CHECK(models[m]->read(
            all.subspan(41), cache.get(), {true, true, true, AttentionCapture::Top8}, &captured[m], logits[m].data()));
    }
    out.take(apart(logits[0].data(), logits[1].data(), logits[0].size()), "logits behind a cache");
    out.take(apart(captured[0].residuals, captured[1].residuals), "residuals behind a cache");
    out.take(apart(captured[0].headOut, captured[1].headOut), "head outputs behind a cache");
    out.take(std::max(0.0, apart(captured[0].topWeight, captured[1].topWeight) - 1e-3), "weights behind a cache");
    return {};
}

/// Of everything that the interface gives. @param clear as compareCaptures
inline Result<Farthest> farthest(const lm::LanguageModel& first, const lm::LanguageModel& second, float clear = 0.01f) {
    const lm::LanguageModel* const models[2] = {&first, &second};
    Farthest out;
    DUBITO_CHECK(compareCaptures(models, clear, out));
    DUBITO_CHECK(compareChanges(models, out));
    DUBITO_CHECK(compareCached(models, out));
    return out;
}

inline Result<std::vector<lm::TokenId>> greedyText(
    const lm::LanguageModel& model, std::vector<lm::TokenId> next, std::size_t n) {
    DUBITO_TRY(const auto cache, model.makeCache(static_cast<std::int64_t>(next.size() + n)));
    std::vector<lm::TokenId> out;
    std::vector<float> logits(static_cast<std::size_t>(model.config().vocabulary));
    while (out.size() < n) {
        DUBITO_CHECK(model.read(next, cache.get(), {}, nullptr, logits.data()));
        out.push_back(static_cast<lm::TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
        next = {out.back()};
    }
    return out;
}

}  // namespace dubito::tests
