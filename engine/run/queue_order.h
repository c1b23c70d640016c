// What a project stores of its queue, and the queue as it can be told from the project and the job folders alone.
#pragma once

#include "run/run_queue.h"
#include "store/queries.h"
#include "store/writer.h"

namespace dubito::run {

/// The setting "queue": {"paused": bool, "order": [run id, ...]}. Runs that it does not name come after those that it
/// names, in the order in which they were made.
struct StoredQueue {
    bool isPaused = false;
    std::vector<RunId> order;
};
/// Entries that are no run ids are left out. @error as SQLite reports, CorruptData (no JSON)
Result<StoredQueue> readQueue(store::Database& db);
/// One transaction; no undoable edit, since it says what the pool does. [store]
Result<void> writeQueue(store::ProjectWriter& writer, const StoredQueue& queue);
/// In the order in which the runs get the machine.
void sortQueue(std::vector<store::RunRow>& runs, const StoredQueue& queue);

/// The queued runs and what each waits for, as a program sees it that does not own the project: it knows what runs ask
/// for, not what they use at the moment.
struct QueueView {
    bool isPaused = false;
    std::vector<store::RunRow> runs;  ///< queued ones, first to start first
    std::vector<QueuedRun> waiting;   ///< of the same length
};
Result<QueueView> viewQueue(store::Database& db, const Capacity& capacity);

}  // namespace dubito::run
