// One renderer a format, and the only places that write to the standard streams.
#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/text.h"

namespace dubito::cli {
namespace {

bool g_readerIsGone = false;

std::string csvCell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + '"';
}

std::string markdownCell(const std::string& text) {
    std::string out;
    for (const char c : plainText(text)) {
        if (c == '\n') out += "<br>";
        else if (c == '\t') out += "\\t";
        else if (c == '|') out += "\\|";
        else out += c;
    }
    return out;
}

std::string renderJson(const Table& table, bool isLines) {
    std::string out;
    Json all = Json::array();
    for (const auto& row : table.rows) {
        Json object = Json::object();
        for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = row[i].json();
        if (isLines) out += printableJson(jsonText(object)) + "\n";
        else all.push_back(std::move(object));
    }
    return isLines ? out : printableJson(jsonText(all, 2)) + "\n";
}

std::string renderTable(const Table& table) {
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& column : table.columns) lines[0].push_back(oneLine(column));
    for (const auto& row : table.rows) {
        auto& line = lines.emplace_back();
        for (const Cell& cell : row) line.push_back(oneLine(cell.text));
    }
    const std::size_t count = table.columns.size();
    std::vector<std::size_t> widths(count);
    std::vector<bool> isRight(count, !table.rows.empty());  // only a column of numbers alone
    for (std::size_t n = 0; n < lines.size(); ++n)
        for (std::size_t i = 0; i < lines[n].size(); ++i) {
            widths[i] = std::max(widths[i], displayWidth(lines[n][i]));
            if (n > 0 && !table.rows[n - 1][i].isNumber && !lines[n][i].empty()) isRight[i] = false;
        }
    std::string out;
    for (std::size_t n = 0; n < lines.size(); ++n) {
        for (std::size_t i = 0; i < lines[n].size(); ++i) {
            const std::string& text = lines[n][i];
            const std::string pad(widths[i] - displayWidth(text), ' ');
            out += n > 0 && isRight[i] ? pad + text : text + pad;
            if (i + 1 < count) out += "  ";
        }
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out;
}

/// Rows of cells with something between them.
std::string renderRows(const Table& table, Format format, bool hasHead) {
    const char* between = format == Format::Csv ? "," : format == Format::Tsv ? "\t" : " | ";
    const bool isMarkdown = format == Format::Markdown;
    std::string out;
    const auto cell = [&](const std::string& text, bool isFirst) {
        if (!isFirst) out += between;
        out += format == Format::Csv ? csvCell(text) : isMarkdown ? markdownCell(text) : oneLine(text);
    };
    const auto row = [&](std::size_t count, auto textAt) {
        if (isMarkdown) out += "| ";
        for (std::size_t i = 0; i < count; ++i) cell(textAt(i), i == 0);
        out += isMarkdown ? " |\n" : "\n";
    };
    if (hasHead) row(table.columns.size(), [&](std::size_t i) -> const std::string& { return table.columns[i]; });
    if (hasHead && isMarkdown) row(table.columns.size(), [](std::size_t) { return std::string("---"); });
    for (const auto& cells : table.rows)
        row(cells.size(), [&](std::size_t i) -> const std::string& { return cells[i].text; });
    return out;
}

}  // namespace

std::size_t displayWidth(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        utf8proc_int32_t code = 0;
        const auto length = utf8proc_iterate(
            reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &code);
        // A byte that is no UTF-8 shows as some sign of its own.
        width += length > 0 ? static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code))) : 1;
        text.remove_prefix(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(1, length)));
    }
    return width;
}

std::string numberText(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return fmt::format("{}", value);
}

std::string valueText(const Json& value) { return value.is_string() ? value.get<std::string>() : jsonText(value); }

Json Cell::json() const {
    if (!isNumber) return text;
    if (text.empty()) return nullptr;
    auto parsed = parseJson(text);
    return parsed ? *parsed : Json(text);
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
    return format == Format::Table ? renderTable(table) : renderRows(table, format, true);
}

std::string renderFurther(const Table& table, Format format) {
    return format == Format::Jsonl ? renderJson(table, true) : renderRows(table, format, false);
}

Result<void> writeOut(std::string_view result) {
    if (g_readerIsGone) return {};
    const std::string plain = ::isatty(STDOUT_FILENO) ? plainText(result) : std::string();
    const std::string_view text = plain.empty() ? result : plain;
    errno = 0;
    const bool isWhole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (isWhole && std::fflush(stdout) == 0 && !std::ferror(stdout)) return {};
    if (errno == EPIPE) {
        g_readerIsGone = true;
        return {};
    }
    return Error(Code::Io, fmt::format("cannot write the result, it is cut: {}", errnoText(errno ? errno : EIO)));
}

Result<void> writeJson(const Json& value, int indent) {
    return writeOut(printableJson(jsonText(value, indent)) + "\n");
}

bool readerIsGone() { return g_readerIsGone; }

std::string plainText(std::string_view text) { return printable(text, true); }

std::string oneLine(std::string_view text) { return printable(text, false); }

void sayPlain(std::string_view text) {
    const std::string line = plainText(text) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);  // a failure stays in the stream, see isHeard()
}

void say(std::string_view text) { sayPlain("dubito: " + std::string(text)); }

bool isHeard() { return !std::ferror(stderr); }

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
