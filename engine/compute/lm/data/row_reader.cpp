// The form is found from the first lines; nothing that holds JSON objects is taken for prose.
#include "lm/data/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dubito::lm {
namespace {

constexpr int kMostDepth = 64;
constexpr std::string_view kBlank = " \t\n\v\f", kMark = "\xEF\xBB\xBF";

bool isBlank(std::string_view line) { return line.find_first_not_of(kBlank) == std::string_view::npos; }

/// Without white space around it and without a byte order mark in front, as files that were joined have.
std::string_view trimmed(std::string_view line) {
    if (line.starts_with(kMark)) line.remove_prefix(kMark.size());
    const auto first = line.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

bool isComment(std::string_view line) {
    line = trimmed(line);
    return line.starts_with('#') || line.starts_with("//") || line.starts_with("/*") || line.starts_with("--") ||
           line.starts_with(';');
}

Result<Json> parsed(std::string_view text) { return parseJson(text, {text.size(), kMostDepth}); }

bool isObject(std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with('{')) return false;
    const auto json = parsed(line);
    return json && json->is_object();
}

/// Why a line is no row, in words of its own where they are known.
std::string reasonOf(std::string_view line, const Error& error) {
    if (isComment(line)) return "a comment; JSON has none, take it out";
    std::string out = error.text();
    constexpr std::string_view kInLine = "not valid JSON at line 1, ";
    if (out.starts_with(kInLine)) out = "not valid JSON at " + out.substr(kInLine.size());
    if (line.starts_with('{') && !line.ends_with('}'))
        out += "; if it is an object over several lines: one a line is read, or one array of them";
    return out;
}

}  // namespace

bool isNamedJson(const fs::path& path) {
    fs::path name = path.filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") name = name.stem();
    return name.extension() == ".json" || name.extension() == ".jsonl" || name.extension() == ".ndjson";
}

const Json* valueAt(const Json& json, std::string_view pointer) {
    const Json* at = &json;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const auto end = std::min(pointer.find('/'), pointer.size());
        std::string key;
        for (std::size_t i = 0; i < end; ++i) {
            const bool isEscape = pointer[i] == '~' && i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1');
            if (isEscape) key += pointer[++i] == '0' ? '~' : '/';
            else key += pointer[i];
        }
        pointer.remove_prefix(end);
        if (at->is_array()) {
            std::size_t index = 0;
            const auto number = std::from_chars(key.data(), key.data() + key.size(), index);
            const bool isWhole = number.ec == std::errc() && number.ptr == key.data() + key.size();
            if (!isWhole || index >= at->size()) return nullptr;
            at = &(*at)[index];
            continue;
        }
        if (!at->is_object()) return nullptr;
        const auto found = at->find(key);
        if (found == at->end()) return nullptr;
        at = &*found;
    }
    return at;
}

std::string pointerTo(std::string_view pointer, std::string_view key) {
    std::string out = std::string(pointer) + "/";
    for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

Error DataRow::bad(std::string_view what) const {
    return Error(Code::CorruptData, fmt::format("{}, {}: {}", file, where, what));
}

Result<std::string> DataRow::textAt(const std::string& pointer) const {
    const Json* value = valueAt(json, pointer);
    const std::string_view name = std::string_view(pointer).substr(std::min<std::size_t>(1, pointer.size()));
    if (!value) return bad(fmt::format("it has no {}", name));
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number_integer() || value->is_boolean()) return jsonText(*value);
    if (!value->is_number())
        return bad(fmt::format("{} is {}, and a text is meant there", name,
            value->is_null()    ? "null"
            : value->is_array() ? "a list"
                                : "an object"));
    DUBITO_TRY(const Json written, parseJson(source, {source.size(), kMostDepth, true}));
    const Json* again = valueAt(written, pointer);
    return again && again->is_string() ? again->get<std::string>() : jsonText(*value);
}

