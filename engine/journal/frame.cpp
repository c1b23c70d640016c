// Encoding and checked decoding of every frame; lengths are believed only after the header's checksum.
#include "journal/frame.h"

#include <fmt/format.h>
#include <zstd.h>

#include "base/crc32c.h"

namespace dubito::journal {
namespace {

constexpr char kFileMagic[8] = {'D', 'U', 'B', 'J', 'R', 'N', 'L', '1'};
constexpr char kFrameMagic[4] = {'D', 'J', 'F', '1'};

Error corrupt(std::string_view what) { return Error(Code::CorruptData, fmt::format("journal: {}", what)); }

void appendText(Bytes& out, std::string_view text) {
    append(out, static_cast<std::uint32_t>(text.size()));
    append(out, text);
}
std::string takeText(ByteReader& in) {
    const auto n = in.get<std::uint32_t>();
    return std::string(in.text(n));
}

}  // namespace

std::string_view kindName(RecordType type) {
    switch (type) {
        case RecordType::ScalarGroup:
        case RecordType::ScalarRun: return "scalar";
        case RecordType::Tensor: return "tensor";
        case RecordType::Text: return "text";
        case RecordType::Tokens: return "tokens";
        case RecordType::Event: return "event";
        case RecordType::Frame: return "frame";
        case RecordType::Table: return "table";
        case RecordType::Figure: return "figure";
        default: return "?";
    }
}

RecordType kindFromName(std::string_view name) {
    for (const auto type : {RecordType::ScalarGroup, RecordType::Tensor, RecordType::Text, RecordType::Tokens, RecordType::Event,
                            RecordType::Frame, RecordType::Table, RecordType::Figure})
        if (kindName(type) == name) return type;
    return RecordType::Begin;
}

bool isValidKey(std::string_view key) {
    if (key.empty() || key.size() > 250 || key.front() == '/' || key.back() == '/') return false;
    char before = '/';
    for (const char c : key) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@' || c == '.' || c == '+' || c == '-';
        if (!plain && (c != '/' || before == '/')) return false;
        before = c;
    }
    return true;
}

void appendFileHeader(Bytes& out, const FileHeader& header) {
    const std::size_t start = out.size();
    append(out, ByteSpan(reinterpret_cast<const std::uint8_t*>(kFileMagic), 8));
    append(out, std::uint32_t{kFileHeaderBytes});
    append(out, std::uint16_t{1});
    append(out, std::uint16_t{0});
    append(out, ByteSpan(header.run.bytes));
    append(out, header.attempt);
    append(out, header.rank);
    append(out, header.segment);
    append(out, std::uint32_t{0});
    append(out, header.createdUs);
    append(out, std::uint32_t{0});
    append(out, crc32c({out.data() + start, 60}));
}

Result<FileHeader> parseFileHeader(ByteSpan bytes) {
    if (bytes.size() < kFileHeaderBytes) return corrupt("file header cut short");
    if (std::memcmp(bytes.data(), kFileMagic, 8) != 0) return corrupt("not a journal (wrong magic)");
    ByteReader in(bytes.subspan(8));
    const auto headerBytes = in.get<std::uint32_t>();
    const auto major = in.get<std::uint16_t>();
    in.get<std::uint16_t>();
    if (major != 1) return Error(Code::Unsupported, fmt::format("journal of format {}; this Dubito reads format 1", major));
    if (headerBytes != kFileHeaderBytes) return corrupt("file header of another size");
    FileHeader header;
    const ByteSpan id = in.span(16);
    std::copy(id.begin(), id.end(), header.run.bytes.begin());
    header.attempt = in.get<std::uint32_t>();
    header.rank = in.get<std::uint32_t>();
    header.segment = in.get<std::uint32_t>();
    in.get<std::uint32_t>();
    header.createdUs = in.get<std::int64_t>();
    in.get<std::uint32_t>();
    if (in.get<std::uint32_t>() != crc32c(bytes.first(60))) return corrupt("file header damaged (checksum)");
    return header;
}

