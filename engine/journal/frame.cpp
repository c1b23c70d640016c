// Encoding and checked decoding of every frame; lengths are believed only after the header's checksum.
#include "journal/frame.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

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
    for (const auto type : {RecordType::ScalarGroup, RecordType::Tensor, RecordType::Text, RecordType::Tokens,
             RecordType::Event, RecordType::Frame, RecordType::Table, RecordType::Figure})
        if (kindName(type) == name) return type;
    return RecordType::Begin;
}

bool isValidKey(std::string_view key) {
    if (key.empty() || key.size() > 250 || key.front() == '/' || key.back() == '/') return false;
    char before = '/';
    for (const char c : key) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@' || c == '.' ||
                           c == '+' || c == '-';
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
    if (major != 1)
        return Error(Code::Unsupported, fmt::format("journal of format {}; this Dubito reads format 1", major));
    if (headerBytes != kFileHeaderBytes) return corrupt("file header of another size");
    return header;
}

namespace {

std::size_t finishFrame(std::uint8_t* frame, const FrameHeader& header) noexcept {
    const auto put = [frame](std::size_t at, auto value) { std::memcpy(frame + at, &value, sizeof value); };
    std::memcpy(frame, kFrameMagic, 4);
    put(4, header.storedBytes);
    put(8, static_cast<std::uint16_t>(header.type));
    put(10, header.flags);
    put(12, crc32c({frame + kFrameHeaderBytes, header.storedBytes}));
    put(16, header.sequence);
    put(24, header.timeUs);
    put(32, header.payloadBytes);
    put(36, crc32c({frame, 36}));
    const std::size_t end = kFrameHeaderBytes + header.storedBytes, padded = header.paddedBytes();
    std::memset(frame + end, 0, padded - end);
    return padded;
}

/// zstd level 1 into `out`. @return 0 when that saves less than 10 %
std::size_t pack(std::uint8_t* out, std::size_t room, ByteSpan payload) {
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
    if (!context) return 0;
    const std::size_t packed = ZSTD_compressCCtx(context.get(), out, room, payload.data(), payload.size(), 1);
    return ZSTD_isError(packed) || packed > payload.size() - payload.size() / 10 ? 0 : packed;
}

}  // namespace

std::size_t frameBound(std::size_t payloadBytes) {
    const std::size_t stored = payloadBytes >= kPackedFrom ? ZSTD_compressBound(payloadBytes) : payloadBytes;
    return kFrameHeaderBytes + (stored + 7) / 8 * 8;
}

std::size_t putFrame(std::uint8_t* out, RecordType type, std::uint64_t sequence, std::int64_t timeUs, ByteSpan payload,
    std::uint16_t flags) {
    std::size_t stored = 0;
    if (payload.size() >= kPackedFrom)
        stored = pack(out + kFrameHeaderBytes, ZSTD_compressBound(payload.size()), payload);
    if (stored) {
        flags |= kFrameZstd;
    } else {
        stored = payload.size();
        std::copy(payload.begin(), payload.end(), out + kFrameHeaderBytes);
    }
    const auto whole = static_cast<std::uint32_t>(payload.size());
    return finishFrame(out, {static_cast<std::uint32_t>(stored), type, flags, 0, sequence, timeUs, whole});
}

std::size_t sealFrame(std::uint8_t* frame, RecordType type, std::uint64_t sequence, std::int64_t timeUs,
    std::size_t payloadBytes) noexcept {
    const auto bytes = static_cast<std::uint32_t>(payloadBytes);
    return finishFrame(frame, {bytes, type, 0, 0, sequence, timeUs, bytes});
}

void appendFrame(
    Bytes& out, RecordType type, std::uint64_t sequence, std::int64_t timeUs, ByteSpan payload, std::uint16_t flags) {
    const std::size_t start = out.size();
    out.resize(start + frameBound(payload.size()));
    out.resize(start + putFrame(out.data() + start, type, sequence, timeUs, payload, flags));
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
    if (header.sequence > kMaxSequence) return std::nullopt;
    if (!(header.flags & kFrameZstd) && header.storedBytes != header.payloadBytes) return std::nullopt;
    return header;
}

Result<ByteSpan> framePayload(const FrameHeader& header, ByteSpan stored, Bytes& scratch) {
    if (stored.size() != header.storedBytes || crc32c(stored) != header.payloadCrc)
        return corrupt("frame damaged (checksum)");
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
    if (!in.ok() || !isValidKey(definition.key) || kindName(definition.kind) == "?")
        return corrupt("a series is not rightly defined");
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

void putScalarGroup(std::uint8_t* out, std::int64_t step, std::span<const std::uint32_t> series,
    std::span<const double> values) noexcept {
    const std::uint64_t n = series.size();
    std::memcpy(out, &step, 8);
    std::memcpy(out + 8, &n, 8);  // u32 n, u32 zero
    std::memcpy(out + 16, series.data(), n * 4);
    if (n % 2) std::memset(out + 16 + n * 4, 0, 4);
    std::memcpy(out + 16 + (n * 4 + 7) / 8 * 8, values.data(), n * 8);
}
void encodeScalarGroup(
    Bytes& out, std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values) {
    const std::size_t start = out.size();
    out.resize(start + scalarGroupBytes(series.size()));
    putScalarGroup(out.data() + start, step, series, values);
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
void encodeScalarRun(Bytes& out, const ScalarRun& run) {
    const auto column = [&out](const auto& numbers) {
        append(out, ByteSpan(reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size_bytes()));
    };
    append(out, run.series);
    append(out, static_cast<std::uint32_t>(run.steps.size()));
    column(run.steps);
    column(run.timesUs);
    column(run.values);
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
