// Copies of the base prompt run side by side as independent sequences; each has one value changed.
#include "lm/model/causal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lm/model/vector_kernels.h"

namespace dubito::lm {

using compute::Floats;

namespace {

constexpr std::int64_t kBatch = 32;
const CapturePlan kEverything{true, true, true, AttentionCapture::Off};

/// One prompt with all sites kept, and its last position's logits.
struct Base {
    Captured sites;
    std::vector<float> logits;
    TokenId answer = -1;
};

Result<Base> runBase(const Decoder& decoder, const std::vector<TokenId>& ids) {
    const ModelConfig& c = decoder.config();
    const auto rows = static_cast<std::int64_t>(ids.size());
    Base base;
    Floats hidden(static_cast<std::size_t>(rows * c.width));
    DUBITO_CHECK(decoder.embed(ids, hidden.data()));
    DUBITO_CHECK(decoder.forward(hidden.data(), 1, rows, 1, c.layers, nullptr, kEverything, &base.sites));
    base.logits.resize(static_cast<std::size_t>(c.vocabulary));
    decoder.readout(hidden.data() + (rows - 1) * c.width, 1, base.logits.data());
    base.answer = static_cast<TokenId>(std::max_element(base.logits.begin(), base.logits.end()) - base.logits.begin());
    return base;
}

}  // namespace

Result<SiteMeans> meanOfSites(const Decoder& decoder, const std::vector<std::vector<TokenId>>& references) {
    const ModelConfig& c = decoder.config();
    const auto layers = static_cast<std::size_t>(c.layers);
    const std::int64_t q = c.heads * c.headWidth;
    SiteMeans means;
    means.residual.assign(layers, std::vector<float>(static_cast<std::size_t>(c.width), 0.0f));
    means.mlp = means.residual;
    means.heads.assign(layers, std::vector<float>(static_cast<std::size_t>(q), 0.0f));
    std::int64_t total = 0;
    for (const auto& ids : references) {
        if (ids.size() < 2) continue;
        DUBITO_TRY(const Base base, runBase(decoder, ids));
        // Position 0 is a giant in many models and would be the mean alone.
        for (std::int64_t row = 1; row < base.sites.rows; ++row, ++total)
            for (std::size_t layer = 0; layer < layers; ++layer) {
                addTo(means.residual[layer].data(), base.sites.residuals[layer + 1].data() + row * c.width, c.width);
                addTo(means.mlp[layer].data(), base.sites.mlpOut[layer].data() + row * c.width, c.width);
                addTo(means.heads[layer].data(), base.sites.headOut[layer].data() + row * q, q);
            }
    }
    if (total == 0) return Error(Code::InvalidArgument, "no reference sequence of two tokens or more");
    for (auto* list : {&means.residual, &means.mlp, &means.heads})
        for (auto& one : *list)
            for (float& value : one) value /= static_cast<float>(total);
    return means;
}

Result<CausalGrid> causalGrid(const Decoder& decoder, const CausalRequest& request, const SiteMeans* means,
    const std::function<bool(std::int64_t, std::int64_t)>& progress) {
    const ModelConfig& c = decoder.config();
    const bool patch = request.kind == CausalKind::Patch;
    const auto length = static_cast<std::int64_t>(request.clean.size());
    if (length < 2) return Error(Code::InvalidArgument, "a causal test needs a prompt of two tokens or more");
    if (patch && request.corrupt.size() != request.clean.size())
        return Error(Code::InvalidArgument,
            fmt::format("the two prompts differ in length: {} and {} tokens; patching needs equal lengths",
                request.clean.size(), request.corrupt.size()));
    if (request.kind == CausalKind::Mean && !means)
        return Error(Code::InvalidArgument, "the mean of the sites is missing");
    DUBITO_TRY(const Base clean, runBase(decoder, request.clean));
    std::optional<Base> corrupt;
    if (patch) {
        DUBITO_TRY(corrupt, runBase(decoder, request.corrupt));
    }
    CausalGrid grid;
    grid.cleanAnswer = clean.answer;
    grid.corruptAnswer = corrupt ? corrupt->answer : -1;
    grid.right = request.right >= 0 ? request.right : clean.answer;
    if (request.wrong >= 0) {
        grid.wrong = request.wrong;
    } else if (corrupt && corrupt->answer != grid.right) {
        grid.wrong = corrupt->answer;
    } else {
        // The runner-up of the clean prompt.
        for (TokenId id = 0; id < static_cast<TokenId>(c.vocabulary); ++id)
            if (id != grid.right && (grid.wrong < 0 || clean.logits[static_cast<std::size_t>(id)] >
                                                           clean.logits[static_cast<std::size_t>(grid.wrong)]))
                grid.wrong = id;
    }
    if (grid.right >= c.vocabulary || grid.wrong >= c.vocabulary || grid.right == grid.wrong)
        return Error(
            Code::InvalidArgument, "the right and wrong answers must be two different tokens of the vocabulary");
    const auto difference = [&](const float* logits) { return logits[grid.right] - logits[grid.wrong]; };
    grid.cleanDifference = difference(clean.logits.data());
    grid.corruptDifference = corrupt ? difference(corrupt->logits.data()) : 0.0f;
    if (patch && std::abs(grid.cleanDifference - grid.corruptDifference) < 0.1f)
        return Error(
            Code::WrongState, fmt::format("these prompts do not differ here: logit differences {:.3f} and {:.3f}",
                                  grid.cleanDifference, grid.corruptDifference));
    grid.rows = c.layers;
    grid.columns = request.site == CausalSite::Residual ? length : request.site == CausalSite::Heads ? c.heads : 1;
    grid.effect.assign(static_cast<std::size_t>(grid.rows * grid.columns), 0.0f);

    const Base& base = patch ? *corrupt : clean;  // the prompt that is changed
    const std::int64_t q = c.heads * c.headWidth;
    std::int64_t done = 0;
    for (std::int64_t layer = 1; layer <= c.layers; ++layer) {
        for (std::int64_t from = 0; from < grid.columns; from += kBatch) {
            const std::int64_t copies = std::min(kBatch, grid.columns - from);
            Floats hidden(static_cast<std::size_t>(copies * length * c.width));
            // Blocks before the change are known from the base run.
            const bool residual = request.site == CausalSite::Residual;
            const float* start = base.sites.residuals[static_cast<std::size_t>(residual ? layer : layer - 1)].data();
            for (std::int64_t copy = 0; copy < copies; ++copy)
                std::copy_n(start, length * c.width, hidden.data() + copy * length * c.width);
            Hook hook;
            std::int64_t firstBlock = layer;
            if (residual) {
                firstBlock = layer + 1;
                for (std::int64_t copy = 0; copy < copies; ++copy) {
                    const std::int64_t position = from + copy;
                    float* at = hidden.data() + (copy * length + position) * c.width;
                    if (patch)
                        std::copy_n(clean.sites.residuals[static_cast<std::size_t>(layer)].data() + position * c.width,
                            c.width, at);
                    else if (request.kind == CausalKind::Zero) std::fill(at, at + c.width, 0.0f);
                    else std::copy_n(means->residual[static_cast<std::size_t>(layer - 1)].data(), c.width, at);
                }
            } else {
                hook = [&](Site site, std::int64_t at, float* values) {
                    const bool isHeads = request.site == CausalSite::Heads;
                    if (at != layer || site != (isHeads ? Site::HeadOut : Site::MlpOut)) return;
                    const std::int64_t stride = isHeads ? q : c.width, span = isHeads ? c.headWidth : c.width;
                    const auto& kept =
                        (isHeads ? clean.sites.headOut : clean.sites.mlpOut)[static_cast<std::size_t>(layer - 1)];
                    for (std::int64_t copy = 0; copy < copies; ++copy) {
                        const std::int64_t offset = isHeads ? (from + copy) * c.headWidth : 0;
                        for (std::int64_t row = 0; row < length; ++row) {
                            float* to = values + (copy * length + row) * stride + offset;
                            if (patch) std::copy_n(kept.data() + row * stride + offset, span, to);
                            else if (request.kind == CausalKind::Zero) std::fill(to, to + span, 0.0f);
                            else
                                std::copy_n(
                                    (isHeads ? means->heads : means->mlp)[static_cast<std::size_t>(layer - 1)].data() +
                                        offset,
                                    span, to);
                        }
                    }
                };
            }
            if (firstBlock <= c.layers)
                DUBITO_CHECK(decoder.forward(
                    hidden.data(), copies, length, firstBlock, c.layers, nullptr, {}, nullptr, hook ? &hook : nullptr));
            Floats lastRows(static_cast<std::size_t>(copies * c.width)),
                logits(static_cast<std::size_t>(copies * c.vocabulary));
            for (std::int64_t copy = 0; copy < copies; ++copy)
                std::copy_n(
                    hidden.data() + ((copy + 1) * length - 1) * c.width, c.width, lastRows.data() + copy * c.width);
            decoder.readout(lastRows.data(), copies, logits.data());
            for (std::int64_t copy = 0; copy < copies; ++copy) {
                const float changed = difference(logits.data() + copy * c.vocabulary);
                grid.effect[static_cast<std::size_t>((layer - 1) * grid.columns + from + copy)] =
                    patch ? (changed - grid.corruptDifference) / (grid.cleanDifference - grid.corruptDifference)
                          : (changed - grid.cleanDifference) / std::max(1e-6f, std::abs(grid.cleanDifference));
            }
            done += copies;
            if (!progress(done, grid.rows * grid.columns)) return Error(Code::Cancelled, "stopped on request");
        }
    }
    return grid;
}

}  // namespace dubito::lm
