// Every token is a record at once; turns are events, so that the tree can be rebuilt from the project alone.
#include "chat_session.h"
#include "pieces.h"

#include <fmt/format.h>

#include <cmath>

#include "base/json.h"

namespace dubito::lmtask {

using Clock = std::chrono::steady_clock;

ChatSession::ChatSession(const sdk::Host& host, std::shared_ptr<lm::GgufFile> file,
    std::shared_ptr<const lm::LanguageModel> model, std::int64_t context, std::uint64_t seed, ChatSettings settings,
    bool keep)
    : m_host(host), m_file(std::move(file)), m_model(std::move(model)),
      m_tokenizer(orRefuse(lm::Tokenizer::load(*m_file))), m_generator(m_model, m_tokenizer, context, seed),
      m_watch(host, m_model->device()), m_settings(std::move(settings)), m_keep(keep) {
    m_turn = host.series("chat/turn", "", DUBITO_KIND_EVENT);
    m_token = host.series("chat/token", "nats", DUBITO_KIND_TOKENS);
    m_prompt = host.series("chat/prompt", "", DUBITO_KIND_TOKENS);
    m_pieces = host.series("tok/pieces", "", DUBITO_KIND_TOKENS);
    m_rate = host.series("gen/tokens_per_s", "1/s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX);
    m_first = host.series("gen/first_token_s", "s", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN);
    if (!m_settings.schema.is_null())
        m_constraint.emplace(orRefuse(lm::ByteAutomaton::fromSchema(m_settings.schema)), m_tokenizer);
    if (!m_tokenizer->warning().empty()) m_host.log(sdk::Log::warn, m_tokenizer->warning());
    auto chat = lm::ChatTemplate::load(*m_file, m_settings.now);
    if (chat) m_template = std::move(*chat);
    const std::string warning = chat ? m_template->warning() : chat.error().text() + "; turns are joined as plain text";
    if (!warning.empty()) m_host.log(sdk::Log::warn, warning);
}

std::int64_t ChatSession::addNode(
    std::int64_t parent, std::string role, std::string text, std::int64_t branchedFrom, std::int64_t branchToken) {
    const auto number = static_cast<std::int64_t>(m_nodes.size());
    if (number >= 100'000)
        throw sdk::Refusal(DUBITO_LIMIT, "a conversation holds at most 100,000 turns; start a new one");
    const Json meta = {{"name", "turn"}, {"severity", "info"}, {"text", text}, {"node", number}, {"parent", parent},
        {"role", role}, {"branched_from", branchedFrom}, {"branch_token", branchToken}};
    m_host.record(m_turn, number, jsonText(meta), {});
    m_nodes.push_back({parent, std::move(role), std::move(text), {}});
    return number;
}

std::int64_t ChatSession::ask(
    std::int64_t parent, std::vector<lm::TokenId> forced, std::int64_t branchedFrom, std::int64_t branchToken) {
    const std::int64_t answer = addNode(parent, "assistant", "", branchedFrom, branchToken);
    m_queue.push_back({answer, std::move(forced)});
    m_host.flush();
    return answer;
}

std::int64_t ChatSession::say(std::int64_t parent, std::string text) {
    if (parent >= 0) (void)nodeOf(parent, "assistant");
    const std::int64_t number = addNode(parent, "user", std::move(text));
    ask(number, {}, -1, -1);
    return number;
}

void ChatSession::takeUp(const Json& turns) {
    const auto bad = [](std::size_t at, const char* what) {
        return sdk::Refusal(DUBITO_INVALID_ARGUMENT, fmt::format("chat.turns, turn {}: {}", at, what));
    };
    if (!turns.is_array()) throw bad(0, "a list of {role, content} is expected");
    std::int64_t parent = -1;
    for (std::size_t at = 0; at < turns.size(); ++at) {
        const bool isAnswer = at % 2 == 1;
        const std::string role = textOr(turns[at], "role", ""), text = textOr(turns[at], "content", "");
        if (role != (isAnswer ? "assistant" : "user"))
            throw bad(at, isAnswer ? "the role assistant is expected" : "the role user is expected");
        parent = addNode(parent, role, isAnswer ? "" : text);
        if (!isAnswer) continue;
        // Its tokens are this tokenizer's; how likely they were is not known here.
        Node& node = m_nodes[static_cast<std::size_t>(parent)];
        node.text = text;
        node.ids = orRefuse(m_tokenizer->idsOf(text));
        const float unknown[] = {std::nanf("")};
        const std::uint8_t special[] = {0};
        for (std::size_t i = 0; i < node.ids.size(); ++i)
            m_host.record(m_token, m_step++, jsonText({{"node", parent}, {"index", i}, {"forced", true}}),
                {sdk::Array("id", std::span<const std::int32_t>(&node.ids[i], 1), {1}),
                    sdk::Array::texts("text", {m_tokenizer->shown(node.ids[i])}),
                    sdk::Array("logprob", std::span<const float>(unknown), {1}, "nats"),
                    sdk::Array("entropy", std::span<const float>(unknown), {1}, "nats"),
                    sdk::Array("special", std::span<const std::uint8_t>(special), {1})});
        m_host.record(m_turn, parent,
            jsonText({{"name", "end"}, {"severity", "info"}, {"text", ""}, {"node", parent}, {"stop", "taken up"},
                {"tokens", node.ids.size()}, {"answer", text}}),
            {});
    }
    if (turns.size() % 2 == 1) ask(parent, {}, -1, -1);
    m_host.flush();
}

const ChatSession::Node& ChatSession::nodeOf(std::int64_t number, const char* role) const {
    if (number < 0 || number >= static_cast<std::int64_t>(m_nodes.size()))
        throw sdk::Refusal(DUBITO_NOT_FOUND, fmt::format("turn {} is not in this conversation", number));
    const Node& node = m_nodes[static_cast<std::size_t>(number)];
    if (node.role != role)
        throw sdk::Refusal(
            DUBITO_INVALID_ARGUMENT, fmt::format("turn {} is of role {}, not {}", number, node.role, role));
    return node;
}

Json ChatSession::pathTo(std::int64_t number) const {
    std::vector<const Node*> path;
    for (; number >= 0; number = path.back()->parent) path.push_back(&m_nodes[static_cast<std::size_t>(number)]);
    Json out = Json::array();
    if (!m_settings.system.empty()) out.push_back({{"role", "system"}, {"content", m_settings.system}});
    for (auto node = path.rbegin(); node != path.rend(); ++node)
        out.push_back({{"role", (*node)->role}, {"content", (*node)->text}});
    return out;
}

sdk::Step ChatSession::step() {
    if (m_speaking < 0) {
        if (m_queue.empty()) return atRest();
        begin();
        return sdk::Step::more;
    }
    auto token = m_generator.advance();
    if (!token) {
        fail(token.error());
        return sdk::Step::more;
    }
    if (!*token) {
        m_host.progress(static_cast<double>(m_generator.read()), static_cast<double>(m_generator.ids().size()),
            "tokens", "reading");
        return sdk::Step::more;
    }
    speak(**token);
    return sdk::Step::more;
}

void ChatSession::begin() {
    const Pending next = std::move(m_queue.front());
    m_queue.pop_front();
    m_speaking = next.node;
    m_asked = Clock::now();
    m_answerSeconds = m_firstSeconds = 0;
    const Json messages = pathTo(m_nodes[static_cast<std::size_t>(next.node)].parent);
    std::vector<lm::Fragment> fragments;
    std::vector<std::uint8_t> mask;
    if (m_template) {
        lm::RenderOptions options;
        options.enableThinking = m_settings.thinking;
        auto rendered = m_template->render(messages, options);
        if (!rendered) return fail(rendered.error());
        auto masked = lm::encodeMasked(*m_tokenizer, *rendered);
        if (masked.problem) return fail(*masked.problem);
        mask = std::move(masked.mask);
        fragments = std::move(rendered->fragments);
    } else {
        for (const Json& message : messages) fragments.push_back({textOr(message, "content", "") + "\n", false});
    }
    auto encoded = m_tokenizer->encodeFragments(fragments);
    if (encoded.problem) return fail(*encoded.problem);
    if (encoded.droppedBytes > 0)
        m_host.log(
            sdk::Log::warn, fmt::format("{} bytes of the conversation are not in the vocabulary and were left out",
                                encoded.droppedBytes));
    m_tokenizer->addStart(encoded.ids);
    while (mask.size() < encoded.ids.size()) mask.insert(mask.begin(), 0);  // a start token in front
    std::string text;
    for (const auto& fragment : fragments) text += fragment.text;
    publishPieces(m_host, m_prompt, next.node,
        jsonText({{"node", next.node}, {"tokens", encoded.ids.size()}, {"context", m_generator.context()},
            {"bytes", text.size()}}),
        *m_tokenizer, text, encoded.ids, mask);
    lm::GenerationRequest request;
    request.prompt = std::move(encoded.ids);
    request.forced = next.forced;
    request.maxTokens = m_settings.maxTokens + static_cast<std::int64_t>(next.forced.size());
    request.sampling = m_settings.sampling;
    request.branch = static_cast<std::uint64_t>(next.node);
    if (m_constraint)
        request.constraint = [this](std::span<const lm::TokenId> answer) { return m_constraint->maskAfter(answer); };
    if (auto started = m_generator.start(std::move(request)); !started) fail(started.error());
}

void ChatSession::speak(const lm::GeneratedToken& token) {
    Node& node = m_nodes[static_cast<std::size_t>(m_speaking)];
    const auto index = static_cast<std::int64_t>(node.ids.size());
    if (index == 0) m_firstSeconds = std::chrono::duration<double>(Clock::now() - m_asked).count();
    else m_answerSeconds += token.seconds;
    node.ids.push_back(token.sampled.id);
    node.text += token.text;
    const std::int32_t id[] = {token.sampled.id};
    const float logprob[] = {token.sampled.logprob}, entropy[] = {token.sampled.entropy};
    const std::uint8_t special[] = {m_tokenizer->isSpecial(token.sampled.id)};
    std::vector<std::string> topTexts;
    for (const auto top : token.sampled.topIds) topTexts.push_back(m_tokenizer->shown(top));
    const auto k = static_cast<std::int64_t>(token.sampled.topIds.size());
    const Json meta = {{"node", m_speaking}, {"index", index}, {"forced", token.isForced}};
    m_host.record(m_token, m_step++, jsonText(meta),
        {sdk::Array("id", std::span<const std::int32_t>(id), {1}),
            sdk::Array::texts("text", {m_tokenizer->shown(token.sampled.id)}),
            sdk::Array("logprob", std::span<const float>(logprob), {1}, "nats"),
            sdk::Array("entropy", std::span<const float>(entropy), {1}, "nats"),
            sdk::Array("special", std::span<const std::uint8_t>(special), {1}),
            sdk::Array("top_id", std::span<const std::int32_t>(token.sampled.topIds), {1, k}),
            sdk::Array("top_logp", std::span<const float>(token.sampled.topLogps), {1, k}, "nats"),
            sdk::Array::texts("top_text", topTexts)});
    if (token.stop != lm::StopReason::None) finish(std::string(lm::stopName(token.stop)), "");
}

sdk::Step ChatSession::atRest() const {
    if (m_keep) return sdk::Step::idle;
    // A run whose one answer failed has failed: scripts look at the exit code, not at the conversation.
    if (m_failure && m_answered == 0) orRefuse(Result<void>(*m_failure));
    return sdk::Step::done;
}

void ChatSession::fail(const Error& problem) {
    if (!m_failure) m_failure = problem;
    finish("error", problem.text());
}

void ChatSession::finish(const std::string& stop, const std::string& detail) {
    const Node& node = m_nodes[static_cast<std::size_t>(m_speaking)];
    const double rate = m_answerSeconds > 0 ? static_cast<double>(node.ids.size() - 1) / m_answerSeconds : 0;
    const Json meta = {{"name", "end"}, {"severity", stop == "error" ? "error" : "info"}, {"text", detail},
        {"node", m_speaking}, {"stop", stop}, {"tokens", node.ids.size()}, {"answer", node.text}};
    m_host.record(m_turn, m_speaking, jsonText(meta), {});
    if (stop == "error") m_host.log(sdk::Log::error, detail);
    if (!node.ids.empty()) m_host.scalars(m_speaking, {{m_rate, rate}, {m_first, m_firstSeconds}});
    m_watch.publish(m_speaking);
    m_answered += stop != "error";
    m_generator.stop();
    m_speaking = -1;
    m_host.flush();
}

void ChatSession::interact(const sdk::Interaction& command) {
    const sdk::Document args = command.args();
    const auto answer = [&](std::int64_t node) {
        m_host.reply(command.sequence(), fmt::format("{{\"node\":{}}}", node));
    };
    const auto verb = command.verb();
    if (verb == "say") {
        answer(say(args.integer("/parent"), args.text("/text")));
    } else if (verb == "regenerate") {
        (void)nodeOf(args.integer("/node"), "user");
        answer(ask(args.integer("/node"), {}, -1, -1));
    } else if (verb == "branch") {
        const std::int64_t number = args.integer("/node"), index = args.integer("/index");
        const Node& node = nodeOf(number, "assistant");
        if (index < 0 || index >= static_cast<std::int64_t>(node.ids.size()))
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
                fmt::format("answer {} has {} tokens, not one at {}", number, node.ids.size(), index));
        const auto token = args.integer("/token");
        if (token < 0 || token >= m_tokenizer->size())
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
                fmt::format("token {} is outside the vocabulary of {}", token, m_tokenizer->size()));
        std::vector<lm::TokenId> forced(node.ids.begin(), node.ids.begin() + index);
        forced.push_back(static_cast<lm::TokenId>(token));
        answer(ask(node.parent, std::move(forced), number, index));
    } else if (verb == "tokenise") {
        const std::string text = args.text("/text");
        const auto encoded = m_tokenizer->encode(text);
        if (encoded.problem) throw sdk::Refusal(DUBITO_LIMIT, encoded.problem->text());
        publishPieces(m_host, m_pieces, m_questions,
            jsonText({{"bytes", text.size()}, {"dropped", encoded.droppedBytes}}), *m_tokenizer, text, encoded.ids);
        ++m_questions;
        m_host.flush();
    } else if (verb == "stop_answer") {
        m_queue.clear();
        if (m_speaking >= 0) finish("stopped", "");
    } else if (verb == "set_sampling") {
        if (args.has("/temperature")) m_settings.sampling.temperature = args.number("/temperature");
        if (args.has("/top_k")) m_settings.sampling.topK = static_cast<int>(args.integer("/top_k"));
        if (args.has("/top_p")) m_settings.sampling.topP = args.number("/top_p");
        if (args.has("/min_p")) m_settings.sampling.minP = args.number("/min_p");
        if (args.has("/repetition_penalty")) m_settings.sampling.repetitionPenalty = args.number("/repetition_penalty");
        if (args.has("/max_tokens")) m_settings.maxTokens = args.integer("/max_tokens");
        if (args.has("/system")) m_settings.system = args.text("/system");
        m_host.log(sdk::Log::info,
            fmt::format(
                "sampling: temperature {}, top-k {}, top-p {}, min-p {}, repetition penalty {}, at most {} tokens",
                m_settings.sampling.temperature, m_settings.sampling.topK, m_settings.sampling.topP,
                m_settings.sampling.minP, m_settings.sampling.repetitionPenalty, m_settings.maxTokens));
    } else {
        throw sdk::Refusal(DUBITO_UNSUPPORTED, "unknown command " + std::string(verb));
    }
}

}  // namespace dubito::lmtask
