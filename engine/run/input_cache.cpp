// An entry is trusted for the exact facts it was made of, and every change of a file's bytes changes one of them: no
// program can set the time of an inode's last change.
#include "run/input_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/ids.h"
#include "run/run_spec.h"

namespace dubito::run {
namespace {

constexpr std::uint64_t kMostEntryBytes = 64 << 10;
constexpr std::size_t kMostEntries = 8192, kMostPlaces = 8;
constexpr std::int64_t kUnsettledUs = 2'000'000;

fs::path cacheFolder() { return cacheHome() / "inputs"; }

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

/// All that tells one state of a file from another without reading it.
std::string factsOf(const struct stat& facts) {
    return fmt::format("{}-{}-{}-{}-{}", facts.st_dev, facts.st_ino, facts.st_size, nanoseconds(facts.st_mtim),
        nanoseconds(facts.st_ctim));
}

/// One entry a file: a changed file replaces its own.
fs::path entryOf(const struct stat& facts) {
    return cacheFolder() / fmt::format("file-{:x}-{:x}", facts.st_dev, facts.st_ino);
}

fs::path placesOf(const Sha256& sha) { return cacheFolder() / ("at-" + hexText(sha)); }

/// Text of an entry that this user wrote; entries end with a hash of what stands before it.
std::optional<std::string> readEntry(const fs::path& path) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0 || facts.st_uid != ::geteuid()) return std::nullopt;
    auto text = readPlainFile(path, kMostEntryBytes);
    if (!text || text->size() < 65 || text->back() != '\n') return std::nullopt;
    const std::string body = text->substr(0, text->size() - 65);
    if (text->substr(body.size(), 64) != hexText(sha256(asBytes(body)))) return std::nullopt;
    return body;
}

/// Drops the oldest entries when there are many; other processes may do the same.
void trim() {
    auto entries = listFolder(cacheFolder());
    if (!entries || entries->size() < kMostEntries) return;
    std::vector<std::pair<std::int64_t, fs::path>> aged;
    struct stat facts {};
    for (const auto& entry : *entries)
        if (::lstat(entry.c_str(), &facts) == 0) aged.emplace_back(nanoseconds(facts.st_mtim), entry);
    std::sort(aged.begin(), aged.end());
    for (std::size_t i = 0; i < aged.size() / 4; ++i) ::unlink(aged[i].second.c_str());
}

/// A cache that cannot be written costs time, never a run.
void writeEntry(const fs::path& path, const std::string& body) {
    if (!makeFolders(cacheFolder())) return;
    std::error_code error;
    if (!fs::exists(path, error)) trim();
    (void)writeFileAtomic(path, body + hexText(sha256(asBytes(body))) + '\n', 0600);
}

