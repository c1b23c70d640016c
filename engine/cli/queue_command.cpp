// queue: the runs that wait for the machine.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "run/queue_order.h"
#include "store/opener.h"

namespace dubito::cli {
namespace {

struct QueueOptions {
    std::string file, what = "list", run;
    std::int64_t position = -1;
};

Result<void> list(const Context& context, const std::string& file) {
    DUBITO_TRY(auto db, store::openReadOnly(file));
    DUBITO_TRY(const run::QueueView view, run::viewQueue(*db, run::machineCapacity()));
    DUBITO_TRY(auto meta, store::queryMeta(*db));
    Table table{{"position", "run", "name", "threads", "memory_mib", "gpus", "waits_for"}, {}};
    for (std::size_t i = 0; i < view.runs.size(); ++i) {
        const run::QueuedRun& waiting = view.waiting[i];
        table.rows.push_back({static_cast<std::int64_t>(i + 1), waiting.runNo, view.runs[i].name(),
            std::int64_t{waiting.demand.threads}, waiting.demand.memoryBytes >> 20, std::int64_t{waiting.demand.gpus},
            waiting.waitsFor.empty() ? "nothing: it is about to start" : waiting.waitsFor});
    }
    if (!context.quiet && view.isPaused) say("the queue is paused; 'dubito queue FILE resume' lets it go on");
    if (!context.quiet && !view.runs.empty() && meta["clean_close"] == "1")
        say("no program has the project open; queued runs start when one opens it");
    return context.print(table);
}

/// The stored order, filled up with the queued runs that it does not name.
Result<run::StoredQueue> wholeQueue(store::Database& db) {
    DUBITO_TRY(run::StoredQueue stored, run::readQueue(db));
    DUBITO_TRY(const run::QueueView view, run::viewQueue(db, run::machineCapacity()));
    stored.order.clear();
    for (const store::RunRow& row : view.runs) stored.order.push_back(row.id);
    return stored;
}

Result<void> pause(const std::string& file, bool isPaused) {
    DUBITO_TRY(auto writer, store::ProjectWriter::open(file));
    DUBITO_TRY(run::StoredQueue queue, wholeQueue(writer->database()));
    queue.isPaused = isPaused;
    return run::writeQueue(*writer, queue);
}

Result<void> move(const QueueOptions& options) {
    if (options.run.empty() || options.position < 1)
        return Error(Code::InvalidArgument, "queue move needs a run and a position, counted from 1");
    DUBITO_TRY(auto writer, store::ProjectWriter::open(options.file));
    DUBITO_TRY(const store::RunRow row, store::resolveRun(writer->database(), options.run));
    DUBITO_TRY(run::StoredQueue queue, wholeQueue(writer->database()));
    const auto found = std::find(queue.order.begin(), queue.order.end(), row.id);
    if (found == queue.order.end())
        return Error(Code::WrongState, fmt::format("run {} does not wait in the queue", row.name()));
    queue.order.erase(found);
    const auto at = std::min<std::int64_t>(options.position - 1, static_cast<std::int64_t>(queue.order.size()));
    queue.order.insert(queue.order.begin() + at, row.id);
    return run::writeQueue(*writer, queue);
}

Result<void> queue(const Context& context, const QueueOptions& options) {
    if (options.what == "list") return list(context, options.file);
    if (options.what == "pause" || options.what == "resume") return pause(options.file, options.what == "pause");
    if (options.what == "move") return move(options);
    return Error(Code::InvalidArgument, "queue knows list, pause, resume and move, not " + options.what);
}

}  // namespace

void addQueueCommand(CLI::App& app, Context& context) {
    static QueueOptions options;
    auto* verb = addVerb(app, context, "queue");
    verb->add_option("file", options.file, "the project")->required();
    verb->add_option("what", options.what, "list pause resume move; list when absent");
    verb->add_option("run", options.run, kRunHelp);
    verb->add_option("position", options.position, "for move: 1 is the front");
    verb->callback([&context] { context.finish(queue(context, options)); });
}

}  // namespace dubito::cli
