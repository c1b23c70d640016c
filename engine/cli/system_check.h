// The system check of `dubito doctor` and of the start page: one line an item with a remedy.
#pragma once

#include <string>
#include <vector>

namespace dubito::cli {

struct SystemCheckLine {
    std::string what, found, remedy;  ///< remedy empty: fine
};
/// Opens no socket, loads no plugin; starts the worker once. May take 50 ms; not on [gui].
std::vector<SystemCheckLine> checkSystem();

}  // namespace dubito::cli
