// Sources on sources: a file or memory, what expands it, and on top the one that counts.
#include "lm/data/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace dubito::lm {
namespace {

constexpr std::size_t kChunk = 1 << 16;

class FileSource final : public ByteSource {
public:
    FileSource(FileDescriptor file, std::uint64_t size, fs::path path)
        : m_file(std::move(file)), m_size(size), m_path(std::move(path)) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        for (;;) {
            const auto n = ::read(m_file.get(), out.data(), out.size());
            if (n >= 0) {
                m_read += static_cast<std::uint64_t>(n);
                return static_cast<std::size_t>(n);
            }
            if (errno != EINTR)
                return Error(Code::Io, fmt::format("cannot read: {}. File: {}", errnoText(errno), m_path.string()));
        }
    }
    std::uint64_t stored() const override { return std::max(m_size, m_read); }

private:
    FileDescriptor m_file;
    std::uint64_t m_size, m_read = 0;
    fs::path m_path;
};

class MemorySource final : public ByteSource {
public:
    explicit MemorySource(std::string_view content) : m_content(content) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t n = std::min(out.size(), m_content.size() - m_at);
        if (n > 0) std::memcpy(out.data(), m_content.data() + m_at, n);
        m_at += n;
        return n;
    }
    std::uint64_t stored() const override { return m_content.size(); }

private:
    std::string_view m_content;
    std::size_t m_at = 0;
};

/// Gives back what was looked at, then the rest.
class PeekedSource final : public ByteSource {
public:
    PeekedSource(std::unique_ptr<ByteSource> below, std::vector<std::uint8_t> front)
        : m_below(std::move(below)), m_front(std::move(front)) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        if (m_at == m_front.size()) return m_below->read(out);
        const std::size_t n = std::min(out.size(), m_front.size() - m_at);
        std::memcpy(out.data(), m_front.data() + m_at, n);
        m_at += n;
        return n;
    }
    std::uint64_t stored() const override { return m_below->stored(); }

private:
    std::unique_ptr<ByteSource> m_below;
    std::vector<std::uint8_t> m_front;
    std::size_t m_at = 0;
};

/// The part that gzip and zstd share: stored bytes wait in a buffer until the expander asks.
class ExpandingSource : public ByteSource {
public:
    explicit ExpandingSource(std::unique_ptr<ByteSource> below) : m_below(std::move(below)) {}
    std::uint64_t stored() const override { return m_below->stored(); }

protected:
    /// Whether there is stored input; reads some when none waits.
    Result<bool> hasInput() {
        if (m_from < m_to) return true;
        m_from = 0;
        DUBITO_TRY(m_to, m_below->read(m_input));
        return m_to > 0;
    }
    Error damaged(std::string_view why) const {
        return Error(Code::CorruptData, fmt::format("the {} data is damaged: {}", packing(), why));
    }
    Error cut() const {
        return Error(Code::CorruptData, fmt::format("the {} data ends too early: the file is cut", packing()));
    }
    std::array<std::uint8_t, kChunk> m_input{};
    std::size_t m_from = 0, m_to = 0;

private:
    std::unique_ptr<ByteSource> m_below;
};

class GzipSource final : public ExpandingSource {
public:
    explicit GzipSource(std::unique_ptr<ByteSource> below) : ExpandingSource(std::move(below)) {}
    ~GzipSource() override { inflateEnd(&m_stream); }
    Result<void> start() {
        constexpr int kGzipOnly = 15 + 16;
        if (inflateInit2(&m_stream, kGzipOnly) != Z_OK)
            return Error(Code::OutOfMemory, "no memory to expand gzip data");
        return {};
    }
    std::string_view packing() const override { return "gzip"; }
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        for (;;) {
            DUBITO_TRY(const bool hasMore, hasInput());
            if (!hasMore) return m_isInside ? Result<std::size_t>(cut()) : Result<std::size_t>(std::size_t{0});
            if (!m_isInside) inflateReset(&m_stream);  // one more member
            m_isInside = true;
            m_stream.next_in = m_input.data() + m_from;
            m_stream.avail_in = static_cast<uInt>(m_to - m_from);
            m_stream.next_out = out.data();
            m_stream.avail_out = static_cast<uInt>(out.size());
            const int code = inflate(&m_stream, Z_NO_FLUSH);
            m_from = m_to - m_stream.avail_in;
            if (code == Z_STREAM_END) m_isInside = false;
            else if (code != Z_OK && code != Z_BUF_ERROR)
                return damaged(m_stream.msg ? m_stream.msg : "its structure is not understood");
            if (const std::size_t n = out.size() - m_stream.avail_out) return n;
        }
    }

