// Decoding goes chunk by chunk; what a chunk cuts through waits for the next one.
#include "lm/data/text_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dubito::lm {
namespace {

using Encoding = TextReader::Encoding;
constexpr std::size_t kChunk = 1 << 16;

std::uint8_t byteAt(std::string_view raw, std::size_t at) { return static_cast<std::uint8_t>(raw[at]); }

/// A character at the front of bytes: code and size; size 0: they end inside it; code -1: it is none.
struct Decoded {
    std::int32_t code = -1;
    std::size_t size = 0;
};
constexpr std::int32_t kNone = -1;

Decoded utf8At(std::string_view raw) {
    const std::uint8_t first = byteAt(raw, 0);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4) return {kNone, 1};
    std::int32_t code = size == 2 ? first & 0x1F : size == 3 ? first & 0x0F : first & 0x07;
    for (std::size_t i = 1; i < size; ++i) {
        if (i >= raw.size()) return {kNone, 0};
        const std::uint8_t b = byteAt(raw, i);
        const std::uint8_t low = i > 1           ? 0x80
                                 : first == 0xE0 ? 0xA0
                                 : first == 0xF0 ? 0x90
                                                 : 0x80,
                           high = i > 1           ? 0xBF
                                  : first == 0xED ? 0x9F
                                  : first == 0xF4 ? 0x8F
                                                  : 0xBF;
        if (b < low || b > high) return {kNone, 1};
        code = code << 6 | (b & 0x3F);
    }
    return {code, size};
}

Decoded utf16At(std::string_view raw, bool isLittle) {
    const auto unit = [&](std::size_t at) {
        return isLittle ? byteAt(raw, at) | byteAt(raw, at + 1) << 8 : byteAt(raw, at) << 8 | byteAt(raw, at + 1);
    };
    if (raw.size() < 2) return {kNone, 0};
    const int first = unit(0);
    if (first < 0xD800 || first > 0xDFFF) return {first, 2};
    if (first > 0xDBFF) return {kNone, 2};
    if (raw.size() < 4) return {kNone, 0};
    const int second = unit(2);
    if (second < 0xDC00 || second > 0xDFFF) return {kNone, 2};
    return {0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF)), 4};
}

Decoded utf32At(std::string_view raw, bool isLittle) {
    if (raw.size() < 4) return {kNone, 0};
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < 4; ++i) code |= std::uint32_t{byteAt(raw, isLittle ? i : 3 - i)} << (8 * i);
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {kNone, 4};
    return {static_cast<std::int32_t>(code), 4};
}

Decoded characterAt(std::string_view raw, Encoding encoding) {
    switch (encoding) {
        case Encoding::Utf16Le: return utf16At(raw, true);
        case Encoding::Utf16Be: return utf16At(raw, false);
        case Encoding::Utf32Le: return utf32At(raw, true);
        case Encoding::Utf32Be: return utf32At(raw, false);
        case Encoding::Utf8: break;
    }
    return utf8At(raw);
}

/// Bytes of ASCII at the front that are themselves: no zero, no CR.
std::size_t plainRun(std::string_view raw) {
    const auto end =
        std::find_if(raw.begin(), raw.end(), [](char c) { return static_cast<signed char>(c) <= 0 || c == '\r'; });
    return static_cast<std::size_t>(end - raw.begin());
}

void appendUtf8(std::string& out, std::int32_t code) {
    const auto put = [&](int value) { out += static_cast<char>(value); };
    if (code < 0x80) return put(code);
    if (code < 0x800) put(0xC0 | code >> 6);
    else if (code < 0x10000) put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F));
    else put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
}

struct Mark {
    std::string_view bytes;
    Encoding encoding;
};
constexpr Mark kMarks[] = {  // the longer first: the mark of UTF-32LE begins with that of UTF-16LE
    {{"\xFF\xFE\0\0", 4}, Encoding::Utf32Le}, {{"\0\0\xFE\xFF", 4}, Encoding::Utf32Be},
    {{"\xEF\xBB\xBF", 3}, Encoding::Utf8}, {{"\xFF\xFE", 2}, Encoding::Utf16Le}, {{"\xFE\xFF", 2}, Encoding::Utf16Be}};

