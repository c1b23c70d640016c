// One array as a file that NumPy opens: format 1.0 of numpy.lib.format, little-endian, row-major.
#pragma once

#include "base/result.h"
#include "journal/record.h"

namespace dubito::cli {

/// Magic, lengths and the description, up to where the data begin. @error Unsupported (an element type NumPy lacks)
Result<std::string> npyHead(const journal::Array& array);

}  // namespace dubito::cli
