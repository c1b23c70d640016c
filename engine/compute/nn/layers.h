// Only what torch::nn lacks: RMS norm, rotary positions, grouped attention with a window, linear maps with low-rank
// parts. Embedding bags are torch::nn::EmbeddingBag.
#pragma once

#include <torch/nn/module.h>

#include "lm/model/rope.h"
#include "nn/functions.h"

// Dimension key: S sequences of T rows, L positions in view, A heads, K key heads, D head width.

namespace dubito::nn {

class RmsNorm : public torch::nn::Module {
public:
    /// @param value (width)
    RmsNorm(torch::Tensor value, double epsilon) : m_epsilon(epsilon) {
        weight = register_parameter("weight", std::move(value));
    }
    torch::Tensor forward(const torch::Tensor& x) const { return rmsNorm(x, weight, m_epsilon); }
    torch::Tensor weight;

private:
    double m_epsilon;
};

/// Angles of positions under each scaling of lm/model/rope.h.
class Rotary {
public:
    /// @param base of the rotation  @param trained positions of dynamic NTK and of log-n scaling
    Rotary(std::int64_t headWidth, double base, const lm::RopeScaling& scaling, std::vector<float> divisors = {});
    struct Angles {
        torch::Tensor cosines, sines;  ///< (rows, D/2), fp32, on the device asked for
    };
    /// Of positions past .. past + rows - 1 in a text of that length.
    Angles at(std::int64_t past, std::int64_t rows, torch::Device device) const;
    /// The rotation's factor at this length: 1 but for dynamic NTK beyond the trained length.
    double alphaOf(std::int64_t length) const;

private:
    std::int64_t m_headWidth;
    double m_base, m_magnitude;
    lm::RopeScaling m_scaling;
    std::vector<double> m_frequencies;
};

struct AttentionView {
    std::int64_t past = 0;            ///< keys in front of the first row's own
    std::int64_t window = INT64_MAX;  ///< key j is seen from position i iff i - j < window
    torch::Tensor documents;          ///< (S, T) int32 on the CPU or undefined: attention stays inside equal numbers
    torch::Tensor* probabilities = nullptr;  ///< (S, A, T, L) when asked for; slower
};
/// Grouped causal attention; queries share key heads in groups. @param q (S, A, T, D)  @param k, v (S, K, L, D)
/// @return (S, A, T, D)
torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const AttentionView& view);

/// x W^T + bias with low-rank parts on ranges of its outputs: one product for several projections of one input.
class AdaptedLinear : public torch::nn::Module {
public:
    /// @param bias may be undefined
    AdaptedLinear(torch::Tensor weight, torch::Tensor bias);
    /// Over a stored weight, which is no parameter.
    AdaptedLinear(StoredWeight stored, torch::Tensor bias);
    /// Adds a part under a name. @param a (r, in)  @param b (outputs, r) for outputs offset..
    void addPart(const std::string& name, torch::Tensor a, torch::Tensor b, std::int64_t offset);
    void setScale(double scale) { m_scale = scale; }
    double scale() const { return m_scale; }
    torch::Tensor forward(const torch::Tensor& x) const;
    torch::Tensor weight, bias;  ///< the weight is undefined where it is stored

private:
    struct Part {
        std::string name;
        std::int64_t offset;
    };
    StoredWeight m_stored;
    std::vector<Part> m_parts;
    double m_scale = 1;
};

}  // namespace dubito::nn
