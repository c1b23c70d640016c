#include "lm/held_data.h"

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "base/json.h"
#include "journal/array_block.h"

namespace dubito::lmview {
namespace {

std::optional<HeldRecord> recordOf(const store::RecordRow& record) {
    const auto arrays = journal::decodeArrayBlock(record.block);
    const auto meta = parseJson(record.metaJson);
    if (!arrays || !meta) return std::nullopt;
    const auto rows = journal::numbersNamed<std::int32_t>(*arrays, "row", kI32),
               tokens = journal::numbersNamed<std::int32_t>(*arrays, "tokens", kI32),
               lengths = journal::numbersNamed<std::int32_t>(*arrays, "length", kI32),
               from = journal::numbersNamed<std::int32_t>(*arrays, "answer_from", kI32),
               ids = journal::numbersNamed<std::int32_t>(*arrays, "id", kI32);
    const auto nats = journal::numbersNamed<double>(*arrays, "nats", kF64);
    const auto questions = journal::textsNamed(*arrays, "question"), answers = journal::textsNamed(*arrays, "answer");
    const std::size_t n = rows.size();
    if (n == 0 || !memberOf(*meta, "set").is_string()) return std::nullopt;
    for (const std::size_t size :
        {tokens.size(), lengths.size(), from.size(), nats.size(), questions.size(), answers.size()})
        if (size != n) return std::nullopt;
    HeldRecord out;
    out.set = QString::fromStdString(textOr(*meta, "set", ""));
    out.step = record.step;
    std::size_t at = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (lengths[i] < 0 || static_cast<std::size_t>(lengths[i]) > ids.size() - at) return std::nullopt;
        const auto part = ids.subspan(at, static_cast<std::size_t>(lengths[i]));
        at += part.size();
        out.items.append({rows[i], nats[i], tokens[i], QString::fromStdString(questions[i]),
            QString::fromStdString(answers[i]), QVector<int>(part.begin(), part.end()), from[i]});
    }
    return out;
}

const HeldRecord* recordAt(const HeldRun& run, const QString& set, qint64 step) {
    const auto found = std::find_if(run.records.begin(), run.records.end(),
        [&](const HeldRecord& one) { return one.set == set && one.step == step; });
    return found == run.records.end() ? nullptr : &*found;
}

}  // namespace

Result<HeldRun> loadHeld(store::Database& db, std::int64_t runNo) {
    constexpr std::int64_t kMostRecords = 600;
    HeldRun out;
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (!row) return Error(Code::NotFound, "the run is gone");
    out.row = *row;
    DUBITO_TRY(const auto records, store::queryRecords(db, runNo, "eval/heldout", 0, kMostRecords));
    for (const auto& record : records) {
        auto one = recordOf(record);
        if (!one) continue;
        const auto same = std::find_if(out.records.begin(), out.records.end(),
            [&](const HeldRecord& other) { return other.set == one->set && other.step == one->step; });
        if (same == out.records.end()) out.records.append(*std::move(one));
        else *same = *std::move(one);
    }
    DUBITO_TRY(const auto checkpoints, store::queryCheckpoints(db, runNo));
    std::error_code error;
    for (const auto& one : checkpoints)  // named by the step that comes next
        if (fs::exists(one.folder, error)) out.folders[one.step - 1] = QString::fromStdString(one.folder);
    return out;
}

QVector<HeldLine> heldLines(const HeldRun& run, const QString& set, qint64 step, HeldOrder order) {
    QVector<HeldLine> out;
    const HeldRecord* now = recordAt(run, set, step);
    const HeldRecord* base = recordAt(run, set, 0);
    if (!now) return out;
    for (const HeldValue& one : now->items) {
        HeldLine line{one, std::nan(""), std::nan("")};
        if (base)
            for (const HeldValue& before : base->items)
                if (before.row == one.row) line.base = before.nats, line.change = one.nats - before.nats;
        out.append(line);
    }
    std::stable_sort(out.begin(), out.end(), [order](const HeldLine& a, const HeldLine& b) {
        if (order == HeldOrder::Changed && std::isfinite(a.change) && std::isfinite(b.change))
            return std::abs(a.change) > std::abs(b.change);
        return order == HeldOrder::Best ? a.now.nats < b.now.nats : a.now.nats > b.now.nats;
    });
    return out;
}

}  // namespace dubito::lmview
