// What the tests of project files share: values or the end, a run to add, children that are killed.
#pragma once

#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/queries.h"
#include "store/writer.h"
#include "support/results.h"

namespace dubito::tests {

inline store::NewRun newRun(const std::string& title) {
    store::NewRun run;
    run.id = makeUuid();
    run.specJson = "{\"title\":\"" + title + "\"}";
    run.specHash = sha256(asBytes(run.specJson));
    run.groupHash = sha256(asBytes("group" + title));
    run.pluginId = "org.dubito.fake";
    run.pluginVersion = "1.0.0";
    run.system = "fake";
    run.title = title;
    run.seed = 3;
    run.createdUs = nowUs();
    run.parameters = Json{{"model", {{"lr", 3e-4}}}, {"name", title}, {"on", true}};
    return run;
}

inline journal::SeriesDefinition scalar(std::uint32_t number, const std::string& key) {
    return {number, journal::RecordType::ScalarGroup, journal::Goal::None, key, "1", ""};
}

inline std::int64_t count(store::Database& db, const std::string& sql) { return get(db.integer(sql)); }

/// A child that does `body`, says so, and then only waits for its end: kill() ends it as a crash would.
class Child {
public:
    template <class F>
    explicit Child(F&& body) {
        int ready[2];
        if (::pipe(ready) != 0) qFatal("no pipe");
        m_pid = ::fork();
        if (m_pid == 0) {
            ::close(ready[0]);
            body();
            const char done = 1;
            if (::write(ready[1], &done, 1) != 1) ::_exit(2);
            for (;;) ::pause();
        }
        ::close(ready[1]);
        char done = 0;
        if (::read(ready[0], &done, 1) != 1) qFatal("the child did not come that far");
        ::close(ready[0]);
    }
    ~Child() { kill(); }
    void kill() {
        if (m_pid <= 0) return;
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
        m_pid = -1;
    }
    pid_t pid() const { return m_pid; }

private:
    pid_t m_pid = -1;
};

}  // namespace dubito::tests
