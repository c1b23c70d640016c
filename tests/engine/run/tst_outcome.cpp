// The state of a run from facts: every rule once, and that nothing else is asked.
#include <signal.h>
#include <QTest>

#include "run/outcome.h"

using namespace dubito;
using namespace dubito::run;

namespace {

using Kind = ProcessFate::Kind;

AttemptFacts begun() {
    AttemptFacts facts;
    facts.launch.emplace();
    facts.claim.emplace();
    facts.claim->phase = "running";
    facts.began = true;
    facts.beganUs = 1000;
    facts.lastFrameUs = 5000;
    return facts;
}
AttemptFacts withEnd(const char* status, const char* cause = "", const char* message = "") {
    AttemptFacts facts = begun();
    facts.end = {true, status, cause, message, 6000};
    return facts;
}
AttemptFacts withStatus(int exitCode) {
    AttemptFacts facts = begun();
    facts.claim->phase = "ended";
    facts.claim->exitCode = exitCode;
    facts.claim->endedUs = 7000;
    return facts;
}
AttemptFacts asked(AttemptFacts facts) {
    facts.cancelAsked = true;
    return facts;
}
AttemptFacts noted(AttemptFacts facts) {
    facts.crashNote = "SIGSEGV at address 0x0 in step, step 3";
    return facts;
}
AttemptFacts launched() {
    AttemptFacts facts;
    facts.launch.emplace();
    return facts;
}
AttemptFacts voided() {
    AttemptFacts facts = launched();
    facts.claim.emplace();
    facts.claim->phase = "void";
    return facts;
}
ProcessFate fate(Kind kind, int exitCode = -1, int signal = 0) {
    ProcessFate out;
    out.kind = kind;
    out.exitCode = exitCode;
    out.signal = signal;
    out.seenUs = kind == Kind::Ended ? 8000 : 0;
    return out;
}
ProcessFate memoryKill() {
    ProcessFate out = fate(Kind::Ended, -1, SIGKILL);
    out.killedForMemory = true;
    out.detail = "memory: 500 MiB of 400 MiB allowed";
    return out;
}

struct Row {
    const char* name;
    AttemptFacts facts;
    ProcessFate fate;
    RunState state;
    Cause cause;
    std::int64_t endedUs;
    const char* says;
};

std::vector<Row> table() {
    using enum RunState;
    const ProcessFate unknown = fate(Kind::Unknown), alive = fate(Kind::Alive);
    return {
        {"nothing but a row", {}, unknown, Queued, Cause::None, 0, ""},
        {"launched, nobody claimed yet", launched(), unknown, Starting, Cause::None, 0, ""},
        {"asked to end before it started", asked({}), unknown, Cancelled, Cause::None, 0, "before it started"},
        {"asked to end, launched, never claimed", asked(launched()), fate(Kind::Ended, -1, SIGKILL), Cancelled,
            Cause::None, 8000, "before it started"},
        {"could not be started", {}, fate(Kind::NotStarted), Failed, Cause::Launch, 0, "did not start"},
        {"declared void", voided(), fate(Kind::Ended, -1, SIGKILL), Failed, Cause::Launch, 8000, "did not start"},
        {"bad spec, before the claim", launched(), fate(Kind::Ended, kExitBadSpec), Failed, Cause::Refused, 8000,
            "code 11"},
        {"no disk, before the claim", launched(), fate(Kind::Ended, kExitDisk), Failed, Cause::Disk, 8000, "code 13"},
        {"killed before the claim", launched(), fate(Kind::Ended, -1, SIGKILL), Failed, Cause::Launch, 8000, "SIGKILL"},
        {"alive, not begun",
            [] {
                auto f = begun();
                f.began = false;
                return f;
            }(),
            alive, Starting, Cause::None, 0, ""},
        {"alive", begun(), alive, Running, Cause::None, 0, ""},
        {"alive, asked to end", asked(begun()), alive, Cancelling, Cause::None, 0, ""},
        {"alive after its end frame", withEnd("done"), alive, Running, Cause::None, 0, ""},
        {"done, seen", withEnd("done"), fate(Kind::Ended, 0), Done, Cause::None, 6000, ""},
        {"done, nobody watched", withEnd("done"), unknown, Done, Cause::None, 6000, ""},
        {"done, killed in its teardown", withEnd("done"), fate(Kind::Ended, -1, SIGKILL), Done, Cause::None, 6000, ""},
        {"done, killed for memory in its teardown", withEnd("done"), memoryKill(), Done, Cause::None, 6000, ""},
        {"failed by its own word", withEnd("failed", "disk", "no room"), unknown, Failed, Cause::Disk, 6000, "no room"},
        {"failed for an unknown cause", withEnd("failed", "weather", "rain"), unknown, Failed, Cause::Error, 6000,
            "rain"},
        {"cancelled by its own word", withEnd("cancelled", "", "stopped on request"), unknown, Cancelled, Cause::None,
            6000, "on request"},
        {"end frame lost, status says done", withStatus(0), unknown, Done, Cause::None, 7000, "missing"},
        {"end frame lost, status says cancelled", withStatus(kExitCancelled), unknown, Cancelled, Cause::None, 7000,
            ""},
        {"end frame lost, status says disk", withStatus(kExitDisk), unknown, Failed, Cause::Disk, 7000, "disk"},
        {"end frame lost, status says refused", withStatus(kExitRefused), unknown, Failed, Cause::Refused, 7000, ""},
        {"end frame lost, status says error", withStatus(kExitPluginError), unknown, Failed, Cause::Error, 7000,
            "code 10"},
        {"asks to be started again", withStatus(kExitRequeue), unknown, Queued, Cause::None, 0, ""},
        {"killed for memory", begun(), memoryKill(), Failed, Cause::Memory, 8000, "400 MiB"},
        {"crashed, seen", noted(begun()), fate(Kind::Ended, -1, SIGSEGV), Failed, Cause::Crash, 8000,
            "ended by SIGSEGV: SIGSEGV at"},
        {"crashed, nobody watched", noted(begun()), unknown, Failed, Cause::Crash, 5000, "SIGSEGV at"},
        {"crashed after it was asked to end", asked(noted(begun())), unknown, Failed, Cause::Crash, 5000, "SIGSEGV at"},
        {"killed on request", asked(begun()), fate(Kind::Ended, -1, SIGKILL), Cancelled, Cause::None, 8000, "by force"},
        {"killed on request, nobody watched", asked(begun()), unknown, Cancelled, Cause::None, 5000, "by force"},
        {"killed by a stranger", begun(), fate(Kind::Ended, -1, SIGKILL), Failed, Cause::Crash, 8000, "SIGKILL"},
        {"gone without a word", begun(), unknown, Failed, Cause::Lost, 5000, "without a word"},
        {"code 0 and silence", begun(), fate(Kind::Ended, 0), Failed, Cause::Error, 8000, "no end record"},
        {"code 13 and silence", begun(), fate(Kind::Ended, kExitDisk), Failed, Cause::Disk, 8000, "disk"},
    };
}

}  // namespace

