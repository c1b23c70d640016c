// What records say about the model of a run: card, tensors, conversion, prompts, pieces.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include "kit/token_strip.h"
#include "store/queries.h"

namespace dubito::lmview {

struct Table {
    QStringList columns;
    QVector<QStringList> rows;
    bool isEmpty() const { return rows.isEmpty(); }
};

/// One text as a model takes it.
struct Pieces {
    qint64 step = 0;                 ///< of its record: the answer it was for, or the number of the question
    QString text;
    QVector<kit::TokenChip> chips;   ///< with the id as tool tip text elsewhere
    QVector<int> ids;
    qint64 supervised = 0, context = 0, bytes = 0;
};

struct ModelData {
    Table card, tensors, conversion;
    QVector<Pieces> prompts, questions;
    double bytesAfter = 0, worst = 0;  ///< of a conversion: its bytes, the largest relative error
    QString worstTensor;
};

/// Everything a run published about its model. Malformed records are skipped: they come from a file.
Result<ModelData> loadModel(store::Database& db, std::int64_t runNo);

}  // namespace dubito::lmview
