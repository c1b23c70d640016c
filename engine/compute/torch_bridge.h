// Where plain code meets LibTorch: matrix products over plain memory, tensors as views, exceptions as errors, named
// random streams as generators. Includes nothing of LibTorch.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#include "base/result.h"
#include "stats/counter_rng.h"
#include "tensor/tensor_view.h"

namespace at {
class Tensor;
struct Generator;
}  // namespace at

namespace dubito::compute {

/// Threads of LibTorch's and OpenMP's pool in this process. Call once, before the first product.
void setThreads(int threads);

/// out[m, n] = a[m, k] * b, with b given as [n, k] (transposed, as weights are stored) or [k, n]. Rows of a, b and out
/// are lda, ldb and ldo floats apart. Inside a parallel region it runs on the calling thread alone.
/// @thread [any]; equal bits for equal shapes, strides and thread count
void product(const float* a, std::int64_t m, std::int64_t k, std::int64_t lda, const float* b, std::int64_t n,
    std::int64_t ldb, bool bTransposed, float* out, std::int64_t ldo);

/// Whether this CPU multiplies bfloat16 in hardware (AVX512_BF16 or AMX). DUBITO_BF16=1 or 0 overrules.
bool hasBFloat16();
/// out[m, n] = a[m, k] * bᵀ, b (n, k) in bfloat16: a is rounded to bfloat16, sums are fp32, out is rounded once to
/// bfloat16. All contiguous but out, whose rows are ldo apart. @thread as product
void productBFloat16(const float* a, std::int64_t m, std::int64_t k, const std::uint16_t* b, std::int64_t n, float* out,
    std::int64_t ldo);

/// A tensor over the view's memory, which must outlive it; no copy. @error Unsupported (an element type LibTorch lacks)
Result<at::Tensor> tensorOver(const TensorView& view);
/// The memory of a contiguous CPU tensor; valid while the tensor lives and keeps its storage.
/// @error InvalidArgument (another device, not contiguous), Unsupported (element type)
Result<TensorView> viewOf(const at::Tensor& tensor);
/// A CPU generator whose numbers follow from the stream's seed, name and index alone; LibTorch's default generator is
/// never drawn from.
at::Generator generatorOf(std::uint64_t seed, std::string_view name, std::uint64_t index);

/// The exception being handled as an error: OutOfMemory, or Internal with LibTorch's first sentence. In a catch only.
Error errorOfException();
/// Runs code that may throw, as LibTorch's does. @return its value, or what it threw as an error
template <class Code>
auto caught(Code&& code) {
    using Value = std::invoke_result_t<Code>;
    constexpr bool isResult = requires(Value value) { value.error(); };
    using Out =
        typename std::conditional_t<isResult, std::type_identity<Value>, std::type_identity<Result<Value>>>::type;
    try {
        if constexpr (std::is_void_v<Value>) {
            code();
            return Result<void>();
        } else {
            return Out(code());
        }
    } catch (...) {
        return Out(errorOfException());
    }
}

/// 64-byte aligned floats, not initialised.
class Floats {
public:
    Floats() = default;
    explicit Floats(std::size_t n);
    float* data() { return m_data.get(); }
    const float* data() const { return m_data.get(); }
    std::size_t size() const { return m_size; }
    /// Keeps nothing; grows only.
    void ensure(std::size_t n) {
        if (n > m_size) *this = Floats(n);
    }

private:
    struct Free {
        void operator()(float* p) const;
    };
    std::unique_ptr<float[], Free> m_data;
    std::size_t m_size = 0;
};

}  // namespace dubito::compute
