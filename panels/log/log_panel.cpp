// The newest 5,000 lines; follows the end until the user scrolls up.
#include "log/log_panel.h"

#include <QDateTime>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

#include "base/log.h"
#include "kit/colours.h"

namespace dubito::log {

LogPanel::LogPanel(QWidget* parent)
    : Panel(QStringLiteral("log"), parent), m_text(new QPlainTextEdit), m_filter(new QLineEdit),
      m_level(new kit::LabelledChoice(tr("at least"))) {
    m_text->setReadOnly(true);
    m_text->setFont(kit::monoFont());
    m_text->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    m_text->document()->setDocumentMargin(8);
    m_text->setMaximumBlockCount(5000);
    m_text->setAccessibleName(tr("Log"));
    m_text->setFrameShape(QFrame::NoFrame);
    m_filter->setPlaceholderText(tr("text"));
    m_filter->setAccessibleName(tr("Filter log"));
    const QString levels[] = {tr("error"), tr("warning"), tr("info"), tr("debug"), tr("trace")};
    for (int level = 0; level < 5; ++level) m_level->box()->addItem(levels[level], level);
    m_level->box()->setCurrentIndex(3);
    auto* tools = new QHBoxLayout;
    tools->setContentsMargins(12, 10, 12, 8);
    tools->setSpacing(8);
    tools->addWidget(m_level);
    tools->addWidget(m_filter, 1);
    m_states = new kit::StateView(m_text);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(tools);
    layout->addWidget(m_states, 1);
    connect(m_filter, &QLineEdit::textChanged, this, [this] { load(); });
    connect(m_level->box(), &QComboBox::currentIndexChanged, this, [this] { load(); });
}

void LogPanel::onAttached() {
    if (!context().readers) {
        m_states->showEmpty(tr("No project is open."));
        return;
    }
    connect(context().selection, &kit::Selection::runsChanged, this, [this] { load(); });
    auto* reload = new QTimer(this);
    reload->setSingleShot(true);
    reload->setInterval(200);
    connect(reload, &QTimer::timeout, this, [this] { load(); });
    connect(context().events, &kit::RunEvents::committed, this, [this, reload](qint64 runNo) {
        if (isVisible() && context().selection->runs().contains(runNo) && !reload->isActive()) reload->start();
    });
    load();
}

void LogPanel::load() {
    if (!context().readers || !isVisible()) return;
    const QVector<qint64> selected = context().selection->runs();
    const std::vector<std::int64_t> runs(selected.begin(), selected.end());
    const int level = m_level->box()->currentData().toInt(), generation = ++m_generation;
    const std::string text = m_filter->text().toStdString();
    if (runs.empty()) {
        m_rows.clear();
        Q_EMIT showingChanged();
        m_states->showEmpty(tr("Select runs in the table."));
        return;
    }
    kit::asyncQuery<Lines>(
        context(), this, [runs, level, text](store::Database& db) { return query(db, runs, level, text); },
        [this, generation](Result<Lines> lines) {
            if (generation != m_generation) return;
            if (!lines) {
                m_states->showError(lines.error(), [this] { load(); });
                return;
            }
            show(std::move(*lines));
        });
}

Result<LogPanel::Lines> LogPanel::query(
    store::Database& db, const std::vector<std::int64_t>& runs, int level, const std::string& text) {
    Lines out;
    DUBITO_TRY(out.rows, store::queryLog(db, runs, level, text, 5000));
    for (const auto& row : out.rows) {
        if (out.names.contains(row.runNo)) continue;
        DUBITO_TRY(const auto run, store::findRun(db, row.runNo));
        out.names[row.runNo] = run ? QString::fromStdString(run->name()) : QString::number(row.runNo);
    }
    return out;
}

/// Time, level, the run where there are several, text.
QString LogPanel::lineOf(const store::LogRow& row, bool hasName) const {
    constexpr int kMostName = 20;
    QString name = m_names.value(row.runNo);
    if (name.size() > kMostName) name = name.left(kMostName - 1) + QChar(0x2026);
    return QDateTime::fromMSecsSinceEpoch(row.timeUs / 1000).toString(QStringLiteral("HH:mm:ss.zzz")) +
           QStringLiteral("  ") +
           QString::fromUtf8(levelName(static_cast<LogLevel>(row.level)).data()).leftJustified(6) +
           (hasName ? name.leftJustified(kMostName) + QStringLiteral("  ") : QString()) +
           QString::fromStdString(row.text) + QLatin1Char('\n');
}

void LogPanel::show(Lines lines) {
    m_rows = std::move(lines.rows);
    m_names = std::move(lines.names);
    Q_EMIT showingChanged();
    if (m_rows.empty()) {
        m_states->showEmpty(tr("No lines at this level."));
        return;
    }
    m_states->showContent();
    auto* bar = m_text->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum() - 2;
    const int place = bar->value();
    QString all;
    const bool hasName = context().selection->runs().size() > 1;
    for (const auto& row : m_rows) all += lineOf(row, hasName);
    m_text->setPlainText(all);
    bar->setValue(atEnd ? bar->maximum() : place);
}

QString LogPanel::showing() const {
    return m_rows.empty() ? QString() : tr("%n line(s)", nullptr, static_cast<int>(m_rows.size()));
}

kit::DataTable LogPanel::dataTable() const {
    kit::DataTable table;
    table.title = tr("Log");
    table.columns = {tr("time"), tr("level"), tr("run"), tr("text")};
    for (const auto& row : m_rows)
        table.rows << QStringList{QDateTime::fromMSecsSinceEpoch(row.timeUs / 1000).toString(Qt::ISODateWithMs),
            QString::fromUtf8(levelName(static_cast<LogLevel>(row.level)).data()), m_names.value(row.runNo),
            QString::fromStdString(row.text)};
    return table;
}

}  // namespace dubito::log
