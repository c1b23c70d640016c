// SHA-256: the identity of specs, files and blobs.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace dubito {

using Sha256 = std::array<std::uint8_t, 32>;

class Sha256Stream {
public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    void add(ByteSpan bytes);
    Sha256 finish();  ///< once

private:
    struct State;
    std::unique_ptr<State> m_state;
};

Sha256 sha256(ByteSpan bytes);
/// Of all that an open file holds from its start. `path` is for the sentence. @error Io
Result<Sha256> sha256Descriptor(int file, const std::filesystem::path& path);
std::string hexText(ByteSpan bytes);  ///< lower case
Result<Bytes> bytesFromHex(std::string_view text);

}  // namespace dubito
