// CRC32C (Castagnoli, reflected, initial and final 0xFFFFFFFF): checksum of journal frames.
#pragma once

#include "base/bytes.h"

namespace dubito {

std::uint32_t crc32c(ByteSpan bytes);  ///< "123456789" gives 0xE3069283

}  // namespace dubito