private:
    z_stream m_stream{};
    bool m_isInside = false;
};

class ZstdSource final : public ExpandingSource {
public:
    explicit ZstdSource(std::unique_ptr<ByteSource> below)
        : ExpandingSource(std::move(below)), m_stream(ZSTD_createDStream(), &ZSTD_freeDStream) {}
    std::string_view packing() const override { return "zstd"; }
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        if (!m_stream) return Error(Code::OutOfMemory, "no memory to expand zstd data");
        for (;;) {
            DUBITO_TRY(const bool hasMore, hasInput());
            // Without input the stream may still hold text of the last block.
            if (!hasMore && !m_isInside) return std::size_t{0};
            ZSTD_inBuffer in{m_input.data(), m_to, m_from};
            ZSTD_outBuffer to{out.data(), out.size(), 0};
            const std::size_t left = ZSTD_decompressStream(m_stream.get(), &to, &in);
            if (ZSTD_isError(left)) return damaged(ZSTD_getErrorName(left));
            m_from = in.pos;
            m_isInside = left > 0;
            if (to.pos > 0) return to.pos;
            if (!hasMore && m_isInside) return cut();
        }
    }

private:
    std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> m_stream;
    bool m_isInside = false;
};

/// Refuses what grows too large.
class CountedSource final : public ByteSource {
public:
    CountedSource(std::unique_ptr<ByteSource> below, const DataLimits& limits)
        : m_below(std::move(below)), m_limits(limits) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        DUBITO_TRY(const std::size_t n, m_below->read(out));
        m_total += n;
        if (m_total > m_limits.maxBytes)
            return Error(Code::Limit, fmt::format("more than {} bytes of text; split the file", m_limits.maxBytes));
        const bool isPacked = !packing().empty() && m_total > m_limits.alwaysAllowed;
        if (isPacked && m_total / m_limits.maxRatio > stored())
            return Error(Code::Limit,
                fmt::format("{} data of {} bytes expands to more than {} times its size; if that is meant, expand the "
                            "file first",
                    packing(), stored(), m_limits.maxRatio));
        return n;
    }
    std::uint64_t stored() const override { return m_below->stored(); }
    std::string_view packing() const override { return m_below->packing(); }

private:
    std::unique_ptr<ByteSource> m_below;
    DataLimits m_limits;
    std::uint64_t m_total = 0;
};

bool isZstd(std::span<const std::uint8_t> b) {
    if (b.size() < 4) return false;
    const bool isFrame = b[0] == 0x28 && b[1] == 0xB5 && b[2] == 0x2F && b[3] == 0xFD;
    const bool isSkippable = (b[0] & 0xF0) == 0x50 && b[1] == 0x2A && b[2] == 0x4D && b[3] == 0x18;
    return isFrame || isSkippable;
}

Result<std::unique_ptr<ByteSource>> expanded(std::unique_ptr<ByteSource> below, const DataLimits& limits) {
    constexpr std::size_t kMagic = 4;
    std::vector<std::uint8_t> front(kMagic);
    std::size_t n = 0;
    while (n < kMagic) {
        DUBITO_TRY(const std::size_t more, below->read(std::span(front).subspan(n)));
        if (more == 0) break;
        n += more;
    }
    front.resize(n);
    const bool isGzip = n >= 3 && front[0] == 0x1F && front[1] == 0x8B && front[2] == 8, isPacked = isZstd(front);
    std::unique_ptr<ByteSource> whole = std::make_unique<PeekedSource>(std::move(below), std::move(front));
    if (isGzip) {
        auto gzip = std::make_unique<GzipSource>(std::move(whole));
        DUBITO_CHECK(gzip->start());
        whole = std::move(gzip);
    } else if (isPacked) {
        whole = std::make_unique<ZstdSource>(std::move(whole));
    }
    return std::unique_ptr<ByteSource>(std::make_unique<CountedSource>(std::move(whole), limits));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> openBytes(const fs::path& path, const DataLimits& limits) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return Error(errno == ENOENT ? Code::NotFound : Code::Io,
            fmt::format("cannot open: {}. File: {}", errnoText(errno), path.string()));
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || S_ISDIR(info.st_mode))
        return Error(Code::Io, "a folder is no file of data. File: " + path.string());
    return expanded(
        std::make_unique<FileSource>(std::move(file), static_cast<std::uint64_t>(info.st_size), path), limits);
}

Result<std::unique_ptr<ByteSource>> bytesOf(std::string_view content, const DataLimits& limits) {
    return expanded(std::make_unique<MemorySource>(content), limits);
}

}  // namespace dubito::lm
