// What the inputs of runs are by content: hashed once, known again by their facts on disk, found again by their hash.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/hash.h"

namespace dubito::run {

class RunSpec;

/// Identity of an input, with the bytes of all its files.
struct ContentId {
    Sha256 sha{};
    std::int64_t bytes = 0;
};

/// SHA-256 of a file; read once, then known by device, inode, size and times (ns) of content and inode, kept in
/// cacheHome()/inputs. A file that was written within the last 2 s before the hash was finished is not remembered.
/// The cache only saves time: what is unreadable, foreign or not this very file there is passed over.
/// @error NotFound (nothing or no file there), Io, Refused (it is being written)  @thread [any, any process]
Result<Sha256> hashOf(const fs::path& file);

/// A file; all parts of a numbered one; or, of kind "model", a folder, whose configuration, tokenizer, template and
/// weights count. Remembers where that content was seen. @error as hashOf  @thread [any, any process]
Result<ContentId> contentOf(const fs::path& path, std::string_view kind);

/// Where content of that hash was last seen, if it still is it; looks at the files again. @thread [any, any process]
std::optional<fs::path> locate(const Sha256& sha, std::string_view kind);

/// Each input of the spec has its content still.
/// @param assets role -> path
/// @error Refused naming role, both hashes and the path  @thread [any]
Result<void> verifyInputs(const RunSpec& spec, const std::map<std::string, std::string>& assets);

}  // namespace dubito::run
