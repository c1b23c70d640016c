// Every shape is checked against what was announced before a value is read.
#include "inspector/inspector_data.h"

#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace dubito::inspector {
namespace {

constexpr const char* kKeys[] = {"model/info", "model/components", "trace/token", "lens/vocab", "lens/stats",
    "lens/topk_id", "lens/topk_logp", "resid/norm", "resid/cos_prev", "attn/norm", "mlp/norm", "causal/effect"};
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

QString q(const std::string& text) { return QString::fromUtf8(text.data(), static_cast<int>(text.size())); }

std::vector<QString> textsOf(std::span<const journal::Array> arrays, std::string_view name) {
    std::vector<QString> out;
    for (const auto& text : journal::textsNamed(arrays, name)) out.push_back(q(text));
    return out;
}

std::vector<float> floatsOf(const journal::Array& array) {
    if (array.dtype == kF32) {
        const auto values = array.as<float>();
        return {values.begin(), values.end()};
    }
    std::vector<float> out;
    if (array.dtype == kF16)
        for (const auto bits : array.as<std::uint16_t>()) out.push_back(floatFromHalf(bits));
    return out;
}

/// Position slot of a sequence; null when the numbers are unreasonable.
Position* slot(InspectorData& data, const Json& meta, std::int64_t offset) {
    const auto number = integerOr(meta, "seq", 0), at = integerOr(meta, "first", 0) + offset;
    if (number < 0 || number > 100'000 || at < 0 || at > 1'000'000) return nullptr;
    Sequence& sequence = data.sequences[static_cast<int>(number)];
    sequence.number = static_cast<int>(number);
    if (static_cast<std::int64_t>(sequence.positions.size()) <= at)
        sequence.positions.resize(static_cast<std::size_t>(at) + 1);
    return &sequence.positions[static_cast<std::size_t>(at)];
}

/// Spreads an array (n, ...) over n positions.
template <class Take>
void spread(InspectorData& data, const Json& meta, const journal::Array& array, std::size_t rank, Take take) {
    if (array.shape.size() != rank || array.shape[0] < 1) return;
    std::int64_t per = 1;
    for (std::size_t i = 1; i < rank; ++i) per *= array.shape[i];
    if (per < 1 || per * array.shape[0] != array.elements()) return;
    for (std::int64_t i = 0; i < array.shape[0]; ++i)
        if (Position* position = slot(data, meta, i))
            take(*position, static_cast<std::size_t>(i * per), static_cast<std::size_t>(per));
}

void takeTokens(InspectorData& data, const Json& meta, std::span<const journal::Array> arrays) {
    const auto* ids = journal::findArray(arrays, "id");
    const auto* logprob = journal::findArray(arrays, "logprob");
    const auto* entropy = journal::findArray(arrays, "entropy");
    const auto* special = journal::findArray(arrays, "special");
    const auto texts = textsOf(arrays, "text");
    if (!ids || ids->dtype != kI32 || texts.size() != ids->as<std::int32_t>().size()) return;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        Position* position = slot(data, meta, static_cast<std::int64_t>(i));
        if (!position) return;
        position->id = ids->as<std::int32_t>()[i];
        position->text = texts[i];
        position->logprob = logprob && i < logprob->as<float>().size() ? logprob->as<float>()[i] : kNaN;
        position->entropy = entropy && i < entropy->as<float>().size() ? entropy->as<float>()[i] : kNaN;
        position->isSpecial = special && i < special->data.size() && special->data[i];
    }
    Sequence& sequence = data.sequences[static_cast<int>(integerOr(meta, "seq", 0))];
    sequence.promptLength = static_cast<int>(integerOr(meta, "prompt", 0));
    sequence.parent = static_cast<int>(integerOr(meta, "parent", -1));
    sequence.branchPosition = static_cast<int>(integerOr(meta, "branch_pos", -1));
}

void takeCausal(InspectorData& data, const Json& meta, std::span<const journal::Array> arrays) {
    const auto* effect = journal::findArray(arrays, "effect");
    if (!effect || effect->dtype != kF32 || effect->shape.size() != 2 || effect->shape[0] < 1 || effect->shape[1] < 1)
        return;
    CausalResult result;
    result.kind = q(textOr(meta, "kind", ""));
    result.site = q(textOr(meta, "site", ""));
    result.right = q(textOr(meta, "right", ""));
    result.wrong = q(textOr(meta, "wrong", ""));
    result.cleanAnswer = q(textOr(meta, "clean_answer", ""));
    result.corruptAnswer = q(textOr(meta, "corrupt_answer", ""));
    result.cleanDifference = numberOr(meta, "clean_difference", 0);
    result.corruptDifference = numberOr(meta, "corrupt_difference", 0);
    result.clean = textsOf(arrays, "clean");
    result.corrupt = textsOf(arrays, "corrupt");
    result.rows = static_cast<int>(effect->shape[0]);
    result.columns = static_cast<int>(effect->shape[1]);
    result.effect = floatsOf(*effect);
    if (static_cast<std::int64_t>(result.effect.size()) != effect->shape[0] * effect->shape[1]) return;
    data.causal.push_back(std::move(result));
}

}  // namespace

