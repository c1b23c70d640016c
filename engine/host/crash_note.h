// Last words: on a fatal signal the journal's waiting bytes and a note are written, then the signal is raised again.
#pragma once

#include <atomic>

#include "journal/writer.h"

namespace dubito::host {

/// What the plugin is doing, for the note. Written by [plugin], read by the signal handler.
struct CallState {
    std::atomic<const char*> call{"start"};
    std::atomic<std::int64_t> step{-1};
};

/// Installs handlers for SEGV, BUS, FPE, ILL and ABRT on an alternate stack. Call once, before the plugin is loaded.
void installCrashNote(const fs::path& notePath, journal::JournalWriter* journal, const CallState* state);

}  // namespace dubito::host
