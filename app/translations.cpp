// Catalogues are compiled into the program; Qt's comes from the system when it is there.
#include "translations.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace dubito::app {

std::string languageCode() { return QLocale().language() == QLocale::Chinese ? "zh_CN" : "en"; }

void installTranslations(const QString& code) {
    const QString language = code == QLatin1String("zh_CN") ? code : QStringLiteral("en");
    QLocale::setDefault(QLocale(
        language == QLatin1String("en") ? QLocale(QLocale::English) : QLocale(QLocale::Chinese, QLocale::China)));
    static QTranslator own, system;
    QCoreApplication::removeTranslator(&own);
    QCoreApplication::removeTranslator(&system);
    if (own.load(QStringLiteral(":/translations/dubito_%1.qm").arg(language)))
        QCoreApplication::installTranslator(&own);
    if (language != QLatin1String("en") &&
        system.load(QStringLiteral("qtbase_") + language, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&system);
}

}  // namespace dubito::app
