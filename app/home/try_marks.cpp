// Asked for at most once in two seconds, and not at all once everything was done.
#include "home/try_marks.h"

#include <QTimer>

#include <algorithm>

#include "application.h"
#include "run/run_state.h"
#include "settings.h"

namespace dubito::app {
namespace {

constexpr int kSoonMs = 2000;
constexpr std::int64_t kNewestRuns = 50;
enum Thing { Ask, Word, Layers, Teach, Compare };

struct Roles {
    std::vector<std::string> chat, inspect, train;
};

bool holds(const std::vector<std::string>& ids, const std::string& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// An answer came to its end.
bool isAnswered(store::Database& db, std::int64_t runNo) {
    const auto turns = store::queryRecords(db, runNo, "chat/turn");
    return turns && std::any_of(turns->begin(), turns->end(), [](const store::RecordRow& turn) {
        const auto meta = parseJson(turn.metaJson);
        return meta && textOr(*meta, "name", "") == "end";
    });
}

bool hasAdapter(store::Database& db, std::int64_t runNo) {
    const auto parameters = store::queryParameters(db, runNo);
    return parameters && std::any_of(parameters->begin(), parameters->end(), [](const auto& one) {
        return one.first.ends_with("model.adapter") && one.second.size() > 2;  // more than two quotes
    });
}

bool hasReadOuts(store::Database& db, std::int64_t runNo) {
    const auto keys = store::querySeriesKeys(db, runNo);
    return keys &&
           std::any_of(keys->begin(), keys->end(), [](const std::string& key) { return key.starts_with("lens/"); });
}

/// One bit a thing that the newest runs show as done.
Result<int> query(store::Database& db, const Roles& roles) {
    store::RunQuery newest;
    newest.limit = kNewestRuns;
    DUBITO_TRY(const auto runs, store::queryRuns(db, newest));
    int marks = 0;
    for (const auto& run : runs) {
        if (holds(roles.train, run.pluginId) && run.state == static_cast<int>(run::RunState::Done)) marks |= 1 << Teach;
        if (holds(roles.inspect, run.pluginId) && hasReadOuts(db, run.runNo)) marks |= 1 << Layers;
        if (!holds(roles.chat, run.pluginId) || !isAnswered(db, run.runNo)) continue;
        marks |= 1 << Ask;
        if (hasAdapter(db, run.runNo)) marks |= 1 << Compare;
    }
    return marks;
}

}  // namespace

TryMarks& TryMarks::of(Application& application) {
    if (auto* there = application.findChild<TryMarks*>({}, Qt::FindDirectChildrenOnly)) return *there;
    return *new TryMarks(application);
}

TryMarks::TryMarks(Application& application)
    : QObject(&application), m_application(application), m_soon(new QTimer(this)),
      m_marks(application.settings().tried()) {
    m_soon->setSingleShot(true);
    m_soon->setInterval(kSoonMs);
    connect(m_soon, &QTimer::timeout, this, &TryMarks::look);
    const auto later = [this] {
        if (!m_soon->isActive() && done() < kThings) m_soon->start();
    };
    connect(application.events(), &kit::RunEvents::committed, this, later);
    connect(application.events(), &kit::RunEvents::stateChanged, this, later);
    connect(application.selection(), &kit::Selection::runsChanged, this, later);
}

void TryMarks::markWord() { mark(Word); }

bool TryMarks::isDone(int thing) const { return (m_marks >> thing) & 1; }
int TryMarks::done() const {
    int count = 0;
    for (int i = 0; i < kThings; ++i) count += isDone(i);
    return count;
}

void TryMarks::mark(int thing) {
    if (isDone(thing)) return;
    m_marks |= 1 << thing;
    m_application.settings().setTried(m_marks);
    Q_EMIT changed();
}

void TryMarks::look() {
    const kit::PanelContext& context = m_application.panelContext();
    if (m_isLooking || !context.readers || !context.pluginsWithRole) return;
    m_isLooking = true;
    const Roles roles{context.pluginsWithRole(QStringLiteral("chat")),
        context.pluginsWithRole(QStringLiteral("inspect")), context.pluginsWithRole(QStringLiteral("train"))};
    kit::asyncQuery<int>(
        context, this, [roles](store::Database& db) { return query(db, roles); },
        [this](Result<int> marks) {
            m_isLooking = false;
            if (!marks) return;
            for (int i = 0; i < kThings; ++i)
                if ((*marks >> i) & 1) mark(i);
        });
}

}  // namespace dubito::app
