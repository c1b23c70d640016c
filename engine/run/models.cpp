// A name in the library is a link to where the model lies.
#include "run/models.h"

#include <algorithm>

#include "run/run_spec.h"

namespace dubito::run {
namespace {

constexpr std::size_t kMostModels = 200;

bool isModel(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return fs::exists(path / "config.json", error);
    // `models add` opened what a link names; a file of any other name is no model.
    if (!fs::exists(path, error) || (path.extension() != ".gguf" && !fs::is_symlink(path, error))) return false;
    return numberedParts(path).front().filename() == path.filename();
}

}  // namespace

std::vector<fs::path> knownModels() {
    std::vector<fs::path> out;
    const fs::path packaged = packagedModel();
    if (!packaged.empty()) out.push_back(packaged);
    auto added = listFolder(dataHome() / "models");  // no folder: none was added
    if (!added) return out;
    std::sort(added->begin(), added->end());
    for (const auto& path : *added)
        if (out.size() < kMostModels && path.filename() != packaged.filename() && isModel(path)) out.push_back(path);
    return out;
}

}  // namespace dubito::run
