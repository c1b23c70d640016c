// dubito.publish/1.
#include "host/services/publish.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"
#include "host/services/tensor_bytes.h"
#include "journal/array_block.h"

namespace dubito::host {
namespace {

constexpr std::uint32_t kMaxScalars = 100'000, kMaxArrays = 256;
constexpr std::size_t kMaxMetaBytes = 65'536;
constexpr std::uint32_t kDropAbovePercent = 80;  ///< of the journal's queue

/// The array as it lies in a record: in place where it can, else packed.
Result<void> addInline(const GivenArray& given, std::vector<journal::Array>& out, std::deque<Bytes>& packed) {
    out.push_back(given.array);
    if (given.array.blob) return {};
    if (const auto bytes = inPlace(given)) {
        out.back().data = *bytes;
        return {};
    }
    Bytes& whole = packed.emplace_back();
    whole.reserve(given.bytes);
    DUBITO_CHECK(piecesOf(given, [&](ByteSpan piece) -> Result<void> {
        append(whole, piece);
        return {};
    }));
    out.back().data = whole;
    return {};
}

Error inactive() { return Error(Code::WrongState, "nothing is published unless the plugin is active"); }

}  // namespace

Result<std::uint32_t> Publisher::define(journal::SeriesDefinition definition) {
    if (!m_isActive) return Error(Code::WrongState, "series are defined while the plugin is active");
    if (!journal::isValidKey(definition.key))
        return Error(Code::InvalidArgument, "the series key \"" + definition.key + "\" is not valid");
    if (journal::kindName(definition.kind) == "?")
        return Error(Code::InvalidArgument, "the series " + definition.key + " has an unknown kind");
    if (definition.unit.size() > 64 || definition.title.size() > 500)
        return Error(Code::InvalidArgument, "unit or title of " + definition.key + " is too long");
    return place(std::move(definition));
}

Result<std::uint32_t> Publisher::place(journal::SeriesDefinition definition) {
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_byKey.find(definition.key); found != m_byKey.end()) {
        const journal::SeriesDefinition& known = found->second;
        if (known.unit != definition.unit || known.kind != definition.kind)
            return Error(
                Code::InvalidArgument, "the series " + definition.key + " was defined with another unit or kind");
        return known.series;
    }
    definition.series = static_cast<std::uint32_t>(m_kinds.size());
    Bytes payload;
    journal::encodeDefine(payload, definition);
    if (auto written = m_journal.append(journal::RecordType::Define, payload); !written)
        return std::move(written).error();
    m_kinds.push_back(definition.kind);
    m_seriesCount = static_cast<std::uint32_t>(m_kinds.size());
    const std::uint32_t number = definition.series;
    m_byKey.emplace(definition.key, std::move(definition));
    return number;
}

void Publisher::noteNotFinite(std::int64_t step) {
    std::int64_t none = -1;
    if (!m_notFiniteStep.compare_exchange_strong(none, step)) return;
    Bytes payload;
    journal::encodeLog(payload, 1, fmt::format("not finite since step {}", step));
    (void)m_journal.append(journal::RecordType::Log, payload);  // the scalars behind it report a failing disk
}

/// Steps count something that happened: readers ask for the points before a step, and rows are listed from 0.
static Result<void> checkStep(std::int64_t step) {
    constexpr std::int64_t kMostStep = std::int64_t{1} << 62;
    if (step >= 0 && step <= kMostStep) return {};
    return Error(Code::InvalidArgument, fmt::format("step {} is none: steps are 0 to {}", step, kMostStep));
}

Result<void> Publisher::scalars(
    std::int64_t step, std::span<const std::uint32_t> series, std::span<const double> values) {
    if (!m_isActive) return inactive();
    DUBITO_CHECK(checkStep(step));
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (series[i] >= m_seriesCount)
            return Error(Code::InvalidArgument, fmt::format("series {} is not defined", series[i]));
        if (!std::isfinite(values[i]) && m_notFiniteStep < 0) noteNotFinite(step);
    }
    return m_journal.scalars(step, series, values);
}

