// Recovered fraction for patches, relative change for zero and mean; layers upwards.
#include "inspector/causal_view.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "kit/token_strip.h"

namespace dubito::inspector {

CausalView::CausalView(QWidget* parent)
    : QWidget(parent), m_choice(new kit::LabelledChoice(tr("test"))), m_text(new QLabel), m_grid(new MatrixView) {
    m_text->setProperty("role", "sub");
    m_text->setWordWrap(true);
    m_grid->setAccessibleName(tr("Causal grid"));
    auto* head = new QHBoxLayout;
    head->addWidget(m_choice);
    head->addWidget(m_text, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 4);
    column->addLayout(head);
    column->addWidget(m_grid, 1);
    connect(m_choice->box(), &QComboBox::activated, this, [this] { draw(); });
}

void CausalView::setTests(const std::vector<CausalResult>& tests) {
    const int before = m_choice->box()->currentIndex();
    const bool isSameRun = tests.size() >= m_tests.size() && !m_tests.empty();
    m_tests = tests;
    m_choice->box()->clear();
    for (const CausalResult& test : m_tests)
        m_choice->box()->addItem(QStringLiteral("%1 · %2").arg(test.kind, test.site));
    m_choice->setVisible(!m_tests.empty());
    const int last = static_cast<int>(m_tests.size()) - 1;
    m_choice->box()->setCurrentIndex(isSameRun && before >= 0 && before <= last ? before : last);
    draw();
}

const CausalResult* CausalView::current() const {
    const int index = m_choice->box()->currentIndex();
    return index >= 0 && index < static_cast<int>(m_tests.size()) ? &m_tests[static_cast<std::size_t>(index)] : nullptr;
}

void CausalView::draw() {
    const CausalResult* test = current();
    if (!test) {
        m_grid->setMatrix({});
        m_text->setText(
            tr("No causal test was run. Set causal.kind in a new run, or ask for one while a session is live."));
        return;
    }
    Matrix matrix;
    matrix.rows = test->rows;
    matrix.columns = test->columns;
    matrix.values = QVector<float>(test->effect.begin(), test->effect.end());
    matrix.diverging = true;
    matrix.bottomUp = true;
    matrix.largest = 1;
    matrix.caption = test->kind == QLatin1String("patch")
                         ? tr("Recovered fraction of the logit difference, layer by place")
                         : tr("Relative change of the logit difference, layer by place");
    for (int row = 0; row < test->rows; ++row) matrix.rowNames << QString::number(row + 1);
    for (int column = 0; column < test->columns; ++column)
        matrix.columnNames << (test->site == QLatin1String("residual") && column < static_cast<int>(test->clean.size())
                                   ? kit::tokenSign(test->clean[static_cast<std::size_t>(column)]).trimmed()
                               : test->site == QLatin1String("heads") ? QStringLiteral("H%1").arg(column)
                                                                      : QStringLiteral("MLP"));
    m_grid->setMatrix(matrix);
    m_text->setText(tr("right “%1”, wrong “%2” · difference %3 clean, %4 changed")
                        .arg(test->right.trimmed(), test->wrong.trimmed(), kit::shortNumber(test->cleanDifference),
                            kit::shortNumber(test->corruptDifference)));
}

kit::DataTable CausalView::dataTable() const {
    kit::DataTable table;
    const CausalResult* test = current();
    if (!test) return table;
    table.columns = {tr("layer"), tr("place"), tr("effect")};
    for (int row = 0; row < test->rows; ++row)
        for (int column = 0; column < test->columns; ++column)
            table.rows << QStringList{QString::number(row + 1), QString::number(column),
                QString::number(
                    static_cast<double>(test->effect[static_cast<std::size_t>(row * test->columns + column)]), 'g', 7)};
    return table;
}

}  // namespace dubito::inspector
