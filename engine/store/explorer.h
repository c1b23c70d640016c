// What the project explorer and the list of recent projects say: counts, saved views, artifacts, the bin. Only reads.
#pragma once

#include "store/queries.h"
#include "store/user_rows.h"

namespace dubito::store {

struct ProjectOverview {
    std::int64_t runs = 0;     ///< outside the bin, without sessions that only help to look at another
    std::int64_t deleted = 0;  ///< in the bin
    std::int64_t alive = 0, failed = 0;
    double aliveShare = -1;  ///< 0 to 1, of the alive runs that know their length; negative: none does
};
/// Walks the runs, not what they recorded. `helperPlugins` as in RunQuery.
Result<ProjectOverview> queryOverview(Database& db, const std::vector<std::string>& helperPlugins = {});

/// By title. A view whose stored body says nothing has an empty filter.
Result<std::vector<SavedView>> queryViews(Database& db);

enum class ArtifactKind { Checkpoint, Output, Blob };
struct ArtifactRow {
    ArtifactKind kind = ArtifactKind::Checkpoint;
    std::string sha256;  ///< 64 hexadecimal digits
    std::string name;    ///< folder of a checkpoint, name of an output, media type of a blob; may be empty
    std::int64_t bytes = 0, step = -1;
    std::int64_t madeBy = 0;  ///< run number; 0: not known
    std::string madeByName;
};
/// The newest first, of runs outside the bin; at most `limit` of each kind.
Result<std::vector<ArtifactRow>> queryArtifacts(Database& db, std::int64_t limit = 100);

}  // namespace dubito::store
