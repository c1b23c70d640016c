// The immutable, canonical, hashed description of what is computed.
#pragma once

#include <map>

#include "base/hash.h"
#include "base/ids.h"
#include "run/plugin_description.h"

namespace dubito::run {

/// What a person or a file asks for; turned into a RunSpec once.
struct RunDraft {
    std::string pluginId, pluginVersion;  ///< version empty: the highest compatible one
    Json parameters = Json::object();
    std::int64_t seed = 1, threads = 0, worldSize = 1;  ///< threads 0: all cores
    std::string device = "cpu";                         ///< cpu, cuda, auto
    std::string title;
    std::map<std::string, fs::path> assets;     ///< role -> file, besides those named by parameters
    std::map<std::string, std::string> inputs;  ///< role -> SHA-256 (hexadecimal) that the input's content must have
    /// Pointer of a parameter -> the value that a day wrote there, no person: while it stands, it does not part groups.
    std::map<std::string, std::string> filled;
};

/// The most bytes of a spec; a conversation given as a parameter fits.
inline constexpr std::size_t kMostSpecBytes = 16 << 20;

/// A draft from JSON: {"plugin": {"id"}, "params", "seed", "device", "threads", "title"} or a canonical spec, whose
/// `data` and `models` become `inputs`.
/// @error InvalidArgument, CorruptData, Limit, Unsupported (warm_start, several processes)
Result<RunDraft> draftFromJson(std::string_view text);

/// Once a person has changed parameters: an input whose parameter is not as in `before` may be anything again.
void freeChangedInputs(RunDraft& draft, const Json& before, const PluginDescription& plugin);

class RunSpec {
public:
    /// Reads canonical bytes, as a worker does. @error CorruptData, InvalidArgument
    static Result<RunSpec> parse(std::string_view canonicalBytes);

    const std::string& text() const { return m_text; }  ///< exactly the bytes of spec.json
    const Sha256& hash() const { return m_hash; }
    /// Of the same object without its seed, with what was filled in (`filled`) empty as the person left it: settings
    /// that were run on two days are one group.
    const Sha256& groupHash() const { return m_groupHash; }
    Json groupParameters() const;  ///< as that hash sees them
    const Json& json() const { return m_json; }
    std::string pluginId() const { return m_json["plugin"]["id"]; }
    std::string pluginVersion() const { return m_json["plugin"]["version"]; }
    const Json& parameters() const { return m_json["params"]; }
    std::uint64_t seed() const { return m_json["seed"]; }
    std::string device() const { return m_json["device"]; }
    int threads() const { return m_json["threads"]; }
    /// Stays up for a person's commands (params /session/keep).
    bool isSession() const { return boolOr(memberOf(parameters(), "session"), "keep", false); }

private:
    Json m_json;
    std::string m_text;
    Sha256 m_hash{}, m_groupHash{};
};

struct FrozenRun {
    RunSpec spec;
    std::map<std::string, std::string> assetPaths;  ///< role -> absolute path, for placement.json
    std::string title;
};

/// Checks parameters, hashes the inputs they name, fills in what is left out. Bad drafts make nothing on disk.
/// An input that the draft asks for by content is taken from its path if that content lies there, else from where the
/// content was last seen.
/// @error InvalidParameters, NotFound (input file), DeviceUnavailable (cuda asked for, none here), Unsupported (several
///        processes), Refused (an input is not found with the content asked for: names role and hashes)
Result<FrozenRun> freeze(const RunDraft& draft, const PluginDescription& plugin);

/// The packaged default model, or empty when set-up did not bring it.
fs::path packagedModel();
bool hasCudaDevice();

}  // namespace dubito::run
