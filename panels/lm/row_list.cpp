// Widgets of a row are made once; an edit changes the row's own example and nothing else.
#include "lm/row_list.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/user_size.h"

namespace dubito::lmview {

RowList::RowList(QWidget* parent) : QScrollArea(parent) {
    auto* inside = new QWidget;
    inside->setProperty("role", "page");
    m_column = new QVBoxLayout(inside);
    m_column->setContentsMargins(12, 0, 12, 8);
    m_column->setSpacing(0);
    m_column->addStretch();
    setWidget(inside);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
}

void RowList::clear() {
    for (const Row& row : m_rows) {
        row.widget->hide();
        row.widget->deleteLater();  // it may be in the middle of its own event
    }
    m_rows.clear();
}

RowList::Row RowList::makeRow(int number) {
    Row row;
    row.widget = new QWidget;
    row.widget->setProperty("role", "footer");  // a line between rows
    auto* line = new QHBoxLayout(row.widget);
    line->setContentsMargins(0, 6, 0, 6);
    line->setSpacing(8);
    auto* label = kit::mono(QString::number(number));
    label->setTextInteractionFlags(Qt::NoTextInteraction);
    label->setProperty("role", "sub");
    label->setFixedWidth(kit::userSize(26));
    label->setAlignment(Qt::AlignRight | Qt::AlignTop);
    label->setContentsMargins(0, 4, 0, 0);
    auto* column = new QVBoxLayout;
    column->setSpacing(3);
    line->addWidget(label);
    line->addLayout(column, 1);
    if (number <= m_examples.size()) addEditors(row, column, number - 1);
    row.strip = new kit::TokenStrip;
    row.strip->setAccessibleName(tr("Tokens of row %1").arg(number));
    row.strip->hide();
    row.reason = new QLabel;
    row.reason->setProperty("role", "faint");
    row.reason->setProperty("tone", "warn");
    row.reason->setTextFormat(Qt::PlainText);
    row.reason->setWordWrap(true);
    row.reason->hide();
    column->addWidget(row.strip);
    column->addWidget(row.reason);
    m_column->insertWidget(m_column->count() - 1, row.widget);
    row.widget->show();  // at once: a new row takes the keys
    connect(row.strip, &kit::TokenStrip::tokenClicked, row.strip, &kit::TokenStrip::setCurrent);
    return row;
}

void RowList::addEditors(Row& row, QVBoxLayout* column, int index) {
    const auto field = [&](const QString& text, const QString& name, const QString& hint, QString Example::*part) {
        auto* edit = new QLineEdit(text);
        edit->setMaxLength(kLongestText);
        edit->setPlaceholderText(hint);
        edit->setAccessibleName(name);
        edit->setCursorPosition(0);
        connect(edit, &QLineEdit::textEdited, this, [this, index, part](const QString& now) {
            m_examples[index].*part = now;
            Q_EMIT edited();
        });
        return edit;
    };
    const int number = index + 1;
    row.question =
        field(m_examples[index].question, tr("Question %1").arg(number), tr("a question"), &Example::question);
    row.answer =
        field(m_examples[index].answer, tr("Answer %1").arg(number), tr("the answer that it learns"), &Example::answer);
    auto* remove = kit::wordButton(tr("Remove"));
    remove->setAccessibleName(tr("Remove row %1").arg(number));
    connect(remove, &QToolButton::clicked, this, [this, index] { removeExample(index); });
    auto* head = new QHBoxLayout;
    head->setSpacing(6);
    head->addWidget(row.question, 1);
    head->addWidget(remove);
    column->addLayout(head);
    column->addWidget(row.answer);
}

void RowList::showExamples(const QVector<Example>& examples) {
    clear();
    m_examples = examples.mid(0, kMostExamples);
    for (int i = 0; i < m_examples.size(); ++i) m_rows.append(makeRow(i + 1));
}

void RowList::addExample() {
    if (m_examples.size() >= kMostExamples) return;
    m_examples.append(Example{});
    m_rows.append(makeRow(static_cast<int>(m_examples.size())));
    m_rows.last().question->setFocus(Qt::OtherFocusReason);
    widget()->layout()->activate();
    ensureWidgetVisible(m_rows.last().widget);
    Q_EMIT edited();
}

void RowList::removeExample(int index) {
    QVector<Example> left = m_examples;
    left.removeAt(index);
    showExamples(left);
    if (!m_rows.isEmpty())
        m_rows[std::min(index, static_cast<int>(m_rows.size()) - 1)].question->setFocus(Qt::OtherFocusReason);
    Q_EMIT edited();
}

void RowList::fill(Row& row, const MaskedRow* masked) {
    row.strip->setTokens(masked ? masked->chips : QVector<kit::TokenChip>());
    row.strip->setVisible(masked && !masked->chips.isEmpty());
    row.reason->setText(masked ? masked->reason() : QString());
    row.reason->setVisible(!row.reason->text().isEmpty());
}

void RowList::showMasks(const DataRows& rows) {
    int next = 0;
    for (int i = 0; i < m_rows.size(); ++i) {
        const bool isEmpty = m_examples[i].question.trimmed().isEmpty() && m_examples[i].answer.trimmed().isEmpty();
        fill(m_rows[i], !isEmpty && next < rows.rows.size() ? &rows.rows[next++] : nullptr);
    }
}

void RowList::clearMasks() {
    for (Row& row : m_rows) fill(row, nullptr);
}

void RowList::showRows(const QVector<MaskedRow>& rows) {
    clear();
    verticalScrollBar()->setValue(0);
    m_examples.clear();
    for (const MaskedRow& masked : rows) {
        m_rows.append(makeRow(masked.number));
        fill(m_rows.last(), &masked);
    }
}

void RowList::focusFirst() {
    if (m_rows.isEmpty()) return;
    QWidget* first = m_rows.first().question ? static_cast<QWidget*>(m_rows.first().question) : m_rows.first().strip;
    first->setFocus(Qt::OtherFocusReason);
}

}  // namespace dubito::lmview
