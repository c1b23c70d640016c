// Byte positions everywhere; the source of each byte travels with it.
#include "lm/text/jinja_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::lm::jinja {

void Text::append(const Text& other) {
    const std::size_t before = m_bytes.size();
    m_bytes += other.m_bytes;
    for (const Run& run : other.m_runs) {
        if (!m_runs.empty() && m_runs.back().source == run.source) m_runs.back().end = before + run.end;
        else m_runs.push_back({before + run.end, run.source});
    }
}

Text Text::part(std::size_t begin, std::size_t length) const {
    Text out;
    begin = std::min(begin, m_bytes.size());
    const std::size_t end = begin + std::min(length, m_bytes.size() - begin);
    std::size_t from = 0;
    for (const Run& run : m_runs) {
        const std::size_t first = std::max(from, begin), last = std::min(run.end, end);
        if (first < last) out.append(Text(m_bytes.substr(first, last - first), run.source));
        from = run.end;
    }
    return out;
}

std::int32_t Text::source() const {
    std::int32_t out = kFromTemplate;
    for (const Run& run : m_runs)
        if (run.source != kFromTemplate) out = out == kFromTemplate || out == run.source ? run.source : kFromOutside;
    return out;
}
namespace {

bool isSpaceAt(const std::string& text, std::size_t at) {
    return std::string_view(" \t\n\r\f\v").find(text[at]) != std::string_view::npos;
}

}  // namespace

const Value* argument(const Arguments& arguments, std::size_t place, std::string_view name) {
    for (const auto& [key, value] : arguments.named)
        if (key == name) return &value;
    return place < arguments.positional.size() ? &arguments.positional[place] : nullptr;
}

Text stripped(const Text& text, bool left, bool right, const std::string* characters) {
    const std::string& bytes = text.bytes();
    const auto goes = [&](std::size_t at) {
        return characters ? characters->find(bytes[at]) != std::string::npos : isSpaceAt(bytes, at);
    };
    std::size_t begin = 0, end = bytes.size();
    while (left && begin < end && goes(begin)) ++begin;
    while (right && end > begin && goes(end - 1)) --end;
    return text.part(begin, end - begin);
}

Text replaced(const Text& text, const std::string& from, const Text& to, std::int64_t most) {
    if (from.empty()) return text;
    Text out;
    std::size_t at = 0;
    for (; most != 0; --most) {
        const auto found = text.bytes().find(from, at);
        if (found == std::string::npos) break;
        out.append(text.part(at, found - at));
        out.append(to);
        at = found + from.size();
    }
    out.append(text.part(at, text.size() - at));
    return out;
}

List split(const Text& text, const Value* separator, std::int64_t most, bool fromRight) {
    List out;
    const std::string& bytes = text.bytes();
    if (!separator || separator->is(Kind::None)) {
        std::size_t at = 0;
        for (;;) {
            while (at < bytes.size() && isSpaceAt(bytes, at)) ++at;
            if (at >= bytes.size()) return out;
            std::size_t end = at;
            while (end < bytes.size() && !isSpaceAt(bytes, end)) ++end;
            if (most == 0) end = bytes.size();
            out.push_back(Value::of(text.part(at, end - at)));
            at = end;
            --most;
        }
    }
    const std::string& by = separator->text.bytes();
    if (by.empty()) return {Value::of(text)};
    std::vector<std::size_t> cuts;
    for (std::size_t at = bytes.find(by); at != std::string::npos; at = bytes.find(by, at + by.size()))
        cuts.push_back(at);
    if (most >= 0 && cuts.size() > static_cast<std::size_t>(most))
        fromRight ? (void)cuts.erase(cuts.begin(), cuts.end() - most) : cuts.resize(static_cast<std::size_t>(most));
    std::size_t at = 0;
    for (const auto cut : cuts) {
        out.push_back(Value::of(text.part(at, cut - at)));
        at = cut + by.size();
    }
    out.push_back(Value::of(text.part(at, bytes.size() - at)));
    return out;
}

std::int64_t characters(const std::string& text) {
    return std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

const List& needList(const Value& value, int line, std::string_view what) {
    static const List kEmpty;
    if (value.is(Kind::Undefined)) return kEmpty;
    if (!value.is(Kind::List)) fail(line, fmt::format("{} needs a list, not {}", what, kindName(value)));
    return *value.list;
}
const Text& needText(const Value* value, int line, std::string_view what) {
    if (!value || !value->isString())
        fail(line, fmt::format("{} needs a string, not {}", what, value ? kindName(*value) : "nothing"));
    return value->text;
}

/// "a.b" of an item; undefined when it is not there.
Value pathOf(const Value& item, const std::string& path) {
    Value at = item;
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('.', begin), path.size());
        const Value* next = at.find(path.substr(begin, end - begin));
        if (!next) return {};
        Value copy = *next;
        at = std::move(copy);
        begin = end + 1;
    }
    return at;
}

}  // namespace dubito::lm::jinja
