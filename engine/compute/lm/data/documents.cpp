// A row becomes a document only when every field that it uses is understood.
#include "lm/data/documents.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::lm {
namespace {

/// Names of roles as data sets write them, in lower case, and as templates know them.
constexpr std::pair<std::string_view, std::string_view> kRoles[] = {{"system", "system"}, {"developer", "developer"},
    {"user", "user"}, {"human", "user"}, {"prompter", "user"}, {"assistant", "assistant"}, {"gpt", "assistant"},
    {"chatgpt", "assistant"}, {"bot", "assistant"}, {"model", "assistant"}, {"tool", "tool"}, {"observation", "tool"},
    {"tool_response", "tool"}, {"function_response", "tool"}, {"function", "function"}, {"ipython", "ipython"}};

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

bool isBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Result<std::string> roleAt(const DataRow& row, const std::string& pointer, DataSummary& summary) {
    DUBITO_TRY(const std::string written, row.textAt(pointer));
    const std::string name = lower(written);
    for (const auto& [known, role] : kRoles) {
        if (known != name) continue;
        if (written != role) summary.renamedRole(written, std::string(role));
        return std::string(role);
    }
    return row.bad(
        fmt::format("{} is \"{}\", which is no known role: system, user (human), assistant (gpt, model), tool",
            pointer.substr(1), written));
}

/// A list of parts as one text. @error CorruptData: a part that is no text
Result<std::string> partsAt(const DataRow& row, const std::string& pointer) {
    std::string out;
    const Json* parts = valueAt(row.json, pointer);
    for (std::size_t i = 0; parts && i < parts->size(); ++i) {
        const std::string at = fmt::format("{}/{}", pointer, i);
        const Json& part = (*parts)[i];
        const std::string kind = textOr(part, "type", part.is_object() ? "text" : "");
        if (part.is_string()) out += part.get<std::string>();
        else if (kind == "text") {
            DUBITO_TRY(const std::string text, row.textAt(at + "/text"));
            out += text;
        } else {
            return row.bad(fmt::format("{} is a part of type \"{}\"; only text is read", at.substr(1), kind));
        }
    }
    return out;
}

Result<Json> contentAt(const DataRow& row, const std::string& pointer, const Json& turn) {
    const Json* value = valueAt(row.json, pointer);
    const bool callsTools = memberOf(turn, "tool_calls").is_array() && !turn["tool_calls"].empty();
    if ((!value || value->is_null()) && callsTools) return Json(nullptr);
    if (value && value->is_array()) {
        DUBITO_TRY(std::string text, partsAt(row, pointer));
        return Json(std::move(text));
    }
    DUBITO_TRY(std::string text, row.textAt(pointer));
    return Json(std::move(text));
}

/// Whether the author wants this learned. @error CorruptData: a weight between
Result<bool> isWanted(const DataRow& row, const Json& object, const std::string& pointer) {
    const Json &weight = memberOf(object, "weight"), &train = memberOf(object, "train");
    const std::string name = pointer.empty() ? "" : pointer.substr(1) + "/";
    if (!train.is_null() && !train.is_boolean()) return row.bad(fmt::format("{}train is neither true nor false", name));
    if (!weight.is_null() && !(weight.is_number() && (weight.get<double>() == 0 || weight.get<double>() == 1)))
        return row.bad(fmt::format("{}weight is {}; 0 (read only) and 1 (learned) are known", name, jsonText(weight)));
    return !(weight.is_number() && weight.get<double>() == 0) && !(train.is_boolean() && !train.get<bool>());
}

/// The key of `turn` that holds a turn's `meaning`.
std::string keyOf(const Json& turn, const ColumnMap& map, Meaning meaning, const char* usual, const char* other) {
    if (const std::string* place = map.placeOf(meaning)) return *place;
    return pointerTo("", turn.contains(usual) || !turn.contains(other) ? usual : other);
}

Result<Json> turnAt(const DataRow& row, const std::string& pointer, const ColumnMap& map, DataSummary& summary) {
    const Json* turn = valueAt(row.json, pointer);
    if (!turn || !turn->is_object())
        return row.bad(fmt::format("{} is no turn of role and content", pointer.substr(1)));
    const std::string role = keyOf(*turn, map, Meaning::Role, "role", "from"),
                      content = keyOf(*turn, map, Meaning::Content, "content", "value");
    Json out = Json::object();
    DUBITO_TRY(out["role"], roleAt(row, pointer + role, summary));
    DUBITO_TRY(out["content"], contentAt(row, pointer + content, *turn));
    for (const auto& [key, value] : turn->items()) {
        const std::string place = pointerTo("", key);
        if (place != role && place != content && key != "train" && !out.contains(key)) out[key] = value;
    }
    DUBITO_TRY(const bool isLearned, isWanted(row, *turn, pointer));
    if (!isLearned) out["weight"] = 0;
    return out;
}

/// A prompt or an answer: text, or turns of its own.
Result<void> addTurns(Json& out, const DataRow& row, const std::string& pointer, const char* role, const ColumnMap& map,
    DataSummary& summary) {
    if (const Json* value = valueAt(row.json, pointer); value && value->is_array()) {
        DUBITO_TRY(const Json turns, turnsAt(row, pointer, map, summary));
        for (const Json& turn : turns) out.push_back(turn);
        return {};
    }
    DUBITO_TRY(std::string text, row.textAt(pointer));
    out.push_back({{"role", role}, {"content", std::move(text)}});
    return {};
}

Result<TrainDocument> documentOf(const DataRow& row, const ColumnMap& map, DataSummary& summary) {
    DUBITO_TRY(const RowShape shape, shapeOf(row, map));
    TrainDocument out;
    out.where = row.where;
    DUBITO_TRY(const bool isLearned, isWanted(row, row.json, ""));
    if (shape.messages.empty() && shape.prompt.empty()) {
        if (!isLearned) return row.bad("its weight is 0: nothing would be learned from a text; take it out");
        DUBITO_TRY(out.text, row.textAt(shape.text));
    } else {
        DUBITO_TRY(out.messages, askingTurns(row, shape, map, summary));
        if (shape.messages.empty()) DUBITO_CHECK(addTurns(out.messages, row, shape.answer, "assistant", map, summary));
        if (!isLearned)
            for (Json& turn : out.messages) turn["weight"] = 0;
        if (!shape.tools.empty()) {
            DUBITO_TRY(out.tools, toolsAt(row, shape.tools));
        }
    }
    summary.count(shape, row.json);
    for (const char* known : {"weight", "train"}) summary.used(known);
    return out;
}

Result<TrainData> readAll(RowReader reader, const ColumnMap& map) {
    TrainData out;
    out.summary.form = reader.description();
    out.summary.isGuessed = map.isAuto();
    if (reader.form() == DataForm::PlainText) {
        if (!map.isAuto() && map.shape() != "text")
            return Error(Code::InvalidArgument, "data.map names columns, and the training data is plain text");
        for (;;) {
            DUBITO_TRY(auto part, reader.nextPart());
            if (!part) return out;
            out.documents.push_back({std::move(*part), nullptr, nullptr, fmt::format("line {}", reader.line())});
        }
    }
    for (;;) {
        DUBITO_TRY(const auto row, reader.next());
        if (!row) return out;
        DUBITO_TRY(auto document, documentOf(*row, map, out.summary));
        out.documents.push_back(std::move(document));
    }
}

}  // namespace

