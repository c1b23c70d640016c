// A function a record type; what a newer program or a damaged disk wrote is skipped by the reader, never here.
#include "run/follower.h"

#include <fmt/format.h>

#include "journal/array_block.h"

namespace dubito::run {

using journal::RecordType;
using Stop = journal::JournalReader::Stop;

Follower::Follower(store::ProjectWriter& writer, std::int64_t runNo, RunId id, JobDir job, int attempt, int rank)
    : m_writer(writer), m_runNo(runNo), m_id(id), m_job(std::move(job)), m_attempt(attempt), m_rank(rank) {}

Result<std::unique_ptr<Follower>> Follower::open(
    store::ProjectWriter& writer, std::int64_t runNo, RunId id, const JobDir& job, int attempt, int rank) {
    std::unique_ptr<Follower> out(new Follower(writer, runNo, id, job, attempt, rank));
    DUBITO_TRY(const auto stored, writer.cursor(runNo, attempt, rank));
    if (stored) {
        out->m_now.cursor = {static_cast<std::uint32_t>(stored->segment), static_cast<std::uint64_t>(stored->bytePos),
            static_cast<std::uint64_t>(stored->nextSequence)};
        out->m_now.began = stored->nextSequence > 0;
        if (!stored->endJson.empty()) out->m_now.end = endFromJson(stored->endJson);
    }
    out->m_reader = std::make_unique<journal::JournalReader>(
        job.journal(), id, static_cast<std::uint32_t>(attempt), static_cast<std::uint32_t>(rank), out->m_now.cursor);
    if (out->m_now.began) DUBITO_CHECK(out->findSeries());
    return out;
}

Result<void> Follower::findSeries() {
    DUBITO_TRY(auto known, m_writer.seriesOf(m_runNo, m_attempt, m_rank));
    if (known) {
        m_now.series = std::move(*known);
        return {};
    }
    // Rows of a schema-1 project have no journal numbers: the definitions before the cursor say them.
    const std::uint64_t until = m_now.cursor.nextSequence;
    journal::JournalReader again(
        m_job.journal(), m_id, static_cast<std::uint32_t>(m_attempt), static_cast<std::uint32_t>(m_rank));
    Result<void> outcome;
    bool passed = false;
    const auto note = [&](const Delivery& frame) {
        passed |= frame.header.sequence >= until;
        if (outcome && !passed && frame.header.type == RecordType::Define) outcome = onDefine(frame);
    };
    while (!passed && again.poll(true, 8u << 20, note, [](const journal::Gap&) {}) == Stop::Budget) {
    }
    return outcome;
}

void Follower::restore(const Mark& mark) {
    m_now = mark;
    m_reader->restore(mark.cursor);
}

AttemptFacts Follower::facts() const {
    AttemptFacts facts = readFolderFacts(m_job, m_attempt, m_rank);
    facts.began = m_now.began;
    facts.beganUs = m_now.beganUs;
    facts.lastFrameUs = m_now.lastFrameUs;
    facts.end = m_now.end;
    return facts;
}

Result<std::uint64_t> Follower::ingest(bool ended, std::uint64_t maxBytes, bool* more) {
    const std::uint64_t framesBefore = m_now.frames;
    if (more) *more = false;
    if (m_now.isStopped) return std::uint64_t{0};
    Result<void> outcome;
    const Stop stop = m_reader->poll(
        ended, maxBytes,
        [&](const Delivery& frame) {
            if (outcome) outcome = take(frame);
        },
        [&](const journal::Gap& gap) {
            if (outcome) outcome = addGap(gap);
        });
    DUBITO_CHECK(std::move(outcome));
    const journal::Cursor& at = m_reader->cursor();
    if (stop == Stop::Newer || stop == Stop::Foreign || stop == Stop::TornTail) {
        m_now.isStopped = true;
        DUBITO_CHECK(
            addGap({at.segment, at.offset, at.offset, at.nextSequence, at.nextSequence, m_reader->stopReason()}));
    }
    const bool isDrained = ended && stop != Stop::Budget;
    if (!(at == m_now.cursor) || isDrained)
        DUBITO_CHECK(m_writer.setCursor(m_runNo, m_attempt, m_rank,
            {at.segment, std::int64_t(at.offset), std::int64_t(at.nextSequence), isDrained, endJson(m_now.end)}));
    m_now.cursor = at;
    if (more) *more = stop == Stop::Budget;
    return m_now.frames - framesBefore;
}

Result<void> Follower::addGap(const journal::Gap& gap) {
    return m_writer.addGap(m_runNo, m_attempt, m_rank, gap.segment, std::int64_t(gap.byteFrom),
        std::int64_t(gap.byteTo), std::int64_t(gap.sequenceFrom), std::int64_t(gap.sequenceTo), gap.why);
}

Result<void> Follower::take(const Delivery& frame) {
    m_now.lastFrameUs = frame.header.timeUs;
    ++m_now.frames;
    switch (frame.header.type) {
        case RecordType::Begin: return onBegin(frame);
        case RecordType::End: m_now.end = endFromJson(asText(frame.payload), frame.header.timeUs); return {};
        case RecordType::Define: return onDefine(frame);
        case RecordType::ScalarGroup: return onScalarGroup(frame);
        case RecordType::ScalarRun: return onScalarRun(frame);
        case RecordType::Progress: return onProgress(frame);
        case RecordType::Log: return onLog(frame);
        case RecordType::Checkpoint: return onCheckpoint(frame);
        case RecordType::Result: return onResult(frame);
        default: return journal::isBulk(frame.header.type) ? onRecord(frame) : Result<void>();
    }
}

Result<void> Follower::onBegin(const Delivery& frame) {
    m_now.began = true;
    m_now.beganUs = frame.header.timeUs;
    if (m_rank != 0) return {};
    store::NewAttempt attempt;
    attempt.attempt = m_attempt;
    attempt.executor = "local";
    attempt.startedUs = frame.header.timeUs;
    if (auto json = parseJson(asText(frame.payload))) {
        attempt.host = textOr(*json, "host", "");
        attempt.device = textOr(*json, "device", "");
        attempt.environmentJson = jsonText(*json);
        if (memberOf(*json, "resumed_step").is_number_integer())
            attempt.resumedStep = integerOr(*json, "resumed_step", 0);
    }
    DUBITO_CHECK(m_writer.putAttempt(m_runNo, attempt));
    // From here on the older attempts are cut: their latest values count kept points only.
    if (m_attempt > 1) DUBITO_CHECK(m_writer.restitch(m_runNo));
    return {};
}

Result<void> Follower::onDefine(const Delivery& frame) {
    auto definition = journal::decodeDefine(frame.payload);
    if (!definition) return {};
    DUBITO_TRY(m_now.series[definition->series], m_writer.openSeries(m_runNo, m_attempt, m_rank, *definition));
    return {};
}

Result<void> Follower::onScalarGroup(const Delivery& frame) {
    auto group = journal::decodeScalarGroup(frame.payload);
    if (!group) return {};
    for (std::size_t i = 0; i < group->series.size(); ++i)
        if (const auto found = m_now.series.find(group->series[i]); found != m_now.series.end())
            DUBITO_CHECK(m_writer.addPoint(found->second, group->step, frame.header.timeUs, group->values[i]));
    return {};
}

Result<void> Follower::onScalarRun(const Delivery& frame) {
    auto points = journal::decodeScalarRun(frame.payload);
    if (!points) return {};
    const auto found = m_now.series.find(points->series);
    if (found == m_now.series.end()) return {};
    for (std::size_t i = 0; i < points->values.size(); ++i)
        DUBITO_CHECK(m_writer.addPoint(found->second, points->steps[i], points->timesUs[i], points->values[i]));
    return {};
}

Result<void> Follower::onProgress(const Delivery& frame) {
    auto progress = journal::decodeProgress(frame.payload);
    if (!progress || m_rank != 0) return {};
    return m_writer.setProgress(m_runNo, progress->done, progress->total, progress->phase);
}

Result<void> Follower::onLog(const Delivery& frame) {
    auto line = journal::decodeLog(frame.payload);
    if (!line) return {};
    return m_writer.addLog(m_runNo, m_attempt, m_rank, frame.header.sequence, frame.header.timeUs,
        static_cast<int>(std::min(line->level, 4u)), line->text);
}

Result<void> Follower::onCheckpoint(const Delivery& frame) {
    ByteReader in(frame.payload);
    const auto step = in.get<std::int64_t>();
    const auto bytes = in.get<std::uint64_t>();
    const ByteSpan hash = in.span(32);
    const auto length = in.get<std::uint32_t>();
    const std::string_view folder = in.text(length);
    if (!in.ok() || step < 0 || bytes > INT64_MAX || m_rank != 0) return {};
    return m_writer.addCheckpoint(
        m_runNo, m_attempt, step, hash, static_cast<std::int64_t>(bytes), folder, frame.header.timeUs);
}

Result<void> Follower::onResult(const Delivery& frame) {
    auto result = journal::decodeResult(frame.payload);
    if (!result) return {};
    const auto json = parseJson(result->json);
    const std::string verb = json ? textOr(*json, "verb", "") : "";
    if (result->status >= 0 && verb == "pause") m_now.isPaused = true;
    if (result->status >= 0 && verb == "resume") m_now.isPaused = false;
    if (result->status >= 0) return {};
    return m_writer.addLog(m_runNo, m_attempt, m_rank, frame.header.sequence, frame.header.timeUs, 1,
        fmt::format("command {} refused: {}", verb, json ? textOr(*json, "message", "") : ""));
}

Result<void> Follower::onRecord(const Delivery& frame) {
    if (frame.header.flags & journal::kFrameLiveOnly) return {};
    auto bulk = journal::decodeBulk(frame.payload);
    if (!bulk) return {};
    const auto found = m_now.series.find(bulk->series);
    if (found == m_now.series.end()) return {};
    return m_writer.addRecord(found->second, bulk->step, frame.header.timeUs, frame.header.sequence, bulk->metaJson,
        bulk->block, m_job.blobs());
}

}  // namespace dubito::run
