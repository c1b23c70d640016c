// A whole file mapped for reading.
#pragma once

#include <memory>

#include "base/files.h"

namespace dubito::lm {

class MappedFile {
public:
    /// @error NotFound, Io. An empty file maps to no bytes.
    static Result<std::shared_ptr<MappedFile>> open(const fs::path& path);
    ~MappedFile();
    ByteSpan bytes() const { return {static_cast<const std::uint8_t*>(m_address), m_size}; }
    /// Pages may leave memory; they come back when read again.
    void releasePages() const;

private:
    MappedFile() = default;
    void* m_address = nullptr;
    std::size_t m_size = 0;
};

}  // namespace dubito::lm