std::optional<Sha256> known(const struct stat& facts) {
    const auto body = readEntry(entryOf(facts));
    const std::string wanted = factsOf(facts) + '\n';
    if (!body || body->size() != wanted.size() + 65 || !body->starts_with(wanted)) return std::nullopt;
    const auto bytes = bytesFromHex(body->substr(wanted.size(), 64));
    if (!bytes) return std::nullopt;
    Sha256 out{};
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

/// A second write within the same tick of the file system's clock would leave every fact as it is.
bool isSettled(const struct stat& facts) {
    const std::int64_t before = nowUs() - kUnsettledUs;
    return nanoseconds(facts.st_ctim) / 1000 < before && nanoseconds(facts.st_mtim) / 1000 < before;
}

struct Place {
    fs::path path;
    std::int64_t bytes = 0;
};

/// Newest first. A place is a line: its bytes, and its path in hexadecimal, as paths may hold anything.
std::vector<Place> placesIn(const std::string& body) {
    std::vector<Place> out;
    std::size_t at = 0;
    while (at < body.size() && out.size() < kMostPlaces) {
        const auto space = body.find(' ', at), end = body.find('\n', at);
        if (space == std::string::npos || end == std::string::npos || space > end) break;
        const auto path = bytesFromHex(std::string_view(body).substr(space + 1, end - space - 1));
        if (path) out.push_back({fs::path(std::string(asText(*path))), std::atoll(body.c_str() + at)});
        at = end + 1;
    }
    return out;
}

/// Puts a place in front. Two processes at once: one of the two places may be forgotten.
void notePlace(const ContentId& content, const fs::path& path) {
    const fs::path entry = placesOf(content.sha);
    auto places = placesIn(readEntry(entry).value_or(""));
    if (!places.empty() && places[0].path == path) return;
    std::erase_if(places, [&](const Place& place) { return place.path == path; });
    places.insert(places.begin(), {path, content.bytes});
    std::string body;
    for (std::size_t i = 0; i < std::min(places.size(), kMostPlaces); ++i)
        body += fmt::format("{} {}\n", places[i].bytes, hexText(asBytes(places[i].path.string())));
    writeEntry(entry, body);
}

/// What counts of a model folder, sorted.
Result<std::vector<fs::path>> modelFiles(const fs::path& folder) {
    DUBITO_TRY(std::vector<fs::path> files, listFolder(folder));
    std::erase_if(files, [](const fs::path& file) {
        const std::string kind = file.extension().string();
        const bool counts = kind == ".json" || kind == ".safetensors" || kind == ".jinja" || kind == ".tiktoken" ||
                            file.filename() == "tokenizer.model";
        std::error_code error;
        return !counts || !fs::is_regular_file(file, error);
    });
    if (files.empty())
        return Error(
            Code::NotFound, "the model folder holds no config.json and no safetensors. Folder: " + folder.string());
    return files;
}

/// Identity of several files: their names and hashes, in the order given.
Result<ContentId> contentOfFiles(const std::vector<fs::path>& files) {
    ContentId out;
    std::string listing;
    std::error_code error;
    for (const auto& file : files) {
        DUBITO_TRY(const Sha256 hash, hashOf(file));
        listing += file.filename().string() + '\0' + hexText(hash) + '\n';
        out.bytes += static_cast<std::int64_t>(fs::file_size(file, error));
    }
    out.sha = sha256(asBytes(listing));
    return out;
}

Result<ContentId> measured(const fs::path& path, std::string_view kind) {
    std::error_code error;
    if (kind == "model" && fs::is_directory(path, error)) {
        DUBITO_TRY(const auto files, modelFiles(path));
        return contentOfFiles(files);
    }
    if (const auto parts = numberedParts(path); parts.size() > 1) return contentOfFiles(parts);
    DUBITO_TRY(const Sha256 hash, hashOf(path));
    return ContentId{hash, static_cast<std::int64_t>(fs::file_size(path, error))};
}

Result<void> verifyInput(const Json& input, std::string_view kind, const std::map<std::string, std::string>& assets) {
    const std::string role = textOr(input, "role", ""), wanted = textOr(input, "sha256", "");
    const auto asset = assets.find(role);
    if (asset == assets.end())
        return Error(Code::Refused,
            fmt::format("the input \"{}\" has no path; the spec asks for content with SHA-256 {}", role, wanted));
    const auto content = contentOf(asset->second, kind);
    if (!content)
        return Error(Code::Refused, fmt::format("the input \"{}\" cannot be read; the spec asks for SHA-256 {}: {}",
                                        role, wanted, content.error().text()));
    if (hexText(content->sha) != wanted)
        return Error(Code::Refused,
            fmt::format("the input \"{}\" has changed: its SHA-256 is {}, the spec asks for {}. File: {}", role,
                hexText(content->sha), wanted, asset->second));
    return {};
}

}  // namespace

Result<Sha256> hashOf(const fs::path& file) {
    // A pipe at this place must not hold up the caller; regular files ignore the flag.
    const FileDescriptor input(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!input)
        return Error(errno == ENOENT ? Code::NotFound : Code::Io,
            fmt::format("cannot open the file to hash it: {}. File: {}", errnoText(errno), file.string()));
    struct stat before {
    }, after{};
    if (::fstat(input.get(), &before) != 0 || !S_ISREG(before.st_mode))
        return Error(Code::NotFound, "there is no plain file to hash. File: " + file.string());
    if (const auto hash = known(before)) return *hash;
    for (int tries = 0; tries < 3; ++tries) {
        DUBITO_TRY(const Sha256 hash, sha256Descriptor(input.get(), file));
        if (::fstat(input.get(), &after) != 0) break;
        if (factsOf(before) == factsOf(after)) {
            if (isSettled(after)) writeEntry(entryOf(after), factsOf(after) + '\n' + hexText(hash) + '\n');
            return hash;
        }
        before = after;
    }
    return Error(Code::Refused, "the file changes while it is read; wait until it is written. File: " + file.string());
}

Result<ContentId> contentOf(const fs::path& path, std::string_view kind) {
    DUBITO_TRY(const ContentId content, measured(path, kind));
    std::error_code error;
    if (const fs::path whole = fs::absolute(path, error); !error) notePlace(content, whole.lexically_normal());
    return content;
}

std::optional<fs::path> locate(const Sha256& sha, std::string_view kind) {
    for (const Place& place : placesIn(readEntry(placesOf(sha)).value_or(""))) {
        std::error_code error;
        // A file of another size is not read to learn that it is another.
        if (fs::is_regular_file(place.path, error) && numberedParts(place.path).size() == 1 &&
            static_cast<std::int64_t>(fs::file_size(place.path, error)) != place.bytes)
            continue;
        if (auto content = measured(place.path, kind); content && content->sha == sha) return place.path;
    }
    return std::nullopt;
}

Result<void> verifyInputs(const RunSpec& spec, const std::map<std::string, std::string>& assets) {
    for (const Json& input : memberOf(spec.json(), "data")) DUBITO_CHECK(verifyInput(input, "data", assets));
    for (const Json& input : memberOf(spec.json(), "models")) DUBITO_CHECK(verifyInput(input, "model", assets));
    return {};
}

}  // namespace dubito::run
