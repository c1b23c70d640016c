// Identities and time: UUIDv7 for runs and user objects, microseconds since 1970 UTC.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dubito {

/// 16-byte UUID; version 7 sorts by time of creation.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
    std::string text() const;  ///< 8-4-4-4-12 lower case
};

using RunId = Uuid;

Uuid makeUuid();  ///< version 7; unique within and across processes. [any]
Result<Uuid> parseUuid(std::string_view text);
std::int64_t nowUs();                  ///< µs since 1970 UTC
std::string isoTime(std::int64_t us);  ///< 2026-11-22T10:02:11.204Z

}  // namespace dubito
