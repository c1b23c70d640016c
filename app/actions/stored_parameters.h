// Parameters of a stored run, ready for a new one.
#pragma once

#include "host/catalogue.h"
#include "store/queries.h"

namespace dubito::app {

/// As the plugins of today call them, with files where they lie.
Result<Json> parametersOf(const host::Catalogue& catalogue, store::Database& db, std::int64_t runNo);

}  // namespace dubito::app
