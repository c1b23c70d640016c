// Printing a table as people or programs want it. Results on stdout only.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

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
};

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;
};

std::string render(const Table& table, Format format);
std::string numberText(double value);  ///< shortest exact; nan, inf, -inf spelled out

}  // namespace dubito::cli
