// The bin: runs that the user deleted, until it is emptied. The one act that cannot be taken back.
#pragma once

#include <vector>

#include "store/writer.h"

namespace dubito::store {

/// Deletes every run that is in the bin with its points, records, logs and the blobs and specs that nothing else uses,
/// in one transaction; edits of such runs leave the history. Files outside the project are the caller's, who gets the
/// ids. Not inside a batch. [store]
/// @error Refused when a report uses a run of the bin, naming both; WrongState when a run of it has not ended
Result<std::vector<RunId>> emptyBin(ProjectWriter& writer);

}  // namespace dubito::store
