// The interpreter first; two families by hand stand in for what it does not know.
#include "lm/text/chat_template.h"

#include <algorithm>

namespace dubito::lm {
namespace {

RenderedChat fromOutput(const jinja::Output& output, const Json& messages) {
    RenderedChat out;
    std::size_t begin = 0;
    for (const auto& run : output.text.runs()) {
        const bool isTemplate = run.source == jinja::kFromTemplate;
        const std::string bytes = output.text.bytes().substr(begin, run.end - begin);
        if (!out.fragments.empty() && out.fragments.back().fromTemplate == isTemplate)
            out.fragments.back().text += bytes;
        else out.fragments.push_back({bytes, isTemplate});
        if (output.generated.empty() && run.source >= 0 &&
            textOr(messages[static_cast<std::size_t>(run.source)], "role", "") == "assistant") {
            const auto message = static_cast<std::size_t>(run.source);
            if (!out.assistantTurns.empty() && out.assistantTurns.back().message == message)
                out.assistantTurns.back().last = run.end;
            else out.assistantTurns.push_back({message, begin, run.end});
        }
        begin = run.end;
    }
    // A template that marks what is generated knows best.
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
        const auto spelling = [&](const char* key) {
            const auto id = file.integer(key);
            return id && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size())
                       ? (*tokens)[static_cast<std::size_t>(*id)]
                       : std::string();
        };
        out.m_start = spelling("tokenizer.ggml.bos_token_id");
        out.m_end = spelling("tokenizer.ggml.eos_token_id");
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
    if (!m_template) return renderFamily(messages, options.addGenerationPrompt);
    jinja::Variables variables;
    variables.messages = messages;
    if (!options.tools.is_null()) variables.untrusted.emplace_back("tools", options.tools);
    if (!options.documents.is_null()) variables.untrusted.emplace_back("documents", options.documents);
    variables.trusted = {
        {"bos_token", m_start}, {"eos_token", m_end}, {"add_generation_prompt", options.addGenerationPrompt}};
    if (options.enableThinking) variables.trusted.emplace_back("enable_thinking", *options.enableThinking);
    if (!options.now.empty()) variables.now = options.now;
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
        const bool inTurn = turn < chat.assistantTurns.size() && span.first >= chat.assistantTurns[turn].first &&
                            span.last <= chat.assistantTurns[turn].last;
        const auto& ends = tokenizer.endTokens();
        const bool closes = saidBefore && std::find(ends.begin(), ends.end(), span.id) != ends.end();
        out.ids.push_back(span.id);
        out.mask.push_back(inTurn || closes);
        saidBefore = inTurn;
    }
    return out;
}

}  // namespace dubito::lm