Result<RowReader> RowReader::create(TextReader reader, std::string file, bool isNamedJson) {
    RowReader out(std::move(reader), std::move(file));
    DUBITO_CHECK(out.findForm(isNamedJson));
    return out;
}

Result<RowReader> RowReader::open(const fs::path& path, std::string file) {
    auto reader = TextReader::open(path);
    if (!reader) return std::move(reader).error().in("reading the " + file);
    return create(std::move(*reader), std::move(file), lm::isNamedJson(path));
}

Result<RowReader> RowReader::of(std::string_view content, std::string file) {
    auto reader = TextReader::of(content);
    if (!reader) return std::move(reader).error().in("reading the " + file);
    return create(std::move(*reader), std::move(file), false);
}

std::string RowReader::description() const {
    const std::string_view form = m_form == DataForm::JsonLines   ? "JSON lines"
                                  : m_form == DataForm::JsonArray ? "a JSON array"
                                                                  : "plain text";
    return fmt::format("{} ({})", form, m_reader.description());
}

Error RowReader::bad(std::string_view what) const {
    return Error(Code::CorruptData, fmt::format("{}, {}", m_file, what));
}

Result<bool> RowReader::peek() {
    auto line = m_reader.next();
    if (!line) return std::move(line).error().in("reading the " + m_file);
    if (!*line) return false;
    m_ahead.push_back({std::string(**line), m_reader.line()});
    return true;
}

Result<bool> RowReader::takeLine() {
    if (!m_ahead.empty()) {
        m_text = std::move(m_ahead.front().text);
        m_line = m_ahead.front().line;
        m_ahead.pop_front();
        m_at = 0;
        return true;
    }
    auto line = m_reader.next();
    if (!line) return std::move(line).error().in("reading the " + m_file);
    if (!*line) return false;
    m_text.assign(**line);
    m_line = m_reader.line();
    m_at = 0;
    return true;
}

Result<void> RowReader::findForm(bool isNamedJson) {
    do {
        DUBITO_TRY(const bool isMore, peek());
        if (!isMore) return {};
    } while (trimmed(m_ahead.back().text).empty());
    const std::size_t first = m_ahead.size() - 1;
    const std::string front(trimmed(m_ahead[first].text));
    m_form = isNamedJson || front[0] == '{' ? DataForm::JsonLines : DataForm::PlainText;
    if (front[0] != '[') return m_form == DataForm::PlainText ? checkPlainText(first) : Result<void>();
    // "[Chapter one]" begins a text, "[{" an array of objects, "[1, 2]" an array of what are no rows.
    std::string_view behind = trimmed(std::string_view(front).substr(1));
    while (behind.empty()) {
        DUBITO_TRY(const bool isMore, peek());
        if (!isMore) break;
        behind = trimmed(m_ahead.back().text);
    }
    const bool isArray = behind.starts_with('{') || behind.starts_with(']');
    if (isNamedJson || isArray || parsed(front)) m_form = DataForm::JsonArray;
    return {};
}

Result<void> RowReader::checkPlainText(std::size_t first) {
    constexpr int kMostLines = 1000;
    const bool isBehindComment = isComment(m_ahead[first].text);
    int objects = 0;
    for (int n = 0; n < kMostLines && objects < (isBehindComment ? 1 : 2); ++n) {
        DUBITO_TRY(const bool isMore, peek());
        if (!isMore) return {};
        const std::string& line = m_ahead.back().text;
        if (isBlank(line) || (isBehindComment && isComment(line))) continue;
        const std::string_view text = trimmed(line);
        const bool isArray = isBehindComment && (text == "[" || text.starts_with("[{"));
        if (!isArray && !isObject(line)) return {};
        ++objects;
    }
    if (objects == 0) return {};
    return bad(fmt::format("line {}: {}, and JSON follows; JSON lines hold objects and nothing else",
        m_ahead[first].line, isBehindComment ? "this is a comment" : "this is no JSON"));
}

