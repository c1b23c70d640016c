// How long a run will still take, for status bars, cards and panels alike.
#pragma once

#include "store/queries.h"

namespace dubito::store {

/// µs that a live run still takes at the pace of its present attempt; empty: nobody works on it, its plugin named no
/// total, or the attempt has not finished three units of work so far.
Result<std::optional<std::int64_t>> queryRemainingUs(Database& db, const RunRow& run, std::int64_t nowUs);

}  // namespace dubito::store
