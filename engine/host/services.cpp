// Every service checks state, thread and arguments before it touches the journal.
#include "host/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "host/loader.h"
#include "journal/array_block.h"

namespace dubito::host {
namespace {

std::string_view view(dubito_str text) { return text.data ? std::string_view(text.data, static_cast<std::size_t>(text.bytes)) : std::string_view(); }
dubito_str str(std::string_view text) { return {text.data(), text.size()}; }

void fill(dubito_error* error, dubito_status code, std::string_view message) {
    if (!error || error->struct_bytes < sizeof(dubito_error)) return;
    error->code = code;
    const std::size_t n = std::min(message.size(), sizeof error->message - 1);
    std::memcpy(error->message, message.data(), n);
    error->message[n] = 0;
}

const Json* resolve(const dubito_doc* doc, dubito_str pointer) {
    const Json* at = &reinterpret_cast<const Document*>(doc)->value;
    std::string_view rest = view(pointer);
    while (!rest.empty()) {
        if (rest[0] != '/') return nullptr;
        rest.remove_prefix(1);
        const auto end = std::min(rest.find('/'), rest.size());
        std::string name;
        for (std::size_t i = 0; i < end; ++i) {
            if (rest[i] == '~' && i + 1 < end && (rest[i + 1] == '0' || rest[i + 1] == '1')) name += rest[++i] == '0' ? '~' : '/';
            else name += rest[i];
        }
        rest.remove_prefix(end);
        if (at->is_object()) {
            const auto found = at->find(name);
            if (found == at->end()) return nullptr;
            at = &*found;
        } else if (at->is_array()) {
            char* stop = nullptr;
            const auto index = std::strtoull(name.c_str(), &stop, 10);
            if (name.empty() || *stop || index >= at->size()) return nullptr;
            at = &(*at)[index];
        } else {
            return nullptr;
        }
    }
    return at;
}

/// One JSON read: finds the value, checks its type, hands it to `take`.
template <class Check, class Take>
dubito_status readJson(const dubito_doc* doc, dubito_str pointer, dubito_error* error, const char* type, Check check, Take take) {
    const Json* value = doc ? resolve(doc, pointer) : nullptr;
    if (!value) return fill(error, DUBITO_NOT_FOUND, fmt::format("{} is not in the document", view(pointer))), DUBITO_NOT_FOUND;
    if (!check(*value)) return fill(error, DUBITO_INVALID_ARGUMENT, fmt::format("{} is no {}", view(pointer), type)), DUBITO_INVALID_ARGUMENT;
    take(*value);
    return DUBITO_OK;
}

/// Bytes of a tensor in row-major order; strided input is packed into `scratch`. @error as the ABI states
Result<ByteSpan> packed(const dubito_tensor& tensor, Bytes& scratch, std::vector<std::int64_t>& shape, DType& dtype) {
    if (tensor.struct_bytes < sizeof(dubito_tensor)) return Error(Code::InvalidArgument, "a tensor struct is smaller than ABI 1.0");
    if (tensor.device_type != 1) return Error(Code::Unsupported, "only CPU tensors can be published; copy to the CPU first");
    if (tensor.rank < 0 || tensor.rank > 8) return Error(Code::ShapeMismatch, fmt::format("rank {}; at most 8", tensor.rank));
    dtype = {tensor.dtype_code, tensor.dtype_bits, tensor.dtype_lanes};
    if (!dtype.valid()) return Error(Code::InvalidArgument, "unknown element type");
    std::int64_t n = 1;
    constexpr std::int64_t kMost = std::int64_t{1} << 32;
    for (int i = 0; i < tensor.rank; ++i) {
        const std::int64_t extent = tensor.shape[i];
        if (extent < 0 || (extent > 0 && n > kMost / extent)) return Error(Code::ShapeMismatch, "the shape is negative or too large");
        n *= extent;
        shape.push_back(extent);
    }
    if (n > 0 && !tensor.data) return Error(Code::ShapeMismatch, "a null pointer with elements");
    const auto width = dtype.bytes();
    const auto* base = static_cast<const std::uint8_t*>(tensor.data) + tensor.byte_offset;
    bool compact = true;
    if (tensor.strides)
        for (std::int64_t i = tensor.rank - 1, expected = 1; i >= 0; expected *= tensor.shape[i], --i) compact &= tensor.shape[i] <= 1 || tensor.strides[i] == expected;
    if (compact || n == 0) return ByteSpan(base, static_cast<std::size_t>(n) * width);
    scratch.resize(static_cast<std::size_t>(n) * width);
    std::vector<std::int64_t> index(static_cast<std::size_t>(tensor.rank), 0);
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t at = 0;
        for (int axis = 0; axis < tensor.rank; ++axis) at += index[static_cast<std::size_t>(axis)] * tensor.strides[axis];
        std::memcpy(scratch.data() + static_cast<std::size_t>(i) * width, base + at * static_cast<std::int64_t>(width), width);
        for (int axis = tensor.rank - 1; axis >= 0 && ++index[static_cast<std::size_t>(axis)] == tensor.shape[axis]; --axis) index[static_cast<std::size_t>(axis)] = 0;
    }
    return ByteSpan(scratch);
}

}  // namespace

