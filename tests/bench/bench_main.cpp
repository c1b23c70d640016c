// dubito-bench [store|attempts|path|desktop|lm]
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/files.h"
#include "bench.h"

namespace dubito::bench {

static std::string output(const std::string& command) {
    std::string out;
    std::array<char, 4096> buffer;
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
    while (pipe && std::fgets(buffer.data(), buffer.size(), pipe.get())) out += buffer.data();
    return out;
}

void benchDesktop() {
    const std::string program = std::string(DUBITO_BIN) + "/dubito-desktop";
    if (::access(program.c_str(), X_OK) != 0) return row("desktop start", 0, "", std::string("not built"));
    double best[2] = {1e9, 1e9};
    for (int i = 0; i < 5; ++i) {
        const double start = now();
        const std::string text = output("QT_QPA_PLATFORM=offscreen " + program + " --quit-when-shown 2>/dev/null");
        const double whole = (now() - start) * 1000;
        const auto value = [&](const char* key) {
            const auto at = text.find(key);
            return at == std::string::npos ? 1e9 : std::atof(text.c_str() + at + std::strlen(key));
        };
        if (i == 0) continue;  // warms the file cache
        best[0] = std::min(best[0], value("window on screen "));
        best[1] = std::min(best[1], value("usable "));
        if (i == 1) row("desktop: process start to exit, offscreen", whole, "ms", std::string("for information"));
    }
    row("desktop: window shown, after QApplication", best[0], "ms", 250, true);
    row("desktop: usable, after QApplication", best[1], "ms", 400, true);
    std::fflush(stdout);
    (void)!std::system(("QT_QPA_PLATFORM=offscreen " DUBITO_BIN "/dubito-bench-desktop"));
}

void benchLanguageModel() {
    const std::string program = std::string(DUBITO_BIN) + "/dubito-bench-lm";
    if (::access(program.c_str(), X_OK) != 0) return row("language model", 0, "", std::string("not built"));
    std::fflush(stdout);
    (void)!std::system(program.c_str());
    // Busy cores: at one nice value with the others, and as a worker beside programs at nice 0.
    for (const char* niceness : {"", " 5"}) (void)!std::system((program + "-busy" + niceness).c_str());
    for (const char* peer : {"lm_peer_llama.py", "lm_peer.py"})
        (void)!std::system(("python3 " + std::string(DUBITO_SOURCE) + "/tests/bench/" + peer).c_str());
}

}  // namespace dubito::bench

int main(int argc, char** argv) {
    using namespace dubito::bench;
    const std::string only = argc > 1 ? argv[1] : "";
    std::printf("%-58s %12s %-10s %s\n", "what", "figure", "unit", "budget");
    if (only.empty() || only == "store") benchStore();
    if (only.empty() || only == "attempts") benchAttempts();
    if (only.empty() || only == "path") benchPath();
    if (only.empty() || only == "desktop") benchDesktop();
    if (only.empty() || only == "lm") benchLanguageModel();
    return 0;
}
