// Parameters of a stored run, ready for a new one.
#pragma once

#include <QHash>
#include <QString>

#include "host/catalogue.h"
#include "store/queries.h"

namespace dubito::app {

/// As the plugins of today call them, with files where they lie.
Result<Json> parametersOf(const host::Catalogue& catalogue, store::Database& db, std::int64_t runNo);

/// What the plugin of a run calls its parameters, by dotted key; empty: it is not installed.
QHash<QString, QString> parameterTitles(
    const host::Catalogue& catalogue, const store::RunRow& run, const std::string& language);

}  // namespace dubito::app
