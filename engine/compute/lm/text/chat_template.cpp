// Two families by hand; the general template interpreter is a piece of its own.
#include "lm/text/chat_template.h"

namespace dubito::lm {

Result<ChatTemplate> ChatTemplate::load(const GgufFile& file) {
    const std::string text = file.text("tokenizer.chat_template").value_or("");
    ChatTemplate out;
    if (text.find("<|im_start|>") != std::string::npos) {
        out.m_family = Family::ChatMl;
        // A literal default turn reads: <|im_start|>system\nTEXT<|im_end|> inside one quoted string.
        // The newline is written as an escape or as itself.
        const std::string open = "<|im_start|>system", close = "<|im_end|>";
        for (std::size_t at = text.find(open); at != std::string::npos && out.m_defaultSystem.empty(); at = text.find(open, at + 1)) {
            std::size_t from = at + open.size();
            if (text.compare(from, 1, "\n") == 0) from += 1;
            else if (text.compare(from, 2, "\\n") == 0) from += 2;
            else continue;
            const std::size_t end = text.find(close, from);
            if (end == std::string::npos) break;
            const std::string turn = text.substr(from, end - from);
            if (!turn.empty() && turn.find_first_of("'\"{}") == std::string::npos && turn.size() < 2000) {
                out.m_defaultSystem = turn;
            }
        }
        return out;
    }
    if (text.find("<|start_header_id|>") != std::string::npos) {
        out.m_family = Family::Llama3;
        return out;
    }
    return Error(Code::Unsupported, "the model carries no chat template of a known family (ChatML, Llama-3); use a plain prompt");
}

std::vector<Fragment> ChatTemplate::render(const std::vector<ChatMessage>& messages, bool addGenerationPrompt) const {
    std::vector<Fragment> out;
    const auto turn = [&](const std::string& role, const std::string& content, bool contentIsTemplate) {
        if (m_family == Family::ChatMl) {
            out.push_back({"<|im_start|>" + role + "\n", true});
            out.push_back({content, contentIsTemplate});
            out.push_back({"<|im_end|>\n", true});
        } else {
            out.push_back({"<|start_header_id|>" + role + "<|end_header_id|>\n\n", true});
            out.push_back({content, contentIsTemplate});
            out.push_back({"<|eot_id|>", true});
        }
    };
    if (m_family == Family::Llama3) out.push_back({"<|begin_of_text|>", true});
    if (!m_defaultSystem.empty() && (messages.empty() || messages.front().role != "system")) turn("system", m_defaultSystem, true);
    for (const ChatMessage& message : messages) turn(message.role, message.content, false);
    if (addGenerationPrompt) out.push_back({m_family == Family::ChatMl ? "<|im_start|>assistant\n" : "<|start_header_id|>assistant<|end_header_id|>\n\n", true});
    return out;
}

}  // namespace dubito::lm
