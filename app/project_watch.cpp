// A connection of its own tells by one number whether anything was written; only then are runs read.
#include "project_watch.h"

#include <sys/stat.h>
#include <QCoreApplication>
#include <QPointer>
#include <QTimer>

#include <map>
#include <utility>

#include "run/run_state.h"
#include "store/opener.h"

namespace dubito::app {
namespace {

constexpr int kLookEveryMs = 1000;
constexpr int kNewestRuns = 200, kMostAlive = 10'000;

/// What changes with a file that nobody may be asked about.
struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, bytes = 0;
    std::uint64_t log = 0;
    bool operator==(const Stamp&) const = default;
};

Stamp stampOf(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, store::logBytes(path)};
}

}  // namespace

class ProjectWatch::Eye {
public:
    Eye(const fs::path& path, std::shared_ptr<run::RunService> service) : m_path(path), m_service(service) {
        m_isOwner = service != nullptr;
        if (const auto canonical = store::canonicalPath(path)) m_path = *canonical;
        if (const auto identity = store::identify(m_path)) m_identity = *identity;
        m_stamp = stampOf(m_path);
    }
    ProjectLook look() {
        ProjectLook out;
        if (m_isOwner) return lookAsOwner();
        out.fate = store::fateOf(m_path, m_identity);
        if (out.fate != store::FileFate::Here) return out;
        const auto isOwned = store::isOwned(m_path);
        out.hasOwner = isOwned && *isOwned;
        if (!m_reader)
            if (auto opened = store::openReadOnly(m_path)) m_reader = std::move(*opened);
        if (!m_reader) return out;
        if (m_reader->isFixed()) {
            out.isStale = stampOf(m_path) != m_stamp;
            return out;
        }
        const auto version = m_reader->dataVersion();
        if (!version || *version == m_version) return out;
        out.isChanged = m_version >= 0;
        m_version = *version;
        readRuns(&out.news);
        return out;
    }

private:
    ProjectLook lookAsOwner() const {
        ProjectLook out;
        const auto service = m_service.lock();  // gone with the project: nothing more is to be said
        if (!service) return out;
        out.fate = service->fate();
        if (const auto problem = service->writeProblem()) out.writeProblem = QString::fromStdString(problem->text);
        return out;
    }
    void readRuns(std::vector<RunNews>* news) {
        store::RunQuery newest, alive;
        newest.limit = kNewestRuns;
        alive.where = "state < done";
        alive.limit = kMostAlive;
        std::map<std::int64_t, store::RunRow> now;
        for (const auto& query : {newest, alive})
            if (auto rows = store::queryRuns(*m_reader, query))
                for (auto& row : *rows) now.emplace(row.runNo, std::move(row));
        for (const auto& [runNo, state] : m_states)
            if (!run::isFinal(static_cast<run::RunState>(state)) && !now.contains(runNo))
                if (auto row = store::findRun(*m_reader, runNo); row && *row) now.emplace(runNo, std::move(**row));
        for (const auto& [runNo, row] : now) {
            const auto before = m_states.find(runNo);
            RunNews one{runNo, row.state, QString::fromStdString(row.detail)};
            one.isNew = before == m_states.end() && runNo > m_newest;
            one.isStateNew = one.isNew || (before != m_states.end() && before->second != row.state);
            const bool isAlive = !run::isFinal(static_cast<run::RunState>(row.state));
            if (m_newest >= 0 && (one.isNew || one.isStateNew || isAlive)) news->push_back(one);
            m_states[runNo] = row.state;
        }
        m_newest = std::max(m_newest, now.empty() ? std::int64_t{0} : now.rbegin()->first);
    }

    fs::path m_path;
    std::weak_ptr<run::RunService> m_service;
    bool m_isOwner = false;
    store::FileIdentity m_identity;
    Stamp m_stamp;
    std::unique_ptr<store::Database> m_reader;
    std::int64_t m_version = -1, m_newest = -1;
    std::map<std::int64_t, int> m_states;  ///< of the runs that were seen
};

ProjectWatch::ProjectWatch() : m_timer(new QTimer(this)), m_thread(std::make_unique<SerialThread>()) {
    m_timer->setInterval(kLookEveryMs);
    connect(m_timer, &QTimer::timeout, this, &ProjectWatch::look);
}

ProjectWatch::~ProjectWatch() { stop(); }

void ProjectWatch::follow(const QString& path, std::shared_ptr<run::RunService> service) {
    stop();
    m_eye = std::make_shared<Eye>(path.toStdString(), std::move(service));
    m_timer->start();
    look();
}

std::shared_future<void> ProjectWatch::stop() {
    m_timer->stop();
    m_isLooking = false;
    auto done = std::make_shared<std::promise<void>>();
    // Its connection is closed on the thread that used it.
    m_thread->post([done, eye = std::exchange(m_eye, nullptr)]() mutable {
        eye.reset();
        done->set_value();
    });
    return done->get_future().share();
}

void ProjectWatch::look() {
    if (m_isLooking || !m_eye) return;
    m_isLooking = true;
    m_thread->post([guard = QPointer<ProjectWatch>(this), eye = m_eye]() mutable {
        auto found = std::make_shared<ProjectLook>(eye->look());
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, found, seen = eye.get()] {
                if (!guard || guard->m_eye.get() != seen) return;
                guard->m_isLooking = false;
                Q_EMIT guard->looked(*found);
            },
            Qt::QueuedConnection);
        eye.reset();
    });
}

}  // namespace dubito::app
