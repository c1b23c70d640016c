// Training data as documents: texts and conversations.
#pragma once

#include "lm/data/column_map.h"

namespace dubito::lm {

/// One row of training data: plain text, or a conversation.
struct TrainDocument {
    std::string text;   ///< used when `messages` is null
    Json messages;      ///< [{role, content}, ...]; the assistant's turns are supervised
    Json tools;         ///< what the template is given beside them; null: none
    std::string where;  ///< "line 3"
};
struct TrainData {
    std::vector<TrainDocument> documents;
    DataSummary summary;
};
/// JSON lines, one JSON array, or plain text with empty lines between documents.
/// @error CorruptData (line or element named), Limit, Io, NotFound
Result<TrainData> readTrainFile(const fs::path& path, const ColumnMap& map = {});
Result<TrainData> readTrainText(std::string_view content, const ColumnMap& map = {});

/// The turns of a list of {role, content} or {from, value}: roles by the names that templates know, contents as text.
/// A content of null stands only beside calls of tools. Turns whose author gave no weight get "weight": 0.
/// @error CorruptData: a turn that is none, a role or a weight that is not known, a picture
Result<Json> turnsAt(const DataRow& row, const std::string& pointer, const ColumnMap& map, DataSummary& summary);
/// A list of tools, or a text that holds one as JSON. @error CorruptData
Result<Json> toolsAt(const DataRow& row, const std::string& pointer);
/// The turns before an answer: those of `messages`, or a system turn and the prompt with its input.
/// @error as turnsAt
Result<Json> askingTurns(const DataRow& row, const RowShape& shape, const ColumnMap& map, DataSummary& summary);

}  // namespace dubito::lm
