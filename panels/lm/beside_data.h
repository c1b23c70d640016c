// Answers of a model before and after it was taught, as a worker published them.
#pragma once

#include <QString>
#include <QVector>

#include <optional>

#include "lm/row_data.h"

namespace dubito::lmview {

struct WeighedAnswer {
    QVector<kit::TokenChip> chips;  ///< shaded by what the one who said it thought
    QVector<double> base, taught;   ///< log probability of each token, nats
    double tokensPerSecond = 0;
    double sumBase() const;
    double sumTaught() const;
};

struct Question {
    QString text;
    WeighedAnswer base, taught;
};

/// What is known of the comparisons of one training run.
struct BesideData {
    store::RunRow row;        ///< the run that was selected
    QString suggestion;       ///< a question that was taught; empty: none is known
    bool isTraining = false;  ///< it trained something
    bool hasCheckpoint = false;
    std::optional<store::RunRow> beside;  ///< the newest run that compares what it trained with its base
    QVector<Question> questions;          ///< in the order asked
    QString baseHash, taughtHash;         ///< first digits of SHA-256: the model's, and the adapter's or taught model's
    bool isAdapter = false;               ///< the second is an adapter on the first
    std::int64_t step = -1;               ///< the one that its taught model goes on at; -1: not known
    std::int64_t newestStep = -1;         ///< of the run's newest checkpoint; -1: there is none
    bool isStale() const { return step >= 0 && newestStep > step; }
};

/// @param plugins ids of plugins that compare  @param known the comparing run that was started for it; 0: look for one
Result<BesideData> loadBeside(
    store::Database& db, std::int64_t runNo, const std::vector<std::string>& plugins, std::int64_t known);

}  // namespace dubito::lmview
