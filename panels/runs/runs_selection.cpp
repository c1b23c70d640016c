// The run table by hand: what keys and clicks select, and how the selection of others is shown.
#include <QApplication>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QSet>

#include <algorithm>

#include "runs/runs_panel.h"

namespace dubito::runs {

void RunsPanel::publishSelection() {
    if (m_following) return;
    QVector<qint64> runs;
    const auto current = m_table->selectionModel()->currentIndex();
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        const QVector<qint64> here = m_model->runsAt(index.row());
        runs = index.row() == current.row() ? here + runs : runs + here;
    }
    if (runs.isEmpty()) return;
    QSet<qint64> seen;  // a group's runs may be marked beside it
    runs.removeIf([&seen](qint64 runNo) {
        const auto before = seen.size();
        seen.insert(runNo);
        return seen.size() == before;
    });
    // One run more or less leaves those that are selected and not loaded.
    if (QApplication::keyboardModifiers() & Qt::ControlModifier)
        for (const qint64 runNo : context().selection->runs())
            if (m_model->rowOf(runNo) < 0) runs.append(runNo);
    context().selection->setRuns(runs);
}

void RunsPanel::followSelection() {
    m_following = true;
    const auto& runs = context().selection->runs();
    const QSet<qint64> wanted(runs.begin(), runs.end());
    QItemSelection selection;
    const int rows = m_model->rowCount();
    const auto isMarked = [&](int row) {
        const auto here = m_model->runsAt(row);
        return std::all_of(here.begin(), here.end(), [&](qint64 runNo) { return wanted.contains(runNo); });
    };
    for (int row = 0; row < rows; ++row) {
        if (!isMarked(row)) continue;
        const int first = row;
        while (row + 1 < rows && isMarked(row + 1)) ++row;
        selection.append(
            QItemSelectionRange(m_model->index(first, 0), m_model->index(row, m_model->columnCount() - 1)));
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    // Arrows go on from the leading run.
    const int leading = m_model->rowOf(context().selection->leadingRun());
    if (leading >= 0 && m_table->currentIndex().row() != leading && !m_table->hasFocus())
        m_table->selectionModel()->setCurrentIndex(
            m_model->index(leading, RunsModel::Name), QItemSelectionModel::NoUpdate);
    m_following = false;
}

bool RunsPanel::editName() {
    const int row = m_model->rowOf(context().selection->leadingRun());
    if (row < 0 || !isVisible() || !m_table->isVisible() || !context().edit) return false;
    const QModelIndex index = m_model->index(row, RunsModel::Name);
    m_table->scrollTo(index);
    m_following = true;  // the selection stays what it is
    m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
    m_following = false;
    m_table->edit(index);
    return true;
}

void RunsPanel::toggleCurrent() {
    const QModelIndex current = m_table->currentIndex();
    if (!current.isValid()) return;
    auto* chosen = m_table->selectionModel();
    // The last one stays: a table without a selected run would show another than the panels do.
    if (chosen->isRowSelected(current.row(), {}) && context().selection->runs().size() < 2) return;
    chosen->select(current, QItemSelectionModel::Toggle | QItemSelectionModel::Rows);
}

/// All that the filter lets through, also what is not loaded.
void RunsPanel::selectAll() {
    m_model->askNumbers([this](QVector<qint64> runs) {
        const auto leading = runs.indexOf(context().selection->leadingRun());
        if (leading > 0) runs.move(leading, 0);
        if (!runs.isEmpty()) context().selection->setRuns(runs);
    });
}

/// This row alone, whatever keys are held.
void RunsPanel::goTo(int row) {
    if (row < 0 || row >= m_model->rowCount()) return;
    const QModelIndex index = m_model->index(row, RunsModel::Name);
    m_following = true;
    m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_following = false;
    m_table->scrollTo(index);
    context().selection->setRuns(m_model->runsAt(row));
}

/// @return false: the row is no group, or is that already
bool RunsPanel::openCurrent(bool on) {
    const int row = m_table->currentIndex().row();
    if (!m_model->mayOpen(row) || m_model->isOpen(row) == on) return false;
    m_model->setOpen(row, on);
    return true;
}

void RunsPanel::goToEnd() {
    m_model->loadAll([this] { goTo(m_model->rowCount() - 1); });
}

bool RunsPanel::isKey(int key, Qt::KeyboardModifiers modifiers) {
    const bool isPlain = !(modifiers & ~Qt::KeypadModifier);
    const bool isControl = (modifiers & ~Qt::KeypadModifier) == Qt::ControlModifier;
    const bool isFirst = key == Qt::Key_Home && (isPlain || isControl);
    if (isPlain && key == Qt::Key_Slash) m_filter->setFocus(Qt::ShortcutFocusReason), m_filter->selectAll();
    else if (isPlain && key == Qt::Key_N) context().trigger(QStringLiteral("edit.note"));
    else if (isPlain && key == Qt::Key_B) context().trigger(QStringLiteral("edit.baseline"));
    else if (isPlain && (key == Qt::Key_Right || key == Qt::Key_Left)) return openCurrent(key == Qt::Key_Right);
    else if (isPlain && key == Qt::Key_Delete) context().trigger(QStringLiteral("edit.delete"));
    else if (isPlain && key == Qt::Key_Space) toggleCurrent();
    else if (isControl && key == Qt::Key_A) selectAll();
    else if (isControl && key == Qt::Key_C) copySelected(CopyAs::Tsv);
    else if (key == Qt::Key_End && (isPlain || isControl)) goToEnd();
    else if (isFirst) goTo(0);
    else return false;
    return true;
}

bool RunsPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) fitColumns();
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        const auto* pressed = static_cast<QKeyEvent*>(event);
        if (isKey(pressed->key(), pressed->modifiers())) return true;
    }
    return Panel::eventFilter(watched, event);
}

}  // namespace dubito::runs
