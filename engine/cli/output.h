// Printing results as people or programs want them on stdout, and everything else on stderr.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace dubito::cli {

enum class Format { Table, Json, Jsonl, Csv, Tsv, Markdown };

/// @error InvalidArgument naming the formats
Result<Format> formatFromName(std::string_view name);
/// Table on a terminal, tsv in a pipe.
Format defaultFormat();

/// A cell that is a number stays one in JSON.
struct Cell {
    std::string text;
    bool isNumber = false;
    Cell(std::string text) : text(std::move(text)) {}
    Cell(const char* text) : text(text) {}
    Cell(double number);
    Cell(std::int64_t number) : text(std::to_string(number)), isNumber(true) {}
    Cell(int number) : Cell(std::int64_t{number}) {}
    Cell(std::optional<double> number) : isNumber(true) {  ///< none: empty, null in JSON
        if (number) *this = Cell(*number);
    }
    Json json() const;  ///< nan and inf are strings in JSON
};

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;
};

/// JSON and CSV keep every text as it is (JSON spells what a terminal obeys as \u009b); the formats for people (table,
/// tsv, md) show control characters as \x1b.
std::string render(const Table& table, Format format);
/// Rows that follow those of render(); of the formats that are written a row at a time.
std::string renderFurther(const Table& table, Format format);
std::string numberText(double value);      ///< shortest exact; nan, inf, -inf spelled out
std::string valueText(const Json& value);  ///< a text as it is, anything else as JSON
/// Columns of a terminal that the text takes: two for a wide character, none for a combining one.
std::size_t displayWidth(std::string_view text);

/// Puts a result on stdout, flushed; on a terminal as plainText(). Nobody reading any more is no error: what follows is
/// dropped, as is readerIsGone().
/// @error Io in the system's words: the output is cut
Result<void> writeOut(std::string_view text);
/// A value and a line end; `indent` below 0: in one line.
Result<void> writeJson(const Json& value, int indent);
/// The reader of stdout closed it, as `head` does. The program then ends quietly with exit code 10.
bool readerIsGone();

/// What a file or a plugin said, for a terminal: control characters are shown as \x1b, line breaks stay.
std::string plainText(std::string_view text);
/// The same for what has to stay in one line: line breaks and tabs are shown too.
std::string oneLine(std::string_view text);
/// One line on stderr, "dubito: ...". The text passes plainText() on the way.
void say(std::string_view text);
/// As say(), without the program's name.
void sayPlain(std::string_view text);
/// Whether what was said so far came through: nobody reads stderr any more when it did not.
bool isHeard();

/// Program start: standard streams that were closed fail instead of becoming somebody's file; a closed pipe is an error
/// of the write and no death in the middle of a run; ended children are waited for.
void prepareStreams();

}  // namespace dubito::cli
