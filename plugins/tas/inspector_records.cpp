// One function a record; nothing here computes more than a norm.
#include "inspector_records.h"

#include <cmath>

#include "base/json.h"
#include "lm/formats/model_card.h"
#include "lm/formats/quantise.h"
#include "lm/model/vector_kernels.h"
#include "tensor/dtype.h"

namespace dubito::tas {
namespace {

std::vector<std::uint16_t> halves(const std::vector<float>& values) {
    std::vector<std::uint16_t> out(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) out[i] = halfFromFloat(values[i]);
    return out;
}

template <class T>
std::span<const T> view(const std::vector<T>& values) {
    return {values.data(), values.size()};
}

/// Whose position a record is about: `offset` behind the first of the piece.
std::string metaOf(const LensPiece& piece, std::int64_t offset) {
    return jsonText(Json{{"seq", piece.sequence}, {"first", piece.first + offset}});
}

}  // namespace

Records::Records(const sdk::Host& host, std::shared_ptr<const lm::LanguageModel> model,
    std::shared_ptr<const lm::Tokenizer> tokenizer)
    : m_host(host), m_model(std::move(model)), m_tokenizer(std::move(tokenizer)), m_watch(host, m_model->device()) {
    m_info = host.series("model/info", "", DUBITO_KIND_TABLE);
    m_components = host.series("model/components", "", DUBITO_KIND_TABLE);
    m_token = host.series("trace/token", "nats", DUBITO_KIND_TOKENS);
    m_span = host.series("trace/span", "", DUBITO_KIND_EVENT);
    m_logprob = host.series("trace/logprob", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX);
    m_entropy = host.series("trace/entropy", "nats");
    m_vocab = host.series("lens/vocab", "", DUBITO_KIND_TOKENS);
    m_stats = host.series("lens/stats", "nats", DUBITO_KIND_TENSOR);
    m_topId = host.series("lens/topk_id", "", DUBITO_KIND_TENSOR);
    m_topLogp = host.series("lens/topk_logp", "nats", DUBITO_KIND_TENSOR);
    m_residNorm = host.series("resid/norm", "", DUBITO_KIND_TENSOR);
    m_residCos = host.series("resid/cos_prev", "", DUBITO_KIND_TENSOR);
    m_residRaw = host.series("resid/raw", "", DUBITO_KIND_TENSOR);
    m_attnNorm = host.series("attn/norm", "", DUBITO_KIND_TENSOR);
    m_mlpNorm = host.series("mlp/norm", "", DUBITO_KIND_TENSOR);
    m_topPos = host.series("attn/top_pos", "", DUBITO_KIND_TENSOR);
    m_topW = host.series("attn/top_w", "1", DUBITO_KIND_TENSOR);
    m_topRest = host.series("attn/top_rest", "1", DUBITO_KIND_TENSOR);
    m_full = host.series("attn/full", "1", DUBITO_KIND_TENSOR);
    m_attr = host.series("attr/logit", "logit", DUBITO_KIND_TENSOR);
    m_causal = host.series("causal/effect", "1", DUBITO_KIND_TENSOR);
    m_rate = host.series("gen/tokens_per_s", "1/s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX);
    m_firstToken = host.series("gen/first_token_s", "s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN);
    m_lensSeconds = host.series("capture/lens_s", "s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN);
}

void Records::modelInfo(const lm::GgufFile& file) {
    const lm::ModelConfig& c = m_model->config();
    lm::CardRows rows = lm::modelCard(file);
    rows.emplace_back("computed in", m_model->description());
    std::vector<std::string> keys, values;
    for (const auto& [key, value] : rows) keys.push_back(key), values.push_back(value);
    const Json meta = {{"layers", c.layers}, {"heads", c.heads}, {"vocabulary", c.vocabulary}, {"width", c.width}};
    m_host.record(m_info, 0, jsonText(meta), {sdk::Array::texts("key", keys), sdk::Array::texts("value", values)});
    m_host.record(m_components, 0, "{}", {sdk::Array::texts("name", lm::attributionNames(c))});
}

void Records::vocabulary(const std::vector<std::uint32_t>& ids) {
    std::vector<std::int32_t> fresh;
    std::vector<std::string> texts;
    for (const std::uint32_t id : ids)
        if (m_known.insert(id).second) {
            fresh.push_back(static_cast<std::int32_t>(id));
            texts.push_back(m_tokenizer->shown(static_cast<lm::TokenId>(id)));
        }
    if (fresh.empty()) return;
    m_host.record(m_vocab, 0, "{}",
        {sdk::Array("id", view(fresh), {static_cast<std::int64_t>(fresh.size())}), sdk::Array::texts("text", texts)});
}

void Records::tokens(std::int64_t sequence, std::int64_t first, std::span<const lm::TokenId> ids,
    std::span<const float> logprob, std::span<const float> entropy, std::size_t promptLength, std::int64_t parent,
    std::int64_t branchPosition) {
    if (ids.empty()) return;
    std::vector<std::string> texts;
    std::vector<std::uint8_t> special;
    for (const lm::TokenId id : ids) {
        texts.push_back(m_tokenizer->shown(id));
        special.push_back(m_tokenizer->isSpecial(id));
    }
    const auto n = static_cast<std::int64_t>(ids.size());
    const Json meta = {{"seq", sequence}, {"first", first}, {"prompt", promptLength}, {"parent", parent},
        {"branch_pos", branchPosition}};
    m_host.record(m_token, first, jsonText(meta),
        {sdk::Array("id", ids, {n}), sdk::Array::texts("text", texts), sdk::Array("logprob", logprob, {n}, "nats"),
            sdk::Array("entropy", entropy, {n}, "nats"), sdk::Array("special", view(special), {n})});
    if (sequence > 0) return;  // curves follow the first sequence; later ones overlap its positions
    for (std::int64_t i = 0; i < n; ++i)
        if (std::isfinite(logprob[static_cast<std::size_t>(i)]))
            m_host.scalars(first + i,
                {{m_logprob, logprob[static_cast<std::size_t>(i)]}, {m_entropy, entropy[static_cast<std::size_t>(i)]}});
}

void Records::lens(const LensPiece& piece, const lm::LensRows& rows, const CaptureSettings& capture) {
    const std::int64_t n = rows.positions, layers = rows.layers, k = rows.topK;
    const std::string meta = metaOf(piece, 0);
    vocabulary(rows.topId);
    m_host.record(
        m_stats, piece.first, meta, {sdk::Array("stats", view(rows.stats), {n, layers, lm::kLensStats}, "nats")});
    m_host.record(m_topId, piece.first, meta, {sdk::Array("id", view(rows.topId), {n, layers, k})});
    m_host.record(
        m_topLogp, piece.first, meta, {sdk::Array::halves("logp", halves(rows.topLogp), {n, layers, k}, "nats")});
    norms(piece, n, layers);
    attention(piece, n);
    if (capture.attribution && !piece.captured->headOut.empty()) attribution(piece, n);
    if (capture.rawResidual) rawResiduals(piece, n, layers);
}

void Records::norms(const LensPiece& piece, std::int64_t n, std::int64_t layers) const {
    const lm::Captured& captured = *piece.captured;
    const std::int64_t width = m_model->config().width;
    std::vector<float> residNorm, cosine, attnNorm, mlpNorm;
    for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t offset = (piece.firstRow + i) * width;
        float before = 0;
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            const float* h = captured.residuals[static_cast<std::size_t>(layer)].data() + offset;
            const float norm = lm::norm(h, width);
            residNorm.push_back(norm);
            if (layer > 0) {
                const auto below = static_cast<std::size_t>(layer - 1);
                const float* under = captured.residuals[below].data() + offset;
                cosine.push_back(norm > 0 && before > 0 ? lm::dot(h, under, width) / (norm * before) : 0.0f);
                attnNorm.push_back(lm::norm(captured.attnOut[below].data() + offset, width));
                mlpNorm.push_back(lm::norm(captured.mlpOut[below].data() + offset, width));
            }
            before = norm;
        }
    }
    const std::string meta = metaOf(piece, 0);
    m_host.record(m_residNorm, piece.first, meta, {sdk::Array("norm", view(residNorm), {n, layers})});
    m_host.record(m_residCos, piece.first, meta, {sdk::Array("cosine", view(cosine), {n, layers - 1})});
    m_host.record(m_attnNorm, piece.first, meta, {sdk::Array("norm", view(attnNorm), {n, layers - 1})});
    m_host.record(m_mlpNorm, piece.first, meta, {sdk::Array("norm", view(mlpNorm), {n, layers - 1})});
}

void Records::attention(const LensPiece& piece, std::int64_t n) const {
    const lm::ModelConfig& c = m_model->config();
    const lm::Captured& captured = *piece.captured;
    if (!captured.topPosition.empty()) {
        const std::string meta = metaOf(piece, 0);
        const auto slots = static_cast<std::size_t>(c.layers * c.heads),
                   from = static_cast<std::size_t>(piece.firstRow) * slots, count = static_cast<std::size_t>(n) * slots;
        m_host.record(m_topPos, piece.first, meta,
            {sdk::Array("position", std::span<const std::uint32_t>(captured.topPosition).subspan(from * 8, count * 8),
                {n, c.layers, c.heads, 8})});
        m_host.record(m_topW, piece.first, meta,
            {sdk::Array::halves("weight",
                std::span<const std::uint16_t>(captured.topWeight).subspan(from * 8, count * 8),
                {n, c.layers, c.heads, 8}, "1")});
        m_host.record(m_topRest, piece.first, meta,
            {sdk::Array::halves("rest", std::span<const std::uint16_t>(captured.topRest).subspan(from, count),
                {n, c.layers, c.heads}, "1")});
    }
    for (std::int64_t i = 0; i < n && !captured.full.empty(); ++i) {
        const auto& row = captured.full[static_cast<std::size_t>(piece.firstRow + i)];
        const std::int64_t keys = static_cast<std::int64_t>(row.size()) / (c.layers * c.heads);
        m_host.record(m_full, piece.first + i, metaOf(piece, i),
            {sdk::Array::halves("weight", row, {c.layers, c.heads, keys}, "1")});
    }
}

void Records::attribution(const LensPiece& piece, std::int64_t n) const {
    std::vector<std::int32_t> tokens;
    std::vector<lm::TokenId> asked;
    for (std::int64_t i = 0; i < n; ++i) {
        tokens.push_back(piece.targets[static_cast<std::size_t>(i)]);
        asked.push_back(std::max(tokens.back(), 0));
    }
    const auto all = lm::attributeLogits(*m_model, *piece.captured, piece.firstRow, asked);
    const std::int64_t components = static_cast<std::int64_t>(all.size()) / n;
    m_host.record(m_attr, piece.first, metaOf(piece, 0),
        {sdk::Array("share", view(all), {n, components}, "logit"), sdk::Array("token", view(tokens), {n})});
}

void Records::rawResiduals(const LensPiece& piece, std::int64_t n, std::int64_t layers) const {
    const std::int64_t width = m_model->config().width;
    std::vector<std::uint16_t> bits(static_cast<std::size_t>(layers * width));
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            const float* h = piece.captured->residuals[static_cast<std::size_t>(layer)].data();
            for (std::int64_t j = 0; j < width; ++j)
                bits[static_cast<std::size_t>(layer * width + j)] =
                    lm::bfloatFromFloat(h[(piece.firstRow + i) * width + j]);
        }
        m_host.record(
            m_residRaw, piece.first + i, metaOf(piece, i), {sdk::Array::bfloats("hidden", bits, {layers, width})});
    }
}

