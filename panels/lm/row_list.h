// Rows of training data, each with what is learned of it: examples that are edited in place, or rows as a run used
// them.
#pragma once

#include <QScrollArea>

#include "lm/row_data.h"

class QLabel;
class QLineEdit;
class QVBoxLayout;

namespace dubito::lmview {

class RowList : public QScrollArea {
    Q_OBJECT
public:
    explicit RowList(QWidget* parent = nullptr);
    static constexpr int kMostExamples = 50, kLongestText = 2000;

    void showExamples(const QVector<Example>& examples);
    const QVector<Example>& examples() const { return m_examples; }
    void addExample();  ///< an empty one at the end, with the focus
    /// Of the examples that are there, in their order; empty ones have none. Rows of an older edition are taken off.
    void showMasks(const DataRows& rows);
    void clearMasks();
    void showRows(const QVector<MaskedRow>& rows);  ///< not edited
    void focusFirst();

Q_SIGNALS:
    void edited();

private:
    struct Row {
        QWidget* widget = nullptr;
        QLineEdit *question = nullptr, *answer = nullptr;
        kit::TokenStrip* strip = nullptr;
        QLabel* reason = nullptr;
    };
    Row makeRow(int number);
    void addEditors(Row& row, QVBoxLayout* column, int index);
    void removeExample(int index);
    static void fill(Row& row, const MaskedRow* masked);
    void clear();

    QVector<Example> m_examples;
    QVector<Row> m_rows;
    QVBoxLayout* m_column;
};

}  // namespace dubito::lmview
