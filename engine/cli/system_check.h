// The system check of `dubito doctor` and of the start page: one line an item with a remedy.
#pragma once

#include <string>
#include <vector>

namespace dubito::cli {

struct SystemCheckLine {
    std::string what, found, remedy;  ///< remedy empty: fine
    bool isWrong = false;             ///< runs fail because of it
};
/// Opens no socket, loads no plugin itself: workers are started and say whether they can. A second or two, more when
/// LibTorch is read from the disk for the first time; not on [gui].
std::vector<SystemCheckLine> checkSystem();

}  // namespace dubito::cli