Services::Services(journal::JournalWriter& journal, const run::PluginDescription& plugin, const run::RunSpec& spec, std::map<std::string, std::string> assets)
    : m_journal(journal), m_description(plugin), m_spec(spec), m_assets(std::move(assets)) {
    m_host.struct_bytes = sizeof m_host;
    m_host.abi = DUBITO_ABI_NUMBER;
    m_host.ctx = this;
    m_host.name = "Dubito";
    m_host.version = DUBITO_VERSION;
    m_host.get_service = [](const dubito_host* host, const char* id) { return of(host).service(id); };
    makeTables();
}

const void* Services::service(const char* id) const {
    const std::string_view name(id ? id : "");
    if (name == DUBITO_PUBLISH_ID) return &m_publish;
    if (name == DUBITO_JSON_ID) return &m_json;
    if (name == DUBITO_LOG_ID) return &m_log;
    if (name == DUBITO_PROGRESS_ID) return &m_progress;
    if (name == DUBITO_CANCEL_ID) return &m_cancelTable;
    if (name == DUBITO_INTERACTION_ID) return &m_interaction;
    if (name == DUBITO_RNG_ID) return &m_rng;
    if (name == DUBITO_ASSET_ID) return &m_asset;
    if (name == DUBITO_DEVICE_ID) return &m_device;
    if (name == DUBITO_CHECKPOINT_ID) return &m_checkpoint;
    return nullptr;
}

dubito_status Services::fail(dubito_error* error, dubito_status code, const std::string& message) const {
    fill(error, code, message);
    return code;
}

dubito_status Services::append(journal::RecordType type, ByteSpan payload, std::uint16_t flags, dubito_error* error) {
    auto appended = m_journal.append(type, payload, flags);
    ++m_ticks;
    return appended ? DUBITO_OK : fail(error, static_cast<dubito_status>(appended.error().code()), appended.error().message());
}

