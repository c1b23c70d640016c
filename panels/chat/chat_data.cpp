// Records come from a file: shapes and numbers are checked, what does not fit is skipped.
#include "chat/chat_data.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/json.h"
#include "journal/array_block.h"
#include "kit/model_name.h"

namespace dubito::chat {
namespace {

constexpr int kMostTurns = 100'000;

QString q(const std::string& text) { return QString::fromUtf8(text.data(), static_cast<int>(text.size())); }

Json metaOf(const store::RecordRow& row) {
    auto meta = parseJson(row.metaJson);
    return meta ? std::move(*meta) : Json();
}

int turnOf(const Json& meta) {
    const auto number = integerOr(meta, "node", -1);
    return number >= 0 && number < kMostTurns ? static_cast<int>(number) : -1;
}

/// Rows of a series behind the cursor of `known`, which moves on in `out`.
Result<std::vector<store::RecordRow>> rowsBehind(store::Database& db, std::int64_t runNo, const char* key,
    std::int64_t most, const std::map<std::string, std::int64_t>& known, News& out) {
    const auto at = known.find(key);
    DUBITO_TRY(auto found, store::queryRecords(db, runNo, key, at == known.end() ? 0 : at->second, most));
    if (!found.empty()) out.cursors[key] = found.back().recordNo;
    out.records += static_cast<std::int64_t>(found.size());
    return found;
}

/// "49,152" -> 49152; 0 where it is no count.
qint64 countOf(QString text) {
    bool isNumber = false;
    const qint64 out = text.remove(QLatin1Char(',')).toLongLong(&isNumber);
    return isNumber && out > 0 ? out : 0;
}

Model modelOf(const std::vector<store::RecordRow>& info, const QString& file) {
    constexpr qint64 kMostLayers = 10'000;
    Model out;
    for (const auto& row : info)
        if (auto arrays = journal::decodeArrayBlock(row.block)) {
            const auto keys = journal::textsNamed(*arrays, "key"), values = journal::textsNamed(*arrays, "value");
            for (std::size_t i = 0; i < std::min(keys.size(), values.size()); ++i) {
                if (keys[i] == "name") out.called = q(values[i]);
                if (keys[i] == "layers") out.layers = static_cast<int>(std::min(countOf(q(values[i])), kMostLayers));
                if (keys[i] == "vocabulary") out.vocabulary = countOf(q(values[i]));
            }
        }
    out.name = kit::modelName(out.called, file);
    return out;
}

/// A turn that begins, or the end of one (`stop` is set). `number` is negative where the record is no turn.
Turn turnFrom(const store::RecordRow& row) {
    const Json meta = metaOf(row);
    Turn turn;
    turn.number = turnOf(meta);
    if (turn.number < 0) return turn;
    if (textOr(meta, "name", "") == "end") {
        turn.stop = q(textOr(meta, "stop", "end"));
        turn.detail = q(textOr(meta, "text", ""));
        turn.text = q(textOr(meta, "answer", ""));
        return turn;
    }
    const auto within = [&meta](const char* key, std::int64_t most) {
        return static_cast<int>(std::clamp<std::int64_t>(integerOr(meta, key, -1), -1, most));
    };
    turn.parent = within("parent", turn.number - 1);
    turn.role = q(textOr(meta, "role", ""));
    turn.text = q(textOr(meta, "text", ""));
    turn.branchedFrom = within("branched_from", kMostTurns);
    turn.branchToken = within("branch_token", 1'000'000);
    return turn;
}

/// Empty where the record is no token.
std::optional<ChatToken> tokenFrom(const store::RecordRow& row, const Json& meta) {
    auto arrays = journal::decodeArrayBlock(row.block);
    if (!arrays) return {};
    const auto* id = journal::findArray(*arrays, "id");
    const auto texts = journal::textsNamed(*arrays, "text");
    if (!id || id->dtype != kI32 || id->elements() != 1 || texts.size() != 1) return {};
    const auto number = [&arrays](const char* name) {
        const auto* found = journal::findArray(*arrays, name);
        return found && found->dtype == kF32 && found->elements() == 1 ? found->as<float>()[0] : NAN;
    };
    const auto* special = journal::findArray(*arrays, "special");
    ChatToken token;
    token.id = id->as<std::int32_t>()[0];
    token.text = q(texts[0]);
    token.logprob = number("logprob");
    token.entropy = number("entropy");
    token.isSpecial = special && !special->data.empty() && special->data[0];
    token.isForced = boolOr(meta, "forced", false);
    token.recordNo = row.recordNo;
    return token;
}

}  // namespace

QString Turn::said() const {
    if (!text.isEmpty()) return text;
    QString out;
    for (const ChatToken& token : tokens)
        if (!token.isSpecial) out += token.text;
    return out;
}

Result<News> loadNews(store::Database& db, std::int64_t runNo, const std::map<std::string, std::int64_t>& cursors) {
    constexpr std::int64_t kMostRows = 20'000, kMostPrompts = 64;  // a prompt holds all turns before it
    News out;
    out.cursors = cursors;
    if (!cursors.contains("model/info")) {
        DUBITO_TRY(const auto info, rowsBehind(db, runNo, "model/info", 1, cursors, out));
        if (!info.empty()) out.model = modelOf(info, kit::modelFileOf(db, runNo));
    }
    DUBITO_TRY(const auto turns, rowsBehind(db, runNo, "chat/turn", kMostRows, cursors, out));
    for (const auto& row : turns)
        if (Turn turn = turnFrom(row); turn.number >= 0) out.turns.push_back(std::move(turn));
    DUBITO_TRY(const auto tokens, rowsBehind(db, runNo, "chat/token", kMostRows, cursors, out));
    for (const auto& row : tokens) {
        const Json meta = metaOf(row);
        const int number = turnOf(meta);
        if (number < 0) continue;
        if (auto token = tokenFrom(row, meta)) out.tokens.emplace_back(number, std::move(*token));
    }
    DUBITO_TRY(const auto prompts, rowsBehind(db, runNo, "chat/prompt", kMostPrompts, cursors, out));
    for (const auto& row : prompts) {
        const Json meta = metaOf(row);
        if (const int number = turnOf(meta); number >= 0)
            out.rooms[number] = {
                std::max<qint64>(0, integerOr(meta, "tokens", 0)), std::max<qint64>(0, integerOr(meta, "context", 0))};
    }
    for (const Turn& turn : out.turns) {
        if (turn.stop.isEmpty()) continue;
        // Speeds are points of a curve whose step is the turn.
        for (const auto& [key, isRate] : {std::pair("gen/tokens_per_s", true), std::pair("gen/first_token_s", false)}) {
            auto points = store::queryPoints(db, runNo, key, turn.number, turn.number, 1);
            if (points && points->size() > 0)
                (isRate ? out.speeds[turn.number].first : out.speeds[turn.number].second) = points->values.front();
        }
    }
    return out;
}

QVector<int> take(Conversation& conversation, News news) {
    QVector<int> changed;
    const auto touch = [&](int number) {
        if (!changed.contains(number)) changed.append(number);
    };
    for (Turn& turn : news.turns) {
        const auto at = static_cast<std::size_t>(turn.number);
        if (turn.stop.isEmpty()) {
            if (conversation.turn(turn.number)) continue;  // told before
            if (conversation.turns.size() <= at) conversation.turns.resize(at + 1);
            conversation.children[turn.parent].append(turn.number);
            const int number = turn.number;
            conversation.turns[at] = std::move(turn);
            touch(number);
        }
    }
    for (auto& [number, token] : news.tokens)
        if (conversation.turn(number)) {
            conversation.turns[static_cast<std::size_t>(number)].tokens.append(std::move(token));
            touch(number);
        }
    for (const Turn& turn : news.turns)
        if (!turn.stop.isEmpty() && conversation.turn(turn.number)) {
            Turn& own = conversation.turns[static_cast<std::size_t>(turn.number)];
            own.stop = turn.stop;
            own.detail = turn.detail;
            if (own.isAnswer()) own.text = turn.text;
            touch(turn.number);
        }
    for (const auto& [number, speed] : news.speeds)
        if (conversation.turn(number)) {
            conversation.turns[static_cast<std::size_t>(number)].tokensPerSecond = speed.first;
            conversation.turns[static_cast<std::size_t>(number)].firstTokenSeconds = speed.second;
        }
    for (const auto& [number, room] : news.rooms)
        if (conversation.turn(number)) {
            conversation.turns[static_cast<std::size_t>(number)].promptTokens = room.first;
            conversation.turns[static_cast<std::size_t>(number)].context = room.second;
        }
    if (news.model) conversation.model = *news.model;
    conversation.cursors = std::move(news.cursors);
    return changed;
}

Result<Conversation> loadConversation(store::Database& db, std::int64_t runNo) {
    Conversation out;
    for (bool more = true; more;) {
        DUBITO_TRY(News news, loadNews(db, runNo, out.cursors));
        more = news.records > 0;
        take(out, std::move(news));
    }
    return out;
}

QVector<int> pathOf(const Conversation& conversation, const std::map<int, int>& chosen) {
    QVector<int> out;
    for (int at = -1;;) {
        const auto children = conversation.children.find(at);
        if (children == conversation.children.end() || children->second.isEmpty()) return out;
        const auto wanted = chosen.find(at);
        at = wanted != chosen.end() && children->second.contains(wanted->second) ? wanted->second
                                                                                 : children->second.last();
        out.append(at);
    }
}

int firstDifference(const Turn& one, const Turn& other) {
    const auto shared = std::min(one.tokens.size(), other.tokens.size());
    for (qsizetype i = 0; i < shared; ++i)
        if (one.tokens[i].id != other.tokens[i].id) return static_cast<int>(i);
    return -1;
}

Result<QVector<Alternative>> loadAlternatives(store::Database& db, std::int64_t runNo, std::int64_t recordNo) {
    DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, "chat/token", recordNo - 1, 1));
    QVector<Alternative> out;
    if (rows.empty() || rows[0].recordNo != recordNo) return out;
    DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(rows[0].block));
    const auto *ids = journal::findArray(arrays, "top_id"), *logp = journal::findArray(arrays, "top_logp");
    const auto texts = journal::textsNamed(arrays, "top_text");
    if (!ids || !logp || ids->dtype != kI32 || logp->dtype != kF32 || ids->elements() != logp->elements() ||
        texts.size() != static_cast<std::size_t>(ids->elements()))
        return out;
    for (std::size_t i = 0; i < texts.size(); ++i)
        out.append({ids->as<std::int32_t>()[i], q(texts[i]), std::exp(static_cast<double>(logp->as<float>()[i]))});
    return out;
}

Result<RenderedPrompt> loadPrompt(store::Database& db, std::int64_t runNo, int turn) {
    DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, "chat/prompt"));
    RenderedPrompt out;
    for (const auto& row : rows) {
        const Json meta = metaOf(row);
        if (turnOf(meta) != turn) continue;
        out.tokens = integerOr(meta, "tokens", 0);
        out.context = integerOr(meta, "context", 0);
        if (auto arrays = journal::decodeArrayBlock(row.block))
            if (const auto texts = journal::textsNamed(*arrays, "text"); !texts.empty()) out.text = q(texts[0]);
    }
    return out;
}

}  // namespace dubito::chat
