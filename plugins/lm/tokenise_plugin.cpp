#include "tokenise_plugin.h"

#include "base/json.h"
#include "lm/text/tokenizer_source.h"
#include "pieces.h"

namespace dubito::lmtask {

void TokenisePlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    m_own = orRefuse(lm::openTokenizer(host().assetPath("model")));
    if (const std::string other = optionalAsset(host(), "against"); !other.empty()) {
        m_against = orRefuse(lm::openTokenizer(other));
        m_againstName = fs::path(other).filename().string();
    }
    m_keep = params.boolean("/session/keep");
    m_pieces = host().series("tok/pieces", "", DUBITO_KIND_TOKENS);
    m_other = host().series("tok/against", "", DUBITO_KIND_TOKENS);
    if (const std::string text = params.text("/tok/text"); !text.empty()) cut(text);
    else if (!m_keep) throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "there is nothing to tokenise: set tok.text");
}

sdk::Step TokenisePlugin::step(std::int64_t) { return m_keep ? sdk::Step::idle : sdk::Step::done; }

void TokenisePlugin::interact(const sdk::Interaction& command) {
    if (command.verb() != "tokenise") return Plugin::interact(command);
    cut(command.args().text("/text"));
}

void TokenisePlugin::cut(const std::string& text) {
    const auto publish = [&](const sdk::Series& series, const lm::Tokenizer& tokenizer, const std::string& name) {
        const auto encoded = tokenizer.encode(text);
        publishPieces(host(), series, m_count,
            jsonText({{"bytes", text.size()}, {"dropped", encoded.droppedBytes}, {"name", name}}), tokenizer, text,
            encoded.ids);
    };
    publish(m_pieces, *m_own, "");
    if (m_against) publish(m_other, *m_against, m_againstName);
    ++m_count;
    host().flush();
}

}  // namespace dubito::lmtask