Result<TrainData> readTrainFile(const fs::path& path, const ColumnMap& map) {
    DUBITO_TRY(auto reader, RowReader::open(path, "training data"));
    return readAll(std::move(reader), map);
}

Result<TrainData> readTrainText(std::string_view content, const ColumnMap& map) {
    DUBITO_TRY(auto reader, RowReader::of(content, "training data"));
    return readAll(std::move(reader), map);
}

Result<Json> turnsAt(const DataRow& row, const std::string& pointer, const ColumnMap& map, DataSummary& summary) {
    const Json* list = valueAt(row.json, pointer);
    if (!list || !list->is_array() || list->empty())
        return row.bad(fmt::format("{} is no list of turns", pointer.substr(1)));
    Json out = Json::array();
    for (std::size_t i = 0; i < list->size(); ++i) {
        DUBITO_TRY(Json turn, turnAt(row, fmt::format("{}/{}", pointer, i), map, summary));
        out.push_back(std::move(turn));
    }
    return out;
}

Result<Json> toolsAt(const DataRow& row, const std::string& pointer) {
    Json tools = *valueAt(row.json, pointer);
    if (tools.is_string()) {
        const std::string text = tools.get<std::string>();
        if (isBlank(text)) return Json(nullptr);
        auto inside = parseJson(text, {text.size(), 64});
        if (!inside) return row.bad(fmt::format("{}: {}", pointer.substr(1), inside.error().text()));
        tools = std::move(*inside);
    }
    if (!tools.is_array()) return row.bad(fmt::format("{} is no list of tools", pointer.substr(1)));
    return tools.empty() ? Json(nullptr) : tools;
}

Result<Json> askingTurns(const DataRow& row, const RowShape& shape, const ColumnMap& map, DataSummary& summary) {
    Json out = Json::array();
    if (!shape.messages.empty()) {
        DUBITO_TRY(out, turnsAt(row, shape.messages, map, summary));
    } else {
        DUBITO_CHECK(addTurns(out, row, shape.prompt, "user", map, summary));
        if (!shape.input.empty()) {
            DUBITO_TRY(const std::string input, row.textAt(shape.input));
            if (out.back()["content"].is_string() && !isBlank(input))
                out.back()["content"] = out.back()["content"].get<std::string>() + "\n\n" + input;
        }
    }
    if (shape.system.empty()) return out;
    DUBITO_TRY(std::string system, row.textAt(shape.system));
    const bool hasOne = textOr(out.front(), "role", "") == "system";
    if (!isBlank(system) && hasOne && textOr(out.front(), "content", "") != system)
        return row.bad("it has a system column and a system turn of another text");
    if (!isBlank(system) && !hasOne) {
        Json all = Json::array({{{"role", "system"}, {"content", std::move(system)}}});
        for (Json& turn : out) all.push_back(std::move(turn));
        out = std::move(all);
    }
    return out;
}

}  // namespace dubito::lm
