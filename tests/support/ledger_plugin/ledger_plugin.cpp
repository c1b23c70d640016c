// Publishes values that a closed form knows: whatever is missing, doubled or taken from an abandoned attempt shows.
// At step `at` of attempt `on` (0: of each) it throws, dies, hangs, or waits until a file is there.
#include <unistd.h>
#include <dubito/plugin.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace sdk = dubito::sdk;

class Ledger final : public sdk::Plugin {
public:
    void activate(const sdk::Activation& run) override {
        const auto whole = [&](const char* name) { return run.params().integer(name); };
        m_do = run.params().text("/do");
        m_file = run.params().text("/file");
        m_at = whole("/at"), m_on = whole("/on"), m_steps = whole("/steps"), m_sleepUs = whole("/sleep_us");
        m_recordEvery = whole("/record_every"), m_floats = whole("/record_floats");
        m_checkpointEvery = whole("/checkpoint_every");
        m_saves = run.params().boolean("/saves");
        m_attempt = run.attempt();
        m_step = host().series("ledger/step", "1");
        m_sums = host().series("ledger/sum", "1");
        m_attempts = host().series("ledger/attempt", "1");
        m_block = host().series("ledger/block", "", DUBITO_KIND_TENSOR);
        if (const std::string folder = host().latestCheckpoint(); !folder.empty())
            if (!(std::ifstream(folder + "/sum") >> m_sum)) throw std::runtime_error("the checkpoint holds no sum");
        host().log(sdk::Log::info, "ledger is active");
    }
    sdk::Step step(int64_t step) override {
        if (step >= m_steps) return sdk::Step::done;  // goes on from the checkpoint of the last step
        m_sum += step;
        const double now = static_cast<double>(step);
        host().scalars(step, {{m_step, now}, {m_sums, static_cast<double>(m_sum)}, {m_attempts, double(m_attempt)}});
        if (step % m_recordEvery == 0) {
            const std::vector<float> values(static_cast<std::size_t>(m_floats), static_cast<float>(step));
            host().record(m_block, step, "{\"step\":" + std::to_string(step) + "}",
                {sdk::Array("values", std::span<const float>(values), {static_cast<std::int64_t>(values.size())})});
        }
        if (step % 10 == 0) host().progress(now, static_cast<double>(m_steps), "steps");
        if (m_sleepUs) std::this_thread::sleep_for(std::chrono::microseconds(m_sleepUs));
        if (m_checkpointEvery && (step + 1) % m_checkpointEvery == 0) trySave(step + 1);
        if (step == m_at && (m_on == 0 || m_on == m_attempt)) act();
        return step + 1 < m_steps ? sdk::Step::more : sdk::Step::done;
    }
    void save(int64_t step) override {
        if (!m_saves) throw sdk::Refusal(DUBITO_UNSUPPORTED, "the ledger was told to save nothing");
        const std::string folder = host().beginCheckpoint(step);
        if (!(std::ofstream(folder + "/sum") << m_sum << std::flush))
            throw sdk::Refusal(DUBITO_IO, "the sum was not written");
        host().putCheckpoint("sum");
        host().commitCheckpoint();
    }
    void interact(const sdk::Interaction& command) override {
        host().log(sdk::Log::info, "echo " + command.args().text("/text"));
        host().reply(command.sequence(), "{\"echo\":true}");
    }

private:
    /// A disk that is full costs a checkpoint, not the run.
    void trySave(int64_t step) {
        try {
            save(step);
        } catch (const sdk::Refusal& refusal) {
            host().log(sdk::Log::warn, std::string("no checkpoint: ") + refusal.what());
        }
    }
    void act() {
        if (m_do == "throw") throw std::runtime_error("the ledger was asked to throw");
        if (m_do == "kill") std::raise(SIGKILL);
        if (m_do == "hang")
            for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
        if (m_do == "hold" || m_do == "hold_eat")
            while (::access(m_file.c_str(), F_OK) != 0 && !host().shouldStop())
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (m_do == "hold_eat") eat();
    }
    static void eat() {
        constexpr std::size_t kBlock = 16u << 20;
        for (int blocks = 0; blocks < 64; ++blocks) {
            auto* block = static_cast<volatile char*>(std::malloc(kBlock));
            for (std::size_t i = 0; block && i < kBlock; i += 4096) block[i] = 1;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        throw std::runtime_error("the ledger ate 1 GiB and nobody minded");
    }
    std::string m_do, m_file;
    bool m_saves = true;
    int64_t m_at = 0, m_on = 1, m_steps = 0, m_sleepUs = 0, m_recordEvery = 1, m_floats = 1, m_checkpointEvery = 0;
    int64_t m_attempt = 1, m_sum = 0;
    sdk::Series m_step, m_sums, m_attempts, m_block;
};

DUBITO_PLUGIN(Ledger)
