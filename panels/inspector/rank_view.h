// Rank ribbons: rank (log axis) of the token said and of watched tokens over layers, for one position.
#pragma once

#include <QLabel>
#include <QLineEdit>

#include "inspector/inspector_data.h"
#include "kit/plot_view.h"

namespace dubito::inspector {

/// Ranks over layers at a position, 1 the best: the token said, then the watched ones, with gaps where they are not
/// among the stored candidates. @param missing how many of the watched are nowhere among them
QVector<kit::PlotLine> rankLines(
    const InspectorData& data, const Sequence& sequence, int position, const QStringList& watched, int* missing);

class RankView : public QWidget {
    Q_OBJECT
public:
    explicit RankView(QWidget* parent = nullptr);
    /// Watched: the words typed, else the last layer's best three. Their ranks are known within the stored top-k.
    void show(const InspectorData& data, const Sequence& sequence, int layer, int position);
    QString watched() const { return m_watch->text(); }
    QStringList watchedWords() const;
    void setWatched(const QString& words) { m_watch->setText(words); }

Q_SIGNALS:
    void watchedChanged();

private:
    kit::PlotView* m_plot;
    QLineEdit* m_watch;
    QLabel* m_note;
};

}  // namespace dubito::inspector
