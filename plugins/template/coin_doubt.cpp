// The smallest whole plugin: a Beta posterior of a coin's bias, one flip a step.
#include <dubito/plugin.hpp>

#include <cmath>

namespace sdk = dubito::sdk;

class CoinDoubt final : public sdk::Plugin {
public:
    void activate(const sdk::Activation& run) override {
        m_bias = run.params().number("/bias");
        m_total = run.params().integer("/flips");
        m_rng = host().rng("flips");
        m_mean = host().series("eval/posterior_mean", "1");
        m_sd = host().series("unc/posterior_sd", "1");
    }

    sdk::Step step(int64_t step) override {
        (m_rng.uniform() < m_bias ? m_heads : m_tails) += 1.0;
        // Beta(1, 1) before the first flip: one head and one tail are already counted.
        const double n = m_heads + m_tails, mean = m_heads / n;
        host().scalars(step, {{m_mean, mean}, {m_sd, std::sqrt(mean * (1.0 - mean) / (n + 1.0))}});
        host().progress(static_cast<double>(step + 1), static_cast<double>(m_total), "flips");
        return step + 1 < m_total ? sdk::Step::more : sdk::Step::done;
    }

    void interact(const sdk::Interaction& command) override {
        if (command.verb() != "set_bias") throw sdk::Refusal(DUBITO_UNSUPPORTED, "this plugin knows only set_bias");
        m_bias = command.args().number("/value");
    }

private:
    double m_bias = 0.5, m_heads = 1.0, m_tails = 1.0;
    int64_t m_total = 0;
    sdk::Rng m_rng;
    sdk::Series m_mean{}, m_sd{};
};

DUBITO_PLUGIN(CoinDoubt)
