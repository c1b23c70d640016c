// Figures as files: pages with title and caption, always light, as pixels or vectors; and their points as text.
#pragma once

#include <QByteArray>
#include <QImage>
#include <QVector>
#include <atomic>
#include <functional>

#include "base/files.h"
#include "kit/data_twin.h"
#include "kit/figure.h"

namespace dubito::kit {

/// One page: the figure at this size, and around it what belongs to it. All sizes in logical pixels, 96 an inch.
struct FigurePage {
    const Figure* figure = nullptr;
    QSizeF plot;                         ///< of the figure without title and caption
    QSizeF size() const;                 ///< of all
    static double sides();               ///< what a page is wider than its plot
    void draw(QPainter& painter) const;  ///< [gui], at (0, 0); in the light palette whatever the theme is
};

/// [gui]. Pixels as wide as the page is at `dotsPerInch`; null: larger than memory can hold.
QImage figureImage(const FigurePage& page, double dotsPerInch);
QByteArray figureSvg(const FigurePage& page);                                   ///< [gui]
QByteArray figuresPdf(const QVector<FigurePage>& pages, const QString& title);  ///< [gui]; a page each, fonts within

/// The points of a figure, into a file that is whole or not there. `told` hears the bytes written so far. Reader's
/// thread. @error as the figure; Io; Cancelled once `cancelled` is true
Result<void> writeFigureCsv(const Figure& figure, store::Database& database, const fs::path& path,
    const std::atomic<bool>& cancelled, const std::function<void(std::uint64_t)>& told);

/// What a panel without figures of its own exports: a picture of it without bars, fields and buttons, and its table.
Figure pictureOf(QWidget* widget, const QString& id, const DataTable& table);

/// A word for a file's name out of any text: letters, digits and dashes, not too long; empty when none is left.
QString fileWord(const QString& text);

}  // namespace dubito::kit
