// Both models are held in fp32, the form that a fine-tune starts from, so that nothing but the teaching differs.
#include "beside_plugin.h"

#include "base/json.h"
#include "lm/formats/model_folder.h"
#include "lm/model/lora.h"

namespace dubito::lmtask {

void BesidePlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    m_maxTokens = params.integer("/ask/max_tokens");
    m_keep = params.boolean("/session/keep");
    loadBoth(params);
    m_answers = host().series("beside/answer", "nats", DUBITO_KIND_TOKENS);
    if (std::string text = params.text("/ask/text"); !text.empty()) m_questions.push_back(std::move(text));
    else if (!m_keep) throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "there is no question: set ask.text");
}

void BesidePlugin::loadBoth(const sdk::Document& params) {
    const auto file = openModel(host());
    const std::string adapter = optionalAsset(host(), "adapter"), whole = optionalAsset(host(), "taught");
    if (adapter.empty() == whole.empty())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            "name what was taught: model.adapter for an adapter, or ask.taught for a whole model");
    const auto base = loadPlain(host(), file), taught = whole.empty()
                                                            ? loadPlain(host(), file, adapter)
                                                            : loadPlain(host(), orRefuse(lm::openModel(whole)));
    if (base->config().vocabulary != taught->config().vocabulary)
        throw sdk::Refusal(DUBITO_SHAPE_MISMATCH, "the two models have vocabularies of different size");
    m_tokenizer = orRefuse(lm::Tokenizer::load(*file));
    if (!m_tokenizer->warning().empty()) host().log(sdk::Log::warn, m_tokenizer->warning());
    auto chat = lm::ChatTemplate::load(*file, timeOf(params));
    if (chat) m_template = std::move(*chat);
    const std::string warning =
        chat ? m_template->warning() : chat.error().text() + "; questions are asked as plain text";
    if (!warning.empty()) host().log(sdk::Log::warn, warning);
    const std::int64_t context = params.integer("/ask/context");
    m_watch.emplace(host(), base->device());
    m_base = std::make_unique<lm::Generator>(base, m_tokenizer, context, 0);
    m_taught = std::make_unique<lm::Generator>(taught, m_tokenizer, context, 0);
}

std::vector<lm::TokenId> BesidePlugin::promptOf(const std::string& question) const {
    std::vector<lm::TokenId> ids;
    if (m_template) {
        const auto rendered =
            orRefuse(m_template->render(Json::array({{{"role", "user"}, {"content", question}}}), lm::RenderOptions{}));
        ids = orRefuse(m_tokenizer->idsOf(rendered.fragments));
    } else {
        ids = orRefuse(m_tokenizer->idsOf(question + "\n"));
    }
    m_tokenizer->addStart(ids);
    return ids;
}

bool BesidePlugin::speak(lm::Generator& model, const std::vector<lm::TokenId>& prompt,
    const std::vector<lm::TokenId>& forced, std::vector<float>& nats, Answer* said) {
    lm::GenerationRequest request;
    request.prompt = prompt;
    request.forced = forced;
    request.maxTokens = forced.empty() ? m_maxTokens : static_cast<std::int64_t>(forced.size());
    request.sampling.temperature = 0;
    request.sampling.repetitionPenalty = 1;
    orRefuse(model.start(std::move(request)));
    double seconds = 0;
    while (model.isBusy()) {
        if (host().shouldStop()) return false;
        const auto token = orRefuse(model.advance());
        host().tick();
        if (!token) continue;
        nats.push_back(token->sampled.logprob);
        host().progress(static_cast<double>(++m_spoken), 0, "tokens", "answering");
        if (!said) continue;
        if (!said->ids.empty()) seconds += token->seconds;
        said->ids.push_back(token->sampled.id);
        said->text += token->text;
        if (token->stop != lm::StopReason::None) said->stop = std::string(lm::stopName(token->stop));
    }
    if (said && seconds > 0) said->tokensPerSecond = static_cast<double>(said->ids.size() - 1) / seconds;
    return true;
}

void BesidePlugin::answer(const std::string& question) {
    const auto prompt = promptOf(question);
    Answer base, taught;
    if (!speak(*m_base, prompt, {}, base.base, &base) || !speak(*m_taught, prompt, {}, taught.taught, &taught) ||
        !speak(*m_taught, prompt, base.ids, base.taught, nullptr) ||
        !speak(*m_base, prompt, taught.ids, taught.base, nullptr))
        return;  // told to stop: half a comparison is none
    publish(question, "base", base);
    publish(question, "taught", taught);
    m_watch->publish(m_asked);
    ++m_asked;
    host().flush();
}

void BesidePlugin::publish(const std::string& question, const char* side, const Answer& answer) {
    std::vector<std::string> texts;
    std::vector<std::uint8_t> special;
    for (const lm::TokenId id : answer.ids) {
        texts.push_back(m_tokenizer->shown(id));
        special.push_back(m_tokenizer->isSpecial(id));
    }
    const auto n = static_cast<std::int64_t>(answer.ids.size());
    host().record(m_answers, m_asked,
        jsonText({{"question", m_asked}, {"text", question}, {"side", side}, {"answer", answer.text},
            {"stop", answer.stop}, {"tokens_per_s", answer.tokensPerSecond}}),
        {sdk::Array("id", std::span<const std::int32_t>(answer.ids), {n}), sdk::Array::texts("text", texts),
            sdk::Array("special", std::span<const std::uint8_t>(special), {n}),
            sdk::Array("base", std::span<const float>(answer.base), {n}, "nats"),
            sdk::Array("taught", std::span<const float>(answer.taught), {n}, "nats")});
}

sdk::Step BesidePlugin::step(std::int64_t) {
    if (m_questions.empty()) return m_keep ? sdk::Step::idle : sdk::Step::done;
    const std::string question = std::move(m_questions.front());
    m_questions.pop_front();
    try {
        answer(question);
    } catch (const sdk::Refusal& refusal) {
        if (!m_keep) throw;
        host().log(sdk::Log::error, refusal.what());  // a session waits for a better question
    }
    return sdk::Step::more;
}

void BesidePlugin::interact(const sdk::Interaction& command) {
    if (command.verb() != "ask") return Plugin::interact(command);
    m_questions.push_back(command.args().text("/text"));
}

}  // namespace dubito::lmtask
