// Actions are known at once; runs and metrics arrive from the store.
#include "command_palette.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

#include "action_registry.h"
#include "application.h"
#include "main_window.h"

namespace dubito::app {

int fuzzyScore(const QString& part, const QString& text) {
    int score = 0, at = 0, streak = 0;
    for (const QChar wanted : part) {
        if (wanted.isSpace()) continue;
        int found = at;
        while (found < text.size() && text[found].toLower() != wanted.toLower()) ++found;
        if (found == text.size()) return -1;
        streak = found == at ? streak + 1 : 0;
        score += 10 - std::min(8, found - at) + 3 * streak + (found == 0 || text[found - 1].isSpace() ? 6 : 0);
        at = found + 1;
    }
    return score;
}

CommandPalette::CommandPalette(Application& application, ActionRegistry& actions, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_application(application), m_actions(actions), m_box(new QLineEdit),
      m_list(new QListWidget) {
    setAttribute(Qt::WA_DeleteOnClose);
    setAccessibleName(tr("Search anything"));
    m_box->setPlaceholderText(tr("actions, runs, metrics   (> @ #)"));
    m_box->setAccessibleName(tr("Search"));
    m_box->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("Results"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_box);
    layout->addWidget(m_list);
    resize(560, 400);
    move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 60)));
    connect(m_box, &QLineEdit::textChanged, this, [this] { filter(); });
    connect(m_list, &QListWidget::itemClicked, this, [this] { choose(); });
    loadEntries();
    filter();
    m_box->setFocus();
}

void CommandPalette::loadEntries() {
    for (const auto& record : m_actions.records()) {
        QAction* action = m_actions.action(record.id);
        const QString words = QCoreApplication::translate("Actions", record.keywords) + QLatin1Char(' ') +
                              QString::fromLatin1(record.text) + QLatin1Char(' ') +
                              QString::fromLatin1(record.keywords);
        m_entries.append({m_actions.title(record), action->shortcut().toString(QKeySequence::NativeText),
            record.id + QLatin1Char(' ') + words, 0, 0, action->isEnabled()});
    }
    struct Found {
        std::vector<store::RunRow> runs;
        std::vector<std::string> metrics;
    };
    kit::asyncQuery<Found>(
        m_application.panelContext(), this,
        [](store::Database& db) -> Result<Found> {
            Found out;
            store::RunQuery query;
            query.limit = 2000;
            DUBITO_TRY(out.runs, store::queryRuns(db, query));
            DUBITO_TRY(store::Statement names,
                db.prepare(
                    "SELECT DISTINCT n.text FROM series s JOIN name n USING(name_no) WHERE s.kind=33 LIMIT 5000"));
            DUBITO_CHECK(names.forEach([&] { out.metrics.push_back(names.text(0)); }));
            return out;
        },
        [this](Result<Found> found) {
            if (!found) return;
            for (const auto& run : found->runs)
                m_entries.append(
                    {QString::fromStdString(run.name()), QString::fromStdString(run.system), {}, 1, run.runNo, true});
            for (const auto& metric : found->metrics)
                m_entries.append({QString::fromStdString(metric), tr("metric"), {}, 2, 0, true});
            filter();
        });
}

void CommandPalette::filter() {
    QString text = m_box->text();
    int kind = -1;
    if (text.startsWith(QLatin1Char('>'))) kind = 0;
    if (text.startsWith(QLatin1Char('@'))) kind = 1;
    if (text.startsWith(QLatin1Char('#'))) kind = 2;
    if (kind >= 0) text.remove(0, 1);
    QVector<std::pair<int, int>> scored;
    for (int i = 0; i < m_entries.size(); ++i) {
        const Entry& entry = m_entries[i];
        if (kind >= 0 && entry.kind != kind) continue;
        const int score = std::max(fuzzyScore(text, entry.text) * 2, fuzzyScore(text, entry.key));
        if (score >= 0) scored.append({-score, i});
    }
    std::stable_sort(scored.begin(), scored.end());
    m_list->clear();
    m_shown.clear();
    for (const auto& [score, i] : scored.mid(0, 60)) {
        const Entry& entry = m_entries[i];
        auto* item = new QListWidgetItem(
            entry.detail.isEmpty() ? entry.text : entry.text + QStringLiteral("    ") + entry.detail, m_list);
        if (!entry.enabled)
            item->setFlags(Qt::NoItemFlags),
                item->setText(item->text() + QStringLiteral("    ") + tr("not possible now"));
        m_shown << i;
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::choose() {
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_shown.size()) return;
    const Entry entry = m_entries[m_shown[row]];
    if (!entry.enabled) return;
    close();
    if (entry.kind == 0) m_actions.trigger(entry.key.section(QLatin1Char(' '), 0, 0));
    if (entry.kind == 1) m_application.selection()->setRuns({entry.runNo});
    if (entry.kind == 2)
        m_application.selection()->setMetric(entry.text), m_application.window()->showPanel(QStringLiteral("curves"));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
        if (step) {
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            choose();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

}  // namespace dubito::app
