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

Result<Base> runBase(const LanguageModel& model, const std::vector<TokenId>& ids) {
    const ModelConfig& c = model.config();
    const auto rows = static_cast<std::int64_t>(ids.size());
    Base base;
    Floats hidden(static_cast<std::size_t>(rows * c.width));
    DUBITO_CHECK(model.embed(ids, hidden.data()));
    DUBITO_CHECK(model.forward(hidden.data(), 1, rows, 1, c.layers, nullptr, kEverything, &base.sites));
    base.logits.resize(static_cast<std::size_t>(c.vocabulary));
    DUBITO_CHECK(model.logits(hidden.data() + (rows - 1) * c.width, 1, base.logits.data()));
    base.answer = static_cast<TokenId>(std::max_element(base.logits.begin(), base.logits.end()) - base.logits.begin());
    return base;
}

}  // namespace

Result<SiteMeans> meanOfSites(const LanguageModel& model, const std::vector<std::vector<TokenId>>& references) {
    const ModelConfig& c = model.config();
    const auto layers = static_cast<std::size_t>(c.layers);
    const std::int64_t q = c.heads * c.headWidth;
    SiteMeans means;
    means.residual.assign(layers, std::vector<float>(static_cast<std::size_t>(c.width), 0.0f));
    means.mlp = means.residual;
    means.heads.assign(layers, std::vector<float>(static_cast<std::size_t>(q), 0.0f));
    std::int64_t total = 0;
    for (const auto& ids : references) {
        if (ids.size() < 2) continue;
        DUBITO_TRY(const Base base, runBase(model, ids));
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

namespace {

/// Copies of the changed prompt, kBatch cells of the grid at a time.
class GridPass {
public:
    GridPass(const LanguageModel& model, const CausalRequest& request, const SiteMeans* means, const Base& clean,
        const Base& changed)
        : m_model(model), c(model.config()), m_request(request), m_means(means), m_clean(clean), m_changed(changed),
          m_length(static_cast<std::int64_t>(request.clean.size())) {}

    /// logits (copies, V) of the last position, copy i with the cell (layer, from + i) changed.
    Result<Floats> logits(std::int64_t layer, std::int64_t from, std::int64_t copies) const {
        // Blocks before the change are known from the base run.
        const bool isResidual = m_request.site == CausalSite::Residual;
        const auto& start = m_changed.sites.residuals[static_cast<std::size_t>(isResidual ? layer : layer - 1)];
        Floats hidden(static_cast<std::size_t>(copies * m_length * c.width));
        for (std::int64_t copy = 0; copy < copies; ++copy)
            std::copy_n(start.data(), m_length * c.width, hidden.data() + copy * m_length * c.width);
        Hook hook;
        if (isResidual) changeResiduals(layer, from, copies, hidden.data());
        else
            hook = [&](Site site, std::int64_t at, float* values) {
                if (at == layer && site == (isHeads() ? Site::HeadOut : Site::MlpOut))
                    changeOutputs(layer, from, copies, values);
            };
        const std::int64_t firstBlock = isResidual ? layer + 1 : layer;
        if (firstBlock <= c.layers)
            DUBITO_CHECK(m_model.forward(
                hidden.data(), copies, m_length, firstBlock, c.layers, nullptr, {}, nullptr, hook ? &hook : nullptr));
        Floats lastRows(static_cast<std::size_t>(copies * c.width)),
            out(static_cast<std::size_t>(copies * c.vocabulary));
        for (std::int64_t copy = 0; copy < copies; ++copy)
            std::copy_n(
                hidden.data() + ((copy + 1) * m_length - 1) * c.width, c.width, lastRows.data() + copy * c.width);
        DUBITO_CHECK(m_model.logits(lastRows.data(), copies, out.data()));
        return out;
    }

private:
    bool isHeads() const { return m_request.site == CausalSite::Heads; }
    /// What a site is set to: the clean prompt's values, zeros or the mean.
    void change(float* to, std::int64_t n, const float* clean, const float* mean) const {
        if (m_request.kind == CausalKind::Patch) std::copy_n(clean, n, to);
        else if (m_request.kind == CausalKind::Zero) std::fill_n(to, n, 0.0f);
        else std::copy_n(mean, n, to);
    }
    void changeResiduals(std::int64_t layer, std::int64_t from, std::int64_t copies, float* hidden) const {
        const float* mean = m_means ? m_means->residual[static_cast<std::size_t>(layer - 1)].data() : nullptr;
        const float* clean = m_clean.sites.residuals[static_cast<std::size_t>(layer)].data();
        for (std::int64_t copy = 0; copy < copies; ++copy) {
            const std::int64_t position = from + copy;
            change(hidden + (copy * m_length + position) * c.width, c.width, clean + position * c.width, mean);
        }
    }
    void changeOutputs(std::int64_t layer, std::int64_t from, std::int64_t copies, float* values) const {
        const std::int64_t stride = isHeads() ? c.heads * c.headWidth : c.width,
                           span = isHeads() ? c.headWidth : c.width;
        const auto at = static_cast<std::size_t>(layer - 1);
        const float* clean = (isHeads() ? m_clean.sites.headOut : m_clean.sites.mlpOut)[at].data();
        const float* mean = m_means ? (isHeads() ? m_means->heads : m_means->mlp)[at].data() : nullptr;
        for (std::int64_t copy = 0; copy < copies; ++copy) {
            const std::int64_t offset = isHeads() ? (from + copy) * c.headWidth : 0;
            for (std::int64_t row = 0; row < m_length; ++row)
                change(values + (copy * m_length + row) * stride + offset, span, clean + row * stride + offset,
                    mean ? mean + offset : nullptr);
        }
    }

    const LanguageModel& m_model;
    const ModelConfig& c;
    const CausalRequest& m_request;
    const SiteMeans* m_means;  ///< null: not needed
    const Base &m_clean, &m_changed;
    const std::int64_t m_length;
};

/// The most likely token but `right`.
TokenId runnerUp(const std::vector<float>& logits, TokenId right) {
    TokenId out = -1;
    for (TokenId id = 0; id < static_cast<TokenId>(logits.size()); ++id)
        if (id != right && (out < 0 || logits[static_cast<std::size_t>(id)] > logits[static_cast<std::size_t>(out)]))
            out = id;
    return out;
}

Result<void> checkRequest(const CausalRequest& request, const SiteMeans* means) {
    if (request.clean.size() < 2)
        return Error(Code::InvalidArgument, "a causal test needs a prompt of two tokens or more");
    if (request.kind == CausalKind::Patch && request.corrupt.size() != request.clean.size())
        return Error(Code::InvalidArgument,
            fmt::format("the two prompts differ in length: {} and {} tokens; patching needs equal lengths",
                request.clean.size(), request.corrupt.size()));
    if (request.kind == CausalKind::Mean && !means)
        return Error(Code::InvalidArgument, "the mean of the sites is missing");
    return {};
}

/// Answers and base differences, before anything is changed. @error InvalidArgument, WrongState
Result<CausalGrid> emptyGrid(
    const ModelConfig& c, const CausalRequest& request, const Base& clean, const std::optional<Base>& corrupt) {
    CausalGrid grid;
    grid.cleanAnswer = clean.answer;
    grid.corruptAnswer = corrupt ? corrupt->answer : -1;
    grid.right = request.right >= 0 ? request.right : clean.answer;
    grid.wrong = request.wrong >= 0                         ? request.wrong
                 : corrupt && corrupt->answer != grid.right ? corrupt->answer
                                                            : runnerUp(clean.logits, grid.right);
    if (grid.right >= c.vocabulary || grid.wrong >= c.vocabulary || grid.right == grid.wrong)
        return Error(
            Code::InvalidArgument, "the right and wrong answers must be two different tokens of the vocabulary");
    grid.cleanDifference =
        clean.logits[static_cast<std::size_t>(grid.right)] - clean.logits[static_cast<std::size_t>(grid.wrong)];
    if (corrupt) {
        grid.corruptDifference = corrupt->logits[static_cast<std::size_t>(grid.right)] -
                                 corrupt->logits[static_cast<std::size_t>(grid.wrong)];
        if (std::abs(grid.cleanDifference - grid.corruptDifference) < 0.1f)
            return Error(
                Code::WrongState, fmt::format("these prompts do not differ here: logit differences {:.3f} and {:.3f}",
                                      grid.cleanDifference, grid.corruptDifference));
    }
    grid.rows = c.layers;
    grid.columns = request.site == CausalSite::Residual ? static_cast<std::int64_t>(request.clean.size())
                   : request.site == CausalSite::Heads  ? c.heads
                                                        : 1;
    grid.effect.assign(static_cast<std::size_t>(grid.rows * grid.columns), 0.0f);
    return grid;
}

}  // namespace

Result<CausalGrid> causalGrid(const LanguageModel& model, const CausalRequest& request, const SiteMeans* means,
    const std::function<bool(std::int64_t, std::int64_t)>& progress) {
    DUBITO_CHECK(checkRequest(request, means));
    const ModelConfig& c = model.config();
    const bool isPatch = request.kind == CausalKind::Patch;
    DUBITO_TRY(const Base clean, runBase(model, request.clean));
    std::optional<Base> corrupt;
    if (isPatch) {
        DUBITO_TRY(corrupt, runBase(model, request.corrupt));
    }
    DUBITO_TRY(CausalGrid grid, emptyGrid(c, request, clean, corrupt));
    const GridPass pass(model, request, means, clean, isPatch ? *corrupt : clean);
    std::int64_t done = 0;
    for (std::int64_t layer = 1; layer <= c.layers; ++layer)
        for (std::int64_t from = 0; from < grid.columns; from += kBatch) {
            const std::int64_t copies = std::min(kBatch, grid.columns - from);
            DUBITO_TRY(const Floats logits, pass.logits(layer, from, copies));
            for (std::int64_t copy = 0; copy < copies; ++copy) {
                const float* row = logits.data() + copy * c.vocabulary;
                const float changed = row[grid.right] - row[grid.wrong];
                grid.effect[static_cast<std::size_t>((layer - 1) * grid.columns + from + copy)] =
                    isPatch ? (changed - grid.corruptDifference) / (grid.cleanDifference - grid.corruptDifference)
                            : (changed - grid.cleanDifference) / std::max(1e-6f, std::abs(grid.cleanDifference));
            }
            done += copies;
            if (!progress(done, grid.rows * grid.columns)) return Error(Code::Cancelled, "stopped on request");
        }
    return grid;
}

}  // namespace dubito::lm
