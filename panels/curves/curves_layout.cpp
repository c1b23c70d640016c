// The row of tools, where charts stand, and what of the panel comes back.
#include <QResizeEvent>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "curves/curves_panel.h"
#include "kit/colours.h"
#include "kit/flow_layout.h"
#include "kit/term.h"
#include "kit/user_size.h"

namespace dubito::curves {
namespace {

constexpr int kRoomOfTree = 760, kRoomOfTools = 240, kRoomOfLegend = 360;
constexpr int kWidthOfTree = 176, kMargin = 12, kSpacing = 10, kMargins = 2 * kMargin;
constexpr int kLeastChart = 190, kLeastInLowPane = 110;

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

void CurvesPanel::buildTools() {
    m_filter->setPlaceholderText(tr("filter metrics"));
    m_filter->setAccessibleName(tr("Filter metrics"));
    m_filter->setToolTip(tr("Key: /"));
    m_filter->setFont(kit::monoFont());
    m_filter->setFixedWidth(kit::userSize(124));
    for (const XKind kind : {XKind::Step, XKind::Elapsed, XKind::Clock, XKind::Tokens})
        m_x->box()->addItem(kind == XKind::Elapsed ? tr("elapsed") : axisTitle(kind), static_cast<int>(kind));
    const QString axes[] = {tr("linear"), tr("log y"), tr("log x"), tr("log both")};
    for (int i = 0; i < 4; ++i) m_axes->box()->addItem(axes[i], i);
    kit::explain(m_smooth, QStringLiteral("exponential smoothing"));
    m_smooth->box()->addItem(tr("off"), 0.0);
    for (const double weight : {0.6, 0.9, 0.99}) m_smooth->box()->addItem(tr("%1 per point").arg(weight), weight);
    m_group->box()->addItem(tr("off"), -1);
    m_group->box()->addItem(tr("seeds"), static_cast<int>(stats::Centre::Median));
    m_group->box()->addItem(tr("seeds, mean"), static_cast<int>(stats::Centre::Mean));
    m_group->box()->addItem(tr("seeds, IQM"), static_cast<int>(stats::Centre::InterquartileMean));
    m_group->setToolTip(
        tr("One line for all seeds of a configuration: their median, mean or interquartile mean (IQM), with a 95 % "
           "bootstrap over those that reach a place."));
    m_eachRun->setCheckable(true);
    m_eachRun->setAccessibleName(m_eachRun->text());
    m_eachRun->setToolTip(tr("The line of each seed too, thin."));
    m_eachRun->hide();
    m_isShared->setCheckable(true);
    m_isShared->setChecked(true);
    m_isShared->setToolTip(tr("Zoom and pan all charts together."));
    m_hasTree->setCheckable(true);
    m_hasTree->setToolTip(tr("The metrics as a tree."));
    auto* tools = new kit::FlowLayout(m_tools);
    tools->setContentsMargins(kMargin, 8, kMargin, 6);
    tools->setSpacing(8);
    for (QWidget* tool :
        std::initializer_list<QWidget*>{m_hasTree, m_filter, m_group, m_eachRun, m_x, m_axes, m_smooth, m_isShared})
        tools->addWidget(tool);
}

QWidget* CurvesPanel::buildCharts() {
    auto* inside = new QWidget;
    inside->setProperty("role", "canvas");
    m_grid = new QGridLayout(inside);
    m_grid->setContentsMargins(kMargin, 4, kMargin, kMargin);
    m_grid->setSpacing(kSpacing);
    m_scroll->setWidget(inside);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setAccessibleName(tr("Charts"));
    m_scroll->viewport()->installEventFilter(this);
    m_tree->setFixedWidth(kit::userSize(kWidthOfTree));
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addWidget(m_legend);
    right->addWidget(m_scroll, 1);
    auto* row = new QHBoxLayout(m_body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_tree);
    row->addLayout(right, 1);
    m_tree->hide();
    m_legend->hide();
    return m_body;
}

void CurvesPanel::followTools() {
    connect(m_filter, &QLineEdit::textChanged, this, [this] { showChosen(); });
    connect(m_tree, &MetricTree::chosenChanged, this, [this] { showChosen(); });
    for (auto* choice : {m_group, m_x, m_axes, m_smooth})
        connect(choice->box(), &QComboBox::currentIndexChanged, this, [this] { applyStyle(); });
    connect(m_eachRun, &QToolButton::toggled, this, [this] { applyStyle(); });
    connect(m_hasTree, &QToolButton::clicked, this, [this](bool on) {
        m_wantsTree = on;
        m_tree->setVisible(on);
        layOutCharts();
    });
    connect(m_legend, &RunLegend::hiddenChanged, this, [this] {
        redraw();
        Q_EMIT showingChanged();
    });
    connect(m_legend, &RunLegend::highlighted, this, [this](qint64 runNo) {
        for (auto& card : m_charts)
            if (runNo == 0 || !card->visibleRegion().isEmpty()) card->plot()->setHighlight(runNo);
    });
    connect(m_scroll->verticalScrollBar(), &QScrollBar::valueChanged, this, [this] { m_visible->start(); });
}

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
        {QStringLiteral("group"), m_group->box()->currentData().toInt()},
        {QStringLiteral("each"), m_eachRun->isChecked()}, {QStringLiteral("shared"), m_isShared->isChecked()},
        {QStringLiteral("tree"), m_wantsTree}, {QStringLiteral("filter"), m_filter->text()}};
}

void CurvesPanel::restoreLayout(const QJsonObject& layout) {
    const auto choose = [&layout](kit::LabelledChoice* choice, const char* name) {
        const QJsonValue value = layout.value(QLatin1String(name));
        if (const int at = value.isDouble() ? choice->box()->findData(value.toVariant()) : -1; at >= 0)
            choice->box()->setCurrentIndex(at);
    };
    choose(m_group, "group");
    m_eachRun->setChecked(layout.value(QLatin1String("each")).toBool());
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
