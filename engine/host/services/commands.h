// Commands on their way to a plugin, and their results on the way back.
#pragma once

#include <deque>
#include <mutex>

#include "host/services/json.h"
#include "journal/writer.h"

namespace dubito::host {

struct PendingCommand {
    std::uint64_t sequence = 0;
    std::string verb;
    Document arguments;
};

class Commands {
public:
    explicit Commands(journal::JournalWriter& journal) : m_journal(journal) {}
    void bind(dubito_plugin* plugin) { m_plugin = plugin; }  ///< whose interact() pump() calls; null: none. [plugin]
    void push(PendingCommand command);                       ///< [any]
    bool areWaiting() const;                                 ///< [any]
    void pump();                                             ///< delivers what waits to interact(). [plugin]
    void refuseRest();                                       ///< answers what no plugin takes any more. [plugin]
    /// Each command gets a result, with the step where it took effect. [any] @error of the journal
    Result<void> result(std::uint64_t sequence, std::int32_t status, std::string_view verb, std::string_view message,
        std::string_view json = "null");
    void noteStep(std::int64_t step) { m_step = step; }
    std::int64_t step() const { return m_step; }

private:
    std::optional<PendingCommand> next();
    journal::JournalWriter& m_journal;
    dubito_plugin* m_plugin = nullptr;
    bool m_isPumping = false;  // [plugin] only
    std::atomic<std::int64_t> m_step{0};
    mutable std::mutex m_mutex;  // guards the line below
    std::deque<PendingCommand> m_waiting;
};

}  // namespace dubito::host
