// One renderer a format.
#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"

namespace dubito::cli {
namespace {

std::size_t widthOf(std::string_view text) {
    std::size_t n = 0;
    for (const char c : text) n += (c & 0xC0) != 0x80;
    return n;
}

std::string escaped(std::string_view text, Format format) {
    std::string out;
    if (format == Format::Csv) {
        if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
        for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
        return '"' + out + '"';
    }
    for (const char c : text) {
        if (c == '\t') out += "\\t";
        else if (c == '\n') out += format == Format::Markdown ? "<br>" : "\\n";
        else if (c == '|' && format == Format::Markdown) out += "\\|";
        else out += c;
    }
    return out;
}

Json jsonCell(const Cell& cell) {
    if (!cell.isNumber) return cell.text;
    auto parsed = parseJson(cell.text);
    return parsed ? *parsed : Json(cell.text);  // nan and inf are strings in JSON
}

}  // namespace

std::string numberText(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return fmt::format("{}", value);
}

Cell::Cell(double number) : text(numberText(number)), isNumber(true) {}

Result<Format> formatFromName(std::string_view name) {
    if (name == "table") return Format::Table;
    if (name == "json") return Format::Json;
    if (name == "jsonl") return Format::Jsonl;
    if (name == "csv") return Format::Csv;
    if (name == "tsv") return Format::Tsv;
    if (name == "md") return Format::Markdown;
    return Error(Code::InvalidArgument, fmt::format("no output format {}; known: table json jsonl csv tsv md", name));
}

Format defaultFormat() { return ::isatty(STDOUT_FILENO) ? Format::Table : Format::Tsv; }

std::string render(const Table& table, Format format) {
    std::string out;
    if (format == Format::Json || format == Format::Jsonl) {
        Json all = Json::array();
        for (const auto& row : table.rows) {
            Json object = Json::object();
            for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = jsonCell(row[i]);
            if (format == Format::Jsonl) out += jsonText(object) + "\n";
            else all.push_back(std::move(object));
        }
        return format == Format::Json ? jsonText(all, 2) + "\n" : out;
    }
    if (format == Format::Table) {
        std::vector<std::size_t> widths;
        for (const auto& column : table.columns) widths.push_back(widthOf(column));
        for (const auto& row : table.rows)
            for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], widthOf(escaped(row[i].text, format)));
        const auto line = [&](std::size_t i, std::string_view text, bool right, bool last) {
            const std::string pad(widths[i] - widthOf(text), ' ');
            out += right ? pad + std::string(text) : std::string(text) + (last ? "" : pad);
            out += last ? "\n" : "  ";
        };
        for (std::size_t i = 0; i < table.columns.size(); ++i) line(i, table.columns[i], false, i + 1 == table.columns.size());
        for (const auto& row : table.rows)
            for (std::size_t i = 0; i < row.size(); ++i) line(i, escaped(row[i].text, format), row[i].isNumber, i + 1 == row.size());
        return out;
    }
    const char* between = format == Format::Csv ? "," : format == Format::Tsv ? "\t" : " | ";
    const auto put = [&](const std::vector<std::string>& cells) {
        if (format == Format::Markdown) out += "| ";
        for (std::size_t i = 0; i < cells.size(); ++i) out += (i ? between : "") + cells[i];
        out += format == Format::Markdown ? " |\n" : "\n";
    };
    std::vector<std::string> head;
    for (const auto& column : table.columns) head.push_back(escaped(column, format));
    put(head);
    if (format == Format::Markdown) put(std::vector<std::string>(table.columns.size(), "---"));
    for (const auto& row : table.rows) {
        std::vector<std::string> cells;
        for (const Cell& cell : row) cells.push_back(escaped(cell.text, format));
        put(cells);
    }
    return out;
}

}  // namespace dubito::cli
