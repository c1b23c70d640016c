// Follows the leading run of the selection.
#include "runs/run_card.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/flow_layout.h"
#include "kit/run_words.h"
#include "run/run_state.h"

namespace dubito::runs {
namespace {

constexpr int kMostRows = 200, kLongestValue = 22, kLongestTip = 1000;

struct Card {
    store::RunRow row;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<store::MetricRow> metrics;
    std::vector<store::AttemptRow> attempts;
    std::vector<std::string> tags;
    std::string note;
};

Result<Card> loadCard(store::Database& db, std::int64_t runNo) {
    Card card;
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (!row) return Error(Code::NotFound, "the run is gone");
    card.row = *row;
    DUBITO_TRY(card.parameters, store::queryParameters(db, runNo));
    DUBITO_TRY(card.metrics, store::queryMetrics(db, runNo));
    DUBITO_TRY(card.attempts, store::queryAttempts(db, runNo));
    DUBITO_TRY(card.tags, store::queryTags(db, runNo));
    DUBITO_TRY(card.note, store::queryNote(db, runNo));
    return card;
}

/// A person's words, as they are.
QLabel* plainText(const QString& text, const char* role) {
    auto* label = new QLabel(kit::breakable(text));
    label->setTextFormat(Qt::PlainText);
    label->setProperty("role", role);
    label->setWordWrap(true);
    return label;
}

QString subOf(const Card& card, int others) {
    if (others > 0) return RunCard::tr("and %n other run(s)", nullptr, others);
    QStringList lines{kit::stateWord(card.row.state)};
    if (const QString progress = kit::progressWord(card.row); !progress.isEmpty())
        lines[0] += QStringLiteral(", ") + progress;
    if (card.row.star) lines[0].prepend(QStringLiteral("★ "));
    const QString detail = kit::endWords(card.row.detail).section(QLatin1Char('\n'), 0, 2);
    if (!detail.isEmpty()) lines << detail;
    return lines.join(QLatin1Char('\n'));
}

QWidget* rowsOf(const Card& card, const QHash<QString, QString>& titles) {
    auto* out = new QWidget;
    auto* rows = new QVBoxLayout(out);
    rows->setContentsMargins(0, 4, 0, 0);
    rows->setSpacing(2);
    int made = 0;
    const auto section = [&](const QString& name) {
        rows->addSpacing(8);
        rows->addWidget(kit::caption(name));
    };
    const auto pair = [&](const QString& key, const std::string& value, const QString& name = {}) {
        if (++made > kMostRows) return;
        const QString full = QString::fromStdString(value).left(kLongestTip);
        QString text = full;
        if (text.size() > kLongestValue) text = text.left(kLongestValue - 2) + QStringLiteral("…");
        const bool isCut = text != full;
        const QString more = !name.isEmpty() ? QStringLiteral("%1 = %2").arg(key, full) : isCut ? full : QString();
        rows->addWidget(kit::keyValueRow(name.isEmpty() ? key : name, kit::mono(text), more));
    };
    if (!card.note.empty()) {
        section(RunCard::tr("Note"));
        rows->addWidget(plainText(QString::fromStdString(card.note), "note"));
    }
    if (!card.tags.empty()) {
        QStringList tags;
        for (const auto& tag : card.tags) tags << QLatin1Char('#') + QString::fromStdString(tag);
        section(RunCard::tr("Tags"));
        rows->addWidget(plainText(tags.join(QStringLiteral("  ")), "sub"));
    }
    if (!card.metrics.empty()) section(RunCard::tr("Metrics, last value"));
    for (const auto& metric : card.metrics)
        pair(QString::fromStdString(metric.key),
            kit::shortNumber(metric.last).toStdString() +
                (metric.unit.empty() || metric.unit == "1" ? "" : " " + metric.unit));
    section(RunCard::tr("Parameters"));
    for (const auto& [name, value] : card.parameters) {
        if (value.empty()) continue;  // nothing was said there
        const QString key = QString::fromStdString(name);
        pair(key, value, titles.value(key));
    }
    made = 0;
    section(RunCard::tr("Provenance"));
    pair(RunCard::tr("spec"), card.row.specHash.substr(0, 12) + "…");
    pair(RunCard::tr("plugin"), card.row.pluginId + " " + card.row.pluginVersion);
    pair(RunCard::tr("seed"), std::to_string(card.row.seed));
    if (!card.attempts.empty() && !card.attempts.back().device.empty())
        pair(RunCard::tr("device"), card.attempts.back().device);
    return out;
}

}  // namespace

RunCard::RunCard(const kit::PanelContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_title(new QLabel(tr("No run is selected."))), m_sub(new QLabel),
      m_buttons(new QWidget), m_rows(new QWidget), m_reload(new QTimer(this)) {
    auto* card = new QVBoxLayout(this);
    card->setContentsMargins(0, 0, 0, 0);
    m_title->setProperty("role", "heading");
    m_title->setWordWrap(true);
    m_title->setTextFormat(Qt::PlainText);
    m_sub->setTextFormat(Qt::PlainText);
    m_sub->setProperty("role", "sub");
    m_sub->setWordWrap(true);
    card->addWidget(m_title);
    card->addWidget(m_sub);
    auto* buttons = new kit::FlowLayout(m_buttons);
    buttons->setContentsMargins(0, 4, 0, 0);
    buttons->setSpacing(8);
    const auto button = [&](const QString& text, const QString& action, bool isPrimary) {
        auto* one = new QPushButton(text);
        if (isPrimary) one->setProperty("role", "primary");
        connect(one, &QPushButton::clicked, this, [this, action] { m_context.trigger(action); });
        buttons->addWidget(one);
        return one;
    };
    button(tr("Repeat with changes…"), QStringLiteral("run.repeat"), true);
    button(tr("Open"), QStringLiteral("run.open"), false);
    m_stop = button(tr("Stop"), QStringLiteral("run.cancel"), false);
    button(tr("Note…"), QStringLiteral("edit.note"), false);
    button(tr("Tags…"), QStringLiteral("edit.tags"), false);
    card->addWidget(m_buttons);
    card->addWidget(m_rows);
    card->addStretch();
    m_buttons->hide();
    m_reload->setSingleShot(true);
    m_reload->setInterval(250);
    connect(m_reload, &QTimer::timeout, this, [this] { load(); });
    connect(context.selection, &kit::Selection::runsChanged, this, [this] { load(); });
    const auto later = [this](qint64 runNo) {
        // 0: an edit, of whatever run.
        const bool isOurs = runNo == 0 || runNo == m_context.selection->leadingRun();
        if (isVisible() && isOurs && !m_reload->isActive()) m_reload->start();
    };
    connect(context.events, &kit::RunEvents::committed, this, later);
    connect(context.events, &kit::RunEvents::stateChanged, this, later);
}

void RunCard::showEvent(QShowEvent*) { load(); }

void RunCard::clear(const QString& sentence) {
    m_shown = 0;
    m_title->setText(sentence);
    m_sub->hide();
    m_buttons->hide();
    m_rows->hide();
}

void RunCard::load() {
    if (!isVisible()) return;
    const qint64 runNo = m_context.selection->leadingRun();
    const int generation = ++m_generation;
    if (!runNo) return clear(tr("No run is selected."));
    if (runNo != m_shown) clear({});
    kit::asyncQuery<Card>(
        m_context, this, [runNo](store::Database& db) { return loadCard(db, runNo); },
        [this, generation, runNo](Result<Card> card) {
            if (generation != m_generation) return;
            if (!card) return clear(kit::breakable(QString::fromStdString(card.error().text())));
            m_shown = runNo;
            const int others = static_cast<int>(m_context.selection->runs().size()) - 1;
            m_title->setText(kit::breakable(QString::fromStdString(card->row.name())));
            m_sub->setText(kit::breakable(subOf(*card, others)));
            m_sub->setVisible(!m_sub->text().isEmpty());
            m_buttons->show();
            const bool isOver = others == 0 && run::isFinal(static_cast<run::RunState>(card->row.state));
            m_stop->setEnabled(!isOver);
            m_stop->setToolTip(isOver ? tr("The run is over.") : QString());
            QWidget* fresh = rowsOf(
                *card, m_context.parameterTitles ? m_context.parameterTitles(card->row) : QHash<QString, QString>());
            delete layout()->replaceWidget(m_rows, fresh);
            m_rows->deleteLater();
            m_rows = fresh;
        });
}

}  // namespace dubito::runs
