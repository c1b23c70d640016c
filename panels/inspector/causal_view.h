// Causal tests as grids: what changing one site does to the difference between two answers.
#pragma once

#include <QLabel>

#include "inspector/inspector_data.h"
#include "inspector/matrix_view.h"
#include "kit/controls.h"
#include "kit/data_twin.h"

namespace dubito::inspector {

class CausalView : public QWidget {
    Q_OBJECT
public:
    explicit CausalView(QWidget* parent = nullptr);
    /// The tests of a run; keeps the one shown, or shows the newest.
    void setTests(const std::vector<CausalResult>& tests);
    kit::DataTable dataTable() const;  ///< of the test in view; no rows when there is none

private:
    void draw();
    const CausalResult* current() const;
    std::vector<CausalResult> m_tests;
    kit::LabelledChoice* m_choice;
    QLabel* m_text;
    MatrixView* m_grid;
};

}  // namespace dubito::inspector
