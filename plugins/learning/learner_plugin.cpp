// One step of the host is one step of the loop, so that commands and checkpoints on demand come between two of them.
#include "learning/learner_plugin.h"

#include <ATen/Context.h>

#include <chrono>
#include <map>
#include <thread>

#include "learning/device_watch.h"
#include "torch_bridge.h"

namespace dubito::learning {

namespace {

struct Unit {
    const char* unit;
    std::uint16_t goal;
};
/// Shares of time are no part of what a run repeats, so they say that they come from seconds.
const std::map<std::string_view, Unit>& unitsOfFigures() {
    static const std::map<std::string_view, Unit> all = {{"loss", {"", DUBITO_GOAL_MIN}},
        {"lr", {"", DUBITO_GOAL_NONE}}, {"grad_norm", {"", DUBITO_GOAL_NONE}}, {"param_norm", {"", DUBITO_GOAL_NONE}},
        {"rows_per_s", {"1/s", DUBITO_GOAL_MAX}}, {"data_share", {"s/s", DUBITO_GOAL_NONE}},
        {"skipped", {"1", DUBITO_GOAL_MIN}}};
    return all;
}

/// What the host throws, as an error of the loop.
template <class F>
auto told(F&& call) -> Result<decltype(call())> {
    try {
        if constexpr (std::is_void_v<decltype(call())>) {
            call();
            return {};
        } else {
            return call();
        }
    } catch (const sdk::Refusal& refusal) {
        return Error(static_cast<Code>(refusal.code()), refusal.what());
    }
}

}  // namespace

nn::Wish wishOf(const sdk::Host& of) {
    of.tick();
    const dubito_host* host = of.raw();
    const auto* cancel = static_cast<const dubito_cancel_v1*>(host->get_service(host, DUBITO_CANCEL_ID));
    const std::int32_t state = cancel ? cancel->state(host) : 0;
    return state == 0 ? nn::Wish::GoOn : state == 1 ? nn::Wish::Pause : nn::Wish::Stop;
}

nn::Precision precisionOf(const sdk::Document& params) {
    if (!params.has("/compute/precision")) return nn::Precision::Fp32;
    const auto precision = nn::precisionFrom(params.text("/compute/precision"));
    if (!precision) refuse(precision.error());
    return *precision;
}

compute::Device deviceOf(const sdk::Host& host) {
    constexpr std::int32_t kCpu = 1, kCuda = 2;  // as DLPack counts
    const sdk::Host::Device leased = host.device();
    if (leased.type != kCpu && leased.type != kCuda)
        throw sdk::Refusal(
            DUBITO_UNSUPPORTED, "devices of kind " + std::to_string(leased.type) + " are not known to LibTorch here");
    compute::setThreads(leased.threads);
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(false);  // nothing here reads what it did not write
    const auto device = compute::deviceFrom(leased.type == kCpu ? "cpu" : "cuda:" + std::to_string(leased.id));
    if (!device) refuse(device.error());
    return *device;
}

nn::LoopHost loopHostOf(const sdk::Host& host, LoopWords words) {
    auto series = std::make_shared<std::map<std::string, sdk::Series, std::less<>>>();
    for (const auto& [key, figure] : unitsOfFigures()) {
        const std::string name = "train/" + std::string(key);
        (*series)[std::string(key)] =
            host.series(name, key == "loss" ? words.lossUnit : figure.unit, DUBITO_KIND_SCALAR, figure.goal);
    }
    const auto watch = std::make_shared<DeviceWatch>(host, words.device);
    nn::LoopHost out;
    out.wish = [&host] { return wishOf(host); };
    out.rest = [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
    out.clock = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
    out.publish = [&host, series, watch](std::int64_t step, const std::vector<nn::Figure>& figures) {
        std::vector<sdk::Value> values;
        for (const nn::Figure& one : figures)
            if (const auto known = series->find(one.key); known != series->end())
                values.push_back({known->second, one.value});
        host.scalars(step, values);
        watch->publish(step);
    };
    out.progress = [&host, unit = words.unit](std::int64_t done, std::int64_t total, double) {
        host.progress(static_cast<double>(done), static_cast<double>(total), unit, "training");
    };
    out.warn = [&host](const std::string& text) { host.log(sdk::Log::warn, text); };
    // Curves count steps from 1: the first one still to come is the next.
    out.begin = [&host](std::int64_t step) { return told([&] { return fs::path(host.beginCheckpoint(step + 1)); }); };
    out.commit = [&host](const std::vector<std::string>& items) {
        return told([&] {
            for (const std::string& item : items) host.putCheckpoint(item);
            host.commitCheckpoint();
        });
    };
    out.abandon = [&host] { host.abandonCheckpoint(); };
    return out;
}

void LearnerPlugin::begin(
    const sdk::Activation& run, nn::Learner& learner, nn::Optimiser& optimiser, nn::LoopSettings settings) {
    begin(run, learner, optimiser, settings, loopHostOf(host()));
}

void LearnerPlugin::begin(const sdk::Activation& run, nn::Learner& learner, nn::Optimiser& optimiser,
    nn::LoopSettings settings, nn::LoopHost loopHost) {
    m_loop = std::make_unique<nn::TrainingLoop>(learner, optimiser, settings, std::move(loopHost));
    if (run.resumeStep() >= 0)
        if (auto restored = m_loop->restore(host().latestCheckpoint()); !restored) refuse(restored.error());
    host().progress(static_cast<double>(m_loop->done()), static_cast<double>(settings.steps), "steps", "training");
}

sdk::Step LearnerPlugin::step(std::int64_t) {
    if (!m_loop) throw sdk::Refusal(DUBITO_WRONG_STATE, "activate() ended without begin()");
    const auto end = m_loop->turn();
    if (!end) refuse(end.error());
    // After a stop the host ends the run by itself.
    return *end == nn::TrainingLoop::End::Done ? sdk::Step::done : sdk::Step::more;
}

void LearnerPlugin::save(std::int64_t) {
    if (m_loop) m_loop->save();
}

}  // namespace dubito::learning
