// Rename is the moment a checkpoint exists; before it, nothing refers to the folder.
#include "run/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dubito::run {
namespace {

Result<void> sync(const fs::path& path, int flags) {
    const FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0) return Error(Code::Io, fmt::format("cannot sync: {}. File: {}", std::strerror(errno), path.string()));
    return {};
}

/// Folders of finished checkpoints, newest first.
std::vector<fs::path> finished(const fs::path& root) {
    std::vector<fs::path> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root, error)) {
        const std::string name = entry.path().filename().string();
        if (name.size() == 12 && name.find_first_not_of("0123456789") == std::string::npos) out.push_back(entry.path());
    }
    std::sort(out.rbegin(), out.rend());
    return out;
}

Result<CheckpointInfo> verified(const fs::path& folder) {
    CheckpointInfo out;
    out.folder = folder;
    out.step = std::strtoll(folder.filename().c_str(), nullptr, 10);
    DUBITO_TRY(const std::string text, readFile(folder / "manifest.json", 1 << 20));
    out.manifestHash = sha256(asBytes(text));
    DUBITO_TRY(const Json manifest, parseJson(text));
    if (!memberOf(manifest, "items").is_array()) return Error(Code::CorruptData, "the manifest lists no items");
    for (const Json& item : memberOf(manifest, "items")) {
        const std::string name = textOr(item, "name", "");
        if (name.empty() || name.find('/') != std::string::npos || name == "..") return Error(Code::CorruptData, "the manifest names an item outside the folder");
        std::error_code error;
        const auto bytes = fs::file_size(folder / name, error);
        if (error || static_cast<std::int64_t>(bytes) != integerOr(item, "bytes", -1)) return Error(Code::CorruptData, name + " is missing or has another size");
        DUBITO_TRY(const Sha256 hash, sha256File(folder / name));
        if (hexText(hash) != textOr(item, "sha256", "")) return Error(Code::CorruptData, name + " has another hash");
        out.bytes += bytes;
    }
    DUBITO_TRY(const std::string streams, readFile(folder / "streams.json", 4 << 20));
    if (hexText(sha256(asBytes(streams))) != textOr(manifest, "streams_sha256", "")) return Error(Code::CorruptData, "streams.json has another hash");
    DUBITO_TRY(out.streams, parseJson(streams, {4 << 20, 8}));
    return out;
}

}  // namespace

Result<fs::path> CheckpointStore::begin(std::int64_t step) {
    abandon();
    DUBITO_CHECK(makeFolders(m_root));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(m_root, error))
        if (entry.path().filename().string().starts_with(".tmp-")) fs::remove_all(entry.path(), error);
    m_open = m_root / fmt::format(".tmp-{:012}", step);
    m_step = step;
    DUBITO_CHECK(makeFolders(m_open));
    return m_open;
}

Result<CheckpointInfo> CheckpointStore::commit(const std::vector<std::string>& items, const Json& streams, int keep) {
    if (m_open.empty()) return Error(Code::WrongState, "no checkpoint was begun");
    const auto write = [&]() -> Result<CheckpointInfo> {
        CheckpointInfo out;
        out.step = m_step;
        out.streams = streams;
        Json list = Json::array();
        for (const auto& name : items) {
            std::error_code error;
            const auto bytes = fs::file_size(m_open / name, error);
            if (error || name.find('/') != std::string::npos) return Error(Code::NotFound, fmt::format("the checkpoint item {} was not written", name));
            DUBITO_CHECK(sync(m_open / name, O_RDONLY));
            DUBITO_TRY(const Sha256 hash, sha256File(m_open / name));
            list.push_back({{"name", name}, {"bytes", bytes}, {"sha256", hexText(hash)}});
            out.bytes += bytes;
        }
        const std::string streamText = jsonText(streams);
        DUBITO_CHECK(writeFileAtomic(m_open / "streams.json", streamText));
        const std::string manifest = jsonText({{"checkpoint", 1}, {"step", m_step}, {"items", list}, {"streams_sha256", hexText(sha256(asBytes(streamText)))}}, 1);
        DUBITO_CHECK(writeFileAtomic(m_open / "manifest.json", manifest));
        out.manifestHash = sha256(asBytes(manifest));
        DUBITO_CHECK(sync(m_open, O_RDONLY | O_DIRECTORY));
        out.folder = m_root / fmt::format("{:012}", m_step);
        std::error_code error;
        fs::remove_all(out.folder, error);  // the same step again, after a resume
        fs::rename(m_open, out.folder, error);
        if (error) return Error(Code::Io, fmt::format("cannot finish the checkpoint: {}. Folder: {}", error.message(), out.folder.string()));
        DUBITO_CHECK(sync(m_root, O_RDONLY | O_DIRECTORY));
        return out;
    };
    auto out = write();
    if (!out) {
        abandon();
        return out;
    }
    m_open.clear();
    const auto all = finished(m_root);
    std::error_code error;
    for (std::size_t i = static_cast<std::size_t>(std::max(1, keep)); i < all.size(); ++i) fs::remove_all(all[i], error);
    return out;
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
        else if (skipped) skipped->push_back(fmt::format("checkpoint {} is damaged ({}) and is passed over", folder.filename().string(), info.error().text()));
    }
    return std::nullopt;
}

Result<std::vector<fs::path>> copyItems(const fs::path& checkpoint, const fs::path& out) {
    std::error_code error;
    if (!fs::is_directory(checkpoint, error)) return Error(Code::NotFound, "the checkpoint is gone; a run keeps its newest two. Folder: " + checkpoint.string());
    DUBITO_CHECK(makeFolders(out));
    std::vector<fs::path> made;
    for (const auto& entry : fs::directory_iterator(checkpoint, error)) {
        const std::string name = entry.path().filename().string();
        if (name == "manifest.json" || name == "streams.json") continue;
        // Beside its place first, then renamed: a reader sees the old file or the whole new one.
        const fs::path to = out / name;
        fs::path beside = to;
        beside += ".part";
        fs::remove(beside, error);
        fs::create_hard_link(entry.path(), beside, error);
        if (error) fs::copy_file(entry.path(), beside, fs::copy_options::overwrite_existing, error);
        if (!error) fs::rename(beside, to, error);
        if (error) return Error(Code::Io, fmt::format("cannot write: {}. File: {}", error.message(), to.string()));
        made.push_back(to);
    }
    return made;
}

}  // namespace dubito::run
