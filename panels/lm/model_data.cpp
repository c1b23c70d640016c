// Columns are read by name and length; a table with columns of unequal length is no table.
#include "lm/model_data.h"

#include <QLocale>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/json.h"
#include "journal/array_block.h"
#include "kit/model_name.h"
#include "store/evaluations.h"

namespace dubito::lmview {
namespace {

QString q(const std::string& text) { return QString::fromUtf8(text.data(), static_cast<int>(text.size())); }

QStringList textsOf(std::span<const journal::Array> arrays, std::string_view name) {
    QStringList out;
    for (const auto& text : journal::textsNamed(arrays, name)) out << q(text);
    return out;
}

template <class T>
QVector<T> numbersOf(std::span<const journal::Array> arrays, std::string_view name, DType dtype) {
    const auto* values = journal::findArray(arrays, name);
    if (!values || !(values->dtype == dtype)) return {};
    const auto span = values->template as<T>();
    return QVector<T>(span.begin(), span.end());
}

QString grouped(qint64 value) { return QLocale::c().toString(value); }

Table tableOf(const QStringList& names, const QVector<QStringList>& columns) {
    Table out;
    if (columns.isEmpty() || columns[0].isEmpty()) return out;
    for (const auto& column : columns)
        if (column.size() != columns[0].size()) return out;
    out.columns = names;
    for (int row = 0; row < columns[0].size(); ++row) {
        QStringList cells;
        for (const auto& column : columns) cells << column[row];
        out.rows << cells;
    }
    return out;
}

QStringList asTexts(const QVector<qint64>& values) {
    QStringList out;
    for (const qint64 value : values) out << grouped(value);
    return out;
}

Pieces piecesOf(const store::RecordRow& row, std::span<const journal::Array> arrays) {
    Pieces out;
    out.step = row.step;
    if (auto meta = parseJson(row.metaJson)) {
        out.context = integerOr(*meta, "context", 0);
        out.bytes = integerOr(*meta, "bytes", 0);
        out.name = q(textOr(*meta, "name", ""));
    }
    const QStringList whole = textsOf(arrays, "text"), pieces = textsOf(arrays, "piece");
    if (!whole.isEmpty()) out.text = whole.first();
    const auto ids = numbersOf<std::int32_t>(arrays, "id", kI32);
    const auto mask = numbersOf<std::uint8_t>(arrays, "mask", kU8),
               special = numbersOf<std::uint8_t>(arrays, "special", kU8);
    const auto ends = numbersOf<std::int32_t>(arrays, "end", kI32);
    if (ids.size() != pieces.size()) return out;
    if (ends.size() == ids.size()) out.ends = QVector<int>(ends.begin(), ends.end());
    for (int i = 0; i < pieces.size(); ++i) {
        const bool isSaid = i < mask.size() && mask[i];
        out.supervised += isSaid;
        out.ids << ids[i];
        out.chips.append({pieces[i], isSaid ? 0.4 : 1.0, false, i < special.size() && special[i] != 0});
    }
    return out;
}

LabRow labRowOf(std::span<const journal::Array> arrays) {
    LabRow out;
    const QStringList type = textsOf(arrays, "type");
    const auto bytes = numbersOf<qint64>(arrays, "bytes", kI64);
    if (type.size() != 1 || bytes.size() != 1) return out;
    out.type = type[0];
    out.bytes = static_cast<double>(bytes[0]);
    const auto one = [&](const char* name, double& to) {
        if (const auto values = numbersOf<double>(arrays, name, kF64); values.size() == 1) to = values[0];
    };
    one("bits", out.bits), one("relative", out.relative), one("nll", out.nll), one("perplexity", out.perplexity),
        one("kl", out.kl), one("kl_max", out.klMax), one("top1", out.top1);
    return out;
}

Table tableOf(const QVector<LabRow>& rows) {
    Table out;
    out.columns = {QStringLiteral("type"), QStringLiteral("MiB"), QStringLiteral("bits a weight"),
        QStringLiteral("relative error"), QStringLiteral("nats a token"), QStringLiteral("perplexity"),
        QStringLiteral("KL, nats"), QStringLiteral("largest KL"), QStringLiteral("same first token")};
    for (const LabRow& row : rows)
        out.rows << QStringList{row.type, QString::number(row.bytes / 1048576, 'f', 1),
            QString::number(row.bits, 'f', 2), QString::number(row.relative, 'g', 3), QString::number(row.nll, 'f', 4),
            QString::number(row.perplexity, 'f', 3), QString::number(row.kl, 'g', 3),
            QString::number(row.klMax, 'g', 3), QString::number(100 * row.top1, 'f', 1) + QStringLiteral(" %")};
    return out;
}

/// Accuracy a task with its Wilson interval, and each item.
void takeItems(ModelData& out, const std::vector<store::EvaluationItem>& items) {
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> tasks;
    out.items.columns = {QStringLiteral("item"), QStringLiteral("task"), QStringLiteral("right"),
        QStringLiteral("margin, nats"), QStringLiteral("answer")};
    for (const auto& item : items) {
        if (!item.failure.empty()) {
            out.items.rows << QStringList{q(item.id), q(item.task), QStringLiteral("failed"), QStringLiteral("-"),
                q(item.failure).simplified().left(400)};
            continue;
        }
        auto& [right, all] = tasks[item.task];
        right += item.isCorrect;
        ++all;
        out.items.rows << QStringList{q(item.id), q(item.task),
            item.isCorrect ? QStringLiteral("yes") : QStringLiteral("no"), QString::number(item.margin, 'f', 3),
            q(item.answer).simplified().left(400)};
    }
    out.tasks.columns = {QStringLiteral("task"), QStringLiteral("right"), QStringLiteral("of"),
        QStringLiteral("accuracy"), QStringLiteral("95 % low"), QStringLiteral("95 % high")};
    for (const auto& [task, counts] : tasks) {
        const auto share = stats::wilson(counts.first, counts.second);
        out.tasks.rows << QStringList{q(task), grouped(counts.first), grouped(counts.second),
            QString::number(share.estimate, 'f', 4), QString::number(share.low, 'f', 4),
            QString::number(share.high, 'f', 4)};
    }
}

std::vector<stats::ScoredItem> scoresOf(const std::vector<store::EvaluationItem>& items) {
    std::vector<stats::ScoredItem> out;
    for (const auto& item : items)
        if (item.failure.empty()) out.push_back({item.task + "\n" + item.id, item.group, item.isCorrect ? 1.0 : 0.0});
    return out;
}

/// A model has one name wherever it is named; what its metadata say of it stays in sight.
void nameCard(Table& card, const QString& file) {
    for (qsizetype at = 0; at < card.rows.size(); ++at) {
        QStringList& row = card.rows[at];
        if (row.size() < 2 || row[0] != QLatin1String("name")) continue;
        const QString said = std::exchange(row[1], kit::modelName(row[1], file));
        if (said != row[1]) card.rows.insert(at + 1, {QStringLiteral("name in its metadata"), said});
        return;
    }
}

}  // namespace

QVector<int> differingCuts(const Pieces& a, const Pieces& b) {
    QVector<int> out;
    if (a.ends.isEmpty() || b.ends.isEmpty() || a.ends.last() != b.ends.last()) return out;
    std::set_symmetric_difference(a.ends.begin(), a.ends.end(), b.ends.begin(), b.ends.end(), std::back_inserter(out));
    return out;
}

Result<ModelData> loadModel(store::Database& db, std::int64_t runNo, std::int64_t otherRun) {
    ModelData out;
    const auto each = [&](const char* key, auto take) -> Result<void> {
        DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, key));
        for (const auto& row : rows)
            if (auto arrays = journal::decodeArrayBlock(row.block)) take(row, std::span<const journal::Array>(*arrays));
        return {};
    };
    DUBITO_CHECK(each("model/info", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        out.card = tableOf(
            {QStringLiteral("key"), QStringLiteral("value")}, {textsOf(arrays, "key"), textsOf(arrays, "value")});
    }));
    DUBITO_CHECK(each("model/account", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        out.account = tableOf({QStringLiteral("read"), QStringLiteral("key or tensor"), QStringLiteral("reason")},
            {textsOf(arrays, "fate"), textsOf(arrays, "what"), textsOf(arrays, "why")});
    }));
    nameCard(out.card, kit::modelFileOf(db, runNo));
    DUBITO_CHECK(each("model/tensors", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        out.tensors = tableOf({QStringLiteral("name"), QStringLiteral("type"), QStringLiteral("rows"),
                                  QStringLiteral("columns"), QStringLiteral("bytes")},
            {textsOf(arrays, "name"), textsOf(arrays, "type"), asTexts(numbersOf<qint64>(arrays, "rows", kI64)),
                asTexts(numbersOf<qint64>(arrays, "columns", kI64)),
                asTexts(numbersOf<qint64>(arrays, "bytes", kI64))});
    }));
    DUBITO_CHECK(each("quant/tensor", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        const auto relative = numbersOf<double>(arrays, "relative", kF64),
                   rmse = numbersOf<double>(arrays, "rmse", kF64);
        const auto bytes = numbersOf<qint64>(arrays, "bytes", kI64);
        const QStringList names = textsOf(arrays, "name");
        QStringList relatives, rmses;
        for (int i = 0; i < relative.size(); ++i) {
            relatives << QString::number(relative[i], 'g', 4);
            if (i < names.size() && relative[i] > out.worst) out.worst = relative[i], out.worstTensor = names[i];
        }
        for (const double value : rmse) rmses << QString::number(value, 'g', 4);
        for (const qint64 value : bytes) out.bytesAfter += static_cast<double>(value);
        out.conversion = tableOf({QStringLiteral("name"), QStringLiteral("from"), QStringLiteral("to"),
                                     QStringLiteral("bytes"), QStringLiteral("rmse"), QStringLiteral("relative")},
            {names, textsOf(arrays, "from"), textsOf(arrays, "to"), asTexts(bytes), rmses, relatives});
    }));
    DUBITO_CHECK(each("chat/prompt", [&](const store::RecordRow& row, std::span<const journal::Array> arrays) {
        out.prompts << piecesOf(row, arrays);
    }));
    DUBITO_CHECK(each("tok/pieces", [&](const store::RecordRow& row, std::span<const journal::Array> arrays) {
        out.questions << piecesOf(row, arrays);
    }));
    DUBITO_CHECK(each("tok/against", [&](const store::RecordRow& row, std::span<const journal::Array> arrays) {
        out.against << piecesOf(row, arrays);
    }));
    DUBITO_CHECK(each("quant/lab", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        if (const LabRow row = labRowOf(arrays); !row.type.isEmpty()) out.labRows << row;
    }));
    out.lab = tableOf(out.labRows);
    DUBITO_TRY(const auto items, store::queryEvaluationItems(db, runNo));
    if (!items.empty()) takeItems(out, items);
    if (otherRun && !items.empty()) {
        DUBITO_TRY(const auto others, store::queryEvaluationItems(db, otherRun));
        DUBITO_TRY(const auto row, store::findRun(db, otherRun));
        const auto paired = stats::comparePaired(scoresOf(items), scoresOf(others), 1);
        if (paired.shared > 0 && row) out.comparison.emplace(q(row->name()), paired);
    }
    return out;
}

}  // namespace dubito::lmview
