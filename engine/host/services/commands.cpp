// dubito.interaction/1.
#include "host/services/commands.h"

#include "host/loader.h"
#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {

void Commands::push(PendingCommand command) {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(command));
}

bool Commands::areWaiting() const {
    const std::lock_guard lock(m_mutex);
    return !m_waiting.empty();
}

std::optional<PendingCommand> Commands::next() {
    const std::lock_guard lock(m_mutex);
    if (m_waiting.empty()) return std::nullopt;
    std::optional<PendingCommand> out(std::move(m_waiting.front()));
    m_waiting.pop_front();
    return out;
}

Result<void> Commands::result(std::uint64_t sequence, std::int32_t status, std::string_view verb,
    std::string_view message, std::string_view json) {
    Json body = {{"verb", verb}, {"message", message}};
    if (auto value = parseJson(json)) body["value"] = *value;
    Bytes payload;
    journal::encodeResult(payload, {sequence, status, m_step, jsonText(body)});
    auto written = m_journal.append(journal::RecordType::Result, payload);
    if (!written) return std::move(written).error();
    return {};
}

void Commands::pump() {
    if (m_isPumping || !m_plugin) return;  // interact() may pump in its turn
    m_isPumping = true;
    while (const auto command = next()) {
        if (!m_plugin->interact) {
            (void)result(command->sequence, DUBITO_UNSUPPORTED, command->verb, "this plugin takes no commands");
            continue;
        }
        dubito_interaction interaction{};
        interaction.struct_bytes = sizeof interaction;
        interaction.command_seq = command->sequence;
        interaction.verb = str(command->verb);
        interaction.args = command->arguments.handle();
        dubito_error error{};
        error.struct_bytes = sizeof error;
        const auto status = m_plugin->interact(m_plugin->self, &interaction, &error);
        (void)result(command->sequence, status, command->verb, status < 0 ? errorText(status, error) : "");
    }
    m_isPumping = false;
}

void Commands::refuseRest() {
    while (const auto command = next())
        (void)result(command->sequence, DUBITO_WRONG_STATE, command->verb, "the run ended before it was delivered");
}

namespace {

dubito_status pump(const dubito_host* host, dubito_error* error) {
    Services& services = Services::of(host);
    if (!services.isPluginThread())
        return refuse(error, DUBITO_WRONG_THREAD, "pump is called from the plugin's own thread");
    services.commands().pump();
    return DUBITO_OK;
}

dubito_status reply(const dubito_host* host, std::uint64_t sequence, dubito_str json, dubito_error* error) {
    Services& services = Services::of(host);
    services.tick();
    const auto written = services.commands().result(sequence, DUBITO_OK, "reply", "", view(json));
    return written ? DUBITO_OK : refuse(error, written.error());
}

}  // namespace

const dubito_interaction_v1 kInteractionTable = {sizeof kInteractionTable, 0, pump, reply};

}  // namespace dubito::host
