// Terms of art in one sentence: what a hand that rests on a word is told.
#pragma once

#include <QString>

class QWidget;

namespace dubito::kit {

/// The card of a term ("logit lens", "GGUF", "KL"), in the language of the window; empty: it is not known.
QString termSentence(const QString& term);
/// The term of the list that stands in an English title ("LoRA rank", "Held out"): the longest, then the first one.
/// Empty: none.
QString termIn(const QString& title);
/// Shows the card when the pointer rests on the widget or F1 is pressed in it; marks the widget's word so that one sees
/// it. A tool tip that the widget has already stays below it.
void explain(QWidget* widget, const QString& term);

}  // namespace dubito::kit
