// Checkpoints of a run: folders that appear whole, verified before they are used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"

namespace dubito::run {

struct CheckpointInfo {
    std::int64_t step = 0;
    fs::path folder;
    std::uint64_t bytes = 0;
    Sha256 manifestHash{};
    Json streams = Json::object();  ///< counters of the random streams by "name/index"
};

/// Under JOB/checkpoints. One writer: the worker. A folder that somebody else laid out is only ever read: links, pipes
/// and names that lead elsewhere make a checkpoint damaged.
class CheckpointStore {
public:
    explicit CheckpointStore(const fs::path& job) : m_root(job / "checkpoints") {}
    /// A fresh folder to write items into; what an earlier attempt left half-written is removed.
    /// @error Io, Refused (checkpoints is a link)
    Result<fs::path> begin(std::int64_t step);
    /// Hashes and syncs the items, writes manifest.json and streams.json, takes the final name, keeps `keep`: this one
    /// and the newest before it.
    /// @error Io (disk full: the folder is removed, the ones before stay, the same step's among them), NotFound (an
    ///        item), InvalidArgument (a name that is none), WrongState (no begin)
    Result<CheckpointInfo> commit(const std::vector<std::string>& items, const Json& streams, int keep = 2);
    void abandon();
    bool isOpen() const { return !m_open.empty(); }
    /// Newest whose items have the sizes and hashes of its manifest; damaged ones are named in `skipped` and passed
    /// over.
    std::optional<CheckpointInfo> newest(std::vector<std::string>* skipped = nullptr) const;
    /// Every finished checkpoint as its manifest tells, newest first, without streams; nothing is hashed but manifests.
    std::vector<CheckpointInfo> present() const;

private:
    Result<CheckpointInfo> write(const std::vector<std::string>& items, const Json& streams);
    void prune(std::size_t keep) const;

    fs::path m_root, m_open;
    std::int64_t m_step = 0;
};

/// Copies the items that the manifest of a checkpoint names, and nothing else, into `out`, which is made; each appears
/// whole or not at all, and shares no file with the checkpoint. @error NotFound, CorruptData (an item), Io
Result<std::vector<fs::path>> copyItems(const fs::path& checkpoint, const fs::path& out);
/// As copyItems, for a checkpoint that is not needed afterwards: what can be renamed is.
Result<std::vector<fs::path>> moveItems(const fs::path& checkpoint, const fs::path& out);

}  // namespace dubito::run
