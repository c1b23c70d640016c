// What a run takes of its GPU, as ordinary series; nothing on the CPU.
#pragma once

#include <dubito/plugin.hpp>
#include <optional>

#include "device_load.h"

namespace dubito::learning {

class DeviceWatch {
public:
    DeviceWatch(const sdk::Host& host, compute::Device device) : m_host(host), m_device(device) {
        if (!device.isCuda()) return;
        m_bytes = host.series("run/device_bytes", "B");
        m_peak = host.series("run/device_peak_bytes", "B");
        m_load = host.series("run/device_load", "1");
    }
    /// Memory of this run's tensors now and at most, and the card's utilisation where NVML tells it.
    void publish(std::int64_t step) const {
        if (!m_device.isCuda()) return;
        const auto facts = compute::factsOf(m_device);
        if (!facts) return;  // a figure less; the computing itself says what is wrong with the card
        m_host.scalars(step,
            {{*m_bytes, static_cast<double>(facts->usedBytes)}, {*m_peak, static_cast<double>(facts->peakBytes)}});
        if (const auto load = compute::loadOf(m_device)) m_host.scalars(step, {{*m_load, *load}});
    }

private:
    const sdk::Host& m_host;
    compute::Device m_device;
    std::optional<sdk::Series> m_bytes, m_peak, m_load;
};

}  // namespace dubito::learning
