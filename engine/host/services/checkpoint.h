// Checkpoints as a plugin takes them.
#pragma once

#include <optional>

#include "host/services/rng.h"
#include "journal/writer.h"
#include "run/checkpoint.h"

namespace dubito::host {

/// A checkpoint is a barrier: everything said before commit() is on disk before the folder takes its name, so a run
/// that goes on from it lacks nothing. [plugin] only
class Checkpoints {
public:
    Checkpoints(journal::JournalWriter& journal, RandomStreams& streams) : m_journal(journal), m_streams(streams) {}
    /// Where they lie, and the one this attempt goes on from. Not called: this run keeps none.
    void open(const fs::path& job, std::optional<run::CheckpointInfo> latest);
    bool areKept() const { return m_store.has_value(); }

    Result<std::string> begin(std::int64_t step);  ///< @return the folder for the items
    Result<void> put(std::string_view item);       ///< a file in that folder
    Result<void> commit();
    void abandon() { m_store->abandon(); }
    const std::optional<run::CheckpointInfo>& latest() const { return m_latest; }

private:
    journal::JournalWriter& m_journal;
    RandomStreams& m_streams;
    std::optional<run::CheckpointStore> m_store;
    std::optional<run::CheckpointInfo> m_latest;
    std::vector<std::string> m_items;  ///< of the open checkpoint
};

}  // namespace dubito::host
