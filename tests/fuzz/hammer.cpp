// Mutations, and what is measured of each input.
#include "fuzz/hammer.h"

#include <QTest>

#include <dlfcn.h>
#include <malloc.h>
#include <sys/resource.h>
#include <time.h>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
// GCC brings these without their header.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(
    void (*grew)(const volatile void* at, std::size_t bytes), void (*shrank)(const volatile void* at));
std::size_t __sanitizer_get_allocated_size(const volatile void* at);
}
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

namespace {

std::atomic<std::size_t> alive{0}, most{0};  // bytes that are allocated
void grew(std::size_t bytes) {
    const std::size_t now = alive.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (now > most.load(std::memory_order_relaxed)) most.store(now, std::memory_order_relaxed);
}
void shrank(std::size_t bytes) { alive.fetch_sub(bytes, std::memory_order_relaxed); }

char current[160] = "";  // which input is read, for the end that nothing returns from
void sayCurrent() {
    std::fputs(current, stderr);
    std::fflush(stderr);
}
[[noreturn]] void endWithWords() {
    sayCurrent();
    try {
        if (std::current_exception()) std::rethrow_exception(std::current_exception());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "uncaught: %s\n", error.what());
    } catch (...) {
        std::fputs("uncaught: no standard exception\n", stderr);
    }
    std::abort();
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__)
// Whatever allocates, in any library.
extern "C" void grewHook(const volatile void* at, std::size_t bytes) {
    if (at) grew(bytes);
}
extern "C" void shrankHook(const volatile void* at) {
    if (at) shrank(__sanitizer_get_allocated_size(at));
}
#elif !defined(__SANITIZE_THREAD__)
// What C++ allocates; libraries of C stay outside, and are counted in the sanitized build.
void* operator new(std::size_t bytes) {
    void* at = std::malloc(bytes);
    if (!at) throw std::bad_alloc();
    grew(malloc_usable_size(at));
    return at;
}
void operator delete(void* at) noexcept {
    if (at) shrank(malloc_usable_size(at));
    std::free(at);
}
void operator delete(void* at, std::size_t) noexcept { operator delete(at); }
#endif