Result<DataRow> RowReader::rowOf(std::string_view source, std::int64_t number, std::string where) const {
    DataRow row;
    row.file = m_file;
    row.number = number;
    row.where = std::move(where);
    row.source = source;
    auto json = parsed(source);
    if (!json) return row.bad(reasonOf(source, json.error()));
    if (!json->is_object()) return row.bad("this is no object");
    row.json = std::move(*json);
    return row;
}

Result<std::optional<DataRow>> RowReader::next() { return m_form == DataForm::JsonArray ? nextElement() : nextLine(); }

Result<std::optional<DataRow>> RowReader::nextLine() {
    for (;;) {
        DUBITO_TRY(const bool isMore, takeLine());
        if (!isMore) return std::optional<DataRow>();
        const std::string_view line = trimmed(m_text);
        if (line.empty()) continue;
        DUBITO_TRY(DataRow row, rowOf(line, m_line, fmt::format("line {}", m_line)));
        return std::optional(std::move(row));
    }
}

Result<bool> RowReader::skipBlanks() {
    for (;;) {
        if (m_line > 0) {
            if (m_at == 0 && m_text.starts_with(kMark)) m_at = kMark.size();
            m_at = std::min(m_text.find_first_not_of(kBlank, m_at), m_text.size());
            if (m_at < m_text.size()) return true;
        }
        DUBITO_TRY(const bool isMore, takeLine());
        if (!isMore) return false;
    }
}

Result<bool> RowReader::takeElement() {
    m_element.clear();
    int depth = 0;
    bool isText = false, isEscaped = false;
    for (;;) {
        for (; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (isEscaped) isEscaped = false;
            else if (isText) {
                isEscaped = c == '\\';
                isText = c != '"';
            } else if (c == '"') isText = true;
            else if (c == '{' || c == '[') ++depth;
            else if (depth == 0 && (c == ',' || c == ']')) return true;
            else if (depth > 0 && (c == '}' || c == ']')) --depth;
            m_element += c;
        }
        m_element += '\n';
        DUBITO_TRY(const bool isMore, takeLine());
        if (!isMore) return false;
    }
}

Result<std::optional<DataRow>> RowReader::nextElement() {
    const auto cut = [&] { return bad(fmt::format("line {}: the array does not end; the file is cut", m_line)); };
    if (!m_isOpen) {
        DUBITO_TRY(const bool isThere, skipBlanks());
        m_isOpen = isThere;
        ++m_at;  // the bracket
    }
    DUBITO_TRY(const bool isMore, skipBlanks());
    if (m_isClosed) {
        if (isMore) return bad(fmt::format("line {}: something stands behind the array", m_line));
        return std::optional<DataRow>();
    }
    if (!isMore) return cut();
    if (m_text[m_at] == ']' && m_elements == 0) {
        m_isClosed = true;
        ++m_at;
        return nextElement();
    }
    const std::int64_t line = m_line;
    DUBITO_TRY(const bool isWhole, takeElement());
    if (!isWhole) return cut();
    const bool isLast = m_text[m_at++] == ']';
    DUBITO_TRY(DataRow row,
        rowOf(trimmed(m_element), m_elements + 1, fmt::format("element {} (line {})", m_elements + 1, line)));
    ++m_elements;
    m_isClosed = isLast;
    if (isLast) {
        DUBITO_TRY(const bool isThere, skipBlanks());
        if (isThere) return bad(fmt::format("line {}: something stands behind the array", m_line));
    }
    return std::optional(std::move(row));
}

Result<std::optional<std::string>> RowReader::nextPart() {
    std::string out;
    for (;;) {
        DUBITO_TRY(const bool isMore, takeLine());
        if (!isMore || (m_text.empty() && !out.empty())) break;
        if (m_text.empty()) continue;
        if (!out.empty()) out += '\n';
        out += m_text;
    }
    if (out.empty()) return std::optional<std::string>();
    return std::optional(std::move(out));
}

}  // namespace dubito::lm
