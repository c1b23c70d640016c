// The JSON value behind the opaque dubito_doc.
#pragma once

#include <dubito/host.h>

#include "base/json.h"

namespace dubito::host {

/// Not changed while a plugin may read it: any number of threads read at once.
struct Document {
    Json value;
    const dubito_doc* handle() const { return reinterpret_cast<const dubito_doc*>(this); }
};

}  // namespace dubito::host
