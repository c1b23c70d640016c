// at::mm_out on tensors made over the caller's memory; the few conversions that everything else goes through.
#include "torch_bridge.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <omp.h>

#include <cstdlib>
#include <optional>

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

namespace {

struct Pairing {
    DType ours;
    at::ScalarType theirs;
};
constexpr Pairing kPairings[] = {
    {kF64, at::kDouble},
    {kF32, at::kFloat},
    {kF16, at::kHalf},
    {{DType::BFloat, 16, 1}, at::kBFloat16},
    {kI64, at::kLong},
    {kI32, at::kInt},
    {{DType::Int, 16, 1}, at::kShort},
    {{DType::Int, 8, 1}, at::kChar},
    {kU8, at::kByte},
    {{DType::Bool, 8, 1}, at::kBool},
};

}  // namespace

Result<at::Tensor> tensorOver(const TensorView& view) {
    for (const Pairing& one : kPairings)
        if (one.ours == view.dtype)
            return caught([&] { return at::from_blob(view.data, view.shape, at::TensorOptions().dtype(one.theirs)); });
    return Error(Code::Unsupported, "LibTorch has no elements of type " + view.dtype.name());
}

Result<TensorView> viewOf(const at::Tensor& tensor) {
    if (!tensor.defined() || !tensor.device().is_cpu() || !tensor.is_contiguous())
        return Error(Code::InvalidArgument, "only a contiguous tensor in the CPU's memory can be viewed");
    for (const Pairing& one : kPairings)
        if (one.theirs == tensor.scalar_type())
            return TensorView{one.ours, tensor.sizes().vec(), const_cast<void*>(tensor.const_data_ptr())};
    return Error(Code::Unsupported,
        std::string("elements of LibTorch's type ") + c10::toString(tensor.scalar_type()) + " are not viewed");
}

at::Generator generatorOf(std::uint64_t seed, std::string_view name, std::uint64_t index) {
    stats::CounterRng stream(seed, name, index);
    return at::make_generator<at::CPUGeneratorImpl>(stream.nextU64());
}

Error errorOfException() {
    const auto firstLine = [](std::string text) { return text.substr(0, text.find('\n')); };
    try {
        throw;
    } catch (const c10::OutOfMemoryError& error) {
        return Error(Code::OutOfMemory, firstLine(error.what_without_backtrace()));
    } catch (const c10::Error& error) {
        const std::string text = firstLine(error.what_without_backtrace());
        // The CPU's allocator says this with an exception of no class of its own.
        const bool isMemory =
            text.find("not enough memory") != std::string::npos || text.find("allocate memory") != std::string::npos;
        return Error(isMemory ? Code::OutOfMemory : Code::Internal, text);
    } catch (const std::bad_alloc&) {
        return Error(Code::OutOfMemory, "no memory is left");
    } catch (const std::exception& error) {
        return Error(Code::Internal, firstLine(error.what()));
    } catch (...) {
        return Error(Code::Internal, "an exception of an unknown kind");
    }
}

}  // namespace dubito::compute
