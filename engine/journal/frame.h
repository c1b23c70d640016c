// Bytes of the journal: the 64-byte file header and the checksummed frame.
#pragma once

#include <optional>

#include "base/result.h"
#include "journal/record.h"

namespace dubito::journal {

inline constexpr std::size_t kFileHeaderBytes = 64;
inline constexpr std::size_t kFrameHeaderBytes = 40;
inline constexpr std::uint32_t kMaxPayloadBytes = 4u << 20;
inline constexpr std::size_t kPackedFrom = 4096;  ///< payloads of that many bytes are tried with zstd
inline constexpr std::uint64_t kSegmentBytes = 64ull << 20;
inline constexpr std::uint64_t kMaxSequence = (1ull << 62) - 1;  ///< the one behind it is still a number in every table

struct FileHeader {
    Uuid run;
    std::uint32_t attempt = 1, rank = 0, segment = 0;
    std::int64_t createdUs = 0;
};
void appendFileHeader(Bytes& out, const FileHeader& header);
/// @error CorruptData (magic, checksum), Unsupported (major version)
Result<FileHeader> parseFileHeader(ByteSpan bytes);

enum FrameFlags : std::uint16_t { kFrameZstd = 1, kFrameMayIgnore = 2, kFrameLiveOnly = 4 };

struct FrameHeader {
    std::uint32_t storedBytes = 0;
    RecordType type{};
    std::uint16_t flags = 0;
    std::uint32_t payloadCrc = 0;
    std::uint64_t sequence = 0;
    std::int64_t timeUs = 0;
    std::uint32_t payloadBytes = 0;  ///< before compression

    std::size_t paddedBytes() const { return (kFrameHeaderBytes + storedBytes + 7) / 8 * 8; }
};

/// Appends header, payload (zstd level 1 when it is 4 KiB or more and that saves 10 %) and padding.
/// The payload must not exceed kMaxPayloadBytes.
void appendFrame(Bytes& out, RecordType type, std::uint64_t sequence, std::int64_t timeUs, ByteSpan payload,
    std::uint16_t flags = 0);
/// Most bytes that putFrame() writes for a payload of that size.
std::size_t frameBound(std::size_t payloadBytes);
/// The bytes of appendFrame() at `out`, which has frameBound() bytes of room. @return bytes written, a multiple of 8
std::size_t putFrame(std::uint8_t* out, RecordType type, std::uint64_t sequence, std::int64_t timeUs, ByteSpan payload,
    std::uint16_t flags = 0);
/// Header and padding around `payloadBytes` bytes that already lie at frame + kFrameHeaderBytes, stored as they are.
/// Allocates nothing and calls nothing: fit for a signal handler. @return bytes of the frame, a multiple of 8
std::size_t sealFrame(std::uint8_t* frame, RecordType type, std::uint64_t sequence, std::int64_t timeUs,
    std::size_t payloadBytes) noexcept;
/// Empty when magic, lengths, sequence or checksum are wrong. Needs kFrameHeaderBytes bytes.
std::optional<FrameHeader> parseFrameHeader(ByteSpan bytes);
/// Checks the payload's CRC and unpacks it. `scratch` holds unpacked bytes. @error CorruptData
Result<ByteSpan> framePayload(const FrameHeader& header, ByteSpan stored, Bytes& scratch);

// --- Payloads that are not bulk records ---------------------------------------------------------------------------
void encodeDefine(Bytes& out, const SeriesDefinition& definition);
Result<SeriesDefinition> decodeDefine(ByteSpan payload);
void encodeHeartbeat(Bytes& out, const Heartbeat& beat);
Result<Heartbeat> decodeHeartbeat(ByteSpan payload);
void encodeProgress(Bytes& out, const Progress& progress);
Result<Progress> decodeProgress(ByteSpan payload);
void encodeScalarGroup(
    Bytes& out, std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values);
/// Bytes of a scalar group's payload, and the payload at `out`. Fit for a signal handler.
constexpr std::size_t scalarGroupBytes(std::size_t n) { return 16 + (4 * n + 7) / 8 * 8 + 8 * n; }
void putScalarGroup(std::uint8_t* out, std::int64_t step, std::span<const std::uint32_t> series,
    std::span<const double> values) noexcept;

struct ScalarGroup {
    std::int64_t step = 0;
    std::span<const std::uint32_t> series;
    std::span<const double> values;
};
Result<ScalarGroup> decodeScalarGroup(ByteSpan payload);
struct ScalarRun {
    std::uint32_t series = 0;
    std::span<const std::int64_t> steps, timesUs;
    std::span<const double> values;
};
void encodeScalarRun(Bytes& out, const ScalarRun& run);
Result<ScalarRun> decodeScalarRun(ByteSpan payload);
struct LogRecord {
    std::uint32_t level = 2;
    std::string text;
};
void encodeLog(Bytes& out, std::uint32_t level, std::string_view text);
Result<LogRecord> decodeLog(ByteSpan payload);
struct Command {
    Uuid request;
    std::string verb, argumentsJson;
};
void encodeCommand(Bytes& out, const Command& command);
Result<Command> decodeCommand(ByteSpan payload);
struct CommandResult {
    std::uint64_t commandSequence = 0;
    std::int32_t status = 0;
    std::int64_t step = -1;
    std::string json;
};
void encodeResult(Bytes& out, const CommandResult& result);
Result<CommandResult> decodeResult(ByteSpan payload);

}  // namespace dubito::journal
