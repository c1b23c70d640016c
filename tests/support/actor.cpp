// Other programs that touch a project while it is tested. own FILE: an owner that ends when every run is final;
// "resume": starts those that did not finish again, once, and waits for them; "stay": ends only when it is killed.
// lock FILE GATE: holds the write lock until GATE is there. snapshot FILE GATE: holds a read transaction. ignoring
// COMMAND...: becomes that command, with SIGCHLD ignored, as some parents leave it. Prints a word once it is there;
// exit 6: owned by another program, 1: another error.
#include <cstdio>

#include "run/run_service.h"
#include "store/database.h"
#include "store/queries.h"
#include "support/program.h"

using namespace dubito;

namespace {

int failed(const Error& error) {
    std::fprintf(stderr, "actor: %s\n", error.text().c_str());
    return error.code() == Code::Owned ? 6 : 1;
}

void say(const char* word) {
    std::printf("%s\n", word);
    std::fflush(stdout);
}

std::vector<store::RunRow> runsOf(run::RunService& service) {
    std::vector<store::RunRow> out;
    const auto read = service.call([&](store::ProjectWriter& writer) -> Result<void> {
        store::RunQuery all;
        all.limit = 100'000;
        DUBITO_TRY(out, store::queryRuns(writer.database(), all));
        return {};
    });
    if (!read) std::fprintf(stderr, "actor: %s\n", read.error().text().c_str());
    return out;
}

void waitForAll(run::RunService& service) {
    const auto areFinal = [&] {
        bool final = true;
        for (const auto& row : runsOf(service)) final &= run::isFinal(static_cast<run::RunState>(row.state));
        return final;
    };
    while (!tests::eventually(areFinal, 3600)) {
    }
}

int own(const fs::path& file, std::string_view how) {
    run::RunService::Options options;
    options.observer = [](const run::RunEvent& event) {
        if (event.kind == run::RunEvent::Kind::Notice) std::fprintf(stderr, "actor: %s\n", event.text.c_str());
    };
    auto service = run::RunService::open(file, options);
    if (!service) return failed(service.error());
    say("open");
    if (how == "stay")
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
    waitForAll(**service);
    if (how != "resume") return 0;
    for (const auto& row : runsOf(**service)) {
        if (static_cast<run::RunState>(row.state) == run::RunState::Done) continue;
        if (auto again = (*service)->resume(row.runNo); !again) return failed(again.error());
    }
    waitForAll(**service);
    return 0;
}

int hold(const fs::path& file, const fs::path& gate, bool isWriter) {
    auto db =
        store::Database::open(file, isWriter ? store::Database::Mode::ReadWrite : store::Database::Mode::ReadOnly);
    if (!db) return failed(db.error());
    if (auto begun = (*db)->execute(isWriter ? "BEGIN IMMEDIATE" : "BEGIN"); !begun) return failed(begun.error());
    if (auto read = (*db)->integer("SELECT count(*) FROM run"); !read) return failed(read.error());
    say("held");
    while (!tests::eventually([&] { return fs::exists(gate); }, 3600)) {
    }
    if (auto ended = (*db)->execute("ROLLBACK"); !ended) return failed(ended.error());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::string_view what = argv[1];
    if (what == "ignoring") {
        ::signal(SIGCHLD, SIG_IGN);
        ::execv(argv[2], argv + 2);
        return 2;
    }
    if (what == "own") return own(argv[2], argc > 3 ? argv[3] : "");
    if (argc == 4 && (what == "lock" || what == "snapshot")) return hold(argv[2], argv[3], what == "lock");
    return 2;
}
