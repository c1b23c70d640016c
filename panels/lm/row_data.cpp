// One record holds all rows of one edition, so that counts and tokens always belong together.
#include "lm/row_data.h"

#include <QCoreApplication>
#include <QLocale>

#include "base/json.h"
#include "journal/array_block.h"

namespace dubito::lmview {
namespace {

std::optional<DataRows> rowsOf(const store::RecordRow& record) {
    const auto arrays = journal::decodeArrayBlock(record.block);
    const auto meta = parseJson(record.metaJson);
    if (!arrays || !meta || !journal::findArray(*arrays, "row")) return std::nullopt;
    const auto row = journal::numbersNamed<std::int32_t>(*arrays, "row", kI32),
               tokens = journal::numbersNamed<std::int32_t>(*arrays, "tokens", kI32),
               first = journal::numbersNamed<std::int32_t>(*arrays, "first", kI32);
    const auto why = journal::numbersNamed<std::uint8_t>(*arrays, "why", kU8),
               mask = journal::numbersNamed<std::uint8_t>(*arrays, "mask", kU8),
               special = journal::numbersNamed<std::uint8_t>(*arrays, "special", kU8);
    const auto set = journal::numbersNamed<std::uint8_t>(*arrays, "set", kU8);
    const Json& names = memberOf(*meta, "sets");
    const std::vector<std::string> pieces = journal::textsNamed(*arrays, "piece");
    if (tokens.size() != row.size() || first.size() != row.size() || why.size() != row.size()) return std::nullopt;
    if (mask.size() != pieces.size() || special.size() != pieces.size()) return std::nullopt;
    DataRows out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (tokens[i] < 0 || static_cast<std::size_t>(tokens[i]) > pieces.size() - at) return std::nullopt;
        MaskedRow one{row[i], first[i], why[i] <= 4 ? static_cast<RowFault>(why[i]) : RowFault::None, {}, {}};
        if (i < set.size() && set[i] < names.size() && names[set[i]].is_string() && one.fault == RowFault::Shared)
            one.set = QString::fromStdString(names[set[i]].get<std::string>());
        for (const std::size_t end = at + static_cast<std::size_t>(tokens[i]); at < end; ++at) {
            kit::TokenChip chip;
            chip.text = QString::fromStdString(pieces[at]);
            chip.isSpecial = special[at] != 0;
            chip.mask = mask[at] == 1   ? kit::TokenMask::Learned
                        : mask[at] == 2 ? kit::TokenMask::Cut
                                        : kit::TokenMask::Read;
            one.chips.append(chip);
        }
        out.rows.append(std::move(one));
    }
    const auto count = [&](const char* key) { return std::max<std::int64_t>(0, integerOr(*meta, key, 0)); };
    out.all = count("rows"), out.counted = count("counted"), out.held = count("held"), out.length = count("length");
    out.learned = count("learned"), out.noTarget = count("no_target"), out.cut = count("cut");
    out.repeated = count("repeated"), out.shared = count("shared");
    out.question = QString::fromStdString(textOr(*meta, "question", ""));
    out.recordNo = record.recordNo;
    return out;
}

}  // namespace

QString MaskedRow::reason() const {
    const auto words = [](const char* text) { return QCoreApplication::translate("DataPanel", text); };
    switch (fault) {
        case RowFault::NoTarget:
            return words(QT_TRANSLATE_NOOP("DataPanel", "no target: nothing is learned from this row"));
        case RowFault::Cut: {
            qint64 cut = 0;
            for (const auto& chip : chips) cut += chip.mask == kit::TokenMask::Cut;
            if (cut == chips.size())
                return words(QT_TRANSLATE_NOOP("DataPanel", "longer than a row: all of it is left out"));
            return words(QT_TRANSLATE_NOOP("DataPanel", "longer than a row: %1 of %2 tokens are cut off"))
                .arg(cut)
                .arg(chips.size());
        }
        case RowFault::Repeated:
            return words(QT_TRANSLATE_NOOP("DataPanel", "repeated: the same as row %1")).arg(first);
        case RowFault::Shared:
            if (first <= 0 && set.isEmpty())
                return words(QT_TRANSLATE_NOOP("DataPanel", "shared with the held-out rows: their loss says less"));
            if (set.isEmpty())
                return words(QT_TRANSLATE_NOOP("DataPanel", "shared with row %1 of the held-out rows")).arg(first);
            return words(QT_TRANSLATE_NOOP("DataPanel", "shared with held-out %1, row %2")).arg(set).arg(first);
        case RowFault::None: break;
    }
    return {};
}

Result<std::optional<DataRows>> loadRows(store::Database& db, std::int64_t runNo, std::int64_t afterRecord) {
    std::optional<DataRows> newest;
    constexpr std::int64_t kAtATime = 8;
    for (std::int64_t after = afterRecord;;) {
        DUBITO_TRY(const auto records, store::queryRecords(db, runNo, "data/rows", after, kAtATime));
        for (const auto& record : records) {
            if (auto rows = rowsOf(record)) newest = std::move(rows);
            after = record.recordNo;
        }
        if (static_cast<std::int64_t>(records.size()) < kAtATime) break;
    }
    return newest;
}

QByteArray linesOf(const QVector<Example>& examples) {
    QByteArray out;
    for (const Example& example : examples) {
        const std::string question = example.question.trimmed().toStdString();
        const std::string answer = example.answer.trimmed().toStdString();
        if (question.empty() && answer.empty()) continue;
        Json turns = Json::array({{{"role", "user"}, {"content", question}}});
        if (!answer.empty()) turns.push_back({{"role", "assistant"}, {"content", answer}});
        out += QByteArray::fromStdString(jsonText({{"messages", turns}})) + '\n';
    }
    return out;
}

}  // namespace dubito::lmview
