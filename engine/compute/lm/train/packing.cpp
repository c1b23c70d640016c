// Position i of a row predicts its token i + 1, so a row holds one token more than it has positions.
#include "lm/train/packing.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::lm {
namespace {

/// A row under construction.
struct Row {
    std::vector<TokenId> ids;
    std::vector<std::uint8_t> mask;  ///< the token is supervised as a target
    std::vector<std::int32_t> documents;
};

TokenId endOf(const Tokenizer& tokenizer) { return tokenizer.endTokens().empty() ? 0 : tokenizer.endTokens().front(); }

void close(Row& row, PackedRows& out, TokenId filler) {
    const auto T = static_cast<std::size_t>(out.length);
    row.ids.resize(T + 1, filler);
    row.mask.resize(T + 1, 0);
    row.documents.resize(T + 1, row.documents.empty() ? 0 : row.documents.back() + 1);
    std::vector<TokenId> targets(T, -1);
    for (std::size_t i = 0; i < T; ++i)
        if (row.mask[i + 1] && row.documents[i] == row.documents[i + 1]) targets[i] = row.ids[i + 1], ++out.supervised;
    row.ids.resize(T);
    row.documents.resize(T);
    out.ids.push_back(std::move(row.ids));
    out.targets.push_back(std::move(targets));
    out.documents.push_back(std::move(row.documents));
    row = {};
}

constexpr std::size_t kMostPlaces = 8;  ///< that a sentence names

std::string placesOf(const PackedRows& rows) {
    std::string out;
    for (const auto& where : rows.unansweredAt) out += (out.empty() ? ": " : ", ") + where;
    return static_cast<std::int64_t>(rows.unansweredAt.size()) < rows.unanswered ? out + ", ..." : out;
}

}  // namespace

bool MaskedDocument::hasTarget() const {
    return mask.size() > 1 && std::find(mask.begin() + 1, mask.end(), std::uint8_t{1}) != mask.end();
}

TrainBatch PackedRows::batch(std::span<const std::size_t> rows, bool isolate) const {
    TrainBatch out;
    out.sequences = static_cast<std::int64_t>(rows.size());
    out.length = length;
    for (const std::size_t row : rows) {
        out.ids.insert(out.ids.end(), ids[row].begin(), ids[row].end());
        out.targets.insert(out.targets.end(), targets[row].begin(), targets[row].end());
        if (isolate) out.documents.insert(out.documents.end(), documents[row].begin(), documents[row].end());
    }
    return out;
}

Result<MaskedDocument> maskDocument(
    const TrainDocument& document, const Tokenizer& tokenizer, const ChatTemplate* chat, std::int64_t length) {
    MaskedDocument out;
    if (document.messages.is_null()) {
        auto encoded = tokenizer.encode(document.text);
        if (encoded.problem) return std::move(*encoded.problem);
        out.ids = std::move(encoded.ids);
        tokenizer.addStart(out.ids);
        out.ids.push_back(endOf(tokenizer));
        out.mask.assign(out.ids.size(), 1);
        out.taken = out.ids.size();
        return out;
    }
    if (!chat)
        return Error(Code::Unsupported, "the training data holds conversations and this model has no chat template");
    RenderOptions options;
    options.addGenerationPrompt = false;
    options.tools = document.tools;
    const auto masked = [&](std::size_t turns) -> Result<MaskedIds> {
        const Json part(document.messages.begin(), document.messages.begin() + static_cast<std::ptrdiff_t>(turns));
        auto rendered = chat->render(part, options);
        if (!rendered) return std::move(rendered).error().in("rendering the conversation of " + document.where);
        MaskedIds out = encodeMasked(tokenizer, *rendered);
        if (out.problem) return std::move(*out.problem).in("the conversation of " + document.where);
        return out;
    };
    const std::size_t all = document.messages.size();
    DUBITO_TRY(MaskedIds whole, masked(all));
    const auto room = static_cast<std::size_t>(length) + 1;
    std::vector<std::size_t> ends;  // messages up to and with each answer
    for (std::size_t turns = 1; turns <= all; ++turns)
        if (textOr(document.messages[turns - 1], "role", "") == "assistant") ends.push_back(turns);
    MaskedIds best;
    // By halving: a longer beginning takes more tokens.
    for (std::size_t low = 0, high = ends.size(); low < high;) {
        const std::size_t middle = high == ends.size() && low == 0 ? high - 1 : low + (high - low) / 2;
        const std::size_t turns = ends[middle];
        DUBITO_TRY(MaskedIds part, turns == all ? Result<MaskedIds>(whole) : masked(turns));
        if (part.ids.size() > room) {
            high = middle;
            continue;
        }
        low = middle + 1;
        best = std::move(part);
    }
    // A template may close a talk in its own way: what is taken is as it goes in, what is cut as it would be.
    out.taken = best.ids.size();
    if (out.taken > 0) {
        if (whole.ids.size() > out.taken) {
            best.ids.insert(
                best.ids.end(), whole.ids.begin() + static_cast<std::ptrdiff_t>(out.taken), whole.ids.end());
            best.mask.resize(best.ids.size(), 0);
        }
        whole = std::move(best);
    }
    out.ids = std::move(whole.ids);
    out.mask = std::move(whole.mask);
    return out;
}

