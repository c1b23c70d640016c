// SHA-256 through libcrypto (hardware instructions where the CPU has them).
#include "base/hash.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dubito {

struct Sha256Stream::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : m_state(std::make_unique<State>()) {
    EVP_DigestInit_ex(m_state->context, EVP_sha256(), nullptr);
}
Sha256Stream::~Sha256Stream() = default;
void Sha256Stream::add(ByteSpan bytes) { EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()); }
Sha256 Sha256Stream::finish() {
    Sha256 out{};
    EVP_DigestFinal_ex(m_state->context, out.data(), nullptr);
    return out;
}

Sha256 sha256(ByteSpan bytes) {
    Sha256Stream stream;
    stream.add(bytes);
    return stream.finish();
}

Result<Sha256> sha256Descriptor(int file, const std::filesystem::path& path) {
    Sha256Stream stream;
    Bytes buffer(1 << 20);
    off_t at = 0;
    for (;;) {
        const ssize_t n = ::pread(file, buffer.data(), buffer.size(), at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return Error(Code::Io,
                std::string("reading failed while hashing: ") + errnoText(errno) + ". File: " + path.string());
        if (n == 0) return stream.finish();
        stream.add({buffer.data(), static_cast<std::size_t>(n)});
        at += n;
    }
}

std::string hexText(ByteSpan bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

Result<Bytes> bytesFromHex(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    if (text.size() % 2) return Error(Code::InvalidArgument, "hexadecimal text of odd length");
    Bytes out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0) return Error(Code::InvalidArgument, "not hexadecimal: " + std::string(text));
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

}  // namespace dubito
