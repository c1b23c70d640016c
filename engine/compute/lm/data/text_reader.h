// Text of any usual encoding as lines of UTF-8.
#pragma once

#include <optional>

#include "lm/data/byte_source.h"

namespace dubito::lm {

/// UTF-8, UTF-16 and UTF-32 of either byte order, with a byte order mark; without one, UTF-16 and UTF-32 where the text
/// begins with a character of ASCII and its zeros all lie where they must. LF, CR LF and CR end a line and become LF.
/// What is no text (a byte that does not belong there, a zero) is refused with its offset and line.
class TextReader {
public:
    static Result<TextReader> open(const fs::path& path, const DataLimits& limits = {});
    static Result<TextReader> of(std::string_view content, const DataLimits& limits = {});

    /// The next line without its end, valid until the next call; empty: there is none.
    /// @error CorruptData, Limit, Io
    Result<std::optional<std::string_view>> next();
    std::int64_t line() const { return m_line; }  ///< number of that line, from 1
    /// All that is left. @error as next
    Result<std::string> rest();
    /// "UTF-8", "UTF-16LE with a byte order mark, gzip".
    std::string description() const;

    enum class Encoding { Utf8, Utf16Le, Utf16Be, Utf32Le, Utf32Be };

private:
    explicit TextReader(std::unique_ptr<ByteSource> source) : m_source(std::move(source)) {}
    Result<void> start();
    Result<bool> readRaw();  ///< more raw bytes; false: there are none
    void fill();             ///< decodes one chunk into m_text, or sets m_isEnded or m_error
    void decode(bool isLast);
    void fail(std::size_t at, std::string_view what);
    std::unique_ptr<ByteSource> m_source;
    Encoding m_encoding = Encoding::Utf8;
    bool m_hasMark = false, m_isRawEnded = false, m_isEnded = false, m_wasReturn = false;
    std::string m_magic;                   ///< the first bytes: they say what a binary file is
    std::string m_raw;                     ///< read, not yet decoded
    std::uint64_t m_offset = 0;            ///< of m_raw in the source
    std::string m_text;                    ///< decoded; lines end with LF
    std::size_t m_at = 0, m_searched = 0;  ///< of the next line in m_text; up to where there is no line end
    std::int64_t m_line = 0;
    std::optional<Error> m_error;  ///< stands behind the lines that are left
};

/// The whole of a file of text. @error as TextReader
Result<std::string> readTextFile(const fs::path& path, const DataLimits& limits = {});

}  // namespace dubito::lm
