#include "cli/row_stream.h"

namespace dubito::cli {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;

bool needsAll(Format format) { return format == Format::Table || format == Format::Json; }

}  // namespace

RowStream::RowStream(std::vector<std::string> columns, Format format, Sink sink)
    : m_held{std::move(columns), {}}, m_format(format), m_sink(std::move(sink)) {}

Result<void> RowStream::add(std::vector<Cell> row) {
    m_held.rows.push_back(std::move(row));
    ++m_rows;
    if (needsAll(m_format) || m_held.rows.size() < kRowsAtOnce) return {};
    return flush();
}

Result<void> RowStream::flush() {
    const std::string text = m_hasHead ? renderFurther(m_held, m_format) : render(m_held, m_format);
    m_hasHead = true;
    m_held.rows.clear();
    return m_sink(text);
}

Result<void> RowStream::finish() {
    if (m_hasHead && m_held.rows.empty()) return {};
    return flush();
}

}  // namespace dubito::cli
