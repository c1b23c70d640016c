// Last words: the end of a run in good order, on a full disk, and in a crash.
#include <time.h>

#include <algorithm>

#include "base/json.h"
#include "journal/writer.h"
#include "journal/writer_role.h"

namespace dubito::journal {

Result<void> JournalWriter::stopIo() {
    if (!m_thread.joinable()) return Error(Code::WrongState, "the journal has ended before");
    {
        const Lock lock(m_mutex);
        m_isClosing = true;
    }
    m_wake.notify_one();
    m_drained.notify_all();
    m_thread.join();
    m_reserve.release();
    return {};
}

Result<void> JournalWriter::close() {
    if (m_thread.joinable()) DUBITO_CHECK(stopIo());
    const Lock lock(m_mutex);
    if (!m_diskFailed) return {};
    const InsideWriter inside;
    gather(true);
    (void)writeRest();
    (void)m_file.sync();
    return Error(Code::Io, m_problem);
}

Result<std::uint64_t> JournalWriter::finish(ByteSpan endPayload) {
    if (endPayload.size() > kMaxPayloadBytes) return Error(Code::Limit, "an end record does not fit one frame");
    DUBITO_CHECK(stopIo());
    const Lock lock(m_mutex);
    const InsideWriter inside;
    gather(true);
    const Bytes words = m_diskFailed ? endWords(endPayload) : Bytes(endPayload.begin(), endPayload.end());
    const std::int64_t timeUs = nowUs();
    const std::uint64_t sequence = put(RecordType::End, words, 0, timeUs);
    int error = 0;
    if (const auto unwritten = writeRest()) {
        Bytes frame;
        appendFrame(frame, RecordType::End, sequence, timeUs, words);
        error = writeEndEarly(*unwritten, frame);
    }
    if (error == 0) error = m_file.sync();
    if (error == 0) return sequence;
    fail(error);
    return Error(Code::Io, m_problem);
}

Bytes JournalWriter::endWords(ByteSpan payload) const {
    Json words = Json::object();
    if (auto said = parseJson(asText(payload), {kMaxPayloadBytes, 32}); said && said->is_object()) words = *said;
    if (textOr(words, "status", "") != "failed" || textOr(words, "cause", "") != "disk") {
        words["status"] = "failed";
        words["cause"] = "disk";
        words["message"] = m_problem;
    }
    words["backpressure_ms"] = blockedMs();
    const std::string text = jsonText(words);
    return Bytes(text.begin(), text.end());
}

/// Whole frames only. @return where it stopped; empty when everything that waited is in the file
std::optional<JournalWriter::Unwritten> JournalWriter::writeRest() {
    Chunk* chunk = m_queue.front();
    std::size_t floor = 0;
    for (Chunk* before = nullptr; chunk; before = chunk, chunk = chunk->next) {
        if (chunk->segment != m_file.segment() && m_file.create(chunk->segment) != 0) {
            // The end of the run takes the place of the segment end.
            chunk = before;
            chunk->written = chunk->lastWhole(chunk->whole - 1);
            floor = std::min<std::size_t>(floor, chunk->written);
            break;
        }
        floor = chunk->lastWhole(chunk->written);
        const int error = m_file.write(*chunk, chunk->whole);
        if (error == 0) continue;
        chunk->written = chunk->lastWhole(chunk->written);
        break;
    }
    if (!chunk) return std::nullopt;
    (void)m_file.cut(chunk->fileAt + chunk->written);
    return Unwritten{chunk, floor};
}

/// In place of the frames that did not fit; of those that did, as many give way as it needs. @return 0 or errno
int JournalWriter::writeEndEarly(Unwritten at, ByteSpan frame) {
    std::size_t done = 0;
    for (;;) {
        const std::uint64_t place = at.chunk->fileAt + at.chunk->written;
        const int error = m_file.writeAt(place, frame, done);
        if (error == 0) return 0;
        if (at.chunk->written > at.floor) {
            at.chunk->written = at.chunk->lastWhole(at.chunk->written - 1);
            (void)m_file.cut(at.chunk->fileAt + at.chunk->written);
            continue;
        }
        (void)m_file.cut(place);
        // A file may be at a limit of its own while the disk has room.
        if (m_file.create(m_file.segment() + 1) != 0) return error;
        return m_file.writeAt(kFileHeaderBytes, frame, done);
    }
}

void JournalWriter::writeAfterCrash() noexcept {
    askToDrain();
    if (t_writerRole == WriterRole::Outside) {
        const timespec nap{0, 2'000'000};
        for (int i = 0; i < 1000 && !m_isDrained; ++i) {
            if (i == 250) m_reserve.release();  // half a second: the disk may be full
            ::nanosleep(&nap, nullptr);
        }
    }
    m_reserve.release();
    if (m_isDrained) return;
    m_isRaw = true;
    const Chunk* chunk = m_queue.front();
    for (;; chunk = chunk->next) {  // never empty
        const std::uint64_t from = chunk->written;
        const ByteSpan waiting = chunk->waiting();
        if (!waiting.empty() && !m_file.writeRaw(chunk->segment, chunk->fileAt + from, waiting)) return;
        if (chunk->endsSegment) return;
        if (!chunk->next.load()) break;
    }
    std::uint64_t at = chunk->fileAt + chunk->whole;
    for (std::size_t i = 0; i < m_scalars.groupCount(); ++i) {
        const std::size_t n = m_scalars.putGroup(i, m_sequence + i, m_crashFrame.get());
        if (!m_file.writeRaw(chunk->segment, at, {m_crashFrame.get(), n})) return;
        at += n;
    }
}

}  // namespace dubito::journal
