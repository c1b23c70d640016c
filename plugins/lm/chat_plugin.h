// A conversation as a run: what its parameters ask for, then what a person says while it goes on.
#pragma once

#include "chat_session.h"

namespace dubito::lmtask {

class ChatPlugin final : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.dubito.lm.chat";
    void activate(const sdk::Activation& run) override;
    sdk::Step step(std::int64_t) override { return m_session->step(); }
    void interact(const sdk::Interaction& command) override { m_session->interact(command); }
    void deactivate() override { m_session.reset(); }

private:
    std::unique_ptr<ChatSession> m_session;
};

}  // namespace dubito::lmtask