/// What text without a mark can only be; UTF-8 when its first character does not tell.
Encoding guessed(std::string_view raw) {
    const auto isAscii = [&](std::size_t at) {
        return at < raw.size() && byteAt(raw, at) > 0 && byteAt(raw, at) < 128;
    };
    const auto isZero = [&](std::size_t at) { return at < raw.size() && raw[at] == 0; };
    Encoding found = Encoding::Utf8;
    if (isAscii(0) && isZero(1)) found = isZero(2) && isZero(3) ? Encoding::Utf32Le : Encoding::Utf16Le;
    else if (isZero(0) && isAscii(1)) found = Encoding::Utf16Be;
    else if (isZero(0) && isZero(1) && isZero(2) && isAscii(3)) found = Encoding::Utf32Be;
    if (found == Encoding::Utf8) return found;
    // A binary file may begin so too: text holds no control characters.
    for (std::size_t at = 0; at < raw.size();) {
        const Decoded now = characterAt(raw.substr(at), found);
        if (now.size == 0) break;
        const bool isControl = now.code < 0x20 && (now.code < '\t' || now.code > '\r');
        if (now.code == kNone || isControl || (now.code & 0xFFFE) == 0xFFFE) return Encoding::Utf8;
        at += now.size;
    }
    return found;
}

std::string_view nameOf(Encoding encoding) {
    switch (encoding) {
        case Encoding::Utf16Le: return "UTF-16LE";
        case Encoding::Utf16Be: return "UTF-16BE";
        case Encoding::Utf32Le: return "UTF-32LE";
        case Encoding::Utf32Be: return "UTF-32BE";
        case Encoding::Utf8: break;
    }
    return "UTF-8";
}

/// What files of other kinds begin with.
std::string_view kindOf(std::string_view front) {
    constexpr std::pair<std::string_view, std::string_view> kKinds[] = {{{"PK\x03\x04", 4}, "a zip archive"},
        {"PAR1", "a Parquet file"}, {"ARROW1", "an Arrow file"}, {"BZh", "bzip2 data"},
        {{"\xFD"
          "7zXZ",
             5},
            "xz data"},
        {{"7z\xBC\xAF", 4}, "a 7z archive"}, {"%PDF-", "a PDF document"}, {"GGUF", "a GGUF model"},
        {"SQLite format 3", "an SQLite database"}, {{"\x04\x22\x4D\x18", 4}, "lz4 data"},
        {{"\x1F\x8B", 2}, "gzip data inside compressed data"},
        {{"\x28\xB5\x2F\xFD", 4}, "zstd data inside compressed data"}, {{"\x93NUMPY", 6}, "a NumPy array"}};
    for (const auto& [magic, kind] : kKinds)
        if (front.starts_with(magic)) return kind;
    return {};
}

}  // namespace

Result<TextReader> TextReader::open(const fs::path& path, const DataLimits& limits) {
    DUBITO_TRY(auto source, openBytes(path, limits));
    TextReader out(std::move(source));
    DUBITO_CHECK(out.start());
    return out;
}

Result<TextReader> TextReader::of(std::string_view content, const DataLimits& limits) {
    DUBITO_TRY(auto source, bytesOf(content, limits));
    TextReader out(std::move(source));
    DUBITO_CHECK(out.start());
    return out;
}

std::string TextReader::description() const {
    std::string out(nameOf(m_encoding));
    if (m_hasMark) out += " with a byte order mark";
    if (!m_source->packing().empty()) out += ", " + std::string(m_source->packing());
    return out;
}

Result<void> TextReader::start() {
    while (m_raw.size() < kChunk) {
        DUBITO_TRY(const bool isMore, readRaw());
        if (!isMore) break;
    }
    m_magic = m_raw.substr(0, 16);
    for (const Mark& mark : kMarks) {
        if (!std::string_view(m_raw).starts_with(mark.bytes)) continue;
        m_encoding = mark.encoding;
        m_hasMark = true;
        m_raw.erase(0, mark.bytes.size());
        m_offset = mark.bytes.size();
        return {};
    }
    m_encoding = guessed(m_raw);
    return {};
}

