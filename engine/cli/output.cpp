// One renderer a format, and the only places that write to the standard streams.
#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/json.h"
#include "base/text.h"

namespace dubito::cli {
namespace {

bool g_readerIsGone = false;

std::size_t widthOf(std::string_view text) {
    std::size_t n = 0;
    for (const char c : text) n += (c & 0xC0) != 0x80;
    return n;
}

std::string csvCell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + '"';
}

std::string markdownCell(const std::string& text) {
    std::string out;
    for (const char c : printable(text, true)) {
        if (c == '\n') out += "<br>";
        else if (c == '\t') out += "\\t";
        else if (c == '|') out += "\\|";
        else out += c;
    }
    return out;
}

Json jsonCell(const Cell& cell) {
    if (!cell.isNumber) return cell.text;
    auto parsed = parseJson(cell.text);
    return parsed ? *parsed : Json(cell.text);  // nan and inf are strings in JSON
}

std::string renderJson(const Table& table, bool isLines) {
    std::string out;
    Json all = Json::array();
    for (const auto& row : table.rows) {
        Json object = Json::object();
        for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = jsonCell(row[i]);
        if (isLines) out += jsonText(object) + "\n";
        else all.push_back(std::move(object));
    }
    return isLines ? out : jsonText(all, 2) + "\n";
}

std::string renderTable(const Table& table) {
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& column : table.columns) lines[0].push_back(printable(column, false));
    for (const auto& row : table.rows) {
        auto& line = lines.emplace_back();
        for (const Cell& cell : row) line.push_back(printable(cell.text, false));
    }
    std::vector<std::size_t> widths(table.columns.size());
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], widthOf(line[i]));
    std::string out;
    for (std::size_t n = 0; n < lines.size(); ++n)
        for (std::size_t i = 0; i < lines[n].size(); ++i) {
            const std::string& text = lines[n][i];
            const std::string pad(widths[i] - widthOf(text), ' ');
            const bool isRight = n > 0 && table.rows[n - 1][i].isNumber, isLast = i + 1 == lines[n].size();
            out += isRight ? pad + text : isLast ? text : text + pad;
            out += isLast ? "\n" : "  ";
        }
    return out;
}

/// Rows of cells with something between them.
std::string renderRows(const Table& table, Format format) {
    const char* between = format == Format::Csv ? "," : format == Format::Tsv ? "\t" : " | ";
    const bool isMarkdown = format == Format::Markdown;
    std::string out;
    const auto cell = [&](const std::string& text, bool isFirst) {
        if (!isFirst) out += between;
        out += format == Format::Csv ? csvCell(text) : isMarkdown ? markdownCell(text) : printable(text, false);
    };
    const auto row = [&](std::size_t count, auto textAt) {
        if (isMarkdown) out += "| ";
        for (std::size_t i = 0; i < count; ++i) cell(textAt(i), i == 0);
        out += isMarkdown ? " |\n" : "\n";
    };
    row(table.columns.size(), [&](std::size_t i) -> const std::string& { return table.columns[i]; });
    if (isMarkdown) row(table.columns.size(), [](std::size_t) { return std::string("---"); });
    for (const auto& cells : table.rows)
        row(cells.size(), [&](std::size_t i) -> const std::string& { return cells[i].text; });
    return out;
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
    if (format == Format::Json || format == Format::Jsonl) return renderJson(table, format == Format::Jsonl);
    return format == Format::Table ? renderTable(table) : renderRows(table, format);
}

Result<void> writeOut(std::string_view text) {
    if (g_readerIsGone) return {};
    errno = 0;
    const bool isWhole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (isWhole && std::fflush(stdout) == 0 && !std::ferror(stdout)) return {};
    if (errno == EPIPE) {
        g_readerIsGone = true;
        return {};
    }
    return Error(Code::Io, fmt::format("cannot write the result, it is cut: {}", std::strerror(errno ? errno : EIO)));
}

bool readerIsGone() { return g_readerIsGone; }

std::string plainText(std::string_view text) { return printable(text, true); }

bool sayPlain(std::string_view text) {
    const std::string line = plainText(text) + "\n";
    return std::fwrite(line.data(), 1, line.size(), stderr) == line.size();
}

void say(std::string_view text) { (void)sayPlain("dubito: " + std::string(text)); }

void prepareStreams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            (void)::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // takes the lowest free number
    struct sigaction action {};
    action.sa_handler = [](int) {};  // a handler and not SIG_IGN, which programs started from here would inherit
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGPIPE, &action, nullptr);
    ::signal(SIGCHLD, SIG_DFL);  // some parents leave it ignored; then nobody learns how a worker ended
}

}  // namespace dubito::cli
