// Columns are read by name and length; a table with columns of unequal length is no table.
#include "lm/model_data.h"

#include <QLocale>

#include <algorithm>

#include "base/json.h"
#include "journal/array_block.h"

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
    }
    const QStringList whole = textsOf(arrays, "text"), pieces = textsOf(arrays, "piece");
    if (!whole.isEmpty()) out.text = whole.first();
    const auto ids = numbersOf<std::int32_t>(arrays, "id", kI32);
    const auto mask = numbersOf<std::uint8_t>(arrays, "mask", kU8), special = numbersOf<std::uint8_t>(arrays, "special", kU8);
    if (ids.size() != pieces.size()) return out;
    for (int i = 0; i < pieces.size(); ++i) {
        const bool isSaid = i < mask.size() && mask[i];
        out.supervised += isSaid;
        out.ids << ids[i];
        out.chips.append({pieces[i], isSaid ? 0.4 : 1.0, false, i < special.size() && special[i] != 0});
    }
    return out;
}

}  // namespace

Result<ModelData> loadModel(store::Database& db, std::int64_t runNo) {
    ModelData out;
    const auto each = [&](const char* key, auto take) -> Result<void> {
        DUBITO_TRY(const auto rows, store::queryRecords(db, runNo, key));
        for (const auto& row : rows)
            if (auto arrays = journal::decodeArrayBlock(row.block)) take(row, std::span<const journal::Array>(*arrays));
        return {};
    };
    DUBITO_CHECK(each("model/info", [&](const store::RecordRow&, std::span<const journal::Array> arrays) { out.card = tableOf({QStringLiteral("key"), QStringLiteral("value")}, {textsOf(arrays, "key"), textsOf(arrays, "value")}); }));
    DUBITO_CHECK(each("model/tensors", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        out.tensors = tableOf({QStringLiteral("name"), QStringLiteral("type"), QStringLiteral("rows"), QStringLiteral("columns"), QStringLiteral("bytes")},
                              {textsOf(arrays, "name"), textsOf(arrays, "type"), asTexts(numbersOf<qint64>(arrays, "rows", kI64)), asTexts(numbersOf<qint64>(arrays, "columns", kI64)), asTexts(numbersOf<qint64>(arrays, "bytes", kI64))});
    }));
    DUBITO_CHECK(each("quant/tensor", [&](const store::RecordRow&, std::span<const journal::Array> arrays) {
        const auto relative = numbersOf<double>(arrays, "relative", kF64), rmse = numbersOf<double>(arrays, "rmse", kF64);
        const auto bytes = numbersOf<qint64>(arrays, "bytes", kI64);
        const QStringList names = textsOf(arrays, "name");
        QStringList relatives, rmses;
        for (int i = 0; i < relative.size(); ++i) {
            relatives << QString::number(relative[i], 'g', 4);
            if (i < names.size() && relative[i] > out.worst) out.worst = relative[i], out.worstTensor = names[i];
        }
        for (const double value : rmse) rmses << QString::number(value, 'g', 4);
        for (const qint64 value : bytes) out.bytesAfter += static_cast<double>(value);
        out.conversion = tableOf({QStringLiteral("name"), QStringLiteral("from"), QStringLiteral("to"), QStringLiteral("bytes"), QStringLiteral("rmse"), QStringLiteral("relative")}, {names, textsOf(arrays, "from"), textsOf(arrays, "to"), asTexts(bytes), rmses, relatives});
    }));
    DUBITO_CHECK(each("chat/prompt", [&](const store::RecordRow& row, std::span<const journal::Array> arrays) { out.prompts << piecesOf(row, arrays); }));
    DUBITO_CHECK(each("tok/pieces", [&](const store::RecordRow& row, std::span<const journal::Array> arrays) { out.questions << piecesOf(row, arrays); }));
    return out;
}

}  // namespace dubito::lmview