namespace dubito::fuzz {
namespace {

std::size_t setting(const char* name, std::size_t otherwise) {
    const int value = qEnvironmentVariableIntValue(name);
    return value > 0 ? static_cast<std::size_t>(value) : otherwise;
}
/// Seconds that this thread has worked.
double worked() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// --- trees ---

Json nested(std::size_t deep, bool isObject) {
    Json out = 1;
    for (std::size_t i = 0; i < deep; ++i) out = isObject ? Json{{"a", std::move(out)}} : Json::array({std::move(out)});
    return out;
}

Json hardNumber(Rng& rng) {
    switch (pick(rng, 12)) {
        case 0: return 0;
        case 1: return -1;
        case 2: return 1;
        case 3: return 2147483647;
        case 4: return std::int64_t{2147483648};
        case 5: return -2147483649;
        case 6: return std::numeric_limits<std::int64_t>::min();
        case 7: return std::numeric_limits<std::uint64_t>::max();
        case 8: return 1e308;
        case 9: return -1e-320;
        case 10: return 0.5;
        default: return static_cast<std::int64_t>(1) << pick(rng, 63);
    }
}

Json hardValue(Rng& rng) {
    static const char* const kTexts[] = {"", "a", " ", "\n", "((((((((", "[a-z", "(?:a|b)*+", "(a*)*b", "\\p{L}+|\\s",
        "\\x{110000}", "(?i)é", "中文\xE2\x96\x81", "\xF0\x9F\x98\x80", "..", "../x", "/a/0/~1", "{{", "{%", "<0x41>",
        "##", "-1", "1e999", "NaN", "Infinity", "[UNK]", "0123456789abcdef", "true", "null"};
    switch (pick(rng, 9)) {
        case 0: return nullptr;
        case 1: return pick(rng, 2) == 0;
        case 2:
        case 3: return hardNumber(rng);
        case 4: return Json::array();
        case 5: return Json::object();
        case 6: return pick(rng, 4) ? Json(std::string(pick(rng, 400), 'a')) : nested(pick(rng, 60), pick(rng, 2) == 0);
        default: return kTexts[pick(rng, std::size(kTexts))];
    }
}

/// Where a value stands: the list or object that holds it, and the place there.
struct Place {
    Json* holder = nullptr;
    std::size_t at = 0;
    Json& value(Json& root) const {
        return holder ? *std::next(holder->begin(), static_cast<std::ptrdiff_t>(at)) : root;
    }
};
void collect(Json& node, std::vector<Place>& out) {
    if (!node.is_structured()) return;
    std::size_t at = 0;
    for (auto it = node.begin(); it != node.end(); ++it, ++at) {
        out.push_back({&node, at});
        collect(*it, out);
    }
}
Json partOf(const std::vector<Json>& others, Rng& rng) {
    Json from = others[pick(rng, others.size())];
    std::vector<Place> places;
    collect(from, places);
    return places.empty() ? from : places[pick(rng, places.size())].value(from);
}
std::string keyOf(const std::vector<Json>& others, Rng& rng) {
    const Json part = partOf(others, rng);
    if (!part.is_object() || part.empty()) return part.is_string() ? part.get<std::string>() : "a";
    return std::next(part.begin(), static_cast<std::ptrdiff_t>(pick(rng, part.size()))).key();
}

void editNumber(Json& value, Rng& rng) {
    if (value.is_number_float() || pick(rng, 4) == 0) value = value.get<double>() * (rng.uniform() * 4 - 2);
    else value = static_cast<std::int64_t>(value.get<std::uint64_t>() + pick(rng, 5) - 2);
}
void editText(Json& value, Rng& rng) {
    const Bytes bytes = bytesOf(value.get<std::string>());
    value = bytes.empty() ? std::string("x") : std::string(asText(mutated(bytes, rng)));
}
/// Adds to, takes from, or renames in what holds the value.
void editHolder(const Place& place, const std::vector<Json>& others, Rng& rng) {
    Json& holder = *place.holder;
    const auto here = std::next(holder.begin(), static_cast<std::ptrdiff_t>(place.at));
    switch (pick(rng, 4)) {
        case 0: holder.erase(here); return;
        case 1:
            if (holder.is_array()) {
                const Json copy = *here;
                for (std::size_t n = 1 + pick(rng, pick(rng, 6) ? 2 : 60); n > 0; --n) holder.push_back(copy);
                return;
            }
            [[fallthrough]];
        case 2:
            if (holder.is_object()) {
                Json copy = *here;
                if (pick(rng, 2)) holder.erase(here);
                holder[keyOf(others, rng)] = std::move(copy);
                return;
            }
            [[fallthrough]];
        default:
            if (holder.is_array()) holder.push_back(partOf(others, rng));
            else holder[keyOf(others, rng)] = partOf(others, rng);
    }
}

}  // namespace

std::size_t bytesAlive() { return alive.load(std::memory_order_relaxed); }
Bytes bytesOf(std::string_view text) { return Bytes(text.begin(), text.end()); }

Json mutated(const Json& seed, const std::vector<Json>& others, Rng& rng) {
    Json out = seed;
    for (std::size_t edits = 1 + pick(rng, 4); edits > 0; --edits) {
        std::vector<Place> places;
        collect(out, places);
        if (places.empty()) {
            out = partOf(others, rng);
            continue;
        }
        const Place place = places[pick(rng, places.size())];
        Json& value = place.value(out);
        switch (pick(rng, 8)) {
            case 0:
            case 1: value = hardValue(rng); break;
            case 2: value = partOf(others, rng); break;
            case 3: {
                Json other = places[pick(rng, places.size())].value(out);
                value = std::move(other);
                break;
            }
            case 4: {
                Json inside = value;
                value = pick(rng, 2) ? Json::array({inside, inside}) : Json{{keyOf(others, rng), inside}};
                break;
            }
            case 5:
                if (value.is_number()) editNumber(value, rng);
                else if (value.is_string()) editText(value, rng);
                else value = hardValue(rng);
                break;
            default: editHolder(place, others, rng);
        }
    }
    return out;
}

std::string mutatedText(const Json& seed, const std::vector<Json>& others, Rng& rng) {
    const std::string text = jsonText(mutated(seed, others, rng));
    return pick(rng, 12) ? text : std::string(asText(mutated(bytesOf(text), rng)));
}

// --- bytes ---

Bytes mutated(const Bytes& seed, Rng& rng) {
    Bytes out = seed;
    for (std::size_t edits = 1 + pick(rng, 8); edits > 0 && !out.empty(); --edits) {
        const std::size_t at = pick(rng, out.size());
        const auto here = out.begin() + static_cast<std::ptrdiff_t>(at);
        switch (pick(rng, 7)) {
            case 0: out[at] ^= static_cast<std::uint8_t>(1 << pick(rng, 8)); break;
            case 1: out[at] = static_cast<std::uint8_t>(rng.nextU32()); break;
            case 2: out.resize(at); break;
            case 3: out.insert(here, pick(rng, 16), static_cast<std::uint8_t>(rng.nextU32())); break;
            case 4: {
                constexpr std::uint64_t kHard[] = {0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF,
                    0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 1ull << 40};
                const std::uint64_t value = kHard[pick(rng, std::size(kHard))];
                for (std::size_t j = 0; j < 8 && at + j < out.size(); ++j)
                    out[at + j] = static_cast<std::uint8_t>(value >> (8 * j));
                break;
            }
            case 5: {
                const std::size_t from = pick(rng, out.size());
                for (std::size_t j = 0; j < 24 && at + j < out.size() && from + j < out.size(); ++j)
                    out[at + j] = out[from + j];
                break;
            }
            default:
                out.erase(
                    here, out.begin() + static_cast<std::ptrdiff_t>(std::min(out.size(), at + 1 + pick(rng, 12))));
        }
    }
    return out;
}

// --- one reader ---

Hammer::Hammer(std::string name, std::size_t seeds, Bound bound)
    : m_name(std::move(name)), m_seeds(seeds), m_at(setting("DUBITO_FUZZ_FROM", 0)), m_bound(bound) {
    m_last = m_at + std::max(setting("DUBITO_FUZZ", 400), m_at ? 1 : seeds);
    static const bool isPrepared = [] {
        std::set_terminate(endWithWords);
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_set_death_callback(sayCurrent);
        // The other sanitizer has a runtime, and a callback, of its own.
        using Setter = void (*)(void (*)());
        if (void* other = dlopen("libubsan.so.1", RTLD_NOW | RTLD_NOLOAD))
            if (const auto set = reinterpret_cast<Setter>(dlsym(other, "__sanitizer_set_death_callback")))
                set(sayCurrent);
        __sanitizer_install_malloc_and_free_hooks(grewHook, shrankHook);
#endif
        return true;
    }();
    (void)isPrepared;
}

Hammer::~Hammer() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    qInfo("%s: %zu inputs, %zu refused, %.1f s of work, slowest %.0f ms, most memory of one %zu KiB (process %ld KiB)",
        m_name.c_str(), m_taken, m_refused, m_work, m_slowest * 1e3, m_most >> 10, usage.ru_maxrss);
}

