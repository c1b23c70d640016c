// An item is whole before a model is asked: what cannot be scored is refused with its line.
#include "lm/data/task_items.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::lm {
namespace {

constexpr std::string_view kWorked = "####";  // GSM8K writes the answer behind this sign

std::string keyOf(std::string task) {
    for (char& c : task)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : '_';
    return task.empty() ? "task" : task.substr(0, 60);
}

bool isThere(const DataRow& row, const std::string& pointer) {
    const Json* value = valueAt(row.json, pointer);
    return value && !value->is_null();
}

/// Where `meaning` stands: as the map says, else in the first of `usual` that holds something; empty: nowhere.
std::string placeOf(
    const DataRow& row, const ColumnMap& map, Meaning meaning, std::initializer_list<const char*> usual) {
    if (const std::string* place = map.placeOf(meaning)) return isThere(row, *place) ? *place : std::string();
    for (const char* column : usual)
        if (isThere(row, column)) return column;
    return {};
}

Result<std::string> textOrEmpty(const DataRow& row, const std::string& place) {
    return place.empty() ? Result<std::string>(std::string()) : row.textAt(place);
}

Result<void> readChoices(TaskItem& item, const DataRow& row, const std::string& place) {
    if (place.empty()) return {};
    const Json* choices = valueAt(row.json, place);
    if (!choices->is_array() || choices->empty())
        return row.bad(fmt::format("{} is no list of choices", place.substr(1)));
    for (std::size_t i = 0; i < choices->size(); ++i) {
        DUBITO_TRY(std::string choice, row.textAt(fmt::format("{}/{}", place, i)));
        item.choices.push_back(std::move(choice));
    }
    return {};
}

/// Which choice is right; the rule stands in the header.
Result<void> findRight(TaskItem& item, const DataRow& row, const Json& choices, const Json& answer) {
    const auto count = static_cast<std::int64_t>(item.choices.size());
    const auto same = std::find(item.choices.begin(), item.choices.end(), item.answer);
    const std::int64_t value = same == item.choices.end() ? -1 : same - item.choices.begin();
    item.right = value;
    if (answer.is_number_integer()) {
        const std::int64_t index = answer.get<std::int64_t>();
        const bool isIndex = index >= 0 && index < count && !(answer.is_number_unsigned() && index < 0);
        const bool areNumbers =
            std::all_of(choices.begin(), choices.end(), [](const Json& c) { return c.is_number(); });
        if (isIndex && areNumbers && value >= 0 && value != index)
            return row.bad(
                fmt::format("answer {0} is the index of choice {1} and the value of another; write \"{0}\" "
                            "for the value, or choices as texts",
                    item.answer, item.choices[static_cast<std::size_t>(index)]));
        if (isIndex) item.right = index;
        else if (!areNumbers) item.right = -1;
    }
    if (item.right < 0) return row.bad(fmt::format("its answer {} is none of its choices", jsonText(answer)));
    return {};
}

struct Places {
    RowShape shape;
    std::string choices, id, task, group;
};

Result<Places> placesOf(const DataRow& row, const ColumnMap& map) {
    Places out;
    out.shape.messages = placeOf(row, map, Meaning::Messages, {"/messages", "/conversations"});
    out.shape.prompt = placeOf(row, map, Meaning::Prompt, {"/prompt", "/question", "/instruction"});
    const bool hasInput = out.shape.prompt == "/instruction" || map.placeOf(Meaning::Input);
    if (hasInput) out.shape.input = placeOf(row, map, Meaning::Input, {"/input"});
    out.shape.answer =
        placeOf(row, map, Meaning::Answer, {"/answer", "/target", "/output", "/completion", "/response"});
    out.shape.system = placeOf(row, map, Meaning::System, {"/system"});
    out.shape.tools = placeOf(row, map, Meaning::Tools, {"/tools"});
    out.choices = placeOf(row, map, Meaning::Choices, {"/choices", "/options"});
    out.id = placeOf(row, map, Meaning::Id, {"/id"});
    out.task = placeOf(row, map, Meaning::Task, {"/task"});
    out.group = placeOf(row, map, Meaning::Group, {"/meta/group"});
    if (!out.shape.messages.empty()) out.shape.prompt.clear();
    if (out.shape.messages.empty() && out.shape.prompt.empty()) return row.bad("it has neither prompt nor messages");
    if (out.shape.answer.empty()) return row.bad("it has no answer");
    for (const std::string* place :
        {&out.shape.messages, &out.shape.prompt, &out.shape.input, &out.choices, &out.shape.answer})
        if (!place->empty()) out.shape.name += (out.shape.name.empty() ? "" : ", ") + place->substr(1);
    return out;
}

Result<void> readAnswer(TaskItem& item, const DataRow& row, const std::string& place, std::int64_t& shortened) {
    DUBITO_TRY(item.answer, row.textAt(place));
    const auto worked = item.answer.rfind(kWorked);
    if (!item.choices.empty() || worked == std::string::npos) return {};
    const std::string behind = item.answer.substr(worked + kWorked.size());
    const auto first = behind.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {};
    item.answer = behind.substr(first, behind.find_last_not_of(" \t\r\n") - first + 1);
    ++shortened;
    return {};
}

Result<TaskItem> itemOf(const DataRow& row, const ColumnMap& map, TaskData& data) {
    DUBITO_TRY(const Places at, placesOf(row, map));
    TaskItem item;
    DUBITO_TRY(item.id, textOrEmpty(row, at.id));
    if (item.id.empty()) item.id = std::to_string(row.number);
    DUBITO_TRY(const std::string task, textOrEmpty(row, at.task));
    item.task = keyOf(task);
    DUBITO_TRY(item.group, textOrEmpty(row, at.group));
    const Json* prompt = at.shape.prompt.empty() ? nullptr : valueAt(row.json, at.shape.prompt);
    if (!prompt || prompt->is_array() || !at.shape.system.empty() || !at.shape.tools.empty()) {
        DUBITO_TRY(item.messages, askingTurns(row, at.shape, map, data.summary));
        if (!at.shape.tools.empty()) {
            DUBITO_TRY(item.tools, toolsAt(row, at.shape.tools));
        }
    } else {
        DUBITO_TRY(item.prompt, row.textAt(at.shape.prompt));
        DUBITO_TRY(const std::string input, textOrEmpty(row, at.shape.input));
        if (!input.empty()) item.prompt += "\n\n" + input;
        if (item.prompt.empty()) return row.bad("its prompt is empty");
    }
    DUBITO_CHECK(readChoices(item, row, at.choices));
    DUBITO_CHECK(readAnswer(item, row, at.shape.answer, data.shortened));
    if (!item.choices.empty())
        DUBITO_CHECK(findRight(item, row, *valueAt(row.json, at.choices), *valueAt(row.json, at.shape.answer)));
    data.summary.count(at.shape, row.json);
    for (const std::string* place : {&at.choices, &at.id, &at.task, &at.group})
        if (!place->empty()) data.summary.used(place->substr(1, place->find('/', 1) - 1));
    return item;
}

Result<TaskData> readAll(RowReader reader, const ColumnMap& map) {
    TaskData out;
    out.summary.form = reader.description();
    out.summary.isGuessed = map.isAuto();
    if (reader.form() == DataForm::PlainText)
        return Error(Code::CorruptData,
            "task file, line 1: this is plain text; JSON lines (or one JSON array) of prompt and answer are read");
    std::map<std::pair<std::string, std::string>, std::string> seen;  // task and id -> where
    for (;;) {
        DUBITO_TRY(const auto row, reader.next());
        if (!row) return out;
        DUBITO_TRY(TaskItem item, itemOf(*row, map, out));
        const auto [first, isNew] = seen.emplace(std::pair(item.task, item.id), row->where);
        if (!isNew)
            return row->bad(
                fmt::format("its id \"{}\" is that of {} too; runs are compared item by item, so an id "
                            "stands once in a task",
                    item.id, first->second));
        out.items.push_back(std::move(item));
    }
}

}  // namespace

Result<TaskData> readTaskFile(const fs::path& path, const ColumnMap& map) {
    DUBITO_TRY(auto reader, RowReader::open(path, "task file"));
    return readAll(std::move(reader), map);
}

Result<TaskData> readTaskText(std::string_view content, const ColumnMap& map) {
    DUBITO_TRY(auto reader, RowReader::of(content, "task file"));
    return readAll(std::move(reader), map);
}

}  // namespace dubito::lm