Result<PackedRows> packRows(const std::vector<TrainDocument>& documents, const Tokenizer& tokenizer,
    const ChatTemplate* chat, std::int64_t length) {
    PackedRows out;
    out.length = length;
    const auto room = static_cast<std::size_t>(length) + 1;
    const TokenId end = endOf(tokenizer);
    Row row;
    std::int32_t number = 0;
    for (const TrainDocument& document : documents) {
        DUBITO_TRY(const MaskedDocument masked, maskDocument(document, tokenizer, chat, length));
        if (document.messages.is_null()) {
            const std::vector<TokenId>& ids = masked.ids;
            for (std::size_t at = 0; at < ids.size();) {
                const std::size_t n = std::min(room - row.ids.size(), ids.size() - at);
                row.ids.insert(row.ids.end(), ids.begin() + static_cast<std::ptrdiff_t>(at),
                    ids.begin() + static_cast<std::ptrdiff_t>(at + n));
                row.mask.insert(row.mask.end(), n, 1);
                row.documents.insert(row.documents.end(), n, number);
                at += n;
                if (row.ids.size() < room) break;
                // The last token of a row begins the next one, so that no token goes unpredicted.
                const TokenId last = row.ids.back();
                close(row, out, end);
                row.ids.push_back(last);
                row.mask.push_back(1);
                row.documents.push_back(number);
            }
            ++number;
            continue;
        }
        if (masked.taken == 0 || !masked.hasTarget()) {
            ++(masked.hasTarget() ? out.skipped : out.unanswered);
            if (!masked.hasTarget() && out.unansweredAt.size() < kMostPlaces)
                out.unansweredAt.push_back(document.where);
            continue;
        }
        if (row.ids.size() + masked.taken > room) close(row, out, end);
        const auto taken = static_cast<std::ptrdiff_t>(masked.taken);
        row.ids.insert(row.ids.end(), masked.ids.begin(), masked.ids.begin() + taken);
        row.mask.insert(row.mask.end(), masked.mask.begin(), masked.mask.begin() + taken);
        row.documents.insert(row.documents.end(), masked.taken, number++);
    }
    if (row.ids.size() > 1) close(row, out, end);
    if (out.supervised == 0)
        return Error(Code::InvalidArgument,
            fmt::format(
                "the training data gives no supervised token in rows of {} ({} conversations do not fit, {} have "
                "no answer{})",
                length, out.skipped, out.unanswered, placesOf(out)));
    return out;
}

}  // namespace dubito::lm