dubito_status Services::define(const dubito_series_desc* desc, std::uint32_t* out, dubito_error* error) {
    if (!m_active) return fail(error, DUBITO_WRONG_STATE, "series are defined while the plugin is active");
    if (!desc || desc->struct_bytes < sizeof(dubito_series_desc) || !out) return fail(error, DUBITO_INVALID_ARGUMENT, "define needs a description and a place for the number");
    journal::SeriesDefinition definition;
    definition.key = std::string(view(desc->key));
    definition.unit = std::string(view(desc->unit));
    definition.title = std::string(view(desc->title));
    definition.kind = static_cast<journal::RecordType>(desc->kind);
    definition.goal = desc->goal <= 2 ? static_cast<journal::Goal>(desc->goal) : journal::Goal::None;
    if (!journal::isValidKey(definition.key)) return fail(error, DUBITO_INVALID_ARGUMENT, "the series key \"" + definition.key + "\" is not valid");
    if (journal::kindName(definition.kind) == "?") return fail(error, DUBITO_INVALID_ARGUMENT, "the series " + definition.key + " has an unknown kind");
    if (definition.unit.size() > 64 || definition.title.size() > 500) return fail(error, DUBITO_INVALID_ARGUMENT, "unit or title of " + definition.key + " is too long");
    std::lock_guard lock(m_mutex);
    if (const auto found = m_byKey.find(definition.key); found != m_byKey.end()) {
        const auto& known = m_series[found->second].definition;
        if (known.unit != definition.unit || known.kind != definition.kind) return fail(error, DUBITO_INVALID_ARGUMENT, "the series " + definition.key + " was defined with another unit or kind");
        *out = found->second;
        return DUBITO_OK;
    }
    definition.series = static_cast<std::uint32_t>(m_series.size());
    Bytes payload;
    journal::encodeDefine(payload, definition);
    if (const auto status = append(journal::RecordType::Define, payload, 0, error); status < 0) return status;
    m_byKey[definition.key] = definition.series;
    m_series.push_back({definition});
    m_seriesCount = static_cast<std::uint32_t>(m_series.size());
    *out = definition.series;
    return DUBITO_OK;
}

