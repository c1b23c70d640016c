// A view of somebody else's memory as a tensor: what crosses from plain code to LibTorch and back without a copy.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/dtype.h"

namespace dubito {

/// Row-major and contiguous. The memory belongs to whoever made the view and outlives it.
struct TensorView {
    DType dtype = kF32;
    std::vector<std::int64_t> shape;  ///< empty: a scalar
    void* data = nullptr;
    std::int64_t elements() const {
        std::int64_t n = 1;
        for (const std::int64_t extent : shape) n *= extent;
        return n;
    }
    std::uint64_t bytes() const { return static_cast<std::uint64_t>(elements()) * dtype.bytes(); }
};

}  // namespace dubito
