// at::mm_out on tensors made over the caller's memory.
#include "torch_bridge.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>
#include <c10/core/InferenceMode.h>
#include <omp.h>

#include <cstdlib>

namespace dubito::compute {

void Floats::Free::operator()(float* p) const { std::free(p); }

Floats::Floats(std::size_t n) : m_size(n) {
    const std::size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
    m_data.reset(static_cast<float*>(std::aligned_alloc(64, bytes ? bytes : 64)));
    if (!m_data) throw std::bad_alloc();
}

void setThreads(int threads) {
    at::set_num_threads(threads);
    omp_set_num_threads(threads);
}

void product(const float* a, std::int64_t m, std::int64_t k, std::int64_t lda, const float* b, std::int64_t n,
    std::int64_t ldb, bool bTransposed, float* out, std::int64_t ldo) {
    const c10::InferenceMode guard;
    const auto options = at::TensorOptions().dtype(at::kFloat);
    const at::Tensor left = at::from_blob(const_cast<float*>(a), {m, k}, {lda, 1}, options);
    const at::Tensor right = bTransposed ? at::from_blob(const_cast<float*>(b), {k, n}, {1, ldb}, options)
                                         : at::from_blob(const_cast<float*>(b), {k, n}, {ldb, 1}, options);
    at::Tensor result = at::from_blob(out, {m, n}, {ldo, 1}, options);
    at::mm_out(result, left, right);
}

bool hasBFloat16() {
    static const bool has = [] {
        if (const char* forced = environmentValue("DUBITO_BF16")) return *forced == '1';
#if defined(__x86_64__)
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512bf16") != 0;
#else
        return false;
#endif
    }();
    return has;
}

void productBFloat16(const float* a, std::int64_t m, std::int64_t k, const std::uint16_t* b, std::int64_t n, float* out,
    std::int64_t ldo) {
    const c10::InferenceMode guard;
    const at::Tensor left =
        at::from_blob(const_cast<float*>(a), {m, k}, at::TensorOptions().dtype(at::kFloat)).to(at::kBFloat16);
    const at::Tensor right =
        at::from_blob(const_cast<std::uint16_t*>(b), {k, n}, {1, k}, at::TensorOptions().dtype(at::kBFloat16));
    at::from_blob(out, {m, n}, {ldo, 1}, at::TensorOptions().dtype(at::kFloat)).copy_(at::mm(left, right));
}

}  // namespace dubito::compute