Result<void> Publisher::record(std::uint32_t series, std::int64_t step, std::string_view metaJson,
    std::span<const dubito_array* const> arrays, std::uint32_t flags) {
    if (!m_isActive) return inactive();
    if (flags & DUBITO_RECORD_LIVE_ONLY)
        return Error(Code::Unsupported,
            "a record that is only watched is never stored: publish it by dubito.live/1, or without LIVE_ONLY");
    DUBITO_CHECK(checkStep(step));
    journal::RecordType kind{};
    {
        const std::lock_guard lock(m_mutex);
        if (series >= m_kinds.size())
            return Error(Code::InvalidArgument, fmt::format("series {} is not defined", series));
        kind = m_kinds[series];
    }
    if (!journal::isBulk(kind)) return Error(Code::InvalidArgument, "a scalar series takes scalars, not records");
    if (metaJson.size() > kMaxMetaBytes || arrays.size() > kMaxArrays)
        return Error(Code::Limit, "a record holds at most 64 KiB of meta data and 256 arrays");
    if ((flags & DUBITO_RECORD_MAY_DROP) && m_journal.queueFillPercent() > kDropAbovePercent) {
        ++m_dropped;
        return {};
    }
    std::vector<GivenArray> given;
    for (const dubito_array* array : arrays) DUBITO_CHECK(addArray(array, given));
    DUBITO_CHECK(spill(given));
    std::deque<Bytes> packed;
    std::vector<journal::Array> list;
    for (const GivenArray& one : given) DUBITO_CHECK(addInline(one, list, packed));
    Bytes payload;
    journal::encodeBulk(payload, series, step, metaJson, list);
    auto written = m_journal.append(kind, payload);
    if (!written) return std::move(written).error();
    return {};
}

Result<void> Publisher::spill(std::vector<GivenArray>& arrays) {
    std::uint64_t left = 0;
    std::vector<GivenArray*> bySize;
    for (GivenArray& one : arrays) {
        left += one.bytes;
        bySize.push_back(&one);
    }
    const auto isLarger = [](const GivenArray* a, const GivenArray* b) { return a->bytes > b->bytes; };
    std::stable_sort(bySize.begin(), bySize.end(), isLarger);
    for (GivenArray* one : bySize) {
        if (left <= journal::kInlineRecordBytes || one->bytes < journal::kLeastBlobBytes) break;
        if (m_blobs.empty()) return Error(Code::Unsupported, "this run has no folder for records above 1 MiB");
        const auto pieces = [one](const journal::TakePiece& take) { return piecesOf(*one, take); };
        DUBITO_TRY(one->array.blob, journal::writeBlob(m_blobs, pieces));
        left -= one->bytes;
    }
    return {};
}

void Publisher::publishDropped(std::int64_t step) {
    const std::uint64_t dropped = m_dropped;
    if (dropped == m_droppedSaid) return;
    journal::SeriesDefinition definition;
    definition.key = "run/dropped_frames";
    definition.unit = "1";
    definition.kind = journal::RecordType::ScalarGroup;
    const auto series = place(std::move(definition));
    if (!series) return;  // the disk failed, which ends the run, or the plugin took the key for something else
    const std::uint32_t numbers[] = {*series};
    const double values[] = {static_cast<double>(dropped)};
    if (m_journal.scalars(step, numbers, values)) m_droppedSaid = dropped;
}

namespace {

dubito_status define(const dubito_host* host, const dubito_series_desc* desc, std::uint32_t* out, dubito_error* error) {
    if (!desc || desc->struct_bytes < sizeof(dubito_series_desc) || !out)
        return refuse(error, DUBITO_INVALID_ARGUMENT, "define needs a description and a place for the number");
    Services& services = Services::of(host);
    services.tick();
    journal::SeriesDefinition definition;
    definition.key = std::string(view(desc->key));
    definition.unit = std::string(view(desc->unit));
    definition.title = std::string(view(desc->title));
    definition.kind = static_cast<journal::RecordType>(desc->kind);
    definition.goal = desc->goal <= DUBITO_GOAL_MAX ? static_cast<journal::Goal>(desc->goal) : journal::Goal::None;
    const auto series = services.publisher().define(std::move(definition));
    if (!series) return refuse(error, series.error());
    *out = *series;
    return DUBITO_OK;
}

dubito_status scalars(const dubito_host* host, std::int64_t step, std::uint32_t n, const std::uint32_t* series,
    const double* values, dubito_error* error) {
    if (n > kMaxScalars || (n > 0 && (!series || !values)))
        return refuse(error, DUBITO_INVALID_ARGUMENT, "scalars needs 1 to 100,000 series and values");
    Services& services = Services::of(host);
    services.tick();
    const auto written = services.publisher().scalars(step, {series, n}, {values, n});
    return written ? DUBITO_OK : refuse(error, written.error());
}

dubito_status record(const dubito_host* host, std::uint32_t series, std::int64_t step, dubito_str meta, std::uint32_t n,
    const dubito_array* const* arrays, std::uint32_t flags, dubito_error* error) {
    if (n > 0 && !arrays) return refuse(error, DUBITO_INVALID_ARGUMENT, "an array of the record is missing");
    Services& services = Services::of(host);
    services.tick();
    const auto written = services.publisher().record(series, step, view(meta), {arrays, n}, flags);
    return written ? DUBITO_OK : refuse(error, written.error());
}

dubito_status flush(const dubito_host* host, dubito_error* error) {
    const auto written = Services::of(host).publisher().flush();
    return written ? DUBITO_OK : refuse(error, written.error());
}

}  // namespace

const dubito_publish_v1 kPublishTable = {sizeof kPublishTable, 0, define, scalars, record, flush};

}  // namespace dubito::host
