// The sentences stand here, their translations in the catalogue.
#include "kit/term.h"

#include <QCoreApplication>
#include <QWidget>

namespace dubito::kit {
namespace {

struct Term {
    const char* name;
    const char* sentence;
};

constexpr Term kTerms[] = {
    {"GGUF", QT_TRANSLATE_NOOP("Terms",
                 "One file that holds a language model: its weights, tokenizer and chat "
                 "template.")},
};

}  // namespace

QString termSentence(const QString& term) {
    for (const Term& one : kTerms)
        if (term == QLatin1String(one.name)) return QCoreApplication::translate("Terms", one.sentence);
    return {};
}

void explain(QWidget* widget, const QString& term) {
    const QString sentence = termSentence(term);
    if (sentence.isEmpty()) return;
    widget->setToolTip(widget->toolTip().isEmpty() ? sentence : sentence + QLatin1Char('\n') + widget->toolTip());
}

}  // namespace dubito::kit
