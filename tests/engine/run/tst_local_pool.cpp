// Which queued run goes next, as tables; and that nobody who came later delays anybody, over random queues.
#include <QTest>

#include "run/local_pool.h"
#include "stats/counter_rng.h"
#include "support/job.h"

using namespace dubito;
using namespace dubito::run;
using tests::get;

namespace {

constexpr std::int64_t kGib = std::int64_t{1} << 30;

/// "t2 m4 g1 x s": threads, GiB, GPUs, exclusive, session. Left out: one thread, no memory, no GPU.
Demand demand(const QString& text) {
    Demand out;
    for (const QString& word : text.split(' ', Qt::SkipEmptyParts)) {
        const auto number = word.mid(1).toLongLong();
        if (word[0] == 't') out.threads = static_cast<int>(number);
        if (word[0] == 'm') out.memoryBytes = number * kGib;
        if (word[0] == 'g') out.gpus = static_cast<int>(number);
        if (word[0] == 'x') out.exclusive = true;
        if (word[0] == 's') out.interactive = true;
    }
    return out;
}

/// Numbered from `first`, parted by commas.
std::vector<QueuedItem> items(const QString& text, std::int64_t first) {
    std::vector<QueuedItem> out;
    for (const QString& part : text.split(',', Qt::SkipEmptyParts))
        out.push_back({first + static_cast<std::int64_t>(out.size()), demand(part)});
    return out;
}

Capacity capacity(const QString& text) {
    const Demand all = demand(text);
    Capacity out;
    out.threads = all.threads;
    out.memoryBytes = all.memoryBytes;
    out.gpus = gpuNames(all.gpus, nullptr);
    return out;
}

/// When each item of a queue starts, if all are there at 0 and item i takes `lasts[i]`.
std::vector<int> startTimes(const std::vector<QueuedItem>& queue, const std::vector<int>& lasts, const Capacity& all) {
    std::vector<int> starts(queue.size(), -1);
    for (int now = 0; now < 10'000; ++now) {
        std::vector<QueuedItem> running, waiting;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < queue.size(); ++i) {
            if (starts[i] < 0) {
                waiting.push_back(queue[i]);
                places.push_back(i);
            } else if (now < starts[i] + lasts[i]) {
                running.push_back(queue[i]);
            }
        }
        if (waiting.empty()) return starts;
        for (const std::size_t i : pick(waiting, running, all)) starts[places[i]] = now;
    }
    return {};
}

}  // namespace

