// Widgets that paint a list themselves, said to assistive tools part by part.
#pragma once

#include <QRect>
#include <QString>

class QWidget;

namespace dubito::kit {

/// A painted list: tokens of a strip, rows of bars. Whoever derives from it and QWidget calls `speakParts` once.
class Parts {
public:
    virtual ~Parts() = default;
    virtual int partCount() const = 0;
    virtual QString partName(int at) const = 0;  ///< what stands there
    virtual QString partSaid(int at) const = 0;  ///< more of it: place, probability
    virtual QRect partBox(int at) const = 0;     ///< in the widget
    virtual int currentPart() const = 0;         ///< -1: none
    virtual QString partDeed(int at) const = 0;  ///< the word for what a press does; empty: it cannot be pressed
    virtual QString partsName() const = 0;       ///< of the whole where the widget has no name of its own
    virtual void goToPart(int at) = 0;           ///< as an arrow key does
    virtual void pressPart(int at) = 0;          ///< as a press on it does
};

/// Lists the parts of such widgets, and the menus of tool buttons, among the children that assistive tools see.
/// Calling it again does nothing.
void speakParts();
/// The current part has changed: said when the widget has the focus.
void sayCurrentPart(QWidget* widget, int at);

}  // namespace dubito::kit
