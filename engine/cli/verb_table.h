// Every verb of the command line once: the program, its help, completion and the desktop's actions point here.
#pragma once

#include <span>
#include <string_view>

namespace dubito::cli {

struct Verb {
    std::string_view name, arguments, does;
    bool writes = false;  ///< needs to own the project
};
std::span<const Verb> verbTable();
const Verb* findVerb(std::string_view name);

}  // namespace dubito::cli
