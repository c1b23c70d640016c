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

QStringList RankView::watchedWords() const {
    QStringList out;
    for (const QString& word : m_watch->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) out << word.trimmed();
    return out;
}

namespace {

/// Ids of the words, or the last layer's best three.
std::vector<std::uint32_t> idsOf(const InspectorData& data, const Position& at, const QStringList& words) {
    std::vector<std::uint32_t> out;
    for (const QString& word : words)
        for (const auto& [id, text] : data.words)
            if (text.trimmed() == word) out.push_back(id);
    const auto k = static_cast<std::size_t>(std::max(1, data.topK));
    if (words.isEmpty())
        for (std::size_t i = 0; i < std::min<std::size_t>(3, k); ++i)
            if (const std::size_t index = static_cast<std::size_t>(data.layers) * k + i; index < at.topId.size())
                out.push_back(at.topId[index]);
    return out;
}

/// Rank of a token among the stored candidates of a layer; NaN: it is not one of them.
double storedRank(const Position& at, std::size_t layer, std::size_t k, std::uint32_t id) {
    for (std::size_t i = 0; i < k; ++i)
        if (const std::size_t index = layer * k + i; index < at.topId.size() && at.topId[index] == id)
            return static_cast<double>(i) + 1;
    return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

QVector<kit::PlotLine> rankLines(
    const InspectorData& data, const Sequence& sequence, int position, const QStringList& watched, int* missing) {
    constexpr int kMostLines = 8;
    const Position& at = sequence.positions[static_cast<std::size_t>(position)];
    const auto after = static_cast<std::size_t>(position) + 1;
    const Position* said = after < sequence.positions.size() ? &sequence.positions[after] : nullptr;
    QVector<kit::PlotLine> lines;
    *missing = 0;
    if (said) {
        kit::PlotLine line;
        line.name = RankView::tr("%1 (said)").arg(kit::tokenSign(said->text));
        for (int l = 0; l <= data.layers; ++l)
            if (const float rank = at.at(l, kRank); std::isfinite(rank))
                line.x << l, line.y << static_cast<double>(rank) + 1;
        lines << line;
    }
    int style = 1;
    for (const std::uint32_t id : idsOf(data, at, watched)) {
        if ((said && static_cast<std::int32_t>(id) == said->id) || style > kMostLines) continue;
        kit::PlotLine line;
        line.name = kit::tokenSign(data.wordOf(id));
        line.style = static_cast<std::size_t>(style++);
        bool isSeen = false;
        for (int l = 0; l <= data.layers; ++l) {
            line.x << l;
            line.y << storedRank(at, static_cast<std::size_t>(l), static_cast<std::size_t>(std::max(1, data.topK)), id);
            isSeen |= std::isfinite(line.y.last());
        }
        if (isSeen) lines << line;
        else ++*missing;
    }
    return lines;
}

void RankView::show(const InspectorData& data, const Sequence& sequence, int layer, int position) {
    if (position < 0 || position >= static_cast<int>(sequence.positions.size())) return;
    int missing = 0;
    const QStringList words = watchedWords();
    const auto lines = rankLines(data, sequence, position, words, &missing);
    m_plot->setLines(lines, false);
    m_plot->showLegend();
    m_plot->setMarker(layer);
    m_note->setText(!words.isEmpty() && (missing > 0 || lines.size() < 2)
                        ? tr("not among the %1 candidates at this position").arg(data.topK)
                        : tr("watched tokens are drawn where they are among the %1 stored candidates").arg(data.topK));
}

}  // namespace dubito::inspector
