// Questions with right answers, a line each.
#pragma once

#include "lm/data/documents.h"

namespace dubito::lm {

struct TaskItem {
    std::string id;    ///< as text; the number of the line or element where the row has none
    std::string task;  ///< as a part of a series' key: "task" where the row has none
    std::string prompt, answer, group;
    Json messages;  ///< instead of a prompt: turns before the answer; null: none
    Json tools;     ///< for the template; null: none
    std::vector<std::string> choices;
    std::int64_t right = -1;  ///< index into choices
};
struct TaskData {
    std::vector<TaskItem> items;
    DataSummary summary;
    std::int64_t shortened = 0;  ///< worked answers of which what stands behind "####" is the answer
};

/// JSON lines or one JSON array of {id, task, prompt or messages, choices, answer, meta: {group}}; a question or an
/// instruction with input stands for a prompt, an output, response, completion or target for an answer, options for
/// choices. Numbers and booleans are taken as their JSON text.
///
/// An answer to choices is one of them as text; or a whole number: the index of one, from 0. Where choices are numbers
/// themselves and the number is the index of one and the value of another, the row is refused; a number that is no
/// index is a value.
/// @error CorruptData (line or element named; two items of one task with the same id), Limit, Io, NotFound
Result<TaskData> readTaskFile(const fs::path& path, const ColumnMap& map = {});
Result<TaskData> readTaskText(std::string_view content, const ColumnMap& map = {});

}  // namespace dubito::lm
