// Limits of a worker process: against accidents, not malice.
#pragma once

#include "base/json.h"

namespace dubito::host {

/// Core files off, descriptors, stack and file size limited, no new privileges; without `network` no internet socket can be
/// made. @return what is in force, for the begin record
Json enterSandbox(bool network);

}  // namespace dubito::host
