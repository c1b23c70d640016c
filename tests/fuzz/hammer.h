// Wrong input for readers of strangers' bytes. A reader gets its seeds whole, then mutations of them; it fails by a
// crash, a sanitizer's report, an exception, a refusal without words, too much work, or memory that the size of the
// input does not explain.
//
// DUBITO_FUZZ: inputs for each reader (400 when unset); DUBITO_FUZZ_SEED: another series of them (11 when unset);
// DUBITO_FUZZ_FROM: the number of the first, to see one again; DUBITO_FUZZ_SAY: says every refusal. Each input depends
// on the seed and its number alone.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/json.h"
#include "stats/counter_rng.h"

namespace dubito::fuzz {

using Rng = stats::CounterRng;
/// 0 .. n - 1
inline std::size_t pick(Rng& rng, std::size_t n) {
    return static_cast<std::size_t>(rng.uniform() * static_cast<double>(n));
}

Bytes bytesOf(std::string_view text);
/// Bits, bytes, hard numbers, parts that are cut, moved or put in.
Bytes mutated(const Bytes& seed, Rng& rng);
/// A tree with other values, types, keys and nesting, and with parts of `others`.
Json mutated(const Json& seed, const std::vector<Json>& others, Rng& rng);
/// The same as text; sometimes no JSON any more.
std::string mutatedText(const Json& seed, const std::vector<Json>& others, Rng& rng);

/// Allocated by now: of C++, or of everything where sanitized; 0 under the thread sanitizer.
std::size_t bytesAlive();

/// What one input may take beside what its size explains.
struct Bound {
    std::size_t base = 10u << 20, factor = 256;  ///< bytes alive at once: base + factor * size of the input
    double seconds = 2;                          ///< of the thread's work, not of the clock; five times where sanitized
};

/// The inputs of one reader:
///     Hammer hammer("gguf", seeds.size());
///     while (hammer.next()) {
///         const Bytes input = hammer.isSeed() ? seeds[hammer.which()] : mutated(seeds[hammer.which()], hammer.rng());
///         hammer.take(input.size(), [&] { return read(input); });
///     }
class Hammer {
public:
    explicit Hammer(std::string name, std::size_t seeds = 1, Bound bound = {});
    ~Hammer();
    Hammer(const Hammer&) = delete;
    Hammer& operator=(const Hammer&) = delete;

    bool next();  ///< false: there are no more, or one failed
    bool isSeed() const { return m_at < m_seeds; }
    std::size_t which() const { return m_which; }  ///< of the seeds
    Rng& rng() { return m_rng; }
    /// Reads one input. A seed must be read without an error.
    template <class Read>
    void take(std::size_t size, Read&& read) {
        begin();
        const std::optional<Error> error = read();
        end(size, error);
    }

private:
    void begin();
    void end(std::size_t size, const std::optional<Error>& error);
    std::string m_name;
    std::size_t m_seeds, m_at = 0, m_last = 0, m_which = 0, m_refused = 0, m_taken = 0;
    Bound m_bound;
    Rng m_rng;
    double m_begun = 0, m_slowest = 0, m_work = 0;
    std::size_t m_before = 0, m_most = 0;
    bool m_isFirst = true;
};

/// Bytes through mutated(), each seed as it is first.
template <class Read>
void hammer(const char* name, const std::vector<Bytes>& seeds, Read&& read, Bound bound = {}) {
    Hammer hammer(name, seeds.size(), bound);
    while (hammer.next()) {
        const Bytes& seed = seeds[hammer.which()];
        const Bytes input = hammer.isSeed() ? seed : mutated(seed, hammer.rng());
        hammer.take(input.size(), [&] { return read(input); });
    }
}
/// Trees through mutatedText(); the reader gets the text.
template <class Read>
void hammerTrees(const char* name, const std::vector<Json>& seeds, Read&& read, Bound bound = {}) {
    Hammer hammer(name, seeds.size(), bound);
    while (hammer.next()) {
        const Json& seed = seeds[hammer.which()];
        const std::string input = hammer.isSeed() ? jsonText(seed) : mutatedText(seed, seeds, hammer.rng());
        hammer.take(input.size(), [&] { return read(std::string_view(input)); });
    }
}
/// The error of a result; nothing when it is none.
template <class T>
std::optional<Error> errorOf(const Result<T>& result) {
    return result ? std::nullopt : std::optional<Error>(result.error());
}

}  // namespace dubito::fuzz
