// A job folder written by hand, as a worker would: for what must be true of any folder, whoever wrote it.
#pragma once

#include <QTemporaryDir>

#include "journal/array_block.h"
#include "journal/writer.h"
#include "run/attempt_log.h"
#include "support/results.h"

namespace dubito::tests {

using run::JobDir;
using run::RunSpec;
using run::WorkerStatus;

/// Of a plugin that exists in the tests only.
inline constexpr const char* kFakeSpec =
    R"({"data":[],"device":"cpu","models":[],"params":{},"plugin":{"id":"org.dubito.fake",)"
    R"("version":"1.0.0"},"schema":"dubito.spec/1","seed":42,"threads":1,"warm_start":null,"world_size":1})";

/// A job folder written by hand, as a worker would.
struct Job {
    QTemporaryDir dir;
    RunId id = makeUuid();
    JobDir job;
    explicit Job(const fs::path& parent = {})
        : job(JobDir((parent.empty() ? fs::path(dir.path().toStdString()) : parent) / id.text())) {
        job = get(JobDir::create(job.root(), get(RunSpec::parse(kFakeSpec)), {}));
    }

    void claim(int attempt, const char* phase, int exitCode) const {
        WorkerStatus status;
        status.phase = phase;
        status.exitCode = exitCode;
        status.bootId = run::bootId();
        status.pid = 4194303;  // nobody, or at least not since then
        status.endedUs = exitCode >= 0 ? nowUs() : 0;
        ok(job.claim(attempt, 0, status));
    }
    std::unique_ptr<journal::JournalWriter> begin(int attempt, std::optional<std::int64_t> resumedStep = {}) const {
        auto writer = get(journal::JournalWriter::create(job.journal(), {id, std::uint32_t(attempt), 0, 0, 0}));
        Json json = {{"host", "here"}, {"device", "cpu"}};
        if (resumedStep) json["resumed_step"] = *resumedStep;
        get(writer->append(journal::RecordType::Begin, asBytes(jsonText(json))));
        Bytes payload;
        journal::encodeDefine(
            payload, {0, journal::RecordType::ScalarGroup, journal::Goal::Min, "train/loss", "nats", ""});
        get(writer->append(journal::RecordType::Define, payload));
        payload.clear();
        journal::encodeDefine(payload, {1, journal::RecordType::Tensor, journal::Goal::None, "resid/fat", "", ""});
        get(writer->append(journal::RecordType::Define, payload));
        return writer;
    }
    static void points(journal::JournalWriter& writer, std::int64_t from, std::int64_t to, double offset = 0) {
        const std::uint32_t series[] = {0};
        for (std::int64_t step = from; step < to; ++step) {
            const double values[] = {offset + static_cast<double>(step)};
            ok(writer.scalars(step, series, values));
        }
    }
    static void fat(journal::JournalWriter& writer, std::int64_t step) {
        std::vector<std::uint32_t> noise(200'000);
        std::uint32_t state = static_cast<std::uint32_t>(step) * 2654435761u + 1;
        for (auto& value : noise) value = state = state * 1664525u + 1013904223u;
        const journal::Array arrays[] = {{"x", "", kU32, {200'000}, journal::Array::Role::Values,
            {reinterpret_cast<const std::uint8_t*>(noise.data()), noise.size() * 4}}};
        Bytes payload;
        journal::encodeBulk(payload, 1, step, "{}", arrays);
        get(writer.append(journal::RecordType::Tensor, payload));
    }
    static void end(journal::JournalWriter& writer, const char* status) {
        get(writer.finish(asBytes(jsonText({{"status", status}, {"cause", ""}, {"message", ""}}))));
    }
};

}  // namespace dubito::tests
