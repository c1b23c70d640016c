// Scalars that wait for the next flush: flat arrays in the order they came, and the smaller of two ways to write them.
#pragma once

#include <atomic>
#include <memory>

#include "journal/frame.h"

namespace dubito::journal {

/// Not thread-safe, except groupCount() and putGroup(), which a signal handler may call at any moment: a group counts
/// only when it is whole, and its memory never moves.
class ScalarBuffer {
public:
    static constexpr std::size_t kMaxGroup = 4096;  ///< larger groups are frames of their own

    explicit ScalarBuffer(std::size_t maxPoints);

    /// @return false when there is no room, or the group is larger than kMaxGroup
    bool add(std::int64_t step, std::int64_t timeUs, std::span<const std::uint32_t> series,
        std::span<const double> values) noexcept;
    bool empty() const { return groupCount() == 0; }
    std::size_t bytes() const { return m_groupBytes; }  ///< as scalar group frames

    /// Looks at what waits. @return the most bytes that encode() then writes
    std::size_t prepare();
    /// All points as frames with the sequences from `sequence` on: scalar groups (the time of each is its frame's), or
    /// a scalar run for each series when those are fewer bytes. Within a series the order is that of add(). Changes
    /// nothing here. @return bytes written
    std::size_t encode(std::uint8_t* out, std::uint64_t& sequence);
    void clear() noexcept;

    std::size_t groupCount() const noexcept { return m_groupCount.load(std::memory_order_acquire); }
    /// One group as a frame that is not packed. `out` has kMaxGroupFrame bytes. @return bytes written
    std::size_t putGroup(std::size_t group, std::uint64_t sequence, std::uint8_t* out) const noexcept;
    static constexpr std::size_t kMaxGroupFrame = kFrameHeaderBytes + scalarGroupBytes(kMaxGroup);

private:
    struct Group {
        std::int64_t step, timeUs;
        std::uint32_t first, count;  ///< points
    };
    struct Run {
        std::uint32_t series, count;
        std::size_t payload;  ///< where its payload lies in m_payloads
    };
    void sortIntoRuns();
    std::size_t encodeGroups(std::uint8_t* out, std::uint64_t& sequence);
    std::size_t encodeRuns(std::uint8_t* out, std::uint64_t& sequence);
    std::span<const std::uint32_t> seriesOf(const Group& group) const {
        return {m_series.get() + group.first, group.count};
    }
    std::span<const double> valuesOf(const Group& group) const { return {m_values.get() + group.first, group.count}; }

    std::size_t m_maxPoints;
    std::unique_ptr<Group[]> m_groups;
    std::unique_ptr<std::uint32_t[]> m_series;
    std::unique_ptr<double[]> m_values;
    std::atomic<std::size_t> m_groupCount{0};
    std::size_t m_points = 0, m_groupBytes = 0;

    // What prepare() found; memory is kept from flush to flush.
    bool m_tryRuns = false;
    std::vector<Run> m_runs;             ///< in the order of their first points
    std::vector<std::uint32_t> m_runOf;  ///< of each point
    std::vector<std::uint32_t> m_table;  ///< hash of a series -> number of its run, plus 1
    Bytes m_payloads;
};

}  // namespace dubito::journal
