// Every element is updated alone, so the order of threads does not matter.
#include "lm/train/adamw.h"

#include <algorithm>
#include <cmath>

namespace dubito::lm {

AdamW::AdamW(const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
        for (auto* moments : {&m_first, &m_second}) {
            moments->emplace_back(static_cast<std::size_t>(parameter.size));
            std::fill_n(moments->back().data(), parameter.size, 0.0f);
        }
    }
}

void AdamW::step(
    const std::vector<Parameter>& parameters, const AdamWSettings& settings, double lr, double gradientScale) {
    ++m_steps;
    const double correction1 = 1 - std::pow(settings.beta1, static_cast<double>(m_steps)),
                 correction2 = 1 - std::pow(settings.beta2, static_cast<double>(m_steps));
    const auto b1 = static_cast<float>(settings.beta1), b2 = static_cast<float>(settings.beta2),
               epsilon = static_cast<float>(settings.epsilon), factor = static_cast<float>(gradientScale);
    const auto rate = static_cast<float>(lr / correction1), root = static_cast<float>(1 / std::sqrt(correction2));
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const Parameter& parameter = parameters[p];
        const auto keep = static_cast<float>(parameter.isDecayed ? 1 - lr * settings.weightDecay : 1);
        float *w = parameter.values, *g = parameter.gradient, *m = m_first[p].data(), *v = m_second[p].data();
#pragma omp parallel for schedule(static)
        for (std::int64_t i = 0; i < parameter.size; ++i) {
            const float gradient = g[i] * factor;
            m[i] = b1 * m[i] + (1 - b1) * gradient;
            v[i] = b2 * v[i] + (1 - b2) * gradient * gradient;
            w[i] = keep * w[i] - rate * m[i] / (std::sqrt(v[i]) * root + epsilon);
        }
    }
}

double gradientNorm(const std::vector<Parameter>& parameters) {
    double sum = 0;
    for (const Parameter& parameter : parameters)
        for (std::int64_t i = 0; i < parameter.size; ++i)
            sum += static_cast<double>(parameter.gradient[i]) * parameter.gradient[i];
    return std::sqrt(sum);
}

}  // namespace dubito::lm
