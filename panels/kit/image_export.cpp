// Widgets paint themselves into whatever device is asked for, so vectors stay vectors.
#include "kit/image_export.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPdfWriter>
#include <QPixmap>
#include <QSvgGenerator>
#include <QWidget>

namespace dubito::kit {

bool exportWidget(QWidget* widget, const QString& path, QString* error) {
    const QString suffix = path.section(QLatin1Char('.'), -1).toLower();
    const auto fail = [&](const QString& text) {
        *error = text;
        return false;
    };
    const QString cannot = QCoreApplication::translate("ImageExport", "The file could not be written: %1").arg(path);
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setFileName(path);
        svg.setSize(widget->size());
        svg.setViewBox(widget->rect());
        QPainter painter;
        if (!painter.begin(&svg)) return fail(cannot);
        widget->render(&painter);
        return true;
    }
    if (suffix == QLatin1String("pdf")) {
        QPdfWriter pdf(path);
        pdf.setPageSize(QPageSize(QSizeF(widget->width(), widget->height()) * 72.0 / 96.0, QPageSize::Point));
        pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
        pdf.setResolution(96);
        QPainter painter;
        if (!painter.begin(&pdf)) return fail(cannot);
        widget->render(&painter);
        return true;
    }
    if (suffix != QLatin1String("png"))
        return fail(QCoreApplication::translate("ImageExport", "Pictures are written as PNG, SVG or PDF."));
    QPixmap pixmap(widget->size() * 2);
    pixmap.setDevicePixelRatio(2);
    widget->render(&pixmap);
    return pixmap.save(path, "PNG") || fail(cannot);
}

}  // namespace dubito::kit