void appendFrame(Bytes& out, RecordType type, std::uint64_t sequence, std::int64_t timeUs, ByteSpan payload, std::uint16_t flags) {
    const std::size_t start = out.size();
    out.resize(start + kFrameHeaderBytes);
    if (payload.size() >= 4096) {
        out.resize(start + kFrameHeaderBytes + ZSTD_compressBound(payload.size()));
        const std::size_t packed = ZSTD_compress(out.data() + start + kFrameHeaderBytes, out.size() - start - kFrameHeaderBytes,
                                                 payload.data(), payload.size(), 1);
        if (!ZSTD_isError(packed) && packed <= payload.size() - payload.size() / 10) {
            out.resize(start + kFrameHeaderBytes + packed);
            flags |= kFrameZstd;
        } else {
            out.resize(start + kFrameHeaderBytes);
        }
    }
    if (!(flags & kFrameZstd)) append(out, payload);
    const std::size_t stored = out.size() - start - kFrameHeaderBytes;
    std::uint8_t* header = out.data() + start;
    const auto put = [header](std::size_t at, auto value) { std::memcpy(header + at, &value, sizeof value); };
    std::memcpy(header, kFrameMagic, 4);
    put(4, static_cast<std::uint32_t>(stored));
    put(8, static_cast<std::uint16_t>(type));
    put(10, flags);
    put(12, crc32c({header + kFrameHeaderBytes, stored}));
    put(16, sequence);
    put(24, timeUs);
    put(32, static_cast<std::uint32_t>(payload.size()));
    put(36, crc32c({header, 36}));
    out.resize(start + (out.size() - start + 7) / 8 * 8, 0);
}

std::optional<FrameHeader> parseFrameHeader(ByteSpan bytes) {
    if (bytes.size() < kFrameHeaderBytes || std::memcmp(bytes.data(), kFrameMagic, 4) != 0) return std::nullopt;
    ByteReader in(bytes.subspan(4, kFrameHeaderBytes - 4));
    FrameHeader header;
    header.storedBytes = in.get<std::uint32_t>();
    header.type = static_cast<RecordType>(in.get<std::uint16_t>());
    header.flags = in.get<std::uint16_t>();
    header.payloadCrc = in.get<std::uint32_t>();
    header.sequence = in.get<std::uint64_t>();
    header.timeUs = in.get<std::int64_t>();
    header.payloadBytes = in.get<std::uint32_t>();
    if (in.get<std::uint32_t>() != crc32c(bytes.first(36))) return std::nullopt;
    if (header.storedBytes > kMaxPayloadBytes || header.payloadBytes > kMaxPayloadBytes) return std::nullopt;
    if (!(header.flags & kFrameZstd) && header.storedBytes != header.payloadBytes) return std::nullopt;
    return header;
}

Result<ByteSpan> framePayload(const FrameHeader& header, ByteSpan stored, Bytes& scratch) {
    if (stored.size() != header.storedBytes || crc32c(stored) != header.payloadCrc) return corrupt("frame damaged (checksum)");
    if (!(header.flags & kFrameZstd)) return stored;
    scratch.resize(header.payloadBytes);
    const std::size_t n = ZSTD_decompress(scratch.data(), scratch.size(), stored.data(), stored.size());
    if (ZSTD_isError(n) || n != header.payloadBytes) return corrupt("frame does not unpack to its stated size");
    return ByteSpan(scratch);
}

void encodeDefine(Bytes& out, const SeriesDefinition& definition) {
    append(out, definition.series);
    append(out, static_cast<std::uint16_t>(definition.kind));
    append(out, static_cast<std::uint16_t>(definition.goal));
    appendText(out, definition.key);
    appendText(out, definition.unit);
    appendText(out, definition.title);
}
Result<SeriesDefinition> decodeDefine(ByteSpan payload) {
    ByteReader in(payload);
    SeriesDefinition definition;
    definition.series = in.get<std::uint32_t>();
    definition.kind = static_cast<RecordType>(in.get<std::uint16_t>());
    const auto goal = in.get<std::uint16_t>();
    definition.goal = goal <= 2 ? static_cast<Goal>(goal) : Goal::None;
    definition.key = takeText(in);
    definition.unit = takeText(in);
    definition.title = takeText(in);
    if (!in.ok() || !isValidKey(definition.key) || kindName(definition.kind) == "?") return corrupt("a series is not rightly defined");
    return definition;
}

