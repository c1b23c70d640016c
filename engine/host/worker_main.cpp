// Entry of dubito-worker; its few arguments are read by hand.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "host/worker_loop.h"

int main(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "run" && (argc == 3 || (argc == 5 && std::string_view(argv[3]) == "--attempt")))
        return dubito::host::runWorker(argv[2], argc == 5 ? std::max(1, std::atoi(argv[4])) : 1);
    if (verb == "--probe" && argc == 3) return dubito::host::probePlugin(argv[2]);
    if (verb == "--version") return std::printf("dubito-worker %s\n", DUBITO_VERSION), 0;
    std::fprintf(stderr, "usage: dubito-worker run JOBDIR [--attempt N] | --probe PLUGINDIR | --version\n");
    return 2;
}
