// Counts, and on request throws, aborts, crashes, hangs, floods, eats memory or idles at a given step.
#include <dubito/plugin.hpp>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace sdk = dubito::sdk;

class Fake final : public sdk::Plugin {
public:
    void activate(const sdk::Activation& run) override {
        m_do = run.params().text("/do");
        m_at = run.params().integer("/at");
        m_steps = run.params().integer("/steps");
        m_sleep = run.params().integer("/sleep_us");
        if (m_do == "refuse") throw sdk::Refusal(DUBITO_CORRUPT_DATA, "the fake plugin refuses to be active");
        m_count = host().series("fake/count", "1");
        m_square = host().series("fake/square", "1");
        m_block = host().series("fake/block", "", DUBITO_KIND_TENSOR);
        host().log(sdk::Log::info, "fake is active");
    }
    void deactivate() override {
        if (m_do == "refuse") host().log(sdk::Log::error, "deactivated although never active");
    }
    sdk::Step step(int64_t step) override {
        if (m_do == "flood") return flood(step);
        host().scalars(step, {{m_count, static_cast<double>(step)}, {m_square, static_cast<double>(step * step)}});
        if (step % 10 == 0) {
            std::vector<float> values(64, static_cast<float>(step));
            host().record(m_block, step, "{\"step\":" + std::to_string(step) + "}",
                {sdk::Array("values", std::span<const float>(values), {8, 8})});
            host().progress(static_cast<double>(step), static_cast<double>(m_steps), "steps");
        }
        if (m_sleep) std::this_thread::sleep_for(std::chrono::microseconds(m_sleep));
        if (step == m_at) misbehave();
        return step + 1 < m_steps ? sdk::Step::more : m_do == "idle" ? sdk::Step::idle : sdk::Step::done;
    }
    void interact(const sdk::Interaction& command) override {
        host().log(sdk::Log::info, "echo " + command.args().text("/text"));
        host().reply(command.sequence(), "{\"echo\":true}");
    }

private:
    sdk::Step flood(int64_t step) {
        for (int i = 0; i < 10'000; ++i) host().scalars(step * 10'000 + i, {{m_count, static_cast<double>(i)}});
        return step + 1 < m_steps ? sdk::Step::more : sdk::Step::done;
    }
    void misbehave() {
        if (m_do == "throw") throw std::runtime_error("the fake plugin was asked to throw");
        if (m_do == "throw_int") throw 42;
        if (m_do == "abort") std::abort();
        if (m_do == "segfault") std::raise(SIGSEGV);
        if (m_do == "nan") host().scalars(m_at, {{m_square, std::nan("")}});
        if (m_do == "hang")
            for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
        if (m_do == "eat")
            for (;;) {
                auto* block = static_cast<char*>(std::malloc(16 << 20));
                for (std::size_t i = 0; block && i < (16 << 20); i += 4096) block[i] = 1;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        if (m_do == "status") throw sdk::Refusal(DUBITO_CORRUPT_DATA, "the fake plugin refuses its data");
    }
    std::string m_do;
    int64_t m_at = 0, m_steps = 0, m_sleep = 0;
    sdk::Series m_count, m_square, m_block;
};

DUBITO_PLUGIN(Fake)
