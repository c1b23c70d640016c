// Rows and cursor share a transaction, so ingestion can be killed anywhere and repeats or completes, never doubles.
#include "run/collector.h"

#include <fmt/format.h>
#include <signal.h>

#include "base/log.h"
#include "journal/array_block.h"

namespace dubito::run {

using journal::RecordType;

std::string signalName(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

CollectedRun* Collector::find(std::int64_t runNo) {
    const auto found = m_runs.find(runNo);
    return found == m_runs.end() ? nullptr : found->second.get();
}

void Collector::move(CollectedRun& run, RunState to) {
    if (run.state == to) return;
    if (!isLegalMove(run.state, to)) {
        logLine(LogLevel::Error, fmt::format("run {}: refused to move from {} to {}", run.id.text(), stateName(run.state), stateName(to)));
        return;
    }
    run.state = to;
}

Result<CollectedRun*> Collector::follow(std::int64_t runNo, RunId id, const JobDir& job, int attempt, RunState state) {
    auto run = std::make_unique<CollectedRun>(runNo, id, job, attempt);
    run->state = state;
    DUBITO_TRY(const auto stored, m_writer.cursor(runNo, attempt, 0));
    journal::Cursor cursor;
    if (stored) cursor = {static_cast<std::uint32_t>(stored->segment), static_cast<std::uint64_t>(stored->bytePos), static_cast<std::uint64_t>(stored->nextSequence)};
    run->reader = std::make_unique<journal::JournalReader>(job.journal(), id, static_cast<std::uint32_t>(attempt), 0, cursor);
    if (stored && stored->nextSequence > 0) DUBITO_CHECK(restoreSeries(*run));
    CollectedRun* raw = run.get();
    m_runs[runNo] = std::move(run);
    return raw;
}

Result<void> Collector::restoreSeries(CollectedRun& run) {
    // Series numbers live in the journal's define frames before the cursor: read them again, take nothing else.
    const journal::Cursor until = run.reader->cursor();
    journal::JournalReader again(run.job.journal(), run.id, static_cast<std::uint32_t>(run.attempt), 0);
    Result<void> outcome;
    bool passed = false;
    const auto deliver = [&](const journal::JournalReader::Delivery& frame) {
        if (frame.header.sequence >= until.nextSequence) passed = true;
        if (!outcome || passed) return;
        if (frame.header.type == RecordType::Begin) run.began = true;
        if (frame.header.type == RecordType::Log)
            if (auto line = journal::decodeLog(frame.payload)) run.lastLines.push_back(line->text);
        if (frame.header.type != RecordType::Define) return;
        auto definition = journal::decodeDefine(frame.payload);
        if (!definition) return;
        auto series = m_writer.openSeries(run.runNo, run.attempt, 0, *definition);
        if (!series) outcome = std::move(series).error();
        else run.series[definition->series] = *series;
    };
    while (!passed && again.poll(true, 8u << 20, deliver, [](const journal::Gap&) {}) == journal::JournalReader::Stop::Budget) {
    }
    if (run.lastLines.size() > 50) run.lastLines.erase(run.lastLines.begin(), run.lastLines.end() - 50);
    return outcome;
}

Result<void> Collector::take(CollectedRun& run, const journal::JournalReader::Delivery& frame) {
    const auto& header = frame.header;
    run.lastFrameUs = header.timeUs;
    ++run.frames;
    switch (header.type) {
        case RecordType::Begin: {
            run.began = true;
            // A run that is being stopped already stays so: its first frame arrives late.
            if (run.state == RunState::Starting || run.state == RunState::Queued) move(run, RunState::Running);
            DUBITO_CHECK(m_writer.setState(run.runNo, {.state = static_cast<int>(run.state), .startedUs = header.timeUs}));
            store::NewAttempt attempt;
            attempt.attempt = run.attempt;
            attempt.executor = "local";
            attempt.startedUs = header.timeUs;
            if (auto json = parseJson(asText(frame.payload))) {
                attempt.host = textOr(*json, "host", "");
                attempt.device = textOr(*json, "device", "");
                attempt.environmentJson = jsonText(*json);
                if (memberOf(*json, "resumed_step").is_number_integer()) attempt.resumedStep = integerOr(*json, "resumed_step", 0);
            }
            return m_writer.putAttempt(run.runNo, attempt);
        }
        case RecordType::End: {
            run.end.seen = true;
            if (auto json = parseJson(asText(frame.payload))) {
                run.end.status = textOr(*json, "status", "failed");
                run.end.cause = textOr(*json, "cause", "error");
                run.end.message = textOr(*json, "message", "");
            }
            return {};
        }
        case RecordType::Define: {
            auto definition = journal::decodeDefine(frame.payload);
            if (!definition) return {};
            DUBITO_TRY(run.series[definition->series], m_writer.openSeries(run.runNo, run.attempt, 0, *definition));
            return {};
        }
        case RecordType::ScalarGroup: {
            auto group = journal::decodeScalarGroup(frame.payload);
            if (!group) return {};
            for (std::size_t i = 0; i < group->series.size(); ++i)
                if (const auto found = run.series.find(group->series[i]); found != run.series.end()) DUBITO_CHECK(m_writer.addPoint(found->second, group->step, header.timeUs, group->values[i]));
            return {};
        }
        case RecordType::ScalarRun: {
            auto points = journal::decodeScalarRun(frame.payload);
            if (!points) return {};
            if (const auto found = run.series.find(points->series); found != run.series.end())
                for (std::size_t i = 0; i < points->values.size(); ++i) DUBITO_CHECK(m_writer.addPoint(found->second, points->steps[i], points->timesUs[i], points->values[i]));
            return {};
        }
        case RecordType::Progress: {
            auto progress = journal::decodeProgress(frame.payload);
            if (!progress) return {};
            return m_writer.setProgress(run.runNo, progress->done, progress->total, progress->phase);
        }
        case RecordType::Log: {
            auto line = journal::decodeLog(frame.payload);
            if (!line) return {};
            run.lastLines.push_back(line->text);
            if (run.lastLines.size() > 50) run.lastLines.erase(run.lastLines.begin());
            return m_writer.addLog(run.runNo, run.attempt, 0, header.sequence, header.timeUs, static_cast<int>(std::min(line->level, 4u)), line->text);
        }
        case RecordType::Checkpoint: {
            ByteReader in(frame.payload);
            const auto step = in.get<std::int64_t>();
            const auto bytes = in.get<std::uint64_t>();
            const ByteSpan hash = in.span(32);
            const auto length = in.get<std::uint32_t>();
            const std::string_view folder = in.text(length);
            if (!in.ok() || step < 0 || bytes > INT64_MAX) return {};
            return m_writer.addCheckpoint(run.runNo, run.attempt, step, hash, static_cast<std::int64_t>(bytes), folder, header.timeUs);
        }
        case RecordType::Result: {
            auto result = journal::decodeResult(frame.payload);
            if (!result) return {};
            const auto json = parseJson(result->json);
            const std::string verb = json ? textOr(*json, "verb", "") : "";
            if (verb == "pause" && run.state == RunState::Running) move(run, RunState::Paused);
            if (verb == "resume" && run.state == RunState::Paused) move(run, RunState::Running);
            DUBITO_CHECK(m_writer.setState(run.runNo, {.state = static_cast<int>(run.state)}));
            if (result->status < 0)
                return m_writer.addLog(run.runNo, run.attempt, 0, header.sequence, header.timeUs, 1, fmt::format("command {} refused: {}", verb, json ? textOr(*json, "message", "") : ""));
            return {};
        }
        default:
            if (journal::isBulk(header.type) && !(header.flags & journal::kFrameLiveOnly)) {
                auto bulk = journal::decodeBulk(frame.payload);
                if (!bulk) return {};
                if (const auto found = run.series.find(bulk->series); found != run.series.end())
                    return m_writer.addRecord(found->second, bulk->step, header.timeUs, header.sequence, bulk->metaJson, bulk->block);
            }
            return {};
    }
}

Result<std::uint64_t> Collector::ingest(CollectedRun& run, bool ended, std::uint64_t maxBytes) {
    const journal::Cursor before = run.reader->cursor();
    const std::uint64_t framesBefore = run.frames;
    Result<void> outcome;
    const auto stop = run.reader->poll(
        ended, maxBytes,
        [&](const journal::JournalReader::Delivery& frame) {
            if (outcome) outcome = take(run, frame);
        },
        [&](const journal::Gap& gap) {
            if (outcome)
                outcome = m_writer.addGap(run.runNo, run.attempt, 0, gap.segment, std::int64_t(gap.byteFrom), std::int64_t(gap.byteTo), std::int64_t(gap.sequenceFrom), std::int64_t(gap.sequenceTo), gap.why);
        });
    DUBITO_CHECK(std::move(outcome));
    if ((stop == journal::JournalReader::Stop::Newer || stop == journal::JournalReader::Stop::Foreign || stop == journal::JournalReader::Stop::TornTail) && !run.isStopped) {
        run.isStopped = true;
        const auto& at = run.reader->cursor();
        DUBITO_CHECK(m_writer.addGap(run.runNo, run.attempt, 0, at.segment, std::int64_t(at.offset), std::int64_t(at.offset), std::int64_t(at.nextSequence), std::int64_t(at.nextSequence), run.reader->stopReason()));
    }
    const journal::Cursor& after = run.reader->cursor();
    if (!(after == before) || ended)
        DUBITO_CHECK(m_writer.setCursor(run.runNo, run.attempt, 0, {after.segment, std::int64_t(after.offset), std::int64_t(after.nextSequence), ended && stop != journal::JournalReader::Stop::Budget, {}}));
    if (stop == journal::JournalReader::Stop::Budget) return std::max<std::uint64_t>(1, run.frames - framesBefore);
    return run.frames - framesBefore;
}

Result<std::vector<std::int64_t>> Collector::poll(std::uint64_t maxBytes) {
    std::vector<std::int64_t> changed;
    if (m_runs.empty()) return changed;
    DUBITO_CHECK(m_writer.begin());
    for (auto& [runNo, run] : m_runs) {
        if (run->isStopped) continue;
        auto frames = ingest(*run, false, maxBytes);
        if (!frames) {
            m_writer.rollback();
            return std::move(frames).error().in("taking in run " + run->id.text());
        }
        if (*frames > 0) changed.push_back(runNo);
    }
    if (auto committed = m_writer.commit(); !committed) {
        m_writer.rollback();
        return std::move(committed).error();
    }
    return changed;
}

Result<RunState> Collector::finish(std::int64_t runNo, int exitCode, int signal, Cause known, const std::string& detail, bool wasAsked) {
    CollectedRun* run = find(runNo);
    if (!run) return Error(Code::NotFound, fmt::format("run number {} is not followed", runNo));
    for (bool more = true; more;) {
        DUBITO_CHECK(m_writer.begin());
        const auto before = run->reader->cursor();
        auto frames = ingest(*run, true, 16u << 20);
        if (!frames) {
            m_writer.rollback();
            return std::move(frames).error().in("taking in run " + run->id.text());
        }
        DUBITO_CHECK(m_writer.commit());
        more = !(run->reader->cursor() == before) && *frames > 0;
    }
    // Order of truth: end frame, then how the process ended, then silence.
    store::RunStateChange change;
    RunState final = RunState::Failed;
    Cause cause = known;
    std::string text = detail;
    if (known == Cause::Memory || known == Cause::Launch) {
    } else if (run->end.seen && run->end.status == "done") {
        final = RunState::Done;
    } else if (run->end.seen && run->end.status == "cancelled") {
        final = RunState::Cancelled;
    } else if (run->end.seen) {
        cause = causeFromName(run->end.cause);
        if (cause == Cause::None) cause = Cause::Error;
        text = run->end.message;
    } else if (wasAsked && (signal == SIGKILL || signal == SIGTERM || exitCode == kExitCancelled)) {
        final = RunState::Cancelled;
    } else if (signal != 0) {
        cause = Cause::Crash;
        text = "ended by " + signalName(signal);
        if (auto note = readFile(run->job.crashNote(run->attempt), 8192)) text += ": " + note->substr(0, note->find('\n'));
    } else if (exitCode == kExitRefused) {
        cause = Cause::Refused;
    } else if (exitCode == kExitDisk) {
        cause = Cause::Disk;
    } else if (auto note = readFile(run->job.crashNote(run->attempt), 8192)) {
        cause = Cause::Crash;
        text = note->substr(0, note->find('\n'));
    } else if (exitCode < 0) {
        cause = Cause::Lost;
        text = "the worker is gone without a word";
    } else {
        cause = Cause::Error;
        text = fmt::format("the worker ended with code {} and no end record", exitCode);
    }
    if (final == RunState::Failed && !run->end.seen) {
        // What the worker said on its error stream is the best hint when it could not write an end record.
        if (auto err = readFile(run->job.log(run->attempt, "err"), 1 << 20); err && !err->empty()) text += "\n" + err->substr(err->size() > 2000 ? err->size() - 2000 : 0);
        if (!run->lastLines.empty()) {
            text += "\nlast log lines:";
            for (std::size_t i = run->lastLines.size() > 10 ? run->lastLines.size() - 10 : 0; i < run->lastLines.size(); ++i) text += "\n" + run->lastLines[i];
        }
    }
    if (run->state == RunState::Queued && final != RunState::Cancelled) run->state = RunState::Starting;
    move(*run, final);
    change = {static_cast<int>(final), static_cast<int>(final == RunState::Failed ? cause : Cause::None), text, {}, nowUs()};
    store::NewAttempt attempt;
    attempt.attempt = run->attempt;
    attempt.executor = "local";
    attempt.endedUs = change.endedUs;
    if (exitCode >= 0) attempt.exitCode = exitCode;
    if (signal > 0) attempt.signal = signal;
    DUBITO_CHECK(m_writer.begin());
    const auto write = [&]() -> Result<void> {
        DUBITO_CHECK(m_writer.sealRun(runNo));
        DUBITO_CHECK(m_writer.putAttempt(runNo, attempt));
        return m_writer.setState(runNo, change);
    };
    if (auto written = write(); !written) {
        m_writer.rollback();
        return std::move(written).error();
    }
    DUBITO_CHECK(m_writer.commit());
    m_writer.closeRun(runNo);
    m_runs.erase(runNo);
    return final;
}

Result<std::int64_t> collectJobDir(store::ProjectWriter& writer, const fs::path& folder, const PluginDescription* plugin) {
    const JobDir job(folder);
    DUBITO_TRY(const RunId id, job.runId());
    DUBITO_TRY(const RunSpec spec, job.readSpec());
    std::int64_t runNo = 0;
    if (auto known = writer.findRun(id)) {
        runNo = *known;
    } else {
        store::NewRun run;
        run.id = id;
        run.specJson = spec.text();
        run.specHash = spec.hash();
        run.groupHash = spec.groupHash();
        run.pluginId = spec.pluginId();
        run.pluginVersion = spec.pluginVersion();
        run.system = run.pluginId.substr(run.pluginId.rfind('.') + 1);
        run.manifestJson = plugin ? plugin->manifestJson : "";
        run.seed = static_cast<std::int64_t>(spec.seed());
        run.createdUs = nowUs();
        run.parameters = spec.parameters();
        if (auto placement = job.readPlacement()) run.title = placement->title;
        DUBITO_CHECK(writer.begin());
        auto added = writer.addRun(run);
        if (!added) {
            writer.rollback();
            return std::move(added).error();
        }
        DUBITO_CHECK(writer.commit());
        runNo = *added;
    }
    Collector collector(writer);
    DUBITO_TRY(CollectedRun * followed, collector.follow(runNo, id, job, 1, RunState::Starting));
    (void)followed;
    int exitCode = -1;
    if (auto status = job.readStatus(1); status && status->phase == "ended") exitCode = static_cast<int>(status->exitCode);
    DUBITO_TRY(const RunState state, collector.finish(runNo, exitCode, 0, Cause::None, "", false));
    (void)state;
    return runNo;
}

}  // namespace dubito::run
