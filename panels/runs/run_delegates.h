// How cells of the run table are drawn.
#pragma once

#include <QStyledItemDelegate>

#include "kit/selection.h"

namespace dubito::runs {

/// State as a dot with its word.
class PillDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// The curve of a run's number, small.
class SparkDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// The name, behind the colour and dash that a selected run has in every chart; edited in its place.
class NameDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setSelection(const kit::Selection* selection) { m_selection = selection; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;

private:
    void paintBaseline(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index, int left) const;
    const kit::Selection* m_selection = nullptr;
};

}  // namespace dubito::runs
