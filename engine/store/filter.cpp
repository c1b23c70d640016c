// A recursive-descent parser; values are always bound, never pasted into SQL.
#include "store/filter.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>

namespace dubito::store {
namespace {

constexpr std::array<std::string_view, 8> kStates = {"queued", "starting", "running", "paused", "cancelling", "done", "failed", "cancelled"};

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
    Error wrong(std::string_view what) const { return Error(Code::InvalidArgument, fmt::format("filter, column {}: {}", m_at + 1, what)); }
    void skipSpace() {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at]))) ++m_at;
    }
    bool word(std::string_view expected) {
        skipSpace();
        const auto rest = m_text.substr(m_at);
        if (!rest.starts_with(expected)) return false;
        if (rest.size() > expected.size() && isNameByte(rest[expected.size()])) return false;
        m_at += expected.size();
        return true;
    }
    static bool isNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || (c && std::string_view("_./@+-%*").find(c) != std::string_view::npos) || (c & 0x80); }

    Result<void> expression(int depth) {
        if (depth > 32) return wrong("too many nested parentheses");
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
        if (m_at < m_text.size() && m_text[m_at] == '(') {
            ++m_at;
            m_out.condition += "(";
            DUBITO_CHECK(expression(depth + 1));
            skipSpace();
            if (m_at >= m_text.size() || m_text[m_at] != ')') return wrong("')' is missing");
            ++m_at;
            m_out.condition += ")";
            return {};
        }
        return comparison();
    }
    Result<void> comparison() {
        skipSpace();
        const std::size_t start = m_at;
        while (m_at < m_text.size() && isNameByte(m_text[m_at])) ++m_at;
        const std::string field(m_text.substr(start, m_at - start));
        if (field.empty()) return wrong("a field is expected");
        skipSpace();
        std::string op;
        for (const std::string_view candidate : {"<=", ">=", "!=", "=", "<", ">", "~"})
            if (m_text.substr(m_at).starts_with(candidate)) {
                op = candidate;
                m_at += candidate.size();
                break;
            }
        if (op.empty()) return wrong("one of = != < <= > >= ~ is expected");
        skipSpace();
        std::string value;
        if (m_at < m_text.size() && m_text[m_at] == '"') {
            const auto end = m_text.find('"', m_at + 1);
            if (end == std::string_view::npos) return wrong("a closing quote is missing");
            value = std::string(m_text.substr(m_at + 1, end - m_at - 1));
            m_at = end + 1;
        } else {
            const std::size_t valueStart = m_at;
            while (m_at < m_text.size() && isNameByte(m_text[m_at])) ++m_at;
            value = std::string(m_text.substr(valueStart, m_at - valueStart));
            if (value.empty()) return wrong("a value is expected");
        }
        return emit(field, op, value);
    }
    Result<void> emit(const std::string& field, std::string op, const std::string& value) {
        double number = 0;
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
        const bool isNumber = parsed.ec == std::errc() && parsed.ptr == value.data() + value.size();
        const bool contains = op == "~";
        const auto bindValue = [&] {
            if (contains) m_out.values.emplace_back("%" + value + "%");
            else if (isNumber) m_out.values.emplace_back(number);
            else m_out.values.emplace_back(value);
        };
        if (contains) op = "LIKE";
        const auto column = [&](std::string_view sql) {
            m_out.condition += fmt::format("{} {} ?", sql, op);
            bindValue();
        };
        if (field == "system") return column("r.system"), Result<void>();
        if (field == "seed") return column("r.seed"), Result<void>();
        if (field == "name" || field == "title") return column("coalesce(u.title,'')"), Result<void>();
        if (field == "plugin") return column("p.id"), Result<void>();
        if (field == "id") return column("lower(hex(r.id))"), Result<void>();
        if (field == "star") return column("coalesce(u.star,0)"), Result<void>();
        if (field == "state") {
            for (std::size_t i = 0; i < kStates.size(); ++i)
                if (kStates[i] == value) {
                    m_out.condition += fmt::format("r.state {} {}", contains ? "=" : op, i);
                    return {};
                }
            return wrong("no such state: " + value);
        }
        if (field.starts_with("params.")) {
            m_out.condition += "EXISTS(SELECT 1 FROM param q JOIN name n USING(name_no) WHERE q.config_no=r.config_no AND n.text=? AND ";
            m_out.values.emplace_back(field.substr(7));
            m_out.condition += isNumber && !contains ? fmt::format("q.num {} ?)", op) : fmt::format("q.txt {} ?)", op);
            bindValue();
            return {};
        }
        std::string key = field, reducer = "last";
        for (const std::string_view suffix : {".last", ".min", ".max", ".mean"})
            if (field.ends_with(suffix)) {
                key = field.substr(0, field.size() - suffix.size());
                reducer = suffix.substr(1);
            }
        if (!isNumber) return wrong("the metric " + key + " is compared with a number");
        m_out.condition += fmt::format("EXISTS(SELECT 1 FROM latest l JOIN name n USING(name_no) WHERE l.run_no=r.run_no AND n.text=? AND l.{} {} ?)", reducer, op);
        m_out.values.emplace_back(key);
        m_out.values.emplace_back(number);
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    FilterSql m_out;
};

}  // namespace

Result<FilterSql> parseFilter(std::string_view text) { return Parser(text).parse(); }

}  // namespace dubito::store
