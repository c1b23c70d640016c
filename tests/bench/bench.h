// A bench case prints rows: what, figure, unit, budget.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace dubito::bench {

inline double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
inline void row(const std::string& what, double figure, const char* unit, const std::string& budget) {
    std::printf("%-58s %12.4g %-10s %s\n", what.c_str(), figure, unit, budget.c_str());
}
inline void row(const std::string& what, double figure, const char* unit, double budget, bool lower) {
    const bool ok = lower ? figure <= budget : figure >= budget;
    char text[64];
    std::snprintf(text, sizeof text, "%s %g %s", lower ? "<=" : ">=", budget, ok ? "ok" : "MISSED");
    row(what, figure, unit, text);
}

void benchStore();
void benchAttempts();
void benchPath();
void benchDesktop();
void benchLanguageModel();

}  // namespace dubito::bench
