// What leaves the program of a fine-tune: its curves, and what a model thought of each answer before and after.
#pragma once

#include "kit/figure.h"
#include "kit/plot_line.h"
#include "lm/beside_data.h"
#include "lm/training_data.h"

namespace dubito::lmview {

/// One chart of a run, drawn from `picture`, which may be made finer later; the points are read from the store.
kit::Figure chartFigure(
    const TrainingData& data, int chart, const QString& title, std::shared_ptr<kit::PlotPicture> picture);

/// Both answers to one question, token by token. `runNo`: the run that asked.
kit::Figure questionFigure(const Question& question, int number, qint64 runNo);

}  // namespace dubito::lmview