void encodeHeartbeat(Bytes& out, const Heartbeat& beat) {
    append(out, beat.progressCounter);
    append(out, beat.residentBytes);
    append(out, beat.deviceBytes);
    append(out, beat.queueFillPercent);
    append(out, std::uint32_t{0});
}
Result<Heartbeat> decodeHeartbeat(ByteSpan payload) {
    ByteReader in(payload);
    Heartbeat beat{in.get<std::uint64_t>(), in.get<std::uint64_t>(), in.get<std::uint64_t>(), in.get<std::uint32_t>()};
    if (!in.ok()) return corrupt("heartbeat cut short");
    return beat;
}

void encodeProgress(Bytes& out, const Progress& progress) {
    append(out, progress.done);
    append(out, progress.total);
    appendText(out, progress.unit);
    appendText(out, progress.phase);
}
Result<Progress> decodeProgress(ByteSpan payload) {
    ByteReader in(payload);
    Progress progress;
    progress.done = in.get<double>();
    progress.total = in.get<double>();
    progress.unit = takeText(in);
    progress.phase = takeText(in);
    if (!in.ok()) return corrupt("progress cut short");
    return progress;
}

void encodeScalarGroup(Bytes& out, std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values) {
    const std::size_t n = series.size();
    append(out, step);
    append(out, static_cast<std::uint32_t>(n));
    append(out, std::uint32_t{0});
    append(out, ByteSpan(reinterpret_cast<const std::uint8_t*>(series.data()), n * 4));
    if (n % 2) append(out, std::uint32_t{0});
    append(out, ByteSpan(reinterpret_cast<const std::uint8_t*>(values.data()), n * 8));
}
Result<ScalarGroup> decodeScalarGroup(ByteSpan payload) {
    ByteReader in(payload);
    ScalarGroup group;
    group.step = in.get<std::int64_t>();
    const std::uint64_t n = in.get<std::uint32_t>();
    in.get<std::uint32_t>();
    const ByteSpan series = in.span(n * 4);
    in.span(n % 2 * 4);
    const ByteSpan values = in.span(n * 8);
    if (!in.ok()) return corrupt("scalar group cut short");
    group.series = {reinterpret_cast<const std::uint32_t*>(series.data()), n};
    group.values = {reinterpret_cast<const double*>(values.data()), n};
    return group;
}
Result<ScalarRun> decodeScalarRun(ByteSpan payload) {
    ByteReader in(payload);
    ScalarRun run;
    run.series = in.get<std::uint32_t>();
    const std::uint64_t n = in.get<std::uint32_t>();
    const ByteSpan steps = in.span(n * 8), times = in.span(n * 8), values = in.span(n * 8);
    if (!in.ok()) return corrupt("scalar run cut short");
    run.steps = {reinterpret_cast<const std::int64_t*>(steps.data()), n};
    run.timesUs = {reinterpret_cast<const std::int64_t*>(times.data()), n};
    run.values = {reinterpret_cast<const double*>(values.data()), n};
    return run;
}

void encodeLog(Bytes& out, std::uint32_t level, std::string_view text) {
    append(out, level);
    append(out, text);
}
Result<LogRecord> decodeLog(ByteSpan payload) {
    ByteReader in(payload);
    LogRecord record;
    record.level = in.get<std::uint32_t>();
    record.text = std::string(in.text(in.left()));
    if (!in.ok()) return corrupt("log line cut short");
    return record;
}

void encodeCommand(Bytes& out, const Command& command) {
    append(out, ByteSpan(command.request.bytes));
    appendText(out, command.verb);
    appendText(out, command.argumentsJson);
}
Result<Command> decodeCommand(ByteSpan payload) {
    ByteReader in(payload);
    Command command;
    const ByteSpan id = in.span(16);
    std::copy(id.begin(), id.end(), command.request.bytes.begin());
    command.verb = takeText(in);
    command.argumentsJson = takeText(in);
    if (!in.ok()) return corrupt("command cut short");
    return command;
}

void encodeResult(Bytes& out, const CommandResult& result) {
    append(out, result.commandSequence);
    append(out, result.status);
    append(out, std::uint32_t{0});
    append(out, result.step);
    append(out, result.json);
}
Result<CommandResult> decodeResult(ByteSpan payload) {
    ByteReader in(payload);
    CommandResult result;
    result.commandSequence = in.get<std::uint64_t>();
    result.status = in.get<std::int32_t>();
    in.get<std::uint32_t>();
    result.step = in.get<std::int64_t>();
    result.json = std::string(in.text(in.left()));
    if (!in.ok()) return corrupt("command result cut short");
    return result;
}

}  // namespace dubito::journal