Result<bool> TextReader::readRaw() {
    if (m_isRawEnded) return false;
    const std::size_t before = m_raw.size();
    m_raw.resize(before + kChunk);
    const auto n = m_source->read({reinterpret_cast<std::uint8_t*>(m_raw.data()) + before, kChunk});
    m_raw.resize(before + (n ? *n : 0));
    if (!n) return n.error();
    m_isRawEnded = *n == 0;
    return *n > 0;
}

void TextReader::fail(std::size_t at, std::string_view what) {
    const auto line = m_line + 1 + std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_at), m_text.end(), '\n');
    std::string text = fmt::format("this is no text: {} at byte {} (line {})", what, m_offset + at, line);
    if (!m_source->packing().empty()) text += " of what the " + std::string(m_source->packing()) + " data holds";
    if (const auto kind = kindOf(m_magic); !kind.empty()) text += "; it looks like " + std::string(kind);
    m_error = Error(Code::CorruptData, text);
}

void TextReader::decode(bool isLast) {
    std::size_t at = 0;
    const std::string_view raw = m_raw;
    while (at < raw.size()) {
        if (m_encoding == Encoding::Utf8 && !m_wasReturn) {
            const std::size_t plain = plainRun(raw.substr(at));
            m_text.append(raw.substr(at, plain));
            if ((at += plain) == raw.size()) break;
        }
        const auto first = byteAt(raw, at);
        Decoded now{first, 1};
        if (m_encoding != Encoding::Utf8 || first >= 0x80) now = characterAt(raw.substr(at), m_encoding);
        if (now.size == 0) {
            if (isLast) fail(at, fmt::format("the file ends inside a character of {}", nameOf(m_encoding)));
            break;
        }
        if (now.code == kNone) {
            fail(at, fmt::format("byte 0x{:02X} is not {}", byteAt(raw, at), nameOf(m_encoding)));
            break;
        }
        if (now.code == 0) {
            fail(at, "a zero");
            break;
        }
        const bool wasReturn = std::exchange(m_wasReturn, now.code == '\r');
        if (now.code == '\r') m_text += '\n';
        else if (m_encoding == Encoding::Utf8) m_text.append(raw.substr(at, wasReturn && first == '\n' ? 0 : now.size));
        else if (!(wasReturn && now.code == '\n')) appendUtf8(m_text, now.code);
        at += now.size;
    }
    m_raw.erase(0, at);
    m_offset += at;
}

void TextReader::fill() {
    if (m_raw.size() < kChunk) {
        if (const auto more = readRaw(); !more) {
            m_error = more.error();
            return;
        }
    }
    decode(m_isRawEnded);
    m_isEnded = !m_error && m_isRawEnded && m_raw.empty();
}

Result<std::optional<std::string_view>> TextReader::next() {
    for (;;) {
        const std::size_t end = m_text.find('\n', std::max(m_at, m_searched));
        if (end != std::string::npos) {
            const std::string_view line = std::string_view(m_text).substr(m_at, end - m_at);
            m_at = m_searched = end + 1;
            ++m_line;
            return std::optional(line);
        }
        m_searched = m_text.size();
        if (m_error) return *m_error;
        if (m_isEnded) {
            if (m_at == m_text.size()) return std::optional<std::string_view>();
            const std::string_view line = std::string_view(m_text).substr(m_at);
            m_at = m_text.size();
            ++m_line;
            return std::optional(line);
        }
        m_text.erase(0, m_at);
        m_searched -= m_at;
        m_at = 0;
        fill();
    }
}

Result<std::string> TextReader::rest() {
    while (!m_isEnded && !m_error) fill();
    if (m_error) return *m_error;
    std::string out = m_text.substr(m_at);
    m_at = m_text.size();
    return out;
}

Result<std::string> readTextFile(const fs::path& path, const DataLimits& limits) {
    DUBITO_TRY(TextReader reader, TextReader::open(path, limits));
    return reader.rest();
}

}  // namespace dubito::lm
