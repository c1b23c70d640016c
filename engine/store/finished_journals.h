// Which journals are wholly in the project, so that their files may go.
#pragma once

#include <string>
#include <vector>

#include "store/writer.h"

namespace dubito::store {

struct FinishedJournals {
    std::int64_t runNo = 0;
    std::string jobDir;
};
/// Runs in a final state that ended before `beforeUs`, all of whose journals were read to the end without a gap, and
/// that were not named to forgetJournals() yet; at most `limit`.
Result<std::vector<FinishedJournals>> queryFinishedJournals(Database& db, std::int64_t beforeUs, int limit);
/// Notes that the files are gone. Outside a batch.
Result<void> forgetJournals(ProjectWriter& writer, const std::vector<FinishedJournals>& runs);

}  // namespace dubito::store
