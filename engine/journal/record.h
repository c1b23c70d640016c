// What a run can say: the record types of the journal and the values they carry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/ids.h"
#include "tensor/dtype.h"

namespace dubito::journal {

enum class RecordType : std::uint16_t {
    Begin = 0x01,
    End = 0x02,
    SegmentEnd = 0x03,
    Heartbeat = 0x04,
    IoNote = 0x05,
    Define = 0x10,
    ScalarGroup = 0x21,  ///< also the kind of a scalar series
    ScalarRun = 0x22,
    Tensor = 0x30,
    Text = 0x31,
    Tokens = 0x32,
    Event = 0x33,
    Frame = 0x34,
    Table = 0x35,
    Figure = 0x36,
    Progress = 0x40,
    Log = 0x41,
    Checkpoint = 0x42,
    Blob = 0x43,
    Command = 0x50,
    Result = 0x51,
};

constexpr bool isBulk(RecordType type) { return type >= RecordType::Tensor && type <= RecordType::Figure; }
std::string_view kindName(RecordType type);      ///< "scalar", "tensor", ...; "?" when unknown
RecordType kindFromName(std::string_view name);  ///< Begin when unknown

/// Keys match [a-z0-9_@.+-]+(/[a-z0-9_@.+-]+)*, at most 250 bytes.
bool isValidKey(std::string_view key);

enum class Goal : std::uint16_t { None = 0, Min = 1, Max = 2 };

/// Bytes that lie in a file of their own, named by their content.
struct BlobName {
    Sha256 hash{};
    std::uint64_t bytes = 0;
    bool operator==(const BlobName&) const = default;
};

/// One named array of a bulk record. Row-major, compact, CPU.
struct Array {
    std::string name;
    std::string unit;
    DType dtype;
    std::vector<std::int64_t> shape;
    enum class Role : std::uint16_t { Values = 0, Offsets = 1, Validity = 2 } role = Role::Values;
    ByteSpan data;  ///< points into the buffer it was decoded from, or to the caller's memory; empty beside `blob`
    std::optional<BlobName> blob{};  ///< the data lie in a file of their own

    std::int64_t elements() const {
        std::int64_t n = 1;
        for (const auto extent : shape) n *= extent;
        return n;
    }
    /// Elements as T; empty when T has another size than the dtype. The data is 64-byte aligned within its block.
    template <class T>
    std::span<const T> as() const {
        if (dtype.bytes() != sizeof(T)) return {};
        return {reinterpret_cast<const T*>(data.data()), data.size() / sizeof(T)};
    }
};

struct SeriesDefinition {
    std::uint32_t series = 0;
    RecordType kind = RecordType::ScalarGroup;
    Goal goal = Goal::None;
    std::string key, unit, title;
};

struct Heartbeat {
    std::uint64_t progressCounter = 0, residentBytes = 0, deviceBytes = 0;
    std::uint32_t queueFillPercent = 0;
};

struct Progress {
    double done = 0, total = 0;  ///< total 0: unknown
    std::string unit, phase;
};

}  // namespace dubito::journal
