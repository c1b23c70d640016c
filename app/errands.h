// Threads beside the window for what takes its time: the system check, recent projects, models, starting runs.
#pragma once

#include <chrono>
#include <functional>

namespace dubito::app {

/// Runs `body` on a thread of its own. [any]
void runErrand(std::function<void()> body);
/// Waits until all of them are over. A thread that outlives main() uses what the program's end takes away.
/// @return false: some still go on, and the program must end without its static destructors
bool waitForErrands(std::chrono::milliseconds atMost);

}  // namespace dubito::app
