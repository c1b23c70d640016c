// Colours of both themes and of high contrast: the one place panels, plots and the shell take them from.
#pragma once

#include <QColor>
#include <QFont>
#include <QString>

namespace dubito::kit {

enum class ThemeKind { Light, Dark, HighContrast };

struct Palette {
    QColor bg, surface, line, hover, text, sub, faint;
    QColor ring, idle;  ///< borders and dots only, never text
    QColor accent, accentBg, onAccent, good, warn, bad;
    QColor sequential[6];       ///< linear between stops
    QColor negative, positive;  ///< ends of the diverging map
};

const Palette& palette();  ///< of the theme in force. [gui]
ThemeKind themeKind();
void setThemeKind(ThemeKind kind);  ///< the shell's call; widgets repaint by the palette change that follows

/// t in [0, 1]; NaN gives the line colour (missing).
QColor sequentialColour(double t);
/// t in [-1, 1]; 0 is the surface.
QColor divergingColour(double t);
/// Text colour that reads on a background: contrast of at least 4.5 on any.
QColor textOn(const QColor& background);
/// Colour and dash of a series; the same for a run everywhere.
QColor seriesColour(std::size_t index);
Qt::PenStyle seriesDash(std::size_t index);
std::size_t seriesIndexOf(const QByteArray& runId);

QFont monoFont(double pixels = 12);
QFont captionFont();            ///< 11 px, 600, upper case
QColor stateColour(int state);  ///< of a run state
QString stateWord(int state);   ///< translated

}  // namespace dubito::kit