float Position::at(int layer, int statistic) const {
    const auto index = static_cast<std::size_t>(layer) * 5;
    if (layer < 0 || index + 5 > stats.size()) return kNaN;
    return statistic == kProbability ? std::exp(-stats[index + kCrossEntropy])
                                     : stats[index + static_cast<std::size_t>(statistic)];
}

int Sequence::readOut() const {
    int n = 0;
    while (n < static_cast<int>(positions.size()) && !positions[static_cast<std::size_t>(n)].stats.empty()) ++n;
    return n;
}

QString firstWords(const Sequence& sequence) {
    constexpr int kMost = 28;
    // Between special tokens: the last stretch that is more than the name of who speaks.
    QStringList stretches{QString()};
    for (int i = 0; i < std::min(sequence.promptLength, static_cast<int>(sequence.positions.size())); ++i) {
        const Position& at = sequence.positions[static_cast<std::size_t>(i)];
        if (at.isSpecial) stretches << QString();
        else stretches.last() += at.text;
    }
    const bool hasTurns = stretches.size() > 2;
    QString out;
    for (auto stretch = stretches.rbegin(); stretch != stretches.rend() && out.isEmpty(); ++stretch)
        out = (hasTurns && stretch->contains(QLatin1Char('\n')) ? stretch->section(QLatin1Char('\n'), 1) : *stretch)
                  .simplified();
    if (out.size() <= kMost) return out;
    const auto space = out.lastIndexOf(QLatin1Char(' '), kMost);
    return out.left(space > kMost / 2 ? space : kMost) + QStringLiteral("…");
}

QString InspectorData::wordOf(std::uint32_t id) const {
    const auto found = words.find(id);
    return found == words.end() ? QStringLiteral("#%1").arg(id) : found->second;
}

Piece pieceOf(store::RecordRow row) {
    Piece piece{std::move(row), {}, {}};
    auto arrays = journal::decodeArrayBlock(piece.row.block);
    auto meta = parseJson(piece.row.metaJson);
    if (arrays && meta) piece.meta = std::move(*meta), piece.arrays = std::move(*arrays);
    return piece;
}

Result<RecordsByKey> loadNewRecords(
    store::Database& db, std::int64_t runNo, const std::map<std::string, std::int64_t>& cursors) {
    RecordsByKey out;
    for (const char* key : kKeys) {
        const auto found = cursors.find(key);
        DUBITO_TRY(auto rows, store::queryRecords(db, runNo, key, found == cursors.end() ? 0 : found->second));
        for (auto& row : rows) out[key].push_back(pieceOf(std::move(row)));
    }
    return out;
}

