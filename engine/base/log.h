// Program log: one line a message on stderr and in the user's state folder. Runs log into their journal instead.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dubito {

/// error: operation failed; warn: done, but not as asked; info: for the researcher; debug: per operation; trace: per
/// step.
enum class LogLevel { Error = 0, Warn = 1, Info = 2, Debug = 3, Trace = 4 };

std::string_view levelName(LogLevel level);
/// [any]. Without start-up call, warnings and errors go to stderr. Control characters are shown, not sent.
void logLine(LogLevel level, std::string_view text);
/// Program start only: also appends to <state>/<program>.log and sets the level shown on stderr.
void startLog(std::string_view program, LogLevel shown);

}  // namespace dubito