class tst_LocalPool : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pick_followsTheRule_data() {
        QTest::addColumn<QString>("machine");
        QTest::addColumn<QString>("running");
        QTest::addColumn<QString>("queue");
        QTest::addColumn<QString>("starts");
        const auto row = [](const char* name, const char* machine, const char* running, const char* queue,
                             const char* starts) { QTest::newRow(name) << machine << running << queue << starts; };
        row("nothing waits", "t2", "", "", "");
        row("first in, first out", "t4", "", "t2,t2,t1", "0 1");
        row("more than the machine has, alone", "t2 m8", "", "t64 m500 g4", "0");
        row("more than the machine has, beside another", "t2 m8", "t1", "t64 m500", "");
        row("a small one does not overtake for threads", "t4", "t3", "t2,t1", "");
        row("a small one does not overtake for memory", "t4 m8", "m6", "m4,m1", "");
        row("one that needs no memory goes past one that waits for it", "t4 m8", "m6", "m4,t1", "1");
        row("what waits for a GPU leaves the rest of the processor", "t4 g1", "g1", "g1,t2,t1", "1");
        row("two GPUs, three runs", "t4 g2", "", "g1,g1,g1", "0 1");
        row("a GPU run on a machine without one is left to the worker's words", "t2", "", "g1", "0");
        row("a session starts on a full processor", "t2 m8", "t2 m4", "t2,s m1", "1");
        row("a session needs its memory", "t2 m8", "m8", "s m1", "");
        row("a waiting session keeps its memory from others", "t4 m8", "m6", "m1,s m3", "");
        row("memory that is not known is not reckoned", "t2", "m500", "m500", "0");
        row("exclusive waits for all to end", "t4", "t1", "x,t1", "");
        row("exclusive alone", "t4", "", "x,t1", "0");
        row("exclusive beside a session", "t4", "s t4", "x", "0");
        row("beside exclusive only sessions", "t4", "x", "t1,s", "1");
        row("adopted runs took more than there is", "t2 m4", "t2 m4,t2 m4", "t1,s", "1");
    }
    void pick_followsTheRule() {
        QFETCH(QString, machine);
        QFETCH(QString, running);
        QFETCH(QString, queue);
        QFETCH(QString, starts);
        QStringList got;
        for (const std::size_t i : pick(items(queue, 10), items(running, 1), capacity(machine)))
            got << QString::number(i);
        QCOMPARE(got.join(' '), starts);
    }
    void pick_paused_holdsBackAllButSessions() {
        const auto queue = items("t1,s,t1", 1);
        QCOMPARE(pick(queue, {}, capacity("t4"), true), std::vector<std::size_t>{1});
        QCOMPARE(judge(queue, {}, capacity("t4"), true)[0].waitsFor, std::string("the queue is paused"));
    }
    void later_neverDelaysEarlier() {
        const Capacity all = capacity("t8 m16 g2");
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            stats::CounterRng rng(seed, "queue", 0);
            const auto upTo = [&rng](double most) { return static_cast<int>(rng.uniform() * (most + 0.999)); };
            std::vector<QueuedItem> queue;
            std::vector<int> lasts;
            for (int i = 0; i < 14; ++i) {
                Demand one;
                one.threads = 1 + upTo(9);
                one.memoryBytes = upTo(18) * kGib;
                one.gpus = upTo(2) / 2 * (1 + upTo(1));
                one.exclusive = upTo(9) == 9;
                queue.push_back({i, one});
                lasts.push_back(1 + upTo(6));
            }
            const auto whole = startTimes(queue, lasts, all);
            QCOMPARE(whole.size(), queue.size());  // everybody had a turn
            for (std::size_t n = 1; n < queue.size(); ++n) {
                const auto part =
                    startTimes({queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(n)}, lasts, all);
                QVERIFY2(std::equal(part.begin(), part.end(), whole.begin()), qPrintable(QString::number(seed)));
            }
        }
    }
    void waitsFor_saysWhat_data() {
        QTest::addColumn<QString>("machine");
        QTest::addColumn<QString>("running");
        QTest::addColumn<QString>("queue");
        QTest::addColumn<QString>("last");
        QTest::newRow("threads") << "t2"
                                 << "t1,t1"
                                 << "t2"
                                 << "2 of 2 threads are taken by run 1 and run 2";
        QTest::newRow("many") << "t4"
                              << "t1,t1,t1,t1"
                              << "t1"
                              << "4 of 4 threads are taken by run 1, run 2, run 3 and 1 more";
        QTest::newRow("memory") << "t4 m8"
                                << "m6"
                                << "m3"
                                << "memory: it needs 3.0 GiB, 2.0 GiB of 8.0 GiB are free";
        QTest::newRow("gpu") << "t4 g1"
                             << "g1"
                             << "g1"
                             << "1 of 1 GPUs is taken by run 1";
        QTest::newRow("two things") << "t2 m8"
                                    << "t2 m8"
                                    << "t1 m1"
                                    << "2 of 2 threads are taken by run 1; memory: it needs 1.0 GiB, 0 MiB of 8.0 GiB "
                                       "are free";
        QTest::newRow("turn") << "t4"
                              << "t3"
                              << "t2,t1"
                              << "its turn comes after run 10";
        QTest::newRow("nothing") << "t4"
                                 << "t3"
                                 << "t1"
                                 << "";
    }
    void waitsFor_saysWhat() {
        QFETCH(QString, machine);
        QFETCH(QString, running);
        QFETCH(QString, queue);
        QFETCH(QString, last);
        const auto verdicts = judge(items(queue, 10), items(running, 1), capacity(machine));
        QCOMPARE(QString::fromStdString(verdicts.back().waitsFor), last);
    }
    void overdrawn_isWhoeverIsFurthestAbove() {
        const Capacity eight = capacity("m8");
        QVERIFY(!overdrawn({}, eight));
        const std::vector<MemoryUse> within = {{kGib, 6 * kGib}, {kGib, kGib}};
        QVERIFY(!overdrawn(within, eight));  // more than it asked for, and there is room
        const std::vector<MemoryUse> over = {{kGib, 3 * kGib}, {2 * kGib, 6 * kGib}};
        QCOMPARE(overdrawn(over, eight), std::optional<std::size_t>(1));
        const std::vector<MemoryUse> within2 = {{5 * kGib, 5 * kGib}, {kGib, 4 * kGib}};
        QCOMPARE(overdrawn(within2, eight), std::optional<std::size_t>(1));  // the other keeps what it asked for
        const std::vector<MemoryUse> alone = {{40 * kGib, 9 * kGib}};
        QCOMPARE(overdrawn(alone, eight), std::optional<std::size_t>(0));
        std::vector<MemoryUse> ending = over;
        ending[0].isEnding = true;
        QVERIFY(!overdrawn(ending, eight));  // one at a time
        QVERIFY(!overdrawn(over, capacity("t1")));
    }
    void gpuNames_followTheVariable() {
        using Names = std::vector<std::string>;
        QCOMPARE(gpuNames(2, nullptr), (Names{"0", "1"}));
        QCOMPARE(gpuNames(0, "0,1"), Names{});
        QCOMPARE(gpuNames(4, "2,3"), (Names{"2", "3"}));
        QCOMPARE(gpuNames(4, "GPU-1f,-1,2"), Names{"GPU-1f"});
        QCOMPARE(gpuNames(4, ""), Names{});
        QCOMPARE(gpuNames(4, "-1"), Names{});
    }
    void demandOf_isTheManifestsElseAShare() {
        const Capacity machine = capacity("t4 m16");
        const auto spec = [](const QByteArray& device, int threads, const QByteArray& params) {
            QByteArray text(tests::kFakeSpec);
            text.replace("\"device\":\"cpu\"", "\"device\":\"" + device + "\"");
            text.replace("\"threads\":1", "\"threads\":" + QByteArray::number(threads));
            text.replace("\"params\":{}", "\"params\":" + params);
            text.replace(
                "\"models\":[]", "\"models\":[{\"bytes\":3000000000,\"name\":\"m\",\"role\":\"model\",\"sha256\":\"" +
                                     QByteArray(64, '0') + "\"}]");
            return get(RunSpec::parse(text.toStdString()));
        };
        const Demand plain = demandOf(spec("cpu", 2, "{}"), {}, machine);
        QCOMPARE(plain.memoryBytes, 4 * kGib);  // half of its half
        QCOMPARE(plain.threads, 2);
        QCOMPARE(demandOf(spec("cpu", 64, "{}"), {}, machine).memoryBytes, 8 * kGib);
        const Demand session = demandOf(spec("cpu", 4, R"({"session":{"keep":true}})"), {}, machine);
        QVERIFY(session.interactive);
        QCOMPARE(session.memoryBytes, 2 * kGib);
        DemandDescription said;
        said.memoryBytes = 1000;
        said.memoryFromInput = true;
        said.threads = 1;
        const Demand known = demandOf(spec("cuda", 4, "{}"), said, machine);
        QCOMPARE(known.memoryBytes, std::int64_t{3'000'001'000});
        QCOMPARE(known.threads, 1);
        QCOMPARE(known.gpus, 1);
    }
    void machine_hasThreadsAndMemory() {
        QVERIFY(machineCapacity().threads >= 1 && machineCapacity().memoryBytes > 0);
        QCOMPARE(machineCapacity(7).threads, 7);
    }
};

QTEST_GUILESS_MAIN(tst_LocalPool)
#include "tst_local_pool.moc"
