// What the tests of the journal share: whole files, whole journals, and children that may die.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <vector>

#include "journal/reader.h"
#include "journal/writer.h"
#include "stats/counter_rng.h"

namespace journal_tools {

using namespace dubito;
using namespace dubito::journal;

inline Bytes load(const fs::path& path) {
    auto text = readFile(path, 1u << 30);
    return text ? Bytes(text->begin(), text->end()) : Bytes();
}
/// In place and not synced: thousands of damaged copies are written.
inline void save(const fs::path& path, ByteSpan bytes) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const ssize_t n = ::pwrite(file.get(), bytes.data(), bytes.size(), 0);
    if (n != static_cast<ssize_t>(bytes.size()) || ::ftruncate(file.get(), n) != 0)
        qFatal("cannot write %s", path.c_str());
}

struct Point {
    std::int64_t step, timeUs;
    double value;
    bool operator==(const Point&) const = default;
};
using Points = std::map<std::uint32_t, std::vector<Point>>;

inline void takePoints(Points& out, const FrameHeader& header, ByteSpan payload) {
    if (header.type == RecordType::ScalarGroup)
        if (const auto group = decodeScalarGroup(payload))
            for (std::size_t i = 0; i < group->series.size(); ++i)
                out[group->series[i]].push_back({group->step, header.timeUs, group->values[i]});
    if (header.type == RecordType::ScalarRun)
        if (const auto run = decodeScalarRun(payload))
            for (std::size_t i = 0; i < run->steps.size(); ++i)
                out[run->series].push_back({run->steps[i], run->timesUs[i], run->values[i]});
}

struct Frame {
    RecordType type;
    std::uint64_t sequence;
    Bytes payload;
};
struct Taken {
    std::vector<Frame> frames;
    std::vector<Gap> gaps;
    Points points;
    JournalReader::Stop stop{};
    std::string reason;

    std::vector<std::string> texts() const {
        std::vector<std::string> out;
        for (const Frame& frame : frames)
            if (frame.type == RecordType::Log) out.push_back(decodeLog(frame.payload)->text);
        return out;
    }
    const Frame* last(RecordType type) const {
        for (auto it = frames.rbegin(); it != frames.rend(); ++it)
            if (it->type == type) return &*it;
        return nullptr;
    }
};

/// Polls until there is nothing more; at most `rounds` times, so that no journal can hold up a test.
inline Taken readOn(JournalReader& reader, bool ended, int rounds = 10'000) {
    Taken out;
    do {
        out.stop = reader.poll(
            ended, 1 << 20,
            [&](const JournalReader::Delivery& frame) {
                const Bytes payload(frame.payload.begin(), frame.payload.end());
                out.frames.push_back({frame.header.type, frame.header.sequence, payload});
                takePoints(out.points, frame.header, frame.payload);
            },
            [&](const Gap& gap) { out.gaps.push_back(gap); });
    } while (out.stop == JournalReader::Stop::Budget && --rounds > 0);
    out.reason = reader.stopReason();
    return out;
}
inline Taken readAll(const fs::path& folder, Uuid run, bool ended = true) {
    JournalReader reader(folder, run, 1, 0, {}, {std::chrono::milliseconds(0)});
    return readOn(reader, ended);
}

inline Bytes logPayload(std::string_view text) {
    Bytes out;
    encodeLog(out, 2, text);
    return out;
}

/// Runs the body in a child. @return as waitpid()
template <class Body>
int inChild(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = -1;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

constexpr auto kNever = std::chrono::hours(1);

inline std::unique_ptr<JournalWriter> make(const fs::path& folder, Uuid run, JournalWriter::Options options = {}) {
    auto writer = JournalWriter::create(folder, {run, 1, 0, 0, 0}, std::move(options));
    if (!writer) qFatal("%s", writer.error().text().c_str());
    return std::move(*writer);
}

/// Bytes that do not pack, so that a small disk is soon full.
inline std::string noise(std::size_t n, std::uint64_t seed) {
    stats::CounterRng rng(seed, "noise", 0);
    std::string out(n, ' ');
    for (char& c : out) c = static_cast<char>(33 + rng.nextU32() % 90);
    return out;
}

struct Shared {
    std::atomic<std::int64_t> said{0};
};
inline Shared* shared() {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return new (page) Shared;
}

}  // namespace journal_tools