void Records::span(std::int64_t sequence, std::size_t promptLength, std::size_t end, const std::string& stop,
    const std::string& answer) {
    const Json meta = {{"name", "answer"}, {"severity", "info"}, {"text", stop}, {"seq", sequence},
        {"start", promptLength}, {"end", end}, {"stop", stop}, {"answer", answer}};
    m_host.record(m_span, static_cast<std::int64_t>(end), jsonText(meta), {});
}

void Records::causal(std::int64_t number, const lm::CausalRequest& request, const lm::CausalGrid& grid) {
    constexpr const char* kKinds[] = {"zero", "mean", "patch"};
    constexpr const char* kSites[] = {"residual", "heads", "mlp"};
    std::vector<std::string> clean, corrupt;
    for (const lm::TokenId id : request.clean) clean.push_back(m_tokenizer->shown(id));
    for (const lm::TokenId id : request.corrupt) corrupt.push_back(m_tokenizer->shown(id));
    const auto named = [&](lm::TokenId id) { return id >= 0 ? m_tokenizer->shown(id) : std::string(); };
    const Json meta = {{"kind", kKinds[static_cast<int>(request.kind)]},
        {"site", kSites[static_cast<int>(request.site)]}, {"right", named(grid.right)}, {"wrong", named(grid.wrong)},
        {"clean_difference", grid.cleanDifference}, {"corrupt_difference", grid.corruptDifference},
        {"clean_answer", named(grid.cleanAnswer)}, {"corrupt_answer", named(grid.corruptAnswer)}};
    m_host.record(m_causal, number, jsonText(meta),
        {sdk::Array("effect", view(grid.effect), {grid.rows, grid.columns}, "1"), sdk::Array::texts("clean", clean),
            sdk::Array::texts("corrupt", corrupt)});
}

void Records::speed(std::int64_t sequence, double tokensPerSecond, double firstTokenSeconds, double lensSeconds) {
    m_host.scalars(
        sequence, {{m_rate, tokensPerSecond}, {m_firstToken, firstTokenSeconds}, {m_lensSeconds, lensSeconds}});
    m_watch.publish(sequence);
}

}  // namespace dubito::tas