bool applyRecords(InspectorData& data, const RecordsByKey& records) {
    bool changed = false;
    for (const char* key : kKeys) {
        const auto found = records.find(key);
        if (found == records.end()) continue;
        const std::string_view name = key;
        for (const Piece& piece : found->second) {
            auto& cursor = data.cursors[key];
            if (piece.row.recordNo <= cursor) continue;
            cursor = piece.row.recordNo;
            if (piece.arrays.empty()) continue;
            const auto* arrays = &piece.arrays;
            const auto* meta = &piece.meta;
            const auto* first = &arrays->front();
            changed = true;
            if (name == "model/info") {
                data.layers = static_cast<int>(std::clamp<std::int64_t>(integerOr(*meta, "layers", 0), 0, 1024));
                data.heads = static_cast<int>(std::clamp<std::int64_t>(integerOr(*meta, "heads", 0), 0, 1024));
                data.vocabulary =
                    static_cast<int>(std::clamp<std::int64_t>(integerOr(*meta, "vocabulary", 0), 0, 1 << 24));
                const auto keys = textsOf(*arrays, "key"), values = textsOf(*arrays, "value");
                for (std::size_t i = 0; i < std::min(keys.size(), values.size()); ++i) data.model[keys[i]] = values[i];
            } else if (name == "model/components") {
                data.components = textsOf(*arrays, "name");
            } else if (name == "trace/token") {
                takeTokens(data, *meta, *arrays);
            } else if (name == "lens/vocab") {
                const auto texts = textsOf(*arrays, "text");
                if (const auto* ids = journal::findArray(*arrays, "id"); ids && ids->dtype == kI32)
                    for (std::size_t i = 0; i < std::min(texts.size(), ids->as<std::int32_t>().size()); ++i)
                        data.words[static_cast<std::uint32_t>(ids->as<std::int32_t>()[i])] = texts[i];
            } else if (name == "causal/effect") {
                takeCausal(data, *meta, *arrays);
            } else if (name == "lens/topk_id") {
                if (first->dtype != kU32 || first->shape.size() != 3) continue;
                data.topK = static_cast<int>(first->shape[2]);
                const auto values = first->as<std::uint32_t>();
                spread(data, *meta, *first, 3, [&](Position& position, std::size_t from, std::size_t n) {
                    position.topId.assign(values.begin() + from, values.begin() + from + n);
                });
            } else {
                const auto values = floatsOf(*first);
                if (static_cast<std::int64_t>(values.size()) != first->elements()) continue;
                std::vector<float> Position::*member = name == "lens/stats"       ? &Position::stats
                                                       : name == "lens/topk_logp" ? &Position::topLogp
                                                       : name == "resid/norm"     ? &Position::residNorm
                                                       : name == "resid/cos_prev" ? &Position::cosine
                                                       : name == "attn/norm"      ? &Position::attnNorm
                                                                                  : &Position::mlpNorm;
                if (name == "lens/stats" && (first->shape.size() != 3 || first->shape[2] != 5)) continue;
                spread(
                    data, *meta, *first, first->shape.size(), [&](Position& position, std::size_t from, std::size_t n) {
                        (position.*member)
                            .assign(values.begin() + static_cast<std::ptrdiff_t>(from),
                                values.begin() + static_cast<std::ptrdiff_t>(from + n));
                    });
            }
        }
    }
    return changed;
}

namespace {

/// The record of `key` that covers a position, with its arrays and the position's row in it.
struct Found {
    store::RecordRow record;
    std::vector<journal::Array> arrays;
    std::size_t row = 0;
};

Result<std::optional<Found>> findCovering(
    store::Database& db, std::int64_t runNo, std::string_view key, int sequence, int position) {
    DUBITO_TRY(auto rows, store::queryRecords(db, runNo, key));
    for (auto& row : rows) {
        const auto meta = parseJson(row.metaJson);
        if (!meta || integerOr(*meta, "seq", -1) != sequence) continue;
        const auto first = integerOr(*meta, "first", 0);
        if (position < first) continue;
        Found found;
        found.record = std::move(row);
        auto arrays = journal::decodeArrayBlock(found.record.block);
        if (!arrays || arrays->empty()) continue;
        const bool single = key == "attn/full";
        const auto count = single ? 1 : arrays->front().shape.empty() ? 0 : arrays->front().shape[0];
        if (position - first >= count) continue;
        found.row = static_cast<std::size_t>(position - first);
        found.arrays = std::move(*arrays);
        return std::optional(std::move(found));
    }
    return std::optional<Found>();
}

}  // namespace

