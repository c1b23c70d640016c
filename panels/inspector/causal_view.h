// Causal tests as grids: what changing one site does to the difference between two answers.
#pragma once

#include <QLabel>

#include "inspector/inspector_data.h"
#include "inspector/matrix_view.h"
#include "kit/controls.h"
#include "kit/data_twin.h"

namespace dubito::inspector {

Matrix causalMatrix(const CausalResult& test);
QString causalSentence(const CausalResult& test);  ///< what was compared, and by how much it differs

class CausalView : public QWidget {
    Q_OBJECT
public:
    explicit CausalView(QWidget* parent = nullptr);
    /// The tests of a run; keeps the one shown, or shows the newest when there is one more.
    void setTests(const std::vector<CausalResult>& tests);
    /// Of a test that is asked for or runs; empty: none. Stands above the grid, or in its place.
    void setProgress(const QString& sentence);
    const CausalResult* current() const;
    kit::DataTable dataTable() const;  ///< of the test in view; no rows when there is none

private:
    void draw();
    std::vector<CausalResult> m_tests;
    kit::LabelledChoice* m_choice;
    QLabel *m_text, *m_progress;
    MatrixView* m_grid;
};

}  // namespace dubito::inspector
