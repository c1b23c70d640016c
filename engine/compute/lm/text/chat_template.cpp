// The interpreter first; two families by hand stand in for what it does not know.
#include "lm/text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace dubito::lm {
namespace {

/// "YYYY-MM-DD hh:mm:ss" of now, in this machine's zone.
std::string localTime() {
    const std::time_t now = std::time(nullptr);
    struct tm when {};
    localtime_r(&now, &when);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday,
        when.tm_hour, when.tm_min, when.tm_sec);
}

/// Of an assistant, and not one whose author gave it no weight.
bool isLearned(const Json& message) {
    const Json& weight = memberOf(message, "weight");
    return textOr(message, "role", "") == "assistant" && !(weight.is_number() && weight.get<double>() == 0);
}

RenderedChat fromOutput(const jinja::Output& output, const Json& messages) {
    RenderedChat out;
    std::size_t begin = 0;
    for (const auto& run : output.text.runs()) {
        const bool isTemplate = run.source == jinja::kFromTemplate;
        const std::string bytes = output.text.bytes().substr(begin, run.end - begin);
        if (!out.fragments.empty() && out.fragments.back().fromTemplate == isTemplate)
            out.fragments.back().text += bytes;
        else out.fragments.push_back({bytes, isTemplate});
        if (output.generated.empty() && run.source >= 0 && isLearned(messages[static_cast<std::size_t>(run.source)])) {
            const auto message = static_cast<std::size_t>(run.source);
            if (!out.assistantTurns.empty() && out.assistantTurns.back().message == message)
                out.assistantTurns.back().last = run.end;
            else out.assistantTurns.push_back({message, begin, run.end});
        }
        begin = run.end;
    }
    // A template that marks what is generated knows best.
    out.isMarked = !output.generated.empty();
    for (const auto& generated : output.generated) out.assistantTurns.push_back({0, generated.first, generated.last});
    return out;
}

}  // namespace

std::string RenderedChat::text() const {
    std::string out;
    for (const Fragment& fragment : fragments) out += fragment.text;
    return out;
}

Result<ChatTemplate> ChatTemplate::load(const GgufFile& file) {
    ChatTemplate out;
    out.m_source = file.text("tokenizer.chat_template").value_or("");
    if (const auto tokens = file.texts("tokenizer.ggml.tokens")) {
        constexpr std::pair<const char*, const char*> kNames[] = {{"bos_token", "bos"}, {"eos_token", "eos"},
            {"unk_token", "unknown"}, {"pad_token", "padding"}, {"sep_token", "seperator"}, {"cls_token", "cls"},
            {"mask_token", "mask"}};
        for (const auto& [name, key] : kNames) {
            const auto id = file.integer("tokenizer.ggml." + std::string(key) + "_token_id");
            if (id && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size()))
                out.m_tokens.emplace_back(name, (*tokens)[static_cast<std::size_t>(*id)]);
        }
    }
    if (out.m_source.find("<|im_start|>") != std::string::npos) out.m_family = Family::ChatMl;
    else if (out.m_source.find("<|start_header_id|>") != std::string::npos) out.m_family = Family::Llama3;
    if (out.m_source.empty()) return Error(Code::Unsupported, "the model carries no chat template; use a plain prompt");
    auto parsed = jinja::Template::parse(out.m_source);
    if (parsed) {
        out.m_template = std::make_shared<const jinja::Template>(std::move(*parsed));
        // A template is tried once, so that what it does not know shows when the model opens and not in the middle of a
        // talk.
        const auto tried = out.render(Json::array({{{"role", "user"}, {"content", "a"}}}), {});
        if (tried || tried.error().code() != Code::Unsupported) return out;
        out.m_warning = tried.error().text();
        out.m_template = nullptr;
    } else {
        out.m_warning = parsed.error().text();
    }
    if (out.m_family == Family::None)
        return Error(Code::Unsupported, "the model's chat template does not run here: " + out.m_warning);
    out.m_warning +=
        out.m_family == Family::ChatMl ? "; ChatML turns are used instead" : "; Llama-3 turns are used instead";
    return out;
}

Result<RenderedChat> ChatTemplate::render(const Json& messages, const RenderOptions& options) const {
    if (!messages.is_array()) return Error(Code::InvalidArgument, "a conversation is a list of messages");
    DUBITO_TRY(RenderedChat out, renderOnce(messages, options));
    if (!options.addGenerationPrompt && !out.isMarked) widenTurns(out, messages, options);
    return out;
}

