#include "chat_plugin.h"

#include "base/json.h"
#include "lm/data/documents.h"

namespace dubito::lmtask {
namespace {

lm::Sampling samplingFrom(const sdk::Document& params) {
    lm::Sampling out;
    out.temperature = params.number("/gen/temperature");
    out.topK = static_cast<int>(params.integer("/gen/top_k"));
    out.topP = params.number("/gen/top_p");
    out.minP = params.number("/gen/min_p");
    out.repetitionPenalty = params.number("/gen/repetition_penalty");
    out.topLogprobs = static_cast<int>(params.integer("/gen/top_logprobs"));
    return out;
}

ChatSettings settingsFrom(const sdk::Document& params) {
    ChatSettings out;
    out.system = params.text("/chat/system");
    out.sampling = samplingFrom(params);
    out.now = timeOf(params);
    out.maxTokens = params.integer("/gen/max_tokens");
    if (const std::string schema = params.text("/gen/schema"); !schema.empty())
        out.schema = orRefuse(parseJson(schema, {schema.size(), 64}));
    if (const std::string thinking = params.text("/chat/thinking"); thinking != "template")
        out.thinking = thinking == "on";
    return out;
}

/// The list that `chat.turns` is, with roles and contents as a template knows them. @throws Refusal
Json turnsFrom(const std::string& text) {
    lm::TextReader reader = orRefuse(lm::TextReader::of(text));
    const std::string whole = "{\"turns\":" + orRefuse(reader.rest()) + "}";
    lm::DataRow row;
    row.file = "chat.turns";
    row.where = "the list";
    row.source = whole;
    row.json = orRefuse(parseJson(whole, {whole.size(), 64}));
    if (const Json& list = memberOf(row.json, "turns"); list.is_array() && list.empty()) return list;
    lm::DataSummary summary;
    return orRefuse(lm::turnsAt(row, "/turns", {}, summary));
}

}  // namespace

void ChatPlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    const auto file = openModel(host());
    m_session = std::make_unique<ChatSession>(host(), file, loadModel(host(), file, params),
        params.integer("/model/context"), run.seed(), settingsFrom(params), params.boolean("/session/keep"));
    std::int64_t last = -1;
    if (const std::string turns = params.text("/chat/turns"); !turns.empty()) {
        const Json list = turnsFrom(turns);
        m_session->takeUp(list);
        last = static_cast<std::int64_t>(list.size()) - 1;
    }
    if (const std::string text = params.text("/chat/text"); !text.empty()) m_session->say(last, text);
}

}  // namespace dubito::lmtask
