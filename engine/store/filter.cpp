// A recursive-descent parser; values are always bound, never pasted into SQL.
#include "store/filter.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "store/sql_text.h"

namespace dubito::store {
namespace {

constexpr std::array<std::string_view, 8> kStates = {
    "queued", "starting", "running", "paused", "cancelling", "done", "failed", "cancelled"};
constexpr int kMostNested = 32;

enum class Type { Text, Id, Number, Flag, State };

struct Field {
    std::string_view name, sql;
    Type type;
};
constexpr std::array<Field, 9> kFields = {{
    {"system", "r.system", Type::Text},
    {"name", "coalesce(u.title, '')", Type::Text},
    {"title", "coalesce(u.title, '')", Type::Text},
    {"plugin", "p.id", Type::Text},
    {"id", "lower(hex(r.id))", Type::Id},
    {"seed", "r.seed", Type::Number},
    {"star", "coalesce(u.star, 0)", Type::Flag},
    {"state", "r.state", Type::State},
    {"note", "coalesce((SELECT e.body_md FROM note e WHERE e.target_id=r.id LIMIT 1), '')", Type::Text},
}};

/// Whole numbers keep all their digits; "inf" and "nan" are words.
std::optional<FilterValue> numberFrom(const std::string& text) {
    const char *begin = text.data(), *end = begin + text.size();
    std::int64_t whole = 0;
    if (const auto parsed = std::from_chars(begin, end, whole); parsed.ec == std::errc() && parsed.ptr == end)
        return whole;
    double real = 0;
    const auto parsed = std::from_chars(begin, end, real);
    if (parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(real)) return real;
    return std::nullopt;
}

std::optional<bool> flagFrom(const std::string& text) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
}

struct Comparison {
    std::string field, op, value;
    bool contains() const { return op == "~"; }
    bool isEquality() const { return op == "=" || op == "!="; }
};

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<FilterSql> parse() {
        DUBITO_CHECK(expression(0));
        skipSpace();
        if (m_at < m_text.size()) return wrong("something is left over");
        return std::move(m_out);
    }

private:
    Error wrong(std::string_view what) const {
        return Error(Code::InvalidArgument, fmt::format("filter, column {}: {}", m_at + 1, what));
    }
    void skipSpace() {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at]))) ++m_at;
    }
    static bool isNameByte(char c) {
        const bool isMark = c != '\0' && std::string_view(R"(_./@+-%*\)").find(c) != std::string_view::npos;
        return std::isalnum(static_cast<unsigned char>(c)) || isMark || (c & 0x80);
    }
    bool word(std::string_view expected) {
        skipSpace();
        const auto rest = m_text.substr(m_at);
        if (!rest.starts_with(expected)) return false;
        if (rest.size() > expected.size() && isNameByte(rest[expected.size()])) return false;
        m_at += expected.size();
        return true;
    }
    std::string plainWord() {
        const std::size_t start = m_at;
        while (m_at < m_text.size() && isNameByte(m_text[m_at])) ++m_at;
        return std::string(m_text.substr(start, m_at - start));
    }

    Result<void> expression(int depth) {
        if (depth > kMostNested) return wrong("too many nested parentheses");
        DUBITO_CHECK(conjunction(depth));
        while (word("or")) {
            m_out.condition += " OR ";
            DUBITO_CHECK(conjunction(depth));
        }
        return {};
    }
    Result<void> conjunction(int depth) {
        m_out.condition += "(";
        DUBITO_CHECK(factor(depth));
        while (word("and")) {
            m_out.condition += " AND ";
            DUBITO_CHECK(factor(depth));
        }
        m_out.condition += ")";
        return {};
    }
    Result<void> factor(int depth) {
        if (word("not")) m_out.condition += "NOT ";
        skipSpace();
        if (m_at >= m_text.size() || m_text[m_at] != '(') return comparison();
        ++m_at;
        m_out.condition += "(";
        DUBITO_CHECK(expression(depth + 1));
        skipSpace();
        if (m_at >= m_text.size() || m_text[m_at] != ')') return wrong("')' is missing");
        ++m_at;
        m_out.condition += ")";
        return {};
    }
    Result<void> comparison() {
        skipSpace();
        Comparison wanted;
        wanted.field = plainWord();
        if (wanted.field.empty()) return wrong("a field is expected");
        skipSpace();
        for (const std::string_view candidate : {"<=", ">=", "!=", "=", "<", ">", "~"}) {
            if (!m_text.substr(m_at).starts_with(candidate)) continue;
            wanted.op = candidate;
            m_at += candidate.size();
            break;
        }
        if (wanted.op.empty()) return wrong("one of = != < <= > >= ~ is expected");
        skipSpace();
        DUBITO_TRY(wanted.value, value());
        for (const Field& field : kFields)
            if (field.name == wanted.field) return compareField(field, wanted);
        if (wanted.field == "tag") return compareTag(wanted);
        return wanted.field.starts_with("params.") ? compareParameter(wanted) : compareMetric(wanted);
    }
    Result<std::string> value() {
        if (m_at >= m_text.size() || m_text[m_at] != '"') {
            std::string plain = plainWord();
            if (plain.empty()) return wrong("a value is expected");
            return plain;
        }
        const auto end = m_text.find('"', m_at + 1);
        if (end == std::string_view::npos) return wrong("a closing quote is missing");
        std::string quoted(m_text.substr(m_at + 1, end - m_at - 1));
        m_at = end + 1;
        return quoted;
    }

    void compare(std::string_view sql, std::string_view op, FilterValue value) {
        m_out.condition += fmt::format("{} {} ?", sql, op);
        m_out.values.push_back(std::move(value));
    }
    void compareText(std::string_view sql, const Comparison& wanted, const std::string& value) {
        if (!wanted.contains()) return compare(sql, wanted.op, value);
        compare(sql, "LIKE", containsPattern(value));
        m_out.condition += R"( ESCAPE '\')";
    }
    Result<void> compareField(const Field& field, const Comparison& wanted) {
        switch (field.type) {
            case Type::Text: compareText(field.sql, wanted, wanted.value); return {};
            case Type::Id: compareText(field.sql, wanted, idDigits(wanted.value)); return {};
            case Type::State: return compareState(wanted);
            case Type::Flag: {
                const auto flag = flagFrom(wanted.value);
                if (!flag || !wanted.isEquality()) return wrong(wanted.field + " is = or != to true or false");
                compare(field.sql, wanted.op, std::int64_t{*flag});
                return {};
            }
            case Type::Number: break;
        }
        if (wanted.contains()) {
            compareText(fmt::format("CAST({} AS TEXT)", field.sql), wanted, wanted.value);
            return {};
        }
        auto number = numberFrom(wanted.value);
        if (!number) return wrong(wanted.field + " is compared with a number");
        compare(field.sql, wanted.op, std::move(*number));
        return {};
    }
    Result<void> compareTag(Comparison wanted) {
        if (!wanted.isEquality() && !wanted.contains()) return wrong("tag is compared by = != or ~");
        if (wanted.op == "!=") m_out.condition += "NOT ";
        if (wanted.isEquality()) wanted.op = "=";
        m_out.condition += "EXISTS(SELECT 1 FROM run_tag x JOIN tag g ON g.id=x.tag_id WHERE x.run_id=r.id AND ";
        compareText("g.name", wanted, wanted.value);
        m_out.condition += ")";
        return {};
    }
    static std::string idDigits(const std::string& text) {
        std::string out;
        for (const char c : text)
            if (c != '-') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return out;
    }
    Result<void> compareState(const Comparison& wanted) {
        std::string numbers;
        for (std::size_t i = 0; i < kStates.size(); ++i) {
            const bool fits = wanted.contains() ? kStates[i].find(wanted.value) != std::string_view::npos
                                                : kStates[i] == wanted.value;
            if (fits) numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", i);
        }
        if (numbers.empty()) return wrong("no such state: " + wanted.value);
        if (wanted.contains()) m_out.condition += fmt::format("r.state IN ({})", numbers);
        else m_out.condition += fmt::format("r.state {} {}", wanted.op, numbers);
        return {};
    }
    /// A parameter has the type that its run gave it (kinds of `param`): the value is read as each type it can be.
    Result<void> compareParameter(const Comparison& wanted) {
        m_out.condition += R"(EXISTS(
            SELECT 1
            FROM param q JOIN name n USING(name_no)
            WHERE q.config_no=r.config_no AND n.text=? AND ()";
        m_out.values.emplace_back(wanted.field.substr(7));
        auto number = numberFrom(wanted.value);
        const auto flag = flagFrom(wanted.value);
        // Whether "9" comes before "10" depends on the type, so a number is ordered among numbers alone.
        const bool asText = !number || wanted.isEquality() || wanted.contains();
        m_out.condition += "0";
        if (asText) {
            m_out.condition += " OR (q.kind>=4 AND ";
            compareText("q.txt", wanted, wanted.value);
            m_out.condition += ")";
        }
        if (number && !wanted.contains()) {
            m_out.condition += " OR (q.kind IN (2, 3) AND ";
            compare("q.num", wanted.op, std::move(*number));
            m_out.condition += ")";
        }
        if (flag && wanted.isEquality()) {
            m_out.condition += " OR (q.kind=1 AND ";
            compare("q.num", wanted.op, std::int64_t{*flag});
            m_out.condition += ")";
        }
        m_out.condition += "))";
        return {};
    }
    Result<void> compareMetric(const Comparison& wanted) {
        std::string key = wanted.field, reducer = "last";
        for (const std::string_view suffix : {".last", ".min", ".max", ".mean"}) {
            if (!wanted.field.ends_with(suffix)) continue;
            key = wanted.field.substr(0, wanted.field.size() - suffix.size());
            reducer = suffix.substr(1);
        }
        auto number = numberFrom(wanted.value);
        if (!number || wanted.contains())
            return wrong("the metric " + key + " is compared with a number by = != < <= > >=");
        m_out.condition += R"(EXISTS(
            SELECT 1
            FROM latest l
            WHERE l.run_no=r.run_no AND l.name_no=(SELECT name_no FROM name WHERE text=?) AND )";
        m_out.values.emplace_back(key);
        compare("l." + reducer, wanted.op, std::move(*number));
        m_out.condition += ")";
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    FilterSql m_out;
};

}  // namespace

std::string_view stateText(int state) {
    return state >= 0 && state < static_cast<int>(kStates.size()) ? kStates[static_cast<std::size_t>(state)] : "?";
}

std::vector<std::string_view> filterFields() {
    std::vector<std::string_view> out{"tag"};
    for (const Field& field : kFields) out.push_back(field.name);
    return out;
}

Result<FilterSql> parseFilter(std::string_view text) { return Parser(text).parse(); }

}  // namespace dubito::store
