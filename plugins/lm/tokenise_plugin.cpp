#include "tokenise_plugin.h"

#include "base/json.h"
#include "data_rows.h"
#include "lm/formats/model_folder.h"
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
    m_rows = host().series("data/rows", "", DUBITO_KIND_TABLE);
    // A tokenizer alone knows no turns; conversations are then refused by name.
    if (const auto file = lm::openModel(host().assetPath("model")))
        m_chat = lm::ChatTemplate::opened(**file, timeOf(params));
    const std::string data = optionalAsset(host(), "data");
    const lm::ColumnMap map = orRefuse(lm::ColumnMap::parse(params.text("/data/map")));
    if (!data.empty())
        showRows(
            orRefuse(lm::readTrainFile(data, map)), params.integer("/tok/row_length"), params.number("/tok/holdout"));
    if (const std::string text = params.text("/tok/text"); !text.empty()) cut(text);
    else if (!m_keep && data.empty())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "there is nothing to tokenise: set tok.text or tok.data");
}

sdk::Step TokenisePlugin::step(std::int64_t) { return m_keep ? sdk::Step::idle : sdk::Step::done; }

void TokenisePlugin::interact(const sdk::Interaction& command) {
    const sdk::Document args = command.args();
    if (command.verb() == "tokenise") return cut(args.text("/text"));
    if (command.verb() == "rows") {
        const lm::ColumnMap map = orRefuse(lm::ColumnMap::parse(args.text("/map")));
        return showRows(orRefuse(lm::readTrainText(args.text("/data"), map)), args.integer("/length"));
    }
    Plugin::interact(command);
}

void TokenisePlugin::showRows(const lm::TrainData& data, std::int64_t length, double share) {
    RowUse use;
    use.length = length;
    use.held = static_cast<std::size_t>(share * static_cast<double>(data.documents.size()));
    if (use.held > 0)
        use.sets.push_back({{}, {data.documents.end() - static_cast<std::ptrdiff_t>(use.held), data.documents.end()}});
    host().log(sdk::Log::info, "training data: " + data.summary.text());
    publishRows(host(), m_rows, m_editions++, data.documents, *m_own, m_chat ? &*m_chat : nullptr, data.summary, use);
}

void TokenisePlugin::cut(const std::string& text) {
    const auto publish = [&](const sdk::Series& series, const lm::Tokenizer& tokenizer, const std::string& name) {
        const auto encoded = tokenizer.encode(text);
        if (encoded.problem) throw sdk::Refusal(DUBITO_LIMIT, encoded.problem->text());
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