bool Hammer::next() {
    if (!m_isFirst) ++m_at;
    m_isFirst = false;
    if (m_at >= m_last || QTest::currentTestFailed()) return false;
    const std::uint64_t seed = setting("DUBITO_FUZZ_SEED", 11);
    m_rng = Rng(seed, m_name, m_at);
    m_which = isSeed() ? m_at : pick(m_rng, m_seeds);
    std::snprintf(current, sizeof current, "DUBITO_FUZZ_SEED=%llu DUBITO_FUZZ_FROM=%zu DUBITO_FUZZ=1: input of %s\n",
        static_cast<unsigned long long>(seed), m_at, m_name.c_str());
    return true;
}

void Hammer::begin() {
    m_before = alive.load(std::memory_order_relaxed);
    most.store(m_before, std::memory_order_relaxed);
    m_begun = worked();
}

void Hammer::end(std::size_t size, const std::optional<Error>& error) {
    const double took = worked() - m_begun;
    const std::size_t peak = most.load(std::memory_order_relaxed) - m_before;
    m_work += took;
    m_slowest = std::max(m_slowest, took);
    m_most = std::max(m_most, peak);
    ++m_taken;
    m_refused += error.has_value();
    if (error && qEnvironmentVariableIsSet("DUBITO_FUZZ_SAY")) qInfo("%s", error->text().c_str());
    const QByteArray where = QByteArray(current).trimmed();
    if (error) QVERIFY2(error->message().size() > 8, where + ": a refusal without a sentence");
    if (isSeed()) QVERIFY2(!error, where + ": " + (error ? error->text().c_str() : ""));
    const double allowed = m_bound.seconds * (kIsSanitized ? 5 : 1);
    QVERIFY2(took < allowed, where + ": " + QByteArray::number(took) + " s of work");
    QVERIFY2(peak <= m_bound.base + m_bound.factor * size, where + ": " + QByteArray::number(quint64(peak)) +
                                                               " bytes for an input of " +
                                                               QByteArray::number(quint64(size)));
}

}  // namespace dubito::fuzz
