// Series and what is said of them.
#pragma once

#include <dubito/host.h>

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "host/services/tensor_bytes.h"
#include "journal/writer.h"

namespace dubito::host {

/// [any] while active. Errors are those of the ABI; what the journal's disk says is handed on in its own words.
class Publisher {
public:
    explicit Publisher(journal::JournalWriter& journal) : m_journal(journal) {}
    /// Where arrays go that are too large for a record; before the plugin is active.
    void openBlobs(fs::path folder) { m_blobs = std::move(folder); }
    void setActive(bool isActive) { m_isActive = isActive; }

    Result<std::uint32_t> define(journal::SeriesDefinition definition);
    Result<void> scalars(std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values);
    Result<void> record(std::uint32_t series, std::int64_t step, std::string_view metaJson,
        std::span<const dubito_array* const> arrays, std::uint32_t flags);
    Result<void> flush() { return m_journal.flush(); }

    /// How many records were left out because the disk was behind, as series run/dropped_frames of the host; says
    /// nothing when that number did not change. [plugin]
    void publishDropped(std::int64_t step);
    std::int64_t firstNotFiniteStep() const { return m_notFiniteStep; }

private:
    Result<std::uint32_t> place(journal::SeriesDefinition definition);
    void noteNotFinite(std::int64_t step);
    /// Of a record above 1 MiB, the largest arrays go to files, which are on disk before the record names them.
    Result<void> spill(std::vector<GivenArray>& arrays);

    journal::JournalWriter& m_journal;
    fs::path m_blobs;  // empty: there is none
    std::atomic<bool> m_isActive{false};
    std::atomic<std::int64_t> m_notFiniteStep{-1};
    std::atomic<std::uint32_t> m_seriesCount{0};
    std::atomic<std::uint64_t> m_dropped{0};
    std::uint64_t m_droppedSaid = 0;  // [plugin] only

    std::mutex m_mutex;  // guards all below
    std::vector<journal::RecordType> m_kinds;
    std::map<std::string, journal::SeriesDefinition> m_byKey;
};

}  // namespace dubito::host
