// Every item is a row of its own, as long as the item: no other text stands before it, and nothing is padded.
#include "held_sets.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace dubito::lmtask {
namespace {

constexpr std::size_t kMostItems = 64;    // of a set: every checkpoint reads them all
constexpr std::size_t kMostShown = 2000;  // bytes of a question or an answer
constexpr int kFiles = 3;

/// A name as part of a key: "garden test.jsonl" is garden-test.
std::string keyName(std::string name) {
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '-';
    return name.substr(0, 40);
}

std::string nameOf(const sdk::Document& params, const std::string& role) {
    if (std::string given = params.text("/train/" + role + "_name"); !given.empty()) return keyName(std::move(given));
    std::string file = fs::path(params.text("/train/" + role)).filename().string();
    return keyName(file.substr(0, file.find('.')));
}

std::string shown(const std::string& text) {
    if (text.size() <= kMostShown) return text;
    std::size_t end = kMostShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
    return text.substr(0, end) + "...";
}

/// The last turn of a role.
std::string lastOf(const lm::TrainDocument& document, std::string_view role) {
    std::string out;
    for (const Json& turn : document.messages)
        if (textOr(turn, "role", "") == role) out = textOr(turn, "content", "");
    return out;
}

}  // namespace

HeldSets::HeldSets(const sdk::Host& host, const sdk::Document& params, const lm::Tokenizer& tokenizer,
    const lm::ChatTemplate* chat, std::vector<lm::TrainDocument> share) {
    const lm::ColumnMap map = orRefuse(lm::ColumnMap::parse(params.text("/data/map")));
    if (!share.empty()) m_documents.push_back({{}, std::move(share)});
    for (int i = 1; i <= kFiles; ++i) {
        const std::string role = fmt::format("heldout_{}", i), file = optionalAsset(host, role);
        if (file.empty()) continue;
        HeldDocuments set{nameOf(params, role), {}};
        const bool isTaken = std::any_of(
            m_documents.begin(), m_documents.end(), [&](const HeldDocuments& one) { return one.name == set.name; });
        if (isTaken || set.name.empty())
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
                fmt::format("two held-out sets are called \"{}\": set train.{}_name", set.name, role));
        auto read = lm::readTrainFile(file, map);
        if (!read) orRefuse(Result<void>(std::move(read).error().in("the held-out set " + set.name)));
        set.documents = std::move(read->documents);
        m_documents.push_back(std::move(set));
    }
    for (const HeldDocuments& from : m_documents) pack(from, tokenizer, chat, params.integer("/train/seq_len"), host);
}

void HeldSets::pack(const HeldDocuments& from, const lm::Tokenizer& tokenizer, const lm::ChatTemplate* chat,
    std::int64_t length, const sdk::Host& host) {
    Set set;
    set.name = from.name;
    set.all = static_cast<std::int64_t>(from.documents.size());
    const std::size_t taken = std::min(kMostItems, from.documents.size());
    for (std::size_t i = 0; i < taken; ++i) {
        const std::size_t at = i * from.documents.size() / taken;  // spread over the whole of it
        const lm::TrainDocument& document = from.documents[at];
        const lm::MaskedDocument masked = orRefuse(lm::maskDocument(document, tokenizer, chat, length));
        host.tick();
        const auto n = std::min(masked.taken, static_cast<std::size_t>(length) + 1);
        if (n < 2 || !masked.hasTarget()) {
            ++set.withoutTarget;
            continue;
        }
        Item item;
        item.row = orRefuse(lm::packRows({document}, tokenizer, chat, static_cast<std::int64_t>(n) - 1));
        item.ids.assign(masked.ids.begin(), masked.ids.begin() + static_cast<std::ptrdiff_t>(n));
        for (const lm::TokenId target : item.row.targets.front()) item.tokens += target >= 0;
        const auto first =
            std::find(masked.mask.begin() + 1, masked.mask.begin() + static_cast<std::ptrdiff_t>(n), std::uint8_t{1});
        item.answerFrom = static_cast<std::int32_t>(first - masked.mask.begin());
        item.number = static_cast<std::int32_t>(at + 1);
        item.question = shown(document.messages.is_null() ? document.text : lastOf(document, "user"));
        item.answer = shown(lastOf(document, "assistant"));
        set.items.push_back(std::move(item));
    }
    if (set.items.empty() && !set.name.empty())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            fmt::format("the held-out set {} has no row with a target in {} tokens", set.name, length));
    m_sets.push_back(std::move(set));
}

void HeldSets::measure(const sdk::Host& host, std::int64_t step, const Loss& loss) {
    for (const Set& set : m_sets) {
        std::vector<double> nats;
        for (const Item& item : set.items) {
            const auto one = loss(item.row);
            if (!one && one.error().code() == Code::Cancelled) return;
            nats.push_back(orRefuse(one));
        }
        if (!nats.empty()) publish(host, step, set, nats);
    }
}

void HeldSets::publish(const sdk::Host& host, std::int64_t step, const Set& set, const std::vector<double>& nats) {
    std::vector<std::int32_t> rows, tokens, lengths, from;
    std::vector<lm::TokenId> ids;
    std::vector<std::string> questions, answers;
    double sum = 0, all = 0;
    for (std::size_t i = 0; i < set.items.size(); ++i) {
        const Item& item = set.items[i];
        rows.push_back(item.number), tokens.push_back(item.tokens), from.push_back(item.answerFrom);
        lengths.push_back(static_cast<std::int32_t>(item.ids.size()));
        ids.insert(ids.end(), item.ids.begin(), item.ids.end());
        questions.push_back(item.question), answers.push_back(item.answer);
        sum += nats[i] * item.tokens, all += item.tokens;
    }
    if (!set.name.empty() && all > 0)
        host.scalars(
            step, {{host.series("eval/nll_nats@" + set.name, "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), sum / all}});
    const auto n = static_cast<std::int64_t>(rows.size());
    const auto whole = [&](const char* name, const std::vector<std::int32_t>& values, std::int64_t count) {
        return sdk::Array(name, std::span<const std::int32_t>(values), {count});
    };
    host.record(host.series("eval/heldout", "nats", DUBITO_KIND_TABLE), step,
        jsonText({{"set", set.name}, {"all", set.all}, {"without_target", set.withoutTarget}}),
        {whole("row", rows, n), sdk::Array("nats", std::span<const double>(nats), {n}, "nats"),
            whole("tokens", tokens, n), whole("length", lengths, n), whole("answer_from", from, n),
            whole("id", ids, static_cast<std::int64_t>(ids.size())), sdk::Array::texts("question", questions),
            sdk::Array::texts("answer", answers)});
}

}  // namespace dubito::lmtask
