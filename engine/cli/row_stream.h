// Rows of a result, written as they are found.
#pragma once

#include <functional>

#include "cli/output.h"

namespace dubito::cli {

using Sink = std::function<Result<void>(std::string_view)>;

/// Memory does not grow with the rows, but for formats that must see all of them first: table and json.
class RowStream {
public:
    RowStream(std::vector<std::string> columns, Format format, Sink sink);
    Result<void> add(std::vector<Cell> row);
    /// Without it, nothing of the last rows is written. @error of the sink
    Result<void> finish();
    std::uint64_t rows() const { return m_rows; }

private:
    Result<void> flush();
    Table m_held;
    Format m_format;
    Sink m_sink;
    std::uint64_t m_rows = 0;
    bool m_hasHead = false;
};

}  // namespace dubito::cli
