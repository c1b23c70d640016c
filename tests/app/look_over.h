// What is wrong with a window, as an eye and a keyboard would find it: cut, overlapping, nameless, dead, untranslated.
#pragma once

#include <QStringList>
#include <QWidget>

namespace dubito::tests {

struct LookOver {
    QString hostile;  ///< a name with mark-up in it: nowhere may it be read as such
    bool inChinese = false;
    QStringList names;  ///< what no language translates: names, units, keys; regular expressions, whole
};

/// One sentence a fault, with the way to the widget; empty: nothing.
QStringList faultsOf(QWidget& window, const LookOver& how);

/// The least contrast of the words in sight with what they stand on, and which they are. Drawn three times as large, so
/// that strokes reach their colour.
double leastContrast(QWidget& window, QString* which);
double contrastOf(const QColor& a, const QColor& b);

}  // namespace dubito::tests
