// Limits of a worker process: against accidents, not malice.
#pragma once

#include "base/json.h"

namespace dubito::host {

/// Core files off, descriptors and file size limited, no new privileges; without `network` no internet socket can be
/// made, whatever form of system call is used. Call once, before threads of a plugin exist. [plugin]
/// @return what is in force afterwards, as read back from the system, for the begin record
Json enterSandbox(bool network);

}  // namespace dubito::host
