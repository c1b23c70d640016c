// SPDX-License-Identifier: MIT
// The C++ skin of the plugin ABI: header only, standard library only. Exceptions stop here and nowhere else.
#pragma once

#include <cstring>
#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "layout.h"

namespace dubito::sdk {

inline dubito_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(dubito_str text) { return {text.data, static_cast<std::size_t>(text.bytes)}; }

/// Refuses with a code and a sentence; the run ends with both, or the command is answered with them.
class Refusal : public std::runtime_error {
public:
    Refusal(dubito_status code, const std::string& sentence) : std::runtime_error(sentence), m_code(code) {}
    dubito_status code() const { return m_code; }

private:
    dubito_status m_code;
};

enum class Step : dubito_status { more = DUBITO_OK, done = DUBITO_DONE, idle = DUBITO_IDLE };
enum class Log { error, warn, info, debug, trace };

struct Series {
    uint32_t id = 0;
};
struct Value {
    Series series;
    double value;
};

/// Throws Refusal when a host call failed.
inline void check(dubito_status status, const dubito_error& error) {
    if (status < 0) throw Refusal(status, error.message);
}
inline dubito_error freshError() {
    dubito_error error{};
    error.struct_bytes = sizeof error;
    return error;
}

/// One named array of a record. Non-owning; text columns own their packed bytes.
class Array {
public:
    template <class T>
    Array(std::string name, std::span<const T> values, std::vector<int64_t> shape, std::string unit = {})
        : m_name(std::move(name)), m_unit(std::move(unit)), m_shape(std::move(shape)) {
        static_assert(std::is_arithmetic_v<T>);
        fill(m_values, values.data(),
            std::is_floating_point_v<T> ? 2
            : std::is_signed_v<T>       ? 0
                                        : 1,
            sizeof(T) * 8, m_shape);
    }
    /// IEEE halves given as their bits.
    static Array halves(
        std::string name, std::span<const uint16_t> bits, std::vector<int64_t> shape, std::string unit = {}) {
        Array array(std::move(name), bits, std::move(shape), std::move(unit));
        array.m_values.dtype_code = 2;
        return array;
    }
    /// bfloat16 given as its bits.
    static Array bfloats(
        std::string name, std::span<const uint16_t> bits, std::vector<int64_t> shape, std::string unit = {}) {
        Array array(std::move(name), bits, std::move(shape), std::move(unit));
        array.m_values.dtype_code = 4;
        return array;
    }
    static Array texts(std::string name, const std::vector<std::string>& texts) {
        Array array;
        array.m_name = std::move(name);
        array.m_ends.push_back(0);
        for (const std::string& text : texts) {
            array.m_bytes += text;
            array.m_ends.push_back(static_cast<int64_t>(array.m_bytes.size()));
        }
        array.m_shape = {static_cast<int64_t>(array.m_bytes.size())};
        array.m_endShape = {static_cast<int64_t>(array.m_ends.size())};
        array.m_isText = true;
        return array;
    }
    dubito_array raw() {
        m_values.shape = m_shape.data();
        if (m_isText) {
            fill(m_values, m_bytes.data(), 1, 8, m_shape);
            fill(m_offsets, m_ends.data(), 0, 64, m_endShape);
        }
        return {sizeof(dubito_array), 0, str(m_name), str(m_unit), &m_values, m_isText ? &m_offsets : nullptr, nullptr};
    }

private:
    Array() = default;
    static void fill(
        dubito_tensor& tensor, const void* data, int code, std::size_t bits, const std::vector<int64_t>& shape) {
        tensor = {};
        tensor.struct_bytes = sizeof tensor;
        tensor.dtype_code = static_cast<uint8_t>(code);
        tensor.dtype_bits = static_cast<uint8_t>(bits);
        tensor.dtype_lanes = 1;
        tensor.device_type = 1;
        tensor.rank = static_cast<int32_t>(shape.size());
        tensor.flags = 1;
        tensor.data = const_cast<void*>(data);
        tensor.shape = shape.data();
    }
    std::string m_name, m_unit, m_bytes;
    std::vector<int64_t> m_shape, m_ends, m_endShape;
    bool m_isText = false;
    dubito_tensor m_values{}, m_offsets{};
};

/// A JSON value of the host, read by pointer.
class Document {
public:
    Document(const dubito_host* host, const dubito_json_v1* json, const dubito_doc* doc)
        : m_host(host), m_json(json), m_doc(doc) {}

