// The packer's own rule decides what is taken, so what is shown is what is learned.
#include "data_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/json.h"

namespace dubito::lmtask {
namespace {

constexpr std::size_t kMostRows = 200, kMostTokens = 20'000, kMostCounted = 20'000;
constexpr std::size_t kMostOfAKind = 20;  // shown behind the first rows
enum Why : std::uint8_t { Nothing, NoTarget, Cut, Repeated, Shared };
enum Mask : std::uint8_t { Read, Learned, CutOff };

std::string contentOf(const lm::TrainDocument& document) {
    return document.messages.is_null() ? document.text : jsonText(document.messages);
}

/// What the first conversation asks: something to try the taught model with.
std::string firstQuestion(const std::vector<lm::TrainDocument>& documents) {
    constexpr std::size_t kLongest = 1000;
    for (const auto& document : documents)
        for (const Json& turn : document.messages)
            if (const std::string text = textOr(turn, "content", "");
                textOr(turn, "role", "") == "user" && !text.empty() && text.size() <= kLongest)
                return text;
    return {};
}

/// A row of a held-out set, from 1.
struct Place {
    std::size_t set, row;
};

struct Counts {
    std::int64_t counted = 0, learned = 0, noTarget = 0, cut = 0, repeated = 0, shared = 0;
};

/// What is to be said of a row, the gravest first.
Why whyOf(const lm::MaskedDocument& masked, bool isRepeated, bool isShared) {
    if (!masked.hasTarget()) return NoTarget;
    if (masked.taken < masked.ids.size()) return Cut;
    return isShared ? Shared : isRepeated ? Repeated : Nothing;
}

struct Table {
    std::vector<std::string> pieces;
    std::vector<std::uint8_t> special, mask, why, set;
    std::vector<std::int32_t> tokens, row, first;
};

void add(Table& table, const lm::MaskedDocument& masked, const lm::Tokenizer& tokenizer) {
    for (std::size_t i = 0; i < masked.ids.size(); ++i) {
        table.pieces.push_back(tokenizer.shown(masked.ids[i]));
        table.special.push_back(tokenizer.isSpecial(masked.ids[i]));
        table.mask.push_back(i >= masked.taken ? CutOff : i > 0 && masked.mask[i] ? Learned : Read);
    }
    table.tokens.push_back(static_cast<std::int32_t>(masked.ids.size()));
}

void publish(const sdk::Host& host, const sdk::Series& series, std::int64_t step, const Table& table,
    const std::string& metaJson) {
    const auto rows = static_cast<std::int64_t>(table.row.size()), n = static_cast<std::int64_t>(table.pieces.size());
    host.record(series, step, metaJson,
        {sdk::Array("row", std::span<const std::int32_t>(table.row), {rows}),
            sdk::Array("tokens", std::span<const std::int32_t>(table.tokens), {rows}),
            sdk::Array("why", std::span<const std::uint8_t>(table.why), {rows}),
            sdk::Array("first", std::span<const std::int32_t>(table.first), {rows}),
            sdk::Array("set", std::span<const std::uint8_t>(table.set), {rows}),
            sdk::Array::texts("piece", table.pieces),
            sdk::Array("special", std::span<const std::uint8_t>(table.special), {n}),
            sdk::Array("mask", std::span<const std::uint8_t>(table.mask), {n})});
    host.flush();
}

}  // namespace

void publishRows(const sdk::Host& host, const sdk::Series& series, std::int64_t step,
    const std::vector<lm::TrainDocument>& documents, const lm::Tokenizer& tokenizer, const lm::ChatTemplate* chat,
    const lm::DataSummary& summary, const RowUse& use) {
    const std::size_t trained = documents.size() - std::min(use.held, documents.size());
    std::map<std::string, std::size_t> seen;  // content -> its first row
    std::map<std::string, Place> held;
    for (std::size_t set = 0; set < use.sets.size(); ++set)
        for (std::size_t i = 0; i < std::min(use.sets[set].documents.size(), kMostCounted); ++i)
            held.emplace(contentOf(use.sets[set].documents[i]), Place{set, i + 1});
    Table table;
    Counts counts;
    std::array<std::size_t, 5> shown{};
    for (std::size_t i = 0; i < std::min(trained, kMostCounted); ++i) {
        const lm::MaskedDocument masked = orRefuse(lm::maskDocument(documents[i], tokenizer, chat, use.length));
        host.tick();
        const std::string content = contentOf(documents[i]);
        const auto [first, isNew] = seen.emplace(content, i);
        const auto shared = held.find(content);
        const Why why = whyOf(masked, !isNew, shared != held.end());
        ++counts.counted;
        counts.noTarget += why == NoTarget;
        counts.cut += why == Cut;
        counts.repeated += !isNew;
        counts.shared += shared != held.end();
        for (std::size_t t = 1; t < masked.taken; ++t) counts.learned += masked.mask[t];
        const bool isFirst = i < kMostRows && table.pieces.size() + masked.ids.size() <= kMostTokens;
        if (!isFirst && (why == Nothing || shown[why] >= kMostOfAKind || masked.ids.size() > kMostTokens)) continue;
        ++shown[why];
        add(table, masked, tokenizer);
        table.row.push_back(static_cast<std::int32_t>(i + 1));
        table.why.push_back(why);
        table.set.push_back(why == Shared ? static_cast<std::uint8_t>(shared->second.set) : std::uint8_t{0});
        table.first.push_back(why == Shared ? static_cast<std::int32_t>(shared->second.row)
                              : isNew       ? 0
                                            : static_cast<std::int32_t>(first->second + 1));
    }
    Json sets = Json::array();
    for (const HeldDocuments& one : use.sets) sets.push_back(one.name);
    publish(host, series, step, table,
        jsonText({{"rows", trained}, {"counted", counts.counted}, {"held", documents.size() - trained},
            {"length", use.length}, {"learned", counts.learned}, {"no_target", counts.noTarget}, {"cut", counts.cut},
            {"repeated", counts.repeated}, {"shared", counts.shared}, {"question", firstQuestion(documents)},
            {"form", summary.form}, {"columns", summary.columns()}, {"guessed", summary.isGuessed},
            {"unused", summary.unused()}, {"sets", std::move(sets)}}));
}

void refuseTargetless(const sdk::Host& host, const lm::PackedRows& rows, std::size_t all, double most) {
    if (rows.unanswered == 0) return;
    std::string places;
    for (const auto& where : rows.unansweredAt) places += (places.empty() ? "" : ", ") + where;
    if (static_cast<std::int64_t>(rows.unansweredAt.size()) < rows.unanswered) places += ", ...";
    const double share = static_cast<double>(rows.unanswered) / static_cast<double>(std::max<std::size_t>(all, 1));
    const std::string sentence = fmt::format(
        "nothing is learned from {} of {} rows ({:.1f} %): they have no turn of an "
        "assistant, or one that is not to be learned ({})",
        rows.unanswered, all, 100 * share, places);
    if (share > most)
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            fmt::format("{}; mend the data, or set train.without_target to {:.2f} if that is meant", sentence,
                std::min(1.0, share + 0.005)));
    host.log(sdk::Log::warn, sentence + "; they are left out");
}

}  // namespace dubito::lmtask
