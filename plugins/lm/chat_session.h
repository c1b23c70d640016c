// A conversation with one model: a tree of turns, one answer at a time.
#pragma once

#include <deque>
#include <map>

#include "learning/device_watch.h"
#include "lm/generate/generator.h"
#include "lm/generate/grammar.h"
#include "lm/text/chat_template.h"
#include "models.h"

namespace dubito::lmtask {

struct ChatSettings {
    std::string system;  ///< empty: the template's own
    lm::Sampling sampling;
    std::int64_t maxTokens = 512;
    std::optional<bool> thinking;
    std::string now;  ///< what templates that write the date take for it; empty: now
    Json schema;      ///< answers are JSON of this shape; null: free
};

class ChatSession {
public:
    ChatSession(const sdk::Host& host, std::shared_ptr<lm::GgufFile> file,
        std::shared_ptr<const lm::LanguageModel> model, std::int64_t context, std::uint64_t seed, ChatSettings settings,
        bool keep);
    /// A piece of work; polls for commands lie between pieces.
    sdk::Step step();
    void interact(const sdk::Interaction& command);
    /// Adds a turn of a person and asks for an answer. @return the turn's node
    std::int64_t say(std::int64_t parent, std::string text);
    /// Turns said in another run, {role, content} by turns of user and assistant: the talk goes on behind them.
    void takeUp(const Json& turns);

private:
    struct Node {
        std::int64_t parent = -1;
        std::string role, text;
        std::vector<lm::TokenId> ids;  ///< of an answer
    };
    struct Pending {
        std::int64_t node = 0;  ///< the answer
        std::vector<lm::TokenId> forced;
    };
    std::int64_t addNode(std::int64_t parent, std::string role, std::string text, std::int64_t branchedFrom = -1,
        std::int64_t branchToken = -1);
    std::int64_t ask(
        std::int64_t parent, std::vector<lm::TokenId> forced, std::int64_t branchedFrom, std::int64_t branchToken);
    const Node& nodeOf(std::int64_t number, const char* role) const;
    /// Messages from the first turn to `number`.
    Json pathTo(std::int64_t number) const;
    void begin();
    void speak(const lm::GeneratedToken& token);
    void finish(const std::string& stop, const std::string& detail);
    /// Ends the answer with what went wrong.
    void fail(const Error& problem);
    /// Nothing is left to say. Throws when nobody stays to ask again and no answer came.
    sdk::Step atRest() const;

    const sdk::Host& m_host;
    std::shared_ptr<lm::GgufFile> m_file;
    std::shared_ptr<const lm::LanguageModel> m_model;
    std::shared_ptr<const lm::Tokenizer> m_tokenizer;
    std::optional<lm::ChatTemplate> m_template;
    lm::Generator m_generator;
    learning::DeviceWatch m_watch;
    std::optional<lm::TokenConstraint> m_constraint;
    ChatSettings m_settings;
    bool m_keep;
    std::vector<Node> m_nodes;
    std::deque<Pending> m_queue;
    std::int64_t m_speaking = -1;  ///< the answer being said
    std::int64_t m_step = 0;       ///< tokens said in all
    double m_answerSeconds = 0, m_firstSeconds = 0;
    std::chrono::steady_clock::time_point m_asked;
    std::int64_t m_questions = 0;    ///< texts tokenised on request
    std::int64_t m_answered = 0;     ///< answers that ended without an error
    std::optional<Error> m_failure;  ///< of the first answer that did not
    sdk::Series m_turn, m_token, m_rate, m_first, m_prompt, m_pieces;
};

}  // namespace dubito::lmtask
