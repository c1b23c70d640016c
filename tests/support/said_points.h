// Points of a run, said in a test.
#pragma once

#include "support/shown.h"

namespace dubito::tests {

struct Said {
    std::int64_t step;
    double value;
    std::int64_t us = 0;
};

/// Points of a run, in one sealed batch.
inline void say(
    Shown& shown, std::int64_t runNo, const char* key, const std::vector<Said>& points, const char* unit = "1") {
    static std::uint32_t number = 1000;
    shown.write([&] {
        auto series = shown.writer->openSeries(
            runNo, 1, 0, {++number, journal::RecordType::ScalarGroup, journal::Goal::None, key, unit, ""});
        for (const Said& point : points) shown.must(shown.writer->addPoint(*series, point.step, point.us, point.value));
        shown.must(shown.writer->sealRun(runNo));
    });
}

inline std::vector<Said> falling(int points) {
    std::vector<Said> out;
    for (int i = 0; i < points; ++i) out.push_back({i, 10.0 / (1 + 0.01 * i)});
    return out;
}

}  // namespace dubito::tests
