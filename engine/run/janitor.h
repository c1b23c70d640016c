// What may be forgotten: journals whose rows are safely in the project, and the folders of runs that are gone for good.
#pragma once

#include "store/writer.h"

namespace dubito::run {

struct Tidied {
    int runs = 0;  ///< that tidy() looked at (0: nothing is left to do), or that emptyBin() removed
    int journals = 0, folders = 0;
    std::uint64_t bytes = 0;
};

/// Removes journal segments of runs that ended at least keepDays ago, were read to the end without a gap, and whose
/// rows are merged into the main file; some hundred runs a call. Spec, checkpoints, artifacts and crash notes stay.
/// [store], outside a batch
Result<Tidied> tidy(store::ProjectWriter& writer, int keepDays);

/// Removes the runs in the bin for good, with their job folders. Irreversible. [store], outside a batch
/// @error Refused when a report uses one of them
Result<Tidied> emptyBin(store::ProjectWriter& writer);

}  // namespace dubito::run
