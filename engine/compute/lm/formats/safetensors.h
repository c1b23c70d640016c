// Reads safetensors files by mmap: u64 N, N bytes of JSON, then the buffer. Source: the safetensors format description.
#pragma once

#include <vector>

#include "lm/formats/mapped_file.h"

namespace dubito::lm {

struct SafeTensor {
    std::string name, dtype;          ///< dtype as spelled in the file: "BF16"
    std::vector<std::int64_t> shape;  ///< row-major; empty: a scalar
    ByteSpan data;                    ///< no alignment is promised
};

class SafetensorsFile {
public:
    /// @error NotFound, Io, CorruptData (tensor and rule named)
    static Result<std::shared_ptr<SafetensorsFile>> open(const fs::path& path);
    /// The same over bytes in memory, which must outlive the object.
    static Result<std::shared_ptr<SafetensorsFile>> parse(ByteSpan bytes);
    const std::vector<SafeTensor>& tensors() const { return m_tensors; }  ///< in order of their data
    const std::shared_ptr<MappedFile>& file() const { return m_file; }    ///< null after parse

private:
    SafetensorsFile() = default;
    std::shared_ptr<MappedFile> m_file;
    std::vector<SafeTensor> m_tensors;
};

}  // namespace dubito::lm
