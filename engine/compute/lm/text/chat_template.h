// Turns of a conversation as the text a model was trained on.
#pragma once

#include "lm/text/tokenizer.h"

namespace dubito::lm {

struct ChatMessage {
    std::string role, content;  ///< system, user, assistant
};

/// The family is picked by the marker in the file's template: ChatML (`<|im_start|>`) or Llama-3 (`<|start_header_id|>`). The
/// system turn that a ChatML template adds when none is given is taken from the template's own text.
class ChatTemplate {
public:
    /// @error Unsupported when the model has no template of a known family
    static Result<ChatTemplate> load(const GgufFile& file);
    std::vector<Fragment> render(const std::vector<ChatMessage>& messages, bool addGenerationPrompt) const;
    const std::string& defaultSystem() const { return m_defaultSystem; }

private:
    enum class Family { ChatMl, Llama3 } m_family = Family::ChatMl;
    std::string m_defaultSystem;
};

}  // namespace dubito::lm
