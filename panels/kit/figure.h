// A figure of a panel as something of its own: drawn anew from its data at any size, and the data themselves.
#pragma once

#include <QSizeF>
#include <QString>
#include <QStringList>
#include <functional>

#include "base/result.h"

class QPainter;

namespace dubito::store {
class Database;
}

namespace dubito::kit {

/// [gui], but for writeCsv. What is exported: nothing of the window around it.
struct Figure {
    QString id;                ///< unique in its panel: "train/loss"; the file's name is made of it
    QString title;             ///< what is drawn
    QStringList caption;       ///< lines below: run names, n, unit, smoothing, seeds; plain text
    QSizeF size = {640, 360};  ///< logical pixels without title and caption, as a proposal
    /// Draws axes with units, legend and data into (0, 0, size), always in the light palette, with vectors where the
    /// device has them. Resolution follows the size that is asked for, not the screen's.
    std::function<void(QPainter& painter, QSizeF size)> draw;
    /// Writes the points themselves, not what the screen reduced them to, one row each with run, key and unit, through
    /// `write` in pieces of some kilobytes. Runs on a reader's thread; captures no widget. Empty: no data of its own.
    std::function<Result<void>(store::Database& database, const std::function<Result<void>(const QString&)>& write)>
        writeCsv;
};

}  // namespace dubito::kit
