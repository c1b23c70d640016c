// A place takes as little as it can, so that a form with two of them splits at the first mark between them.
#include "kit/said_words.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace dubito::kit {

QString saidWords(const char* context, std::span<const char* const> forms, const QString& said) {
    for (const char* sentence : forms) {
        const QString form = QRegularExpression::escape(QLatin1String(sentence))
                                 .replace(QLatin1String("\\%1"), QLatin1String("(.+?)"))
                                 .replace(QLatin1String("\\%2"), QLatin1String("(.+?)"));
        const auto match = QRegularExpression(QRegularExpression::anchoredPattern(form)).match(said);
        if (!match.hasMatch()) continue;
        QString out = QCoreApplication::translate(context, sentence);
        for (int part = match.lastCapturedIndex(); part >= 1; --part)
            out.replace(QStringLiteral("%%1").arg(part), match.captured(part));
        return out;
    }
    return said;
}

}  // namespace dubito::kit