dubito_status Services::scalars(std::int64_t step, std::uint32_t n, const std::uint32_t* series, const double* values, dubito_error* error) {
    if (!m_active) return fail(error, DUBITO_WRONG_STATE, "scalars are published while the plugin is active");
    if (n == 0) return DUBITO_OK;
    if (!series || !values || n > 100'000) return fail(error, DUBITO_INVALID_ARGUMENT, "scalars needs 1 to 100,000 series and values");
    for (std::uint32_t i = 0; i < n; ++i) {
        if (series[i] >= m_seriesCount) return fail(error, DUBITO_INVALID_ARGUMENT, fmt::format("series {} is not defined", series[i]));
        if (!std::isfinite(values[i]) && m_notFiniteStep < 0) {
            m_notFiniteStep = step;
            log(1, fmt::format("not finite since step {}", step));
        }
    }
    thread_local Bytes payload;
    payload.clear();
    journal::encodeScalarGroup(payload, step, {series, n}, {values, n});
    return append(journal::RecordType::ScalarGroup, payload, 0, error);
}

dubito_status Services::record(std::uint32_t series, std::int64_t step, dubito_str meta, std::uint32_t n, const dubito_array* const* arrays, std::uint32_t flags, dubito_error* error) {
    if (!m_active) return fail(error, DUBITO_WRONG_STATE, "records are published while the plugin is active");
    journal::RecordType kind{};
    {
        std::lock_guard lock(m_mutex);
        if (series >= m_series.size()) return fail(error, DUBITO_INVALID_ARGUMENT, fmt::format("series {} is not defined", series));
        kind = m_series[series].definition.kind;
    }
    if (!journal::isBulk(kind)) return fail(error, DUBITO_INVALID_ARGUMENT, "a scalar series takes scalars, not records");
    if (meta.bytes > 65536 || n > 256) return fail(error, DUBITO_LIMIT, "a record holds at most 64 KiB of meta data and 256 arrays");
    if ((flags & DUBITO_RECORD_MAY_DROP) && m_journal.queueFillPercent() > 80) return DUBITO_OK;
    std::vector<journal::Array> list;
    std::deque<Bytes> scratch;
    const auto add = [&](const dubito_array& array, const dubito_tensor* tensor, journal::Array::Role role) -> Result<void> {
        if (!tensor) return {};
        journal::Array out;
        out.name = std::string(view(array.name));
        out.unit = role == journal::Array::Role::Values ? std::string(view(array.unit)) : "";
        if (out.name.size() > 1000 || out.unit.size() > 64) return Error(Code::InvalidArgument, "an array's name or unit is too long");
        out.role = role;
        scratch.emplace_back();
        DUBITO_TRY(out.data, packed(*tensor, scratch.back(), out.shape, out.dtype));
        list.push_back(std::move(out));
        return {};
    };
    for (std::uint32_t i = 0; i < n; ++i) {
        const dubito_array* array = arrays ? arrays[i] : nullptr;
        if (!array || array->struct_bytes < sizeof(dubito_array) || !array->values) return fail(error, DUBITO_INVALID_ARGUMENT, "an array of the record is missing");
        for (const auto& [tensor, role] : {std::pair(array->values, journal::Array::Role::Values), std::pair(array->offsets, journal::Array::Role::Offsets), std::pair(array->validity, journal::Array::Role::Validity)})
            if (auto added = add(*array, tensor, role); !added)
                return fail(error, static_cast<dubito_status>(added.error().code()), fmt::format("array {}: {}", view(array->name), added.error().message()));
    }
    Bytes payload;
    journal::encodeBulk(payload, series, step, view(meta), list);
    return append(kind, payload, flags & DUBITO_RECORD_LIVE_ONLY ? journal::kFrameLiveOnly : 0, error);
}

void Services::log(int level, std::string_view text) {
    Bytes payload;
    journal::encodeLog(payload, static_cast<std::uint32_t>(std::clamp(level, 0, 4)), text.substr(0, 65536));
    (void)append(journal::RecordType::Log, payload, 0, nullptr);
}

void Services::pushCommand(PendingCommand command) {
    std::lock_guard lock(m_mutex);
    m_commands.push_back(std::move(command));
}

bool Services::hasCommands() {
    std::lock_guard lock(m_mutex);
    return !m_commands.empty();
}

void Services::resultOf(std::uint64_t sequence, std::int32_t status, std::string_view verb, std::string_view message, std::string_view json) {
    Json body = {{"verb", verb}, {"message", message}};
    if (auto value = parseJson(json)) body["value"] = *value;
    Bytes payload;
    journal::encodeResult(payload, {sequence, status, m_step, jsonText(body)});
    (void)append(journal::RecordType::Result, payload, 0, nullptr);
}

void Services::pump() {
    if (m_pumping || !m_plugin) return;
    m_pumping = true;
    for (;;) {
        PendingCommand command;
        {
            std::lock_guard lock(m_mutex);
            if (m_commands.empty()) break;
            command = std::move(m_commands.front());
            m_commands.pop_front();
        }
        if (!m_plugin->interact) {
            resultOf(command.sequence, DUBITO_UNSUPPORTED, command.verb, "this plugin takes no commands");
            continue;
        }
        dubito_interaction interaction{};
        interaction.struct_bytes = sizeof interaction;
        interaction.command_seq = command.sequence;
        interaction.verb = str(command.verb);
        interaction.args = command.arguments.handle();
        dubito_error error{};
        error.struct_bytes = sizeof error;
        const auto status = m_plugin->interact(m_plugin->self, &interaction, &error);
        resultOf(command.sequence, status, command.verb, status < 0 ? errorText(status, error) : "");
    }
    m_pumping = false;
}

void Services::makeTables() {
    m_publish = {sizeof m_publish, 0,
        [](const dubito_host* h, const dubito_series_desc* desc, std::uint32_t* out, dubito_error* e) { return of(h).define(desc, out, e); },
        [](const dubito_host* h, std::int64_t step, std::uint32_t n, const std::uint32_t* series, const double* values, dubito_error* e) { return of(h).scalars(step, n, series, values, e); },
        [](const dubito_host* h, std::uint32_t series, std::int64_t step, dubito_str meta, std::uint32_t n, const dubito_array* const* arrays, std::uint32_t flags, dubito_error* e) { return of(h).record(series, step, meta, n, arrays, flags, e); },
        [](const dubito_host* h, dubito_error* e) -> dubito_status {
            auto flushed = of(h).m_journal.flush();
            return flushed ? DUBITO_OK : of(h).fail(e, static_cast<dubito_status>(flushed.error().code()), flushed.error().message());
        }};
    m_json = {sizeof m_json, 0,
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, double* out, dubito_error* e) { return readJson(doc, pointer, e, "number", [](const Json& v) { return v.is_number(); }, [&](const Json& v) { *out = v.get<double>(); }); },
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::int64_t* out, dubito_error* e) { return readJson(doc, pointer, e, "whole number", [](const Json& v) { return v.is_number_integer(); }, [&](const Json& v) { *out = v.get<std::int64_t>(); }); },
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, dubito_str* out, dubito_error* e) { return readJson(doc, pointer, e, "text", [](const Json& v) { return v.is_string(); }, [&](const Json& v) { *out = str(v.get_ref<const std::string&>()); }); },
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::int32_t* out, dubito_error* e) { return readJson(doc, pointer, e, "boolean", [](const Json& v) { return v.is_boolean(); }, [&](const Json& v) { *out = v.get<bool>(); }); },
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::uint64_t* out, dubito_error* e) { return readJson(doc, pointer, e, "list or object", [](const Json& v) { return v.is_structured(); }, [&](const Json& v) { *out = v.size(); }); },
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::int32_t* out, dubito_error* e) {
            return readJson(doc, pointer, e, "value", [](const Json&) { return true; }, [&](const Json& v) {
                *out = v.is_null() ? DUBITO_JSON_NULL : v.is_boolean() ? DUBITO_JSON_BOOLEAN : v.is_number_integer() ? DUBITO_JSON_INTEGER : v.is_number() ? DUBITO_JSON_NUMBER : v.is_string() ? DUBITO_JSON_TEXT : v.is_array() ? DUBITO_JSON_ARRAY : DUBITO_JSON_OBJECT;
            });
        },
        [](const dubito_host*, const dubito_doc* doc, dubito_str pointer, dubito_str* out, dubito_error* e) {
            return readJson(doc, pointer, e, "value", [](const Json&) { return true; }, [&](const Json& v) {
                const auto* document = reinterpret_cast<const Document*>(doc);
                document->rawText = jsonText(v);
                *out = str(document->rawText);
            });
        }};
    m_log = {sizeof m_log, 0, [](const dubito_host* h, std::int32_t level, dubito_str text, dubito_error*) -> dubito_status { return of(h).log(level, view(text)), DUBITO_OK; }};
    m_progress = {sizeof m_progress, 0,
        [](const dubito_host* h, double done, double total, dubito_str unit, dubito_str phase, dubito_error* e) {
            Bytes payload;
            journal::encodeProgress(payload, {done, total, std::string(view(unit)), std::string(view(phase))});
            return of(h).append(journal::RecordType::Progress, payload, 0, e);
        },
        [](const dubito_host* h, dubito_error*) -> dubito_status { return ++of(h).m_ticks, DUBITO_OK; }};
    m_cancelTable = {sizeof m_cancelTable, 0, [](const dubito_host* h) -> std::int32_t { return of(h).m_cancel; }};
    m_interaction = {sizeof m_interaction, 0,
        [](const dubito_host* h, dubito_error* e) -> dubito_status {
            if (std::this_thread::get_id() != of(h).m_pluginThread) return of(h).fail(e, DUBITO_WRONG_THREAD, "pump is called from the plugin's own thread");
            return of(h).pump(), DUBITO_OK;
        },
        [](const dubito_host* h, std::uint64_t sequence, dubito_str json, dubito_error*) -> dubito_status { return of(h).resultOf(sequence, 0, "reply", "", view(json)), DUBITO_OK; }};
    m_rng = {sizeof m_rng, 0,
        [](const dubito_host* h, dubito_str name, std::uint64_t index, std::uint32_t* out, dubito_error* e) -> dubito_status {
            Services& self = of(h);
            if (std::this_thread::get_id() != self.m_pluginThread) return self.fail(e, DUBITO_WRONG_THREAD, "random streams are opened on the plugin's thread");
            if (self.m_streams.size() >= 10'000) return self.fail(e, DUBITO_LIMIT, "more than 10,000 random streams");
            self.m_streams.emplace_back(self.m_spec.seed(), view(name), index);
            self.m_streamKeys.push_back(fmt::format("{}/{}", view(name), index));
            if (self.m_latest)  // a resumed stream goes on where the checkpoint left it
                if (const Json& drawn = memberOf(self.m_latest->streams, self.m_streamKeys.back()); drawn.is_number_unsigned()) self.m_streams.back().seek(drawn.get<std::uint64_t>());
            *out = static_cast<std::uint32_t>(self.m_streams.size() - 1);
            return DUBITO_OK;
        },
        [](const dubito_host* h, std::uint32_t stream, std::uint32_t* out, std::uint64_t n, dubito_error* e) -> dubito_status {
            Services& self = of(h);
            if (stream >= self.m_streams.size()) return self.fail(e, DUBITO_INVALID_ARGUMENT, "no such random stream");
            for (std::uint64_t i = 0; i < n; ++i) out[i] = self.m_streams[stream].nextU32();
            return DUBITO_OK;
        },
        [](const dubito_host* h, std::uint32_t stream, double* out, std::uint64_t n, dubito_error* e) -> dubito_status {
            Services& self = of(h);
            if (stream >= self.m_streams.size()) return self.fail(e, DUBITO_INVALID_ARGUMENT, "no such random stream");
            for (std::uint64_t i = 0; i < n; ++i) out[i] = self.m_streams[stream].uniform();
            return DUBITO_OK;
        },
        [](const dubito_host* h, std::uint32_t stream, double* out, std::uint64_t n, dubito_error* e) -> dubito_status {
            Services& self = of(h);
            if (stream >= self.m_streams.size()) return self.fail(e, DUBITO_INVALID_ARGUMENT, "no such random stream");
            for (std::uint64_t i = 0; i < n; ++i) out[i] = self.m_streams[stream].normal();
            return DUBITO_OK;
        }};
    makeCheckpointTable();
    m_asset = {sizeof m_asset, 0, [](const dubito_host* h, dubito_str role, dubito_str* outPath, std::uint64_t* outBytes, std::uint8_t* outHash, dubito_error* e) -> dubito_status {
        Services& self = of(h);
        const auto found = self.m_assets.find(std::string(view(role)));
        if (found == self.m_assets.end()) return self.fail(e, DUBITO_NOT_FOUND, fmt::format("the spec names no input \"{}\"", view(role)));
        for (const char* list : {"models", "data"})
            for (const Json& input : self.m_spec.json()[list])
                if (input["role"] == found->first) {
                    *outPath = str(found->second);
                    *outBytes = input["bytes"].get<std::uint64_t>();
                    if (auto bytes = bytesFromHex(input["sha256"].get<std::string>()); bytes && bytes->size() == 32) std::memcpy(outHash, bytes->data(), 32);
                    return DUBITO_OK;
                }
        return self.fail(e, DUBITO_NOT_FOUND, "that input is not part of the spec");
    }};
    m_device = {sizeof m_device, 0, [](const dubito_host* h, std::int32_t* type, std::int32_t* id, std::int32_t* threads, dubito_error* e) -> dubito_status {
        Services& self = of(h);
        const std::string device = self.m_spec.device();
        if (device == "cuda" && !run::hasCudaDevice()) return self.fail(e, DUBITO_DEVICE_UNAVAILABLE, "the spec asks for cuda and there is no NVIDIA GPU here");
        *type = device == "cuda" ? 2 : 1;
        *id = 0;
        *threads = self.m_spec.threads();
        return DUBITO_OK;
    }};
}

