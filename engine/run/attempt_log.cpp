// Small files and two journal segments; nothing is remembered between calls.
#include "run/attempt_log.h"

#include <unistd.h>

#include "journal/reader.h"
#include "journal/writer.h"

namespace dubito::run {
namespace {

std::uint32_t lastSegment(const fs::path& folder, int attempt, int rank) {
    const std::string prefix =
        journal::segmentPath("", std::uint32_t(attempt), std::uint32_t(rank), 0).string().substr(0, 11);
    std::uint32_t last = 0;
    auto files = listFolder(folder);
    if (!files) return 0;
    for (const auto& file : *files) {
        const std::string name = file.filename().string();
        if (name.starts_with(prefix) && file.extension() == ".djl")
            last = std::max(last, static_cast<std::uint32_t>(std::strtoul(name.c_str() + prefix.size(), nullptr, 10)));
    }
    return last;
}

void noteFrame(AttemptFacts& facts, const journal::JournalReader::Delivery& frame) {
    facts.lastFrameUs = std::max(facts.lastFrameUs, frame.header.timeUs);
    if (frame.header.type == journal::RecordType::Begin) {
        facts.began = true;
        facts.beganUs = frame.header.timeUs;
    }
    if (frame.header.type == journal::RecordType::End)
        facts.end = endFromJson(asText(frame.payload), frame.header.timeUs);
}

}  // namespace

EndFrame endFromJson(std::string_view text, std::int64_t timeUs) {
    EndFrame end;
    end.seen = true;
    end.timeUs = timeUs;
    end.status = "failed";
    end.cause = "error";
    if (auto json = parseJson(text)) {
        end.status = textOr(*json, "status", "failed");
        end.cause = textOr(*json, "cause", "error");
        end.message = textOr(*json, "message", "");
        if (timeUs == 0) end.timeUs = integerOr(*json, "time_us", 0);
    }
    return end;
}

std::string endJson(const EndFrame& end) {
    if (!end.seen) return {};
    return jsonText({{"status", end.status}, {"cause", end.cause}, {"message", end.message}, {"time_us", end.timeUs}});
}

AttemptFacts readFolderFacts(const JobDir& job, int attempt, int rank) {
    AttemptFacts facts;
    facts.attempt = attempt;
    facts.rank = rank;
    if (auto launch = job.readLaunch(attempt)) facts.launch = *launch;
    if (auto claim = job.readStatus(attempt, rank)) facts.claim = *claim;
    std::error_code error;
    facts.cancelAsked = fs::is_regular_file(fs::symlink_status(job.cancelMark(attempt), error));
    if (auto note = readPlainFile(job.crashNote(attempt, rank), 64 * 1024))
        facts.crashNote = note->substr(0, note->find('\n'));
    return facts;
}

AttemptFacts readFacts(const JobDir& job, int attempt, int rank) {
    AttemptFacts facts = readFolderFacts(job, attempt, rank);
    auto id = job.runId();
    if (!id) return facts;
    const auto note = [&facts](const journal::JournalReader::Delivery& frame) { noteFrame(facts, frame); };
    const auto ignore = [](const journal::Gap&) {};
    const auto a = static_cast<std::uint32_t>(attempt), r = static_cast<std::uint32_t>(rank);
    journal::JournalReader first(job.journal(), *id, a, r);
    first.poll(true, 1, note, ignore);  // one frame: begin
    journal::Cursor start;
    start.segment = lastSegment(job.journal(), attempt, rank);
    journal::JournalReader last(job.journal(), *id, a, r, start);
    while (last.poll(true, 64u << 20, note, ignore) == journal::JournalReader::Stop::Budget) {
    }
    return facts;
}

bool isElsewhere(const WorkerStatus& claim) {
    if (claim.bootId == bootId()) return false;
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    return claim.host != host;
}

bool isAlive(const WorkerStatus& claim) {
    return claim.phase == "running" && claim.pid > 1 && claim.bootId == bootId() &&
           isProcess(claim.pid, claim.startTicks);
}

}  // namespace dubito::run
