// Usual shapes in the order in which they are tried; the first whose columns hold something is taken.
#include "lm/data/column_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dubito::lm {
namespace {

constexpr std::pair<std::string_view, Meaning> kMeanings[] = {{"text", Meaning::Text}, {"messages", Meaning::Messages},
    {"role", Meaning::Role}, {"content", Meaning::Content}, {"system", Meaning::System}, {"prompt", Meaning::Prompt},
    {"input", Meaning::Input}, {"answer", Meaning::Answer}, {"tools", Meaning::Tools}, {"choices", Meaning::Choices},
    {"id", Meaning::Id}, {"task", Meaning::Task}, {"group", Meaning::Group}};

struct Usual {
    std::string_view shape, prompt, input, answer;
};
/// A prompt with what answers it. Without a name: found by itself, not asked for by name.
constexpr Usual kPairs[] = {{"prompt/answer", "prompt", "", "answer"}, {"prompt/answer", "prompt", "", "completion"},
    {"prompt/answer", "prompt", "", "response"}, {"question/answer", "question", "", "answer"},
    {"instruction/input/output", "instruction", "input", "output"},
    {"instruction/input/output", "instruction", "context", "response"}};
constexpr std::string_view kShapes[] = {
    "text", "messages", "prompt/answer", "question/answer", "instruction/input/output", "conversations"};
constexpr std::string_view kNeither =
    "it has neither text, nor messages, nor conversations, nor prompt and answer, nor question and answer, nor "
    "instruction and output; data.map says which column is which";

bool isThere(const Json& row, std::string_view column) { return !memberOf(row, column).is_null(); }

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// Columns beside a conversation or a prompt that belong to it.
void addBeside(RowShape& shape, const DataRow& row) {
    if (isThere(row.json, "system")) shape.system = "/system";
    if (isThere(row.json, "tools")) shape.tools = "/tools";
}

std::optional<RowShape> pairOf(const DataRow& row, const Usual& usual) {
    if (!isThere(row.json, usual.prompt) || !isThere(row.json, usual.answer)) return std::nullopt;
    RowShape out;
    out.prompt = pointerTo("", usual.prompt);
    out.answer = pointerTo("", usual.answer);
    std::vector<std::string> names = {std::string(usual.prompt)};
    if (!usual.input.empty() && isThere(row.json, usual.input)) {
        out.input = pointerTo("", usual.input);
        names.emplace_back(usual.input);
    }
    names.emplace_back(usual.answer);
    out.name = joined(names);
    addBeside(out, row);
    return out;
}

RowShape talkOf(const DataRow& row, std::string_view column) {
    RowShape out;
    out.messages = pointerTo("", column);
    out.name = column;
    addBeside(out, row);
    return out;
}

std::optional<RowShape> usualShape(const DataRow& row, std::string_view wanted) {
    const auto isWanted = [&](std::string_view shape) { return wanted.empty() || wanted == shape; };
    for (const std::string_view column : {"messages", "conversations"})
        if (isWanted(column) && isThere(row.json, column)) return talkOf(row, column);
    for (const Usual& usual : kPairs)
        if (isWanted(usual.shape))
            if (auto pair = pairOf(row, usual)) return pair;
    if (!isWanted("text") || !isThere(row.json, "text")) return std::nullopt;
    RowShape out;
    out.text = "/text";
    out.name = "text";
    return out;
}

/// The column that keeps the nearest shape from fitting, where both of a pair are there and one is null.
std::optional<std::string> nullColumn(const DataRow& row) {
    for (const Usual& usual : kPairs)
        if (row.json.contains(std::string(usual.prompt)) && row.json.contains(std::string(usual.answer)))
            return std::string(isThere(row.json, usual.prompt) ? usual.answer : usual.prompt);
    for (const char* column : {"messages", "conversations", "text"})
        if (row.json.contains(column)) return column;
    return std::nullopt;
}

}  // namespace

std::string_view meaningName(Meaning meaning) {
    for (const auto& [name, value] : kMeanings)
        if (value == meaning) return name;
    return {};
}

Result<void> ColumnMap::add(std::string_view meaning, std::string_view place) {
    const auto known = std::find_if(
        std::begin(kMeanings), std::end(kMeanings), [&](const auto& entry) { return entry.first == meaning; });
    if (known == std::end(kMeanings) || place.empty()) {
        std::vector<std::string> names;
        for (const auto& entry : kMeanings) names.emplace_back(entry.first);
        return Error(
            Code::InvalidArgument, fmt::format("data.map: \"{}={}\" is not understood; what a column can mean: {}",
                                       meaning, place, joined(names)));
    }
    if (!m_places.emplace(known->second, place.front() == '/' ? std::string(place) : pointerTo("", place)).second)
        return Error(Code::InvalidArgument, fmt::format("data.map names {} twice", meaning));
    return {};
}

