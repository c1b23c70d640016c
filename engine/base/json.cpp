// JSON in and out without exceptions; duplicates, depth and size are refused before anything uses the value.
#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace dubito {
namespace {

/// Builds the value event by event so that depth and duplicate keys can stop the parse at once.
class CheckedSax final : public nlohmann::json_sax<Json> {
public:
    CheckedSax(Json& root, JsonLimits limits)
        : m_root(root), m_maxDepth(limits.maxDepth), m_keepsReals(limits.keepsReals) {}

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& written) override {
        return m_keepsReals ? put(written) : put(value);
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        if (!m_keys.back().insert(name).second) {
            m_why = "the key \"" + name + "\" appears twice";
            return false;
        }
        m_key = std::move(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        m_position = position;
        return false;
    }
    const std::string& why() const { return m_why; }
    std::size_t position() const { return m_position; }

private:
    template <class V>
    bool put(V&& value) {
        place(Json(std::forward<V>(value)));
        return true;
    }
    Json* place(Json value) {
        if (m_stack.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        Json& parent = *m_stack.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        auto& object = parent.get_ref<Json::object_t&>();
        object.emplace_back(m_key, std::move(value));
        return &object.back().second;
    }
    bool open(Json value) {
        if (static_cast<int>(m_stack.size()) >= m_maxDepth) {
            m_why = fmt::format("it nests deeper than {}", m_maxDepth);
            return false;
        }
        m_stack.push_back(place(std::move(value)));
        m_keys.emplace_back();
        return true;
    }
    bool close() {
        m_stack.pop_back();
        m_keys.pop_back();
        return true;
    }

    Json& m_root;
    int m_maxDepth;
    bool m_keepsReals;
    std::vector<Json*> m_stack;
    std::vector<std::set<std::string>> m_keys;
    std::string m_key;
    std::string m_why;
    std::size_t m_position = 0;
};

Result<void> writeCanonical(const Json& value, std::string& out) {
    constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;
    if (value.is_number_float()) {
        double number = value.get<double>();
        if (!std::isfinite(number)) return Error(Code::InvalidArgument, "a spec cannot hold NaN or infinity");
        if (number == 0.0) number = 0.0 * 1.0 + 0.0;  // -0 is written as 0
        char buffer[40];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
        out.append(buffer, end);
    } else if (value.is_number_integer()) {
        const auto number = value.get<std::int64_t>();
        const bool tooBig = value.is_number_unsigned() ? value.get<std::uint64_t>() > std::uint64_t(kMaxInteger)
                                                       : number > kMaxInteger || number < -kMaxInteger;
        if (tooBig) return Error(Code::InvalidArgument, "an integer in a spec lies beyond 2^53-1");
        out += value.dump();
    } else if (value.is_object()) {
        std::vector<const Json::object_t::value_type*> members;
        for (const auto& member : value.get_ref<const Json::object_t&>()) members.push_back(&member);
        std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->first < b->first; });
        out += '{';
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (i) out += ',';
            out += jsonText(Json(members[i]->first)) + ':';
            DUBITO_CHECK(writeCanonical(members[i]->second, out));
        }
        out += '}';
    } else if (value.is_array()) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i) out += ',';
            DUBITO_CHECK(writeCanonical(value[i], out));
        }
        out += ']';
    } else {
        out += jsonText(value);
    }
    return {};
}

}  // namespace

Result<Json> parseJson(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.maxBytes)
        return Error(Code::Limit, fmt::format("JSON of {} bytes; at most {} are read", text.size(), limits.maxBytes));
    Json root;
    CheckedSax sax(root, limits);
    if (Json::sax_parse(text.begin(), text.end(), &sax)) return root;
    if (!sax.why().empty()) return Error(Code::CorruptData, "JSON refused: " + sax.why());
    const std::size_t position = std::min(sax.position(), text.size());
    const auto before = text.substr(0, position);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto lastBreak = before.rfind('\n');
    const auto column = lastBreak == std::string_view::npos ? position : position - lastBreak - 1;
    return Error(Code::CorruptData, fmt::format("not valid JSON at line {}, column {}", line, column));
}

Result<std::string> canonicalJson(const Json& value) {
    std::string out;
    DUBITO_CHECK(writeCanonical(value, out));
    return out;
}

std::string jsonText(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json& memberOf(const Json& object, std::string_view key) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(std::string(key));
    return found == object.end() ? kNull : *found;
}

std::string textOr(const Json& object, std::string_view key, std::string fallback) {
    const Json& value = memberOf(object, key);
    return value.is_string() ? value.get<std::string>() : std::move(fallback);
}
double numberOr(const Json& object, std::string_view key, double fallback) {
    const Json& value = memberOf(object, key);
    return value.is_number() ? value.get<double>() : fallback;
}
std::int64_t integerOr(const Json& object, std::string_view key, std::int64_t fallback) {
    const Json& value = memberOf(object, key);
    return value.is_number_integer() ? value.get<std::int64_t>() : fallback;
}
bool boolOr(const Json& object, std::string_view key, bool fallback) {
    const Json& value = memberOf(object, key);
    return value.is_boolean() ? value.get<bool>() : fallback;
}

}  // namespace dubito