Result<PositionDetail> loadDetail(store::Database& db, std::int64_t runNo, int sequence, int position) {
    PositionDetail detail;
    DUBITO_TRY(const auto full, findCovering(db, runNo, "attn/full", sequence, position));
    if (full && full->arrays[0].shape.size() == 3) {
        const auto& array = full->arrays[0];
        detail.layers = static_cast<int>(array.shape[0]);
        detail.heads = static_cast<int>(array.shape[1]);
        detail.view = static_cast<int>(array.shape[2]);
        detail.attention = floatsOf(array);
    } else {
        DUBITO_TRY(const auto places, findCovering(db, runNo, "attn/top_pos", sequence, position));
        DUBITO_TRY(const auto weights, findCovering(db, runNo, "attn/top_w", sequence, position));
        DUBITO_TRY(const auto rest, findCovering(db, runNo, "attn/top_rest", sequence, position));
        if (places && weights && places->arrays[0].shape.size() == 4 &&
            places->arrays[0].shape == weights->arrays[0].shape && places->arrays[0].dtype == kU32) {
            const auto& shape = places->arrays[0].shape;
            detail.layers = static_cast<int>(shape[1]);
            detail.heads = static_cast<int>(shape[2]);
            detail.view = position + 1;
            detail.attention.assign(
                static_cast<std::size_t>(shape[1] * shape[2]) * static_cast<std::size_t>(detail.view), 0.0f);
            const auto at = places->arrays[0].as<std::uint32_t>();
            const auto values = floatsOf(weights->arrays[0]);
            const std::size_t slots = static_cast<std::size_t>(shape[1] * shape[2]),
                              k = static_cast<std::size_t>(shape[3]);
            for (std::size_t i = 0; i < slots; ++i)
                for (std::size_t j = 0; j < k; ++j) {
                    const std::size_t index = (places->row * slots + i) * k + j;
                    if (index < at.size() && index < values.size() &&
                        at[index] < static_cast<std::uint32_t>(detail.view)) {
                        float& weight = detail.attention[i * static_cast<std::size_t>(detail.view) + at[index]];
                        weight = std::max(weight, values[index]);
                    }
                }
            if (rest && rest->arrays[0].shape.size() == 3) {
                const auto all = floatsOf(rest->arrays[0]);
                if ((rest->row + 1) * slots <= all.size())
                    detail.rest.assign(all.begin() + static_cast<std::ptrdiff_t>(rest->row * slots),
                        all.begin() + static_cast<std::ptrdiff_t>((rest->row + 1) * slots));
            }
        }
    }
    DUBITO_TRY(const auto names, store::queryRecords(db, runNo, "model/components", 0, 1));
    if (!names.empty())
        if (const auto arrays = journal::decodeArrayBlock(names.front().block))
            detail.components = textsOf(*arrays, "name");
    DUBITO_TRY(const auto shares, findCovering(db, runNo, "attr/logit", sequence, position));
    if (shares && shares->arrays[0].shape.size() == 2 && shares->arrays[0].dtype == kF32) {
        const auto all = floatsOf(shares->arrays[0]);
        const auto n = static_cast<std::size_t>(shares->arrays[0].shape[1]);
        if ((shares->row + 1) * n <= all.size())
            detail.shares.assign(all.begin() + static_cast<std::ptrdiff_t>(shares->row * n),
                all.begin() + static_cast<std::ptrdiff_t>((shares->row + 1) * n));
    }
    return detail;
}

}  // namespace dubito::inspector
