// What `dubito doctor` found, in the language of the window. The lines themselves are the command line's.
#pragma once

#include <QString>
#include <string>

namespace dubito::app {

/// A part of a line ("memory", "8 cores, AVX2", a remedy); what is not known stays as it is.
QString systemWords(const std::string& text);

}  // namespace dubito::app
