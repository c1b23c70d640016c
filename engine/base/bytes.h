// Bounds-checked little-endian reading and appending; every reader of stranger's bytes goes through this.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dubito {

static_assert(std::endian::native == std::endian::little, "Dubito's files are little-endian");

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

inline ByteSpan asBytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view asText(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Reads forward; after the first overrun every read fails and ok() stays false.
class ByteReader {
public:
    explicit ByteReader(ByteSpan bytes) : m_bytes(bytes) {}

    template <class T>
    requires std::is_trivially_copyable_v<T> T get() {
        T value{};
        if (!take(sizeof(T))) return value;
        std::memcpy(&value, m_bytes.data() + m_pos - sizeof(T), sizeof(T));
        return value;
    }
    /// n bytes in place; empty and !ok() when fewer are left.
    ByteSpan span(std::uint64_t n) {
        if (!take(n)) return {};
        return m_bytes.subspan(m_pos - static_cast<std::size_t>(n), static_cast<std::size_t>(n));
    }
    std::string_view text(std::uint64_t n) { return asText(span(n)); }
    void skipTo(std::size_t multiple) {
        const std::size_t next = (m_pos + multiple - 1) / multiple * multiple;
        take(next - m_pos);
    }
    std::size_t pos() const { return m_pos; }
    std::size_t left() const { return m_bytes.size() - m_pos; }
    bool ok() const { return m_ok; }

private:
    bool take(std::uint64_t n) {
        if (!m_ok || n > left()) return m_ok = false;
        m_pos += static_cast<std::size_t>(n);
        return true;
    }
    ByteSpan m_bytes;
    std::size_t m_pos = 0;
    bool m_ok = true;
};

template <class T>
requires std::is_trivially_copyable_v<T>
void append(Bytes& out, const T& value) {
    const std::size_t at = out.size();
    out.resize(at + sizeof(T));
    std::memcpy(out.data() + at, &value, sizeof(T));
}
inline void append(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
inline void append(Bytes& out, std::string_view text) { append(out, asBytes(text)); }
inline void padTo(Bytes& out, std::size_t multiple) {
    out.resize((out.size() + multiple - 1) / multiple * multiple, 0);
}

}  // namespace dubito
