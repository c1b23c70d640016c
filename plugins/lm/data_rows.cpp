// The packer's own rule decides what is taken, so what is shown is what is learned.
#include "data_rows.h"

#include <algorithm>
#include <map>

#include "base/json.h"

namespace dubito::lmtask {
namespace {

constexpr std::size_t kMostRows = 200, kMostTokens = 20'000, kMostCounted = 2'000;
enum Why : std::uint8_t { Nothing, NoTarget, Cut, Repeated, Shared };
enum Mask : std::uint8_t { Read, Learned, CutOff };

std::string contentOf(const lm::TrainDocument& document) {
    return document.messages.is_null() ? document.text : jsonText(document.messages);
}

bool hasTarget(const lm::TrainDocument& document) {
    if (document.messages.is_null()) return !document.text.empty();
    return std::any_of(document.messages.begin(), document.messages.end(), [](const Json& turn) {
        return textOr(turn, "role", "") == "assistant" && !textOr(turn, "content", "").empty();
    });
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

struct Counts {
    std::int64_t counted = 0, learned = 0, noTarget = 0, cut = 0, repeated = 0, shared = 0;
};

/// What is to be said of a row, the gravest first.
Why whyOf(const lm::TrainDocument& document, const lm::MaskedDocument& masked, bool isRepeated, bool isShared) {
    if (!hasTarget(document)) return NoTarget;
    if (masked.taken < masked.ids.size()) return Cut;
    return isShared ? Shared : isRepeated ? Repeated : Nothing;
}

struct Table {
    std::vector<std::string> pieces;
    std::vector<std::uint8_t> special, mask, why;
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
    std::map<std::string, bool> held;
    for (std::size_t i = trained; i < documents.size() && i < trained + kMostCounted; ++i)
        held.emplace(contentOf(documents[i]), true);
    Table table;
    Counts counts;
    for (std::size_t i = 0; i < std::min(trained, kMostCounted); ++i) {
        const lm::TrainDocument& document = documents[i];
        const lm::MaskedDocument masked = orRefuse(lm::maskDocument(document, tokenizer, chat, use.length));
        const std::string content = contentOf(document);
        const auto [first, isNew] = seen.emplace(content, i);
        const Why why = whyOf(document, masked, !isNew, held.contains(content));
        ++counts.counted;
        counts.noTarget += why == NoTarget;
        counts.cut += why == Cut;
        counts.repeated += !isNew;
        counts.shared += held.contains(content);
        for (std::size_t t = 1; t < masked.taken; ++t) counts.learned += masked.mask[t];
        if (table.row.size() >= kMostRows || table.pieces.size() + masked.ids.size() > kMostTokens) continue;
        add(table, masked, tokenizer);
        table.row.push_back(static_cast<std::int32_t>(i + 1));
        table.why.push_back(why);
        table.first.push_back(isNew ? 0 : static_cast<std::int32_t>(first->second + 1));
        host.tick();
    }
    publish(host, series, step, table,
        jsonText({{"rows", trained}, {"counted", counts.counted}, {"held", documents.size() - trained},
            {"length", use.length}, {"learned", counts.learned}, {"no_target", counts.noTarget}, {"cut", counts.cut},
            {"repeated", counts.repeated}, {"shared", counts.shared}, {"question", firstQuestion(documents)},
            {"form", summary.form}, {"columns", summary.columns()}, {"guessed", summary.isGuessed},
            {"unused", summary.unused()}}));
}

}  // namespace dubito::lmtask
