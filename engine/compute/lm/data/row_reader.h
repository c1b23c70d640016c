// Rows of JSON in a data file: one a line, or the elements of one array; or plain text.
#pragma once

#include <deque>

#include "base/json.h"
#include "lm/data/text_reader.h"

namespace dubito::lm {

enum class DataForm { Empty, JsonLines, JsonArray, PlainText };

/// An object of a data file.
struct DataRow {
    Json json;
    std::int64_t number = 0;  ///< of the line, or of the array's element, from 1
    std::string where;        ///< "line 3", "element 3 (line 12)"
    std::string_view source;  ///< as written, valid until the next row is read

    /// @error CorruptData: "training data, line 3: ..."
    Error bad(std::string_view what) const;
    /// A text, or a number or boolean as its JSON text, written as in the file. `pointer` is a JSON pointer.
    /// @error CorruptData when it is null, an object or a list; the field is named
    Result<std::string> textAt(const std::string& pointer) const;
    std::string_view file;  ///< what the file is called in errors
};
/// The value behind a JSON pointer; null when there is none.
const Json* valueAt(const Json& json, std::string_view pointer);
/// A JSON pointer to the member `key` below `pointer`.
std::string pointerTo(std::string_view pointer, std::string_view key);

class RowReader {
public:
    /// @param file what the file is called in errors: "training data"
    /// @param isNamedJson the file's name says that it is JSON, so it is never taken for plain text
    /// @error CorruptData: objects in the middle of what would be plain text (a comment or a title in front)
    static Result<RowReader> create(TextReader reader, std::string file, bool isNamedJson);
    static Result<RowReader> open(const fs::path& path, std::string file);
    static Result<RowReader> of(std::string_view content, std::string file);

    DataForm form() const { return m_form; }
    std::string description() const;  ///< "JSON lines (UTF-8)"
    /// The next object; empty: there is none. Empty lines are passed over. Not for plain text.
    /// @error CorruptData (line or element named), Limit, Io
    Result<std::optional<DataRow>> next();
    /// The next part of plain text between empty lines; empty: there is none. @error as next
    Result<std::optional<std::string>> nextPart();
    std::int64_t line() const { return m_line; }  ///< of what was read last

private:
    RowReader(TextReader reader, std::string file) : m_reader(std::move(reader)), m_file(std::move(file)) {}
    Result<bool> peek();      ///< one more line into m_ahead; false: there is none
    Result<bool> takeLine();  ///< the next line into m_text; false: there is none
    Result<void> findForm(bool isNamedJson);
    Result<void> checkPlainText(std::size_t first);
    Result<std::optional<DataRow>> nextLine();
    Result<std::optional<DataRow>> nextElement();
    Result<bool> skipBlanks();   ///< to the next character of the array; false: the file ends
    Result<bool> takeElement();  ///< into m_element; false: the file ends inside
    Result<DataRow> rowOf(std::string_view source, std::int64_t number, std::string where) const;
    Error bad(std::string_view what) const;
    struct Ahead {
        std::string text;
        std::int64_t line;
    };
    TextReader m_reader;
    std::string m_file;
    DataForm m_form = DataForm::Empty;
    std::deque<Ahead> m_ahead;  ///< lines that were looked at to find the form
    std::string m_text, m_element;
    std::size_t m_at = 0;  ///< in m_text, inside an array
    std::int64_t m_line = 0, m_elements = 0;
    bool m_isOpen = false, m_isClosed = false;  ///< the array's brackets were read
};

/// Whether a name says JSON: .json, .jsonl, .ndjson, also in front of .gz, .zst.
bool isNamedJson(const fs::path& path);

}  // namespace dubito::lm
