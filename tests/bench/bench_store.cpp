// Journal, whole path from plugin to project file, and a project of 10,000 runs with 100 M points.
#include <fmt/format.h>

#include <cmath>
#include <condition_variable>

#include "bench.h"
#include "host/catalogue.h"
#include "journal/reader.h"
#include "journal/writer.h"
#include "run/run_service.h"
#include "store/opener.h"
#include "store/queries.h"

namespace dubito::bench {
namespace {

fs::path scratch(const char* name) {
    const fs::path folder = fs::temp_directory_path() / ("dubito-bench-" + std::string(name));
    std::error_code error;
    fs::remove_all(folder, error);
    fs::create_directories(folder, error);
    return folder;
}

template <class T>
T must(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "bench: %s\n", result.error().text().c_str());
        std::exit(1);
    }
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) {
        std::fprintf(stderr, "bench: %s\n", result.error().text().c_str());
        std::exit(1);
    }
}

/// As a plugin speaks: a million steps of two scalars and progress.
void benchSteps() {
    const fs::path folder = scratch("steps");
    auto writer = must(journal::JournalWriter::create(folder, {makeUuid(), 1, 0, 0, 0}));
    constexpr std::int64_t kSteps = 1'000'000;
    const std::uint32_t series[] = {0, 1};
    const double start = now();
    for (std::int64_t step = 0; step < kSteps; ++step) {
        const double x = static_cast<double>(step), values[] = {std::sin(x) / (1 + x), std::cos(x * 0.7)};
        must(writer->scalars(step, series, values));
        must(writer->progress({x, static_cast<double>(kSteps), "steps", "training"}));
    }
    must(writer->close());
    row("journal: a million steps of two scalars and progress", 2e-6 * kSteps / (now() - start), "M points/s", 5,
        false);
    std::uint64_t bytes = 0;
    for (const auto& file : must(listFolder(folder))) bytes += fs::file_size(file);
    row("journal: their bytes (one frame a call: 160 MB)", static_cast<double>(bytes) / 1e6, "MB", 50, true);
}

}  // namespace

