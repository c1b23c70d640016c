// Tensors of a plugin as the journal keeps them.
#pragma once

#include <dubito/plugin.h>

#include <deque>
#include <vector>

#include "base/result.h"
#include "journal/record.h"

namespace dubito::host {

/// Adds values, offsets and validity of one array to `out`: row-major and compact; strided input is packed into
/// `scratch`, other data stays where it is. @error as the ABI states, naming the array
Result<void> addArray(const dubito_array* array, std::vector<journal::Array>& out, std::deque<Bytes>& scratch);

}  // namespace dubito::host
