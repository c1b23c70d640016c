#include "tokenise_task.h"

#include "base/json.h"
#include "pieces.h"

namespace dubito::lmtask {

TokeniseTask::TokeniseTask(const sdk::Host& host, std::shared_ptr<const lm::Tokenizer> own,
    std::shared_ptr<const lm::Tokenizer> against, std::string againstName, const std::string& text, bool keep)
    : m_host(host), m_own(std::move(own)), m_against(std::move(against)), m_againstName(std::move(againstName)),
      m_keep(keep) {
    m_pieces = host.series("tok/pieces", "", DUBITO_KIND_TOKENS);
    m_other = host.series("tok/against", "", DUBITO_KIND_TOKENS);
    if (!text.empty()) cut(text);
    else if (!keep) throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "there is nothing to tokenise: set tok.text");
}

sdk::Step TokeniseTask::step() { return m_keep ? sdk::Step::idle : sdk::Step::done; }

void TokeniseTask::interact(const sdk::Interaction& command) {
    if (command.verb() != "tokenise") return Task::interact(command);
    cut(command.args().text("/text"));
}

void TokeniseTask::cut(const std::string& text) {
    const auto publish = [&](const sdk::Series& series, const lm::Tokenizer& tokenizer, const std::string& name) {
        const auto encoded = tokenizer.encode(text);
        publishPieces(m_host, series, m_count,
            jsonText({{"bytes", text.size()}, {"dropped", encoded.droppedBytes}, {"name", name}}), tokenizer, text,
            encoded.ids);
    };
    publish(m_pieces, *m_own, "");
    if (m_against) publish(m_other, *m_against, m_againstName);
    ++m_count;
    m_host.flush();
}

}  // namespace dubito::lmtask