Result<ColumnMap> ColumnMap::parse(std::string_view text) {
    constexpr std::string_view kBetween = " \t\r\n,";
    ColumnMap out;
    const auto first = text.find_first_not_of(kBetween);
    if (first == std::string_view::npos) return out;
    text = text.substr(first, text.find_last_not_of(kBetween) - first + 1);
    if (text == "auto") return out;
    if (std::find(std::begin(kShapes), std::end(kShapes), text) != std::end(kShapes)) {
        out.m_shape = text;
        return out;
    }
    if (text.front() == '{') {
        auto json = parseJson(text);
        if (!json) return std::move(json).error().in("reading data.map");
        for (const auto& [meaning, place] : json->items()) {
            if (!place.is_string())
                return Error(Code::InvalidArgument, fmt::format("data.map: {} is no name of a column", meaning));
            DUBITO_CHECK(out.add(meaning, place.get<std::string>()));
        }
        return out;
    }
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(kBetween), text.size());
        const std::string_view word = text.substr(0, end);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos)
            return Error(Code::InvalidArgument,
                fmt::format("data.map: \"{}\" is no known shape; known: auto, {}, or columns as in \"prompt=question "
                            "answer=/solution/final\"",
                    word, fmt::join(kShapes, ", ")));
        DUBITO_CHECK(out.add(word.substr(0, equals), word.substr(equals + 1)));
        text.remove_prefix(std::min(text.find_first_not_of(kBetween, end), text.size()));
    }
    return out;
}

const std::string* ColumnMap::placeOf(Meaning meaning) const {
    const auto found = m_places.find(meaning);
    return found == m_places.end() ? nullptr : &found->second;
}

Result<RowShape> shapeOf(const DataRow& row, const ColumnMap& map) {
    if (!map.hasPlaces()) {
        if (auto found = usualShape(row, map.shape())) return std::move(*found);
        if (!map.shape().empty()) return row.bad(fmt::format("it has not the columns of {}", map.shape()));
        if (const auto column = nullColumn(row)) return row.bad(fmt::format("{} is null", *column));
        return row.bad(kNeither);
    }
    RowShape out;
    std::vector<std::string> names;
    const auto take = [&](Meaning meaning, std::string& into) {
        const std::string* place = map.placeOf(meaning);
        if (!place) return;
        const Json* value = valueAt(row.json, *place);
        if (value && !value->is_null()) into = *place;
        names.push_back(fmt::format("{} as {}", place->substr(1), meaningName(meaning)));
    };
    take(Meaning::Text, out.text), take(Meaning::Messages, out.messages), take(Meaning::Prompt, out.prompt);
    take(Meaning::Input, out.input), take(Meaning::Answer, out.answer), take(Meaning::System, out.system);
    take(Meaning::Tools, out.tools);
    out.name = joined(names);
    if (out.messages.empty() && out.text.empty() && (out.prompt.empty() || out.answer.empty())) {
        for (const Meaning meaning : {Meaning::Messages, Meaning::Text, Meaning::Prompt, Meaning::Answer})
            if (const std::string* place = map.placeOf(meaning))
                if (const Json* value = valueAt(row.json, *place); !value || value->is_null())
                    return row.bad(fmt::format("{} {}", value ? "null stands at" : "there is no", place->substr(1)));
        return row.bad("data.map names neither text, nor messages, nor prompt and answer");
    }
    return out;
}

void DataSummary::count(const RowShape& shape, const Json& row) {
    constexpr std::size_t kMostColumns = 200;
    ++rows;
    ++m_shapes[shape.name];
    for (const std::string& place :
        {shape.text, shape.messages, shape.prompt, shape.input, shape.answer, shape.system, shape.tools})
        if (!place.empty()) m_used.insert(place.substr(1, place.find('/', 1) - 1));
    if (m_all.size() < kMostColumns)
        for (const auto& [column, value] : row.items())
            if (!value.is_null()) m_all.insert(column);
}

void DataSummary::renamedRole(const std::string& from, const std::string& to) { m_roles.emplace(from, to); }

std::string DataSummary::columns() const {
    std::string out;
    for (const auto& [name, count] : m_shapes)
        out += fmt::format("{}{} ({} {})", out.empty() ? "" : "; ", name, count, count == 1 ? "row" : "rows");
    return out;
}

std::string DataSummary::roles() const {
    std::string out;
    for (const auto& [from, to] : m_roles) out += fmt::format("{}{} as {}", out.empty() ? "" : ", ", from, to);
    return out;
}

std::string DataSummary::unused() const {
    std::vector<std::string> out;
    for (const auto& column : m_all)
        if (!m_used.contains(column)) out.push_back(column);
    return joined(out);
}

std::string DataSummary::text() const {
    std::string out = form;
    if (!m_shapes.empty())
        out += fmt::format("; columns {}: {}", isGuessed ? "guessed" : "as data.map says", columns());
    if (!m_roles.empty()) out += "; roles: " + roles();
    if (const std::string left = unused(); !left.empty()) out += "; not used: " + left;
    return out;
}

}  // namespace dubito::lm
