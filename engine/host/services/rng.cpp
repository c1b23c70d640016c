// dubito.rng/1.
#include "host/services/rng.h"

#include <fmt/format.h>

#include "host/services.h"
#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {

Result<std::uint32_t> RandomStreams::open(std::string_view name, std::uint64_t index) {
    const std::string key = fmt::format("{}/{}", name, index);
    if (const auto found = m_numbers.find(key); found != m_numbers.end()) return found->second;
    if (m_streams.size() >= 10'000) return Error(Code::Limit, "more than 10,000 random streams");
    m_streams.emplace_back(m_seed, name, index);
    if (const Json& drawn = memberOf(m_resumed, key); drawn.is_number_unsigned())
        m_streams.back().seek(drawn.get<std::uint64_t>());
    return m_numbers[key] = static_cast<std::uint32_t>(m_streams.size() - 1);
}

Json RandomStreams::drawn() const {
    Json out = m_resumed;
    for (const auto& [key, number] : m_numbers) out[key] = m_streams[number].drawn();
    return out;
}

namespace {

dubito_status openStream(
    const dubito_host* host, dubito_str name, std::uint64_t index, std::uint32_t* out, dubito_error* error) {
    Services& services = Services::of(host);
    if (!services.isPluginThread())
        return refuse(error, DUBITO_WRONG_THREAD, "random streams are opened on the plugin's thread");
    const auto stream = services.streams().open(view(name), index);
    if (!stream) return refuse(error, stream.error());
    *out = *stream;
    return DUBITO_OK;
}

template <class T, class Draw>
dubito_status fill(
    const dubito_host* host, std::uint32_t stream, T* out, std::uint64_t n, dubito_error* error, Draw draw) {
    stats::CounterRng* rng = Services::of(host).streams().find(stream);
    if (!rng) return refuse(error, DUBITO_INVALID_ARGUMENT, "no such random stream");
    for (std::uint64_t i = 0; i < n; ++i) out[i] = draw(*rng);
    return DUBITO_OK;
}

dubito_status fillU32(
    const dubito_host* host, std::uint32_t stream, std::uint32_t* out, std::uint64_t n, dubito_error* error) {
    return fill(host, stream, out, n, error, [](stats::CounterRng& rng) { return rng.nextU32(); });
}

dubito_status uniform(
    const dubito_host* host, std::uint32_t stream, double* out, std::uint64_t n, dubito_error* error) {
    return fill(host, stream, out, n, error, [](stats::CounterRng& rng) { return rng.uniform(); });
}

dubito_status normal(const dubito_host* host, std::uint32_t stream, double* out, std::uint64_t n, dubito_error* error) {
    return fill(host, stream, out, n, error, [](stats::CounterRng& rng) { return rng.normal(); });
}

}  // namespace

const dubito_rng_v1 kRngTable = {sizeof kRngTable, 0, openStream, fillU32, uniform, normal};

}  // namespace dubito::host
