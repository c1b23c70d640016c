// Entries keep their width when values change, so that nothing jumps under the pointer.
#include "curves/run_legend.h"

#include <QMouseEvent>
#include <QPainter>
#include <QToolButton>

#include <algorithm>

#include "kit/colours.h"
#include "kit/user_size.h"

namespace dubito::curves {
namespace {

constexpr int kSwatch = 18, kMostName = 140, kValue = 66, kHeight = 22, kGap = 5, kPlace = 190;

}  // namespace

LegendEntry::LegendEntry(const RunMark& run, QWidget* parent) : QAbstractButton(parent), m_run(run) {
    setCheckable(true);
    setChecked(true);
    setText(run.name);
    setAccessibleName(run.name);
    setToolTip(kit::plainToolTip(
        tr("%1\nA click hides the run, or shows it again; Ctrl+click shows it alone.").arg(run.name)));
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

void LegendEntry::setValue(const QString& value) {
    if (value == m_value) return;
    m_value = value;
    setAccessibleDescription(value);
    update();
}

QSize LegendEntry::sizeHint() const {
    const int name = std::min(kit::userSize(kMostName), fontMetrics().horizontalAdvance(m_run.name) + 2);
    return {kGap + kSwatch + kGap + name + kGap + kit::userSize(kValue) + kGap, kit::userSize(kHeight)};
}

void LegendEntry::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const kit::Palette& colours = kit::palette();
    if (underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(colours.accent, 1) : QPen(Qt::NoPen));
        painter.setBrush(underMouse() ? QBrush(colours.hover) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    }
    const auto style = static_cast<std::size_t>(std::max(0, m_run.slot));
    const double middle = height() / 2.0;
    if (isChecked()) {
        painter.setPen(QPen(kit::seriesColour(style), 3, kit::seriesDash(style), Qt::FlatCap));
        painter.drawLine(QPointF(kGap, middle), QPointF(kGap + kSwatch, middle));
    } else {
        painter.setPen(QPen(colours.idle, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(kGap + 0.5, middle - 2.5, kSwatch - 1, 5));
    }
    QFont name = font();
    name.setStrikeOut(!isChecked());
    painter.setFont(name);
    painter.setPen(isChecked() ? colours.text : colours.faint);
    const int value = kit::userSize(kValue), left = kGap + kSwatch + kGap, right = width() - kGap - value - kGap;
    painter.drawText(QRect(left, 0, right - left, height()), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(name).elidedText(m_run.name, Qt::ElideMiddle, right - left));
    painter.setFont(kit::monoFont(11));
    painter.setPen(isChecked() ? colours.text : colours.faint);
    painter.drawText(QRect(width() - kGap - value, 0, value, height()), Qt::AlignRight | Qt::AlignVCenter, m_value);
}

void LegendEntry::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && (event->modifiers() & Qt::ControlModifier) && hitButton(event->pos())) {
        setDown(false);
        Q_EMIT soloAsked();
        return;
    }
    QAbstractButton::mouseReleaseEvent(event);
}

void LegendEntry::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
    Q_EMIT entered(true);
}

void LegendEntry::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
    Q_EMIT entered(false);
}

RunLegend::RunLegend(QWidget* parent)
    : QScrollArea(parent), m_inside(new QWidget), m_flow(new kit::FlowLayout(m_inside)), m_place(new kit::ElidedLabel),
      m_all(kit::wordButton(tr("All"))), m_none(kit::wordButton(tr("None"))) {
    setAccessibleName(tr("Legend"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    m_inside->setProperty("role", "page");
    m_flow->setContentsMargins(12, 0, 12, 4);
    m_flow->setSpacing(6);
    m_place->setProperty("role", "faint");
    m_place->setFixedWidth(kit::userSize(kPlace));
    m_all->setAccessibleName(tr("Show all runs"));
    m_none->setAccessibleName(tr("Hide all runs"));
    m_flow->addWidget(m_place);
    m_flow->addWidget(m_all);
    m_flow->addWidget(m_none);
    setWidget(m_inside);
    connect(m_all, &QToolButton::clicked, this, [this] { hideAll(false); });
    connect(m_none, &QToolButton::clicked, this, [this] { hideAll(true); });
}

void RunLegend::setRuns(const QVector<RunMark>& runs) {
    QSet<qint64> kept;
    for (const RunMark& run : runs)
        if (m_hidden.contains(run.runNo)) kept.insert(run.runNo);
    m_hidden = kept;
    setVisible(!runs.isEmpty());
    if (runs != m_runs) {
        m_runs = runs;
        qDeleteAll(m_entries);
        m_entries.clear();
        for (const RunMark& run : runs) {
            auto* entry = new LegendEntry(run);
            m_flow->addWidget(entry);
            m_entries << entry;
            connect(entry, &LegendEntry::clicked, this, [this, runNo = run.runNo](bool isOn) {
                if (isOn) m_hidden.remove(runNo);
                else m_hidden.insert(runNo);
                follow();
            });
            connect(entry, &LegendEntry::soloAsked, this, [this, runNo = run.runNo] { showOnly(runNo); });
            connect(entry, &LegendEntry::entered, this,
                [this, runNo = run.runNo](bool isInside) { Q_EMIT highlighted(isInside ? runNo : 0); });
        }
        fitWords();
        fitHeight();
    }
    for (LegendEntry* entry : std::as_const(m_entries)) entry->setChecked(!m_hidden.contains(entry->run().runNo));
}

void RunLegend::setValues(const QString& place, const QHash<qint64, QString>& values) {
    m_place->setText(place);
    for (LegendEntry* entry : std::as_const(m_entries))
        entry->setValue(values.value(entry->run().runNo, QStringLiteral("–")));
}

void RunLegend::setMostRows(int rows) {
    m_mostRows = rows;
    fitWords();
    fitHeight();
}

void RunLegend::fitWords() {
    // One row is for the runs.
    m_place->setVisible(m_mostRows > 1);
    m_all->setVisible(m_runs.size() > 1 && m_mostRows > 1);
    m_none->setVisible(m_runs.size() > 1 && m_mostRows > 1);
}

void RunLegend::hideAll(bool on) {
    m_hidden.clear();
    if (on)
        for (const RunMark& run : std::as_const(m_runs)) m_hidden.insert(run.runNo);
    follow();
}

void RunLegend::showOnly(qint64 runNo) {
    hideAll(true);
    m_hidden.remove(runNo);
    follow();
}

void RunLegend::follow() {
    for (LegendEntry* entry : std::as_const(m_entries)) entry->setChecked(!m_hidden.contains(entry->run().runNo));
    Q_EMIT hiddenChanged();
}

void RunLegend::fitHeight() {
    const int wanted = m_flow->heightForWidth(viewport()->width());
    setFixedHeight(std::min(wanted, m_mostRows * (kit::userSize(kHeight) + 6)));
}

void RunLegend::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    fitHeight();
}

bool RunLegend::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::LayoutRequest) fitHeight();
    return QScrollArea::viewportEvent(event);
}

}  // namespace dubito::curves
