// Actions are known at once; runs and metrics arrive from the store.
#include "command_palette.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QRegularExpression>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

#include "action_registry.h"
#include "application.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/user_size.h"
#include "main_window.h"

namespace dubito::app {
namespace {

constexpr int kMostShown = 60, kRowHeight = 26, kWidth = 620, kHeight = 420;
constexpr int kDetail = Qt::UserRole, kIsEnabled = Qt::UserRole + 1;

/// Name at the left, detail at the right; both are cut rather than scrolled to.
class RowDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {10, kit::userSize(kRowHeight)};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const kit::Palette& c = kit::palette();
        const bool isCurrent = option.state & QStyle::State_Selected, isEnabled = index.data(kIsEnabled).toBool();
        if (isCurrent) painter->fillRect(option.rect, c.accentBg);
        const QRect room = option.rect.adjusted(10, 0, -10, 0);
        const QString text = index.data().toString(), detail = index.data(kDetail).toString();
        const int wanted = option.fontMetrics.horizontalAdvance(text);
        // The name has its room first, but leaves a reason half of the row.
        const int forDetail = std::min(
            option.fontMetrics.horizontalAdvance(detail) + 4, std::max(room.width() - wanted - 16, room.width() / 2));
        const QRect right(room.right() - forDetail, room.top(), forDetail, room.height());
        const QRect left(room.left(), room.top(), room.width() - forDetail - 16, room.height());
        painter->save();
        painter->setFont(option.font);
        painter->setPen(isEnabled ? c.text : c.faint);
        painter->drawText(left, Qt::AlignVCenter, option.fontMetrics.elidedText(text, Qt::ElideMiddle, left.width()));
        painter->setPen(c.sub);
        painter->drawText(right, Qt::AlignVCenter | Qt::AlignRight,
            option.fontMetrics.elidedText(detail, Qt::ElideRight, right.width()));
        painter->restore();
    }
};

bool beginsAWord(const QString& part, const QString& text) {
    for (int at = text.indexOf(part, 0, Qt::CaseInsensitive); at >= 0;
         at = text.indexOf(part, at + 1, Qt::CaseInsensitive))
        if (at == 0 || !text[at - 1].isLetterOrNumber()) return true;
    return false;
}

QString initials(const QString& text) {
    QString out;
    for (int i = 0; i < text.size(); ++i)
        if (text[i].isLetterOrNumber() && (i == 0 || !text[i - 1].isLetterOrNumber())) out += text[i];
    return out;
}

}  // namespace

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

int matchTier(const QString& part, const QString& title, const QString& keywords) {
    if (title.startsWith(part, Qt::CaseInsensitive)) return 4;
    if (beginsAWord(part, title)) return 3;
    if (initials(title).startsWith(part, Qt::CaseInsensitive) || beginsAWord(part, keywords)) return 2;
    if (title.contains(part, Qt::CaseInsensitive)) return 1;
    return fuzzyScore(part, title) >= 0 ? 0 : -1;
}

CommandPalette::CommandPalette(Application& application, ActionRegistry& actions, QWidget* parent)
    : QDialog(parent, Qt::Dialog | Qt::FramelessWindowHint), m_application(application), m_actions(actions),
      m_box(new QLineEdit), m_list(new QListWidget) {
    setAttribute(Qt::WA_DeleteOnClose);
    setAccessibleName(tr("Search anything"));
    m_box->setPlaceholderText(tr("actions, runs, metrics   (> actions  @ runs  # metrics  : step or layer)"));
    m_box->setAccessibleName(tr("Search"));
    m_box->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("Results"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setItemDelegate(new RowDelegate(m_list));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(9, 9, 9, 9);
    layout->addWidget(m_box);
    layout->addWidget(m_list);
    resize(std::min(kWidth, parent->width() - 40), std::min(kHeight, parent->height() - 100));
    move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 60)));
    connect(m_box, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::choose);
    loadActions();
    loadProject();
    filter();
    m_box->setFocus();
}

/// Not a popup: those are in no list of windows, and assistive tools would see nothing of it.
void CommandPalette::changeEvent(QEvent* event) {
    QDialog::changeEvent(event);
    if (event->type() != QEvent::ActivationChange) return;
    if (isActiveWindow()) m_wasActive = true;
    else if (m_wasActive) close();
}

void CommandPalette::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(kit::palette().ring);
    painter.setBrush(kit::palette().surface);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void CommandPalette::loadActions() {
    m_actions.refresh();
    QHash<QString, int> ages;
    for (const HistoryEntry& entry : m_application.history())
        if (!ages.contains(entry.id)) ages.insert(entry.id, static_cast<int>(ages.size()));
    for (const auto& record : m_actions.records()) {
        if (record.id == QLatin1String("view.palette")) continue;
        const QAction* action = m_actions.action(record.id);
        Entry entry;
        entry.text = m_actions.title(record);
        entry.key = record.id;
        QString english = kit::withoutMnemonic(QString::fromLatin1(record.text));
        if (record.number) english = english.arg(record.number);
        entry.keywords = QCoreApplication::translate("Actions", record.keywords) + QLatin1Char(' ') + english +
                         QLatin1Char(' ') + QString::fromLatin1(record.keywords);
        entry.age = ages.value(record.id, -1);
        entry.isEnabled = action->isEnabled();
        entry.detail =
            entry.isEnabled ? action->shortcut().toString(QKeySequence::NativeText) : m_actions.whyDisabled(record);
        m_entries.append(entry);
    }
}

