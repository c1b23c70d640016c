// Turns of a conversation as the text a model was trained on.
#pragma once

#include "lm/text/jinja.h"
#include "lm/text/tokenizer.h"

namespace dubito::lm {

struct ChatMessage {
    std::string role, content;  ///< system, user, assistant, tool
};

struct RenderOptions {
    bool addGenerationPrompt = true;
    std::optional<bool> enableThinking;  ///< unset: the template's own choice
    Json tools, documents;               ///< null: none
    std::string now;                     ///< for strftime_now; empty: as the template was loaded
};

/// A rendered conversation. Bytes count over all fragments together.
struct RenderedChat {
    struct Turn {
        std::size_t message = 0, first = 0, last = 0;  ///< bytes first..last-1 are what this message's author wrote
    };
    std::vector<Fragment> fragments;
    /// In order: the loss mask of training. Where a whole conversation is rendered and the template writes each turn
    /// behind the ones before it: from where the talk and its generation prompt part, up to the end token, with calls
    /// of tools. What a {% generation %} block holds. Else what comes from the message itself, as far as the messages
    /// behind it do not change it. A message of weight 0 is none.
    std::vector<Turn> assistantTurns;
    std::vector<Turn> ownWords;  ///< each run of an answer's own words, in order
    bool isMarked = false;       ///< the template says itself what is generated
    /// How the first n messages alone would be written, where nothing in the template looks ahead and n is at least
    /// `least`: bytes up to endOf(n), and then those from `tail` on.
    struct Growth {
        std::size_t least = 0, begin = 0, tail = 0;
        std::vector<jinja::Passage> passages;
        std::size_t endOf(std::size_t n) const;
    };
    std::optional<Growth> growth;
    std::string text() const;
};

/// The model's own Jinja template; where it does not run, the family by its marker (ChatML `<|im_start|>`, Llama-3
/// `<|start_header_id|>`), with a warning.
class ChatTemplate {
public:
    /// @param now "YYYY-MM-DD hh:mm:ss" for templates that write the date; empty: the time of each rendering
    /// @error Unsupported when the model has no template and no marker of a known family
    static Result<ChatTemplate> load(const GgufFile& file, std::string now = {});
    /// The same; what load refuses is refused, with the same words, by each rendering.
    static ChatTemplate opened(const GgufFile& file, std::string now = {});
    /// @param spellings bos_token, eos_token, ...: of those there are
    static Result<ChatTemplate> make(
        std::string source, std::vector<std::pair<std::string, Json>> spellings, std::string now = {});
    /// Why nothing can be rendered; nothing where it can.
    const std::optional<Error>& refusal() const { return m_refusal; }
    /// @param messages a list of {role, content, ...}  @error InvalidArgument (the template refuses, with its words),
    /// Limit
    Result<RenderedChat> render(const Json& messages, const RenderOptions& options) const;
    Result<RenderedChat> render(const std::vector<ChatMessage>& messages, bool addGenerationPrompt) const;
    /// Why the family stands in for the template; empty when the template runs.
    const std::string& warning() const { return m_warning; }
    const std::string& source() const { return m_source; }

private:
    enum class Family { None, ChatMl, Llama3 } m_family = Family::None;
    Result<RenderedChat> renderOnce(const Json& messages, const RenderOptions& options) const;
    Result<void> widenTurns(RenderedChat& chat, const Json& messages, const RenderOptions& options) const;
    Result<RenderedChat> renderFamily(const Json& messages, bool addGenerationPrompt) const;
    std::shared_ptr<const jinja::Template> m_template;  ///< null: the family
    std::string m_source, m_warning, m_now;
    std::optional<Error> m_refusal;
    std::vector<std::pair<std::string, Json>> m_tokens;  ///< bos_token, eos_token, ...: spellings of those there are
};

/// "2026-03-09" as the `now` of a template; empty: empty. @error InvalidArgument: no day of the calendar
Result<std::string> midnightOf(const std::string& date);

/// Ids of a rendered chat and which of them an assistant said: mask[i] is 1 for a token that holds a character of a
/// turn, and for the end token behind it.
struct MaskedIds {
    std::vector<TokenId> ids;
    std::vector<std::uint8_t> mask;
    std::optional<Error> problem;  ///< of the tokenizer: there are no ids then
};
MaskedIds encodeMasked(const Tokenizer& tokenizer, const RenderedChat& chat);

}  // namespace dubito::lm
