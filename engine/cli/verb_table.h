// Every verb of the command line once: the program, its help, completion and the desktop's actions point here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dubito::cli {

struct Verb {
    std::string_view name, arguments, does;
    bool writes = false;  ///< needs to own the project
};
std::span<const Verb> verbTable();
const Verb* findVerb(std::string_view name);

/// The words behind the program's name, with "run" "1" made one word wherever the verb takes a RUN.
std::vector<std::string> joinRunWords(std::vector<std::string> words);

}  // namespace dubito::cli
