// UUIDv7 from the wall clock and the kernel's random bytes.
#include "base/ids.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <time.h>

#include <atomic>

#include "base/hash.h"

namespace dubito {

std::string Uuid::text() const {
    std::string hex = hexText(bytes);
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
           hex.substr(20);
}

std::int64_t nowUs() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

Uuid makeUuid() {
    // Sub-millisecond time and a counter in the 12 bits after the version keep ids of one process in order.
    static std::atomic<std::uint32_t> counter{0};
    Uuid id;
    if (getrandom(id.bytes.data(), id.bytes.size(), 0) != ssize_t(id.bytes.size())) id.bytes[15] = 1;
    const auto ms = static_cast<std::uint64_t>(nowUs() / 1000);
    for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    const std::uint32_t order = counter.fetch_add(1) & 0xFFF;
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | order >> 8);
    id.bytes[7] = static_cast<std::uint8_t>(order);
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3F));
    return id;
}

Result<Uuid> parseUuid(std::string_view text) {
    std::string hex;
    for (const char c : text)
        if (c != '-') hex += c;
    auto bytes = bytesFromHex(hex);
    if (!bytes || bytes->size() != 16)
        return Error(Code::InvalidArgument, "not an id (32 hexadecimal digits): " + std::string(text));
    Uuid id;
    std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
    return id;
}

std::string isoTime(std::int64_t us) {
    const time_t seconds = static_cast<time_t>(us / 1'000'000 - (us % 1'000'000 < 0 ? 1 : 0));
    tm parts{};
    gmtime_r(&seconds, &parts);
    const std::int64_t ms = (us - std::int64_t{seconds} * 1'000'000) / 1000;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ms);
}

}  // namespace dubito
