// Entry of dubito-plugin-check; `dubito plugins check` is the same code.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "host/plugin_check.h"

int main(int argc, char** argv) {
    using namespace dubito;
    std::string folder, jsonFile;
    int seconds = 30;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--seconds" && i + 1 < argc) seconds = std::max(1, std::atoi(argv[++i]));
        else if (word == "--json" && i + 1 < argc) jsonFile = argv[++i];
        else if (folder.empty() && !word.starts_with("-")) folder = word;
        else folder.clear(), i = argc;
    }
    if (folder.empty()) return std::fprintf(stderr, "usage: dubito-plugin-check DIR [--seconds 30] [--json FILE]\n"), 2;
    bool failed = false;
    Json json = Json::array();
    for (const host::CheckLine& line : host::checkPlugin(folder, programFolder() / "dubito-worker", seconds)) {
        const char* verdict = line.verdict == host::CheckLine::Verdict::Ok     ? "ok  "
                              : line.verdict == host::CheckLine::Verdict::Warn ? "warn"
                                                                               : "FAIL";
        std::printf("%s  %-10s  %s\n", verdict, line.group.c_str(), line.text.c_str());
        if (line.verdict != host::CheckLine::Verdict::Ok && !line.fix.empty())
            std::printf("                  fix: %s\n", line.fix.c_str());
        failed |= line.verdict == host::CheckLine::Verdict::Fail;
        json.push_back({{"verdict", verdict}, {"group", line.group}, {"text", line.text}, {"fix", line.fix}});
    }
    if (!jsonFile.empty())
        if (auto written = writeFileAtomic(jsonFile, jsonText(json, 1)); !written)
            return std::fprintf(stderr, "%s\n", written.error().text().c_str()), 10;
    return failed ? 11 : 0;
}
