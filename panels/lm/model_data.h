// What records say about the model of a run: card, tensors, conversion, prompts, pieces.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

#include "kit/token_strip.h"
#include "stats/paired.h"
#include "store/queries.h"

namespace dubito::lmview {

struct Table {
    QStringList columns;
    QVector<QStringList> rows;
    bool isEmpty() const { return rows.isEmpty(); }
};

/// One text as a model takes it.
struct Pieces {
    QString name;     ///< of a tokenizer compared with; empty: the run's own
    qint64 step = 0;  ///< of its record: the answer it was for, or the number of the question
    QString text;
    QVector<kit::TokenChip> chips;  ///< with the id as tool tip text elsewhere
    QVector<int> ids, ends;         ///< ends: bytes up to and with each piece
    qint64 supervised = 0, context = 0, bytes = 0;
};

/// One element type of a quantisation lab.
struct LabRow {
    QString type;
    double bytes = 0, bits = 0, relative = 0, nll = 0, perplexity = 0, kl = 0, klMax = 0, top1 = 0;
};

struct ModelData {
    Table card, account, tensors, conversion, lab, tasks, items;
    QVector<LabRow> labRows;
    QVector<Pieces> prompts, questions, against;
    double bytesAfter = 0, worst = 0;  ///< of a conversion: its bytes, the largest relative error
    QString worstTensor;
    std::optional<std::pair<QString, stats::PairedComparison>>
        comparison;  ///< a second run's name and what it changes on the same items
    bool isEmpty() const { return card.isEmpty() && questions.isEmpty(); }
};

/// Byte offsets where exactly one of two tokenisations of the same text cuts; empty when one of them does not spell all
/// of it.
QVector<int> differingCuts(const Pieces& a, const Pieces& b);

/// Everything a run published about its model. Malformed records are skipped: they come from a file.
/// @param otherRun a second run whose scores are compared on shared items; 0: none
Result<ModelData> loadModel(store::Database& db, std::int64_t runNo, std::int64_t otherRun = 0);

}  // namespace dubito::lmview
