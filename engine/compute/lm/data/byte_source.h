// Bytes of a data file in order, expanded when it is compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/files.h"

namespace dubito::lm {

struct DataLimits {
    std::uint64_t maxBytes = 1ull << 30;        ///< of the text, expanded
    std::uint64_t maxRatio = 256;               ///< expanded over stored ...
    std::uint64_t alwaysAllowed = 16ull << 20;  ///< ... which is asked only above this size
};

class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills a beginning of `out`. @return bytes; 0: the end  @error Io, CorruptData (a damaged or cut frame), Limit
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;
    virtual std::uint64_t stored() const = 0;                ///< bytes as they lie there, at least those read so far
    virtual std::string_view packing() const { return {}; }  ///< "gzip", "zstd"; empty: none
};

/// A file, device or pipe; gzip (also several members) and zstd are told by their first bytes, not by the name. What
/// expands beyond `limits` is refused while it is read. @error NotFound, Io
Result<std::unique_ptr<ByteSource>> openBytes(const fs::path& path, const DataLimits& limits = {});
/// The same of bytes in memory, which outlive it.
Result<std::unique_ptr<ByteSource>> bytesOf(std::string_view content, const DataLimits& limits = {});

}  // namespace dubito::lm
