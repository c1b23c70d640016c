// A plugin's schema as editors: titles in the language of the interface, a mark at what differs from its default, what
// is wrong under its own field.
#pragma once

#include <QWidget>
#include <vector>

#include "dialogs/param_editors.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QScrollArea;
class QVBoxLayout;

namespace dubito::app {

class ParamForm : public QWidget {
    Q_OBJECT
public:
    explicit ParamForm(QWidget* parent = nullptr);
    /// `values`: nested object of what differs from the defaults, or more; what the schema does not know is left out.
    /// `several`: pointer of a parameter -> list of its values.
    void setSchema(
        const Json& schema, const Json& values, const std::string& language, const Json& several = Json::object());
    /// The defaults with what was edited; rows that are hidden by another value count with their defaults. Of fields
    /// with several values the first.
    Json values() const;
    /// Every combination of the values of fields that have several, at most `most` and one; equal ones once.
    struct Combination {
        Json values;
        QString words;  ///< what it has of several: "lr=1e-4 mode=b"; empty: there is one
    };
    std::vector<Combination> combinations(std::size_t most) const;
    Json several() const;  ///< as setSchema() takes it
    /// Path and value of every row that counts and is not at its default, in the order of the schema.
    std::vector<std::pair<QString, QString>> differences() const;
    /// Pointers and values of rows in sight that are not at their default; of several values the first.
    std::vector<std::pair<std::string, Json>> changed() const;
    /// The same of one combination.
    std::vector<std::pair<QString, QString>> differencesOf(const Json& values) const;
    /// What is wrong with the rows in sight, first one first: parameter and sentence.
    std::vector<std::pair<QString, QString>> faults() const;
    /// Scrolls to the first row with a fault and gives it the focus. @return whether there is one
    bool showFirstFault();
    /// A refusal of the engine that begins with a parameter's pointer, under its field. @return whether it names one
    bool showError(const QString& sentence);
    void focusFirst();
    /// The editor of a parameter by its dotted path; null when there is none.
    QWidget* editorOf(const QString& path) const;
    bool isRowShown(const QString& path) const;

Q_SIGNALS:
    void edited();

private:
    struct Row {
        run::ParameterLeaf leaf;
        Json defaultValue;
        ParamEditor editor;
        std::vector<ParamEditor> more;  ///< of further values
        std::vector<Json> values;       ///< of all of them, each once; never empty
        QVBoxLayout* editors = nullptr;
        QLabel *mark = nullptr, *error = nullptr;
        QWidget *row = nullptr, *group = nullptr;
        bool isThere = true;     ///< no other value hides it
        bool isRefused = false;  ///< by the engine, until it is edited
    };
    using Pick = std::vector<std::size_t>;  ///< of each row the index of its value
    QWidget* makeRow(std::size_t index, Row& row);
    void addEditor(std::size_t index, const Json& given);
    void takeSeveral(const Json& several);
    std::vector<Json> readAll(const Row& row) const;
    bool advance(Pick& pick) const;  ///< false after the last
    std::vector<bool> countsFor(const Pick& pick) const;
    QWidget* groupFor(const run::ParameterLeaf& leaf, QVBoxLayout* column);
    void onEdited(std::size_t index);
    void findRows();
    void refresh();
    void showRows();
    Json collected(const std::vector<bool>& counts, const Pick& pick) const;
    void goTo(Row& row);

    std::vector<Row> m_rows;
    std::vector<std::pair<QString, QWidget*>> m_groups;
    Json m_defaults = Json::object();
    std::string m_language = "en";
    QLineEdit* m_search;
    QCheckBox* m_advanced;
    QLabel* m_nothing;
    QScrollArea* m_scroll;
};

}  // namespace dubito::app
