// A run repeats no frame header for each step and packs well; a group carries many series of one step in few bytes.
#include "journal/scalar_buffer.h"

#include <algorithm>
#include <bit>

namespace dubito::journal {
namespace {

constexpr std::size_t runPayload(std::size_t points) { return 8 + 24 * points; }

/// What a run takes in the file. Steps and times that go on evenly pack to about 2 bytes, values hardly.
constexpr std::size_t runEstimate(std::size_t points) {
    return kFrameHeaderBytes + (runPayload(points) >= kPackedFrom ? 10 * points : runPayload(points));
}

}  // namespace

ScalarBuffer::ScalarBuffer(std::size_t maxPoints)
    : m_maxPoints(maxPoints), m_groups(std::make_unique_for_overwrite<Group[]>(m_maxPoints)),
      m_series(std::make_unique_for_overwrite<std::uint32_t[]>(m_maxPoints)),
      m_values(std::make_unique_for_overwrite<double[]>(m_maxPoints)) {}

bool ScalarBuffer::add(std::int64_t step, std::int64_t timeUs, std::span<const std::uint32_t> series,
    std::span<const double> values) noexcept {
    const std::size_t n = series.size();
    if (n > kMaxGroup || n > m_maxPoints - m_points) return false;
    const std::size_t at = m_groupCount.load(std::memory_order_relaxed);
    std::copy(series.begin(), series.end(), m_series.get() + m_points);
    std::copy(values.begin(), values.end(), m_values.get() + m_points);
    m_groups[at] = {step, timeUs, static_cast<std::uint32_t>(m_points), static_cast<std::uint32_t>(n)};
    m_points += n;
    m_groupBytes += kFrameHeaderBytes + scalarGroupBytes(n);
    m_groupCount.store(at + 1, std::memory_order_release);
    return true;
}

void ScalarBuffer::clear() noexcept {
    m_groupCount.store(0, std::memory_order_release);
    m_points = 0;
    m_groupBytes = 0;
}

void ScalarBuffer::sortIntoRuns() {
    const std::size_t slots = std::bit_ceil(2 * m_points);
    m_table.assign(slots, 0);
    m_runs.clear();
    m_runOf.resize(m_points);
    std::size_t guess = 0;  // series mostly come in the order of the group before
    for (std::size_t i = 0; i < m_points; ++i) {
        const std::uint32_t series = m_series[i];
        if (guess >= m_runs.size() || m_runs[guess].series != series) {
            std::size_t slot = (series * 0x9E3779B97F4A7C15ull >> 32) & (slots - 1);
            while (m_table[slot] && m_runs[m_table[slot] - 1].series != series) slot = (slot + 1) & (slots - 1);
            if (!m_table[slot]) {
                m_runs.push_back({series, 0, 0});
                m_table[slot] = static_cast<std::uint32_t>(m_runs.size());
            }
            guess = m_table[slot] - 1;
        }
        ++m_runs[guess].count;
        m_runOf[i] = static_cast<std::uint32_t>(guess);
        if (++guess == m_runs.size()) guess = 0;
    }
}

std::size_t ScalarBuffer::prepare() {
    sortIntoRuns();
    std::size_t estimate = 0, runBound = 0, payloads = 0;
    for (Run& run : m_runs) {
        run.payload = payloads;
        payloads += runPayload(run.count);
        estimate += runEstimate(run.count);
        runBound += frameBound(runPayload(run.count));
    }
    m_tryRuns = estimate < m_groupBytes;
    std::size_t groupBound = 0;
    for (std::size_t i = 0; i < groupCount(); ++i) groupBound += frameBound(scalarGroupBytes(m_groups[i].count));
    return m_tryRuns ? std::max(groupBound, runBound) : groupBound;
}

std::size_t ScalarBuffer::encode(std::uint8_t* out, std::uint64_t& sequence) {
    if (m_tryRuns) {
        std::uint64_t next = sequence;
        if (const std::size_t bytes = encodeRuns(out, next); bytes < m_groupBytes) {
            sequence = next;
            return bytes;
        }
    }
    return encodeGroups(out, sequence);
}

std::size_t ScalarBuffer::encodeRuns(std::uint8_t* out, std::uint64_t& sequence) {
    m_payloads.resize(m_runs.back().payload + runPayload(m_runs.back().count));
    for (Run& run : m_runs) {
        std::memcpy(m_payloads.data() + run.payload, &run.series, 4);
        std::memcpy(m_payloads.data() + run.payload + 4, &run.count, 4);
    }
    // `filled` counts the points of each run so far; m_table is free again and serves for it.
    m_table.assign(m_runs.size(), 0);
    for (std::size_t g = 0; g < groupCount(); ++g) {
        const Group& group = m_groups[g];
        for (std::size_t i = group.first; i < group.first + group.count; ++i) {
            const Run& run = m_runs[m_runOf[i]];
            std::uint8_t* step = m_payloads.data() + run.payload + 8 + 8 * std::size_t{m_table[m_runOf[i]]++};
            const std::size_t column = 8 * std::size_t{run.count};
            std::memcpy(step, &group.step, 8);
            std::memcpy(step + column, &group.timeUs, 8);
            std::memcpy(step + 2 * column, &m_values[i], 8);
        }
    }
    std::size_t bytes = 0;
    for (const Run& run : m_runs) {
        const ByteSpan payload(m_payloads.data() + run.payload, runPayload(run.count));
        bytes += putFrame(out + bytes, RecordType::ScalarRun, sequence++, m_groups[groupCount() - 1].timeUs, payload);
    }
    return bytes;
}

std::size_t ScalarBuffer::encodeGroups(std::uint8_t* out, std::uint64_t& sequence) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < groupCount(); ++i) {
        const Group& group = m_groups[i];
        const std::size_t payload = scalarGroupBytes(group.count);
        if (payload < kPackedFrom) {
            bytes += putGroup(i, sequence++, out + bytes);
            continue;
        }
        m_payloads.resize(payload);
        putScalarGroup(m_payloads.data(), group.step, seriesOf(group), valuesOf(group));
        bytes += putFrame(out + bytes, RecordType::ScalarGroup, sequence++, group.timeUs, m_payloads);
    }
    return bytes;
}

std::size_t ScalarBuffer::putGroup(std::size_t group, std::uint64_t sequence, std::uint8_t* out) const noexcept {
    const Group& one = m_groups[group];
    putScalarGroup(out + kFrameHeaderBytes, one.step, seriesOf(one), valuesOf(one));
    return sealFrame(out, RecordType::ScalarGroup, sequence, one.timeUs, scalarGroupBytes(one.count));
}

}  // namespace dubito::journal