class tst_Outcome : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void decide_everySituation_hasItsState_data() {
        QTest::addColumn<int>("index");
        const auto rows = table();
        for (std::size_t i = 0; i < rows.size(); ++i) QTest::newRow(rows[i].name) << static_cast<int>(i);
    }
    void decide_everySituation_hasItsState() {
        QFETCH(int, index);
        const Row row = table()[static_cast<std::size_t>(index)];
        const Outcome out = decide(std::span(&row.facts, 1), row.fate);
        QCOMPARE(stateName(out.state), stateName(row.state));
        QCOMPARE(causeName(out.cause), causeName(row.cause));
        QCOMPARE(out.endedUs, row.endedUs);
        QVERIFY2(out.text.find(row.says) != std::string::npos, out.text.c_str());
        if (row.state == RunState::Failed) QVERIFY(!out.text.empty());
    }
    void decide_severalRanks_theWorstSpeaks() {
        AttemptFacts lost = begun();
        lost.rank = 2;
        lost.lastFrameUs = 9000;
        const AttemptFacts ranks[] = {withEnd("done"), withEnd("done"), lost};
        const Outcome out = decide(ranks, {});
        QVERIFY(out.state == RunState::Failed && out.cause == Cause::Lost);
        QVERIFY(out.text.starts_with("rank 2: "));
        QCOMPARE(out.endedUs, std::int64_t{9000});
    }
    void end_throughTheProject_keepsItsWords() {
        const EndFrame end{true, "failed", "disk", "no \"room\"", 77};
        const EndFrame back = endFromJson(endJson(end));
        QVERIFY(back.seen);
        QCOMPARE(back.status, end.status);
        QCOMPARE(back.cause, end.cause);
        QCOMPARE(back.message, end.message);
        QCOMPARE(back.timeUs, end.timeUs);
        QVERIFY(endJson({}).empty());
    }
};

QTEST_GUILESS_MAIN(tst_Outcome)
#include "tst_outcome.moc"
