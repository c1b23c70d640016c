// Low-rank adapters: W + (alpha / r) B A on any of the seven projections of a block. Source: arXiv:2106.09685.
#pragma once

#include <array>

#include "lm/formats/model_config.h"
#include "torch_bridge.h"

namespace dubito::lm {

enum class Projection : std::uint8_t { Q, K, V, O, Gate, Up, Down };
inline constexpr std::size_t kProjections = 7;
std::string_view projectionName(Projection projection);  ///< "q_proj" ... as PEFT names them
struct ProjectionShape {
    std::int64_t out = 0, in = 0;
};
ProjectionShape shapeOf(Projection projection, const ModelConfig& config);

class LoraAdapter {
public:
    struct Part {
        compute::Floats a, b;  ///< (r, in) and (out, r); empty: this projection has no adapter
        bool isThere() const { return a.size() > 0; }
    };
    /// A is Kaiming-uniform with bound 1/sqrt(in), B is zero: the adapted model equals its base. Equal seeds give equal
    /// bits.
    /// @error InvalidArgument (rank outside 1..1024, no projection)
    static Result<std::shared_ptr<LoraAdapter>> create(const ModelConfig& config, std::int64_t rank, double alpha,
        const std::vector<Projection>& projections, std::uint64_t seed);
    /// A PEFT folder: adapter_config.json and adapter_model.safetensors, rows in the order of safetensors folders.
    /// @error NotFound, CorruptData, Unsupported (another kind of adapter), ShapeMismatch (another base: both shapes)
    static Result<std::shared_ptr<LoraAdapter>> load(const fs::path& folder, const ModelConfig& config);
    /// @param baseName goes into base_model_name_or_path
    Result<void> save(const fs::path& folder, std::string_view baseName) const;

    std::int64_t rank() const { return m_rank; }
    double alpha() const { return m_alpha; }
    float scale() const { return static_cast<float>(m_alpha / static_cast<double>(m_rank)); }
    Part& part(std::int64_t layer, Projection projection) {
        return m_layers[static_cast<std::size_t>(layer)][static_cast<std::size_t>(projection)];
    }
    const Part& part(std::int64_t layer, Projection projection) const {
        return m_layers[static_cast<std::size_t>(layer)][static_cast<std::size_t>(projection)];
    }
    std::int64_t layers() const { return static_cast<std::int64_t>(m_layers.size()); }
    std::int64_t parameters() const;
    /// Adds the adapter's product to a weight (out, in) in place.
    void mergeInto(std::int64_t layer, Projection projection, float* weight) const;

private:
    LoraAdapter() = default;
    std::int64_t m_rank = 0;
    double m_alpha = 0;
    std::vector<std::array<Part, kProjections>> m_layers;
    std::array<ProjectionShape, kProjections> m_shapes{};
};

}  // namespace dubito::lm
