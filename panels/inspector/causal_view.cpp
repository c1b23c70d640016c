// Recovered fraction for patches, relative change for zero and mean; layers upwards.
#include "inspector/causal_view.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>

#include "inspector/map_model.h"
#include "kit/term.h"
#include "kit/token_strip.h"

namespace dubito::inspector {
namespace {

QString say(const char* text) { return QCoreApplication::translate("dubito::inspector::CausalView", text); }

QString kindName(const QString& kind) {
    if (kind == QLatin1String("patch")) return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "patched"));
    if (kind == QLatin1String("mean"))
        return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "set to its mean"));
    return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "set to zero"));
}

QString siteName(const QString& site) {
    if (site == QLatin1String("heads")) return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "heads"));
    if (site == QLatin1String("mlp")) return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "MLPs"));
    return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "residual stream"));
}

}  // namespace

Matrix causalMatrix(const CausalResult& test) {
    Matrix matrix;
    matrix.rows = test.rows;
    matrix.columns = test.columns;
    matrix.values = QVector<float>(test.effect.begin(), test.effect.end());
    matrix.diverging = true;
    matrix.bottomUp = true;
    const bool isPatch = test.kind == QLatin1String("patch"), isResidual = test.site == QLatin1String("residual");
    matrix.caption = isPatch ? say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView",
                                   "Recovered fraction of the logit difference, layer by place"))
                             : say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView",
                                   "Relative change of the logit difference, layer by place"));
    matrix.rowAxis = say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "layer"));
    matrix.columnAxis = isResidual ? say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "place in the prompt"))
                                   : siteName(test.site);
    matrix.scale = {QStringLiteral("−1"),
        isPatch ? say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "+1: all of it is back"))
                : say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "+1 (−1: the lead is gone)")),
        true};
    float most = 0;
    for (const float value : test.effect)
        if (std::isfinite(value)) most = std::max(most, std::abs(value));
    if (most > 1)
        matrix.scale.note = say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "clipped; the largest is %1"))
                                .arg(kit::shortNumber(static_cast<double>(most)));
    for (int row = 0; row < test.rows; ++row) matrix.rowNames << QString::number(row + 1);
    for (int column = 0; column < test.columns; ++column)
        matrix.columnNames << (isResidual && column < static_cast<int>(test.clean.size())
                                   ? wordOf(test.clean[static_cast<std::size_t>(column)])
                               : test.site == QLatin1String("heads") ? QStringLiteral("H%1").arg(column)
                                                                     : QStringLiteral("MLP"));
    return matrix;
}

QString causalSentence(const CausalResult& test) {
    const bool isPatch = test.kind == QLatin1String("patch");
    const QString differences =
        isPatch
            ? say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "difference %1 here, %2 under the other prompt"))
                  .arg(kit::shortNumber(test.cleanDifference), kit::shortNumber(test.corruptDifference))
            : say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "difference %1 unchanged"))
                  .arg(kit::shortNumber(test.cleanDifference));
    return say(QT_TRANSLATE_NOOP("dubito::inspector::CausalView", "“%1” against “%2” · %3"))
        .arg(wordOf(test.right), wordOf(test.wrong), differences);
}

CausalView::CausalView(QWidget* parent)
    : QWidget(parent), m_choice(new kit::LabelledChoice(tr("test"))), m_text(new QLabel), m_progress(new QLabel),
      m_grid(new MatrixView) {
    for (QLabel* label : {m_text, m_progress}) {
        label->setProperty("role", "sub");
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    kit::explain(m_choice, QStringLiteral("patching"));
    m_progress->hide();
    m_grid->setAccessibleName(tr("Causal grid"));
    auto* head = new QHBoxLayout;
    head->addWidget(m_choice);
    head->addWidget(m_text, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 4);
    column->addLayout(head);
    column->addWidget(m_progress);
    column->addWidget(m_grid, 1);
    connect(m_choice->box(), &QComboBox::activated, this, [this] { draw(); });
}

void CausalView::setTests(const std::vector<CausalResult>& tests) {
    const int before = m_choice->box()->currentIndex();
    const bool isSame = tests.size() == m_tests.size();
    m_tests = tests;
    m_choice->box()->clear();
    for (std::size_t i = 0; i < m_tests.size(); ++i)
        m_choice->box()->addItem(
            tr("%1: %2 %3").arg(QString::number(i + 1), siteName(m_tests[i].site), kindName(m_tests[i].kind)));
    m_choice->setVisible(!m_tests.empty());
    const int last = static_cast<int>(m_tests.size()) - 1;
    m_choice->box()->setCurrentIndex(isSame && before >= 0 && before <= last ? before : last);
    draw();
}

void CausalView::setProgress(const QString& sentence) {
    if (m_progress->text() == sentence && m_progress->isHidden() == sentence.isEmpty()) return;
    m_progress->setText(sentence);
    m_progress->setVisible(!sentence.isEmpty());
    draw();
}

const CausalResult* CausalView::current() const {
    const int index = m_choice->box()->currentIndex();
    return index >= 0 && index < static_cast<int>(m_tests.size()) ? &m_tests[static_cast<std::size_t>(index)] : nullptr;
}

void CausalView::draw() {
    const CausalResult* test = current();
    m_grid->setMatrix(test ? causalMatrix(*test) : Matrix());
    m_text->setVisible(test || m_progress->isHidden());
    m_text->setText(
        test ? causalSentence(*test)
             : tr("No causal test was run. Set causal.kind in a new run, or ask for one while a session is live."));
}

kit::DataTable CausalView::dataTable() const {
    kit::DataTable table;
    const CausalResult* test = current();
    if (!test) return table;
    table.columns = {tr("layer"), tr("place"), tr("name"), tr("effect")};
    const QStringList names = causalMatrix(*test).columnNames;
    for (int row = 0; row < test->rows; ++row)
        for (int column = 0; column < test->columns; ++column)
            table.rows << QStringList{QString::number(row + 1), QString::number(column), names.value(column),
                QString::number(
                    static_cast<double>(test->effect[static_cast<std::size_t>(row * test->columns + column)]), 'g', 7)};
    return table;
}

}  // namespace dubito::inspector
