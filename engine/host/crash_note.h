// Last words: on a fatal signal a note and the journal's waiting records are written, then the signal is raised again.
#pragma once

#include <atomic>

#include "journal/writer.h"

namespace dubito::host {

/// What the plugin is doing, for the note. Written by [plugin], read by the signal handler.
struct CallState {
    std::atomic<const char*> call{"start"};
    std::atomic<std::int64_t> step{-1};
};

/// Installs handlers for SEGV, BUS, FPE, ILL and ABRT on an alternate stack of the calling thread. Call once, before
/// the plugin is loaded. The handler writes the note's first line (signal, address, call, step), asks the journal to
/// drain, adds the stack to the note, waits for the journal (up to 2 s, then it writes from memory; see JournalWriter),
/// and raises the signal again. Should it hang, SIGALRM ends the process after 10 s.
void installCrashNote(const fs::path& notePath, journal::JournalWriter* journal, const CallState* state);
/// The journal has ended and goes away: crashes from now on leave a note alone.
void forgetJournal();

}  // namespace dubito::host
