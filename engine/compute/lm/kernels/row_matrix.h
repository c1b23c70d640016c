// A weight matrix kept quantised in layout R8: the row path reads it as it is, the tensor path gets fp32 rows from it.
#pragma once

#include <memory>

#include "lm/formats/gguf.h"
#include "lm/kernels/quant_kernels.h"

namespace dubito::lm {

/// [any] once packed. Rows of several tensors of one width may lie below each other (q, k, v).
class RowMatrix {
public:
    /// How a tensor becomes rows. `heads` > 0: rows of q or k are interleaved per head in the file and put in order here.
    struct Source {
        const GgufTensor* tensor = nullptr;
        std::int64_t heads = 0;
    };
    /// True for types kept to the bit (Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 IQ4_NL); K types and floats become Q8_0.
    static bool isExact(std::uint32_t typeCode);
    /// @error Unsupported (columns not a multiple of 32)
    static Result<RowMatrix> pack(const std::vector<Source>& sources);

    std::int64_t rows() const { return m_rows; }
    std::int64_t columns() const { return m_columns; }
    std::size_t bytes() const;
    bool isEmpty() const { return m_parts.empty(); }
    std::int64_t units() const { return m_units; }

    /// out[row] for the rows of units first..last-1; x as quantiseActivation made it for columns().
    void product(Activation activation, const ActivationBlock* x, std::int64_t first, std::int64_t last, float* out) const;
    /// out (count, columns): exactly the values the product uses as weights.
    void dequantise(std::int64_t firstRow, std::int64_t count, float* out) const;

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
