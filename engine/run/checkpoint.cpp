// Rename is the moment a checkpoint exists; before it, nothing refers to the folder.
#include "run/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

namespace dubito::run {
namespace {

constexpr std::string_view kTemporary = ".tmp-", kAside = ".old-";
constexpr std::size_t kMostManifestBytes = 1 << 20, kMostStreamBytes = 4 << 20;

struct Item {
    std::string name, sha;
    std::int64_t bytes = 0;
};

/// A plain name that is not one of the host's own files.
bool isItemName(std::string_view name) {
    return !name.empty() && name.size() <= 200 && name[0] != '.' && name != "manifest.json" && name != "streams.json" &&
           name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

bool isPlainFolder(const fs::path& path) {
    struct stat facts {};
    return ::lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

Result<std::int64_t> sizeOf(const FileDescriptor& file, const fs::path& path) {
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return Error(Code::Io, "cannot look at the file. File: " + path.string());
    return static_cast<std::int64_t>(facts.st_size);
}

Error systemError(const char* what, const fs::path& path) {
    return Error(Code::Io, fmt::format("{}: {}. Folder: {}", what, errnoText(errno), path.string()));
}

/// "000000012000", or ".old-000000012000", which a crash may leave when one step is saved again.
std::optional<std::int64_t> stepOf(const fs::path& folder) {
    std::string name = folder.filename().string();
    if (name.starts_with(kAside)) name.erase(0, kAside.size());
    if (name.size() != 12 || name.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return std::strtoll(name.c_str(), nullptr, 10);
}

/// Folders of finished checkpoints, newest first; one set aside comes after the one of its step.
std::vector<fs::path> finished(const fs::path& root) {
    if (!isPlainFolder(root)) return {};
    auto out = listFolder(root);
    if (!out) return {};
    std::erase_if(*out, [](const fs::path& path) { return !stepOf(path) || !isPlainFolder(path); });
    std::sort(out->begin(), out->end(), [](const fs::path& a, const fs::path& b) {
        return *stepOf(a) != *stepOf(b) ? *stepOf(a) > *stepOf(b) : b.filename().string().starts_with(kAside);
    });
    return std::move(*out);
}

Result<std::vector<Item>> itemsOf(const Json& manifest) {
    const Json& list = memberOf(manifest, "items");
    if (!list.is_array()) return Error(Code::CorruptData, "the manifest lists no items");
    std::vector<Item> out;
    std::set<std::string> names;
    for (const Json& item : list) {
        Item one{textOr(item, "name", ""), textOr(item, "sha256", ""), integerOr(item, "bytes", -1)};
        if (!isItemName(one.name) || one.bytes < 0 || one.sha.size() != 64)
            return Error(Code::CorruptData, "the manifest names an item that is none");
        if (!names.insert(one.name).second)
            return Error(Code::CorruptData, fmt::format("the manifest names {} twice", one.name));
        out.push_back(std::move(one));
    }
    return out;
}

/// An item as it lies there; its size is checked, its hash is not. @error NotFound, CorruptData
Result<FileDescriptor> openItem(const fs::path& folder, const Item& item) {
    auto file = openPlainFile(folder / item.name);
    if (!file) return Error(Code::CorruptData, fmt::format("{} is missing or is no plain file", item.name));
    DUBITO_TRY(const std::int64_t bytes, sizeOf(*file, folder / item.name));
    if (bytes != item.bytes) return Error(Code::CorruptData, item.name + " has another size");
    return file;
}

Result<CheckpointInfo> verified(const fs::path& folder) {
    CheckpointInfo out;
    out.folder = folder;
    out.step = stepOf(folder).value_or(0);
    DUBITO_TRY(const std::string text, readPlainFile(folder / "manifest.json", kMostManifestBytes));
    out.manifestHash = sha256(asBytes(text));
    DUBITO_TRY(const Json manifest, parseJson(text, {kMostManifestBytes}));
    DUBITO_TRY(const auto items, itemsOf(manifest));
    for (const Item& item : items) {
        DUBITO_TRY(const FileDescriptor file, openItem(folder, item));
        DUBITO_TRY(const Sha256 hash, sha256Descriptor(file.get(), folder / item.name));
        if (hexText(hash) != item.sha) return Error(Code::CorruptData, item.name + " has another hash");
        out.bytes += static_cast<std::uint64_t>(item.bytes);
    }
    DUBITO_TRY(const std::string streams, readPlainFile(folder / "streams.json", kMostStreamBytes));
    if (hexText(sha256(asBytes(streams))) != textOr(manifest, "streams_sha256", ""))
        return Error(Code::CorruptData, "streams.json has another hash");
    DUBITO_TRY(out.streams, parseJson(streams, {kMostStreamBytes, 8}));
    return out;
}

/// Gives `made` its final name. An older checkpoint of that name stays until the new one is in its place.
Result<void> takePlace(const fs::path& made, const fs::path& to) {
    std::error_code error;
    if (::rename(made.c_str(), to.c_str()) == 0) return {};
    if (errno != ENOTEMPTY && errno != EEXIST) return systemError("cannot finish the checkpoint", to);
    const auto exchange = [&] {
        return ::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0;
    };
    if (exchange()) {
        if (auto synced = syncFolder(to.parent_path()); !synced) {
            (void)exchange();
            return synced;
        }
        fs::remove_all(made, error);  // now the older one
        return {};
    }
    // A file system that cannot exchange: a crash in between leaves the older one under a name that is looked at.
    const fs::path aside = to.parent_path() / (std::string(kAside) + to.filename().string());
    fs::remove_all(aside, error);
    if (::rename(to.c_str(), aside.c_str()) != 0) return systemError("cannot finish the checkpoint", to);
    if (::rename(made.c_str(), to.c_str()) != 0) {
        const Error problem = systemError("cannot finish the checkpoint", to);
        ::rename(aside.c_str(), to.c_str());
        return problem;
    }
    fs::remove_all(aside, error);
    return {};
}

/// Hash and bytes of an item that was just written, once it is on disk.
Result<Item> settled(const fs::path& folder, const std::string& name) {
    if (!isItemName(name)) return Error(Code::InvalidArgument, "not a name for a checkpoint item: " + name);
    const fs::path path = folder / name;
    auto file = openPlainFile(path);
    if (!file) return Error(Code::NotFound, fmt::format("the checkpoint item {} was not written", name));
    if (::fsync(file->get()) != 0) return systemError("cannot sync the checkpoint", path);
    DUBITO_TRY(const std::int64_t bytes, sizeOf(*file, path));
    DUBITO_TRY(const Sha256 hash, sha256Descriptor(file->get(), path));
    return Item{name, hexText(hash), bytes};
}

Result<void> copyItem(const FileDescriptor& source, const fs::path& to) {
    DUBITO_TRY(AtomicFile file, AtomicFile::create(to));
    DUBITO_CHECK(file.append(source));
    return file.commit();
}

/// Renames a file that has no other name. @return whether it could
bool movedItem(const FileDescriptor& source, const fs::path& from, const fs::path& to) {
    struct stat facts {};
    if (::fstat(source.get(), &facts) != 0 || facts.st_nlink != 1) return false;
    return ::rename(from.c_str(), to.c_str()) == 0;
}

Result<std::vector<fs::path>> takeItems(const fs::path& checkpoint, const fs::path& out, bool mayMove) {
    if (!isPlainFolder(checkpoint))
        return Error(
            Code::NotFound, "the checkpoint is gone; a run keeps its newest two. Folder: " + checkpoint.string());
    DUBITO_TRY(const std::string text, readPlainFile(checkpoint / "manifest.json", kMostManifestBytes));
    DUBITO_TRY(const Json manifest, parseJson(text, {kMostManifestBytes}));
    DUBITO_TRY(const auto items, itemsOf(manifest));
    DUBITO_CHECK(makeFolders(out));
    std::vector<fs::path> made;
    for (const Item& item : items) {
        DUBITO_TRY(const FileDescriptor source, openItem(checkpoint, item));
        const fs::path to = out / item.name;
        if (!mayMove || !movedItem(source, checkpoint / item.name, to)) DUBITO_CHECK(copyItem(source, to));
        made.push_back(to);
    }
    DUBITO_CHECK(syncFolder(out));
    return made;
}

}  // namespace

Result<fs::path> CheckpointStore::begin(std::int64_t step) {
    abandon();
    std::error_code error;
    const bool isNew = !fs::exists(fs::symlink_status(m_root, error));
    DUBITO_CHECK(makeFolders(m_root));
    if (isNew) DUBITO_CHECK(syncFolder(m_root.parent_path()));
    if (!isPlainFolder(m_root))
        return Error(Code::Refused, "the run's checkpoints are no folder of its own. Folder: " + m_root.string());
    DUBITO_TRY(const auto entries, listFolder(m_root));
    for (const auto& entry : entries) {
        const std::string name = entry.filename().string();
        if (name.starts_with(kTemporary)) fs::remove_all(entry, error);
        if (!name.starts_with(kAside) || !stepOf(entry)) continue;
        const fs::path own = m_root / name.substr(kAside.size());
        if (fs::exists(own, error)) fs::remove_all(entry, error);
        else fs::rename(entry, own, error);
    }
    const fs::path folder = m_root / fmt::format("{}{:012}", kTemporary, step);
    DUBITO_CHECK(makeFolders(folder));
    m_open = folder;
    m_step = step;
    return m_open;
}

Result<CheckpointInfo> CheckpointStore::write(const std::vector<std::string>& items, const Json& streams) {
    CheckpointInfo out;
    out.step = m_step;
    out.streams = streams;
    Json list = Json::array();
    for (const auto& name : items) {
        DUBITO_TRY(const Item item, settled(m_open, name));
        list.push_back({{"name", item.name}, {"bytes", item.bytes}, {"sha256", item.sha}});
        out.bytes += static_cast<std::uint64_t>(item.bytes);
    }
    const std::string streamText = jsonText(streams);
    DUBITO_CHECK(writeFileAtomic(m_open / "streams.json", streamText));
    const Json manifest = {
        {"checkpoint", 1}, {"step", m_step}, {"items", list}, {"streams_sha256", hexText(sha256(asBytes(streamText)))}};
    const std::string text = jsonText(manifest, 1);
    DUBITO_CHECK(writeFileAtomic(m_open / "manifest.json", text));  // syncs the folder too
    out.manifestHash = sha256(asBytes(text));
    out.folder = m_root / fmt::format("{:012}", m_step);
    DUBITO_CHECK(takePlace(m_open, out.folder));
    m_open.clear();
    DUBITO_CHECK(syncFolder(m_root));
    return out;
}

Result<CheckpointInfo> CheckpointStore::commit(const std::vector<std::string>& items, const Json& streams, int keep) {
    if (m_open.empty()) return Error(Code::WrongState, "no checkpoint was begun");
    auto out = write(items, streams);
    if (out) prune(static_cast<std::size_t>(std::max(1, keep)));
    else abandon();
    return out;
}

/// Those of later steps go first: they are of an attempt that could not be gone on from.
void CheckpointStore::prune(std::size_t keep) const {
    auto all = finished(m_root);
    std::stable_partition(all.begin(), all.end(), [this](const fs::path& folder) { return *stepOf(folder) <= m_step; });
    std::error_code error;
    for (std::size_t i = keep; i < all.size(); ++i) fs::remove_all(all[i], error);
}

void CheckpointStore::abandon() {
    if (m_open.empty()) return;
    std::error_code error;
    fs::remove_all(m_open, error);
    m_open.clear();
}

std::optional<CheckpointInfo> CheckpointStore::newest(std::vector<std::string>* skipped) const {
    for (const auto& folder : finished(m_root)) {
        if (auto info = verified(folder)) return std::move(*info);
        else if (skipped)
            skipped->push_back(fmt::format(
                "checkpoint {} is damaged ({}) and is passed over", folder.filename().string(), info.error().text()));
    }
    return std::nullopt;
}

std::vector<CheckpointInfo> CheckpointStore::present() const {
    std::vector<CheckpointInfo> out;
    for (const auto& folder : finished(m_root)) {
        const auto text = readPlainFile(folder / "manifest.json", kMostManifestBytes);
        const auto manifest = text ? parseJson(*text, {kMostManifestBytes}) : Result<Json>(text.error());
        const auto items = manifest ? itemsOf(*manifest) : Result<std::vector<Item>>(manifest.error());
        if (!items || folder.filename().string().starts_with(kAside)) continue;
        CheckpointInfo info;
        info.folder = folder;
        info.step = stepOf(folder).value_or(0);
        info.manifestHash = sha256(asBytes(*text));
        for (const Item& item : *items) info.bytes += static_cast<std::uint64_t>(item.bytes);
        out.push_back(std::move(info));
    }
    return out;
}

Result<std::vector<fs::path>> copyItems(const fs::path& checkpoint, const fs::path& out) {
    return takeItems(checkpoint, out, false);
}

Result<std::vector<fs::path>> moveItems(const fs::path& checkpoint, const fs::path& out) {
    return takeItems(checkpoint, out, true);
}

}  // namespace dubito::run