void Services::setCheckpoints(const fs::path& job, std::optional<run::CheckpointInfo> latest) {
    m_checkpoints.emplace(job);
    m_latest = std::move(latest);
}

dubito_status Services::commitCheckpoint(dubito_error* error) {
    Json streams = m_latest ? m_latest->streams : Json::object();  // streams not opened again keep their places
    for (std::size_t i = 0; i < m_streams.size(); ++i) streams[m_streamKeys[i]] = m_streams[i].drawn();
    auto info = m_checkpoints->commit(m_items, streams);
    if (!info) return fail(error, static_cast<dubito_status>(info.error().code()), info.error().text());
    Bytes payload;
    dubito::append(payload, info->step);
    dubito::append(payload, info->bytes);
    dubito::append(payload, ByteSpan(info->manifestHash));
    const std::string name = info->folder.filename().string();
    dubito::append(payload, static_cast<std::uint32_t>(name.size()));
    dubito::append(payload, std::string_view(name));
    return append(journal::RecordType::Checkpoint, payload, 0, error);
}

void Services::makeCheckpointTable() {
    const auto onThread = [](const dubito_host* h, dubito_error* e, auto body) -> dubito_status {
        Services& self = of(h);
        if (std::this_thread::get_id() != self.m_pluginThread) return self.fail(e, DUBITO_WRONG_THREAD, "checkpoints are taken on the plugin's own thread");
        if (!self.m_checkpoints) return self.fail(e, DUBITO_UNSUPPORTED, "this run keeps no checkpoints");
        return body(self);
    };
    static const auto guarded = onThread;
    m_checkpoint = {sizeof m_checkpoint, 0,
        [](const dubito_host* h, std::int64_t step, dubito_str* out, dubito_error* e) {
            return guarded(h, e, [&](Services& self) -> dubito_status {
                if (step < 0) return self.fail(e, DUBITO_INVALID_ARGUMENT, "a checkpoint has a step from 0");
                auto folder = self.m_checkpoints->begin(step);
                if (!folder) return self.fail(e, static_cast<dubito_status>(folder.error().code()), folder.error().text());
                self.m_items.clear();
                self.m_folder = folder->string();
                *out = str(self.m_folder);
                return DUBITO_OK;
            });
        },
        [](const dubito_host* h, dubito_str name, dubito_error* e) {
            return guarded(h, e, [&](Services& self) -> dubito_status {
                const std::string item(view(name));
                if (!self.m_checkpoints->isOpen()) return self.fail(e, DUBITO_WRONG_STATE, "no checkpoint was begun");
                if (item.empty() || item.size() > 200 || item.find('/') != std::string::npos || item.starts_with(".") || self.m_items.size() >= 1000) return self.fail(e, DUBITO_INVALID_ARGUMENT, "an item is a plain file name");
                self.m_items.push_back(item);
                return DUBITO_OK;
            });
        },
        [](const dubito_host* h, dubito_error* e) { return guarded(h, e, [&](Services& self) { return self.commitCheckpoint(e); }); },
        [](const dubito_host* h, dubito_error* e) { return guarded(h, e, [&](Services& self) -> dubito_status { return self.m_checkpoints->abandon(), DUBITO_OK; }); },
        [](const dubito_host* h, std::int64_t* step, dubito_str* out, dubito_error* e) {
            return guarded(h, e, [&](Services& self) -> dubito_status {
                if (!self.m_latest) return self.fail(e, DUBITO_NOT_FOUND, "this attempt starts afresh");
                self.m_folder = self.m_latest->folder.string();
                *step = self.m_latest->step;
                *out = str(self.m_folder);
                return DUBITO_OK;
            });
        }};
}

}  // namespace dubito::host
