// Which columns of a row mean what, by name, by JSON pointer or by a usual shape.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "lm/data/row_reader.h"

namespace dubito::lm {

/// What a column can mean.
enum class Meaning { Text, Messages, Role, Content, System, Prompt, Input, Answer, Tools, Choices, Id, Task, Group };
std::string_view meaningName(Meaning meaning);  ///< "prompt"

/// `data.map`: "auto" or empty; a shape (text, messages, prompt/answer, question/answer, instruction/input/output,
/// conversations); or pairs as "prompt=question answer=/solution/final" or as a JSON object of the same, a place being
/// a column's name or, with a slash in front, a JSON pointer.
class ColumnMap {
public:
    ColumnMap() = default;
    /// @error InvalidArgument: a word that is not known, with those that are
    static Result<ColumnMap> parse(std::string_view text);

    bool isAuto() const { return m_shape.empty() && m_places.empty(); }
    const std::string& shape() const { return m_shape; }  ///< empty: none
    bool hasPlaces() const { return !m_places.empty(); }
    /// The JSON pointer that was given for it; null: none was.
    const std::string* placeOf(Meaning meaning) const;

private:
    Result<void> add(std::string_view meaning, std::string_view place);
    std::string m_shape;
    std::map<Meaning, std::string> m_places;
};

/// Where one row keeps what, as JSON pointers; empty: nowhere.
struct RowShape {
    std::string name;  ///< "question, answer": for people
    std::string text, messages, prompt, input, answer, system, tools;
};
/// The shape of a row: what `map` says, else the first usual one whose columns are there and not null.
/// @error CorruptData: none fits, or what `map` names is not there
Result<RowShape> shapeOf(const DataRow& row, const ColumnMap& map);

/// What reading rows has found, for the log and the records of a run.
class DataSummary {
public:
    std::string form;  ///< "JSON lines (UTF-8)"
    bool isGuessed = true;
    void count(const RowShape& shape, const Json& row);
    void used(const std::string& column) { m_used.insert(column); }
    void renamedRole(const std::string& from, const std::string& to);
    std::int64_t rows = 0;
    std::string columns() const;  ///< "question, answer (3 rows)"
    std::string roles() const;    ///< "gpt as assistant, human as user"; empty: as they are
    std::string unused() const;   ///< columns that nothing was taken from; empty: none
    std::string text() const;     ///< one sentence

private:
    std::map<std::string, std::int64_t> m_shapes;
    std::set<std::string> m_all, m_used;
    std::map<std::string, std::string> m_roles;
};

}  // namespace dubito::lm