void benchStore() {
    benchSteps();
    {
        const fs::path folder = scratch("journal");
        const Uuid run = makeUuid();
        auto writer = must(journal::JournalWriter::create(folder, {run, 1, 0, 0, 0}));
        constexpr int kFrames = 400'000, kPerFrame = 10;
        std::uint32_t series[kPerFrame];
        double values[kPerFrame];
        for (int i = 0; i < kPerFrame; ++i) series[i] = static_cast<std::uint32_t>(i), values[i] = i;
        double start = now();
        Bytes payload;
        for (int i = 0; i < kFrames; ++i) {
            payload.clear();
            journal::encodeScalarGroup(payload, i, series, values);
            must(writer->append(journal::RecordType::ScalarGroup, payload));
        }
        must(writer->close());
        row("journal: write, 10 scalars a frame", kFrames * kPerFrame / (now() - start) / 1e6, "M points/s", 5, false);
        start = now();
        journal::JournalReader reader(folder, run, 1, 0);
        std::int64_t points = 0;
        while (reader.poll(
                   true, 64u << 20,
                   [&](const journal::JournalReader::Delivery& frame) {
                       points += static_cast<std::int64_t>(journal::decodeScalarGroup(frame.payload)->values.size());
                   },
                   [](const journal::Gap&) {}) == journal::JournalReader::Stop::Budget) {
        }
        row("journal: read, check, decode", static_cast<double>(points) / (now() - start) / 1e6, "M points/s", 10,
            false);
        std::error_code error;
        fs::remove_all(folder, error);
    }
    const fs::path folder = scratch("large");
    const fs::path file = folder / "large.dubito";
    must(store::createProject(file, "large"));
    double start = now();
    {
        auto writer = must(store::ProjectWriter::open(file));
        for (int i = 0; i < 10'000; ++i) {
            if (i % 50 == 0) must(writer->begin());
            store::NewRun run;
            run.id = makeUuid();
            run.specJson = fmt::format("{{\"i\":{}}}", i);
            run.specHash = sha256(asBytes(run.specJson));
            run.groupHash = run.specHash;
            run.pluginId = "org.dubito.fake";
            run.pluginVersion = "1.0.0";
            run.system = "fake";
            run.seed = i;
            run.createdUs = nowUs();
            run.parameters = Json{{"i", i}};
            const auto runNo = must(writer->addRun(run));
            const auto series = must(writer->openSeries(
                runNo, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::Min, "train/loss", "nats", ""}));
            for (int step = 0; step < 10'000; ++step)
                must(writer->addPoint(
                    series, step, 1'000'000 + step * 1000, 1.0 / (1 + step) + 1e-3 * ((step * 2654435761u) % 1000)));
            if (i % 50 == 49) must(writer->commit());
            writer->closeRun(runNo);
        }
    }
    std::error_code error;
    row("project: 10,000 runs, 100 M points, built", now() - start, "s", std::string("for information"));
    row("project: its size", static_cast<double>(fs::file_size(file, error)) / 1e9, "GB",
        std::string("for information"));
    double best = 1e9, bestRows = 1e9;
    for (int i = 0; i < 5; ++i) {
        start = now();
        auto db = must(store::openReadOnly(file));
        const auto runs = must(store::queryRuns(*db, {}));
        bestRows = std::min(bestRows, now() - start);
        const auto range = must(store::queryStepRange(*db, runs.front().runNo, "train/loss"));
        const auto columns =
            must(store::queryColumns(*db, runs.front().runNo, "train/loss", range->first, range->second, 1200));
        best = std::min(best, now() - start);
        if (columns.empty()) std::fprintf(stderr, "bench: no columns\n");
    }
    row("project: open to first 200 rows", bestRows, "s", 0.3, true);
    row("project: open to first curve", best, "s", 1, true);
    auto db = must(store::openReadOnly(file));
    start = now();
    store::RunQuery sorted;
    sorted.orderBy = "metric:train/loss:last";
    must(store::queryRuns(*db, sorted));
    row("project: 10,000 runs sorted by a metric", (now() - start) * 1000, "ms", 150, true);
    start = now();
    sorted.where = "train/loss.last < 0.5 and params.i > 5000";
    must(store::queryRuns(*db, sorted));
    row("project: the same, filtered by metric and parameter", (now() - start) * 1000, "ms", 150, true);
    db.reset();
    fs::remove_all(folder, error);
}

namespace {

/// A run of three attempts; the second and third go on from four fifths of what the one before said.
std::int64_t addRunOfThreeAttempts(store::ProjectWriter& writer, int number, std::int64_t points) {
    store::NewRun run;
    run.id = makeUuid();
    run.specJson = fmt::format("{{\"i\":{}}}", number);
    run.specHash = sha256(asBytes(run.specJson));
    run.groupHash = run.specHash;
    run.pluginId = "org.dubito.fake";
    run.pluginVersion = "1.0.0";
    run.system = "fake";
    run.createdUs = nowUs();
    run.parameters = Json{{"i", number}};
    must(writer.begin());
    const std::int64_t runNo = must(writer.addRun(run));
    must(writer.commit());
    for (std::int64_t attempt = 1, from = 0; attempt <= 3; ++attempt, from += points * 4 / 5) {
        must(writer.begin());
        store::NewAttempt begun;
        begun.attempt = attempt;
        begun.executor = "local";
        begun.startedUs = nowUs();
        if (attempt > 1) begun.resumedStep = from;
        must(writer.putAttempt(runNo, begun));
        must(writer.restitch(runNo));
        for (const char* key : {"train/loss", "train/rate"}) {
            const auto series = must(writer.openSeries(
                runNo, attempt, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::Min, key, "nats", ""}));
            for (std::int64_t step = from; step < from + points; ++step) {
                const double noise =
                    1e-3 * static_cast<double>((static_cast<std::uint64_t>(step + number) * 2654435761u) % 1000);
                must(writer.addPoint(
                    series, step, 1'000'000 + step * 1000, 1.0 / (1.0 + static_cast<double>(step)) + noise));
            }
        }
        must(writer.sealRun(runNo));
        must(writer.commit());
    }
    writer.closeRun(runNo);
    return runNo;
}

