// No edit of a person, so no step of the history: undo never takes a name away that nobody gave.
#include "actions/chat_titles.h"

#include "application.h"
#include "store/user_rows.h"

namespace dubito::app {
namespace {

constexpr const char* kUnnamed = "chat";  ///< what a new conversation is called

struct Seen {
    bool isUnnamed = false;
    std::string first;  ///< what was said first; empty: nothing yet
};

Result<Seen> see(store::Database& db, qint64 runNo, const std::vector<std::string>& plugins) {
    constexpr std::int64_t kFirstRecords = 4;
    Seen out;
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (!row || row->title != kUnnamed) return out;
    out.isUnnamed = std::find(plugins.begin(), plugins.end(), row->pluginId) != plugins.end();
    if (!out.isUnnamed) return out;
    DUBITO_TRY(const auto records, store::queryRecords(db, runNo, "chat/turn", 0, kFirstRecords));
    for (const auto& record : records) {
        const auto meta = parseJson(record.metaJson);
        if (meta && out.first.empty() && textOr(*meta, "role", "") == "user") out.first = textOr(*meta, "text", "");
    }
    return out;
}

}  // namespace

QString talkTitle(const QString& firstTurn) {
    constexpr int kLongest = 40;
    const QString words = firstTurn.simplified();
    return words.size() > kLongest ? words.left(kLongest - 1).trimmed() + QStringLiteral("…") : words;
}

void ChatTitles::keep(Application& application) {
    if (!application.findChild<ChatTitles*>({}, Qt::FindDirectChildrenOnly)) new ChatTitles(application);
}

ChatTitles::ChatTitles(Application& application) : QObject(&application), m_application(application) {
    connect(application.events(), &kit::RunEvents::committed, this, [this](qint64 runNo) { look(runNo); });
}

void ChatTitles::look(qint64 runNo) {
    if (!runNo || !m_application.service()) return;
    if (m_project != m_application.projectPath()) m_known.clear();
    m_project = m_application.projectPath();
    if (!m_known.insert(runNo).second) return;
    kit::asyncQuery<Seen>(
        m_application.panelContext(), this,
        [runNo, plugins = m_application.panelContext().pluginsWithRole(QStringLiteral("chat"))](
            store::Database& db) { return see(db, runNo, plugins); },
        [this, runNo, project = m_project](Result<Seen> seen) {
            if (!seen || project != m_application.projectPath() || !seen->isUnnamed) return;
            if (seen->first.empty()) m_known.erase(runNo);  // the next commit may bring it
            else name(runNo, seen->first);
        });
}

void ChatTitles::name(qint64 runNo, const std::string& first) {
    const QString title = talkTitle(QString::fromStdString(first));
    if (title.isEmpty()) return;
    m_application.ask([runNo, title = title.toStdString(), guard = QPointer<Application>(&m_application)](
                          run::RunService& service) -> Result<void> {
        DUBITO_CHECK(service.call([&](store::ProjectWriter& writer) -> Result<void> {
            // A person may have named it meanwhile.
            DUBITO_TRY(const auto row, store::findRun(writer.database(), runNo));
            if (!row || row->title != kUnnamed) return {};
            return store::setRunTitle(writer.database(), runNo, title);
        }));
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard] {
                if (guard) Q_EMIT guard->events()->committed(0);
            },
            Qt::QueuedConnection);
        return {};
    });
}

}  // namespace dubito::app
