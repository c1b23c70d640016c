// Rows of training data as a worker published them: tokens with what is learned of them, and counts.
#pragma once

#include <QString>
#include <QVector>

#include <optional>

#include "kit/token_strip.h"
#include "store/queries.h"

namespace dubito::lmview {

enum class RowFault { None, NoTarget, Cut, Repeated, Shared };

struct MaskedRow {
    int number = 0;  ///< from 1
    int first = 0;   ///< the row that it repeats, or of the held-out set; 0: none
    RowFault fault = RowFault::None;
    QString set;  ///< the held-out set that it is shared with, by name; empty: the share of the data, or none
    QVector<kit::TokenChip> chips;
    QString reason() const;  ///< of the fault, one sentence; empty without one
};

struct DataRows {
    QVector<MaskedRow> rows;  ///< the first ones
    qint64 all = 0, counted = 0, held = 0, length = 0, learned = 0, noTarget = 0, cut = 0, repeated = 0, shared = 0;
    QString question;  ///< of the first conversation; empty: there is none
    std::int64_t recordNo = 0;
    double shareWithoutTarget() const { return counted > 0 ? static_cast<double>(noTarget) / double(counted) : 0; }
};

/// The newest ones behind `afterRecord`; nothing when there is none. Malformed records are skipped: they come from a
/// file.
Result<std::optional<DataRows>> loadRows(store::Database& db, std::int64_t runNo, std::int64_t afterRecord = 0);

/// A question with the answer that is taught.
struct Example {
    QString question, answer;
    bool operator==(const Example& other) const = default;
};
/// JSON lines of the form that training reads; a row without an answer has no turn of the assistant.
QByteArray linesOf(const QVector<Example>& examples);

}  // namespace dubito::lmview
