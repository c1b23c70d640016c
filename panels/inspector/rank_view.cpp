// The token said has its exact rank at every layer; others are read from the stored candidates, with gaps below them.
#include "inspector/rank_view.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

#include "kit/controls.h"
#include "kit/token_strip.h"

namespace dubito::inspector {

RankView::RankView(QWidget* parent)
    : QWidget(parent), m_plot(new kit::PlotView), m_watch(new QLineEdit), m_note(new kit::ElidedLabel) {
    m_plot->setLogY(true, true);
    m_plot->setLabels(tr("layer"), tr("rank, 1 is best"));
    m_plot->setAccessibleName(tr("Rank ribbons"));
    m_watch->setPlaceholderText(tr("watch tokens, separated by commas; empty: the last layer's best"));
    m_watch->setAccessibleName(tr("Watched tokens"));
    m_note->setProperty("role", "faint");
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 2);
    head->setSpacing(10);
    head->addWidget(m_watch, 3);
    head->addWidget(m_note, 2);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_plot, 1);
    connect(m_watch, &QLineEdit::textChanged, this, &RankView::watchedChanged);
}

void RankView::show(const InspectorData& data, const Sequence& sequence, int layer, int position) {
    if (position < 0 || position >= static_cast<int>(sequence.positions.size())) return;
    const Position& at = sequence.positions[static_cast<std::size_t>(position)];
    const bool isFollowed = position + 1 < static_cast<int>(sequence.positions.size());
    const std::int32_t said = isFollowed ? sequence.positions[static_cast<std::size_t>(position) + 1].id : -1;
    const auto k = static_cast<std::size_t>(std::max(1, data.topK));
    QVector<kit::PlotLine> lines;
    if (isFollowed) {
        kit::PlotLine line;
        line.name = kit::tokenSign(sequence.positions[static_cast<std::size_t>(position) + 1].text) +
                    QStringLiteral(" ") + tr("(said)");
        for (int l = 0; l <= data.layers; ++l)
            if (const float rank = at.at(l, kRank); std::isfinite(rank))
                line.x << l, line.y << static_cast<double>(rank) + 1;
        lines << line;
    }
    std::vector<std::uint32_t> watched;
    const QStringList words = m_watch->text().split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString& word : words)
        for (const auto& [id, text] : data.words)
            if (text.trimmed() == word.trimmed()) watched.push_back(id);
    if (words.isEmpty())
        for (std::size_t i = 0; i < std::min<std::size_t>(3, k); ++i)
            if (const std::size_t index = static_cast<std::size_t>(data.layers) * k + i; index < at.topId.size())
                watched.push_back(at.topId[index]);
    int style = 1, missing = 0;
    for (const std::uint32_t id : watched) {
        if (static_cast<std::int32_t>(id) == said || style > 8) continue;
        kit::PlotLine line;
        line.name = kit::tokenSign(data.wordOf(id));
        line.style = static_cast<std::size_t>(style++);
        bool isSeen = false;
        for (int l = 0; l <= data.layers; ++l) {
            double rank = std::numeric_limits<double>::quiet_NaN();
            for (std::size_t i = 0; i < k; ++i)
                if (const std::size_t index = static_cast<std::size_t>(l) * k + i;
                    index < at.topId.size() && at.topId[index] == id)
                    rank = static_cast<double>(i) + 1;
            line.x << l;
            line.y << rank;
            isSeen |= std::isfinite(rank);
        }
        if (isSeen) lines << line;
        else ++missing;
    }
    m_plot->setLines(lines, false);
    m_plot->setLegend(true);
    m_plot->setMarker(layer);
    const QString depth = tr("watched tokens are drawn where they are among the %1 stored candidates").arg(data.topK);
    m_note->setText(!words.isEmpty() && (missing > 0 || watched.empty())
                        ? tr("not among the %1 candidates at this position").arg(data.topK)
                        : depth);
}

}  // namespace dubito::inspector