void CommandPalette::loadProject() {
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
            for (const auto& run : found->runs) {
                Entry entry{Kind::Run, QString::fromStdString(run.name())};
                entry.detail = tr("run %1 · %2").arg(run.runNo).arg(QString::fromStdString(run.system));
                entry.keywords = QString::number(run.runNo) + QLatin1Char(' ') + QString::fromStdString(run.pluginId);
                entry.number = run.runNo;
                m_entries.append(entry);
            }
            for (const auto& metric : found->metrics)
                m_entries.append({Kind::Metric, QString::fromStdString(metric), tr("metric")});
            filter();
        });
}

/// ":12", ":step 12", ":layer 12": what the number may mean.
QVector<CommandPalette::Entry> CommandPalette::placesFor(const QString& text) const {
    static const QRegularExpression form(QStringLiteral("^\\s*([A-Za-z]*)\\s*([0-9]{1,18})?\\s*$"));
    const auto match = form.match(text);
    if (!match.hasMatch()) return {};
    const QString word = match.captured(1), number = match.captured(2);
    QVector<Entry> out;
    const auto offer = [&](Kind kind, const char* name, const QString& title, const QString& what,
                           const QString& reason) {
        if (!QString::fromLatin1(name).startsWith(word, Qt::CaseInsensitive)) return;
        Entry entry{kind, number.isEmpty() ? what : title.arg(number), reason};
        entry.number = number.toLongLong();
        entry.isEnabled = !number.isEmpty() && reason.isEmpty();
        out << entry;
    };
    const kit::CursorRange range = m_application.window()->cursorRange();
    const QString noAxis = range.last < 0                     ? tr("Nothing in front has steps.")
                           : number.toLongLong() > range.last ? tr("The last step is %1.").arg(range.last)
                                                              : QString();
    offer(Kind::Step, "step", tr("Go to step %1"), tr("Go to step …"), noAxis);
    offer(Kind::Layer, "layer", tr("Go to layer %1"), tr("Go to layer …"),
        m_application.selection()->leadingRun() == 0 ? tr("No run is selected.") : QString());
    return out;
}

void CommandPalette::filter() {
    QString text = m_box->text();
    static const QHash<QChar, Kind> prefixes{{QLatin1Char('>'), Kind::Action}, {QLatin1Char('@'), Kind::Run},
        {QLatin1Char('#'), Kind::Metric}, {QLatin1Char(':'), Kind::Step}};
    std::optional<Kind> only;
    if (!text.isEmpty() && prefixes.contains(text[0])) {
        only = prefixes.value(text[0]);
        text.remove(0, 1);
    }
    text = text.trimmed();
    struct Hit {
        int tier, age, score, at;
        bool isEnabled;
    };
    std::vector<Hit> hits;
    const QVector<Entry> places = only == Kind::Step ? placesFor(text) : QVector<Entry>();
    for (int i = 0; i < m_entries.size() && only != Kind::Step; ++i) {
        const Entry& entry = m_entries[i];
        if (only && entry.kind != *only) continue;
        const int tier = text.isEmpty() ? 0 : matchTier(text, entry.text, entry.keywords);
        const int age = entry.age < 0 ? 1 << 20 : entry.age;
        if (tier >= 0) hits.push_back({tier, age, fuzzyScore(text, entry.text), i, entry.isEnabled});
    }
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
        if (a.tier != b.tier) return a.tier > b.tier;
        if (a.isEnabled != b.isEnabled) return a.isEnabled;
        return a.age != b.age ? a.age < b.age : a.score > b.score;
    });
    // Letters strewn over a name are a last resort.
    if (!hits.empty() && hits.front().tier > 0)
        hits.erase(std::find_if(hits.begin(), hits.end(), [](const Hit& hit) { return hit.tier == 0; }), hits.end());
    m_shown = places;
    for (const Hit& hit : hits)
        if (m_shown.size() < kMostShown) m_shown << m_entries[hit.at];
    m_list->clear();
    for (const Entry& entry : m_shown) {
        auto* item = new QListWidgetItem(entry.text, m_list);
        item->setData(kDetail, entry.detail);
        item->setData(kIsEnabled, entry.isEnabled);
        item->setData(Qt::AccessibleDescriptionRole, entry.detail);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::choose() {
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_shown.size() || !m_shown[row].isEnabled) return;
    const Entry entry = m_shown[row];
    close();
    MainWindow* window = m_application.window();
    switch (entry.kind) {
        case Kind::Action: return m_actions.trigger(entry.key);
        case Kind::Run: return window->openRun(entry.number);
        case Kind::Metric:
            m_application.selection()->setMetric(entry.text);
            return window->showPanel(QStringLiteral("curves"));
        case Kind::Step: return window->goToStep(entry.number);
        case Kind::Layer: {
            kit::Selection* selection = m_application.selection();
            return selection->setCell(
                selection->sequence(), static_cast<int>(entry.number), std::max(0, selection->position()));
        }
    }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int page = std::max(1, m_list->viewport()->height() / kit::userSize(kRowHeight) - 1);
        const int step = key == Qt::Key_Down       ? 1
                         : key == Qt::Key_Up       ? -1
                         : key == Qt::Key_PageDown ? page
                         : key == Qt::Key_PageUp   ? -page
                                                   : 0;
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