    double number(std::string_view pointer) const { return get<double>(m_json->number, pointer); }
    int64_t integer(std::string_view pointer) const { return get<int64_t>(m_json->integer, pointer); }
    std::string text(std::string_view pointer) const {
        return std::string(view(get<dubito_str>(m_json->text, pointer)));
    }
    bool boolean(std::string_view pointer) const { return get<int32_t>(m_json->boolean, pointer) != 0; }
    uint64_t size(std::string_view pointer) const { return get<uint64_t>(m_json->size, pointer); }
    std::string raw(std::string_view pointer) const { return std::string(view(get<dubito_str>(m_json->raw, pointer))); }
    bool has(std::string_view pointer) const {
        int32_t kind = 0;
        return m_json->kind(m_host, m_doc, str(pointer), &kind, nullptr) >= 0 && kind != DUBITO_JSON_NULL;
    }

private:
    template <class T, class F>
    T get(F function, std::string_view pointer) const {
        T out{};
        dubito_error error = freshError();
        check(function(m_host, m_doc, str(pointer), &out, &error), error);
        return out;
    }
    const dubito_host* m_host;
    const dubito_json_v1* m_json;
    const dubito_doc* m_doc;
};

class Rng {
public:
    Rng() = default;
    Rng(const dubito_host* host, const dubito_rng_v1* rng, uint32_t stream)
        : m_host(host), m_rng(rng), m_stream(stream) {}
    double uniform() {
        double value = 0;
        m_rng->uniform(m_host, m_stream, &value, 1, nullptr);
        return value;
    }
    double normal() {
        double value = 0;
        m_rng->normal(m_host, m_stream, &value, 1, nullptr);
        return value;
    }

private:
    const dubito_host* m_host = nullptr;
    const dubito_rng_v1* m_rng = nullptr;
    uint32_t m_stream = 0;
};

class Host {
public:
    explicit Host(const dubito_host* host)
        : m_host(host), m_json(find<dubito_json_v1>(DUBITO_JSON_ID)),
          m_publish(find<dubito_publish_v1>(DUBITO_PUBLISH_ID)), m_log(find<dubito_log_v1>(DUBITO_LOG_ID)),
          m_progress(find<dubito_progress_v1>(DUBITO_PROGRESS_ID)), m_cancel(find<dubito_cancel_v1>(DUBITO_CANCEL_ID)),
          m_interaction(find<dubito_interaction_v1>(DUBITO_INTERACTION_ID)), m_rng(find<dubito_rng_v1>(DUBITO_RNG_ID)),
          m_asset(find<dubito_asset_v1>(DUBITO_ASSET_ID)), m_device(find<dubito_device_v1>(DUBITO_DEVICE_ID)),
          m_checkpoint(static_cast<const dubito_checkpoint_v1*>(host->get_service(host, DUBITO_CHECKPOINT_ID))) {}

    const dubito_host* raw() const { return m_host; }
    const dubito_json_v1* json() const { return m_json; }

