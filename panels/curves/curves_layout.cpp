// Where charts stand, and what of the panel comes back.
#include <QResizeEvent>
#include <QToolButton>

#include <algorithm>
#include <cmath>

#include "curves/curves_panel.h"
#include "kit/flow_layout.h"

namespace dubito::curves {
namespace {

constexpr int kRoomOfTree = 760, kRoomOfTools = 240, kRoomOfLegend = 360;
constexpr int kMargins = 24, kLeastChart = 190, kLeastInLowPane = 110;

/// Charts a row: cells of a shape that a curve reads well in, and none too narrow.
int columnsFor(qsizetype charts, QSize room, int leastHeight) {
    constexpr int kLeastWidth = 270, kMostColumns = 4;
    constexpr double kShape = 1.8;
    int best = 1;
    double least = 1e9;
    for (int columns = 1; columns <= std::min<qsizetype>(kMostColumns, std::max<qsizetype>(1, charts)); ++columns) {
        const double width = static_cast<double>(room.width()) / columns;
        if (columns > 1 && width < kLeastWidth) break;
        const auto rows = (charts + columns - 1) / columns;
        const double height =
            std::max<double>(leastHeight, static_cast<double>(room.height()) / static_cast<double>(rows));
        const double off = std::abs(std::log(width / height / kShape));
        if (off < least - 1e-9) best = columns, least = off;
    }
    return best;
}

}  // namespace

void CurvesPanel::layOutCharts() {
    const bool hasRoom = width() >= kRoomOfTree;
    m_hasTree->setVisible(hasRoom);
    m_hasTree->setChecked(m_wantsTree);
    m_tree->setVisible(hasRoom && m_wantsTree);
    QVector<QWidget*> cards;
    for (const auto& card : m_charts) cards << card.get();
    // A low pane is given to the charts.
    m_legend->setMostRows(height() < kRoomOfLegend ? 1 : 3);
    const QSize room(width() - (m_tree->isVisibleTo(this) ? m_tree->width() : 0) - kMargins,
        m_scroll->viewport()->height() - kMargins);
    const int least = std::clamp(room.height(), kLeastInLowPane, kLeastChart);
    const int columns = columnsFor(cards.size(), room, least);
    for (int row = 0; row < m_grid->rowCount(); ++row) {
        m_grid->setRowStretch(row, 0);
        m_grid->setRowMinimumHeight(row, 0);
    }
    kit::layInColumns(m_grid, cards, columns);
    // Rows share the height; what does not fit scrolls.
    for (int row = 0; row < (cards.size() + columns - 1) / columns; ++row) {
        m_grid->setRowStretch(row, 1);
        m_grid->setRowMinimumHeight(row, least);
    }
    m_visible->start();
}

void CurvesPanel::resizeEvent(QResizeEvent* event) {
    Panel::resizeEvent(event);
    m_tools->setVisible(height() >= kRoomOfTools || !m_filter->text().isEmpty() || m_filter->hasFocus());
    layOutCharts();
}

bool CurvesPanel::eventFilter(QObject* watched, QEvent* event) {
    // The legend above took or gave a row.
    if (watched == m_scroll->viewport() && event->type() == QEvent::Resize)
        QTimer::singleShot(0, this, [this] { layOutCharts(); });
    return Panel::eventFilter(watched, event);
}

QJsonObject CurvesPanel::saveLayout() const {
    return {{QStringLiteral("x"), m_x->box()->currentData().toInt()},
        {QStringLiteral("axes"), m_axes->box()->currentData().toInt()},
        {QStringLiteral("smooth"), m_smooth->box()->currentData().toDouble()},
        {QStringLiteral("shared"), m_isShared->isChecked()}, {QStringLiteral("tree"), m_wantsTree},
        {QStringLiteral("filter"), m_filter->text()}};
}

void CurvesPanel::restoreLayout(const QJsonObject& layout) {
    const auto choose = [&layout](kit::LabelledChoice* choice, const char* name) {
        const QJsonValue value = layout.value(QLatin1String(name));
        if (const int at = value.isDouble() ? choice->box()->findData(value.toVariant()) : -1; at >= 0)
            choice->box()->setCurrentIndex(at);
    };
    choose(m_x, "x");
    choose(m_axes, "axes");
    choose(m_smooth, "smooth");
    m_isShared->setChecked(layout.value(QLatin1String("shared")).toBool(true));
    m_wantsTree = layout.value(QLatin1String("tree")).toBool(true);
    constexpr int kMostFilter = 200;
    m_filter->setText(layout.value(QLatin1String("filter")).toString().left(kMostFilter));
    layOutCharts();
}

}  // namespace dubito::curves