void ChatTemplate::widenTurns(RenderedChat& chat, const Json& messages, const RenderOptions& options) const {
    constexpr std::size_t kMostMessages = 256;  // each turn is rendered from the first message on
    if (messages.size() > kMostMessages) return;
    const std::string all = chat.text();
    const auto upTo = [&](std::size_t n, bool addGenerationPrompt) -> std::optional<std::string> {
        RenderOptions part = options;
        part.addGenerationPrompt = addGenerationPrompt;
        auto out = renderOnce(Json(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(n)), part);
        return out ? std::optional(out->text()) : std::nullopt;
    };
    std::vector<RenderedChat::Turn> turns;
    for (std::size_t k = 0; k < messages.size(); ++k) {
        if (!isLearned(messages[k])) continue;
        const auto own = std::find_if(chat.assistantTurns.begin(), chat.assistantTurns.end(),
            [&](const RenderedChat::Turn& turn) { return turn.message == k; });
        const bool hasOwn = own != chat.assistantTurns.end();
        const auto before = upTo(k, false), asked = upTo(k, true), whole = upTo(k + 1, false);
        const bool isBehind = before && asked && asked->size() > before->size() && all.starts_with(*asked) &&
                              (!hasOwn || asked->size() <= own->first);
        if (!hasOwn && !isBehind) continue;
        RenderedChat::Turn turn{k, isBehind ? asked->size() : own->first, hasOwn ? own->last : asked->size()};
        if (isBehind && whole && all.starts_with(*whole)) {
            const auto last = whole->find_last_not_of(" \t\r\n");
            if (last != std::string::npos) turn.last = std::max(turn.last, last + 1);
        }
        if (turn.first < turn.last) turns.push_back(turn);
    }
    chat.assistantTurns = std::move(turns);
}

Result<RenderedChat> ChatTemplate::renderOnce(const Json& messages, const RenderOptions& options) const {
    if (!m_template) return renderFamily(messages, options.addGenerationPrompt);
    jinja::Variables variables;
    variables.messages = messages;
    if (!options.tools.is_null()) variables.untrusted.emplace_back("tools", options.tools);
    if (!options.documents.is_null()) variables.untrusted.emplace_back("documents", options.documents);
    variables.trusted = m_tokens;
    variables.trusted.emplace_back("add_generation_prompt", options.addGenerationPrompt);
    if (options.enableThinking) variables.trusted.emplace_back("enable_thinking", *options.enableThinking);
    variables.now = options.now.empty() ? localTime() : options.now;
    DUBITO_TRY(const jinja::Output output, m_template->render(variables));
    return fromOutput(output, messages);
}

Result<RenderedChat> ChatTemplate::render(const std::vector<ChatMessage>& messages, bool addGenerationPrompt) const {
    Json list = Json::array();
    for (const ChatMessage& message : messages) list.push_back({{"role", message.role}, {"content", message.content}});
    RenderOptions options;
    options.addGenerationPrompt = addGenerationPrompt;
    return render(list, options);
}

Result<RenderedChat> ChatTemplate::renderFamily(const Json& messages, bool addGenerationPrompt) const {
    const bool isChatMl = m_family == Family::ChatMl;
    jinja::Output output;
    const auto own = [&](std::string text) { output.text.append({std::move(text), jinja::kFromTemplate}); };
    if (!isChatMl) own("<|begin_of_text|>");
    std::int32_t index = 0;
    for (const Json& message : messages) {
        own(isChatMl ? "<|im_start|>" : "<|start_header_id|>");
        output.text.append({textOr(message, "role", "user"), jinja::kFromOutside});
        own(isChatMl ? "\n" : "<|end_header_id|>\n\n");
        output.text.append({textOr(message, "content", ""), index++});
        own(isChatMl ? "<|im_end|>\n" : "<|eot_id|>");
    }
    if (addGenerationPrompt)
        own(isChatMl ? "<|im_start|>assistant\n" : "<|start_header_id|>assistant<|end_header_id|>\n\n");
    return fromOutput(output, messages);
}

MaskedIds encodeMasked(const Tokenizer& tokenizer, const RenderedChat& chat) {
    MaskedIds out;
    const auto spans = tokenizer.encodeSpans(chat.fragments);
    std::size_t turn = 0;
    bool saidBefore = false;
    for (const auto& span : spans) {
        while (turn < chat.assistantTurns.size() && chat.assistantTurns[turn].last <= span.first &&
               span.first != span.last)
            ++turn;
        // A token that begins in the template and ends in the answer holds the answer's first character.
        const bool inTurn = turn < chat.assistantTurns.size() && span.last > chat.assistantTurns[turn].first &&
                            span.first < chat.assistantTurns[turn].last;
        const auto& ends = tokenizer.endTokens();
        const bool isEnd = std::find(ends.begin(), ends.end(), span.id) != ends.end();
        const bool closes = saidBefore && isEnd;
        out.ids.push_back(span.id);
        out.mask.push_back(inTurn || closes);
        saidBefore = inTurn && !isEnd;
    }
    return out;
}

}  // namespace dubito::lm