    Series series(std::string_view key, std::string_view unit, uint16_t kind = DUBITO_KIND_SCALAR,
        uint16_t goal = DUBITO_GOAL_NONE, std::string_view title = {}) const {
        const dubito_series_desc desc{sizeof desc, kind, goal, str(key), str(unit), str(title)};
        Series out;
        dubito_error error = freshError();
        check(m_publish->define(m_host, &desc, &out.id, &error), error);
        return out;
    }
    void scalars(int64_t step, std::initializer_list<Value> values) const {
        scalars(step, std::span<const Value>(values.begin(), values.size()));
    }
    void scalars(int64_t step, std::span<const Value> values) const {
        uint32_t ids[64];
        double numbers[64];
        uint32_t n = 0;
        for (const Value& value : values) {
            if (n == 64) throw Refusal(DUBITO_LIMIT, "more than 64 scalars in one call");
            ids[n] = value.series.id;
            numbers[n++] = value.value;
        }
        dubito_error error = freshError();
        check(m_publish->scalars(m_host, step, n, ids, numbers, &error), error);
    }
    void record(
        Series series, int64_t step, std::string_view metaJson, std::vector<Array> arrays, uint32_t flags = 0) const {
        std::vector<dubito_array> raws;
        raws.reserve(arrays.size());
        std::vector<const dubito_array*> pointers;
        for (Array& array : arrays) pointers.push_back(&raws.emplace_back(array.raw()));
        dubito_error error = freshError();
        check(m_publish->record(m_host, series.id, step, str(metaJson), static_cast<uint32_t>(pointers.size()),
                  pointers.data(), flags, &error),
            error);
    }
    void flush() const {
        dubito_error error = freshError();
        check(m_publish->flush(m_host, &error), error);
    }
    void log(Log level, std::string_view text) const {
        m_log->write(m_host, static_cast<int32_t>(level), str(text), nullptr);
    }
    void progress(double done, double total, std::string_view unit = {}, std::string_view phase = {}) const {
        m_progress->set(m_host, done, total, str(unit), str(phase), nullptr);
    }
    void tick() const { m_progress->tick(m_host, nullptr); }
    bool shouldStop() const { return m_cancel->state(m_host) >= 2; }
    void pump() const { m_interaction->pump(m_host, nullptr); }
    void reply(uint64_t commandSequence, std::string_view json) const {
        m_interaction->reply(m_host, commandSequence, str(json), nullptr);
    }
    Rng rng(std::string_view name, uint64_t index = 0) const {
        uint32_t stream = 0;
        dubito_error error = freshError();
        check(m_rng->open(m_host, str(name), index, &stream, &error), error);
        return Rng(m_host, m_rng, stream);
    }
    std::string assetPath(std::string_view role) const {
        dubito_str path{};
        uint64_t bytes = 0;
        uint8_t hash[32];
        dubito_error error = freshError();
        check(m_asset->resolve(m_host, str(role), &path, &bytes, hash, &error), error);
        return std::string(view(path));
    }
    /// A folder for the items of a checkpoint; each file written there is named by putCheckpoint, then
    /// commitCheckpoint. `step`: the first one still to come (see dubito_checkpoint_v1).
    std::string beginCheckpoint(int64_t step) const {
        if (!m_checkpoint) throw Refusal(DUBITO_UNSUPPORTED, "the host keeps no checkpoints");
        dubito_str folder{};
        dubito_error error = freshError();
        check(m_checkpoint->begin(m_host, step, &folder, &error), error);
        return std::string(view(folder));
    }
    void putCheckpoint(std::string_view name) const {
        dubito_error error = freshError();
        check(m_checkpoint->put(m_host, str(name), &error), error);
    }
    void commitCheckpoint() const {
        dubito_error error = freshError();
        check(m_checkpoint->commit(m_host, &error), error);
    }
    void abandonCheckpoint() const { m_checkpoint->abandon(m_host, nullptr); }
    /// Folder of the checkpoint that this attempt goes on from; empty: a fresh start.
    std::string latestCheckpoint() const {
        dubito_str folder{};
        int64_t step = 0;
        return m_checkpoint && m_checkpoint->latest(m_host, &step, &folder, nullptr) >= 0 ? std::string(view(folder))
                                                                                          : std::string();
    }
    struct Device {
        int32_t type = 1, id = 0, threads = 1;
    };
    Device device() const {
        Device out;
        dubito_error error = freshError();
        check(m_device->lease(m_host, &out.type, &out.id, &out.threads, &error), error);
        return out;
    }

private:
    template <class T>
    const T* find(const char* id) const {
        const auto* service = static_cast<const T*>(m_host->get_service(m_host, id));
        if (!service || service->struct_bytes < sizeof(T))
            throw Refusal(DUBITO_UNSUPPORTED, std::string("the host lacks ") + id);
        return service;
    }
    const dubito_host* m_host;
    const dubito_json_v1* m_json;
    const dubito_publish_v1* m_publish;
    const dubito_log_v1* m_log;
    const dubito_progress_v1* m_progress;
    const dubito_cancel_v1* m_cancel;
    const dubito_interaction_v1* m_interaction;
    const dubito_rng_v1* m_rng;
    const dubito_asset_v1* m_asset;
    const dubito_device_v1* m_device;
    const dubito_checkpoint_v1* m_checkpoint;  ///< null on hosts before it
};

class Activation {
public:
    Activation(const Host& host, const dubito_activation& raw) : m_host(host), m_raw(raw) {}
    Document params() const { return Document(m_host.raw(), m_host.json(), m_raw.params); }
    std::string_view specJson() const { return view(m_raw.spec_json); }
    uint64_t seed() const { return m_raw.seed; }
    int64_t resumeStep() const { return m_raw.resume_step; }
    uint32_t attempt() const { return m_raw.attempt; }

private:
    const Host& m_host;
    const dubito_activation& m_raw;
};

class Interaction {
public:
    Interaction(const Host& host, const dubito_interaction& raw) : m_host(host), m_raw(raw) {}
    std::string_view verb() const { return view(m_raw.verb); }
    Document args() const { return Document(m_host.raw(), m_host.json(), m_raw.args); }
    uint64_t sequence() const { return m_raw.command_seq; }

private:
    const Host& m_host;
    const dubito_interaction& m_raw;
};

/// Base of a plugin class. All calls come from one thread; step() polls host().shouldStop() at least once a second.
class Plugin {
public:
    virtual ~Plugin() = default;
    virtual void activate(const Activation&) = 0;
    virtual Step step(int64_t step) = 0;
    virtual void interact(const Interaction& command) {
        throw Refusal(DUBITO_UNSUPPORTED, "this plugin takes no commands: " + std::string(command.verb()));
    }
    virtual void deactivate() {}
    /// Plugins that take checkpoints say so in the manifest and write one here, after `step` steps.
    virtual void save(int64_t /*step*/) { throw Refusal(DUBITO_UNSUPPORTED, "this plugin takes no checkpoints"); }
    const Host& host() const { return *m_host; }
    void setHost(const dubito_host* host) { m_host = std::make_unique<Host>(host); }

private:
    std::unique_ptr<Host> m_host;
};

namespace detail {

inline void fillError(dubito_error* error, dubito_status code, const char* message) {
    if (!error || error->struct_bytes < sizeof(dubito_error)) return;
    error->code = code;
    std::strncpy(error->message, message, sizeof error->message - 1);
    error->message[sizeof error->message - 1] = 0;
}

/// Turns whatever a callback throws into a status.
template <class F>
dubito_status guard(dubito_error* error, F&& body) noexcept {
    try {
        return static_cast<dubito_status>(body());
    } catch (const Refusal& refusal) {
        fillError(error, refusal.code(), refusal.what());
        return refusal.code();
    } catch (const std::bad_alloc&) {
        fillError(error, DUBITO_OUT_OF_MEMORY, "out of memory");
        return DUBITO_OUT_OF_MEMORY;
    } catch (const std::exception& exception) {
        fillError(error, DUBITO_INTERNAL, exception.what());
    } catch (...) {
        fillError(error, DUBITO_INTERNAL, "the plugin threw something that is no std::exception");
    }
    return DUBITO_INTERNAL;
}

/// The C table of one instance and the object behind it; destroy() frees both.
struct Instance {
    dubito_plugin table{};
    std::unique_ptr<Plugin> plugin;
};

inline Plugin& pluginOf(void* self) { return *static_cast<Instance*>(self)->plugin; }

template <class T>
dubito_status create(const dubito_host* host, dubito_plugin** out, dubito_error* error) {
    return guard(error, [&] {
        auto instance = std::make_unique<Instance>();
        instance->plugin = std::make_unique<T>();
        instance->plugin->setHost(host);
        dubito_plugin& table = instance->table;
        table.struct_bytes = sizeof table;
        table.self = instance.get();
        table.activate = [](void* self, const dubito_activation* run, dubito_error* e) {
            return guard(
                e, [&] { return pluginOf(self).activate(Activation(pluginOf(self).host(), *run)), DUBITO_OK; });
        };
        table.step = [](void* self, int64_t step, dubito_error* e) {
            return guard(e, [&] { return pluginOf(self).step(step); });
        };
        table.interact = [](void* self, const dubito_interaction* command, dubito_error* e) {
            return guard(
                e, [&] { return pluginOf(self).interact(Interaction(pluginOf(self).host(), *command)), DUBITO_OK; });
        };
        table.deactivate = [](void* self) {
            (void)guard(nullptr, [&] { return pluginOf(self).deactivate(), DUBITO_OK; });
        };
        table.destroy = [](void* self) {
            (void)guard(nullptr, [&] { return delete static_cast<Instance*>(self), DUBITO_OK; });
        };
        table.get_extension = [](void*, const char* extension) -> const void* {
            static const dubito_plugin_checkpoint_v1 kCheckpoint = {
                sizeof(dubito_plugin_checkpoint_v1), 0, [](void* self, int64_t step, dubito_error* e) {
                    return guard(e, [&] { return pluginOf(self).save(step), DUBITO_OK; });
                }};
            return std::strcmp(extension, DUBITO_PLUGIN_CHECKPOINT_ID) == 0 ? &kCheckpoint : nullptr;
        };
        *out = &instance.release()->table;
        return DUBITO_OK;
    });
}

/// The class behind an entry of DUBITO_PLUGINS: the entry itself, or what DUBITO_PLUGIN wrapped.
template <class T>
struct Held {
    using Type = T;
};
template <class T>
requires requires { typename T::Wrapped; }
struct Held<T> {
    using Type = typename T::Wrapped;
};

/// The entry of a library that holds these classes; each says its id as kId. Version::kText is that of all.
template <class Version, class... Classes>
constexpr dubito_entry entryOf() {
    static_assert(sizeof...(Classes) >= 1 && sizeof...(Classes) <= 32, "a library holds 1 to 32 plugins");
    return {sizeof(dubito_entry), DUBITO_ABI_NUMBER, nullptr, nullptr, []() -> uint32_t { return sizeof...(Classes); },
        [](uint32_t index) -> const dubito_descriptor* {
            static const dubito_descriptor kAll[] = {
                {sizeof(dubito_descriptor), DUBITO_ABI_NUMBER, Classes::kId, Version::kText}...};
            return index < sizeof...(Classes) ? &kAll[index] : nullptr;
        },
        [](const dubito_host* host, const char* id, dubito_plugin** out, dubito_error* error) -> dubito_status {
            return guard(error, [&] {
                dubito_status status = DUBITO_OK;
                const bool isHeld = ((std::strcmp(id, Classes::kId) == 0 &&
                                         (status = create<typename Held<Classes>::Type>(host, out, error), true)) ||
                                     ...);
                if (!isHeld) throw Refusal(DUBITO_NOT_FOUND, std::string("this library holds no plugin ") + id);
                return status;
            });
        }};
}

}  // namespace detail
}  // namespace dubito::sdk

/// Makes the two exported symbols. Each class says which plugin of the manifest it is:
///     static constexpr const char* kId = "org.example.lm.chat";
/// DUBITO_PLUGIN_VERSION comes from the manifest (dubito_add_plugin).
#define DUBITO_PLUGINS(...)                                                                              \
    namespace {                                                                                          \
    struct DubitoVersion {                                                                               \
        static constexpr const char* kText = DUBITO_PLUGIN_VERSION;                                      \
    };                                                                                                   \
    }                                                                                                    \
    extern "C" {                                                                                         \
    const uint32_t dubito_abi_number = DUBITO_ABI_NUMBER;                                                \
    const dubito_entry dubito_plugin_entry = dubito::sdk::detail::entryOf<DubitoVersion, __VA_ARGS__>(); \
    }

/// The same for the only class of a library; DUBITO_PLUGIN_ID comes from the manifest too.
#define DUBITO_PLUGIN(Class)                                 \
    namespace {                                              \
    struct DubitoOnly {                                      \
        using Wrapped = Class;                               \
        static constexpr const char* kId = DUBITO_PLUGIN_ID; \
    };                                                       \
    }                                                        \
    DUBITO_PLUGINS(DubitoOnly)