/// The best of five, in ms.
template <class F>
double bestOfFive(F&& body) {
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const double start = now();
        body();
        best = std::min(best, (now() - start) * 1000);
    }
    return best;
}

}  // namespace

void benchAttempts() {
    const fs::path folder = scratch("attempts");
    const fs::path file = folder / "attempts.dubito";
    must(store::createProject(file, "attempts"));
    std::int64_t longRun = 0, shortRun = 0;
    double start = now();
    {
        auto writer = must(store::ProjectWriter::open(file));
        longRun = addRunOfThreeAttempts(*writer, -1, 3'850'000);
        for (int i = 0; i < 5'000; ++i) shortRun = addRunOfThreeAttempts(*writer, i, 500);
    }
    row("attempts: 5,000 runs of 3 attempts, 15 M points, built", now() - start, "s", std::string("for information"));
    const auto list = [&](const char* orderBy, const char* where) {
        auto db = must(store::openReadOnly(file));
        store::RunQuery query;
        query.orderBy = orderBy;
        query.where = where;
        if (must(store::queryRuns(*db, query)).empty()) std::fprintf(stderr, "bench: no runs\n");
    };
    row("attempts: open and list 200 rows", bestOfFive([&] { list("created", ""); }), "ms", 300, true);
    row("attempts: the same, filtered by a metric",
        bestOfFive([&] { list("created", "train/loss.min < 0.5 and params.i > 2500"); }), "ms", 300, true);
    row("attempts: the same, in the order of a metric", bestOfFive([&] { list("metric:train/loss:mean", ""); }), "ms",
        300, true);
    auto db = must(store::openReadOnly(file));
    const auto curve = [&](std::int64_t runNo) {
        const auto range = must(store::queryStepRange(*db, runNo, "train/loss"));
        const auto columns = must(store::queryColumns(*db, runNo, "train/loss", range->first, range->second, 1200));
        if (columns.empty() || columns.size() > 1200) std::fprintf(stderr, "bench: %zu columns\n", columns.size());
    };
    row("attempts: 1,200 columns of a short run", bestOfFive([&] { curve(shortRun); }), "ms", 50, true);
    row("attempts: 1,200 columns of 10 M points", bestOfFive([&] { curve(longRun); }), "ms", 50, true);
    db.reset();
    std::error_code error;
    fs::remove_all(folder, error);
}

void benchPath() {
    const fs::path folder = scratch("path");
    ::setenv("XDG_DATA_HOME", (folder / "data").c_str(), 1);
    const fs::path file = folder / "path.dubito";
    must(store::createProject(file, "path"));
    std::mutex mutex;
    std::condition_variable wake;
    bool done = false;
    run::RunService::Options options;
    options.observer = [&](const run::RunEvent& event) {
        std::lock_guard lock(mutex);
        done |= event.kind == run::RunEvent::Kind::State && run::isFinal(event.state);
        wake.notify_all();
    };
    auto service = must(run::RunService::open(file, options));
    const auto plugin = must(host::readManifest(DUBITO_FAKE_PLUGIN));
    run::RunDraft draft;
    draft.threads = 1;
    draft.parameters = {{"do", "flood"}, {"steps", 400}};
    const double start = now();
    const auto runNo = must(service->submit(draft, plugin));
    {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return done; });
    }
    const double seconds = now() - start;
    auto db = must(store::openReadOnly(file));
    const auto metrics = must(store::queryMetrics(*db, runNo));
    row(fmt::format("whole path: publish to committed row, {} points", metrics.front().n),
        static_cast<double>(metrics.front().n) / seconds / 1e6, "M points/s", 1, false);
    service.reset();
    std::error_code error;
    fs::remove_all(folder, error);
}

}  // namespace dubito::bench
