// A weight matrix kept as it is stored, in layout R8: the row path reads it as it is, the tensor path gets fp32 rows
// from it.
#pragma once

#include <memory>

#include "lm/formats/gguf.h"
#include "lm/kernels/quant_kernels.h"

namespace dubito::lm {

/// What becomes of a file's types: AsStored keeps every value; Eight makes floats Q8_0; BFloat16 rounds every type but
/// BF16.
enum class RowForm { AsStored, Eight, BFloat16 };

/// [any] once packed. Rows of several tensors of one width may lie below each other (q, k, v).
class RowMatrix {
public:
    /// How a tensor becomes rows. `heads` > 0: rows of q or k are interleaved per head in the file and put in order
    /// here.
    struct Source {
        const GgufTensor* tensor = nullptr;
        std::int64_t heads = 0;
    };
    static RowKind kindOf(std::uint32_t typeCode, RowForm form);
    /// Whether values change on the way: floats made Q8_0, or other types made BF16.
    static bool isRounded(std::uint32_t typeCode, RowForm form);
    /// Bytes of a tensor in this form, without the rows that fill the last unit.
    static std::uint64_t bytesOf(const GgufTensor& tensor, RowForm form);
    /// @error Unsupported (columns not a multiple of 32), OutOfMemory
    static Result<RowMatrix> pack(const std::vector<Source>& sources, RowForm form = RowForm::AsStored);

    std::int64_t rows() const { return m_rows; }
    std::int64_t columns() const { return m_columns; }
    std::size_t bytes() const;
    bool isEmpty() const { return m_parts.empty(); }
    std::int64_t units() const { return m_units; }
    /// Whether all rows are bfloat16.
    bool isBFloat16() const;

    /// out[c outStride + row] for the rows of units first..last-1 and vectors c < x.count.
    void product(Activation activation, const ActivationRows& x, std::int64_t first, std::int64_t last, float* out,
        std::int64_t outStride) const;
    /// out (count, columns): exactly the values the product uses as weights.
    void dequantise(std::int64_t firstRow, std::int64_t count, float* out) const;
    /// out (count, columns) as bfloat16. Call only where isBFloat16().
    void bfloat16(std::int64_t firstRow, std::int64_t count, std::uint16_t* out) const;

private:
    struct Free {
        void operator()(std::uint8_t* p) const;
    };
    struct Part {
        RowKind kind = RowKind::Q8_0;
        std::int64_t firstRow = 0, rows = 0, firstUnit = 0, units = 0;
        std::unique_ptr<std::uint8_t[], Free> data;
    };
    std::vector<Part> m_parts;
    std::int64_t m_rows = 0, m_columns = 0, m_units = 0;
};

}  // namespace dubito::lm
