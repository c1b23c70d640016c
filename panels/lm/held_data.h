// What a fine-tune thinks of each held-out item at its checkpoints, as the worker published it.
#pragma once

#include <QString>
#include <QVector>

#include <map>

#include "kit/panel_context.h"
#include "store/queries.h"

namespace dubito::lmview {

struct HeldValue {
    int row = 0;      ///< of the set, from 1
    double nats = 0;  ///< a token of the right answer
    int tokens = 0;
    QString question, answer;
    QVector<int> ids;
    int answerFrom = 0;
};
struct HeldRecord {
    QString set;  ///< empty: the share of the training data
    qint64 step = 0;
    QVector<HeldValue> items;
};
struct HeldRun {
    store::RunRow row;
    QVector<HeldRecord> records;        ///< in the order published; a step published twice counts once, the later
    std::map<qint64, QString> folders;  ///< step -> checkpoint that is still there
};
/// Malformed records are skipped: they come from a file.
Result<HeldRun> loadHeld(store::Database& db, std::int64_t runNo);

enum class HeldOrder { Worst, Best, Changed };
struct HeldLine {
    HeldValue now;
    double base = 0, change = 0;  ///< nats before the first step; now less base. NaN: not known
};
/// Items of a set at a step, in order; Changed puts the largest change, up or down, first.
QVector<HeldLine> heldLines(const HeldRun& run, const QString& set, qint64 step, HeldOrder order);

}  // namespace dubito::lmview
